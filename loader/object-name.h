/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Objects that ld.so knows by another name than their file's: private copies of modules. */
#ifndef RELIB_LOADER_OBJECT_NAME_H
#define RELIB_LOADER_OBJECT_NAME_H

#include <stdbool.h>
#include <sys/stat.h>

struct relib_object_name;

/* From now on the object of this name, if there will be one, is of the file `path`. NULL without memory. */
struct relib_object_name *relib_object_name_enter(const char *name, const char *path, const struct stat *file);
void relib_object_name_leave(struct relib_object_name *entry);

/* The file's path, of a name as ld.so has it: mostly that. It lives as long as the object. Async-signal-safe. */
const char *relib_object_path(const char *name);
/* Whether it is a copy, and its file is as it was when it was copied. */
bool relib_object_is_copy(const char *name, bool *unchanged);

#endif
