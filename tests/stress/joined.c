/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Ten thousand quick cycles with threads that the module joins: a joined thread is not a running one. */
#include "stress.h"

int main(int argc, char **argv)
{
	struct relib_error error = { .code = RELIB_OK };
	struct loaded loaded;
	unsigned long cycles, good = 0;

	(void)argc;
	stress_begin(argv, NULL);
	cycles = setting("STRESS_CYCLES", 10000);
	while (good < cycles && stress_load(module_path(), &loaded, &error)) {
		if (!loaded.worker->threads(2, 0))
			bail("the module got no thread");
		if (!stress_unload(&loaded, 0, 0, &error))
			break;
		good++;
	}
	if (!ok(good == cycles, "%lu of %lu quick cycles of joined threads are unloaded at once", good, cycles))
		printf("#   %s\n", error.message);
	return done();
}
