/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tracker's own memory: straight from the kernel, never from malloc. */
#include "arena.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define POOL_CHUNK 65536
#define ARENA_CHUNK 65536

struct relib_arena_chunk {
	struct relib_arena_chunk *next;
	size_t size, used;
	char pad[8];
};

/*
 * Not by mmap, which is hooked: the hook asks whose it is, and a lock that this needs may be held here. Also before the next
 * mmap is known.
 */
static void *map(void *start, size_t size, int protection, int flags)
{
	int saved = errno;
	long address = syscall(SYS_mmap, start, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, (off_t)0);

	errno = saved;
	return address == -1 ? NULL : (void *)address;
}

void *relib_reserve(size_t size)
{
	return map(NULL, size, PROT_READ | PROT_WRITE, 0);
}

void *relib_reserve_closed(size_t size)
{
	return map(NULL, size, PROT_READ, 0);
}

bool relib_reserve_range(void *start, size_t size)
{
	return map(start, size, PROT_NONE, MAP_FIXED_NOREPLACE) == start;
}

bool relib_open_range(void *start, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)start & ~(page - 1);
	uintptr_t to = ((uintptr_t)start + size + page - 1) & ~(page - 1);
	int saved = errno;
	bool done = !mprotect((void *)from, to - from, PROT_READ | PROT_WRITE);

	errno = saved;
	return done;
}

void relib_unreserve(void *memory, size_t size)
{
	int saved = errno;

	syscall(SYS_munmap, memory, size);
	errno = saved;
}

/*
 * Some chunks are kept for the next arena, zeroed: to have one mapped, touched and unmapped takes longer than all that an
 * unload writes into it.
 */
#define SPARES 4
static struct relib_arena_chunk *spares[SPARES];

static struct relib_arena_chunk *take_spare(void)
{
	struct relib_arena_chunk *chunk = NULL;

	for (unsigned i = 0; i < SPARES && !chunk; i++)
		if (__atomic_load_n(&spares[i], __ATOMIC_RELAXED))
			chunk = __atomic_exchange_n(&spares[i], NULL, __ATOMIC_ACQUIRE);
	return chunk;
}

static bool keep_spare(struct relib_arena_chunk *chunk)
{
	for (unsigned i = 0; i < SPARES && chunk->size == ARENA_CHUNK; i++) {
		struct relib_arena_chunk *none = NULL;

		if (__atomic_load_n(&spares[i], __ATOMIC_RELAXED))
			continue;
		memset(chunk, 0, chunk->used);
		if (__atomic_compare_exchange_n(&spares[i], &none, chunk, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			return true;
		chunk->size = ARENA_CHUNK;
	}
	return false;
}

void *relib_arena_allocate(struct relib_arena *arena, size_t size)
{
	struct relib_arena_chunk *chunk = arena->chunks;
	void *result;

	size = (size + 15) & ~(size_t)15;
	if (!chunk || chunk->size - chunk->used < size) {
		size_t whole = sizeof *chunk + size;

		whole = whole < ARENA_CHUNK ? ARENA_CHUNK : (whole + 4095) & ~(size_t)4095;
		chunk = whole == ARENA_CHUNK ? take_spare() : NULL;
		if (!chunk)
			chunk = relib_reserve(whole);
		if (!chunk)
			return NULL;
		chunk->size = whole;
		chunk->used = sizeof *chunk;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	result = (char *)chunk + chunk->used;
	chunk->used += size;
	return result;
}

char *relib_arena_string(struct relib_arena *arena, const char *text)
{
	size_t size;
	char *copy;

	if (!text)
		return NULL;
	size = strlen(text) + 1;
	copy = relib_arena_allocate(arena, size);
	return copy ? memcpy(copy, text, size) : NULL;
}

void relib_arena_free(struct relib_arena *arena)
{
	struct relib_arena_chunk *chunk = arena->chunks, *next;

	/* The arena itself may lie in its first chunk. */
	for (; chunk; chunk = next) {
		next = chunk->next;
		if (!keep_spare(chunk))
			relib_unreserve(chunk, chunk->size);
	}
}

void *relib_pool_take(struct relib_pool *pool)
{
	void *record = pool->free;

	if (record) {
		memcpy(&pool->free, record, sizeof pool->free);
		return memset(record, 0, pool->size);
	}
	if (pool->left < pool->size) {
		pool->fresh = relib_reserve(POOL_CHUNK);
		pool->left = pool->fresh ? POOL_CHUNK : 0;
		if (!pool->fresh)
			return NULL;
	}
	record = pool->fresh;
	pool->fresh += pool->size;
	pool->left -= pool->size;
	return record;
}

void relib_pool_give(struct relib_pool *pool, void *record)
{
	memcpy(record, &pool->free, sizeof pool->free);
	pool->free = record;
}
