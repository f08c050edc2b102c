/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a compiler inlined, from debug information. */
#include "inline.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *keep(struct relib_arena *arena, const char *text)
{
	return text && *text ? relib_arena_string(arena, text) : NULL;
}

static bool has_scope(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		return true;
	default:
		return false;
	}
}

/* "registry::add" from the places where the declaration is; namespaces without a name are left out. */
static const char *qualified_name(struct relib_arena *arena, Dwarf_Die *die, const char *name)
{
	Dwarf_Attribute attribute;
	Dwarf_Die origin, declaration, *scopes = NULL;
	int count;

	if (!name || !dwarf_formref_die(dwarf_attr(die, DW_AT_abstract_origin, &attribute), &origin))
		return name;
	if (!dwarf_formref_die(dwarf_attr(&origin, DW_AT_specification, &attribute), &declaration))
		declaration = origin;
	count = dwarf_getscopes_die(&declaration, &scopes);
	for (int i = 1; i < count; i++) {
		const char *scope = has_scope(&scopes[i]) ? dwarf_diename(&scopes[i]) : NULL;
		char *longer;

		if (!scope)
			continue;
		longer = relib_arena_alloc(arena, strlen(scope) + strlen(name) + 3, 1);
		name = strcat(strcat(strcpy(longer, scope), "::"), name);
	}
	free(scopes);
	return name;
}

/* The mangled name where there is one: it says the most. */
static const char *name_of(struct relib_arena *arena, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute));

	return name ? keep(arena, name) : keep(arena, qualified_name(arena, die, dwarf_diename(die)));
}

static uint32_t number_of(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	Dwarf_Word number;

	return dwarf_formudata(dwarf_attr(die, attribute, &found), &number) == 0 ? (uint32_t)number : 0;
}

/* Where an inlined function was called: the place in the next function outwards. */
static void place_of_call(Dwarf_Die *unit, Dwarf_Die *die, struct relib_arena *arena, struct relib_frame *frame)
{
	Dwarf_Files *files;
	size_t count;

	frame->line = number_of(die, DW_AT_call_line);
	if (dwarf_getsrcfiles(unit, &files, &count) == 0)
		frame->file = keep(arena, dwarf_filesrc(files, number_of(die, DW_AT_call_file), NULL, NULL));
}

/*
 * The function with code of its own at `address`. Not by dwarf_getscopes(): it doesn't look into namespaces and types,
 * where Rust has its functions.
 */
static bool find_function(Dwarf_Die *parent, Dwarf_Addr address, unsigned depth, Dwarf_Die *function)
{
	Dwarf_Die child;
	int more = depth ? dwarf_child(parent, &child) : 1;

	for (; more == 0; more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) == DW_TAG_subprogram && dwarf_haspc(&child, address) > 0) {
			*function = child;
			return true;
		}
		if (has_scope(&child) && find_function(&child, address, depth - 1, function))
			return true;
	}
	return false;
}

/* The part of `scope` that `address` is in: a block, or a function that was inlined. */
static bool find_part(Dwarf_Die *scope, Dwarf_Addr address, Dwarf_Die *part)
{
	int more = dwarf_child(scope, part);

	for (; more == 0; more = dwarf_siblingof(part, part))
		if (dwarf_tag(part) != DW_TAG_subprogram && dwarf_haspc(part, address) > 0)
			return true;
	return false;
}

/* Functions that were inlined at `address`, outermost first. */
static size_t find_inlined(Dwarf_Die *unit, Dwarf_Addr address, Dwarf_Die inlined[RELIB_INLINE_MOST])
{
	Dwarf_Die scope, part;
	size_t count = 0;

	if (!find_function(unit, address, 16, &scope))
		return 0;
	for (; find_part(&scope, address, &part) && count + 1 < RELIB_INLINE_MOST; scope = part)
		if (dwarf_tag(&part) == DW_TAG_inlined_subroutine)
			inlined[count++] = part;
	return count;
}

/* The compilation unit of `address`. libdw finds it by .debug_aranges, which clang doesn't write: then each one is asked. */
static Dwarf_Die *find_unit(Dwfl_Module *module, Dwarf_Addr address, Dwarf_Addr *bias)
{
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, bias);

	if (unit)
		return unit;
	while ((unit = dwfl_module_nextcu(module, unit, bias)))
		if (dwarf_haspc(unit, address - *bias) > 0)
			return unit;
	return NULL;
}

/* Built with -gsplit-dwarf, a unit in the object has lines and addresses, and its functions are in a .dwo file. */
static Dwarf_Die *find_whole_unit(Dwarf_Die *unit, Dwarf_Die *split)
{
	uint8_t type;

	if (unit && dwarf_cu_info(unit->cu, NULL, &type, NULL, split, NULL, NULL, NULL) == 0 && type == DW_UT_skeleton &&
	    split->cu)
		return split;
	return unit;
}

size_t relib_inline_frames(Dwfl_Module *module, Dwarf_Addr address, struct relib_arena *arena,
			   struct relib_frame frames[RELIB_INLINE_MOST])
{
	Dwarf_Die inlined[RELIB_INLINE_MOST], *unit, split;
	Dwarf_Addr bias;
	Dwarf_Line *line;
	size_t count = 0, left;
	int number = 0;

	frames[0] = (struct relib_frame){ 0 };
	unit = find_unit(module, address, &bias);
	line = unit ? dwarf_getsrc_die(unit, address - bias) : NULL;
	if (line && dwarf_lineno(line, &number) == 0)
		frames[0].file = keep(arena, dwarf_linesrc(line, NULL, NULL));
	frames[0].line = frames[0].file && number > 0 ? (uint32_t)number : 0;
	unit = find_whole_unit(unit, &split);
	left = unit ? find_inlined(unit, address - bias, inlined) : 0;
	while (left--) {
		frames[count++].function = name_of(arena, &inlined[left]);
		frames[count] = (struct relib_frame){ 0 };
		place_of_call(unit, &inlined[left], arena, &frames[count]);
	}
	return count + 1;
}
