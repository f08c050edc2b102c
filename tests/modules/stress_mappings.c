/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Maps and unmaps for the stress test. */
#define _GNU_SOURCE
#include "stress_mappings.h"

#include <stdint.h>
#include <sys/mman.h>

static char *map(size_t length)
{
	char *start = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return start == MAP_FAILED ? NULL : start;
}

static _Bool map_over(char *start, size_t length)
{
	return mmap(start, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == start;
}

static _Bool unmap(char *start, size_t length)
{
	_Bool done = !munmap(start, length);

	__asm__ volatile("" ::: "memory"); /* no tail call */
	return done;
}

static char *remap(char *start, size_t old_length, size_t length)
{
	start = mremap(start, old_length, length, MREMAP_MAYMOVE);
	return start == MAP_FAILED ? NULL : start;
}

const struct stress_mappings stress_mappings_functions = { map, map_over, unmap, remap };
