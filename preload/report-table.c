/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tables of a report's text. */
#include "report-table.h"
#include "report-stack.h"

#include <inttypes.h>
#include <stdio.h>

#define GAP 3               /* columns between columns */
#define NARROWEST 12        /* a name is not cut below this, however narrow the terminal */
#define WHERE_LEAST 16
#define SAMPLES_MOST 3
#define ROWS_DEFAULT 20
#define FUNCTION_MOST 40      /* columns of what a handler calls */
#define DETAIL_LEAST 24     /* more than the longest ", 18,446,... more" of what fits a process */
#define DETAIL_MOST 56      /* what a thing is, with how many more there are; a path is cut in its middle */
#define DETAIL_PLAIN 120    /* where a line has no end */
#define DETAIL_CUT 3        /* a file can say more than fits a process */

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
	bool foreign; /* of that kind, what others gave back */
	unsigned indent, rows;
	unsigned count, number;      /* heap: widths of "1,000" and of "1.2" */
	unsigned left, name, where;  /* widths of the columns */
	unsigned name_most, where_most; /* what the columns may take; 0 is all they need */
	unsigned detail_most;
	bool beside;                 /* row 1 fits behind row 0 */
};

static void add_space_to(struct field *field, unsigned columns, const struct field *right)
{
	relib_field_pad(field, field->columns + (columns > right->columns ? columns - right->columns : 0));
}

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
	unit = relib_field_add_size(&number, entry->bytes);
	add_space_to(left, table->number, &number);
	relib_field_add(left, number.text);
	relib_field_add(left, " ");
	relib_field_add(left, unit);
	relib_field_pad(left, table->left);
}

void relib_field_add_thread(struct field *field, const struct relib_entry *entry)
{
	char id[16];

	if (!entry->thread_id) {
		relib_field_add_count(field, entry->count, "thread");
		return;
	}
	/* no thousands: it is to be pasted into gdb or ps */
	snprintf(id, sizeof(id), "%" PRId32, entry->thread_id);
	relib_field_add(field, "thread ");
	relib_field_add(field, id);
	if (entry->thread_name && *entry->thread_name) {
		relib_field_add(field, " \"");
		relib_field_add(field, entry->thread_name);
		relib_field_add(field, "\"");
	}
}

static void thread_left(const struct table *table, const struct relib_entry *entry, struct field *left)
{
	relib_field_add_thread(left, entry);
	relib_field_pad(left, table->left);
}

/* "fd 12  /etc/passwd" and how many more; or "SIGUSR1  on_signal". */
static void thing_left(const struct table *table, const struct relib_entry *entry, struct field *left)
{
	struct field more = { 0 };

	if (!entry->detail_count) {
		relib_field_add_kind(left, entry->count, entry->kind);
	} else {
		if (entry->count > 1) {
			relib_field_add(&more, ", ");
			relib_field_add_number(&more, entry->count - 1);
			relib_field_add(&more, " more");
		}
		relib_field_add_cut(left, entry->details[0],
				    table->detail_most > more.columns + DETAIL_CUT ? table->detail_most - more.columns : DETAIL_CUT);
		relib_field_add(left, more.text);
	}
	if (entry->function.function) {
		relib_field_add(left, "  ");
		relib_field_add_frame(left, &entry->function, FUNCTION_MOST);
	}
	relib_field_pad(left, table->left);
}

static bool is_of_thread_kind(enum relib_kind kind)
{
	return kind == RELIB_KIND_THREAD || kind == RELIB_KIND_THREAD_DESTRUCTOR;
}

static bool is_of_thread(const struct relib_entry *entry)
{
	return is_of_thread_kind(entry->kind);
}

/* Row 0: the entry itself. */
static void main_row(const struct text *text, const struct table *table, const struct relib_entry *entry, unsigned columns,
		     struct row *row)
{
	struct relib_frame unknown = { 0 };
	struct relib_stack chain = entry->callsite;
	const struct relib_frame *frame = &entry->function;
	size_t source = relib_stack_agreed_source(text->report, entry);

	if (is_of_thread(entry)) {
		thread_left(table, entry, &row->left);
		if (entry->inside) {
			relib_field_add(&row->name, "is in ");
			columns = columns > NARROWEST + 6 ? columns - 6 : columns ? NARROWEST : 0;
		}
		relib_field_add_frame(&row->name, frame, columns);
	} else {
		if (entry->kind == RELIB_KIND_HEAP)
			heap_left(table, entry, &row->left);
		else
			thing_left(table, entry, &row->left);
		if (source) { /* `std::vector<..>::push_back < registry::add`: what its source says, and what is behind it */
			chain = relib_stack_outwards(text->report, entry, 0);
			chain.frames += source - 1;
			chain.count = 2;
		} else if (chain.count) {
			chain.count = relib_stack_module_frame(text->report, &chain) + 1;
		} else {
			chain.frames = &unknown;
			chain.count = 1;
		}
		if (entry->kind == RELIB_KIND_STRING && !entry->callsite.count)
			relib_field_add(&row->name, "found there, by no call that was seen");
		else
			relib_field_add_chain(&row->name, chain.frames, chain.count, columns);
		frame = &chain.frames[chain.count - 1];
	}
	if (frame->function)
		relib_field_add_where(&row->where, frame, table->where_most);
}

