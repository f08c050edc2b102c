/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Objects that ld.so knows by another name than their file's: private copies of modules. */
#include "object-name.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Never freed, since it is read without a lock, but used again. */
struct relib_object_name {
	struct relib_object_name *next;
	atomic_bool taken;
	char name[64];
	const char *_Atomic path; /* NULL: of no object */
	struct stat file;
};

static struct relib_object_name *_Atomic names;

static struct relib_object_name *take(void)
{
	struct relib_object_name *entry;

	for (entry = atomic_load(&names); entry; entry = entry->next)
		if (!atomic_exchange(&entry->taken, true))
			return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->taken = true;
	entry->next = atomic_load(&names);
	while (!atomic_compare_exchange_weak(&names, &entry->next, entry))
		;
	return entry;
}

struct relib_object_name *relib_object_name_enter(const char *name, const char *path, const struct stat *file)
{
	struct relib_object_name *entry = take();

	if (!entry)
		return NULL;
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	entry->file = *file;
	atomic_store(&entry->path, path);
	return entry;
}

void relib_object_name_leave(struct relib_object_name *entry)
{
	atomic_store(&entry->path, NULL);
	atomic_store(&entry->taken, false);
}

static const struct relib_object_name *find(const char *name, const char **path)
{
	/* Most names are no copy's, and this is asked for each frame of a stack. */
	if (strncmp(name, "/proc/", 6))
		return NULL;
	for (const struct relib_object_name *entry = atomic_load(&names); entry; entry = entry->next) {
		*path = atomic_load(&entry->path);
		if (*path && !strcmp(entry->name, name))
			return entry;
	}
	return NULL;
}

const char *relib_object_path(const char *name)
{
	const char *path;

	return find(name, &path) ? path : name;
}

bool relib_object_is_copy(const char *name, bool *unchanged)
{
	const char *path;
	const struct relib_object_name *entry = find(name, &path);
	const struct stat *then = entry ? &entry->file : NULL;
	struct stat now;

	*unchanged = entry && !stat(path, &now) && now.st_dev == then->st_dev && now.st_ino == then->st_ino &&
		     now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
		     now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
	return entry;
}
