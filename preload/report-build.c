/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Making a report: frames with names, in memory of the report's own. */
#include "report-build.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lock.h"
#include "site.h"

struct owned_report {
	struct relib_report report; /* first: the one is the other's address */
	struct relib_arena memory;
};

void relib_build_start(struct relib_builder *builder, const struct relib_object *module)
{
	struct relib_report *report;

	memset(builder, 0, sizeof *builder);
	report = relib_arena_allocate(&builder->memory, sizeof(struct owned_report));
	builder->report = report;
	if (!report)
		return;
	clock_gettime(CLOCK_REALTIME, &report->time);
	report->pid = (int32_t)getpid();
	report->module.path = relib_arena_string(&builder->memory, module->path);
	report->module.build_id = *module->build_id ? relib_arena_string(&builder->memory, module->build_id) : NULL;
	report->module.base = module->base;
	report->untracked = module->untracked;
}

/* For a file that is not there any more, as that of a module that was loaded from a temporary copy. */
static void copy_symbols(struct relib_build_file *file, const struct relib_symbols *symbols)
{
	void *copy = relib_arena_allocate(&file->file.memory, symbols->count * sizeof *symbols->symbols);
	void *strings = relib_arena_allocate(&file->file.memory, symbols->strings_size);

	if (!copy || !strings)
		return;
	file->file.symbols = *symbols;
	file->file.symbols.symbols = memcpy(copy, symbols->symbols, symbols->count * sizeof *symbols->symbols);
	file->file.symbols.strings = memcpy(strings, symbols->strings, symbols->strings_size);
}

/* Registry lock held: the object's strings are copied. */
static struct relib_build_file *add_file(struct relib_builder *builder, struct relib_object *object)
{
	struct relib_build_file *file;

	if (builder->file_count == RELIB_BUILD_FILES)
		return NULL;
	file = &builder->files[builder->file_count++];
	file->start = object->start;
	file->end = object->end;
	file->base = object->base;
	file->path = relib_arena_string(&builder->memory, object->path);
	file->build_id = *object->build_id ? relib_arena_string(&builder->memory, object->build_id) : NULL;
	return file;
}

static void read_symbols(struct relib_build_file *file)
{
	file->is_read = true;
	if (file->path)
		relib_file_open(&file->file, file->path, file->build_id);
}

static struct relib_build_file *known_file(struct relib_builder *builder, uintptr_t address)
{
	for (unsigned i = 0; i < builder->file_count; i++)
		if (address >= builder->files[i].start && address < builder->files[i].end)
			return &builder->files[i];
	return NULL;
}

void relib_build_remember(struct relib_builder *builder, const struct relib_object *object, bool is_there)
{
	struct relib_build_file *file;
	sigset_t saved;

	if (known_file(builder, object->start))
		return;
	relib_lock(&relib_registry_lock, &saved);
	file = add_file(builder, &relib_objects[object->index]);
	relib_unlock(&relib_registry_lock, &saved);
	if (!file)
		return;
	read_symbols(file);
	if (!file->file.symbols.count && is_there)
		copy_symbols(file, &object->symbols);
}

static struct relib_build_file *file_at(struct relib_builder *builder, uintptr_t address)
{
	struct relib_build_file *file = known_file(builder, address);
	struct relib_object *object;
	sigset_t saved;

	if (file)
		return file;
	relib_lock(&relib_registry_lock, &saved);
	object = relib_object_at_locked(address);
	file = object ? add_file(builder, object) : NULL;
	if (file)
		file->object = object;
	relib_unlock(&relib_registry_lock, &saved);
	return file;
}

/*
 * Reports have the same callers again and again, in the host and in libc: their names are kept with the objects, so that not
 * each report reads the symbols of large files anew.
 */
#define KNOWN_NAMES 128 /* a power of two */

struct relib_known_name {
	uintptr_t offset;
	const char *name; /* NULL: free; empty: the file has none, as a stripped one for most of its functions */
};

/* Where the name is, or has room. NULL: there is none. Registry lock held. */
static struct relib_known_name *known_name(const struct relib_object *object, uintptr_t offset)
{
	for (unsigned probe = 0; object->names && probe < 8; probe++) {
		struct relib_known_name *known = &object->names[((offset >> 2) + probe) & (KNOWN_NAMES - 1)];

		if (!known->name || known->offset == offset)
			return known;
	}
	return NULL;
}

/* Registry lock held. */
static bool is_same_object(const struct relib_build_file *file)
{
	const struct relib_object *object = file->object;

	return object && object->kind != RELIB_OBJECT_NONE && object->start == file->start && object->end == file->end && file->path &&
	       !strcmp(object->path, file->path) && !strcmp(object->build_id, file->build_id ? file->build_id : "");
}

static bool recall_name(struct relib_builder *builder, const struct relib_build_file *file, uintptr_t offset, const char **name)
{
	const struct relib_known_name *known;
	bool found;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	found = is_same_object(file) && (known = known_name(file->object, offset)) && known->name;
	if (found)
		*name = *known->name ? relib_arena_string(&builder->memory, known->name) : NULL;
	relib_unlock(&relib_registry_lock, &saved);
	return found;
}

