/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Locks for the table of kinds: those of files, and those in memory. */
#include "file-lock.h"
#include "held.h"
#include "kind.h"

void relib_lock_refresh(const struct relib_set *set, const struct relib_settle_options *options)
{
	relib_file_lock_refresh(set, options);
	relib_held_refresh(set);
}

bool relib_lock_release(const struct relib_thing *thing)
{
	return relib_file_lock_is_thing(thing) && relib_file_lock_release(thing);
}

void relib_lock_describe(const struct relib_thing *thing, char *text, size_t size)
{
	if (relib_file_lock_is_thing(thing))
		relib_file_lock_describe(thing, text, size);
	else
		relib_held_describe(thing, text, size);
}
