/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module in C that implements game.h. */
#include <relib/module.h>
#include <stdio.h>
#include <string.h>

#include "game.h"

RELIB_MODULE("game", "1.2");

static int32_t updates;

int32_t game_update(struct vec3 *position, double seconds)
{
	if (seconds < 0)
		relib_panic("time runs backwards: %g s", seconds); /* this call fails, and the host goes on */
	game_log("update");                                        /* an import is a plain call */
	position->x += (float)seconds;
	return ++updates;
}

/* A block of the module's dies with it. This one is given to the host, and stays. */
char *game_title(void)
{
	return relib_give(strdup("chess in C"));
}

RELIB_BEFORE_UNLOAD()
{
	char text[64];

	snprintf(text, sizeof(text), "%d updates", (int)updates);
	game_log(text);
}
