/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Takes a module out: first everything that may refuse, then everything that can't be undone. */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "before-unload.h"
#include "calls.h"
#include "internal.h"
#include "kind-words.h"

static unsigned in_flight(const struct relib_module *module, struct relib_error *error)
{
	return relib_calls_in_flight(module->targets, module->target_count, error);
}

/*
 * Calls that begin just now find the module closing and go away again. The longest part of that is a call that was
 * interrupted between taking its slot and looking: a few turns are enough.
 */
static bool stays_inside(const struct relib_module *module)
{
	for (int turn = 0; turn < 20; turn++) {
		if (!in_flight(module, NULL))
			return false;
		sched_yield();
	}
	return true;
}

static enum relib_code refuse_in_flight(const struct relib_module *module, struct relib_error *error)
{
	struct relib_error who = { 0 };
	unsigned count = in_flight(module, &who);

	if (!count)
		return relib_fail(error, RELIB_BUSY, "%s was not unloaded: a call was in flight, and has ended\n  try again", module->file);
	return relib_fail(error, RELIB_BUSY, "%s was not unloaded: %u %s in flight%s\n  unload it when %s returned", module->file,
			  count, count == 1 ? "call is" : "calls are", who.message, count == 1 ? "it has" : "they have");
}

/* From here on no call comes in: either there is none, or the module stays as it is. */
static enum relib_code begin(struct relib_module *module, struct relib_error *error)
{
	relib_join_close(module);
	if (!stays_inside(module))
		return RELIB_OK;
	refuse_in_flight(module, error);
	relib_join_open(module);
	return RELIB_BUSY;
}

static enum relib_code check_needed(const struct relib_module *module, struct relib_error *error)
{
	char name[512];
	bool is_needed;

	relib_linker_enter();
	is_needed = relib_process_needs(module->map, name, sizeof(name));
	relib_linker_leave();
	if (!is_needed)
		return RELIB_OK;
	return relib_fail(error, RELIB_NEEDED, "%s was not unloaded: %s needs it\n  unload that one first", module->file, name);
}

/* Steps that may refuse. The module is as it was if they do. */
static enum relib_code prepare(struct relib_module *module, const struct relib_unload_options *options,
			       const struct relib_settle_options *settle,
			       const struct relib_track *track, struct relib_report **report, struct relib_error *error)
{
	enum relib_code code = check_needed(module, error);

	if (code)
		return code;
	code = relib_before_unload_ended(module, error);
	if (!code && !options->skip_before_unload)
		code = relib_before_unload(module, options->before_unload_ms, error);
	if (code)
		return code;
	relib_linker_enter();
	*report = track->refusal(module->handle, settle, options->grace_ms);
	relib_linker_leave();
	if (!*report)
		return RELIB_OK;
	return relib_describe_refusal(error, module, *report);
}

/* A call of main that came too late may still be saying so. */
static void wait_for_latecomers(struct relib_module *module)
{
	while (in_flight(module, NULL))
		sched_yield();
}

static enum relib_code close_module(struct relib_module *module, const struct relib_settle_options *settle, const struct relib_track *track, struct relib_report **report,
				    struct relib_error *error)
{
	static const struct relib_report no_report;
	const void *dynamic = module->map->l_ld;
	ElfW(Addr) base = module->map->l_addr;

	relib_linker_enter();
	track->run_thread_destructors(module->handle);
	*report = track->unload(module->handle, settle);
	relib_linker_leave();
	/* Without memory there is no report, and only the link map tells. */
	if (*report ? (*report)->outcome == RELIB_OUTCOME_UNLOADED : !relib_process_has_map(base, dynamic)) {
		relib_registry_remove(module);
		wait_for_latecomers(module);
		relib_module_free(module);
		return RELIB_OK;
	}
	relib_describe_mapped(error, module, *report ? *report : &no_report);
	return RELIB_STILL_MAPPED;
}

static enum relib_code unload(struct relib_module *module, const struct relib_unload_options *options,
			      const struct relib_track *track, struct relib_report **report, struct relib_error *error)
{
	struct relib_settle_options settle = { .settle = options->keep_leaks ? RELIB_SETTLE_REPORT : RELIB_SETTLE_RELEASE };
	enum relib_code code = begin(module, error);

	if (code)
		return code;
	memcpy(settle.policies, options->policies, sizeof(settle.policies));
	settle.ignore_stacks = options->ignore_stacks;
	code = prepare(module, options, &settle, track, report, error);
	if (!code)
		code = close_module(module, &settle, track, report, error);
	if (code)
		relib_join_open(module);
	return code;
}

static enum relib_code check_options(const struct relib_module *module, const struct relib_unload_options *options,
				     struct relib_error *error)
{
	for (enum relib_kind kind = 0; kind < RELIB_KINDS_LIMIT; kind++) {
		if (kind >= RELIB_KINDS ? !options->policies[kind] : relib_policy_fits(kind, options->policies[kind]))
			continue;
		if (kind >= RELIB_KINDS)
			return relib_fail(error, RELIB_INVALID, "%s was not unloaded: there is a policy for a kind that there isn't\n"
					  "  set policies of the kinds in enum relib_kind only, and all others to zero", module->file);
		if (options->policies[kind] == RELIB_POLICY_KEEP)
			return relib_fail(error, RELIB_INVALID,
					  "%s was not unloaded: %s can't be kept, they lead into a module that is gone\n"
					  "  let them be given back, or refuse to unload while there are any",
					  module->file, relib_kind_words(kind)->nouns);
		return relib_fail(error, RELIB_INVALID, "%s was not unloaded: the policy for %s is none that there is\n"
				  "  it must be one of enum relib_policy", module->file, relib_kind_words(kind)->nouns);
	}
	return RELIB_OK;
}

static enum relib_code no_tracker(struct relib_module *module, const char *why, struct relib_error *error)
{
	relib_fail(error, RELIB_NO_TRACKER,
		   "%s was not unloaded: %s\n"
		   "  only the tracker knows what must be settled before a module can go. To have it, call relib_init\n"
		   "  first in main, or link the program with pkg-config --libs relib-track, or start it with\n"
		   "  LD_PRELOAD=librelib_track.so",
		   module->file, why);
	atomic_store(&module->closing, false);
	return RELIB_NO_TRACKER;
}

enum relib_code relib_unload(struct relib_module *module, const struct relib_unload_options *options,
			     struct relib_report **report, struct relib_error *error)
{
	static const struct relib_unload_options none;
	struct relib_report *ledger = NULL;
	const struct relib_track *track;
	enum relib_code code;
	const char *why;
	int cancel;

	relib_call_trim(RELIB_CALLERS_STACK);
	relib_clear(error);
	if (report)
		*report = NULL;
	options = options ? options : &none;
	code = check_options(module, options, error);
	if (!code)
		code = relib_registry_close(module, error);
	if (code)
		return code;
	track = relib_tracker(&why);
	if (!track)
		return no_tracker(module, why, error);
	code = relib_linker_check(module->file, "unloaded", RELIB_BUSY, error);
	if (code) {
		atomic_store(&module->closing, false);
		return code;
	}
	/* A thread that is cancelled half way would leave the module neither loaded nor gone. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	code = unload(module, options, track, &ledger, error);
	pthread_setcancelstate(cancel, NULL);
	if (report)
		*report = ledger;
	else
		track->report_free(ledger);
	return code;
}
