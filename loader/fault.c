/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Catches the faults of modules, and takes the thread back to the stub through which the module was called. */
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "calls.h"
#include "internal.h"
#include "panic.h"

static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };

/* call-stub.S */
extern void relib_fault_landing(void) __attribute__((visibility("hidden")));

/* By the instruction that was interrupted, or by the thread itself, as abort() and raise() do. */
static bool is_of_this_thread(int number, const siginfo_t *information)
{
	if (number == SIGBUS && information->si_code == BUS_MCEERR_AO)
		return false;
	return information->si_code > 0 || (information->si_code == SI_TKILL && information->si_pid == getpid());
}

/* The call that the fault ends, or NULL if it isn't a module's, or one that doesn't want that. */
static struct relib_slot *find_call(int number, const siginfo_t *information)
{
	struct relib_slot *slot = relib_call_innermost();

	if (!slot || relib_panic_dying || !is_of_this_thread(number, information) || !relib_panic_can_end(slot))
		return NULL;
	/* The stub sets it last, when all is saved, and takes it back when the function has returned. */
	return slot->target->module->contain_faults && slot->saved[RELIB_SAVED_STACK] ? slot : NULL;
}

#if defined(__x86_64__)
#define FLAGS_OFF 0x40500 /* direction, single step, alignment check */
#define PAGE_FAULT 14
#define WRITE 2
#define FETCH 16

static void note_registers(struct relib_fault *fault, const ucontext_t *context)
{
	const greg_t *registers = context->uc_mcontext.gregs;
	bool has_access = registers[REG_TRAPNO] == PAGE_FAULT && (fault->number == SIGSEGV || fault->number == SIGBUS);

	fault->stack = (uintptr_t)registers[REG_RSP];
	fault->was_written = has_access && (registers[REG_ERR] & WRITE);
	fault->was_executed = has_access && ((registers[REG_ERR] & FETCH) || fault->address == (uintptr_t)registers[REG_RIP]);
}

static void land(ucontext_t *context, struct relib_slot *slot)
{
	greg_t *registers = context->uc_mcontext.gregs;

	registers[REG_RIP] = (greg_t)(uintptr_t)relib_fault_landing;
	registers[REG_RSP] = (greg_t)(uintptr_t)slot->saved[RELIB_SAVED_STACK];
	registers[REG_RBX] = (greg_t)(uintptr_t)slot;
	registers[REG_RBP] = (greg_t)(uintptr_t)slot->saved[3];
	registers[REG_R12] = (greg_t)(uintptr_t)slot->saved[4];
	registers[REG_R13] = (greg_t)(uintptr_t)slot->saved[5];
	registers[REG_R14] = (greg_t)(uintptr_t)slot->saved[6];
	registers[REG_R15] = (greg_t)(uintptr_t)slot->saved[7];
	registers[REG_EFL] &= ~(greg_t)FLAGS_OFF;
}
#else
/* The stub saves nothing, so that find_call() finds none: faults are what they are without relib. */
static void note_registers(struct relib_fault *fault, const ucontext_t *context)
{
	(void)fault;
	(void)context;
}

static void land(ucontext_t *context, struct relib_slot *slot)
{
	(void)context;
	(void)slot;
}
#endif

static void note(struct relib_fault *fault, int number, const siginfo_t *information, const ucontext_t *context)
{
	fault->again = false;
	fault->number = number;
	fault->code = information->si_code;
	fault->address = information->si_code > 0 ? (uintptr_t)information->si_addr : 0;
	note_registers(fault, context);
}

/*
 * The stack doesn't lead to the stub. It was overwritten if it ends in the module; else it is whole, and the call was left by
 * longjmp without anybody saying so.
 */
static bool was_left(const struct relib_trace *trace, const struct relib_slot *slot)
{
	struct dl_find_object object;

	return trace->count && !_dl_find_object((void *)(trace->frames[trace->count - 1] - 1), &object) &&
	       object.dlfo_link_map != slot->target->module->map;
}

/*
 * Whether the call is there. A stack that is broken can make walking it fault, too: then the handler, called again, comes
 * back here.
 */
static bool walk(struct relib_fault *fault, ucontext_t *context, const struct relib_slot *slot)
{
	volatile enum relib_stack_end end = RELIB_STACK_REACHED;
	sigjmp_buf behind;

	fault->trace.count = fault->trace.outer = fault->trace.cut = 0;
	if (!sigsetjmp(behind, 0)) {
		fault->walk = &behind;
		fault->state = RELIB_FAULT_WALKING;
		end = relib_stack_capture_context(&fault->trace, context, slot->stack, slot);
	}
	fault->state = RELIB_FAULT_NONE;
	return end == RELIB_STACK_REACHED || (end == RELIB_STACK_BROKEN && !was_left(&fault->trace, slot));
}

/* A fault while another one is seen to: the heap is damaged, in which stacks are written, or it was probed in vain. */
static void handle_again(struct relib_fault *fault, ucontext_t *context)
{
	fault->again = true;
	land(context, relib_call_innermost());
}

static void handle(int number, siginfo_t *information, void *context)
{
	struct relib_thread *thread = relib_thread_known();
	struct relib_fault *fault = thread ? &thread->fault : NULL;
	struct relib_slot *slot = thread ? find_call(number, information) : NULL;
	int error = errno;

	if (relib_fault_is_probe(information)) {
		if (fault && fault->state == RELIB_FAULT_PROBING)
			handle_again(fault, context);
	} else if (fault && fault->state == RELIB_FAULT_WALKING && information->si_code > 0) {
		siglongjmp(*(sigjmp_buf *)fault->walk, 1);
	} else if (!slot || fault->again) {
		relib_fault_pass(number, information, context);
		return;
	} else if (fault->state != RELIB_FAULT_NONE) {
		handle_again(fault, context);
	} else {
		note(fault, number, information, context);
		if (!walk(fault, context, slot)) {
			relib_fault_pass(number, information, context);
			return;
		}
		land(context, slot);
	}
	errno = error;
}

static void install(void)
{
	struct sigaction action = { .sa_sigaction = handle }, before;
	struct relib_trace trace;

	relib_stack_capture(&trace, 0, NULL); /* what libgcc does once is not to be done in a handler */
	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		sigaction(signals[i], NULL, &before);
		action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | relib_fault_previous(signals[i], &before);
		sigaction(signals[i], &action, NULL);
	}
}

void relib_fault_install(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, install);
}
