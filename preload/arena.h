/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tracker's own memory: straight from the kernel, never from malloc. */
#ifndef RELIB_ARENA_H
#define RELIB_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* On data that the hooks look at: it is ours, so it need not be looked up in the GOT. */
#define RELIB_INTERNAL __attribute__((visibility("hidden")))

/* Reserves zeroed address space that costs memory where it is touched only. NULL when there is none. */
void *relib_reserve(size_t size);
void relib_unreserve(void *memory, size_t size);

/*
 * The same for a large table: readable, as zeros, and writable only where relib_open_range() has been. A host that
 * locks its memory (mlockall, as audio programs do) locks what is writable.
 */
void *relib_reserve_closed(size_t size);
/* Takes a range out of use, if it is free. */
bool relib_reserve_range(void *start, size_t size);
/* Makes whole pages around a range writable; false when the kernel has no memory for it. */
bool relib_open_range(void *start, size_t size);

/* Memory that is given back all at once. */
struct relib_arena {
	struct relib_arena_chunk *chunks;
};
/* Zeroed, 16-byte aligned; NULL when there is none. */
void *relib_arena_allocate(struct relib_arena *arena, size_t size);
char *relib_arena_string(struct relib_arena *arena, const char *text);
void relib_arena_free(struct relib_arena *arena);

/* Records of one size with a free list. The caller holds the lock that the pool belongs to. */
struct relib_pool {
	size_t size;
	void *free;
	char *fresh;
	size_t left;
};
void *relib_pool_take(struct relib_pool *pool); /* zeroed, or NULL */
void relib_pool_give(struct relib_pool *pool, void *record);

#endif
