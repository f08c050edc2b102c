/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Calls in flight: a record for each thread that ever called an export, an import or a main, with a slot for each call. */
#ifndef RELIB_CALLS_H
#define RELIB_CALLS_H

#include <stdatomic.h>
#include <sys/types.h>

#include <relib/host.h>

#include "fault.h"
#include "stack.h"

/* The register that holds its slot in a stub's frame, by its DWARF number; call-stub.S. */
#ifdef __x86_64__
#define RELIB_SLOT_REGISTER 3 /* rbx */
#else
#define RELIB_SLOT_REGISTER 19 /* x19 */
#endif

/* Which of a slot's saved registers is the stack pointer; set while a fault can come back to the stub. */
#define RELIB_SAVED_STACK 2

/* What a target is. */
enum relib_target_kind {
	RELIB_TARGET_EXPORT,
	RELIB_TARGET_IMPORT,
	RELIB_TARGET_MAIN,
	RELIB_TARGET_BEFORE_UNLOAD,
	RELIB_TARGET_CONTAIN
};

#define RELIB_PANIC_MESSAGE 1024
#define RELIB_PANIC_STACK 6000
#define RELIB_KEPT_PANICS 8

/* The last panic that ended a call of this thread, or is about to. */
struct relib_panic {
	uint64_t module; /* its number; 0: none */
	char function[128];
	char message[RELIB_PANIC_MESSAGE];
	char stack[RELIB_PANIC_STACK];
};

/* Mapped, and never unmapped: other threads read it at any time. Used again when its thread has ended. */
struct relib_thread {
	struct relib_calls calls; /* first: relib_calls_of_thread points to it */
	void *signal_stack;       /* fault-stack.c; NULL: not asked for yet. The stub looks at it. */
	struct relib_thread *next;
	atomic_int id;            /* as in gettid(); 0: no thread's */
	uintptr_t stack_low, stack_high; /* of the thread's stack; 1: not known */
	uintptr_t outermost;             /* where the first of its frames ends, as far as is known */
	struct relib_panic panic;
	struct relib_slot *panic_slot; /* the call that it ended, or is on its way to */
	/* Of calls that are still being unwound while a cleanup made another one, which panicked as well. */
	const struct relib_slot *kept_for[RELIB_KEPT_PANICS]; /* NULL: free */
	struct relib_panic kept[RELIB_KEPT_PANICS];
	struct relib_trace thrown_from; /* of an exception that is on its way to a call */
	struct relib_fault fault;
	struct relib_slot before; /* its stack is above any other */
	struct relib_slot slots[RELIB_MAX_CALLS + 1]; /* the last one: RELIB_SLOT_END */
	struct relib_slot spare[2];
#ifdef __aarch64__
	/* More registers than a slot has room for, see call-stub.S. */
	struct relib_slot more[RELIB_MAX_CALLS + 3];
#endif
};

/* The calling thread's, or NULL if it has none yet. Async-signal-safe. */
static inline struct relib_thread *relib_thread_known(void)
{
	return (struct relib_thread *)(void *)relib_calls_of_thread;
}

/* call-threads.c */
/* The calling thread's; NULL without memory. */
struct relib_thread *relib_thread_here(void);
struct relib_thread *relib_threads(void);
/* All threads see what this one wrote, or their slots are seen here. Called after the state that they look at was set. */
void relib_threads_see(void);
/* Whether the kernel can do that; else calls do it with a fence of their own. Before the first module is loaded. */
bool relib_threads_can_see(void);

/*
 * The stack pointer of the function that calls this one. A frame that is there lies below that of every call that it is in, and
 * not below that of a call that longjmp has skipped on the way to it.
 */
#define RELIB_CALLERS_STACK __builtin_dwarf_cfa()

/* call-stub.S. Called as what the innermost slot's target is. */
extern void relib_call_stub(void) __attribute__((visibility("hidden")));
extern void relib_call_stub_saving(void) __attribute__((visibility("hidden")));
extern void relib_call_stub_import(void) __attribute__((visibility("hidden")));
extern void relib_call_landing(void) __attribute__((visibility("hidden")));
/* Where a stub's frame returns to from what it called. */
extern void relib_call_return(void) __attribute__((visibility("hidden")));
extern void relib_call_return_saving(void) __attribute__((visibility("hidden")));

/* Whether a frame with this return address is a stub's. It has its slot in RELIB_SLOT_REGISTER. */
static inline bool relib_call_is_stub(uintptr_t address)
{
	return address == (uintptr_t)relib_call_return || address == (uintptr_t)relib_call_return_saving;
}

/* calls.c */
/* The target of a slot that was left out of order. */
extern const struct relib_target relib_call_left;
/* Begins a call that host.h doesn't begin: of an import, main, ... NULL: too deep, or no memory. `stack` is the caller's. */
struct relib_slot *relib_call_begin(const struct relib_target *target, const void *stack);
/* Also of one that is left by unwinding that does not stop at it. */
enum relib_code relib_call_end(struct relib_slot *slot);
/* The call that this thread made last and did not leave, or NULL. Not exact after longjmp and with coroutines. Async-signal-safe. */
struct relib_slot *relib_call_innermost(void);
/* Takes away calls of this thread that longjmp has skipped; `stack`: of a frame that is there now. */
void relib_call_trim(const void *stack);
/* Takes away all calls on the thread's own stack: it ended in one, by pthread_exit, or longjmp skipped one before. */
void relib_call_trim_stack(struct relib_thread *thread);
/* What stands in the place of an optional export that a module doesn't have. */
void relib_call_missing(void);
/* Marks the innermost call as failed; `relib_call_end` then gives the failure. */
void relib_call_fail(struct relib_slot *slot, uint32_t state);

/* call-skipped.c */
/* Where the calling thread's stack is, and where its frames begin. At its first call. */
void relib_thread_find_stack(struct relib_thread *thread);
/* Whether this is the thread's own stack. */
bool relib_call_on_stack(const struct relib_thread *thread, const void *address);
/* Whether longjmp has skipped this call on its way to a frame with that stack pointer. */
bool relib_call_is_skipped(struct relib_thread *thread, const struct relib_slot *slot, const void *stack);

/* calls-in-flight.c */
/*
 * Who is in a call of one of these targets: "thread 12 \"worker\" is inside game_update", one a line and indented, added to
 * the error. Gives the number of threads.
 */
unsigned relib_calls_in_flight(const struct relib_target *targets, size_t count, struct relib_error *error);

#endif
