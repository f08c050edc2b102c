/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Reads a report from its line of JSON. */
#include "report-read.h"
#include "report-format.h"

#include <err.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct relib_arena *arena;
	const char *wrong; /* the first thing that is not as described */
};

static void complain(struct reader *reader, const char *what)
{
	if (!reader->wrong)
		reader->wrong = what;
}

/* NULL for null and for what is missing */
static const char *string_of(struct reader *reader, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return NULL;
	if (!json_is_string(value)) {
		complain(reader, key);
		return NULL;
	}
	return relib_arena_string(reader->arena, json_string_value(value));
}

static uint64_t number_of(struct reader *reader, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		complain(reader, key);
		return 0;
	}
	return (uint64_t)json_integer_value(value);
}

static int enum_of(struct reader *reader, const json_t *object, const char *key, const char *(*name)(int), int count)
{
	const char *text = string_of(reader, object, key);

	for (int i = 0; text && i < count; i++)
		if (strcmp(text, name(i)) == 0)
			return i;
	complain(reader, key);
	return 0;
}

static const char *outcome_name(int value)
{
	return relib_outcome_name((enum relib_outcome)value);
}

static const char *kind_name(int value)
{
	return relib_kind_name((enum relib_kind)value);
}

static const char *action_name(int value)
{
	return relib_action_name((enum relib_action)value);
}

static void read_frame(struct reader *reader, const json_t *json, struct relib_frame *frame)
{
	if (!json_is_object(json)) {
		complain(reader, "callsite");
		return;
	}
	frame->object = string_of(reader, json, "object");
	frame->build_id = string_of(reader, json, "build_id");
	frame->function = string_of(reader, json, "function");
	frame->offset = number_of(reader, json, "offset");
	frame->file = string_of(reader, json, "file");
	frame->line = (uint32_t)number_of(reader, json, "line");
}

static void read_stack(struct reader *reader, const json_t *json, struct relib_stack *stack)
{
	stack->count = json_array_size(json);
	stack->frames = relib_arena_alloc(reader->arena, stack->count, sizeof(*stack->frames));
	for (size_t i = 0; i < stack->count; i++)
		read_frame(reader, json_array_get(json, i), &stack->frames[i]);
}

static void read_details(struct reader *reader, const json_t *json, struct relib_entry *entry)
{
	for (; entry->detail_count < json_array_size(json) && entry->detail_count < RELIB_DETAILS; entry->detail_count++) {
		const char *text = json_string_value(json_array_get(json, entry->detail_count));

		if (!text) {
			complain(reader, "details");
			return;
		}
		entry->details[entry->detail_count] = relib_arena_string(reader->arena, text);
	}
}

static void read_entry(struct reader *reader, const json_t *json, struct relib_entry *entry)
{
	const json_t *thread = json_object_get(json, "thread"), *samples = json_object_get(json, "seen_from");
	const json_t *function = json_object_get(json, "function");

	entry->kind = (enum relib_kind)enum_of(reader, json, "kind", kind_name, RELIB_KINDS);
	entry->action = (enum relib_action)enum_of(reader, json, "action", action_name, RELIB_ACTION_FOREIGN + 1);
	entry->count = number_of(reader, json, "count");
	entry->bytes = number_of(reader, json, "bytes");
	if (thread) {
		entry->thread_id = (int32_t)number_of(reader, thread, "id");
		entry->thread_name = string_of(reader, thread, "name");
	}
	if (function)
		read_frame(reader, function, &entry->function);
	read_details(reader, json_object_get(json, "details"), entry);
	entry->inside = json_is_true(json_object_get(json, "inside"));
	read_stack(reader, json_object_get(json, "callsite"), &entry->callsite);
	if (entry->action == RELIB_ACTION_FOREIGN)
		read_stack(reader, json_object_get(json, "freed"), &entry->freed);
	entry->sample_count = json_array_size(samples);
	entry->samples = relib_arena_alloc(reader->arena, entry->sample_count, sizeof(*entry->samples));
	for (size_t i = 0; i < entry->sample_count; i++)
		read_stack(reader, json_array_get(samples, i), &entry->samples[i]);
}

static void read_time(struct reader *reader, const char *text, struct timespec *time)
{
	struct tm tm = { 0 };
	int milliseconds = 0, end = 0;

	if (!text || sscanf(text, "%d-%d-%dT%d:%d:%d.%3dZ%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
			    &tm.tm_sec, &milliseconds, &end) != 7 || text[end]) {
		complain(reader, "time");
		return;
	}
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	time->tv_sec = timegm(&tm);
	time->tv_nsec = milliseconds * 1000000L;
}

