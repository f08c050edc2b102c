/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the wrappers of exports and of imports have in common. */
#include "bindgen.h"

#include <string.h>

bool relib_is_void(CXType type)
{
	return clang_getCanonicalType(type).kind == CXType_Void;
}

static bool is_taken(const char *name, const char *const *taken, const char *types, const char **names, int count)
{
	for (; *taken; taken++)
		if (strcmp(*taken, name) == 0)
			return true;
	for (int i = 0; i < count; i++)
		if (names[i] && strcmp(names[i], name) == 0)
			return true;
	/* A parameter hides a type of its name, which the cast of the call then can't use. */
	return strncmp(name, "relib", 5) == 0 || relib_has_word(types, name);
}

/* The parameters' own names, and others where these are missing or would be in the way. */
const char **relib_call_names(struct relib_unit *unit, const struct relib_marked *function, const char *const *taken)
{
	const char **names = relib_arena_alloc(&unit->arena, (size_t)function->parameter_count + 1, sizeof(*names));
	const char *types = relib_spell_function(unit, function, "(*)", NULL, RELIB_SPELL_CODE);

	/* Those that can keep their name do. */
	for (int i = 0; i < function->parameter_count; i++) {
		const char *name = function->parameters[i].name;

		if (name && !is_taken(name, taken, types, names, i))
			names[i] = name;
	}
	for (int i = 0; i < function->parameter_count; i++) {
		const char *name = function->parameters[i].name;

		if (names[i])
			continue;
		name = name && strncmp(name, "relib", 5) != 0 ? relib_format(&unit->arena, "%s_", name) :
		       relib_format(&unit->arena, "argument%d", i + 1);
		while (is_taken(name, taken, types, names, function->parameter_count))
			name = relib_format(&unit->arena, "%s_", name);
		names[i] = name;
	}
	return names;
}

const char *relib_call_expression(struct relib_unit *unit, const struct relib_marked *function, const char *callee,
				  const char *const *names)
{
	struct relib_text text = { .arena = &unit->arena };

	relib_text_add(&text, "((%s)%s)(",
		       relib_spell_function(unit, function, "(*)", NULL, RELIB_SPELL_CODE | RELIB_SPELL_PLAIN), callee);
	for (int i = 0; i < function->parameter_count; i++)
		relib_text_add(&text, "%s%s", i ? ", " : "", names[i]);
	relib_text_put(&text, ")");
	return text.data;
}
