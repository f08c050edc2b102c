/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that runs the timed loops, and leaks when told to. */
#include "work.h"

static void leak(size_t count)
{
	while (count--)
		*(volatile char *)used(malloc(64)) = 1;
}

static void keep_mappings(size_t count)
{
	while (count--)
		used(work_map());
}

const struct work bench_work = { work_pair, work_live_fill, work_live, work_strdup, leak, work_mapping, keep_mappings };
