/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the kernel tells of the threads of this process, read from /proc/self/task. */
#ifndef RELIB_TASK_H
#define RELIB_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A descriptor, or -1. */
int relib_tasks_open(void);
void relib_tasks_close(int tasks);
/* Calls `visit` for each thread there is now. */
void relib_tasks_list(int tasks, void (*visit)(void *context, int32_t id), void *context);

/* Where a thread is asleep. */
struct relib_asleep {
	uintptr_t pc, stack;
	char text[256]; /* the same while it doesn't move */
};
enum relib_task_state { RELIB_TASK_ASLEEP, RELIB_TASK_RUNS, RELIB_TASK_GONE };
enum relib_task_state relib_task_look(int tasks, int32_t id, struct relib_asleep *asleep);

/* A bit for each, 0 for the first signal. Nothing blocks all of them. */
#define RELIB_SIGNALS_UNKNOWN (~(uint64_t)0)
uint64_t relib_task_blocked_signals(int tasks, int32_t id);
/* Like sigwait() does. What it waits for doesn't count as blocked meanwhile, but is what it gets. */
bool relib_task_waits_for_signals(int tasks, int32_t id);
bool relib_task_is_gone(int32_t id);

#endif
