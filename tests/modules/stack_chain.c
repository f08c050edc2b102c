/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Chains of calls whose stacks are known: the lines are found by their marks. */
#include <stdlib.h>

#define KEPT __attribute__((noinline))
#define NO_TAIL_CALL __asm__ volatile("" ::: "memory")

typedef void callback(void);

static volatile int zero;
static int *volatile no_place;

static inline __attribute__((always_inline)) void inlined(callback *call)
{
	call(); /* mark: inlined */
	NO_TAIL_CALL;
}

static KEPT void hidden(callback *call)
{
	inlined(call); /* mark: hidden */
	NO_TAIL_CALL;
}

void chain(callback *call)
{
	hidden(call); /* mark: chain */
	NO_TAIL_CALL;
}

static KEPT void recurse(callback *call, int depth)
{
	if (depth)
		recurse(call, depth - 1);
	else
		hidden(call);
	NO_TAIL_CALL;
}

static KEPT void other(callback *call, int depth);

static KEPT void one(callback *call, int depth)
{
	other(call, depth);
	NO_TAIL_CALL;
}

static KEPT void other(callback *call, int depth)
{
	if (depth)
		one(call, depth - 1);
	else
		hidden(call);
	NO_TAIL_CALL;
}

void deep(callback *call)
{
	recurse(call, 999);
	NO_TAIL_CALL;
}

void deep_by_two(callback *call)
{
	one(call, 499);
	NO_TAIL_CALL;
}

static KEPT void store(int *place)
{
	*place = 1; /* mark: store */
	NO_TAIL_CALL;
}

void fault(callback *call)
{
	(void)call;
	store(no_place); /* mark: fault */
	NO_TAIL_CALL;
}

void call_null(callback *call)
{
	callback *volatile nothing = NULL;

	(void)call;
	nothing(); /* mark: null */
	NO_TAIL_CALL;
}

void aborts(callback *call)
{
	(void)call;
	if (!zero)
		abort(); /* mark: abort */
}

static KEPT int overflow(volatile char *before)
{
	volatile char big[100];

	big[0] = before ? before[0] : 0;
	return overflow(big) + big[0];
}

void overflows(callback *call)
{
	(void)call;
	zero = overflow(NULL);
}
