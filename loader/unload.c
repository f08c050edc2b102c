/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Takes a module out: first everything that may refuse, then everything that can't be undone. */
#include <sched.h>

#include "internal.h"

/* From here on no call comes in: either there is none, or the module stays as it is. */
static enum relib_code begin(struct relib_module *module, struct relib_error *error)
{
	unsigned use = 0;

	if (atomic_compare_exchange_strong(&module->use, &use, RELIB_CLOSING))
		return RELIB_OK;
	if (use & RELIB_CLOSING)
		return relib_fail(error, RELIB_BUSY, "%s was not unloaded: another unload of it is going on", module->file);
	return relib_fail(error, RELIB_BUSY,
			  "%s was not unloaded: %u %s in flight\n"
			  "  wait until its main has returned on all threads; a module can't unload itself",
			  module->file, use, use == 1 ? "call is" : "calls are");
}

static void undo_begin(struct relib_module *module)
{
	atomic_fetch_and(&module->use, ~RELIB_CLOSING);
}

static enum relib_code check_needed(const struct relib_module *module, struct relib_error *error)
{
	char name[512];

	if (!relib_process_needs(module->map, name, sizeof(name)))
		return RELIB_OK;
	return relib_fail(error, RELIB_NEEDED, "%s was not unloaded: %s needs it\n  unload that one first", module->file, name);
}

/* Steps that may refuse. The module is as it was if they do. */
static enum relib_code prepare(struct relib_module *module, const struct relib_unload_options *options,
			       const struct relib_track *track, struct relib_report **report, struct relib_error *error)
{
	enum relib_code code = check_needed(module, error);

	if (code)
		return code;
	if (module->before_unload)
		module->before_unload();
	*report = track->refusal(module->handle, options->grace_ms);
	if (!*report)
		return RELIB_OK;
	relib_describe_refusal(error, module, *report);
	return RELIB_THREADS_RUNNING;
}

/* A call that came too late may still be saying so. */
static void wait_for_latecomers(struct relib_module *module)
{
	while (atomic_load(&module->use) != RELIB_CLOSING)
		sched_yield();
}

static enum relib_code close_module(struct relib_module *module, const struct relib_unload_options *options,
				    const struct relib_track *track, struct relib_report **report,
				    struct relib_error *error)
{
	static const struct relib_report no_report;
	const void *dynamic = module->map->l_ld;
	ElfW(Addr) base = module->map->l_addr;

	track->run_thread_destructors(module->handle);
	*report = track->unload(module->handle, options->keep_leaks ? RELIB_SETTLE_REPORT : RELIB_SETTLE_RELEASE);
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
	enum relib_code code = begin(module, error);

	if (code)
		return code;
	code = prepare(module, options, track, report, error);
	if (!code)
		code = close_module(module, options, track, report, error);
	if (code)
		undo_begin(module);
	return code;
}

static enum relib_code no_tracker(const struct relib_module *module, const char *why, struct relib_error *error)
{
	return relib_fail(error, RELIB_NO_TRACKER,
			  "%s was not unloaded: %s\n"
			  "  only the tracker knows what must be settled before a module can go. To have it, call relib_init\n"
			  "  first in main, or link the program with pkg-config --libs relib-track, or start it with\n"
			  "  LD_PRELOAD=librelib_track.so",
			  module->file, why);
}

enum relib_code relib_unload(struct relib_module *module, const struct relib_unload_options *options,
			     struct relib_report **report, struct relib_error *error)
{
	static const struct relib_unload_options none;
	struct relib_report *ledger = NULL;
	const struct relib_track *track;
	enum relib_code code;
	const char *why;

	relib_clear(error);
	if (report)
		*report = NULL;
	if (!module || !relib_registry_has(module))
		return relib_fail(error, RELIB_INVALID, "relib_unload was given no loaded module: unloaded before?");
	track = relib_tracker(&why);
	if (!track)
		return no_tracker(module, why, error);
	code = unload(module, options ? options : &none, track, &ledger, error);
	if (report)
		*report = ledger;
	else
		track->report_free(ledger);
	return code;
}
