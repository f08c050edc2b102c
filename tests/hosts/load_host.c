/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host that does what its arguments say, one after the other, and says how it went. For test scripts. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <relib/relib.h>

static struct relib_module *module;
static struct relib_error error;

static void say(const char *what, enum relib_code code)
{
	if (code)
		printf("%s: code %d\n%s\n", what, code, error.message);
	else
		printf("%s: ok\n", what);
}

static void load(const char *path, bool plain)
{
	struct relib_load_options options = { .allow_plain = plain };

	say("load", relib_load(path, &options, &module, &error));
}

static void call(void)
{
	char *arguments[] = { (char[]){ "module" }, NULL };
	enum relib_code code;
	int result;

	code = relib_call_main(module, int, &result, 1, arguments, &error);
	say("call", code);
	if (!code)
		printf("result: %d\n", result);
}

static void call_function(const char *name)
{
	int (*function)(void) = (int (*)(void))relib_symbol(module, name, &error);

	if (function)
		printf("%s: %d\n", name, function());
	else
		say(name, error.code);
}

static struct relib_unload_options options;
static bool writes;

/* KIND:POLICY, for the next unloads */
static void policy(const char *value)
{
	static const char *const kinds[] = { [RELIB_KIND_HEAP] = "heap", [RELIB_KIND_THREAD] = "thread",
					     [RELIB_KIND_DESCRIPTOR] = "descriptor", [RELIB_KIND_SIGNAL_HANDLER] = "signal-handler" };
	static const char *const policies[] = { "default", "release", "keep", "refuse" };
	size_t length = strcspn(value, ":");

	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++)
		for (unsigned i = 0; i < 4 && kinds[kind]; i++)
			if (strlen(kinds[kind]) == length && !strncmp(value, kinds[kind], length) && !strcmp(value + length + 1, policies[i]))
				options.policies[kind] = (enum relib_policy)i;
}

static void unload(unsigned grace_ms)
{
	struct relib_report *report;
	enum relib_code code;

	options.grace_ms = grace_ms;
	code = relib_unload(module, &options, &report, &error);
	say("unload", code);
	if (report)
		printf("heap: %llu blocks, %llu released\n", (unsigned long long)report->heap.blocks,
		       (unsigned long long)report->heap.released);
	for (int kind = RELIB_KIND_DESCRIPTOR; report && kind < RELIB_KINDS; kind++)
		if (report->kinds[kind].held)
			printf("kind %d: %llu held, %llu released, %llu kept\n", kind, (unsigned long long)report->kinds[kind].held,
			       (unsigned long long)report->kinds[kind].released, (unsigned long long)report->kinds[kind].kept);
	if (report && writes) {
		fflush(stdout);
		relib_report_write(report, RELIB_FORMAT_TEXT, STDOUT_FILENO);
		relib_report_write(report, RELIB_FORMAT_JSON, STDOUT_FILENO);
	}
	relib_report_free(report);
}

static void mapped(const char *part)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[4096];

	while (maps && fgets(line, sizeof(line), maps))
		found |= strstr(line, part) != NULL;
	if (maps)
		fclose(maps);
	printf("mapped: %s\n", found ? "yes" : "no");
}

static void host_open(const char *path)
{
	printf("open: %s\n", dlopen(path, RTLD_NOW | RTLD_LOCAL) ? "ok" : dlerror());
}

static void environment(const char *name)
{
	const char *value = getenv(name);

	printf("%s: %s\n", name, value ? value : "(not set)");
}

static bool run(const char *word)
{
	const char *value = strchr(word, '=');

	value = value ? value + 1 : "";
	if (!strncmp(word, "load=", 5))
		load(value, false);
	else if (!strncmp(word, "plain=", 6))
		load(value, true);
	else if (!strcmp(word, "call"))
		call();
	else if (!strncmp(word, "function=", 9))
		call_function(value);
	else if (!strcmp(word, "unload") || !strncmp(word, "unload=", 7))
		unload((unsigned)atoi(value));
	else if (!strncmp(word, "policy=", 7))
		policy(value);
	else if (!strcmp(word, "write"))
		writes = true;
	else if (!strncmp(word, "mapped=", 7))
		mapped(value);
	else if (!strncmp(word, "open=", 5))
		host_open(value);
	else if (!strncmp(word, "environment=", 12))
		environment(value);
	else if (!strcmp(word, "tracker"))
		printf("tracker: %s\n", relib_has_tracker() ? "yes" : "no");
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "init"))
			say("init", relib_init(argc, argv, &error));
		else if (!strcmp(argv[i], "arguments")) {
			for (; i < argc; i++)
				printf("<%s>", argv[i]);
			printf("\n");
		} else if (!run(argv[i])) {
			fprintf(stderr, "load_host: unknown word: %s\n", argv[i]);
			return 2;
		}
	}
	return 0;
}
