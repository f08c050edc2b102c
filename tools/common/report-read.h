/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A report read from its line of JSON. Unlike the tracker's own it may be changed: the tools fill in what they know. */
#ifndef RELIB_REPORT_READ_H
#define RELIB_REPORT_READ_H

#include "arena.h"

#include <relib/report.h>

struct relib_read_report {
	struct relib_report report;
	struct relib_arena arena; /* all of the strings and arrays of `report` */
};

/*
 * Reads one line, as doc/report.schema.json describes it; members it doesn't know are ignored. Returns NULL, with a
 * sentence in `why`, when it is no report. Free it with relib_read_report_free().
 */
struct relib_read_report *relib_read_report(const char *line, size_t length, char *why, size_t why_size);

/* A copy of a report that is at hand. */
struct relib_read_report *relib_copy_report(const struct relib_report *report);

void relib_read_report_free(struct relib_read_report *read);

#endif
