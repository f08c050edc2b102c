/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement of heap blocks. */
#include "settle-heap.h"

#include "lock.h"
#include "real.h"
#include "site.h"
#include "tags.h"

pthread_mutex_t relib_settle_lock = PTHREAD_MUTEX_INITIALIZER;

uint64_t relib_settle_tag_bits(const struct relib_set *set)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < set->count; i++)
		if (set->objects[i]->sites)
			bits |= (uint64_t)1 << (set->objects[i]->index & 63);
	return bits;
}

struct sum {
	uint32_t site;
	uint64_t count, bytes;
};

struct heap_walk {
	const struct relib_set *set;
	bool release;
	struct sum *sums; /* one for each site that holds blocks */
	uint32_t sum_count, sum_limit;
	uint64_t blocks;
};

static void add_block(struct heap_walk *walk, uint32_t number, uint64_t bytes)
{
	struct relib_site *site = &relib_sites[number];

	if (!walk->sums)
		return;
	if (site->entry >= walk->sum_count || walk->sums[site->entry].site != number) {
		if (walk->sum_count == walk->sum_limit)
			return;
		site->entry = walk->sum_count++;
		walk->sums[site->entry] = (struct sum){ .site = number };
	}
	walk->sums[site->entry].count++;
	walk->sums[site->entry].bytes += bytes;
}

static void visit_block(void *context, void *block, uint32_t site, uint32_t size)
{
	struct heap_walk *walk = context;

	if (!relib_set_has(walk->set, relib_site_owner(site)))
		return;
	/*
	 * Settled means out of the ledger: a block that is only named is the process's from now on. Without a tag
	 * it has just been freed by another thread.
	 */
	if (!relib_tag_take(block))
		return;
	walk->blocks++;
	add_block(walk, site, size == RELIB_SIZE_UNKNOWN ? relib_real.malloc_usable_size(block) : size);
	if (walk->release)
		relib_real.free(block);
}

/* It stays where it is, and another thread may free it any time: only its tag is looked at. */
static void look_at_block(void *context, void *block, uint32_t site, uint32_t size)
{
	struct heap_walk *walk = context;

	(void)block;
	if (!relib_set_has(walk->set, relib_site_owner(site)))
		return;
	walk->blocks++;
	add_block(walk, site, size);
}

static void enter_sum(struct relib_builder *builder, const struct sum *sum, enum relib_action action)
{
	const struct relib_site *site = &relib_sites[sum->site];
	const struct relib_addresses *chain = relib_addresses_of(site->chain);
	struct relib_entry *entry = relib_build_entry(builder);

	if (!entry)
		return;
	entry->kind = RELIB_KIND_HEAP;
	entry->action = action;
	entry->count = sum->count;
	entry->bytes = sum->bytes;
	entry->callsite = relib_build_stack(builder, chain->frames, chain->count);
	relib_build_samples(builder, entry, site);
}

/* Settle lock held: sites know their sums. */
static void walk_heap(struct heap_walk *walk, relib_tag_visit *visit, enum relib_action action, struct relib_builder *builder)
{
	size_t room = relib_sites_count() * sizeof *walk->sums;

	walk->sum_limit = relib_sites_count();
	walk->sums = builder->report ? relib_reserve(room) : NULL;
	relib_tags_walk(relib_settle_tag_bits(walk->set), visit, walk);
	for (uint32_t i = 0; i < walk->sum_count; i++) {
		builder->report->heap.bytes += walk->sums[i].bytes;
		enter_sum(builder, &walk->sums[i], action);
	}
	if (walk->sums)
		relib_unreserve(walk->sums, room);
}

void relib_settle_heap(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder)
{
	enum relib_policy policy = relib_settle_policy(options, RELIB_KIND_HEAP);
	struct heap_walk walk = { .set = set, .release = policy == RELIB_POLICY_RELEASE };
	sigset_t saved;

	if (!relib_settle_tag_bits(set))
		return;
	relib_lock(&relib_settle_lock, &saved);
	walk_heap(&walk, visit_block, relib_settle_action(policy), builder);
	relib_unlock(&relib_settle_lock, &saved);
	if (!builder->report)
		return;
	builder->report->heap.blocks = walk.blocks;
	builder->report->heap.released = walk.release ? walk.blocks : 0;
	builder->report->heap.kept = policy == RELIB_POLICY_KEEP ? walk.blocks : 0;
}

uint64_t relib_settle_refuse_heap(const struct relib_set *set, struct relib_builder *builder)
{
	struct heap_walk walk = { .set = set };
	sigset_t saved;

	relib_lock(&relib_settle_lock, &saved);
	walk_heap(&walk, look_at_block, RELIB_ACTION_BLOCKS, builder);
	relib_unlock(&relib_settle_lock, &saved);
	if (builder->report)
		builder->report->heap.blocks = walk.blocks;
	return walk.blocks;
}

static void count_block(void *context, void *block, uint32_t site, uint32_t size)
{
	struct heap_walk *walk = context;

	(void)block;
	(void)size;
	walk->blocks += relib_set_has(walk->set, relib_site_owner(site));
}

uint64_t relib_settle_count_blocks(const struct relib_set *set)
{
	struct heap_walk walk = { .set = set };

	relib_tags_walk(relib_settle_tag_bits(set), count_block, &walk);
	return walk.blocks;
}
