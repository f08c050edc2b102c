/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Types and differences in words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "description.h"

void relib_words_add(struct relib_words *words, const char *format, ...)
{
	size_t room = (words->limit ? words->limit : sizeof(words->text)) - words->length;
	va_list arguments;
	int added;

	va_start(arguments, format);
	added = vsnprintf(words->text + words->length, room, format, arguments);
	va_end(arguments);
	if (added >= 0 && (size_t)added < room) {
		words->length += (size_t)added;
		return;
	}
	words->length += room - 1;
	if (words->length < 4)
		return;
	/* A letter beyond ASCII is cut out whole. */
	added = (int)words->length - 3;
	while (added > 0 && ((unsigned char)words->text[added] & 0xc0) == 0x80)
		added--;
	snprintf(words->text + added, 4, "...");
	words->length = (size_t)added + 3;
}

static bool is_full(const struct relib_words *words)
{
	return words->length + 4 >= (words->limit ? words->limit : sizeof(words->text));
}

/* Types */

static void add_base(struct relib_words *words, struct relib_span text)
{
	const char *digits = text.at + 1;
	int length = (int)text.length - 1;

	switch (text.at[0]) {
	case 'v':
		relib_words_add(words, "void");
		break;
	case 'i': case 'u':
		relib_words_add(words, "%s %.*s-bit integer", text.at[0] == 'i' ? "signed" : "unsigned", length, digits);
		break;
	case 'f':
		if (text.length == 3 && (text.at[1] == '3' || text.at[1] == '6'))
			relib_words_add(words, text.at[1] == '3' ? "float" : "double");
		else
			relib_words_add(words, "%.*s-bit floating point", length, digits);
		break;
	default:
		relib_words_add(words, text.length == 1 ? "bool" : "bfloat16");
	}
}

static void add_type(struct relib_words *words, const struct relib_description *description, const char **at);

static void add_function(struct relib_words *words, const struct relib_description *description, const char **at)
{
	const char *result = *at, *before = "";

	relib_type_skip(at);
	relib_words_add(words, "function(");
	while (**at == ',' && !is_full(words)) {
		++*at;
		relib_words_add(words, "%s", before);
		before = ", ";
		if (**at == '.' || **at == '?') {
			relib_words_add(words, **at == '.' ? "..." : "anything");
			*at += **at == '.' ? 3 : 1;
		} else {
			add_type(words, description, at);
		}
	}
	relib_words_add(words, *before ? ") returning " : "void) returning ");
	add_type(words, description, &result);
	++*at;
}

static void add_prefix(struct relib_words *words, char prefix)
{
	relib_words_add(words, "%s", prefix == '*'   ? "pointer to "
				     : prefix == 'k' ? "const "
				     : prefix == 'q' ? "volatile "
				     : prefix == 'a' ? "atomic "
						     : "complex ");
}

static void add_type(struct relib_words *words, const struct relib_description *description, const char **at)
{
	while (!is_full(words)) {
		struct relib_token token = relib_type_next(at);

		switch (token.kind) {
		case RELIB_TOKEN_PREFIX:
			add_prefix(words, token.text.at[0]);
			break;
		case RELIB_TOKEN_ARRAY:
			relib_words_add(words, "array of %llu ", (unsigned long long)token.number);
			break;
		case RELIB_TOKEN_OPEN:
			relib_words_add(words, "array of unknown length of ");
			break;
		case RELIB_TOKEN_VECTOR:
			relib_words_add(words, "vector of %llu ", (unsigned long long)token.number);
			break;
		case RELIB_TOKEN_TYPE:
			relib_words_add(words, "%.*s", RELIB_SPAN(description->types[token.number - 1].label));
			return;
		case RELIB_TOKEN_FUNCTION:
			add_function(words, description, at);
			return;
		case RELIB_TOKEN_BASE:
			add_base(words, token.text);
			return;
		}
	}
}

void relib_words_add_type(struct relib_words *words, const struct relib_description *description, const char *type)
{
	add_type(words, description, &type);
}

