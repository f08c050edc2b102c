/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a place in an object file is called, where other functions are inlined. */
#include "object-file.h"
#include "unit/run.h"

#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

static inline __attribute__((always_inline)) int inlined(const volatile int *from)
{
	return from[0] + from[1];
}

int starts_inlined(const volatile int *from);
__attribute__((noinline)) int starts_inlined(const volatile int *from)
{
	return inlined(from) * 3;
}

static struct relib_object_file file;
static struct relib_arena arena;
static struct relib_frame found[RELIB_INLINE_MOST];

static size_t look(uint64_t offset)
{
	struct relib_frame frame = { .object = "/proc/self/exe", .offset = offset };

	return relib_object_file_frames(&file, &frame, &arena, found);
}

START_TEST(the_start_of_a_function_is_itself)
{
	int values[] = { 1, 2 };
	const struct link_map *map;
	uint64_t start;
	bool seen = false;
	Dl_info info;

	ck_assert_int_eq(starts_inlined(values), 9);
	ck_assert(dladdr1((void *)(uintptr_t)starts_inlined, &info, (void **)&map, RTLD_DL_LINKMAP));
	ck_assert(relib_object_file_open(&file, "/proc/self/exe"));
	start = (uintptr_t)starts_inlined - map->l_addr;
	ck_assert_uint_eq(look(start), 1);
	ck_assert_str_eq(found[0].function, "starts_inlined");
	/* Behind it are both. */
	for (uint64_t offset = start + 1; offset < start + 32 && !seen; offset++)
		seen = look(offset) == 2 && !strcmp(found[0].function, "inlined") && !strcmp(found[1].function, "starts_inlined");
	ck_assert(seen);
	relib_object_file_close(&file);
	relib_arena_free(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("places");
	TCase *all = tcase_create("all");

	tcase_add_test(all, the_start_of_a_function_is_itself);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
