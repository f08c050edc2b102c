/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Call stacks of the calling thread, by libunwind. */
#ifndef RELIB_STACK_UNWIND_H
#define RELIB_STACK_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Opens libunwind, privately: linked in, its _Unwind_RaiseException and others would take the place of
 * libgcc's for every C++ module of a C host. Without it calls through runtime libraries have no owner.
 */
void relib_unwind_open(void);

/* In a forked child of a process with threads, one of them may have held a lock of libunwind's for ever. */
void relib_unwind_disable(void);

/*
 * The return addresses on the stack from `caller` on, which must be among the first frames: at most `limit`,
 * 0 when `caller` was not found or libunwind is not there. With `careful` each step is taken without the
 * cache that libunwind keeps by address, which is wrong where one object lies in the place of another.
 */
unsigned relib_unwind(uintptr_t caller, uintptr_t *frames, unsigned limit, bool careful);

#endif
