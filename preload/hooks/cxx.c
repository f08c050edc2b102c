/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Hooks of operator new and delete, by their mangled names: so a call of new needs no unwinding.
 *
 * Where the program has replaced operator new, its replacement is called and this hook does nothing. Else
 * new is what libstdc++ makes of it: malloc, and on failure the C++ library's own operator new, which calls
 * the new handler and throws.
 */
#include "../block.h"
#include "../cxx-library.h"
#include "../foreign.h"

/* May throw: no tracker state may be held. */
#define FALL_BACK(name, arguments)                                                                         \
	do {                                                                                               \
		__typeof__(relib_real.name) function = relib_real.name;                                    \
                                                                                                           \
		if (!function)                                                                             \
			function = (__typeof__(relib_real.name))relib_cxx_find(#name, RELIB_CALLER.address); \
		if (function)                                                                              \
			block = function arguments;                                                        \
	} while (0)

#define NEW(name, parameters, arguments, allocation)                                                       \
	RELIB_HOOK void *name parameters                                                                   \
	{                                                                                                  \
		size_t asked = size ? size : 1;                                                            \
		uint32_t mark;                                                                             \
		void *block;                                                                               \
                                                                                                           \
		relib_need_real();                                                                         \
		if (!relib_real.cxx_is_default)                                                            \
			return relib_real.name arguments;                                                  \
		mark = relib_callsite(RELIB_CALLER, 0);                                                    \
		asked = relib_block_size(asked, mark);                                                     \
		block = allocation;                                                                        \
		if (unlikely(!block))                                                                      \
			FALL_BACK(name, arguments);                                                        \
		if (relib_tracking)                                                                        \
			relib_block_enter(block, size, mark);                                              \
		return block;                                                                              \
	}

#define PLAIN relib_real.first_malloc(asked)
/* aligned_alloc wants a multiple of the alignment. What is no power of two the C++ library is asked about. */
#define ALIGNED                                                                                            \
	(!alignment || (alignment & (alignment - 1)) || asked > (size_t)-1 - alignment                     \
		 ? NULL                                                                                    \
		 : relib_real.first_aligned_alloc(alignment, (asked + alignment - 1) & ~(alignment - 1)))

NEW(_Znwm, (size_t size), (size), PLAIN)
NEW(_Znam, (size_t size), (size), PLAIN)
NEW(_ZnwmRKSt9nothrow_t, (size_t size, const void *nothrow), (size, nothrow), PLAIN)
NEW(_ZnamRKSt9nothrow_t, (size_t size, const void *nothrow), (size, nothrow), PLAIN)
NEW(_ZnwmSt11align_val_t, (size_t size, size_t alignment), (size, alignment), ALIGNED)
NEW(_ZnamSt11align_val_t, (size_t size, size_t alignment), (size, alignment), ALIGNED)
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (size_t size, size_t alignment, const void *nothrow),
    (size, alignment, nothrow), ALIGNED)
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, (size_t size, size_t alignment, const void *nothrow),
    (size, alignment, nothrow), ALIGNED)

static __attribute__((noinline)) void delete_slowly(void *block, struct relib_caller caller)
{
	relib_foreign_free(block, caller);
	relib_real.first_free(block);
}

#define DELETE(name, parameters, arguments)                                                                \
	RELIB_HOOK void name parameters                                                                    \
	{                                                                                                  \
		relib_need_real();                                                                         \
		if (!relib_real.cxx_is_quick) {                                                            \
			if (relib_real.cxx_is_default)                                                     \
				delete_slowly(block, RELIB_CALLER);                                        \
			else                                                                               \
				relib_real.name arguments;                                                 \
			return;                                                                            \
		}                                                                                          \
		if (relib_tracking)                                                                        \
			relib_tag_take_quick(block);                                                       \
		relib_real.first_free(block);                                                              \
	}

DELETE(_ZdlPv, (void *block), (block))
DELETE(_ZdaPv, (void *block), (block))
DELETE(_ZdlPvm, (void *block, size_t size), (block, size))
DELETE(_ZdaPvm, (void *block, size_t size), (block, size))
DELETE(_ZdlPvRKSt9nothrow_t, (void *block, const void *nothrow), (block, nothrow))
DELETE(_ZdaPvRKSt9nothrow_t, (void *block, const void *nothrow), (block, nothrow))
DELETE(_ZdlPvSt11align_val_t, (void *block, size_t alignment), (block, alignment))
DELETE(_ZdaPvSt11align_val_t, (void *block, size_t alignment), (block, alignment))
DELETE(_ZdlPvmSt11align_val_t, (void *block, size_t size, size_t alignment), (block, size, alignment))
DELETE(_ZdaPvmSt11align_val_t, (void *block, size_t size, size_t alignment), (block, size, alignment))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t alignment, const void *nothrow),
       (block, alignment, nothrow))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t alignment, const void *nothrow),
       (block, alignment, nothrow))
