/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The last places that were looked up: a host that tries to unload again and again is told the same each time, and reading debug
 * information takes its time.
 */
#ifndef RELIB_LOADER_PLACE_KNOWN_H
#define RELIB_LOADER_PLACE_KNOWN_H

#include <relib/report.h>

/* So many functions inlined into one another are kept. */
#define RELIB_PLACE_FRAMES 6

/* What was found for a place, innermost first; strings lie in `text`. */
struct relib_known_place {
	size_t count; /* 0: it isn't known */
	struct relib_frame frames[RELIB_PLACE_FRAMES];
	char text[1000];
};

/* For a place with an object and a build id: the same place of the same build says the same for ever. */
bool relib_place_recall(const struct relib_frame *place, struct relib_known_place *known);
void relib_place_remember(const struct relib_frame *place, const struct relib_frame *frames, size_t count);

#endif
