/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The description of an interface, as doc/interface-format.md has it, written as a string of C. */
#include "bindgen.h"

#include <string.h>

static const char *const roles[] = {
	[RELIB_ROLE_EXPORT] = "export",
	[RELIB_ROLE_IMPORT] = "import",
	[RELIB_ROLE_MAIN] = "main",
};

/* A line of the description, on a line of its own. Two question marks in a row could be a trigraph. */
static void put_line(struct relib_text *text, const char *line)
{
	char one[3] = "\\";

	relib_text_put(text, "\t\"");
	for (; *line; line++) {
		one[1] = *line;
		relib_text_put(text, *line == '"' || *line == '\\' || *line == '?' ? one : one + 1);
	}
	relib_text_put(text, "\\n\"\n");
}

static void put_type(struct relib_unit *unit, struct relib_text *text, size_t number)
{
	const struct relib_described *type = unit->types[number - 1];

	put_line(text, relib_format(&unit->arena, "type %zu %s %s %s", number, type->kind, type->figures, type->label));
	for (size_t i = 0; i < type->count; i++) {
		const struct relib_line *line = &type->lines[i];

		put_line(text, line->shown ? relib_format(&unit->arena, "%s %s", line->compared, line->shown) : line->compared);
	}
}

static void put_description(struct relib_unit *unit, struct relib_text *text)
{
	put_line(text, relib_format(&unit->arena, "relib interface 1 %s", unit->options->name));
	for (size_t i = 0; i < unit->function_count; i++) {
		const struct relib_marked *function = &unit->functions[i];

		put_line(text, relib_format(&unit->arena, "%s %s %s %s %s %s", roles[function->role], function->name,
					    function->optional ? "optional" : "-", function->hash, function->type,
					    function->signature));
	}
	for (size_t i = 0; i < unit->type_count; i++)
		put_type(unit, text, i + 1);
	relib_text_put(text, "\t\"end\\n\";\n");
}

/*
 * "struct vec3", "vec3_t": not what has no name or stands within another struct, which C++ calls otherwise, nor what a system's
 * header declares: each compiler has some of its own.
 */
static bool can_be_named(const struct relib_described *type)
{
	enum CXCursorKind parent = clang_getCursorKind(clang_getCursorLexicalParent(type->declaration));
	const char *name = strchr(type->label, ' ');
	CXSourceLocation location = clang_getCursorLocation(type->declaration);
	CXFile file;

	clang_getSpellingLocation(location, &file, NULL, NULL, NULL);
	return file && !clang_Location_isInSystemHeader(location) && parent == CXCursor_TranslationUnit && relib_is_identifier(name ? name + 1 : type->label);
}

/* The compilers of both sides must see the types as they are described: flags may change layouts. */
static void put_layouts(struct relib_unit *unit, struct relib_text *text)
{
	bool first = true;

	for (size_t i = 0; i < unit->type_count; i++) {
		const struct relib_described *type = unit->types[i];
		const char *size = strchr(type->figures, ' ') + 1, *align = strchr(size, ' ') + 1;

		/* A struct of nothing is larger in C++. */
		if (!strcmp(align, "0") || !strncmp(size, "0 ", 2) || !can_be_named(type))
			continue;
		if (first)
			relib_text_put(text, "\n");
		first = false;
		relib_text_add(text, "RELIB_LAYOUT(%s, %.*s, %s);\n", type->label, (int)(align - size - 1), size, align);
	}
}

void relib_write_description(struct relib_unit *unit, struct relib_text *text, const char *declaration)
{
	relib_text_put(text, "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n");
	relib_text_add(text, "%s%s[] =\n", declaration, unit->options->name);
	put_description(unit, text);
	relib_text_put(text, "#pragma GCC diagnostic pop\n");
	put_layouts(unit, text);
}
