/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* TYPE of doc/interface-format.md, and what the types of the marked functions consist of. */
#include "bindgen.h"

#include <string.h>

static void number(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside);
static void put(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside, bool plain);
static void put_qualified(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside, bool is_const,
			  bool is_volatile);

static void put_float(struct relib_unit *unit, struct relib_text *text, CXType type)
{
	long long size = clang_Type_getSizeOf(type);
	bool extended = false;
	CXTargetInfo target;

	if (type.kind == CXType_LongDouble && size > 8) {
		target = clang_getTranslationUnitTargetInfo(unit->clang);
		extended = strstr(relib_take(unit, clang_TargetInfo_getTriple(target)), "86") != NULL;
		clang_TargetInfo_dispose(target);
		for (size_t i = 0; i < unit->options->flags.count; i++)
			if (strcmp(unit->options->flags.words[i], "-mlong-double-128") == 0)
				extended = false;
	}
	relib_text_add(text, "f%lld", extended ? 80 : size * 8);
}

static enum CXVisitorResult find_wide(CXCursor field, CXClientData found);

/* Vectors of more than 16 bytes, and what consists of one: in registers where AVX is there, else in memory. */
static bool is_wide(CXType type)
{
	bool found = false;

	type = clang_getCanonicalType(type);
	while (type.kind == CXType_ConstantArray)
		type = clang_getCanonicalType(clang_getArrayElementType(type));
	if (type.kind == CXType_Vector || type.kind == CXType_ExtVector)
		return clang_Type_getSizeOf(type) > 16;
	/* Larger ones are always in memory. */
	if (type.kind == CXType_Record && clang_Type_getSizeOf(type) <= 64)
		clang_Type_visitFields(type, find_wide, &found);
	return found;
}

static enum CXVisitorResult find_wide(CXCursor field, CXClientData found)
{
	*(bool *)found |= is_wide(clang_getCursorType(field));
	return CXVisit_Continue;
}

static void put_value(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside)
{
	if (is_wide(type))
		relib_refuse(unit, unit->current->cursor, "%s: %s in %s is passed in another way with AVX than without it: use a pointer",
			     unit->current->name, relib_spell(unit, type, "", 0), inside);
	put(unit, text, type, inside, true);
}

static void put_function(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside)
{
	if (clang_getFunctionTypeCallingConv(type) != CXCallingConv_C &&
	    clang_getFunctionTypeCallingConv(type) != CXCallingConv_Default)
		relib_refuse(unit, unit->current->cursor, "%s: in %s is a function with a calling convention of its own",
			     unit->current->name, inside);
	relib_text_put(text, "(");
	put_value(unit, text, clang_getResultType(type), inside);
	for (int i = 0; i < clang_getNumArgTypes(type); i++) {
		relib_text_put(text, ",");
		put_value(unit, text, clang_getArgType(type, (unsigned)i), inside);
	}
	if (type.kind == CXType_FunctionNoProto)
		relib_text_put(text, ",?");
	else if (clang_isFunctionTypeVariadic(type))
		relib_text_put(text, ",...");
	relib_text_put(text, ")");
}

static void put_bare(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside)
{
	const char *why = "has no form that C fixes";

	switch (type.kind) {
	case CXType_Void:
		relib_text_put(text, "v");
		return;
	case CXType_Bool:
		relib_text_put(text, "b");
		return;
	case CXType_Char_U: case CXType_UChar: case CXType_UShort: case CXType_UInt: case CXType_ULong: case CXType_ULongLong:
	case CXType_UInt128: case CXType_Char16: case CXType_Char32:
		relib_text_add(text, "u%lld", clang_Type_getSizeOf(type) * 8);
		return;
	case CXType_Char_S: case CXType_SChar: case CXType_WChar: case CXType_Short: case CXType_Int: case CXType_Long:
	case CXType_LongLong: case CXType_Int128:
		relib_text_add(text, "i%lld", clang_Type_getSizeOf(type) * 8);
		return;
	case CXType_Half: case CXType_Float16: case CXType_Float: case CXType_Double: case CXType_LongDouble:
	case CXType_Float128:
		put_float(unit, text, type);
		return;
	case CXType_BFloat16:
		relib_text_put(text, "bf16");
		return;
	case CXType_Complex:
		relib_text_put(text, "c");
		put(unit, text, clang_getElementType(type), inside, false);
		return;
	case CXType_Pointer:
		relib_text_put(text, "*");
		put(unit, text, clang_getPointeeType(type), inside, false);
		return;
	case CXType_Atomic:
		if (clang_Type_getSizeOf(type) != clang_Type_getSizeOf(clang_Type_getValueType(type))) {
			why = "has different sizes in gcc and in clang: make its size a power of two";
			break;
		}
		relib_text_put(text, "a");
		put(unit, text, clang_Type_getValueType(type), inside, false);
		return;
	case CXType_Vector: case CXType_ExtVector:
		relib_text_add(text, "<%lld>", clang_getNumElements(type));
		put(unit, text, clang_getElementType(type), inside, false);
		return;
	case CXType_Record: case CXType_Enum:
		number(unit, text, type, inside);
		return;
	case CXType_FunctionProto: case CXType_FunctionNoProto:
		put_function(unit, text, type, inside);
		return;
	case CXType_VariableArray:
		why = "is an array of variable length";
		break;
	case CXType_BlockPointer:
		why = "is a block, which C doesn't have";
		break;
	default:
		break;
	}
	relib_refuse(unit, unit->current->cursor, "%s: %s in %s %s", unit->current->name,
		     relib_spell(unit, type, "", 0), inside, why);
	relib_text_put(text, "v");
}

