/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Panics: what a host sees of them, what they clean up, and those that end the process. */
#include <pthread.h>
#include <signal.h>

#include "probe/host.h"
#include "stress/stress.h"
#include "unit/run.h"

static struct probe probe;
static struct relib_module *module;
static struct relib_error error;
static struct probe_log notes;

static void load(const char *name)
{
	enum relib_code code = relib_load(probe_path(name), probe_options(&probe), &module, &error);

	ck_assert_msg(code == RELIB_OK, "%s", error.message);
}

static enum relib_code run(const char *scenario, int32_t *result)
{
	notes.text[0] = '\0';
	return probe_run_call(&probe, result, scenario, &notes);
}

/* Takes the module out; nothing else than `blocks` was left. */
static void unload(unsigned blocks)
{
	struct relib_report *report = NULL;
	enum relib_code code = relib_unload(module, NULL, &report, &error);

	ck_assert_msg(code == RELIB_OK, "%s", error.message);
	ck_assert_ptr_nonnull(report);
	ck_assert_uint_eq(report->heap.blocks, blocks);
	relib_report_free(report);
}

static bool begins(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* -- Each kind, by itself */

static const struct {
	const char *scenario, *message; /* message: how it begins */
	const char *place;              /* innermost frame of the stack */
	const char *notes;
} kinds[] = {
	{ "panics", "the answer is 42", "panics", "" },
	{ "cleanups", "from deep down", "innermost", "innermost middle pthread outer" },
	{ "assert before", "assertion failed: value == 1 && \"included before\"", "probe_assert_before", "caller" },
	{ "assert after", "assertion failed: value == 2", "probe_assert_after", "caller" },
	{ "assert foreign", "assertion failed: value == 4", "probe_assert_foreign", "caller" },
	{ "assert perror", "unexpected error: No such file or directory", "probe_assert_foreign|probe_assert_perror", "caller" },
	{ "contain then panic", "after that", "contain_then_panic", "innermost middle pthread outer failed" },
	{ "throw runtime_error", "std::runtime_error: no such level", "throw_runtime_error", "" },
	{ "throw derived", "(anonymous namespace)::derived: further down", "throw_derived", "" },
	{ "throw int", "a C++ exception of type int", "throw_int", "" },
	{ "throw text", "const char *: some text", "throw_text", "" },
	{ "throw custom", "a C++ exception of type (anonymous namespace)::custom", "throw_custom", "" },
	{ "throw pointer", "std::runtime_error: kept for later", "throw_pointer", "" },
	{ "throw deep", "std::runtime_error: deep", "deeper", "one two three" },
	{ "mixed", "from C++", "panic_here", "cxx c inner c outer" },
	{ "mixed throw", "std::runtime_error: deep", "deeper", "one two three c outer" },
	{ "assert cxx", "assertion failed: log == nullptr", "assert_in_cxx", "cxx" },
	{ "assert cassert", "assertion failed: (value == 5 && std::is_same<int, int>::value)", "probe_assert_cxx", "cxx" },
	{ "destructor panics normally", "in a destructor", "panics_at_end", "outer" },
};

START_TEST(a_panic_is_a_failure_of_the_call)
{
	const char *scenario = kinds[_i].scenario, *message = kinds[_i].message, *said;
	int32_t result = 1234;
	enum relib_code code;
	char first[256];

	load("probe.so");
	ck_assert_uint_eq(relib_panic_count(module), 0);
	ck_assert_ptr_null(relib_panic_message(module));
	listen_begin();
	code = run(scenario, &result);
	said = listen_end();
	ck_assert_msg(code == RELIB_PANICKED, "%s: code %d\n%s", scenario, (int)code, said);
	ck_assert_int_eq(result, 1234);
	ck_assert_str_eq(notes.text, kinds[_i].notes);

	ck_assert_ptr_nonnull(relib_panic_message(module));
	ck_assert_msg(begins(relib_panic_message(module), message), "%s: %s", scenario, relib_panic_message(module));
	ck_assert_str_eq(relib_panic_function(module), "probe_run");
	ck_assert_msg(strstr(relib_panic_stack(module), "probe_run") != NULL, "%s", relib_panic_stack(module));
	ck_assert_uint_eq(relib_panic_count(module), begins(scenario, "contain") ? 2 : 1);

	/* Once, in one piece, with module, function and stack. */
	snprintf(first, sizeof(first), "probe_run: %s", message);
	ck_assert_msg(count_of(said, first) == 1, "%s", said);
	ck_assert_msg(strstr(said, "probe.so panicked in probe_run: ") != NULL, "%s", said);
	ck_assert_msg(strstr(said, relib_panic_stack(module)) != NULL, "%s", said);

	/* It can be called, can panic again, and can go. */
	ck_assert_int_eq(run("assert none", &result), RELIB_OK);
	ck_assert_int_eq(result, 5);
	listen_begin();
	ck_assert_int_eq(run("panics", &result), RELIB_PANICKED);
	listen_end();
	ck_assert_str_eq(relib_panic_message(module), "the answer is 42");
	unload(0);
}
END_TEST

START_TEST(the_stack_begins_where_it_happened)
{
	char first[512], *end, *place, names[64];
	int32_t result;
	bool found = false;

	load("probe.so");
	listen_begin();
	ck_assert_int_eq(run(kinds[_i].scenario, &result), RELIB_PANICKED);
	listen_end();
	snprintf(first, sizeof(first), "%s", relib_panic_stack(module));
	/* The C++ runtime's own frames stand before it. */
	snprintf(names, sizeof(names), "%s", kinds[_i].place);
	for (place = strtok_r(names, "|", &end); place; place = strtok_r(NULL, "|", &end))
		found |= strstr(first, place) != NULL;
	ck_assert_msg(found, "%s:\n%s", kinds[_i].scenario, first);
	unload(0);
}
END_TEST

START_TEST(what_unwinding_frees_does_not_leak)
{
	int32_t result;

	load("probe.so");
	listen_begin();
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(run(i % 3 == 0 ? "heap" : i % 3 == 1 ? "mixed" : "throw deep", &result), RELIB_PANICKED);
	listen_end();
	ck_assert_uint_eq(relib_panic_count(module), 100);
	/* The one that nothing frees. */
	unload(1);
}
END_TEST

START_TEST(a_module_in_c_alone)
{
	int32_t result = 3;

	load("probe-c.so");
	listen_begin();
	ck_assert_int_eq(run("cleanups", &result), RELIB_PANICKED);
	ck_assert_str_eq(notes.text, "innermost middle pthread outer");
	ck_assert_int_eq(run("panics", &result), RELIB_PANICKED);
	listen_end();
	unload(0);
}
END_TEST

START_TEST(a_message_that_is_too_long_is_cut)
{
	const char *said;
	int32_t result;

	load("probe.so");
	listen_begin();
	ck_assert_int_eq(run("long text", &result), RELIB_PANICKED);
	said = listen_end();
	ck_assert_uint_gt(strlen(relib_panic_message(module)), 500);
	ck_assert_msg(strstr(said, "probe_run") != NULL, "%s", said);
	unload(0);
}
END_TEST

/* -- Main and before_unload */

START_TEST(main_panics)
{
	char *arguments[] = { (char *)"probe", (char *)"cleanups", NULL };
	int32_t result = 77;
	const char *said;

	load("probe.so");
	listen_begin();
	ck_assert_int_eq(relib_call_main(module, int32_t, &result, 2, arguments, &error), RELIB_PANICKED);
	said = listen_end();
	ck_assert_int_eq(result, 77);
	ck_assert_ptr_nonnull(strstr(error.message, "from deep down"));
	ck_assert_ptr_nonnull(strstr(error.message, "probe.so"));
	ck_assert_int_eq(count_of(said, "from deep down"), 1);
	ck_assert_str_eq(relib_panic_function(module), "main");
	ck_assert_uint_eq(relib_panic_count(module), 1);
	arguments[1] = (char *)"assert none";
	ck_assert_int_eq(relib_call_main(module, int32_t, &result, 2, arguments, &error), RELIB_OK);
	ck_assert_int_eq(result, 5);
	unload(0);
}
END_TEST

START_TEST(main_throws)
{
	char *arguments[] = { (char *)"probe", (char *)"throw runtime_error", NULL };
	int32_t result = 77;

	load("probe.so");
	listen_begin();
	ck_assert_int_eq(relib_call_main(module, int32_t, &result, 2, arguments, &error), RELIB_PANICKED);
	listen_end();
	ck_assert_int_eq(result, 77);
	ck_assert_ptr_nonnull(strstr(error.message, "no such level"));
	unload(0);
}
END_TEST

START_TEST(before_unload_panics)
{
	const struct relib_unload_options skip = { .skip_before_unload = true };
	int32_t result;
	const char *said;

	load("probe.so");
	ck_assert_int_eq(run("unload panics once", &result), RELIB_OK);
	listen_begin();
	ck_assert_int_eq(relib_unload(module, NULL, NULL, &error), RELIB_BEFORE_UNLOAD_FAILED);
	said = listen_end();
	ck_assert_int_eq(count_of(said, "not ready to go"), 1);
	ck_assert_ptr_nonnull(strstr(error.message, "not ready to go"));
	ck_assert_str_eq(relib_panic_function(module), "before_unload");
	ck_assert_uint_eq(relib_panic_count(module), 1);
	ck_assert_int_eq(run("assert none", &result), RELIB_OK);
	unload(0);

	load("probe.so");
	ck_assert_uint_eq(relib_panic_count(module), 0);
	ck_assert_int_eq(run("unload panics", &result), RELIB_OK);
	listen_begin();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(relib_unload(module, NULL, NULL, &error), RELIB_BEFORE_UNLOAD_FAILED);
	listen_end();
	ck_assert_ptr_nonnull(strstr(error.message, "skip_before_unload"));
	ck_assert_int_eq(relib_unload(module, &skip, NULL, &error), RELIB_OK);
}
END_TEST

/* -- Handlers of the module */

START_TEST(a_panic_that_the_module_catches)
{
	int32_t result = 0;

	load("probe.so");
	listen_begin();
	ck_assert_int_eq(run("swallow", &result), RELIB_OK);
	listen_end();
	ck_assert_int_eq(result, 70);
	ck_assert_str_eq(notes.text, "cxx c inner c outer caught");
	listen_begin();
	ck_assert_int_eq(run("swallow often", &result), RELIB_OK);
	ck_assert_int_eq(result, 210);
	ck_assert_int_eq(run("swallow by exception", &result), RELIB_PANICKED);
	ck_assert_str_eq(notes.text, "cxx c inner c outer");
	ck_assert_int_eq(run("swallow and panic", &result), RELIB_PANICKED);
	ck_assert_str_eq(relib_panic_message(module), "once more");
	ck_assert_int_eq(run("swallow", &result), RELIB_OK);
	listen_end();
	unload(0);
}
END_TEST

START_TEST(a_panic_that_the_module_throws_again)
{
	const char *said;
	int32_t result = 8;

	load("probe.so");
	listen_begin();
	ck_assert_int_eq(run("rethrow", &result), RELIB_PANICKED);
	said = listen_end();
	ck_assert_int_eq(result, 8);
	ck_assert_str_eq(notes.text, "cxx c inner c outer caught");
	ck_assert_int_eq(count_of(said, "from C++"), 1);
	ck_assert_str_eq(relib_panic_message(module), "from C++");
	unload(0);
}
END_TEST

START_TEST(a_failure_in_a_handler)
{
	int32_t result = 8;

	load("probe.so");
	listen_begin();
	ck_assert_int_eq(run("throw in handler", &result), RELIB_PANICKED);
	ck_assert_str_eq(relib_panic_message(module), "std::runtime_error: from the handler");
	ck_assert_int_eq(run("panic in handler", &result), RELIB_PANICKED);
	ck_assert_str_eq(relib_panic_message(module), "from the handler");
	ck_assert_str_eq(notes.text, "cxx c inner c outer caught");
	ck_assert_int_eq(run("mixed", &result), RELIB_PANICKED);
	listen_end();
	unload(0);
}
END_TEST

/* -- Many */

START_TEST(ten_thousand_in_a_row)
{
	const char *const scenarios[] = { "cleanups", "mixed", "throw deep", "swallow", "rethrow", "assert before" };
	long before = 0;
	int32_t result;

	load("probe.so");
	for (int i = 0; i < 10000; i++) {
		if (i == 1000)
			before = resident_kib();
		listen_begin();
		run(scenarios[i % 6], &result);
		listen_end();
	}
	ck_assert_int_lt(resident_kib() - before, 1024);
	ck_assert_uint_eq(relib_panic_count(module), 10000);
	unload(0);
}
END_TEST

static void *panic_often(void *argument)
{
	struct probe_log own = { .pointer = argument };
	const char *scenario = argument;
	int32_t result = 5;

	for (int i = 0; i < 200; i++) {
		own.text[0] = '\0';
		if (probe_run_call(&probe, &result, scenario, &own) != RELIB_PANICKED || result != 5)
			return NULL;
		if (!relib_panic_message(module) || !strstr(relib_panic_stack(module), "probe_run"))
			return NULL;
	}
	return argument;
}

START_TEST(in_several_threads_at_once)
{
	const char *const scenarios[] = { "cleanups", "mixed", "throw deep", "panics", "rethrow", "throw int" };
	pthread_t threads[6];
	const char *said;
	void *good;

	load("probe.so");
	listen_begin();
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, panic_often, (void *)scenarios[i]), 0);
	for (int i = 0; i < 6; i++) {
		pthread_join(threads[i], &good);
		ck_assert_msg(good != NULL, "%s", scenarios[i]);
	}
	said = listen_end();
	ck_assert_ptr_nonnull(strstr(said, "panicked in probe_run"));
	ck_assert_uint_eq(relib_panic_count(module), 1200);
	/* Of another thread, not this one. */
	ck_assert_ptr_null(relib_panic_message(module));
	unload(0);
}
END_TEST

