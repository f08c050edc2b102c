/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the attribution tests' host offers to a module's functions. */
#ifndef ATTR_H
#define ATTR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct attr_host {
	void *(*allocate)(size_t size);               /* malloc, called by the host */
	void *(*grow)(void *block, size_t size);      /* realloc, called by the host */
	char *(*copy)(const char *text);              /* strdup, called by the host */
	void (*release)(void *block);                 /* free, called by the host */
	void (*call)(const char *module, const char *function); /* another module's function, through the host */
	void (*say)(const char *text);                /* a line on standard output */
	void *slot[8];                                /* what one call leaves to a later one */
};

/* Each stands in a report by its name, so it must have a frame of its own. */
#define ATTR_FUNCTION(name) \
	__attribute__((noinline, visibility("default"))) void name(struct attr_host *host __attribute__((unused)))

typedef void attr_function(struct attr_host *host);

/* Forgets a block so that the compiler can't drop its allocation, nor turn the call before it into a jump. */
static inline void attr_forget(const void *block)
{
	__asm__ volatile("" : : "r"(block) : "memory");
}

/* A number that the compiler doesn't know: an unrolled loop would have several call sites. */
static inline int attr_times(int times)
{
	__asm__ volatile("" : "+r"(times));
	return times;
}

#ifdef __cplusplus
}
#endif
#endif
