/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tables of a report's text, and what all of its text is written with. */
#ifndef RELIB_REPORT_TABLE_H
#define RELIB_REPORT_TABLE_H

#include "kind-words.h"
#include "report-name.h"
#include "report-out.h"

#define RELIB_BOLD "\033[1m"
#define RELIB_FAINT "\033[2m"
#define RELIB_RED "\033[31m"
#define RELIB_YELLOW "\033[33m"
#define RELIB_PLAIN "\033[0m"

struct text {
	struct out out;
	const struct relib_report *report;
	const struct relib_text_style *style;
	unsigned column;
};

static inline void color(struct text *text, const char *code)
{
	if (text->style->color)
		out_text(&text->out, code);
}

static inline void put(struct text *text, const char *string)
{
	out_text(&text->out, string);
	text->column += (unsigned)strlen(string);
}

static inline void put_field(struct text *text, const struct field *field)
{
	out_bytes(&text->out, field->text, field->used);
	text->column += field->columns;
}

static inline void put_newline(struct text *text)
{
	out_text(&text->out, "\n");
	text->column = 0;
}

static inline void put_spaces(struct text *text, unsigned count)
{
	while (count--)
		put(text, " ");
}

/* A thread whose stack could not be looked at: not one of the module's. */
static inline bool relib_is_unseen(const struct relib_entry *entry)
{
	return entry->kind == RELIB_KIND_THREAD && entry->action == RELIB_ACTION_REPORTED && entry->detail_count;
}

/* thread 5012 "pool-0" */
void relib_field_add_thread(struct field *field, const struct relib_entry *entry);

/* "2 signal handlers" */
static inline void relib_field_add_kind(struct field *field, uint64_t count, enum relib_kind kind)
{
	const struct relib_kind_words *words = relib_kind_words(kind);

	relib_field_add_number(field, count);
	relib_field_add(field, " ");
	relib_field_add(field, count == 1 ? words->noun : words->nouns);
}

/* All entries of one kind, aligned, with their callers; what is too many is summed up in a last line. */
void relib_table_put(struct text *text, enum relib_kind kind, unsigned indent);
/* The same of the blocks that others freed. */
void relib_table_put_foreign(struct text *text, unsigned indent);

#endif