static bool same_object(const struct relib_frame *one, const struct relib_frame *other)
{
	return one->object == other->object || (one->object && other->object && !strcmp(one->object, other->object));
}

/* The frames that row `index` (from 1) is about. One more is below them. */
static struct relib_stack row_frames(const struct text *text, const struct relib_entry *entry, unsigned index)
{
	struct relib_stack stack = relib_stack_outwards(text->report, entry, index - 1), none = { 0 };
	size_t skip = relib_stack_own_source(text->report, &stack), agreed = relib_stack_agreed_source(text->report, entry);

	if (index > 1 && index > entry->sample_count)
		return none;
	if (is_of_thread(entry)) { /* who called pthread_create */
		if (skip == 0 && stack.count)
			return relib_stack_is_start(stack.frames) ? none : stack;
	} else if (agreed || skip == 0) {
		skip++; /* row 0 has this one */
	}
	if (skip >= stack.count || (skip && relib_stack_is_end(&stack.frames[skip])))
		return none;
	stack.frames += skip;
	stack.count -= skip;
	if (!stack.frames[0].function && !stack.frames[0].object)
		return none; /* code that can't be unwound: nothing is known of its callers */
	return stack;
}

/* Who gave it back: from the runtime function that did so for somebody to that one. */
static bool freed_row(const struct table *table, const struct relib_entry *entry, unsigned columns, struct row *row)
{
	size_t count = 1;

	if (!entry->freed.count)
		return false;
	while (count < entry->freed.count &&
	       !same_object(&entry->freed.frames[count - 1], &entry->freed.frames[entry->freed.count - 1]))
		count++;
	relib_field_add(&row->left, "freed by");
	relib_field_add_chain(&row->name, entry->freed.frames, count, columns);
	if (entry->freed.frames[count - 1].function)
		relib_field_add_where(&row->where, &entry->freed.frames[count - 1], table->where_most);
	return true;
}

static bool looks_same(const struct relib_frame *one, const struct relib_frame *other)
{
	if (!one->file || !other->file || !one->function || !other->function)
		return relib_stack_same_frame(one, other);
	return one->line == other->line && strcmp(one->file, other->file) == 0 && strcmp(one->function, other->function) == 0;
}

/* Samples of one site often differ further out than a line has room for. */
static bool seen_before(const struct text *text, const struct relib_entry *entry, unsigned index,
			const struct relib_stack *stack)
{
	for (unsigned i = 1; i < index; i++) {
		struct relib_stack earlier = row_frames(text, entry, i);

		if (earlier.count && looks_same(&earlier.frames[0], &stack->frames[0]))
			return true;
	}
	return false;
}

static const char *row_label(const struct relib_entry *entry)
{
	if (!is_of_thread(entry))
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
	if (table->foreign)
		return index == 1 && freed_row(table, entry, columns, row);
	stack = row_frames(text, entry, index);
	if (!stack.count || seen_before(text, entry, index, &stack))
		return false;
	relib_field_add(&row->left, row_label(entry));
	relib_field_add_frame(&row->name, &stack.frames[0], columns);
	if (stack.frames[0].function)
		relib_field_add_where(&row->where, &stack.frames[0], table->where_most);
	relib_field_add_callers(&row->rest, stack.frames + 1, stack.count - 1, rest_room(text, table));
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
	return entry->kind == table->kind && entry->count && !relib_is_unseen(entry) &&
	       (entry->action == RELIB_ACTION_FOREIGN) == table->foreign;
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
		relib_field_add_size(&field, entry->bytes);
		widen(&table->number, field.columns);
	}
}

/* Names are cut to `most` columns, and the column is as wide as the widest is then. */
static void fit_names(const struct text *text, struct table *table, unsigned most)
{
	unsigned rows = 0;
	struct row row;

	table->name_most = most;
	table->name = 0;
	for (size_t i = 0; i < text->report->entry_count && rows < table->rows; i++) {
		if (!in_table(table, &text->report->entries[i]))
			continue;
		rows++;
		for (unsigned index = 0; index <= SAMPLES_MOST; index++)
			if (fill_row(text, table, &text->report->entries[i], index, most, &row))
				widen(&table->name, row.name.columns);
	}
}

static unsigned where_most(const struct text *text)
{
	unsigned most = text->style->width * 3 / 10;

	return most > WHERE_LEAST ? most : WHERE_LEAST;
}

/* So much of a line as is left when all other columns are as narrow or as wide as they may be. */
static unsigned detail_most(const struct text *text, const struct table *table)
{
	unsigned others = table->indent + NARROWEST + 2 * GAP + where_most(text);

	if (!text->style->width)
		return DETAIL_PLAIN;
	if (text->style->width >= others + DETAIL_MOST)
		return DETAIL_MOST;
	return text->style->width > others + DETAIL_LEAST ? text->style->width - others : DETAIL_LEAST;
}

