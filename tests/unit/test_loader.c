/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The loader by itself: the tracker here is a stand-in that refuses or agrees as a test wants it to. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <relib/abi.h>
#include <relib/relib.h>
#include <relib/track.h>

#include "unit/run.h"

/* The stand-in */

static struct relib_report *refusal_report; /* what refusal() gives, once */
static enum relib_outcome next_outcome;
static sem_t unload_entered, unload_may_go;
static atomic_bool unload_waits, no_memory;
static atomic_int begun, ended, reports, destructor_runs;
static unsigned last_grace;
static enum relib_settle last_settle;
static enum relib_policy last_policies[RELIB_KINDS_LIMIT];

static void load_begin(void)
{
	begun++;
}

static void load_end(void *handle)
{
	(void)handle;
	ended++;
}

static struct relib_report *refusal(void *handle, const struct relib_settle_options *options, unsigned grace_ms)
{
	struct relib_report *report = refusal_report;

	ck_assert_ptr_nonnull(handle);
	memcpy(last_policies, options->policies, sizeof(last_policies));
	refusal_report = NULL;
	last_grace = grace_ms;
	reports += report != NULL;
	return report;
}

static void run_thread_destructors(void *handle)
{
	ck_assert_ptr_nonnull(handle);
	destructor_runs++;
}

static struct relib_report *unload(void *handle, const struct relib_settle_options *options)
{
	struct relib_report *report = calloc(1, sizeof(*report));

	if (unload_waits) {
		sem_post(&unload_entered);
		sem_wait(&unload_may_go);
	}
	last_settle = options->settle;
	report->outcome = next_outcome;
	if (next_outcome == RELIB_OUTCOME_STILL_MAPPED) {
		report->reason = "it is marked NODELETE";
		report->advice = "link it without -z nodelete";
	} else {
		ck_assert_int_eq(dlclose(handle), 0);
	}
	if (no_memory) {
		free(report);
		return NULL;
	}
	reports++;
	return report;
}

static void report_free(struct relib_report *report)
{
	if (!report)
		return;
	reports--;
	free(report);
}

extern struct relib_track relib_track;
struct relib_track relib_track = {
	RELIB_TRACK_ABI, sizeof(struct relib_track), "stand-in", load_begin, load_end, refusal,
	run_thread_destructors, unload, report_free,
};

/* Called by load_simple.so's constructor. */
static void (*constructor_hook)(void);
void load_constructor_hook(void);
void load_constructor_hook(void)
{
	if (constructor_hook)
		constructor_hook();
}

/* Files */

static char folder[] = "/tmp/relib-loader.XXXXXX";
static struct relib_error error;

static const char *module_path(const char *name)
{
	static char paths[16][4096];
	static int next;
	const char *modules = getenv("MODULES");

	next = (next + 1) % 16;
	ck_assert_msg(modules != NULL, "the environment variable MODULES names the folder of the test modules");
	snprintf(paths[next], sizeof(paths[next]), "%s/%s.so", modules, name);
	return paths[next];
}

static const char *in_folder(const char *name)
{
	static char paths[16][4096];
	static int next;

	next = (next + 1) % 16;
	snprintf(paths[next], sizeof(paths[next]), "%s/%s", folder, name);
	return paths[next];
}

static void copy_file(const char *from, const char *to)
{
	char buffer[65536];
	ssize_t length;
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	ck_assert_int_ge(in, 0);
	ck_assert_int_ge(out, 0);
	while ((length = read(in, buffer, sizeof(buffer))) > 0)
		ck_assert_int_eq(write(out, buffer, (size_t)length), length);
	close(in);
	close(out);
}

static bool is_mapped(const char *part)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[8192];

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, part) != NULL;
	fclose(maps);
	return found;
}

static struct relib_module *load(const char *path)
{
	struct relib_module *module = NULL;
	enum relib_code code = relib_load(path, NULL, &module, &error);

	ck_assert_msg(code == RELIB_OK, "%s", error.message);
	ck_assert_ptr_nonnull(module);
	ck_assert_str_eq(error.message, "");
	return module;
}

static void ck_unload(struct relib_module *module)
{
	enum relib_code code = relib_unload(module, NULL, NULL, &error);

	ck_assert_msg(code == RELIB_OK, "%s", error.message);
	ck_assert_int_eq(reports, 0);
}

