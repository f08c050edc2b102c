/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Looks for return addresses into certain code in the words of a stack. Where there is none, no function of that code
 * is on the stack; where there is one it may be left from a call that is over.
 */
#ifndef RELIB_STACK_SCAN_H
#define RELIB_STACK_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settle.h"

#define RELIB_CODE_LIMIT 128
#define RELIB_RESTORERS 4

struct relib_code {
	uintptr_t low, high; /* of all */
	unsigned count;
	struct {
		uintptr_t start, end;
		bool readable;
	} ranges[RELIB_CODE_LIMIT];
	/*
	 * Where handlers of signals return to. Such a word may stand above a frame that was interrupted: its address is a
	 * register's then, and behind no call; and it may be on another stack.
	 */
	unsigned restorer_count;
	uintptr_t restorers[RELIB_RESTORERS];
};

/* The code of objects that are loaded, and where signal handlers return to as they are installed now. */
void relib_code_of(const struct relib_set *set, struct relib_code *code);

/* The rest is async-signal-safe. */
bool relib_code_has(const struct relib_code *code, uintptr_t address);

struct relib_scan {
	uintptr_t word;  /* the innermost that is a return address into the code, or 0 */
	bool handler;    /* perhaps the frame of a signal handler */
	bool incomplete; /* not all could be read, or it was too much */
};

/* Of the stack from `stack` to `end`. The buffer is for reading. */
struct relib_scan relib_stack_scan(const struct relib_code *code, uintptr_t stack, uintptr_t end, uintptr_t *buffer,
				   size_t words);

#endif
