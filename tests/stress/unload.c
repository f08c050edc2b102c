/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Threads and thread-local data that an unload meets: what refuses it, what is given back, what pins a module. */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>

#include "stress.h"
#include "modules/stress_threads.h"

#define LONG_MS 60000 /* that a loaded machine may take; nothing waits for it when all is well */

static struct relib_module *module;
static const struct stress_threads *threads;
static struct relib_report *report;
static struct relib_error error;
static char path[4096], report_path[4200];

static void load(void)
{
	threads = must_load(path, "stress_threads_functions", &module);
}

static enum relib_code unload(unsigned grace_ms, bool keep)
{
	struct relib_unload_options options = { .grace_ms = grace_ms, .keep_leaks = keep };

	relib_report_free(report);
	return relib_unload(module, &options, &report, &error);
}

static const struct relib_entry *find_entry(enum relib_kind kind, enum relib_action action, const char *function)
{
	for (size_t i = 0; report && i < report->entry_count; i++) {
		const struct relib_entry *entry = &report->entries[i];

		if (entry->kind == kind && entry->action == action && entry->function.function &&
		    strstr(entry->function.function, function))
			return entry;
	}
	return NULL;
}

static bool is_started_by(const struct relib_entry *entry, const char *function)
{
	for (size_t i = 0; i < entry->callsite.count; i++)
		if (entry->callsite.frames[i].function && !strcmp(entry->callsite.frames[i].function, function))
			return true;
	return false;
}

static void ok_unloaded(const char *name)
{
	enum relib_code code = unload(LONG_MS, false);

	if (!ok(code == RELIB_OK && !is_mapped("stress_threads.so"), "%s: then it is unloaded", name))
		printf("#   %s\n", error.message);
}

static void running(int c11)
{
	const char *name = c11 ? "thrd_create" : "pthread_create", *function = c11 ? "run_until_told_c11" : "run_until_told";
	const struct relib_entry *entry;

	load();
	if (!threads->start(c11))
		bail("no thread");
	ok(unload(0, false) == RELIB_THREADS_RUNNING, "%s: a thread that runs refuses", name);
	ok(report && report->outcome == RELIB_OUTCOME_REFUSED && report->threads.running == 1 && !report->threads.ended,
	   "%s: it is counted", name);
	entry = find_entry(RELIB_KIND_THREAD, RELIB_ACTION_BLOCKS, function);
	ok(entry && entry->thread_id > 0 && entry->thread_id != getpid() && entry->thread_name,
	   "%s: it is named, with number, name and function", name);
	ok(entry && is_started_by(entry, "start_thread"), "%s: so is who started it", name);
	threads->stop();
	ok_unloaded(name);
	ok(report && !report->threads.running && !report->threads.ended, "%s: a thread that was joined is none", name);
}

static void left(int by_exit)
{
	const char *name = by_exit ? "a thread that ended by pthread_exit" : "a thread that returned";
	const struct relib_entry *entry;

	load();
	if (!threads->leave(by_exit))
		bail("no thread");
	ok_unloaded(name);
	if (!ok(report && report->threads.ended == 1 && report->threads.released == 1, "%s, unjoined: it is joined now", name))
		printf("#   ended %d, released %d\n", (int)report->threads.ended, (int)report->threads.released);
	load();
	if (!threads->leave(by_exit))
		bail("no thread");
	ok(unload(LONG_MS, true) == RELIB_OK && report && report->threads.ended == 1 && !report->threads.released,
	   "%s, unjoined: with keep_leaks it is left", name);
	entry = find_entry(RELIB_KIND_THREAD, RELIB_ACTION_REPORTED, "end_at_once");
	ok(entry && is_started_by(entry, "leave_thread"), "%s, unjoined: and named", name);
}

static void slow_end(void)
{
	load();
	if (!threads->start_slow_end())
		bail("no thread");
	ok(unload(0, false) == RELIB_THREADS_RUNNING,
	   "a thread whose function is over, but not its thread-local destructor, refuses");
	ok(report && report->threads.running == 1, "it counts as running");
	threads->end_slow_end();
	ok_unloaded("a thread that has left its thread-local destructor");
}

struct toucher {
	sem_t touched, may_end;
	pid_t id;
	int runs;
};

static void *touch_and_wait(void *argument)
{
	struct toucher *toucher = argument;

	toucher->id = (pid_t)syscall(SYS_gettid);
	threads->touch(&toucher->runs);
	sem_post(&toucher->touched);
	sem_wait(&toucher->may_end);
	return NULL;
}

