/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Variables of libc that a module set to what is its own. */
#include <argp.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lasting.h"
#include "lent.h"

extern FILE _IO_2_1_stdin_, _IO_2_1_stdout_, _IO_2_1_stderr_;

/* Texts are copied; the others get back what they are at first. Those that name functions: callback.c */
static const struct variable {
	const char *name;
	void *place;
	void *first;
	enum { TEXT, STREAM } sort;
} variables[] = {
	{ "program_invocation_name", &program_invocation_name, NULL, TEXT },
	{ "program_invocation_short_name", &program_invocation_short_name, NULL, TEXT },
	{ "optarg", &optarg, NULL, TEXT },
	{ "argp_program_version", &argp_program_version, NULL, TEXT },
	{ "argp_program_bug_address", &argp_program_bug_address, NULL, TEXT },
	{ "stdin", &stdin, &_IO_2_1_stdin_, STREAM },
	{ "stdout", &stdout, &_IO_2_1_stdout_, STREAM },
	{ "stderr", &stderr, &_IO_2_1_stderr_, STREAM },
};
#define COUNT (sizeof(variables) / sizeof(*variables))

static uintptr_t load(const struct variable *variable)
{
	return (uintptr_t)__atomic_load_n((void **)variable->place, __ATOMIC_RELAXED);
}

/* A stream that a module opened is libc's memory, and closed. */
static bool is_of(const struct relib_object *object, const struct variable *variable, uintptr_t address)
{
	struct relib_thing thing;

	if (relib_lent_is_of(object, address))
		return true;
	return address && variable->sort == STREAM && relib_thing_find(RELIB_KIND_STREAM, address, &thing) &&
	       relib_thing_owner(&thing) == object->index;
}

static void look(struct relib_object *object)
{
	for (unsigned i = 0; i < COUNT; i++)
		if (is_of(object, &variables[i], load(&variables[i])))
			relib_lent_found(RELIB_LENT_VARIABLE, i, load(&variables[i]), object);
}

static bool is_lent(const struct relib_object *object, const struct relib_thing *thing)
{
	const struct variable *variable = &variables[relib_lent_id(thing)];

	return load(variable) == thing->value[0] && is_of(object, variable, thing->value[0]);
}

static bool is_used(const char *text)
{
	for (unsigned i = 0; i < COUNT; i++)
		if (load(&variables[i]) == (uintptr_t)text)
			return true;
	return false;
}

static bool replace(const struct relib_thing *thing)
{
	const struct variable *variable = &variables[relib_lent_id(thing)];
	void *old = (void *)(uintptr_t)thing->value[0], *made = variable->first;
	uint32_t number;

	if (variable->sort == TEXT) {
		number = relib_lasting_number(variable->name, strlen(variable->name), true);
		made = number ? relib_lasting_copy(relib_lasting_of(number), old, is_used) : NULL;
		if (!made)
			return false;
	}
	__atomic_compare_exchange_n((void **)variable->place, &old, made, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	return true;
}

static void describe(const struct relib_thing *thing, char *text, size_t size)
{
	snprintf(text, size, "variable %s", variables[relib_lent_id(thing)].name);
}

const struct relib_lent_row relib_variable_row = { look, is_lent, replace, describe };
