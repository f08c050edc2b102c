/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * What modules have the C++ library call: std::set_terminate, std::set_unexpected, std::set_new_handler; and the object whose
 * functions it calls by std::pmr::set_default_resource.
 */
#ifndef RELIB_CXX_HANDLER_H
#define RELIB_CXX_HANDLER_H

#include <stdint.h>

enum relib_cxx_which { RELIB_CXX_TERMINATE, RELIB_CXX_UNEXPECTED, RELIB_CXX_NEW, RELIB_CXX_RESOURCE };

typedef void (*relib_cxx_handler)(void); /* or the address of that object */
/* Sets one of these, and gives the one before. */
typedef relib_cxx_handler relib_cxx_setter(relib_cxx_handler handler);

/* A module has set it by `setter`: a process may have several C++ libraries, each with its own. errno stays. */
void relib_cxx_handler_set(enum relib_cxx_which which, relib_cxx_setter *setter, uint32_t mark, relib_cxx_handler before,
			   relib_cxx_handler now);

#endif
