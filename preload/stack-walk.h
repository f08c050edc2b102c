/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Whether certain code is on the stack of a thread that stands still: first by the words of the stack, and where these leave
 * it open, from frame to frame.
 */
#ifndef RELIB_STACK_WALK_H
#define RELIB_STACK_WALK_H

#include <stdbool.h>
#include <ucontext.h>

#include "memory-map.h"
#include "stack-scan.h"
#include "stack-unwind.h"

/* Frames are looked at in a copy of so much of the stack. */
#define RELIB_WINDOW ((size_t)256 << 10)

enum relib_inside {
	RELIB_OUTSIDE,
	RELIB_INSIDE,
	RELIB_PERHAPS, /* there are words of such calls where the frames can't be followed any more */
	RELIB_UNKNOWN  /* it could not be looked at, or not all of it */
};

struct relib_place_inside {
	enum relib_inside inside;
	uintptr_t address; /* in the innermost function of that code, for those that are or may be inside */
};

/* As a signal or getcontext() has them. Async-signal-safe. */
void relib_registers_of(struct relib_registers *registers, const ucontext_t *context);

struct relib_stack_walk {
	const struct relib_code *code;
	const struct relib_memory_map *map;
	char *window;  /* of RELIB_WINDOW, with RELIB_WINDOW_ROOM of readable memory in all */
};
#define RELIB_WINDOW_ROOM ((size_t)64 << 20)

char *relib_window_reserve(void); /* NULL without memory */
void relib_window_give(char *window);

/* A thread that stands still for as long as that takes, as far as its stack is concerned; or the calling thread. */
struct relib_place_inside relib_stack_walk(const struct relib_stack_walk *walk, const struct relib_registers *registers);

/* One that has left a copy of its stack in the window; `beyond` is what was found by scanning the whole stack. */
struct relib_place_inside relib_stack_walk_copy(const struct relib_stack_walk *walk, const struct relib_registers *registers,
						size_t copied, const struct relib_scan *beyond);

#endif
