/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Faults of modules: contained where it was asked for, and nowhere else. */
#include <fcntl.h>
#include <fenv.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interface/game.host.h"
#include "modules/panic_faults.h"
#include "unit/run.h"

static struct relib_module *module, *second;
static struct game game, other;
static struct relib_error error;
static bool has_tracker;

/* What the import does. */
static void (*in_import)(void);
static void log_called(const char *text)
{
	(void)text;
	if (in_import)
		in_import();
}

static void load(const char *name, struct game *interface, struct relib_module **loaded, bool contain)
{
	struct relib_load_options options = { .contain_faults = contain };
	char path[PATH_MAX];

	interface->game_log = log_called;
	options.interfaces[0] = game_interface(interface);
	snprintf(path, sizeof(path), "%s/%s.so", getenv("MODULES"), name);
	ck_assert_msg(relib_load(path, &options, loaded, &error) == RELIB_OK, "%s", error.message);
}

static void set_up(void)
{
	struct rlimit no_core = { 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	load("panic_faults", &game, &module, true);
}

static void unload(struct relib_module *loaded)
{
	if (has_tracker)
		ck_assert_msg(relib_unload(loaded, NULL, NULL, &error) == RELIB_OK, "%s", error.message);
}

/* What stderr gets meanwhile. */
static char said[65536];
static int kept_stderr;
static FILE *listening;

static void listen_begin(void)
{
	fflush(stderr);
	listening = tmpfile();
	kept_stderr = dup(STDERR_FILENO);
	dup2(fileno(listening), STDERR_FILENO);
}

static void listen_end(void)
{
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	rewind(listening);
	said[fread(said, 1, sizeof(said) - 1, listening)] = '\0';
	fclose(listening);
}

static unsigned times_said(const char *text)
{
	unsigned count = 0;

	for (const char *at = said; (at = strstr(at, text)); at++)
		count++;
	return count;
}

/* An emulator doesn't say what the access was, and there is no address that can't be. */
#ifdef __aarch64__
#define READ_OF(address) "SIGSEGV: "
#define WRITE_TO(address) "SIGSEGV: "
#define CANT_BE "SIGSEGV: "
#define BUS_READ_OF "SIGBUS: "
#else
#define READ_OF(address) "SIGSEGV: read of address " address
#define WRITE_TO(address) "SIGSEGV: write to address " address
#define CANT_BE "SIGSEGV: access to an address that can't be"
#define BUS_READ_OF "SIGBUS: read of address 0x"
#endif

static const struct {
	enum fault fault;
	const char *message, *function;
} kinds[] = {
	{ FAULT_READ, READ_OF("0x10"), "fault_now" },
	{ FAULT_WRITE, WRITE_TO("0x14"), "fault_now" },
	{ FAULT_WILD, CANT_BE, "fault_now" },
	{ FAULT_CALL, "SIGSEGV: call of address 0x0", "fault_now" },
#ifndef __aarch64__ /* whose division by zero gives 0 */
	{ FAULT_DIVIDE, "SIGFPE: integer division by zero", "fault_now" },
#endif
	{ FAULT_TRAP, "SIGILL: illegal instruction", "fault_now" },
	{ FAULT_BUS, BUS_READ_OF, "fault_bus" },
	{ FAULT_ABORT, "SIGABRT: abort()", "fault_now" },
	{ FAULT_RAISE_SEGV, "SIGSEGV: raised by the module itself", "fault_now" },
	{ FAULT_RAISE_FPE, "SIGFPE: raised by the module itself", "fault_now" },
	{ FAULT_BAD_FREE, "SIGABRT: abort()", "fault_bad_free" },
	{ FAULT_DOUBLE_FREE, "SIGABRT: abort()", "fault_double_free" },
	{ FAULT_STACK, "SIGSEGV: stack overflow", "fault_stack" },
	{ FAULT_BROKEN_STACK, "SIGSEGV: ", "" },
	{ FAULT_IN_HOOK, READ_OF("0x10"), "fault_in_hook" },
	{ FAULT_REGISTERS, READ_OF("0x10"), "fault_registers" },
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

static void check_panic(size_t kind, const char *function, unsigned before)
{
	char sentence[256];

	ck_assert_uint_eq(relib_panic_count(module), before + 1);
	ck_assert_str_eq(relib_panic_function(module), function);
	ck_assert_msg(!strncmp(relib_panic_message(module), kinds[kind].message, strlen(kinds[kind].message)), "%s",
		      relib_panic_message(module));
	ck_assert_msg(strstr(relib_panic_stack(module), kinds[kind].function), "%s", relib_panic_stack(module));
	if (*kinds[kind].function)
		ck_assert_msg(strstr(relib_panic_stack(module), "panic_faults.c:"), "%s", relib_panic_stack(module));
	ck_assert_msg(!strstr(relib_panic_stack(module), "test_faults"), "%s", relib_panic_stack(module));
	snprintf(sentence, sizeof(sentence), "relib: panic_faults.so panicked in %s: %s", function, kinds[kind].message);
	ck_assert_msg(times_said(sentence) == 1, "%s in:\n%s", sentence, said);
	ck_assert_msg(times_said("panicked in") == 1, "%s", said);
	ck_assert_msg(strstr(said, relib_panic_stack(module)), "%s", said);
}

static enum relib_code update(enum fault fault)
{
	struct vec3 position = { 0 };
	int32_t result = -1;
	enum relib_code code;

	code = game_update_call(&game, &result, &position, fault);
	ck_assert_int_eq(result, code ? -1 : 42);
	ck_assert_int_eq((int)position.x, 1);
	return code;
}

START_TEST(in_an_export)
{
	unsigned before = relib_panic_count(module);

	listen_begin();
	ck_assert_int_eq(update(kinds[_i].fault), RELIB_PANICKED);
	listen_end();
	check_panic((size_t)_i, "game_update", before);
	/* again, and then it goes on as ever */
	listen_begin();
	ck_assert_int_eq(update(kinds[_i].fault), RELIB_PANICKED);
	listen_end();
	check_panic((size_t)_i, "game_update", before + 1);
	ck_assert_int_eq(update(FAULT_NONE), RELIB_OK);
	if (!has_tracker)
		return;
	unload(module);
	load("panic_faults", &game, &module, true);
	ck_assert_uint_eq(relib_panic_count(module), 0);
	ck_assert_int_eq(update(FAULT_NONE), RELIB_OK);
	unload(module);
}
END_TEST

START_TEST(in_main)
{
	char name[] = "main", number[16], *arguments[] = { name, number, NULL };
	int result = -1;

	snprintf(number, sizeof(number), "%d", kinds[_i].fault);
	listen_begin();
	ck_assert_int_eq(relib_call_main(module, int, &result, 2, arguments, &error), RELIB_PANICKED);
	listen_end();
	check_panic((size_t)_i, "main", 0);
	ck_assert_msg(strstr(error.message, kinds[_i].message), "%s", error.message);
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(relib_call_main(module, int, &result, 1, arguments, &error), RELIB_OK);
	ck_assert_int_eq(result, 42);
	unload(module);
}
END_TEST

START_TEST(in_before_unload)
{
	if (!has_tracker)
		return;
	ck_assert_int_eq(update(FAULT_BEFORE_UNLOAD + kinds[_i].fault), RELIB_OK);
	listen_begin();
	ck_assert_int_eq(relib_unload(module, NULL, NULL, &error), RELIB_BEFORE_UNLOAD_FAILED);
	listen_end();
	check_panic((size_t)_i, "before_unload", 0);
	ck_assert_int_eq(update(FAULT_BEFORE_UNLOAD), RELIB_OK);
	unload(module);
}
END_TEST

START_TEST(in_contain)
{
	ck_assert_int_eq(update(FAULT_BEFORE_UNLOAD + kinds[_i].fault), RELIB_OK);
	listen_begin();
	ck_assert_int_eq(game_reset_call(&game), RELIB_OK);
	listen_end();
	ck_assert_uint_eq(relib_panic_count(module), 1);
	ck_assert_msg(times_said(kinds[_i].message) == 1, "%s", said);
	ck_assert_msg(times_said("panicked in relib_contain") == 1, "%s", said);
	unload(module);
}
END_TEST

static void *fault_on_thread(void *kind)
{
	struct vec3 position = { 0 };
	int32_t result = -1;
	uintptr_t failed = 0;

	for (int i = 0; i < 3; i++)
		failed += game_update_call(&game, &result, &position, kinds[(uintptr_t)kind].fault) == RELIB_PANICKED &&
			  result == -1;
	return (void *)failed;
}

/* Several at once: their stacks and messages are their own. */
START_TEST(on_threads)
{
	pthread_t threads[8];
	void *failed;

	listen_begin();
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, fault_on_thread, (void *)(uintptr_t)_i), 0);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_uint_eq((uintptr_t)failed, 3);
	}
	listen_end();
	ck_assert_uint_eq(relib_panic_count(module), 24);
	ck_assert_uint_eq(times_said(kinds[_i].message), 24);
	unload(module);
}
END_TEST

