/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Mappings that modules hold, by their start, with their length: what mmap, mremap and shmat gave and what munmap, shmdt and
 * MAP_FIXED left of it.
 *
 * A mapping that is taken back whole needs no lock. To cut a piece out of one, relib_mappings_lock is held, so that of two
 * threads that cut the same mapping neither misses what the other puts back.
 */
#ifndef RELIB_MAPPING_H
#define RELIB_MAPPING_H

#include "callsite.h"
#include "real.h"
#include "start.h"
#include "thing.h"

/* What was taken out, to be put back where the real call fails. More than these are forgotten then: nobody unmaps them. */
#define RELIB_PIECES 16
struct relib_pieces {
	unsigned count;
	size_t bytes; /* of all, also of those that there is no room for */
	struct {
		uintptr_t start;
		size_t length;
		uint32_t mark;
		uint64_t attached;
	} pieces[RELIB_PIECES];
};

/*
 * `start` was mapped by the caller of a hook. `attached`: where shmat attached it, or 0. A mark of 0, the host's: what bears
 * its start is gone. errno stays, here and below.
 */
void relib_mapping_enter(const void *start, size_t length, uint32_t mark, const void *attached);

/* The same for a range that had been mapped: not if it lies in a loaded object, which ld.so unmaps as a whole. */
void relib_mapping_enter_over(const void *start, size_t length, uint32_t mark, const void *attached);

/* The range is about to be unmapped, or mapped anew: what modules hold of it is theirs no more. */
void relib_mapping_take(const void *start, size_t length, struct relib_pieces *taken);

/* The same for all that is left of what shmat attached there. */
void relib_mapping_take_attached(const void *start, struct relib_pieces *taken);

/* It failed. */
void relib_mapping_put_back(const struct relib_pieces *taken);

/* How long the mapping is that mmap makes of a length. */
size_t relib_mapping_length(size_t length, int flags);
/* And shmat of a segment; 0 when it isn't known. */
size_t relib_mapping_segment(int id);

/* Whether the next definitions are there: not before the tracker has started, which an allocator's first mapping must not do. */
static inline bool relib_mapping_ready(void)
{
	return relib_real.mmap && relib_real.mmap64 && relib_real.munmap && relib_real.mremap;
}

#endif
