/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Reads a description: line by line, and nothing but what doc/interface-format.md allows. */
#include <stdlib.h>
#include <string.h>

#include "description.h"

struct reader {
	const char *at, *end; /* of the text, without its NUL */
	uint32_t line;
	enum relib_parse result;
	const char *what;
	struct relib_description *description;
};

static bool damaged(struct reader *reader, const char *what)
{
	reader->result = RELIB_PARSE_DAMAGED;
	reader->what = what;
	return false;
}

/* Makes room for one more in an array that is full at each power of two. */
static bool make_room(struct reader *reader, void *array, uint32_t count, size_t size)
{
	void *grown, *old;

	if (count & (count - 1))
		return true;
	memcpy(&old, array, sizeof(old));
	grown = realloc(old, (count ? 2 * (size_t)count : 1) * size);
	if (!grown) {
		reader->result = RELIB_PARSE_MEMORY;
		return false;
	}
	memcpy(array, &grown, sizeof(grown));
	return true;
}

/* Lines and words */

static bool next_line(struct reader *reader, struct relib_span *line)
{
	const char *newline;

	reader->line++;
	if (reader->at == reader->end)
		return damaged(reader, "it has no end");
	newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	if (!newline)
		return damaged(reader, "the line has no end");
	*line = (struct relib_span){ reader->at, (size_t)(newline - reader->at) };
	for (size_t i = 0; i < line->length; i++)
		if ((unsigned char)line->at[i] < ' ' || line->at[i] == 0x7f)
			return damaged(reader, "the line has a control character");
	reader->at = newline + 1;
	return true;
}

static bool next_word(struct reader *reader, struct relib_span *line, struct relib_span *word)
{
	const char *space = memchr(line->at, ' ', line->length);

	if (!space || space == line->at)
		return damaged(reader, "the line lacks a part");
	*word = (struct relib_span){ line->at, (size_t)(space - line->at) };
	line->length -= word->length + 1;
	line->at = space + 1;
	return true;
}

static bool last_word(struct reader *reader, struct relib_span *line)
{
	if (!line->length)
		return damaged(reader, "the line lacks a part");
	if (memchr(line->at, ' ', line->length))
		return damaged(reader, "the line has a part too many");
	return true;
}

static bool last_text(struct reader *reader, struct relib_span *line)
{
	if (!line->length || line->at[0] == ' ')
		return damaged(reader, "the line lacks a part");
	return true;
}

static bool is(struct relib_span word, const char *text)
{
	return word.length == strlen(text) && !memcmp(word.at, text, word.length);
}

static bool is_identifier(struct relib_span word)
{
	for (size_t i = 0; i < word.length; i++) {
		unsigned char c = (unsigned char)word.at[i];

		/* The last: letters beyond ASCII, which compilers take. */
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80 ||
		      (i && c >= '0' && c <= '9')))
			return false;
	}
	return word.length > 0;
}

static bool name(struct reader *reader, struct relib_span word, bool or_none)
{
	return is_identifier(word) || (or_none && is(word, "-")) || damaged(reader, "the line has a name that is none");
}

static bool decimal(struct reader *reader, struct relib_span word, uint64_t max, uint64_t *number)
{
	*number = 0;
	if (!word.length || (word.length > 1 && word.at[0] == '0'))
		return damaged(reader, "the line has a number that is none");
	for (size_t i = 0; i < word.length; i++) {
		unsigned digit = (unsigned)word.at[i] - '0';

		if (digit > 9)
			return damaged(reader, "the line has a number that is none");
		if (*number > (max - digit) / 10)
			return damaged(reader, "the line has a number that is too large");
		*number = *number * 10 + digit;
	}
	return true;
}

static bool signed_decimal(struct reader *reader, struct relib_span word)
{
	uint64_t number, max = UINT64_MAX;

	if (word.length && word.at[0] == '-') {
		word.at++;
		word.length--;
		max = (uint64_t)INT64_MAX + 1;
		if (is(word, "0"))
			return damaged(reader, "the line has a number that is none");
	}
	return decimal(reader, word, max, &number);
}