/* -- Nested */

static struct probe other;
static struct relib_module *other_module;
static enum relib_code other_code;
static const char *other_scenario;
static struct probe_log other_notes;

static void load_two(void)
{
	enum relib_code code;

	load("probe.so");
	code = relib_load(probe_path("probe-c.so"), probe_options(&other), &other_module, &error);
	ck_assert_msg(code == RELIB_OK, "%s", error.message);
}

static void unload_two(void)
{
	ck_assert_int_eq(relib_unload(other_module, NULL, NULL, &error), RELIB_OK);
	unload(0);
}

static int32_t call_other(const char *scenario, struct probe_log *log)
{
	int32_t result = 3;

	(void)scenario;
	(void)log;
	other_code = probe_run_call(&other, &result, other_scenario, &other_notes);
	return result;
}

START_TEST(of_a_module_that_another_called_by_the_host)
{
	int32_t result = 0;
	const char *said;

	load_two();
	on_back = call_other;
	other_scenario = "cleanups";
	listen_begin();
	ck_assert_int_eq(run("back", &result), RELIB_OK);
	said = listen_end();
	ck_assert_int_eq(other_code, RELIB_PANICKED);
	ck_assert_int_eq(result, 4);
	ck_assert_str_eq(other_notes.text, "innermost middle pthread outer");
	ck_assert_str_eq(notes.text, "back");
	ck_assert_ptr_nonnull(strstr(said, "probe-c.so panicked in probe_run: from deep down"));
	ck_assert_uint_eq(relib_panic_count(module), 0);
	ck_assert_uint_eq(relib_panic_count(other_module), 1);
	ck_assert_ptr_null(relib_panic_message(module));
	ck_assert_str_eq(relib_panic_message(other_module), "from deep down");
	unload_two();
}
END_TEST

