/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Starts the program again under the tracker. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define TRACKER_FILE "librelib_track.so"
/*
 * "PID:" and LD_PRELOAD as it was: set for the second start only. The id stays the same across exec and is
 * another one in a child, so that a child of ours which is a host too is not taken for a second start.
 */
#define STARTED "RELIB_STARTED"

static enum relib_code cannot(struct relib_error *error, const char *why, const char *advice)
{
	return relib_fail(error, RELIB_NO_TRACKER, "can't start again under the tracker: %s\n  %s", why, advice);
}

static bool is_file(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISREG(status.st_mode);
}

/* Beside this library, as installed; else where the environment says, as in a build tree. NULL if nowhere. */
static char *find_tracker(void)
{
	const char *given = getenv("RELIB_TRACKER");
	char *own = NULL, *path = NULL;
	Dl_info information;

	/* Data, not a function: the address of an exported function may be one in the program. */
	if (dladdr(TRACKER_FILE, &information) && information.dli_fname)
		own = realpath(information.dli_fname, NULL);
	if (own) {
		*strrchr(own, '/') = '\0';
		if (asprintf(&path, "%s/" TRACKER_FILE, own) < 0)
			path = NULL;
		free(own);
	}
	if (path && is_file(path))
		return path;
	free(path);
	return given && is_file(given) ? realpath(given, NULL) : NULL;
}

/* The path of this program, which gives the new process its usual name; /proc/self/exe where it was moved away. */
static const char *own_program(char *path, size_t size)
{
	static const char link[] = "/proc/self/exe";
	ssize_t length = readlink(link, path, size - 1);
	struct stat here, there;

	if (length < 0)
		return link;
	path[length] = '\0';
	if (stat(link, &here) || stat(path, &there) || here.st_dev != there.st_dev || here.st_ino != there.st_ino)
		return link;
	return path;
}

/* Sets the environment of the second start: false without memory. */
static bool set_environment(const char *tracker)
{
	const char *before = getenv("LD_PRELOAD");
	char *preload = NULL, *started = NULL;
	bool done = false;

	if (asprintf(&preload, "%s%s%s", tracker, before && *before ? ":" : "", before ? before : "") < 0)
		preload = NULL;
	if (asprintf(&started, "%ld:%s", (long)getpid(), before ? before : "") < 0)
		started = NULL;
	if (preload && started)
		done = !setenv(STARTED, started, 1) && !setenv("LD_PRELOAD", preload, 1);
	free(preload);
	free(started);
	return done;
}

/* Whether this is the second start; then the environment is put back, for the children of the program. */
static bool take_back_environment(void)
{
	const char *started = getenv(STARTED);
	char *before;
	bool is_second;

	if (!started)
		return false;
	is_second = strtol(started, &before, 10) == (long)getpid() && *before == ':';
	if (is_second && before[1])
		setenv("LD_PRELOAD", before + 1, 1);
	else if (is_second)
		unsetenv("LD_PRELOAD");
	unsetenv(STARTED);
	return is_second;
}

static enum relib_code start_again(char **argv, struct relib_error *error)
{
	char *tracker = find_tracker(), path[4096];
	int number;

	if (!tracker)
		return cannot(error, TRACKER_FILE " was not found",
			      "install it beside librelib.so, or give its path in the environment variable RELIB_TRACKER");
	/* ld.so separates the names in LD_PRELOAD by these, and knows no way to quote them. */
	if (strpbrk(tracker, " :")) {
		free(tracker);
		return cannot(error, "the path of " TRACKER_FILE " has a space or colon in it",
			      "put it into a folder without, or link the program to it (pkg-config relib-track)");
	}
	number = set_environment(tracker) ? 0 : ENOMEM;
	free(tracker);
	if (!number) {
		execv(own_program(path, sizeof(path)), argv);
		number = errno;
	}
	take_back_environment();
	return cannot(error, strerrordesc_np(number), "the program goes on without unloading");
}

enum relib_code relib_init(int argc, char **argv, struct relib_error *error)
{
	bool is_second = take_back_environment();
	const char *why;

	relib_clear(error);
	if (relib_tracker(&why))
		return RELIB_OK;
	if (argc < 1 || !argv || argv[argc])
		return relib_fail(error, RELIB_INVALID, "relib_init needs the arguments of main");
	if (is_second)
		return cannot(error, "it was started again once, without success",
			      "see with LD_DEBUG=libs in the environment why ld.so did not take the tracker");
	if (getauxval(AT_SECURE))
		return cannot(error, "it runs with more rights than its user (set-user-id or capabilities)",
			      "link it to the tracker instead (pkg-config relib-track)");
	/* Started as an argument of ld.so, it can't be told from ld.so. */
	if (!getauxval(AT_BASE))
		return cannot(error, "it was started by naming ld.so on the command line", "start it by its own name");
	return start_again(argv, error);
}
