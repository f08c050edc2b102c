/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Calls a module's main, once its type is known to be the one that the host means. */
#include <ctype.h>
#include <string.h>

#include "calls.h"
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

static enum relib_code call_main(struct relib_module *module, const void *stack, void *result, int argc, char **argv,
				 struct relib_error *error)
{
	struct relib_slot *slot = relib_call_begin(&module->targets[RELIB_OWN_MAIN], stack);

	if (!slot)
		return relib_fail(error, RELIB_TOO_DEEP,
				  "%s was not called: too many calls are nested on this thread, or there is no memory", module->file);
	if (atomic_load(&module->closing)) {
		/* Before the slot is given back: from then on the module may go. */
		relib_fail(error, RELIB_BUSY, "%s was not called: it is being unloaded\n  another thread unloads it just now",
			   module->file);
		relib_call_end(slot);
		return RELIB_BUSY;
	}
	((void (*)(int, char **, void *))relib_stub_of(module))(argc, argv, result);
	if (relib_call_end(slot) == RELIB_OK)
		return RELIB_OK;
	return relib_fail(error, RELIB_PANICKED, "%s panicked in main: %s", module->file, relib_panic_message(module));
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
	return call_main(module, RELIB_CALLERS_STACK, result, argc, argv ? argv : no_arguments, error);
}
