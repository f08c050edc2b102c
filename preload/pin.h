/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Objects that the host has closed and that are kept mapped, because unmapping them would crash. */
#ifndef RELIB_PIN_H
#define RELIB_PIN_H

#include <stdbool.h>

struct relib_pinned {
	void *handle;
	unsigned closes; /* that the host was told succeeded */
};

/* One more close that waits. When there are too many the reference is never given back: better than a crash. */
void relib_pin(void *handle);
/* Takes the pin at `at` out; false when there is none. */
bool relib_unpin(unsigned at, struct relib_pinned *taken);
unsigned relib_pinned_count(void);

#endif
