/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Failures of modules: from where they happen to the call that they end. */
#ifndef RELIB_LOADER_PANIC_H
#define RELIB_LOADER_PANIC_H

#include <stdbool.h>
#include <stdint.h>

#include <relib/host.h>

#include "calls.h"

struct relib_trace;

/* panic.c */
/* What relib_panic() of the SDK comes to. Doesn't return. `file` may be NULL. */
void relib_panic_raise(void *module, const char *file, unsigned line, const char *function, const char *message);

/*
 * Writes a failure down as the one that ends this call, and says it on stderr: `module` is where it happened, NULL if it is the
 * call's. Called once for each, in normal context.
 */
void relib_panic_report(struct relib_slot *slot, const struct relib_module *module, const char *place, const char *message,
			const struct relib_trace *stack);

/*
 * Ends the process. Says what happened ("panicked in ..." of the module; a sentence of its own where that is NULL), the stack,
 * and why the process can't go on.
 */
void relib_panic_die(const struct relib_module *module, const struct relib_trace *stack, const char *why, const char *format, ...)
	__attribute__((noreturn, format(printf, 4, 5)));

/* Whether the process is being ended by relib_panic_die() on this thread: nothing holds that up. */
extern __thread bool relib_panic_dying __attribute__((tls_model("initial-exec")));

/* Whether a panic can end this call: not one of an import. */
bool relib_panic_can_end(const struct relib_slot *slot);

/* exception.c: what an exception that is not ours says */
void relib_exception_describe(const struct relib_module *module, void *exception, char *text, size_t size);

#endif
