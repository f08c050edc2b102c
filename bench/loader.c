/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The loader's own costs: `loader WORK FOLDER DIVISOR` prints one number in nanoseconds. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <relib/relib.h>

static char path[4096];
static uint64_t scale = 1;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static struct relib_module *load(void)
{
	struct relib_module *module;
	struct relib_error error;

	if (relib_load(path, NULL, &module, &error))
		errx(1, "%s", error.message);
	return module;
}

static double call_main(void)
{
	struct relib_module *module = load();
	uint64_t count = 50000000 / scale, start = now();
	int result;

	for (uint64_t i = 0; i < count; i++)
		if (relib_call_main(module, int, &result, 0, NULL, NULL))
			errx(1, "relib_call_main failed");
	return (double)(now() - start) / count;
}

static double call_pointer(void)
{
	struct relib_error error;
	int (*volatile nothing)(int, char **) =
		(int (*)(int, char **))(uintptr_t)relib_symbol(load(), "bench_nothing", &error);
	uint64_t count = 50000000 / scale, start = now();

	if (!nothing)
		errx(1, "%s", error.message);
	for (uint64_t i = 0; i < count; i++)
		nothing(0, NULL);
	return (double)(now() - start) / count;
}

static double cycle(void)
{
	uint64_t count = 2000 / scale, start = 0;

	for (uint64_t i = 0; i < count + 20; i++) {
		struct relib_error error;

		if (i == 20)
			start = now();
		if (relib_unload(load(), NULL, NULL, &error))
			errx(1, "%s", error.message);
	}
	return (double)(now() - start) / count;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "usage: loader WORK FOLDER DIVISOR");
	snprintf(path, sizeof(path), "%s/module-empty.so", argv[2]);
	scale = strtoull(argv[3], NULL, 10);
	if (!strcmp(argv[1], "call-main"))
		printf("%.3f\n", call_main());
	else if (!strcmp(argv[1], "call-pointer"))
		printf("%.3f\n", call_pointer());
	else if (!strcmp(argv[1], "load-cycle"))
		printf("%.3f\n", cycle());
	else
		errx(2, "no work is called %s", argv[1]);
	return 0;
}
