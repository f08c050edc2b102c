/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* One object out: dlclose, look whether it is gone and why not, settle. */
#include "close.h"

#include <sys/single_threaded.h>

#include "callsite.h"
#include "detach.h"
#include "dlopen-attempt.h"
#include "emit.h"
#include "foreign.h"
#include "lent.h"
#include "lock.h"
#include "real.h"
#include "still-mapped.h"
#include "stream.h"
#include "thread-state.h"

bool relib_close_find(void *handle, struct relib_set *set)
{
	struct relib_object *root;

	if (!handle || !relib_tracking)
		return false;
	relib_objects_refresh();
	root = relib_object_of_map(handle);
	/* In another namespace it is not listed. The dlclose to come looks into the handle just so. */
	if (!root)
		root = relib_object_at((uintptr_t)((struct link_map *)handle)->l_ld);
	if (!root || root->kind != RELIB_OBJECT_MODULE)
		return false;
	set->count = relib_object_closure(root, set->objects, RELIB_SET_LIMIT);
	return true;
}

/*
 * Two threads may close the same object at once, by two handles. Each holds what it is closing, so that its record
 * is not forgotten, and taken for another object, while one of them looks at it; the last to let go settles.
 *
 * In the moment between its end and its quarantine, another thread may map an object where it was. What the tables
 * know of these addresses must be gone by then: else what that allocates bore the old sites, and were freed with them.
 */
static void hold(const struct relib_set *set)
{
	sigset_t saved;
	bool last;

	relib_lock(&relib_registry_lock, &saved);
	for (size_t i = 0; i < set->count; i++)
		set->objects[i]->closers++;
	last = !__libc_single_threaded && relib_object_open_count(set->objects[0]) <= (int)set->objects[0]->closers;
	for (size_t i = 0; last && i < set->count; i++)
		relib_callsites_forget(set->objects[i]);
	relib_unlock(&relib_registry_lock, &saved);
}

/*
 * Lets go of what is loaded still and of what another thread is closing too; what stays in the set is the
 * caller's to settle. False, and nothing is let go of, when the first object is loaded and `expected` is false.
 */
static bool let_go(struct relib_set *set, bool expected)
{
	size_t gone = 0;
	sigset_t saved;
	bool loaded;

	relib_lock(&relib_registry_lock, &saved);
	loaded = relib_object_is_loaded(set->objects[0]);
	for (size_t i = 0; loaded <= expected && i < set->count; i++) {
		struct relib_object *object = set->objects[i];

		if (!loaded && object->closers == 1 && !relib_object_is_loaded(object)) {
			/* What gets the same link_map now is not this one. */
			object->map = NULL;
			set->objects[gone++] = object;
		} else {
			object->closers--;
		}
	}
	relib_unlock(&relib_registry_lock, &saved);
	if (loaded <= expected)
		set->count = gone;
	return loaded <= expected;
}

/* Holds an object that nobody closes and that is gone; false when it isn't so. */
static bool hold_orphan(struct relib_object *object)
{
	bool is;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	is = object->kind == RELIB_OBJECT_MODULE && object->map && !object->closers && !relib_object_is_loaded(object);
	object->closers += is;
	if (is)
		object->map = NULL;
	relib_unlock(&relib_registry_lock, &saved);
	return is;
}

struct mapped {
	struct relib_builder *builder;
	const struct relib_object *object;
	int before; /* how often it was open */
	bool explain, is;
};

/* Called by dl_iterate_phdr, so that no other thread unmaps the object while it is read. */
static int look_if_mapped(struct dl_phdr_info *info, size_t size, void *context)
{
	struct mapped *mapped = context;

	(void)info;
	(void)size;
	mapped->is = relib_object_is_loaded(mapped->object);
	if (mapped->builder->report) {
		mapped->builder->report->outcome = mapped->is ? RELIB_OUTCOME_STILL_MAPPED : RELIB_OUTCOME_UNLOADED;
		mapped->builder->report->reason = mapped->builder->report->advice = NULL;
		if (mapped->is && mapped->explain)
			relib_explain_mapped(mapped->builder, mapped->object, mapped->before);
	}
	return 1;
}

