/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The state of random(), where a module has set one of its own: initstate(), setstate(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lent.h"
#include "real.h"

/* Of each sort of state, by what stands in its first word modulo their number; as initstate() says. */
static const size_t sizes[] = { 8, 32, 64, 128, 256 };
#define SORTS (sizeof(sizes) / sizeof(*sizes))

/* Somebody may have kept one of these, to go back to it: the oldest is written over. */
#define COPIES 16
static int32_t copies[COPIES][64];

static const void *current; /* NULL: what libc begins with */

void relib_random_set(const void *state, uint32_t mark)
{
	__atomic_store_n(&current, state, __ATOMIC_RELAXED);
	relib_lent_enter(RELIB_LENT_RANDOM, 0, state, mark);
}

static void look(struct relib_object *object)
{
	uintptr_t state = (uintptr_t)__atomic_load_n(&current, __ATOMIC_RELAXED);

	if (relib_lent_is_of(object, state))
		relib_lent_found(RELIB_LENT_RANDOM, 0, state, object);
}

static bool is_lent(const struct relib_object *object, const struct relib_thing *thing)
{
	return thing->value[0] == (uintptr_t)__atomic_load_n(&current, __ATOMIC_RELAXED) &&
	       relib_lent_is_of(object, thing->value[0]);
}

static int32_t *next_copy(void)
{
	static unsigned next;

	if (copies[next % COPIES] == current)
		next++;
	return copies[next++ % COPIES];
}

/* setstate() writes into a state how far it has come, and gives the one before: asked for the same, it changes nothing. */
static bool replace(const struct relib_thing *thing)
{
	char *old = (char *)thing->value[0], *before = relib_real.setstate(old);
	int32_t *made, sort;

	if (before != old) {
		if (before)
			relib_real.setstate(before);
		return before;
	}
	memcpy(&sort, old, sizeof(sort));
	made = next_copy();
	memcpy(made, old, sizes[(uint32_t)sort % SORTS]);
	if (!relib_real.setstate((char *)made))
		return false;
	__atomic_store_n(&current, made, __ATOMIC_RELAXED);
	return true;
}

static void describe(const struct relib_thing *thing, char *text, size_t size)
{
	(void)thing;
	snprintf(text, size, "state of random()");
}

const struct relib_lent_row relib_random_row = { look, is_lent, replace, describe };