static void read_ledger(struct reader *reader, const json_t *json, struct relib_report *report)
{
	const json_t *heap = json_object_get(json, "heap"), *threads = json_object_get(json, "threads");

	report->heap.blocks = number_of(reader, heap, "blocks");
	report->heap.bytes = number_of(reader, heap, "bytes");
	report->heap.released = number_of(reader, heap, "released");
	report->heap.kept = number_of(reader, heap, "kept");
	report->threads.running = number_of(reader, threads, "running");
	report->threads.ended = number_of(reader, threads, "ended");
	report->threads.released = number_of(reader, threads, "released");
	report->threads.destructors = number_of(reader, threads, "destructors");
	/* Files of before don't have these. */
	if (json_object_get(heap, "foreign"))
		report->heap.foreign = number_of(reader, heap, "foreign");
	if (json_object_get(threads, "inside")) {
		report->threads.inside = number_of(reader, threads, "inside");
		report->threads.unseen = number_of(reader, threads, "unseen");
	}
	for (int kind = RELIB_KIND_DESCRIPTOR; kind < RELIB_KINDS; kind++) {
		const json_t *total = json_object_get(json, kind_name(kind));

		if (!total)
			continue;
		report->kinds[kind].held = number_of(reader, total, "held");
		report->kinds[kind].released = number_of(reader, total, "released");
		report->kinds[kind].kept = number_of(reader, total, "kept");
	}
}

static void read_all(struct reader *reader, const json_t *json, struct relib_report *report)
{
	const json_t *module = json_object_get(json, "module"), *entries = json_object_get(json, "entries");
	const char *type = string_of(reader, json, "type"), *base = string_of(reader, module, "base");

	if (!type || strcmp(type, "unload") != 0)
		complain(reader, "type");
	read_time(reader, string_of(reader, json, "time"), &report->time);
	report->pid = (int32_t)number_of(reader, json, "pid");
	report->module.path = string_of(reader, module, "path");
	report->module.build_id = string_of(reader, module, "build_id");
	report->module.base = base ? strtoull(base, NULL, 16) : 0;
	report->outcome = (enum relib_outcome)enum_of(reader, json, "outcome", outcome_name, 4);
	report->reason = string_of(reader, json, "reason");
	report->advice = string_of(reader, json, "advice");
	report->untracked = string_of(reader, json, "untracked");
	read_ledger(reader, json_object_get(json, "ledger"), report);
	report->entry_count = json_array_size(entries);
	report->entries = relib_arena_alloc(reader->arena, report->entry_count, sizeof(*report->entries));
	for (size_t i = 0; i < report->entry_count; i++)
		read_entry(reader, json_array_get(entries, i), &report->entries[i]);
}

struct relib_read_report *relib_read_report(const char *line, size_t length, char *why, size_t why_size)
{
	struct relib_read_report *read;
	struct reader reader = { 0 };
	json_error_t error;
	json_t *json = json_loadb(line, length, 0, &error);

	if (!json) {
		snprintf(why, why_size, "it is not JSON: %s", error.text);
		return NULL;
	}
	read = calloc(1, sizeof(*read));
	if (!read)
		err(1, "no memory for a report");
	reader.arena = &read->arena;
	read_all(&reader, json, &read->report);
	json_decref(json);
	if (reader.wrong) {
		snprintf(why, why_size, "its member \"%s\" is missing or not as expected", reader.wrong);
		relib_read_report_free(read);
		return NULL;
	}
	return read;
}

static void append(void *context, const char *text, size_t length)
{
	fwrite(text, 1, length, context);
}

/* By way of JSON: one copy of the rules is enough. */
struct relib_read_report *relib_copy_report(const struct relib_report *report)
{
	struct relib_read_report *read;
	char *line = NULL, why[200];
	size_t length = 0;
	FILE *stream = open_memstream(&line, &length);

	if (!stream)
		err(1, "no memory for a report");
	relib_report_json(report, append, stream);
	if (fclose(stream))
		err(1, "no memory for a report");
	read = relib_read_report(line, length, why, sizeof(why));
	if (!read)
		errx(1, "a report can't be read: %s", why);
	free(line);
	return read;
}

void relib_read_report_free(struct relib_read_report *read)
{
	if (!read)
		return;
	relib_arena_free(&read->arena);
	free(read);
}
