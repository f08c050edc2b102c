/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Crashes where and how the environment says: RUN_CRASH=constructor|main|destructor,
 * RUN_CRASH_BY=abort|stack|trap|heap|exit|fork-exit.
 */
#include <relib/module.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

RELIB_MODULE("run_crash", "1.0");

int run_crash_now(int depth);
static volatile int *volatile nowhere;

static int run_crash_deeper(int depth)
{
	volatile char big[4096];

	big[depth % 4096] = (char)depth;
	return depth < 0 ? 0 : run_crash_deeper(depth + 1) + big[0];
}

__attribute__((noinline)) int run_crash_now(int depth)
{
	const char *by = getenv("RUN_CRASH_BY");

	if (by && strcmp(by, "abort") == 0)
		abort();
	if (by && strcmp(by, "stack") == 0)
		return run_crash_deeper(depth) + 1;
	if (by && strcmp(by, "trap") == 0)
		__builtin_trap();
	if (by && strcmp(by, "exit") == 0)
		exit(0);
	if (by && strcmp(by, "fork-exit") == 0) {
		if (fork() == 0)
			exit(0);
		return wait(NULL) < 0;
	}
	if (by && strcmp(by, "heap") == 0) {
		/* the crash is inside malloc or free, with whatever locks they hold */
		char *volatile block = malloc(24), *volatile other = malloc(24);

		memset(block, 0x5a, 24 + 64);
		free(other);
		free(block);
		for (int i = 0; i < 1000; i++)
			block = malloc(24);
		abort();
	}
	return *nowhere + 1;
}

__attribute__((noinline)) static void crash_in(const char *place)
{
	const char *where = getenv("RUN_CRASH");

	if (where && strcmp(where, place) == 0)
		run_crash_now(1);
	__asm__ volatile("" ::: "memory"); /* no tail call: it is to be on the stack */
}

__attribute__((constructor)) static void run_crash_constructor(void)
{
	crash_in("constructor");
}

__attribute__((destructor)) static void run_crash_destructor(void)
{
	crash_in("destructor");
}

RELIB_MAIN(int)
{
	crash_in("main");
	return 0;
}