/* Differences */

struct view {
	struct relib_words *words;
	const struct relib_comparison *comparison;
	const struct relib_difference *difference;
	const struct relib_described_type *host_type, *module_type; /* NULL: in the function's own type */
};

#define TYPE_WORDS 140

static const struct relib_described_part *part_of(const struct relib_description *description, uint32_t index)
{
	return &description->parts[index];
}

static void add_part_name(struct relib_words *words, const struct relib_described_type *type,
			  const struct relib_description *description, uint32_t index)
{
	struct relib_span name = part_of(description, index)->name;
	const char *what = type->kind == RELIB_IS_ENUM ? "value" : "field";

	if (name.length == 1 && name.at[0] == '-')
		relib_words_add(words, "%s %u (without a name)", what, index - type->first + 1);
	else
		relib_words_add(words, "%s %.*s", what, RELIB_SPAN(name));
}

/* Where in the function, or in the field, the difference lies. */
static void add_place(const struct view *view)
{
	const struct relib_difference *difference = view->difference;
	/* What the function's own steps are of goes without saying; a count is of the function, not of a step in it. */
	uint32_t own = view->host_type ? 0 : 1;

	if (view->host_type)
		add_part_name(view->words, view->host_type, view->comparison->host, difference->host_part);
	for (uint32_t i = 0; i < difference->depth; i++) {
		const char *before = i < own ? "" : ", a callback: ";
		const char *its = i < own ? "" : "its ";

		if (difference->steps[i] == RELIB_STEP_RESULT)
			relib_words_add(view->words, "%s%sresult", before, i < own ? "the " : its);
		else
			relib_words_add(view->words, "%s%sparameter %u", before, its, difference->steps[i]);
	}
}

static void add_types(const struct view *view, const char *host, const char *module)
{
	struct relib_words here = { .limit = TYPE_WORDS }, there = { .limit = TYPE_WORDS };

	relib_words_add_type(&here, view->comparison->host, host);
	relib_words_add_type(&there, view->comparison->module, module);
	if (strcmp(here.text, there.text))
		relib_words_add(view->words, " is %s in the host, %s in the module", here.text, there.text);
	else
		relib_words_add(view->words, " is %s in the host, another type of that name in the module", here.text);
}

static void add_different_type(const struct view *view)
{
	const struct relib_difference *difference = view->difference;
	struct relib_span here, there;

	add_place(view);
	if (!view->host_type || difference->depth) {
		add_types(view, difference->host_at, difference->module_at);
		return;
	}
	here = part_of(view->comparison->host, difference->host_part)->spelling;
	there = part_of(view->comparison->module, difference->module_part)->spelling;
	if (here.length < TYPE_WORDS && there.length < TYPE_WORDS && !relib_span_same(here, there)) {
		relib_words_add(view->words, " is %.*s in the host, %.*s in the module", RELIB_SPAN(here), RELIB_SPAN(there));
		return;
	}
	if (here.length < TYPE_WORDS)
		relib_words_add(view->words, ", %.*s on both sides,", RELIB_SPAN(here));
	add_types(view, difference->host_at, difference->module_at);
}

static void add_count(struct relib_words *words, uint32_t count, char ending)
{
	if (ending == '?')
		relib_words_add(words, "parameters that it doesn't say");
	else
		relib_words_add(words, "%u parameter%s%s", count, count == 1 ? "" : "s", ending == '.' ? " and more (...)" : "");
}

static void add_different_count(const struct view *view)
{
	const struct relib_difference *difference = view->difference;

	add_place(view);
	if (view->host_type || difference->depth)
		relib_words_add(view->words, ", a callback: ");
	relib_words_add(view->words, "it takes ");
	add_count(view->words, difference->host_count, difference->host_ending);
	relib_words_add(view->words, " in the host, ");
	add_count(view->words, difference->module_count, difference->module_ending);
	relib_words_add(view->words, " in the module");
}

