/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The retention driver's command line: one TAP line for each case of a host. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "driver.h"

static const struct option long_options[] = {
	{ "again", required_argument, NULL, 'a' },  { "tracker", required_argument, NULL, 't' },
	{ "leaks", required_argument, NULL, 'l' },  { "tunables", required_argument, NULL, 'm' },
	{ "only", required_argument, NULL, 'o' },   { "label", required_argument, NULL, 'n' },
	{ NULL, 0, NULL, 0 }
};

static bool parse(int argc, char **argv, struct driver_options *options)
{
	int option;

	*options = (struct driver_options){ .leaks = "reclaim", .label = "" };
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case 'a': options->again = optarg; break;
		case 't': options->tracker = optarg; break;
		case 'l': options->leaks = optarg; break;
		case 'm': options->tunables = optarg; break;
		case 'o': options->only = optarg; break;
		case 'n': options->label = optarg; break;
		default: return false;
		}
	}
	if (argc - optind != 2)
		return false;
	options->host = argv[optind];
	options->module = argv[optind + 1];
	return true;
}

int main(int argc, char **argv)
{
	struct driver_options options;
	struct driver_result result;
	char command[4096], name[64];
	unsigned flags;
	int number = 0, failed = 0;
	FILE *list;

	if (!parse(argc, argv, &options)) {
		fprintf(stderr, "usage: driver [--tracker FILE] [--leaks report|reclaim] [--again MODULE] [--tunables TEXT]"
				" [--only CASE] [--label TEXT] HOST MODULE\n");
		return 2;
	}
	if (!driver_prepare()) {
		printf("Bail out! can't write to the current folder\n");
		return 99;
	}
	snprintf(command, sizeof(command), options.again ? "'%s' '%s'" : "'%s'", options.host, options.again);
	list = popen(command, "r");
	while (list && fscanf(list, "%63s %u", name, &flags) == 2) {
		if (options.only && strcmp(options.only, name) != 0)
			continue;
		driver_run(&options, name, true, &result);
		failed += driver_judge(&options, ++number, name, flags, true, &result);
		if (flags & (RETENTION_OWNED | RETENTION_EITHER)) {
			driver_run(&options, name, false, &result);
			failed += driver_judge(&options, ++number, name, flags, false, &result);
		}
	}
	if (list)
		pclose(list);
	printf("1..%d\n", number);
	return failed || number == 0;
}
