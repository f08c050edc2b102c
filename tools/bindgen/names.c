/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Names that the generated files would declare, and that the header declares already. */
#include "bindgen.h"

#include <string.h>

/* Of C and C++: the name of an interface becomes a struct's and a parameter's. */
static const char *const keywords[] = {
	"alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
	"char16_t", "char32_t", "char8_t", "class", "compl", "concept", "const", "const_cast", "consteval", "constexpr",
	"constinit", "continue", "co_await", "co_return", "co_yield", "decltype", "default", "delete", "do", "double",
	"dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
	"inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq",
	"private", "protected", "public", "register", "reinterpret_cast", "requires", "restrict", "return", "short", "signed",
	"sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local", "throw",
	"true", "try", "typedef", "typeid", "typename", "typeof", "typeof_unqual", "union", "unsigned", "using", "virtual",
	"void", "volatile", "wchar_t", "while", "xor", "xor_eq",
};

bool relib_is_keyword(const char *name)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (strcmp(keywords[i], name) == 0)
			return true;
	return false;
}

/* Whether the host's header declares a function of this name; `why` receives what it is for. */
static bool is_generated(struct relib_unit *unit, const char *name, const char **why)
{
	if (strcmp(name, relib_format(&unit->arena, "%s_interface", unit->options->name)) == 0) {
		*why = "the interface: give that another name with --name";
		return true;
	}
	for (size_t i = 0; i < unit->function_count; i++) {
		const struct relib_marked *function = &unit->functions[i];
		size_t length = strlen(function->name);

		if (function->role != RELIB_ROLE_EXPORT || strncmp(name, function->name, length) != 0)
			continue;
		if (strcmp(name + length, "_call") == 0 || (function->optional && strcmp(name + length, "_has") == 0)) {
			*why = relib_format(&unit->arena, "the export %s: rename one of them", function->name);
			return true;
		}
	}
	return false;
}

static bool is_type(enum CXCursorKind kind)
{
	return kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl || kind == CXCursor_EnumDecl ||
	       kind == CXCursor_TypedefDecl;
}

static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct relib_unit *unit = data;
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	const char *name, *why;

	(void)parent;
	if (kind == CXCursor_CompoundStmt)
		return CXChildVisit_Continue;
	if (kind == CXCursor_ParmDecl || kind == CXCursor_FieldDecl)
		return CXChildVisit_Recurse;
	name = relib_cursor_name(unit, cursor);
	if (is_type(kind) && strcmp(name, unit->options->name) == 0)
		relib_refuse(unit, cursor, "the type %s is declared here, and the host's file of this interface would declare "
			     "struct %s: give the interface another name with --name", name, name);
	else if ((is_type(kind) || kind == CXCursor_FunctionDecl || kind == CXCursor_VarDecl ||
		  kind == CXCursor_EnumConstantDecl) && is_generated(unit, name, &why))
		relib_refuse(unit, cursor, "%s is declared here, and " RELIB_TOOL " makes a function of this name for %s",
			     name, why);
	else
		return CXChildVisit_Recurse;
	return CXChildVisit_Break;
}

void relib_check_names(struct relib_unit *unit)
{
	clang_visitChildren(clang_getTranslationUnitCursor(unit->clang), visit, unit);
}
