/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What modules lent to libc: looked for, replaced, described; by a row for each sort of it. */
#include "lent.h"

#include <errno.h>
#include <link.h>
#include <stdio.h>

#include "detach.h"
#include "kind.h"
#include "lock.h"
#include "site.h"
#include "tags.h"
#include "thread-state.h"

static const struct relib_lent_row *const rows[RELIB_LENTS] = {
	[RELIB_LENT_VARIABLE] = &relib_variable_row, [RELIB_LENT_ENVIRONMENT] = &relib_environment_row,
	[RELIB_LENT_LOG] = &relib_log_row,           [RELIB_LENT_BUFFER] = &relib_buffer_row,
	[RELIB_LENT_RANDOM] = &relib_random_row,     [RELIB_LENT_LOCALE] = &relib_locale_row,
};

static uint64_t key_of(enum relib_lent lent, uint64_t id)
{
	return (uint64_t)lent << RELIB_LENT_ID_BITS | (id & (((uint64_t)1 << RELIB_LENT_ID_BITS) - 1));
}

static const struct relib_lent_row *row_of(const struct relib_thing *thing)
{
	return rows[thing->value[1] >> RELIB_LENT_ID_BITS];
}

/* Also in a child of vfork: it changes what its parent has. */
static void enter(enum relib_lent lent, uint64_t id, uintptr_t address, uint32_t mark)
{
	uint64_t key = key_of(lent, id);
	struct relib_thing thing = { .kind = RELIB_KIND_STRING, .key = key, .mark = mark, .value = { address, key } };
	int error = errno;

	relib_thing_enter(&thing);
	errno = error;
}

void relib_lent_enter(enum relib_lent lent, uint64_t id, const void *address, uint32_t mark)
{
	const struct relib_object *owner = mark ? &relib_objects[relib_site_owner(mark & RELIB_SITE_MASK)] : NULL;

	enter(lent, id, (uintptr_t)address, owner && relib_lent_is_of(owner, (uintptr_t)address) ? mark : 0);
}

void relib_lent_enter_on_stack(enum relib_lent lent, uint64_t id, const void *address, uint32_t mark)
{
	enter(lent, id, (uintptr_t)address, mark);
}

void relib_lent_leave(enum relib_lent lent, uint64_t id)
{
	relib_thing_leave(RELIB_KIND_STRING, key_of(lent, id), NULL);
}

/* Whose memory it is */

void *relib_lent_block(const struct relib_object *object, uintptr_t address)
{
	void *block;
	uint32_t site = object->sites ? relib_tag_around(address, (uint64_t)1 << (object->index & 63), &block) : 0;

	return site && relib_site_owner(site) == object->index ? block : NULL;
}

void relib_lent_keep_block(const struct relib_object *object, uintptr_t address)
{
	void *block = relib_lent_block(object, address);

	if (block)
		relib_tag_take(block);
}

struct range {
	uint32_t owner;
	uintptr_t address;
	bool found;
};

static void look_in_mapping(void *context, const struct relib_thing *thing)
{
	struct range *range = context;

	range->found |= relib_thing_owner(thing) == range->owner && range->address - thing->key < thing->value[0];
}

bool relib_lent_is_of(const struct relib_object *object, uintptr_t address)
{
	struct range range = { object->index, address, false };

	if (!address)
		return false;
	if (relib_object_has(object, address) || relib_lent_block(object, address))
		return true;
	if (relib_things_any(RELIB_KIND_MAPPING))
		relib_things_walk(RELIB_KIND_MAPPING, look_in_mapping, &range);
	return range.found;
}

/* Looking */

void relib_lent_found(enum relib_lent lent, uint64_t id, uintptr_t address, struct relib_object *object)
{
	struct relib_thing thing;
	sigset_t saved;
	uint32_t mark;

	if (relib_thing_find(RELIB_KIND_STRING, key_of(lent, id), &thing) && thing.value[0] == address &&
	    relib_thing_owner(&thing) == object->index)
		return;
	relib_lock(&relib_registry_lock, &saved);
	mark = relib_site_unknown(object);
	relib_unlock(&relib_registry_lock, &saved);
	if (mark)
		enter(lent, id, address, mark);
}

static void drop_stale(void *context, const struct relib_thing *thing)
{
	const struct relib_object *object = context;

	if (relib_thing_owner(thing) == object->index && !relib_thing_is_detached(thing) && !row_of(thing)->is_lent(object, thing))
		relib_thing_leave(thing->kind, thing->key, NULL);
}

static void keep_block(void *context, const struct relib_thing *thing)
{
	const struct relib_object *object = context;

	if (relib_thing_owner(thing) == object->index)
		relib_lent_keep_block(object, thing->value[0]);
}

void relib_lent_look(struct relib_object *object)
{
	const struct relib_settle_options *options = relib_thread.closes_with;

	for (unsigned i = 0; i < RELIB_LENTS; i++)
		rows[i]->look(object);
	relib_things_walk(RELIB_KIND_STRING, drop_stale, object);
	/* What libc is to go on using where it is must not be freed. */
	if (options && !relib_settle_releases(options, RELIB_KIND_STRING) && relib_settle_releases(options, RELIB_KIND_HEAP))
		relib_things_walk(RELIB_KIND_STRING, keep_block, object);
}

static bool has_destructors(const struct relib_object *object)
{
	const ElfW(Dyn) *dynamic = object->map ? object->map->l_ld : NULL;

	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == DT_FINI || dynamic->d_tag == DT_FINI_ARRAY)
			return true;
	return !dynamic;
}

void relib_lent_before_close(const struct relib_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (!has_destructors(set->objects[i]))
			relib_detach_strings(set->objects[i]);
}

/* For settlement */

/* What could not be replaced has no address any more: it is named, and left. */
bool relib_lent_detach(const struct relib_thing *thing)
{
	struct relib_thing left = *thing;

	if (thing->value[0] && row_of(thing)->replace(thing))
		return true;
	left.value[0] = 0;
	relib_thing_enter(&left);
	return false;
}

/* Too late: where it was, there is nothing any more. */
bool relib_lent_release(const struct relib_thing *thing)
{
	(void)thing;
	return false;
}

void relib_lent_describe(const struct relib_thing *thing, char *text, size_t size)
{
	row_of(thing)->describe(thing, text, size);
}