START_TEST(a_cleanup_calls_an_import)
{
	int32_t result = 0;

	load_two();
	on_back = call_other;
	other_scenario = "assert none";
	listen_begin();
	ck_assert_int_eq(run("cleanup calls", &result), RELIB_PANICKED);
	listen_end();
	ck_assert_int_eq(other_code, RELIB_OK);
	ck_assert_str_eq(notes.text, "5");
	ck_assert_str_eq(relib_panic_message(module), "the answer is 42");
	unload_two();
}
END_TEST

/* Its call ended first; the one whose call ended last is what the host asks about. */
START_TEST(a_cleanup_calls_a_module_that_panics)
{
	int32_t result = 0;
	const char *said;

	load_two();
	on_back = call_other;
	other_scenario = "cleanups";
	listen_begin();
	ck_assert_int_eq(run("cleanup calls", &result), RELIB_PANICKED);
	said = listen_end();
	ck_assert_int_eq(other_code, RELIB_PANICKED);
	ck_assert_int_eq(count_of(said, "panicked in probe_run"), 2);
	ck_assert_str_eq(notes.text, "3");
	ck_assert_ptr_nonnull(relib_panic_message(module));
	ck_assert_str_eq(relib_panic_message(module), "the answer is 42");
	ck_assert_ptr_nonnull(strstr(relib_panic_stack(module), "panics"));
	ck_assert_uint_eq(relib_panic_count(module), 1);
	ck_assert_uint_eq(relib_panic_count(other_module), 1);
	unload_two();
}
END_TEST

