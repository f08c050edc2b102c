/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Threads of the host map and unmap, for the module and for themselves, while others do, and the module goes while they do.
 * What the module left is just what is reported, and is unmapped; nothing of the host's ever is.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include "modules/stress_mappings.h"
#include "stress.h"

#define MODULE_THREADS 3
#define HOST_THREADS 2
#define PAGES 24
#define NOTED 1024
#define SHARED 64 /* pages that two threads cut at once */

static unsigned long rounds, cycles, seed;
static size_t page;
static const struct stress_mappings *module;
static pthread_barrier_t together;
static bool ending;
static const char *failure;

static void fail(const char *what)
{
	__atomic_store_n(&failure, what, __ATOMIC_RELAXED);
}

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Threads that act for the module */

struct worker {
	pthread_t thread;
	unsigned number;
	uint64_t random;
	uint64_t left; /* pages that stay mapped */
	char *first[NOTED]; /* of these, the first ones */
};

static char *shared;

static void leave_page(struct worker *worker, char *start)
{
	if (worker->left < NOTED)
		worker->first[worker->left] = start;
	worker->left++;
}

/* One mapping, taken to pieces; what is left of it stays. */
static void cut_one(struct worker *worker)
{
	size_t pages = 1 + next_random(&worker->random) % PAGES;
	char *start = module->map(pages * page);
	bool there[PAGES];
	bool leave = next_random(&worker->random) % 8 == 0;

	if (!start)
		return fail("no memory");
	if (module->unmap(start, 0))
		fail("munmap of nothing");
	memset(there, true, sizeof(there));
	for (int i = 0; i < 4; i++) {
		size_t from = next_random(&worker->random) % pages, most = 1 + next_random(&worker->random) % PAGES, many = 0;

		/* What is gone may be another thread's. */
		for (; many < most && from + many < pages && there[from + many]; many++)
			there[from + many] = false;
		if (many && !module->unmap(start + from * page, many * page))
			fail("munmap of a part");
	}
	for (size_t i = 0; i < pages; i++) {
		if (!there[i])
			continue;
		start[i * page] = 2;
		if (leave)
			leave_page(worker, start + i * page);
		else if (!module->unmap(start + i * page, page))
			fail("munmap of a page");
	}
}

static void remap_one(struct worker *worker)
{
	size_t pages = 2 + next_random(&worker->random) % PAGES, other = 2 + next_random(&worker->random) % PAGES;
	char *start = module->map(pages * page);

	if (start)
		start = module->remap(start, pages * page, other * page);
	if (!start)
		return fail("no memory");
	if (!module->map_over(start + page, page))
		fail("mmap onto its own");
	start[page] = 1;
	if (next_random(&worker->random) % 8 == 0)
		for (size_t i = 0; i < other; i++)
			leave_page(worker, start + i * page);
	else if (!module->unmap(start, other * page))
		fail("munmap of what was remapped");
}

/* The first two threads take every other page of one mapping, at once. */
static void cut_shared(struct worker *worker)
{
	if (worker->number == 0) {
		shared = module->map(SHARED * page);
		if (!shared)
			return fail("no memory");
	}
	pthread_barrier_wait(&together);
	for (size_t i = worker->number; shared && i < SHARED; i += 2) {
		if (i % 16 < 2)
			leave_page(worker, shared + i * page);
		else if (!module->unmap(shared + i * page, page))
			fail("munmap of a page of two threads");
	}
	pthread_barrier_wait(&together);
}

static void *run_worker(void *argument)
{
	struct worker *worker = argument;

	for (unsigned long i = 0; i < rounds / cycles && !failure; i++) {
		if (next_random(&worker->random) % 3)
			cut_one(worker);
		else
			remap_one(worker);
	}
	if (worker->number < 2)
		for (int i = 0; i < 4; i++)
			cut_shared(worker);
	return NULL;
}

/* Threads that act for the host, also while the module goes */

struct own {
	pthread_t thread;
	uint64_t random, done;
};

static char *map_own(size_t pages)
{
	char *start = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		bail("no memory");
	for (size_t i = 0; i < pages; i++)
		start[i * page] = (char)pages;
	return start;
}

/* A page that another took away would be a fault, or not hold what was written. */
static void check_own(const char *start, size_t pages, size_t hole)
{
	for (size_t i = 0; i < pages; i++)
		if (i != hole && start[i * page] != (char)pages)
			fail("the host's memory was mapped anew");
}

/* The hole may be another thread's by now. */
static void unmap_own(char *start, size_t pages, size_t hole)
{
	if (hole)
		munmap(start, hole * page);
	if (hole + 1 < pages)
		munmap(start + (hole + 1) * page, (pages - hole - 1) * page);
}