/* That the code is so, and the message holds these parts: a NULL ends them. */
static void ck_failure(enum relib_code code, enum relib_code wanted, ...)
{
	const char *part;
	va_list parts;

	ck_assert_msg(code == wanted, "code %d, not %d: %s", code, wanted, error.message);
	ck_assert_int_eq(error.code, wanted);
	ck_assert_int_ne(error.message[strlen(error.message) - 1], '\n');
	va_start(parts, wanted);
	while ((part = va_arg(parts, const char *)))
		ck_assert_msg(strstr(error.message, part), "\"%s\" is not in: %s", part, error.message);
	va_end(parts);
}

static void ck_load_fails(const char *path, enum relib_code wanted, const char *part)
{
	struct relib_module *untouched = (struct relib_module *)&error, *module = untouched;

	ck_failure(relib_load(path, NULL, &module, &error), wanted, part, NULL);
	ck_assert_ptr_eq(module, untouched);
}

static void set_up(void)
{
	sem_init(&unload_entered, 0, 0);
	sem_init(&unload_may_go, 0, 0);
	next_outcome = RELIB_OUTCOME_UNLOADED;
	no_memory = unload_waits = false;
	destructor_runs = 0;
	ck_assert_ptr_nonnull(mkdtemp(strcpy(folder, "/tmp/relib-loader.XXXXXX")));
}

