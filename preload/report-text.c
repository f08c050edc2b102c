/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A report as text for people: what was left behind, by whom, and what to do about it. */
#include "report-format.h"
#include "report-name.h"
#include "report-out.h"

#include <inttypes.h>
#include <stdio.h>

#define GAP 3               /* columns between columns */
#define NARROWEST 12        /* a name is not cut below this, however narrow the terminal */
#define WHERE_LEAST 16
#define SAMPLES_MOST 3
#define ROWS_DEFAULT 20
#define KINDS 3

static const char bold[] = "\033[1m", red[] = "\033[31m", yellow[] = "\033[33m", faint[] = "\033[2m", plain[] = "\033[0m";

struct text {
	struct out out;
	const struct relib_report *report;
	const struct relib_text_style *style;
	unsigned column;
};

/*
 * One line of a table: `left   name   where   < rest`. Row 0 of an entry is itself; the rows below say where it was
 * seen from or who started it, with further callers as the rest.
 */
struct row {
	struct field left, name, where, rest;
};

/* What the rows of a table have in common: found in a first pass, used in the second. */
struct table {
	enum relib_kind kind;
	unsigned indent, rows;
	unsigned count, number;      /* heap: widths of "1,000" and of "1.2" */
	unsigned left, name, where;  /* widths of the columns */
	unsigned where_most;         /* 0 while measuring */
	bool beside;                 /* row 1 fits behind row 0 */
};

/* Pieces */

static void color(struct text *text, const char *code)
{
	if (text->style->color)
		out_text(&text->out, code);
}

static void put(struct text *text, const char *string)
{
	out_text(&text->out, string);
	text->column += (unsigned)strlen(string);
}

static void put_field(struct text *text, const struct field *field)
{
	out_bytes(&text->out, field->text, field->used);
	text->column += field->columns;
}

static void put_newline(struct text *text)
{
	out_text(&text->out, "\n");
	text->column = 0;
}

static void put_spaces(struct text *text, unsigned count)
{
	while (count--)
		put(text, " ");
}

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

/* "1.2" and "MiB" */
static const char *add_size(struct field *field, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t tenths = bytes < UINT64_MAX / 10 ? bytes * 10 : bytes;
	unsigned unit = 0;

	if (bytes < 1024) {
		relib_field_add_number(field, bytes);
		return units[0];
	}
	if (tenths == bytes) { /* too large to multiply */
		tenths = bytes / 1024 * 10;
		unit++;
	}
	while (tenths >= 10240 && unit + 1 < sizeof(units) / sizeof(*units)) {
		tenths = (tenths + 512) / 1024;
		unit++;
	}
	relib_field_add_number(field, tenths / 10);
	relib_field_add(field, ".");
	relib_field_add_number(field, tenths % 10);
	return units[unit];
}

/* "1,003 blocks"; `noun` is in the singular */
static void add_count(struct field *field, uint64_t count, const char *noun)
{
	relib_field_add_number(field, count);
	relib_field_add(field, " ");
	relib_field_add(field, noun);
	if (count != 1)
		relib_field_add(field, "s");
}

static void add_space_to(struct field *field, unsigned columns, const struct field *right)
{
	relib_field_pad(field, field->columns + (columns > right->columns ? columns - right->columns : 0));
}

/* Stacks */

/* The last frame of a call site that says whose it is: the first one in the module itself. */
static size_t module_frame(const struct relib_report *report, const struct relib_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		if (stack->frames[i].object && report->module.path &&
		    strcmp(stack->frames[i].object, report->module.path) == 0)
			return i;
	return stack->count ? stack->count - 1 : 0;
}

/* Whether `function` is the C function `name`, also where it was compiled as C++ and nobody demangled it. */
static bool is_function(const char *function, const char *name)
{
	const char *found = function ? strstr(function, name) : NULL;

	if (!found || (found != function && strncmp(function, "_ZL", 3) != 0))
		return false;
	return !found[strlen(name)] || strchr("(iv.", found[strlen(name)]);
}

/* RELIB_MAIN makes two functions; the outer one is the last that is the module's, and may be all that is left. */
static bool is_main(const struct relib_frame *frame)
{
	return is_function(frame->function, "relib_main_");
}

static bool is_main_thunk(const struct relib_frame *frame)
{
	return is_function(frame->function, "relib_main_thunk_");
}

