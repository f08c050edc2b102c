/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Reports as lines that a shell script can look for: a head for each unload, and an indented line for each entry. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "-";
}

static long long number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* KIND ACTION COUNT BYTES FUNCTION in OBJECT: the last frame of the call site, which is the module's; then all frames. */
static void print_entry(const json_t *entry)
{
	const json_t *stack = json_object_get(entry, "callsite"), *last = json_array_get(stack, json_array_size(stack) - 1);
	json_t *frame;
	size_t depth;

	printf(" %s %s %lld %lld %s in %s;", text(entry, "kind"), text(entry, "action"), number(entry, "count"),
	       number(entry, "bytes"), text(last, "function"), file_name(text(last, "object")));
	json_array_foreach((json_t *)stack, depth, frame)
		printf(" %s", text(frame, "function"));
	printf("\n");
}

static void print_report(const json_t *report)
{
	const json_t *heap = json_object_get(json_object_get(report, "ledger"), "heap");
	json_t *entry;
	size_t index;

	printf("%s %s pid=%lld blocks=%lld bytes=%lld released=%lld kept=%lld\n",
	       file_name(text(json_object_get(report, "module"), "path")), text(report, "outcome"), number(report, "pid"),
	       number(heap, "blocks"), number(heap, "bytes"), number(heap, "released"), number(heap, "kept"));
	if (json_is_string(json_object_get(report, "reason")))
		printf(" reason %s\n", text(report, "reason"));
	if (json_is_string(json_object_get(report, "untracked")))
		printf(" untracked %s\n", text(report, "untracked"));
	json_array_foreach(json_object_get(report, "entries"), index, entry)
		print_entry(entry);
}

int main(int argc, char **argv)
{
	FILE *stream = argc > 1 ? fopen(argv[1], "r") : stdin;
	char *line = NULL;
	size_t size = 0;
	bool well = stream;

	while (stream && getline(&line, &size, stream) > 0) {
		json_error_t error;
		json_t *report = json_loads(line, 0, &error);

		if (report)
			print_report(report);
		else
			printf("not JSON: %s: %s", error.text, line);
		well = well && report;
		json_decref(report);
	}
	free(line);
	return !well;
}
