/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Calls of exports and imports: values, jumps, ends, threads, coroutines, signals, and unloading meanwhile. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

#include "probe/host.h"
#include "stress/stress.h"
#include "unit/run.h"

static struct probe probe, other;
static struct relib_module *module, *other_module;
static struct relib_error error;
static struct probe_log notes;

static void load(void)
{
	enum relib_code code = relib_load(probe_path("probe.so"), probe_options(&probe), &module, &error);

	ck_assert_msg(code == RELIB_OK, "%s", error.message);
}

static void load_other(void)
{
	enum relib_code code = relib_load(probe_path("probe-c.so"), probe_options(&other), &other_module, &error);

	ck_assert_msg(code == RELIB_OK, "%s", error.message);
}

static enum relib_code run(const char *scenario, int32_t *result)
{
	notes.text[0] = '\0';
	return probe_run_call(&probe, result, scenario, &notes);
}

static void unload(void)
{
	enum relib_code code = relib_unload(module, NULL, NULL, &error);

	ck_assert_msg(code == RELIB_OK, "%s", error.message);
}

static void *unload_code(void *unused)
{
	(void)unused;
	return (void *)(intptr_t)relib_unload(module, NULL, NULL, &error);
}

static enum relib_code unload_from_another_thread(void)
{
	pthread_t thread;
	void *code;

	ck_assert_int_eq(pthread_create(&thread, NULL, unload_code, NULL), 0);
	pthread_join(thread, &code);
	return (enum relib_code)(intptr_t)code;
}

/* -- Values */

START_TEST(values_both_ways)
{
	struct probe_big big = { .numbers = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, .last = 0.5 }, turned_big = { .last = 0 };
	struct probe_small turned_small = { 0, 0, 0 };
	_Complex float complex = 0, given;
	_Complex double pair;
	long double sum = 0;
	double many = 0;

	__real__ given = 1.5F;
	__imag__ given = -2.5F;
	__real__ pair = 4;
	__imag__ pair = 5;
	load();
	ck_assert_int_eq(probe_turn_small_call(&probe, &turned_small, (struct probe_small){ 3, 1.25F, INT64_MIN / 4 }), RELIB_OK);
	ck_assert(turned_small.a == 6 && turned_small.b == 2.5F && turned_small.c == INT64_MIN / 2);
	ck_assert_int_eq(probe_turn_big_call(&probe, &turned_big, big, 100), RELIB_OK);
	for (int i = 0; i < 9; i++)
		ck_assert_int_eq(turned_big.numbers[i], 101 + i);
	ck_assert(turned_big.last == 100.5);
	ck_assert_int_eq(probe_floats_call(&probe, &sum, 1.0L / 3, 2, 3, pair), RELIB_OK);
	ck_assert(sum == 1.0L / 3 + 20 + 300 + 4000 + 50000);
	ck_assert_int_eq(probe_complex_call(&probe, &complex, given), RELIB_OK);
	ck_assert(__real__ complex == -2.5F && __imag__ complex == 1.5F);
	big.numbers[0] = 17;
	big.numbers[8] = 18;
	big.last = 19;
	ck_assert_int_eq(probe_many_call(&probe, &many, -1, 2, 3, 4, -5, 6, 7, 8, (struct probe_small){ 9, 10, 11 }, 12, 13, 14, 255,
					 16, big, 20, 21, true, -23, 24), RELIB_OK);
	ck_assert(many == 2.5);
	unload();
}
END_TEST

START_TEST(a_block_that_is_given_stays)
{
	struct relib_report *report = NULL;
	char *text = NULL;

	load();
	ck_assert_int_eq(probe_text_call(&probe, &text, 1), RELIB_OK);
	ck_assert_int_eq(relib_unload(module, NULL, &report, &error), RELIB_OK);
	ck_assert_uint_eq(report->heap.blocks, 0);
	relib_report_free(report);
	ck_assert_str_eq(text, "a block of the module's");
	free(text);

	load();
	ck_assert_int_eq(probe_text_call(&probe, &text, 0), RELIB_OK);
	ck_assert_str_eq(text, "a block of the module's");
	ck_assert_int_eq(relib_unload(module, NULL, &report, &error), RELIB_OK);
	ck_assert_uint_eq(report->heap.blocks, 1);
	ck_assert_uint_eq(report->heap.released, 1);
	relib_report_free(report);
}
END_TEST

/* -- When it is not loaded */

