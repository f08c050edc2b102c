/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The two-level map from address to tag. */
#include "tags.h"

#include <stddef.h>
#include <sys/mman.h>

#include "arena.h"
#include "message.h"
#include "options.h"
#include "thread-state.h"

_Alignas(65536) struct relib_region *relib_regions[RELIB_REGION_COUNT];
struct relib_region **relib_hidden_regions;
static struct relib_region *first_region;
_Static_assert(RELIB_TAG_PAGES / RELIB_TAG_GROUP <= 64, "a bit for each group");

void relib_tags_start(void)
{
	mprotect(relib_regions, sizeof relib_regions, PROT_READ);
}

bool relib_tags_hide(void)
{
	if (!relib_hidden_regions)
		relib_hidden_regions = relib_reserve_closed(sizeof relib_regions);
	return relib_hidden_regions;
}

/* Of little address space the host should have nearly all; said once. */
static struct relib_region *reserve_region(void)
{
	static size_t reserved;
	static bool refused;
	struct relib_region *region;

	if (__atomic_load_n(&refused, __ATOMIC_RELAXED))
		return NULL;
	region = __atomic_add_fetch(&reserved, sizeof *region, __ATOMIC_RELAXED) <= relib_option_address_space() / 4
			 ? relib_reserve_closed(sizeof *region) : NULL;
	if (!region && !__atomic_exchange_n(&refused, true, __ATOMIC_RELAXED)) {
		relib_enter();
		relib_warn("there is too little address space to track all memory of modules: what they leave is not "
			   "named in full; raise the limit (ulimit -v)");
		relib_leave();
	}
	return region;
}

struct relib_region *relib_region_make(uintptr_t address)
{
	uintptr_t index = address >> RELIB_REGION_SHIFT;
	struct relib_region **regions = relib_hidden_regions ? relib_hidden_regions : relib_regions;
	struct relib_region *region, *other = NULL;

	if (index >= RELIB_REGION_COUNT)
		return NULL;
	region = reserve_region();
	if (!region)
		return NULL;
	if (!relib_open_range(region, offsetof(struct relib_region, words)) ||
	    !relib_open_range(&regions[index], sizeof regions[index])) {
		relib_unreserve(region, sizeof *region);
		return NULL;
	}
	region->base = index << RELIB_REGION_SHIFT;
	if (!__atomic_compare_exchange_n(&regions[index], &other, region, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE)) {
		relib_unreserve(region, sizeof *region);
		return other;
	}
	region->next = __atomic_load_n(&first_region, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&first_region, &region->next, region, true, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED))
		;
	return region;
}

static void walk_page(struct relib_region *region, size_t page, relib_tag_visit *visit, void *context)
{
	size_t word = page * RELIB_TAG_PAGE_WORDS, end = word + RELIB_TAG_PAGE_WORDS;

	for (; word < end; word++) {
		uint32_t tag = __atomic_load_n(&region->words[word], __ATOMIC_RELAXED);

		if (tag & RELIB_TAG)
			visit(context, (void *)(region->base + (word << 4)), tag & ~RELIB_TAG,
			      region->words[word + 1]);
	}
}

static bool has(const uint64_t *owners, uint64_t bits)
{
	return __atomic_load_n(owners, __ATOMIC_RELAXED) & bits;
}

/* From the whole to the part: a walk that misses the first has no need to see the last. */
bool relib_region_note(struct relib_region *region, size_t page, uint64_t bits)
{
	size_t group = page / RELIB_TAG_GROUP, words = RELIB_TAG_GROUP * RELIB_TAG_PAGE_WORDS;

	if (!has(&region->open_groups, (uint64_t)1 << group)) {
		/* With the page behind: the last block's second word lies there. */
		if (!relib_open_range(&region->words[group * words], (words + 1) * sizeof *region->words))
			return false;
		__atomic_fetch_or(&region->open_groups, (uint64_t)1 << group, __ATOMIC_RELAXED);
	}
	__atomic_fetch_or(&region->all_owners, bits, __ATOMIC_RELAXED);
	__atomic_fetch_or(&region->group_owners[page / RELIB_TAG_GROUP], bits, __ATOMIC_RELAXED);
	__atomic_fetch_or(&region->owners[page], bits, __ATOMIC_RELAXED);
	return true;
}

