/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement: through the ledger of what has left, release or name it, and report. */
#ifndef RELIB_SETTLE_H
#define RELIB_SETTLE_H

#include <relib/track.h>

#include "report-build.h"

/* The objects that leave together; the first was asked to. */
#define RELIB_SET_LIMIT 32
struct relib_set {
	struct relib_object *objects[RELIB_SET_LIMIT];
	size_t count;
};

static inline bool relib_set_has(const struct relib_set *set, uint32_t owner)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->objects[i]->index == owner)
			return true;
	return false;
}

/* How many heap blocks, and threads that nobody joined, these owners hold now. */
uint64_t relib_settle_count(const struct relib_set *set);

/* Settles objects that are gone, and forgets them. */
void relib_settle(const struct relib_set *set, enum relib_settle how, struct relib_builder *builder);

/*
 * Enters what makes it unsafe to unload these: threads that run, thread-local destructors pending on other
 * threads. Gives how many; `builder` may be NULL, then they are only counted.
 */
size_t relib_settle_blockers(const struct relib_set *set, struct relib_builder *builder);

#endif
