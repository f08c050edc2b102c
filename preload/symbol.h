/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Names of functions: from an object in memory, or from its file. */
#ifndef RELIB_SYMBOL_H
#define RELIB_SYMBOL_H

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* A symbol table and its strings, wherever they lie. Reads nothing beyond them. */
struct relib_symbols {
	const ElfW(Sym) *symbols;
	size_t count;
	const char *strings;
	size_t strings_size;
};

/* The dynamic symbols of a loaded object; count 0 when it has none. Lock-free. */
struct relib_symbols relib_symbols_of_map(const struct link_map *map);

/* The symbols of an object's file, kept through its unload. */
struct relib_file {
	struct relib_arena memory;
	struct relib_symbols symbols; /* .symtab, or .dynsym where it is stripped */
};
/* False when the file is not there, is damaged, or is not the one with this build id (NULL: any). */
bool relib_file_open(struct relib_file *file, const char *path, const char *build_id);
void relib_file_close(struct relib_file *file);

/* The next function symbol that covers `offset` in the object, from index *at on; moves *at behind it. */
const ElfW(Sym) *relib_symbol_next(const struct relib_symbols *table, uintptr_t offset, size_t *at);
const char *relib_symbol_name(const struct relib_symbols *table, const ElfW(Sym) *symbol);

/* The definition of a name, or NULL. */
const ElfW(Sym) *relib_symbol_defined(const struct relib_symbols *table, const char *name);

/* The best of the names of the function at `offset`: not one with leading underscores if there is another. */
const char *relib_symbol_find(const struct relib_symbols *table, uintptr_t offset);

/* The build id in a note segment as hexadecimal; false when there is none. */
#define RELIB_BUILD_ID_SIZE 65
bool relib_build_id(const void *notes, size_t size, char id[RELIB_BUILD_ID_SIZE]);

#endif
