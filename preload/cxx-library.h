/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Functions of the C++ library, in a host that isn't linked to it. */
#ifndef RELIB_CXX_LIBRARY_H
#define RELIB_CXX_LIBRARY_H

#include <stdint.h>

/*
 * The function of this name that a caller gets. In a C host the library came with a module, into a scope that RTLD_NEXT does not
 * search, and there may be several. NULL: there is none. errno and the program's dlerror() may change.
 */
void *relib_cxx_find(const char *name, uintptr_t caller);

/* One of the library in which `function` lies, or NULL. Takes no lock. */
void *relib_cxx_find_beside(const char *name, const void *function);

#endif
