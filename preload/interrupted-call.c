/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* System calls that the tracker's own signal has interrupted. */
#include "interrupted-call.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory-map.h"

#ifdef __x86_64__
/*
 * Which call it was stands in the code before it: "mov $number, %eax", then perhaps "mov ..(%rsp), %edi", as libc's functions
 * have it. 0, which no such call has, where it is written otherwise.
 */
#define LONGEST 9
static uint32_t number_before(const unsigned char *call)
{
	static const unsigned char gaps[] = { 0, 3, 4 };

	for (unsigned i = 0; i < sizeof gaps; i++) {
		const unsigned char *load = call - gaps[i] - 5;
		uint32_t number;

		if (*load != 0xb8 || (gaps[i] == 3 && memcmp(load + 5, "\x8b\x3c\x24", 3)) ||
		    (gaps[i] == 4 && memcmp(load + 5, "\x8b\x7c\x24", 3)))
			continue;
		memcpy(&number, load + 1, sizeof number);
		return number;
	}
	return 0;
}

/* Calls with a mask of signals wait for these: who makes them wants to know. */
static bool is_restartable(uint32_t number, const greg_t *registers)
{
	switch (number) {
	case SYS_poll:
	case SYS_select:
	case SYS_epoll_wait:
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
	case SYS_futex:
	case SYS_recvfrom:
	case SYS_recvmsg:
	case SYS_accept:
	case SYS_accept4:
	case SYS_msgrcv:
	case SYS_semop:
	case SYS_semtimedop:
		return true;
	case SYS_pselect6:
		return !registers[REG_R9];
	case SYS_ppoll:
		return !registers[REG_R10];
	case SYS_epoll_pwait:
		return !registers[REG_R8];
	default:
		return false;
	}
}

/* Its handler will run when this one returns, and the host may count on the call's end then. */
static bool is_another_pending(const ucontext_t *context)
{
	uint64_t pending = 0, blocked;

	memcpy(&blocked, &context->uc_sigmask, sizeof blocked);
	syscall(SYS_rt_sigpending, &pending, sizeof pending);
	return pending & ~blocked;
}

void relib_restart_call(ucontext_t *context)
{
	greg_t *registers = context->uc_mcontext.gregs;
	unsigned char code[LONGEST + 2], *call = code + LONGEST;
	uint32_t number;

	if (registers[REG_RAX] != -EINTR ||
	    relib_memory_read((uintptr_t)registers[REG_RIP] - sizeof code, code, sizeof code) != sizeof code ||
	    call[0] != 0x0f || call[1] != 0x05)
		return;
	number = number_before(call);
	if (!is_restartable(number, registers) || is_another_pending(context))
		return;
	registers[REG_RAX] = number;
	registers[REG_RIP] -= 2;
}
#else
/* Where the result takes the place of the first argument the call can't be made again. */
void relib_restart_call(ucontext_t *context)
{
	(void)context;
}
#endif
