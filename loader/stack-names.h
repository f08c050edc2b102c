/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Where an address of this process lies, and what is there, for stacks. */
#ifndef RELIB_LOADER_STACK_NAMES_H
#define RELIB_LOADER_STACK_NAMES_H

#include <stdbool.h>

#include "symbols/symbols.h"

#define RELIB_BUILD_ID_MOST 64

/* Strings lie in ld.so's records or in here: it must stay where it is, and the object loaded. */
struct relib_stack_place {
	struct relib_frame frame; /* object NULL: in no object */
	const char *name;         /* what ld.so calls the object */
	char build_id[2 * RELIB_BUILD_ID_MOST + 1];
	char program[1024]; /* the path, if it is the program itself, of which ld.so keeps none */
};

/* Without locks or allocation. */
void relib_stack_place(struct relib_stack_place *place, uintptr_t address);
/* Whether the file under the object's path may be the one that is mapped. With a build id, whoever reads it compares that. */
bool relib_stack_has_file(const struct relib_stack_place *place, uintptr_t address);

/* By librelib_symbols.so; where that isn't there, functions only, from the symbol tables of the objects. */
relib_symbols_function *relib_stack_namer(void);

/* stack-known.c */
#define RELIB_STACK_KEY 4000
/* What names a stack for ever; false if nothing does. */
bool relib_stack_key(const struct relib_frame *frames, unsigned count, unsigned cut, char *key, size_t size);
/* The text of a stack that was written to `size` bytes lately. */
bool relib_stack_recall(const char *key, char *text, size_t size);
void relib_stack_remember(const char *key, const char *text, size_t size);

#endif
