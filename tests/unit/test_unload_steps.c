/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * An unload is all or nothing up to dlclose. Each of its steps is made to fail: then the module is loaded and works, with all
 * that it holds, and when the reason is gone it is unloaded and nothing of it is left.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "stress/stress.h"
#include "modules/steps.h"

static struct relib_module *module;
static const struct steps_functions *functions;
static struct steps_shared shared;
static struct relib_unload_options options;
static struct relib_error error;
static char path[4096];
static bool good, is_private;

static bool expect(bool condition, const char *what, int line)
{
	if (!condition) {
		printf("#   line %d: %s\n#   %s\n", line, what, error.message);
		good = false;
	}
	return condition;
}
#define EXPECT(condition) expect(condition, #condition, __LINE__)

static const char *module_file(const char *name)
{
	const char *folder = getenv("MODULES");

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "modules", name);
	return path;
}

static void load_file(const char *name)
{
	struct relib_load_options how = { .private_copy = is_private };

	if (relib_load(module_file(name), &how, &module, &error))
		bail("%s", error.message);
	functions = relib_symbol(module, "steps_functions", &error);
	if (!functions)
		bail("%s", error.message);
	memset(&shared, 0, sizeof(shared));
	memset(&options, 0, sizeof(options));
	sem_init(&shared.entered, 0, 0);
	sem_init(&shared.may_go, 0, 0);
	functions->acquire(&shared);
	good = true;
}

static void load(void)
{
	load_file("steps.so");
}

/* As a host can do, whatever the file. */
static void *open_again(void)
{
	struct link_map *map = NULL;

	dlinfo(relib_module_handle(module), RTLD_DI_LINKMAP, &map);
	return dlopen(map->l_name, RTLD_NOW | RTLD_NOLOAD);
}

static void *call_main(void *result)
{
	struct relib_error failure;

	if (relib_call_main(module, int, (int *)result, 0, NULL, &failure))
		*(int *)result = -1;
	return NULL;
}

static void wait_entered(void)
{
	while (sem_wait(&shared.entered))
		;
}

/* Loaded, callable (a call is counted, and gives the right result), and all that it holds is there. */
static void works(int line)
{
	const char *broken = functions->use();
	int result = 0;

	if (broken)
		printf("#   %s doesn't work any more\n", broken);
	expect(!broken, "what it holds works", line);
	expect(relib_symbol(module, "steps_functions", NULL) == functions, "it is where it was", line);
	sem_post(&shared.may_go);
	call_main(&result);
	wait_entered();
	expect(result == 42, "it can be called", line);
}

static void refused(enum relib_code code, const char *words, int line)
{
	struct relib_report *report = NULL;
	enum relib_code got = relib_unload(module, &options, &report, &error);

	expect(got == code && error.code == code, "the code", line);
	expect(strstr(error.message, words), words, line);
	expect(!report || report->outcome != RELIB_OUTCOME_UNLOADED, "the report", line);
	relib_report_free(report);
}
#define REFUSED(code, words) (refused(code, words, __LINE__), works(__LINE__))

/* Nothing is left of it in the process. */
static void settled(const struct relib_report *report, int descriptor, void *mapping, int line)
{
	struct sigaction action;
	unsigned char resident;

	expect(report && report->outcome == RELIB_OUTCOME_UNLOADED, "the outcome", line);
	expect(report && report->heap.blocks && report->heap.released == report->heap.blocks, "the heap", line);
	sigaction(SIGUSR2, NULL, &action);
	expect(action.sa_handler == SIG_DFL, "the signal handler", line);
	expect(fcntl(descriptor, F_GETFD) < 0, "the descriptor", line);
	expect(mincore(mapping, 4096, &resident) < 0, "the mapping", line);
	expect(!dlopen(module_file("steps.so"), RTLD_LAZY | RTLD_NOLOAD), "the module", line);
}

static void unloads(int line)
{
	int descriptor = functions->descriptor;
	void *mapping = functions->mapping;
	struct relib_report *report = NULL;

	if (expect(!relib_unload(module, &options, &report, &error), "it is unloaded in the end", line))
		settled(report, descriptor, mapping, line);
	relib_report_free(report);
}
#define UNLOADS() unloads(__LINE__)

static void call_in_flight(void)
{
	pthread_t thread;
	int result = 0;

	pthread_create(&thread, NULL, call_main, &result);
	wait_entered();
	refused(RELIB_BUSY, "is inside main", __LINE__);
	EXPECT(!functions->use());
	EXPECT(shared.before_unload == 0);
	sem_post(&shared.may_go);
	pthread_join(thread, NULL);
	EXPECT(result == 42);
	works(__LINE__);
	UNLOADS();
}

