/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A C++ module that uses what libstdc++ exports as weak symbols: strings, streams, containers, exceptions. */
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <relib/module.h>

/* C++20 leaves such members in the module; libstdc++ exports the same weak names and may be bound to these. */
template void std::string::_M_dispose();

static std::map<std::string, std::vector<std::string>> words;

RELIB_MODULE("cxx", "3");

static int count(const std::string &text)
{
	std::istringstream stream(text);
	std::string word;
	int number = 0;

	while (std::getline(stream, word, ' ')) {
		words[word.substr(0, 1)].push_back(word + " and more, so that it is on the heap");
		number++;
	}
	if (number == 0)
		throw std::runtime_error("no words");
	return number;
}

RELIB_MAIN(int, argc, argv)
{
	try {
		return count(argc > 1 ? argv[1] : "");
	} catch (const std::exception &) {
		words.clear();
		return -1;
	}
}

RELIB_BEFORE_UNLOAD()
{
	words.clear();
}