static void walk_region(struct relib_region *region, uint64_t owners, relib_tag_visit *visit, void *context)
{
	for (size_t page = 0; page < RELIB_TAG_PAGES; page++) {
		if (page % RELIB_TAG_GROUP == 0 && !has(&region->group_owners[page / RELIB_TAG_GROUP], owners))
			page += RELIB_TAG_GROUP - 1;
		else if (has(&region->owners[page], owners))
			walk_page(region, page, visit, context);
	}
}

void relib_tags_walk(uint64_t owners, relib_tag_visit *visit, void *context)
{
	struct relib_region *region = __atomic_load_n(&first_region, __ATOMIC_ACQUIRE);

	for (; region; region = region->next)
		if (has(&region->all_owners, owners))
			walk_region(region, owners, visit, context);
}

/* From a word back to the first that is a tag; -1 if there is none. */
static ptrdiff_t last_tag(const struct relib_region *region, ptrdiff_t word, uint64_t owners)
{
	while (word >= 0) {
		size_t page = (size_t)word / RELIB_TAG_PAGE_WORDS;

		if (!has(&region->group_owners[page / RELIB_TAG_GROUP], owners))
			word = (ptrdiff_t)(page / RELIB_TAG_GROUP * RELIB_TAG_GROUP * RELIB_TAG_PAGE_WORDS) - 1;
		else if (!has(&region->owners[page], owners))
			word = (ptrdiff_t)(page * RELIB_TAG_PAGE_WORDS) - 1;
		else if (__atomic_load_n(&region->words[word], __ATOMIC_RELAXED) & RELIB_TAG)
			return word;
		else
			word--;
	}
	return -1;
}

/* In its region and the one before: a larger block is rare. */
uint32_t relib_tag_around(uintptr_t address, uint64_t owners, void **block)
{
	ptrdiff_t word = (ptrdiff_t)relib_word_of(address);
	uintptr_t wanted = address;

	for (int i = 0; i < 2 && address; i++) {
		const struct relib_region *region = relib_region_of(address);
		ptrdiff_t at = region ? last_tag(region, word, owners) : -1;

		if (at >= 0) {
			*block = (void *)(region->base + ((uintptr_t)at << 4));
			return wanted - (uintptr_t)*block < relib_tag_size(*block) ? relib_tag_of(*block) : 0;
		}
		if (address >> RELIB_REGION_SHIFT == 0)
			break;
		address = (address & ~(((uintptr_t)1 << RELIB_REGION_SHIFT) - 1)) - 16;
		word = (ptrdiff_t)RELIB_REGION_WORDS - 1;
	}
	return 0;
}

static void forget(uint64_t *owners, size_t count, uint64_t bits)
{
	for (size_t i = 0; i < count; i++)
		if (has(&owners[i], bits))
			__atomic_fetch_and(&owners[i], ~bits, __ATOMIC_RELAXED);
}

void relib_tags_forget(uint64_t owners)
{
	struct relib_region *region = __atomic_load_n(&first_region, __ATOMIC_ACQUIRE);

	for (; region; region = region->next) {
		if (!has(&region->all_owners, owners))
			continue;
		for (size_t group = 0; group < RELIB_TAG_PAGES / RELIB_TAG_GROUP; group++)
			if (has(&region->group_owners[group], owners))
				forget(&region->owners[group * RELIB_TAG_GROUP], RELIB_TAG_GROUP, owners);
		forget(region->group_owners, RELIB_TAG_PAGES / RELIB_TAG_GROUP, owners);
		forget(&region->all_owners, 1, owners);
	}
}