/* How a thread or a program was started says nothing to a reader, and it is the end of every stack. */
static bool is_start_code(const struct relib_frame *frame)
{
	static const char *const names[] = { "__libc_start_call_main", "__libc_start_main", "_start", "start_thread",
					     "clone", "clone3", "__clone3" };

	for (size_t i = 0; frame->function && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(frame->function, names[i]) == 0)
			return true;
	return false;
}

/* The function, or where it has no name the place: then `where` has nothing to add. */
static void add_frame_name(struct field *field, const struct relib_frame *frame, unsigned columns)
{
	static const char new_[] = "operator new";
	unsigned before = field->columns;

	if (frame->function && strncmp(frame->function, new_, sizeof(new_) - 1) == 0)
		relib_field_add(field, frame->function[sizeof(new_) - 1] == '[' ? "new[]" : "new"); /* as in the source */
	else if (is_main(frame) || is_main_thunk(frame))
		relib_field_add(field, "RELIB_MAIN"); /* what the macro makes of it */
	else if (frame->function)
		relib_field_add_function(field, frame->function, columns);
	else
		relib_field_add_where(field, frame, columns);
	if (field->columns == before)
		relib_field_add(field, "unknown code");
}

/* Adds "strdup < parse_name" for frames first to last. Where that is too long the middle goes. */
static void add_chain(struct field *field, const struct relib_frame *frames, size_t count, unsigned columns)
{
	struct field whole = { 0 };
	unsigned before = field->columns, first;

	for (size_t i = 0; i < count; i++) {
		if (i)
			relib_field_add(&whole, " < ");
		add_frame_name(&whole, &frames[i], columns ? columns : 60);
	}
	if (!columns || whole.columns <= columns || count == 1) {
		relib_field_add(field, whole.text);
		return;
	}
	if (columns < 26) { /* whose it is matters more than how it was allocated */
		add_frame_name(field, &frames[count - 1], columns);
		return;
	}
	add_frame_name(field, &frames[0], columns > 36 ? columns / 3 : 12);
	relib_field_add(field, count > 2 ? " < .. < " : " < ");
	first = field->columns - before;
	add_frame_name(field, &frames[count - 1], columns > first + 8 ? columns - first : 8);
}

/* Whether a stack, for a reader, has ended before this frame. Another frame must be below it. */
static bool is_end(const struct relib_frame *frame)
{
	return is_start_code(frame) || is_main_thunk(&frame[-1]) || (is_main_thunk(frame) && is_main(&frame[-1]));
}

/* Adds "< dispatch < main": further callers, as many as there is room for. */
static void add_callers(struct field *field, const struct relib_frame *frames, size_t count, unsigned columns)
{
	struct field next;

	for (size_t i = 0; i < count && i < 5 && !is_end(&frames[i]); i++) {
		relib_field_clear(&next);
		relib_field_add(&next, i ? " < " : "< ");
		add_frame_name(&next, &frames[i], 60);
		if (columns && field->columns + next.columns > columns)
			break;
		relib_field_add(field, next.text);
	}
}

/* Rows */

static void heap_left(const struct table *table, const struct relib_entry *entry, struct field *left)
{
	struct field number = { 0 };
	const char *unit;

	relib_field_add_number(&number, entry->count);
	add_space_to(left, table->count, &number);
	relib_field_add(left, number.text);
	relib_field_add(left, entry->count == 1 ? " block " : " blocks");
	relib_field_pad(left, left->columns + GAP);
	relib_field_clear(&number);
	unit = add_size(&number, entry->bytes);
	add_space_to(left, table->number, &number);
	relib_field_add(left, number.text);
	relib_field_add(left, " ");
	relib_field_add(left, unit);
	relib_field_pad(left, table->left);
}

static void thread_left(const struct table *table, const struct relib_entry *entry, struct field *left)
{
	if (entry->thread_id) {
		relib_field_add(left, "thread ");
		/* no thousands: it is to be pasted into gdb or ps */
		char id[16];
		snprintf(id, sizeof(id), "%" PRId32, entry->thread_id);
		relib_field_add(left, id);
		if (entry->thread_name && *entry->thread_name) {
			relib_field_add(left, " \"");
			relib_field_add(left, entry->thread_name);
			relib_field_add(left, "\"");
		}
	} else {
		add_count(left, entry->count, "thread");
	}
	relib_field_pad(left, table->left);
}

