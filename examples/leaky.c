/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that forgets memory in two places: relib-run ./libleaky.so names both and frees what they left. */
#include <relib/module.h>
#include <stdlib.h>
#include <string.h>

RELIB_MODULE("leaky", "1.0");

struct line {
	struct line *next;
	char text[1200];
};

static struct line *cache;
static const char *names[3];

/* Nobody ever empties the cache. */
static void cache_fill(int lines)
{
	while (lines--) {
		struct line *line = malloc(sizeof(*line));

		if (!line)
			return;
		line->next = cache;
		cache = line;
	}
}

/* The memory comes from strdup(), in libc; that it is this function's to free is what relib finds out. */
static void parse_name(int index, const char *text)
{
	names[index] = strdup(text);
}

RELIB_MAIN(int)
{
	cache_fill(1000);
	parse_name(0, "one name");
	parse_name(1, "another name");
	parse_name(2, "and a third");
	return 0;
}
