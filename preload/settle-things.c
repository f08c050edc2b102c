/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Settlement of things: by kind, in the order of the table of kinds. */
#include "settle-things.h"

#include <string.h>

#include "arena.h"
#include "detach.h"
#include "kind.h"
#include "site.h"

/* So many call sites of one kind are named. */
#define MOST_SUMS 1024
#define NO_SUM UINT32_MAX

/* Of one kind, what one call site acquired; of what calls back, by the function that it calls. */
struct sum {
	uint32_t site;
	uintptr_t function;
	uint64_t released, left;
	uint64_t released_bytes, left_bytes;
	uint64_t keys[RELIB_DETAILS]; /* the smallest, sorted */
	const char *details[RELIB_DETAILS];
	size_t detail_count;
	unsigned gave; /* bits: which of these were given back */
};

struct walk {
	const struct relib_set *set;
	const struct relib_kind_row *row;
	struct relib_builder *builder;
	enum relib_policy policy;
	struct sum *sums;
	uint32_t sum_count;
	uint64_t count;
};

static void count_thing(void *context, const struct relib_thing *thing)
{
	struct walk *walk = context;

	walk->count += relib_set_has(walk->set, relib_thing_owner(thing));
}

uint64_t relib_settle_count_things(const struct relib_set *set)
{
	struct walk walk = { .set = set };

	for (const struct relib_kind_row *row = relib_kinds; row->release; row++) {
		if (row->refresh)
			row->refresh(set, NULL);
		relib_things_walk(row->kind, count_thing, &walk);
	}
	return walk.count;
}

/* The site knows its last one, where there are a million things. NULL for what is too many to be named. */
static struct sum *sum_of(struct walk *walk, const struct relib_thing *thing)
{
	uintptr_t function = walk->row->calls ? thing->value[0] : 0;
	uint32_t number = thing->mark & RELIB_SITE_MASK, last = __atomic_load_n(&relib_sites[number].entry, __ATOMIC_RELAXED);

	if (!walk->sums)
		return NULL;
	if (last < walk->sum_count && walk->sums[last].site == number && walk->sums[last].function == function)
		return &walk->sums[last];
	if (last == NO_SUM && walk->sum_count == MOST_SUMS && !function)
		return NULL;
	for (uint32_t i = walk->sum_count; i-- > 0;)
		if (walk->sums[i].site == number && walk->sums[i].function == function)
			return &walk->sums[i];
	if (walk->sum_count == MOST_SUMS) {
		__atomic_store_n(&relib_sites[number].entry, NO_SUM, __ATOMIC_RELAXED);
		return NULL;
	}
	memset(&walk->sums[walk->sum_count], 0, sizeof(struct sum));
	walk->sums[walk->sum_count].site = number;
	__atomic_store_n(&relib_sites[number].entry, walk->sum_count, __ATOMIC_RELAXED);
	walk->sums[walk->sum_count].function = function;
	return &walk->sums[walk->sum_count++];
}

static void note_key(struct sum *sum, uint64_t key)
{
	size_t at = sum->detail_count < RELIB_DETAILS ? sum->detail_count++ : RELIB_DETAILS;

	for (; at > 0 && sum->keys[at - 1] > key; at--)
		if (at < RELIB_DETAILS)
			sum->keys[at] = sum->keys[at - 1];
	if (at < RELIB_DETAILS)
		sum->keys[at] = key;
}

static void note_thing(void *context, const struct relib_thing *thing)
{
	struct walk *walk = context;
	struct sum *sum;

	if (!relib_set_has(walk->set, relib_thing_owner(thing)))
		return;
	walk->count++;
	sum = sum_of(walk, thing);
	if (!sum)
		return;
	note_key(sum, thing->key);
	if (walk->policy != RELIB_POLICY_REFUSE)
		return;
	sum->left++;
	if (walk->row->sized)
		sum->left_bytes += thing->value[0];
}

/* While they are all there. */
static void describe(struct walk *walk)
{
	char text[512];

	for (uint32_t i = 0; i < walk->sum_count; i++) {
		struct sum *sum = &walk->sums[i];
		size_t keys = sum->detail_count;

		sum->detail_count = 0;
		for (size_t j = 0; j < keys; j++) {
			struct relib_thing thing;

			if (!relib_thing_find(walk->row->kind, sum->keys[j], &thing))
				continue;
			text[0] = '\0';
			walk->row->describe(&thing, text, sizeof(text));
			if (!*text)
				continue;
			sum->keys[sum->detail_count] = sum->keys[j];
			sum->details[sum->detail_count++] = relib_arena_string(&walk->builder->memory, text);
		}
	}
}

static bool is_of_walk(void *context, const struct relib_thing *thing)
{
	return relib_set_has(((struct walk *)context)->set, relib_thing_owner(thing));
}

