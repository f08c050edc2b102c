/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The loader's own costs: `loader WORK FOLDER DIVISOR` prints one number in nanoseconds. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <relib/relib.h>

#include "game.host.h"

static char path[4096];
static uint64_t scale = 1;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static struct relib_module *load_with(const struct relib_load_options *options)
{
	struct relib_module *module;
	struct relib_error error;

	if (relib_load(path, options, &module, &error))
		errx(1, "%s", error.message);
	return module;
}

static struct relib_module *load(void)
{
	return load_with(NULL);
}

static void log_nothing(const char *text)
{
	(void)text;
}

static struct game game = { .game_log = log_nothing };

static struct relib_module *load_game(void)
{
	return load_with(game_interface(&game));
}

static void failed(enum relib_code code)
{
	errx(1, "the export was not called: %d", code);
}

static double export_empty(void)
{
	uint64_t count = 50000000 / scale, start;

	load_game();
	start = now();
	for (uint64_t i = 0; i < count; i++) {
		enum relib_code code = game_reset_call(&game);

		if (code)
			failed(code);
	}
	return (double)(now() - start) / count;
}

static double export_empty_pointer(void)
{
	struct relib_error error;
	void (*volatile pointer)(void) = *(void (**)(void))relib_symbol(load_game(), "bench_reset", &error);
	void (*reset)(void) = pointer;
	uint64_t count = 50000000 / scale, start = now();

	for (uint64_t i = 0; i < count; i++)
		reset();
	return (double)(now() - start) / count;
}

static double export_small(void)
{
	uint64_t count = 50000000 / scale, start;
	struct vec3 position = { 0 };

	load_game();
	start = now();
	for (uint64_t i = 0; i < count; i++) {
		int32_t result;
		enum relib_code code = game_update_call(&game, &result, &position, 0.5);

		if (code)
			failed(code);
	}
	return (double)(now() - start) / count;
}

static double export_small_pointer(void)
{
	struct relib_error error;
	int32_t (*volatile pointer)(struct vec3 *, double) =
		*(int32_t(**)(struct vec3 *, double))relib_symbol(load_game(), "bench_update", &error);
	int32_t (*update)(struct vec3 *, double) = pointer;
	uint64_t count = 50000000 / scale, start = now();
	struct vec3 position = { 0 };

	for (uint64_t i = 0; i < count; i++)
		if (update(&position, 0.5))
			errx(1, "bench_update failed");
	return (double)(now() - start) / count;
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

static const struct work {
	const char *name, *module;
	double (*run)(void);
} works[] = {
	{ "call-main", "empty", call_main },
	{ "call-pointer", "empty", call_pointer },
	{ "load-cycle", "empty", cycle },
	{ "export-empty", "game", export_empty },
	{ "export-empty-pointer", "game", export_empty_pointer },
	{ "export-small", "game", export_small },
	{ "export-small-pointer", "game", export_small_pointer },
};

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "usage: loader WORK FOLDER DIVISOR");
	scale = strtoull(argv[3], NULL, 10);
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
		if (strcmp(argv[1], works[i].name))
			continue;
		snprintf(path, sizeof(path), "%s/module-%s.so", argv[2], works[i].module);
		printf("%.3f\n", works[i].run());
		return 0;
	}
	errx(2, "no work is called %s", argv[1]);
}
