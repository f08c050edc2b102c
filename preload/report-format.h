/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A report as text or as a line of JSON. No allocation: usable in the tracker, the loader and the tools. */
#ifndef RELIB_REPORT_FORMAT_H
#define RELIB_REPORT_FORMAT_H

#include <relib/report.h>

/* Receives the output piece by piece. */
typedef void relib_sink(void *context, const char *text, size_t length);

struct relib_text_style {
	bool color;           /* SGR sequences; the caller has looked at NO_COLOR and isatty */
	unsigned width;       /* columns; 0 is "as long as it takes" */
	const char *next;     /* the command to type next, shown last, or NULL */
	unsigned rows;        /* call sites of a kind; 0 is 20. The rest is summed up in one line. */
};

/* One object and a newline, as described in doc/report.schema.json. */
void relib_report_json(const struct relib_report *report, relib_sink *sink, void *context);

/* The text of doc: aligned columns, units, largest first. Nothing at all for a clean unload. */
void relib_report_text(const struct relib_report *report, const struct relib_text_style *style,
		       relib_sink *sink, void *context);

const char *relib_outcome_name(enum relib_outcome outcome); /* "still-mapped" */
const char *relib_kind_name(enum relib_kind kind);          /* "thread-destructor" */
const char *relib_action_name(enum relib_action action);    /* "released" */

#endif
