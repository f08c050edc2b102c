/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The retention driver: whether a run of the host went as it should. */
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "driver.h"

/* What speaks against the run, in lines. */
struct verdict {
	char reasons[4096];
	size_t length;
};

static __attribute__((format(printf, 2, 3))) void object(struct verdict *verdict, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(verdict->reasons + verdict->length, sizeof(verdict->reasons) - verdict->length, format, arguments);
	va_end(arguments);
	verdict->length += (size_t)length;
	if (verdict->length > sizeof(verdict->reasons) - 1)
		verdict->length = sizeof(verdict->reasons) - 1;
}

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
	return false;
}

static void check_survival(struct verdict *verdict, const struct driver_result *result)
{
	static const char *const callers[] = { "module", "host 1", "host 2", "thread" };
	char line[32];

	if (result->status == -1)
		object(verdict, "it hung\n");
	else if (WIFSIGNALED(result->status))
		object(verdict, "it died of signal %d, %s\n", WTERMSIG(result->status), strsignal(WTERMSIG(result->status)));
	else if (WEXITSTATUS(result->status) != 0)
		object(verdict, "it exited with %d\n", WEXITSTATUS(result->status));
	for (size_t i = 0; i < sizeof(callers) / sizeof(*callers); i++) {
		snprintf(line, sizeof(line), "right %s", callers[i]);
		if (!has_line(result->told, line))
			object(verdict, "the call by %s did not end well\n", callers[i]);
	}
}

/* All four callers' lines arrived, the last of them at exit. */
static void check_lines(struct verdict *verdict, const char *path, const char *name)
{
	static const char *const callers[] = { "module", "host 1", "host 2", "thread" };
	char text[8192], line[128];

	driver_read(path, text, sizeof(text));
	for (size_t i = 0; i < sizeof(callers) / sizeof(*callers); i++) {
		snprintf(line, sizeof(line), "%s %s", name, callers[i]);
		if (!has_line(text, line))
			object(verdict, "%s has no line '%s'\n", path, line);
	}
}

