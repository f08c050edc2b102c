/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Sites: places in modules that acquire things. */
#include "site.h"

#include <string.h>

#include "arena.h"
#include "chain.h"
#include "lock.h"
#include "options.h"

/* Room for so many, where the address space is not limited. */
#define MOST_SITES (1u << 20)
#define MOST_STACKS (1u << 19)

struct relib_site *relib_sites;
static struct relib_addresses *stacks;
/* Numbers start at 1. Below *_open the tables may be written. */
static uint32_t site_limit, site_open, site_fresh, site_free, stack_limit, stack_open, stack_fresh, stack_free;

/* The sites of each hash of owner and frames: a first one, and the next in each. */
#define HASH_BITS 14
static uint32_t of_hash[1u << HASH_BITS];

void relib_sites_start(void)
{
	/* Of little address space the host should have nearly all. */
	size_t share = relib_option_address_space() / 64;

	site_limit = share / sizeof *relib_sites < MOST_SITES ? (uint32_t)(share / sizeof *relib_sites) : MOST_SITES;
	stack_limit = share / sizeof *stacks < MOST_STACKS ? (uint32_t)(share / sizeof *stacks) : MOST_STACKS;
	relib_sites = relib_reserve_closed(site_limit * sizeof *relib_sites);
	stacks = relib_reserve_closed(stack_limit * sizeof *stacks);
	if (!stacks)
		relib_sites = NULL;
}

/* The number of a fresh record, opened for writing in steps; 0 when there are no more. Registry lock held. */
#define STEP 1024
static uint32_t take_fresh(uint32_t *fresh, uint32_t *open, uint32_t limit, void *table, size_t size)
{
	if (*fresh == limit)
		return 0;
	if (*fresh == *open) {
		uint32_t step = limit - *open < STEP ? limit - *open : STEP;

		if (!relib_open_range((char *)table + *open * size, step * size))
			return 0;
		*open += step;
	}
	*fresh += !*fresh;
	return __atomic_fetch_add(fresh, 1, __ATOMIC_RELAXED);
}

uint32_t relib_sites_count(void)
{
	return __atomic_load_n(&site_fresh, __ATOMIC_RELAXED);
}

uint32_t relib_addresses_make(const uintptr_t *frames, uint32_t count)
{
	uint32_t stack = stack_free;

	if (!count)
		return 0;
	if (stack)
		stack_free = stacks[stack].next_free;
	else
		stack = take_fresh(&stack_fresh, &stack_open, stack_limit, stacks, sizeof *stacks);
	if (!stack)
		return 0;
	stacks[stack].count = count < RELIB_STACK_FRAMES ? count : RELIB_STACK_FRAMES;
	memcpy(stacks[stack].frames, frames, stacks[stack].count * sizeof *frames);
	return stack;
}

static void give_stack(uint32_t stack)
{
	if (!stack)
		return;
	stacks[stack].next_free = stack_free;
	stack_free = stack;
}

const struct relib_addresses *relib_addresses_of(uint32_t stack)
{
	return &stacks[stack];
}

void relib_addresses_free(uint32_t stack)
{
	sigset_t saved;

	if (!stack)
		return;
	relib_lock(&relib_registry_lock, &saved);
	give_stack(stack);
	relib_unlock(&relib_registry_lock, &saved);
}

static uint32_t *first_of_hash(uint32_t owner, const uintptr_t *frames, uint32_t count)
{
	uint64_t hash = relib_chain_hash(owner, 0);

	for (uint32_t i = 0; i < count; i++)
		hash = relib_chain_hash(hash, frames[i]);
	return &of_hash[hash >> (64 - HASH_BITS)];
}

static uint32_t find_site(const struct relib_object *owner, const uintptr_t *frames, uint32_t count)
{
	uint32_t site = *first_of_hash(owner->index, frames, count);

	for (; site; site = relib_sites[site].next_equal) {
		const struct relib_addresses *chain = &stacks[relib_sites[site].chain];

		if (relib_sites[site].owner == owner->index && chain->count == count && !memcmp(chain->frames, frames, count * sizeof *frames))
			break;
	}
	return site;
}

/* Those of a hash are few. */
static void unlink_site(uint32_t site)
{
	const struct relib_addresses *chain = &stacks[relib_sites[site].chain];
	uint32_t *link = first_of_hash(relib_sites[site].owner, chain->frames, chain->count);

	while (*link && *link != site)
		link = &relib_sites[*link].next_equal;
	if (*link)
		*link = relib_sites[site].next_equal;
}

/* A record, linked to its owner; 0 when there are no more. */
static uint32_t make_site(struct relib_object *owner, uint32_t chain)
{
	uint32_t site = site_free;

	if (site)
		site_free = relib_sites[site].next;
	else
		site = take_fresh(&site_fresh, &site_open, site_limit, relib_sites, sizeof *relib_sites);
	if (!site)
		return 0;
	relib_sites[site] = (struct relib_site){ .owner = owner->index, .next = owner->sites, .chain = chain,
						 .version = relib_sites[site].version };
	owner->sites = site;
	return site;
}

uint32_t relib_site_unknown(struct relib_object *owner)
{
	uint32_t site = owner->sites;

	while (site && relib_sites[site].chain)
		site = relib_sites[site].next;
	if (!site && relib_sites)
		site = make_site(owner, 0);
	return site ? relib_site_mark(site) : 0;
}

uint32_t relib_site_make(struct relib_object *owner, uintptr_t through, const uintptr_t *frames, uint32_t count)
{
	uintptr_t all[RELIB_STACK_FRAMES];
	uint32_t first = through != 0, chain, site, *link;

	if (count > RELIB_STACK_FRAMES - first)
		count = RELIB_STACK_FRAMES - first;
	/* As if it were a return address in that function. */
	all[0] = through + 1;
	memcpy(all + first, frames, count * sizeof *frames);
	count += first;
	if (!count)
		return make_site(owner, 0);
	site = find_site(owner, all, count);
	if (site)
		return site;
	chain = relib_addresses_make(all, count);
	if (!chain)
		return 0;
	site = make_site(owner, chain);
	if (!site) {
		give_stack(chain);
		return 0;
	}
	link = first_of_hash(owner->index, all, count);
	relib_sites[site].next_equal = *link;
	*link = site;
	return site;
}

void relib_site_sample(struct relib_site *site, const uintptr_t *frames, uint32_t count)
{
	uint32_t kept = count < RELIB_STACK_FRAMES ? count : RELIB_STACK_FRAMES;

	for (unsigned i = 0; i < RELIB_SITE_SAMPLES; i++) {
		const struct relib_addresses *sample = &stacks[site->samples[i]];

		if (!site->samples[i]) {
			site->samples[i] = relib_addresses_make(frames, count);
			return;
		}
		if (sample->count == kept && !memcmp(sample->frames, frames, kept * sizeof *frames))
			return;
	}
}

void relib_sites_free(struct relib_object *owner)
{
	uint32_t site = owner->sites, next;

	for (; site; site = next) {
		next = relib_sites[site].next;
		if (relib_sites[site].chain)
			unlink_site(site);
		give_stack(relib_sites[site].chain);
		for (unsigned i = 0; i < RELIB_SITE_SAMPLES; i++)
			give_stack(relib_sites[site].samples[i]);
		relib_sites[site].next = site_free;
		__atomic_store_n(&relib_sites[site].version, relib_sites[site].version + 1, __ATOMIC_RELEASE);
		site_free = site;
	}
	owner->sites = 0;
}
