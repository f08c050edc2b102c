/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A second interface. */
#ifndef SOUND_H
#define SOUND_H

#include <stdint.h>

#include <relib/interface.h>

enum sound_wave { SOUND_SINE, SOUND_SQUARE };

struct sound_note {
	float frequency;
	float seconds;
	enum sound_wave wave;
};

RELIB_EXPORT void sound_play(const struct sound_note *notes, uint32_t count);

/* The host has the device. */
RELIB_IMPORT int32_t sound_write(const float *samples, uint32_t count);

#endif
