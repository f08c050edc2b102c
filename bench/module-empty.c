/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that does nothing: for load, unload and call. */
#include <relib/module.h>

RELIB_MODULE("bench-empty", "1");

RELIB_MAIN(int)
{
	return 1;
}

int bench_nothing(int argc, char **argv);
int bench_nothing(int argc, char **argv)
{
	(void)argv;
	return argc + 1;
}
