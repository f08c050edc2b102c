/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* To preload behind the tracker: an allocator, and an mmap, that fail when the environment says so. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/*
 * FAIL_MALLOC=N: the Nth allocation fails, counted from stress_fail_arm(); FAIL_MALLOC_FROM=N: all from the Nth on.
 * FAIL_MMAP=N and FAIL_MMAP_FROM=N: the same for mmap, counted from the start of the process.
 */
static long allocations, mappings;
static int armed;

void stress_fail_arm(void);
void stress_fail_arm(void)
{
	armed = 1;
}

static int is_due(const char *at_name, const char *from_name, long count)
{
	const char *at = getenv(at_name), *from = getenv(from_name);

	return (at && count == atol(at)) || (from && count >= atol(from));
}

static int malloc_fails(void)
{
	if (!armed || !is_due("FAIL_MALLOC", "FAIL_MALLOC_FROM", __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED)))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return malloc_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return malloc_fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	return malloc_fails() ? NULL : __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size)
{
	return malloc_fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	void *made = memalign(alignment, size);

	if (!made)
		return ENOMEM;
	*block = made;
	return 0;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (is_due("FAIL_MMAP", "FAIL_MMAP_FROM", __atomic_add_fetch(&mappings, 1, __ATOMIC_RELAXED))) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset)
	__attribute__((alias("mmap")));