START_TEST(on_a_small_stack)
{
	pthread_attr_t attributes;
	pthread_t thread;
	void *failed;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	ck_assert_int_eq(pthread_create(&thread, &attributes, fault_on_thread, (void *)(uintptr_t)_i), 0);
	pthread_join(thread, &failed);
	ck_assert_uint_eq((uintptr_t)failed, 3);
	unload(module);
}
END_TEST

/* Registers that a function must not change, as the compiler sees them, and rounding. */
START_TEST(registers_are_put_back)
{
	volatile double three = 3;
	double down, up;

	fesetround(FE_DOWNWARD);
	down = 1 / three;
	ck_assert_int_eq(update(FAULT_REGISTERS), RELIB_PANICKED);
	ck_assert_int_eq(fegetround(), FE_DOWNWARD);
	ck_assert(1 / three == down);
	fesetround(FE_UPWARD);
	up = 1 / three;
	ck_assert(up > down);
#ifdef __x86_64__
	long double eight[8];

	/* The x87 stack is empty: it takes eight. */
	__asm__ volatile("fld1; fld1; fld1; fld1; fld1; fld1; fld1; fld1\n\t"
			 "fstpt %0; fstpt %1; fstpt %2; fstpt %3; fstpt %4; fstpt %5; fstpt %6; fstpt %7"
			 : "=m"(eight[0]), "=m"(eight[1]), "=m"(eight[2]), "=m"(eight[3]), "=m"(eight[4]), "=m"(eight[5]),
			   "=m"(eight[6]), "=m"(eight[7]));
	for (int i = 0; i < 8; i++)
		ck_assert(eight[i] == 1);
#endif
}
END_TEST

