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
#define RELIB_UNWIND_LIMIT 120 /* no more, whatever `limit` is */
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

/* Whether there is a libunwind to ask, on this thread. */
bool relib_unwind_is_ready(void);

/* What is known of the registers of a thread that stands still, at one of its frames. */
#define RELIB_REGISTERS 15 /* but the stack pointer: rax, rbx, rcx, rdx, rsi, rdi, rbp, r8 to r15 */
struct relib_registers {
	uintptr_t pc, stack;
	uintptr_t link;   /* where a call leaves its return address in a register: that */
	bool interrupted; /* the pc is where it goes on, not what a call returns to */
	uint32_t known;   /* bits */
	uintptr_t values[RELIB_REGISTERS];
};

/* A part of its stack, copied to `memory`. What lies behind the copy must be readable: it is not yet known how large frames are. */
struct relib_stack_copy {
	uintptr_t start, end;
	char *memory;
};

/*
 * From a frame to its caller's. As unw_step: above 0 there is one, 0 there is none, below it is not to be known, as where
 * it depends on a register that isn't. The stack pointer may be outside of the copy then: behind a signal's frame it is
 * anywhere. Nothing is unmapped meanwhile by ld.so: to be called from a callback of dl_iterate_phdr.
 */
int relib_unwind_step(struct relib_registers *registers, const struct relib_stack_copy *copy);

#endif