START_TEST(calls_without_a_module)
{
	struct probe never = { .probe_back = host_back };
	int32_t result = 11;

	ck_assert_int_eq(probe_run_call(&never, &result, "panics", &notes), RELIB_NOT_LOADED);
	ck_assert_int_eq(probe_nothing_call(&never), RELIB_NOT_LOADED);
	ck_assert_int_ne(relib_load("there-is-no-such-file.so", probe_options(&probe), &module, &error), RELIB_OK);
	ck_assert_int_eq(probe_nothing_call(&probe), RELIB_NOT_LOADED);
	load();
	ck_assert_int_eq(probe_nothing_call(&probe), RELIB_OK);
	unload();
	ck_assert_int_eq(probe_nothing_call(&probe), RELIB_NOT_LOADED);
	ck_assert_int_eq(run("panics", &result), RELIB_NOT_LOADED);
	ck_assert_int_eq(result, 11);
	load();
	ck_assert_int_eq(run("assert none", &result), RELIB_OK);
	ck_assert_int_eq(result, 5);
	unload();
}
END_TEST

START_TEST(one_struct_for_two_modules_is_refused)
{
	struct relib_module *second = NULL;
	int32_t result;

	load();
	ck_assert_int_eq(relib_load(probe_path("probe-c.so"), probe_interface(&probe), &second, &error), RELIB_INVALID);
	ck_assert_ptr_null(second);
	ck_assert_ptr_nonnull(strstr(error.message, "belongs to a loaded module"));
	ck_assert_int_eq(run("assert none", &result), RELIB_OK);
	unload();
	ck_assert_int_eq(relib_load(probe_path("probe-c.so"), probe_interface(&probe), &module, &error), RELIB_OK);
	ck_assert_int_eq(run("assert none", &result), RELIB_OK);
	unload();
}
END_TEST

/* -- Depth */

START_TEST(as_many_nested_calls_as_promised)
{
	int32_t result = 0;

	load();
	going_down = &probe;
	/* Each step is an export and an import. */
	for (int i = 0; i < 3; i++) {
		down_code = RELIB_OK;
		ck_assert_int_eq(probe_down_call(&probe, &result, (RELIB_MAX_CALLS - 1) / 2), RELIB_OK);
		ck_assert_int_eq(down_code, RELIB_OK);
		ck_assert_int_eq(result, RELIB_MAX_CALLS - 2);
		ck_assert_int_eq(probe_down_call(&probe, &result, RELIB_MAX_CALLS / 2), RELIB_OK);
		ck_assert_int_eq(down_code, RELIB_TOO_DEEP);
		ck_assert_int_eq(result, RELIB_MAX_CALLS - 1);
	}
	unload();
}
END_TEST

/* With as small a frame as there is. */
static __attribute__((noinline)) int32_t call_nothing(int32_t depth)
{
	return (int32_t)probe_nothing_call(&probe) + depth;
}

START_TEST(a_small_import_calls_an_export)
{
	int32_t result = 0;

	probe_options(&probe);
	probe.probe_host_down = call_nothing;
	ck_assert_int_eq(relib_load(probe_path("probe.so"), probe_interface(&probe), &module, &error), RELIB_OK);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(probe_down_call(&probe, &result, 3), RELIB_OK);
		ck_assert_int_eq(result, 3);
	}
	unload();
}
END_TEST

static int32_t go_down(const char *scenario, struct probe_log *log)
{
	int32_t result = 0;

	(void)scenario;
	(void)log;
	going_down = &probe;
	probe_down_call(&probe, &result, RELIB_MAX_CALLS);
	return result;
}

static int32_t panic_deepest(const char *scenario, struct probe_log *log)
{
	static int depth;
	int32_t result = 6;

	(void)scenario;
	if (++depth < RELIB_MAX_CALLS / 2)
		down_code = probe_run_call(&probe, &result, "back quietly", log);
	else
		down_code = probe_run_call(&probe, &result, "panics", log);
	depth--;
	return result;
}

/* The last place that there is. */
START_TEST(a_panic_of_the_deepest_call)
{
	int32_t result = 0;

	load();
	on_back = panic_deepest;
	listen_begin();
	ck_assert_int_eq(run("back quietly", &result), RELIB_OK);
	listen_end();
	ck_assert_int_eq(relib_panic_count(module), 0);
	ck_assert_int_eq(result, 6);
	unload();
}
END_TEST

