/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of malloc and its kin. */
#include <errno.h>
#include <string.h>

#include "../block.h"
#include "../foreign.h"

/* The next malloc isn't known while dlsym looks for it. */
#define IS_EARLY unlikely(!relib_real.malloc)

/*
 * Ld.so ends the process when it gets no memory for thread-local data, which it asks for at the first use in a
 * thread. Libunwind has some, so that use may be ours, and the host would have lived.
 */
static void *allocate_spare(size_t size)
{
	return relib_thread.unwinding ? relib_early_allocate(size) : NULL;
}

static __attribute__((noinline)) void *malloc_marked(size_t size, uint32_t mark)
{
	void *block = relib_real.malloc(relib_block_size(size, mark));

	if (unlikely(!block))
		return allocate_spare(size);
	relib_block_enter(block, size, mark);
	return block;
}

static __attribute__((noinline)) void *malloc_for(size_t size, struct relib_caller caller)
{
	relib_need_real();
	if (IS_EARLY)
		return relib_early_allocate(size);
	return malloc_marked(size, relib_callsite_through(caller, 0));
}

/* Jumps on, to where the caller belongs. */
RELIB_HOOK void *malloc(size_t size)
{
	uint32_t mark = relib_callsite_quick(RELIB_CALLER.address);

	if (mark == RELIB_PLACE_HOST)
		return relib_real.malloc(size);
	if (likely(mark))
		return malloc_marked(size, mark);
	return malloc_for(size, RELIB_CALLER);
}

/* Early ones, and all while each is looked at. */
static __attribute__((noinline)) void free_slowly(void *block, struct relib_caller caller)
{
	relib_need_real();
	if (relib_is_early(block) || !relib_real.free)
		return;
	relib_foreign_free(block, caller);
	relib_real.free(block);
}

/* The tag goes before the real free: after it another thread may have the same address. */
RELIB_HOOK void free(void *block)
{
	void (*quick)(void *) = __atomic_load_n(&relib_real.quick_free, __ATOMIC_RELAXED);

	if (!relib_tag_take_quick(block) && unlikely(relib_is_early(block) || !quick))
		free_slowly(block, RELIB_CALLER);
	else
		quick(block);
}

RELIB_HOOK void *calloc(size_t count, size_t size)
{
	size_t whole;
	uint32_t mark;
	void *block;

	relib_need_real();
	if (IS_EARLY)
		return __builtin_mul_overflow(count, size, &whole) ? NULL : relib_early_allocate(whole);
	if (!relib_tracking)
		return relib_real.calloc(count, size);
	mark = relib_callsite(RELIB_CALLER, 0);
	if (!mark || __builtin_mul_overflow(count, size, &whole)) {
		block = relib_real.calloc(count, size);
		relib_block_enter(block, 0, 0);
		return block;
	}
	block = relib_real.calloc(1, relib_block_size(whole, mark));
	relib_block_enter(block, whole, mark);
	return block;
}

static void *realloc_early(void *block, size_t size)
{
	size_t old = relib_early_size(block);
	void *moved = relib_real.malloc ? relib_real.malloc(size) : relib_early_allocate(size);

	return moved ? memcpy(moved, block, old < size ? old : size) : NULL;
}

/* Who reallocates a block owns it from then on. */
static inline __attribute__((always_inline)) void *reallocate(void *block, size_t size,
							       struct relib_caller caller)
{
	uint32_t mark = relib_callsite(caller, 0), old, old_size = 0;
	struct relib_foreign_block seen;
	void *moved;

	/* Off before, since another thread may get the old address; on again if nothing was moved. */
	relib_foreign_look(block, &seen);
	old = block ? relib_tag_take(block) : 0;
	if (old)
		old_size = relib_tag_size(block);
	moved = relib_real.realloc(block, size || !block ? relib_block_size(size, mark) : 0);
	if (old && (moved || !size))
		relib_foreign_note(&seen, caller);
	if (moved)
		relib_block_enter(moved, size, mark);
	else if (old && size)
		relib_tag_put(block, old_size, relib_site_mark(old));
	return moved;
}

RELIB_HOOK void *realloc(void *block, size_t size)
{
	relib_need_real();
	if (unlikely(block && relib_is_early(block)))
		return realloc_early(block, size);
	if (IS_EARLY)
		return relib_early_allocate(size);
	if (!relib_tracking)
		return relib_real.realloc(block, size);
	return reallocate(block, size, RELIB_CALLER);
}

RELIB_HOOK void *reallocarray(void *block, size_t count, size_t size)
{
	size_t whole;

	relib_need_real();
	if (__builtin_mul_overflow(count, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	if (unlikely(block && relib_is_early(block)))
		return realloc_early(block, whole);
	if (IS_EARLY)
		return relib_early_allocate(whole);
	if (!relib_tracking)
		return relib_real.reallocarray(block, count, size);
	return reallocate(block, whole, RELIB_CALLER);
}

RELIB_HOOK int posix_memalign(void **block, size_t alignment, size_t size)
{
	uint32_t mark;
	int error;

	relib_need_real();
	if (!relib_tracking)
		return relib_real.posix_memalign(block, alignment, size);
	mark = relib_callsite(RELIB_CALLER, 0);
	error = relib_real.posix_memalign(block, alignment, relib_block_size(size, mark));
	if (!error)
		relib_block_enter(*block, size, mark);
	return error;
}

/* Alignments under 16 are malloc's own. */
#define ALIGNED(name, parameters, arguments, arguments_of_mark)                                            \
	RELIB_HOOK void *name parameters                                                                   \
	{                                                                                                  \
		uint32_t mark;                                                                             \
		void *block;                                                                               \
                                                                                                           \
		relib_need_real();                                                                         \
		if (!relib_tracking)                                                                       \
			return relib_real.name arguments;                                                  \
		mark = relib_callsite(RELIB_CALLER, 0);                                                    \
		block = relib_real.name arguments_of_mark;                                                 \
		relib_block_enter(block, size, mark);                                                      \
		return block;                                                                              \
	}

ALIGNED(aligned_alloc, (size_t alignment, size_t size), (alignment, size), (alignment, relib_block_size(size, mark)))
ALIGNED(memalign, (size_t alignment, size_t size), (alignment, size), (alignment, relib_block_size(size, mark)))
ALIGNED(valloc, (size_t size), (size), (relib_block_size(size, mark)))
ALIGNED(pvalloc, (size_t size), (size), (relib_block_size(size, mark)))

RELIB_HOOK size_t malloc_usable_size(void *block)
{
	relib_need_real();
	if (unlikely(block && relib_is_early(block)))
		return relib_early_size(block);
	return relib_real.malloc_usable_size(block);
}