static void add_bits(struct relib_words *words, uint64_t bits, bool is_bit_field)
{
	if (is_bit_field || bits % 8)
		relib_words_add(words, "at bit %llu", (unsigned long long)bits);
	else
		relib_words_add(words, "at offset %llu", (unsigned long long)(bits / 8));
}

static void add_missing(const struct view *view, bool in_module)
{
	const struct relib_description *has = in_module ? view->comparison->host : view->comparison->module;
	const struct relib_described_type *type = in_module ? view->host_type : view->module_type;
	uint32_t index = in_module ? view->difference->host_part : view->difference->module_part;
	const struct relib_described_part *part = part_of(has, index);

	add_part_name(view->words, type, has, index);
	if (type->kind == RELIB_IS_ENUM) {
		relib_words_add(view->words, " is %.*s", RELIB_SPAN(part->number));
	} else {
		relib_words_add(view->words, " is %.*s", part->spelling.length < TYPE_WORDS ? (int)part->spelling.length : TYPE_WORDS,
				part->spelling.at);
		if (part->width)
			relib_words_add(view->words, " of %llu bit%s", (unsigned long long)part->width, part->width == 1 ? "" : "s");
		if (type->kind == RELIB_IS_STRUCT) {
			relib_words_add(view->words, " ");
			add_bits(view->words, part->offset, part->width);
		}
	}
	relib_words_add(view->words, in_module ? " in the host, missing in the module" : " in the module, missing in the host");
}

static void add_order(const struct view *view)
{
	const struct relib_comparison *comparison = view->comparison;
	const struct relib_difference *difference = view->difference;
	bool is_enum = view->host_type->kind == RELIB_IS_ENUM;

	relib_words_add(view->words, "its %s are in another order: %u is %.*s in the host, %.*s in the module",
			is_enum ? "values" : "fields", difference->host_count,
			RELIB_SPAN(part_of(comparison->host, difference->host_part)->name),
			RELIB_SPAN(part_of(comparison->module, difference->module_part)->name));
}

static void add_name(const struct view *view)
{
	add_part_name(view->words, view->host_type, view->comparison->host, view->difference->host_part);
	relib_words_add(view->words, " in the host is called %.*s in the module",
			RELIB_SPAN(part_of(view->comparison->module, view->difference->module_part)->name));
}

static void add_width_of(struct relib_words *words, uint64_t width)
{
	if (width)
		relib_words_add(words, "a bit-field of %llu bit%s", (unsigned long long)width, width == 1 ? "" : "s");
	else
		relib_words_add(words, "no bit-field");
}

static void add_layout_of_part(const struct view *view)
{
	const struct relib_described_part *here = part_of(view->comparison->host, view->difference->host_part);
	const struct relib_described_part *there = part_of(view->comparison->module, view->difference->module_part);

	add_part_name(view->words, view->host_type, view->comparison->host, view->difference->host_part);
	relib_words_add(view->words, " is ");
	if (view->difference->kind == RELIB_DIFFERENT_WIDTH)
		add_width_of(view->words, here->width);
	else
		add_bits(view->words, here->offset, here->width || there->offset % 8);
	relib_words_add(view->words, " in the host, ");
	if (view->difference->kind == RELIB_DIFFERENT_WIDTH)
		add_width_of(view->words, there->width);
	else
		add_bits(view->words, there->offset, there->width || here->offset % 8);
	relib_words_add(view->words, " in the module");
}

static void add_number(const struct view *view)
{
	add_part_name(view->words, view->host_type, view->comparison->host, view->difference->host_part);
	relib_words_add(view->words, " is %.*s in the host, %.*s in the module",
			RELIB_SPAN(part_of(view->comparison->host, view->difference->host_part)->number),
			RELIB_SPAN(part_of(view->comparison->module, view->difference->module_part)->number));
}

