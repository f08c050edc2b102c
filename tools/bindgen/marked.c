/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Marked functions are found, and those that can't be an export or an import are refused. */
#include "bindgen.h"

#include <string.h>

#define MAIN_NAME "relib_main_result_"

enum { MARK_EXPORT = 1, MARK_IMPORT = 2, MARK_OPTIONAL = 4, MARK_MAIN = 8 };

struct marks {
	struct relib_unit *unit;
	unsigned bits;
	bool no_return;
};

static unsigned mark_of(const char *text)
{
	return strcmp(text, "relib:export") == 0 ? MARK_EXPORT : strcmp(text, "relib:import") == 0 ? MARK_IMPORT :
	       strcmp(text, "relib:optional") == 0 ? MARK_OPTIONAL : strcmp(text, "relib:main") == 0 ? MARK_MAIN : 0;
}

static const char *mark_name(unsigned bits)
{
	return bits & MARK_EXPORT ? "RELIB_EXPORT" : bits & MARK_IMPORT ? "RELIB_IMPORT" :
	       bits & MARK_OPTIONAL ? "RELIB_OPTIONAL" : "RELIB_MAIN_RESULT";
}

/* _Noreturn has no kind of its own in libclang: its word stands there. */
static bool is_no_return(struct relib_unit *unit, CXCursor attribute)
{
	CXToken *token = clang_getToken(unit->clang, clang_getCursorLocation(attribute));
	const char *word;

	if (!token)
		return false;
	word = relib_take(unit, clang_getTokenSpelling(unit->clang, *token));
	clang_disposeTokens(unit->clang, token, 1);
	return strcmp(word, "_Noreturn") == 0 || strcmp(word, "noreturn") == 0;
}

static enum CXChildVisitResult read_mark(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct marks *marks = data;

	(void)parent;
	if (clang_getCursorKind(cursor) == CXCursor_AnnotateAttr)
		marks->bits |= mark_of(relib_cursor_name(marks->unit, cursor));
	else if (clang_getCursorKind(cursor) == CXCursor_UnexposedAttr)
		marks->no_return |= is_no_return(marks->unit, cursor);
	return CXChildVisit_Continue;
}

static struct marks marks_of(struct relib_unit *unit, CXCursor cursor)
{
	struct marks marks = { .unit = unit };

	if (clang_isDeclaration(clang_getCursorKind(cursor)) && clang_Cursor_hasAttrs(cursor))
		clang_visitChildren(cursor, read_mark, &marks);
	return marks;
}

static const char *what_it_is(CXCursor cursor)
{
	switch (clang_getCursorKind(cursor)) {
	case CXCursor_VarDecl: return "a variable";
	case CXCursor_ParmDecl: return "a parameter";
	case CXCursor_FieldDecl: return "a field";
	case CXCursor_TypedefDecl: return "a type";
	case CXCursor_StructDecl: return "a struct";
	case CXCursor_UnionDecl: return "a union";
	case CXCursor_EnumDecl: return "an enum";
	default: return "no function";
	}
}

/* Whether the marks go together, on something that can have them. */
static bool marks_fit(struct relib_unit *unit, CXCursor cursor, unsigned bits)
{
	const char *name = relib_cursor_name(unit, cursor);

	if (clang_getCursorKind(cursor) != CXCursor_FunctionDecl)
		relib_refuse(unit, cursor, "%s marks a function, and %s is %s", mark_name(bits),
			     *name ? name : "this", what_it_is(cursor));
	else if ((bits & MARK_EXPORT) && (bits & MARK_IMPORT))
		relib_refuse(unit, cursor,
			     "%s is marked RELIB_EXPORT and RELIB_IMPORT: either the module implements it, or the host", name);
	else if ((bits & MARK_OPTIONAL) && (bits & MARK_IMPORT))
		relib_refuse(unit, cursor, "%s is an import, which can't be RELIB_OPTIONAL: only exports can", name);
	else if ((bits & MARK_OPTIONAL) && !(bits & MARK_EXPORT))
		relib_refuse(unit, cursor, "%s is RELIB_OPTIONAL, but no export: write RELIB_EXPORT RELIB_OPTIONAL", name);
	else
		return true;
	return false;
}

