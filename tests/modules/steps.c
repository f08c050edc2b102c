/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that holds one of each, and that an unload stumbles over where a test wants it to. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <relib/module.h>

#include "steps.h"

RELIB_MODULE("steps", "1")

extern int __cxa_thread_atexit_impl(void (*function)(void *), void *argument, void *object);
extern void *__dso_handle;

static struct steps_shared *shared;
static volatile sig_atomic_t signals;
static char *block;
static int ends[2];
static FILE *stream;
static pthread_key_t key;
static pthread_t thread;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void wait_until_told(void)
{
	sem_post(&shared->entered);
	while (sem_wait(&shared->may_go))
		;
}

static void acquire(struct steps_shared *given);
static const char *use(void)
{
	sig_atomic_t before = signals;
	char byte = 'x';

	if (raise(SIGUSR2) || signals != before + 1)
		return "the signal handler";
	for (int i = 0; i < 100; i++)
		if (block[i] != 'b')
			return "the heap block";
	if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1)
		return "the pipe";
	if (fputs("line\n", stream) < 0 || fflush(stream) || ftell(stream) < 5)
		return "the stream";
	if (pthread_setspecific(key, block) || pthread_getspecific(key) != block || pthread_setspecific(key, NULL))
		return "the key";
	return NULL;
}

static void *run(void *unused)
{
	wait_until_told();
	return unused;
}

static int start_thread(void)
{
	int result = pthread_create(&thread, NULL, run, NULL);

	if (!result)
		sem_wait(&shared->entered);
	return result;
}

static void end_thread(void)
{
	sem_post(&shared->may_go);
	pthread_join(thread, NULL);
}

static void destroy(void *unused)
{
	(void)unused;
	shared->destroyed++;
}

static void register_destructor(void)
{
	__cxa_thread_atexit_impl(destroy, NULL, &__dso_handle);
}

static int fail_reallocs(unsigned seed, int count)
{
	long (*fail)(long) = (long (*)(long))dlsym(RTLD_DEFAULT, "steps_fail");
	char *held = malloc(64);

	if (!held || !fail)
		return 0;
	memset(held, 'r', 64);
	for (int i = 0; i < count; i++) {
		/* Too much for anyone, or so little that only a failing allocator refuses it. */
		size_t size = (size_t)rand_r(&seed) + (i % 2 ? (size_t)PTRDIFF_MAX + 1 : 1);

		__asm__("" : "+r"(size)); /* compilers warn of it */
		fail(i % 2 ? 0 : 1);
		if (realloc(held, size) || held[0] != 'r' || held[63] != 'r')
			return 0;
		fail(0);
	}
	return 1; /* held is left behind */
}

struct steps_functions steps_functions = {
	.acquire = acquire, .use = use, .start_thread = start_thread, .end_thread = end_thread,
	.register_destructor = register_destructor, .wait_inside = wait_until_told, .fail_reallocs = fail_reallocs,
};

static void acquire(struct steps_shared *given)
{
	struct sigaction action = { .sa_handler = on_signal };

	shared = given;
	block = malloc(100);
	if (!block || pipe(ends) || !(stream = tmpfile()) || pthread_key_create(&key, NULL))
		abort();
	memset(block, 'b', 100);
	sigaction(SIGUSR2, &action, NULL);
	steps_functions.descriptor = ends[0];
	steps_functions.mapping = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Waits as a call in flight. */
RELIB_MAIN(int)
{
	wait_until_told();
	return 42;
}

/* No signal gets through before the child has ended. */
static void wait_in_kernel(void)
{
	pid_t child = vfork();

	if (!child) {
		wait_until_told();
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

RELIB_BEFORE_UNLOAD()
{
	if (!shared)
		return;
	shared->before_unload++;
	if (shared->how == STEPS_PANICS)
		relib_panic("%s", "not ready");
	if (shared->how == STEPS_HANGS)
		wait_until_told();
	if (shared->how == STEPS_HANGS_IN_KERNEL)
		wait_in_kernel();
}

/* For steps_user.so, which needs this module. */
int steps_needed(void);
int steps_needed(void)
{
	return 1;
}
