/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Names a module that crashes. Everything here runs in a signal handler of a broken process: no allocation, no streams. */
#include "run.h"
#include "report-name.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#define FRAMES 64

static const char *module_path;
static volatile sig_atomic_t phase;
static char alternate_stack[64 * 1024]; /* a module may have run out of its own */

static const struct {
	int number;
	const char *name;
} signals[] = {
	{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" }, { SIGILL, "SIGILL" }, { SIGABRT, "SIGABRT" },
};

static const char *const phases[] = {
	[RELIB_RUN_LOADING] = "while it was loaded",
	[RELIB_RUN_CALLING] = "in its main",
	[RELIB_RUN_UNLOADING] = "while it was unloaded",
};

void relib_run_set_phase(enum relib_run_phase next)
{
	phase = (sig_atomic_t)next;
}

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return; /* nobody reads it */
}

static const char *signal_name(int number)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return "a signal";
}

static bool is_module(const char *object)
{
	return object && strcmp(relib_base_name(object), relib_base_name(module_path)) == 0;
}

/*
 * The innermost frame in the module, else the innermost of all. The caller of abort() is what a reader wants to know,
 * not raise(). Frames 0 and 1 are this handler and the kernel's return from it.
 */
static void *find_culprit(void *program_counter, Dl_info *info)
{
	void *frames[FRAMES];
	int count;

	if (dladdr(program_counter, info) && is_module(info->dli_fname))
		return program_counter;
	count = backtrace(frames, FRAMES);
	for (int i = 2; i < count; i++) {
		void *call = (char *)frames[i] - 1; /* inside the call, not behind it */

		if (dladdr(call, info) && is_module(info->dli_fname))
			return call;
	}
	if (!dladdr(program_counter, info))
		memset(info, 0, sizeof(*info));
	return program_counter;
}

static void *program_counter_of(const void *context)
{
	const ucontext_t *user = context;

#if defined(__x86_64__)
	return (void *)user->uc_mcontext.gregs[REG_RIP];
#else
	return (void *)user->uc_mcontext.pc;
#endif
}

static void add_place(struct field *line, const void *context)
{
	struct relib_frame frame = { 0 };
	Dl_info info;
	char *at = find_culprit(program_counter_of(context), &info);

	if (!info.dli_fname)
		return;
	frame.object = info.dli_fname;
	frame.offset = (uint64_t)(at - (char *)info.dli_fbase);
	relib_field_add(line, ", in ");
	if (info.dli_sname) {
		relib_field_add_function(line, info.dli_sname, 60);
		relib_field_add(line, " at ");
	}
	relib_field_add_where(line, &frame, 0);
}

static void crashed(int number, siginfo_t *info, void *context)
{
	struct field line = { 0 };

	(void)info;
	signal(number, SIG_DFL); /* a crash in here ends the process */
	signal(SIGALRM, SIG_DFL);
	alarm(5);                /* and a deadlock in here too: another thread may hold ld.so's lock */
	relib_field_add(&line, "relib: ");
	relib_field_add(&line, relib_base_name(module_path));
	relib_field_add(&line, " crashed with ");
	relib_field_add(&line, signal_name(number));
	relib_field_add(&line, " ");
	relib_field_add(&line, phases[phase]);
	add_place(&line, context);
	say(line.text);
	say("\n  look closer with: gdb --args " TOOL " ");
	say(module_path);
	say("\n");
	_exit(phase == RELIB_RUN_LOADING ? RELIB_RUN_LOAD_FAILED : RELIB_RUN_MAIN_FAILED);
}

void relib_run_watch_crashes(const char *module)
{
	struct sigaction action = { .sa_sigaction = crashed, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	stack_t stack = { .ss_sp = alternate_stack, .ss_size = sizeof(alternate_stack) };
	void *frame;

	module_path = module;
	backtrace(&frame, 1); /* its first call loads libgcc: not in a crash, please */
	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i].number, &action, NULL);
}
