/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The description of an interface, as doc/interface-format.md has it, written as a string of C. */
#include "bindgen.h"

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

void relib_write_description(struct relib_unit *unit, struct relib_text *text)
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
