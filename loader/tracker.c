/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Finds the tracker, which is in the process by LD_PRELOAD or because the host is linked to it. */
#include <dlfcn.h>

#include "internal.h"

/* The tracker never goes away, so that what was found once stays true. */
static const struct relib_track *_Atomic found;

const struct relib_track *relib_tracker(const char **why)
{
	const struct relib_track *track = atomic_load_explicit(&found, memory_order_acquire);

	if (track)
		return track;
	track = dlsym(RTLD_DEFAULT, RELIB_TRACK_SYMBOL);
	if (!track) {
		*why = "the program runs without the tracker";
		return NULL;
	}
	if (track->abi != RELIB_TRACK_ABI || track->size < sizeof(*track)) {
		*why = "the tracker in this program is of another version than the loader";
		return NULL;
	}
	atomic_store_explicit(&found, track, memory_order_release);
	return track;
}

bool relib_has_tracker(void)
{
	const char *why;

	return relib_tracker(&why);
}
