/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * What a module in Rust needs of C: the functions that the host calls, each of which calls game.rs. A panic of relib's
 * begins here, when Rust's is over: the one must not unwind the frames of the other.
 */
#include <relib/module.h>
#include <string.h>

#include "game.h"

RELIB_MODULE("game-rust", "1.2");

/* In game.rs. They give false, and say why, where Rust panicked. */
bool rust_update(struct vec3 *position, double seconds, int32_t *updates, char *why, size_t size);
bool rust_title(char **title, char *why, size_t size);
bool rust_before_unload(char *why, size_t size);

int32_t game_update(struct vec3 *position, double seconds)
{
	char why[256];
	int32_t updates;

	if (!rust_update(position, seconds, &updates, why, sizeof(why)))
		relib_panic("%s", why);
	return updates;
}

char *game_title(void)
{
	char why[256], *title;

	if (!rust_title(&title, why, sizeof(why)))
		relib_panic("%s", why);
	return relib_give(title);
}

RELIB_BEFORE_UNLOAD()
{
	char why[256];

	if (!rust_before_unload(why, sizeof(why)))
		relib_panic("%s", why);
}
