/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* An interface with functions both ways: game.c, game.cc and game.rs implement it; host.c and host.cc call it. */
#ifndef GAME_H
#define GAME_H

#include <stdint.h>

#include <relib/interface.h>

struct vec3 {
	float x, y, z;
};

/* The module implements these. */

RELIB_EXPORT int32_t game_update(struct vec3 *position, double seconds);
/* The text is the host's from then on, which frees it. */
RELIB_EXPORT char *game_title(void);

/* The host implements this. */

RELIB_IMPORT void game_log(const char *text);

#endif
