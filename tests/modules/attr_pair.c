/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Built twice, as A and as B: two modules that call each other through the host. NAME and OTHER come from the build. */
#include <stdlib.h>
#include <string.h>
#include "attr.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

ATTR_FUNCTION(JOIN(allocate_in_, NAME))
{
	attr_forget(malloc(SIZE));
}

/* The other module allocates while this one is on the stack, then this one again. */
ATTR_FUNCTION(JOIN(call_from_, NAME))
{
	attr_forget(strdup(TEXT(NAME) TEXT(OTHER)));
	host->call(TEXT(OTHER), "allocate_in_" TEXT(OTHER));
	attr_forget(malloc(SIZE + 1));
}

ATTR_FUNCTION(JOIN(call_back_from_, NAME))
{
	host->call(TEXT(OTHER), "call_from_" TEXT(OTHER));
	attr_forget(NULL);
}