static void needed_by_another(void)
{
	void *user = dlopen(module_file("steps_user.so"), RTLD_NOW);

	if (!EXPECT(user))
		return;
	REFUSED(RELIB_NEEDED, "steps_user.so needs it");
	EXPECT(shared.before_unload == 0);
	dlclose(user);
	UNLOADS();
}

static void before_unload_panics(void)
{
	shared.how = STEPS_PANICS;
	REFUSED(RELIB_BEFORE_UNLOAD_FAILED, "not ready");
	EXPECT(!strcmp(relib_panic_message(module), "not ready"));
	options.before_unload_ms = 60000;
	REFUSED(RELIB_BEFORE_UNLOAD_FAILED, "not ready");
	EXPECT(relib_panic_message(module) && !strcmp(relib_panic_message(module), "not ready"));
	EXPECT(!strcmp(relib_panic_function(module), "before_unload"));
	EXPECT(strstr(relib_panic_stack(module), "steps.c:"));
	EXPECT(relib_panic_count(module) == 2 && shared.before_unload == 2);
	shared.how = STEPS_RETURNS;
	UNLOADS();
	EXPECT(shared.before_unload == 3);
}

static unsigned count_threads(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned count = 0;
	char line[256];

	while (fgets(line, sizeof(line), status) && sscanf(line, "Threads: %u", &count) != 1)
		;
	fclose(status);
	return count;
}

/* The thread of RELIB_BEFORE_UNLOAD comes to its end. */
static void let_it_end(void)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	wait_entered();
	sem_post(&shared.may_go);
	for (int turn = 0; turn < 10000 && count_threads() > 1; turn++)
		nanosleep(&pause, NULL);
}

static int count_default_signals(void)
{
	struct sigaction action;
	int count = 0;

	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		count += !sigaction(number, NULL, &action) && action.sa_handler == SIG_DFL;
	return count;
}

static void before_unload_hangs(void)
{
	int handlers = count_default_signals();

	shared.how = STEPS_HANGS;
	options.before_unload_ms = 20;
	refused(RELIB_TIMED_OUT, "wait_until_told", __LINE__);
	EXPECT(strstr(error.message, "steps.c:"));
	EXPECT(!functions->use());
	EXPECT(count_default_signals() == handlers);
	for (int i = 0; i < 3; i++)
		refused(RELIB_BUSY, "is inside before_unload", __LINE__);
	EXPECT(shared.before_unload == 1);
	EXPECT(relib_symbol(module, "steps_functions", NULL) == functions);
	shared.how = STEPS_RETURNS;
	options.before_unload_ms = 60000;
	let_it_end();
	works(__LINE__);
	UNLOADS();
	EXPECT(shared.before_unload == 2);
	EXPECT(count_threads() == 1);
}

static void before_unload_hangs_and_panics(void)
{
	shared.how = STEPS_HANGS;
	options.before_unload_ms = 1;
	for (int i = 0; i < 3; i++) {
		refused(RELIB_TIMED_OUT, "did not return within 1 ms", __LINE__);
		let_it_end();
		works(__LINE__);
	}
	EXPECT(shared.before_unload == 3);
	options.skip_before_unload = true;
	UNLOADS();
	EXPECT(shared.before_unload == 3 && count_threads() == 1);
}

static volatile sig_atomic_t hosts_signals;

static void on_hosts_signal(int number)
{
	(void)number;
	hosts_signals++;
}

/* The handler waits there for a signal that was late. The host takes that number meanwhile. */
static void host_takes_the_signal(void)
{
	struct sigaction action;
	int number = SIGRTMAX;

	shared.how = STEPS_HANGS_IN_KERNEL;
	options.before_unload_ms = 20;
	refused(RELIB_TIMED_OUT, "does not react to signals", __LINE__);
	let_it_end();
	while (number >= SIGRTMIN && !sigaction(number, NULL, &action) && action.sa_handler == SIG_DFL)
		number--;
	signal(number, on_hosts_signal);
	shared.how = STEPS_HANGS;
	refused(RELIB_TIMED_OUT, "wait_until_told", __LINE__);
	let_it_end();
	EXPECT(!hosts_signals);
	signal(number, SIG_DFL);
	shared.how = STEPS_RETURNS;
	options.before_unload_ms = 0;
	works(__LINE__);
	UNLOADS();
}

