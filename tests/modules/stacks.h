/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the module stacks.so can do, as its host calls it: by plain pointers, of which the loader knows nothing. */
#ifndef STACKS_H
#define STACKS_H

struct stacks {
	/* Sleeps there by a call of the module's own, until a byte comes from the descriptor. */
	void (*in_poll)(int descriptor);
	void (*in_read)(int descriptor);
	void (*in_epoll)(int descriptor);
	void (*in_nanosleep)(int descriptor); /* in many short ones */
	void (*in_wait)(int descriptor);      /* for a condition, until tell() */
	void (*tell)(void);
	/* Runs until *stop. */
	void (*spin)(volatile int *stop);
	/* Calls back. */
	void (*call)(void (*function)(void *argument), void *argument);
	void (*call_deep)(void (*function)(void *argument), void *argument, int depth);
	/* Returns. */
	int (*nothing)(int value);
};

#endif
