/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The process's own memory, read without the risk of a fault: what is mapped, and what is in it. */
#ifndef RELIB_MEMORY_MAP_H
#define RELIB_MEMORY_MAP_H

#include <stddef.h>
#include <stdint.h>

/* As many as the kernel allows a process by default; where there are more, those above are not known. */
#define RELIB_MAP_LIMIT 65536

struct relib_memory_map {
	size_t count;
	struct relib_mapped {
		uintptr_t start, end;
	} ranges[RELIB_MAP_LIMIT]; /* readable ones, ascending; those that touch each other are still two */
	char text[16384];	   /* while it is read: stacks may be small */
};

/* It is empty where there is no /proc. */
void relib_memory_map_read(struct relib_memory_map *map);
/* The end of the mapping that an address is in, or 0. Async-signal-safe. */
uintptr_t relib_memory_map_end(const struct relib_memory_map *map, uintptr_t address);

/* Copies what is there: gives how many bytes, up to where nothing is mapped. Async-signal-safe. */
size_t relib_memory_read(uintptr_t address, void *buffer, size_t size);

#endif
