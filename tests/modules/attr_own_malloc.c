/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module with an allocator of its own, bound to itself: nobody sees what it allocates. */
#include <stddef.h>
#include "attr.h"

void *malloc(size_t size);
void free(void *block);

static char pool[65536];
static size_t used;

void *malloc(size_t size)
{
	void *block = pool + used;

	used += (size + 15) & ~(size_t)15;
	return used <= sizeof(pool) ? block : NULL;
}

void free(void *block __attribute__((unused)))
{
}

ATTR_FUNCTION(leak_own)
{
	attr_forget(malloc(100));
	host->say("allocated");
}
