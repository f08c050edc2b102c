/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a compiler inlined: one address can be in several functions of the source. */
#ifndef RELIB_INLINE_H
#define RELIB_INLINE_H

#include "arena.h"

#include <elfutils/libdwfl.h>
#include <relib/report.h>

#define RELIB_INLINE_MOST 24

/*
 * Fills `frames`, innermost first, with function, file and line for every function that `address` (as the module has it)
 * is in; the last is the one that has code of its own, and its function is left NULL. Returns how many, at least 1: without
 * debug information that one is empty. Strings lie in `arena`.
 */
size_t relib_inline_frames(Dwfl_Module *module, Dwarf_Addr address, struct relib_arena *arena,
			   struct relib_frame frames[RELIB_INLINE_MOST]);

#endif
