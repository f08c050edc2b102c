/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that leaks in its constructor, with the entry points that several hosts look for. */
#include <stdlib.h>
#include <string.h>

static void *volatile last;

static __attribute__((noinline)) void leak_three(void)
{
	for (int i = 0; i < 3; i++) {
		last = malloc(100);
		memset(last, 1, 100);
	}
}

__attribute__((constructor)) static void at_load(void)
{
	leak_three();
}

/* sqlite: the name is what sqlite3_load_extension() looks for first */
int sqlite3_extension_init(void *database, char **message, const void *functions);
int sqlite3_extension_init(void *database, char **message, const void *functions)
{
	return !database || !message || !functions;
}

/* Tcl: `load FILE any`, `unload FILE any` */
int Any_Init(void *interpreter);
int Any_Unload(void *interpreter, int flags);
int Any_Init(void *interpreter)
{
	return !interpreter;
}
int Any_Unload(void *interpreter, int flags)
{
	(void)interpreter;
	(void)flags;
	return 0;
}

/* bash: `enable -f FILE any`, `enable -d any` */
static int any_builtin(void *words)
{
	(void)words;
	return 7;
}
static char *any_help[] = { (char *)"Returns 7.", NULL };
struct builtin {
	const char *name;
	int (*function)(void *words);
	int flags;
	char *const *long_help;
	const char *short_help;
	char *handle;
};
extern struct builtin any_struct;
struct builtin any_struct = { "any", any_builtin, 1, any_help, "any", NULL };

/* ctypes and others: a function by name */
int any_answer(void);
int any_answer(void)
{
	return 42;
}