static void keep_name(const struct relib_build_file *file, uintptr_t offset, const char *name)
{
	struct relib_known_name *known;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	if (is_same_object(file)) {
		if (!file->object->names)
			file->object->names = relib_arena_allocate(&file->object->memory, KNOWN_NAMES * sizeof *known);
		known = known_name(file->object, offset);
		if (known && !known->name) {
			known->offset = offset;
			known->name = relib_arena_string(&file->object->memory, name);
		}
	}
	relib_unlock(&relib_registry_lock, &saved);
}

static const char *name_of(struct relib_builder *builder, struct relib_build_file *file, uintptr_t offset)
{
	const char *name;

	if (file->object && recall_name(builder, file, offset, &name))
		return name;
	if (!file->is_read)
		read_symbols(file);
	name = relib_symbol_find(&file->file.symbols, offset);
	/* One that could not be read may be the next time. */
	if (file->object && file->file.symbols.count)
		keep_name(file, offset, name ? name : "");
	return relib_arena_string(&builder->memory, name);
}

void relib_build_frame(struct relib_builder *builder, uintptr_t address, struct relib_frame *frame)
{
	struct relib_build_file *file = file_at(builder, address);

	memset(frame, 0, sizeof *frame);
	frame->offset = address;
	if (!file)
		return;
	frame->offset = address - file->base;
	frame->object = file->path;
	frame->build_id = file->build_id;
	frame->function = name_of(builder, file, frame->offset);
}

struct relib_stack relib_build_stack(struct relib_builder *builder, const uintptr_t *addresses, size_t count)
{
	struct relib_stack stack = { 0 };

	stack.frames = relib_arena_allocate(&builder->memory, count * sizeof *stack.frames);
	/* A return address lies behind the call, perhaps in the next line or function. */
	for (; stack.frames && stack.count < count; stack.count++)
		relib_build_frame(builder, addresses[stack.count] - 1, &stack.frames[stack.count]);
	return stack;
}

const char *relib_build_text(struct relib_builder *builder, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return relib_arena_string(&builder->memory, text);
}

struct relib_entry *relib_build_entry(struct relib_builder *builder)
{
	struct relib_report *report = builder->report;

	if (!report)
		return NULL;
	if (report->entry_count == builder->entry_room) {
		size_t room = builder->entry_room ? 2 * builder->entry_room : 16;
		struct relib_entry *entries = relib_arena_allocate(&builder->memory, room * sizeof *entries);

		if (!entries)
			return NULL;
		if (report->entry_count)
			memcpy(entries, report->entries, report->entry_count * sizeof *entries);
		report->entries = entries;
		builder->entry_room = room;
	}
	return &report->entries[report->entry_count++];
}

/* By kind, then the largest first. */
static bool comes_before(const struct relib_entry *one, const struct relib_entry *other)
{
	if (one->kind != other->kind)
		return one->kind < other->kind;
	if (one->bytes != other->bytes)
		return one->bytes > other->bytes;
	return one->count > other->count;
}

static void sift(struct relib_entry *entries, size_t at, size_t count)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		struct relib_entry swap;

		if (child + 1 < count && comes_before(&entries[child], &entries[child + 1]))
			child++;
		if (!comes_before(&entries[at], &entries[child]))
			return;
		swap = entries[at];
		entries[at] = entries[child];
		entries[child] = swap;
	}
}

/* Heapsort: libc's qsort allocates. */
static void sort(struct relib_entry *entries, size_t count)
{
	for (size_t at = count / 2; at-- > 0;)
		sift(entries, at, count);
	while (count > 1) {
		struct relib_entry first = entries[0];

		entries[0] = entries[--count];
		entries[count] = first;
		sift(entries, 0, count);
	}
}

static void close_files(struct relib_builder *builder)
{
	for (unsigned i = 0; i < builder->file_count; i++)
		relib_file_close(&builder->files[i].file);
	builder->file_count = 0;
}

struct relib_report *relib_build_finish(struct relib_builder *builder)
{
	close_files(builder);
	if (!builder->report)
		return NULL;
	sort(builder->report->entries, builder->report->entry_count);
	((struct owned_report *)builder->report)->memory = builder->memory;
	return builder->report;
}

void relib_build_abandon(struct relib_builder *builder)
{
	close_files(builder);
	relib_arena_free(&builder->memory);
}

void relib_report_release(struct relib_report *report)
{
	struct relib_arena memory;

	if (!report)
		return;
	memory = ((struct owned_report *)report)->memory;
	relib_arena_free(&memory);
}

void relib_build_samples(struct relib_builder *builder, struct relib_entry *entry, const struct relib_site *site)
{
	entry->samples = relib_arena_allocate(&builder->memory, RELIB_SITE_SAMPLES * sizeof *entry->samples);
	for (unsigned i = 0; entry->samples && i < RELIB_SITE_SAMPLES && site->samples[i]; i++) {
		const struct relib_addresses *sample = relib_addresses_of(site->samples[i]);

		entry->samples[entry->sample_count++] = relib_build_stack(builder, sample->frames, sample->count);
	}
}
