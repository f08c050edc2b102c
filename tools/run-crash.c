/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Names a module that crashes, with the stack, and one that ends the process by itself. */
#include "run.h"
#include "report-name.h"
#include "report-stack.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define FRAMES_LOOKED_AT 64
#define FRAMES_SHOWN 8

static const char *module_path;
static pid_t own_process;
static volatile sig_atomic_t phase;
static char alternate_stack[256 * 1024]; /* a module may have run out of its own */

static const struct {
	int number;
	const char *name;
} signals[] = {
	{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" }, { SIGILL, "SIGILL" }, { SIGABRT, "SIGABRT" },
};

static const char *const phases[] = {
	[RELIB_RUN_LOADING] = " while it was loaded",
	[RELIB_RUN_CALLING] = " when it was called",
	[RELIB_RUN_UNLOADING] = " while it was unloaded",
	[RELIB_RUN_DONE] = "",
};

void relib_run_set_phase(enum relib_run_phase next)
{
	phase = (sig_atomic_t)next;
}

static int failure(void)
{
	return phase == RELIB_RUN_LOADING ? RELIB_RUN_LOAD_FAILED : RELIB_RUN_MAIN_FAILED;
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

static void *program_counter_of(const void *context)
{
	const ucontext_t *user = context;

#if defined(__x86_64__)
	return (void *)user->uc_mcontext.gregs[REG_RIP];
#else
	return (void *)user->uc_mcontext.pc;
#endif
}

static bool is_module(const char *object)
{
	return strcmp(relib_name_of_file(object), relib_name_of_file(module_path)) == 0;
}

/* Adds the frame of an address. False when it lies in no object. */
static bool add_frame(struct relib_stack *stack, char *address)
{
	struct relib_frame *frame = &stack->frames[stack->count];
	Dl_info info;

	if (!dladdr(address, &info) || !info.dli_fname)
		return false;
	/* --private-copy: of this name there is only the copy of the module. */
	if (strncmp(info.dli_fname, "/proc/self/fd/", 14) == 0)
		info.dli_fname = module_path;
	*frame = (struct relib_frame){ .object = info.dli_fname, .function = info.dli_sname,
				       .offset = (uint64_t)(address - (char *)info.dli_fbase) };
	stack->count++;
	return true;
}

/*
 * From the innermost frame in the module to its outermost: that abort() was called says the signal already, and how
 * relib-run called the module is of no interest. Frames 0 and 1 are this handler and the kernel's return from it.
 */
static void collect(struct relib_stack *stack, void *program_counter)
{
	void *addresses[FRAMES_LOOKED_AT];
	int count = backtrace(addresses, FRAMES_LOOKED_AT);
	size_t last = 0;

	if (!add_frame(stack, program_counter) || !is_module(stack->frames[0].object))
		stack->count = 0;
	last = stack->count;
	for (int i = 2; i < count && stack->count < FRAMES_SHOWN; i++) {
		char *call = (char *)addresses[i] - 1; /* inside the call, not behind it */

		if (addresses[i] == program_counter || !add_frame(stack, call))
			continue;
		if (is_module(stack->frames[stack->count - 1].object))
			last = stack->count;
		else if (last == 0)
			stack->count = 0; /* not there yet */
	}
	stack->count = last;
	if (!stack->count)
		add_frame(stack, program_counter);
}

static void put_stack(const struct relib_stack *stack)
{
	struct field line;

	for (size_t i = 0; i < stack->count && !(i && relib_stack_is_end(&stack->frames[i])); i++) {
		relib_field_clear(&line);
		relib_field_add(&line, "  ");
		if (stack->frames[i].function) {
			relib_field_add_frame(&line, &stack->frames[i], 48);
			relib_field_pad(&line, 24);
			relib_field_pad(&line, line.columns + 2);
		}
		relib_field_add_where(&line, &stack->frames[i], 0);
		say(line.text);
		say("\n");
	}
}

/* With names as in the source, file and line. It allocates: see put_best_stack(). */
static void put_symbolised_stack(const struct relib_stack *stack)
{
	struct relib_entry entry = { .callsite = *stack };
	struct relib_read_report read = { .report = { .entries = &entry, .entry_count = 1 } };
	static struct relib_symbols symbols = { .any_build = true };

	for (size_t i = 0; i < stack->count; i++)
		if (is_module(stack->frames[i].object))
			stack->frames[i].function = NULL; /* ld.so knows exported names only, and takes the nearest */
	relib_symbolise(&symbols, &read);
	put_stack(&entry.callsite);
}

static void end_at_once(void)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		signal(signals[i].number, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	alarm(5);
}

/*
 * The heap may be damaged and its lock taken, so what needs it is tried in a copy of the process, which may crash or hang
 * (then the alarm ends it). By clone itself: fork() would take malloc's lock first.
 */
static void put_best_stack(const struct relib_stack *stack)
{
	pid_t child = (pid_t)syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
	int status = -1;

	if (child == 0) {
		end_at_once();
		put_symbolised_stack(stack);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		put_stack(stack);
}

static void crashed(int number, siginfo_t *info, void *context)
{
	struct relib_frame frames[FRAMES_SHOWN];
	struct relib_stack stack = { .frames = frames };

	(void)info;
	end_at_once(); /* also when this handler crashes, or when another thread holds ld.so's lock */
	say("relib: ");
	say(relib_name_of_file(module_path));
	say(" crashed with ");
	say(signal_name(number));
	say(phases[phase]);
	say("\n");
	collect(&stack, program_counter_of(context));
	alarm(10); /* longer than the copy has */
	put_best_stack(&stack);
	say("  next: gdb --args " TOOL " ");
	say(module_path);
	say("\n");
	_exit(failure());
}

/* Else the module's status would be taken for relib-run's, and 0 for an unload that went well. */
static void ended(int status, void *unused)
{
	(void)unused;
	if (phase == RELIB_RUN_DONE || getpid() != own_process)
		return;
	fflush(NULL);
	fprintf(stderr, "relib: %s ended the process with exit(%d)%s; what it left is not known\n",
		relib_name_of_file(module_path), status, phases[phase]);
	_exit(failure());
}

void relib_run_watch(const char *module)
{
	struct sigaction action = { .sa_sigaction = crashed, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	stack_t stack = { .ss_sp = alternate_stack, .ss_size = sizeof(alternate_stack) };
	void *frame;

	module_path = module;
	own_process = getpid(); /* a child that the module forks may exit as it likes */
	on_exit(ended, NULL);
	backtrace(&frame, 1); /* its first call loads libgcc: not in a crash, please */
	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i].number, &action, NULL);
}
