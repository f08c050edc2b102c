/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host that loads modules, has functions of theirs called, unloads them, and tries whether anything of theirs is called
 * after that: `load m FILE call m FUNCTION signals close m raise`.
 */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hosts/steps.h"

static volatile sig_atomic_t counts[_NSIG];

static void count(int number)
{
	counts[number]++;
}

/* What each signal does that isn't as by default: "10 host FLAGS", "13 ignored", "15 other". */
static void print_signals(void)
{
	for (int number = 1; number < _NSIG; number++) {
		struct sigaction action;

		if (sigaction(number, NULL, &action))
			continue;
		if (action.sa_handler == count)
			printf("%d host %x\n", number, (unsigned)action.sa_flags & ~0x04000000u); /* the kernel's SA_RESTORER */
		else if (action.sa_handler == SIG_IGN)
			printf("%d ignored\n", number);
		else if (action.sa_handler != SIG_DFL)
			printf("%d other\n", number);
	}
}

static void take(int number)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_NODEFER };

	/* Without those for faults: a handler that returns would have the fault again, for ever. */
	if (!strchr((const char[]){ SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, 0 }, number) && (number < 32 || number >= SIGRTMIN))
		sigaction(number, &action, NULL);
}

static void raise_all(void)
{
	int missed = 0;

	for (int number = 1; number < _NSIG; number++) {
		struct sigaction action;
		sig_atomic_t before = counts[number];

		if (sigaction(number, NULL, &action) || action.sa_handler == SIG_DFL)
			continue;
		raise(number);
		missed += counts[number] == before;
	}
	printf("raised, %d missed\n", missed);
}

struct storm {
	pthread_t target;
	atomic_bool over;
	atomic_uint sent;
};

static void *send_signals(void *context)
{
	struct storm *storm = context;

	while (!storm->over) {
		pthread_kill(storm->target, SIGUSR1);
		storm->sent++;
		sched_yield();
	}
	return NULL;
}

static void wait_for_signal(struct storm *storm)
{
	unsigned sent = storm->sent;

	while (storm->sent == sent)
		sched_yield();
}

/* Loads, calls and unloads, while signals come in. */
static void storm(int times, const char *file, const char *name)
{
	struct storm storm = { .target = pthread_self() };
	struct sigaction taken;
	pthread_t thread;

	/* One at a time: handlers in handlers would fill the stack where signals come faster than they are handled. */
	sigaction(SIGUSR1, NULL, &taken);
	taken.sa_flags &= ~SA_NODEFER;
	sigaction(SIGUSR1, &taken, NULL);
	pthread_create(&thread, NULL, send_signals, &storm);
	while (times--) {
		load("storm", file, 0);
		call(find("storm"), name);
		wait_for_signal(&storm);
		close_module(find("storm"));
		wait_for_signal(&storm);
	}
	storm.over = true;
	pthread_join(thread, NULL);
	sigaction(SIGUSR1, NULL, &taken);
	taken.sa_flags |= taken.sa_handler == count ? SA_NODEFER : 0;
	sigaction(SIGUSR1, &taken, NULL);
	printf("the storm is over\n");
}

/* A thread of the host's calls into a module, and ends at the step end-thread. */
static struct caller {
	void (*function)(void);
	pthread_t thread;
	sem_t called, end;
} caller;

static void *call_and_wait(void *none)
{
	caller.function();
	sem_post(&caller.called);
	sem_wait(&caller.end);
	return none;
}

static void call_in_thread(unsigned at, const char *name)
{
	caller.function = (void (*)(void))symbol(at, name);
	sem_init(&caller.called, 0, 0);
	sem_init(&caller.end, 0, 0);
	pthread_create(&caller.thread, NULL, call_and_wait, NULL);
	sem_wait(&caller.called);
}

static void end_thread(void)
{
	sem_post(&caller.end);
	pthread_join(caller.thread, NULL);
}

/* How many keys there are to be had. */
static void print_keys(void)
{
	static pthread_key_t keys[PTHREAD_KEYS_MAX];
	int count = 0;

	while (count < PTHREAD_KEYS_MAX && !pthread_key_create(&keys[count], NULL))
		count++;
	for (int i = 0; i < count; i++)
		pthread_key_delete(keys[i]);
	printf("%d keys\n", count);
}

/* Those that the kernel has. */
static void print_timers(void)
{
	FILE *file = fopen("/proc/self/timers", "re");
	char line[256];
	int count = 0;

	if (!file)
		errx(77, "no /proc/self/timers");
	while (fgets(line, sizeof(line), file))
		count += !strncmp(line, "ID:", 3);
	fclose(file);
	printf("%d timers\n", count);
}

static atomic_int expiries;

static void expire(union sigval value)
{
	(void)value;
	expiries++;
}

/* Until a timer of the host's has expired more often than one of a module's needs to. */
static void wait_for_timer(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = expire };
	struct itimerspec often = { .it_interval = { .tv_nsec = 1000000 }, .it_value = { .tv_nsec = 1000000 } };
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &often, NULL))
		err(2, "timer_create");
	while (expiries < 20)
		sched_yield();
	timer_delete(timer);
	puts("waited");
}

static void step_take(char **of)
{
	(void)of;
	for (int number = 1; number < _NSIG; number++)
		take(number);
}

static void step_take_one(char **of)
{
	take(atoi(of[0]));
}

static void step_signals(char **of)
{
	(void)of;
	print_signals();
}

static void step_exit(char **of)
{
	(void)of;
	exit(7);
}

static void step_quick_exit(char **of)
{
	(void)of;
	quick_exit(7);
}

static void step_fork(char **of)
{
	(void)of;
	if (fork() == 0)
		_exit(0);
	wait(NULL);
}

static void step_thread_call(char **of)
{
	call_in_thread(find(of[0]), of[1]);
}

static void step_end_thread(char **of)
{
	(void)of;
	end_thread();
}

static void step_keys(char **of)
{
	(void)of;
	print_keys();
}

static void step_timers(char **of)
{
	(void)of;
	print_timers();
}

static void step_wait_timer(char **of)
{
	(void)of;
	wait_for_timer();
}

static void step_storm(char **of)
{
	storm(atoi(of[0]), of[1], of[2]);
}

static void step_raise(char **of)
{
	(void)of;
	raise_all();
}

static const struct step steps[] = {
	COMMON_STEPS,
	{ "take", 0, step_take },
	{ "take-one", 1, step_take_one },
	{ "signals", 0, step_signals },
	{ "exit", 0, step_exit },
	{ "quick-exit", 0, step_quick_exit },
	{ "fork", 0, step_fork },
	{ "thread-call", 2, step_thread_call },
	{ "end-thread", 0, step_end_thread },
	{ "keys", 0, step_keys },
	{ "timers", 0, step_timers },
	{ "wait-timer", 0, step_wait_timer },
	{ "storm", 3, step_storm },
	{ "raise", 0, step_raise },
	{ NULL, 0, NULL },
};

int main(int argc, char **argv)
{
	return run_steps(steps, argc, argv);
}
