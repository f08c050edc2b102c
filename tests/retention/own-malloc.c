/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* An allocator of the program's own, complete, which stops at a block that isn't its own. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

/* Before each block. */
struct head {
	_Alignas(16) size_t size;
	struct head *self;
};

static _Alignas(4096) char pool[64 << 20];
static size_t used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void *malloc(size_t size);
void free(void *block);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void *memalign(size_t alignment, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void **block, size_t alignment, size_t size);
void *valloc(size_t size);
void *pvalloc(size_t size);
size_t malloc_usable_size(void *block);

static struct head *head_of(void *block)
{
	struct head *head = (struct head *)block - 1;

	if ((uintptr_t)block - (uintptr_t)pool >= sizeof(pool) || head->self != head)
		__builtin_trap();
	return head;
}

void *memalign(size_t alignment, size_t size)
{
	uintptr_t block;
	struct head *head;

	if (size > sizeof(pool) / 2) {
		errno = ENOMEM;
		return NULL;
	}
	alignment = alignment < 16 ? 16 : alignment;
	pthread_mutex_lock(&lock);
	block = ((uintptr_t)pool + used + sizeof(*head) + alignment - 1) & ~(alignment - 1);
	used = block + size - (uintptr_t)pool;
	pthread_mutex_unlock(&lock);
	if (used > sizeof(pool))
		__builtin_trap();
	head = (struct head *)block - 1;
	*head = (struct head){ size, head };
	return (void *)block;
}

/* Nothing is used again, so that a second free is noticed for ever. */
void free(void *block)
{
	struct head *head;

	if (!block)
		return;
	head = head_of(block);
	memset(block, 0xdd, head->size);
	head->self = NULL;
}

void *malloc(size_t size)
{
	return memalign(16, size);
}

void *calloc(size_t count, size_t size)
{
	return __builtin_mul_overflow(count, size, &size) ? NULL : malloc(size);
}

void *realloc(void *block, size_t size)
{
	size_t old = block ? head_of(block)->size : 0;
	void *moved = malloc(size);

	if (moved && block) {
		memcpy(moved, block, old < size ? old : size);
		free(block);
	}
	return moved;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	*block = memalign(alignment, size);
	return *block ? 0 : ENOMEM;
}

void *valloc(size_t size)
{
	return memalign(4096, size);
}

void *pvalloc(size_t size)
{
	return memalign(4096, (size + 4095) & ~(size_t)4095);
}

size_t malloc_usable_size(void *block)
{
	return block ? head_of(block)->size : 0;
}