/* Reads the names of what leaves, unless they have been or there is nothing to name. */
static void remember(const struct relib_set *set, struct relib_builder *builder, bool is_there)
{
	if (!builder->report || builder->file_count || !(relib_settle_count(set) || relib_foreign_any(set)))
		return;
	for (size_t i = 0; i < set->count; i++)
		relib_build_remember(builder, set->objects[i], is_there);
}

static void settle_gone(struct relib_set *set, const struct relib_settle_options *options, struct relib_builder *builder)
{
	relib_attempts_resolve(set);
	for (size_t i = 0; i < set->count; i++)
		relib_object_quarantine(set->objects[i]);
	for (size_t i = 0; i < set->count; i++)
		relib_detach_gone(set->objects[i], options);
	/* Its destructors may be the first to leave something. */
	remember(set, builder, false);
	relib_settle(set, options, builder);
}

/*
 * Runtime libraries can come and go with a module. They hold nothing, but their ranges must not come back, as a module's, and
 * their records are given back: else these are used up by as many unloads.
 */
static void forget_runtime_gone(void)
{
	for (uint32_t i = 1; i < relib_object_count; i++) {
		struct relib_object *object = &relib_objects[i];
		sigset_t saved;
		bool gone;

		if (!relib_object_is_runtime(object) || relib_object_is_loaded(object))
			continue;
		relib_lock(&relib_registry_lock, &saved);
		gone = relib_object_is_runtime(object) && object->map && !relib_object_is_loaded(object);
		if (gone)
			object->map = NULL;
		relib_unlock(&relib_registry_lock, &saved);
		if (!gone)
			continue;
		relib_object_quarantine(object);
		relib_lock(&relib_registry_lock, &saved);
		relib_object_forget(object);
		relib_unlock(&relib_registry_lock, &saved);
	}
}

int relib_close_and_settle(void *handle, struct relib_set *set, const struct relib_settle_options *options, bool explain,
			   struct relib_builder *builder)
{
	struct mapped mapped = { .builder = builder, .object = set->objects[0], .explain = explain,
				 .before = relib_object_open_count(set->objects[0]) };
	const struct relib_settle_options *outer = relib_thread.closes_with;
	int result;

	relib_build_start(builder, mapped.object);
	/* Where it isn't the last close nothing is to be named, unless other threads close it too. */
	if (mapped.before <= 1)
		remember(set, builder, true);
	hold(set);
	relib_thread.closing++;
	relib_thread.closes_with = options;
	if (relib_object_open_count(mapped.object) == 1)
		relib_lent_before_close(set);
	relib_leave();
	if (relib_settle_releases(options, RELIB_KIND_STREAM) && relib_object_open_count(mapped.object) == 1)
		relib_streams_detach(set);
	result = relib_real.dlclose(handle);
	relib_enter();
	relib_thread.closing--;
	do {
		dl_iterate_phdr(look_if_mapped, &mapped);
	} while (!let_go(set, mapped.is));
	if (set->count) {
		if (mapped.is && builder->report) /* until another thread closed it */
			builder->report->outcome = RELIB_OUTCOME_UNLOADED;
		settle_gone(set, options, builder);
		forget_runtime_gone();
	}
	relib_thread.closes_with = outer;
	return result;
}

void relib_close_orphans(const struct relib_settle_options *options)
{
	for (uint32_t i = 1; i < relib_object_count; i++) {
		struct relib_object *object = &relib_objects[i];
		struct relib_set set = { { object }, 1 };
		struct relib_builder builder;
		uint64_t blocks;

		if (object->kind != RELIB_OBJECT_MODULE || relib_object_is_loaded(object) || !hold_orphan(object))
			continue;
		blocks = relib_settle_count(&set);
		relib_build_start(&builder, object);
		settle_gone(&set, options, &builder);
		if (blocks || (builder.report && builder.report->entry_count))
			relib_emit(relib_build_finish(&builder));
		else
			relib_build_abandon(&builder);
	}
}