static void run_it(const void *scenario)
{
	int32_t result;

	run(scenario, &result);
}

START_TEST(an_import_that_is_too_deep_ends_the_process)
{
	int status;

	load();
	on_back = go_down;
	status = end_of(run_it, "thread contained import");
	ck_assert_msg(WIFEXITED(status), "%#x\n%s", (unsigned)status, heard);
	status = end_of(run_it, "contain back");
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%#x\n%s", (unsigned)status, heard);
	ck_assert_msg(strstr(heard, "probe_host_down") != NULL && strstr(heard, "too many calls") != NULL, "%s", heard);
	unload();
}
END_TEST

/* -- longjmp */

static jmp_buf place;

static int32_t jump_out(const char *scenario, struct probe_log *log)
{
	(void)scenario;
	(void)log;
	longjmp(place, 1);
}

static void jump_over_export(void)
{
	int32_t result = 0;

	on_back = jump_out;
	if (!setjmp(place)) {
		run("back", &result);
		ck_abort_msg("no jump");
	}
	on_back = NULL;
}

START_TEST(longjmp_over_an_export)
{
	int32_t result = 0;

	load();
	for (int i = 0; i < 5000; i++) {
		jump_over_export();
		ck_assert_str_eq(notes.text, "");
	}
	ck_assert_int_eq(run("assert none", &result), RELIB_OK);
	listen_begin();
	ck_assert_int_eq(run("cleanups", &result), RELIB_PANICKED);
	listen_end();
	jump_over_export();
	/* This thread unloads: it is not inside. */
	unload();
}
END_TEST

START_TEST(longjmp_seen_from_another_thread)
{
	load();
	jump_over_export();
	ck_assert_int_eq(unload_from_another_thread(), RELIB_BUSY);
	ck_assert_ptr_nonnull(strstr(error.message, "probe_run"));
	ck_assert_int_eq(probe_nothing_call(&probe), RELIB_OK);
	ck_assert_int_eq(unload_from_another_thread(), RELIB_OK);
}
END_TEST

static void *jump_and_end(void *argument)
{
	jump_over_export();
	return argument;
}

START_TEST(longjmp_in_a_thread_that_has_ended)
{
	pthread_t thread;

	load();
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(pthread_create(&thread, NULL, jump_and_end, NULL), 0);
		pthread_join(thread, NULL);
	}
	unload();
}
END_TEST

static int32_t jump_back_in(const char *scenario, struct probe_log *log)
{
	int32_t result = 0;

	(void)scenario;
	probe_run_call(&probe, &result, "jump to place", log);
	ck_abort_msg("no jump");
}

START_TEST(longjmp_inside_the_module)
{
	int32_t result = 0;

	load();
	ck_assert_int_eq(run("longjmp inside", &result), RELIB_OK);
	ck_assert_int_eq(result, 11);
	on_back = jump_back_in;
	listen_begin();
	for (int i = 0; i < 3; i++) {
		/* Over an import and another export; then it panics. */
		ck_assert_int_eq(run("longjmp over import", &result), RELIB_PANICKED);
		ck_assert_str_eq(notes.text, "end");
		ck_assert_str_eq(relib_panic_function(module), "probe_run");
	}
	listen_end();
	ck_assert_int_eq(unload_from_another_thread(), RELIB_OK);
}
END_TEST

/* -- Ends of threads and of the process */

static void note_host(void *log)
{
	size_t length = strlen(((struct probe_log *)log)->text);

	strcpy(((struct probe_log *)log)->text + length, " host");
}

static sem_t inside, may_go;

static int32_t tell(const char *scenario, struct probe_log *log)
{
	(void)scenario;
	(void)log;
	sem_post(&inside);
	return 0;
}

static int32_t tell_and_wait(const char *scenario, struct probe_log *log)
{
	tell(scenario, log);
	while (sem_wait(&may_go) && errno == EINTR)
		;
	return 0;
}

static void *run_with_cleanup(void *scenario)
{
	int32_t result;

	pthread_cleanup_push(note_host, &notes);
	run(scenario, &result);
	pthread_cleanup_pop(0);
	return NULL;
}

START_TEST(pthread_exit_in_an_export)
{
	pthread_t thread;
	void *result;

	load();
	ck_assert_int_eq(pthread_create(&thread, NULL, run_with_cleanup, (void *)"pthread_exit"), 0);
	pthread_join(thread, &result);
	ck_assert_ptr_eq(result, &notes);
	ck_assert_str_eq(notes.text, "module host");
	ck_assert_uint_eq(relib_panic_count(module), 0);
	unload();
}
END_TEST

