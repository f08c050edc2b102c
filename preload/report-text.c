/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A report as text for people: what was left behind, by whom, and what to do about it. */
#include "report-format.h"
#include "report-table.h"

#define GAP 3
#define KINDS RELIB_KINDS

/* Puts words, and goes on in the next line at `indent` where they would go over the edge. */
static void put_words(struct text *text, const char *words, unsigned indent)
{
	struct field word;

	while (*words) {
		size_t length = strcspn(words, " \n");

		relib_field_clear(&word);
		relib_field_add_bytes(&word, words, length);
		if (text->column > indent) {
			if (text->style->width && text->column + 1 + word.columns > text->style->width) {
				put_newline(text);
				put_spaces(text, indent);
			} else if (length) {
				put(text, " ");
			}
		}
		put_field(text, &word);
		words += length;
		words += strspn(words, " \n");
	}
}

/* What there is of one kind, and what became of it. */
struct total {
	uint64_t sites, count, bytes, of_action[4];
};

/* What others gave back is not left behind: it stands for itself. */
static struct total add_up_foreign(const struct relib_report *report)
{
	struct total total = { 0 };

	for (size_t i = 0; i < report->entry_count; i++) {
		if (report->entries[i].action != RELIB_ACTION_FOREIGN)
			continue;
		total.sites++;
		total.count += report->entries[i].count;
		total.bytes += report->entries[i].bytes;
	}
	return total;
}

static struct total add_up(const struct relib_report *report, enum relib_kind kind)
{
	struct total total = { 0 };

	for (size_t i = 0; i < report->entry_count; i++) {
		const struct relib_entry *entry = &report->entries[i];

		if (entry->kind != kind || !entry->count || relib_is_unseen(entry) || entry->action == RELIB_ACTION_FOREIGN)
			continue;
		total.sites++;
		total.count += entry->count;
		total.bytes += entry->bytes;
		if ((unsigned)entry->action < 4)
			total.of_action[entry->action] += entry->count;
	}
	if (kind == RELIB_KIND_HEAP && report->heap.blocks > total.count) {
		/* the exact figures; call sites can be missing where memory was short */
		total.count = report->heap.blocks;
		total.bytes = report->heap.bytes;
	}
	return total;
}

/* "3 call sites   12 blocks   1.2 KiB" */
static void add_blocks(struct field *line, const struct total *total)
{
	const char *unit;

	relib_field_add_count(line, total->sites, "call site");
	relib_field_pad(line, line->columns + GAP);
	relib_field_add_count(line, total->count, "block");
	relib_field_pad(line, line->columns + GAP);
	unit = relib_field_add_size(line, total->bytes);
	relib_field_add(line, " ");
	relib_field_add(line, unit);
}

/* "closed", "kept", "1 of them closed": of one kind, where the first line can't say it for all. */
static void add_fate_of_kind(struct field *line, enum relib_kind kind, const struct total *total)
{
	uint64_t released = total->of_action[RELIB_ACTION_RELEASED];
	const char *words = total->of_action[RELIB_ACTION_KEPT] ? "kept" : "not touched";

	relib_field_pad(line, line->columns + GAP);
	if (released && released < total->count) {
		relib_field_add_number(line, released);
		relib_field_add(line, " of them ");
	}
	relib_field_add(line, released ? relib_kind_words(kind)->released : words);
}

static void put_heading(struct text *text, enum relib_kind kind, const struct total *total, bool with_fate)
{
	struct field line = { 0 };
	const char *unit;

	put_spaces(text, 2);
	color(text, RELIB_BOLD);
	if (kind == RELIB_KIND_HEAP) {
		put(text, "heap");
		color(text, RELIB_PLAIN);
		relib_field_pad(&line, 2 * GAP);
		add_blocks(&line, total);
	} else {
		put(text, relib_kind_words(kind)->heading);
		color(text, RELIB_PLAIN);
		relib_field_pad(&line, GAP);
		relib_field_add_number(&line, total->count);
		if (total->bytes) {
			relib_field_pad(&line, line.columns + GAP);
			unit = relib_field_add_size(&line, total->bytes);
			relib_field_add(&line, " ");
			relib_field_add(&line, unit);
		}
		if (kind == RELIB_KIND_THREAD)
			relib_field_add(&line, " ended, neither joined nor detached");
	}
	if (with_fate)
		add_fate_of_kind(&line, kind, total);
	put_field(text, &line);
	put_newline(text);
}

