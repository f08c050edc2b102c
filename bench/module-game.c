/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Exports for the price of a call: one that does nothing, and one that does as little as an export may do. */
#include <relib/module.h>

#include "game.h"

RELIB_MODULE("game", "1")

int32_t game_update(struct vec3 *position, double seconds)
{
	position->x += seconds;
	return 0;
}

void game_reset(void)
{
}

/* For calls through a plain pointer. */
extern __attribute__((visibility("default"))) void (*const bench_reset)(void);
extern __attribute__((visibility("default"))) int32_t (*const bench_update)(struct vec3 *position, double seconds);
void (*const bench_reset)(void) = game_reset;
int32_t (*const bench_update)(struct vec3 *position, double seconds) = game_update;
