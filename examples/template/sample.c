/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The module. */
#include <relib/module.h>
#include <stdlib.h>

#include "sample.h"

RELIB_MODULE("sample", "1.0");

int32_t sample_distance(const struct sample_point *from, const struct sample_point *to)
{
	if (!from || !to)
		relib_panic("a point is missing"); /* the call fails, the host goes on */
	sample_log("measuring");                   /* an import is a plain call */
	return abs(to->x - from->x) + abs(to->y - from->y);
}

/* Called before the module is unloaded: stop threads here, and close what is open. */
RELIB_BEFORE_UNLOAD()
{
}
