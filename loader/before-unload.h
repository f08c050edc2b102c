/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module's RELIB_BEFORE_UNLOAD(). */
#ifndef RELIB_LOADER_BEFORE_UNLOAD_H
#define RELIB_LOADER_BEFORE_UNLOAD_H

#include <relib/relib.h>

/* Before anything else of an unload: RELIB_BUSY while one that took too long has not ended. Takes in what it left. */
enum relib_code relib_before_unload_ended(struct relib_module *module, struct relib_error *error);
/* `limit_ms` 0: on this thread, as long as it wants. */
enum relib_code relib_before_unload(struct relib_module *module, unsigned limit_ms, struct relib_error *error);

#endif
