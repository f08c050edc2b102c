/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The host: ./host [MODULE] */
#include <err.h>
#include <relib/relib.h>
#include <stdio.h>
#include <unistd.h>

#include "sample.host.h"

static void log_to_stdout(const char *text)
{
	printf("module: %s\n", text);
}

int main(int argc, char **argv)
{
	struct sample sample = { .sample_log = log_to_stdout };
	struct sample_point from = { .x = 1, .y = 2 }, to = { .x = 4, .y = 6 };
	struct relib_report *report = NULL;
	struct relib_module *module;
	struct relib_error error;
	int32_t distance;

	if (relib_init(argc, argv, &error)) /* starts again under the tracker if need be */
		warnx("%s", error.message);
	if (relib_load(argc > 1 ? argv[1] : "./libsample.so", sample_interface(&sample), &module, &error))
		errx(1, "%s", error.message);

	if (sample_distance_call(&sample, &distance, &from, &to))
		warnx("the module failed: %s", relib_panic_message(module));
	else
		printf("the distance is %d\n", (int)distance);

	if (relib_unload(module, NULL, &report, &error))
		errx(1, "%s", error.message);
	relib_report_write(report, RELIB_FORMAT_TEXT, STDERR_FILENO); /* nothing, if nothing was left behind */
	relib_report_free(report);
	return 0;
}
