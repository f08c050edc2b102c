/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Types and functions as C writes them. */
#include "bindgen.h"

#include <string.h>

static const struct {
	enum CXTypeKind kind;
	const char *name;
} builtins[] = {
	{ CXType_Void, "void" }, { CXType_Bool, "bool" },
	{ CXType_Char_U, "char" }, { CXType_Char_S, "char" }, { CXType_UChar, "unsigned char" },
	{ CXType_SChar, "signed char" },
	{ CXType_UShort, "unsigned short" }, { CXType_Short, "short" }, { CXType_UInt, "unsigned int" }, { CXType_Int, "int" },
	{ CXType_ULong, "unsigned long" }, { CXType_Long, "long" }, { CXType_ULongLong, "unsigned long long" },
	{ CXType_LongLong, "long long" },
	/* These names, unlike __int128, are no reason for -Wpedantic to warn. */
	{ CXType_UInt128, "__uint128_t" }, { CXType_Int128, "__int128_t" },
	{ CXType_Float, "float" }, { CXType_Double, "double" }, { CXType_LongDouble, "long double" },
	{ CXType_Float128, "__float128" },
};

static const char *declare(struct relib_unit *unit, CXType type, const char *inner, unsigned flags);

/* Each with a space behind it. */
static const char *qualifiers(struct relib_unit *unit, CXType type, unsigned flags)
{
	if (flags & RELIB_SPELL_PLAIN)
		return "";
	return relib_format(&unit->arena, "%s%s%s", clang_isConstQualifiedType(type) ? "const " : "",
			    clang_isVolatileQualifiedType(type) ? "volatile " : "",
			    !clang_isRestrictQualifiedType(type) ? "" :
			    flags & RELIB_SPELL_CODE ? "__restrict " : "restrict ");
}

const char *relib_spell_tag(struct relib_unit *unit, CXCursor declaration)
{
	const char *name = relib_take(unit, clang_getTypeSpelling(clang_getCursorType(declaration)));

	return strchr(name, '(') ? NULL : name;
}

static const char *tag(struct relib_unit *unit, CXType type)
{
	CXCursor declaration = clang_getTypeDeclaration(type);
	const char *name = relib_spell_tag(unit, declaration);

	if (name)
		return name;
	unit->unnamed = true;
	return clang_getCursorKind(declaration) == CXCursor_UnionDecl ? "union {...}" :
	       clang_getCursorKind(declaration) == CXCursor_EnumDecl ? "enum {...}" : "struct {...}";
}

static const char *base(struct relib_unit *unit, CXType type, unsigned flags)
{
	unsigned inside = flags & ~(unsigned)RELIB_SPELL_PLAIN;

	switch (type.kind) {
	case CXType_Typedef:
		return relib_take(unit, clang_getTypedefName(type));
	case CXType_Record:
	case CXType_Enum:
		return tag(unit, type);
	case CXType_Complex:
		return relib_format(&unit->arena, "_Complex %s", declare(unit, clang_getElementType(type), "", inside));
	case CXType_Atomic:
		return relib_format(&unit->arena, "_Atomic(%s)", declare(unit, clang_Type_getValueType(type), "", inside));
	case CXType_Vector:
	case CXType_ExtVector:
		return relib_format(&unit->arena, "__attribute__((__vector_size__(%lld))) %s", clang_Type_getSizeOf(type),
				    declare(unit, clang_getElementType(type), "", inside));
	default:
		for (size_t i = 0; i < sizeof(builtins) / sizeof(*builtins); i++)
			if (builtins[i].kind == type.kind)
				return builtins[i].name;
		return relib_take(unit, clang_getTypeSpelling(type));
	}
}

static bool binds_tighter(CXType type)
{
	return type.kind == CXType_ConstantArray || type.kind == CXType_IncompleteArray ||
	       type.kind == CXType_VariableArray || type.kind == CXType_FunctionProto || type.kind == CXType_FunctionNoProto;
}

static const char *declare_pointer(struct relib_unit *unit, CXType type, const char *inner, unsigned flags)
{
	CXType to = clang_getPointeeType(type);
	char *star = relib_format(&unit->arena, "*%s%s", qualifiers(unit, type, flags), inner);
	size_t length = strlen(star);

	if (star[length - 1] == ' ')
		star[length - 1] = 0;
	if (binds_tighter(to))
		star = relib_format(&unit->arena, "(%s)", star);
	return declare(unit, to, star, flags & ~(unsigned)RELIB_SPELL_PLAIN);
}

