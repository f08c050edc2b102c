/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the module stress_worker.so offers to the stress programs. */
#ifndef STRESS_WORKER_H
#define STRESS_WORKER_H

#include <stddef.h>
#include <stdint.h>

struct stress_worker {
	/* Leaks that many blocks of that many bytes, with other blocks made and freed in between. */
	void (*leak)(size_t count, size_t size);
	/* Makes and frees blocks of many sizes; leaves nothing. */
	void (*churn)(uint64_t operations, uint64_t seed);
	/* Starts that many threads, which churn and touch their thread-local data, and joins them. False on failure. */
	int (*threads)(int count, uint64_t operations);
	/* The calling thread's thread-local object, which holds a block that its destructor frees. */
	void (*touch_thread_local)(void);
	/* A block, and its end: for blocks that one thread makes and another one frees. */
	void *(*make)(size_t size);
	void (*drop)(void *block);
	/* Large blocks by calloc and realloc: NULL, or what is wrong. */
	const char *(*large)(void);
};

#endif
