/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What may hold ld.so's lock, and forks, one after the other. */
#include "linker-gate.h"

#include <sched.h>
#include <stdbool.h>

#include "monotonic.h"
#include "thread-state.h"

/* Whoever waits may hold a lock that a callback of dl_iterate_phdr waits for, in the other: rather a child that hangs then. */
#define MOST_NS 50000000

static unsigned inside;
static unsigned closed; /* several threads may fork at once */

static bool waits_on(int64_t end)
{
	if (relib_now() >= end)
		return false;
	sched_yield();
	return true;
}

void relib_gate_enter(void)
{
	int64_t end;

	if (relib_thread.gates++)
		return;
	__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
	if (__builtin_expect(!__atomic_load_n(&closed, __ATOMIC_SEQ_CST), 1))
		return;
	__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
	end = relib_now() + MOST_NS;
	while (__atomic_load_n(&closed, __ATOMIC_SEQ_CST) && waits_on(end))
		;
	__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
}

void relib_gate_leave(void)
{
	if (!--relib_thread.gates)
		__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
}

void relib_gate_close(void)
{
	unsigned own = relib_thread.gates != 0; /* in a signal handler */
	int64_t end;

	__atomic_fetch_add(&closed, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&inside, __ATOMIC_SEQ_CST) == own)
		return;
	end = relib_now() + MOST_NS;
	while (__atomic_load_n(&inside, __ATOMIC_SEQ_CST) > own && waits_on(end))
		;
}

void relib_gate_open_in_parent(void)
{
	__atomic_fetch_sub(&closed, 1, __ATOMIC_SEQ_CST);
}

void relib_gate_open_in_child(void)
{
	__atomic_store_n(&closed, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&inside, relib_thread.gates != 0, __ATOMIC_SEQ_CST);
}
