/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaks a known number of blocks of known size from two named functions. */
#include <relib/module.h>
#include <stdlib.h>
#include <string.h>

RELIB_MODULE("run_leaks", "1.0");

void *run_leaks_kept[10];
char *run_leaks_name;

__attribute__((noinline)) void run_leaks_fill(void)
{
	for (int i = 0; i < 10; i++)
		run_leaks_kept[i] = malloc(1000); /* the line that is named */
}

__attribute__((noinline)) void run_leaks_parse(const char *text)
{
	run_leaks_name = strdup(text);
	__asm__ volatile("" ::: "memory"); /* no tail call: that would leave no frame */
}

RELIB_MAIN(int)
{
	run_leaks_fill();
	run_leaks_parse("a name");
	return 0;
}
