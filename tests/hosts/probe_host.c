/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host without a tracker: probe_host MODULE SCENARIO... runs the scenarios of a module and says what came of each. */
#include "probe/host.h"

static int32_t say_scenario(const char *scenario, struct probe_log *log)
{
	(void)log;
	printf("import called: %s\n", scenario);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	struct probe probe;
	struct probe_log notes;
	struct relib_module *module;
	struct relib_error error;
	enum relib_code code;
	int32_t result;

	on_back = say_scenario;
	if (argc < 2)
		return 2;
	if (relib_load(argv[1], probe_options(&probe), &module, &error)) {
		fprintf(stderr, "%s\n", error.message);
		return 3;
	}
	for (int i = 2; i < argc; i++) {
		result = -2;
		notes.text[0] = '\0';
		code = probe_run_call(&probe, &result, argv[i], &notes);
		printf("%s: code %d, result %d, notes: %s\n", argv[i], (int)code, (int)result, notes.text);
		fflush(stdout);
	}
	return 0;
}
