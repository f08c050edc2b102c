/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What steps.so can do for unit/test_unload_steps.c. All of these are called through relib_symbol(): not counted. */
#ifndef STEPS_H
#define STEPS_H

#include <semaphore.h>

enum steps_before { STEPS_RETURNS, STEPS_PANICS, STEPS_HANGS, STEPS_HANGS_IN_KERNEL };

/* The host's; steps_start() gives it to the module. */
struct steps_shared {
	sem_t entered, may_go; /* of what waits */
	int before_unload;     /* how often it was called */
	int destroyed;         /* how often the thread-local destructor ran */
	enum steps_before how;
};

struct steps_functions {
	void (*acquire)(struct steps_shared *shared);
	/* Uses all that was acquired. NULL, or what doesn't work. */
	const char *(*use)(void);
	int (*start_thread)(void);
	void (*end_thread)(void);
	void (*register_destructor)(void);
	void (*wait_inside)(void);
	/* So many reallocs that fail; false if one worked or spoilt the block. */
	int (*fail_reallocs)(unsigned seed, int count);
	/* The descriptor, and the mapping, that it holds */
	int descriptor;
	void *mapping;
};

#endif