static bool same_frame(const struct relib_frame *one, const struct relib_frame *other)
{
	return one->offset == other->offset && (one->object == other->object ||
	       (one->object && other->object && strcmp(one->object, other->object) == 0));
}

/* From the module's frame outwards, as far as it is known: sample `index`, or the callers that stacks=N recorded. */
static struct relib_stack outwards(const struct relib_report *report, const struct relib_entry *entry, size_t index)
{
	size_t owner = module_frame(report, &entry->callsite);
	struct relib_stack stack = { 0 };

	if (owner + 1 >= entry->callsite.count && index < entry->sample_count && entry->samples[index].count)
		return entry->samples[index];
	if (entry->callsite.count) {
		stack.frames = entry->callsite.frames + owner;
		stack.count = entry->callsite.count - owner;
	}
	return stack;
}

/*
 * Which frame of such a stack is the first of the module's own source: templates of the C++ and Rust libraries are
 * compiled into the module, but it is their caller who can do something. 0 when there is none.
 */
static size_t own_source(const struct relib_report *report, const struct relib_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		const struct relib_frame *frame = &stack->frames[i];

		if (!frame->object || !report->module.path || strcmp(frame->object, report->module.path) != 0)
			return 0;
		if (!frame->function || !relib_name_is_library(frame->function))
			return i;
	}
	return 0;
}

/* The same for an entry: its place in the source, if all samples agree on it; else 0. */
static size_t agreed_source(const struct relib_report *report, const struct relib_entry *entry)
{
	struct relib_stack first = outwards(report, entry, 0);
	size_t agreed = own_source(report, &first);

	for (size_t i = 1; agreed && i < entry->sample_count; i++) {
		struct relib_stack stack = outwards(report, entry, i);

		if (!same_frame(&stack.frames[own_source(report, &stack)], &first.frames[agreed]))
			return 0;
	}
	return agreed;
}

/* Row 0: the entry itself. */
static void main_row(const struct text *text, const struct table *table, const struct relib_entry *entry, unsigned columns,
		     struct row *row)
{
	struct relib_frame unknown = { 0 };
	struct relib_stack chain = entry->callsite;
	const struct relib_frame *frame = &entry->function;
	size_t source = agreed_source(text->report, entry);

	if (entry->kind != RELIB_KIND_HEAP) {
		thread_left(table, entry, &row->left);
		add_frame_name(&row->name, frame, columns);
	} else {
		heap_left(table, entry, &row->left);
		if (source) { /* `std::vector<..>::push_back < registry::add`: what its source says, and what is behind it */
			chain = outwards(text->report, entry, 0);
			chain.frames += source - 1;
			chain.count = 2;
		} else if (chain.count) {
			chain.count = module_frame(text->report, &chain) + 1;
		} else {
			chain.frames = &unknown;
			chain.count = 1;
		}
		add_chain(&row->name, chain.frames, chain.count, columns);
		frame = &chain.frames[chain.count - 1];
	}
	if (frame->function)
		relib_field_add_where(&row->where, frame, table->where_most);
}

/* The frames that row `index` (from 1) is about. One more is below them. */
static struct relib_stack row_frames(const struct text *text, const struct relib_entry *entry, unsigned index)
{
	struct relib_stack stack = outwards(text->report, entry, index - 1), none = { 0 };
	size_t skip = own_source(text->report, &stack), agreed = agreed_source(text->report, entry);

	if (index > 1 && index > entry->sample_count)
		return none;
	if (entry->kind != RELIB_KIND_HEAP) { /* who called pthread_create */
		if (skip == 0 && stack.count)
			return is_start_code(stack.frames) ? none : stack;
	} else if (agreed || skip == 0) {
		skip++; /* row 0 has this one */
	}
	if (skip >= stack.count || (skip && is_end(&stack.frames[skip])))
		return none;
	stack.frames += skip;
	stack.count -= skip;
	return stack;
}

/* Samples of one site often differ further out than a line has room for. */
static bool seen_before(const struct text *text, const struct relib_entry *entry, unsigned index,
			const struct relib_stack *stack)
{
	for (unsigned i = 1; i < index; i++) {
		struct relib_stack earlier = row_frames(text, entry, i);

		if (earlier.count && same_frame(&earlier.frames[0], &stack->frames[0]))
			return true;
	}
	return false;
}