static void add_whole(const struct view *view)
{
	const struct relib_described_type *here = view->host_type, *there = view->module_type;

	switch (view->difference->kind) {
	case RELIB_DIFFERENT_OPAQUE:
		relib_words_add(view->words, "it is %s in the host, %s in the module", here->align ? "complete" : "only declared",
				there->align ? "complete" : "only declared");
		break;
	case RELIB_DIFFERENT_BASE:
		relib_words_add(view->words, "its integer");
		add_types(view, view->difference->host_at, view->difference->module_at);
		break;
	case RELIB_DIFFERENT_SIZE:
		relib_words_add(view->words, "it has %llu bytes in the host, %llu in the module", (unsigned long long)here->size,
				(unsigned long long)there->size);
		break;
	default:
		relib_words_add(view->words, "it is aligned to %llu bytes in the host, to %llu in the module",
				(unsigned long long)here->align, (unsigned long long)there->align);
	}
}

static void add_difference(const struct view *view)
{
	switch (view->difference->kind) {
	case RELIB_SAME:
		relib_words_add(view->words, "its fingerprints differ, but nothing that they are made of");
		break;
	case RELIB_DIFFERENT_TYPE:
		add_different_type(view);
		break;
	case RELIB_DIFFERENT_COUNT:
		add_different_count(view);
		break;
	case RELIB_MISSING_IN_MODULE:
	case RELIB_MISSING_IN_HOST:
		add_missing(view, view->difference->kind == RELIB_MISSING_IN_MODULE);
		break;
	case RELIB_DIFFERENT_NAME:
		add_name(view);
		break;
	case RELIB_DIFFERENT_ORDER:
		add_order(view);
		break;
	case RELIB_DIFFERENT_WIDTH:
	case RELIB_DIFFERENT_OFFSET:
		add_layout_of_part(view);
		break;
	case RELIB_DIFFERENT_NUMBER:
		add_number(view);
		break;
	case RELIB_DIFFERENT_OPAQUE:
	case RELIB_DIFFERENT_BASE:
	case RELIB_DIFFERENT_SIZE:
	case RELIB_DIFFERENT_ALIGN:
		add_whole(view);
	}
}

void relib_words_difference(struct relib_words *words, const struct relib_comparison *comparison,
			    const struct relib_difference *difference)
{
	struct view view = { words, comparison, difference, NULL, NULL };

	if (difference->pair != RELIB_NO_PAIR) {
		const struct relib_type_pair *pair = &comparison->pairs[difference->pair];

		view.host_type = &comparison->host->types[pair->host - 1];
		view.module_type = &comparison->module->types[pair->module - 1];
		relib_words_add(words, "%.*s differs: ", RELIB_SPAN(view.host_type->label));
	}
	add_difference(&view);
}

/* The way from the function to the type that differs */

#define PATH_ENDS 3 /* of a long way, this many types at each end are named */

static uint32_t ancestor(const struct relib_comparison *comparison, uint32_t pair, uint32_t generations)
{
	while (generations--)
		pair = comparison->pairs[pair].parent;
	return pair;
}

void relib_words_path(struct relib_words *words, const struct relib_comparison *comparison,
		      const struct relib_difference *difference)
{
	uint32_t length = 0;

	if (difference->pair == RELIB_NO_PAIR)
		return;
	for (uint32_t pair = difference->pair; comparison->pairs[pair].parent != RELIB_NO_PAIR; length++)
		pair = comparison->pairs[pair].parent;
	for (uint32_t i = 0; length && i <= length; i++) {
		const struct relib_type_pair *pair;
		const struct relib_described_type *type;

		if (i == PATH_ENDS && length >= 2 * PATH_ENDS) {
			relib_words_add(words, ", ...");
			i = length - PATH_ENDS + 1;
		}
		pair = &comparison->pairs[ancestor(comparison, difference->pair, length - i)];
		type = &comparison->host->types[pair->host - 1];
		if (i) {
			const struct relib_type_pair *parent = &comparison->pairs[pair->parent];

			relib_words_add(words, ", ");
			add_part_name(words, &comparison->host->types[parent->host - 1], comparison->host, pair->part);
			relib_words_add(words, ", ");
		}
		relib_words_add(words, "%.*s", RELIB_SPAN(type->label));
	}
}
