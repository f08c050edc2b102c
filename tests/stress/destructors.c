/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Thread-local destructors that are pending on other threads: a reason to refuse, waited for, or run by the one that unloads. */
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#include "stress.h"
#include "modules/thread_locals.h"

static struct relib_module *module;
static const struct thread_locals *functions;
static struct relib_report *report;
static struct relib_error error;
static char path[4096];

static void load(void)
{
	functions = must_load(path, "thread_locals_functions", &module);
}

static bool blind; /* the stacks of threads aren't looked at, which takes long enough for most to end */

static enum relib_code unload(bool run, unsigned grace_ms)
{
	struct relib_unload_options options = { .grace_ms = grace_ms, .ignore_stacks = blind };

	if (run)
		options.policies[RELIB_KIND_THREAD_DESTRUCTOR] = RELIB_POLICY_RELEASE;
	relib_report_free(report);
	return relib_unload(module, &options, &report, &error);
}

struct toucher {
	pthread_t thread;
	pid_t id;
	struct thread_locals_log log;
	sem_t touched, may_end;
	bool late;
	int turns; /* before its end */
};

static void *touch(void *argument)
{
	struct toucher *toucher = argument;

	toucher->id = (pid_t)syscall(SYS_gettid);
	functions->touch(&toucher->log);
	if (toucher->late)
		functions->touch_late(&toucher->log);
	sem_post(&toucher->touched);
	while (sem_wait(&toucher->may_end))
		;
	for (volatile int turn = toucher->turns; turn > 0; turn = turn - 1)
		;
	return NULL;
}

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore))
		;
}

static void start(struct toucher *toucher)
{
	sem_init(&toucher->touched, 0, 0);
	sem_init(&toucher->may_end, 0, 0);
	if (pthread_create(&toucher->thread, NULL, touch, toucher))
		bail("no thread");
	wait_for(&toucher->touched);
}

static void end(struct toucher *toucher)
{
	sem_post(&toucher->may_end);
	pthread_join(toucher->thread, NULL);
}

static void refused(void)
{
	struct toucher toucher = { .late = false };

	load();
	start(&toucher);
	ok(unload(false, 0) == RELIB_THREADS_RUNNING && report->threads.destructors == 3, "destructors pending on another thread refuse");
	ok(!toucher.log.count, "none was run");
	end(&toucher);
	ok(!strcmp(toucher.log.letters, "cba"), "the thread runs them at its end");
	ok(unload(false, 0) == RELIB_OK && !is_mapped("thread_locals.so"), "then it is unloaded");
}

static unsigned count_run(pid_t thread, const char *function)
{
	unsigned count = 0;

	for (size_t i = 0; i < report->entry_count; i++) {
		const struct relib_entry *entry = &report->entries[i];

		count += entry->kind == RELIB_KIND_THREAD_DESTRUCTOR && entry->action == RELIB_ACTION_RELEASED &&
			 entry->thread_id == thread && entry->function.function && strstr(entry->function.function, function);
	}
	return count;
}

static void run_from_here(void)
{
	struct toucher one = { .late = true }, other = { .late = false };

	load();
	start(&one);
	start(&other);
	if (!ok(unload(true, 0) == RELIB_OK && !is_mapped("thread_locals.so"), "with the policy they are run, and it is unloaded"))
		printf("#   %s\n", error.message);
	ok(!strcmp(other.log.letters, "cba"), "those of a thread in reverse order (%s)", other.log.letters);
	ok(!strcmp(one.log.letters, "lcbad") || !strcmp(one.log.letters, "ldcba"), "and those that they add (%s)", one.log.letters);
	ok(report->kinds[RELIB_KIND_THREAD_DESTRUCTOR].released == 7, "the report counts them");
	ok(count_run(one.id, "Noted") == 3 && count_run(one.id, "Late") == 1 && count_run(other.id, "Noted") == 3,
	   "it names them, and their threads");
	end(&one);
	end(&other);
	ok(one.log.count == 5 && other.log.count == 3, "the threads' ends run none again");
	load();
	start(&one);
	end(&one);
	ok(unload(true, 0) == RELIB_OK, "it can be loaded again");
}

