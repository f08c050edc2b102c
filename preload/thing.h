/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Things: all that a module holds beside heap blocks and threads, by kind and key.
 *
 * The tables are lock-free and async-signal-safe, since what enters here may be acquired in a signal handler
 * and by many threads at once. A thing bears the mark of its call site (site.h), as a heap block does, so its owner is
 * the site's.
 */
#ifndef RELIB_THING_H
#define RELIB_THING_H

#include <relib/report.h>
#include <stdbool.h>
#include <stdint.h>

#include "site.h"

/* Keys are what the program knows a thing by: a number or an address, below 2^56. */
struct relib_thing {
	uint64_t key; /* the kind is not in it */
	uint32_t mark;
	enum relib_kind kind;
	uint64_t value[2]; /* the kind's own */
};

static inline uint32_t relib_thing_owner(const struct relib_thing *thing)
{
	return relib_site_owner(thing->mark & RELIB_SITE_MASK);
}

/*
 * Enters a thing after it was acquired; a thing of that kind and key that is there already is replaced. A mark of 0: it is the
 * host's, and only what is there is taken out. False without memory: it is not reported and not released.
 */
bool relib_thing_enter(const struct relib_thing *thing);

/* The same for hooks: errno stays, and what a child of vfork acquires is not entered in its parent's ledger (fork.h). */
void relib_thing_acquired(const struct relib_thing *thing);

/* Takes a thing out, before it is released. False if it isn't there; `thing` may be NULL. errno stays. */
bool relib_thing_leave(enum relib_kind kind, uint64_t key, struct relib_thing *thing);

/* Looks without taking it out. */
bool relib_thing_find(enum relib_kind kind, uint64_t key, struct relib_thing *thing);

/* Whether there is anything of this kind: to be asked first, where what costs nothing must cost nothing. */
bool relib_things_any(enum relib_kind kind);

/* All of a kind, in no order. What is entered or leaves meanwhile may be met or not. */
void relib_things_walk(enum relib_kind kind, void (*visit)(void *context, const struct relib_thing *thing), void *context);

/* Takes out all of a kind that `wants` says yes to, and then visits each. NULL: it wants all, or visits none. */
void relib_things_take(enum relib_kind kind, bool (*wants)(void *context, const struct relib_thing *thing),
		       void (*visit)(void *context, const struct relib_thing *thing), void *context);

#endif
