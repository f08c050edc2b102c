/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* To preload behind the tracker: an allocator, an mmap and a pthread_create of which the Nth call by a thread fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static __thread long left __attribute__((tls_model("initial-exec")));

/* The call of that number fails, and no other; 0: none. Gives what was left of the number before. */
long steps_fail(long number);
long steps_fail(long number)
{
	long before = left;

	left = number;
	return before;
}

static int fails(int number)
{
	if (!left || --left)
		return 0;
	errno = number;
	return 1;
}

void *malloc(size_t size)
{
	return fails(ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(ENOMEM) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	return fails(ENOMEM) ? NULL : __libc_realloc(block, size);
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
	return fails(ENOMEM) ? MAP_FAILED
			     : (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (fails(EAGAIN))
		return EAGAIN;
	if (!real)
		real = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(RTLD_NEXT, "pthread_create");
	return real(thread, attributes, start, argument);
}
