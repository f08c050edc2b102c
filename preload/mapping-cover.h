/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Which addresses are covered by mappings that modules hold, so that what the host maps and unmaps is told from these without
 * a look at each of them.
 *
 * Bits for pages, and in place of those of whole 2 MiB and of whole GiB one for these. Lock-free and async-signal-safe. A bit
 * may stand where nothing is held any more, which costs time; none may be missing.
 */
#ifndef RELIB_MAPPING_COVER_H
#define RELIB_MAPPING_COVER_H

#include <stdbool.h>
#include <stdint.h>

/* After a mapping was entered in the table; and after it was taken out, while it is mapped still. */
void relib_mapping_cover(uintptr_t start, uintptr_t end);
void relib_mapping_uncover(uintptr_t start, uintptr_t end);

/* Whether any may lie in [start, end). */
bool relib_mapping_is_covered(uintptr_t start, uintptr_t end);

#endif
