/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Rust's own mangling, "v0": names that start with _R. */
#ifndef RELIB_DEMANGLE_RUST_H
#define RELIB_DEMANGLE_RUST_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the name as the source spells it. False when it is not such a name, or doesn't fit. */
bool relib_demangle_rust(const char *name, char *out, size_t size);

#endif
