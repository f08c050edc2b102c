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

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (char **step = argv + 1; step < argv + argc; step++) {
		if (!strcmp(*step, "load") || !strcmp(*step, "load-deep")) {
			int flags = strcmp(*step, "load") ? RTLD_DEEPBIND : 0;

			load(step[1], step[2], flags);
			step += 2;
		} else if (!strcmp(*step, "call")) {
			call(find(step[1]), step[2]);
			step += 2;
		} else if (!strcmp(*step, "close")) {
			close_module(find(*++step));
		} else if (!strcmp(*step, "cxx-take")) {
			cxx_take();
		} else if (!strcmp(*step, "cxx")) {
			cxx_print();
		} else if (!strcmp(*step, "atexit")) {
			atexit((void (*)(void))symbol(find(step[1]), step[2]));
			step += 2;
		} else if (!strcmp(*step, "at-quick-exit")) {
			at_quick_exit((void (*)(void))symbol(find(step[1]), step[2]));
			step += 2;
		} else if (!strcmp(*step, "atfork")) {
			pthread_atfork((void (*)(void))symbol(find(step[1]), step[2]), NULL, NULL);
			step += 2;
		} else if (!strcmp(*step, "fork-once")) {
			if (fork() == 0)
				_exit(0);
			wait(NULL);
		} else if (!strcmp(*step, "quick-exit")) {
			quick_exit(0);
		} else if (!strcmp(*step, "stack-take")) {
			stack_set(own_stack);
		} else if (!strcmp(*step, "stack-of")) {
			stack_set(((void *(*)(void))symbol(find(*++step), "stack_memory"))());
		} else if (!strcmp(*step, "stack")) {
			stack_print("stack");
		} else if (!strcmp(*step, "close-on-stack")) {
			close_on_stack(find(*++step));
		} else if (!strcmp(*step, "thread-call")) {
			thread_call(find(step[1]), step[2]);
			step += 2;
		} else if (!strcmp(*step, "stack-storm")) {
			stack_storm(atoi(step[1]), step[2], step[3]);
			step += 3;
		} else if (!strcmp(*step, "thread-stack")) {
			thread_ask("thread's stack");
		} else if (!strcmp(*step, "end-thread")) {
			thread_ask(NULL);
		} else if (!strcmp(*step, "fill")) {
			fill();
		} else if (!strcmp(*step, "fork")) {
			pid_t child = fork();
			int result;

			if (child && (waitpid(child, &result, 0) != child || result))
				errx(2, "the child failed");
			if (child)
				return 0;
		} else if (!strcmp(*step, "printf-take")) {
			register_printf_specifier('Y', convert, ask);
		} else if (!strcmp(*step, "printf")) {
			print_conversion();
		} else if (!strcmp(*step, "variables")) {
			print_variables();
		} else if (!strcmp(*step, "resource")) {
			cxx_resource();
		} else if (!strcmp(*step, "signal-take")) {
			signal(atoi(*++step), (void (*)(int))host_handler);
		} else if (!strcmp(*step, "signal")) {
			signal_print(atoi(*++step));
		} else {
			errx(2, "%s: no such step", *step);
		}
	}
	return 0;
}
