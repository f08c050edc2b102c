/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The interface: what the host and its modules agree on. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdint.h>

#include <relib/interface.h>

struct sample_point {
	int32_t x;
	int32_t y;
};

/* The module implements these. */
RELIB_EXPORT int32_t sample_distance(const struct sample_point *from, const struct sample_point *to);

/* The host implements these. */
RELIB_IMPORT void sample_log(const char *text);

#endif
