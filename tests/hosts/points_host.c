/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host that loads modules and says what of them points back into it: `load m FILE call m FUNCTION close m cxx`. In C, so that
 * the C++ library comes with a module; linked to it, it is a host in C++.
 */
#include <argp.h>
#include <error.h>
#include <obstack.h>
#include <printf.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosts/steps.h"

/* The C++ library's handlers */

static void host_handler(void)
{
	abort();
}

static void *cxx_symbol(const char *name)
{
	void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD), *found = library ? dlsym(library, name) : NULL;

	if (library)
		dlclose(library);
	return found;
}

static const struct { const char *name, *set, *get; } cxx[] = {
	{ "terminate", "_ZSt13set_terminatePFvvE", "_ZSt13get_terminatev" },
	{ "unexpected", "_ZSt14set_unexpectedPFvvE", "_ZSt14get_unexpectedv" },
	{ "new", "_ZSt15set_new_handlerPFvvE", "_ZSt15get_new_handlerv" },
};

typedef void (*handler)(void);

static void cxx_take(void)
{
	for (unsigned i = 0; i < 3; i++)
		((handler (*)(handler))cxx_symbol(cxx[i].set))(host_handler);
}

/* What it gives out is from there. */
static void cxx_resource(void)
{
	void *(*get)(void) = (void *(*)(void))cxx_symbol("_ZNSt3pmr20get_default_resourceEv");
	void *(*standard)(void) = (void *(*)(void))cxx_symbol("_ZNSt3pmr19new_delete_resourceEv");

	printf("resource %s\n", get() == standard() ? "default" : "other");
}

static void cxx_print(void)
{
	for (unsigned i = 0; i < 3; i++) {
		handler (*get)(void) = (handler (*)(void))cxx_symbol(cxx[i].get);
		handler now = get ? get() : NULL;
		Dl_info info;
		const char *file = now && dladdr((void *)now, &info) ? strrchr(info.dli_fname, '/') + 1 : now ? "nowhere" : "none";

		printf("%s %s\n", cxx[i].name, now == host_handler ? "host" : strncmp(file, "libstdc++", 9) ? file : "default");
	}
}

/* What a signal does. */
static void signal_print(int number)
{
	struct sigaction action;
	Dl_info info;

	sigaction(number, NULL, &action);
	printf("%d %s\n", number, action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" :
	       action.sa_handler == (void (*)(int))host_handler ? "host" : dladdr((void *)action.sa_handler, &info) ? "module" : "nowhere");
}

/* Stacks for signals */

static char own_stack[65536];
static atomic_uintptr_t handled_at;

static void note(int number)
{
	(void)number;
	handled_at = (uintptr_t)__builtin_frame_address(0);
}

static void stack_set(void *start)
{
	stack_t stack = { .ss_sp = start, .ss_size = sizeof(own_stack) };

	if (sigaltstack(&stack, NULL))
		err(2, "sigaltstack");
}

/* Where a signal finds the thread: "SAID none", "SAID host" or "SAID other", and it goes on. */
static void stack_print(const char *said)
{
	struct sigaction action = { .sa_handler = note, .sa_flags = SA_ONSTACK };
	stack_t now;

	sigaltstack(NULL, &now);
	sigaction(SIGUSR2, &action, NULL);
	handled_at = 0;
	raise(SIGUSR2);
	if (now.ss_flags & SS_DISABLE)
		printf("%s none\n", said);
	else
		printf("%s %s%s\n", said, now.ss_sp == own_stack ? "host" : "other",
		       handled_at - (uintptr_t)now.ss_sp < now.ss_size ? "" : ", but not handled there");
}

/* A handler on the signal stack that closes a module. */
static unsigned closing;

static void close_in_handler(int number)
{
	(void)number;
	close_module(closing);
}

