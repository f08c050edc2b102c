/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Names of functions and files as people read them: short, and safe to print on a terminal. No allocation. */
#ifndef RELIB_REPORT_NAME_H
#define RELIB_REPORT_NAME_H

#include <relib/report.h>

/* A piece of text with its width. What doesn't fit is cut off. */
struct field {
	unsigned columns; /* code points: all that a name of a function or a file is likely to need */
	unsigned used;
	char text[248];
};

void relib_field_clear(struct field *field);
/* Control characters and what is not UTF-8 become '?': a path must not be able to move the cursor. */
void relib_field_add(struct field *field, const char *text);
void relib_field_add_bytes(struct field *field, const char *text, size_t length);
void relib_field_add_number(struct field *field, uint64_t number); /* 1,003 */
void relib_field_add_count(struct field *field, uint64_t count, const char *noun); /* "1,003 blocks" from "block" */
const char *relib_field_add_size(struct field *field, uint64_t bytes); /* "1.2"; gives "MiB" back */
void relib_field_pad(struct field *field, unsigned columns);

/* Adds a text in at most so many columns, without its middle if need be. */
void relib_field_add_cut(struct field *field, const char *text, unsigned columns);

/* Adds a function's name without parameters, in at most `columns` (0: as long as it is) if that is 8 or more. */
void relib_field_add_function(struct field *field, const char *name, unsigned columns);
/*
 * Whether a function is one that C++'s or Rust's library brings into a module as a template: code that acts for its
 * caller. Mangled or not.
 */
bool relib_name_is_library(const char *name);
bool relib_file_is_library(const char *file); /* the same, by the source file */

/* Adds "leaky.c:41" or "libleaky.so+0x1139"; nothing when neither is known. */
void relib_field_add_where(struct field *field, const struct relib_frame *frame, unsigned columns);

const char *relib_name_of_file(const char *path);

/* Whether a text begins with one of a list that NULL ends. */
bool relib_starts_with_one_of(const char *text, const char *const *beginnings);

#endif
