/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves behind what points back into its code, each from a function of its own. */
#define _GNU_SOURCE
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define FUNCTION(name) __attribute__((noinline, visibility("default"))) void name(void)
/* No tail call: that would leave no frame. */
#define STAY __asm__ volatile("" ::: "memory")

sighandler_t bsd_signal(int, sighandler_t), __sysv_signal(int, sighandler_t), sysv_signal(int, sighandler_t);
int __sigaction(int, const struct sigaction *, struct sigaction *);

static volatile int signals;

__attribute__((visibility("default"))) void on_signal(int number)
{
	signals += number;
}

__attribute__((visibility("default"))) void on_other_signal(int number)
{
	signals -= number;
}

FUNCTION(signal_sigaction)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL); /* the line of sigaction */
	STAY;
}

FUNCTION(signal_others)
{
	struct sigaction action = { .sa_handler = on_other_signal };

	signal(SIGUSR2, on_signal);
	bsd_signal(SIGALRM, on_signal);
	ssignal(SIGVTALRM, on_signal);
	sysv_signal(SIGPROF, on_signal);
	__sysv_signal(SIGWINCH, on_signal);
	sigset(SIGURG, on_signal);
	__sigaction(SIGIO, &action, NULL);
	signal(SIGRTMIN + 3, on_other_signal);
	sigignore(SIGPIPE);
	STAY;
}

/* Twice, and put back as it was: nothing is left. */
FUNCTION(signal_put_back)
{
	struct sigaction before;

	sigaction(SIGHUP, NULL, &before);
	signal(SIGHUP, on_signal);
	signal(SIGHUP, on_other_signal);
	sigaction(SIGHUP, &before, NULL);
	sigaction(SIGHUP, NULL, &before);
	STAY;
}

/* Its end needs what it set until then, and puts one of them back itself. */
static bool at_end;
static struct sigaction before_term;

FUNCTION(signal_until_end)
{
	sigaction(SIGTERM, NULL, &before_term);
	signal(SIGTERM, on_signal);
	signal(SIGQUIT, on_signal);
	at_end = true;
	STAY;
}

__attribute__((destructor)) static void end(void)
{
	if (!at_end)
		return;
	signals = 0;
	raise(SIGTERM);
	raise(SIGQUIT);
	if (signals != SIGTERM + SIGQUIT)
		abort();
	sigaction(SIGTERM, &before_term, NULL);
	STAY;
}
