/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Chains: frames through runtime libraries up to the owner's, by their hash. */
#include "chain.h"

#include "callsite.h"

struct relib_chain relib_chains[1u << RELIB_CHAIN_BITS];
static uint32_t chain_count;

/* The hash first: a reader looks at it before and after the answer. */
static void take_out(struct relib_chain *chain)
{
	__atomic_store_n(&chain->hash, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&chain->answer, 0, __ATOMIC_RELEASE);
	chain_count--;
}

void relib_chains_reset(void)
{
	for (uint32_t i = 0; i < 1u << RELIB_CHAIN_BITS; i++)
		if (relib_chains[i].hash)
			take_out(&relib_chains[i]);
}

/* The object whose site an answer names, or NULL. */
static struct relib_object *owner_of(uint32_t answer)
{
	if (answer & RELIB_PLACE_HOST && (answer & RELIB_PLACE_COLD) != RELIB_PLACE_COLD)
		return NULL;
	return &relib_objects[relib_site_owner(answer & RELIB_SITE_MASK)];
}

/* As with places. */
#define GROUP_BITS 6
_Static_assert(RELIB_CHAIN_BITS - GROUP_BITS <= 9, "an object has a bit for each group");

static void forget_group(uint32_t group, const struct relib_object *owner)
{
	for (uint32_t i = 0; i < 1u << GROUP_BITS; i++) {
		struct relib_chain *chain = &relib_chains[(group << GROUP_BITS) + i];

		if (chain->hash && owner_of(chain->answer) == owner)
			take_out(chain);
	}
}

void relib_chains_forget(struct relib_object *object)
{
	for (uint32_t word = 0; word < sizeof object->chains / sizeof *object->chains; word++)
		for (; object->chains[word]; object->chains[word] &= object->chains[word] - 1)
			forget_group(64 * word + (uint32_t)__builtin_ctzll(object->chains[word]), object);
}

static void note_group(struct relib_object *owner, uint32_t group)
{
	if (owner)
		owner->chains[group / 64] |= (uint64_t)1 << group % 64;
}

void relib_chain_set(uint64_t hash, uint32_t answer)
{
	struct relib_object *owner = owner_of(answer);

	if (owner && owner->closers)
		return;
	hash += !hash;
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < RELIB_CHAIN_PROBES; i++) {
			struct relib_chain *chain = &relib_chains[(hash + i) & ((1u << RELIB_CHAIN_BITS) - 1)];

			if (chain->hash && chain->hash != hash)
				continue;
			if (!chain->hash && chain_count >= 1u << (RELIB_CHAIN_BITS - 1))
				break;
			chain_count += !chain->hash;
			note_group(owner, (uint32_t)(chain - relib_chains) >> GROUP_BITS);
			__atomic_store_n(&chain->answer, answer, __ATOMIC_RELEASE);
			__atomic_store_n(&chain->hash, hash, __ATOMIC_RELEASE);
			return;
		}
		relib_callsites_reset();
	}
}
