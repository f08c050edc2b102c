/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A stack for the signal handlers, for when a thread's own is used up. */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "calls.h"
#include "fault.h"

/*
 * Room for two frames of the kernel with all registers that there are (AMX alone has 11 KiB), for unwinding, and for a
 * handler of the host that is called from ours. Below it a page that can't be written.
 */
#define GUARD 4096
#define SIZE (128 * 1024)

/* The thread has one of its own, or there is no memory: it isn't asked again. */
#define NOT_OURS ((void *)1)

/*
 * The stub calls this before it calls an export, whose arguments are in registers: the integer ones are saved, the others must
 * not be touched. So nothing from libc, and no code in which a compiler might use them.
 */
#if defined(__x86_64__)
#define INTEGERS_ONLY __attribute__((noinline, target("no-sse,no-mmx")))

static INTEGERS_ONLY long ask_kernel(long number, long a, long b, long c, long d, long e, long f)
{
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	register long sixth __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	return result;
}
#else
#define INTEGERS_ONLY __attribute__((noinline, target("general-regs-only")))

static INTEGERS_ONLY long ask_kernel(long number, long a, long b, long c, long d, long e, long f)
{
	register long which __asm__("x8") = number;
	register long first __asm__("x0") = a;
	register long second __asm__("x1") = b;
	register long third __asm__("x2") = c;
	register long fourth __asm__("x3") = d;
	register long fifth __asm__("x4") = e;
	register long sixth __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(first)
			 : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "memory");
	return first;
}
#endif

static INTEGERS_ONLY void *map_stack(void)
{
	long start = ask_kernel(SYS_mmap, 0, GUARD + SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				-1, 0);

	if (start < 0 && start > -4096)
		return NULL;
	ask_kernel(SYS_mprotect, start, GUARD, PROT_NONE, 0, 0, 0);
	return (void *)start;
}

INTEGERS_ONLY void relib_fault_stack_make(struct relib_thread *thread)
{
	stack_t stack;
	void *start;

	thread->signal_stack = NOT_OURS;
	if (ask_kernel(SYS_sigaltstack, 0, (long)&stack, 0, 0, 0, 0) || !(stack.ss_flags & SS_DISABLE))
		return;
	start = map_stack();
	if (!start)
		return;
	stack.ss_sp = (char *)start + GUARD;
	stack.ss_size = SIZE;
	stack.ss_flags = 0;
	if (ask_kernel(SYS_sigaltstack, (long)&stack, 0, 0, 0, 0, 0))
		ask_kernel(SYS_munmap, (long)start, GUARD + SIZE, 0, 0, 0, 0);
	else
		thread->signal_stack = start;
}

void relib_fault_stack_free(struct relib_thread *thread)
{
	void *start = thread->signal_stack;
	stack_t stack;

	thread->signal_stack = NULL;
	if (!start || start == NOT_OURS)
		return;
	/* The thread may have set another one since. */
	if (!sigaltstack(NULL, &stack) && stack.ss_sp == (char *)start + GUARD) {
		stack.ss_flags = SS_DISABLE;
		sigaltstack(&stack, NULL);
	}
	munmap(start, GUARD + SIZE);
}
