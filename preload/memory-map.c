/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The process's own memory, read without the risk of a fault: what is mapped, and what is in it. */
#include "memory-map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static uintptr_t hexadecimal(const char **at)
{
	uintptr_t value = 0;

	for (;; ++*at) {
		if (**at >= '0' && **at <= '9')
			value = value << 4 | (uintptr_t)(**at - '0');
		else if (**at >= 'a' && **at <= 'f')
			value = value << 4 | (uintptr_t)(**at - 'a' + 10);
		else
			return value;
	}
}

/* "7f0a156e4000-7f0a1570a000 r--p ..." */
static void add_line(struct relib_memory_map *map, const char *line)
{
	struct relib_mapped range;

	range.start = hexadecimal(&line);
	if (*line++ != '-')
		return;
	range.end = hexadecimal(&line);
	if (line[0] == ' ' && line[1] == 'r' && map->count < RELIB_MAP_LIMIT)
		map->ranges[map->count++] = range;
}

void relib_memory_map_read(struct relib_memory_map *map)
{
	int descriptor = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
	char *buffer = map->text;
	size_t kept = 0;
	long got;

	map->count = 0;
	if (descriptor < 0)
		return;
	while ((got = syscall(SYS_read, descriptor, buffer + kept, sizeof map->text - 1 - kept)) > 0) {
		char *line = buffer, *end;

		buffer[kept += (size_t)got] = 0;
		for (; (end = memchr(line, '\n', kept - (size_t)(line - buffer))); line = end + 1)
			add_line(map, line);
		kept -= (size_t)(line - buffer);
		memmove(buffer, line, kept);
		if (kept == sizeof map->text - 1)
			break;
	}
	syscall(SYS_close, descriptor);
}

uintptr_t relib_memory_map_end(const struct relib_memory_map *map, uintptr_t address)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (address < map->ranges[middle].start)
			high = middle;
		else if (address >= map->ranges[middle].end)
			low = middle + 1;
		else
			return map->ranges[middle].end;
	}
	return 0;
}

static long read_by_file(uintptr_t address, void *buffer, size_t size)
{
	int descriptor = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDONLY | O_CLOEXEC);
	long got;

	if (descriptor < 0)
		return -1;
	got = syscall(SYS_pread64, descriptor, buffer, size, (off_t)address);
	syscall(SYS_close, descriptor);
	return got;
}

size_t relib_memory_read(uintptr_t address, void *buffer, size_t size)
{
	struct iovec to = { buffer, size }, from = { (void *)address, size };
	long got = syscall(SYS_process_vm_readv, syscall(SYS_getpid), &to, 1ul, &from, 1ul, 0ul);

	/* Some containers don't allow it. */
	if (got < 0 && errno != EFAULT)
		got = read_by_file(address, buffer, size);
	return got > 0 ? (size_t)got : 0;
}
