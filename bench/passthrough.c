/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The cheapest interposer there is: it passes malloc and free on, and locks of mutexes. What relib costs beyond it is relib's. */
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

void *malloc(size_t size);
void free(void *p);

extern void *__libc_malloc(size_t size);
static void *(*real_malloc)(size_t size) = __libc_malloc;
static void (*real_free)(void *p);
static int (*real_lock)(pthread_mutex_t *mutex);
static int (*real_unlock)(pthread_mutex_t *mutex);

__attribute__((constructor)) static void find_real(void)
{
	real_malloc = dlsym(RTLD_NEXT, "malloc");
	real_free = dlsym(RTLD_NEXT, "free");
	real_lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
	real_unlock = dlsym(RTLD_NEXT, "pthread_mutex_unlock");
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

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return real_lock(mutex);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	return real_unlock(mutex);
}