static void close_on_stack(unsigned at)
{
	struct sigaction action = { .sa_handler = close_in_handler, .sa_flags = SA_ONSTACK };

	closing = at;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

/* A thread of the host's that calls into a module, and has a signal at the step thread-stack. */
static struct {
	void (*function)(void);
	pthread_t thread;
	sem_t called, go, done;
	const char *what;
} caller;

static void *serve(void *none)
{
	caller.function();
	sem_post(&caller.called);
	for (;;) {
		while (sem_wait(&caller.go))
			;
		if (!caller.what)
			return none;
		stack_print(caller.what);
		sem_post(&caller.done);
	}
}

static void thread_call(unsigned at, const char *name)
{
	caller.function = (void (*)(void))symbol(at, name);
	sem_init(&caller.called, 0, 0);
	sem_init(&caller.go, 0, 0);
	sem_init(&caller.done, 0, 0);
	pthread_create(&caller.thread, NULL, serve, NULL);
	sem_wait(&caller.called);
}

static void thread_ask(const char *what)
{
	caller.what = what;
	sem_post(&caller.go);
	if (what)
		sem_wait(&caller.done);
	else
		pthread_join(caller.thread, NULL);
}

/* Loads, and unloads while a thread has signals on a stack of the module's. */
static void stack_storm(int times, const char *file, const char *name)
{
	struct sigaction action = { .sa_handler = note, .sa_flags = SA_ONSTACK };

	sigaction(SIGUSR2, &action, NULL);
	while (times--) {
		load("storm", file, 0);
		thread_call(find("storm"), name);
		for (int i = 0; i < 4; i++)
			pthread_kill(caller.thread, SIGUSR2);
		close_module(find("storm"));
		for (int i = 0; i < 4; i++) {
			pthread_kill(caller.thread, SIGUSR2);
			free(memset(malloc(65536), 0x5a, 65536));
		}
		thread_ask(NULL);
	}
	puts("the storm is over");
}

/* Memory that is taken as soon as it is free. */
static void fill(void)
{
	for (int i = 0; i < 64; i++)
		memset(malloc(65536), 0x5a, 65536);
	for (int i = 0; i < 16; i++)
		memset(mmap(NULL, 131072, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 0x5a, 131072);
}

/* What libc calls */

static int convert(FILE *stream, const struct printf_info *info, const void *const *arguments)
{
	(void)info;
	(void)arguments;
	return fprintf(stream, "host");
}

static int ask(const struct printf_info *info, size_t count, int *types, int *sizes)
{
	(void)info;
	(void)count;
	(void)types;
	(void)sizes;
	return 0;
}

static void print_conversion(void)
{
	char format[] = "printf %Y\n"; /* the compiler doesn't know it */

	printf(format, 0);
}

static void print_variables(void)
{
	const void *const values[] = { (void *)obstack_alloc_failed_handler, (void *)error_print_progname, (void *)argp_program_version_hook };
	Dl_info info;

	for (unsigned i = 0; i < 3; i++)
		puts(!values[i] ? "none" : !dladdr(values[i], &info) ? "nowhere" : strstr(info.dli_fname, "libc.so") ? "libc" : "module");
}

static void step_load_deep(char **of)
{
	load(of[0], of[1], RTLD_DEEPBIND);
}

static void step_cxx_take(char **of)
{
	(void)of;
	cxx_take();
}

static void step_cxx(char **of)
{
	(void)of;
	cxx_print();
}

static void step_atexit(char **of)
{
	atexit((void (*)(void))symbol(find(of[0]), of[1]));
}

static void step_at_quick_exit(char **of)
{
	at_quick_exit((void (*)(void))symbol(find(of[0]), of[1]));
}

static void step_atfork(char **of)
{
	pthread_atfork((void (*)(void))symbol(find(of[0]), of[1]), NULL, NULL);
}

static void step_fork_once(char **of)
{
	(void)of;
	if (fork() == 0)
		_exit(0);
	wait(NULL);
}

static void step_quick_exit(char **of)
{
	(void)of;
	quick_exit(0);
}

static void step_stack_take(char **of)
{
	(void)of;
	stack_set(own_stack);
}

static void step_stack_of(char **of)
{
	stack_set(((void *(*)(void))symbol(find(of[0]), "stack_memory"))());
}

static void step_stack(char **of)
{
	(void)of;
	stack_print("stack");
}

static void step_close_on_stack(char **of)
{
	close_on_stack(find(of[0]));
}

static void step_thread_call(char **of)
{
	thread_call(find(of[0]), of[1]);
}

static void step_stack_storm(char **of)
{
	stack_storm(atoi(of[0]), of[1], of[2]);
}

static void step_thread_stack(char **of)
{
	(void)of;
	thread_ask("thread's stack");
}

static void step_end_thread(char **of)
{
	(void)of;
	thread_ask(NULL);
}

static void step_fill(char **of)
{
	(void)of;
	fill();
}

static void step_fork(char **of)
{
	pid_t child = fork();
	int result;

	(void)of;
	if (child && (waitpid(child, &result, 0) != child || result))
		errx(2, "the child failed");
	if (child)
		exit(0);
}

static void step_printf_take(char **of)
{
	(void)of;
	register_printf_specifier('Y', convert, ask);
}

static void step_printf(char **of)
{
	(void)of;
	print_conversion();
}

static void step_variables(char **of)
{
	(void)of;
	print_variables();
}

static void step_resource(char **of)
{
	(void)of;
	cxx_resource();
}

static void step_signal_take(char **of)
{
	signal(atoi(of[0]), (void (*)(int))host_handler);
}

static void step_signal(char **of)
{
	signal_print(atoi(of[0]));
}

static const struct step steps[] = {
	COMMON_STEPS,
	{ "load-deep", 2, step_load_deep },
	{ "cxx-take", 0, step_cxx_take },
	{ "cxx", 0, step_cxx },
	{ "atexit", 2, step_atexit },
	{ "at-quick-exit", 2, step_at_quick_exit },
	{ "atfork", 2, step_atfork },
	{ "fork-once", 0, step_fork_once },
	{ "quick-exit", 0, step_quick_exit },
	{ "stack-take", 0, step_stack_take },
	{ "stack-of", 1, step_stack_of },
	{ "stack", 0, step_stack },
	{ "close-on-stack", 1, step_close_on_stack },
	{ "thread-call", 2, step_thread_call },
	{ "stack-storm", 3, step_stack_storm },
	{ "thread-stack", 0, step_thread_stack },
	{ "end-thread", 0, step_end_thread },
	{ "fill", 0, step_fill },
	{ "fork", 0, step_fork },
	{ "printf-take", 0, step_printf_take },
	{ "printf", 0, step_printf },
	{ "variables", 0, step_variables },
	{ "resource", 0, step_resource },
	{ "signal-take", 1, step_signal_take },
	{ "signal", 1, step_signal },
	{ NULL, 0, NULL },
};

int main(int argc, char **argv)
{
	return run_steps(steps, argc, argv);
}