static void tear_down(void)
{
	char command[sizeof(folder) + 16];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

/* Loading */

START_TEST(tells_what_a_module_says_of_itself)
{
	struct relib_module *module = load(module_path("load_simple"));

	ck_assert_str_eq(relib_module_name(module), "simple");
	ck_assert_str_eq(relib_module_version(module), "1.2");
	ck_assert_str_eq(relib_module_path(module), module_path("load_simple"));
	ck_assert_ptr_nonnull(relib_module_handle(module));
	ck_assert(relib_has_main(module));
	ck_assert_str_eq(relib_main_type(module)->name, "int");
	ck_assert_int_eq(begun, ended);
	ck_assert_int_ge(begun, 1);
	ck_unload(module);
	ck_assert(!is_mapped("load_simple"));
}
END_TEST

START_TEST(takes_a_relative_path_from_the_current_folder)
{
	struct relib_module *module;
	char before[4096];

	ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
	copy_file(module_path("load_simple"), in_folder("here.so"));
	ck_assert_int_eq(chdir(folder), 0);
	module = load("here.so");
	ck_assert_str_eq(relib_module_path(module), in_folder("here.so"));
	ck_load_fails("././/here.so", RELIB_ALREADY_LOADED, "already loaded");
	ck_unload(module);
	module = load(".//here.so");
	ck_assert_str_eq(relib_module_path(module), in_folder("here.so"));
	ck_unload(module);
	ck_assert_int_eq(chdir(before), 0);
}
END_TEST

START_TEST(loads_a_plain_object_only_if_told)
{
	struct relib_load_options options = { .allow_plain = true };
	struct relib_module *module;
	int (*answer)(void);

	ck_load_fails(module_path("load_plain"), RELIB_NO_INFORMATION, "RELIB_MODULE");
	ck_assert(!is_mapped("load_plain"));
	ck_assert_int_eq(relib_load(module_path("load_plain"), &options, &module, &error), RELIB_OK);
	ck_assert_str_eq(relib_module_name(module), "");
	ck_assert(!relib_has_main(module));
	ck_assert_ptr_null(relib_main_type(module));
	answer = (int (*)(void))relib_symbol(module, "load_answer", &error);
	ck_assert_int_eq(answer(), 42);
	ck_failure(relib_call_main(module, int, &(int){ 0 }, 0, NULL, &error), RELIB_NO_MAIN, "RELIB_MAIN", NULL);
	ck_unload(module);
}
END_TEST

START_TEST(knows_a_file_by_whatever_path)
{
	const char *path = in_folder("a.so"), *longer = in_folder("a.so.so");
	struct relib_module *module, *other;
	char spelling[4096];

	copy_file(module_path("load_simple"), path);
	copy_file(module_path("load_simple"), longer);
	ck_assert_int_eq(symlink(path, in_folder("symbolic")), 0);
	ck_assert_int_eq(link(path, in_folder("hard")), 0);
	snprintf(spelling, sizeof(spelling), "%s/../%s/a.so", folder, strrchr(folder, '/') + 1);

	module = load(path);
	ck_load_fails(path, RELIB_ALREADY_LOADED, path);
	ck_load_fails(in_folder("symbolic"), RELIB_ALREADY_LOADED, "symbolic is already loaded: it is the same file as");
	ck_load_fails(in_folder("hard"), RELIB_ALREADY_LOADED, "hard is already loaded");
	ck_load_fails(spelling, RELIB_ALREADY_LOADED, "already loaded");
	other = load(longer);
	ck_unload(module);
	ck_assert(is_mapped("a.so.so"));
	module = load(in_folder("hard"));
	ck_load_fails(path, RELIB_ALREADY_LOADED, "hard");
	ck_unload(module);
	ck_unload(other);
	ck_assert(!is_mapped(folder));
}
END_TEST

START_TEST(says_that_a_file_was_replaced)
{
	const char *path = in_folder("a.so"), *newer = in_folder("newer.so");
	struct relib_module *module;

	copy_file(module_path("load_simple"), path);
	copy_file(module_path("load_struct"), newer);
	module = load(path);
	ck_assert_int_eq(rename(newer, path), 0);
	ck_load_fails(path, RELIB_ALREADY_LOADED, "replaced");
	ck_unload(module);
	module = load(path);
	ck_assert_str_eq(relib_module_name(module), "struct");
	ck_unload(module);
}
END_TEST

START_TEST(sees_what_the_host_opened_itself)
{
	const char *path = in_folder("a.so"), *newer = in_folder("newer.so");
	void *handle;

	copy_file(module_path("load_simple"), path);
	copy_file(module_path("load_struct"), newer);
	ck_assert_int_eq(link(path, in_folder("hard.so")), 0);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	ck_assert_ptr_nonnull(handle);
	ck_load_fails(path, RELIB_ALREADY_LOADED, "by other means");
	ck_load_fails(in_folder("hard.so"), RELIB_ALREADY_LOADED, "by other means");
	ck_assert_int_eq(rename(newer, path), 0);
	ck_load_fails(path, RELIB_ALREADY_LOADED, "by other means");
	ck_assert_int_eq(dlclose(handle), 0);
	ck_assert(!is_mapped(folder));
	ck_unload(load(path));
}
END_TEST

static const char *raced_path;
static pthread_barrier_t barrier;
static atomic_int successes, refusals;
static struct relib_module *winner;

static void *race(void *unused)
{
	struct relib_module *module;
	struct relib_error failure;

	pthread_barrier_wait(&barrier);
	switch (relib_load(raced_path, NULL, &module, &failure)) {
	case RELIB_OK:
		successes++;
		winner = module;
		break;
	case RELIB_ALREADY_LOADED:
		refusals++;
		break;
	default:
		fprintf(stderr, "# %s\n", failure.message);
	}
	return unused;
}

#define RACERS 300

START_TEST(lets_one_of_300_threads_load)
{
	pthread_t threads[RACERS];
	pthread_attr_t attributes;

	raced_path = module_path("load_simple");
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256 * 1024);
	pthread_barrier_init(&barrier, NULL, RACERS);
	for (int i = 0; i < RACERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], &attributes, race, NULL), 0);
	for (int i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
	pthread_attr_destroy(&attributes);
	ck_assert_int_eq(successes, 1);
	ck_assert_int_eq(refusals, RACERS - 1);
	ck_unload(winner);
	ck_assert(!is_mapped("load_simple"));
}
END_TEST

static void *load_same_again(void *unused)
{
	ck_load_fails(module_path("load_simple"), RELIB_ALREADY_LOADED, "by another thread");
	ck_load_fails("/nowhere/at/all.so", RELIB_NOT_FOUND, "/nowhere/at/all.so");
	return unused;
}

static void load_from_elsewhere(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, load_same_again, NULL);
	pthread_join(thread, NULL);
}

START_TEST(holds_no_lock_while_constructors_run)
{
	struct relib_module *module = NULL;

	constructor_hook = load_from_elsewhere;
	ck_assert_int_eq(relib_load(module_path("load_simple"), NULL, &module, NULL), RELIB_OK);
	constructor_hook = NULL;
	ck_unload(module);
}
END_TEST

