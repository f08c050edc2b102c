/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Symbols of a module, by name. */
#include <dlfcn.h>

#include "internal.h"

void *relib_symbol_in(void *handle, const struct link_map *wanted, const char *name)
{
	void *address = dlsym(handle, name);
	struct link_map *map;
	Dl_info information;

	/* dlsym looks into the libraries of the module too, and another module may be one of these. */
	if (address && dladdr1(address, &information, (void **)&map, RTLD_DL_LINKMAP) && map != wanted)
		return NULL;
	/* A thread-local variable lies in no object. */
	return address;
}

void *relib_own_symbol(const struct relib_module *module, const char *name)
{
	return relib_symbol_in(module->handle, module->map, name);
}

void *relib_symbol(struct relib_module *module, const char *name, struct relib_error *error)
{
	void *address;

	relib_clear(error);
	if (!module || !name) {
		relib_fail(error, RELIB_INVALID, "relib_symbol needs a module and a name");
		return NULL;
	}
	address = relib_own_symbol(module, name);
	if (!address)
		relib_fail(error, RELIB_NO_SYMBOL,
			   "%s has no symbol %s\n  it must not be static or hidden, and in C++ be declared extern \"C\";\n"
			   "  an export of an interface is hidden: a host calls it as %s_call",
			   module->file, name, name);
	return address;
}
