/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Output in pieces of a useful size, without allocation: what the two report formats write through. */
#ifndef RELIB_REPORT_OUT_H
#define RELIB_REPORT_OUT_H

#include "report-format.h"

#include <string.h>

/* Small: it lies on the stack of a foreign thread, which may have 16 KiB in all. */
struct out {
	relib_sink *sink;
	void *context;
	size_t used;
	char buffer[512];
};

static inline void out_flush(struct out *out)
{
	if (out->used)
		out->sink(out->context, out->buffer, out->used);
	out->used = 0;
}

static inline void out_bytes(struct out *out, const char *bytes, size_t length)
{
	while (length) {
		size_t room = sizeof(out->buffer) - out->used;
		size_t part = length < room ? length : room;

		memcpy(out->buffer + out->used, bytes, part);
		out->used += part;
		bytes += part;
		length -= part;
		if (out->used == sizeof(out->buffer))
			out_flush(out);
	}
}

static inline void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

/* The length of the UTF-8 sequence that starts at `s`, which ends in NUL; 0 when it is not a valid one. */
static inline unsigned utf8_length(const unsigned char *s)
{
	uint32_t point, least;
	unsigned length, i;

	if (*s < 0x80)
		return 1;
	if (*s >= 0xc2 && *s <= 0xdf)
		length = 2, least = 0x80, point = *s & 0x1fu;
	else if (*s >= 0xe0 && *s <= 0xef)
		length = 3, least = 0x800, point = *s & 0x0fu;
	else if (*s >= 0xf0 && *s <= 0xf4)
		length = 4, least = 0x10000, point = *s & 0x07u;
	else
		return 0;
	for (i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3fu);
	}
	if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	return length;
}

#endif
