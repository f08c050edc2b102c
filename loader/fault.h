/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Faults of modules that were loaded with contain_faults: signals that end a call instead of the process. */
#ifndef RELIB_LOADER_FAULT_H
#define RELIB_LOADER_FAULT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "stack.h"

struct relib_slot;
struct relib_thread;

/* What happened, from the signal handler to the end of the call. */
struct relib_fault {
	/* In which part of the way: a second fault there is of our own making, or of a heap that the first one left damaged. */
	enum { RELIB_FAULT_NONE, RELIB_FAULT_WALKING, RELIB_FAULT_PROBING, RELIB_FAULT_REPORTING } state;
	bool again; /* the way was begun anew because of that */
	int number, code;
	enum { RELIB_ACCESS_UNKNOWN, RELIB_ACCESS_READ, RELIB_ACCESS_WRITE, RELIB_ACCESS_CALL } access;
	uintptr_t address, stack;
	struct relib_trace trace;
	void *walk; /* where to go on when the stack can't be walked */
};

/* fault.c */
/* Installs the handlers, once. Before the first module that needs them can be called. */
void relib_fault_install(void);

/* fault-pass.c: what is not a module's */
/* Remembers what was there before, and says what flags ours needs to be like it. */
int relib_fault_previous(int number, const struct sigaction *before);
/* The signal does what it would do without us. Returns if the thread goes on after it. */
void relib_fault_pass(int number, siginfo_t *information, void *context);

/* fault-stack.c: a stack for the handlers, for when a thread's own is used up */
/* Called by the stub, with arguments of the export still in registers. */
void relib_fault_stack_make(struct relib_thread *thread) __attribute__((visibility("hidden")));
void relib_fault_stack_free(struct relib_thread *thread);

/* fault-heap.c */
/* Returns if libc's heap can be used; else a fault or a signal of its own takes the thread out of it. */
void relib_fault_probe_heap(const struct relib_trace *trace);
/* Whether it is that signal. */
bool relib_fault_is_probe(const siginfo_t *information);

/* fault-report.c: in normal context again */
/* The stub's failure path after a fault. */
void relib_fault_landed(struct relib_slot *slot) __attribute__((visibility("hidden")));

#endif
