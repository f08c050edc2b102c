/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module with the interface "game". */
#include <relib/module.h>

#include "game.h"

RELIB_MODULE("game", "1.0")

int32_t game_update(struct vec3 *position, double seconds)
{
	position->x += (float)seconds;
	game_log("update");
	return 0;
}

void game_reset(void)
{
}