static const char *row_label(const struct relib_entry *entry)
{
	if (entry->kind == RELIB_KIND_HEAP)
		return "seen from";
	return entry->kind == RELIB_KIND_THREAD ? "started by" : "registered by";
}

static unsigned edge(const struct table *table)
{
	return table->indent + table->left + GAP + table->name + (table->where ? GAP + table->where : 0);
}

/* Columns for the rest of a row; 0 is "no end". Where there is no room the caller's caller is left out. */
static unsigned rest_room(const struct text *text, const struct table *table)
{
	unsigned width = text->style->width;

	if (!width || table->beside)
		return 0;
	return width > edge(table) + 2 ? width - edge(table) - 2 : 1;
}

/* Fills row `index` of an entry. False when there is nothing to show in it. */
static bool fill_row(const struct text *text, const struct table *table, const struct relib_entry *entry, unsigned index,
		     unsigned columns, struct row *row)
{
	struct relib_stack stack;

	relib_field_clear(&row->left);
	relib_field_clear(&row->name);
	relib_field_clear(&row->where);
	relib_field_clear(&row->rest);
	if (index == 0) {
		main_row(text, table, entry, columns, row);
		return true;
	}
	stack = row_frames(text, entry, index);
	if (!stack.count || seen_before(text, entry, index, &stack))
		return false;
	relib_field_add(&row->left, row_label(entry));
	add_frame_name(&row->name, &stack.frames[0], columns);
	if (stack.frames[0].function)
		relib_field_add_where(&row->where, &stack.frames[0], table->where_most);
	add_callers(&row->rest, stack.frames + 1, stack.count - 1, rest_room(text, table));
	return true;
}

/* Tables */

static void widen(unsigned *width, unsigned columns)
{
	if (*width < columns)
		*width = columns;
}

static bool in_table(const struct table *table, const struct relib_entry *entry)
{
	return entry->kind == table->kind && entry->count;
}

static void measure_sizes(const struct text *text, struct table *table)
{
	struct field field;
	unsigned rows = 0;

	for (size_t i = 0; i < text->report->entry_count && rows < table->rows; i++) {
		const struct relib_entry *entry = &text->report->entries[i];

		if (!in_table(table, entry))
			continue;
		rows++;
		relib_field_clear(&field);
		relib_field_add_number(&field, entry->count);
		widen(&table->count, field.columns);
		relib_field_clear(&field);
		add_size(&field, entry->bytes);
		widen(&table->number, field.columns);
	}
}

/* Widths of the columns when names may be as long as they are; then the name gives way. */
static void measure_rows(const struct text *text, struct table *table)
{
	unsigned rows = 0, line = 0, width = text->style->width, fixed; /* without the name */
	bool more_than_one = false;
	struct row row;

	for (size_t i = 0; i < text->report->entry_count && rows < table->rows; i++) {
		const struct relib_entry *entry = &text->report->entries[i];
		unsigned behind = 0;

		if (!in_table(table, entry))
			continue;
		rows++;
		for (unsigned index = 0; index <= SAMPLES_MOST; index++) {
			if (!fill_row(text, table, entry, index, 0, &row))
				continue;
			if (index == 0) {
				widen(&table->left, row.left.columns);
				widen(&table->name, row.name.columns);
				widen(&table->where, row.where.columns);
			} else {
				more_than_one |= behind != 0;
				behind = row.left.columns + row.name.columns + row.where.columns + row.rest.columns + 3 + GAP;
			}
		}
		widen(&line, behind);
	}
	table->beside = !more_than_one && (!width || edge(table) + line <= width);
	if (table->beside)
		return;
	for (size_t i = 0, seen = 0; i < text->report->entry_count && seen < rows; i++) {
		if (!in_table(table, &text->report->entries[i]))
			continue;
		seen++;
		for (unsigned index = 1; index <= SAMPLES_MOST; index++) {
			if (!fill_row(text, table, &text->report->entries[i], index, 0, &row))
				continue;
			widen(&table->left, row.left.columns);
			widen(&table->name, row.name.columns);
			widen(&table->where, row.where.columns);
		}
	}
	if (!width)
		return;
	table->where_most = width * 3 / 10 > WHERE_LEAST ? width * 3 / 10 : WHERE_LEAST;
	if (table->where > table->where_most)
		table->where = table->where_most;
	fixed = edge(table) - table->name;
	if (fixed + table->name > width)
		table->name = width > fixed + NARROWEST ? width - fixed : NARROWEST;
}

