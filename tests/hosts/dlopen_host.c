/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host of the module that leaves handles of dlopen: `dlopen_host MODULE SCENARIO`; the libraries are beside it. Under
 * leaks=reclaim what the module left is closed, else it is open still.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "hosts/scenario.h"

/* A file beside the module. */
static const char *at(const char *name)
{
	static char paths[4][4096];
	static int turn;
	char *file = paths[turn = (turn + 1) % 4];

	snprintf(file, sizeof(paths[0]), "%.*s/%s", (int)(strrchr(path, '/') - path), path, name);
	return file;
}

static void *open_at(const char *name)
{
	return open_module(at(name));
}

/* Calls of functions of the module. */

static void *leak(const char *name)
{
	return ((void *(*)(void))find_symbol(module, name))();
}

static void *module_opens(const char *file, int mode)
{
	return ((void *(*)(const char *, int))find_symbol(module, "open_mode"))(file, mode);
}

static int module_closes(void *handle)
{
	return ((int (*)(void *))find_symbol(module, "close_handle"))(handle);
}

static void close_at_end(void *handle)
{
	((void (*)(void *))find_symbol(module, "close_at_end"))(handle);
}

static void *open_itself(int mode)
{
	return ((void *(*)(int))find_symbol(module, "open_itself"))(mode);
}

/* As often as this it can be closed before it is gone, and no more. */
static void closes(const char *name, void *handle, int times)
{
	for (int i = 0; i < times; i++) {
		CHECK(file_is_mapped(name));
		CHECK(dlclose(handle) == 0);
	}
	CHECK(!file_is_mapped(name));
}

static void every_way(void)
{
	load();
	CHECK(leak("leak_path") && leak("leak_runpath") && leak("leak_origin") && leak("leak_program") && leak("leak_dlmopen") &&
	      leak("leak_nested") && leak("leak_system"));
	CHECK(leak("leak_thrice"));
	unload();
	CHECK(file_is_mapped("kind_dlopen_a.so") == !reclaim);
	CHECK(file_is_mapped("kind_dlopen_b.so") == !reclaim);
	CHECK(file_is_mapped("kind_dlopen_c.so") == !reclaim);
	CHECK(file_is_mapped("kind_dlopen_d.so") == !reclaim);
	CHECK(file_is_mapped("kind_dlopen_outer.so") == !reclaim);
	CHECK(file_is_mapped("kind_dlopen_inner.so") == !reclaim);
}

/* What the host holds open stays so, as often as the host opened it. */
static void shared(void)
{
	void *handle = open_at("kind_dlopen_a.so");

	load();
	CHECK(leak("leak_path") == handle && leak("leak_thrice") == handle);
	unload();
	closes("kind_dlopen_a.so", handle, reclaim ? 1 : 5);
}

/* Found by a search that only the module's RUNPATH makes, and by the host by its path, before and after that. */
static void shared_by_search(void)
{
	void *before, *handle;

	for (int i = 0; i < 3; i++) {
		before = i == 0 ? open_at("kind_dlopen_hidden/kind_dlopen_b.so") : NULL;
		load();
		handle = leak("leak_runpath");
		CHECK(handle && (!before || handle == before));
		if (i == 1)
			before = open_at("kind_dlopen_hidden/kind_dlopen_b.so");
		unload();
		if (before)
			closes("kind_dlopen_b.so", handle, reclaim ? 1 : 2);
		else
			closes("kind_dlopen_b.so", handle, !reclaim);
	}
}

static void host_closes(void)
{
	void *handle;

	load();
	handle = leak("leak_path");
	closes("kind_dlopen_a.so", handle, 1);
	handle = leak("leak_runpath");
	closes("kind_dlopen_b.so", handle, 1);
	unload();
}

/* Its own, and not the module's. */
static void host_closes_own(void)
{
	void *handle = open_at("kind_dlopen_a.so");

	load();
	CHECK(leak("leak_path") == handle);
	CHECK(dlclose(handle) == 0);
	CHECK(file_is_mapped("kind_dlopen_a.so"));
	unload();
	closes("kind_dlopen_a.so", handle, !reclaim);
}

static void module_closes_own(void)
{
	void *handle = open_at("kind_dlopen_a.so");

	load();
	CHECK(leak("leak_path") == handle && leak("leak_runpath"));
	CHECK(module_closes(handle) == 0);
	CHECK(module_closes(leak("leak_runpath")) == 0);
	CHECK(file_is_mapped("kind_dlopen_a.so"));
	CHECK(module_closes(dlopen("kind_dlopen_b.so", RTLD_NOW)) == 0); /* its soname is none: found by name */
	unload();
	closes("kind_dlopen_a.so", handle, 1);
}

/* The host's handle, given to the module to close. */
static void module_closes_hosts(void)
{
	void *handle = open_at("kind_dlopen_a.so");

	load();
	CHECK(module_closes(handle) == 0);
	CHECK(!file_is_mapped("kind_dlopen_a.so"));
	handle = open_at("kind_dlopen_a.so");
	unload();
	closes("kind_dlopen_a.so", handle, 1);
}

static void destructor_closes(void)
{
	load();
	close_at_end(leak("leak_path"));
	unload();
	CHECK(!file_is_mapped("kind_dlopen_a.so"));
	load();
	close_at_end(leak("leak_runpath"));
	unload();
	CHECK(!file_is_mapped("kind_dlopen_b.so"));
}

static const char *const bad[] = { "kind_dlopen_missing.so", "$ORIGIN/kind_dlopen_missing.so", "/kind_dlopen_missing.so",
				   "kind_dlopen_broken.so", "$ORIGIN/kind_dlopen_broken.so", "", NULL };

