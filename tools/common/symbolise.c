/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Fills in what a report's frames lack, by elfutils. */
#include "symbolise.h"
#include "demangle.h"
#include "object-file.h"

#include <dwarf.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct relib_object {
	struct relib_object *next;
	char *path, *build_id; /* build_id: NULL where it has none */
	struct relib_object_file file;
};

static bool same_text(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

/* Without a build id only the file's time tells: it must not have been written since the module was unloaded. */
static bool is_as_old(const char *path, const struct timespec *reported)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	return status.st_mtim.tv_sec < reported->tv_sec ||
	       (status.st_mtim.tv_sec == reported->tv_sec && status.st_mtim.tv_nsec <= reported->tv_nsec);
}

static struct relib_object *find_object(struct relib_symbols *symbols, const char *path, const char *build_id)
{
	struct relib_object *object;

	for (object = symbols->objects; object; object = object->next)
		if (same_text(object->path, path) && same_text(object->build_id, build_id))
			return object;
	object = calloc(1, sizeof(*object));
	if (!object || !(object->path = strdup(path)) || (build_id && !(object->build_id = strdup(build_id))))
		err(1, "no memory for symbols");
	object->next = symbols->objects;
	symbols->objects = object;
	if (relib_object_file_open(&object->file, path) && !symbols->any_build &&
	    !(relib_object_file_is_build(&object->file, build_id) && (build_id || is_as_old(path, &symbols->reported))))
		relib_object_file_close(&object->file);
	return object;
}

/*
 * What was found for a place of an object that has a build id: the same place of the same build says the same for ever.
 * More than one frame where functions were inlined; the innermost is the first.
 */
struct relib_known_frame {
	struct relib_known_frame *next;
	struct relib_arena arena;
	size_t count;
	struct relib_frame *frames;
};

static struct relib_known_frame **bucket_of(struct relib_symbols *symbols, const struct relib_frame *frame)
{
	return &symbols->known[(frame->offset >> 1) % RELIB_KNOWN_BUCKETS];
}

static bool same_place(const struct relib_frame *one, const struct relib_frame *other)
{
	return one->offset == other->offset && same_text(one->build_id, other->build_id) &&
	       same_text(one->object, other->object);
}

static const char *copy_of(struct relib_arena *arena, const char *text)
{
	return text ? relib_arena_string(arena, text) : NULL;
}

static void look_up(struct relib_symbols *symbols, struct relib_known_frame *known, const struct relib_frame *frame)
{
	struct relib_object *object = find_object(symbols, frame->object, frame->build_id);
	struct relib_frame found[RELIB_INLINE_MOST];

	known->count = relib_object_file_frames(&object->file, frame, &known->arena, found);
	known->frames = relib_arena_alloc(&known->arena, known->count, sizeof(*known->frames));
	memcpy(known->frames, found, known->count * sizeof(*known->frames));
}

static const struct relib_known_frame *know(struct relib_symbols *symbols, const struct relib_frame *frame)
{
	struct relib_known_frame **bucket = bucket_of(symbols, frame), *known;

	for (known = *bucket; known; known = known->next)
		if (same_place(&known->frames[0], frame))
			return known;
	known = calloc(1, sizeof(*known));
	if (!known)
		err(1, "no memory for symbols");
	look_up(symbols, known, frame);
	known->next = *bucket;
	*bucket = known;
	return known;
}

/* A frame that has its place already, from a tool that went over the report before, stays as it is. */
static bool is_done(const struct relib_frame *frame)
{
	return !frame->object || frame->file;
}

/* The tracker names the build of a module once, with the module. */
static struct relib_frame *identify(const struct relib_read_report *read, struct relib_frame *frame)
{
	if (frame->object && !frame->build_id && same_text(frame->object, read->report.module.path))
		frame->build_id = read->report.module.build_id;
	return frame;
}

static void copy_frame(struct relib_arena *arena, struct relib_frame *to, const struct relib_frame *from)
{
	*to = *from;
	to->object = copy_of(arena, from->object);
	to->build_id = copy_of(arena, from->build_id);
	to->function = copy_of(arena, from->function);
	to->file = copy_of(arena, from->file);
}

/* The function that has code of its own, whatever was inlined into it. */
static void fill_frame(struct relib_symbols *symbols, struct relib_read_report *read, struct relib_frame *frame)
{
	if (!is_done(frame)) {
		const struct relib_known_frame *known = know(symbols, identify(read, frame));

		copy_frame(&read->arena, frame, &known->frames[known->count - 1]);
	} else if (frame->function) {
		frame->function = relib_demangle(&read->arena, frame->function);
	}
}

