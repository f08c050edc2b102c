/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module's large calloc and growing realloc do what they do without the tracker. */
#include "stress.h"

int main(int argc, char **argv)
{
	struct relib_error error;
	struct loaded loaded;
	const char *wrong;

	(void)argc;
	stress_begin(argv, NULL);
	if (!stress_load(module_path(), &loaded, &error))
		bail("%s", error.message);
	wrong = loaded.worker->large();
	if (!ok(!wrong, "large calloc, growing realloc"))
		printf("#   %s\n", wrong);
	if (!ok(stress_unload(&loaded, 0, 0, &error), "nothing is left of them"))
		printf("#   %s\n", error.message);
	return done();
}
