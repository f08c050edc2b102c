/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The timed program: `host WORK FOLDER DIVISOR` prints one number. It knows nothing of who tracks it. */
#include <dlfcn.h>
#include <err.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

static const char *folder;
static uint64_t scale = 1; /* a quick run divides the operations by it */

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void *open_module(const char *name)
{
	char path[4096];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		errx(1, "%s", dlerror());
	return handle;
}

static void *symbol(void *handle, const char *name)
{
	void *address = dlsym(handle, name);

	if (!address)
		errx(1, "%s", dlerror());
	return address;
}

static const struct work *open_work(void)
{
	return symbol(open_module("module-work.so"), "bench_work");
}

/* The host's own copies of the loops, while a module is loaded and idle. */
static void host_pair(uint64_t operations) { work_pair(operations); }
static struct live *host_live_fill(size_t count, uint64_t seed) { return work_live_fill(count, seed); }
static void host_live(struct live *live, uint64_t operations) { work_live(live, operations); }
static void host_strdup(uint64_t operations) { work_strdup(operations); }
static void host_mapping(uint64_t operations) { work_mapping(operations); }
static void host_open(uint64_t operations) { work_open(operations); }
static const struct work host_work = { host_pair, host_live_fill, host_live, host_strdup, NULL, host_mapping, NULL, host_open, NULL };

static const struct work *open_idle(void)
{
	open_work();
	return &host_work;
}

/* The module holds so many mappings meanwhile. */
static const struct work *keep_mappings(const struct work *work, size_t count)
{
	open_work()->keep_mappings(count);
	return work;
}

static void lock_and_unlock(uint64_t operations)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

	while (operations--) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
}

static double per_operation(void (*run)(uint64_t), uint64_t operations)
{
	uint64_t start;

	operations /= scale;
	run(operations / 10);
	start = now();
	run(operations);
	return (double)(now() - start) / operations;
}

static double live(const struct work *work, size_t count, uint64_t operations)
{
	struct live *live = work->live_fill(count, 1);
	uint64_t start;

	operations /= scale;
	work->live(live, operations / 10);
	start = now();
	work->live(live, operations);
	return (double)(now() - start) / operations;
}

struct worker {
	const struct work *work;
	pthread_barrier_t *start;
	double result;
	size_t count;
};

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	struct live *live = worker->work->live_fill(worker->count, (uintptr_t)worker);
	uint64_t operations = 5000000 / scale, start;

	pthread_barrier_wait(worker->start);
	start = now();
	worker->work->live(live, operations);
	worker->result = (double)(now() - start) / operations;
	return NULL;
}

static double two_threads(const struct work *work, size_t count)
{
	pthread_barrier_t start;
	struct worker worker[2];
	pthread_t thread[2];

	pthread_barrier_init(&start, NULL, 2);
	for (int i = 0; i < 2; i++) {
		worker[i] = (struct worker){ work, &start, 0, count };
		if (pthread_create(&thread[i], NULL, worker_main, &worker[i]))
			errx(1, "no thread");
	}
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return (worker[0].result + worker[1].result) / 2;
}

static double string(void)
{
	void (*run)(uint64_t) = (void (*)(uint64_t))(uintptr_t)symbol(open_module("module-string.so"), "bench_string");

	return per_operation(run, 10000000);
}

static long resident_kib(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		errx(1, "no /proc/self/statm");
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* In bytes a block. */
static double memory(void)
{
	const struct work *work = open_work();
	long before = resident_kib();

	work->leak(1000000);
	return (resident_kib() - before) * 1024.0 / 1000000;
}

/* In nanoseconds a cycle. */
static double load_cycle(const char *name, size_t leaks)
{
	uint64_t count = 2000 / scale, start = 0;

	for (uint64_t i = 0; i < count + 20; i++) {
		void *handle;

		if (i == 20)
			start = now();
		handle = open_module(name);
		if (leaks)
			((const struct work *)symbol(handle, "bench_work"))->leak(leaks);
		dlclose(handle);
	}
	return (double)(now() - start) / count;
}

static double load_again(void)
{
	open_module("module-empty.so");
	return load_cycle("module-empty.so", 0);
}

static __attribute__((noreturn)) void *sleep_on(void *none)
{
	(void)none;
	for (;;)
		pause();
}

static double host_mutex(void)
{
	open_idle();
	return per_operation(lock_and_unlock, 20000000);
}

static double load_beside_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, sleep_on, NULL))
		errx(1, "no thread");
	return load_cycle("module-empty.so", 0);
}

/* The time of the dlclose, in nanoseconds. */
static double unload(size_t leaks)
{
	void *handle = open_module("module-work.so");
	const struct work *work = symbol(handle, "bench_work");
	uint64_t start;

	work->leak(leaks);
	start = now();
	dlclose(handle);
	return now() - start;
}

static pthread_barrier_t all_there;

static __attribute__((noreturn)) void *stay(void *runs)
{
	pthread_barrier_wait(&all_there);
	while (runs)
		__asm__ volatile("" ::: "memory");
	for (;;)
		pause();
}

