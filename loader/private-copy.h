/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Modules that are loaded from a copy of their file. */
#ifndef RELIB_LOADER_PRIVATE_COPY_H
#define RELIB_LOADER_PRIVATE_COPY_H

#include <relib/relib.h>

struct relib_image;
struct relib_origin;

/* Gives the copy a name that ld.so can open, and the module that in `opened`. */
enum relib_code relib_private_copy_take(struct relib_module *module, const struct relib_image *image, struct relib_error *error);
/* When the object is gone, or was never there. */
void relib_private_copy_free(struct relib_module *module);

/*
 * private-origin.c: $ORIGIN of a copy would be another folder. The libraries that the module finds by it are opened before,
 * and let go once the module has them. NULL: none.
 */
struct relib_origin *relib_origin_open(const struct relib_module *module, const struct relib_image *image);
/* `has_them`: the module was loaded. `error`: if it wasn't, for a word about $ORIGIN. */
void relib_origin_close(struct relib_origin *origin, bool has_them);
/* Whether the module has $ORIGIN in a search path. */
bool relib_origin_is_used(const struct relib_image *image);

#endif
