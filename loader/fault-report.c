/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Says in words what a fault was, in normal context, and ends the call. */
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "fault.h"
#include "internal.h"
#include "panic.h"

struct words {
	int number, code;
	const char *text;
};

static const struct words causes[] = {
	{ SIGFPE, FPE_INTDIV, "integer division by zero, or a quotient that is too large" },
	{ SIGFPE, FPE_INTOVF, "integer overflow" },
	{ SIGFPE, FPE_FLTDIV, "floating-point division by zero" },
	{ SIGFPE, FPE_FLTOVF, "floating-point overflow" },
	{ SIGFPE, FPE_FLTUND, "floating-point underflow" },
	{ SIGFPE, FPE_FLTRES, "inexact floating-point result" },
	{ SIGFPE, FPE_FLTINV, "invalid floating-point operation" },
	{ SIGILL, ILL_ILLOPC, "illegal instruction" },
	{ SIGILL, ILL_ILLOPN, "illegal instruction" },
	{ SIGILL, ILL_PRVOPC, "privileged instruction" },
	{ SIGILL, ILL_PRVREG, "privileged instruction" },
	{ SIGBUS, BUS_ADRALN, "misaligned access" },
	{ SIGBUS, BUS_MCEERR_AR, "access of memory that is broken" },
	{ SIGABRT, SI_TKILL, "abort()" },
};

/*
 * Around the stack pointer all of a stack is mapped, unless it is used up. A frame that is set up may be large, and what is
 * pushed or called lies just below.
 */
static bool is_stack_overflow(const struct relib_fault *fault)
{
	return fault->number == SIGSEGV && fault->code > 0 && fault->access != RELIB_ACCESS_CALL && fault->address >= fault->stack - 4096 &&
	       fault->address < fault->stack + 65536;
}

static void describe_access(const struct relib_fault *fault, char *text, size_t size)
{
	static const char *const accesses[] = {
		[RELIB_ACCESS_UNKNOWN] = "access to", [RELIB_ACCESS_READ] = "read of",
		[RELIB_ACCESS_WRITE] = "write to", [RELIB_ACCESS_CALL] = "call of",
	};
	const char *what = accesses[fault->access];

	/* The kernel doesn't know it of an address that no pointer can have. */
	if (fault->code == SI_KERNEL)
		snprintf(text, size, "access to an address that can't be");
	else if (fault->number == SIGBUS && fault->code == BUS_ADRERR)
		snprintf(text, size, "%s address 0x%lx, behind the end of the file that is mapped there", what, fault->address);
	else
		snprintf(text, size, "%s address 0x%lx", what, fault->address);
}

static void describe(const struct relib_fault *fault, char *text, size_t size)
{
	const char *words = fault->code == SI_TKILL ? "raised by the module itself" : NULL;
	char access[128];

	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
		if (causes[i].number == fault->number && causes[i].code == fault->code)
			words = causes[i].text;
	if (is_stack_overflow(fault))
		words = "stack overflow";
	if (!words && (fault->number == SIGSEGV || fault->number == SIGBUS)) {
		describe_access(fault, access, sizeof(access));
		words = access;
	}
	snprintf(text, size, "SIG%s: %s", sigabbrev_np(fault->number), words ? words : "raised by the kernel");
}

/* The fault may have come from inside a hook. */
static void leave_tracker(void)
{
	const char *why;
	const struct relib_track *track = relib_tracker(&why);

	if (track)
		track->left_by_jump();
}

static void report(struct relib_slot *slot, struct relib_fault *fault, bool has_heap)
{
	char text[256];

	describe(fault, text, sizeof(text));
	if (!has_heap)
		relib_panic_die(slot->target->module, &fault->trace,
				"that has left libc's heap locked or damaged, which the host needs, too", "panicked in %s: %s",
				slot->target->name, text);
	if (slot->state == RELIB_SLOT_PANICKING)
		relib_panic_die(slot->target->module, &fault->trace, "a panic was being unwound", "panicked in a cleanup in %s: %s",
				slot->target->name, text);
	relib_panic_report(slot, NULL, NULL, text, &fault->trace);
}

void relib_fault_landed(struct relib_slot *slot)
{
	struct relib_fault *fault = &relib_thread_known()->fault;
	bool has_heap = fault->state != RELIB_FAULT_PROBING;

	/* Nothing that needs the heap, if that is what failed. */
	fault->trace.plain = fault->again;
	if (!fault->again) {
		fault->state = RELIB_FAULT_PROBING;
		relib_fault_probe_heap(&fault->trace);
		leave_tracker();
	}
	fault->state = RELIB_FAULT_REPORTING;
	report(slot, fault, has_heap);
	fault->state = RELIB_FAULT_NONE;
	fault->again = false;
	slot->saved[RELIB_SAVED_STACK] = NULL;
	relib_call_fail(slot, RELIB_SLOT_FAILED);
}
