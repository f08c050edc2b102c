/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A report as one line of JSON, as doc/report.schema.json describes it. */
#include "kind-words.h"
#include "report-format.h"
#include "report-out.h"

#include <inttypes.h>
#include <stdio.h>

const char *relib_outcome_name(enum relib_outcome outcome)
{
	switch (outcome) {
	case RELIB_OUTCOME_UNLOADED:
		return "unloaded";
	case RELIB_OUTCOME_REFUSED:
		return "refused";
	case RELIB_OUTCOME_PINNED:
		return "pinned";
	case RELIB_OUTCOME_STILL_MAPPED:
		return "still-mapped";
	}
	return "unknown";
}

const char *relib_kind_name(enum relib_kind kind)
{
	return relib_kind_words(kind)->name;
}

const char *relib_action_name(enum relib_action action)
{
	switch (action) {
	case RELIB_ACTION_REPORTED:
		return "reported";
	case RELIB_ACTION_RELEASED:
		return "released";
	case RELIB_ACTION_KEPT:
		return "kept";
	case RELIB_ACTION_BLOCKS:
		return "blocks";
	case RELIB_ACTION_FOREIGN:
		return "foreign";
	}
	return "unknown";
}

/* Paths and symbol names are bytes; JSON is UTF-8. What is not becomes U+FFFD, one for each byte. */
static void put_string(struct out *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	char escape[8];

	if (!text) {
		out_text(out, "null");
		return;
	}
	out_text(out, "\"");
	while (*s) {
		unsigned length = utf8_length(s);

		if (*s == '"' || *s == '\\') {
			escape[0] = '\\';
			escape[1] = (char)*s;
			out_bytes(out, escape, 2);
		} else if (*s < 0x20 || *s == 0x7f) {
			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)*s);
			out_text(out, escape);
		} else if (length) {
			out_bytes(out, (const char *)s, length);
		} else {
			out_text(out, "\xef\xbf\xbd");
		}
		s += length ? length : 1;
	}
	out_text(out, "\"");
}

/* `key` comes with the quotes, the colon and what goes before it. */
static void put_string_member(struct out *out, const char *key, const char *value)
{
	out_text(out, key);
	put_string(out, value);
}

static void put_number_member(struct out *out, const char *key, uint64_t value)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, value);
	out_text(out, key);
	out_text(out, number);
}

/*
 * Days since 1970-01-01 as a date of the Gregorian calendar; years are counted from March, so that a leap day ends
 * one. gmtime_r() is not used: it takes libc's lock of the time zone and may allocate.
 */
static void civil_date(int64_t days, int *year, unsigned *month, unsigned *day)
{
	int64_t shifted = days + 719468; /* since 0000-03-01 */
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	unsigned in_era = (unsigned)(shifted - era * 146097);
	unsigned in_year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	unsigned in_year = in_era - (365 * in_year_of_era + in_year_of_era / 4 - in_year_of_era / 100);
	unsigned from_march = (5 * in_year + 2) / 153;

	*day = in_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = (int)(in_year_of_era + era * 400) + (*month <= 2);
}

static void put_time(struct out *out, const struct timespec *time)
{
	int64_t days = time->tv_sec / 86400, second = time->tv_sec % 86400;
	unsigned month, day;
	int year;
	char text[64];

	if (second < 0) {
		second += 86400;
		days--;
	}
	civil_date(days, &year, &month, &day);
	snprintf(text, sizeof(text), "\"%04d-%02u-%02uT%02d:%02d:%02d.%03dZ\"", year, month, day, (int)(second / 3600),
		 (int)(second / 60 % 60), (int)(second % 60), (int)(time->tv_nsec / 1000000));
	out_text(out, text);
}

static void put_frame(struct out *out, const struct relib_frame *frame)
{
	put_string_member(out, "{\"object\":", frame->object);
	put_string_member(out, ",\"build_id\":", frame->build_id);
	put_string_member(out, ",\"function\":", frame->function);
	put_number_member(out, ",\"offset\":", frame->offset);
	put_string_member(out, ",\"file\":", frame->file);
	if (frame->line)
		put_number_member(out, ",\"line\":", frame->line);
	else
		out_text(out, ",\"line\":null");
	out_text(out, "}");
}

static void put_stack(struct out *out, const struct relib_stack *stack)
{
	out_text(out, "[");
	for (size_t i = 0; i < stack->count; i++) {
		if (i)
			out_text(out, ",");
		put_frame(out, &stack->frames[i]);
	}
	out_text(out, "]");
}