/* The host's import calls another module, which faults: the first one goes on. */
static enum relib_code nested_code;
static void call_second(void)
{
	struct vec3 position = { 0 };
	int32_t result;

	nested_code = game_update_call(&other, &result, &position, FAULT_STACK);
}

START_TEST(nested)
{
	load("panic_faults_second", &other, &second, true);
	in_import = call_second;
	listen_begin();
	ck_assert_int_eq(update(FAULT_IMPORT), RELIB_OK);
	listen_end();
	ck_assert_int_eq(nested_code, RELIB_PANICKED);
	ck_assert_uint_eq(relib_panic_count(module), 0);
	ck_assert_uint_eq(relib_panic_count(second), 1);
	ck_assert_msg(!strstr(relib_panic_stack(second), "log_called"), "%s", relib_panic_stack(second));
	ck_assert_int_eq(update(FAULT_READ), RELIB_PANICKED);
	unload(second);
	unload(module);
}
END_TEST

START_TEST(panics_stay_panics)
{
	listen_begin();
	ck_assert_int_eq(update(FAULT_PANIC), RELIB_PANICKED);
	listen_end();
	ck_assert_str_eq(relib_panic_message(module), "on purpose");
	ck_assert_uint_eq(times_said("on purpose"), 1);
	unload(module);
}
END_TEST

/* What ends the process */

static int death_of(void (*run)(void))
{
	FILE *file = tmpfile();
	int status = -1;
	pid_t child = fork();

	if (!child) {
		alarm(60);
		dup2(fileno(file), STDERR_FILENO);
		run();
		_exit(100);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	rewind(file);
	said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
	fclose(file);
	return status;
}

static void ends_by(int number, void (*run)(void))
{
	int status = death_of(run);

	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == number, "status %#x, said: %s", (unsigned)status, said);
}

static volatile int zero, hundred = 100;
static int *volatile nowhere;
static struct game without_option;

static void host_reads(void) { zero = nowhere[4]; }
#ifdef __aarch64__
static void host_divides(void) { raise(SIGFPE); }
static void host_traps(void) { __asm__ volatile(".inst 0"); }
#else
static void host_divides(void) { zero = hundred / zero; }
static void host_traps(void) { __builtin_trap(); }
#endif
static void host_raises(void) { raise(SIGBUS); }
static void host_is_killed(void) { kill(getpid(), SIGSEGV); pause(); }
static void module_calls(void) { update(FAULT_IMPORT); }

static const struct {
	void (*run)(void);
	int number;
} host_faults[] = {
	{ host_reads, SIGSEGV }, { host_divides, SIGFPE }, { host_traps, SIGILL }, { host_raises, SIGBUS },
	{ host_is_killed, SIGSEGV }, { abort, SIGABRT },
};