static void its_thread_runs(void)
{
	EXPECT(!functions->start_thread());
	refused(RELIB_THREADS_RUNNING, "a thread of its own still runs", __LINE__);
	EXPECT(!functions->use());
	EXPECT(count_threads() == 2);
	functions->end_thread();
	works(__LINE__);
	UNLOADS();
}

static void *register_and_wait(void *may_end)
{
	functions->register_destructor();
	sem_post(&shared.entered);
	while (sem_wait(may_end))
		;
	return NULL;
}

static void destructor_pending(void)
{
	pthread_t thread;
	sem_t may_end;

	sem_init(&may_end, 0, 0);
	pthread_create(&thread, NULL, register_and_wait, &may_end);
	wait_entered();
	functions->register_destructor(); /* and one of this thread, which runs only when the unload succeeds */
	REFUSED(RELIB_THREADS_RUNNING, "thread-local");
	EXPECT(shared.destroyed == 0);
	sem_post(&may_end);
	pthread_join(thread, NULL);
	EXPECT(shared.destroyed == 1);
	UNLOADS();
	EXPECT(shared.destroyed == 2);
}

static void *wait_inside(void *unused)
{
	functions->wait_inside();
	return unused;
}

static void thread_inside(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, wait_inside, NULL);
	wait_entered();
	refused(RELIB_BUSY, "wait_until_told", __LINE__);
	EXPECT(!functions->use());
	sem_post(&shared.may_go);
	pthread_join(thread, NULL);
	works(__LINE__);
	UNLOADS();
}

static void policy_refuses(void)
{
	options.policies[RELIB_KIND_HEAP] = RELIB_POLICY_REFUSE;
	REFUSED(RELIB_REFUSED, "it holds");
	options.policies[RELIB_KIND_HEAP] = RELIB_POLICY_DEFAULT;
	UNLOADS();
}

static void stays_mapped(void)
{
	void *again = open_again();

	EXPECT(again);
	for (int i = 0; i < 3; i++)
		REFUSED(RELIB_STILL_MAPPED, "it was opened more than once");
	dlclose(again);
	UNLOADS();
}

/* The Nth allocation of an unload fails, for each N until there are no more. It is refused or it succeeds. */
static void without_memory(enum steps_before how, unsigned limit_ms, enum relib_code outcome)
{
	long (*fail)(long) = (long (*)(long))dlsym(RTLD_DEFAULT, "steps_fail");
	long number = 0, left = 0;

	if (!EXPECT(fail))
		return;
	do {
		int descriptor = functions->descriptor;
		enum relib_code code;

		shared.how = how;
		options.before_unload_ms = limit_ms;
		fail(++number);
		code = relib_unload(module, &options, NULL, &error);
		left = fail(0);
		shared.how = STEPS_RETURNS;
		EXPECT(code == outcome || code == RELIB_NO_MEMORY);
		if (code == RELIB_TIMED_OUT)
			let_it_end();
		if (code) {
			works(__LINE__);
		} else {
			EXPECT(fcntl(descriptor, F_GETFD) < 0);
			load();
		}
	} while (good && !left && number < 50);
	printf("# %ld allocations failed one by one\n", number - (left != 0));
	options.before_unload_ms = 0;
	UNLOADS();
}

static void no_memory(void)
{
	without_memory(STEPS_RETURNS, 0, RELIB_OK);
}

static void no_memory_with_a_limit(void)
{
	without_memory(STEPS_RETURNS, 60000, RELIB_OK);
}

static void no_memory_and_a_panic(void)
{
	without_memory(STEPS_PANICS, 0, RELIB_BEFORE_UNLOAD_FAILED);
}

static void no_memory_and_it_hangs(void)
{
	without_memory(STEPS_HANGS, 20, RELIB_TIMED_OUT);
}

