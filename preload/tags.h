/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The two-level map from address to tag: which call site a heap block belongs to.
 *
 * One word of 32 bits for every 16 bytes of address space, in regions of 64 MiB that cost memory only where
 * blocks are tagged. A tagged block has two words: the site with the top bit set, then the size asked for
 * without it. So a block must be at least 17 bytes long and 16-byte aligned; RELIB_SMALLEST_BLOCK sees to it
 * with any allocator. Words of size are left behind by a free: without the top bit they mean nothing.
 *
 * Everything here is lock-free and async-signal-safe.
 */
#ifndef RELIB_TAGS_H
#define RELIB_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"

#include "site.h"

#define RELIB_SMALLEST_BLOCK 24

#define RELIB_REGION_SHIFT 26
#define RELIB_REGION_WORDS ((size_t)1 << (RELIB_REGION_SHIFT - 4))
#define RELIB_REGION_COUNT ((size_t)1 << (47 - RELIB_REGION_SHIFT))
#define RELIB_TAG_PAGE_WORDS 1024
#define RELIB_TAG_PAGES (RELIB_REGION_WORDS / RELIB_TAG_PAGE_WORDS)
#define RELIB_TAG_GROUP 64 /* pages */

#define RELIB_TAG 0x80000000u
#define RELIB_SIZE_UNKNOWN 0x7fffffffu

struct relib_region {
	struct relib_region *next;
	uintptr_t base;
	/* A bit for each owner (modulo 64) that may have a block: for all, for groups of pages, for every page of words. */
	uint64_t all_owners;
	uint64_t group_owners[RELIB_TAG_PAGES / RELIB_TAG_GROUP];
	uint64_t owners[RELIB_TAG_PAGES];
	uint64_t open_groups; /* whose words may be written */
	/* One more than the addresses need: the second word of a block at the very end. */
	uint32_t words[RELIB_REGION_WORDS + 1];
};

RELIB_INTERNAL extern struct relib_region *relib_regions[RELIB_REGION_COUNT];
/*
 * NULL; or used in place of relib_regions, which stays empty then: relib_tag_take_quick() finds nothing, and every free goes
 * the long way, where it is looked at more closely. So the short way has nothing to ask.
 */
RELIB_INTERNAL extern struct relib_region **relib_hidden_regions;

/* Closes the first level for writing, which a host that locks its memory would else lock whole. */
void relib_tags_start(void);

/* From now on the map is hidden; before anything is tagged. False without memory. */
bool relib_tags_hide(void);

/* Makes the region of an address; NULL when there is no memory or the address is beyond 47 bits. */
struct relib_region *relib_region_make(uintptr_t address);

/* The owners of `bits` may have blocks on a page from now on. False without memory for its words. */
bool relib_region_note(struct relib_region *region, size_t page, uint64_t bits);

static inline struct relib_region *relib_region_shown(uintptr_t address)
{
	uintptr_t index = address >> RELIB_REGION_SHIFT;

	if (__builtin_expect(index >= RELIB_REGION_COUNT, 0))
		return NULL;
	return __atomic_load_n(&relib_regions[index], __ATOMIC_ACQUIRE);
}

static inline struct relib_region *relib_region_of(uintptr_t address)
{
	struct relib_region *region = relib_region_shown(address);

	if (__builtin_expect(!region && relib_hidden_regions, 0) && address >> RELIB_REGION_SHIFT < RELIB_REGION_COUNT)
		region = __atomic_load_n(&relib_hidden_regions[address >> RELIB_REGION_SHIFT], __ATOMIC_ACQUIRE);
	return region;
}

static inline size_t relib_word_of(uintptr_t address)
{
	return (address >> 4) & (RELIB_REGION_WORDS - 1);
}

static inline uint32_t relib_tag_take_in(struct relib_region *region, uintptr_t address)
{
	uint32_t *word, tag;

	if (!region || (address & 15))
		return 0;
	word = &region->words[relib_word_of(address)];
	tag = __atomic_load_n(word, __ATOMIC_RELAXED);
	if (!(tag & RELIB_TAG))
		return 0;
	__atomic_store_n(word, 0, __ATOMIC_RELAXED);
	return tag & ~RELIB_TAG;
}

/* The tag of a block, which stays; or 0. */
static inline uint32_t relib_tag_of(const void *block)
{
	uintptr_t address = (uintptr_t)block;
	struct relib_region *region = relib_region_of(address);
	uint32_t tag = region && !(address & 15) ? __atomic_load_n(&region->words[relib_word_of(address)], __ATOMIC_RELAXED) : 0;

	return tag & RELIB_TAG ? tag & ~RELIB_TAG : 0;
}

/* The block that an address lies in, on a page where one of `owners` (bits, modulo 64) has any: its site, or 0. */
uint32_t relib_tag_around(uintptr_t address, uint64_t owners, void **block);

/* Takes the tag of a block off; gives the site, or 0. */
static inline uint32_t relib_tag_take(const void *block)
{
	return relib_tag_take_in(relib_region_of((uintptr_t)block), (uintptr_t)block);
}

/* The same for the way that is taken most; 0 while the map is hidden. */
static inline uint32_t relib_tag_take_quick(const void *block)
{
	return relib_tag_take_in(relib_region_shown((uintptr_t)block), (uintptr_t)block);
}

/* The size that stands beside the tag of a block. */
static inline uint32_t relib_tag_size(const void *block)
{
	struct relib_region *region = relib_region_of((uintptr_t)block);

	return region ? region->words[relib_word_of((uintptr_t)block) + 1] : RELIB_SIZE_UNKNOWN;
}

/* Tags a block with a mark (site.h). Without memory for the map the block stays untagged: it is not reported and not freed. */
static inline void relib_tag_put(const void *block, size_t size, uint32_t mark)
{
	uintptr_t address = (uintptr_t)block;
	struct relib_region *region = relib_region_of(address);
	uint64_t bit = (uint64_t)1 << (mark >> RELIB_MARK_SHIFT & 63);
	uint32_t both[2];
	size_t word;

	if (__builtin_expect(address & 15, 0))
		return;
	if (__builtin_expect(!region, 0)) {
		region = relib_region_make(address);
		if (!region)
			return;
	}
	word = relib_word_of(address);
	if (__builtin_expect(!(__atomic_load_n(&region->owners[word / RELIB_TAG_PAGE_WORDS], __ATOMIC_RELAXED) & bit), 0))
		if (!relib_region_note(region, word / RELIB_TAG_PAGE_WORDS, bit))
			return;
	/* Both words in one store: stores that miss the cache queue up. Each word by itself is written whole. */
	both[0] = (mark & RELIB_SITE_MASK) | RELIB_TAG;
	both[1] = size < RELIB_SIZE_UNKNOWN ? (uint32_t)size : RELIB_SIZE_UNKNOWN;
	memcpy(&region->words[word], both, sizeof both);
}

/*
 * Calls `visit` for every tagged block on the pages where one of `owners` (bits, modulo 64) may have one.
 * `visit` may take the tag off. Other threads may tag and free meanwhile.
 */
typedef void relib_tag_visit(void *context, void *block, uint32_t site, uint32_t size);
void relib_tags_walk(uint64_t owners, relib_tag_visit *visit, void *context);

/* Forgets where these owners may have blocks; for owners that are settled and share no bit with another. */
void relib_tags_forget(uint64_t owners);

#endif