START_TEST(host_outside_calls)
{
	ends_by(host_faults[_i].number, host_faults[_i].run);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(host_in_import)
{
	in_import = host_faults[_i].run;
	ends_by(host_faults[_i].number, module_calls);
	ck_assert_str_eq(said, "");
}
END_TEST

/* Sent from elsewhere, also while the thread is inside a module. */
static void be_killed(void)
{
	in_import = host_is_killed;
	update(FAULT_IMPORT);
}

static void fault_without_option(void)
{
	struct vec3 position = { 0 };
	int32_t result;

	load("panic_faults_second", &without_option, &second, false);
	game_update_call(&without_option, &result, &position, FAULT_RAISE_FPE);
}

START_TEST(other_ends)
{
	ends_by(SIGSEGV, be_killed);
	ends_by(SIGFPE, fault_without_option);
	ck_assert_str_eq(said, "");
}
END_TEST

/* One thread is inside a module, another one is not. */
static atomic_int inside;
static void stay_inside(void)
{
	atomic_store(&inside, 1);
	for (;;)
		pause();
}

static void *go_inside(void *unused)
{
	in_import = stay_inside;
	update(FAULT_IMPORT);
	return unused;
}

static void fault_beside(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, go_inside, NULL);
	while (!atomic_load(&inside))
		usleep(100);
	host_reads();
}

START_TEST(on_another_thread)
{
	ends_by(SIGSEGV, fault_beside);
	ck_assert_str_eq(said, "");
}
END_TEST

static void fault_in_cleanup(void) { update(FAULT_CLEANUP); }

START_TEST(in_a_cleanup)
{
	ends_by(SIGABRT, fault_in_cleanup);
	ck_assert_msg(times_said("panicked in a cleanup in game_update: SIGSEGV: read of address 0x10") == 1, "%s", said);
}
END_TEST

/* The heap is the host's, too: better to end than to hang at its next malloc. With one thread there is no lock. */
static void lock_heap(void)
{
	/* What the thread has in its own store needs no lock. */
	for (size_t size = 16; size <= 1040; size += 16)
		for (int i = 0; i < 8; i++)
			if (!malloc(size))
				return;
	update(FAULT_LOCKED_HEAP);
}

static void lock_heap_with_threads(void)
{
	pthread_t thread;

	in_import = stay_inside;
	pthread_create(&thread, NULL, go_inside, NULL);
	while (!atomic_load(&inside))
		usleep(100);
	lock_heap();
}

START_TEST(locked_heap)
{
	ends_by(SIGABRT, lock_heap_with_threads);
	ck_assert_msg(times_said("the process ends: that has left libc's heap locked or damaged") == 1, "%s", said);
	ck_assert_msg(times_said("panic_faults.so+0x") > 0, "%s", said);
	ck_assert_int_eq(update(FAULT_LOCKED_HEAP), RELIB_PANICKED);
	free(malloc(50000));
	unload(module);
}
END_TEST

/* The module has left the host's call by longjmp: what faults then is the host. */
static __attribute__((noinline)) void fault_deeper(void)
{
	volatile char room[5000]; /* over where the call was */

	for (unsigned i = 0; i < sizeof(room); i++)
		room[i] = 0;
	host_reads();
}

static __attribute__((noinline)) void be_left(sigjmp_buf target)
{
	int32_t result;

	game_update_call(&game, &result, (struct vec3 *)(void *)target, FAULT_JUMP);
}

static void fault_after_jump(void)
{
	sigjmp_buf target;

	if (!sigsetjmp(target, 1))
		be_left(target);
	else
		fault_deeper();
}

static void *jump_on_thread(void *unused)
{
	fault_after_jump();
	return unused;
}

static void fault_after_jump_on_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, jump_on_thread, NULL);
	pthread_join(thread, NULL);
}

START_TEST(after_a_jump)
{
	ends_by(SIGSEGV, fault_after_jump);
	ck_assert_str_eq(said, "");
	ends_by(SIGSEGV, fault_after_jump_on_thread);
	ck_assert_str_eq(said, "");
}
END_TEST

/* A handler of the host's that runs on top of the module. */
static void faulting_handler(int number)
{
	(void)number;
	host_reads();
}

static void fault_in_handler(void)
{
	signal(SIGUSR1, faulting_handler);
	update(FAULT_SIGNAL);
}