static size_t address_space(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file || fscanf(file, "%lu", &pages) != 1)
		bail("no /proc/self/statm");
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* The process may map nothing more, then a little more, and more, until that is enough. The tracker maps what it needs. */
static void without_address_space(bool again)
{
	struct rlimit before, limit;
	unsigned refusals = 0, step = 0;
	enum relib_code code;
	void *other;

	getrlimit(RLIMIT_AS, &before);
	do {
		struct relib_report *report = NULL;
		int descriptor = functions->descriptor;

		other = again ? open_again() : NULL;
		limit = before;
		limit.rlim_cur = address_space() + step++ * 16 * 4096UL;
		setrlimit(RLIMIT_AS, &limit);
		code = relib_unload(module, &options, &report, &error);
		setrlimit(RLIMIT_AS, &before);
		relib_report_free(report);
		if (other)
			dlclose(other);
		if (!code) {
			EXPECT(!again && fcntl(descriptor, F_GETFD) < 0);
			break;
		}
		refusals++;
		EXPECT(code == RELIB_NO_MEMORY || (again && code == RELIB_STILL_MAPPED));
		works(__LINE__);
	} while (good && step < 400);
	EXPECT(refusals == (again ? 400 : 0)); /* it needs none; where there is none it goes without a report */
	if (again)
		UNLOADS();
}

static void no_address_space(void)
{
	without_address_space(false);
}

static void no_address_space_and_stays(void)
{
	without_address_space(true);
}

static void reallocs_fail(void)
{
	struct relib_report *report = NULL;
	unsigned seed = (unsigned)setting("STRESS_SEED", (unsigned long)time(NULL));
	int line = 0;

	EXPECT(functions->fail_reallocs(seed, 10000));
	works(__LINE__);
	EXPECT(!relib_unload(module, &options, &report, &error));
	for (size_t i = 0; report && i < report->entry_count; i++) {
		const struct relib_entry *entry = &report->entries[i];

		if (entry->kind == RELIB_KIND_HEAP && entry->bytes == 64 && entry->count == 1 && entry->callsite.count &&
		    entry->callsite.frames[0].function && !strcmp(entry->callsite.frames[0].function, "fail_reallocs"))
			line++;
	}
	EXPECT(line == 1);
	EXPECT(report && report->heap.released == report->heap.blocks);
	relib_report_free(report);
}

/* It stays, and works, for ever; a private copy of it goes. */
static void stays_for_ever(void)
{
	UNLOADS();
	load_file("steps_stays.so");
	if (is_private) {
		UNLOADS();
		return;
	}
	for (int i = 0; i < 3; i++)
		REFUSED(RELIB_STILL_MAPPED, "private_copy");
	/* What the next step finds should be as it was. */
	signal(SIGUSR2, SIG_DFL);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } steps[] = {
		{ "a call is in flight", call_in_flight },
		{ "another object needs it", needed_by_another },
		{ "RELIB_BEFORE_UNLOAD panics", before_unload_panics },
		{ "RELIB_BEFORE_UNLOAD hangs", before_unload_hangs },
		{ "RELIB_BEFORE_UNLOAD hangs and comes back, three times", before_unload_hangs_and_panics },
		{ "RELIB_BEFORE_UNLOAD hangs in the kernel, and the host takes a signal", host_takes_the_signal },
		{ "a thread of it runs", its_thread_runs },
		{ "a thread-local destructor is pending on another thread", destructor_pending },
		{ "a thread is in a function of it", thread_inside },
		{ "a policy says so", policy_refuses },
		{ "ld.so keeps it mapped", stays_mapped },
		{ "no memory, at each allocation", no_memory },
		{ "no memory, at each allocation, with a limit of time", no_memory_with_a_limit },
		{ "no memory, at each allocation, and RELIB_BEFORE_UNLOAD panics", no_memory_and_a_panic },
		{ "no memory, at each allocation, and RELIB_BEFORE_UNLOAD hangs", no_memory_and_it_hangs },
		{ "no address space", no_address_space },
		{ "no address space, and it stays mapped", no_address_space_and_stays },
		{ "ten thousand reallocs that fail", reallocs_fail },
		{ "it is marked as not to be unloaded", stays_for_ever },
	};
	static char preload[8192];
	const char *tracker = getenv("RELIB_TRACKER"), *folder = getenv("MODULES");

	(void)argc;
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s:%s/steps_failing.so", tracker ? tracker : "", folder ? folder : "modules");
	stress_begin(argv, preload);
	if (freopen("/dev/null", "w", stderr) == NULL) /* panics are said there */
		bail("no /dev/null");
	/* The first that stays for ever is no private copy: these come before. */
	for (size_t i = 0; i < 2 * sizeof(steps) / sizeof(*steps); i++) {
		is_private = i < sizeof(steps) / sizeof(*steps);
		load();
		steps[i % (sizeof(steps) / sizeof(*steps))].run();
		ok(good, "refused, and unloaded later: %s%s", steps[i % (sizeof(steps) / sizeof(*steps))].name,
		   is_private ? " (a private copy)" : "");
	}
	return done();
}
