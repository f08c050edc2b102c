/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host that loads private copies: private_host SCENARIO MODULE. It says what was not as it should be, and then fails. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <relib/relib.h>

static const struct relib_load_options private_copy = { .private_copy = true };
static struct relib_module *module;
static struct relib_error error;
static const char *path;
static int failed;

static void check(bool good, const char *what, int line)
{
	if (good)
		return;
	printf("line %d: %s\n  %s\n", line, what, error.message);
	failed = 1;
}
#define CHECK(condition) check(condition, #condition, __LINE__)

/* But for pipes: libunwind makes one when it is first used. */
static int descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	int count = 0;

	while ((entry = readdir(folder))) {
		char target[64] = "";

		if (readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1) > 0)
			count += strncmp(target, "pipe:", 5) != 0;
	}
	closedir(folder);
	return count;
}

static bool is_mapped(const char *part)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[4096];

	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, part) != NULL;
	fclose(maps);
	return found;
}

static const char *own_name(void)
{
	struct link_map *map = NULL;

	dlinfo(relib_module_handle(module), RTLD_DI_LINKMAP, &map);
	return map->l_name;
}

/* How often it was called: of a variable of which there would be one in the process. */
static int call(const char *what)
{
	char *arguments[] = { (char *)"module", (char *)what, NULL };
	int result = -1;

	if (relib_call_main(module, int, &result, 2, arguments, &error))
		return -1;
	return result;
}

static void load(void)
{
	if (relib_load(path, &private_copy, &module, &error)) {
		printf("not loaded: %s\n", error.message);
		exit(1);
	}
}

static void unload(void)
{
	struct relib_report *report = NULL;

	CHECK(!relib_unload(module, NULL, &report, &error));
	CHECK(report && report->heap.released == report->heap.blocks);
	CHECK(report && !strcmp(report->module.path, path));
	for (size_t i = 0; report && i < report->entry_count; i++)
		for (size_t frame = 0; frame < report->entries[i].callsite.count; frame++)
			CHECK(!strstr(report->entries[i].callsite.frames[frame].object, "/proc/"));
	relib_report_free(report);
}

/* As the file itself would be, and gone whole. */
static void whole(void)
{
	struct relib_module *again = NULL;
	int before = descriptors(), number;

	load();
	number = atoi(own_name() + strlen("/proc/self/fd/"));
	CHECK(!strncmp(own_name(), "/proc/self/fd/", 14));
	CHECK(is_mapped("memfd:libunique.so"));
	CHECK(!strcmp(relib_module_path(module), path));
	CHECK(fcntl(number, F_GETFD) & FD_CLOEXEC);
	CHECK(call("count") == 1 && call("count") == 2);
	CHECK(call("versioned") == 7);
	CHECK(call("library") == 1);
	CHECK(call("throw") == 5);
	CHECK(call("leak") == 0);
	CHECK(relib_load(path, &private_copy, &again, &error) == RELIB_ALREADY_LOADED);
	CHECK(relib_load(path, NULL, &again, &error) == RELIB_ALREADY_LOADED);
	CHECK(call("count") == 3);
	unload();
	CHECK(!is_mapped("libunique.so"));
	CHECK(!is_mapped("libdep.so"));
	CHECK(descriptors() == before);
}

/* What it left in one life is not there in the next. */
static void often(void)
{
	int before = descriptors();

	for (int i = 0; i < 500 && !failed; i++) {
		load();
		CHECK(call("count") == 1);
		CHECK(call("leak") == 0);
		unload();
		CHECK(!is_mapped("libunique.so"));
	}
	CHECK(descriptors() == before);
}

static void stack(void)
{
	char wanted[64];

	load();
	CHECK(call("panic") == -1);
	snprintf(wanted, sizeof(wanted), "unique.cc:%s", getenv("PANIC_LINE"));
	CHECK(relib_panic_stack(module) && strstr(relib_panic_stack(module), wanted));
	CHECK(relib_panic_stack(module) && !strstr(relib_panic_stack(module), "/proc/"));
	CHECK(!strstr(error.message, "/proc/") && strstr(error.message, "libunique.so"));
	unload();
}

