/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Things: the table of all that a module holds beside heap blocks and threads. */
#include "thing.h"

#include <string.h>

#include "arena.h"

/*
 * Open addressing in tables of growing size: a thing that finds no place near its hash goes into the next table. A slot is
 * claimed by its key, from free to BUSY to the key, so that nobody reads it half filled in.
 */
#define FIRST_BITS 12
#define TABLES 14
#define PROBES 16
#define FREE 0u
#define BUSY 1u

struct slot {
	uint64_t key; /* kind + 1 above, key below; or FREE, BUSY */
	uint32_t mark;
	uint32_t reserved;
	uint64_t value[2];
};

static struct slot *tables[TABLES];
/* Not exact while things come and go, but never 0 while there is one. */
static uint64_t counts[RELIB_KINDS];

static uint64_t full_key(enum relib_kind kind, uint64_t key)
{
	return ((uint64_t)kind + 1) << 56 | (key & (((uint64_t)1 << 56) - 1));
}

static size_t size_of(unsigned table)
{
	return (size_t)1 << (FIRST_BITS + table);
}

static struct slot *place(struct slot *slots, unsigned table, uint64_t key, unsigned probe)
{
	uint64_t hash = key * 0x9e3779b97f4a7c15u;

	return &slots[((hash >> 32) + probe) & (size_of(table) - 1)];
}

/* Of two threads that need a table at once, one makes it. */
static struct slot *make_table(unsigned table)
{
	struct slot *none = NULL, *slots = relib_reserve(size_of(table) * sizeof(struct slot));

	if (!slots)
		return NULL;
	if (__atomic_compare_exchange_n(&tables[table], &none, slots, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return slots;
	relib_unreserve(slots, size_of(table) * sizeof(struct slot));
	return none;
}

static struct slot *claim_in(struct slot *slots, unsigned table, uint64_t key)
{
	for (unsigned probe = 0; probe < PROBES; probe++) {
		struct slot *slot = place(slots, table, key, probe);
		uint64_t is_free = FREE;

		if (__atomic_load_n(&slot->key, __ATOMIC_RELAXED) == FREE &&
		    __atomic_compare_exchange_n(&slot->key, &is_free, BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return slot;
	}
	return NULL;
}

bool relib_thing_enter(const struct relib_thing *thing)
{
	uint64_t key = full_key(thing->kind, thing->key);

	relib_thing_leave(thing->kind, thing->key, NULL);
	if (!thing->mark)
		return true;
	for (unsigned table = 0; table < TABLES; table++) {
		struct slot *slots = __atomic_load_n(&tables[table], __ATOMIC_ACQUIRE), *slot;

		if (!slots)
			slots = make_table(table);
		if (!slots)
			return false;
		slot = claim_in(slots, table, key);
		if (!slot)
			continue;
		slot->mark = thing->mark;
		memcpy(slot->value, thing->value, sizeof(slot->value));
		__atomic_fetch_add(&counts[thing->kind], 1, __ATOMIC_RELAXED);
		__atomic_store_n(&slot->key, key, __ATOMIC_RELEASE);
		return true;
	}
	return false;
}

static void copy(const struct slot *slot, enum relib_kind kind, uint64_t key, struct relib_thing *thing)
{
	if (!thing)
		return;
	thing->kind = kind;
	thing->key = key;
	thing->mark = slot->mark;
	memcpy(thing->value, slot->value, sizeof(slot->value));
}

/* The slot of a thing, claimed, so that it is nobody else's any more; NULL if there is none. */
static struct slot *claim_found(uint64_t key)
{
	for (unsigned table = 0; table < TABLES; table++) {
		struct slot *slots = __atomic_load_n(&tables[table], __ATOMIC_ACQUIRE);

		if (!slots)
			return NULL;
		for (unsigned probe = 0; probe < PROBES; probe++) {
			struct slot *slot = place(slots, table, key, probe);
			uint64_t there = key;

			if (__atomic_load_n(&slot->key, __ATOMIC_RELAXED) == key &&
			    __atomic_compare_exchange_n(&slot->key, &there, BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
				return slot;
		}
	}
	return NULL;
}

bool relib_thing_leave(enum relib_kind kind, uint64_t key, struct relib_thing *thing)
{
	struct slot *slot;

	if (!relib_things_any(kind))
		return false;
	slot = claim_found(full_key(kind, key));
	if (!slot)
		return false;
	copy(slot, kind, key, thing);
	__atomic_store_n(&slot->key, FREE, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&counts[kind], 1, __ATOMIC_RELAXED);
	return true;
}

bool relib_thing_find(enum relib_kind kind, uint64_t key, struct relib_thing *thing)
{
	uint64_t whole = full_key(kind, key);
	struct slot *slot;

	if (!relib_things_any(kind))
		return false;
	slot = claim_found(whole);
	if (!slot)
		return false;
	copy(slot, kind, key, thing);
	__atomic_store_n(&slot->key, whole, __ATOMIC_RELEASE);
	return true;
}

bool relib_things_any(enum relib_kind kind)
{
	return __atomic_load_n(&counts[kind], __ATOMIC_RELAXED) != 0;
}

/* What is claimed by another thread at this moment is passed over: it is leaving, or being looked at and back at once. */
void relib_things_walk(enum relib_kind kind, void (*visit)(void *context, const struct relib_thing *thing), void *context)
{
	for (unsigned table = 0; table < TABLES && relib_things_any(kind); table++) {
		struct slot *slots = __atomic_load_n(&tables[table], __ATOMIC_ACQUIRE);

		for (size_t i = 0; slots && i < size_of(table); i++) {
			uint64_t key = __atomic_load_n(&slots[i].key, __ATOMIC_ACQUIRE);
			struct relib_thing thing;

			if (key >> 56 != (uint64_t)kind + 1)
				continue;
			copy(&slots[i], kind, key & (((uint64_t)1 << 56) - 1), &thing);
			if (__atomic_load_n(&slots[i].key, __ATOMIC_ACQUIRE) == key)
				visit(context, &thing);
		}
	}
}
