/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host that loads modules and says what of them points back into it: `load m FILE call m FUNCTION close m cxx`. In C, so that
 * the C++ library comes with a module; linked to it, it is a host in C++.
 */
#include <dlfcn.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct { const char *name; void *handle; } modules[16];

static unsigned find(const char *name)
{
	for (unsigned i = 0; i < 16; i++)
		if (modules[i].name && !strcmp(modules[i].name, name))
			return i;
	errx(2, "%s: no such module", name);
}

static void load(const char *name, const char *file, int flags)
{
	unsigned at = 0;

	while (modules[at].name)
		at++;
	modules[at].name = name;
	modules[at].handle = dlopen(file, RTLD_NOW | flags);
	if (!modules[at].handle)
		errx(2, "%s", dlerror());
}

static void *symbol(void *handle, const char *name)
{
	void *found = dlsym(handle, name);

	if (!found)
		errx(2, "%s", dlerror());
	return found;
}

static void call(unsigned at, const char *name)
{
	((void (*)(void))symbol(modules[at].handle, name))();
}

static void close_module(unsigned at)
{
	char *file = strdup(((struct { unsigned long address; char *name; } *)modules[at].handle)->name);
	void *handle;

	if (dlclose(modules[at].handle))
		errx(2, "%s", dlerror());
	handle = dlopen(file, RTLD_LAZY | RTLD_NOLOAD);
	if (handle) {
		printf("%s is still there\n", modules[at].name);
		dlclose(handle);
	}
	free(file);
	modules[at].name = NULL;
}

/* The C++ library's handlers */

static void host_handler(void)
{
	abort();
}

static void *cxx_symbol(const char *name)
{
	void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD), *found = library ? dlsym(library, name) : NULL;

	if (library)
		dlclose(library);
	return found;
}

static const struct { const char *name, *set, *get; } cxx[] = {
	{ "terminate", "_ZSt13set_terminatePFvvE", "_ZSt13get_terminatev" },
	{ "unexpected", "_ZSt14set_unexpectedPFvvE", "_ZSt14get_unexpectedv" },
	{ "new", "_ZSt15set_new_handlerPFvvE", "_ZSt15get_new_handlerv" },
};

typedef void (*handler)(void);

static void cxx_take(void)
{
	for (unsigned i = 0; i < 3; i++)
		((handler (*)(handler))cxx_symbol(cxx[i].set))(host_handler);
}

static void cxx_print(void)
{
	for (unsigned i = 0; i < 3; i++) {
		handler (*get)(void) = (handler (*)(void))cxx_symbol(cxx[i].get);
		handler now = get ? get() : NULL;
		Dl_info info;
		const char *file = now && dladdr((void *)now, &info) ? strrchr(info.dli_fname, '/') + 1 : now ? "nowhere" : "none";

		printf("%s %s\n", cxx[i].name, now == host_handler ? "host" : strncmp(file, "libstdc++", 9) ? file : "default");
	}
}

/* What a signal does. */
static void signal_print(int number)
{
	struct sigaction action;
	Dl_info info;

	sigaction(number, NULL, &action);
	printf("%d %s\n", number, action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" :
	       action.sa_handler == (void (*)(int))host_handler ? "host" : dladdr((void *)action.sa_handler, &info) ? "module" : "nowhere");
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (char **step = argv + 1; step < argv + argc; step++) {
		if (!strcmp(*step, "load") || !strcmp(*step, "load-deep")) {
			int flags = strcmp(*step, "load") ? RTLD_DEEPBIND : 0;

			load(step[1], step[2], flags);
			step += 2;
		} else if (!strcmp(*step, "call")) {
			call(find(step[1]), step[2]);
			step += 2;
		} else if (!strcmp(*step, "close")) {
			close_module(find(*++step));
		} else if (!strcmp(*step, "cxx-take")) {
			cxx_take();
		} else if (!strcmp(*step, "cxx")) {
			cxx_print();
		} else if (!strcmp(*step, "atexit")) {
			atexit((void (*)(void))symbol(modules[find(step[1])].handle, step[2]));
			step += 2;
		} else if (!strcmp(*step, "at-quick-exit")) {
			at_quick_exit((void (*)(void))symbol(modules[find(step[1])].handle, step[2]));
			step += 2;
		} else if (!strcmp(*step, "quick-exit")) {
			quick_exit(0);
		} else if (!strcmp(*step, "signal-take")) {
			signal(atoi(*++step), (void (*)(int))host_handler);
		} else if (!strcmp(*step, "signal")) {
			signal_print(atoi(*++step));
		} else {
			errx(2, "%s: no such step", *step);
		}
	}
	return 0;
}
