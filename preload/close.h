/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* One object out: dlclose, look whether it is gone and why not, settle. */
#ifndef RELIB_CLOSE_H
#define RELIB_CLOSE_H

#include "settle.h"

/* What leaves when `handle` is closed for the last time; false when it isn't a module. */
bool relib_close_find(void *handle, struct relib_set *set);

/*
 * Closes and settles. Names are read before the objects go, if there is anything to name. Without `explain` the report of what
 * stays mapped doesn't say why: with many symbols to look through, and many closes that aren't the last, that would be slow.
 * @return what dlclose returned; builder->report is for the caller to finish or to abandon
 */
int relib_close_and_settle(void *handle, struct relib_set *set, const struct relib_settle_options *options, bool explain,
			   struct relib_builder *builder);

/* What was closed by the destructors of what has just gone, or by ld.so itself. */
void relib_close_orphans(const struct relib_settle_options *options);

#endif