static void put_row(struct text *text, const struct table *table, const struct row *row, bool below)
{
	if (below) {
		put_spaces(text, table->indent + table->left - row->left.columns);
		color(text, faint);
		put_field(text, &row->left);
	} else {
		put_spaces(text, table->indent);
		put_field(text, &row->left);
		put_spaces(text, table->left - row->left.columns);
	}
	put_spaces(text, GAP);
	put_field(text, &row->name);
	if (row->where.columns) {
		if (row->name.columns < table->name)
			put_spaces(text, table->name - row->name.columns);
		put_spaces(text, GAP);
		if (!below)
			color(text, faint);
		put_field(text, &row->where);
	}
	if (row->rest.columns) {
		put_spaces(text, (text->column < edge(table) ? edge(table) - text->column : 0) + 2);
		put_field(text, &row->rest);
	}
	if (below || row->where.columns)
		color(text, plain);
}

static void put_beside(struct text *text, const struct table *table, const struct row *row)
{
	put_spaces(text, (text->column < edge(table) ? edge(table) - text->column : 0) + GAP);
	color(text, faint);
	put_field(text, &row->left);
	put(text, " ");
	put_field(text, &row->name);
	if (row->where.columns) {
		put(text, " ");
		put_field(text, &row->where);
	}
	if (row->rest.columns) {
		put(text, " ");
		put_field(text, &row->rest);
	}
	color(text, plain);
}

static void put_entry(struct text *text, const struct table *table, const struct relib_entry *entry)
{
	unsigned columns = text->style->width ? table->name : 0;
	struct row row;

	fill_row(text, table, entry, 0, columns, &row);
	put_row(text, table, &row, false);
	for (unsigned index = 1; index <= SAMPLES_MOST; index++) {
		if (!fill_row(text, table, entry, index, table->beside ? 0 : columns, &row))
			continue;
		if (table->beside) {
			put_beside(text, table, &row);
		} else {
			put_newline(text);
			put_row(text, table, &row, true);
		}
	}
	put_newline(text);
}

/* "and 12 more call sites with 40 blocks (1.2 KiB)" */
static void put_rest(struct text *text, const struct table *table, uint64_t sites, uint64_t count, uint64_t bytes)
{
	struct field line = { 0 };

	relib_field_add(&line, "and ");
	if (table->kind == RELIB_KIND_HEAP) {
		const char *unit;

		add_count(&line, sites, "more call site");
		relib_field_add(&line, " with ");
		add_count(&line, count, "block");
		relib_field_add(&line, " (");
		unit = add_size(&line, bytes);
		relib_field_add(&line, " ");
		relib_field_add(&line, unit);
		relib_field_add(&line, ")");
	} else {
		add_count(&line, count, "more thread");
	}
	put_spaces(text, table->indent);
	put_field(text, &line);
	put_newline(text);
}

static void put_table(struct text *text, enum relib_kind kind, unsigned indent)
{
	struct table table = { .kind = kind, .indent = indent,
			       .rows = text->style->rows ? text->style->rows : ROWS_DEFAULT };
	uint64_t sites = 0, count = 0, bytes = 0;
	unsigned rows = 0;

	measure_sizes(text, &table);
	measure_rows(text, &table);
	for (size_t i = 0; i < text->report->entry_count; i++) {
		const struct relib_entry *entry = &text->report->entries[i];

		if (!in_table(&table, entry))
			continue;
		if (rows < table.rows) {
			put_entry(text, &table, entry);
			rows++;
		} else {
			sites++;
			count += entry->count;
			bytes += entry->bytes;
		}
	}
	if (sites)
		put_rest(text, &table, sites, count, bytes);
}

/* What there is of one kind, and what became of it. */
struct total {
	uint64_t sites, count, bytes, of_action[4];
};

static struct total add_up(const struct relib_report *report, enum relib_kind kind)
{
	struct total total = { 0 };

