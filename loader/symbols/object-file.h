/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What an object file knows of its code: functions, also inlined ones, with file and line. By elfutils. */
#ifndef RELIB_OBJECT_FILE_H
#define RELIB_OBJECT_FILE_H

#include "arena.h"
#include "inline.h"

#include <stdbool.h>

/* Open for a short time only: a file that is mapped while a compiler writes it anew is a crash. */
struct relib_object_file {
	Dwfl *dwfl; /* NULL when the file can't be used */
	Dwfl_Module *module;
	GElf_Addr bias;
};

/* False when it can't be used; relib_object_file_close() is needed and allowed in any case. */
bool relib_object_file_open(struct relib_object_file *file, const char *path);
void relib_object_file_close(struct relib_object_file *file);

/* Whether it has this build id, in hexadecimal; NULL: none. */
bool relib_object_file_is_build(const struct relib_object_file *file, const char *build_id);

/*
 * Fills `found`, innermost first, with all functions of the source that the place `frame` is in, and returns how many. At
 * least 1, also of a file that can't be used: then it is `frame` itself. A function that `frame` names keeps that name.
 */
size_t relib_object_file_frames(const struct relib_object_file *file, const struct relib_frame *frame,
				struct relib_arena *arena, struct relib_frame found[RELIB_INLINE_MOST]);

#endif
