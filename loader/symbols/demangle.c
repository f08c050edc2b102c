/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The name of a function as its source spells it: C++, and Rust in both its forms. */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

/* The table of symbols in a file of debug information has versions too: "nanosleep@GLIBC_2.2.5". */
static const char *without_version(struct relib_arena *arena, const char *name)
{
	size_t length = strcspn(name, "@");
	char *copy;

	if (!length || !name[length])
		return name;
	copy = relib_arena_alloc(arena, length + 1, 1);
	return memcpy(copy, name, length);
}

const char *relib_demangle(struct relib_arena *arena, const char *name)
{
	const char *bare = without_version(arena, name);
	char *plain = cplus_demangle(bare, DMGL_PARAMS | DMGL_ANSI | DMGL_AUTO);
	const char *kept = plain ? relib_arena_string(arena, plain) : bare;

	free(plain);
	return kept;
}
