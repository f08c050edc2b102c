/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The name of a function as its source spells it. */
#ifndef RELIB_DEMANGLE_H
#define RELIB_DEMANGLE_H

#include "arena.h"

/* `name` itself where it is not mangled. */
const char *relib_demangle(struct relib_arena *arena, const char *name);

#endif