static bool is_incomplete(CXType type)
{
	CXType bare = clang_getCanonicalType(type);

	return (bare.kind == CXType_Record || bare.kind == CXType_Enum) && clang_Type_getSizeOf(bare) < 0;
}

/* How the function is declared; the types themselves are looked at when they are described. */
static bool declaration_fits(struct relib_unit *unit, CXCursor cursor, const char *name)
{
	CXType type = clang_getCursorType(cursor);

	if (clang_Cursor_getStorageClass(cursor) == CX_SC_Static)
		relib_refuse(unit, cursor, "%s is static: it would be another function in each file", name);
	else if (clang_Cursor_isFunctionInlined(cursor))
		relib_refuse(unit, cursor, "%s is inline: a header that both sides use may only declare it", name);
	else if (!clang_Cursor_isNull(clang_getCursorDefinition(cursor)))
		relib_refuse(unit, cursor, "%s is defined here: a header that both sides use may only declare it", name);
	else if (clang_getCanonicalType(type).kind == CXType_FunctionNoProto)
		relib_refuse(unit, cursor, "%s says nothing about its parameters: if there are none, write %s(void)", name,
			     name);
	else if (clang_isFunctionTypeVariadic(type))
		relib_refuse(unit, cursor,
			     "%s is variadic, and can't be called through: give it a va_list, or a pointer and a count", name);
	else if (clang_getFunctionTypeCallingConv(type) != CXCallingConv_C &&
		 clang_getFunctionTypeCallingConv(type) != CXCallingConv_Default)
		relib_refuse(unit, cursor, "%s has a calling convention of its own: only the platform's C calls are possible",
			     name);
	else if (strcmp(name, "main") == 0)
		relib_refuse(unit, cursor, "main can't be marked: RELIB_MAIN_RESULT(type) stands for the module's main");
	else if (strcmp(name, "relib") == 0 || strncmp(name, "relib_", 6) == 0)
		relib_refuse(unit, cursor, "%s: names that begin with relib are relib's own", name);
	else
		return true;
	return false;
}

static void read_parameters(struct relib_unit *unit, struct relib_marked *function, CXCursor cursor)
{
	int count = clang_Cursor_getNumArguments(cursor);

	function->parameters = relib_arena_alloc(&unit->arena, (size_t)count + 1, sizeof(*function->parameters));
	function->parameter_count = count;
	for (int i = 0; i < count; i++) {
		CXCursor argument = clang_Cursor_getArgument(cursor, (unsigned)i);
		const char *name = relib_cursor_name(unit, argument);

		function->parameters[i].name = *name ? name : NULL;
		function->parameters[i].type = clang_getCursorType(argument);
	}
}

static bool values_fit(struct relib_unit *unit, const struct relib_marked *function)
{
	const char *name = function->name;

	if (is_incomplete(function->result)) {
		relib_refuse(unit, function->cursor, "%s returns %s, which is not complete here", name,
			     relib_spell(unit, function->result, "", 0));
		return false;
	}
	for (int i = 0; i < function->parameter_count; i++) {
		CXType type = function->parameters[i].type;

		if (is_incomplete(type))
			relib_refuse(unit, function->cursor, "%s takes %s by value, which is not complete here", name,
				     relib_spell(unit, type, "", 0));
		else if (type.kind == CXType_VariableArray)
			relib_refuse(unit, function->cursor,
				     "%s: parameter %s is an array of variable length: write it as a pointer", name,
				     function->parameters[i].name);
		else
			continue;
		return false;
	}
	return true;
}

/* Whatever stands in the generated files must have a name there. */
static bool names_fit(struct relib_unit *unit, const struct relib_marked *function)
{
	const char *signature;

	unit->unnamed = false;
	signature = relib_spell_function(unit, function, function->name, NULL, RELIB_SPELL_CODE);
	relib_spell(unit, function->result, "", RELIB_SPELL_CODE | RELIB_SPELL_PLAIN);
	if (!unit->unnamed || function->role == RELIB_ROLE_MAIN)
		return true;
	relib_refuse(unit, function->cursor,
		     "%s: a type in %s has no name that others can use: give it a tag, or a typedef without const",
		     function->name, signature);
	return false;
}

