/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* An interface with one function each way. */
#ifndef GAME_H
#define GAME_H

#include <stdint.h>

#include <relib/interface.h>

struct vec3 {
	float x, y, z;
};

RELIB_EXPORT int32_t game_update(struct vec3 *position, double seconds);
RELIB_EXPORT void game_reset(void);
RELIB_IMPORT void game_log(const char *text);

#endif
