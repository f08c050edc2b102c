/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A main with a struct as its result. */
#include <relib/module.h>

struct load_point {
	double x, y;
	const char *name;
};

RELIB_MODULE("struct", "")

RELIB_MAIN(struct load_point)
{
	return (struct load_point){ 1.5, -2, "here" };
}