START_TEST(refuses_wrong_arguments)
{
	struct relib_module *module;

	ck_failure(relib_load(NULL, NULL, &module, &error), RELIB_INVALID, NULL);
	ck_failure(relib_load("", NULL, &module, &error), RELIB_INVALID, NULL);
	ck_failure(relib_load("x", NULL, NULL, &error), RELIB_INVALID, NULL);
	ck_failure(relib_unload(NULL, NULL, NULL, &error), RELIB_INVALID, NULL);
	ck_assert_int_eq(relib_load("/nowhere", NULL, &module, NULL), RELIB_NOT_FOUND);
	relib_report_free(NULL);
	module = load(module_path("load_simple"));
	ck_unload(module);
	ck_failure(relib_unload(module, NULL, NULL, &error), RELIB_INVALID, "unloaded before", NULL);
}
END_TEST

START_TEST(refuses_a_truncated_file_at_every_length)
{
	const char *path = in_folder("cut.so");
	struct relib_module *module;
	struct stat status;

	copy_file(module_path("load_simple"), path);
	ck_assert_int_eq(stat(path, &status), 0);
	for (off_t length = status.st_size - 1; length > 0; length -= length > 4096 ? 509 : 7) {
		ck_assert_int_eq(truncate(path, length), 0);
		ck_failure(relib_load(path, NULL, &module, &error), length < 4 ? RELIB_NOT_ELF : RELIB_DAMAGED, path, NULL);
	}
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_load_fails(path, RELIB_NOT_ELF, "an empty file");
}
END_TEST

/* Finds the module information in a copy of a module and changes it. */
static void patch_information(const char *path, size_t offset, const void *bytes, size_t length)
{
	char *content;
	struct stat status;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char *magic;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &status), 0);
	content = malloc((size_t)status.st_size);
	ck_assert_int_eq(read(fd, content, (size_t)status.st_size), status.st_size);
	magic = memmem(content, (size_t)status.st_size, RELIB_MODULE_MAGIC, sizeof(RELIB_MODULE_MAGIC));
	ck_assert_ptr_nonnull(magic);
	ck_assert_int_eq(pwrite(fd, bytes, length, magic - content + (off_t)offset), (ssize_t)length);
	free(content);
	close(fd);
}

START_TEST(shows_both_abis)
{
	const char *path = in_folder("other.so");
	uint32_t number = 77;

	copy_file(module_path("load_simple"), path);
	patch_information(path, offsetof(struct relib_module_information, abi), &number, sizeof(number));
	patch_information(path, offsetof(struct relib_module_information, sdk_version), "9.8.7", 6);
	ck_load_fails(path, RELIB_WRONG_ABI, "ABI 77, built with relib 9.8.7");
	ck_failure(error.code, RELIB_WRONG_ABI, "ABI 1, relib " RELIB_SDK_VERSION, NULL);
	ck_assert(!is_mapped(path));
}
END_TEST

START_TEST(shows_both_architectures)
{
	const char *path = in_folder("other.so");
	uint32_t size = 4;

	copy_file(module_path("load_simple"), path);
	patch_information(path, offsetof(struct relib_module_information, architecture), "pdp-11", 7);
	patch_information(path, offsetof(struct relib_module_information, pointer_size), &size, sizeof(size));
	ck_load_fails(path, RELIB_WRONG_MACHINE, "pdp-11, 32-bit");
	ck_failure(error.code, RELIB_WRONG_MACHINE, RELIB_ARCHITECTURE ", 64-bit", NULL);
}
END_TEST

START_TEST(refuses_torn_information)
{
	const char *path = in_folder("torn.so");
	uint32_t size = 8;

	copy_file(module_path("load_simple"), path);
	patch_information(path, offsetof(struct relib_module_information, size), &size, sizeof(size));
	ck_load_fails(path, RELIB_DAMAGED, "module information");
	patch_information(path, 0, "nonsense", 8);
	ck_load_fails(path, RELIB_DAMAGED, "module information");
}
END_TEST

/* Calling */

