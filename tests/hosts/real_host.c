/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host that loads libraries of the system as modules: `real_host LIBRARY WAY [ROUNDS]`, where WAY is
 *
 * refused: through the loader; it is to be unloaded while its threads run, which is refused, then stopped and unloaded.
 * Both reports are appended to report.jsonl.
 * loader, dlopen: it is used, stopped and unloaded so many times, and prints what differs in the process from what it was
 * after the second time.
 * abandoned: by dlopen and dlclose while its threads run; it must go on working.
 *
 * Ends with 77 where the library isn't there.
 */
#include "real_host.h"

#include <dirent.h>
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <relib/relib.h>

static const struct real_library *library;
static char path[PATH_MAX];
static struct relib_module *module;
static void *handle;

void real_failed(const char *file, int line, const char *what)
{
	errx(1, "%s: line %d: not so: %s (%s)", file, line, what, strerror(errno));
}

void *real_symbol(const char *name)
{
	void *found = dlsym(module ? relib_module_handle(module) : handle, name);

	if (!found)
		errx(1, "%s", dlerror());
	return found;
}

/* What must be the same after the module has gone: a line for each thing. */
struct state {
	char text[200000];
	size_t used, anonymous;
};

__attribute__((format(printf, 2, 3))) static void add(struct state *state, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	state->used += (size_t)vsnprintf(state->text + state->used, sizeof state->text - state->used, format, arguments);
	va_end(arguments);
	if (state->used >= sizeof state->text)
		errx(1, "no room for the state of this process");
}

static void add_descriptors(struct state *state)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[PATH_MAX];

	MUST(folder);
	while ((entry = readdir(folder))) {
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);

		if (length < 0 || atoi(entry->d_name) == dirfd(folder))
			continue;
		target[length] = '\0';
		add(state, "descriptor %s %s\n", entry->d_name, target);
	}
	closedir(folder);
}

/* Memory without a name is libc's and the tracker's too, and is summed up; what has no access is out of use. */
static void add_mappings(struct state *state)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char line[PATH_MAX + 200];

	MUST(file);
	while (fgets(line, sizeof line, file)) {
		unsigned long start, end;
		int name = 0;
		char access[8];

		MUST(sscanf(line, "%lx-%lx %7s %*s %*s %*s %n", &start, &end, access, &name) == 3 && name);
		if (!strcmp(access, "---p"))
			continue;
		if ((!line[name] && access[2] != 'x') || !strcmp(line + name, "[heap]\n"))
			state->anonymous += end - start;
		else if (strcmp(line + name, "[stack]\n"))
			add(state, "mapping %s", line);
	}
	fclose(file);
}

static void add_lines(struct state *state, const char *name, const char *const *starts)
{
	FILE *file = fopen(name, "r");
	char line[1000];

	if (!file && errno == ENOENT)
		return;
	MUST(file);
	while (fgets(line, sizeof line, file))
		for (const char *const *start = starts; *start; start++)
			if (!strncmp(line, *start, strlen(*start)))
				add(state, "%s %s", name, line);
	fclose(file);
}

static void look(struct state *state)
{
	state->used = state->anonymous = 0;
	add_descriptors(state);
	add_mappings(state);
	add_lines(state, "/proc/self/status", (const char *const[]){ "Threads:", "SigBlk:", "SigIgn:", "SigCgt:", NULL });
	add_lines(state, "/proc/self/timers", (const char *const[]){ "", NULL });
}