static int32_t call_same(const char *scenario, struct probe_log *log)
{
	int32_t result = 6;

	(void)scenario;
	(void)log;
	other_code = probe_run_call(&probe, &result, "mixed", &other_notes);
	return result;
}

START_TEST(a_cleanup_calls_the_same_module_which_panics)
{
	int32_t result = 0;

	load("probe.so");
	on_back = call_same;
	listen_begin();
	ck_assert_int_eq(run("cleanup calls", &result), RELIB_PANICKED);
	listen_end();
	ck_assert_int_eq(other_code, RELIB_PANICKED);
	ck_assert_str_eq(notes.text, "6");
	ck_assert_str_eq(relib_panic_message(module), "the answer is 42");
	ck_assert_uint_eq(relib_panic_count(module), 2);
	unload(0);
}
END_TEST

/* -- relib_contain */

static const struct {
	const char *scenario, *notes, *message;
	unsigned count;
	int32_t result;
} contained[] = {
	{ "thread contained", "innermost middle pthread outer failed", "from deep down", 1, 0 },
	{ "thread contained well", "caller well", NULL, 0, 0 },
	{ "thread contained throws", "failed", "std::runtime_error: no such level", 1, 0 },
	{ "thread contained twice", "innermost middle pthread outer failed well", "from deep down", 1, 0 },
	{ "contain", "innermost middle pthread outer failed", "from deep down", 1, 6 },
	{ "contain nested", "innermost middle pthread outer failed failed", "after that", 2, 8 },
	{ "contain exception", "one two three failed", "std::runtime_error: deep", 1, 9 },
};

