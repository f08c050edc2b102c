/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves a child process of every function that starts one, each from a function of its own and a line of its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <pty.h>
#include <relib/module.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kind.h"

RELIB_MODULE("kind_children", "1.0");

extern char **environ;

/* The child ends at once. Gives its number. */
#define LEAK(name, call) EXPORT pid_t leak_##name(void) { pid_t child = (call); if (child == 0) _exit(7); KEEP_FRAME; return child; }
#define LEAK_SPAWN(name, path) \
	EXPORT pid_t leak_##name(void) \
	{ \
		pid_t child = -1; \
		char *arguments[] = { (char *)path, NULL }; \
		int error = name(&child, path, NULL, NULL, arguments, environ); \
		KEEP_FRAME; \
		return error ? -1 : child; \
	}

static int end(void *argument)
{
	_exit(argument ? 7 : 8);
}

static _Alignas(16) char stack[65536];
static int terminal;

LEAK(fork, fork())
LEAK(_Fork, _Fork())
LEAK(vfork, vfork())
LEAK(forkpty, forkpty(&terminal, NULL, NULL, NULL))
LEAK(clone, clone(end, stack + sizeof(stack), SIGCHLD, stack))
LEAK_SPAWN(posix_spawn, "/bin/true")
LEAK_SPAWN(posix_spawnp, "true")

/* Has ended, but is not waited for. */
EXPORT int wait_ended(pid_t child)
{
	siginfo_t info;
	int result = waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);

	KEEP_FRAME;
	return result;
}

EXPORT int leak_all(void)
{
	pid_t (*const all[])(void) = { leak_fork, leak__Fork, leak_vfork, leak_forkpty, leak_clone, leak_posix_spawn,
				       leak_posix_spawnp };
	int count = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		count += wait_ended(all[i]()) == 0;
	printf("leaked %d\n", count);
	fflush(stdout);
	return count;
}

/* What the host asks for */

/* Runs until it is killed. */
EXPORT pid_t leave_running(void)
{
	char *arguments[] = { "sleep", "1000", NULL };
	pid_t child = -1;
	int error = posix_spawnp(&child, "sleep", NULL, NULL, arguments, environ);

	KEEP_FRAME;
	return error ? -1 : child;
}

/* The same where nobody is told the number. */
EXPORT int spawn_unknown(void)
{
	char *arguments[] = { "true", NULL };
	int error = posix_spawnp(NULL, "true", NULL, NULL, arguments, environ);

	KEEP_FRAME;
	return error;
}

EXPORT pid_t module_waitpid(pid_t child, int *status, int options)
{
	pid_t result = waitpid(child, status, options);

	KEEP_FRAME;
	return result;
}

/* With a child that libc waits for, or that belongs to a stream. */
EXPORT FILE *of_libc(void)
{
	FILE *stream = popen("exit 0", "r");

	if (system("exit 0"))
		abort();
	return stream;
}

/* In a child of vfork and by it: nothing of that is the parent's. */
EXPORT int in_vfork(pid_t child)
{
	int status = 0;
	pid_t process = vfork();

	if (process == 0) {
		static volatile pid_t inner;

		inner = fork();
		if (inner == 0)
			_exit(0);
		/* Not its child. */
		_exit(waitpid(inner, NULL, 0) == inner && waitpid(child, NULL, 0) == -1 ? 0 : 1);
	}
	waitpid(process, &status, 0);
	return status;
}

RELIB_MAIN(int)
{
	return leak_all() != 7;
}