static struct relib_marked *find(struct relib_unit *unit, const char *name)
{
	for (size_t i = 0; i < unit->function_count; i++)
		if (strcmp(unit->functions[i].name, name) == 0)
			return &unit->functions[i];
	return NULL;
}

static void add(struct relib_unit *unit, CXCursor cursor, struct marks marks)
{
	struct relib_marked function = {
		.name = marks.bits & MARK_MAIN ? "main" : relib_cursor_name(unit, cursor),
		.role = marks.bits & MARK_MAIN ? RELIB_ROLE_MAIN :
			marks.bits & MARK_IMPORT ? RELIB_ROLE_IMPORT : RELIB_ROLE_EXPORT,
		.optional = marks.bits & MARK_OPTIONAL,
		.deprecated = clang_getCursorAvailability(cursor) == CXAvailability_Deprecated,
		.cursor = cursor,
		.result = clang_getCursorResultType(cursor),
	};
	const char *type = relib_take(unit, clang_getTypeSpelling(clang_getCanonicalType(clang_getCursorType(cursor))));

	function.no_return = marks.no_return || strstr(type, "__attribute__((noreturn))");
	read_parameters(unit, &function, cursor);
	if (function.role == RELIB_ROLE_MAIN && relib_is_void(function.result)) {
		relib_refuse(unit, cursor, "RELIB_MAIN_RESULT(void): main gives a value; int, say");
		return;
	}
	if (!values_fit(unit, &function) || !names_fit(unit, &function))
		return;
	function.index = function.role == RELIB_ROLE_EXPORT ? unit->export_count++ :
			 function.role == RELIB_ROLE_IMPORT ? unit->import_count++ : 0;
	unit->functions = relib_grow(&unit->arena, unit->functions, unit->function_count, &unit->function_room,
				     sizeof(*unit->functions));
	unit->functions[unit->function_count++] = function;
}

static void visit_function(struct relib_unit *unit, CXCursor cursor, struct marks marks)
{
	bool is_main = marks.bits & MARK_MAIN;
	struct relib_marked *before = find(unit, is_main ? "main" : relib_cursor_name(unit, cursor));

	if (!marks_fit(unit, cursor, marks.bits))
		return;
	/* A function may be declared again; its marks are then those of both. */
	if (before)
		before->optional |= (marks.bits & MARK_OPTIONAL) != 0;
	else if (is_main || declaration_fits(unit, cursor, relib_cursor_name(unit, cursor)))
		add(unit, cursor, marks);
}

static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct relib_unit *unit = data;
	struct marks marks;

	(void)parent;
	if (clang_getCursorKind(cursor) == CXCursor_CompoundStmt || !relib_in_header(unit, cursor))
		return CXChildVisit_Continue;
	marks = marks_of(unit, cursor);
	if (marks.bits && clang_getCursorKind(cursor) == CXCursor_FunctionDecl)
		visit_function(unit, cursor, marks);
	else if (marks.bits)
		marks_fit(unit, cursor, marks.bits);
	return CXChildVisit_Recurse;
}

void relib_find_marked(struct relib_unit *unit)
{
	clang_visitChildren(clang_getTranslationUnitCursor(unit->clang), visit, unit);
	if (!unit->function_count && !unit->errors)
		relib_refuse(unit, clang_getTranslationUnitCursor(unit->clang),
			     "no function is marked RELIB_EXPORT or RELIB_IMPORT: an interface has at least one");
}

struct mains {
	struct relib_unit *unit;
	unsigned count;
};

static enum CXChildVisitResult count_main(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct mains *mains = data;

	(void)parent;
	if (clang_getCursorKind(cursor) == CXCursor_FunctionDecl && relib_in_header(mains->unit, cursor) &&
	    strcmp(relib_cursor_name(mains->unit, cursor), MAIN_NAME) == 0 && ++mains->count == 2)
		relib_refuse(mains->unit, cursor, "RELIB_MAIN_RESULT stands here a second time: a module has one main");
	return CXChildVisit_Continue;
}

bool relib_refuse_second_main(struct relib_unit *unit)
{
	struct mains mains = { .unit = unit };

	clang_visitChildren(clang_getTranslationUnitCursor(unit->clang), count_main, &mains);
	return mains.count > 1;
}