START_TEST(in_a_handler)
{
	ends_by(SIGSEGV, fault_in_handler);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(smashed_stack)
{
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(update(FAULT_SMASH), RELIB_PANICKED);
	unload(module);
}
END_TEST

/* In a child of the module's, the child's call ends. */
START_TEST(in_a_child)
{
	pid_t parent = getpid();
	struct vec3 position = { 0 };
	int32_t result = -1;
	enum relib_code code = game_update_call(&game, &result, &position, FAULT_FORK);

	if (getpid() != parent)
		_exit(code == RELIB_PANICKED ? 7 : 8);
	ck_assert_int_eq(code, RELIB_OK);
	ck_assert_int_eq(result, 7);
}
END_TEST

static unsigned long resident(void)
{
	unsigned long size, pages;
	FILE *file = fopen("/proc/self/statm", "r");

	ck_assert_int_eq(fscanf(file, "%lu %lu", &size, &pages), 2);
	fclose(file);
	return pages;
}

static unsigned open_files(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1000; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static unsigned mappings(void)
{
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned count = 0;

	for (int c; (c = getc(file)) != EOF;)
		count += c == '\n';
	fclose(file);
	return count;
}

START_TEST(a_thousand)
{
	unsigned long pages = 0;
	unsigned files = 0, maps = 0;

	listen_begin();
	for (int i = 0; i < 1000; i++) {
		if (i == 100) {
			files = open_files();
			maps = mappings();
			pages = resident();
		}
		ck_assert_int_eq(update(i % 2 ? FAULT_READ : FAULT_ABORT), RELIB_PANICKED);
	}
	ck_assert_uint_eq(open_files(), files);
	ck_assert_uint_le(mappings(), maps + 10);
	ck_assert_uint_le(resident(), pages + 256);
	listen_end();
	ck_assert_uint_eq(relib_panic_count(module), 1000);
	unload(module);
}
END_TEST

/* The tracker goes on as before: what the module allocates then is still its own. */
START_TEST(tracker_goes_on)
{
	struct relib_report *report;

	if (!has_tracker)
		return;
	for (size_t i = 0; i < KINDS; i++)
		ck_assert_int_eq(update(kinds[i].fault), RELIB_PANICKED);
	unload(module);
	load("panic_faults", &game, &module, true);
	ck_assert_int_eq(update(FAULT_IN_HOOK), RELIB_PANICKED);
	ck_assert_int_eq(update(FAULT_LEAK), RELIB_OK);
	ck_assert_int_eq(relib_unload(module, NULL, &report, &error), RELIB_OK);
	ck_assert_uint_eq(report->heap.blocks, 1);
	ck_assert_uint_eq(report->heap.bytes, 1234);
	relib_report_free(report);
}
END_TEST

/* Handlers that were there before */

static volatile sig_atomic_t handled;
static void *volatile handled_address;
static volatile sig_atomic_t was_blocked, self_blocked;
static sigjmp_buf behind;

static void note_mask(int number)
{
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	was_blocked = sigismember(&mask, SIGUSR1);
	self_blocked = sigismember(&mask, number);
	handled = number;
}

static void plain_handler(int number)
{
	note_mask(number);
	siglongjmp(behind, 1);
}

static void full_handler(int number, siginfo_t *information, void *context)
{
	note_mask(number);
	handled_address = context ? information->si_addr : NULL;
	siglongjmp(behind, 1);
}

static void install(int number, int flags, void (*handler)(int))
{
	struct sigaction action = { .sa_flags = flags };

	if (handler)
		action.sa_handler = handler;
	else
		action.sa_sigaction = full_handler;
	sigaddset(&action.sa_mask, SIGUSR1);
	sigaction(number, &action, NULL);
}

static void expect_handled(int number, void (*run)(void), bool blocks_itself)
{
	sigset_t mask;

	handled = 0;
	if (!sigsetjmp(behind, 1))
		run();
	ck_assert_int_eq(handled, number);
	ck_assert_int_eq(was_blocked, 1);
	ck_assert_int_eq(self_blocked, blocks_itself);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	ck_assert_int_eq(sigismember(&mask, number), 0);
	ck_assert_int_eq(sigismember(&mask, SIGUSR1), 0);
}

START_TEST(handlers_of_before)
{
	install(SIGSEGV, SA_SIGINFO, NULL);
	install(SIGFPE, 0, plain_handler);
	install(SIGILL, SA_NODEFER, plain_handler);
	install(SIGABRT, SA_SIGINFO | SA_NODEFER, NULL);
	set_up();
	for (int i = 0; i < 3; i++) {
		expect_handled(SIGSEGV, host_reads, true);
		ck_assert_ptr_eq(handled_address, (void *)16);
		expect_handled(SIGFPE, host_divides, true);
		expect_handled(SIGILL, host_traps, false);
		expect_handled(SIGABRT, abort, false);
		handled = 0;
		ck_assert_int_eq(update(FAULT_READ), RELIB_PANICKED);
		ck_assert_int_eq(update(FAULT_RAISE_FPE), RELIB_PANICKED);
		ck_assert_int_eq(update(FAULT_TRAP), RELIB_PANICKED);
		ck_assert_int_eq(update(FAULT_ABORT), RELIB_PANICKED);
		ck_assert_int_eq(handled, 0);
		in_import = host_reads;
		expect_handled(SIGSEGV, module_calls, true);
	}
}
END_TEST

static void twice(void)
{
	if (!sigsetjmp(behind, 1))
		host_divides();
	if (handled == SIGFPE)
		host_divides();
}

START_TEST(handler_for_once)
{
	install(SIGFPE, SA_RESETHAND, plain_handler);
	set_up();
	ends_by(SIGFPE, twice);
	expect_handled(SIGFPE, host_divides, true);
}
END_TEST

/* What the process ignores it goes on ignoring, but nobody can ignore a fault. */
static void ignore_abort(void) { abort(); }

START_TEST(ignored_signals)
{
	signal(SIGSEGV, SIG_IGN);
	signal(SIGFPE, SIG_IGN);
	signal(SIGABRT, SIG_IGN);
	set_up();
	kill(getpid(), SIGFPE);
	raise(SIGSEGV);
	ends_by(SIGSEGV, host_reads);
	ends_by(SIGABRT, ignore_abort);
	ck_assert_int_eq(update(FAULT_READ), RELIB_PANICKED);
	raise(SIGSEGV);
}
END_TEST

/* A thread has an alternate stack of its own: it keeps that. */
START_TEST(own_signal_stack)
{
	static char stack[256 * 1024];
	stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) }, now;

	ck_assert_int_eq(sigaltstack(&own, NULL), 0);
	ck_assert_int_eq(update(FAULT_STACK), RELIB_PANICKED);
	ck_assert_int_eq(sigaltstack(NULL, &now), 0);
	ck_assert_ptr_eq(now.ss_sp, stack);
	unload(module);
}
END_TEST

