/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Prints reports for tests of kinds, a line for each entry: "KIND ACTION COUNT FUNCTION FILE:LINE DETAIL", and for each kind
 * "total KIND HELD RELEASED". FUNCTION and the line are those of the module's frame; the detail of what others freed is who did.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *text(const json_t *object, const char *key)
{
	const char *found = json_string_value(json_object_get(object, key));

	return found ? found : "-";
}

/* "freeaddrinfo < host_close:12", innermost first */
static const char *freed_by(const json_t *stack)
{
	static char line[1000];
	size_t used = 0;

	for (size_t i = 0; i < json_array_size(stack) && used < sizeof(line); i++) {
		const json_t *frame = json_array_get(stack, i);
		const char *object = strrchr(text(frame, "object"), '/');

		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s:%lld %s", i ? " < " : "", text(frame, "function"),
					 (long long)json_integer_value(json_object_get(frame, "line")), object ? object + 1 : "-");
	}
	return line;
}

static void print_entry(const json_t *entry, const char *module)
{
	const json_t *stack = json_object_get(entry, "callsite"), *frame = NULL;
	const json_t *details = json_object_get(entry, "details");
	const char *detail = json_string_value(json_array_get(details, 0)), *file;

	for (size_t i = 0; i < json_array_size(stack); i++) {
		frame = json_array_get(stack, i);
		if (!strcmp(text(frame, "object"), module))
			break;
	}
	file = strrchr(text(frame, "file"), '/');
	if (!strcmp(text(entry, "action"), "foreign"))
		detail = freed_by(json_object_get(entry, "freed"));
	printf("%s %s %lld %s %s:%lld %s\n", text(entry, "kind"), text(entry, "action"),
	       (long long)json_integer_value(json_object_get(entry, "count")), text(frame, "function"),
	       file ? file + 1 : text(frame, "file"), (long long)json_integer_value(json_object_get(frame, "line")),
	       detail ? detail : "-");
}

static void print(const json_t *report)
{
	const char *name, *module = text(json_object_get(report, "module"), "path");
	json_t *total, *entry;
	size_t i;

	printf("outcome %s\n", text(report, "outcome"));
	json_object_foreach(json_object_get(report, "ledger"), name, total)
		if (json_object_get(total, "held"))
			printf("total %s %lld %lld\n", name, (long long)json_integer_value(json_object_get(total, "held")),
			       (long long)json_integer_value(json_object_get(total, "released")));
	json_array_foreach(json_object_get(report, "entries"), i, entry)
		print_entry(entry, module);
	printf("foreign %lld\n", (long long)json_integer_value(
		json_object_get(json_object_get(json_object_get(report, "ledger"), "heap"), "foreign")));
}

int main(int argc, char **argv)
{
	FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
	json_t *report;

	if (!file) {
		fprintf(stderr, "no report\n");
		return 1;
	}
	while ((report = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
		print(report);
		json_decref(report);
	}
	fclose(file);
	return 0;
}
