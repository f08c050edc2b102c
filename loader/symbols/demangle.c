/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The name of a function as its source spells it: C++, and Rust in both its forms. */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <stdlib.h>

const char *relib_demangle(struct relib_arena *arena, const char *name)
{
	char *plain = cplus_demangle(name, DMGL_PARAMS | DMGL_ANSI | DMGL_AUTO);
	const char *kept = plain ? relib_arena_string(arena, plain) : name;

	free(plain);
	return kept;
}