static const int modes[] = { RTLD_NOW, RTLD_LAZY | RTLD_NOLOAD, 0, RTLD_NOW | RTLD_GLOBAL };

/* What ld.so says is said word for word; and no attempt that failed counts. */
static void errors(void)
{
	void *handles[2] = { open_at("kind_dlopen_hidden/kind_dlopen_b.so"), open_at("kind_dlopen_a.so") };
	const char *said;

	load();
	for (int i = 0; bad[i]; i++) {
		for (int mode = 0; mode < 4; mode++) {
			void *opened = module_opens(bad[i], modes[mode]);

			said = dlerror();
			printf("%d %d %s %s\n", i, mode, opened ? "opened" : "failed", said ? said : "says nothing");
			if (opened)
				dlclose(opened);
		}
	}
	said = module_opens(at("kind_dlopen_broken.so"), RTLD_NOW) ? "opened" : dlerror();
	printf("%s\n", said);
	unload();
	closes("kind_dlopen_b.so", handles[0], 1);
	closes("kind_dlopen_a.so", handles[1], 1);
}

/* A module that holds itself open. */
static void itself(int mode, bool closes_at_end)
{
	void *handle;

	load();
	handle = open_itself(mode);
	CHECK(handle == module);
	if (closes_at_end)
		close_at_end(handle);
	CHECK(dlclose(module) == 0);
	CHECK(file_is_mapped("kind_dlopen.so") == (!reclaim || (mode & RTLD_NODELETE)));
}

static void itself_again(void)
{
	itself(0, false);
}

static void itself_noload(void)
{
	itself(RTLD_NOLOAD, false);
}

static void itself_until_end(void)
{
	itself(0, true);
}

static void itself_nodelete(void)
{
	itself(RTLD_NOLOAD | RTLD_NODELETE, false);
}

/* The host opened it twice: the first close takes nothing away. */
static void itself_twice(void)
{
	load();
	load();
	open_itself(0);
	CHECK(dlclose(module) == 0);
	CHECK(file_is_mapped("kind_dlopen.so"));
	CHECK(leak("leak_path") != NULL);
	CHECK(dlclose(module) == 0);
	CHECK(file_is_mapped("kind_dlopen.so") == !reclaim);
}

static void nodelete(void)
{
	load();
	CHECK(module_opens(at("kind_dlopen_a.so"), RTLD_NOW | RTLD_NODELETE));
	unload();
	CHECK(file_is_mapped("kind_dlopen_a.so"));
	CHECK(dlopen(at("kind_dlopen_a.so"), RTLD_NOW | RTLD_NOLOAD));
}

/* Flags take effect on what is open already. */
static void promoted(void)
{
	void *handle = open_at("kind_dlopen_a.so");

	load();
	CHECK(!dlsym(RTLD_DEFAULT, "library_descriptor"));
	CHECK(module_opens(at("kind_dlopen_a.so"), RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL) == handle);
	CHECK(module_closes(handle) == 0);
	unload();
	/* By this lookup ld.so keeps it for ever. */
	CHECK(dlsym(RTLD_DEFAULT, "library_descriptor"));
}

/* Of two modules that opened the same library, the second takes it along. */
static void two_modules(void)
{
	void *first, *second, *handle;

	for (int turn = 0; turn < 2; turn++) {
		load();
		first = module;
		handle = turn ? leak("leak_path") : leak("leak_runpath");
		second = module = open_at("kind_dlopen_hidden/kind_dlopen_same.so");
		CHECK(module_opens(turn ? at("kind_dlopen_a.so") : at("kind_dlopen_hidden/kind_dlopen_b.so"), RTLD_NOW) == handle);
		CHECK(dlclose(first) == 0 && !file_is_mapped("kind_dlopen.so"));
		CHECK(file_is_mapped(turn ? "kind_dlopen_a.so" : "kind_dlopen_b.so"));
		CHECK(dlclose(second) == 0 && !file_is_mapped("kind_dlopen_same.so"));
		closes(turn ? "kind_dlopen_a.so" : "kind_dlopen_b.so", handle, reclaim ? 0 : 2);
	}
}

/* A library that would call what is gone when it ends stays. It ends with the process: by then nobody may call it. */
static void callback(void)
{
	void *handle;

	load();
	handle = leak("leak_callback");
	unload();
	CHECK(file_is_mapped("kind_dlopen_a.so"));
	*(void **)dlsym(handle, "library_callback") = NULL;
}

static void in_fork(void)
{
	int status;
	pid_t child;

	load();
	CHECK(leak("leak_path") && leak("leak_runpath"));
	child = fork();
	if (child == 0) {
		unload();
		CHECK(file_is_mapped("kind_dlopen_a.so") == !reclaim && file_is_mapped("kind_dlopen_b.so") == !reclaim);
		_exit(failed);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	unload();
	CHECK(file_is_mapped("kind_dlopen_a.so") == !reclaim && file_is_mapped("kind_dlopen_b.so") == !reclaim);
}

static const struct scenario scenarios[] = {
	SCENARIO(every_way), SCENARIO(shared), SCENARIO(shared_by_search), SCENARIO(host_closes), SCENARIO(host_closes_own),
	SCENARIO(module_closes_own), SCENARIO(module_closes_hosts), SCENARIO(destructor_closes), SCENARIO(errors),
	SCENARIO(itself_again), SCENARIO(itself_noload), SCENARIO(itself_until_end), SCENARIO(itself_nodelete),
	SCENARIO(itself_twice), SCENARIO(nodelete), SCENARIO(promoted), SCENARIO(two_modules), SCENARIO(callback), SCENARIO(in_fork),
};

int main(int argc, char **argv)
{
	return RUN_SCENARIO(argc, argv, scenarios, NULL);
}