static TCase *new_case(Suite *suite, const char *name)
{
	TCase *tests = tcase_create(name);

	tcase_set_timeout(tests, 120);
	suite_add_tcase(suite, tests);
	return tests;
}

static Suite *faults(void)
{
	Suite *suite = suite_create("faults");
	TCase *tests = new_case(suite, "contained");
	int host_kinds = sizeof(host_faults) / sizeof(*host_faults);

	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_loop_test(tests, in_an_export, 0, KINDS);
	tcase_add_loop_test(tests, in_main, 0, KINDS);
	tcase_add_loop_test(tests, in_before_unload, 0, KINDS);
	tcase_add_loop_test(tests, in_contain, 0, KINDS);
	tcase_add_loop_test(tests, on_threads, 0, KINDS);
	tcase_add_loop_test(tests, on_a_small_stack, 0, KINDS);
	tcase_add_test(tests, registers_are_put_back);
	tcase_add_test(tests, nested);
	tcase_add_test(tests, panics_stay_panics);
	tcase_add_test(tests, smashed_stack);
	tcase_add_test(tests, in_a_child);
	tcase_add_test(tests, a_thousand);
	tcase_add_test(tests, tracker_goes_on);
	tcase_add_test(tests, own_signal_stack);
	tests = new_case(suite, "not contained");
	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_loop_test(tests, host_outside_calls, 0, host_kinds);
	tcase_add_loop_test(tests, host_in_import, 0, host_kinds);
	tcase_add_test(tests, other_ends);
	tcase_add_test(tests, on_another_thread);
	tcase_add_test(tests, in_a_cleanup);
	tcase_add_test(tests, locked_heap);
	tcase_add_test(tests, after_a_jump);
	tcase_add_test(tests, in_a_handler);
	tests = new_case(suite, "handlers of the host");
	tcase_add_test(tests, handlers_of_before);
	tcase_add_test(tests, handler_for_once);
	tcase_add_test(tests, ignored_signals);
	return suite;
}

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "--no-tracker"))
		relib_init(argc, argv, &error);
	has_tracker = relib_has_tracker();
	return run_suite(faults());
}