static void beside_the_hosts(void)
{
	int (*host_count)(void);
	void *handle;

	load();
	handle = dlopen(path, RTLD_NOW);
	CHECK(handle && handle != relib_module_handle(module));
	host_count = (int (*)(void))dlsym(handle, "count");
	CHECK(call("count") == 1);
	CHECK(host_count() == 1 && host_count() == 2);
	CHECK(call("count") == 2);
	unload();
	CHECK(host_count() == 3);
	/* And the other way round. */
	load();
	CHECK(call("count") == 1 && host_count() == 4);
	unload();
}

/* Its descriptor is closed behind its back, and the number is another file's. */
static void number_taken(void)
{
	struct relib_module *first;
	struct stat status;
	int number;

	load();
	first = module;
	number = atoi(own_name() + strlen("/proc/self/fd/"));
	close(number);
	CHECK(dup2(open("/dev/null", O_RDONLY), number) == number);
	path = getenv("OTHER");
	close(number);
	load();
	CHECK(module != first && relib_module_handle(module) != relib_module_handle(first));
	CHECK(call("count") == 1);
	unload();
	CHECK(dup2(open("/dev/null", O_RDONLY), number) == number);
	module = first;
	path = relib_module_path(first);
	CHECK(call("count") == 1);
	path = strdup(path);
	unload();
	CHECK(!fstat(number, &status) && S_ISCHR(status.st_mode));
}

/* The file is written anew while a copy of it is loaded. */
static void replaced(void)
{
	load();
	CHECK(call("count") == 1);
	CHECK(!rename(getenv("OTHER"), path));
	CHECK(call("panic") == -1);
	CHECK(strstr(relib_panic_stack(module), "libunique.so+0x") && !strstr(relib_panic_stack(module), "unique.cc"));
	CHECK(call("versioned") == 7);
	unload();
	load();
	CHECK(call("versioned") == 8);
	unload();
}

static void by_other_means(void)
{
	const char *temporary = getenv("TMPDIR");

	if (temporary && *temporary == '!') {
		setenv("TMPDIR", temporary + 1, 1);
		CHECK(relib_load(path, &private_copy, &module, &error) == RELIB_LOAD_FAILED);
		CHECK(strstr(error.message, "private copy") && strstr(error.message, "TMPDIR"));
		return;
	}
	whole();
}

static void refused(void)
{
	int before = descriptors();

	CHECK(relib_load(path, &private_copy, &module, &error) == (enum relib_code)atoi(getenv("CODE")));
	CHECK(!strstr(error.message, "/proc/"));
	CHECK(descriptors() == before);
	printf("%s\n", error.message);
}

static void not_private(void)
{
	struct relib_load_options none = { .private_copy = false };

	CHECK(!relib_load(path, &none, &module, &error));
	CHECK(relib_unload(module, NULL, NULL, &error) == RELIB_STILL_MAPPED);
	CHECK(strstr(error.message, "private_copy"));
	CHECK(call("count") == 1);
}

/* For systems without it. */
int memfd_create(const char *name, unsigned flags)
{
	static int (*real)(const char *, unsigned);

	if (getenv("NO_MEMFD")) {
		errno = ENOSYS;
		return -1;
	}
	if (!real)
		real = (int (*)(const char *, unsigned))dlsym(RTLD_NEXT, "memfd_create");
	return real(name, flags);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } scenarios[] = {
		{ "whole", whole }, { "often", often }, { "stack", stack }, { "beside-the-hosts", beside_the_hosts },
		{ "number-taken", number_taken }, { "replaced", replaced }, { "by-other-means", by_other_means },
		{ "refused", refused }, { "not-private", not_private },
	};

	if (relib_init(argc, argv, &error) || argc < 3)
		return 2;
	path = argv[2];
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		if (strcmp(scenarios[i].name, argv[1]))
			continue;
		scenarios[i].run();
		return failed;
	}
	return 2;
}
