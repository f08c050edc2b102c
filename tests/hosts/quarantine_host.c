/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * `quarantine_host many GOES`: opens and closes a module so often that a counting mistake shows. `limited GOES STAYS`: with
 * little address space, beside a module that stays and leaks at two places. Prints whether the last range is kept from others.
 */
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static void call(void *handle, const char *name)
{
	void (*function)(void) = (void (*)(void))(uintptr_t)dlsym(handle, name);

	if (!function)
		errx(1, "%s", dlerror());
	function();
}

static void *open_module(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW);

	if (!handle)
		errx(1, "%s", dlerror());
	return handle;
}

/* Opens and closes it; gives where it was. */
static char *pass(const char *path)
{
	void *handle = open_module(path);
	char *start = (char *)((struct link_map *)handle)->l_addr;

	call(handle, "leak");
	if (dlclose(handle))
		errx(1, "%s", dlerror());
	return start;
}

static void say_kept(char *start)
{
	unsigned char resident;

	puts(mincore(start, (size_t)sysconf(_SC_PAGESIZE), &resident) && errno == ENOMEM ? "free" : "kept");
}

int main(int count, char **arguments)
{
	struct rlimit limit = { (rlim_t)1 << 30, (rlim_t)1 << 30 };
	char *last = NULL;
	void *stays;

	if (count == 3 && !strcmp(arguments[1], "many")) {
		for (int i = 0; i < 9000; i++)
			last = pass(arguments[2]);
		say_kept(last);
		return 0;
	}
	if (count != 4 || strcmp(arguments[1], "limited") || setrlimit(RLIMIT_AS, &limit))
		errx(2, "many GOES | limited GOES STAYS");
	stays = open_module(arguments[3]);
	for (int i = 0; i < 40; i++) {
		call(stays, "leak");
		last = pass(arguments[2]);
	}
	say_kept(last);
	return dlclose(stays);
}
