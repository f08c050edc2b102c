/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Dependencies, as compilers write them for make. */
#include "bindgen.h"

#include <string.h>

struct list {
	struct relib_unit *unit;
	struct relib_words files;
};

static void visit(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
	struct list *list = data;
	struct relib_unit *unit = list->unit;
	const char *name = relib_take(unit, clang_getFileName(file));
	bool system = clang_Location_isInSystemHeader(clang_getLocation(unit->clang, file, 1, 1));

	(void)stack;
	/* The header itself is the first. */
	if (depth && system && !unit->options->depend_system)
		return;
	/* As compilers have it, so that it is the name that make knows. */
	if (strncmp(name, "./", 2) == 0)
		name += 2 + strspn(name + 2, "/");
	for (size_t i = 0; i < list->files.count; i++)
		if (strcmp(list->files.words[i], name) == 0)
			return;
	relib_words_add(&unit->arena, &list->files, name);
}

/* A name in a makefile. */
static void put_name(struct relib_text *text, const char *name)
{
	char one[2] = "";

	for (; *name; name++) {
		*one = *name;
		if (*name == ' ' || *name == '\t' || *name == '#')
			relib_text_put(text, "\\");
		else if (*name == '$')
			relib_text_put(text, "$");
		relib_text_put(text, one);
	}
}

void relib_write_depend(struct relib_unit *unit, struct relib_text *text)
{
	const struct relib_words *targets = &unit->options->targets;
	struct list list = { .unit = unit };

	clang_getInclusions(unit->clang, visit, &list);
	for (size_t i = 0; i < targets->count; i++)
		relib_text_add(text, "%s%s", i ? " " : "", targets->words[i]);
	if (!targets->count) {
		const char *files[] = { unit->options->host, unit->options->module };

		for (size_t i = 0; i < 2; i++) {
			if (!files[i])
				continue;
			relib_text_put(text, i && files[0] ? " " : "");
			put_name(text, files[i]);
		}
	}
	relib_text_put(text, ":");
	for (size_t i = 0; i < list.files.count; i++) {
		relib_text_put(text, " \\\n ");
		put_name(text, list.files.words[i]);
	}
	relib_text_put(text, "\n");
	for (size_t i = 1; unit->options->depend_phony && i < list.files.count; i++) {
		put_name(text, list.files.words[i]);
		relib_text_put(text, ":\n");
	}
}