START_TEST(pthread_cancel_in_an_export)
{
	pthread_t thread;
	void *result;

	load();
	sem_init(&inside, 0, 0);
	on_back = tell;
	ck_assert_int_eq(pthread_create(&thread, NULL, run_with_cleanup, (void *)"wait for cancel"), 0);
	sem_wait(&inside);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	ck_assert_ptr_eq(result, PTHREAD_CANCELED);
	ck_assert_str_eq(notes.text, "module host");
	unload();
}
END_TEST

START_TEST(pthread_cancel_in_an_import)
{
	pthread_t thread;
	void *result;

	load();
	sem_init(&inside, 0, 0);
	sem_init(&may_go, 0, 0);
	on_back = tell_and_wait;
	ck_assert_int_eq(pthread_create(&thread, NULL, run_with_cleanup, (void *)"back"), 0);
	sem_wait(&inside);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	ck_assert_ptr_eq(result, PTHREAD_CANCELED);
	ck_assert_str_eq(notes.text, "back host");
	unload();
}
END_TEST

static void unload_at_exit(void)
{
	enum relib_code code = relib_unload(module, NULL, NULL, &error);

	fprintf(stderr, "code %d\n%s\n", (int)code, error.message);
}

static void run_at_exit(const void *scenario)
{
	atexit(unload_at_exit);
	run_it(scenario);
}

START_TEST(exit_in_an_export)
{
	int status;

	load();
	status = end_of(run_at_exit, "exit");
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 23, "%#x %s", (unsigned)status, heard);
	ck_assert_msg(strstr(heard, "code 50\n") != NULL, "%s", heard);
	ck_assert_msg(strstr(heard, "probe_run") != NULL, "%s", heard);
	unload();
}
END_TEST

/* -- Coroutines */

struct coroutine {
	ucontext_t own, caller;
	struct probe *probe;
	const char *scenario;
	struct probe_log notes;
	int32_t result;
	enum relib_code code;
	bool ended;
	char stack[64 * 1024];
};

static __thread struct coroutine *running;

static void coroutine_main(void)
{
	struct coroutine *own = running;

	own->result = 33;
	own->code = probe_run_call(own->probe, &own->result, own->scenario, &own->notes);
	own->ended = true;
	swapcontext(&own->own, &own->caller);
}

static struct coroutine *make_coroutine(struct probe *interface, const char *scenario)
{
	struct coroutine *made = calloc(1, sizeof(*made));

	made->probe = interface;
	made->scenario = scenario;
	getcontext(&made->own);
	made->own.uc_stack.ss_sp = made->stack;
	made->own.uc_stack.ss_size = sizeof(made->stack);
	makecontext(&made->own, coroutine_main, 0);
	return made;
}

static void resume(struct coroutine *coroutine)
{
	running = coroutine;
	swapcontext(&coroutine->caller, &coroutine->own);
}

START_TEST(things_that_are_given_stay)
{
	struct relib_report *report = NULL;
	int32_t descriptor = -1;
	void *stream = NULL, *mapping = NULL;

	load();
	ck_assert_int_eq(probe_things_call(&probe, &descriptor, &stream, &mapping, 1), RELIB_OK);
	ck_assert_int_eq(relib_unload(module, NULL, &report, &error), RELIB_OK);
	ck_assert_uint_eq(report->entry_count, 0);
	relib_report_free(report);
	ck_assert_int_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fgetc(stream), 0);
	*(volatile int *)mapping = 1;
	ck_assert_int_eq(fclose(stream), 0);
	ck_assert_int_eq(close(descriptor), 0);
	ck_assert_int_eq(munmap(mapping, 4096), 0);

	load();
	ck_assert_int_eq(probe_things_call(&probe, &descriptor, &stream, &mapping, 0), RELIB_OK);
	ck_assert_int_eq(relib_unload(module, NULL, &report, &error), RELIB_OK);
	ck_assert_uint_eq(report->kinds[RELIB_KIND_DESCRIPTOR].released, 1);
	ck_assert_uint_eq(report->kinds[RELIB_KIND_STREAM].released, 1);
	ck_assert_uint_eq(report->kinds[RELIB_KIND_MAPPING].released, 1);
	relib_report_free(report);
	ck_assert_int_eq(fcntl(descriptor, F_GETFD), -1);
}
END_TEST

