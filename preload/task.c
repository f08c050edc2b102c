/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the kernel tells of the threads of this process. Nothing here allocates, nor goes by hooked functions. */
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry { /* linux_dirent64 */
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

int relib_tasks_open(void)
{
	return (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void relib_tasks_close(int tasks)
{
	if (tasks >= 0)
		syscall(SYS_close, tasks);
}

void relib_tasks_list(int tasks, void (*visit)(void *context, int32_t id), void *context)
{
	char buffer[2048] __attribute__((aligned(8))); /* stacks may be small */
	long got;

	syscall(SYS_lseek, tasks, 0l, SEEK_SET);
	while ((got = syscall(SYS_getdents64, tasks, buffer, sizeof buffer)) > 0) {
		for (const char *at = buffer; at < buffer + got;) {
			const struct entry *entry = (const void *)at;

			if (*entry->name >= '1' && *entry->name <= '9')
				visit(context, (int32_t)strtol(entry->name, NULL, 10));
			at += entry->length;
		}
	}
}

/* Gives its length, or -1. */
static long read_file(int tasks, int32_t id, const char *name, char *text, size_t size)
{
	char path[32];
	int descriptor;
	long got;

	snprintf(path, sizeof path, "%d/%s", (int)id, name);
	descriptor = (int)syscall(SYS_openat, tasks, path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return -1;
	got = syscall(SYS_read, descriptor, text, size - 1);
	syscall(SYS_close, descriptor);
	text[got > 0 ? got : 0] = 0;
	return got;
}

/* "NUMBER ARGUMENT ... STACK PC", "-1 STACK PC" where it is in the kernel for another reason, or "running" */
enum relib_task_state relib_task_look(int tasks, int32_t id, struct relib_asleep *asleep)
{
	long length = tasks < 0 ? -1 : read_file(tasks, id, "syscall", asleep->text, sizeof asleep->text);
	char *pc, *stack;

	if (length <= 0)
		return relib_task_is_gone(id) ? RELIB_TASK_GONE : RELIB_TASK_RUNS;
	pc = strrchr(asleep->text, ' ');
	if (!pc || *asleep->text == 'r')
		return RELIB_TASK_RUNS;
	for (stack = pc; stack > asleep->text && stack[-1] != ' ';)
		stack--;
	asleep->pc = strtoull(pc + 1, NULL, 16);
	asleep->stack = strtoull(stack, NULL, 16);
	/* A first thread that has ended is there until the others have. */
	return asleep->stack ? RELIB_TASK_ASLEEP : RELIB_TASK_GONE;
}

bool relib_task_waits_for_signals(int tasks, int32_t id)
{
	struct relib_asleep asleep;

	return relib_task_look(tasks, id, &asleep) == RELIB_TASK_ASLEEP && strtol(asleep.text, NULL, 10) == SYS_rt_sigtimedwait;
}

uint64_t relib_task_blocked_signals(int tasks, int32_t id)
{
	char text[2048];
	const char *line;

	if (tasks < 0 || read_file(tasks, id, "status", text, sizeof text) <= 0 || !(line = strstr(text, "\nSigBlk:")))
		return RELIB_SIGNALS_UNKNOWN;
	return strtoull(line + 8, NULL, 16);
}

bool relib_task_is_gone(int32_t id)
{
	int saved = errno;
	bool gone = syscall(SYS_tgkill, syscall(SYS_getpid), id, 0) && errno == ESRCH;

	errno = saved;
	return gone;
}
