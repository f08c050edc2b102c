/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host of its own: ./host libhello.so loads the module, calls its main and takes it out again. */
#include <err.h>
#include <relib/relib.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct relib_error error;
	struct relib_report *report = NULL;
	struct relib_module *module;
	int result;

	/* Starts the program again under the tracker, if it isn't there yet. Without it there is no unloading. */
	if (relib_init(argc, argv, &error))
		warnx("%s", error.message);
	if (argc < 2)
		errx(2, "usage: host MODULE.so");

	if (relib_load(argv[1], NULL, &module, &error))
		errx(1, "%s", error.message);
	printf("%s %s is loaded\n", relib_module_name(module), relib_module_version(module));

	/* `int` is what this host wants from main: a module whose main gives something else is not called. */
	if (relib_call_main(module, int, &result, argc - 1, argv + 1, &error))
		warnx("%s", error.message);
	else
		printf("its main gave %d\n", result);

	/* If this is refused, the module is still loaded and usable, and the message says what holds it. */
	if (relib_unload(module, NULL, &report, &error))
		errx(1, "%s", error.message);
	relib_report_write(report, RELIB_FORMAT_TEXT, STDERR_FILENO); /* nothing, if nothing was left */
	relib_report_free(report);
	return 0;
}
