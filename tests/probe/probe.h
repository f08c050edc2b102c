/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The interface of the modules that tests of calls and panics use: scenarios by name, and values of all kinds both ways. */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include <relib/interface.h>

/* What happened, in order: each step adds a word. */
struct probe_log {
	char text[1024];
	void *pointer; /* for the scenario's own use */
};

struct probe_small {
	int32_t a;
	float b;
	int64_t c;
};

struct probe_big {
	int64_t numbers[9];
	double last;
};

/* Runs the scenario with that name. */
RELIB_EXPORT int32_t probe_run(const char *scenario, struct probe_log *log);
RELIB_EXPORT void probe_nothing(void);
RELIB_EXPORT int32_t probe_down(int32_t depth);
RELIB_EXPORT char *probe_text(int32_t give);
RELIB_EXPORT void probe_things(int32_t *descriptor, void **stream, void **mapping, int32_t give);
RELIB_EXPORT struct probe_small probe_turn_small(struct probe_small value);
RELIB_EXPORT struct probe_big probe_turn_big(struct probe_big value, int32_t add);
RELIB_EXPORT long double probe_floats(long double a, float b, double c, _Complex double d);
RELIB_EXPORT _Complex float probe_complex(_Complex float value);
RELIB_EXPORT double probe_many(int8_t a, double b, uint64_t c, float d, int16_t e, long double f, int32_t g, double h,
			       struct probe_small i, int64_t j, float k, double l, uint8_t m, double n, struct probe_big o,
			       double p, double q, bool r, int64_t s, float t);

/* The host's. */
RELIB_IMPORT int32_t probe_back(const char *scenario, struct probe_log *log);
RELIB_IMPORT int32_t probe_host_down(int32_t depth);
RELIB_IMPORT struct probe_small probe_host_small(struct probe_small value);
RELIB_IMPORT struct probe_big probe_host_big(struct probe_big value, int32_t add);
RELIB_IMPORT long double probe_host_floats(long double a, float b, double c, _Complex double d);
RELIB_IMPORT _Complex float probe_host_complex(_Complex float value);
RELIB_IMPORT double probe_host_many(int8_t a, double b, uint64_t c, float d, int16_t e, long double f, int32_t g, double h,
				    struct probe_small i, int64_t j, float k, double l, uint8_t m, double n, struct probe_big o,
				    double p, double q, bool r, int64_t s, float t);

RELIB_MAIN_RESULT(int32_t);

#endif
