/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Asks the allocators that may be preloaded whose the host's blocks are. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdbool.h>
#include "attr.h"

static bool is_jemallocs(struct attr_host *host)
{
	int (*control)(const char *, void *, size_t *, void *, size_t) =
		(int (*)(const char *, void *, size_t *, void *, size_t))dlsym(RTLD_DEFAULT, "mallctl");
	uint64_t before = 0, after = 0;
	size_t size = sizeof(before);
	void *block;

	if (!control || control("thread.allocated", &before, &size, NULL, 0) != 0)
		return false;
	block = host->allocate(100000);
	control("thread.allocated", &after, &size, NULL, 0);
	host->release(block);
	return after - before >= 100000;
}

static bool is_mimallocs(void *block)
{
	bool (*is_in_heap)(const void *) = (bool (*)(const void *))dlsym(RTLD_DEFAULT, "mi_is_in_heap_region");

	return is_in_heap && is_in_heap(block);
}

static bool is_tcmallocs(void *block)
{
	int (*ownership)(const void *) = (int (*)(const void *))dlsym(RTLD_DEFAULT, "MallocExtension_GetOwnership");

	return ownership && ownership(block) == 1;
}

ATTR_FUNCTION(say_allocator)
{
	void *block = host->allocate(100);

	host->say(is_jemallocs(host) ? "jemalloc serves" : is_mimallocs(block) ? "mimalloc serves" :
		  is_tcmallocs(block) ? "tcmalloc serves" : "libc serves");
	host->release(block);
}
