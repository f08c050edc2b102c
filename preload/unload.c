/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Taking an object out: dlclose, look whether it is gone and why not, settle, report. */
#include "unload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <time.h>

#include "callsite.h"
#include "destructors.h"
#include "emit.h"
#include "lock.h"
#include "options.h"
#include "real.h"
#include "settle.h"
#include "stack-unwind.h"
#include "thread-state.h"

/* What leaves when `handle` is closed for the last time; false when it isn't a module. */
static bool find_set(void *handle, struct relib_set *set)
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

static const char *say(struct relib_builder *builder, const char *format, const char *name)
{
	char text[512];

	snprintf(text, sizeof text, format, name);
	return relib_arena_string(&builder->memory, text);
}

/* Why ld.so keeps an object that nobody holds open. */
static void explain_mapped(struct relib_builder *builder, const struct relib_object *root)
{
	struct relib_report *report = builder->report;
	const char *unique = relib_object_unique_symbol(root), *user = relib_object_user(root);

	report->outcome = RELIB_OUTCOME_STILL_MAPPED;
	if (relib_object_flags_1(root) & DF_1_NODELETE) {
		report->reason = "it is marked as not to be unloaded (NODELETE)";
		report->advice = "link it without -z nodelete";
	} else if (relib_destructors_pending(root)) {
		report->reason = "a thread-local destructor of it is pending on a thread that still runs";
		report->advice = "end that thread first; the next dlclose takes the module out";
	} else if (unique) {
		report->reason = say(builder, "a symbol of it is unique in the process (STB_GNU_UNIQUE %.400s)", unique);
		report->advice = "build the module with -fno-gnu-unique";
	} else if (user) {
		report->reason = say(builder, "%.400s needs it", user);
		report->advice = "close that first";
	} else if (relib_object_open_count(root) > 0) {
		report->reason = "it was opened more than once";
		report->advice = "close it as often as it was opened";
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

	relib_lock(&relib_registry_lock, &saved);
	for (size_t i = 0; i < set->count; i++)
		set->objects[i]->closers++;
	if (!__libc_single_threaded && relib_object_open_count(set->objects[0]) <= (int)set->objects[0]->closers)
		relib_callsites_forget_closing();
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
	bool is;
};

/* Called by dl_iterate_phdr, so that no other thread unmaps the object while it is read. */
static int look_if_mapped(struct dl_phdr_info *info, size_t size, void *context)
{
	struct mapped *mapped = context;

	(void)info;
	(void)size;
	mapped->is = relib_object_is_loaded(mapped->object);
	if (mapped->builder->report) {
		mapped->builder->report->outcome = RELIB_OUTCOME_UNLOADED;
		mapped->builder->report->reason = mapped->builder->report->advice = NULL;
		if (mapped->is)
			explain_mapped(mapped->builder, mapped->object);
	}
	return 1;
}

static void settle_gone(struct relib_set *set, enum relib_settle how, struct relib_builder *builder)
{
	/* Its destructors may be the first to leave something. */
	if (builder->report && relib_settle_count(set))
		for (size_t i = 0; i < set->count; i++)
			relib_build_remember(builder, set->objects[i], false);
	for (size_t i = 0; i < set->count; i++)
		relib_object_quarantine(set->objects[i]);
	relib_settle(set, how, builder);
}

/*
 * Closes and settles. Names are read before the objects go, if there is anything to name.
 * @return what dlclose returned; builder->report is for the caller to finish or to abandon
 */
static int close_and_settle(void *handle, struct relib_set *set, enum relib_settle how, struct relib_builder *builder)
{
	struct mapped mapped = { .builder = builder, .object = set->objects[0] };
	int result;

	relib_build_start(builder, mapped.object);
	if (builder->report && relib_settle_count(set))
		for (size_t i = 0; i < set->count; i++)
			relib_build_remember(builder, set->objects[i], true);
	hold(set);
	relib_thread.closing++;
	relib_leave();
	result = relib_real.dlclose(handle);
	relib_enter();
	relib_thread.closing--;
	do {
		dl_iterate_phdr(look_if_mapped, &mapped);
	} while (!let_go(set, mapped.is));
	if (set->count) {
		if (mapped.is && builder->report) /* until another thread closed it */
			builder->report->outcome = RELIB_OUTCOME_UNLOADED;
		settle_gone(set, how, builder);
	}
	return result;
}

/* What was closed by the destructors of what has just gone, or by ld.so itself. */
static void settle_orphans(enum relib_settle how)
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
		settle_gone(&set, how, &builder);
		if (blocks)
			relib_emit(relib_build_finish(&builder), true);
		else
			relib_build_abandon(&builder);
	}
}