START_TEST(calls_main_with_its_arguments)
{
	struct relib_module *module = load(module_path("load_simple"));
	char *arguments[] = { (char[]){ "name" }, (char[]){ "*" }, NULL };
	int32_t result = 0;

	ck_assert_int_eq(relib_call_main(module, int32_t, &result, 2, arguments, &error), RELIB_OK);
	ck_assert_int_eq(result, '*');
	ck_assert_int_eq(relib_call_main(module, int, &result, 0, NULL, NULL), RELIB_OK);
	ck_assert_int_eq(result, 40);
	ck_unload(module);
}
END_TEST

START_TEST(refuses_another_type)
{
	struct relib_module *module = load(module_path("load_simple"));
	unsigned number = 7;
	char text = 7;
	float fraction = 7;

	ck_failure(relib_call_main(module, unsigned, &number, 0, NULL, &error), RELIB_WRONG_TYPE, "module  int, 4 bytes",
		   "host    unsigned, 4 bytes", NULL);
	ck_failure(relib_call_main(module, char, &text, 0, NULL, &error), RELIB_WRONG_TYPE, "char, 1 byte", NULL);
	ck_failure(relib_call_main(module, float, &fraction, 0, NULL, &error), RELIB_WRONG_TYPE, "float", NULL);
	ck_assert_uint_eq(number, 7);
	ck_unload(module);
}
END_TEST

struct load_point {
	double x, y;
	const char *name;
};

START_TEST(gives_a_struct)
{
	struct relib_module *module = load(module_path("load_struct"));
	struct load_point point = { 0 };
	struct relib_type spelled = { RELIB_TYPE_OTHER, sizeof(point), "load_point" };
	struct relib_type larger = { RELIB_TYPE_OTHER, sizeof(point) + 8, "struct load_point" };
	struct relib_type other = { RELIB_TYPE_OTHER, sizeof(point), "struct load_pointer" };

	ck_assert_int_eq(relib_call_main(module, struct load_point, &point, 0, NULL, &error), RELIB_OK);
	ck_assert(point.x == 1.5 && point.y == -2);
	ck_assert_str_eq(point.name, "here");
	ck_assert_int_eq(relib_call_main_typed(module, &spelled, &point, 0, NULL, &error), RELIB_OK);
	ck_failure(relib_call_main_typed(module, &larger, &point, 0, NULL, &error), RELIB_WRONG_TYPE, "32 bytes", NULL);
	ck_failure(relib_call_main_typed(module, &other, &point, 0, NULL, &error), RELIB_WRONG_TYPE, "load_pointer", NULL);
	ck_unload(module);
}
END_TEST

START_TEST(looks_symbols_up_in_the_module_only)
{
	struct relib_module *module = load(module_path("load_simple"));
	int (*add)(int, int) = (int (*)(int, int))relib_symbol(module, "load_add", &error);

	ck_assert_ptr_nonnull(add);
	ck_assert_int_eq(add(2, 3), 5);
	ck_assert_ptr_null(relib_symbol(module, "printf", &error));
	ck_failure(error.code, RELIB_NO_SYMBOL, "load_simple.so has no symbol printf", NULL);
	ck_assert_ptr_null(relib_symbol(module, "load_nothing", NULL));
	ck_unload(module);
}
END_TEST

/* Unloading */

