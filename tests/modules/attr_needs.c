/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Linked to attr_dep.so, found next to it. */
#include <stdlib.h>
#include "attr.h"

extern void leak_in_dependency(struct attr_host *host);

ATTR_FUNCTION(leak_both)
{
	attr_forget(malloc(303));
	leak_in_dependency(host);
	attr_forget(NULL);
}
