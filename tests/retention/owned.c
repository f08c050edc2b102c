/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Retention cases: what libc hands over to its caller, left by the module and given back by it. */
#include <argz.h>
#include <dirent.h>
#include <dlfcn.h>
#include <envz.h>
#include <execinfo.h>
#include <fts.h>
#include <glob.h>
#include <obstack.h>
#include <sched.h>
#include <search.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wordexp.h>
#include <fcntl.h>
#include "libc-cases.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

/* One block, which free() takes. */
static void leave_or_free(struct retention_run *run, void *block)
{
	if (retention_give_back(run, block, 1))
		free(block);
}

CASE(strdup)
{
	char *text = strdup(run->who);

	CHECK(text && strcmp(text, run->who) == 0);
	leave_or_free(run, text);
	return NULL;
}

CASE(strndup)
{
	char *text = strndup(run->who, 3);

	CHECK(text && strlen(text) == 3);
	leave_or_free(run, text);
	return NULL;
}

CASE(wcsdup)
{
	wchar_t *text = wcsdup(L"wide");

	CHECK(text && wcslen(text) == 4);
	leave_or_free(run, text);
	return NULL;
}

CASE(asprintf)
{
	char *text;

	CHECK(asprintf(&text, "%s", run->who) > 0);
	leave_or_free(run, text);
	return NULL;
}

/* Reports name the function that called vasprintf(). */
__attribute__((format(printf, 1, 2))) char *case_vasprintf_format(const char *how, ...);
char *case_vasprintf_format(const char *how, ...)
{
	char *text;
	va_list arguments;

	va_start(arguments, how);
	if (vasprintf(&text, how, arguments) < 0)
		text = NULL;
	va_end(arguments);
	return text;
}

CASE(vasprintf)
{
	char *text = case_vasprintf_format("%s %d", run->who, 300);

	CHECK(text);
	leave_or_free(run, text);
	return NULL;
}

static inline __attribute__((always_inline)) const char *read_line(struct retention_run *run, int delimiter)
{
	FILE *stream = fopen("input", "r");
	char *line = NULL;
	size_t size = 0;

	CHECK(stream && getdelim(&line, &size, delimiter, stream) > 0 && line[0] == 'a');
	fclose(stream);
	leave_or_free(run, line);
	return NULL;
}

CASE(getline)
{
	const char *wrong = read_line(run, '\n');

	retention_use(wrong);
	return wrong;
}

CASE(getdelim)
{
	const char *wrong = read_line(run, 'k');

	retention_use(wrong);
	return wrong;
}

CASE(sscanf_ms)
{
	char *word, *letters;

	CHECK(sscanf("word abc", "%ms %m[a-z]", &word, &letters) == 2 && strcmp(word, "word") == 0);
	leave_or_free(run, word);
	leave_or_free(run, letters);
	return NULL;
}

CASE(getcwd)
{
	char *path = getcwd(NULL, 0);

	CHECK(path && path[0] == '/');
	leave_or_free(run, path);
	return NULL;
}

CASE(get_current_dir_name)
{
	char *path = get_current_dir_name();

	CHECK(path && path[0] == '/');
	leave_or_free(run, path);
	return NULL;
}

CASE(realpath)
{
	char *path = realpath("input", NULL);

	CHECK(path && path[0] == '/');
	leave_or_free(run, path);
	return NULL;
}

CASE(canonicalize_file_name)
{
	char *path = canonicalize_file_name("input");

	CHECK(path && path[0] == '/');
	leave_or_free(run, path);
	return NULL;
}

CASE(tempnam)
{
	/* By name: the linker would warn of a direct call. */
	char *(*make_name)(const char *, const char *) = (char *(*)(const char *, const char *))dlsym(RTLD_DEFAULT, "tempnam");
	char *path = make_name(".", "rel");

	CHECK(path && strstr(path, "rel"));
	leave_or_free(run, path);
	return NULL;
}

/* The driver has put three files there. */
CASE(scandir)
{
	struct dirent **names;
	int count = scandir("folder", &names, NULL, alphasort);

	CHECK(count == 5 && strcmp(names[4]->d_name, "three") != 0 && strcmp(names[2]->d_name, "one") == 0);
	if (retention_give_back(run, names, 6)) {
		while (count > 0)
			free(names[--count]);
		free(names);
	}
	return NULL;
}

