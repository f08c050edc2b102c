// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// A C++ module: strings of 40 characters, made and destroyed.
#include <cstdint>
#include <string>

extern "C" void bench_string(uint64_t operations)
{
	while (operations--) {
		std::string text(40, 'x');

		__asm__ volatile("" : : "r"(text.data()) : "memory");
	}
}