/* The import that gives way. */
static int32_t give_way(const char *scenario, struct probe_log *log)
{
	struct coroutine *own = (struct coroutine *)(void *)((char *)log - offsetof(struct coroutine, notes));

	(void)scenario;
	swapcontext(&own->own, &own->caller);
	return 50;
}

START_TEST(coroutines_end_out_of_order)
{
	struct coroutine *list[4];
	int32_t result = 0;

	load();
	load_other();
	on_back = give_way;
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 4; i++) {
			list[i] = make_coroutine(i % 2 ? &other : &probe, "back");
			resume(list[i]);
		}
		ck_assert_int_eq(unload_from_another_thread(), RELIB_BUSY);
		for (int i = 0; i < 4; i++) {
			struct coroutine *next = list[(i * 3 + round) % 4];

			ck_assert_int_eq(run("assert none", &result), RELIB_OK);
			resume(next);
			ck_assert(next->ended);
			ck_assert_int_eq(next->code, RELIB_OK);
			ck_assert_int_eq(next->result, 51);
			ck_assert_str_eq(next->notes.text, "back");
		}
		for (int i = 0; i < 4; i++)
			free(list[i]);
	}
	unload();
	ck_assert_int_eq(relib_unload(other_module, NULL, NULL, &error), RELIB_OK);
}
END_TEST

static int32_t give_way_and_panic(const char *scenario, struct probe_log *log)
{
	int32_t result = 12;

	give_way(scenario, log);
	down_code = probe_run_call(&probe, &result, "cleanups", log);
	return result;
}

START_TEST(a_panic_among_coroutines)
{
	struct coroutine *first, *second;
	int32_t result;

	load();
	on_back = give_way_and_panic;
	listen_begin();
	for (int round = 0; round < 50; round++) {
		first = make_coroutine(&probe, round % 2 ? "back" : "back then panic");
		resume(first);
		second = make_coroutine(&probe, round % 3 ? "back" : "back then panic");
		resume(second);
		resume(first);
		ck_assert(first->ended);
		ck_assert_int_eq(first->code, round % 2 ? RELIB_OK : RELIB_PANICKED);
		ck_assert_int_eq(first->result, round % 2 ? 13 : 33);
		ck_assert_int_eq(down_code, RELIB_PANICKED);
		for (int i = 0; i < 3; i++)
			ck_assert_int_eq(run("assert none", &result), RELIB_OK);
		resume(second);
		ck_assert(second->ended);
		ck_assert_int_eq(second->code, round % 3 ? RELIB_OK : RELIB_PANICKED);
		free(first);
		free(second);
	}
	listen_end();
	unload();
}
END_TEST

static void *resume_here(void *coroutine)
{
	resume(coroutine);
	return NULL;
}

static void *call_and_resume_here(void *coroutine)
{
	ck_assert_int_eq(probe_nothing_call(&probe), RELIB_OK);
	resume(coroutine);
	ck_assert_int_eq(probe_nothing_call(&probe), RELIB_OK);
	return NULL;
}

START_TEST(a_coroutine_goes_on_in_another_thread)
{
	void *(*const there[])(void *) = { resume_here, call_and_resume_here };
	struct coroutine *coroutine;
	pthread_t thread;

	load();
	on_back = give_way;
	for (int i = 0; i < 20; i++) {
		coroutine = make_coroutine(&probe, "back");
		resume(coroutine);
		ck_assert_int_eq(pthread_create(&thread, NULL, there[i % 2], coroutine), 0);
		pthread_join(thread, NULL);
		ck_assert(coroutine->ended);
		ck_assert_int_eq(coroutine->code, RELIB_OK);
		ck_assert_int_eq(coroutine->result, 51);
		ck_assert_int_eq(probe_nothing_call(&probe), RELIB_OK);
		free(coroutine);
	}
	unload();
}
END_TEST

/* -- Signals */

static struct probe *called_by_handler;
static volatile sig_atomic_t handled, handler_failed;

static void on_signal(int number)
{
	int32_t result = 0;

	(void)number;
	if (probe_down_call(called_by_handler, &result, 0) != RELIB_OK)
		handler_failed = 1;
	handled++;
}

static void storm_begin(int flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART | flags };
	struct itimerval often = { { 0, 150 }, { 0, 150 } };

	handled = handler_failed = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void storm_end(void)
{
	struct itimerval never = { { 0, 0 }, { 0, 0 } };

	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
}

