/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Sites: places in modules that acquire things, with the runtime functions in between where there are any and
 * a few sample stacks. Blocks bear the number of their site. A site lives as long as its owner's ledger.
 */
#ifndef RELIB_SITE_H
#define RELIB_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

#include "object.h"

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
	uint32_t seen;  /* allocations, exact while the site is cold */
	uint32_t chain; /* from the allocation's caller to the owner's frame */
	uint32_t samples[RELIB_SITE_SAMPLES]; /* from the owner's frame on */
	uint32_t entry; /* of the report that is being made, under the settle lock */
	uint32_t version; /* grows when the number is given back */
	uint32_t next_equal; /* of the same hash, under the registry lock */
};

/*
 * A mark is what the hooks carry: the number of a site, and above it its owner's modulo 64, which the map of
 * tags needs. 0 is none.
 */
#define RELIB_SITE_MASK 0xffffffu
#define RELIB_MARK_SHIFT 24

RELIB_INTERNAL extern struct relib_site *relib_sites;

static inline uint32_t relib_site_owner(uint32_t site)
{
	return relib_sites[site].owner;
}

static inline uint32_t relib_site_mark(uint32_t site)
{
	return site | (relib_sites[site].owner & 63) << RELIB_MARK_SHIFT;
}

void relib_sites_start(void);
/* One past the highest number that there ever was. */
uint32_t relib_sites_count(void);

/*
 * All with the registry lock held.
 */

/*
 * The site that there is for these frames, since the tables that know it forget, or a new one.
 * 0 when there are too many: such blocks stay untagged. `through` is the function that is hooked, in front of
 * its caller, or 0. No frames: it isn't known where in its owner that is.
 */
uint32_t relib_site_make(struct relib_object *owner, uintptr_t through, const uintptr_t *frames, uint32_t count);
/* A site of what an owner acquired nobody saw where, without addresses. */
uint32_t relib_site_unknown(struct relib_object *owner);
/* Keeps the callers of an allocation if they are others than those kept. */
void relib_site_sample(struct relib_site *site, const uintptr_t *frames, uint32_t count);
/* Gives the sites of an owner back, when no block bears them any more. */
void relib_sites_free(struct relib_object *owner);

uint32_t relib_addresses_make(const uintptr_t *frames, uint32_t count); /* 0 when there are too many */

/* These without it. */
const struct relib_addresses *relib_addresses_of(uint32_t stack);
void relib_addresses_free(uint32_t stack);

#endif
