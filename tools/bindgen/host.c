/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The header for the host: the struct of the interface, and a function for each export. */
#include "bindgen.h"

#include <ctype.h>
#include <string.h>

static void put_guard(struct relib_text *text, const char *before, const char *name)
{
	char one[2] = "";

	relib_text_put(text, before);
	for (; *name; name++) {
		*one = (char)toupper((unsigned char)*name);
		relib_text_put(text, one);
	}
	relib_text_put(text, "_HOST_H\n");
}

static void put_top(struct relib_unit *unit, struct relib_text *text)
{
	relib_text_add(text, "/* Written by " RELIB_TOOL " from %s: for the host. Change that one and run it again. */\n",
		       unit->options->base);
	put_guard(text, "#ifndef RELIB_", unit->options->name);
	put_guard(text, "#define RELIB_", unit->options->name);
	relib_text_add(text, "\n#include <relib/host.h>\n\n#include %s\n\n", unit->options->include);
	/* The casts in here are C's, also where clang reads them as C++. */
	relib_text_put(text, "#ifdef __cplusplus\n#pragma GCC diagnostic push\n"
		       "#pragma GCC diagnostic ignored \"-Wold-style-cast\"\nextern \"C\" {\n#endif\n\n");
}

static void put_struct(struct relib_unit *unit, struct relib_text *text)
{
	const char *name = unit->options->name;

	relib_text_put(text, "/**\n");
	relib_text_add(text, " * The interface \"%s\". %s%s_interface() to relib_load()%s\n", name,
		       unit->import_count ? "Set the imports, give " : "Give ", name,
		       unit->export_count ? ", and call the exports by the functions" : ".");
	relib_text_put(text, unit->export_count ? " * below. It " : " * It ");
	relib_text_put(text, "stays where it is until the module is unloaded, and can then be used for another one.\n"
		       " * What isn't set must be zero.\n */\n");
	relib_text_add(text, "struct %s {\n", name);
	if (unit->import_count)
		relib_text_put(text, "\t/* What the host implements: all of them must be set. */\n");
	for (size_t i = 0; i < unit->function_count; i++) {
		const struct relib_marked *function = &unit->functions[i];
		const char **names = relib_arena_alloc(&unit->arena, (size_t)function->parameter_count + 1, sizeof(*names));

		if (function->role != RELIB_ROLE_IMPORT)
			continue;
		for (int k = 0; k < function->parameter_count; k++)
			names[k] = function->parameters[k].name;
		relib_text_wrap(text, relib_format(&unit->arena, "\t%s;", relib_spell_function(unit, function,
				relib_format(&unit->arena, "(*%s)", function->name), names,
				RELIB_SPELL_CODE | RELIB_SPELL_PLAIN)));
	}
	relib_text_add(text, "%s\t/* relib's */\n\tstruct relib_interface relib;\n", unit->import_count ? "\n" : "");
	if (unit->import_count)
		relib_text_add(text, "\trelib_function relib_imports[%u];\n", unit->import_count);
	relib_text_put(text, "};\n\n");
}

static void put_interface(struct relib_unit *unit, struct relib_text *text)
{
	const char *name = unit->options->name;
	const char *imports = unit->import_count ? relib_format(&unit->arena, "%s->relib_imports", name) : "NULL";

	relib_text_put(text, "/** Options for relib_load(): a module that has this interface. */\n");
	relib_text_add(text, "static inline const struct relib_load_options *%s_interface(struct %s *%s)\n{\n", name, name,
		       name);
	for (size_t i = 0; i < unit->function_count; i++)
		if (unit->functions[i].role == RELIB_ROLE_IMPORT)
			relib_text_add(text, "\t%s->relib_imports[%u] = (relib_function)%s->%s;\n", name,
				       unit->functions[i].index, name, unit->functions[i].name);
	relib_text_wrap(text, relib_format(&unit->arena,
			"\treturn relib_interface_set(&%s->relib, \"%s\", relib_description_of_%s, "
			"sizeof(relib_description_of_%s), %u, %s, %u);", name, name, name, name, unit->export_count, imports,
			unit->import_count));
	relib_text_put(text, "}\n");
}

static void put_has(struct relib_unit *unit, struct relib_text *text, const struct relib_marked *function)
{
	const char *name = unit->options->name;

	relib_text_add(text, "\n/** Whether the module has %s. */\n", function->name);
	relib_text_wrap(text, relib_format(&unit->arena, "static inline bool %s_has(const struct %s *%s)", function->name, name,
					   name));
	relib_text_add(text, "{\n\treturn relib_has_export(&%s->relib, %u);\n}\n", name, function->index);
}

