/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The two-level map from address to tag. */
#include "tags.h"

#include "arena.h"
#include "message.h"
#include "options.h"
#include "thread-state.h"

struct relib_region *relib_regions[RELIB_REGION_COUNT];
static struct relib_region *first_region;

/* Of little address space the host should have nearly all; said once. */
static struct relib_region *reserve_region(void)
{
	static size_t reserved;
	static bool refused;
	struct relib_region *region;

	if (__atomic_load_n(&refused, __ATOMIC_RELAXED))
		return NULL;
	region = __atomic_add_fetch(&reserved, sizeof *region, __ATOMIC_RELAXED) <= relib_option_address_space() / 4
			 ? relib_reserve(sizeof *region) : NULL;
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
	struct relib_region *region, *other = NULL;

	if (index >= RELIB_REGION_COUNT)
		return NULL;
	region = reserve_region();
	if (!region)
		return NULL;
	region->base = index << RELIB_REGION_SHIFT;
	if (!__atomic_compare_exchange_n(&relib_regions[index], &other, region, false, __ATOMIC_ACQ_REL,
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

void relib_tags_walk(uint64_t owners, relib_tag_visit *visit, void *context)
{
	struct relib_region *region = __atomic_load_n(&first_region, __ATOMIC_ACQUIRE);

	for (; region; region = region->next)
		for (size_t page = 0; page < RELIB_TAG_PAGES; page++)
			if (__atomic_load_n(&region->owners[page], __ATOMIC_RELAXED) & owners)
				walk_page(region, page, visit, context);
}

void relib_tags_forget(uint64_t owners)
{
	struct relib_region *region = __atomic_load_n(&first_region, __ATOMIC_ACQUIRE);

	for (; region; region = region->next)
		for (size_t page = 0; page < RELIB_TAG_PAGES; page++)
			if (__atomic_load_n(&region->owners[page], __ATOMIC_RELAXED) & owners)
				__atomic_fetch_and(&region->owners[page], ~owners, __ATOMIC_RELAXED);
}
