/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the hooks of the heap have in common: the tag of a block from its allocation to its release. */
#ifndef RELIB_BLOCK_H
#define RELIB_BLOCK_H

#include "callsite.h"
#include "real.h"
#include "start.h"
#include "tags.h"

/* Some of the hooked functions have no prototype in a header of libc. */
#undef strdup
#undef strndup
#define X(type, name, parameters) type name parameters;
RELIB_HOOKS(X)
#undef X

/* The mark of the hook's caller, with the name of what it called. */
#define RELIB_SITE(name) relib_callsite(RELIB_CALLER, (uintptr_t)relib_real.name)

/* What to ask the allocator for, so that a block of a module has two words in the map. */
static inline size_t relib_block_size(size_t size, uint32_t mark)
{
	return mark && size < RELIB_SMALLEST_BLOCK ? RELIB_SMALLEST_BLOCK : size;
}

/* Enters a block after its allocation; see relib_bypassed for one that is not a module's. */
static inline void relib_block_enter(void *block, size_t size, uint32_t mark)
{
	if (unlikely(!block))
		return;
	if (mark)
		relib_tag_put(block, size, mark);
	else if (unlikely(relib_bypassed))
		relib_tag_take(block);
}

/* The next definitions, from the first allocation of the process on. */
static inline void relib_need_real(void)
{
	if (unlikely(!relib_real.malloc))
		relib_start();
}

#endif