START_TEST(names_the_threads_that_refuse)
{
	struct relib_frame frames[] = {
		{ .object = "/lib/libc.so.6", .function = "pthread_create" },
		{ .object = "/modules/libworker.so", .function = "worker_start", .file = "worker.c", .line = 80 },
		{ .object = "/bin/host", .function = "main" },
	};
	struct relib_entry entries[] = {
		{ .kind = RELIB_KIND_HEAP, .count = 3 },
		{ .kind = RELIB_KIND_THREAD, .action = RELIB_ACTION_BLOCKS, .count = 1, .thread_id = 5012,
		  .thread_name = "pool-0", .callsite = { frames, 3 },
		  .function = { .function = "pool_main", .file = "worker.c", .line = 55 } },
		{ .kind = RELIB_KIND_THREAD, .action = RELIB_ACTION_BLOCKS, .count = 1, .thread_id = 50,
		  .function = { .object = "/modules/libworker.so", .offset = 0x1139 } },
		{ .kind = RELIB_KIND_THREAD_DESTRUCTOR, .action = RELIB_ACTION_BLOCKS, .count = 1, .thread_id = 51,
		  .thread_name = "main", .function = { .function = "end_cache" } },
	};
	struct relib_report *report = calloc(1, sizeof(*report)), *given;
	struct relib_unload_options options = { .grace_ms = 250 };
	struct relib_module *module = load(module_path("load_simple"));
	int result;

	*report = (struct relib_report){
		.outcome = RELIB_OUTCOME_REFUSED, .entries = entries, .entry_count = 4, .module.path = "/modules/libworker.so",
		.threads = { .running = 2, .destructors = 1 },
	};
	refusal_report = report;
	ck_failure(relib_unload(module, &options, &given, &error), RELIB_THREADS_RUNNING,
		   "load_simple.so was not unloaded: 2 threads of its own still run\n",
		   "\n  thread 5012 \"pool-0\"   pool_main worker.c:55 ", "   started by worker_start worker.c:80\n",
		   "\n  thread 50 \"\"           libworker.so+0x1139\n", "thread-local destructor end_cache",
		   "RELIB_BEFORE_UNLOAD", "grace_ms", NULL);
	ck_assert_ptr_eq(given, report);
	ck_assert_uint_eq(last_grace, 250);
	ck_assert_int_eq(destructor_runs, 0);
	relib_report_free(given);
	/* Nothing happened to the module. */
	ck_assert_int_eq(relib_call_main(module, int, &result, 0, NULL, &error), RELIB_OK);
	ck_assert_int_eq(*(int *)relib_symbol(module, "load_unloads", &error), 1);
	ck_load_fails(module_path("load_simple"), RELIB_ALREADY_LOADED, "already loaded");
	ck_unload(module);
	ck_assert_int_eq(destructor_runs, 1);
	ck_assert(!is_mapped("load_simple"));
}
END_TEST

START_TEST(says_what_a_policy_does_not_let_go)
{
	struct relib_frame frame = { .object = "/modules/libfiles.so", .function = "open_log", .file = "files.c", .line = 12 };
	struct relib_entry entries[] = {
		{ .kind = RELIB_KIND_DESCRIPTOR, .action = RELIB_ACTION_BLOCKS, .count = 3, .callsite = { &frame, 1 },
		  .details = { "fd 5  /var/log/x" }, .detail_count = 1 },
		{ .kind = RELIB_KIND_HEAP, .action = RELIB_ACTION_BLOCKS, .count = 1 },
	};
	struct relib_report *report = calloc(1, sizeof(*report));
	struct relib_unload_options options = { .policies = { [RELIB_KIND_DESCRIPTOR] = RELIB_POLICY_REFUSE } };
	struct relib_module *module = load(module_path("load_simple"));

	*report = (struct relib_report){
		.outcome = RELIB_OUTCOME_REFUSED, .entries = entries, .entry_count = 2, .module.path = "/modules/libfiles.so",
		.reason = "it holds 3 descriptors and 1 block", .advice = "have the module give them back",
	};
	refusal_report = report;
	ck_failure(relib_unload(module, &options, NULL, &error), RELIB_REFUSED,
		   "load_simple.so was not unloaded: it holds 3 descriptors and 1 block\n",
		   "\n  3 descriptors   fd 5  /var/log/x   open_log files.c:12\n", "\n  1 block\n", "\n  have the module give them back", NULL);
	ck_assert_int_eq(last_policies[RELIB_KIND_DESCRIPTOR], RELIB_POLICY_REFUSE);
	ck_unload(module);
	ck_assert_int_eq(last_policies[RELIB_KIND_DESCRIPTOR], RELIB_POLICY_DEFAULT);
}
END_TEST

START_TEST(takes_only_policies_that_fit)
{
	struct relib_unload_options options = { .policies = { [RELIB_KIND_SIGNAL_HANDLER] = RELIB_POLICY_KEEP } };
	struct relib_module *module = load(module_path("load_simple"));
	int result;

	ck_failure(relib_unload(module, &options, NULL, &error), RELIB_INVALID, "load_simple.so was not unloaded: ",
		   "signal handlers can't be kept", NULL);
	options.policies[RELIB_KIND_SIGNAL_HANDLER] = (enum relib_policy)17;
	ck_failure(relib_unload(module, &options, NULL, &error), RELIB_INVALID, "load_simple.so was not unloaded: ",
		   "signal handlers", "enum relib_policy", NULL);
	options.policies[RELIB_KIND_SIGNAL_HANDLER] = RELIB_POLICY_DEFAULT;
	for (int policy = RELIB_POLICY_RELEASE; policy <= RELIB_POLICY_REFUSE; policy++) {
		options.policies[RELIB_KINDS_LIMIT - 1] = (enum relib_policy)policy;
		ck_failure(relib_unload(module, &options, NULL, &error), RELIB_INVALID, "load_simple.so was not unloaded: ",
			   "a kind that there isn't", "enum relib_kind", NULL);
	}
	ck_assert_int_eq(relib_call_main(module, int, &result, 0, NULL, &error), RELIB_OK);
	ck_unload(module);
}
END_TEST