/* Pinned objects */

#define PINNED_LIMIT 256
static struct pinned {
	void *handle;
	unsigned closes; /* that the host was told succeeded */
} pinned[PINNED_LIMIT];
static unsigned pinned_count;

static bool pin(void *handle)
{
	bool done = true;
	unsigned at = 0;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	while (at < pinned_count && pinned[at].handle != handle)
		at++;
	if (at < pinned_count) {
		pinned[at].closes++;
	} else if (pinned_count < PINNED_LIMIT) {
		__atomic_store_n(&pinned_count, pinned_count + 1, __ATOMIC_RELAXED);
		pinned[at] = (struct pinned){ handle, 1 };
	} else {
		/* The reference is never given back: it leaks, which is better than a crash. */
		done = false;
	}
	relib_unlock(&relib_registry_lock, &saved);
	return done;
}

/* Takes the pin at `at` out; false when there is none. */
static bool unpin(unsigned at, struct pinned *taken)
{
	bool found = false;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	if (at < pinned_count) {
		*taken = pinned[at];
		pinned[at] = pinned[pinned_count - 1];
		__atomic_store_n(&pinned_count, pinned_count - 1, __ATOMIC_RELAXED);
		found = true;
	}
	relib_unlock(&relib_registry_lock, &saved);
	return found;
}

/* A module that closes itself returns into itself. */
static bool is_on_stack(const struct relib_set *set, uintptr_t caller)
{
	uintptr_t frames[128];
	unsigned count = relib_unwind(caller, frames, 128, false);

	if (!count) {
		frames[0] = caller;
		count = 1;
	}
	for (unsigned frame = 0; frame < count; frame++)
		for (size_t i = 0; i < set->count; i++)
			if (frames[frame] - set->objects[i]->start < set->objects[i]->end - set->objects[i]->start)
				return true;
	return false;
}

/* What relib_settle_blockers() found. Threads that ended since are not counted any more. */
static const char *say_blockers(const struct relib_report *report)
{
	if (report->threads.running > 1)
		return "threads of its own still run";
	if (report->threads.running || !report->threads.destructors)
		return "a thread of its own still runs";
	return "thread-local destructors of it are pending on other threads";
}

/* Says once for each pin why the object stays. */
static void report_pinned(const struct relib_set *set, bool on_stack)
{
	struct relib_object *root = set->objects[0];
	struct relib_builder builder;

	if (root->reported)
		return;
	root->reported = true;
	relib_build_start(&builder, root);
	if (builder.report) {
		relib_settle_blockers(set, &builder);
		builder.report->outcome = RELIB_OUTCOME_PINNED;
		builder.report->reason = on_stack ? "its code is on the stack of the thread that closed it"
						  : say_blockers(builder.report);
		builder.report->advice = "it is let go at the next dlopen or dlclose after that has ended";
	}
	relib_emit(relib_build_finish(&builder), true);
}

/* A last close that is not safe: the host goes on as if it had worked. */
static bool pin_if_unsafe(void *handle, const struct relib_set *set, uintptr_t caller)
{
	bool on_stack;

	/* Not the last close: nothing leaves. */
	if (relib_object_open_count(set->objects[0]) > 1)
		return false;
	on_stack = is_on_stack(set, caller);
	if (!on_stack && !relib_settle_blockers(set, NULL))
		return false;
	report_pinned(set, on_stack);
	pin(handle);
	return true;
}

static int close_for_host(void *handle, struct relib_set *set)
{
	bool last = relib_object_open_count(set->objects[0]) == 1;
	bool reported = set->objects[0]->reported;
	struct relib_builder builder;
	enum relib_settle how = relib_options.reclaim ? RELIB_SETTLE_RELEASE : RELIB_SETTLE_REPORT;
	int result;

	/*
	 * It stays mapped as it should while others hold it, and is named once when it should not. In a destructor
	 * it is too early to say: see settle_orphans(). Noted before: after it another thread may have settled it.
	 */
	set->objects[0]->reported = reported || (last && !relib_thread.closing);
	result = close_and_settle(handle, set, how, &builder);
	if (builder.report && !set->count &&
	    (builder.report->outcome == RELIB_OUTCOME_UNLOADED || !last || reported || relib_thread.closing)) {
		relib_build_abandon(&builder);
		return result;
	}
	relib_emit(relib_build_finish(&builder), true);
	if (!relib_thread.closing)
		settle_orphans(how);
	return result;
}

