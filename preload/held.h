/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Mutexes and read-write locks that modules hold: option locks of RELIB_TRACK. Without it their hooks are a jump, for a lock
 * and unlock pair is a few nanoseconds, and to know whose it is would double that for all of the host.
 *
 * Only a direct call from a module counts: to look through the stack could take the very lock that was just taken.
 */
#ifndef RELIB_HELD_H
#define RELIB_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "callsite.h"
#include "thing.h"

enum relib_held { RELIB_HELD_MUTEX, RELIB_HELD_READ_WRITE };

/* From the first dlopen on, if that is asked for. */
RELIB_INTERNAL extern bool relib_held_tracked;
/* The options are read, and nobody asks for it. */
RELIB_INTERNAL extern bool relib_held_never;

void relib_held_enter(const void *lock, enum relib_held how, uintptr_t caller, uintptr_t through);

/* The caller has locked it; `through` is the hook. errno stays. */
static inline void relib_held_locked(const void *lock, enum relib_held how, uintptr_t caller, uintptr_t through)
{
	if (relib_callsite_quick(caller) != RELIB_PLACE_HOST)
		relib_held_enter(lock, how, caller, through);
}

/* It is about to be unlocked; true if a module held it, and *thing is to be entered again should that fail. */
bool relib_held_unlocks(const void *lock, enum relib_held how, struct relib_thing *thing);

/* For the table of kinds, see lock-kind.c. They are never unlocked: what they protect may be half done. */
struct relib_set;
void relib_held_refresh(const struct relib_set *set);
void relib_held_describe(const struct relib_thing *thing, char *text, size_t size);

#endif
