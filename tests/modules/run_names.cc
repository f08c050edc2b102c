/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Optimised C++: what leaks is allocated in templates of the library, which are inlined into the functions that count. */
#include <relib/module.h>
#include <string>
#include <vector>

RELIB_MODULE("run_names", "1.0");

namespace {

struct registry {
	std::vector<std::string> names;

	void add(const std::string &name)
	{
		names.push_back(name); /* the line that is named */
	}
};

registry *all;

}

RELIB_MAIN(bool)
{
	all = new registry;
	for (int i = 0; i < 10; i++)
		all->add("a name that does not fit into the string itself");
	return true;
}