static bool hexadecimal(struct reader *reader, struct relib_span word, uint64_t *number)
{
	*number = 0;
	if (word.length != 16)
		return damaged(reader, "the line has a fingerprint that is none");
	for (size_t i = 0; i < word.length; i++) {
		char c = word.at[i];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;

		if (digit > 15)
			return damaged(reader, "the line has a fingerprint that is none");
		*number = *number << 4 | digit;
	}
	return true;
}

/* Lines by kind */

static bool read_header(struct reader *reader)
{
	struct relib_span line, word;

	if (!next_line(reader, &line))
		return false;
	for (int i = 0; i < 3; i++) {
		if (!next_word(reader, &line, &word))
			return false;
		if (!is(word, i == 0 ? "relib" : i == 1 ? "interface" : "1")) {
			damaged(reader, "it doesn't begin as one does");
			if (i == 2)
				reader->result = RELIB_PARSE_VERSION;
			return false;
		}
	}
	reader->description->name = line;
	return last_word(reader, &line) && name(reader, line, false);
}

static bool read_function(struct reader *reader, struct relib_span line, enum relib_direction direction)
{
	struct relib_description *description = reader->description;
	struct relib_described_function *function;
	struct relib_span flags, hash;

	if (!make_room(reader, &description->functions, description->function_count, sizeof(*function)))
		return false;
	function = &description->functions[description->function_count];
	*function = (struct relib_described_function){ .direction = direction, .line = reader->line };
	if (!next_word(reader, &line, &function->name) || !name(reader, function->name, false) ||
	    !next_word(reader, &line, &flags) || !next_word(reader, &line, &hash) ||
	    !hexadecimal(reader, hash, &function->hash) || !next_word(reader, &line, &function->type) ||
	    !last_text(reader, &line))
		return false;
	function->signature = line;
	function->optional = is(flags, "optional");
	if (!is(flags, "-") && !(function->optional && direction == RELIB_IS_EXPORT))
		return damaged(reader, "the line has a flag that is none");
	if (direction == RELIB_IS_EXPORT)
		function->index = description->export_count++;
	else if (direction == RELIB_IS_IMPORT)
		function->index = description->import_count++;
	else if (!is(function->name, "main"))
		return damaged(reader, "the line has a name that is none");
	description->function_count++;
	return true;
}

static bool read_type(struct reader *reader, struct relib_span line)
{
	struct relib_description *description = reader->description;
	struct relib_described_type *type;
	struct relib_span number, kind, size, align;
	uint64_t value;

	if (!make_room(reader, &description->types, description->type_count, sizeof(*type)))
		return false;
	type = &description->types[description->type_count];
	*type = (struct relib_described_type){ .line = reader->line, .first = description->part_count };
	if (!next_word(reader, &line, &number) || !decimal(reader, number, UINT32_MAX, &value) ||
	    !next_word(reader, &line, &kind) || !next_word(reader, &line, &type->tag) || !name(reader, type->tag, true) ||
	    !next_word(reader, &line, &size) || !decimal(reader, size, UINT64_MAX / 16, &type->size) ||
	    !next_word(reader, &line, &align) || !decimal(reader, align, UINT32_MAX, &type->align) ||
	    !last_text(reader, &line))
		return false;
	type->label = line;
	type->kind = is(kind, "union") ? RELIB_IS_UNION : is(kind, "enum") ? RELIB_IS_ENUM : RELIB_IS_STRUCT;
	if (type->kind == RELIB_IS_STRUCT && !is(kind, "struct"))
		return damaged(reader, "the line has a kind of type that is none");
	if (value != description->type_count + UINT64_C(1))
		return damaged(reader, "the numbers of types are out of order");
	if (type->align & (type->align - 1))
		return damaged(reader, "the line has an alignment that is none");
	if (!type->align && type->size)
		return damaged(reader, "the line has the size of an opaque type");
	description->type_count++;
	return true;
}

