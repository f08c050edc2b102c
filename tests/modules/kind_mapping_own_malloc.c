/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module with a malloc of its own over mmap, bound to itself: nobody sees what it allocates, but all see its mappings. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kind_mapping.h"

struct mapping_host *mapping_host;
static char *pool;
static size_t used;

__attribute__((noinline)) void attr_map(void)
{
	pool = mmap(NULL, 2 * (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pool == MAP_FAILED)
		abort();
	pool[0] = *(char *)malloc(100);
}

void *malloc(size_t size)
{
	used += (size + 15) & ~(size_t)15;
	return pool + used;
}

void free(void *block __attribute__((unused)))
{
}
