/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves behind what points back into its code, each from a function of its own. */
#define _GNU_SOURCE
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <pthread.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

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

/* Keys */
static pthread_key_t key, empty_key;
static tss_t standard_key;
static bool static_is_there = true;

__attribute__((visibility("default"))) void on_value(void *text)
{
	if (static_is_there && write(STDOUT_FILENO, text, 2) < 0)
		abort();
}

FUNCTION(key_create)
{
	pthread_key_create(&key, on_value); /* the line of pthread_key_create */
	pthread_key_create(&empty_key, NULL);
	tss_create(&standard_key, on_value);
	STAY;
}

FUNCTION(key_set)
{
	pthread_setspecific(key, "v\n");
	tss_set(standard_key, "s\n");
	STAY;
}

FUNCTION(key_delete)
{
	pthread_key_delete(key);
	pthread_key_delete(empty_key);
	tss_delete(standard_key);
	STAY;
}

/* Timers */
static timer_t timer;
static volatile int expiries;

__attribute__((visibility("default"))) void on_expiry(union sigval value)
{
	if (value.sival_int != 7)
		abort();
	__atomic_fetch_add(&expiries, 1, __ATOMIC_RELAXED);
}

static void start_timer(void)
{
	struct itimerspec often = { .it_interval = { .tv_nsec = 200000 }, .it_value = { .tv_nsec = 200000 } };

	timer_settime(timer, 0, &often, NULL);
}

FUNCTION(timer_thread)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_expiry, .sigev_value.sival_int = 7 };

	if (timer_create(CLOCK_MONOTONIC, &event, &timer)) /* the line of timer_create */
		abort();
	start_timer();
	while (!expiries)
		usleep(100);
}

FUNCTION(timer_signal)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 4 };

	signal(SIGRTMIN + 4, on_signal);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		abort();
	start_timer();
}

FUNCTION(timer_stop)
{
	if (timer_delete(timer))
		abort();
	STAY;
}

__attribute__((destructor(101))) static void forget(void)
{
	static_is_there = false;
}

/* The end of the process */
int __cxa_atexit(void (*)(void *), void *, void *);

__attribute__((visibility("default"))) void on_end(int status, void *text)
{
	if (write(STDOUT_FILENO, text, 2) < 0 || status != 7)
		abort();
}

static void on_plain_end(void *text)
{
	if (write(STDOUT_FILENO, text, 2) < 0)
		abort();
}

static void on_quick_end(void)
{
	if (write(STDOUT_FILENO, "q\n", 2) < 0)
		abort();
}

static void on_fork(void)
{
	if (write(STDOUT_FILENO, "f\n", 2) < 0)
		abort();
}

FUNCTION(exit_register)
{
	on_exit(on_end, "e\n"); /* the line of on_exit */
	__cxa_atexit(on_plain_end, "a\n", NULL);
	at_quick_exit(on_quick_end);
	STAY;
}

FUNCTION(fork_register)
{
	pthread_atfork(on_fork, NULL, NULL);
	STAY;
}
