/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Fills in what a report's frames lack, by elfutils. */
#include "symbolise.h"
#include "demangle.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct relib_object {
	struct relib_object *next;
	char *path, *build_id; /* build_id: NULL where it has none */
	Dwfl *dwfl;            /* NULL when the file can't be used */
	Dwfl_Module *module;
	GElf_Addr bias;
};

static char *path_of_debug_files; /* the default: next to the object, /usr/lib/debug */

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
	.debuginfo_path = &path_of_debug_files,
};

static bool same_text(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

/*
 * The file at the path may be another than the one that was mapped: rebuilt while the program ran, or deleted. Wrong
 * lines are worse than none.
 */
static bool is_same_build(Dwfl_Module *module, const char *wanted)
{
	const unsigned char *bits;
	GElf_Addr address;
	int length = dwfl_module_build_id(module, &bits, &address);

	if (length <= 0 || !wanted)
		return length <= 0 && !wanted;
	if (strlen(wanted) != 2 * (size_t)length)
		return false;
	for (int i = 0; i < length; i++) {
		char digits[3];

		snprintf(digits, sizeof(digits), "%02x", bits[i]);
		if (strncmp(digits, wanted + 2 * i, 2) != 0)
			return false;
	}
	return true;
}

static bool open_object(struct relib_object *object)
{
	object->dwfl = dwfl_begin(&callbacks);
	if (!object->dwfl)
		return false;
	object->module = dwfl_report_offline(object->dwfl, object->path, object->path, -1);
	dwfl_report_end(object->dwfl, NULL, NULL);
	return object->module && dwfl_module_getelf(object->module, &object->bias);
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
	if (!open_object(object) || !(symbols->any_build || is_same_build(object->module, build_id))) {
		dwfl_end(object->dwfl);
		object->dwfl = NULL;
	}
	return object;
}

static void fill_line(struct relib_read_report *read, const struct relib_object *object, struct relib_frame *frame)
{
	Dwfl_Line *line = dwfl_module_getsrc(object->module, frame->offset + object->bias);
	const char *file;
	int number = 0;

	if (!line || !(file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL)))
		return;
	frame->file = relib_arena_string(&read->arena, file);
	frame->line = number > 0 ? (uint32_t)number : 0;
}

/* Functions that are static are in the file's own symbol table only. */
static void fill_function(struct relib_read_report *read, const struct relib_object *object, struct relib_frame *frame)
{
	GElf_Off offset;
	GElf_Sym symbol;
	const char *name = dwfl_module_addrinfo(object->module, frame->offset + object->bias, &offset, &symbol, NULL, NULL, NULL);

	if (name && *name && offset < symbol.st_size)
		frame->function = relib_arena_string(&read->arena, name);
}

/* What was found for a frame whose object has a build id: the same place of the same build says the same for ever. */
struct relib_known_frame {
	struct relib_known_frame *next;
	struct relib_frame frame;
};

static struct relib_known_frame **bucket_of(struct relib_symbols *symbols, const struct relib_frame *frame)
{
	return &symbols->known[(frame->offset >> 1) % RELIB_KNOWN_BUCKETS];
}

/* A frame with all that is known of it, in memory of the report's own. */
static bool recall(struct relib_symbols *symbols, struct relib_read_report *read, struct relib_frame *frame)
{
	const struct relib_known_frame *known;

	for (known = *bucket_of(symbols, frame); known; known = known->next)
		if (known->frame.offset == frame->offset && same_text(known->frame.build_id, frame->build_id) &&
		    same_text(known->frame.object, frame->object))
			break;
	if (!known)
		return false;
	if (!frame->function && known->frame.function)
		frame->function = relib_arena_string(&read->arena, known->frame.function);
	if (!frame->file && known->frame.file) {
		frame->file = relib_arena_string(&read->arena, known->frame.file);
		frame->line = known->frame.line;
	}
	return true;
}

static char *copy_of(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		err(1, "no memory for symbols");
	return copy;
}

static void remember(struct relib_symbols *symbols, const struct relib_frame *frame)
{
	struct relib_known_frame *known = calloc(1, sizeof(*known)), **bucket = bucket_of(symbols, frame);

	if (!known)
		err(1, "no memory for symbols");
	known->frame = (struct relib_frame){ .object = copy_of(frame->object), .build_id = copy_of(frame->build_id),
					     .function = copy_of(frame->function), .offset = frame->offset,
					     .file = copy_of(frame->file), .line = frame->line };
	known->next = *bucket;
	*bucket = known;
}

static void look_up(struct relib_symbols *symbols, struct relib_read_report *read, struct relib_frame *frame)
{
	struct relib_object *object = find_object(symbols, frame->object, frame->build_id);

	if (object->dwfl && !frame->function)
		fill_function(read, object, frame);
	if (object->dwfl && !frame->file)
		fill_line(read, object, frame);
}

static void fill_frame(struct relib_symbols *symbols, struct relib_read_report *read, struct relib_frame *frame)
{
	if (frame->object && (!frame->file || !frame->function)) {
		if (!frame->build_id && same_text(frame->object, read->report.module.path))
			frame->build_id = read->report.module.build_id;
		if (!frame->build_id) {
			look_up(symbols, read, frame);
		} else if (!recall(symbols, read, frame)) {
			look_up(symbols, read, frame);
			remember(symbols, frame);
		}
	}
	if (frame->function)
		frame->function = relib_demangle(&read->arena, frame->function);
}

static void fill_stack(struct relib_symbols *symbols, struct relib_read_report *read, struct relib_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		fill_frame(symbols, read, &stack->frames[i]);
}

static void close_objects(struct relib_symbols *symbols)
{
	while (symbols->objects) {
		struct relib_object *next = symbols->objects->next;

		dwfl_end(symbols->objects->dwfl);
		free(symbols->objects->path);
		free(symbols->objects->build_id);
		free(symbols->objects);
		symbols->objects = next;
	}
}

void relib_symbolise(struct relib_symbols *symbols, struct relib_read_report *read)
{
	for (size_t i = 0; i < read->report.entry_count; i++) {
		struct relib_entry *entry = &read->report.entries[i];

		fill_frame(symbols, read, &entry->function);
		fill_stack(symbols, read, &entry->callsite);
		for (size_t sample = 0; sample < entry->sample_count; sample++)
			fill_stack(symbols, read, &entry->samples[sample]);
	}
	close_objects(symbols);
}

void relib_symbols_free(struct relib_symbols *symbols)
{
	for (size_t i = 0; i < RELIB_KNOWN_BUCKETS; i++) {
		while (symbols->known[i]) {
			struct relib_known_frame *known = symbols->known[i];

			symbols->known[i] = known->next;
			free((char *)known->frame.object);
			free((char *)known->frame.build_id);
			free((char *)known->frame.function);
			free((char *)known->frame.file);
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
	struct relib_object object = { .path = (char *)path };
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;
	int result = -1;

	if (open_object(&object))
		while (result < 0 && (unit = dwfl_module_nextcu(object.module, unit, &bias)))
			result = look_in_unit(unit, function);
	dwfl_end(object.dwfl);
	return result;
}
