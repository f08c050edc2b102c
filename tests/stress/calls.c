/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Threads call exports without end, while another one unloads the module and loads it again: each call works or says why not.
 * Once as the kernel is, and once without membarrier.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "probe/host.h"
#include "stress.h"

#define THREADS 4

static struct probe probe;
static atomic_bool stop;
static atomic_ulong calls, refused, wrong;
static unsigned long seconds, rounds, seed;

static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

static bool may_be(enum relib_code code)
{
	return code == RELIB_BUSY || code == RELIB_NOT_LOADED;
}

static void count(enum relib_code code, enum relib_code good, bool right)
{
	if (code == good && right) {
		atomic_fetch_add(&calls, 1);
	} else if (may_be(code)) {
		atomic_fetch_add(&refused, 1);
		sched_yield();
	} else {
		/* All of them would be too many to read. */
		if (atomic_fetch_add(&wrong, 1) < 5)
			printf("# code %d, %s\n", (int)code, right ? "right" : "wrong");
	}
}

/* The inner call is refused at times, but never the outer one's end. */
static void call_nested(void)
{
	enum relib_code code;
	int32_t result = -1;

	code = probe_down_call(&probe, &result, 3);
	count(code, RELIB_OK, result >= 1 && result <= 6);
}

static void call_panicking(struct probe_log *notes)
{
	int32_t result = 9;
	enum relib_code code;

	notes->text[0] = '\0';
	code = probe_run_call(&probe, &result, "cleanups", notes);
	count(code, RELIB_PANICKED, result == 9 && !strcmp(notes->text, "innermost middle pthread outer"));
}

static void *call_always(void *argument)
{
	unsigned random = (unsigned)(uintptr_t)argument;
	struct probe_log notes;
	enum relib_code code;
	int32_t result;

	while (!atomic_load(&stop)) {
		unsigned what = next_random(&random) % 2000;

		if (what == 0) {
			call_panicking(&notes);
		} else if (what < 500) {
			call_nested();
		} else if (what < 1000) {
			notes.text[0] = '\0';
			result = 0;
			code = probe_run_call(&probe, &result, "assert none", &notes);
			count(code, RELIB_OK, result == 5);
		} else {
			count(probe_nothing_call(&probe), RELIB_OK, true);
		}
	}
	return NULL;
}

static bool is_time(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long)(now.tv_sec - start->tv_sec) >= seconds;
}

static pthread_t callers[THREADS];
static atomic_ulong loads, busy;

/* Stops a thread wherever it is, until the module is gone and another has come, or it is seen to be in the module's way. */
static void stall(int number)
{
	unsigned long loads_before = atomic_load(&loads), busy_before = atomic_load(&busy);
	int error = errno;

	(void)number;
	while (atomic_load(&loads) == loads_before && atomic_load(&busy) == busy_before && !atomic_load(&stop))
		sched_yield();
	errno = error;
}

/* Until it goes: calls are always in flight. */
static bool take_out(struct relib_module *module, unsigned long *tries)
{
	struct relib_error error;
	enum relib_code code;

	do {
		++*tries;
		code = relib_unload(module, NULL, NULL, &error);
		if (code == RELIB_BUSY)
			atomic_fetch_add(&busy, 1);
	} while (code == RELIB_BUSY);
	if (code)
		printf("# %s\n", error.message);
	return !code;
}

/* Some of each round. */
static void wait_for_calls(void)
{
	unsigned long before = atomic_load(&calls);

	while (atomic_load(&calls) < before + 50)
		sched_yield();
}

/* What the module's records lay in becomes something else, so that nobody gets away with looking there. */
static void reuse_memory(unsigned long round)
{
	static void *blocks[2][64];
	void **own = blocks[round % 2];

	for (size_t i = 0; i < 64; i++) {
		size_t size = 32 * (i + 1);

		free(own[i]);
		own[i] = malloc(size);
		memset(own[i], 0xee, size);
	}
}

static unsigned long go_round(void)
{
	static char *arguments[] = { (char *)"probe", (char *)"assert none", NULL };
	struct relib_module *module;
	struct relib_error error;
	unsigned long round, tries = 0;
	unsigned random = (unsigned)seed;
	struct timespec start;
	int32_t result;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (round = 0; round < rounds && !is_time(&start); round++) {
		if (relib_load(probe_path("probe-c.so"), probe_interface(&probe), &module, &error)) {
			printf("# %s\n", error.message);
			break;
		}
		atomic_fetch_add(&loads, 1);
		result = 0;
		if (relib_call_main(module, int32_t, &result, 2, arguments, &error) || result != 5)
			break;
		wait_for_calls();
		pthread_kill(callers[next_random(&random) % THREADS], SIGUSR1);
		if (!take_out(module, &tries))
			break;
		if (probe_nothing_call(&probe) != RELIB_NOT_LOADED)
			break;
		reuse_memory(round);
	}
	printf("# %lu rounds, %lu unloads tried, %lu calls, %lu refused\n", round, tries, atomic_load(&calls), atomic_load(&refused));
	return round == rounds || is_time(&start) ? round : 0;
}

static void stress(const char *name)
{
	struct sigaction action = { .sa_handler = stall, .sa_flags = SA_RESTART };
	unsigned long done_rounds;

	/* Its imports, before any thread looks at it. */
	probe_options(&probe);
	going_down = &probe;
	sigaction(SIGUSR1, &action, NULL);
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&callers[i], NULL, call_always, (void *)(uintptr_t)(seed + i)))
			bail("no thread");
	listen_begin();
	done_rounds = go_round();
	atomic_store(&stop, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(callers[i], NULL);
	listen_end();
	ok(done_rounds > 0, "%s: loaded and unloaded while threads call", name);
	ok(atomic_load(&calls) > 0 && atomic_load(&wrong) == 0, "%s: each call works, or is refused", name);
}

static bool forbid_membarrier(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* In a process of its own, so that the filter is this one's. */
static void stress_apart(const char *name, bool with_membarrier)
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		bail("no process");
	if (!child) {
		tap_failed = 0;
		if (!with_membarrier && (!forbid_membarrier() || syscall(SYS_membarrier, 0, 0, 0) >= 0))
			_exit(77);
		stress(name);
		fflush(stdout);
		_exit(tap_failed != 0);
	}
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		printf("ok %d - %s # SKIP no seccomp here\n", ++tap_count, name);
		return;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) <= 1) {
		tap_count += 2;
		tap_failed += WEXITSTATUS(status);
		return;
	}
	ok(false, "%s: the process ended with status %#x", name, (unsigned)status);
}

int main(int argc, char **argv)
{
	(void)argc;
	stress_begin(argv, NULL);
	seconds = setting("STRESS_SECONDS", 4);
	rounds = setting("STRESS_ROUNDS", 10000);
	seed = setting("STRESS_SEED", (unsigned long)time(NULL) ^ (unsigned long)getpid());
	stress_apart("with membarrier", true);
	stress_apart("without membarrier", false);
	return done();
}
