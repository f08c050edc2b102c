/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Mappings that modules hold: entered, cut, put back. */
#include "mapping.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "lock.h"
#include "mapping-cover.h"

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif
#define HUGE_PAGE 21 /* where the flags don't say: that of x86-64, and of arm64 with small pages */

pthread_mutex_t relib_mappings_lock = PTHREAD_MUTEX_INITIALIZER;
/* Odd while the lock is held: what is cut may be out of the table for a moment. */
static uint32_t cuts;

static void begin_cut(sigset_t *saved)
{
	relib_lock(&relib_mappings_lock, saved);
	__atomic_store_n(&cuts, cuts + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void end_cut(const sigset_t *saved)
{
	__atomic_store_n(&cuts, cuts + 1, __ATOMIC_RELEASE);
	relib_unlock(&relib_mappings_lock, saved);
}

/* 0 where a length has no place in the address space. */
static size_t round_up(size_t length, size_t unit)
{
	return (length + unit - 1) & ~(unit - 1);
}

static size_t page_size(void)
{
	return (size_t)getpagesize();
}

size_t relib_mapping_length(size_t length, int flags)
{
	unsigned shift = (unsigned)flags >> MAP_HUGE_SHIFT & 63;

	if (!(flags & MAP_HUGETLB))
		return round_up(length, page_size());
	return round_up(length, (size_t)1 << (shift ? shift : HUGE_PAGE));
}

size_t relib_mapping_segment(int id)
{
	struct shmid_ds segment;
	int error = errno;
	size_t size = shmctl(id, IPC_STAT, &segment) ? 0 : round_up(segment.shm_segsz, page_size());

	errno = error;
	return size;
}

static void enter(uintptr_t start, size_t length, uint32_t mark, uint64_t attached)
{
	struct relib_thing thing = {
		.kind = RELIB_KIND_MAPPING, .key = start, .mark = mark, .value = { length, attached }
	};

	if (relib_thing_enter(&thing))
		relib_mapping_cover(start, start + length);
}

/* Cutting */

static void note_piece(struct relib_pieces *taken, const struct relib_thing *thing, uintptr_t from, uintptr_t to)
{
	taken->bytes += to - from;
	if (taken->count == RELIB_PIECES)
		return;
	taken->pieces[taken->count].start = from;
	taken->pieces[taken->count].length = to - from;
	taken->pieces[taken->count].mark = thing->mark;
	taken->pieces[taken->count++].attached = thing->value[1];
}

struct range {
	uintptr_t from, to;
	uint64_t attached; /* only what has this one, unless 0 */
	struct relib_pieces *taken;
};

static bool is_in_range(const struct range *range, const struct relib_thing *thing)
{
	return thing->key < range->to && thing->key + thing->value[0] > range->from &&
	       (!range->attached || thing->value[1] == range->attached);
}

/* Without the lock, for most of what a host unmaps is no module's. May say true where it is not so. */
static bool is_held(const struct range *range)
{
	uint32_t before = __atomic_load_n(&cuts, __ATOMIC_ACQUIRE);
	bool held;

	if (!relib_things_any(RELIB_KIND_MAPPING))
		return false;
	/* What was attached there may be in pieces, some of them elsewhere. */
	held = (before & 1) || range->attached || relib_mapping_is_covered(range->from, range->to);

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return held || __atomic_load_n(&cuts, __ATOMIC_RELAXED) != before;
}

/* What lies before the range and behind it stays. */
static void cut(void *context, const struct relib_thing *seen)
{
	struct range *range = context;
	struct relib_thing thing;
	uintptr_t from, to, end;

	if (!is_in_range(range, seen) || !relib_thing_leave(RELIB_KIND_MAPPING, seen->key, &thing))
		return;
	if (!is_in_range(range, &thing)) {
		relib_thing_enter(&thing);
		return;
	}
	relib_mapping_uncover(thing.key, thing.key + thing.value[0]);
	end = thing.key + thing.value[0];
	from = thing.key > range->from ? thing.key : range->from;
	to = end < range->to ? end : range->to;
	if (thing.key < from)
		enter(thing.key, from - thing.key, thing.mark, thing.value[1]);
	if (to < end)
		enter(to, end - to, thing.mark, thing.value[1]);
	note_piece(range->taken, &thing, from, to);
}

static void take_range(struct range *range)
{
	sigset_t saved;

	if (!is_held(range))
		return;
	begin_cut(&saved);
	relib_things_walk(RELIB_KIND_MAPPING, cut, range);
	/* Also what a settlement has left as it was. */
	if (!range->attached)
		relib_mapping_uncover(range->from, range->to);
	end_cut(&saved);
}

/* Entering */

/* What is there still had been unmapped by other means than the hooks. The host may not know how long its own is: then a page. */
void relib_mapping_enter(const void *start, size_t length, uint32_t mark, const void *attached)
{
	struct range range = { .from = (uintptr_t)start, .to = (uintptr_t)start + (length ? length : page_size()) };
	struct relib_pieces stale = { 0 };
	int error = errno;

	range.taken = &stale;
	take_range(&range);
	if (mark && length)
		enter((uintptr_t)start, length, mark, (uintptr_t)attached);
	errno = error;
}

static bool is_in_object(uintptr_t start, size_t length)
{
	struct dl_find_object found;

	return !_dl_find_object((void *)start, &found) || !_dl_find_object((void *)(start + length - 1), &found);
}

void relib_mapping_enter_over(const void *start, size_t length, uint32_t mark, const void *attached)
{
	if (mark && length && is_in_object((uintptr_t)start, length))
		mark = 0;
	relib_mapping_enter(start, length, mark, attached);
}

/* Taking */

/* As a rule a range is just what was mapped. What has another length by the time it is out goes back, to be cut. */
static bool take_whole(uintptr_t start, size_t length, struct relib_pieces *taken)
{
	struct relib_thing thing;
	sigset_t saved;

	if (!relib_thing_find(RELIB_KIND_MAPPING, start, &thing) || thing.value[0] != length ||
	    !relib_thing_leave(RELIB_KIND_MAPPING, start, &thing))
		return false;
	if (thing.value[0] == length) {
		relib_mapping_uncover(start, start + length);
		note_piece(taken, &thing, start, start + length);
		return true;
	}
	begin_cut(&saved);
	relib_thing_enter(&thing);
	end_cut(&saved);
	return false;
}

void relib_mapping_take(const void *start, size_t length, struct relib_pieces *taken)
{
	struct range range = { .from = (uintptr_t)start, .taken = taken };
	int error = errno;

	taken->count = 0;
	taken->bytes = 0;
	if (!relib_things_any(RELIB_KIND_MAPPING))
		return;
	length = round_up(length, page_size());
	range.to = range.from + length;
	/* Else the kernel refuses it. */
	if (length && range.to > range.from && !(range.from & (page_size() - 1)) && is_held(&range) &&
	    !take_whole(range.from, length, taken))
		take_range(&range);
	errno = error;
}

void relib_mapping_take_attached(const void *start, struct relib_pieces *taken)
{
	struct range range = { .to = (uintptr_t)1 << 55, .attached = (uintptr_t)start, .taken = taken };
	int error = errno;

	taken->count = 0;
	taken->bytes = 0;
	if (start && relib_things_any(RELIB_KIND_MAPPING))
		take_range(&range);
	errno = error;
}

void relib_mapping_put_back(const struct relib_pieces *taken)
{
	int error = errno;
	sigset_t saved;

	if (!taken->count)
		return;
	begin_cut(&saved);
	for (unsigned i = 0; i < taken->count; i++)
		enter(taken->pieces[i].start, taken->pieces[i].length, taken->pieces[i].mark, taken->pieces[i].attached);
	end_cut(&saved);
	errno = error;
}