static void put_call_comment(struct relib_text *text, const struct relib_marked *function, bool gives)
{
	relib_text_add(text, "\n/**\n * Calls %s in the module.\n", function->name);
	if (gives)
		relib_text_put(text, " * @param result  receives what it returns, on success only; not NULL\n");
	relib_text_add(text, " * @return RELIB_OK, or RELIB_PANICKED: see relib_panic_message(); or why it was not called%s\n"
		       " */\n", function->optional ? ",\n *         RELIB_NO_SYMBOL if the module doesn't have it" : "");
}

static void put_head(struct relib_unit *unit, struct relib_text *text, const struct relib_marked *function,
		     const char *const *names, bool gives)
{
	struct relib_text head = { .arena = &unit->arena };
	const char *name = unit->options->name;

	relib_text_add(&head, "static RELIB_ALWAYS_INLINE enum relib_code %s_call(struct %s *%s", function->name, name, name);
	if (gives)
		relib_text_add(&head, ", %s", relib_spell_pointer(unit, function->result, "result"));
	for (int i = 0; i < function->parameter_count; i++)
		relib_text_add(&head, ", %s", relib_spell(unit, function->parameters[i].type, names[i], RELIB_SPELL_CODE));
	relib_text_put(&head, ")");
	relib_text_wrap(text, head.data);
}

static void put_line(struct relib_unit *unit, struct relib_text *text, const char *before, const char *expression)
{
	relib_text_wrap(text, relib_format(&unit->arena, "\t%s%s;", before, expression));
}

static void put_body(struct relib_unit *unit, struct relib_text *text, const struct relib_marked *function,
		     const char *const *names, bool gives)
{
	const char *name = unit->options->name;
	const char *callee = relib_format(&unit->arena, "%s->relib.enter", name);
	const char *expression = relib_call_expression(unit, function, callee, names);
	const char *returned = relib_spell(unit, function->result, "returned", RELIB_SPELL_CODE | RELIB_SPELL_PLAIN);
	bool by_copy = gives && relib_has_const_member(function->result);

	relib_text_add(text, "{\n\tstruct relib_slot *call = relib_call_enter(&%s->relib, %u);\n", name, function->index);
	if (gives && !by_copy)
		relib_text_wrap(text, relib_format(&unit->arena, "\t%s;", returned));
	relib_text_add(text, "%s\n\tif (!call)\n\t\treturn relib_call_refused(&%s->relib, %u);\n",
		       gives ? "\tenum relib_code code;\n" : "", name, function->index);
	if (!gives) {
		put_line(unit, text, "", expression);
		relib_text_put(text, "\treturn relib_call_leave(call);\n}\n");
		return;
	}
	put_line(unit, text, by_copy ? relib_format(&unit->arena, "%s = ", returned) : "returned = ", expression);
	relib_text_put(text, "\tcode = relib_call_leave(call);\n\tif (!code)\n");
	relib_text_put(text, by_copy ? "\t\t__builtin_memcpy((void *)result, &returned, sizeof(returned));\n" :
		       "\t\t*result = returned;\n");
	relib_text_put(text, "\treturn code;\n}\n");
}

static void put_call(struct relib_unit *unit, struct relib_text *text, const struct relib_marked *function)
{
	const char *taken[] = { unit->options->name, "call", "result", "returned", "code", NULL };
	const char **names = relib_call_names(unit, function, taken);
	bool gives = !relib_is_void(function->result);

	if (function->optional)
		put_has(unit, text, function);
	put_call_comment(text, function, gives);
	put_head(unit, text, function, names, gives);
	put_body(unit, text, function, names, gives);
}

void relib_write_host(struct relib_unit *unit, struct relib_text *text)
{
	put_top(unit, text);
	put_struct(unit, text);
	relib_write_description(unit, text, "static const char relib_description_of_");
	relib_text_put(text, "\n");
	put_interface(unit, text);
	for (size_t i = 0; i < unit->function_count; i++)
		if (unit->functions[i].role == RELIB_ROLE_EXPORT)
			put_call(unit, text, &unit->functions[i]);
	relib_text_put(text, "\n#ifdef __cplusplus\n}\n#pragma GCC diagnostic pop\n#endif\n#endif\n");
}
