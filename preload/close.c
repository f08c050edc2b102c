/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* One object out: dlclose, look whether it is gone and why not, settle. */
#include "close.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/single_threaded.h>

#include "callsite.h"
#include "destructors.h"
#include "detach.h"
#include "dlopen-attempt.h"
#include "dlopen-handle.h"
#include "emit.h"
#include "foreign.h"
#include "lent.h"
#include "lock.h"
#include "real.h"
#include "report-name.h"
#include "site.h"
#include "stream.h"
#include "thread-ledger.h"
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

static const char *say(struct relib_builder *builder, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const char *say(struct relib_builder *builder, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return relib_arena_string(&builder->memory, text);
}

/* By whom it was opened again, as far as the ledger knows: the first of them, with the function that did. */
static const char *say_opened(struct relib_builder *builder, const struct relib_object *root)
{
	uint32_t mark;
	struct relib_frame frame = { .function = NULL };
	uintptr_t address = 0;
	char who[256] = "";
	sigset_t saved;

	/* Who it was may be about to leave: under this lock it doesn't. */
	relib_lock(&relib_registry_lock, &saved);
	if (relib_dlopen_holders(root, &mark, 1)) {
		const struct relib_site *site = &relib_sites[mark & RELIB_SITE_MASK];
		const struct relib_addresses *chain = relib_addresses_of(site->chain);

		if (chain->count)
			address = chain->frames[chain->count - 1];
		snprintf(who, sizeof who, "%s",
			 site->owner == root->index ? "itself" : relib_name_of_file(relib_objects[site->owner].path));
	}
	relib_unlock(&relib_registry_lock, &saved);
	if (!*who)
		return "it was opened more than once";
	if (address)
		relib_build_frame(builder, address, &frame);
	if (frame.function)
		return say(builder, "it was opened again by %.200s, in %.200s, and not closed", who, frame.function);
	return say(builder, "it was opened again by %.200s and not closed", who);
}

struct pending {
	size_t count;
	int32_t thread;
};

static void note_pending(void *context, const struct relib_destructor *destructor)
{
	struct pending *pending = context;

	if (!pending->count++)
		pending->thread = destructor->thread;
}

/* On which thread. Those of the calling one are not visited. */
static const char *say_pending(struct relib_builder *builder, const struct relib_object *root)
{
	struct relib_object *owner = &relib_objects[root->index];
	struct pending pending = { .count = 0 };
	char name[16];

	relib_destructors_visit(&owner, 1, note_pending, &pending);
	if (!pending.count)
		pending.thread = (int32_t)syscall(SYS_gettid);
	relib_thread_name(pending.thread, name);
	if (pending.count > 1)
		return say(builder, "a thread-local destructor of it is pending on thread %d \"%s\", and %zu more are", (int)pending.thread,
			   name, pending.count - 1);
	return say(builder, "a thread-local destructor of it is pending on thread %d \"%s\"", (int)pending.thread, name);
}

static void say_unique(struct relib_builder *builder, const char *unique)
{
	builder->report->reason = say(builder, "a symbol of it is unique in the process (STB_GNU_UNIQUE %.400s)", unique);
	builder->report->advice = "build the module with -fno-gnu-unique";
}

/*
 * Why ld.so keeps an object. What is certain comes first. `before` is how often it was open: the close of one that ld.so has
 * marked as not to be unloaded changes nothing.
 */
static void explain_mapped(struct relib_builder *builder, const struct relib_object *root, int before)
{
	int count = relib_object_open_count(root);
	struct relib_report *report = builder->report;
	const char *unique = relib_object_unique_symbol(root), *user = relib_object_user(root);

	if (relib_object_flags_1(root) & DF_1_NODELETE) {
		report->reason = "it is marked as not to be unloaded (NODELETE)";
		report->advice = "link it without -z nodelete";
	} else if (count > 0 && count == before) {
		if (unique) {
			say_unique(builder, unique);
		} else {
			report->reason = "it was opened with RTLD_NODELETE";
			report->advice = "open it without that flag";
		}
	} else if (count > 0) {
		report->reason = say_opened(builder, root);
		report->advice = "close it as often as it was opened";
	} else if (relib_destructors_pending(root)) {
		report->reason = say_pending(builder, root);
		report->advice = "end that thread first; the next dlclose takes the module out";
	} else if (user) {
		report->reason = say(builder, "%.400s needs it", user);
		report->advice = "close that first";
	} else if (unique) {
		say_unique(builder, unique);
	} else if (relib_object_exports_cxx(root)) {
		report->reason = "libstdc++ is bound to functions of the C++ library that the module exports";
		report->advice = "link the host to libstdc++, or the module with -Wl,-Bsymbolic and a version script that "
				 "hides std::";
	} else {
		report->reason = "ld.so keeps it for a reason that it does not tell";
		report->advice = "LD_DEBUG=bindings,scopes on the program may show it";
	}
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
			explain_mapped(mapped->builder, mapped->object, mapped->before);
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
