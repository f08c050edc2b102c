/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Why ld.so keeps an object that was closed. */
#ifndef RELIB_STILL_MAPPED_H
#define RELIB_STILL_MAPPED_H

#include "report-build.h"

/*
 * Fills in the report's reason and advice; there is a report. What is certain comes first. `before` is how often the object
 * was open: the close of one that ld.so has marked as not to be unloaded changes nothing.
 */
void relib_explain_mapped(struct relib_builder *builder, const struct relib_object *root, int before);

#endif
