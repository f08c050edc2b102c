/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Calls a module's main, once its type is known to be the one that the host means. */
#include <ctype.h>
#include <string.h>

#include "internal.h"

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* C++ leaves these out where C can't. */
static const char *skip_keyword(const char *name)
{
	static const char *const keywords[] = { "struct ", "union ", "enum ", "class " };

	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (!strncmp(name, keywords[i], strlen(keywords[i])))
			return name + strlen(keywords[i]);
	return name;
}

/* `char*` and `char *` are one spelling, `unsigned int` and `unsignedint` are not. */
static bool same_spelling(const char *a, const char *b)
{
	char before = ' ';

	for (a = skip_keyword(a), b = skip_keyword(b);; before = *a, a++, b++) {
		if (*a == ' ' && !(is_word(before) && is_word(a[1])))
			a++;
		if (*b == ' ' && !(is_word(before) && is_word(b[1])))
			b++;
		if (*a != *b)
			return false;
		if (!*a)
			return true;
	}
}

static bool same_type(const struct relib_type *a, const struct relib_type *b)
{
	return a->kind == b->kind && a->size == b->size &&
	       (a->kind != RELIB_TYPE_OTHER || same_spelling(a->name, b->name));
}

static enum relib_code check_main(const struct relib_module *module, const struct relib_type *type,
				  struct relib_error *error)
{
	if (!module->main)
		return relib_fail(error, RELIB_NO_MAIN, "%s has no main\n  write RELIB_MAIN(type) { ... } in the module",
				  module->file);
	if (same_type(&module->main->type, type))
		return RELIB_OK;
	return relib_fail(error, RELIB_WRONG_TYPE,
			  "%s was not called: its main gives another type than the host asks for\n"
			  "    module  %.*s, %u bytes\n"
			  "    host    %.*s, %u bytes\n"
			  "  use one type in RELIB_MAIN and relib_call_main",
			  module->file, (int)sizeof(module->main->type.name), module->main->type.name, module->main->type.size,
			  (int)sizeof(type->name), type->name, type->size);
}

static void leave(struct relib_module **module)
{
	atomic_fetch_sub(&(*module)->use, 1);
}

/* Also left when a C++ exception of the module passes through to the host. */
static enum relib_code call_counted(struct relib_module *module, void *result, int argc, char **argv,
				    struct relib_error *error)
{
	struct relib_module *entered __attribute__((cleanup(leave))) = module;

	if (atomic_fetch_add(&entered->use, 1) & RELIB_CLOSING)
		return relib_fail(error, RELIB_BUSY, "%s was not called: it is being unloaded\n  another thread unloads it just now",
				  entered->file);
	entered->main->call(argc, argv, result);
	return RELIB_OK;
}

enum relib_code relib_call_main_typed(struct relib_module *module, const struct relib_type *type, void *result,
				      int argc, char **argv, struct relib_error *error)
{
	static char *no_arguments[] = { NULL };
	enum relib_code code;

	relib_clear(error);
	if (!module || !type || !result || argc < 0 || (!argv && argc))
		return relib_fail(error, RELIB_INVALID,
				  "relib_call_main needs a module, a type, a place for the result and its arguments");
	code = check_main(module, type, error);
	if (code)
		return code;
	return call_counted(module, result, argc, argv ? argv : no_arguments, error);
}
