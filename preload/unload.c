/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Taking an object out: for a host that calls dlclose, and for the loader. */
#include "unload.h"

#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "close.h"
#include "destructor-run.h"
#include "destructors.h"
#include "dlopen-attempt.h"
#include "dlopen-handle.h"
#include "emit.h"
#include "monotonic.h"
#include "options.h"
#include "pin.h"
#include "real.h"
#include "refusal.h"
#include "stack-unwind.h"
#include "thread-look.h"
#include "thread-state.h"

/* Those of the unload that this one is part of: of a library that a module opened, say. */
static const struct relib_settle_options *options_now(void)
{
	return relib_thread.closes_with ? relib_thread.closes_with : &relib_options.settle;
}

/*
 * A module that closes itself returns into itself. So it does in a signal handler on a stack in its memory. Gives where, or 0.
 */
static uintptr_t on_stack(const struct relib_set *set, struct relib_caller caller)
{
	uintptr_t frames[RELIB_UNWIND_LIMIT + 1];
	unsigned count = relib_callsite_stack(caller, frames, RELIB_UNWIND_LIMIT, false);

	if (count == RELIB_UNWIND_LIMIT)
		return relib_own_stack_look(set);
	count += !count;
	frames[count++] = (uintptr_t)frames;
	for (unsigned frame = 0; frame < count; frame++)
		for (size_t i = 0; i < set->count; i++)
			if (relib_object_has(set->objects[i], frames[frame]))
				return frames[frame] - 1;
	return 0;
}

/* Says once for each pin why the object stays. */
static void report_pinned(const struct relib_set *set, bool is_on_stack)
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
		if (is_on_stack)
			builder.report->reason = "its code is on the stack of the thread that closed it";
		builder.report->advice = is_on_stack || builder.report->threads.running || builder.report->threads.destructors ||
						 builder.report->threads.inside
						 ? "it is let go at the next dlopen or dlclose after that has ended"
						 : "it is let go at the next dlopen or dlclose after it has given that back";
	}
	relib_emit(relib_build_finish(&builder));
}

/* A last close that is not safe: the host goes on as if it had worked. */
static bool pin_if_unsafe(void *handle, const struct relib_set *set, struct relib_caller caller)
{
	bool is_on_stack;

	/* Not the last close: nothing leaves. */
	if (relib_object_open_count(set->objects[0]) > 1)
		return false;
	is_on_stack = on_stack(set, caller);
	if (!is_on_stack && !relib_must_stay_now(set, &relib_options.settle))
		return false;
	report_pinned(set, is_on_stack);
	relib_pin(handle);
	return true;
}

/* Apart, so that the builder is off the stack, which may be small, when the report is written. */
static __attribute__((noinline)) int close_and_build(void *handle, struct relib_set *set, const struct relib_settle_options *options,
						     struct relib_report **report, bool *emits)
{
	/* What a module opened of itself holds it, but is no reason to. */
	bool last = relib_object_open_count(set->objects[0]) - relib_dlopen_count_own(set) == 1;
	bool reported = set->objects[0]->reported;
	/* Whether it is to be named if it stays. */
	bool named = last && !reported && !relib_thread.closing;
	struct relib_builder builder;
	int result;

	/*
	 * It stays mapped as it should while others hold it, and is named once when it should not. In a destructor
	 * it is too early to say: see relib_close_orphans(). Noted before: after it another thread may have settled it.
	 */
	set->objects[0]->reported = reported || (last && !relib_thread.closing);
	result = relib_close_and_settle(handle, set, options, named, &builder);
	relib_enter_unseen(&builder);
	if (builder.report && !set->count && (builder.report->outcome == RELIB_OUTCOME_UNLOADED || !named)) {
		relib_build_abandon(&builder);
		*emits = false;
		return result;
	}
	*report = relib_build_finish(&builder);
	*emits = true;
	return result;
}

static int close_for_host(void *handle, struct relib_set *set)
{
	const struct relib_settle_options *options = options_now();
	struct relib_report *report;
	bool emits;
	int result = close_and_build(handle, set, options, &report, &emits);

	if (!emits)
		return result;
	relib_emit(report);
	if (!relib_thread.closing)
		relib_close_orphans(options);
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
		if (relib_close_find(taken.handle, &set) && (on_stack(&set, caller) || relib_must_stay_now(&set, &relib_options.settle))) {
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
	relib_dlopen_close_own(&set, options_now());
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

/* The thread that unloads it will return into it: nothing to wait for. */
static struct relib_report *refuse_to_self(const struct relib_set *set, uintptr_t address)
{
	struct relib_builder builder;

	relib_build_start(&builder, set->objects[0]);
	if (!builder.report)
		return &no_memory;
	relib_enter_inside(&builder, (int32_t)syscall(SYS_gettid), address);
	builder.report->outcome = RELIB_OUTCOME_REFUSED;
	builder.report->threads.inside = 1;
	builder.report->reason = "the thread that unloads it was called by a function of it";
	builder.report->advice = "unload it from elsewhere, when that function has returned";
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
	struct timespec pause = { .tv_nsec = 50000 };
	int64_t end;
	struct relib_caller caller = RELIB_CALLER;
	struct relib_set set = { .count = 0 };
	uintptr_t own;

	relib_enter();
	if (relib_close_find(handle, &set) && !options->ignore_stacks && (own = on_stack(&set, caller))) {
		report = refuse_to_self(&set, own);
	} else if (set.count) {
		end = relib_now() + (int64_t)grace_ms * 1000000;
		while (relib_must_stay_now(&set, options)) {
			if (relib_now() >= end) {
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

/* A thread that ends just now is in a thread-local destructor, and doesn't come out of it. */
static struct relib_report *still_running(const struct relib_set *set)
{
	struct relib_builder builder;

	relib_build_start(&builder, set->objects[0]);
	if (builder.report) {
		builder.report->outcome = RELIB_OUTCOME_STILL_MAPPED;
		builder.report->reason = "a thread that ends is in a thread-local destructor of it";
		builder.report->advice = "unload it when that thread has ended";
	}
	return relib_build_finish(&builder);
}

struct relib_report *relib_unload_settled(void *handle, const struct relib_settle_options *options)
{
	struct relib_builder builder;
	struct relib_report *report = NULL;
	struct relib_set set = { .count = 0 };
	struct relib_ran ran = { .count = 0 };

	relib_enter();
	relib_attempts_resolve(NULL);
	if (relib_close_find(handle, &set) && !relib_destructors_run_elsewhere(&set, options, &ran)) {
		report = still_running(&set);
	} else if (set.count) {
		relib_dlopen_close_own(&set, options);
		relib_close_and_settle(handle, &set, options, true, &builder);
		relib_enter_unseen(&builder);
		relib_enter_ran(&builder, &ran);
		report = relib_build_finish(&builder);
		/* All or nothing: it is as open as before. Without memory there is no report to tell. */
		if (report ? report->outcome == RELIB_OUTCOME_STILL_MAPPED : relib_object_of_map(handle) != NULL)
			relib_real.dlopen(((struct link_map *)handle)->l_name, RTLD_LAZY | RTLD_NOLOAD);
		if (!relib_thread.closing)
			relib_close_orphans(options);
	}
	relib_forget_ran(&ran);
	relib_leave();
	if (report)
		relib_emit_to_file(report);
	return report;
}
