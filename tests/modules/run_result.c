/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Gives its first argument as the result of main; -DRESULT= says of which type. */
#include <relib/module.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef RESULT
#define RESULT int
#endif

RELIB_MODULE("run_result", "1.0");

RELIB_MAIN(RESULT, argc, argv)
{
	printf("called with %d:", argc - 1);
	for (int i = 1; i < argc; i++)
		printf(" <%s>", argv[i]);
	printf("\n");
	return (RESULT)(argc > 1 ? atoll(argv[1]) : 0);
}
