/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module whose main and constructor call back into the test, so that it can look on from there. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include <relib/module.h>

void (*load_main_hook)(void);
int load_unloads;

int load_add(int a, int b);
int load_add(int a, int b)
{
	return a + b;
}

RELIB_MODULE("simple", "1.2");

RELIB_MAIN(int, argc, argv)
{
	if (load_main_hook)
		load_main_hook();
	return argc > 1 ? argv[1][0] : 40 + argc;
}

RELIB_BEFORE_UNLOAD()
{
	load_unloads++;
}

__attribute__((constructor)) static void loaded(void)
{
	void (*hook)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "load_constructor_hook");

	if (hook)
		hook();
}
