/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* How code of a module reaches the loader: its link is filled in, before its constructors run where it asks for it. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <relib/abi.h>

#include "calls.h"
#include "internal.h"
#include "panic.h"

static struct relib_slot *begin(void *module, const struct relib_target *target, const void *stack)
{
	struct relib_slot *slot = relib_call_begin(target, stack);
	struct relib_trace frames;

	if (slot)
		return slot;
	relib_stack_capture(&frames, 0, NULL);
	relib_panic_die(module, &frames, "too many calls are nested on this thread, or there is no memory",
			"can't call %s", target->name);
}

/* The host gave no functions: not yet, or none for this interface. */
static void refuse_import(struct relib_module *module, const char *name)
{
	struct relib_trace frames;
	char text[256];

	if (module->handle) {
		snprintf(text, sizeof(text), "the import %s was called, but the host loaded the module without its interface", name);
		relib_panic_raise(module, NULL, 0, name, text);
	}
	relib_stack_capture(&frames, 0, NULL);
	relib_panic_die(module, &frames, "the host's functions were not known yet: was it a constructor?",
			"called the import %s before it was loaded", name);
}

static struct relib_slot *import_enter(void *module, const struct relib_target *target, const char *name)
{
	if (!target)
		refuse_import(module, name);
	return begin(module, target, RELIB_CALLERS_STACK);
}

static void import_leave(struct relib_slot *slot)
{
	relib_call_end(slot);
}

static bool contain(void *module, void (*function)(void *argument), void *argument)
{
	struct relib_target target = { (relib_function)function, module, "relib_contain", RELIB_TARGET_CONTAIN, 0 };
	struct relib_slot *slot = begin(module, &target, RELIB_CALLERS_STACK);

	((void (*)(void *))relib_stub_of(module))(argument);
	return relib_call_end(slot) == RELIB_OK;
}

static const struct relib_module_services services = {
	.size = sizeof(services),
	.import_enter = import_enter,
	.import_call = relib_call_stub_import,
	.import_leave = import_leave,
	.panic = relib_panic_raise,
	.contain = contain,
};

/* The module that this thread is loading: one can load another in its constructors. */
static __thread struct relib_module *loading __attribute__((tls_model("initial-exec")));

struct relib_module *relib_link_begin(struct relib_module *module)
{
	struct relib_module *previous = loading;

	loading = module;
	return previous;
}

void relib_link_end(struct relib_module *previous)
{
	loading = previous;
}

void relib_link(struct relib_module *module, struct relib_module_link *link)
{
	link->module = module;
	__atomic_store_n(&link->services, &services, __ATOMIC_RELEASE);
}

/* What the code of a library is a part of whose module is gone, and which another module needs. */
static struct relib_module nobody = { .path = (char *)"", .file = "a library of a module that was unloaded" };

struct relib_library_link {
	struct relib_library_link *next;
	struct relib_module_link *link;
	const struct link_map *map;
};

/* Without memory the library is joined to no module, and a panic in it ends the process. */
static void link_library(struct relib_module *module, struct relib_module_link *link, const struct link_map *map)
{
	struct relib_library_link *library = malloc(sizeof(*library));

	if (!library)
		return;
	*library = (struct relib_library_link){ module->libraries, link, map };
	module->libraries = library;
	relib_link(module, link);
}

static bool is_mapped(const struct relib_library_link *library)
{
	struct dl_find_object found;

	return !_dl_find_object(library->link, &found) && found.dlfo_link_map == library->map;
}

void relib_link_free(struct relib_module *module)
{
	while (module->libraries) {
		struct relib_library_link *library = module->libraries;

		module->libraries = library->next;
		if (is_mapped(library) && library->link->module == module)
			__atomic_store_n(&library->link->module, &nobody, __ATOMIC_RELEASE);
		free(library);
	}
}

/*
 * Called by the first constructor of what is linked to the module SDK: of the module that is being loaded, or of a library
 * that comes with it, whose panics are then the module's.
 */
RELIB_EXPORTED void relib_module_attach(struct relib_module_link *link);

RELIB_EXPORTED void relib_module_attach(struct relib_module_link *link)
{
	struct relib_module *module = loading;
	Dl_info information;
	struct link_map *map;
	void *handle;

	if (!module)
		return;
	if (!dladdr1(link, &information, (void **)&map, RTLD_DL_LINKMAP))
		return;
	if (strcmp(map->l_name, module->opened)) {
		link_library(module, link, map);
		return;
	}
	relib_link(module, link);
	/* The handle that the host will get doesn't exist yet, but the object is in the list. */
	handle = dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD);
	if (!handle)
		return;
	/* A failure will be one again when the constructors have run, and is said then. */
	relib_join(module, handle, map, NULL);
	dlclose(handle);
}
