/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Looks at all of the process before a module is loaded and after it was unloaded, and says what differs:
 * `whole_host ROUNDS MODULE FUNCTION [RESULT]`. Below the third round only what never may differ: places that the tracker and libc
 * make once are made by then.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <relib/relib.h>

extern char **environ;

/* One line for each thing. */
struct state {
	char text[1 << 17];
	size_t used;
};

static void __attribute__((format(printf, 2, 3))) add(struct state *state, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	state->used += (size_t)vsnprintf(state->text + state->used, sizeof(state->text) - state->used, format, arguments);
	va_end(arguments);
	if (state->used >= sizeof(state->text))
		abort();
}

static void add_folder(struct state *state, const char *path, const char *what, bool links)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char target[512] = "";

		if (entry->d_name[0] == '.' || (links && atoi(entry->d_name) == dirfd(folder)))
			continue;
		if (links && readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1) < 0)
			continue;
		add(state, "%s %s %s\n", what, entry->d_name, target);
	}
	closedir(folder);
}

/*
 * What is mapped from files, shared, or can be executed, and how much there is of the rest. Not the heap of libc, and not what
 * nobody can touch: the tracker reserves the places where modules were.
 */
static void add_mappings(struct state *state)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to, anonymous = 0;
	char line[4096], access[8];
	int name;

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %n", &from, &to, access, &name) < 3)
			abort();
		if (!strncmp(access, "---", 3) || !strncmp(line + name, "[heap]", 6) || !strncmp(line + name, "[stack]", 7))
			continue;
		if (line[name] == '\0' && access[2] != 'x' && access[3] == 'p')
			anonymous += to - from;
		else
			add(state, "mapping %s", line);
	}
	fclose(maps);
	add(state, "anonymous memory %lu KiB\n", anonymous / 1024);
}

static void add_lines(struct state *state, const char *path, const char *const *beginnings)
{
	FILE *file = fopen(path, "re");
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		bool wanted = !beginnings;

		for (const char *const *at = beginnings; at && *at; at++)
			wanted |= !strncmp(line, *at, strlen(*at));
		if (wanted)
			add(state, "%s", line);
	}
	if (file)
		fclose(file);
}

static void add_signals(struct state *state)
{
	static const char *const beginnings[] = { "Threads", "SigBlk", "SigIgn", "SigCgt", NULL };
	stack_t stack;

	for (int number = 1; number < _NSIG; number++) {
		struct sigaction action;

		if (!sigaction(number, NULL, &action))
			add(state, "signal %d %p %x\n", number, (void *)action.sa_sigaction, (unsigned)action.sa_flags);
	}
	sigaltstack(NULL, &stack);
	add(state, "signal stack %p %x\n", stack.ss_sp, (unsigned)stack.ss_flags);
	add_lines(state, "/proc/self/status", beginnings);
}

/* As many as can be made: that many are free. */
static void add_keys(struct state *state)
{
	pthread_key_t keys[PTHREAD_KEYS_MAX];
	int count = 0;

	while (count < PTHREAD_KEYS_MAX && !pthread_key_create(&keys[count], NULL))
		count++;
	for (int i = 0; i < count; i++)
		pthread_key_delete(keys[i]);
	add(state, "free keys %d\n", count);
}

static int add_object(struct dl_phdr_info *info, size_t size, void *state)
{
	(void)size;
	add(state, "object %s\n", info->dlpi_name);
	return 0;
}

static void look(struct state *state, bool all)
{
	siginfo_t child = { .si_pid = 0 };

	state->used = 0;
	add_folder(state, "/proc/self/fd", "descriptor", true);
	add_folder(state, "/proc/self/task", "thread", false);
	add_signals(state);
	add_keys(state);
	add_lines(state, "/proc/self/timers", NULL);
	if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT))
		child.si_pid = -1;
	add(state, "children %d\n", (int)child.si_pid);
	for (char **variable = environ; *variable; variable++)
		if (strncmp(*variable, "RELIB_KIND", 10))
			add(state, "variable %s\n", *variable);
	dl_iterate_phdr(add_object, state);
	if (all)
		add_mappings(state);
}

static bool has(const struct state *state, const char *line, size_t length)
{
	for (const char *at = state->text; *at; at = strchr(at, '\n') + 1)
		if (!strncmp(at, line, length))
			return true;
	return false;
}

/* The lines of one that the other doesn't have. */
static int compare(const struct state *one, const struct state *other, const char *what)
{
	int differences = 0;

	for (const char *at = one->text, *next; *at; at = next) {
		next = strchr(at, '\n') + 1;
		if (has(other, at, (size_t)(next - at)))
			continue;
		printf("%s: %.*s", what, (int)(next - at), at);
		differences++;
	}
	return differences;
}

static struct state before, after;
static struct relib_error error;

static void fail(const char *what)
{
	printf("%s: %s\n", what, error.message);
	exit(1);
}

static void run(const char *path, const char *function, const char *wanted)
{
	struct relib_load_options options = { .allow_plain = true };
	struct relib_report *report;
	struct relib_module *module;
	int (*take)(void);
	int result;

	if (relib_load(path, &options, &module, &error))
		fail("load");
	take = (int (*)(void))relib_symbol(module, function, &error);
	if (!take)
		fail("symbol");
	result = take();
	if (wanted && result != atoi(wanted)) {
		printf("%s gave %d\n", function, result);
		exit(1);
	}
	if (relib_unload(module, NULL, &report, &error))
		fail("unload");
	relib_report_free(report);
}

int main(int argc, char **argv)
{
	int rounds = atoi(argv[1]), differences = 0;

	if (argc < 4 || relib_init(argc, argv, &error))
		fail("start");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int round = 1; round <= rounds && !differences; round++) {
		look(&before, round > 3);
		run(argv[2], argv[3], argc > 4 ? argv[4] : NULL);
		look(&after, round > 3);
		if (round == 1) /* libraries that the loader needs are there from now on */
			continue;
		differences = compare(&before, &after, "gone") + compare(&after, &before, "left");
		if (differences)
			printf("in round %d\n", round);
	}
	if (!differences)
		printf("the same after %d rounds\n", rounds);
	return differences != 0;
}
