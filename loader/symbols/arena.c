/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Memory that is freed all at once. */
#include "arena.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

struct relib_arena_block {
	struct relib_arena_block *next;
	max_align_t data[];
};

void *relib_arena_alloc(struct relib_arena *arena, size_t count, size_t size)
{
	struct relib_arena_block *block;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(bytes, sizeof(*block), &bytes) ||
	    !(block = calloc(1, bytes))) {
		if (arena->exhausted)
			longjmp(*arena->exhausted, 1);
		err(1, "no memory for a report");
	}
	block->next = arena->blocks;
	arena->blocks = block;
	return block->data;
}

char *relib_arena_string(struct relib_arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(relib_arena_alloc(arena, size, 1), text, size);
}

void relib_arena_free(struct relib_arena *arena)
{
	while (arena->blocks) {
		struct relib_arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}
