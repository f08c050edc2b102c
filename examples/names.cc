/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module in C++, with a std::vector that is never deleted: relib-run ./libnames.so */
#include <relib/module.h>
#include <string>
#include <vector>

RELIB_MODULE("names", "1.0");

namespace {

class registry {
public:
	void add(const std::string &name)
	{
		names.push_back(name);
	}

private:
	std::vector<std::string> names;
};

registry *all;

}

/*
 * Exceptions inside a module are its own affair; strings and threads work as anywhere. Where relib-run says that a
 * "unique symbol" keeps a module mapped, build it with -fno-gnu-unique.
 */
RELIB_MAIN(bool)
{
	all = new registry;
	for (int i = 0; i < 10; i++)
		all->add("a name that does not fit into the string itself");
	return true;
}
