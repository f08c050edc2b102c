/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Objects that the host has closed and that are kept mapped. */
#include "pin.h"

#include "lock.h"

#define PINNED_LIMIT 256
static struct relib_pinned pinned[PINNED_LIMIT];
static unsigned pinned_count;

void relib_pin(void *handle)
{
	unsigned at = 0;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	while (at < pinned_count && pinned[at].handle != handle)
		at++;
	if (at < pinned_count) {
		pinned[at].closes++;
	} else if (pinned_count < PINNED_LIMIT) {
		__atomic_store_n(&pinned_count, pinned_count + 1, __ATOMIC_RELAXED);
		pinned[at] = (struct relib_pinned){ handle, 1 };
	}
	relib_unlock(&relib_registry_lock, &saved);
}

bool relib_unpin(unsigned at, struct relib_pinned *taken)
{
	bool found = false;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	if (at < pinned_count) {
		*taken = pinned[at];
		pinned[at] = pinned[pinned_count - 1];
		__atomic_store_n(&pinned_count, pinned_count - 1, __ATOMIC_RELAXED);
		found = true;
	}
	relib_unlock(&relib_registry_lock, &saved);
	return found;
}

unsigned relib_pinned_count(void)
{
	return __atomic_load_n(&pinned_count, __ATOMIC_RELAXED);
}
