/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Has nothing until its destructor leaks: when it is closed there seems to be nothing to name. */
#include <stdlib.h>
#include "attr.h"

void end_only(void);

__attribute__((destructor, noinline)) void end_only(void)
{
	attr_forget(malloc(77));
}