/* The last report about the module; other objects that a case closes have reports of their own. */
static json_t *find_report(const struct driver_options *options)
{
	FILE *stream = fopen("report", "r");
	char *line = NULL;
	size_t size = 0;
	json_t *found = NULL;

	while (stream && getline(&line, &size, stream) > 0) {
		json_t *report = json_loads(line, 0, NULL);
		const char *path = json_string_value(json_object_get(json_object_get(report, "module"), "path"));

		if (path && strcmp(path, options->module) == 0) {
			json_decref(found);
			found = json_incref(report);
		}
		json_decref(report);
	}
	free(line);
	if (stream)
		fclose(stream);
	return found;
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* A C++ module's innermost frame may be one of libstdc++'s templates, compiled into it and not inlined. */
static bool is_template(const char *function)
{
	static const char *const heads[] = { "_ZNSt", "_ZNKSt", "_ZSt", "_ZN9__gnu_cxx", "_ZNK9__gnu_cxx" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (strncmp(function, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

/* The blocks of an entry that are the module's fault: named as a leak, or freed. */
static json_int_t blamed(const json_t *entry, const char *name, const char *module, struct verdict *verdict)
{
	const char *kind = json_string_value(json_object_get(entry, "kind"));
	const char *action = json_string_value(json_object_get(entry, "action"));
	const json_t *stack = json_object_get(entry, "callsite");
	const json_t *frame = json_array_get(stack, json_array_size(stack) - 1);
	const char *function = json_string_value(json_object_get(frame, "function"));
	const char *file = json_string_value(json_object_get(frame, "object"));
	const char *runtime = json_string_value(json_object_get(json_array_get(stack, 0), "function"));
	char wanted[128];

	if (!kind || strcmp(kind, "heap") != 0 || !action || strcmp(action, "kept") == 0)
		return 0;
	snprintf(wanted, sizeof(wanted), "case_%s", name);
	if (!function || (strncmp(function, wanted, strlen(wanted)) != 0 && !is_template(function)))
		object(verdict, "%lld blocks are said to be of %s instead of %s (first frame %s)\n",
		       (long long)number(entry, "count"), function ? function : "nobody", wanted, runtime ? runtime : "none");
	if (!file || strcmp(file, module) != 0)
		object(verdict, "the call site lies in %s\n", file ? file : "no object");
	return number(entry, "count");
}

static void describe_entries(struct verdict *verdict, const json_t *entries)
{
	size_t index, depth;
	json_t *entry, *frame;

	json_array_foreach((json_t *)entries, index, entry) {
		const char *action = json_string_value(json_object_get(entry, "action"));

		object(verdict, "  %s %lld blocks, %lld bytes:", action ? action : "?", (long long)number(entry, "count"),
		       (long long)number(entry, "bytes"));
		json_array_foreach(json_object_get(entry, "callsite"), depth, frame) {
			const char *function = json_string_value(json_object_get(frame, "function"));

			object(verdict, " %s%s", depth ? "< " : "", function ? function : "?");
		}
		object(verdict, "\n");
	}
}

/* How many blocks may be blamed on the module, as a range. */
static void expected_blocks(unsigned flags, long owned, json_int_t *least, json_int_t *most)
{
	*least = *most = 0;
	if (!(flags & (RETENTION_OWNED | RETENTION_EITHER)))
		return;
	*most = owned;
	if (flags & RETENTION_OWNED)
		*least = owned;
	if ((flags & RETENTION_AT_LEAST) && owned)
		*most = LONG_MAX;
}

static void check_report(struct verdict *verdict, const struct driver_options *options, const char *name, unsigned flags,
			 long owned, const json_t *report)
{
	const json_t *heap = json_object_get(json_object_get(report, "ledger"), "heap");
	const json_t *entries = json_object_get(report, "entries");
	const char *outcome = json_string_value(json_object_get(report, "outcome"));
	json_int_t blocks = 0, least, most, released = number(heap, "released");
	size_t index;
	json_t *entry;

	if (!outcome || strcmp(outcome, "unloaded") != 0)
		object(verdict, "the outcome is %s\n", outcome ? outcome : "missing");
	json_array_foreach((json_t *)entries, index, entry)
		blocks += blamed(entry, name, options->module, verdict);
	expected_blocks(flags, owned, &least, &most);
	if (blocks < least || blocks > most)
		object(verdict, "%lld blocks are called the module's, %lld to %lld were\n", (long long)blocks, (long long)least,
		       (long long)most);
	if (released != (strcmp(options->leaks, "reclaim") == 0 ? blocks : 0))
		object(verdict, "%lld blocks were released with leaks=%s\n", (long long)released, options->leaks);
	if (verdict->length)
		describe_entries(verdict, entries);
}

static void print_verdict(const struct verdict *verdict, const struct driver_result *result)
{
	char text[sizeof(verdict->reasons) + sizeof(result->error) + sizeof(result->told)];
	char *line, *rest;

	snprintf(text, sizeof(text), "%s%s%s", verdict->reasons, result->told, result->error);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		printf("#   %s\n", line);
}

bool driver_judge(const struct driver_options *options, int number_of_test, const char *name, unsigned flags, bool leave,
		  const struct driver_result *result)
{
	struct verdict verdict = { .length = 0 };
	const char *skip = strstr(result->told, "skip SKIP "), *owned = strstr(result->told, "owned "), *why;
	bool mapped = has_line(result->told, "mapped");
	json_t *report = options->tracker ? find_report(options) : NULL;

	check_survival(&verdict, result);
	if (skip && WIFEXITED(result->status) && WEXITSTATUS(result->status) == 0) {
		printf("ok %d - %s%s # SKIP %.*s\n", number_of_test, options->label, name, (int)strcspn(skip + 10, "\n"), skip + 10);
		json_decref(report);
		return false;
	}
	if (flags & RETENTION_OUTPUT)
		check_lines(&verdict, "output", name);
	if (flags & RETENTION_FILE)
		check_lines(&verdict, "left", name);
	if (options->tracker && !report)
		object(&verdict, "there is no report about the module\n");
	if (report && !mapped)
		check_report(&verdict, options, name, flags, owned ? atol(owned + 6) : 0, report);
	if (mapped && !(flags & RETENTION_STAYS))
		object(&verdict, "the module is still mapped\n");
	why = json_string_value(json_object_get(report, "reason"));
	printf("%s %d - %s%s%s%s", verdict.length ? "not ok" : "ok", number_of_test, options->label, name,
	       flags & (RETENTION_OWNED | RETENTION_EITHER) ? leave ? ", left" : ", given back" : "",
	       mapped && !verdict.length ? " # SKIP stays mapped" : "");
	printf("%s%s\n", mapped && !verdict.length && why ? ": " : "", mapped && !verdict.length && why ? why : "");
	if (verdict.length)
		print_verdict(&verdict, result);
	json_decref(report);
	return verdict.length != 0;
}
