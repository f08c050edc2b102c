/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The index of addresses that mappings cover, against a list of them: no range is missed, and none is made up. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "preload/arena.c"
#include "preload/mapping-cover.c"
#include "unit/run.h"

#define MOST 200
#define PAGE 4096ull
#define WINDOW (64ull << 30)
#define BASE 0x7e0000000000ull

static struct {
	uintptr_t start, end;
} held[MOST];
static unsigned count;
static uint64_t state;

static uint64_t next_random(uint64_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 20) % below;
}

static bool overlaps(uintptr_t start, uintptr_t end)
{
	for (unsigned i = 0; i < count; i++)
		if (start < held[i].end && end > held[i].start)
			return true;
	return false;
}

/* Pages, units of 2 MiB, GiB, and a bit more or less than these. */
static uintptr_t random_length(void)
{
	static const uintptr_t sizes[] = { PAGE, 64 * 1024, 256 * 1024, 2 << 20, 32 << 20, 1 << 30, 3ull << 30 };
	uintptr_t size = sizes[next_random(sizeof(sizes) / sizeof(*sizes))];

	switch (next_random(4)) {
	case 0:
		return size;
	case 1:
		return size + PAGE * next_random(70);
	case 2:
		return size > 64 * PAGE ? size - PAGE * next_random(64) : PAGE;
	default:
		return size / PAGE * (1 + next_random(4)) * PAGE;
	}
}

static uintptr_t random_start(void)
{
	static const uintptr_t steps[] = { PAGE, 64 * PAGE, 2 << 20, 1 << 30 };
	uintptr_t step = steps[next_random(4)];

	/* Next to another one, as the kernel does it, or anywhere. */
	if (count && next_random(2))
		return held[next_random(count)].end;
	return BASE + next_random(WINDOW / step) * step;
}

static void check_range(uintptr_t start, uintptr_t end)
{
	ck_assert_msg(relib_mapping_is_covered(start, end) == overlaps(start, end), "%#lx-%#lx: wanted %d", start, end,
		      overlaps(start, end));
}

static void add(uintptr_t start, uintptr_t end)
{
	held[count].start = start;
	held[count++].end = end;
	relib_mapping_cover(start, end);
}

static void drop(unsigned which)
{
	relib_mapping_uncover(held[which].start, held[which].end);
	held[which] = held[--count];
}

START_TEST(it_knows_what_a_list_knows)
{
	uintptr_t start, end, from, to;
	unsigned which;

	state = (uint64_t)getpid();
	printf("# seed %d\n", (int)state);
	for (int step = 0; step < 20000; step++) {
		start = random_start();
		end = start + random_length();
		check_range(start, end);
		which = count ? (unsigned)next_random(count) : 0;
		if (count < MOST && next_random(3) && !overlaps(start, end)) {
			add(start, end);
		} else if (count && next_random(2)) {
			drop(which);
		} else if (count && count + 1 < MOST) { /* a piece out of the middle */
			start = held[which].start;
			end = held[which].end;
			from = start + next_random((end - start) / PAGE) * PAGE;
			to = from + (1 + next_random((end - from) / PAGE)) * PAGE;
			drop(which);
			if (start < from)
				add(start, from);
			if (to < end)
				add(to, end);
			check_range(from, to);
		}
		for (unsigned i = 0; i < count && i < 5; i++) {
			which = (unsigned)next_random(count);
			check_range(held[which].end, held[which].end + PAGE);
			check_range(held[which].start - PAGE, held[which].start);
			check_range(held[which].start, held[which].start + PAGE);
			check_range(held[which].end - PAGE, held[which].end);
		}
	}
	while (count)
		drop(count - 1);
	ck_assert(!relib_mapping_is_covered(BASE, BASE + 2 * WINDOW));
}
END_TEST

#define THREADS 4
static uint64_t wrong;

/* Each has every fourth page, in words of the index that are the others' too. */
static void *flip(void *argument)
{
	uintptr_t first = BASE + (uintptr_t)argument * PAGE;

	for (int round = 0; round < 2000; round++) {
		for (uintptr_t page = first; page < BASE + 256 * PAGE; page += THREADS * PAGE) {
			relib_mapping_cover(page, page + PAGE);
			if (!relib_mapping_is_covered(page, page + PAGE))
				__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		}
		for (uintptr_t page = first; page < BASE + 256 * PAGE; page += THREADS * PAGE) {
			if (!relib_mapping_is_covered(page, page + PAGE))
				__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
			relib_mapping_uncover(page, page + PAGE);
			if (relib_mapping_is_covered(page, page + PAGE))
				__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

START_TEST(threads_keep_each_others_bits)
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		ck_assert(!pthread_create(&threads[i], NULL, flip, (void *)i));
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Two GiB that share a record: from then on everything may be covered, and nothing is missed. */
START_TEST(what_has_no_place_is_not_missed)
{
	uintptr_t other = BASE - ((uintptr_t)NODES << GIB_SHIFT);

	relib_mapping_cover(BASE, BASE + PAGE);
	ck_assert(!relib_mapping_is_covered(other, other + PAGE));
	relib_mapping_cover(other, other + PAGE);
	ck_assert(relib_mapping_is_covered(other, other + PAGE));
	ck_assert(relib_mapping_is_covered(BASE, BASE + PAGE));
	ck_assert(relib_mapping_is_covered(1ull << ADDRESS_BITS, (1ull << ADDRESS_BITS) + PAGE));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cover");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60);
	tcase_add_test(all, it_knows_what_a_list_knows);
	tcase_add_test(all, threads_keep_each_others_bits);
	tcase_add_test(all, what_has_no_place_is_not_missed);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