START_TEST(relib_contain_ends_a_panic)
{
	int32_t result = -5;
	const char *said;

	load("probe.so");
	listen_begin();
	ck_assert_int_eq(run(contained[_i].scenario, &result), RELIB_OK);
	said = listen_end();
	ck_assert_int_eq(result, contained[_i].result);
	ck_assert_str_eq(notes.text, contained[_i].notes);
	ck_assert_uint_eq(relib_panic_count(module), contained[_i].count);
	if (contained[_i].message)
		ck_assert_msg(count_of(said, contained[_i].message) == 1, "%s", said);
	else
		ck_assert_str_eq(said, "");
	unload(0);
}
END_TEST

/* -- Ends of the process */

/* Not through the interface: code of the module that the host calls within its import. */
static int32_t call_back_into_module(const char *scenario, struct probe_log *log)
{
	int32_t (*function)(const char *, struct probe_log *) =
		(int32_t (*)(const char *, struct probe_log *))relib_symbol(module, "probe_callback", NULL);

	(void)scenario;
	return function("panics", log);
}

static void run_it(const void *scenario)
{
	int32_t result;

	run(scenario, &result);
}

static bool aborted(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static const struct {
	const char *scenario;
	const char *says[6];
	int32_t (*back)(const char *, struct probe_log *);
} ends[] = {
	{ "back quietly", { "probe.so", "probe_back", "the answer is 42", "panics", "import" }, call_back_into_module },
	{ "cleanup panics", { "probe.so", "the second, in a cleanup", "another panic", "panic_in_cleanup" }, NULL },
	{ "thread panics", { "probe.so", "the answer is 42", "thread", "relib_contain", "run_plainly" }, NULL },
	{ "destructor panics", { "probe.so", "in a destructor", "another panic", "panics_at_end" }, NULL },
	{ "exception panics", { "probe.so", "in a destructor", "panics_at_end" }, NULL },
};

START_TEST(some_end_the_process)
{
	int status;

	load("probe.so");
	on_back = ends[_i].back;
	status = end_of(run_it, ends[_i].scenario);
	ck_assert_msg(aborted(status), "%s: status %#x\n%s", ends[_i].scenario, (unsigned)status, heard);
	for (int i = 0; ends[_i].says[i]; i++)
		ck_assert_msg(strstr(heard, ends[_i].says[i]) != NULL, "%s: no \"%s\" in\n%s", ends[_i].scenario,
			      ends[_i].says[i], heard);
	ck_assert_msg(count_of(heard, "the process ends") == 1, "%s", heard);
	unload(0);
}
END_TEST

/* As in any C++ program. */
START_TEST(an_exception_in_a_thread_ends_the_process)
{
	int status;

	load("probe.so");
	status = end_of(run_it, "thread throws");
	ck_assert_msg(aborted(status), "status %#x\n%s", (unsigned)status, heard);
	unload(0);
}
END_TEST

static Suite *suite(void)
{
	Suite *panics = suite_create("panics");
	TCase *tests = tcase_create("all");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, a_panic_is_a_failure_of_the_call, 0, sizeof(kinds) / sizeof(*kinds));
	tcase_add_loop_test(tests, the_stack_begins_where_it_happened, 0, sizeof(kinds) / sizeof(*kinds));
	tcase_add_test(tests, what_unwinding_frees_does_not_leak);
	tcase_add_test(tests, a_module_in_c_alone);
	tcase_add_test(tests, a_message_that_is_too_long_is_cut);
	tcase_add_test(tests, main_panics);
	tcase_add_test(tests, main_throws);
	tcase_add_test(tests, before_unload_panics);
	tcase_add_test(tests, a_panic_that_the_module_catches);
	tcase_add_test(tests, a_panic_that_the_module_throws_again);
	tcase_add_test(tests, a_failure_in_a_handler);
	tcase_add_test(tests, ten_thousand_in_a_row);
	tcase_add_test(tests, in_several_threads_at_once);
	tcase_add_test(tests, of_a_module_that_another_called_by_the_host);
	tcase_add_test(tests, a_cleanup_calls_an_import);
	tcase_add_test(tests, a_cleanup_calls_a_module_that_panics);
	tcase_add_test(tests, a_cleanup_calls_the_same_module_which_panics);
	tcase_add_loop_test(tests, relib_contain_ends_a_panic, 0, sizeof(contained) / sizeof(*contained));
	tcase_add_loop_test(tests, some_end_the_process, 0, sizeof(ends) / sizeof(*ends));
	tcase_add_test(tests, an_exception_in_a_thread_ends_the_process);
	suite_add_tcase(panics, tests);
	return panics;
}

int main(int argc, char **argv)
{
	(void)argc;
	stress_begin(argv, NULL);
	return run_suite(suite());
}
