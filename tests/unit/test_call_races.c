/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Calls while modules come and go, and where stacks lie in each other. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <ucontext.h>

#include "probe/host.h"
#include "stress/stress.h"
#include "unit/run.h"

static struct probe probe, other;
static struct relib_module *module, *other_module;
static struct relib_error error;
static struct probe_log notes;

static struct relib_module *load(const char *name, struct probe *interface)
{
	struct relib_module *loaded = NULL;
	enum relib_code code;

	code = relib_load(probe_path(name), probe_options(interface), &loaded, &error);
	ck_assert_msg(code == RELIB_OK, "%s", error.message);
	return loaded;
}

static void unload(struct relib_module *which)
{
	enum relib_code code = relib_unload(which, NULL, NULL, &error);

	ck_assert_msg(code == RELIB_OK, "%s", error.message);
}

static enum relib_code run(const char *scenario, int32_t *result)
{
	notes.text[0] = '\0';
	return probe_run_call(&probe, result, scenario, &notes);
}

/* -- The module is exchanged at each instruction of a call in turn */

#ifdef __x86_64__
static sem_t exchange, exchanged;
static long count, at, exchanges, busy;

static void *exchange_modules(void *unused)
{
	(void)unused;
	for (;;) {
		sem_wait(&exchange);
		if (at < 0)
			return NULL;
		if (relib_unload(module, NULL, NULL, &error)) {
			busy++;
		} else {
			/* Where the loader's memory was. */
			for (size_t size = 16; size < 4096; size += 16)
				for (int i = 0; i < 8; i++)
					memset(malloc(size), 0x5a, size);
			module = load("probe.so", &probe);
			exchanges++;
		}
		sem_post(&exchanged);
	}
}

static void stop_at_each(int number)
{
	(void)number;
	if (count++ != at)
		return;
	sem_post(&exchange);
	sem_wait(&exchanged);
}

static void single_step(bool on)
{
	if (on)
		__asm__ volatile("subq $128, %%rsp; pushfq; orl $0x100, (%%rsp); popfq; addq $128, %%rsp" ::: "memory", "cc");
	else
		__asm__ volatile("subq $128, %%rsp; pushfq; andl $~0x100, (%%rsp); popfq; addq $128, %%rsp" ::: "memory", "cc");
}

START_TEST(a_module_is_exchanged_during_a_call)
{
	enum relib_code code;
	pthread_t thread;

	sem_init(&exchange, 0, 0);
	sem_init(&exchanged, 0, 0);
	other_module = load("probe-c.so", &other);
	module = load("probe.so", &probe);
	pthread_create(&thread, NULL, exchange_modules, NULL);
	signal(SIGTRAP, stop_at_each);
	for (at = 0, count = 1; at < count; at++) {
		/* What is in the slot from before is not the module's. */
		ck_assert_int_eq(probe_nothing_call(&other), RELIB_OK);
		count = 0;
		single_step(true);
		code = probe_nothing_call(&probe);
		single_step(false);
		ck_assert_msg(code == RELIB_OK || code == RELIB_BUSY, "at instruction %ld: code %d", at, (int)code);
	}
	ck_assert_int_gt(exchanges, 5);
	ck_assert_int_gt(busy, 5);
	at = -1;
	sem_post(&exchange);
	pthread_join(thread, NULL);
	unload(module);
	unload(other_module);
}
END_TEST
#endif

/* -- Two threads unload one module: one does, the other is told so */

static pthread_barrier_t barrier;
static struct relib_error errors[2];

static void *unload_with_others(void *message)
{
	pthread_barrier_wait(&barrier);
	return (void *)(intptr_t)relib_unload(module, NULL, NULL, message);
}

START_TEST(two_threads_unload_one_module)
{
	void *first, *second;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	for (int round = 0; round < 200; round++) {
		module = load("probe-c.so", &probe);
		pthread_create(&thread, NULL, unload_with_others, &errors[0]);
		second = unload_with_others(&errors[1]);
		pthread_join(thread, &first);
		ck_assert_msg(!first != !second, "%s\n%s", errors[0].message, errors[1].message);
		if (first)
			second = first;
		ck_assert((intptr_t)second == RELIB_BUSY || (intptr_t)second == RELIB_INVALID);
	}
}
END_TEST

/* -- Stacks in the frames of the thread: they lie above the calls that they are used in */

static int32_t handled;

static void call_in_handler(int number)
{
	(void)number;
	ck_assert_int_eq(probe_run_call(&probe, &handled, "assert none", &notes), RELIB_OK);
}

static int32_t raise_signal(const char *scenario, struct probe_log *log)
{
	(void)scenario;
	(void)log;
	raise(SIGUSR1);
	return 40;
}

START_TEST(a_signal_stack_in_a_frame)
{
	char room[64 * 1024];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	struct sigaction action = { .sa_handler = call_in_handler, .sa_flags = SA_ONSTACK };
	int32_t result;

	module = load("probe.so", &probe);
	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	on_back = raise_signal;
	for (int i = 0; i < 3; i++) {
		result = handled = 0;
		ck_assert_int_eq(run("back", &result), RELIB_OK);
		ck_assert_int_eq(result, 41);
		ck_assert_int_eq(handled, 5);
	}
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	unload(module);
}
END_TEST

static ucontext_t caller, coroutine;
static char *coroutine_stack;

static void coroutine_calls(void)
{
	ck_assert_int_eq(probe_run_call(&probe, &handled, "assert none", &notes), RELIB_OK);
}

static int32_t run_coroutine(const char *scenario, struct probe_log *log)
{
	(void)scenario;
	(void)log;
	getcontext(&coroutine);
	coroutine.uc_stack.ss_sp = coroutine_stack;
	coroutine.uc_stack.ss_size = 64 * 1024;
	coroutine.uc_link = &caller;
	makecontext(&coroutine, coroutine_calls, 0);
	swapcontext(&caller, &coroutine);
	return 40;
}

static void *coroutine_in_a_frame(void *unused)
{
	char room[64 * 1024];
	int32_t result = 0;

	(void)unused;
	coroutine_stack = room;
	on_back = run_coroutine;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(run("back", &result), RELIB_OK);
		ck_assert_int_eq(result, 41);
		ck_assert_int_eq(handled, 5);
	}
	coroutine_stack = NULL;
	return NULL;
}

START_TEST(a_coroutine_in_a_frame)
{
	pthread_t thread;

	module = load("probe.so", &probe);
	coroutine_in_a_frame(NULL);
	pthread_create(&thread, NULL, coroutine_in_a_frame, NULL);
	pthread_join(thread, NULL);
	unload(module);
}
END_TEST

static Suite *suite(void)
{
	Suite *calls = suite_create("call races");
	TCase *tests = tcase_create("all");

	tcase_set_timeout(tests, 120);
#ifdef __x86_64__
	tcase_add_test(tests, a_module_is_exchanged_during_a_call);
#endif
	tcase_add_test(tests, two_threads_unload_one_module);
	tcase_add_test(tests, a_signal_stack_in_a_frame);
	tcase_add_test(tests, a_coroutine_in_a_frame);
	suite_add_tcase(calls, tests);
	return calls;
}

int main(int argc, char **argv)
{
	(void)argc;
	stress_begin(argv, NULL);
	return run_suite(suite());
}
