/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Why a module was not unloaded, from the tracker's report. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "report-lines.h"
#include "report-name.h"
#include "kind-words.h"

#define NAMED_AT_MOST 8

/* "pool_main worker.c:55", "pool_main", or "libworker.so+0x1139" where no symbol is known. */
static void describe_frame(char *text, size_t size, const struct relib_frame *frame)
{
	const char *file = frame->object ? strrchr(frame->object, '/') : NULL;

	if (frame->function && frame->file)
		snprintf(text, size, "%s %s:%u", frame->function, relib_name_of_file(frame->file), frame->line);
	else if (frame->function)
		snprintf(text, size, "%s", frame->function);
	else if (frame->object)
		snprintf(text, size, "%s+0x%" PRIx64, file ? file + 1 : frame->object, frame->offset);
	else
		snprintf(text, size, "a function without a name");
}

/* The stack ends in the module unless longer stacks were asked for; its first frame there is the one to name. */
static const struct relib_frame *creator(const struct relib_report *report, const struct relib_entry *entry)
{
	const struct relib_stack *stack = &entry->callsite;

	for (size_t i = 0; i < stack->count; i++)
		if (report->module.path && stack->frames[i].object &&
		    !strcmp(stack->frames[i].object, report->module.path))
			return &stack->frames[i];
	return stack->count ? &stack->frames[stack->count - 1] : NULL;
}

struct thread_text {
	char thread[64], function[256], creator[256];
};

static void describe_thread(struct thread_text *text, const struct relib_report *report,
			    const struct relib_entry *entry)
{
	const struct relib_frame *started = creator(report, entry);

	memset(text, 0, sizeof(*text));
	snprintf(text->thread, sizeof(text->thread), "thread %" PRId32 " \"%.20s\"", entry->thread_id,
		 entry->thread_name ? entry->thread_name : "");
	if (entry->kind == RELIB_KIND_THREAD_DESTRUCTOR)
		strcpy(text->function, "thread-local destructor ");
	else if (entry->inside)
		strcpy(text->function, "is in ");
	describe_frame(text->function + strlen(text->function), sizeof(text->function) - strlen(text->function),
		       &entry->function);
	if (started)
		describe_frame(text->creator, sizeof(text->creator), started);
}

static int wider(int width, const char *text)
{
	return (int)strlen(text) > width ? (int)strlen(text) : width;
}

static void add_threads(struct relib_error *error, const struct relib_report *report)
{
	struct thread_text texts[NAMED_AT_MOST];
	size_t count = 0, more = 0;
	int thread_width = 0, function_width = 0;

	for (size_t i = 0; i < report->entry_count; i++) {
		const struct relib_entry *entry = &report->entries[i];

		if (entry->action != RELIB_ACTION_BLOCKS)
			continue;
		if (count == NAMED_AT_MOST) {
			more++;
			continue;
		}
		describe_thread(&texts[count], report, entry);
		thread_width = wider(thread_width, texts[count].thread);
		function_width = wider(function_width, texts[count].function);
		count++;
	}
	for (size_t i = 0; i < count; i++) {
		const char *gap = strncmp(texts[i].function, "is in ", 6) ? "   " : " ";

		relib_add(error, "\n  %-*s%s%-*s", thread_width, texts[i].thread, gap,
			  *texts[i].creator ? function_width : 0, texts[i].function);
		if (*texts[i].creator)
			relib_add(error, "   %s by %s", strstr(texts[i].function, "thread-local destructor ") == texts[i].function
			  ? "registered" : "started", texts[i].creator);
	}
	if (more)
		relib_add(error, "\n  and %zu more", more);
}

static size_t count_blocking(const struct relib_report *report, enum relib_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < report->entry_count; i++)
		count += report->entries[i].action == RELIB_ACTION_BLOCKS && report->entries[i].kind == kind;
	return count;
}

