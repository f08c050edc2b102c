/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What libc calls out of tables and variables of its own: conversions of printf, hooks of obstack, argp and error. */
#ifndef RELIB_CALLBACK_H
#define RELIB_CALLBACK_H

#include <printf.h>
#include <stdint.h>

/* A conversion of printf was registered; by the host, if the mark is 0. errno stays. */
void relib_callback_conversion(int letter, printf_function *convert, printf_arginfo_size_function *ask, uint32_t mark);

#endif
