/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Where a tool's reports go. */
#include "report-print.h"
#include "report-format.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

bool relib_printer_open(struct relib_printer *printer)
{
	printer->fd = STDERR_FILENO;
	if (!printer->path)
		return true;
	printer->fd = open(printer->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (printer->fd >= 0) {
		printer->absolute = realpath(printer->path, NULL);
		return true;
	}
	fprintf(stderr, "%s: can't write reports to %s: %s\n", printer->tool, printer->path, strerror(errno));
	fprintf(stderr, "  nothing was run; give --report a file in a folder that you may write to\n");
	return false;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		length -= (size_t)written;
	}
	return true;
}

/* A file that was moved away or removed while a program runs is made anew, as the tracker itself does. */
static void follow_path(struct relib_printer *printer)
{
	struct stat there, here;
	int fd;

	if (!printer->absolute || fstat(printer->fd, &here) < 0)
		return;
	if (stat(printer->absolute, &there) == 0 && there.st_dev == here.st_dev && there.st_ino == here.st_ino)
		return;
	fd = open(printer->absolute, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0)
		return;
	close(printer->fd);
	printer->fd = fd;
}

static void style_for(int fd, struct relib_text_style *style)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;

	if (!isatty(fd))
		return;
	style->color = !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
	style->width = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
	if (style->width < 40)
		style->width = 40;
}

static void append(void *context, const char *text, size_t length)
{
	fwrite(text, 1, length, context);
}

/* Whether there is something that the user may do something about. */
static bool has_leaks(const struct relib_printer *printer, const struct relib_report *report)
{
	return report->outcome == RELIB_OUTCOME_UNLOADED && report->heap.blocks &&
	       !(printer->next_if_left && report->heap.released);
}

/* The report as it will be written; the caller frees it. */
static char *render(const struct relib_printer *printer, const struct relib_report *report, bool json, int fd)
{
	struct relib_text_style style = { .rows = printer->rows };
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		err(1, "no memory for a report");
	if (json) {
		relib_report_json(report, append, stream);
	} else {
		style_for(fd, &style);
		if (has_leaks(printer, report) && !report->advice)
			style.next = printer->next;
		relib_report_text(report, &style, append, stream);
	}
	if (fclose(stream))
		err(1, "no memory for a report");
	return text;
}

/* Nothing may be lost: where the file takes no more, the reports go to standard error from here on. */
static void fall_back(struct relib_printer *printer, const struct relib_report *report)
{
	char *text;

	fprintf(stderr, "%s: can't write the report to %s: %s; it goes to standard error instead\n", printer->tool,
		printer->path, strerror(errno));
	close(printer->fd);
	free(printer->absolute);
	printer->absolute = NULL;
	printer->fd = STDERR_FILENO;
	printer->path = NULL;
	printer->json = false;
	if (report) {
		text = render(printer, report, false, STDERR_FILENO);
		write_all(STDERR_FILENO, text, strlen(text));
		free(text);
	}
}

static void put_repeats(struct relib_printer *printer)
{
	char line[80];

	if (printer->repeats) {
		if (printer->repeats == 1)
			snprintf(line, sizeof(line), "relib: the same once more\n");
		else
			snprintf(line, sizeof(line), "relib: the same %lu more times\n", printer->repeats);
		write_all(printer->fd, line, strlen(line));
	}
	printer->repeats = 0;
}

/*
 * Whether a report says what the last one did. Compared before files and lines are looked up, which takes its time; the
 * build id tells a module from its next build.
 */
static bool is_repeat(struct relib_printer *printer, const struct relib_report *report)
{
	char *text, *key;
	bool same;

	if (printer->json)
		return false;
	text = render(printer, report, false, printer->fd);
	if (asprintf(&key, "%s%s", *text && report->module.build_id ? report->module.build_id : "", text) < 0)
		err(1, "no memory for a report");
	free(text);
	same = *key && printer->last && strcmp(printer->last, key) == 0;
	free(printer->last);
	printer->last = key;
	return same;
}

void relib_printer_put(struct relib_printer *printer, struct relib_read_report *read)
{
	char *text;

	if (is_repeat(printer, &read->report)) {
		printer->repeats++;
		return;
	}
	put_repeats(printer);
	relib_symbolise(&printer->symbols, read);
	text = render(printer, &read->report, printer->json, printer->fd);
	follow_path(printer);
	if (!write_all(printer->fd, text, strlen(text)) && printer->path)
		fall_back(printer, &read->report);
	free(text);
}

void relib_printer_close(struct relib_printer *printer)
{
	put_repeats(printer);
	if (printer->path && close(printer->fd) < 0)
		fprintf(stderr, "%s: the reports in %s may not be whole: %s\n", printer->tool, printer->path, strerror(errno));
	relib_symbols_free(&printer->symbols);
	free(printer->last);
	free(printer->absolute);
	printer->last = printer->absolute = NULL;
}
