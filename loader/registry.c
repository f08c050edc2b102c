/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which modules are loaded, or are being loaded: by the identity of the file, never by its name. */
#include <pthread.h>
#include <string.h>

#include "internal.h"

/* Held for a walk through the list only: never while code of a module or of ld.so runs. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct relib_module *modules;

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

/* A host that forks while a thread loads: its child must find the lock free. */
__attribute__((constructor)) static void keep_across_fork(void)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}

static struct relib_module *find(const struct relib_module *wanted)
{
	for (struct relib_module *module = modules; module; module = module->next)
		if ((module->device == wanted->device && module->inode == wanted->inode) ||
		    !strcmp(module->path, wanted->path))
			return module;
	return NULL;
}

static enum relib_code already_loaded(const struct relib_module *wanted, const struct relib_module *found,
				      const char *shown, struct relib_error *error)
{
	const char *advice = "unload it first, or use the module that you have";

	if (!found->handle)
		return relib_fail(error, RELIB_ALREADY_LOADED,
				  "%s is already being loaded by another thread\n  a module is loaded at most once at a time", shown);
	/* ld.so knows objects by name too, and would give out the old one again. */
	if (found->device != wanted->device || found->inode != wanted->inode)
		return relib_fail(error, RELIB_ALREADY_LOADED,
				  "%s is already loaded: the file was replaced since, and its earlier version is in use\n  unload it first",
				  shown);
	if (strcmp(found->path, wanted->path))
		return relib_fail(error, RELIB_ALREADY_LOADED, "%s is already loaded: it is the same file as %s\n  %s", shown,
				  found->path, advice);
	return relib_fail(error, RELIB_ALREADY_LOADED, "%s is already loaded\n  %s", shown, advice);
}

enum relib_code relib_registry_claim(struct relib_module *module, const char *shown, struct relib_error *error)
{
	const struct relib_module *found;
	enum relib_code code = RELIB_OK;

	pthread_mutex_lock(&lock);
	found = find(module);
	if (found) {
		code = already_loaded(module, found, shown, error);
	} else {
		module->next = modules;
		modules = module;
	}
	pthread_mutex_unlock(&lock);
	return code;
}

void relib_registry_publish(struct relib_module *module, void *handle)
{
	pthread_mutex_lock(&lock);
	module->handle = handle;
	pthread_mutex_unlock(&lock);
}

void relib_registry_remove(struct relib_module *module)
{
	pthread_mutex_lock(&lock);
	for (struct relib_module **link = &modules; *link; link = &(*link)->next) {
		if (*link == module) {
			*link = module->next;
			break;
		}
	}
	pthread_mutex_unlock(&lock);
}

static bool has(const struct relib_module *module)
{
	const struct relib_module *found;

	for (found = modules; found && found != module; found = found->next)
		;
	return found && found->handle;
}

/* In one step, and the message too: the thread that unloads a module frees it. */
enum relib_code relib_registry_close(struct relib_module *module, struct relib_error *error)
{
	enum relib_code code = RELIB_OK;

	pthread_mutex_lock(&lock);
	if (!has(module))
		code = relib_fail(error, RELIB_INVALID, "relib_unload was given no loaded module: unloaded before?");
	else if (atomic_exchange(&module->closing, true))
		code = relib_fail(error, RELIB_BUSY, "%s was not unloaded: another unload of it is going on", module->file);
	pthread_mutex_unlock(&lock);
	return code;
}
