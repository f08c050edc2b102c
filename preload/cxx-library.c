/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Functions of the C++ library, in a host that isn't linked to it. */
#include "cxx-library.h"

#include "object.h"
#include "real.h"
#include "thread-state.h"

/* Of those that are loaded, for a caller that isn't linked to any. */
static void *find_in_any(const char *name)
{
	static const char *const libraries[] = { "libstdc++.so.6", "libc++.so.1", "libc++abi.so.1" };
	void *function = NULL;

	for (unsigned i = 0; i < 3 && !function; i++) {
		void *handle = relib_real.dlopen(libraries[i], RTLD_LAZY | RTLD_NOLOAD);

		if (!handle)
			continue;
		function = dlsym(handle, name);
		relib_real.dlclose(handle);
	}
	return function;
}

/* First without dlsym, which would wait for a thread that is in dlopen and may be waiting for this one. */
void *relib_cxx_find(const char *name, uintptr_t caller)
{
	void *function;

	relib_enter();
	relib_objects_refresh();
	function = relib_object_find_for(caller, name);
	if (!function)
		function = find_in_any(name);
	relib_leave();
	return function;
}

void *relib_cxx_find_beside(const char *name, const void *function)
{
	struct relib_symbols table;
	struct dl_find_object found;
	const ElfW(Sym) *symbol;

	if (_dl_find_object((void *)(uintptr_t)function, &found))
		return NULL;
	table = relib_symbols_of_map(found.dlfo_link_map);
	symbol = relib_symbol_defined(&table, name);
	return symbol ? (void *)(found.dlfo_link_map->l_addr + symbol->st_value) : NULL;
}
