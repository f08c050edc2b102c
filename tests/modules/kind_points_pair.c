/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A library that has functions called at its own end, and a module that gives it one of its own. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define STAY __asm__ volatile("" ::: "memory")

__attribute__((visibility("default"))) void library_at_end(void (*function)(void));
__attribute__((visibility("default"))) void library_at_fork(void (*function)(void));

#ifdef LIBRARY
__attribute__((noinline)) void library_at_end(void (*function)(void))
{
	atexit(function); /* the line of atexit */
	STAY;
}

__attribute__((noinline)) void library_at_fork(void (*function)(void))
{
	pthread_atfork(NULL, function, NULL);
	STAY;
}
#else
__attribute__((visibility("default"))) void on_library_end(void)
{
	if (write(STDOUT_FILENO, "called\n", 7) < 0)
		abort();
}

__attribute__((visibility("default"))) void at_library_end(void)
{
	library_at_end(on_library_end);
	STAY;
}

__attribute__((visibility("default"))) void at_library_fork(void)
{
	library_at_fork(on_library_end);
	STAY;
}
#endif
