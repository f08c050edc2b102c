/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The cheapest interposer there is: it passes malloc and free on. What relib costs beyond it is relib's. */
#include <dlfcn.h>
#include <stddef.h>

void *malloc(size_t size);
void free(void *p);

extern void *__libc_malloc(size_t size);
static void *(*real_malloc)(size_t size) = __libc_malloc;
static void (*real_free)(void *p);

__attribute__((constructor)) static void find_real(void)
{
	real_malloc = dlsym(RTLD_NEXT, "malloc");
	real_free = dlsym(RTLD_NEXT, "free");
}

void *malloc(size_t size)
{
	return real_malloc(size);
}

void free(void *p)
{
	if (__builtin_expect(!real_free, 0))
		real_free = dlsym(RTLD_NEXT, "free");
	real_free(p);
}
