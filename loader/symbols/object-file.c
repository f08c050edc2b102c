/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What an object file knows of its code: functions, also inlined ones, with file and line. By elfutils. */
#include "object-file.h"
#include "demangle.h"

#include <stdio.h>
#include <string.h>

static char *path_of_debug_files; /* the default: next to the object, /usr/lib/debug */

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
	.debuginfo_path = &path_of_debug_files,
};

bool relib_object_file_open(struct relib_object_file *file, const char *path)
{
	file->dwfl = dwfl_begin(&callbacks);
	if (!file->dwfl)
		return false;
	file->module = dwfl_report_offline(file->dwfl, path, path, -1);
	dwfl_report_end(file->dwfl, NULL, NULL);
	if (file->module && dwfl_module_getelf(file->module, &file->bias))
		return true;
	relib_object_file_close(file);
	return false;
}

void relib_object_file_close(struct relib_object_file *file)
{
	dwfl_end(file->dwfl);
	file->dwfl = NULL;
}

/*
 * The file at the path may be another than the one that was mapped: rebuilt while the program ran, or deleted. Wrong
 * lines are worse than none.
 */
bool relib_object_file_is_build(const struct relib_object_file *file, const char *build_id)
{
	const unsigned char *bits;
	GElf_Addr address;
	int length = dwfl_module_build_id(file->module, &bits, &address);

	if (length <= 0 || !build_id)
		return length <= 0 && !build_id;
	if (strlen(build_id) != 2 * (size_t)length)
		return false;
	for (int i = 0; i < length; i++) {
		char digits[3];

		snprintf(digits, sizeof(digits), "%02x", bits[i]);
		if (strncmp(digits, build_id + 2 * i, 2) != 0)
			return false;
	}
	return true;
}

/* Functions that are static are in the file's own symbol table only. */
static const char *find_function(const struct relib_object_file *file, uint64_t address)
{
	GElf_Off offset;
	GElf_Sym symbol;
	const char *name = dwfl_module_addrinfo(file->module, address + file->bias, &offset, &symbol, NULL, NULL, NULL);

	return name && *name && offset < symbol.st_size ? name : NULL;
}

/*
 * No call returns to a function's first byte: it stands for the function itself, as a hooked one does in front of its caller,
 * and what is inlined there has not been called.
 */
static bool is_start(const struct relib_object_file *file, uint64_t address)
{
	GElf_Off offset;
	GElf_Sym symbol;

	return dwfl_module_addrinfo(file->module, address + file->bias, &offset, &symbol, NULL, NULL, NULL) && !offset &&
	       GELF_ST_TYPE(symbol.st_info) != STT_SECTION;
}

static const char *copy_of(struct relib_arena *arena, const char *text)
{
	return text ? relib_arena_string(arena, text) : NULL;
}

size_t relib_object_file_frames(const struct relib_object_file *file, const struct relib_frame *frame,
				struct relib_arena *arena, struct relib_frame found[RELIB_INLINE_MOST])
{
	const char *object = copy_of(arena, frame->object), *build_id = copy_of(arena, frame->build_id);
	const char *function = frame->function;
	size_t count = 1;

	found[0] = (struct relib_frame){ 0 };
	if (file->dwfl)
		count = relib_inline_frames(file->module, frame->offset + file->bias, arena, found);
	if (count > 1 && is_start(file, frame->offset)) {
		found[0] = found[count - 1];
		count = 1;
	}
	if (file->dwfl && !function)
		function = find_function(file, frame->offset);
	found[count - 1].function = copy_of(arena, function);
	for (size_t i = 0; i < count; i++) {
		found[i].object = object;
		found[i].build_id = build_id;
		found[i].offset = frame->offset;
		if (found[i].function)
			found[i].function = relib_demangle(arena, found[i].function);
	}
	return count;
}