static void put_foreign(struct text *text, const struct total *total)
{
	struct field line = { 0 };

	if (!total->sites)
		return;
	put_newline(text);
	put_spaces(text, 2);
	color(text, RELIB_BOLD);
	put(text, "freed by others");
	color(text, RELIB_PLAIN);
	relib_field_pad(&line, GAP);
	add_blocks(&line, total);
	put_field(text, &line);
	put_newline(text);
	relib_table_put_foreign(text, 6);
}

/* So many kinds are named in the first line. */
#define KINDS_NAMED 4

/* "1,003 blocks (1.2 MiB) and 2 threads" */
static void add_things(struct field *field, const struct total *totals)
{
	unsigned kinds = 0, named, done = 0;
	uint64_t others = 0;
	const char *unit;

	for (unsigned kind = 0; kind < KINDS; kind++)
		kinds += totals[kind].count != 0;
	named = kinds > KINDS_NAMED ? KINDS_NAMED - 1 : kinds;
	for (unsigned kind = 0; kind < KINDS; kind++) {
		if (!totals[kind].count)
			continue;
		if (done == named) {
			others += totals[kind].count;
			continue;
		}
		if (done++)
			relib_field_add(field, done == kinds ? " and " : ", ");
		relib_field_add_kind(field, totals[kind].count, (enum relib_kind)kind);
		if (kind == RELIB_KIND_HEAP || totals[kind].bytes) {
			relib_field_add(field, " (");
			unit = relib_field_add_size(field, totals[kind].bytes);
			relib_field_add(field, " ");
			relib_field_add(field, unit);
			relib_field_add(field, ")");
		}
	}
	if (others) {
		relib_field_add(field, " and ");
		relib_field_add_count(field, others, "other thing");
	}
}

/* "closed", where all that there is was; for things of several kinds "given back" */
static const char *word_for_released(const struct total *totals)
{
	const char *word = NULL;

	for (unsigned kind = 0; kind < KINDS; kind++) {
		const char *released = relib_kind_words((enum relib_kind)kind)->released;

		if (!totals[kind].count)
			continue;
		if (word && strcmp(word, released))
			return "given back";
		word = released;
	}
	return word ? word : "given back";
}

/* Whether the things of some kinds, or some things of a kind, were given back and others not. */
static bool is_mixed(const struct total *totals)
{
	uint64_t all = 0, of[4] = { 0 };

	for (unsigned kind = 0; kind < KINDS; kind++) {
		all += totals[kind].count;
		for (unsigned action = 0; action < 4; action++)
			of[action] += totals[kind].of_action[action];
	}
	for (unsigned action = 0; action < 4; action++)
		if (of[action] == all)
			return false;
	return true;
}

/* " left behind and freed", or what became of the parts */
static void add_fate(struct field *field, const struct relib_report *report, const struct total *totals)
{
	uint64_t all = 0, of[4] = { 0 };
	const char *released = word_for_released(totals);

	for (unsigned kind = 0; kind < KINDS; kind++) {
		all += totals[kind].count;
		for (unsigned action = 0; action < 4; action++)
			of[action] += totals[kind].of_action[action];
	}
	if (of[RELIB_ACTION_RELEASED] == all || report->heap.released == all) {
		relib_field_add(field, " left behind and ");
		relib_field_add(field, released);
	} else if (of[RELIB_ACTION_RELEASED]) {
		relib_field_add(field, " left behind, ");
		relib_field_add_number(field, of[RELIB_ACTION_RELEASED]);
		relib_field_add(field, " of them ");
		relib_field_add(field, released);
	} else if (of[RELIB_ACTION_KEPT] == all) {
		relib_field_add(field, " left behind and kept");
	} else {
		relib_field_add(field, " left behind (reported, not touched)");
	}
}