CASE(glob)
{
	glob_t found = { 0 };

	CHECK(glob("folder/*", 0, NULL, &found) == 0 && found.gl_pathc == 3);
	if (retention_give_back(run, &found, 4))
		globfree(&found);
	return NULL;
}

CASE(glob_tilde)
{
	glob_t found = { 0 };

	CHECK(glob("~root", GLOB_TILDE, NULL, &found) == 0 && found.gl_pathc == 1);
	if (retention_give_back(run, &found, 2))
		globfree(&found);
	return NULL;
}

CASE(wordexp)
{
	wordexp_t words = { 0 };

	CHECK(wordexp("one $HOME three", &words, 0) == 0 && words.we_wordc == 3);
	if (retention_give_back(run, &words, 4))
		wordfree(&words);
	return NULL;
}

CASE(wordexp_command)
{
	wordexp_t words = { 0 };

	CHECK(wordexp("$(echo a b)", &words, 0) == 0 && words.we_wordc == 2);
	if (retention_give_back(run, &words, 3))
		wordfree(&words);
	return NULL;
}

CASE(backtrace_symbols)
{
	void *frames[4];
	int count = backtrace(frames, 4);
	char **names = backtrace_symbols(frames, count);

	CHECK(names && names[0][0]);
	leave_or_free(run, names);
	return NULL;
}

CASE(argz)
{
	char one[] = "one", two[] = "two", *arguments[] = { one, two, NULL }, *vector;
	size_t length;

	CHECK(argz_create(arguments, &vector, &length) == 0 && length == 8);
	CHECK(argz_add(&vector, &length, "three") == 0 && length == 14);
	leave_or_free(run, vector);
	return NULL;
}

CASE(envz)
{
	char *vector = NULL;
	size_t length = 0;

	CHECK(envz_add(&vector, &length, "name", "value") == 0 && strcmp(envz_get(vector, length, "name"), "value") == 0);
	leave_or_free(run, vector);
	return NULL;
}

CASE(cpu_alloc)
{
	cpu_set_t *set = CPU_ALLOC(1024);

	CHECK(set);
	leave_or_free(run, set);
	return NULL;
}

CASE(opendir)
{
	DIR *folder = opendir("folder");

	CHECK(folder && readdir(folder));
	if (retention_give_back(run, folder, 1))
		closedir(folder);
	return NULL;
}

CASE(fts)
{
	char path[] = "folder", *paths[] = { path, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	CHECK(tree && fts_read(tree) && fts_read(tree));
	if (retention_give_back(run, tree, 4))
		fts_close(tree);
	return NULL;
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

CASE(tsearch)
{
	void *tree = NULL;

	CHECK(tsearch("one", &tree, compare_text) && tsearch("two", &tree, compare_text));
	CHECK(tfind("two", &tree, compare_text));
	if (retention_give_back(run, tree, 2)) {
		tdelete("one", &tree, compare_text);
		tdelete("two", &tree, compare_text);
	}
	return NULL;
}

CASE(hcreate_r)
{
	struct hsearch_data table = { 0 };

	CHECK(hcreate_r(20, &table) != 0);
	if (retention_give_back(run, table.table, 1))
		hdestroy_r(&table);
	return NULL;
}

CASE(spawn_file_actions)
{
	posix_spawn_file_actions_t actions;

	CHECK(posix_spawn_file_actions_init(&actions) == 0);
	CHECK(posix_spawn_file_actions_addopen(&actions, 5, "input", O_RDONLY, 0) == 0);
	if (retention_give_back(run, &actions, 2))
		posix_spawn_file_actions_destroy(&actions);
	return NULL;
}

CASE(obstack)
{
	struct obstack stack;
	char *text;

	obstack_init(&stack);
	text = obstack_copy0(&stack, run->who, (int)strlen(run->who));
	CHECK(strcmp(text, run->who) == 0);
	if (retention_give_back(run, text, 1))
		obstack_free(&stack, NULL);
	return NULL;
}
