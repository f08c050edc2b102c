/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Blocks of a module that another owner frees: allowed in C, and by the option `foreign` counted for each pair of
 * places, that of the allocation and that of the free.
 */
#ifndef RELIB_FOREIGN_H
#define RELIB_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "callsite.h"
#include "tags.h"

/* By the option; from now on each free is looked at. Before anything is tagged. */
RELIB_INTERNAL extern bool relib_foreign;
void relib_foreign_start(void);

/* A block before its tag goes. */
struct relib_foreign_block {
	uint32_t site; /* 0: of no module */
	uint32_t version;
	uint32_t size;
};

void relib_foreign_look_closely(const void *block, struct relib_foreign_block *seen);

static inline void relib_foreign_look(const void *block, struct relib_foreign_block *seen)
{
	seen->site = 0;
	if (__builtin_expect(relib_foreign, 0))
		relib_foreign_look_closely(block, seen);
}

/* The caller of a hook gave it back, and the tag was on it still. errno stays. */
void relib_foreign_count(const struct relib_foreign_block *seen, struct relib_caller caller);

static inline void relib_foreign_note(const struct relib_foreign_block *seen, struct relib_caller caller)
{
	if (__builtin_expect(seen->site, 0))
		relib_foreign_count(seen, caller);
}

/* The same for a free: takes the tag off. */
void relib_foreign_free(const void *block, struct relib_caller caller);

/* Whether these have freed what is others', or others what is theirs: their names are wanted then. */
struct relib_set;
bool relib_foreign_any(const struct relib_set *set);

/*
 * Enters what others freed of these owners; and keeps the names of the places where these freed what is others'. Before
 * the sites of these are given back.
 */
struct relib_builder;
void relib_foreign_settle(const struct relib_set *set, struct relib_builder *builder);

/* After a fork: the threads that counted are not here. */
void relib_foreign_in_child(void);

#endif
