/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Files are written beside where they belong and then renamed: all of them, or none is touched. */
#include "bindgen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool failed(const char *path)
{
	fprintf(stderr, RELIB_TOOL ": can't write %s: %s\n", path, strerror(errno));
	return false;
}

/* What rename() would not write to: a pipe, a device, and /dev/stdout, whatever it stands for. */
static bool is_special(const char *path)
{
	struct stat status;

	return strncmp(path, "/dev/", 5) == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode));
}

static bool is_folder(const char *path)
{
	struct stat status;

	if (stat(path, &status) || !S_ISDIR(status.st_mode))
		return false;
	errno = EISDIR;
	return true;
}

static bool write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		data += written;
		length -= (size_t)written;
	}
	return true;
}

static bool write_special(const struct relib_output *file)
{
	int fd = open(file->path, O_WRONLY | O_CLOEXEC);
	bool whole = fd >= 0 && write_all(fd, file->text.data, file->text.length);

	if (fd >= 0)
		whole = close(fd) == 0 && whole;
	return whole ? true : failed(file->path);
}

static bool write_temporary(struct relib_output *file)
{
	mode_t mask = umask(0);
	bool whole;
	int fd;

	umask(mask);
	file->temporary = relib_format(file->text.arena, "%s.XXXXXX", file->path);
	fd = mkostemp(file->temporary, O_CLOEXEC);
	if (fd < 0) {
		file->temporary = NULL;
		return failed(file->path);
	}
	whole = fchmod(fd, 0666 & ~mask) == 0 && write_all(fd, file->text.data, file->text.length);
	whole = close(fd) == 0 && whole;
	return whole ? true : failed(file->path);
}

static bool write_file(struct relib_output *file)
{
	if (is_folder(file->path))
		return failed(file->path);
	return is_special(file->path) || write_temporary(file);
}

static bool finish(struct relib_output *file)
{
	if (!file->temporary)
		return write_special(file);
	if (rename(file->temporary, file->path))
		return failed(file->path);
	file->temporary = NULL;
	return true;
}

bool relib_write_files(struct relib_output *files, size_t count)
{
	bool whole = true;

	for (size_t i = 0; i < count && whole; i++)
		whole = write_file(&files[i]);
	for (size_t i = 0; i < count && whole; i++)
		whole = finish(&files[i]);
	for (size_t i = 0; i < count; i++)
		if (files[i].temporary)
			unlink(files[i].temporary);
	return whole;
}
