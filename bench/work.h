/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The loops that are timed: compiled into a module, and into the host once more. */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Keeps the compiler from seeing that a block is never used. */
static inline void *used(void *p)
{
	__asm__ volatile("" : "+r"(p) : : "memory");
	return p;
}

static inline uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static inline size_t random_size(uint64_t *state)
{
	return 16 + next_random(state) % 497;
}

static inline void work_pair(uint64_t operations)
{
	while (operations--)
		free(used(malloc(64)));
}

struct live {
	uint64_t random;
	size_t count;
	void *block[];
};

static inline struct live *work_live_fill(size_t count, uint64_t seed)
{
	struct live *live = malloc(sizeof(*live) + count * sizeof(void *));

	if (!live)
		abort();
	live->random = seed;
	live->count = count;
	for (size_t i = 0; i < count; i++) {
		live->block[i] = malloc(random_size(&live->random));
		*(volatile char *)live->block[i] = 1;
	}
	return live;
}

/* Replaces a random block, again and again. */
static inline void work_live(struct live *live, uint64_t operations)
{
	while (operations--) {
		size_t i = next_random(&live->random) % live->count;

		free(live->block[i]);
		live->block[i] = malloc(random_size(&live->random));
		*(volatile char *)live->block[i] = 1;
	}
}

static inline void work_strdup(uint64_t operations)
{
	const char *text = used((void *)"a name of a length that names have");

	while (operations--)
		free(used(strdup(text)));
}

/* Nothing is touched: that alone would take longer than both. */
static inline void *work_map(void)
{
	void *start = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		abort();
	return start;
}

static inline void work_mapping(uint64_t operations)
{
	while (operations--)
		munmap(used(work_map()), 65536);
}

static inline void work_open(uint64_t operations)
{
	while (operations--)
		close(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/* What a module offers to the host. */
struct work {
	void (*pair)(uint64_t operations);
	struct live *(*live_fill)(size_t count, uint64_t seed);
	void (*live)(struct live *live, uint64_t operations);
	void (*strdup)(uint64_t operations);
	void (*leak)(size_t count);
	void (*mapping)(uint64_t operations);
	void (*keep_mappings)(size_t count);
	void (*open)(uint64_t operations);
	size_t (*leak_files)(size_t count); /* gives how many could be opened */
};

#endif
