/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the module thread_locals.so can do, as its host calls it. */
#ifndef THREAD_LOCALS_H
#define THREAD_LOCALS_H

#include <semaphore.h>

/* Of one thread: a letter for each destructor that has run, in their order. */
struct thread_locals_log {
	unsigned count;
	char letters[13];
	unsigned slow;        /* so many turns a destructor takes */
	sem_t *entered, *may_go; /* the first destructor says so, and waits; or NULL */
};

struct thread_locals {
	/* Gives the calling thread the objects a, b and c, in this order. */
	void (*touch)(struct thread_locals_log *log);
	/* Gives it one more, whose destructor makes the object d. */
	void (*touch_late)(struct thread_locals_log *log);
};

#endif