/* A const array is one of const elements: clang has the qualifiers of some before the array, of others behind. */
static void put_qualified(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside, bool is_const,
			  bool is_volatile)
{
	type = clang_getCanonicalType(type);
	is_const |= clang_isConstQualifiedType(type) != 0;
	is_volatile |= clang_isVolatileQualifiedType(type) != 0;
	if (type.kind == CXType_ConstantArray || type.kind == CXType_IncompleteArray) {
		if (type.kind == CXType_ConstantArray)
			relib_text_add(text, "[%lld]", clang_getArraySize(type));
		else
			relib_text_put(text, "[]");
		put_qualified(unit, text, clang_getArrayElementType(type), inside, is_const, is_volatile);
		return;
	}
	relib_text_add(text, "%s%s", is_const ? "k" : "", is_volatile ? "q" : "");
	put_bare(unit, text, type, inside);
}

/* `plain`: a parameter or a result, whose own qualifiers are nobody's business but its own. */
static void put(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside, bool plain)
{
	if (plain)
		put_bare(unit, text, clang_getCanonicalType(type), inside);
	else
		put_qualified(unit, text, type, inside, false, false);
}

void relib_type_put(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside)
{
	put(unit, text, type, inside, false);
}

static struct relib_described *describe(struct relib_unit *unit, CXType type, const char *inside)
{
	struct relib_described *described = relib_arena_alloc(&unit->arena, 1, sizeof(*described));
	CXCursor declaration = clang_getTypeDeclaration(type);
	enum CXCursorKind kind = clang_getCursorKind(declaration);
	const char *name = relib_spell_tag(unit, declaration);
	long long size = clang_Type_getSizeOf(type);

	described->declaration = declaration;
	described->reached_by = unit->current;
	described->kind = kind == CXCursor_UnionDecl ? "union" : kind == CXCursor_EnumDecl ? "enum" : "struct";
	described->label = name ? name : relib_format(&unit->arena, "%s in %s", described->kind, inside);
	/* What is only a typedef's name is spelled without the keyword. */
	described->figures = relib_format(&unit->arena, "%s %lld %lld", name && strchr(name, ' ') ? strchr(name, ' ') + 1 : "-",
					  size < 0 ? 0 : size, size < 0 ? 0 : clang_Type_getAlignOf(type));
	return described;
}

static void number(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside)
{
	CXCursor declaration = clang_getTypeDeclaration(type);
	size_t i;

	for (i = 0; i < unit->type_count; i++)
		if (clang_equalCursors(clang_getCanonicalCursor(unit->types[i]->declaration),
				       clang_getCanonicalCursor(declaration)))
			break;
	if (i == unit->type_count) {
		unit->types = relib_grow(&unit->arena, unit->types, unit->type_count, &unit->type_room, sizeof(*unit->types));
		unit->types[unit->type_count++] = describe(unit, type, inside);
	}
	relib_text_add(text, "#%zu", i + 1);
}

static void describe_function(struct relib_unit *unit, struct relib_marked *function)
{
	struct relib_text text = { .arena = &unit->arena };
	const char **names = relib_arena_alloc(&unit->arena, (size_t)function->parameter_count + 1, sizeof(*names));

	unit->current = function;
	relib_type_put(unit, &text, clang_getCursorType(function->cursor), "its declaration");
	function->type = text.data;
	for (int i = 0; i < function->parameter_count; i++)
		names[i] = function->parameters[i].name;
	function->signature = function->role == RELIB_ROLE_MAIN ?
		relib_spell(unit, function->result, "main(int argc, char **argv)", RELIB_SPELL_PLAIN) :
		relib_spell_function(unit, function, function->name, names, 0);
}

void relib_describe_types(struct relib_unit *unit)
{
	for (size_t i = 0; i < unit->function_count; i++)
		describe_function(unit, &unit->functions[i]);
	/* Their lines may reach more types, which come behind. */
	for (size_t i = 0; i < unit->type_count; i++) {
		unit->current = unit->types[i]->reached_by;
		relib_describe_record(unit, unit->types[i]);
	}
	for (size_t i = 0; i < unit->function_count && !unit->errors; i++)
		relib_hash_function(unit, &unit->functions[i]);
}
