/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Call sites: from the return address of a hook to the place that owns what it acquired.
 *
 * A site is a place in a module, with the runtime functions between it and the allocation where there are
 * any, and a few sample stacks. Blocks bear the number of their site. One table keyed by return address
 * answers the common cases without a lock; a second one, keyed by a hash of the frames up to the owner,
 * serves calls through runtime libraries.
 *
 * Both tables know addresses, which come to mean something else when an object lies where another was:
 * object.c keeps the ranges of gone objects reserved, and where it can't, resets the tables. They are also
 * reset when they are half full of what is gone. Sites live as long as their owner's ledger.
 */
#ifndef RELIB_CALLSITE_H
#define RELIB_CALLSITE_H

#include <stdbool.h>
#include <stdint.h>

#include "object.h"
#include "thread-state.h"

#define RELIB_STACK_FRAMES 30
#define RELIB_SITE_SAMPLES 4

/* Return addresses, innermost first. */
struct relib_addresses {
	uint32_t next_free;
	uint32_t count;
	uintptr_t frames[RELIB_STACK_FRAMES];
};

struct relib_site {
	uint32_t owner; /* of an object */
	uint32_t next;  /* of the same owner, or free */
	uint32_t seen;  /* allocations, exact up to RELIB_SITE_COLD */
	uint32_t sampled;
	uint32_t chain; /* from the allocation's caller to the owner's frame */
	uint32_t samples[RELIB_SITE_SAMPLES]; /* from the owner's frame on */
	uint32_t entry; /* of the report that is being made, under the settle lock */
};

/* What the tables answer: a site, or one of these. */
#define RELIB_PLACE_NEW 0u
#define RELIB_PLACE_HOST 0x80000000u
#define RELIB_PLACE_KEPT 0x80000001u
#define RELIB_PLACE_UNWIND 0x80000002u
#define RELIB_PLACE_MODULE 0x80000003u /* a module's; no allocation from here yet */
/* With a site: its allocations are still counted one by one, for the first sample stacks. */
#define RELIB_PLACE_COLD 0xc0000000u
#define RELIB_SITE_MASK 0x3fffffffu
#define RELIB_SITE_COLD 16
#define RELIB_SITE_TICK 1024

struct relib_place {
	uintptr_t address;
	uint32_t answer;
	uint32_t object; /* index, with RELIB_PLACE_WEAK for a weak function of the C++ library in it */
};
#define RELIB_PLACE_WEAK 0x80000000u

#define RELIB_PLACE_BITS 16
extern struct relib_place relib_places[1u << RELIB_PLACE_BITS];
extern struct relib_site *relib_sites;

/* From the first dlopen on: before, all is the host's. */
extern bool relib_tracking;

void relib_callsites_start(void);
/* One past the highest number of a site that there ever was. */
uint32_t relib_callsites_count(void);

static inline uint32_t relib_place_index(uintptr_t address)
{
	return (uint32_t)((address * 0x9e3779b97f4a7c15u) >> (64 - RELIB_PLACE_BITS));
}

/* As below, where the table has no quick answer. */
uint32_t relib_callsite_slow(uintptr_t caller, uintptr_t through);

/*
 * The site for an allocation by `caller`, the return address of a hook, or 0 when it is not a module's.
 * `through` is the hooked function where a report should name it, or 0 for malloc and its kin.
 * Async-signal-safe as far as the tables know the answer.
 */
static inline uint32_t relib_callsite_through(uintptr_t caller, uintptr_t through)
{
	const struct relib_place *place = &relib_places[relib_place_index(caller)];

	if (!relib_tracking || relib_thread.depth)
		return 0;
	if (__builtin_expect(__atomic_load_n(&place->address, __ATOMIC_ACQUIRE) == caller, 1)) {
		uint32_t answer = __atomic_load_n(&place->answer, __ATOMIC_ACQUIRE);

		/* A reset in between would have made the answer another's: it empties the address first. */
		if (__builtin_expect(__atomic_load_n(&place->address, __ATOMIC_RELAXED) == caller, 1)) {
			if (answer - 1 < RELIB_SITE_MASK && __builtin_expect(--relib_thread.tick != 0, 1))
				return answer;
			if (answer == RELIB_PLACE_HOST || answer == RELIB_PLACE_KEPT)
				return 0;
		}
	}
	return relib_callsite_slow(caller, through);
}

static inline uint32_t relib_callsite(uintptr_t caller)
{
	return relib_callsite_through(caller, 0);
}

static inline unsigned relib_site_owner(uint32_t site)
{
	return relib_sites[site].owner;
}

/*
 * The owner of a rare thing (a thread, say) with the whole stack of who asked for it.
 * @return the owner's object, or NULL for the host; *stack is the number of the addresses, or 0
 */
struct relib_object *relib_callsite_owner(uintptr_t caller, uint32_t *stack);

const struct relib_addresses *relib_addresses_of(uint32_t stack);
void relib_addresses_free(uint32_t stack);

/* Empties both tables; registry lock held. */
void relib_callsites_reset(void);
/* Gives the sites of an owner back, when no block bears them any more; registry lock held. */
void relib_callsites_free(struct relib_object *owner);

#endif
