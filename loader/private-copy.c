/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Modules that are loaded from a copy of their file: the copy's descriptor and name. */
#include "private-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "internal.h"
#include "object-name.h"

/* The descriptor stays open as long as the object is there: whoever reads its name in the link map finds the copy. */
struct relib_private_copy {
	char name[64];
	int descriptor;
	dev_t device;
	ino_t inode;
	struct relib_object_name *entry;
};

/* A host that closes all descriptors closes this one too, and its number may be another file's by now. */
static void close_own(const struct relib_private_copy *copy)
{
	struct stat status;

	if (!fstat(copy->descriptor, &status) && status.st_dev == copy->device && status.st_ino == copy->inode)
		close(copy->descriptor);
}

/*
 * ld.so looks for an object of the same name first. One can be there if its descriptor was closed behind our back: then
 * another number it is.
 */
static bool name_it(struct relib_private_copy *copy, int descriptor)
{
	copy->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	while (copy->descriptor >= 0) {
		int taken = copy->descriptor;

		snprintf(copy->name, sizeof(copy->name), "/proc/self/fd/%d", taken);
		if (!relib_process_has_name(copy->name))
			return true;
		copy->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, taken + 1);
		close(taken);
	}
	return false;
}

static enum relib_code no_name(const struct relib_module *module, int number, struct relib_error *error)
{
	return relib_fail(error, RELIB_LOAD_FAILED,
			  "%s can't be loaded as a private copy: %s\n"
			  "  that needs a descriptor as long as it is loaded, and /proc mounted",
			  module->file, strerrordesc_np(number));
}

enum relib_code relib_private_copy_take(struct relib_module *module, const struct relib_image *image, struct relib_error *error)
{
	struct relib_private_copy *copy = calloc(1, sizeof(*copy));
	struct stat status;

	if (!copy)
		return relib_fail(error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", module->file);
	if (!name_it(copy, image->descriptor) || fstat(copy->descriptor, &status)) {
		enum relib_code code = no_name(module, errno, error);

		free(copy);
		return code;
	}
	copy->device = status.st_dev;
	copy->inode = status.st_ino;
	module->copy = copy;
	if (access(copy->name, R_OK))
		return no_name(module, errno, error);
	copy->entry = relib_object_name_enter(copy->name, module->path, &image->status);
	if (!copy->entry)
		return relib_fail(error, RELIB_NO_MEMORY, "%s can't be loaded: no memory", module->file);
	module->opened = copy->name;
	return RELIB_OK;
}

void relib_private_copy_free(struct relib_module *module)
{
	struct relib_private_copy *copy = module->copy;

	if (!copy)
		return;
	if (copy->entry)
		relib_object_name_leave(copy->entry);
	close_own(copy);
	free(copy);
}