/* The host's threads are looked at: is one in the module? */
static double unload_beside(unsigned running)
{
	void *handle = open_module("module-work.so");
	pthread_t thread;
	uint64_t start;

	pthread_barrier_init(&all_there, NULL, 65);
	for (unsigned i = 0; i < 64; i++)
		if (pthread_create(&thread, NULL, stay, i < running ? handle : NULL))
			errx(1, "no thread");
	pthread_barrier_wait(&all_there);
	usleep(20000); /* until they are asleep */
	start = now();
	dlclose(handle);
	return now() - start;
}

/*
 * A million descriptors, or as many as are allowed. Untracked they are closed by the host, one by one: what is more than that
 * is the settlement's.
 */
static double unload_files_from(int first)
{
	struct rlimit limit = { 1048576, 1048576 };
	void *handle = open_module("module-work.so");
	const struct work *work = symbol(handle, "bench_work");
	bool tracked = dlsym(RTLD_DEFAULT, "relib_track");
	uint64_t start;
	size_t count;

	if (setrlimit(RLIMIT_NOFILE, &limit) && !getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	count = work->leak_files(1000000 / scale);
	if (count < 1000000 / scale)
		fprintf(stderr, "no more than %zu descriptors are allowed\n", count);
	start = now();
	for (size_t i = 0; i < count && !tracked; i++)
		close(first + (int)i);
	dlclose(handle);
	return now() - start;
}

static double unload_files(void)
{
	return unload_files_from(4);
}

/* What no-kernel.c gives. */
static double unload_table(void)
{
	return unload_files_from(0x40000000);
}

#define WORK(id, expression) static double run_##id(void) { return expression; }
WORK(pair, per_operation(open_work()->pair, 20000000))
WORK(live_1000, live(open_work(), 1000, 10000000))
WORK(live_100000, live(open_work(), 100000, 10000000))
WORK(live_1000000, live(open_work(), 1000000, 5000000))
WORK(threads_1000, two_threads(open_work(), 1000))
WORK(threads_100000, two_threads(open_work(), 100000))
WORK(strdup, per_operation(open_work()->strdup, 10000000))
WORK(host_pair, per_operation(open_idle()->pair, 20000000))
WORK(host_live_1000, live(open_idle(), 1000, 10000000))
WORK(host_live_100000, live(open_idle(), 100000, 10000000))
WORK(host_live_1000000, live(open_idle(), 1000000, 5000000))
WORK(host_strdup, per_operation(open_idle()->strdup, 10000000))
WORK(mapping, per_operation(open_work()->mapping, 200000))
WORK(mapping_100, per_operation(keep_mappings(open_work(), 100)->mapping, 200000))
WORK(host_mapping, per_operation(open_idle()->mapping, 200000))
WORK(host_mapping_100, per_operation(keep_mappings(open_idle(), 100)->mapping, 200000))
WORK(host_mapping_10000, per_operation(keep_mappings(open_idle(), 10000)->mapping, 200000))
WORK(open, per_operation(open_work()->open, 1000000))
WORK(host_open, per_operation(open_idle()->open, 1000000))
WORK(load_cycle, load_cycle("module-empty.so", 0))
WORK(load_cycle_leak, load_cycle("module-work.so", 4))
WORK(unload_0, unload(0))
WORK(unload_1000, unload(1000))
WORK(unload_100000, unload(100000))
WORK(unload_1000000, unload(1000000))
WORK(unload_asleep, unload_beside(0))
WORK(unload_running, unload_beside(2))

static const struct {
	const char *name;
	double (*run)(void);
} works[] = {
	{ "pair", run_pair }, { "live-1000", run_live_1000 }, { "live-100000", run_live_100000 },
	{ "live-1000000", run_live_1000000 }, { "threads-1000", run_threads_1000 },
	{ "threads-100000", run_threads_100000 }, { "strdup", run_strdup }, { "string", string },
	{ "host-pair", run_host_pair }, { "host-live-1000", run_host_live_1000 },
	{ "host-live-100000", run_host_live_100000 }, { "host-live-1000000", run_host_live_1000000 },
	{ "host-strdup", run_host_strdup }, { "load-cycle", run_load_cycle }, { "memory", memory },
	{ "mapping", run_mapping }, { "mapping-100", run_mapping_100 }, { "host-mapping", run_host_mapping },
	{ "host-mapping-100", run_host_mapping_100 }, { "host-mapping-10000", run_host_mapping_10000 },
	{ "unload-0", run_unload_0 }, { "unload-1000", run_unload_1000 },
	{ "unload-100000", run_unload_100000 }, { "unload-1000000", run_unload_1000000 },
	{ "open", run_open }, { "host-open", run_host_open }, { "unload-files", unload_files },
	{ "unload-asleep", run_unload_asleep }, { "unload-running", run_unload_running },
	{ "unload-table", unload_table }, { "load-cycle-leak", run_load_cycle_leak }, { "load-again", load_again },
	{ "load-beside-thread", load_beside_thread }, { "host-mutex", host_mutex },
};

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "usage: host WORK FOLDER DIVISOR");
	folder = argv[2];
	scale = strtoull(argv[3], NULL, 10);
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		if (strcmp(works[i].name, argv[1]))
			continue;
		printf("%.3f\n", works[i].run());
		/* Not exit: what is left is not to be settled outside the clock. */
		fflush(stdout);
		_exit(0);
	}
	errx(2, "no work is called %s", argv[1]);
}
