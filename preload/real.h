/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The next definition of each hooked function. */
#ifndef RELIB_REAL_H
#define RELIB_REAL_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "hooks.h"

/* An interposed function is found by name: gcc's builtins would turn our own code into calls of it. */
#define RELIB_HOOK __attribute__((visibility("default")))
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

struct relib_real {
#define X(type, name, parameters) type (*name) parameters;
	RELIB_HOOKS(X)
#undef X
	/* operator new comes from the allocator or from libstdc++, not from a replacement in the program. */
	bool cxx_is_default;
	/* The same while nobody wants to look at each delete; and free, or NULL while each free is looked at (foreign.h). */
	bool cxx_is_quick;
	void (*quick_free)(void *block);
	/* Where the malloc lies that the program calls, when it isn't ours; else NULL. */
	const struct link_map *front;
	/* What operator new and delete are made of: the program's first, as in libstdc++. */
	void *(*first_malloc)(size_t size);
	void *(*first_aligned_alloc)(size_t alignment, size_t size);
	void (*first_free)(void *block);
};
RELIB_INTERNAL extern struct relib_real relib_real;
/* For hooks/syscall.S, which can't see into that. */
RELIB_INTERNAL extern long (*relib_syscall_next)(long number, ...);

/*
 * Fills relib_real; called by the first hook that finds relib_real.malloc empty, which may be ld.so's own
 * first allocation: before any constructor, before environ is set. Safe to call again.
 */
void relib_real_resolve(void);

/*
 * Memory for what dlsym allocates while relib_real_resolve() runs. 16-byte aligned, never given back; free
 * and realloc recognise it.
 */
void *relib_early_allocate(size_t size);
size_t relib_early_size(const void *pointer); /* as asked for */

#define RELIB_EARLY_SIZE 16384
RELIB_INTERNAL extern char relib_early_memory[RELIB_EARLY_SIZE];

static inline bool relib_is_early(const void *pointer)
{
	return (uintptr_t)pointer - (uintptr_t)relib_early_memory < RELIB_EARLY_SIZE;
}

/*
 * The next definition alone, for hooks that an allocator may call while it starts: to start the tracker there is to look names
 * up that aren't there, for which ld.so allocates, in an allocator that holds its own lock. Nothing can be a module's yet.
 */
#define RELIB_NEED(name)                                                                                           \
	do {                                                                                                       \
		if (__builtin_expect(!relib_real.name, 0))                                                         \
			relib_real.name = (__typeof__(relib_real.name))dlsym(RTLD_NEXT, #name);                    \
	} while (0)

#endif
