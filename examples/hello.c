/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The smallest module: relib-run ./libhello.so */
#include <relib/module.h>
#include <stdio.h>

RELIB_MODULE("hello", "1.0");

/* What relib-run and relib_call_main() call. Its result is typed: a host that expects another type is told so. */
RELIB_MAIN(int, argc, argv)
{
	if (argc > 1)
		printf("hello %s\n", argv[1]);
	else
		printf("hello world\n");
	return 0;
}
