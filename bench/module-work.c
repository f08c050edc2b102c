/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that runs the timed loops, and leaks when told to. */
#include "work.h"

static void leak(size_t count)
{
	while (count--)
		*(volatile char *)used(malloc(64)) = 1;
}

const struct work bench_work = { work_pair, work_live_fill, work_live, work_strdup, leak };
