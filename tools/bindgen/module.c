/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The file for the module: the description, the imports as functions, and the table of the exports. */
#include "bindgen.h"

static void put_top(struct relib_unit *unit, struct relib_text *text)
{
	const char *name = unit->options->name;

	relib_text_add(text, "/* Written by " RELIB_TOOL " from %s: compile it into the module. "
		       "Change that one and run it again. */\n", unit->options->base);
	relib_text_add(text, "#include <relib/abi.h>\n\n#include %s\n\n", unit->options->include);
	relib_text_put(text, "#ifndef __EXCEPTIONS\n#error \"compile modules with -fexceptions, so that a panic can clean up: "
		       "pkg-config --cflags relib-module has it\"\n#endif\n\n");
	relib_text_put(text, "#define RELIB_VISIBLE __attribute__((visibility(\"default\")))\n\n");
	relib_text_add(text, "extern RELIB_VISIBLE const char relib_module_description_%s[];\n", name);
	relib_text_add(text, "extern RELIB_VISIBLE const struct relib_module_table relib_module_table_%s;\n\n", name);
}

/* The host's function should not come back, and nothing may be done here if it does. */
static void put_no_return(struct relib_unit *unit, struct relib_text *text, const struct relib_marked *function,
			  const char *expression)
{
	relib_text_wrap(text, relib_format(&unit->arena, "\trelib_import_enter_(relib_imports_of_%s[%u], \"%s\");",
					   unit->options->name, function->index, function->name));
	relib_text_wrap(text, relib_format(&unit->arena, "\t%s;", expression));
	relib_text_put(text, "\t__builtin_trap();\n}\n");
}

static void put_body(struct relib_unit *unit, struct relib_text *text, const struct relib_marked *function,
		     const char *expression)
{
	bool gives = !relib_is_void(function->result);
	const char *returned = relib_spell(unit, function->result, "returned", RELIB_SPELL_CODE | RELIB_SPELL_PLAIN);

	relib_text_wrap(text, relib_format(&unit->arena,
			"\tstruct relib_slot *call = relib_import_enter_(relib_imports_of_%s[%u], \"%s\");",
			unit->options->name, function->index, function->name));
	if (gives)
		relib_text_wrap(text, relib_format(&unit->arena, "\t%s = %s;\n", returned, expression));
	else
		relib_text_wrap(text, relib_format(&unit->arena, "\n\t%s;", expression));
	relib_text_add(text, "\trelib_import_leave_(call);\n%s}\n", gives ? "\treturn returned;\n" : "");
}

static void put_import(struct relib_unit *unit, struct relib_text *text, const struct relib_marked *function)
{
	const char *taken[] = { "call", "returned", NULL };
	const char **names = relib_call_names(unit, function, taken);
	const char *expression = relib_call_expression(unit, function, "relib_import_call_()", names);

	relib_text_put(text, "\n");
	relib_text_wrap(text, relib_spell_function(unit, function, function->name, names, RELIB_SPELL_CODE));
	relib_text_put(text, "{\n");
	if (function->no_return)
		put_no_return(unit, text, function, expression);
	else
		put_body(unit, text, function, expression);
}

static void put_imports(struct relib_unit *unit, struct relib_text *text)
{
	if (!unit->import_count)
		return;
	relib_text_put(text, "\n/* Imports: functions of the host, called as any other. */\n\n");
	relib_text_add(text, "static const struct relib_target *relib_imports_of_%s[%u];\n", unit->options->name,
		       unit->import_count);
	for (size_t i = 0; i < unit->function_count; i++)
		if (unit->functions[i].role == RELIB_ROLE_IMPORT)
			put_import(unit, text, &unit->functions[i]);
}

static void put_exports(struct relib_unit *unit, struct relib_text *text)
{
	bool deprecated = false;

	if (!unit->export_count)
		return;
	for (size_t i = 0; i < unit->function_count; i++)
		deprecated |= unit->functions[i].deprecated;
	relib_text_put(text, "\n/* Exports: what the host may call. */\n\n");
	if (deprecated)
		relib_text_put(text, "#pragma GCC diagnostic ignored \"-Wdeprecated-declarations\"\n");
	/* A module may be built without: the loader finds no address then. */
	for (size_t i = 0; i < unit->function_count; i++)
		if (unit->functions[i].optional)
			relib_text_add(text, "#pragma weak %s\n", unit->functions[i].name);
	relib_text_add(text, "static const relib_function relib_exports_of_%s[%u] = {\n", unit->options->name,
		       unit->export_count);
	for (size_t i = 0; i < unit->function_count; i++)
		if (unit->functions[i].role == RELIB_ROLE_EXPORT)
			relib_text_add(text, "\t(relib_function)%s,\n", unit->functions[i].name);
	relib_text_put(text, "};\n");
}

void relib_write_module(struct relib_unit *unit, struct relib_text *text)
{
	const char *name = unit->options->name;

	put_top(unit, text);
	relib_write_description(unit, text, "const char relib_module_description_");
	put_imports(unit, text);
	put_exports(unit, text);
	relib_text_add(text, "\nconst struct relib_module_table relib_module_table_%s = {\n", name);
	relib_text_wrap(text, relib_format(&unit->arena, "\tsizeof(relib_module_table_%s), %u, %u, 0, %s, %s", name,
			unit->export_count, unit->import_count,
			unit->export_count ? relib_format(&unit->arena, "relib_exports_of_%s", name) : "NULL",
			unit->import_count ? relib_format(&unit->arena, "relib_imports_of_%s", name) : "NULL"));
	relib_text_put(text, "};\n");
}
