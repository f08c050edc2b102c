/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host in C for modules with the interface game.h: game-host [MODULE] */
#include <err.h>
#include <relib/relib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "game.host.h"

static void log_to_stdout(const char *text)
{
	printf("log: %s\n", text);
}

int main(int argc, char **argv)
{
	struct game game = { .game_log = log_to_stdout }; /* the compiler checks that it fits */
	struct vec3 position = { 0 };
	struct relib_report *report = NULL;
	struct relib_module *module;
	struct relib_error error;
	int32_t updates = 0;
	char *title;

	if (relib_init(argc, argv, &error)) /* starts again under the tracker if need be */
		warnx("%s", error.message);
	if (relib_load(argc > 1 ? argv[1] : "./libgame.so", game_interface(&game), &module, &error))
		errx(1, "%s", error.message);

	if (game_title_call(&game, &title))
		errx(1, "no title: %s", relib_panic_message(module));
	if (!game_update_call(&game, &updates, &position, 0.5))
		printf("update %d, x is %g\n", (int)updates, (double)position.x);
	if (game_update_call(&game, &updates, &position, -1) == RELIB_PANICKED)
		printf("%s panicked: %s\n", relib_panic_function(module), relib_panic_message(module));
	printf("panics: %u, updates: %d\n", relib_panic_count(module), (int)updates);

	if (relib_unload(module, NULL, &report, &error))
		errx(1, "%s", error.message); /* and it is still usable */
	relib_report_write(report, RELIB_FORMAT_TEXT, STDERR_FILENO);
	relib_report_free(report);

	printf("title: %s\n", title); /* it was given to us, and outlives the module */
	free(title);
	return 0;
}