static void *end_when_told(void *argument)
{
	struct toucher *toucher = argument;
	struct timespec time = { .tv_nsec = 20000000 };

	nanosleep(&time, NULL);
	sem_post(toucher->log.may_go);
	return NULL;
}

/* A thread that is in one as the module is to be unloaded. */
static void one_that_runs(void)
{
	struct toucher toucher = { .late = false };
	sem_t entered, may_go;
	pthread_t helper;

	sem_init(&entered, 0, 0);
	sem_init(&may_go, 0, 0);
	toucher.log.entered = &entered;
	toucher.log.may_go = &may_go;
	load();
	start(&toucher);
	sem_post(&toucher.may_end);
	wait_for(&entered);
	ok(unload(true, 0) == RELIB_THREADS_RUNNING && report->threads.destructors == 1, "one that a thread runs just now refuses");
	if (pthread_create(&helper, NULL, end_when_told, &toucher))
		bail("no thread");
	ok(unload(true, 60000) == RELIB_OK, "with a grace period it is waited for");
	pthread_join(helper, NULL);
	pthread_join(toucher.thread, NULL);
	ok(!strcmp(toucher.log.letters, "cba") && toucher.log.count == 3, "each was run once (%s)", toucher.log.letters);
}

static void race(unsigned long rounds, unsigned seed)
{
	unsigned long failed = 0, wrong = 0, here = 0;

	for (unsigned long round = 0; round < rounds && failed + wrong < 5; round++) {
		struct toucher toucher = { .log = { .slow = (unsigned)rand_r(&seed) % 30000 }, .turns = rand_r(&seed) % 300000 };
		enum relib_code code;

		blind = round % 4;
		load();
		start(&toucher);
		sem_post(&toucher.may_end);
		code = unload(true, 60000);
		if (code)
			printf("#   %s\n", error.message);
		failed += code != RELIB_OK;
		here += report->kinds[RELIB_KIND_THREAD_DESTRUCTOR].released != 0;
		pthread_join(toucher.thread, NULL);
		wrong += strcmp(toucher.log.letters, "cba") || toucher.log.count != 3;
		if (code && unload(true, 60000))
			bail("%s", error.message);
	}
	ok(!failed, "threads that end while the module is unloaded, %lu times", rounds);
	ok(!wrong, "each destructor runs once and in its order");
	printf("# %lu times some ran here\n", here);
}

/* Rust */

static void (*rust_touch)(unsigned *ends);

static void *touch_rust(void *argument)
{
	struct toucher *toucher = argument;

	rust_touch(&toucher->log.count);
	sem_post(&toucher->touched);
	wait_for(&toucher->may_end);
	return NULL;
}

static int rust(const char *file)
{
	struct toucher toucher = { .late = false };
	unsigned before;

	rust_touch = must_load(file, "rust_touch", &module);
	sem_init(&toucher.touched, 0, 0);
	sem_init(&toucher.may_end, 0, 0);
	if (pthread_create(&toucher.thread, NULL, touch_rust, &toucher))
		bail("no thread");
	wait_for(&toucher.touched);
	ok(unload(false, 0) == RELIB_THREADS_RUNNING && report->threads.destructors, "Rust: an object of another thread refuses");
	ok(unload(true, 0) == RELIB_OK, "Rust: or is destroyed");
	before = toucher.log.count;
	end(&toucher);
	ok(before == 1 && toucher.log.count == 1, "Rust: once (%u, %u)", before, toucher.log.count);
	return done();
}

int main(int count, char **arguments)
{
	unsigned long seed;

	stress_begin(arguments, NULL);
	if (count > 1)
		return rust(arguments[1]);
	stress_path(path, "thread_locals.so");
	refused();
	run_from_here();
	one_that_runs();
	seed = setting("STRESS_SEED", (unsigned long)time(NULL));
	race(setting("STRESS_ROUNDS", 10000), (unsigned)seed);
	return done();
}
