/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Places: what a return address means. */
#include "place.h"

#include "callsite.h"
#include "lock.h"
#include "options.h"
#include "policy.h"

#define PROBES 16

struct relib_place relib_places[1u << RELIB_PLACE_BITS];
bool relib_bypassed;
static uint32_t place_count;

void relib_places_reset(void)
{
	/* The address first: a reader looks at it before and after the answer. */
	for (uint32_t i = 0; i < 1u << RELIB_PLACE_BITS; i++)
		if (relib_places[i].address) {
			__atomic_store_n(&relib_places[i].address, 0, __ATOMIC_RELEASE);
			__atomic_store_n(&relib_places[i].answer, 0, __ATOMIC_RELEASE);
		}
	place_count = 0;
}

/* Where the answer for an address is or would be; NULL when there is no place left. Registry lock held. */
static struct relib_place *find_place(uintptr_t address)
{
	uint32_t index = relib_place_index(address);

	for (uint32_t i = 0; i < PROBES; i++) {
		struct relib_place *place = &relib_places[(index + i) & ((1u << RELIB_PLACE_BITS) - 1)];

		if (place->address == address || !place->address)
			return place;
	}
	return NULL;
}

/* A module has few places, and the table is large: only the groups of 64 where it has any are looked at. */
#define GROUP_BITS 6
_Static_assert(RELIB_PLACE_BITS - GROUP_BITS <= 10, "an object has a bit for each group");

static void forget_group(uint32_t group, uint32_t owner)
{
	for (uint32_t i = 0; i < 1u << GROUP_BITS; i++) {
		struct relib_place *place = &relib_places[(group << GROUP_BITS) + i];

		if (!place->address || (place->details & RELIB_PLACE_OBJECT) != owner)
			continue;
		__atomic_store_n(&place->address, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&place->answer, 0, __ATOMIC_RELEASE);
		place_count--;
	}
}

void relib_places_forget(struct relib_object *object)
{
	for (uint32_t word = 0; word < sizeof object->places / sizeof *object->places; word++)
		for (; object->places[word]; object->places[word] &= object->places[word] - 1)
			forget_group(64 * word + (uint32_t)__builtin_ctzll(object->places[word]), object->index);
}

void relib_place_set(uintptr_t address, uint32_t answer, uint32_t details)
{
	struct relib_place *place = find_place(address);
	struct relib_object *object = &relib_objects[details & RELIB_PLACE_OBJECT];
	uint32_t group;

	if (object->closers)
		return;
	if (!place || place_count > 1u << (RELIB_PLACE_BITS - 1)) {
		relib_callsites_reset();
		place = find_place(address);
	}
	if (!place->address)
		place_count++;
	group = (uint32_t)(place - relib_places) >> GROUP_BITS;
	object->places[group / 64] |= (uint64_t)1 << group % 64;
	__atomic_store_n(&place->details, details, __ATOMIC_RELAXED);
	__atomic_store_n(&place->answer, answer, __ATOMIC_RELEASE);
	__atomic_store_n(&place->address, address, __ATOMIC_RELEASE);
}

bool relib_place_find(uintptr_t address, struct relib_meaning *meaning)
{
	uint32_t index = relib_place_index(address);

	for (uint32_t i = 0; i < PROBES; i++) {
		const struct relib_place *place = &relib_places[(index + i) & ((1u << RELIB_PLACE_BITS) - 1)];
		uintptr_t there = __atomic_load_n(&place->address, __ATOMIC_ACQUIRE);
		uint32_t details;

		if (!there)
			return false;
		if (there != address)
			continue;
		meaning->answer = __atomic_load_n(&place->answer, __ATOMIC_ACQUIRE);
		details = __atomic_load_n(&place->details, __ATOMIC_ACQUIRE);
		meaning->weak = details & RELIB_PLACE_WEAK;
		meaning->frame = details >> RELIB_PLACE_FRAME_SHIFT;
		meaning->object = &relib_objects[details & RELIB_PLACE_OBJECT];
		return meaning->answer != RELIB_PLACE_NEW &&
		       __atomic_load_n(&place->address, __ATOMIC_RELAXED) == address;
	}
	return false;
}

static uint32_t answer_for_module(const struct relib_object *object, bool weak)
{
	/* What it frees is not seen: a tag of a block of its own would outlive the block. */
	if (object->untracked)
		return RELIB_PLACE_KEPT;
	return weak || relib_options.stacks ? RELIB_PLACE_UNWIND : RELIB_PLACE_MODULE;
}

/* Registry lock held. */
static struct relib_meaning find_out(uintptr_t address)
{
	struct relib_meaning meaning = { .answer = RELIB_PLACE_HOST, .object = relib_object_at_locked(address - 1) };

	if (!meaning.object)
		return meaning;
	switch (meaning.object->kind) {
	case RELIB_OBJECT_HOST:
		meaning.answer = relib_bypassed ? RELIB_PLACE_KEPT : RELIB_PLACE_HOST;
		break;
	case RELIB_OBJECT_KEEPS:
		meaning.answer = RELIB_PLACE_KEPT;
		break;
	case RELIB_OBJECT_MODULE:
		meaning.weak = relib_policy_is_weak_cxx(meaning.object, address);
		meaning.answer = answer_for_module(meaning.object, meaning.weak);
		break;
	default:
		meaning.answer = RELIB_PLACE_UNWIND;
	}
	relib_place_set(address, meaning.answer, meaning.object->index | (meaning.weak ? RELIB_PLACE_WEAK : 0));
	return meaning;
}

struct relib_meaning relib_place_meaning(uintptr_t address)
{
	struct dl_find_object found;
	struct relib_meaning meaning;
	sigset_t saved;

	if (relib_place_find(address, &meaning))
		return meaning;
	if (_dl_find_object((void *)(address - 1), &found))
		return (struct relib_meaning){ .answer = RELIB_PLACE_HOST };
	relib_lock(&relib_registry_lock, &saved);
	meaning = find_out(address);
	relib_unlock(&relib_registry_lock, &saved);
	return meaning;
}

void relib_place_set_frame(uintptr_t address, uint32_t frame)
{
	struct relib_place *place;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	place = find_place(address);
	if (place && place->address == address)
		__atomic_store_n(&place->details,
				 (place->details & ((1u << RELIB_PLACE_FRAME_SHIFT) - 1)) |
					 frame << RELIB_PLACE_FRAME_SHIFT, __ATOMIC_RELAXED);
	relib_unlock(&relib_registry_lock, &saved);
}