START_TEST(stays_usable_when_still_mapped)
{
	struct relib_module *module = load(module_path("load_simple"));
	struct relib_report *report;
	int result;

	next_outcome = RELIB_OUTCOME_STILL_MAPPED;
	ck_failure(relib_unload(module, NULL, &report, &error), RELIB_STILL_MAPPED,
		   "load_simple.so was not unloaded: it is marked NODELETE", "link it without", NULL);
	ck_assert_ptr_nonnull(report);
	relib_report_free(report);
	ck_assert_int_eq(relib_call_main(module, int, &result, 0, NULL, &error), RELIB_OK);
	next_outcome = RELIB_OUTCOME_UNLOADED;
	ck_unload(module);
}
END_TEST

START_TEST(unloads_without_memory_for_a_report)
{
	struct relib_module *module = load(module_path("load_simple"));
	struct relib_report *report = (void *)&error;

	no_memory = true;
	ck_assert_int_eq(relib_unload(module, NULL, &report, &error), RELIB_OK);
	ck_assert_ptr_null(report);
	module = load(module_path("load_simple"));
	next_outcome = RELIB_OUTCOME_STILL_MAPPED;
	ck_failure(relib_unload(module, NULL, &report, &error), RELIB_STILL_MAPPED, "load_simple.so", NULL);
	ck_assert_ptr_null(report);
	no_memory = false;
	next_outcome = RELIB_OUTCOME_UNLOADED;
	ck_unload(module);
}
END_TEST

START_TEST(settles_or_keeps_as_told)
{
	struct relib_unload_options options = { .keep_leaks = true };
	struct relib_module *module = load(module_path("load_simple"));

	ck_assert_int_eq(relib_unload(module, &options, NULL, &error), RELIB_OK);
	ck_assert_int_eq(last_settle, RELIB_SETTLE_REPORT);
	ck_unload(load(module_path("load_simple")));
	ck_assert_int_eq(last_settle, RELIB_SETTLE_RELEASE);
}
END_TEST

static struct relib_module *own;
static sem_t main_entered, main_may_end;

static void unload_own(void)
{
	ck_failure(relib_unload(own, NULL, NULL, &error), RELIB_BUSY, "1 call is in flight", "this thread is inside main", NULL);
}

static void wait_in_main(void)
{
	sem_post(&main_entered);
	sem_wait(&main_may_end);
}

static void *call_own(void *result)
{
	ck_assert_int_eq(relib_call_main(own, int, (int *)result, 0, NULL, NULL), RELIB_OK);
	return NULL;
}

START_TEST(refuses_while_calls_are_in_flight)
{
	void (**hook)(void);
	pthread_t threads[2];
	int results[2] = { 0 };

	sem_init(&main_entered, 0, 0);
	sem_init(&main_may_end, 0, 0);
	own = load(module_path("load_simple"));
	hook = relib_symbol(own, "load_main_hook", &error);
	*hook = unload_own;
	call_own(&results[0]);
	*hook = wait_in_main;
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, call_own, &results[i]);
	for (int i = 0; i < 2; i++)
		sem_wait(&main_entered);
	ck_failure(relib_unload(own, NULL, NULL, &error), RELIB_BUSY, "2 calls are in flight", "\n  thread ", "is inside main", NULL);
	ck_assert_int_eq(*(int *)relib_symbol(own, "load_unloads", &error), 0);
	for (int i = 0; i < 2; i++)
		sem_post(&main_may_end);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(results[0], 40);
	ck_unload(own);
}
END_TEST

static void *unload_own_alone(void *unused)
{
	ck_assert_int_eq(relib_unload(own, NULL, NULL, NULL), RELIB_OK);
	return unused;
}

