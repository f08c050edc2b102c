/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Thread-local data, allocated by ld.so when first touched; copied many times, it makes ld.so extend its tables. */
#include <string.h>
#include "attr.h"

static __thread char room[3000];

ATTR_FUNCTION(touch)
{
	memset(room, 1, sizeof(room));
	attr_forget(room);
}
