/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Mappings that modules hold: described and given back. */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kind.h"
#include "mapping.h"
#include "mapping-cover.h"
#include "report-name.h"

static bool contains(const struct relib_thing *thing, uintptr_t start, uintptr_t end)
{
	return start < thing->key + thing->value[0] && end > thing->key;
}

/* What the thread that settles stands on, or would in a signal handler. */
static const char *use_of(const struct relib_thing *thing)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	stack_t stack;

	if (contains(thing, here, here + 1))
		return "the stack of the thread that unloads";
	if (!sigaltstack(NULL, &stack) && !(stack.ss_flags & SS_DISABLE) &&
	    contains(thing, (uintptr_t)stack.ss_sp, (uintptr_t)stack.ss_sp + stack.ss_size))
		return "the signal stack of the thread that unloads";
	return NULL;
}

bool relib_mapping_release(const struct relib_thing *thing)
{
	relib_mapping_uncover(thing->key, thing->key + thing->value[0]);
	/* Also what shmat attached: the kernel detaches what is unmapped. */
	return !use_of(thing) && !relib_real.munmap((void *)(uintptr_t)thing->key, thing->value[0]);
}

/* One line of /proc/self/maps after the other; a line too long for the buffer loses its end. */
struct lines {
	int number;
	size_t used, filled;
	char bytes[4096];
};

static bool next_line(struct lines *lines, char *line, size_t size)
{
	size_t length = 0;

	for (;;) {
		char byte;

		if (lines->used == lines->filled) {
			ssize_t got = read(lines->number, lines->bytes, sizeof lines->bytes);

			lines->used = 0;
			lines->filled = got > 0 ? (size_t)got : 0;
			if (!lines->filled)
				return false;
		}
		byte = lines->bytes[lines->used++];
		if (byte == '\n')
			break;
		if (length + 1 < size)
			line[length++] = byte;
	}
	line[length] = '\0';
	return true;
}

/* The rights of the mapping at an address ("rw-p") and its file ("" for none). */
static bool look_up(uintptr_t address, char rights[5], char *path, size_t size)
{
	struct lines lines = { .number = relib_real.open("/proc/self/maps", O_RDONLY | O_CLOEXEC) };
	char line[512];
	bool found = false;

	while (lines.number >= 0 && !found && next_line(&lines, line, sizeof line)) {
		char *end;
		uintptr_t from = strtoul(line, &end, 16), to = *end == '-' ? strtoul(end + 1, &end, 16) : 0;
		const char *name = strchr(line, '/');

		found = address >= from && address < to;
		if (!found)
			continue;
		snprintf(rights, 5, "%.4s", *end ? end + 1 : "");
		snprintf(path, size, "%s", name ? name : "");
	}
	if (lines.number >= 0)
		relib_real.close(lines.number);
	return found;
}

/* "8.0 MiB rw-p at 0x7f0123456000", "4.0 KiB r--s /usr/share/words" */
void relib_mapping_describe(const struct relib_thing *thing, char *text, size_t size)
{
	char rights[5] = "", path[400] = "";
	struct field bytes = { 0 };
	const char *unit = relib_field_add_size(&bytes, thing->value[0]), *use = use_of(thing);
	size_t length;

	if (!look_up(thing->key, rights, path, sizeof path))
		snprintf(path, sizeof path, "unmapped by other means");
	length = (size_t)snprintf(text, size, "%s %s %s%s", bytes.text, unit, rights, *rights ? " " : "");
	if (length < size)
		length += (size_t)(*path ? snprintf(text + length, size - length, "%s", path)
					 : snprintf(text + length, size - length, "at 0x%" PRIx64, thing->key));
	if (use && length < size)
		snprintf(text + length, size - length, ", kept: %s", use);
}
