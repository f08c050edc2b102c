/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What libc calls out of tables and variables of its own: conversions of printf, hooks of obstack, argp and error. */
#ifndef RELIB_CALLBACK_H
#define RELIB_CALLBACK_H

#include <printf.h>
#include <stdint.h>

#include "callsite.h"

/* A conversion of printf was registered; by the host, if the mark is 0. errno stays. */
void relib_callback_conversion(int letter, printf_function *convert, printf_arginfo_size_function *ask, uint32_t mark);

/*
 * What a fork calls is forgotten at the end of the object with `handle`. Gives the handle that libc is to have: another one where
 * a function lies in another object that may go before. errno stays.
 */
void *relib_callback_fork(void (*const functions[3])(void), void *handle, struct relib_caller caller, uintptr_t through);
/* Libc has not taken it. */
void relib_callback_fork_forget(void *handle);

#endif
