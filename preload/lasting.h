/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Texts that stay: copies that libc goes on using when the module is gone whose they were. Never freed; to keep a new
 * text of the same name again and again takes no more memory than the longest of them, some times over.
 */
#ifndef RELIB_LASTING_H
#define RELIB_LASTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RELIB_LASTING_COPIES 4

/* A name, for reports and to find it again, and the latest copies of what it had. */
struct relib_lasting {
	const char *name;
	size_t length;
	unsigned next;
	struct {
		char *text;
		size_t room;
	} copies[RELIB_LASTING_COPIES];
	const char *early; /* one of them, made before it is needed; or NULL */
};

/* The number of a name, from 1 on; 0 when there are too many. `make`: if it isn't there. */
uint32_t relib_lasting_number(const char *name, size_t length, bool make);
struct relib_lasting *relib_lasting_of(uint32_t number);

/*
 * A copy of a text. None is written over of which `in_use` says yes: libc has it. NULL: there is no memory.
 */
char *relib_lasting_copy(struct relib_lasting *lasting, const char *text, bool (*in_use)(const char *copy));
/* The same, for what can't be read any more when it is needed. */
void relib_lasting_copy_early(struct relib_lasting *lasting, const char *text, bool (*in_use)(const char *copy));

/* Memory that is never given back. */
void *relib_lasting_allocate(size_t size);

#endif