static void call_in_storm(int flags)
{
	int32_t result = 0;

	called_by_handler = &probe;
	going_down = &probe;
	ck_assert_int_eq(probe_nothing_call(&probe), RELIB_OK);
	listen_begin();
	storm_begin(flags);
	while (handled < 1500) {
		for (int i = 0; i < 100; i++) {
			ck_assert_int_eq(probe_nothing_call(&probe), RELIB_OK);
			ck_assert_int_eq(probe_down_call(&probe, &result, 5), RELIB_OK);
			ck_assert_int_eq(result, 10);
		}
		ck_assert_int_eq(run("cleanups", &result), RELIB_PANICKED);
		ck_assert_str_eq(notes.text, "innermost middle pthread outer");
		jump_over_export();
	}
	storm_end();
	listen_end();
	ck_assert(!handler_failed);
}

START_TEST(a_signal_handler_calls_exports)
{
	load();
	call_in_storm(0);
	unload();
}
END_TEST

static void *call_in_storm_on_alternate_stack(void *stack)
{
	stack_t alternate = { .ss_sp = stack, .ss_size = 65536 }, none = { .ss_flags = SS_DISABLE };
	sigset_t alarm_only;

	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigaltstack(&alternate, NULL);
	pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
	call_in_storm(SA_ONSTACK);
	sigaltstack(&none, NULL);
	return NULL;
}

/* Above and below the thread's own. */
START_TEST(a_signal_handler_on_a_stack_of_its_own)
{
	size_t size = 1 << 20;
	char *room = mmap(NULL, 3 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigset_t alarm_only;
	pthread_attr_t attributes;
	pthread_t thread;

	load();
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, room + size, size);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(pthread_create(&thread, &attributes, call_in_storm_on_alternate_stack,
						i ? room + 2 * size : room), 0);
		pthread_join(thread, NULL);
	}
	unload();
}
END_TEST

/* -- fork */

START_TEST(fork_in_an_export)
{
	int32_t result = -1;
	int status;

	load();
	ck_assert_int_eq(run("fork", &result), RELIB_OK);
	if (!result) {
		if (probe_nothing_call(&probe) || relib_unload(module, NULL, NULL, &error))
			_exit(1);
		_exit(0);
	}
	waitpid(result, &status, 0);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	unload();
}
END_TEST

static void *run_in_thread(void *scenario)
{
	struct probe_log own = { .pointer = NULL };
	int32_t result = 0;

	pthread_setname_np(pthread_self(), "caller");
	return (void *)(intptr_t)probe_run_call(&probe, &result, scenario, &own);
}

static pthread_t start_inside(void)
{
	pthread_t thread;

	sem_init(&inside, 0, 0);
	sem_init(&may_go, 0, 0);
	on_back = tell_and_wait;
	ck_assert_int_eq(pthread_create(&thread, NULL, run_in_thread, (void *)"back"), 0);
	sem_wait(&inside);
	return thread;
}

START_TEST(fork_while_another_thread_is_inside)
{
	pthread_t thread;
	int status;
	pid_t child;

	load();
	thread = start_inside();
	child = fork();
	if (!child) {
		enum relib_code code = relib_unload(module, NULL, NULL, &error);

		if (code)
			fprintf(stderr, "%s\n", error.message);
		_exit((int)code);
	}
	waitpid(child, &status, 0);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%#x", (unsigned)status);
	ck_assert_int_eq(relib_unload(module, NULL, NULL, &error), RELIB_BUSY);
	sem_post(&may_go);
	pthread_join(thread, NULL);
	unload();
}
END_TEST

/* -- Unloading meanwhile */

START_TEST(unloading_while_a_thread_is_inside)
{
	pthread_t threads[3];
	char *where = error.message;
	void *code;
	int count;

	load();
	threads[0] = start_inside();
	ck_assert_int_eq(relib_unload(module, NULL, NULL, &error), RELIB_BUSY);
	ck_assert_msg(strstr(error.message, "probe.so was not unloaded: 1 call is in flight\n  thread ") != NULL, "%s", error.message);
	ck_assert_msg(strstr(error.message, " \"caller\" is inside probe_run") != NULL, "%s", error.message);
	for (int i = 1; i < 3; i++) {
		ck_assert_int_eq(pthread_create(&threads[i], NULL, run_in_thread, (void *)"back"), 0);
		sem_wait(&inside);
	}
	ck_assert_int_eq(relib_unload(module, NULL, NULL, &error), RELIB_BUSY);
	for (count = 0; (where = strstr(where, "\" is inside probe_run")); where++)
		count++;
	ck_assert_msg(count == 3 && strstr(error.message, "3 calls are in flight"), "%s", error.message);
	/* It is usable. */
	ck_assert_int_eq(probe_nothing_call(&probe), RELIB_OK);
	for (int i = 0; i < 3; i++)
		sem_post(&may_go);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &code);
		ck_assert_int_eq((intptr_t)code, RELIB_OK);
	}
	unload();
}
END_TEST

