/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Chains: frames from an allocation's caller through runtime libraries up to the owner's, by their hash. The second
 * table that is read without a lock, for calls that the first (place.h) does not answer.
 */
#ifndef RELIB_CHAIN_H
#define RELIB_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

#define RELIB_CHAIN_BITS 15
#define RELIB_CHAIN_PROBES 16

struct relib_chain {
	uint64_t hash;
	uint32_t answer; /* as of a place: a mark, cold or not, or RELIB_PLACE_KEPT */
};
RELIB_INTERNAL extern struct relib_chain relib_chains[1u << RELIB_CHAIN_BITS];

/* A hash begins with 0 and takes one frame after the other. */
static inline uint64_t relib_chain_hash(uint64_t hash, uintptr_t frame)
{
	hash = (hash ^ frame) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

/* False when the table has no answer. A hash of 0 stands for 1. */
static inline bool relib_chain_find(uint64_t hash, uint32_t *answer)
{
	hash += !hash;
	for (uint32_t i = 0; i < RELIB_CHAIN_PROBES; i++) {
		const struct relib_chain *chain = &relib_chains[(hash + i) & ((1u << RELIB_CHAIN_BITS) - 1)];
		uint64_t there = __atomic_load_n(&chain->hash, __ATOMIC_ACQUIRE);

		if (!there)
			return false;
		if (there == hash) {
			*answer = __atomic_load_n(&chain->answer, __ATOMIC_ACQUIRE);
			return *answer && __atomic_load_n(&chain->hash, __ATOMIC_RELAXED) == hash;
		}
	}
	return false;
}

/* All with the registry lock held. */

void relib_chain_set(uint64_t hash, uint32_t answer);
void relib_chains_reset(void);
/* Takes out what leads to an object that is being closed. */
struct relib_object;
void relib_chains_forget(struct relib_object *object);

#endif
