/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A library that comes and goes with the module that needs it, and leaks too. */
#include <stdlib.h>
#include "attr.h"

extern void leak_in_dependency(struct attr_host *host);

ATTR_FUNCTION(leak_in_dependency)
{
	attr_forget(malloc(808));
}
