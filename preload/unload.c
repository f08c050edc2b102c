/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Taking an object out: for a host that calls dlclose, and for the loader. */
#include "unload.h"

#include <errno.h>
#include <time.h>

#include "close.h"
#include "destructors.h"
#include "emit.h"
#include "options.h"
#include "pin.h"
#include "real.h"
#include "refusal.h"
#include "thread-state.h"

/* A module that closes itself returns into itself. */
static bool is_on_stack(const struct relib_set *set, struct relib_caller caller)
{
	uintptr_t frames[128];
	unsigned count = relib_callsite_stack(caller, frames, 128, false);

	count += !count;
	for (unsigned frame = 0; frame < count; frame++)
		for (size_t i = 0; i < set->count; i++)
			if (frames[frame] - set->objects[i]->start < set->objects[i]->end - set->objects[i]->start)
				return true;
	return false;
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
		relib_must_stay(set, &relib_options.settle, &builder);
		builder.report->outcome = RELIB_OUTCOME_PINNED;
		if (on_stack)
			builder.report->reason = "its code is on the stack of the thread that closed it";
		builder.report->advice = "it is let go at the next dlopen or dlclose after that has ended";
	}
	relib_emit(relib_build_finish(&builder));
}

/* A last close that is not safe: the host goes on as if it had worked. */
static bool pin_if_unsafe(void *handle, const struct relib_set *set, struct relib_caller caller)
{
	bool on_stack;

	/* Not the last close: nothing leaves. */
	if (relib_object_open_count(set->objects[0]) > 1)
		return false;
	on_stack = is_on_stack(set, caller);
	if (!on_stack && !relib_must_stay_now(set, &relib_options.settle))
		return false;
	report_pinned(set, on_stack);
	relib_pin(handle);
	return true;
}

static int close_for_host(void *handle, struct relib_set *set)
{
	bool last = relib_object_open_count(set->objects[0]) == 1;
	bool reported = set->objects[0]->reported;
	struct relib_builder builder;
	int result;

	/*
	 * It stays mapped as it should while others hold it, and is named once when it should not. In a destructor
	 * it is too early to say: see relib_close_orphans(). Noted before: after it another thread may have settled it.
	 */
	set->objects[0]->reported = reported || (last && !relib_thread.closing);
	result = relib_close_and_settle(handle, set, &relib_options.settle, &builder);
	if (builder.report && !set->count &&
	    (builder.report->outcome == RELIB_OUTCOME_UNLOADED || !last || reported || relib_thread.closing)) {
		relib_build_abandon(&builder);
		return result;
	}
	relib_emit(relib_build_finish(&builder));
	if (!relib_thread.closing)
		relib_close_orphans(&relib_options.settle);
	return result;
}

/* A thread that is cancelled ends here neither with a lock of ours nor with half of a report. */
void relib_unload_pinned(struct relib_caller caller)
{
	unsigned at = 0;
	int cancel;

	if (!relib_pinned_count())
		return;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	while (at < relib_pinned_count()) {
		struct relib_set set;
		struct relib_pinned taken;

		if (!relib_unpin(at, &taken))
			break;
		if (relib_close_find(taken.handle, &set) && (is_on_stack(&set, caller) || relib_must_stay_now(&set, &relib_options.settle))) {
			/* To the end of the list, past which nothing is looked at again now. */
			for (unsigned i = 0; i < taken.closes; i++)
				relib_pin(taken.handle);
			at++;
			continue;
		}
		while (taken.closes--) {
			if (relib_close_find(taken.handle, &set))
				close_for_host(taken.handle, &set);
		}
	}
	pthread_setcancelstate(cancel, NULL);
}

int relib_unload_for_host(void *handle, struct relib_caller caller)
{
	struct relib_set set;
	int result, saved, cancel;

	if (relib_thread.depth || !relib_tracking)
		return relib_real.dlclose(handle);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	relib_enter();
	relib_unload_pinned(caller);
	if (!relib_close_find(handle, &set)) {
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

/* Without memory to say why: it is no less unsafe. */
static struct relib_report no_memory = { .outcome = RELIB_OUTCOME_REFUSED, .reason = "there is no memory to say why it is not safe" };

static struct relib_report *refusal_now(const struct relib_set *set, const struct relib_settle_options *options)
{
	struct relib_builder builder;

	relib_build_start(&builder, set->objects[0]);
	if (!relib_must_stay(set, options, &builder)) {
		relib_build_abandon(&builder);
		return NULL;
	}
	if (!builder.report)
		return &no_memory;
	builder.report->outcome = RELIB_OUTCOME_REFUSED;
	return relib_build_finish(&builder);
}

void relib_unload_report_free(struct relib_report *report)
{
	if (report != &no_memory)
		relib_report_release(report);
}

struct relib_report *relib_unload_refusal(void *handle, const struct relib_settle_options *options, unsigned grace_ms)
{
	struct relib_report *report = NULL;
	struct timespec start, now, pause = { .tv_nsec = 50000 };
	struct relib_set set;

	relib_enter();
	if (relib_close_find(handle, &set)) {
		clock_gettime(CLOCK_MONOTONIC, &start);
		while (relib_must_stay_now(&set, options)) {
			clock_gettime(CLOCK_MONOTONIC, &now);
			if ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 >= grace_ms) {
				report = refusal_now(&set, options);
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
	found = relib_close_find(handle, &set);
	relib_leave();
	if (found)
		relib_destructors_run_early(set.objects, set.count);
}

struct relib_report *relib_unload_settled(void *handle, const struct relib_settle_options *options)
{
	struct relib_builder builder;
	struct relib_report *report = NULL;
	struct relib_set set;

	relib_enter();
	if (relib_close_find(handle, &set)) {
		relib_close_and_settle(handle, &set, options, &builder);
		report = relib_build_finish(&builder);
		/* All or nothing: it is as open as before. Without memory there is no report to tell. */
		if (report ? report->outcome == RELIB_OUTCOME_STILL_MAPPED : relib_object_of_map(handle) != NULL)
			relib_real.dlopen(((struct link_map *)handle)->l_name, RTLD_LAZY | RTLD_NOLOAD);
	}
	relib_leave();
	if (report)
		relib_emit_to_file(report);
	return report;
}
