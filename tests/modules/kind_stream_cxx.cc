// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Leaves files that libstdc++ opened for it.
#include <cstdio>
#include <fstream>

#include "kind.h"

#define LEAK(name, made) extern "C" LEAK_AS(void *, name, made)

LEAK(ifstream, new std::ifstream("/dev/zero"))
LEAK(ofstream, new std::ofstream("/dev/null"))
LEAK(filebuf, (new std::filebuf)->open("/dev/null", std::ios::out))
LEAK(FILE, std::fopen("/dev/null", "r"))

extern "C" __attribute__((visibility("default"))) int leak_all(void)
{
	return leak_ifstream() && leak_ofstream() && leak_filebuf() && leak_FILE() ? 4 : -1;
}

// Given to it, and closed at the end of its scope.
extern "C" __attribute__((visibility("default"))) int read_one(const char *path)
{
	std::ifstream file(path);

	return file.good() ? file.get() : -1;
}
