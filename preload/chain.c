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

/* Whether an answer names a site of an object that is being closed. */
static bool is_of_closing(uint32_t answer)
{
	if (answer & RELIB_PLACE_HOST && (answer & RELIB_PLACE_COLD) != RELIB_PLACE_COLD)
		return false;
	return relib_objects[relib_site_owner(answer & RELIB_SITE_MASK)].closers;
}

void relib_chains_forget_closing(void)
{
	for (uint32_t i = 0; i < 1u << RELIB_CHAIN_BITS; i++)
		if (relib_chains[i].hash && is_of_closing(relib_chains[i].answer))
			take_out(&relib_chains[i]);
}

void relib_chain_set(uint64_t hash, uint32_t answer)
{
	if (is_of_closing(answer))
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
			__atomic_store_n(&chain->answer, answer, __ATOMIC_RELEASE);
			__atomic_store_n(&chain->hash, hash, __ATOMIC_RELEASE);
			return;
		}
		relib_callsites_reset();
	}
}
