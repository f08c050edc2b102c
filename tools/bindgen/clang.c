/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What libclang says, as strings of the arena; and what is said to people about a place in the header. */
#include "bindgen.h"

#include <stdarg.h>
#include <stdio.h>

const char *relib_take(struct relib_unit *unit, CXString string)
{
	const char *text = clang_getCString(string);

	text = relib_arena_string(&unit->arena, text ? text : "");
	clang_disposeString(string);
	return text;
}

const char *relib_cursor_name(struct relib_unit *unit, CXCursor cursor)
{
	return relib_take(unit, clang_getCursorSpelling(cursor));
}

const char *relib_place(struct relib_unit *unit, CXSourceLocation location)
{
	unsigned line, column;
	CXFile file;

	clang_getExpansionLocation(location, &file, &line, &column, NULL);
	if (!file)
		return unit->options->header;
	return relib_format(&unit->arena, "%s:%u:%u", relib_take(unit, clang_getFileName(file)), line, column);
}

/* By the place where a macro is used, not where it is defined: functions may come from macros. */
bool relib_in_header(struct relib_unit *unit, CXCursor cursor)
{
	CXFile file;

	clang_getExpansionLocation(clang_getCursorLocation(cursor), &file, NULL, NULL, NULL);
	return file && clang_File_isEqual(file, unit->file);
}

void relib_refuse(struct relib_unit *unit, CXCursor where, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s: error: ", relib_place(unit, clang_getCursorLocation(where)));
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	unit->errors++;
}
