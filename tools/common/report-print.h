/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Where a tool's reports go: standard error or a file, as text or JSON. */
#ifndef RELIB_REPORT_PRINT_H
#define RELIB_REPORT_PRINT_H

#include "symbolise.h"

#include <stdbool.h>

struct relib_printer {
	const char *tool;      /* the tool's name, for messages */
	const char *path;      /* of the file; NULL is standard error */
	char *absolute;        /* the same: a module may change the folder */
	int fd;
	bool json;
	unsigned rows;         /* see struct relib_text_style; 0 is its default */
	const char *next;      /* what to type next after leaks, or NULL */
	bool next_if_left;     /* only if they were not freed */
	struct relib_symbols symbols;
	char *last;            /* what the last text was made of, to say "the same again" instead of showing it again */
	unsigned long repeats;
};

/* Opens the file where there is one. On failure says why on standard error and returns false. */
bool relib_printer_open(struct relib_printer *printer);

/* Fills in what it can (see symbolise.h) and prints. A report that can't be written to the file goes to standard error. */
void relib_printer_put(struct relib_printer *printer, struct relib_read_report *read);

void relib_printer_close(struct relib_printer *printer);

#endif
