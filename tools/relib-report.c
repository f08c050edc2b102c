/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* relib-report: shows the reports that the tracker wrote to a file. */
#include <config.h>

#include "report-print.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOOL "relib-report"

const char *argp_program_version = TOOL " " PACKAGE_VERSION;

struct options {
	char **files;
	int count;
	bool json;
};

static const struct argp_option option_table[] = {
	{ "format", 'f', "text|json", 0, "Text for people (the default), or JSON with files and lines filled in", 0 },
	{ 0 },
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'f':
		options->json = strcmp(argument, "json") == 0;
		if (!options->json && strcmp(argument, "text") != 0)
			argp_error(state, "--format takes text or json, not '%s'", argument);
		break;
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		options->count = state->argc - state->next;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give a file that the tracker wrote (RELIB_TRACK=report=FILE), or - for standard input");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_table, parse, "FILE...",
	"Shows the reports in files of JSON Lines, as RELIB_TRACK=report=FILE and relib-run --format json write them.\v"
	"Exit status: 0; 1 a file could not be read, or has lines that are no reports; 2 wrong usage.",
	NULL, NULL, NULL,
};

static bool show_line(struct relib_printer *printer, const char *file, unsigned long number, const char *line, size_t length)
{
	char why[256];
	struct relib_read_report *read;

	if (length == 1 && *line == '\n')
		return true;
	read = relib_read_report(line, length, why, sizeof(why));
	if (!read) {
		fprintf(stderr, TOOL ": %s, line %lu is no report: %s\n", file, number, why);
		return false;
	}
	relib_printer_put(printer, read);
	relib_read_report_free(read);
	return true;
}

static bool show_file(struct relib_printer *printer, const char *file)
{
	FILE *stream = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
	unsigned long number = 0;
	size_t size = 0;
	ssize_t length;
	char *line = NULL;
	bool whole = true;

	if (!stream) {
		fprintf(stderr, TOOL ": can't read %s: %s\n", file, strerror(errno));
		return false;
	}
	while ((length = getline(&line, &size, stream)) > 0)
		whole &= show_line(printer, file, ++number, line, (size_t)length);
	if (ferror(stream)) {
		fprintf(stderr, TOOL ": can't read %s: %s\n", file, strerror(errno));
		whole = false;
	}
	free(line);
	if (stream != stdin)
		fclose(stream);
	return whole;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct relib_printer printer = { .tool = TOOL, .rows = UINT_MAX };
	bool whole = true;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	relib_printer_open(&printer);
	printer.fd = STDOUT_FILENO;
	printer.json = options.json;
	for (int i = 0; i < options.count; i++)
		whole &= show_file(&printer, options.files[i]);
	relib_printer_close(&printer);
	return whole ? 0 : 1;
}
