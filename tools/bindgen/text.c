/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Text that grows, and questions about text. */
#include "bindgen.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 100
#define TAB 8

void *relib_grow(struct relib_arena *arena, void *list, size_t count, size_t *room, size_t size)
{
	void *larger;

	if (count < *room)
		return list;
	*room = *room ? *room * 2 : 16;
	larger = relib_arena_alloc(arena, *room, size);
	if (count)
		memcpy(larger, list, count * size);
	return larger;
}

static void put(struct relib_text *text, const char *string, size_t length)
{
	char *larger;

	if (text->length + length + 1 > text->room) {
		text->room = (text->length + length + 1) * 2;
		larger = relib_arena_alloc(text->arena, text->room, 1);
		if (text->length)
			memcpy(larger, text->data, text->length);
		text->data = larger;
	}
	memcpy(text->data + text->length, string, length);
	text->length += length;
	text->data[text->length] = 0;
}

void relib_text_put(struct relib_text *text, const char *string)
{
	put(text, string, strlen(string));
}

static char *__attribute__((format(printf, 2, 0)))
format_list(struct relib_arena *arena, const char *format, va_list arguments)
{
	va_list again;
	int length;
	char *string;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	string = relib_arena_alloc(arena, (size_t)length + 1, 1);
	vsnprintf(string, (size_t)length + 1, format, arguments);
	return string;
}

void relib_text_add(struct relib_text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	relib_text_put(text, format_list(text->arena, format, arguments));
	va_end(arguments);
}

char *relib_format(struct relib_arena *arena, const char *format, ...)
{
	va_list arguments;
	char *string;

	va_start(arguments, format);
	string = format_list(arena, format, arguments);
	va_end(arguments);
	return string;
}

void relib_words_add(struct relib_arena *arena, struct relib_words *list, const char *word)
{
	list->words = relib_grow(arena, list->words, list->count, &list->room, sizeof(*list->words));
	list->words[list->count++] = word;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool relib_is_identifier(const char *text)
{
	if (!*text || isdigit((unsigned char)*text))
		return false;
	while (is_word(*text))
		text++;
	return !*text;
}

bool relib_has_word(const char *text, const char *word)
{
	size_t length = strlen(word);
	const char *at = text;

	for (; (at = strstr(at, word)); at++)
		if ((at == text || !is_word(at[-1])) && !is_word(at[length]))
			return true;
	return false;
}

static size_t width_of(const char *line, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		width += line[i] == '\t' ? TAB - width % TAB : 1;
	return width;
}

/* Where to break: behind the last comma that still fits, else behind the first. 0: nowhere. */
static size_t break_at(const char *line, size_t indent)
{
	size_t best = 0;

	for (size_t i = 0; line[i]; i++) {
		if (line[i] != ',' || line[i + 1] != ' ')
			continue;
		if (best && indent + width_of(line, i + 1) > COLUMNS)
			break;
		best = i + 1;
	}
	return best;
}

/* The column behind the innermost parenthesis that is open at the end, or two tabs more where that is far to the right. */
static size_t column_after(const char *line, size_t length, size_t indent)
{
	size_t open[64], depth = 0, tabs = strspn(line, "\t");

	for (size_t i = 0; i < length; i++) {
		if (line[i] == '(' && depth < 64)
			open[depth++] = indent + width_of(line, i + 1);
		if (line[i] == ')' && depth)
			depth--;
	}
	if (depth && open[depth - 1] <= COLUMNS * 2 / 3)
		return open[depth - 1];
	return indent ? indent : (tabs + 2) * TAB;
}

void relib_text_wrap(struct relib_text *text, const char *line)
{
	size_t indent = 0;

	while (indent + width_of(line, strlen(line)) > COLUMNS) {
		size_t length = break_at(line, indent);

		if (!length)
			break;
		put(text, line, length);
		indent = column_after(line, length, indent);
		line += length + 1;
		relib_text_put(text, "\n");
		for (size_t i = 0; i < indent / TAB; i++)
			relib_text_put(text, "\t");
		for (size_t i = 0; i < indent % TAB; i++)
			relib_text_put(text, " ");
	}
	relib_text_put(text, line);
	relib_text_put(text, "\n");
}