/* It is in no ledger any more. */
static void settle_thing(void *context, const struct relib_thing *thing)
{
	struct walk *walk = context;
	struct sum *sum = sum_of(walk, thing);
	bool release = walk->policy == RELIB_POLICY_RELEASE ||
		       (walk->policy == RELIB_POLICY_KEEP && walk->row->leads_in && walk->row->leads_in(thing));
	bool released = relib_thing_is_detached(thing) || (release && walk->row->release(thing));

	walk->count++;
	if (walk->builder->report) {
		struct relib_kind_total *total = &walk->builder->report->kinds[thing->kind];

		total->released += released;
		total->kept += !released && walk->policy == RELIB_POLICY_KEEP;
	}
	if (!sum)
		return;
	sum->released += released;
	sum->left += !released;
	for (size_t i = 0; i < sum->detail_count; i++)
		if (sum->keys[i] == thing->key)
			sum->gave |= (unsigned)released << i;
	if (walk->row->sized)
		*(released ? &sum->released_bytes : &sum->left_bytes) += thing->value[0];
}

static void enter(struct walk *walk, const struct sum *sum, enum relib_action action, uint64_t count, uint64_t bytes)
{
	const struct relib_site *site = &relib_sites[sum->site];
	const struct relib_addresses *chain = relib_addresses_of(site->chain);
	struct relib_entry *entry = count ? relib_build_entry(walk->builder) : NULL;

	if (!entry)
		return;
	entry->kind = walk->row->kind;
	entry->action = action;
	entry->count = count;
	entry->bytes = bytes;
	entry->callsite = relib_build_stack(walk->builder, chain->frames, chain->count);
	relib_build_samples(walk->builder, entry, site);
	if (sum->function > RELIB_NO_FUNCTION)
		relib_build_frame(walk->builder, sum->function, &entry->function);
	for (size_t i = 0; i < sum->detail_count; i++)
		if ((sum->gave >> i & 1) == (action == RELIB_ACTION_RELEASED))
			entry->details[entry->detail_count++] = sum->details[i];
}

static void settle_kind(struct walk *walk)
{
	walk->sum_count = 0;
	if (walk->builder->report) {
		relib_things_walk(walk->row->kind, note_thing, walk);
		describe(walk);
	}
	walk->count = 0;
	relib_things_take(walk->row->kind, is_of_walk, settle_thing, walk);
	if (walk->builder->report)
		walk->builder->report->kinds[walk->row->kind].held = walk->count;
	for (uint32_t i = 0; i < walk->sum_count; i++) {
		const struct sum *sum = &walk->sums[i];

		enter(walk, sum, RELIB_ACTION_RELEASED, sum->released, sum->released_bytes);
		enter(walk, sum, walk->policy == RELIB_POLICY_KEEP ? RELIB_ACTION_KEPT : RELIB_ACTION_REPORTED, sum->left, sum->left_bytes);
	}
}

static void refuse_kind(struct walk *walk)
{
	uint64_t before = walk->count;

	walk->sum_count = 0;
	relib_things_walk(walk->row->kind, note_thing, walk);
	if (!walk->builder->report)
		return;
	describe(walk);
	walk->builder->report->kinds[walk->row->kind].held = walk->count - before;
	for (uint32_t i = 0; i < walk->sum_count; i++)
		enter(walk, &walk->sums[i], RELIB_ACTION_BLOCKS, walk->sums[i].left, walk->sums[i].left_bytes);
}

/* Calls `settle` for each kind of which there is anything, but for those with another policy than the one `wanted`, if any. */
static void each_kind(struct walk *walk, const struct relib_settle_options *options, enum relib_policy wanted,
		      void (*settle)(struct walk *walk))
{
	for (const struct relib_kind_row *row = relib_kinds; row->release; row++) {
		if (row->refresh)
			row->refresh(walk->set, options);
		if (!relib_things_any(row->kind) || (wanted && options->policies[row->kind] != wanted))
			continue;
		if (!walk->sums)
			walk->sums = relib_reserve(MOST_SUMS * sizeof(struct sum));
		walk->row = row;
		walk->policy = wanted ? wanted : relib_settle_policy(options, row->kind);
		settle(walk);
	}
	if (walk->sums)
		relib_unreserve(walk->sums, MOST_SUMS * sizeof(struct sum));
}

void relib_settle_things(const struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder)
{
	struct walk walk = { .set = set, .builder = builder };

	each_kind(&walk, options, RELIB_POLICY_DEFAULT, settle_kind);
}

uint64_t relib_settle_refuse_things(const struct relib_set *set, const struct relib_settle_options *options,
				    struct relib_builder *builder)
{
	struct walk walk = { .set = set, .builder = builder };

	each_kind(&walk, options, RELIB_POLICY_REFUSE, refuse_kind);
	return walk.count;
}
