/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A report with files and lines, which the tracker doesn't know. */
#ifndef RELIB_LOADER_REPORT_LINES_H
#define RELIB_LOADER_REPORT_LINES_H

#include <relib/report.h>

struct relib_lined {
	struct relib_report report;
	struct relib_piece *pieces; /* its memory */
};

/*
 * A copy whose frames say all that debug information does, with a frame for each inlined function. Of other objects than the
 * module only if `all`: reading what is known of libc, say, takes long. NULL without memory.
 */
struct relib_lined *relib_lined(const struct relib_report *report, bool all);
void relib_lined_free(struct relib_lined *lined);

#endif
