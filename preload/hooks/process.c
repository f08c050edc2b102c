/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Hooks of child processes: what starts one, and what waits for one. They take the caller and the number, in the parent, after
 * the call; what a fork means for the tracker is in fork.c. vfork is in vfork.S.
 *
 * To wait is a cancellation point: nothing is held meanwhile, and a thread that is cancelled there has waited for nothing.
 */
#include <pty.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../child.h"
#include "../descriptor.h"
#include "../fork.h"

#define MARK(name) relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name)

#define FORKS(name)                                                                                                \
	RELIB_HOOK pid_t name(void)                                                                                \
	{                                                                                                          \
		pid_t child;                                                                                       \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		child = relib_real.name();                                                                         \
		return child > 0 ? relib_child_enter(child, MARK(name)) : child;                                   \
	}
FORKS(fork)

/* No handlers of pthread_atfork are called, and a signal handler may call it. */
RELIB_HOOK pid_t _Fork(void)
{
	pid_t child;

	RELIB_NEED(_Fork);
	relib_fork_before();
	child = relib_real._Fork();
	if (!child)
		relib_fork_after_in_child();
	else
		relib_fork_after_in_parent();
	return child > 0 ? relib_child_enter(child, MARK(_Fork)) : child;
}

/* The last part of the hook of vfork, to which vfork.S jumps, so that it is called by vfork's caller. */
pid_t relib_vfork_returns(pid_t child) __attribute__((visibility("hidden")));
pid_t relib_vfork_returns(pid_t child)
{
	return child > 0 ? relib_child_enter(child, MARK(vfork)) : child;
}

RELIB_HOOK pid_t forkpty(int *terminal, char *name, const struct termios *settings, const struct winsize *size)
{
	pid_t child;

	RELIB_NEED(forkpty);
	child = relib_real.forkpty(terminal, name, settings, size);
	if (child > 0) {
		relib_descriptor_enter(*terminal, MARK(forkpty));
		relib_child_enter(child, MARK(forkpty));
	}
	return child;
}

/* One that runs in its parent's memory, while that waits, like a child of vfork. */
struct borrowed {
	int (*function)(void *);
	void *argument;
	bool begun;
};

static int run_borrowed(void *argument)
{
	struct borrowed *child = argument;

	child->begun = relib_fork_borrow();
	return child->function(child->argument);
}

/* The arguments after the fourth are there by the flags; libc's own takes all of them as well. */
RELIB_HOOK int clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
	pid_t *parent, *own;
	va_list arguments;
	struct borrowed borrowed = { function, argument, false };
	bool borrows = function && (flags & CLONE_VM) && (flags & CLONE_VFORK) &&
		       !(flags & (CLONE_THREAD | CLONE_SETTLS | CLONE_FILES));
	void *local;
	int child;

	RELIB_NEED(clone);
	va_start(arguments, argument);
	parent = va_arg(arguments, pid_t *);
	local = va_arg(arguments, void *);
	own = va_arg(arguments, pid_t *);
	va_end(arguments);
	if (borrows)
		child = relib_real.clone(run_borrowed, stack, flags, &borrowed, parent, local, own);
	else
		child = relib_real.clone(function, stack, flags, argument, parent, local, own);
	if (__atomic_load_n(&borrowed.begun, __ATOMIC_RELAXED))
		relib_fork_give_back();
	/* A thread, or a child of our parent, is none of our children. */
	return child > 0 && !(flags & (CLONE_THREAD | CLONE_PARENT)) ? relib_child_enter(child, MARK(clone)) : child;
}

/* Into the caller's variable, even before its signals come again; a handler may have changed it by the time it is read. */
#define SPAWNS(name)                                                                                               \
	RELIB_HOOK int name(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions,             \
			    const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) \
	{                                                                                                          \
		pid_t own = 0, *at = child ? child : &own;                                                         \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		error = relib_real.name(at, path, actions, attributes, arguments, environment);                    \
		if (!error)                                                                                        \
			relib_child_enter(*at, MARK(name));                                                        \
		return error;                                                                                      \
	}
SPAWNS(posix_spawn)
SPAWNS(posix_spawnp)

/* Without the status nobody knows whether the child has ended. */
#define WAITS(name, parameters, arguments)                                                                         \
	RELIB_HOOK pid_t name parameters                                                                           \
	{                                                                                                          \
		int own = 0, *at = status ? status : &own;                                                         \
		pid_t child;                                                                                       \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		child = relib_real.name arguments;                                                                 \
		return child > 0 ? relib_child_waited(child, *at) : child;                                         \
	}
WAITS(wait, (int *status), (at))
WAITS(waitpid, (pid_t process, int *status, int options), (process, at, options))
WAITS(wait3, (int *status, int options, struct rusage *usage), (at, options, usage))
WAITS(wait4, (pid_t process, int *status, int options, struct rusage *usage), (process, at, options, usage))

RELIB_HOOK int waitid(idtype_t type, id_t number, siginfo_t *found, int options)
{
	siginfo_t own = { 0 }, *at = found ? found : &own;
	int result;

	RELIB_NEED(waitid);
	result = relib_real.waitid(type, number, at, options);
	if (!result && !(options & WNOWAIT) && (at->si_code == CLD_EXITED || at->si_code == CLD_KILLED || at->si_code == CLD_DUMPED))
		relib_child_waited(at->si_pid, 0);
	return result;
}