static struct relib_described_type *type_of_part(struct reader *reader, bool is_enum)
{
	struct relib_description *description = reader->description;
	struct relib_described_type *type = description->type_count ? &description->types[description->type_count - 1] : NULL;

	if (type && type->align && (type->kind == RELIB_IS_ENUM) == is_enum)
		return type;
	damaged(reader, "the line is not of the type above it");
	return NULL;
}

static struct relib_described_part *add_part(struct reader *reader, struct relib_described_type *type)
{
	struct relib_description *description = reader->description;
	struct relib_described_part *part;

	if (!make_room(reader, &description->parts, description->part_count, sizeof(*part)))
		return NULL;
	part = &description->parts[description->part_count++];
	*part = (struct relib_described_part){ .line = reader->line };
	type->count++;
	return part;
}

static bool read_field(struct reader *reader, struct relib_span line)
{
	struct relib_described_type *type = type_of_part(reader, false);
	struct relib_described_part *part = type ? add_part(reader, type) : NULL;
	struct relib_span offset, width;

	if (!part || !next_word(reader, &line, &part->name) || !name(reader, part->name, true) ||
	    !next_word(reader, &line, &offset) || !decimal(reader, offset, UINT64_MAX, &part->offset) ||
	    !next_word(reader, &line, &width) || !decimal(reader, width, UINT32_MAX, &part->width) ||
	    !next_word(reader, &line, &part->type) || !last_text(reader, &line))
		return false;
	part->spelling = line;
	return true;
}

static bool read_base(struct reader *reader, struct relib_span line)
{
	struct relib_described_type *type = type_of_part(reader, true);

	if (!type)
		return false;
	if (type->base.at || type->count)
		return damaged(reader, "the line is out of order");
	if (!next_word(reader, &line, &type->base) || !last_text(reader, &line))
		return false;
	type->base_spelling = line;
	return true;
}

static bool read_value(struct reader *reader, struct relib_span line)
{
	struct relib_described_type *type = type_of_part(reader, true);
	struct relib_described_part *part = type ? add_part(reader, type) : NULL;

	if (part && !type->base.at)
		return damaged(reader, "the line is out of order");
	if (!part || !next_word(reader, &line, &part->name) || !name(reader, part->name, false) || !last_word(reader, &line) ||
	    !signed_decimal(reader, line))
		return false;
	part->number = line;
	return true;
}

/* Reads up to the end, or up to the first type. */
static bool read_lines(struct reader *reader, bool functions_only)
{
	struct relib_span line, word;

	for (;;) {
		if (!next_line(reader, &line))
			return false;
		if (is(line, "end"))
			return reader->at == reader->end || damaged(reader, "something follows its end");
		if (!next_word(reader, &line, &word))
			return false;
		if (is(word, "type")) {
			if (functions_only)
				return true;
			if (!read_type(reader, line))
				return false;
		} else if (is(word, "field") || is(word, "value") || is(word, "base")) {
			if (!(word.at[0] == 'f' ? read_field : word.at[0] == 'v' ? read_value : read_base)(reader, line))
				return false;
		} else if (is(word, "export") || is(word, "import") || is(word, "main")) {
			enum relib_direction direction = word.at[0] == 'e'   ? RELIB_IS_EXPORT
							 : word.at[0] == 'i' ? RELIB_IS_IMPORT
									     : RELIB_IS_MAIN;

			if (reader->description->type_count)
				return damaged(reader, "a function stands after a type");
			if (!read_function(reader, line, direction))
				return false;
		} else {
			return damaged(reader, "the line is of no kind that there is");
		}
	}
}

/* What can be said once all lines are read */

static bool check_one(struct reader *reader, uint32_t line, struct relib_span type)
{
	const char *what = relib_type_check(type, reader->description->type_count);

	if (!what)
		return true;
	reader->line = line;
	return damaged(reader, what);
}

