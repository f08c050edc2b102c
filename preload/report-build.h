/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Making a report: frames with names, in memory of the report's own. */
#ifndef RELIB_REPORT_BUILD_H
#define RELIB_REPORT_BUILD_H

#include <relib/report.h>
#include <stdint.h>

#include "arena.h"
#include "object.h"

#define RELIB_BUILD_FILES 48

struct relib_builder {
	struct relib_arena memory;
	struct relib_report *report; /* NULL when memory ran out: nothing else is done then */
	/* Symbols of the objects that frames lie in; what is leaving is read before it leaves. */
	struct relib_build_file {
		uintptr_t start, end, base;
		const char *path, *build_id;
		struct relib_object *object; /* NULL when it has gone; its record may be another's by now */
		struct relib_file file;
		bool is_read;
	} files[RELIB_BUILD_FILES];
	unsigned file_count;
	size_t entry_room;
};

void relib_build_start(struct relib_builder *builder, const struct relib_object *module);
/* Reads the names of an object now, since it is about to go; from its file alone when it has gone. */
void relib_build_remember(struct relib_builder *builder, const struct relib_object *object, bool is_there);
struct relib_entry *relib_build_entry(struct relib_builder *builder); /* NULL without memory */
void relib_build_frame(struct relib_builder *builder, uintptr_t address, struct relib_frame *frame);
struct relib_stack relib_build_stack(struct relib_builder *builder, const uintptr_t *addresses, size_t count);
/* A sentence of the report's; what is longer than 500 bytes is cut. NULL without memory. */
const char *relib_build_text(struct relib_builder *builder, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sample stacks of a call site. */
struct relib_site;
void relib_build_samples(struct relib_builder *builder, struct relib_entry *entry, const struct relib_site *site);
/* Sorts, closes files; the report or NULL. */
struct relib_report *relib_build_finish(struct relib_builder *builder);
void relib_build_abandon(struct relib_builder *builder);

void relib_report_release(struct relib_report *report);

#endif
