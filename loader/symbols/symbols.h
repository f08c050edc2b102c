/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the loader calls of librelib_symbols.so. Both are of one build. */
#ifndef RELIB_LOADER_SYMBOLS_H
#define RELIB_LOADER_SYMBOLS_H

#include <relib/report.h>

#define RELIB_SYMBOLS_FILE "librelib_symbols.so"
#define RELIB_SYMBOLS_FUNCTION "relib_symbols_of_frames"

/* `frame` is good until it returns. `index`: of which of the places. */
typedef void relib_symbols_found(void *context, size_t index, const struct relib_frame *frame);

/*
 * Calls `found` for each of `count` places, at least once: for all functions of the source that it is in, innermost first.
 * What is not known is left out, also where memory runs out. A place without an object stays as it is.
 */
typedef void relib_symbols_function(const struct relib_frame *places, size_t count, relib_symbols_found *found, void *context);

#endif