/* The first line; and more, where the reason is long. */
static void put_header(struct text *text, const struct total *totals)
{
	const struct relib_report *report = text->report;
	static const char *const verbs[] = { "unloaded", "was not unloaded", "is kept mapped", "was closed but is still mapped" };
	unsigned outcome = (unsigned)report->outcome < 4 ? report->outcome : 0;
	const unsigned indent = 7;
	struct field field = { 0 };

	put(text, "relib: ");
	color(text, RELIB_BOLD);
	relib_field_add(&field, report->module.path ? relib_name_of_file(report->module.path) : "a module");
	put_field(text, &field);
	color(text, RELIB_PLAIN);
	put(text, " ");
	if (outcome != RELIB_OUTCOME_UNLOADED)
		color(text, RELIB_RED);
	/* the verb stays on the line: it is one thing with the name */
	put(text, verbs[outcome]);
	color(text, RELIB_PLAIN);
	relib_field_clear(&field);
	if (outcome == RELIB_OUTCOME_UNLOADED) {
		add_things(&field, totals);
		if (field.columns) {
			add_fate(&field, report, totals);
			put(text, ",");
			color(text, RELIB_YELLOW);
			put_words(text, field.text, indent);
			color(text, RELIB_PLAIN);
		}
	}
	if (report->reason) {
		put(text, ":");
		put_words(text, report->reason, indent);
	}
	put_newline(text);
}

static void put_line(struct text *text, const char *line)
{
	put_spaces(text, 2);
	put_words(text, line, 2);
	put_newline(text);
}

#define UNSEEN_MOST 8

/* thread 5012 "pool-0" was not looked at: it blocks signals */
static void put_unseen(struct text *text)
{
	struct field line = { 0 };
	uint64_t named = 0;

	for (size_t i = 0; i < text->report->entry_count && named < UNSEEN_MOST; i++) {
		const struct relib_entry *entry = &text->report->entries[i];

		if (!relib_is_unseen(entry))
			continue;
		named++;
		relib_field_clear(&line);
		relib_field_add_thread(&line, entry);
		relib_field_add(&line, " was not looked at: ");
		relib_field_add(&line, entry->details[0]);
		put_line(text, line.text);
	}
	if (text->report->threads.unseen > named) {
		relib_field_clear(&line);
		relib_field_add_count(&line, text->report->threads.unseen - named, named ? "more thread" : "thread");
		relib_field_add(&line, " could not be looked at");
		put_line(text, line.text);
	}
}

/* What to do about it comes last, where the eye is. */
static void put_next(struct text *text)
{
	if (text->report->untracked) {
		put_spaces(text, 2);
		put_words(text, "its allocations were not seen:", 2);
		put_words(text, text->report->untracked, 2);
		put_newline(text);
	}
	if (text->report->advice)
		put_line(text, text->report->advice);
	if (text->style->next) {
		put_spaces(text, 2);
		put(text, "next:");
		put_words(text, text->style->next, 6);
		put_newline(text);
	}
}

void relib_report_text(const struct relib_report *report, const struct relib_text_style *style, relib_sink *sink, void *context)
{
	static const struct relib_text_style none;
	struct text text = { .out = { .sink = sink, .context = context }, .report = report, .style = style ? style : &none };
	struct total totals[KINDS], foreign = add_up_foreign(report);
	bool unloaded = report->outcome == RELIB_OUTCOME_UNLOADED, anything = foreign.sites, mixed;

	for (unsigned kind = 0; kind < KINDS; kind++) {
		totals[kind] = add_up(report, (enum relib_kind)kind);
		anything |= totals[kind].count != 0;
	}
	if (unloaded && !anything && !report->reason && !report->untracked && !report->threads.unseen)
		return;
	put_header(&text, totals);
	mixed = unloaded && is_mixed(totals);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		bool headed = unloaded || kind == RELIB_KIND_HEAP;

		if (!totals[kind].sites)
			continue;
		if (headed) {
			put_newline(&text);
			put_heading(&text, (enum relib_kind)kind, &totals[kind], mixed);
		}
		relib_table_put(&text, (enum relib_kind)kind, headed ? 6 : 2);
	}
	put_foreign(&text, &foreign);
	put_unseen(&text);
	put_next(&text);
	out_flush(&text.out);
}
