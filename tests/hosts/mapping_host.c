/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * `mapping_host MODULE FUNCTION [STEP]`: loads the module, calls the function, does the step, closes the module, twice, and
 * prints what the second time has changed of what is mapped. Its own memory must be what it was.
 */
#include <dlfcn.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "modules/kind_mapping.h"

#define LINES 4096

/* What is mapped, but for the heap, stacks and what is out of use. */
struct map {
	unsigned count;
	char lines[LINES][160];
};

static size_t page;
static struct mapping_host host;

static void look(struct map *map)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char line[4096];

	map->count = 0;
	while (file && fgets(line, sizeof(line), file) && map->count < LINES) {
		line[strcspn(line, "\n")] = '\0';
		if (!strstr(line, "---p 00000000 00:00 0") && !strstr(line, "[heap]") && !strstr(line, "[stack]"))
			snprintf(map->lines[map->count++], sizeof(*map->lines), "%.150s\n", line);
	}
	if (!file || map->count == LINES)
		errx(2, "/proc/self/maps can't be read whole");
	fclose(file);
}

static bool has(const struct map *map, const char *line)
{
	for (unsigned i = 0; i < map->count; i++)
		if (!strcmp(map->lines[i], line))
			return true;
	return false;
}

static void compare(const struct map *before, const struct map *after)
{
	for (unsigned i = 0; i < before->count; i++)
		if (!has(after, before->lines[i]))
			printf("gone: %s", before->lines[i]);
	for (unsigned i = 0; i < after->count; i++)
		if (!has(before, after->lines[i]))
			printf("new: %s", after->lines[i]);
}

static void *map(void *start, size_t pages, int flags)
{
	start = mmap(start, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (start == MAP_FAILED)
		err(2, "mmap");
	return start;
}

/* What a host may do with what a module gave to it; all but "keep" make it the host's own. */
static void do_step(const char *step)
{
	int status;
	pid_t child;

	if (!strcmp(step, "unmap"))
		munmap(host.given, 10 * page);
	else if (!strcmp(step, "unmap-part"))
		munmap(host.given + 2 * page, 3 * page);
	else if (!strcmp(step, "map-over"))
		strcpy(map(host.given, 10, MAP_FIXED), "the host's");
	else if (!strcmp(step, "map-part-over"))
		strcpy(map(host.given + 2 * page, 3, MAP_FIXED), "the host's");
	else if (!strcmp(step, "remap"))
		host.given = mremap(host.given, 10 * page, 20 * page, MREMAP_MAYMOVE);
	else if (!strcmp(step, "fork")) {
		child = fork();
		if (!child)
			_exit(munmap(host.given, 10 * page) != 0);
		if (waitpid(child, &status, 0) != child || status)
			errx(2, "the child did not end well");
	} else if (!strcmp(step, "vfork")) {
		child = vfork();
		if (!child) {
			munmap(host.given, 10 * page);
			_exit(0);
		}
		waitpid(child, &status, 0);
	} else if (strcmp(step, "keep"))
		errx(2, "no such step as %s", step);
}

static void check_step(const char *step)
{
	if (!strcmp(step, "map-over") && (strcmp(host.given, "the host's") || munmap(host.given, 10 * page)))
		errx(1, "what the host mapped over is not there");
	if (!strcmp(step, "map-part-over") && (strcmp(host.given + 2 * page, "the host's") || munmap(host.given + 2 * page, 3 * page)))
		errx(1, "what the host mapped over a part is not there");
	if (!strcmp(step, "remap")) {
		memset(host.given, 1, 20 * page);
		munmap(host.given, 20 * page);
	}
}

/* The host's own memory is read and written: a part that was unmapped would be a fault. */
static void use_memory(const char *function)
{
	for (size_t i = 0; i < 16; i++) {
		if (!strcmp(function, "unmap_hosts") && i == 1)
			continue;
		host.memory[i * page]++;
	}
	if (!strcmp(function, "fixed_over_hosts") && host.memory[3 * page + 1] != 'h')
		errx(1, "what the module wrote is gone");
}

static void cycle(const char *path, const char *function, const char *step)
{
	void *handle = dlopen(path, RTLD_NOW), (*call)(void);
	struct mapping_host **its_host;

	if (!handle)
		errx(2, "%s", dlerror());
	call = (void (*)(void))dlsym(handle, function);
	its_host = dlsym(handle, "mapping_host");
	if (!call || !its_host)
		errx(2, "%s", dlerror());
	*its_host = &host;
	call();
	do_step(step);
	if (dlclose(handle))
		errx(2, "%s", dlerror());
	check_step(step);
	use_memory(function);
}

int main(int argc, char **argv)
{
	static struct map before, after;
	const char *step = argc > 3 ? argv[3] : "keep";

	if (argc < 3)
		errx(2, "usage: mapping_host MODULE FUNCTION [STEP]");
	page = (size_t)sysconf(_SC_PAGESIZE);
	host.memory = map(NULL, 16, 0);
	if (!strcmp(argv[2], "remap_hosts"))
		host.given = map(NULL, 16, 0);
	cycle(argv[1], argv[2], step);
	if (!strcmp(argv[2], "remap_hosts"))
		host.given = map(NULL, 16, 0);
	look(&before);
	look(&before);
	cycle(argv[1], argv[2], step);
	look(&after);
	compare(&before, &after);
	return 0;
}
