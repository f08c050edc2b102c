/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What points back into a module's code, given back while the module ends. */
#include "detach.h"

#include <errno.h>

#include "kind.h"
#include "lent.h"
#include "lock.h"
#include "object.h"
#include "settle.h"
#include "thread-state.h"

struct walk {
	const struct relib_kind_row *row;
	uint32_t owner;
};

static bool is_of_walk(void *context, const struct relib_thing *thing)
{
	const struct walk *walk = context;

	return !relib_thing_is_detached(thing) && relib_thing_owner(thing) == walk->owner;
}

static bool goes_now(void *context, const struct relib_thing *thing)
{
	const struct walk *walk = context;

	return is_of_walk(context, thing) && !(walk->row->waits && walk->row->waits(thing));
}

static void enter_detached(struct relib_thing thing)
{
	static uint64_t sequence;

	thing.key = RELIB_DETACHED | (__atomic_fetch_add(&sequence, 1, __ATOMIC_RELAXED) & (RELIB_DETACHED - 1));
	relib_thing_enter(&thing);
}

static void detach(void *context, const struct relib_thing *thing)
{
	const struct walk *walk = context;

	if (walk->row->detach(thing))
		enter_detached(*thing);
}

void relib_detach_found(enum relib_kind kind, const struct relib_object *object, uintptr_t function, uint64_t number)
{
	struct relib_thing thing = { .kind = kind, .value = { function, number } };
	sigset_t saved;
	uint32_t site;

	relib_lock(&relib_registry_lock, &saved);
	site = relib_site_make(&relib_objects[object->index], 0, NULL, 0);
	relib_unlock(&relib_registry_lock, &saved);
	if (!site)
		return;
	thing.mark = relib_site_mark(site);
	enter_detached(thing);
}

static void detach_kind(const struct relib_kind_row *row, const struct relib_object *object)
{
	struct walk walk = { row, object->index };

	if (row->detach && relib_settle_releases(relib_thread.closes_with, row->kind))
		relib_things_take(row->kind, goes_now, detach, &walk);
}

static void prepare(void *context, const struct relib_thing *thing)
{
	const struct walk *walk = context;

	if (is_of_walk(context, thing))
		walk->row->prepare(thing);
}

/* At any other time it is the end of the process, where nothing leaves. */
static const struct relib_object *ending_module(uintptr_t handle)
{
	const struct relib_object *object;

	if (!relib_thread.closing || !relib_thread.closes_with || relib_thread.depth)
		return NULL;
	relib_enter();
	object = relib_object_at(handle);
	relib_leave();
	return object && object->kind == RELIB_OBJECT_MODULE ? object : NULL;
}

void relib_detach_prepare(uintptr_t handle)
{
	int error = errno;
	const struct relib_object *object = ending_module(handle);

	/* The module's code runs, and what it does is the module's. */
	for (const struct relib_kind_row *row = relib_kinds; object && row->release; row++) {
		struct walk walk = { row, object->index };

		if (row->prepare && relib_settle_releases(relib_thread.closes_with, row->kind))
			relib_things_walk(row->kind, prepare, &walk);
	}
	errno = error;
}

static void sweep(const struct relib_object *object, const struct relib_settle_options *options)
{
	relib_objects[object->index].swept = true;
	for (const struct relib_kind_row *row = relib_kinds; row->release; row++)
		if (row->sweep && relib_settle_releases(options, row->kind))
			row->sweep(object);
}

void relib_detach_gone(const struct relib_object *object, const struct relib_settle_options *options)
{
	/* Where its range wasn't kept, another object may lie there by now. */
	if (!object->swept && object->quarantined)
		sweep(object, options);
}

void relib_detach_of(uintptr_t handle)
{
	int error = errno;
	const struct relib_object *object = ending_module(handle);

	relib_enter();
	if (object)
		relib_lent_look(&relib_objects[object->index]);
	for (const struct relib_kind_row *row = relib_kinds; object && row->release; row++)
		detach_kind(row, object);
	if (object)
		sweep(object, relib_thread.closes_with);
	relib_leave();
	errno = error;
}

void relib_detach_strings(struct relib_object *object)
{
	int error = errno;

	relib_lent_look(object);
	for (const struct relib_kind_row *row = relib_kinds; row->release; row++)
		if (row->kind == RELIB_KIND_STRING)
			detach_kind(row, object);
	errno = error;
}
