/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Memory that is freed all at once. A tool that runs out of memory says so and ends; a host goes on without. */
#ifndef RELIB_ARENA_H
#define RELIB_ARENA_H

#include <setjmp.h>
#include <stddef.h>

struct relib_arena {
	struct relib_arena_block *blocks;
	jmp_buf *exhausted; /* where to go on without memory; NULL: the process says so and ends */
};

/* Zeroed, never NULL. */
void *relib_arena_alloc(struct relib_arena *arena, size_t count, size_t size);
char *relib_arena_string(struct relib_arena *arena, const char *text);
void relib_arena_free(struct relib_arena *arena);

#endif