static bool check_function(struct reader *reader, const struct relib_described_function *function)
{
	const char *at = function->type.at + 1;

	if (!check_one(reader, function->line, function->type))
		return false;
	reader->line = function->line;
	if (function->type.at[0] != '(')
		return damaged(reader, "the type of a function isn't one");
	relib_type_skip(&at);
	if (function->direction == RELIB_IS_MAIN && *at != ')')
		return damaged(reader, "main has parameters");
	return true;
}

static bool check_types(struct reader *reader)
{
	const struct relib_description *description = reader->description;

	for (uint32_t i = 0; i < description->function_count; i++)
		if (!check_function(reader, &description->functions[i]))
			return false;
	for (uint32_t i = 0; i < description->type_count; i++) {
		const struct relib_described_type *type = &description->types[i];

		reader->line = type->line;
		if (type->kind == RELIB_IS_ENUM && type->align && !type->base.at)
			return damaged(reader, "an enum has no base");
		if (type->base.at && !check_one(reader, type->line + 1, type->base))
			return false;
		for (uint32_t j = 0; type->kind != RELIB_IS_ENUM && j < type->count; j++) {
			const struct relib_described_part *part = &description->parts[type->first + j];

			if (!check_one(reader, part->line, part->type))
				return false;
		}
	}
	return true;
}

static int compare_names(const void *one, const void *other)
{
	const struct relib_span *a = &(*(const struct relib_described_function *const *)one)->name;
	const struct relib_span *b = &(*(const struct relib_described_function *const *)other)->name;
	int order = memcmp(a->at, b->at, a->length < b->length ? a->length : b->length);

	return order ? order : (a->length > b->length) - (a->length < b->length);
}

static bool sort_names(struct reader *reader)
{
	struct relib_description *description = reader->description;

	description->by_name = calloc(description->function_count + 1, sizeof(*description->by_name));
	if (!description->by_name) {
		reader->result = RELIB_PARSE_MEMORY;
		return false;
	}
	for (uint32_t i = 0; i < description->function_count; i++) {
		const struct relib_described_function *function = &description->functions[i];

		if (function->direction != RELIB_IS_MAIN)
			description->by_name[description->name_count++] = function;
		else if (description->main)
			return reader->line = function->line, damaged(reader, "there is a second main");
		else
			description->main = function;
	}
	qsort(description->by_name, description->name_count, sizeof(*description->by_name), compare_names);
	for (uint32_t i = 1; i < description->name_count; i++)
		if (!compare_names(&description->by_name[i - 1], &description->by_name[i]))
			return reader->line = description->by_name[i]->line, damaged(reader, "a function is there twice");
	return true;
}

static bool check_ends(struct reader *reader, const char *text, size_t size)
{
	if (size > RELIB_DESCRIPTION_MAX)
		return damaged(reader, "it is too long");
	return (size && text[size - 1] == '\0') || damaged(reader, "it has no end");
}

enum relib_parse relib_description_parse(struct relib_description *description, const char *text, size_t size,
					 bool functions_only, struct relib_damage *damage)
{
	struct reader reader = { .at = text, .end = size ? text + size - 1 : text, .description = description };

	*description = (struct relib_description){ 0 };
	if (check_ends(&reader, text, size) && read_header(&reader) && read_lines(&reader, functions_only) &&
	    (functions_only || check_types(&reader)) && sort_names(&reader))
		return RELIB_PARSED;
	*damage = (struct relib_damage){ reader.line, reader.what };
	relib_description_free(description);
	return reader.result;
}

void relib_description_free(struct relib_description *description)
{
	free(description->functions);
	free(description->types);
	free(description->parts);
	free(description->by_name);
	*description = (struct relib_description){ 0 };
}

const struct relib_described_function *relib_description_find(const struct relib_description *description,
							      struct relib_span name)
{
	const struct relib_described_function wanted = { .name = name }, *key = &wanted, **found;

	found = bsearch(&key, description->by_name, description->name_count, sizeof(*description->by_name), compare_names);
	return found ? *found : NULL;
}
