/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Opens libraries by every way and leaves them open, each from a function of its own and a line of its own. The libraries lie
 * beside it (kind_dlopen_library.c), and in a folder to which its RUNPATH leads.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <libgen.h>
#include <relib/module.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kind.h"

RELIB_MODULE("kind_dlopen", "1.0");

#define LEAK(name, call) LEAK_AS(void *, name, call)

/* In the folder of this module. Two of them at most at a time. */
static const char *beside(const char *name)
{
	static char paths[2][4096];
	static int turn;
	char *path = paths[turn = !turn], folder[2048];
	Dl_info info;

	dladdr((void *)beside, &info);
	snprintf(folder, sizeof(folder), "%s", info.dli_fname);
	snprintf(path, sizeof(paths[0]), "%s/%s", dirname(folder), name);
	return path;
}

LEAK(path, dlopen(beside("kind_dlopen_a.so"), RTLD_NOW))
LEAK(runpath, dlopen("kind_dlopen_b.so", RTLD_NOW))
LEAK(origin, dlopen("$ORIGIN/kind_dlopen_c.so", RTLD_NOW))
LEAK(program, dlopen(NULL, RTLD_NOW))
LEAK(dlmopen, dlmopen(LM_ID_BASE, beside("kind_dlopen_d.so"), RTLD_NOW | RTLD_LOCAL))
LEAK(nested, dlopen(beside("kind_dlopen_outer.so"), RTLD_NOW))
LEAK(system, dlopen("libm.so.6", RTLD_NOW))

EXPORT void *leak_thrice(void)
{
	void *handle = NULL;

	for (int i = 0; i < 3; i++)
		handle = dlopen(beside("kind_dlopen_a.so"), RTLD_NOW); /* the line of leak_thrice */
	return handle;
}

/* The host's, with other flags */

EXPORT void *open_mode(const char *file, int mode)
{
	void *handle = dlopen(file, mode); /* the line of open_mode */

	KEEP_FRAME;
	return handle;
}

EXPORT int close_handle(void *handle)
{
	int result = dlclose(handle);

	KEEP_FRAME;
	return result;
}

static void called_back(void)
{
}

/* It leaves the library with a callback. */
EXPORT void *leak_callback(void)
{
	void *handle = dlopen(beside("kind_dlopen_a.so"), RTLD_NOW); /* the line of leak_callback */

	*(void (**)(void))dlsym(handle, "library_callback") = called_back;
	return handle;
}

static void *at_end;

/* The destructor closes it. */
EXPORT void close_at_end(void *handle)
{
	at_end = handle;
}

/* Itself, by the name that it has. */
EXPORT void *open_itself(int mode)
{
	Dl_info info;
	void *handle;

	dladdr((void *)open_itself, &info);
	handle = dlopen(info.dli_fname, RTLD_NOW | mode); /* the line of open_itself */
	KEEP_FRAME;
	return handle;
}

__attribute__((destructor)) static void end(void)
{
	if (at_end && dlclose(at_end))
		fprintf(stderr, "the module could not close: %s\n", dlerror());
}

RELIB_MAIN(int)
{
	if (getenv("KIND_DLOPEN_AT_END")) {
		close_at_end(leak_path());
		return 0;
	}
	return !leak_path() || !leak_runpath() || !leak_origin() || !leak_program() || !leak_dlmopen() || !leak_nested() ||
	       !leak_system() || !leak_thrice();
}
