/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A plain host that knows nothing of relib: loads a module, calls it, closes it, and says how that went. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No stdio: its buffer would be one more allocation that may fail. */
static void say(const char *what, int number)
{
	char line[100];
	int length = snprintf(line, sizeof(line), "%s %d\n", what, number);

	if (write(STDOUT_FILENO, line, length) != length)
		_exit(9);
}

int main(int argc, char **argv)
{
	void (*arm)(void) = (void (*)(void))(uintptr_t)dlsym(RTLD_DEFAULT, "stress_fail_arm");
	int (*frugal)(void);
	char *own;
	void *handle;

	if (argc != 2)
		return 2;
	/* The first dlopen is the tracker's time to get ready. */
	if (!getenv("STRESS_ARM_EARLY")) {
		handle = dlopen("libm.so.6", RTLD_NOW);
		if (handle)
			dlclose(handle);
	}
	if (arm)
		arm();
	for (int round = 0; round < 2; round++) {
		own = strdup("the host's own");
		say("own", own != NULL);
		free(own);
		handle = dlopen(argv[1], RTLD_NOW);
		say("open", handle != NULL);
		if (!handle)
			continue;
		frugal = (int (*)(void))(uintptr_t)dlsym(handle, "frugal");
		say("symbol", frugal != NULL);
		if (frugal)
			say("met", frugal());
		say("close", dlclose(handle));
	}
	own = calloc(1, 100000);
	say("own", own != NULL);
	free(own);
	return 7;
}
