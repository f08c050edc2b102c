/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Reports for the host: written to a descriptor, freed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"
#include "report-format.h"
#include "report-lines.h"

void relib_report_free(struct relib_report *report)
{
	const struct relib_track *track;
	const char *why;

	if (report && (track = relib_tracker(&why)))
		track->report_free(report);
}

static void append(void *context, const char *text, size_t length)
{
	fwrite(text, 1, length, context);
}

static struct relib_text_style style_of(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	struct relib_text_style style = { 0 };
	struct winsize size;

	style.color = isatty(fd) && !(no_color && *no_color);
	if (!ioctl(fd, TIOCGWINSZ, &size))
		style.width = size.ws_col;
	return style;
}

bool relib_write_whole(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		text += written;
		length -= (size_t)written;
	}
	return true;
}

static void format_report(const struct relib_report *report, enum relib_format format, int fd, FILE *out)
{
	struct relib_lined *lined = relib_lined(report, true);
	struct relib_text_style style;

	report = lined ? &lined->report : report;
	if (format == RELIB_FORMAT_JSON) {
		relib_report_json(report, append, out);
	} else {
		style = style_of(fd);
		relib_report_text(report, &style, append, out);
	}
	relib_lined_free(lined);
}

/* In one piece, so that reports which many threads write to one file don't run into each other. */
enum relib_code relib_report_write(const struct relib_report *report, enum relib_format format, int fd)
{
	enum relib_code code = RELIB_INVALID;
	char *text = NULL;
	size_t length = 0;
	int number;
	FILE *out;

	if (!report || (format != RELIB_FORMAT_TEXT && format != RELIB_FORMAT_JSON)) {
		errno = EINVAL;
		return RELIB_INVALID;
	}
	out = open_memstream(&text, &length);
	if (!out)
		return RELIB_INVALID;
	format_report(report, format, fd, out);
	if (!fclose(out) && relib_write_whole(fd, text, length))
		code = RELIB_OK;
	number = errno;
	free(text);
	errno = number;
	return code;
}
