/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Two interfaces in one host: two-host GAME-MODULE SOUND-MODULE, each with its own, or two-host MODULE with both. */
#include <err.h>
#include <relib/relib.h>
#include <stdio.h>
#include <stdlib.h>

#include "game.host.h"
#include "sound.host.h"

static void log_to_stdout(const char *text)
{
	printf("log: %s\n", text);
}

static int32_t count_samples(const float *samples, uint32_t count)
{
	printf("%u samples, the second is %.2f\n", (unsigned)count, (double)samples[1]);
	return 0;
}

static struct game game = { .game_log = log_to_stdout };
static struct sound sound = { .sound_write = count_samples };

static struct relib_module *load(const char *path, const struct relib_load_options *options)
{
	struct relib_module *module;
	struct relib_error error;

	if (relib_load(path, options, &module, &error))
		errx(1, "%s", error.message);
	printf("%s is loaded\n", relib_module_name(module));
	return module;
}

static void unload(struct relib_module *module)
{
	struct relib_error error;

	if (relib_unload(module, NULL, NULL, &error))
		errx(1, "%s", error.message);
}

static void play(struct relib_module *player)
{
	const struct sound_note notes[] = { { 1000, 0.5F, SOUND_SINE }, { 1000, 0.25F, SOUND_SQUARE } };
	const struct sound_note too_long = { 440, 60, SOUND_SINE };
	struct vec3 position = { 0 };
	int32_t updates;

	if (!game_update_call(&game, &updates, &position, 0.5))
		printf("x is %g\n", (double)position.x);
	if (sound_play_call(&sound, notes, 2))
		warnx("%s", relib_panic_message(player));
	if (sound_play_call(&sound, &too_long, 1))
		printf("too long: %s\n", relib_panic_message(player));
}

int main(int argc, char **argv)
{
	struct relib_error error;

	if (relib_init(argc, argv, &error))
		warnx("%s", error.message);
	if (argc == 3) {
		struct relib_module *games = load(argv[1], game_interface(&game));
		struct relib_module *sounds = load(argv[2], sound_interface(&sound));

		play(sounds);
		unload(sounds);
		unload(games);
	} else if (argc == 2) {
		struct relib_load_options options = { .interfaces = { game_interface(&game), sound_interface(&sound) } };
		struct relib_module *both = load(argv[1], &options);

		play(both);
		unload(both);
	} else {
		errx(2, "usage: two-host GAME-MODULE SOUND-MODULE, or two-host MODULE");
	}
	return 0;
}
