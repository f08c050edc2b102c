/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Stacks of panics: captured where it happens, written as text later. */
#ifndef RELIB_LOADER_STACK_H
#define RELIB_LOADER_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RELIB_STACK_INNER 32
#define RELIB_STACK_OUTER 8

/* Frames are return addresses. Those of relib itself are left out. */
struct relib_trace {
	unsigned count;
	unsigned outer; /* so many of these are the outermost ones: what lies between them and the others was too much */
	unsigned cut;   /* and is so many frames */
	bool plain;     /* to be written without what allocates: places only */
	uintptr_t frames[RELIB_STACK_INNER + RELIB_STACK_OUTER];
};

/*
 * The calling thread's stack, innermost frame first. Without `skip` frames of the caller's callers (those in librelib.so
 * don't count). It ends before the stub whose caller's stack pointer is `until`; NULL: where the thread began.
 * No allocation, no lock.
 */
void relib_stack_capture(struct relib_trace *trace, unsigned skip, const void *until);

/* How the walk of a stack that was interrupted ended. */
enum relib_stack_end {
	RELIB_STACK_BROKEN,   /* it can't be read to the end */
	RELIB_STACK_REACHED,  /* at the stub of the call */
	RELIB_STACK_ELSEWHERE /* that call isn't on it, or a signal handler runs on top of it */
};

/*
 * The same in a signal handler, of what the signal interrupted. Where the program counter is in no object, after a call
 * through a bad pointer, the caller comes first. A broken stack can make it fault: `trace` then has what was found before.
 * `ucontext` is that which the handler was given: it is changed meanwhile. `slot` is the call's, which the stub has in a register.
 */
enum relib_stack_end relib_stack_capture_context(struct relib_trace *trace, void *ucontext, const void *until, const void *slot);

/*
 * A line for each frame, with all functions that were inlined there: "  function   file.c:12\n". Cut at a line's end, with
 * the number of frames that are missing, where `size` bytes don't suffice. Allocates and takes locks: nothing for a signal handler.
 */
void relib_stack_write(const struct relib_trace *trace, char *text, size_t size);

#endif