static void *run_own(void *argument)
{
	struct own *own = argument;
	char *kept[8] = { 0 };
	size_t lengths[8], holes[8];

	while (!__atomic_load_n(&ending, __ATOMIC_ACQUIRE)) {
		unsigned at = next_random(&own->random) % 8;

		if (kept[at]) {
			check_own(kept[at], lengths[at], holes[at]);
			unmap_own(kept[at], lengths[at], holes[at]);
		}
		lengths[at] = 2 + next_random(&own->random) % PAGES;
		holes[at] = next_random(&own->random) % lengths[at];
		kept[at] = map_own(lengths[at]);
		munmap(kept[at] + holes[at] * page, page);
		own->done++;
	}
	for (unsigned at = 0; at < 8; at++)
		if (kept[at])
			unmap_own(kept[at], lengths[at], holes[at]);
	return NULL;
}

/* All */

static uint64_t reported_bytes(const struct relib_report *report)
{
	uint64_t bytes = 0;

	for (size_t i = 0; report && i < report->entry_count; i++)
		if (report->entries[i].kind == RELIB_KIND_MAPPING && report->entries[i].action == RELIB_ACTION_RELEASED)
			bytes += report->entries[i].bytes;
	return bytes;
}

static bool run_cycle(const char *path, struct worker *workers, uint64_t *left)
{
	struct relib_report *report = NULL;
	struct relib_module *loaded;
	struct relib_error error;
	uint64_t pages = 0;
	bool good;

	module = must_load(path, "stress_mappings_functions", &loaded);
	for (unsigned i = 0; i < MODULE_THREADS; i++) {
		workers[i].left = 0;
		if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]))
			bail("no thread");
	}
	for (unsigned i = 0; i < MODULE_THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		pages += workers[i].left;
	}
	if (relib_unload(loaded, NULL, &report, &error))
		bail("%s", error.message);
	good = !failure && reported_bytes(report) == pages * page;
	if (!good)
		printf("# %s; %llu bytes were left, %llu reported\n", failure ? failure : "all went well",
		       (unsigned long long)(pages * page), (unsigned long long)reported_bytes(report));
	relib_report_free(report);
	*left += pages;
	return good;
}

/* Few: the tracker and libc map memory too. */
static bool are_gone(const struct worker *workers)
{
	unsigned noted = 0, there = 0;
	unsigned char resident;

	for (unsigned i = 0; i < MODULE_THREADS; i++)
		for (uint64_t at = 0; at < workers[i].left && at < NOTED; at++) {
			noted++;
			there += !mincore(workers[i].first[at], page, &resident);
		}
	printf("# of %u pages that were left %u are mapped\n", noted, there);
	return noted && there <= noted / 10;
}

int main(int argc, char **argv)
{
	static struct worker workers[MODULE_THREADS];
	static struct own owns[HOST_THREADS];
	unsigned long good = 0, mapped = 0;
	uint64_t left = 0;
	char path[4096];

	(void)argc;
	stress_begin(argv, NULL);
	rounds = setting("STRESS_ROUNDS", 10000);
	cycles = setting("STRESS_CYCLES", 20);
	seed = setting("STRESS_SEED", (unsigned long)time(NULL));
	page = (size_t)sysconf(_SC_PAGESIZE);
	stress_path(path, "stress_mappings.so");
	pthread_barrier_init(&together, NULL, 2);
	for (unsigned i = 0; i < HOST_THREADS; i++) {
		owns[i].random = seed * 100 + i;
		if (pthread_create(&owns[i].thread, NULL, run_own, &owns[i]))
			bail("no thread");
	}
	for (unsigned i = 0; i < MODULE_THREADS; i++) {
		workers[i].number = i;
		workers[i].random = seed * 1000 + i;
	}
	while (good < cycles && run_cycle(path, workers, &left))
		good++;
	__atomic_store_n(&ending, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < HOST_THREADS; i++) {
		pthread_join(owns[i].thread, NULL);
		mapped += owns[i].done;
	}
	printf("# the host mapped %lu times meanwhile; the modules left %llu pages\n", mapped, (unsigned long long)left);
	ok(good == cycles, "%lu cycles of %lu rounds in %d threads: just what is left is reported (seed %lu)", good,
	   rounds / cycles, MODULE_THREADS, seed);
	ok(!failure, "nothing of the host's was taken away");
	ok(run_cycle(path, workers, &left) && are_gone(workers), "and what a module leaves is unmapped");
	return done();
}
