/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Fills in what a report's frames lack: file and line from debug information, C++ and Rust names as in the source. */
#ifndef RELIB_SYMBOLISE_H
#define RELIB_SYMBOLISE_H

#include "report-read.h"

#include <time.h>

#define RELIB_KNOWN_BUCKETS 1024

/*
 * What was found out, kept from one report to the next. Objects are open for one report only: a file that is mapped while
 * a compiler writes it anew is a crash.
 */
struct relib_symbols {
	struct relib_object *objects;
	struct relib_known_frame *known[RELIB_KNOWN_BUCKETS];
	struct timespec reported; /* when the report being filled in was made */
	bool any_build; /* the files are those that are mapped; don't compare build ids */
};

void relib_symbolise(struct relib_symbols *symbols, struct relib_read_report *read);
void relib_symbols_free(struct relib_symbols *symbols);

/* Whether the debug information of `path` says that `function` gives an integer back: 1 yes, 0 no, -1 unknown. */
int relib_returns_integer(const char *path, const char *function);

#endif
