/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Signals that are none of a module's faults go where they went before. All of it runs in the signal handler. */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fault.h"

static struct sigaction previous[NSIG];

int relib_fault_previous(int number, const struct sigaction *before)
{
	previous[number] = *before;
	/* What is ignored or ends the process doesn't interrupt a system call. */
	if (!(before->sa_flags & SA_SIGINFO) && (before->sa_handler == SIG_IGN || before->sa_handler == SIG_DFL))
		return SA_RESTART;
	return before->sa_flags & SA_RESTART;
}

/* By the kernel, because of the instruction that would run next. A process can only pretend to be the kernel to itself. */
static bool is_synchronous(int number, const siginfo_t *information)
{
	if (number == SIGBUS && information->si_code == BUS_MCEERR_AO)
		return false;
	return number != SIGABRT && information->si_code > 0;
}

/*
 * The process ends, with this signal. What an instruction did it does again, and the core file then shows that and not us;
 * what was sent is sent again, in the name of the same sender.
 */
static void end_process(int number, siginfo_t *information)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t one;

	sigaction(number, &action, NULL);
	if (is_synchronous(number, information))
		return;
	sigemptyset(&one);
	sigaddset(&one, number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), number, information);
	/* Where that is forbidden, and there was no other way. */
	raise(number);
}

/* As the kernel would call it. The mask is put back when our own handler returns, or by whatever leaves it. */
static void call(const struct sigaction *action, int number, siginfo_t *information, void *context)
{
	sigset_t mask = action->sa_mask;

	if (!(action->sa_flags & SA_NODEFER))
		sigaddset(&mask, number);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	if (action->sa_flags & SA_SIGINFO)
		action->sa_sigaction(number, information, context);
	else
		action->sa_handler(number);
}

void relib_fault_pass(int number, siginfo_t *information, void *context)
{
	struct sigaction action = previous[number];
	bool has_handler = (action.sa_flags & SA_SIGINFO) || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);

	if (!has_handler) {
		/* The kernel doesn't let a process ignore what its own instructions do. */
		if (action.sa_handler == SIG_DFL || is_synchronous(number, information))
			end_process(number, information);
		return;
	}
	if (action.sa_flags & SA_RESETHAND) {
		previous[number].sa_flags &= ~SA_SIGINFO;
		previous[number].sa_handler = SIG_DFL;
	}
	call(&action, number, information, context);
}
