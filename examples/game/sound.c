/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that implements sound.h. Linked with game.c instead of with a RELIB_MODULE of its own, it makes one with two. */
#include <assert.h>
#include <math.h>
#include <relib/module.h>

#include "sound.h"

#ifndef WITH_GAME
RELIB_MODULE("sound", "0.3");
#endif

enum { RATE = 8000 };

static void play(const struct sound_note *note)
{
	uint32_t count = (uint32_t)(note->seconds * RATE);
	float samples[RATE];

	assert(count <= RATE); /* a failure is a panic too */
	for (uint32_t i = 0; i < count; i++) {
		float sine = sinf(2 * (float)M_PI * note->frequency * (float)i / RATE);

		samples[i] = note->wave == SOUND_SINE ? sine : copysignf(1, sine);
	}
	sound_write(samples, count);
}

void sound_play(const struct sound_note *notes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		play(&notes[i]);
}