static const char *declare_array(struct relib_unit *unit, CXType type, const char *inner, unsigned flags)
{
	const char *dimension = type.kind == CXType_ConstantArray ?
		relib_format(&unit->arena, "%s[%lld]", inner, clang_getArraySize(type)) :
		relib_format(&unit->arena, "%s[]", inner);

	return declare(unit, clang_getArrayElementType(type), dimension, flags & ~(unsigned)RELIB_SPELL_PLAIN);
}

static const char *declare_function(struct relib_unit *unit, CXType type, const char *inner, unsigned flags)
{
	struct relib_text text = { .arena = &unit->arena };
	int count = clang_getNumArgTypes(type);
	bool prototype = type.kind == CXType_FunctionProto;

	relib_text_add(&text, "%s(%s", inner, prototype && count <= 0 ? "void" : "");
	for (int i = 0; i < count; i++)
		relib_text_add(&text, "%s%s", i ? ", " : "",
			       relib_spell(unit, clang_getArgType(type, (unsigned)i), "", flags));
	relib_text_put(&text, prototype && clang_isFunctionTypeVariadic(type) ? ", ...)" : ")");
	return declare(unit, clang_getResultType(type), text.data, flags);
}

/* typeof(T) is T where T can be read off, for people; else, and for a compiler, what it stands for. */
static const char *declare_typeof(struct relib_unit *unit, CXType type, const char *inner, unsigned flags)
{
	const char *text = relib_take(unit, clang_getTypeSpelling(type));
	size_t begin = strncmp(text, "typeof(", 7) == 0 ? 7 : strncmp(text, "typeof (", 8) == 0 ? 8 : 0;
	int length = (int)strcspn(text + begin, "()*[]");

	if (!(flags & RELIB_SPELL_CODE) && begin && strcmp(text + begin + length, ")") == 0)
		return relib_format(&unit->arena, "%.*s%s%s", length, text + begin, *inner ? " " : "", inner);
	return declare(unit, clang_getCanonicalType(type), inner, flags);
}

static const char *declare(struct relib_unit *unit, CXType type, const char *inner, unsigned flags)
{
	const char *qualified;

	switch (type.kind) {
	case CXType_Pointer:
		return declare_pointer(unit, type, inner, flags);
	case CXType_ConstantArray:
	case CXType_IncompleteArray:
	case CXType_VariableArray:
		return declare_array(unit, type, inner, flags);
	case CXType_FunctionProto:
	case CXType_FunctionNoProto:
		return declare_function(unit, type, inner, flags);
	case CXType_Unexposed:
		if (clang_getCanonicalType(type).kind != CXType_Unexposed)
			return declare_typeof(unit, type, inner, flags);
		break;
	default:
		break;
	}
	qualified = qualifiers(unit, type, flags);
	if (type.kind == CXType_Elaborated)
		type = clang_Type_getNamedType(type);
	return relib_format(&unit->arena, "%s%s%s%s", qualified, base(unit, type, flags), *inner && *inner != '[' ? " " : "",
			    inner);
}

const char *relib_spell(struct relib_unit *unit, CXType type, const char *name, unsigned flags)
{
	CXType bare = clang_getCanonicalType(type);

	/* A qualifier that a typedef brings goes only with the typedef. */
	if (flags & RELIB_SPELL_PLAIN && (clang_isConstQualifiedType(bare) || clang_isVolatileQualifiedType(bare)) &&
	    !clang_isConstQualifiedType(type) && !clang_isVolatileQualifiedType(type))
		type = bare;
	return declare(unit, type, name, flags);
}

const char *relib_spell_pointer(struct relib_unit *unit, CXType type, const char *name)
{
	return relib_spell(unit, type, relib_format(&unit->arena, "*%s", name), RELIB_SPELL_CODE | RELIB_SPELL_PLAIN);
}

const char *relib_spell_function(struct relib_unit *unit, const struct relib_marked *function, const char *inner,
				 const char *const *names, unsigned flags)
{
	struct relib_text text = { .arena = &unit->arena };

	relib_text_add(&text, "%s(%s", inner, function->parameter_count ? "" : "void");
	for (int i = 0; i < function->parameter_count; i++) {
		const struct relib_parameter *parameter = &function->parameters[i];

		relib_text_add(&text, "%s%s", i ? ", " : "",
			       relib_spell(unit, parameter->type, names && names[i] ? names[i] : "",
					   flags & ~(unsigned)RELIB_SPELL_PLAIN));
	}
	relib_text_put(&text, ")");
	return relib_spell(unit, function->result, text.data, flags);
}
