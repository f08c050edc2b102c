/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The host's side of the tests of calls and panics: loading the module, what is said on stderr, processes that may end. */
#ifndef PROBE_HOST_H
#define PROBE_HOST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/probe.host.h"

#define PROBE_UNUSED __attribute__((unused))

/* What probe_back does, and the others do on their way. */
static int32_t (*on_back)(const char *scenario, struct probe_log *log) PROBE_UNUSED;
static struct probe *going_down __attribute__((used)); /* or the compiler warns of NULL where nobody sets it */
static enum relib_code down_code PROBE_UNUSED;

static int32_t host_back(const char *scenario, struct probe_log *log)
{
	return on_back ? on_back(scenario, log) : 0;
}

/* By turns an import and an export, until one can't be called. A host that isn't linked to the loader can't call any. */
static int32_t host_down(int32_t depth)
{
	enum relib_code code = RELIB_OK;
	int32_t result = 0;

#ifdef PROBE_WITHOUT_LOADER
	(void)depth;
#else
	code = probe_down_call(going_down, &result, depth);
#endif
	if (code)
		down_code = code;
	return code ? 0 : result + 1;
}

static struct probe_small host_small(struct probe_small value)
{
	return (struct probe_small){ value.a * 2, value.b * 2, value.c * 2 };
}

static struct probe_big host_big(struct probe_big value, int32_t add)
{
	for (int i = 0; i < 9; i++)
		value.numbers[i] += add;
	value.last += add;
	return value;
}

static long double host_floats(long double a, float b, double c, _Complex double d)
{
	return a + (long double)b * 10 + (long double)c * 100 + (long double)__real__ d * 1000 + (long double)__imag__ d * 10000;
}

static _Complex float host_complex(_Complex float value)
{
	_Complex float turned;

	__real__ turned = __imag__ value;
	__imag__ turned = __real__ value;
	return turned;
}

static double host_many(int8_t a, double b, uint64_t c, float d, int16_t e, long double f, int32_t g, double h, struct probe_small i,
			int64_t j, float k, double l, uint8_t m, double n, struct probe_big o, double p, double q, bool r, int64_t s,
			float t)
{
	bool right = a == -1 && b == 2 && c == 3 && d == 4 && e == -5 && f == 6 && g == 7 && h == 8 && i.a == 9 && i.b == 10 &&
		     i.c == 11 && j == 12 && k == 13 && l == 14 && m == 255 && n == 16 && o.numbers[0] == 17 &&
		     o.numbers[8] == 18 && o.last == 19 && p == 20 && q == 21 && r && s == -23 && t == 24;

	return right ? 2.5 : -1;
}

static PROBE_UNUSED const struct relib_load_options *probe_options(struct probe *probe)
{
	*probe = (struct probe){
		.probe_back = host_back,
		.probe_host_down = host_down,
		.probe_host_small = host_small,
		.probe_host_big = host_big,
		.probe_host_floats = host_floats,
		.probe_host_complex = host_complex,
		.probe_host_many = host_many,
	};
	return probe_interface(probe);
}

/* Of MODULES, or what the environment names instead of the one in C and C++. */
static PROBE_UNUSED const char *probe_path(const char *name)
{
	static char path[4][4096];
	static int next;
	const char *folder = getenv("MODULES"), *other = getenv("PROBE");

	if (other && !strcmp(name, "probe.so"))
		return other;
	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", folder ? folder : "modules", name);
	return path[next];
}

/* -- What is said on stderr */

static int old_stderr PROBE_UNUSED = -1, new_stderr PROBE_UNUSED = -1;
static char heard[1 << 16];

static PROBE_UNUSED void listen_begin(void)
{
	new_stderr = memfd_create("stderr", MFD_CLOEXEC);
	old_stderr = dup(STDERR_FILENO);
	dup2(new_stderr, STDERR_FILENO);
}

static PROBE_UNUSED const char *listen_end(void)
{
	ssize_t length = pread(new_stderr, heard, sizeof(heard) - 1, 0);

	heard[length > 0 ? length : 0] = '\0';
	dup2(old_stderr, STDERR_FILENO);
	close(old_stderr);
	close(new_stderr);
	return heard;
}

static PROBE_UNUSED int count_of(const char *text, const char *part)
{
	int count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

/* Runs it in a child and gives the child's status, with what it said in `heard`. */
static PROBE_UNUSED int end_of(void (*function)(const void *argument), const void *argument)
{
	int status = -1;
	pid_t child;

	listen_begin();
	fflush(NULL);
	child = fork();
	if (!child) {
		alarm(60);
		function(argument);
		_exit(99);
	}
	waitpid(child, &status, 0);
	listen_end();
	return status;
}

#endif
