/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the kernel says in a small file of /proc. */
#ifndef RELIB_READ_FILE_H
#define RELIB_READ_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The start of it, as much as there is room for. False, and an empty text, if there is none. */
bool relib_read_file(const char *path, char *text, size_t size);

#endif
