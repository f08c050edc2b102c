// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Leaks through runtime libraries out of frames of every shape: whose size varies, aligned, behind a signal,
// called back by libc.
#include <alloca.h>
#include <dirent.h>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

static char *volatile text;
static std::string *volatile object;

__attribute__((always_inline)) static inline void leak(const char *words)
{
	object = new std::string(60, 'x');
	text = strdup(words);
}

extern "C" {

__attribute__((noinline)) void leak_in_varying(int size)
{
	volatile char *room = static_cast<volatile char *>(alloca(size));

	room[0] = 1;
	leak("varying");
	room[size - 1] = 2;
}

__attribute__((noinline)) void leak_in_aligned(int at)
{
	alignas(64) volatile char room[256];

	room[at] = 1;
	leak("aligned");
	room[at] = 2;
}

static void leak_in_handler(int)
{
	leak("handler");
}

static int leak_in_callback(const void *one, const void *other)
{
	leak("callback");
	return *static_cast<const int *>(one) - *static_cast<const int *>(other);
}

int leak_in_frames(void)
{
	for (int round = 1; round <= 6; round++) {
		int numbers[2] = { 2, 1 };

		leak_in_varying(64 * round);
		leak_in_aligned(round);
		signal(SIGUSR1, leak_in_handler);
		raise(SIGUSR1);
		signal(SIGUSR1, SIG_DFL);
		qsort(numbers, 2, sizeof numbers[0], leak_in_callback);
	}
	return 0;
}

static int throw_up(const struct dirent *)
{
	throw 1;
}

/* An exception that leaves a hooked function must not leave the tracker believing to be inside of it. */
int leak_after_throw(void)
{
	struct dirent **list;

	try {
		scandir("/", &list, throw_up, nullptr);
	} catch (int) {
		leak("after an exception");
	}
	return 0;
}
}
