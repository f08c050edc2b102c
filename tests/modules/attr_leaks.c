/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaks memory by every function of C that allocates, each from a function of its own. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "attr.h"

ATTR_FUNCTION(leak_malloc)
{
	for (int i = attr_times(3); i > 0; i--)
		attr_forget(malloc(100));
}

ATTR_FUNCTION(leak_calloc)
{
	for (int i = attr_times(2); i > 0; i--)
		attr_forget(calloc(5, 20));
}

ATTR_FUNCTION(leak_realloc)
{
	attr_forget(realloc(NULL, 77));
}

ATTR_FUNCTION(leak_realloc_grown)
{
	void *block = malloc(10);

	attr_forget(block);
	attr_forget(realloc(block, 5000));
}

ATTR_FUNCTION(leak_reallocarray)
{
	attr_forget(reallocarray(NULL, 10, 30));
}

ATTR_FUNCTION(leak_posix_memalign)
{
	void *block;

	if (posix_memalign(&block, 64, 100) == 0)
		attr_forget(block);
}

ATTR_FUNCTION(leak_aligned_alloc)
{
	attr_forget(aligned_alloc(64, 192));
}

ATTR_FUNCTION(leak_memalign)
{
	attr_forget(memalign(4096, 50));
}

ATTR_FUNCTION(leak_valloc)
{
	attr_forget(valloc(60));
}

ATTR_FUNCTION(leak_pvalloc)
{
	attr_forget(pvalloc(70));
}

ATTR_FUNCTION(leak_strdup)
{
	for (int i = attr_times(4); i > 0; i--)
		attr_forget(strdup("12345678"));
}

ATTR_FUNCTION(leak_strndup)
{
	attr_forget(strndup("12345678", 3));
}

ATTR_FUNCTION(leak_asprintf)
{
	char *text;

	if (asprintf(&text, "%d-%s", 12345, "abc") > 0)
		attr_forget(text);
}

__attribute__((noinline, visibility("default"), format(printf, 1, 2))) void leak_vasprintf_format(const char *format, ...);
void leak_vasprintf_format(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) > 0)
		attr_forget(text);
	va_end(arguments);
}

ATTR_FUNCTION(leak_vasprintf)
{
	leak_vasprintf_format("%d", 1234567);
	attr_forget(NULL);
}

/* Not exported: a report must name it, or nobody, but no neighbour of it. */
static __attribute__((noinline)) void leak_static_inner(void)
{
	attr_forget(malloc(33));
}

ATTR_FUNCTION(leak_static)
{
	leak_static_inner();
	attr_forget(NULL);
}

/* Allocates in all ways and gives everything back: nothing of it stands in a report. */
ATTR_FUNCTION(leak_nothing)
{
	void *blocks[] = { malloc(1), calloc(1, 1), realloc(NULL, 1), reallocarray(NULL, 1, 1), aligned_alloc(64, 64),
			   memalign(64, 1), valloc(1), pvalloc(1), strdup("a"), strndup("a", 1), malloc(0) };

	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		attr_forget(blocks[i]);
		free(blocks[i]);
	}
	free(NULL);
}

ATTR_FUNCTION(leak_all)
{
	leak_malloc(host);
	leak_calloc(host);
	leak_realloc(host);
	leak_realloc_grown(host);
	leak_reallocarray(host);
	leak_posix_memalign(host);
	leak_aligned_alloc(host);
	leak_memalign(host);
	leak_valloc(host);
	leak_pvalloc(host);
	leak_strdup(host);
	leak_strndup(host);
	leak_asprintf(host);
	leak_vasprintf(host);
	leak_static(host);
	leak_nothing(host);
	attr_forget(NULL);
}