static void widen_columns(struct table *table, const struct row *row)
{
	widen(&table->left, row->left.columns);
	widen(&table->name, row->name.columns);
	widen(&table->where, row->where.columns);
}

/* By the first line of each entry. What is below it may stand beside it, if that is one line of each at most, and fits. */
static void measure_first_lines(const struct text *text, struct table *table)
{
	unsigned line = 0, width = text->style->width;
	bool more_than_one = false;
	struct row row;

	for (size_t i = 0, rows = 0; i < text->report->entry_count && rows < table->rows; i++) {
		const struct relib_entry *entry = &text->report->entries[i];
		unsigned behind = 0;

		if (!in_table(table, entry))
			continue;
		rows++;
		if (fill_row(text, table, entry, 0, 0, &row))
			widen_columns(table, &row);
		for (unsigned index = 1; index <= SAMPLES_MOST; index++) {
			if (!fill_row(text, table, entry, index, 0, &row))
				continue;
			more_than_one |= behind != 0;
			behind = row.left.columns + row.name.columns + row.where.columns + row.rest.columns + 3 + GAP;
		}
		widen(&line, behind);
	}
	table->beside = !more_than_one && (!width || edge(table) + line <= width);
}

static void measure_lines_below(const struct text *text, struct table *table)
{
	struct row row;

	for (size_t i = 0, rows = 0; i < text->report->entry_count && rows < table->rows; i++) {
		if (!in_table(table, &text->report->entries[i]))
			continue;
		rows++;
		for (unsigned index = 1; index <= SAMPLES_MOST; index++)
			if (fill_row(text, table, &text->report->entries[i], index, 0, &row))
				widen_columns(table, &row);
	}
}

/* Widths of the columns when names may be as long as they are; then the name gives way. */
static void measure_rows(const struct text *text, struct table *table)
{
	unsigned width = text->style->width, fixed; /* without the name */

	measure_first_lines(text, table);
	if (table->beside)
		return;
	measure_lines_below(text, table);
	if (!width)
		return;
	table->where_most = where_most(text);
	if (table->where > table->where_most)
		table->where = table->where_most;
	fixed = edge(table) - table->name;
	if (fixed + table->name > width)
		fit_names(text, table, width > fixed + NARROWEST ? width - fixed : NARROWEST);
}

static void put_row(struct text *text, const struct table *table, const struct row *row, bool below)
{
	if (below) {
		put_spaces(text, table->indent + table->left - row->left.columns);
		color(text, RELIB_FAINT);
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
			color(text, RELIB_FAINT);
		put_field(text, &row->where);
	}
	if (row->rest.columns) {
		put_spaces(text, (text->column < edge(table) ? edge(table) - text->column : 0) + 2);
		put_field(text, &row->rest);
	}
	if (below || row->where.columns)
		color(text, RELIB_PLAIN);
}

static void put_beside(struct text *text, const struct table *table, const struct row *row)
{
	put_spaces(text, (text->column < edge(table) ? edge(table) - text->column : 0) + GAP);
	color(text, RELIB_FAINT);
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
	color(text, RELIB_PLAIN);
}

static void put_entry(struct text *text, const struct table *table, const struct relib_entry *entry)
{
	struct row row;

	fill_row(text, table, entry, 0, table->name_most, &row);
	put_row(text, table, &row, false);
	for (unsigned index = 1; index <= SAMPLES_MOST; index++) {
		if (!fill_row(text, table, entry, index, table->name_most, &row))
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

		relib_field_add_count(&line, sites, "more call site");
		relib_field_add(&line, " with ");
		relib_field_add_count(&line, count, "block");
		relib_field_add(&line, " (");
		unit = relib_field_add_size(&line, bytes);
		relib_field_add(&line, " ");
		relib_field_add(&line, unit);
		relib_field_add(&line, ")");
	} else {
		const struct relib_kind_words *words = relib_kind_words(is_of_thread_kind(table->kind) ? RELIB_KIND_THREAD : table->kind);

		relib_field_add_number(&line, count);
		relib_field_add(&line, " more ");
		relib_field_add(&line, count == 1 ? words->noun : words->nouns);
	}
	put_spaces(text, table->indent);
	put_field(text, &line);
	put_newline(text);
}

static void put_table(struct text *text, enum relib_kind kind, bool foreign, unsigned indent)
{
	struct table table = { .kind = kind, .foreign = foreign, .indent = indent,
			       .rows = text->style->rows ? text->style->rows : ROWS_DEFAULT };
	uint64_t sites = 0, count = 0, bytes = 0;
	unsigned rows = 0;

	table.detail_most = detail_most(text, &table);
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

void relib_table_put(struct text *text, enum relib_kind kind, unsigned indent)
{
	put_table(text, kind, false, indent);
}

void relib_table_put_foreign(struct text *text, unsigned indent)
{
	put_table(text, RELIB_KIND_HEAP, true, indent);
}
