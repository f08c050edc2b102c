/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves behind what points back into it and what no ledger knows, or what was registered for somebody else. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FUNCTION(name) __attribute__((noinline, visibility("default"))) void name(void)
/* No tail call: that would leave no frame. */
#define STAY __asm__ volatile("" ::: "memory")

__attribute__((visibility("default"))) void on_raw_signal(int number)
{
	(void)number;
}

static void set_raw(int number, void (*handler)(int))
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { .handler = handler };

	if (syscall(SYS_rt_sigaction, number, &action, NULL, sizeof(action.mask)))
		abort();
}

/* Past the hooks, if they are not where its calls go. */
FUNCTION(signal_hidden)
{
	set_raw(SIGUSR1, on_raw_signal);
	STAY;
}

FUNCTION(signal_plain)
{
	signal(SIGUSR2, on_raw_signal);
	STAY;
}

/* The hooks see the first of them. */
FUNCTION(signal_both)
{
	signal(SIGUSR1, SIG_IGN);
	set_raw(SIGUSR1, on_raw_signal);
	STAY;
}
