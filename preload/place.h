/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Places: what a return address means. One table, read without a lock, is all that the common allocation
 * looks at.
 *
 * It knows addresses, which come to mean something else when an object lies where another was: object.c keeps
 * the ranges of gone objects reserved, and where it can't, takes out what the tables know of them. They are reset when they
 * are half full.
 */
#ifndef RELIB_PLACE_H
#define RELIB_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

#include "object.h"

/* What the table answers for the caller of a hook: a mark (site.h), or one of these. */
#define RELIB_PLACE_NEW 0u
#define RELIB_PLACE_HOST 0x80000000u
#define RELIB_PLACE_KEPT 0x80000001u /* or the host's with relib_bypassed: look at the tag of what it gets */
#define RELIB_PLACE_UNWIND 0x80000002u
#define RELIB_PLACE_MODULE 0x80000003u /* a module's; no allocation from here yet */
/* With a mark: its allocations are still counted one by one, for the first sample stacks. */
#define RELIB_PLACE_COLD 0xc0000000u
#define RELIB_MARK_LIMIT 0x40000000u

struct relib_place {
	uintptr_t address;
	uint32_t answer;
	uint32_t details; /* see below */
};

/* details: the object's number, whether it is a weak function of the C++ library in a module, the frame's size */
#define RELIB_PLACE_OBJECT 0x1fffu
#define RELIB_PLACE_WEAK 0x2000u
#define RELIB_PLACE_FRAME_SHIFT 14
_Static_assert(RELIB_OBJECT_LIMIT <= RELIB_PLACE_OBJECT + 1, "an object's number fits");

#define RELIB_PLACE_BITS 16
RELIB_INTERNAL extern struct relib_place relib_places[1u << RELIB_PLACE_BITS];

static inline uint32_t relib_place_index(uintptr_t address)
{
	return (uint32_t)((address * 0x9e3779b97f4a7c15u) >> (64 - RELIB_PLACE_BITS));
}

/* What a return address is. */
struct relib_meaning {
	struct relib_object *object; /* NULL: in no object, made by a compiler at run time perhaps */
	uint32_t answer;
	uint32_t frame; /* words from the stack pointer there to its caller's; RELIB_FRAME_... in stack-unwind.h */
	bool weak;
};

/* Looks it up, or finds it out and remembers it. */
struct relib_meaning relib_place_meaning(uintptr_t address);
/* Remembers the size of its frame. */
void relib_place_set_frame(uintptr_t address, uint32_t frame);

/* Both with the registry lock held. */
void relib_place_set(uintptr_t address, uint32_t answer, uint32_t details);
/* Without a lock too: false when the table has no answer. */
bool relib_place_find(uintptr_t address, struct relib_meaning *meaning);
/*
 * An object frees past the hooks (RTLD_DEEPBIND, say): a tag may outlive its block, and one that lies on a
 * block of the host's must go, or settlement would free that.
 */
RELIB_INTERNAL extern bool relib_bypassed;

/* Empties this table, or takes out what lies in an object that is being closed; callsite.c does so with its own. */
void relib_places_reset(void);
void relib_places_forget(struct relib_object *object);

#endif
