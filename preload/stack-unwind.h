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

/*
 * The size of the frame of a return address, in words, from the stack pointer there to its caller's; the
 * caller's return address is the last of these words. `stack` is the stack pointer there now.
 *
 * Nearly all code addresses its frame by the stack pointer, and then the size depends on the address only. That
 * it does is tried: libunwind takes the step twice, with all other registers changed in between.
 */
#define RELIB_FRAME_NEW 0u
#define RELIB_FRAME_VARIES 0x3ffffu /* or is too large to be noted, or not to be known */
#define RELIB_FRAME_LAST 0x3fffeu   /* it has no caller: the start of a program or of a thread */
uint32_t relib_unwind_frame_size(uintptr_t address, const uintptr_t *stack, bool careful);

#endif
