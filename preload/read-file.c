/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* By the kernel's own calls: those of libc are hooks, and cancellation points. */
#include "read-file.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

bool relib_read_file(const char *path, char *text, size_t size)
{
	int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : syscall(SYS_read, file, text, size - 1);

	if (file >= 0)
		syscall(SYS_close, file);
	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}