/* A frame becomes as many as there are functions of the source in it. */
static void fill_stack(struct relib_symbols *symbols, struct relib_read_report *read, struct relib_stack *stack)
{
	struct relib_frame *frames;
	size_t count = 0;

	for (size_t i = 0; i < stack->count; i++) {
		struct relib_frame *frame = &stack->frames[i];

		count += is_done(frame) ? 1 : know(symbols, identify(read, frame))->count;
	}
	frames = relib_arena_alloc(&read->arena, count, sizeof(*frames));
	count = 0;
	for (size_t i = 0; i < stack->count; i++) {
		struct relib_frame *frame = &stack->frames[i];
		const struct relib_known_frame *known = is_done(frame) ? NULL : know(symbols, frame);

		/* what was inlined into it, then the frame itself */
		for (size_t inlined = 0; known && inlined + 1 < known->count; inlined++)
			copy_frame(&read->arena, &frames[count++], &known->frames[inlined]);
		fill_frame(symbols, read, frame);
		frames[count++] = *frame;
	}
	stack->frames = frames;
	stack->count = count;
}

/* What is known of files without a build id holds for now only. */
static void forget_unsure(struct relib_symbols *symbols)
{
	for (size_t i = 0; i < RELIB_KNOWN_BUCKETS; i++) {
		struct relib_known_frame **link = &symbols->known[i], *known;

		while ((known = *link)) {
			if (known->frames[0].build_id) {
				link = &known->next;
				continue;
			}
			*link = known->next;
			relib_arena_free(&known->arena);
			free(known);
		}
	}
}

static void close_objects(struct relib_symbols *symbols)
{
	while (symbols->objects) {
		struct relib_object *next = symbols->objects->next;

		relib_object_file_close(&symbols->objects->file);
		free(symbols->objects->path);
		free(symbols->objects->build_id);
		free(symbols->objects);
		symbols->objects = next;
	}
}

void relib_symbolise(struct relib_symbols *symbols, struct relib_read_report *read)
{
	symbols->reported = read->report.time;
	for (size_t i = 0; i < read->report.entry_count; i++) {
		struct relib_entry *entry = &read->report.entries[i];

		fill_frame(symbols, read, &entry->function);
		fill_stack(symbols, read, &entry->callsite);
		fill_stack(symbols, read, &entry->freed);
		for (size_t sample = 0; sample < entry->sample_count; sample++)
			fill_stack(symbols, read, &entry->samples[sample]);
	}
	close_objects(symbols);
	forget_unsure(symbols);
}

void relib_symbols_free(struct relib_symbols *symbols)
{
	for (size_t i = 0; i < RELIB_KNOWN_BUCKETS; i++) {
		while (symbols->known[i]) {
			struct relib_known_frame *known = symbols->known[i];

			symbols->known[i] = known->next;
			relib_arena_free(&known->arena);
			free(known);
		}
	}
}

/* The type behind typedefs, const and volatile. */
static bool is_integer(Dwarf_Die *function)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type, bare;
	Dwarf_Word encoding;

	if (!dwarf_formref_die(dwarf_attr_integrate(function, DW_AT_type, &attribute), &type) ||
	    dwarf_peel_type(&type, &bare) != 0 || dwarf_tag(&bare) != DW_TAG_base_type ||
	    dwarf_formudata(dwarf_attr(&bare, DW_AT_encoding, &attribute), &encoding) != 0)
		return false;
	return encoding == DW_ATE_signed || encoding == DW_ATE_unsigned || encoding == DW_ATE_boolean;
}

/* The function itself, in a compilation unit's list: -1 when it is not there. */
static int look_in_unit(Dwarf_Die *unit, const char *function)
{
	Dwarf_Die child;
	int more = dwarf_child(unit, &child);

	for (; more == 0; more = dwarf_siblingof(&child, &child)) {
		const char *name = dwarf_diename(&child);

		if (dwarf_tag(&child) == DW_TAG_subprogram && name && strcmp(name, function) == 0 &&
		    !dwarf_hasattr(&child, DW_AT_declaration))
			return is_integer(&child);
	}
	return -1;
}

int relib_returns_integer(const char *path, const char *function)
{
	struct relib_object_file file;
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;
	int result = -1;

	if (relib_object_file_open(&file, path))
		while (result < 0 && (unit = dwfl_module_nextcu(file.module, unit, &bias)))
			result = look_in_unit(unit, function);
	relib_object_file_close(&file);
	return result;
}
