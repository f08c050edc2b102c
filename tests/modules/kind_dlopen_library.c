/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A library that modules open. It leaves a descriptor, and with INNER another library, opened by its constructor. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>

#ifdef BROKEN
extern int not_anywhere(void);
int needs_it(void);
int needs_it(void) { return not_anywhere(); }
#endif

int library_descriptor = -1;

/* A callback of whoever opened it, called when it ends. */
void (*library_callback)(void);

__attribute__((destructor)) static void end(void)
{
	if (library_callback)
		library_callback();
}

__attribute__((constructor)) static void begin(void)
{
	if (getenv("KIND_DLOPEN_LEAK"))
		library_descriptor = open("/dev/null", O_RDONLY);
#ifdef INNER
	if (!dlopen(INNER, RTLD_NOW))
		abort();
#endif
}