/* What a policy doesn't let go. The report has all of it, with the places; here the first few are enough. */
static enum relib_code describe_held(struct relib_error *error, const struct relib_module *module,
				     const struct relib_report *report)
{
	size_t named = 0;

	relib_fail(error, RELIB_REFUSED, "%s was not unloaded: %s", module->file,
		   report->reason ? report->reason : "the tracker says that it is not safe now");
	for (size_t i = 0; i < report->entry_count; i++) {
		const struct relib_entry *entry = &report->entries[i];
		const struct relib_kind_words *words = relib_kind_words(entry->kind);
		const struct relib_frame *place = creator(report, entry);
		char where[256] = "";

		if (entry->action != RELIB_ACTION_BLOCKS || named++ >= NAMED_AT_MOST)
			continue;
		if (place)
			describe_frame(where, sizeof(where), place);
		relib_add(error, "\n  %" PRIu64 " %s%s%s%s%s", entry->count, entry->count == 1 ? words->noun : words->nouns,
			  entry->detail_count ? "   " : "", entry->detail_count ? entry->details[0] : "", *where ? "   " : "", where);
	}
	if (named > NAMED_AT_MOST)
		relib_add(error, "\n  and %zu more", named - NAMED_AT_MOST);
	if (report->advice)
		relib_add(error, "\n  %s", report->advice);
	return RELIB_REFUSED;
}

/* Calls that went by a pointer, and are in flight as those that the loader counts. */
static enum relib_code describe_inside(struct relib_error *error, const struct relib_module *module,
				       const struct relib_report *report)
{
	relib_fail(error, RELIB_BUSY, "%s was not unloaded: %s", module->file, report->reason);
	add_threads(error, report);
	relib_add(error, "\n  %s", report->advice);
	relib_add(error, "\n  to pass over it at your own risk, set ignore_stacks in relib_unload's options");
	return RELIB_BUSY;
}

static enum relib_code describe(struct relib_error *error, const struct relib_module *module, const struct relib_report *report)
{
	size_t destructors = count_blocking(report, RELIB_KIND_THREAD_DESTRUCTOR);
	size_t threads = report->threads.running;

	if (report->threads.inside)
		return describe_inside(error, module, report);
	if (!threads && !destructors)
		return describe_held(error, module, report);
	relib_fail(error, RELIB_THREADS_RUNNING, "%s was not unloaded: ", module->file);
	if (threads == 1)
		relib_add(error, "a thread of its own still runs");
	else if (threads)
		relib_add(error, "%zu threads of its own still run", threads);
	else
		relib_add(error, "other threads have thread-local data of it to destroy");
	add_threads(error, report);
	if (threads)
		relib_add(error, "\n  join it in RELIB_BEFORE_UNLOAD, or let the unload wait for it with grace_ms");
	else
		relib_add(error, "\n  end these threads first, or let the unload wait for their end with grace_ms; if they use it no more,\n"
			  "  the policy RELIB_POLICY_RELEASE for RELIB_KIND_THREAD_DESTRUCTOR destroys it from here");
	return RELIB_THREADS_RUNNING;
}

/* With files and lines, which the tracker doesn't know. */
enum relib_code relib_describe_refusal(struct relib_error *error, const struct relib_module *module,
				       const struct relib_report *report)
{
	struct relib_lined *lined = error ? relib_lined(report, false) : NULL;
	enum relib_code code = describe(error, module, lined ? &lined->report : report);

	relib_lined_free(lined);
	return code;
}

void relib_describe_mapped(struct relib_error *error, const struct relib_module *module,
			   const struct relib_report *report)
{
	relib_fail(error, RELIB_STILL_MAPPED, "%s was not unloaded: %s", module->file,
		   report->reason ? report->reason : "ld.so keeps it mapped");
	if (report->advice)
		relib_add(error, "\n  %s", report->advice);
	if (!module->copy && report->reason && (strstr(report->reason, "STB_GNU_UNIQUE") || strstr(report->reason, "(NODELETE)")))
		relib_add(error, "\n  or load it as a private copy, with private_copy in relib_load's options");
	relib_add(error, "\n  it is still usable");
}
