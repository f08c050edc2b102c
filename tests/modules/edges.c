/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module for hosts in awkward situations. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Opens and closes, allocates and frees: by which the tracker may need each of its locks. */
void edges_work(void)
{
	int number = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (number >= 0)
		close(number);
	free(malloc(10));
}

void edges_leak(void)
{
	static void *volatile block;

	block = malloc(100);
	if (!block || open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
		abort();
}

static ssize_t write_cookie(void *cookie, const char *text, size_t size)
{
	(void)cookie;
	(void)text;
	edges_work();
	return (ssize_t)size;
}

FILE *edges_stream(void)
{
	return fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_cookie });
}

FILE *edges_open(const char *path)
{
	return fopen(path, "r+");
}

/* What it opens is its own, and gets the number of what the host has. */
static int replace_and_execute(void *number)
{
	int opened;

	close(*(int *)number);
	opened = open("/dev/null", O_WRONLY);
	if (opened != *(int *)number)
		fcntl(opened, F_DUPFD, *(int *)number);
	execl("/bin/true", "true", (char *)NULL);
	_exit(127);
}

int edges_clone(int number)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t child = clone(replace_and_execute, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &number);
	int status = -1;

	return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

/* Behind a call. */
__attribute__((noinline)) void *edges_return_address(void)
{
	return __builtin_return_address(0);
}

__attribute__((noinline)) void *edges_inside(void)
{
	void *volatile address = edges_return_address();

	return address;
}
