/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Reports to where the options say. */
#ifndef RELIB_EMIT_H
#define RELIB_EMIT_H

#include <relib/report.h>

/* To the file and, unless quiet, to stderr; then frees it. NULL says that there was no memory for it. */
void relib_emit(struct relib_report *report);
/* To the file only: a host that uses the loader prints for itself. */
void relib_emit_to_file(const struct relib_report *report);

/* Opens the file of the option report= now, while the program may still do so; again in a forked child. */
void relib_emit_open(void);
/* At the end of the process. */
void relib_emit_close(void);

#endif