static size_t resident(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	MUST(file && fscanf(file, "%*s %lu", &pages) == 1);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Prints the lines of `one` that `other` doesn't have. */
static bool differ(struct state *one, const struct state *other, const char *what)
{
	bool found = false;

	for (char *line = one->text, *end; (end = strchr(line, '\n')); line = end + 1) {
		char whole[PATH_MAX + 300];

		snprintf(whole, sizeof whole, "%.*s\n", (int)(end - line), line);
		if (!strstr(other->text, whole)) {
			printf("%s: %s", what, whole);
			found = true;
		}
	}
	return found;
}

/* By the name that a program is linked with, as the linker finds it. */
static void find(void)
{
	struct link_map *map;
	void *found = dlopen(library->file, RTLD_LAZY);

	if (!found) {
		printf("%s\n", dlerror());
		exit(77);
	}
	MUST(!dlinfo(found, RTLD_DI_LINKMAP, &map));
	snprintf(path, sizeof path, "%s", map->l_name);
	MUST(!dlclose(found));
}

static void load(void)
{
	struct relib_error error;

	if (relib_load(path, &(struct relib_load_options){ .allow_plain = true }, &module, &error))
		errx(1, "%s", error.message);
}

static void write_report(struct relib_report *report)
{
	int fd = open("report.jsonl", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	MUST(report && fd >= 0 && !relib_report_write(report, RELIB_FORMAT_JSON, fd));
	close(fd);
}

/* A library's own function may come back a moment before the kernel has let its threads go. */
static void unload(bool write)
{
	struct relib_error error;
	struct relib_report *report;

	if (relib_unload(module, &(struct relib_unload_options){ .grace_ms = 10000 }, &report, &error))
		errx(1, "%s", error.message);
	if (write)
		write_report(report);
	relib_report_free(report);
	module = NULL;
}

static void refused(void)
{
	struct relib_error error;
	struct relib_report *report;
	enum relib_code code;

	load();
	library->start();
	for (int i = 0; i < 3; i++) {
		library->use();
		code = relib_unload(module, NULL, &report, &error);
		if (!i)
			printf("%s\n", code == RELIB_THREADS_RUNNING ? error.message : "not refused");
		if (code == RELIB_OK)
			exit(1);
		if (!i)
			write_report(report);
		relib_report_free(report);
	}
	library->use();
	library->stop();
	unload(true);
	printf("unloaded\n");
}

static void one_round(bool by_dlopen)
{
	if (by_dlopen)
		MUST((handle = dlopen(path, RTLD_NOW)) != NULL);
	else
		load();
	library->start();
	library->use();
	library->stop();
	if (by_dlopen) {
		MUST(!dlclose(handle));
		handle = NULL;
	} else {
		unload(false);
	}
}

static void many(bool by_dlopen, int rounds)
{
	static struct state before, after;
	size_t memory = 0;
	bool found;

	for (int i = 0; i < rounds; i++) {
		one_round(by_dlopen);
		if (i == 1)
			look(&before);
		/* By then what libc and the tracker keep for threads and for gone modules is there. */
		if (i == rounds / 5)
			memory = resident();
	}
	look(&after);
	found = differ(&before, &after, "gone");
	found = differ(&after, &before, "new") || found;
	printf("%s; memory %ld KiB, of it resident %ld KiB\n", found ? "changed" : "the same",
	       ((long)after.anonymous - (long)before.anonymous) / 1024, ((long)resident() - (long)memory) / 1024);
	MUST(!dlopen(path, RTLD_LAZY | RTLD_NOLOAD));
}

static void abandoned(void)
{
	MUST((handle = dlopen(path, RTLD_NOW)) != NULL);
	library->start();
	library->use();
	MUST(!dlclose(handle));
	library->use();
	library->stop();
	printf("stopped\n");
	/* Now it may go, when the next one does. */
	for (int i = 0; i < 1000; i++) {
		void *other = dlopen(path, RTLD_NOW | RTLD_NOLOAD);

		if (!other) {
			printf("gone\n");
			return;
		}
		MUST(!dlclose(other));
		usleep(10000);
	}
	printf("still there\n");
}

int main(int argc, char **argv)
{
	if (argc < 3)
		errx(2, "usage: real_host LIBRARY WAY [ROUNDS]");
	for (library = real_libraries; library->name && strcmp(library->name, argv[1]); library++)
		;
	if (!library->name)
		errx(2, "no library %s", argv[1]);
	find();
	if (!strcmp(argv[2], "refused"))
		refused();
	else if (!strcmp(argv[2], "abandoned"))
		abandoned();
	else
		many(!strcmp(argv[2], "dlopen"), argc > 3 ? atoi(argv[3]) : 3);
	return 0;
}
