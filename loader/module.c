/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A loaded module: its memory and what it says about itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "image.h"
#include "internal.h"
#include "private-copy.h"

/* No links are resolved: $ORIGIN in the module's RUNPATH is the folder of the path that was given. */
static char *absolute_path(const char *path)
{
	char *folder, *whole;

	if (*path == '/')
		return strdup(path);
	while (path[0] == '.' && path[1] == '/')
		for (path += 2; *path == '/'; path++)
			;
	folder = getcwd(NULL, 0);
	if (!folder || asprintf(&whole, "%s/%s", strcmp(folder, "/") ? folder : "", path) < 0)
		whole = NULL;
	free(folder);
	return whole;
}

void relib_module_free(struct relib_module *module)
{
	relib_join_free(module);
	relib_link_free(module);
	relib_private_copy_free(module);
	free(module->path);
	free(module);
}

struct relib_module *relib_module_new(const struct relib_image *image)
{
	struct relib_module *module = calloc(1, sizeof(*module));
	static _Atomic uint64_t count;

	if (!module)
		return NULL;
	module->number = ++count;
	module->path = absolute_path(image->shown);
	if (!module->path) {
		free(module);
		return NULL;
	}
	module->opened = module->path;
	module->file = strrchr(module->path, '/') + 1;
	module->device = image->status.st_dev;
	module->inode = image->status.st_ino;
	strcpy(module->name, image->information.name);
	strcpy(module->version, image->information.version);
	return module;
}

const char *relib_module_name(const struct relib_module *module)
{
	return module->name;
}

const char *relib_module_version(const struct relib_module *module)
{
	return module->version;
}

const char *relib_module_path(const struct relib_module *module)
{
	return module->path;
}

void *relib_module_handle(const struct relib_module *module)
{
	return module->handle;
}

bool relib_has_main(const struct relib_module *module)
{
	return module->main;
}

const struct relib_type *relib_main_type(const struct relib_module *module)
{
	return module->main ? &module->main->type : NULL;
}

const char *relib_version(void)
{
	return PACKAGE_VERSION;
}
