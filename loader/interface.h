/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Interfaces: whether a module's fit the host's, and which function of the one is which of the other. */
#ifndef RELIB_LOADER_INTERFACE_H
#define RELIB_LOADER_INTERFACE_H

#include <relib/host.h>

struct relib_image;

#define RELIB_NO_INDEX UINT32_MAX

/* One interface of the host, and where the module has its functions. */
struct relib_binding {
	struct relib_interface *interface;
	uint32_t module_exports, module_imports; /* how many the module describes: what its table must have */
	uint32_t *export_of;                     /* for each export of the host: the module's; RELIB_NO_INDEX: optional and missing */
	uint32_t *import_of;                     /* for each import of the module: the host's */
	const char **import_names;               /* for each import of the module, in the host's description or in `text` */
	const char **export_names;               /* for each export of the host, NUL-terminated, likewise */
	char *text;                              /* what the names lie in */
};

struct relib_bindings {
	uint32_t count;
	struct relib_binding list[RELIB_MAX_INTERFACES];
};

/*
 * Compares the interfaces that `options` names with those that the file describes, before any of its code runs.
 * On success `bindings` says how to join them; free it with relib_bindings_free(). On failure there is nothing to free.
 */
enum relib_code relib_interface_check(const struct relib_image *image, const struct relib_load_options *options,
				      struct relib_bindings *bindings, struct relib_error *error);
void relib_bindings_free(struct relib_bindings *bindings);

#endif
