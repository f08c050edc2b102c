/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Things: the table of all that a module holds beside heap blocks and threads. */
#include "thing.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "fork.h"

/*
 * Open addressing in tables of growing size: a thing that finds no place near its hash goes into the next table. A slot is
 * claimed by its key, from free to BUSY to the key, so that nobody reads it half filled in. Each kind has tables
 * of its own: to go through the few things of one kind must not mean to go through a million of another.
 */
#define FIRST_BITS 8
#define TABLES 18
#define PROBES 16
#define KEY_BITS 56
#define KEY_MASK (((uint64_t)1 << KEY_BITS) - 1)
#define FREE 0u
#define BUSY 1u

struct slot {
	uint64_t key; /* kind + 1 above, key below; or FREE, BUSY */
	uint32_t mark;
	uint32_t version; /* another with each claim, 0 before the first */
	uint64_t value[2];
};

static struct slot *tables[RELIB_KINDS][TABLES];
/* Not exact while things come and go, but never 0 while there is one. */
static uint64_t counts[RELIB_KINDS];

static uint64_t full_key(enum relib_kind kind, uint64_t key)
{
	return ((uint64_t)kind + 1) << KEY_BITS | (key & KEY_MASK);
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

static struct slot *table_of(enum relib_kind kind, unsigned table)
{
	return __atomic_load_n(&tables[kind][table], __ATOMIC_ACQUIRE);
}

/* Of two threads that need a table at once, one makes it. */
static struct slot *make_table(enum relib_kind kind, unsigned table)
{
	struct slot *none = NULL, *slots = relib_reserve(size_of(table) * sizeof(struct slot));

	if (!slots)
		return NULL;
	if (__atomic_compare_exchange_n(&tables[kind][table], &none, slots, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
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
		    __atomic_compare_exchange_n(&slot->key, &is_free, BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
			__atomic_store_n(&slot->version, slot->version + 1 ? slot->version + 1 : 1, __ATOMIC_RELAXED);
			__atomic_thread_fence(__ATOMIC_RELEASE);
			return slot;
		}
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
		struct slot *slots = table_of(thing->kind, table), *slot;

		if (!slots)
			slots = make_table(thing->kind, table);
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

void relib_thing_acquired(const struct relib_thing *thing)
{
	int error = errno;

	if (!relib_fork_is_borrowed())
		relib_thing_enter(thing);
	errno = error;
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

static bool claim(struct slot *slot, uint64_t key)
{
	return __atomic_load_n(&slot->key, __ATOMIC_RELAXED) == key &&
	       __atomic_compare_exchange_n(&slot->key, &key, BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/*
 * A slot that never held anything: whoever looked for a place and came here took it, so behind it, and in tables behind this
 * one, is nothing that is looked for.
 */
static bool is_fresh(const struct slot *slot)
{
	return __atomic_load_n(&slot->key, __ATOMIC_ACQUIRE) == FREE && !__atomic_load_n(&slot->version, __ATOMIC_RELAXED);
}

/* The slot of a thing, claimed, so that it is nobody else's any more; NULL if there is none. */
static struct slot *claim_found(enum relib_kind kind, uint64_t key)
{
	for (unsigned table = 0; table < TABLES; table++) {
		struct slot *slots = table_of(kind, table);

		if (!slots)
			return NULL;
		for (unsigned probe = 0; probe < PROBES; probe++) {
			struct slot *slot = place(slots, table, key, probe);

			if (claim(slot, key))
				return slot;
			if (is_fresh(slot))
				return NULL;
		}
	}
	return NULL;
}

/*
 * Reads a slot without claiming it: a thing that was hidden for a moment would be missed by the thread that closes it just
 * then, and stay. False if it isn't this thing, or not any more.
 */
static bool read_slot(const struct slot *slot, uint64_t key, enum relib_kind kind, struct relib_thing *thing)
{
	uint32_t version;

	if (__atomic_load_n(&slot->key, __ATOMIC_ACQUIRE) != key)
		return false;
	version = __atomic_load_n(&slot->version, __ATOMIC_RELAXED);
	copy(slot, kind, key & KEY_MASK, thing);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&slot->key, __ATOMIC_RELAXED) == key &&
	       __atomic_load_n(&slot->version, __ATOMIC_RELAXED) == version;
}

bool relib_thing_leave(enum relib_kind kind, uint64_t key, struct relib_thing *thing)
{
	struct slot *slot;

	if (!relib_things_any(kind))
		return false;
	slot = claim_found(kind, full_key(kind, key));
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

	for (unsigned table = 0; table < TABLES && relib_things_any(kind); table++) {
		struct slot *slots = table_of(kind, table);

		for (unsigned probe = 0; slots && probe < PROBES; probe++) {
			const struct slot *slot = place(slots, table, whole, probe);

			if (read_slot(slot, whole, kind, thing))
				return true;
			if (is_fresh(slot))
				return false;
		}
	}
	return false;
}

bool relib_things_any(enum relib_kind kind)
{
	return __atomic_load_n(&counts[kind], __ATOMIC_RELAXED) != 0;
}

/* Calls `visit` with each slot of a kind and what it holds. */
static void walk(enum relib_kind kind, void (*visit)(void *context, struct slot *slot, const struct relib_thing *thing),
		 void *context)
{
	for (unsigned table = 0; table < TABLES && relib_things_any(kind); table++) {
		struct slot *slots = table_of(kind, table);

		for (size_t i = 0; slots && i < size_of(table); i++) {
			uint64_t key = __atomic_load_n(&slots[i].key, __ATOMIC_RELAXED);
			struct relib_thing thing;

			if (key >> KEY_BITS == (uint64_t)kind + 1 && read_slot(&slots[i], key, kind, &thing))
				visit(context, &slots[i], &thing);
		}
	}
}

struct visitor {
	void (*visit)(void *context, const struct relib_thing *thing);
	bool (*wants)(void *context, const struct relib_thing *thing);
	void *context;
};

static bool is_wanted(const struct visitor *visitor, const struct relib_thing *thing)
{
	return !visitor->wants || visitor->wants(visitor->context, thing);
}

static void visit_slot(void *context, struct slot *slot, const struct relib_thing *thing)
{
	const struct visitor *visitor = context;

	(void)slot;
	visitor->visit(visitor->context, thing);
}

/* Here and not by relib_thing_leave(), which would look for each of a million again. */
static void take_slot(void *context, struct slot *slot, const struct relib_thing *seen)
{
	const struct visitor *visitor = context;
	uint64_t key = full_key(seen->kind, seen->key);
	struct relib_thing thing;

	/* Whoever takes it out releases it: another thread may be doing so just now. */
	if (!is_wanted(visitor, seen) || !claim(slot, key))
		return;
	copy(slot, seen->kind, seen->key, &thing);
	if (!is_wanted(visitor, &thing)) {
		__atomic_store_n(&slot->key, key, __ATOMIC_RELEASE);
		return;
	}
	__atomic_store_n(&slot->key, FREE, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&counts[thing.kind], 1, __ATOMIC_RELAXED);
	if (visitor->visit)
		visitor->visit(visitor->context, &thing);
}

/* What is claimed by another thread at this moment is passed over: it is leaving. */
void relib_things_walk(enum relib_kind kind, void (*visit)(void *context, const struct relib_thing *thing), void *context)
{
	struct visitor visitor = { .visit = visit, .context = context };

	walk(kind, visit_slot, &visitor);
}

void relib_things_take(enum relib_kind kind, bool (*wants)(void *context, const struct relib_thing *thing),
		       void (*visit)(void *context, const struct relib_thing *thing), void *context)
{
	struct visitor visitor = { visit, wants, context };

	walk(kind, take_slot, &visitor);
}