/* A thread that is cancelled ends here neither with a lock of ours nor with half of a report. */
void relib_unload_pinned(uintptr_t caller)
{
	unsigned at = 0;
	int cancel;

	if (!__atomic_load_n(&pinned_count, __ATOMIC_RELAXED))
		return;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	while (at < __atomic_load_n(&pinned_count, __ATOMIC_RELAXED)) {
		struct relib_set set;
		struct pinned taken;

		if (!unpin(at, &taken))
			break;
		if (find_set(taken.handle, &set) && (is_on_stack(&set, caller) || relib_settle_blockers(&set, NULL))) {
			/* To the end of the list, past which nothing is looked at again now. */
			for (unsigned i = 0; i < taken.closes; i++)
				pin(taken.handle);
			at++;
			continue;
		}
		while (taken.closes--) {
			if (find_set(taken.handle, &set))
				close_for_host(taken.handle, &set);
		}
	}
	pthread_setcancelstate(cancel, NULL);
}

int relib_unload_for_host(void *handle, uintptr_t caller)
{
	struct relib_set set;
	int result, saved, cancel;

	if (relib_thread.depth || !relib_tracking)
		return relib_real.dlclose(handle);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	relib_enter();
	relib_unload_pinned(caller);
	if (!find_set(handle, &set)) {
		relib_leave();
		pthread_setcancelstate(cancel, NULL);
		return relib_real.dlclose(handle);
	}
	result = pin_if_unsafe(handle, &set, caller) ? 0 : close_for_host(handle, &set);
	saved = errno;
	relib_leave();
	pthread_setcancelstate(cancel, NULL);
	errno = saved;
	return result;
}

/* For the loader */

static struct relib_report *refusal_now(const struct relib_set *set)
{
	struct relib_builder builder;

	relib_build_start(&builder, set->objects[0]);
	if (!relib_settle_blockers(set, &builder)) {
		relib_build_abandon(&builder);
		return NULL;
	}
	if (builder.report) {
		builder.report->outcome = RELIB_OUTCOME_REFUSED;
		builder.report->reason = say_blockers(builder.report);
		builder.report->advice = builder.report->threads.running || !builder.report->threads.destructors
						 ? "wait for it with a grace period, or join it in RELIB_BEFORE_UNLOAD"
						 : "end these threads first";
	}
	return relib_build_finish(&builder);
}

struct relib_report *relib_unload_refusal(void *handle, unsigned grace_ms)
{
	struct relib_report *report = NULL;
	struct timespec start, now, pause = { .tv_nsec = 50000 };
	struct relib_set set;

	relib_enter();
	if (find_set(handle, &set)) {
		clock_gettime(CLOCK_MONOTONIC, &start);
		while (relib_settle_blockers(&set, NULL)) {
			clock_gettime(CLOCK_MONOTONIC, &now);
			if ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 >= grace_ms) {
				report = refusal_now(&set);
				break;
			}
			/* The kernel tells nobody but a joiner when a thread is gone: look, ever less often. */
			nanosleep(&pause, NULL);
			if (pause.tv_nsec < 2000000)
				pause.tv_nsec *= 2;
		}
	}
	relib_leave();
	if (report)
		relib_emit_to_file(report);
	return report;
}

void relib_unload_run_destructors(void *handle)
{
	struct relib_set set;
	bool found;

	relib_enter();
	found = find_set(handle, &set);
	relib_leave();
	if (found)
		relib_destructors_run_early(set.objects, set.count);
}

struct relib_report *relib_unload_settled(void *handle, enum relib_settle how)
{
	struct relib_builder builder;
	struct relib_report *report = NULL;
	struct relib_set set;

	relib_enter();
	if (find_set(handle, &set)) {
		close_and_settle(handle, &set, how, &builder);
		report = relib_build_finish(&builder);
		/* All or nothing: it is as open as before. */
		if (report && report->outcome == RELIB_OUTCOME_STILL_MAPPED)
			relib_real.dlopen(((struct link_map *)handle)->l_name, RTLD_LAZY | RTLD_NOLOAD);
	}
	relib_leave();
	if (report)
		relib_emit_to_file(report);
	return report;
}
