// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Built twice, as C++20 and not optimised: libstdc++ calls the templates that the first one exports, also for the second.
#include <map>
#include <sstream>
#include <string>
#include <vector>
#include "attr.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

extern "C" ATTR_FUNCTION(JOIN(NAME, _strings))
{
	std::string *grown = new std::string, *read = new std::string;
	std::istringstream in("a line of more than fifteen letters");

	for (int i = 0; i < 100; i++)
		grown->append("more");
	std::getline(in, *read);
	attr_forget(grown);
	attr_forget(read);
}

extern "C" ATTR_FUNCTION(JOIN(NAME, _stream))
{
	std::ostringstream *out = new std::ostringstream;

	*out << "a line of more than fifteen letters" << 42;
	attr_forget(out);
}

extern "C" ATTR_FUNCTION(JOIN(NAME, _containers))
{
	std::vector<std::string> *texts = new std::vector<std::string>;
	std::map<std::string, int> *numbers = new std::map<std::string, int>;

	texts->push_back("a text of more than fifteen letters");
	(*numbers)["a key of more than fifteen letters"] = 1;
	attr_forget(texts);
	attr_forget(numbers);
}

// What is given back leaves nothing, whoever's code it went through.
extern "C" ATTR_FUNCTION(run)
{
	std::ostringstream temporary;

	temporary << std::string(100, 'x') << 1.5;
	JOIN(NAME, _strings)(host);
	JOIN(NAME, _stream)(host);
	JOIN(NAME, _containers)(host);
}