START_TEST(lets_nobody_in_during_an_unload)
{
	pthread_t thread;
	int result;

	own = load(module_path("load_simple"));
	unload_waits = true;
	pthread_create(&thread, NULL, unload_own_alone, NULL);
	sem_wait(&unload_entered);
	ck_failure(relib_unload(own, NULL, NULL, &error), RELIB_BUSY, "another unload", NULL);
	ck_failure(relib_call_main(own, int, &result, 0, NULL, &error), RELIB_BUSY, "being unloaded", NULL);
	ck_load_fails(module_path("load_simple"), RELIB_ALREADY_LOADED, "load_simple.so");
	sem_post(&unload_may_go);
	pthread_join(thread, NULL);
	unload_waits = false;
	ck_unload(load(module_path("load_simple")));
}
END_TEST

START_TEST(takes_cxx_out_of_a_c_host_whole)
{
	char *arguments[] = { (char[]){ "cxx" }, (char[]){ "one two three" }, NULL };
	int result;

	for (int i = 0; i < 3; i++) {
		struct relib_module *module = load(module_path("load_cxx"));

		ck_assert_int_eq(relib_call_main(module, int, &result, 2, arguments, &error), RELIB_OK);
		ck_assert_int_eq(result, 3);
		ck_assert_int_eq(relib_call_main(module, int, &result, 1, arguments, &error), RELIB_OK);
		ck_assert_int_eq(result, -1);
		ck_unload(module);
		ck_assert(!is_mapped("load_cxx"));
	}
	ck_assert(is_mapped("libstdc++.so.6"));
}
END_TEST

START_TEST(sees_a_tracker_that_does_not_fit)
{
	struct relib_module *module;

	relib_track.abi = RELIB_TRACK_ABI + 1;
	ck_assert(!relib_has_tracker());
	module = load(module_path("load_simple"));
	ck_failure(relib_unload(module, NULL, NULL, &error), RELIB_NO_TRACKER, "another version", "relib_init", NULL);
	relib_track.abi = RELIB_TRACK_ABI;
	ck_assert(relib_has_tracker());
	ck_unload(module);
}
END_TEST

START_TEST(has_one_version)
{
	ck_assert_str_eq(relib_version(), RELIB_SDK_VERSION);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("loader");
	TCase *tests = tcase_create("loader");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 120);
	/* First: a tracker that was found stays found. */
	tcase_add_test(tests, sees_a_tracker_that_does_not_fit);
	tcase_add_test(tests, tells_what_a_module_says_of_itself);
	tcase_add_test(tests, takes_a_relative_path_from_the_current_folder);
	tcase_add_test(tests, loads_a_plain_object_only_if_told);
	tcase_add_test(tests, knows_a_file_by_whatever_path);
	tcase_add_test(tests, says_that_a_file_was_replaced);
	tcase_add_test(tests, sees_what_the_host_opened_itself);
	tcase_add_test(tests, lets_one_of_300_threads_load);
	tcase_add_test(tests, holds_no_lock_while_constructors_run);
	tcase_add_test(tests, refuses_wrong_arguments);
	tcase_add_test(tests, refuses_a_truncated_file_at_every_length);
	tcase_add_test(tests, shows_both_abis);
	tcase_add_test(tests, shows_both_architectures);
	tcase_add_test(tests, refuses_torn_information);
	tcase_add_test(tests, calls_main_with_its_arguments);
	tcase_add_test(tests, refuses_another_type);
	tcase_add_test(tests, gives_a_struct);
	tcase_add_test(tests, looks_symbols_up_in_the_module_only);
	tcase_add_test(tests, names_the_threads_that_refuse);
	tcase_add_test(tests, says_what_a_policy_does_not_let_go);
	tcase_add_test(tests, takes_only_policies_that_fit);
	tcase_add_test(tests, stays_usable_when_still_mapped);
	tcase_add_test(tests, unloads_without_memory_for_a_report);
	tcase_add_test(tests, settles_or_keeps_as_told);
	tcase_add_test(tests, refuses_while_calls_are_in_flight);
	tcase_add_test(tests, lets_nobody_in_during_an_unload);
	tcase_add_test(tests, takes_cxx_out_of_a_c_host_whole);
	tcase_add_test(tests, has_one_version);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