	for (size_t i = 0; i < report->entry_count; i++) {
		const struct relib_entry *entry = &report->entries[i];

		if (entry->kind != kind || !entry->count)
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

static void put_heading(struct text *text, enum relib_kind kind, const struct total *total)
{
	struct field line = { 0 };
	const char *unit;

	put_spaces(text, 2);
	color(text, bold);
	if (kind == RELIB_KIND_HEAP) {
		put(text, "heap");
		color(text, plain);
		relib_field_pad(&line, 2 * GAP);
		add_count(&line, total->sites, "call site");
		relib_field_pad(&line, line.columns + GAP);
		add_count(&line, total->count, "block");
		relib_field_pad(&line, line.columns + GAP);
		unit = add_size(&line, total->bytes);
		relib_field_add(&line, " ");
		relib_field_add(&line, unit);
	} else {
		put(text, kind == RELIB_KIND_THREAD ? "threads" : "thread-local destructors");
		color(text, plain);
		relib_field_pad(&line, GAP);
		relib_field_add_number(&line, total->count);
		if (kind == RELIB_KIND_THREAD)
			relib_field_add(&line, " ended, neither joined nor detached");
	}
	put_field(text, &line);
	put_newline(text);
}

/* "1,003 blocks (1.2 MiB) and 2 threads" */
static void add_things(struct field *field, const struct total *totals)
{
	static const char *const nouns[KINDS] = { "block", "thread", "thread-local destructor" };
	unsigned kinds = 0, done = 0;
	const char *unit;

	for (unsigned kind = 0; kind < KINDS; kind++)
		kinds += totals[kind].count != 0;
	for (unsigned kind = 0; kind < KINDS; kind++) {
		if (!totals[kind].count)
			continue;
		if (done++)
			relib_field_add(field, done == kinds ? " and " : ", ");
		add_count(field, totals[kind].count, nouns[kind]);
		if (kind == RELIB_KIND_HEAP) {
			relib_field_add(field, " (");
			unit = add_size(field, totals[kind].bytes);
			relib_field_add(field, " ");
			relib_field_add(field, unit);
			relib_field_add(field, ")");
		}
	}
}

/* " left behind and freed", or what became of the parts */
static void add_fate(struct field *field, const struct relib_report *report, const struct total *totals)
{
	uint64_t all = 0, of[4] = { 0 };
	bool only_heap = !totals[RELIB_KIND_THREAD].count && !totals[RELIB_KIND_THREAD_DESTRUCTOR].count;
	const char *released = only_heap ? "freed" : "given back";

	for (unsigned kind = 0; kind < KINDS; kind++) {
		all += totals[kind].count;
		for (unsigned action = 0; action < 4; action++)
			of[action] += totals[kind].of_action[action];
	}
	if (of[RELIB_ACTION_RELEASED] == all || (only_heap && report->heap.released == all)) {
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
	color(text, bold);
	relib_field_add(&field, report->module.path ? relib_name_of_file(report->module.path) : "a module");
	put_field(text, &field);
	color(text, plain);
	put(text, " ");
	if (outcome != RELIB_OUTCOME_UNLOADED)
		color(text, red);
	/* the verb stays on the line: it is one thing with the name */
	put(text, verbs[outcome]);
	color(text, plain);
	relib_field_clear(&field);
	if (outcome == RELIB_OUTCOME_UNLOADED) {
		add_things(&field, totals);
		if (field.columns) {
			add_fate(&field, report, totals);
			put(text, ",");
			color(text, yellow);
			put_words(text, field.text, indent);
			color(text, plain);
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
	struct total totals[KINDS];
	bool unloaded = report->outcome == RELIB_OUTCOME_UNLOADED, anything = false;

	for (unsigned kind = 0; kind < KINDS; kind++) {
		totals[kind] = add_up(report, (enum relib_kind)kind);
		anything |= totals[kind].count != 0;
	}
	if (unloaded && !anything && !report->reason && !report->untracked)
		return;
	put_header(&text, totals);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		bool headed = unloaded || kind == RELIB_KIND_HEAP;

		if (!totals[kind].sites)
			continue;
		if (headed) {
			put_newline(&text);
			put_heading(&text, (enum relib_kind)kind, &totals[kind]);
		}
		put_table(&text, (enum relib_kind)kind, headed ? 6 : 2);
	}
	put_next(&text);
	out_flush(&text.out);
}
