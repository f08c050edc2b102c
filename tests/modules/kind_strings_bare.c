/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Without any destructor, so that nothing of it is called when it ends. */
#include <stdlib.h>

static char text[] = "KIND_BARE=of a module without destructors";

__attribute__((visibility("default"))) int leak_putenv(void)
{
	int result = putenv(text);

	__asm__ volatile("" ::: "memory");
	return result;
}
