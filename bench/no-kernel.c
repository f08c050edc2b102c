/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Stands behind the tracker in place of dup and close: numbers that there are not, a million of them where the kernel allows
 * but some thousands. What settling them takes is then the tracker's own work.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

/* Above all that a kernel gives. */
#define FIRST 0x40000000

int dup(int number)
{
	static int next = FIRST;

	(void)number;
	return __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
}

int close(int number)
{
	static int (*real)(int number);

	if (number >= FIRST)
		return 0;
	if (!real)
		real = (int (*)(int))dlsym(RTLD_NEXT, "close");
	return real(number);
}
