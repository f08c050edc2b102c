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
	void *program;

	if (track)
		return track;
	/*
	 * Only among what was there when the program started. RTLD_DEFAULT would find one too that was opened later
	 * with a library that is linked to it: none of its hooks is called, and unloading by it would crash.
	 */
	program = dlopen(NULL, RTLD_LAZY);
	track = program ? dlsym(program, RELIB_TRACK_SYMBOL) : NULL;
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
