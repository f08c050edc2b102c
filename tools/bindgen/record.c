/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What structs, unions and enums consist of. */
#include "bindgen.h"

struct visitor {
	struct relib_unit *unit;
	struct relib_described *described;
	bool is_unsigned;
};

static void add_line(struct relib_unit *unit, struct relib_described *described, const char *compared, const char *shown)
{
	described->lines = relib_grow(&unit->arena, described->lines, described->count, &described->room,
				      sizeof(*described->lines));
	described->lines[described->count++] = (struct relib_line){ compared, shown };
}

static enum CXVisitorResult visit_field(CXCursor field, CXClientData data)
{
	struct visitor *visitor = data;
	struct relib_unit *unit = visitor->unit;
	struct relib_text type = { .arena = &unit->arena };
	CXType of = clang_getCursorType(field);
	const char *name = relib_cursor_name(unit, field), *inside;
	int width = clang_getFieldDeclBitWidth(field);
	bool named = relib_is_identifier(name);

	/* Bit-fields without a name hold nothing. They are seen in where the next field is. */
	if (!named && width >= 0)
		return CXVisit_Continue;
	inside = visitor->described->label;
	if (named)
		inside = relib_format(&unit->arena, "field %s of %s", name, inside);
	relib_type_put(unit, &type, of, inside);
	add_line(unit, visitor->described,
		 relib_format(&unit->arena, "field %s %lld %d %s", named ? name : "-", clang_Cursor_getOffsetOfField(field),
			      width < 0 ? 0 : width, type.data),
		 relib_spell(unit, of, "", 0));
	return CXVisit_Continue;
}

static enum CXChildVisitResult visit_value(CXCursor value, CXCursor parent, CXClientData data)
{
	struct visitor *visitor = data;
	struct relib_unit *unit = visitor->unit;
	const char *name = relib_cursor_name(unit, value);

	(void)parent;
	if (clang_getCursorKind(value) != CXCursor_EnumConstantDecl)
		return CXChildVisit_Continue;
	add_line(unit, visitor->described, visitor->is_unsigned ?
		 relib_format(&unit->arena, "value %s %llu", name, clang_getEnumConstantDeclUnsignedValue(value)) :
		 relib_format(&unit->arena, "value %s %lld", name, clang_getEnumConstantDeclValue(value)), NULL);
	return CXChildVisit_Continue;
}

static void describe_enum(struct visitor *visitor)
{
	struct relib_unit *unit = visitor->unit;
	CXCursor definition = clang_getCursorDefinition(visitor->described->declaration);
	CXType base = clang_getEnumDeclIntegerType(definition);
	struct relib_text type = { .arena = &unit->arena };

	if (clang_Cursor_isNull(definition))
		return;
	relib_type_put(unit, &type, base, visitor->described->label);
	visitor->is_unsigned = type.data[0] == 'u' || type.data[0] == 'b';
	add_line(unit, visitor->described, relib_format(&unit->arena, "base %s", type.data), relib_spell(unit, base, "", 0));
	clang_visitChildren(definition, visit_value, visitor);
}

void relib_describe_record(struct relib_unit *unit, struct relib_described *described)
{
	struct visitor visitor = { .unit = unit, .described = described };

	if (clang_getCursorKind(described->declaration) == CXCursor_EnumDecl)
		describe_enum(&visitor);
	else
		clang_Type_visitFields(clang_getCursorType(described->declaration), visit_field, &visitor);
}

static enum CXVisitorResult find_const(CXCursor field, CXClientData data)
{
	bool *found = data;

	*found = *found || relib_has_const_member(clang_getCursorType(field)) ||
		 clang_isConstQualifiedType(clang_getCanonicalType(clang_getCursorType(field)));
	return CXVisit_Continue;
}

/* Such a struct can't be assigned. */
bool relib_has_const_member(CXType type)
{
	bool found = false;

	type = clang_getCanonicalType(type);
	while (type.kind == CXType_ConstantArray || type.kind == CXType_IncompleteArray) {
		type = clang_getCanonicalType(clang_getArrayElementType(type));
		found = found || clang_isConstQualifiedType(type);
	}
	if (type.kind == CXType_Record)
		clang_Type_visitFields(type, find_const, &found);
	return found;
}
