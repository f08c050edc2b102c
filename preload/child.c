/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Child processes that modules started: entered, described, waited for when they have ended. */
#include "child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fork.h"
#include "kind.h"
#include "read-file.h"
#include "settle.h"

#define SECOND 1000000000u

/* On the clock by which the kernel says when a process started. */
static uint64_t now(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

pid_t relib_child_enter(pid_t process, uint32_t mark)
{
	struct relib_thing thing = { .kind = RELIB_KIND_CHILD, .key = (uint64_t)process, .mark = mark, .value = { mark ? now() : 0 } };

	if (process > 0)
		relib_thing_acquired(&thing);
	return process;
}

/*
 * After the wait, unlike descriptors: which process it will be is known only then. That the kernel gives the number to another
 * child between the two, it would have to go through all numbers.
 */
pid_t relib_child_waited(pid_t process, int status)
{
	if (process > 0 && (WIFEXITED(status) || WIFSIGNALED(status)) && !relib_fork_is_borrowed())
		relib_thing_leave(RELIB_KIND_CHILD, (uint64_t)process, NULL);
	return process;
}

void relib_children_in_child(void)
{
	relib_things_take(RELIB_KIND_CHILD, NULL, NULL, NULL);
}

/* For settlement */

/* The kernel's call: waitid() is a cancellation point. */
static bool look(pid_t process, int more, siginfo_t *found)
{
	memset(found, 0, sizeof(*found));
	return !syscall(SYS_waitid, P_PID, process, found, WEXITED | WNOHANG | __WALL | more, NULL);
}

static bool read_file(pid_t process, const char *name, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)process, name);
	return relib_read_file(path, text, size);
}

/* When it started, to one tick of the kernel's; 0 where that isn't known. The 22nd field; the 2nd may hold anything. */
static uint64_t started(pid_t process, uint64_t tick)
{
	char text[1024];
	const char *at;

	if (!read_file(process, "stat", text, sizeof text) || !(at = strrchr(text, ')')))
		return 0;
	for (unsigned i = 2; i < 22 && at; i++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) * tick : 0;
}

/*
 * A child that the kernel itself let go (SIGCHLD is ignored) or that was waited for by other means is none any more, and one
 * that started later has its number only.
 */
static bool is_there(const struct relib_thing *thing)
{
	uint64_t tick = SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
	siginfo_t found;

	return look((pid_t)thing->key, WNOWAIT, &found) && started((pid_t)thing->key, tick) <= thing->value[0] + tick;
}

static void forget_gone(void *context, const struct relib_thing *thing)
{
	if (relib_set_has(context, relib_thing_owner(thing)) && !is_there(thing))
		relib_thing_leave(RELIB_KIND_CHILD, thing->key, NULL);
}

void relib_child_refresh(const struct relib_set *set, const struct relib_settle_options *options)
{
	(void)options;
	relib_things_walk(RELIB_KIND_CHILD, forget_gone, (void *)set);
}

/* One that runs is let be. */
bool relib_child_release(const struct relib_thing *thing)
{
	siginfo_t found;

	return look((pid_t)thing->key, 0, &found) && found.si_pid == (pid_t)thing->key;
}

void relib_child_describe(const struct relib_thing *thing, char *text, size_t size)
{
	pid_t process = (pid_t)thing->key;
	char name[32] = "";
	const char *signal;
	siginfo_t found;
	size_t length;

	read_file(process, "comm", name, sizeof name);
	name[strcspn(name, "\n")] = '\0';
	length = (size_t)snprintf(text, size, "process %d \"%s\"  ", (int)process, name);
	if (length >= size)
		return;
	if (!look(process, WNOWAIT, &found) || !found.si_pid)
		snprintf(text + length, size - length, "runs");
	else if (found.si_code == CLD_EXITED)
		snprintf(text + length, size - length, "ended with status %d", found.si_status);
	else if ((signal = sigabbrev_np(found.si_status)))
		snprintf(text + length, size - length, "ended by SIG%s", signal);
	else
		snprintf(text + length, size - length, "ended by SIGRTMIN+%d", found.si_status - SIGRTMIN);
}