static pthread_t start_toucher(struct toucher *toucher)
{
	pthread_t thread;

	sem_init(&toucher->touched, 0, 0);
	sem_init(&toucher->may_end, 0, 0);
	if (pthread_create(&thread, NULL, touch_and_wait, toucher))
		bail("no thread");
	sem_wait(&toucher->touched);
	return thread;
}

static void thread_local_data(void)
{
	struct toucher toucher = { .runs = 0 };
	const struct relib_entry *entry;
	pthread_t thread;
	int runs = 0;

	load();
	threads->touch(&runs);
	ok_unloaded("thread-local data of the thread that unloads");
	ok(runs == 1, "its destructor has run, once");

	load();
	thread = start_toucher(&toucher);
	ok(unload(0, false) == RELIB_THREADS_RUNNING, "thread-local data of another thread of the host's refuses");
	ok(report && report->threads.destructors == 2 && !report->threads.running, "both of its objects count as destructors");
	entry = find_entry(RELIB_KIND_THREAD_DESTRUCTOR, RELIB_ACTION_BLOCKS, "Counted");
	ok(entry && entry->thread_id == toucher.id, "the destructor and its thread are named");
	ok(strstr(error.message, "Counted") != NULL, "in the message, too");
	ok(toucher.runs == 0, "the other thread's destructor has not run");
	sem_post(&toucher.may_end);
	pthread_join(thread, NULL);
	ok(toucher.runs == 1, "it runs at that thread's end");
	ok_unloaded("thread-local data of another thread that has ended");
}

static void opened_twice(void)
{
	void *second;

	load();
	second = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	ok(unload(0, false) == RELIB_STILL_MAPPED && strstr(error.message, "opened more than once"),
	   "a module that the host has opened as well: the reason is told");
	dlclose(second);
	ok_unloaded("a module that the host has closed again");
}

static bool was_reported(const char *outcome, const char *reason)
{
	static char line[65536];
	FILE *file = fopen(report_path, "re");
	bool found = false;

	while (file && fgets(line, sizeof(line), file))
		found |= strstr(line, outcome) && strstr(line, reason) && strstr(line, "stress_threads.so");
	if (file)
		fclose(file);
	return found;
}

/* As an unmodified host opens and closes. */
static void *open_plainly(void)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		bail("%s", dlerror());
	threads = dlsym(handle, "stress_threads_functions");
	return handle;
}

static void pinned(void)
{
	struct toucher toucher = { .runs = 0 };
	void *handle = open_plainly(), *other;
	pthread_t thread;

	if (!threads->start(0))
		bail("no thread");
	ok(dlclose(handle) == 0 && is_mapped("stress_threads.so"), "an unmodified host: a module whose thread runs is closed, and stays");
	ok(was_reported("\"pinned\"", "a thread of its own still runs"), "an unmodified host: the reason is told");
	threads->stop();
	other = dlopen("libm.so.6", RTLD_NOW);
	ok(!is_mapped("stress_threads.so"), "an unmodified host: it goes at the next dlopen after the thread has ended");
	if (other)
		dlclose(other);

	handle = open_plainly();
	thread = start_toucher(&toucher);
	ok(dlclose(handle) == 0 && is_mapped("stress_threads.so"), "an unmodified host: so it is with thread-local data of a live thread");
	ok(was_reported("\"pinned\"", "thread-local destructor"), "an unmodified host: and that reason is told");
	sem_post(&toucher.may_end);
	pthread_join(thread, NULL);
	dlclose(dlopen("libm.so.6", RTLD_NOW));
	ok(!is_mapped("stress_threads.so") && toucher.runs == 1, "an unmodified host: the destructor runs, and it goes");
}

int main(int argc, char **argv)
{
	static char track[8192];
	const char *folder = getenv("TMPDIR");

	(void)argc;
	folder = folder ? folder : "/tmp";
	stress_path(path, "stress_threads.so");
	snprintf(track, sizeof(track), "RELIB_TRACK=quiet,report=%s/relib-unload.%%p.jsonl", folder);
	snprintf(report_path, sizeof(report_path), "%s/relib-unload.%d.jsonl", folder, (int)getpid());
	stress_begin(argv, track);
	running(0);
	running(1);
	left(0);
	left(1);
	slow_end();
	thread_local_data();
	opened_twice();
	pinned();
	relib_report_free(report);
	unlink(report_path);
	return done();
}