static void put_entry(struct out *out, const struct relib_entry *entry)
{
	put_string_member(out, "{\"kind\":", relib_kind_name(entry->kind));
	put_number_member(out, ",\"count\":", entry->count);
	put_number_member(out, ",\"bytes\":", entry->bytes);
	put_string_member(out, ",\"action\":", relib_action_name(entry->action));
	if (entry->thread_id) {
		put_number_member(out, ",\"thread\":{\"id\":", (uint32_t)entry->thread_id);
		put_string_member(out, ",\"name\":", entry->thread_name);
		out_text(out, "}");
	}
	if (entry->function.object || entry->function.function) {
		out_text(out, ",\"function\":");
		put_frame(out, &entry->function);
	}
	if (entry->detail_count) {
		for (size_t i = 0; i < entry->detail_count; i++)
			put_string_member(out, i ? "," : ",\"details\":[", entry->details[i]);
		out_text(out, "]");
	}
	if (entry->inside)
		out_text(out, ",\"inside\":true");
	if (entry->action == RELIB_ACTION_FOREIGN) {
		out_text(out, ",\"freed\":");
		put_stack(out, &entry->freed);
	}
	out_text(out, ",\"callsite\":");
	put_stack(out, &entry->callsite);
	out_text(out, ",\"seen_from\":[");
	for (size_t i = 0; i < entry->sample_count; i++) {
		if (i)
			out_text(out, ",");
		put_stack(out, &entry->samples[i]);
	}
	out_text(out, "]}");
}

static void put_total(struct out *out, const char *name, const struct relib_kind_total *total)
{
	out_text(out, ",");
	put_string(out, name);
	put_number_member(out, ":{\"held\":", total->held);
	put_number_member(out, ",\"released\":", total->released);
	put_number_member(out, ",\"kept\":", total->kept);
	out_text(out, "}");
}

static void put_ledger(struct out *out, const struct relib_report *report)
{
	put_number_member(out, "{\"heap\":{\"blocks\":", report->heap.blocks);
	put_number_member(out, ",\"bytes\":", report->heap.bytes);
	put_number_member(out, ",\"released\":", report->heap.released);
	put_number_member(out, ",\"kept\":", report->heap.kept);
	put_number_member(out, ",\"foreign\":", report->heap.foreign);
	put_number_member(out, "},\"threads\":{\"running\":", report->threads.running);
	put_number_member(out, ",\"ended\":", report->threads.ended);
	put_number_member(out, ",\"released\":", report->threads.released);
	put_number_member(out, ",\"destructors\":", report->threads.destructors);
	put_number_member(out, ",\"inside\":", report->threads.inside);
	put_number_member(out, ",\"unseen\":", report->threads.unseen);
	out_text(out, "}");
	for (enum relib_kind kind = RELIB_KIND_DESCRIPTOR; kind < RELIB_KINDS; kind++)
		put_total(out, relib_kind_name(kind), &report->kinds[kind]);
	out_text(out, "}");
}

static void put_module(struct out *out, const struct relib_report *report)
{
	char base[24];

	put_string_member(out, "{\"path\":", report->module.path ? report->module.path : "");
	put_string_member(out, ",\"build_id\":", report->module.build_id);
	snprintf(base, sizeof(base), "0x%" PRIx64, report->module.base);
	put_string_member(out, ",\"base\":", base);
	out_text(out, "}");
}

void relib_report_json(const struct relib_report *report, relib_sink *sink, void *context)
{
	struct out out = { .sink = sink, .context = context };

	out_text(&out, "{\"type\":\"unload\",\"time\":");
	put_time(&out, &report->time);
	put_number_member(&out, ",\"pid\":", (uint32_t)report->pid);
	out_text(&out, ",\"module\":");
	put_module(&out, report);
	put_string_member(&out, ",\"outcome\":", relib_outcome_name(report->outcome));
	put_string_member(&out, ",\"reason\":", report->reason);
	put_string_member(&out, ",\"advice\":", report->advice);
	put_string_member(&out, ",\"untracked\":", report->untracked);
	out_text(&out, ",\"ledger\":");
	put_ledger(&out, report);
	out_text(&out, ",\"entries\":[");
	for (size_t i = 0; i < report->entry_count; i++) {
		if (i)
			out_text(&out, ",");
		put_entry(&out, &report->entries[i]);
	}
	out_text(&out, "]}\n");
	out_flush(&out);
}
