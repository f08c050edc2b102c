/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Signal handlers that modules set, and what was there before. */
#ifndef RELIB_HANDLER_H
#define RELIB_HANDLER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* What a call by a module changes. */
struct relib_handler_change {
	int number;
	uint32_t mark; /* 0: nothing that could be told */
	struct sigaction before;
};

/*
 * Round the real call, by a module. Async-signal-safe; errno stays. No lock is held in between, since some of these calls
 * change the thread's signal mask.
 */
void relib_handler_before(struct relib_handler_change *change, int number, uint32_t mark);
void relib_handler_after(const struct relib_handler_change *change);

#endif
