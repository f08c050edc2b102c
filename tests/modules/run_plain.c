/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A shared object that has never heard of modules; with functions to call by name. */
#include <stdio.h>

int run_plain_int(int argc, char **argv);
void run_plain_void(void);

__attribute__((constructor)) static void run_plain_constructor(void)
{
	puts("constructor");
}

__attribute__((destructor)) static void run_plain_destructor(void)
{
	puts("destructor");
}

int run_plain_int(int argc, char **argv)
{
	printf("int with %s\n", argc > 1 ? argv[1] : "nothing");
	return argc > 1;
}

/* What it leaves in the result's register must not count. */
void run_plain_void(void)
{
	puts("void");
#if defined(__x86_64__)
	__asm__ volatile("movl $77, %%eax" ::: "eax");
#elif defined(__aarch64__)
	__asm__ volatile("mov w0, #77" ::: "x0");
#endif
}
