/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Copies of a module's file in which the description of its interface is another one. */
#ifndef TESTS_MODULE_FILE_H
#define TESTS_MODULE_FILE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct module_file {
	char *bytes;
	size_t size;
	size_t description, description_size; /* where it lies; with its NUL */
	char copy[64];                        /* the name of the last copy */
};

static inline bool module_file_read(struct module_file *file, const char *name)
{
	const char *folder = getenv("MODULES");
	char path[4096];
	struct stat status;
	int descriptor;
	char *found;

	*file = (struct module_file){ 0 };
	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "modules", name);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0 || fstat(descriptor, &status))
		return false;
	file->size = (size_t)status.st_size;
	file->bytes = malloc(file->size);
	if (!file->bytes || read(descriptor, file->bytes, file->size) != (ssize_t)file->size)
		return false;
	close(descriptor);
	found = memmem(file->bytes, file->size, "relib interface 1 ", strlen("relib interface 1 "));
	if (!found)
		return false;
	file->description = (size_t)(found - file->bytes);
	file->description_size = strlen(found) + 1;
	return true;
}

/* Writes a copy as it is now, under a name that no other test has. */
static inline const char *module_file_write(struct module_file *file)
{
	int descriptor;

	if (!file->copy[0]) {
		strcpy(file->copy, "/tmp/relib-interface-XXXXXX");
		descriptor = mkstemp(file->copy);
	} else {
		descriptor = open(file->copy, O_WRONLY | O_TRUNC | O_CLOEXEC);
	}
	if (descriptor < 0 || write(descriptor, file->bytes, file->size) != (ssize_t)file->size) {
		perror(file->copy);
		exit(99);
	}
	close(descriptor);
	return file->copy;
}

static inline void module_file_end(struct module_file *file)
{
	if (file->copy[0])
		unlink(file->copy);
	free(file->bytes);
}

#endif
