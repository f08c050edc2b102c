/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The stack of another thread: a signal makes it look at its own. */
#include "stack-other.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "stack.h"

#define PATIENCE_S 1 /* for a thread that may be stopped, or in the kernel */

/* One look at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int signal_used; /* 0: no handler of ours is there */
static atomic_int owed; /* signals that were sent, and have not come through the handler */
static sem_t answered;
static struct relib_trace trace;
static pthread_t wanted;
static atomic_int state;

enum { IDLE, ASKED, LOOKING };

/* In a child nobody asks, and no signal of ours is on its way. A handler that is there stays. */
static void after_fork(void)
{
	pthread_mutex_init(&lock, NULL);
	sem_init(&answered, 0, 0);
	owed = 0;
	state = IDLE;
}

__attribute__((constructor)) static void start(void)
{
	sem_init(&answered, 0, 0);
	pthread_atfork(NULL, NULL, after_fork);
}

/* Ends before the stub of the outermost call of this thread: what it was started for. */
static void look(void *context)
{
	struct relib_thread *thread = relib_thread_known();
	struct relib_slot *slot = thread && thread->calls.top > thread->slots ? thread->slots : NULL;

	relib_stack_capture_context(&trace, context, slot ? slot->stack : NULL, slot);
}

static void answer(int number, siginfo_t *information, void *context)
{
	int error = errno, asked = ASKED;
	/* Who asked may have lost patience long ago, and ask another thread now. */
	bool ours = state == ASKED && pthread_equal(pthread_self(), wanted) &&
		    atomic_compare_exchange_strong(&state, &asked, LOOKING);

	(void)number;
	(void)information;
	if (ours)
		look(context);
	owed--;
	if (ours)
		sem_post(&answered);
	errno = error;
}

static bool is_default(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) && action.sa_handler == SIG_DFL;
}

/* From the top: programs number theirs from the bottom. */
static int find_signal(const sigset_t *blocked)
{
	for (int number = SIGRTMAX; number >= SIGRTMIN; number--)
		if (is_default(number) && !sigismember(blocked, number))
			return number;
	return 0;
}

/*
 * The thread has the signals blocked that the host's has blocked, who may wait for them elsewhere. Of these, the one that
 * nobody is likely to wait for.
 */
void relib_stack_other_begin(struct relib_stack_other *other)
{
	sigset_t blocked, none, one;
	int number;

	sigemptyset(&none);
	sigemptyset(&one);
	pthread_sigmask(SIG_BLOCK, &none, &blocked);
	if (!find_signal(&blocked) && (number = find_signal(&none))) {
		sigaddset(&one, number);
		pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	}
	other->id = gettid();
}

/* What the module has blocked in it since. False where it can't be read. */
static bool read_blocked(int id, sigset_t *blocked)
{
	char path[64], line[256];
	unsigned long mask;
	bool found = false;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", id);
	status = fopen(path, "re");
	sigemptyset(blocked);
	while (status && !found && fgets(line, sizeof(line), status)) {
		found = sscanf(line, "SigBlk: %lx", &mask) == 1;
		for (int number = 1; found && number <= 64; number++)
			if (mask >> (number - 1) & 1)
				sigaddset(blocked, number);
	}
	if (status)
		fclose(status);
	return found;
}

static bool is_answered(int number)
{
	struct sigaction now;

	return !sigaction(number, NULL, &now) && (now.sa_flags & SA_SIGINFO) && now.sa_sigaction == answer;
}

/* A handler of ours that still waits for a signal is used again, unless the host has put its own there since. */
static bool take_signal(const sigset_t *blocked)
{
	struct sigaction action = { .sa_sigaction = answer, .sa_flags = SA_RESTART | SA_SIGINFO }, before;

	if (signal_used && !is_answered(signal_used))
		signal_used = 0;
	if (signal_used)
		return !sigismember(blocked, signal_used);
	sigfillset(&action.sa_mask);
	signal_used = find_signal(blocked);
	if (!signal_used || sigaction(signal_used, &action, &before))
		signal_used = 0;
	/* The host was faster. */
	if (signal_used && before.sa_handler != SIG_DFL) {
		sigaction(signal_used, &before, NULL);
		signal_used = 0;
	}
	return signal_used;
}

/* A signal that comes when the handler is gone would end the process. */
static void give_signal_back(void)
{
	struct sigaction none = { .sa_handler = SIG_DFL };

	if (owed)
		return;
	if (is_answered(signal_used))
		sigaction(signal_used, &none, NULL);
	signal_used = 0;
}

static const char *ask(int id, pthread_t thread)
{
	struct timespec until;

	wanted = thread;
	state = ASKED;
	owed++;
	if (syscall(SYS_tgkill, getpid(), id, signal_used)) {
		owed--;
		state = IDLE;
		return errno == ESRCH ? "its thread is just ending" : "the kernel has no room for a signal";
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	while (sem_clockwait(&answered, CLOCK_MONOTONIC, &until)) {
		int asked = ASKED;

		if (errno == EINTR)
			continue;
		if (atomic_compare_exchange_strong(&state, &asked, IDLE))
			return "its thread does not react to signals: stopped, or waiting in the kernel";
		until.tv_sec += PATIENCE_S; /* it is looking just now */
	}
	state = IDLE;
	return NULL;
}

static const char *look_at(const struct relib_stack_other *other, pthread_t thread, struct relib_trace *found)
{
	const char *why;
	sigset_t blocked;

	if (!other->id)
		return "its thread has not begun to run";
	if (!read_blocked(other->id, &blocked))
		return "its thread is just ending, or /proc is not mounted";
	if (!take_signal(&blocked))
		return "its thread blocks all signals that could be used for that";
	why = ask(other->id, thread);
	*found = trace;
	give_signal_back();
	return why;
}

const char *relib_stack_other(const struct relib_stack_other *other, pthread_t thread, char *text, size_t size)
{
	struct relib_trace found;
	const char *why;
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_mutex_lock(&lock);
	why = look_at(other, thread, &found);
	pthread_mutex_unlock(&lock);
	if (!why) {
		relib_stack_write(&found, text, size);
		if (!*text)
			why = "no frame of its stack could be read";
	}
	pthread_setcancelstate(cancel, NULL);
	return why;
}
