/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of mappings. An allocator may call them before anything else of ours has run, and when it is first called itself. */
#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../mapping.h"

/* Since Linux 4.17; the name since glibc 2.27. */
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define MARK(name) relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name)

struct request {
	void *start;
	size_t length;
	int protection, flags, number;
	off64_t offset;
};

static void *map(const struct request *request, int flags)
{
	return relib_real.mmap64(request->start, request->length, request->protection, flags, request->number, request->offset);
}

/* Only where nothing is mapped. MAP_FAILED where there is, or where that can't be found out. */
static void *map_free(const struct request *request)
{
	int error = errno;
	void *start = map(request, (request->flags & ~MAP_FIXED) | MAP_FIXED_NOREPLACE);

	if (start != MAP_FAILED && start != request->start) {
		relib_real.munmap(start, request->length);
		start = MAP_FAILED;
	}
	if (start == MAP_FAILED)
		errno = error;
	return start;
}

/*
 * Onto what may have been mapped. Who maps over the host's memory doesn't own it: taken away it would be a hole in what the
 * host has reserved, and another's by then. Before the call: after it the old one must not be given back.
 */
static __attribute__((noinline)) void *map_over(const struct request *request, uint32_t mark)
{
	size_t length = relib_mapping_length(request->length, request->flags);
	void *start = MAP_FAILED;
	struct relib_pieces taken;

	relib_mapping_take(request->start, length, &taken);
	if (mark && taken.bytes < length) {
		start = map_free(request);
		if (start == MAP_FAILED)
			mark = 0;
	}
	if (start == MAP_FAILED)
		start = map(request, request->flags);
	if (start == MAP_FAILED)
		relib_mapping_put_back(&taken);
	else
		relib_mapping_enter_over(start, length, mark, NULL);
	return start;
}

#define MAP(name, offset_type)                                                                                     \
	RELIB_HOOK void *name(void *start, size_t length, int protection, int flags, int number, offset_type offset) \
	{                                                                                                          \
		if (unlikely(!relib_mapping_ready()))                                                              \
			return (void *)syscall(SYS_mmap, start, length, protection, flags, number, offset);        \
		if (!relib_tracking)                                                                               \
			return relib_real.name(start, length, protection, flags, number, offset);                  \
		if (unlikely(flags & MAP_FIXED))                                                                   \
			return map_over(&(struct request){ start, length, protection, flags, number, offset }, MARK(name)); \
		start = relib_real.name(start, length, protection, flags, number, offset);                         \
		if (likely(start != MAP_FAILED))                                                                   \
			relib_mapping_enter(start, relib_mapping_length(length, flags), MARK(name), NULL);         \
		return start;                                                                                      \
	}
MAP(mmap, off_t)
MAP(mmap64, off64_t)

/* Before, for after it another thread may have mapped the same range. */
RELIB_HOOK int munmap(void *start, size_t length)
{
	struct relib_pieces taken;
	int result;

	if (unlikely(!relib_mapping_ready()))
		return (int)syscall(SYS_munmap, start, length);
	if (!relib_things_any(RELIB_KIND_MAPPING))
		return relib_real.munmap(start, length);
	relib_mapping_take(start, length, &taken);
	result = relib_real.munmap(start, length);
	if (unlikely(result))
		relib_mapping_put_back(&taken);
	return result;
}

/* Who remaps a module's mapping owns it from then on, as with realloc. What is the host's stays so. */
static void *remap(void *old, size_t old_size, size_t new_size, int flags, void *target, uint32_t mark)
{
	bool copies = !old_size || (flags & MREMAP_DONTUNMAP);
	struct relib_pieces taken = { 0 }, over = { 0 };
	const void *attached = NULL;
	void *start;

	if (flags & MREMAP_FIXED)
		relib_mapping_take(target, new_size, &over);
	if (!copies)
		relib_mapping_take(old, old_size, &taken);
	start = relib_real.mremap(old, old_size, new_size, flags, target);
	if (start == MAP_FAILED) {
		relib_mapping_put_back(&taken);
		relib_mapping_put_back(&over);
		return start;
	}
	if (taken.count && taken.pieces[0].attached)
		attached = start;
	if ((!copies && !taken.count) || ((flags & MREMAP_FIXED) && over.bytes < relib_mapping_length(new_size, 0)))
		mark = 0;
	relib_mapping_enter_over(start, relib_mapping_length(new_size, 0), mark, attached);
	return start;
}

RELIB_HOOK void *mremap(void *old, size_t old_size, size_t new_size, int flags, ...)
{
	void *target = NULL;
	va_list arguments;
	uint32_t mark;

	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) {
		va_start(arguments, flags);
		target = va_arg(arguments, void *);
		va_end(arguments);
	}
	if (unlikely(!relib_mapping_ready()))
		return (void *)syscall(SYS_mremap, old, old_size, new_size, flags, target);
	mark = MARK(mremap);
	if (!mark && !relib_things_any(RELIB_KIND_MAPPING))
		return relib_real.mremap(old, old_size, new_size, flags, target);
	return remap(old, old_size, new_size, flags, target, mark);
}

/* Onto what may be mapped, with SHM_REMAP. */
static void *attach_over(int id, const void *start, int flags, uint32_t mark)
{
	uintptr_t place = (uintptr_t)start & ~(flags & SHM_RND ? (uintptr_t)SHMLBA - 1 : 0);
	size_t length = relib_mapping_segment(id);
	struct relib_pieces taken;
	void *attached;

	relib_mapping_take((void *)place, length, &taken);
	attached = relib_real.shmat(id, start, flags);
	if (attached == MAP_FAILED)
		relib_mapping_put_back(&taken);
	else
		relib_mapping_enter_over(attached, length, taken.bytes < length ? 0 : mark, attached);
	return attached;
}

RELIB_HOOK void *shmat(int id, const void *start, int flags)
{
	uint32_t mark;
	void *attached;

	relib_mapping_ready();
	mark = MARK(shmat);
	if ((flags & SHM_REMAP) && start)
		return attach_over(id, start, flags, mark);
	attached = relib_real.shmat(id, start, flags);
	if (attached != MAP_FAILED)
		relib_mapping_enter(attached, mark ? relib_mapping_segment(id) : 0, mark, attached);
	return attached;
}

RELIB_HOOK int shmdt(const void *start)
{
	struct relib_pieces taken;
	int result;

	relib_mapping_ready();
	relib_mapping_take_attached(start, &taken);
	result = relib_real.shmdt(start);
	if (result)
		relib_mapping_put_back(&taken);
	return result;
}