static int32_t unload_within(const char *scenario, struct probe_log *log)
{
	(void)scenario;
	(void)log;
	return relib_unload(module, NULL, NULL, &error);
}

START_TEST(unloading_from_within_an_import)
{
	int32_t result = 0;

	load();
	on_back = unload_within;
	ck_assert_int_eq(run("back", &result), RELIB_OK);
	ck_assert_int_eq(result, RELIB_BUSY + 1);
	ck_assert_msg(strstr(error.message, "this thread is inside probe_run") != NULL, "%s", error.message);
	unload();
}
END_TEST

/* -- Stacks */

static char symbols[8192];

static void add_symbols(void)
{
	void *frames[64];
	int count = backtrace(frames, 64);
	char **names = backtrace_symbols(frames, count);

	for (int i = 0; i < count; i++)
		snprintf(symbols + strlen(symbols), sizeof(symbols) - strlen(symbols), "%s\n", names[i]);
	free(names);
}

static __attribute__((noinline)) int32_t take_stack(const char *scenario, struct probe_log *log)
{
	(void)scenario;
	(void)log;
	add_symbols();
	return 0;
}

/* From the import, through the module, to where the program began. */
START_TEST(backtrace_passes_calls)
{
	int32_t result;

	load();
	on_back = take_stack;
	ck_assert_int_eq(run("back", &result), RELIB_OK);
	ck_assert_msg(strstr(symbols, "probe.so(") != NULL, "%s", symbols);
	ck_assert_msg(strstr(symbols, "probe.so(")
		      && strstr(strstr(symbols, "probe.so("), "librelib.so") && strstr(symbols, "libc_start_main"), "%s", symbols);
	unload();
}
END_TEST

static Suite *suite(void)
{
	Suite *calls = suite_create("calls");
	TCase *tests = tcase_create("all");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, values_both_ways);
	tcase_add_test(tests, a_block_that_is_given_stays);
	tcase_add_test(tests, things_that_are_given_stay);
	tcase_add_test(tests, calls_without_a_module);
	tcase_add_test(tests, one_struct_for_two_modules_is_refused);
	tcase_add_test(tests, as_many_nested_calls_as_promised);
	tcase_add_test(tests, a_small_import_calls_an_export);
	tcase_add_test(tests, a_panic_of_the_deepest_call);
	tcase_add_test(tests, an_import_that_is_too_deep_ends_the_process);
	tcase_add_test(tests, longjmp_over_an_export);
	tcase_add_test(tests, longjmp_seen_from_another_thread);
	tcase_add_test(tests, longjmp_in_a_thread_that_has_ended);
	tcase_add_test(tests, longjmp_inside_the_module);
	tcase_add_test(tests, pthread_exit_in_an_export);
	tcase_add_test(tests, pthread_cancel_in_an_export);
	tcase_add_test(tests, pthread_cancel_in_an_import);
	tcase_add_test(tests, exit_in_an_export);
	tcase_add_test(tests, coroutines_end_out_of_order);
	tcase_add_test(tests, a_panic_among_coroutines);
	tcase_add_test(tests, a_coroutine_goes_on_in_another_thread);
	tcase_add_test(tests, a_signal_handler_calls_exports);
	tcase_add_test(tests, a_signal_handler_on_a_stack_of_its_own);
	tcase_add_test(tests, fork_in_an_export);
	tcase_add_test(tests, fork_while_another_thread_is_inside);
	tcase_add_test(tests, unloading_while_a_thread_is_inside);
	tcase_add_test(tests, unloading_from_within_an_import);
	tcase_add_test(tests, backtrace_passes_calls);
	suite_add_tcase(calls, tests);
	return calls;
}

int main(int argc, char **argv)
{
	(void)argc;
	stress_begin(argv, NULL);
	return run_suite(suite());
}
