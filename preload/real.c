/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The next definition of each hooked function: the bootstrap. */
#include "real.h"

#include <link.h>
#include <string.h>
#include <unistd.h>

#include "report-name.h"
#include "symbol.h"

struct relib_real relib_real;
long (*relib_syscall_next)(long number, ...);
_Alignas(16) char relib_early_memory[RELIB_EARLY_SIZE];
static size_t early_used;

/* Before each block stands its size, in a slot of 16 bytes so that the block stays aligned. */
void *relib_early_allocate(size_t size)
{
	size_t need = 16 + ((size + 15) & ~(size_t)15);
	size_t at;

	if (size > RELIB_EARLY_SIZE)
		return NULL;
	at = __atomic_fetch_add(&early_used, need, __ATOMIC_RELAXED);
	if (at + need > RELIB_EARLY_SIZE)
		return NULL;
	memcpy(relib_early_memory + at, &size, sizeof size);
	return relib_early_memory + at + 16;
}

size_t relib_early_size(const void *pointer)
{
	size_t size;

	memcpy(&size, (const char *)pointer - 16, sizeof size);
	return size;
}

static const struct link_map *object_of(const void *address)
{
	struct dl_find_object found;

	if (!address || _dl_find_object((void *)(uintptr_t)address, &found))
		return NULL;
	return found.dlfo_link_map;
}

/*
 * A program may replace operator new. Its replacement is called as it would be without us; then its malloc
 * is seen in its stead. The allocator's own or the C++ runtime's is not a replacement.
 */
static bool is_default_cxx(void)
{
	const struct link_map *cxx = object_of((const void *)relib_real._Znwm);
	const char *name;

	if (!cxx || cxx == object_of((const void *)relib_real.malloc))
		return true;
	name = relib_name_of_file(cxx->l_name);
	return !strncmp(name, "libstdc++", 9) || !strncmp(name, "libc++", 6);
}

/*
 * An allocator preloaded behind us may lack some functions; libc's would then serve, and free would be given a
 * block of another allocator.
 */
static void *valloc_by_malloc(size_t size)
{
	void *block;

	return relib_real.posix_memalign(&block, (size_t)sysconf(_SC_PAGESIZE), size) ? NULL : block;
}

static void *pvalloc_by_malloc(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return size > (size_t)-1 - page ? NULL : valloc_by_malloc((size + page - 1) & ~(page - 1));
}

static void complete_allocator(void)
{
	const struct link_map *allocator = object_of((const void *)relib_real.malloc);

	if (object_of((const void *)relib_real.posix_memalign) != allocator)
		return;
	if (object_of((const void *)relib_real.valloc) != allocator)
		relib_real.valloc = valloc_by_malloc;
	if (object_of((const void *)relib_real.pvalloc) != allocator)
		relib_real.pvalloc = pvalloc_by_malloc;
}

static bool defines_malloc(const struct link_map *map)
{
	struct relib_symbols table = relib_symbols_of_map(map);

	return relib_symbol_defined(&table, "malloc") != NULL;
}

/*
 * The program may have a malloc of its own, or one that is preloaded before us. Then we see neither it nor its
 * free, and what strdup, say, gives out must come from it, as it does if libc's own strdup is called.
 */
static const struct link_map *find_front(void)
{
	const struct link_map *own = object_of((const void *)relib_early_memory), *map = own;

	while (map && map->l_prev)
		map = map->l_prev;
	/* Not by dlsym: a program that isn't position-independent gives out a place of its own for libc's malloc. */
	while (map && map != own && !defines_malloc(map))
		map = map->l_next;
	return map == own ? NULL : map;
}

void relib_real_resolve(void)
{
	static bool resolving;

	/* At the first allocation there is one thread: what comes in here again is dlsym's own. */
	if (resolving)
		return;
	resolving = true;
#define X(type, name, parameters) relib_real.name = (__typeof__(relib_real.name))dlsym(RTLD_NEXT, #name);
	RELIB_HOOKS(X)
#undef X
	complete_allocator();
	relib_real.front = find_front();
	relib_real.first_malloc = relib_real.malloc;
	relib_real.first_aligned_alloc = relib_real.aligned_alloc;
	relib_real.first_free = relib_real.free;
	if (relib_real.front) {
		relib_real.first_malloc = (__typeof__(relib_real.malloc))dlsym(RTLD_DEFAULT, "malloc");
		relib_real.first_aligned_alloc =
			(__typeof__(relib_real.aligned_alloc))dlsym(RTLD_DEFAULT, "aligned_alloc");
		relib_real.first_free = (__typeof__(relib_real.free))dlsym(RTLD_DEFAULT, "free");
	}
	relib_real.cxx_is_default = relib_real.cxx_is_quick = is_default_cxx();
	relib_real.quick_free = relib_real.free;
	/* A C program has no operator new: the host must not find our failed lookup in its dlerror(). */
	dlerror();
	relib_syscall_next = relib_real.syscall;
	resolving = false;
}
