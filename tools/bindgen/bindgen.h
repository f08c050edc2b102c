/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What relib-bindgen is made of: a header is parsed, its functions and their types are described, files are written. */
#ifndef RELIB_BINDGEN_H
#define RELIB_BINDGEN_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

#include <clang-c/Index.h>

#define RELIB_TOOL "relib-bindgen"

/* Text that grows, in an arena. */
struct relib_text {
	struct relib_arena *arena;
	char *data;
	size_t length, room;
};

/* Words for a compiler's command line, or for its dependencies. */
struct relib_words {
	const char **words;
	size_t count, room;
};

struct relib_bindgen_options {
	const char *header;
	const char *base;      /* without its folder */
	const char *name;      /* of the interface */
	const char *include;   /* as it stands after #include */
	const char *host;      /* files to write; NULL: not this one */
	const char *module;
	const char *depend;
	bool depend_system;    /* -MD */
	bool depend_phony;     /* -MP */
	struct relib_words targets;
	struct relib_words flags;
};

enum relib_role { RELIB_ROLE_EXPORT, RELIB_ROLE_IMPORT, RELIB_ROLE_MAIN };

struct relib_parameter {
	const char *name; /* NULL: none */
	CXType type;
};

/* A marked function. */
struct relib_marked {
	const char *name;
	enum relib_role role;
	bool optional, no_return, deprecated;
	unsigned index; /* among the exports, or among the imports */
	CXCursor cursor;
	CXType result;
	struct relib_parameter *parameters;
	int parameter_count;
	const char *type; /* as in doc/interface-format.md */
	const char *signature;
	char hash[17];
};

/* A line of a description: what is compared, and what is for people only, which may be NULL. */
struct relib_line {
	const char *compared, *shown;
};

/* A struct, union or enum that a function reaches. Its number is its place plus one. */
struct relib_described {
	CXCursor declaration;
	const struct relib_marked *reached_by;
	const char *kind;
	const char *figures; /* "TAG SIZE ALIGN" */
	const char *label;
	struct relib_line *lines;
	size_t count, room;
};

/* The header and what was found in it. */
struct relib_unit {
	struct relib_arena arena;
	const struct relib_bindgen_options *options;
	CXIndex index;
	CXTranslationUnit clang;
	CXFile file;
	struct relib_marked *functions;
	size_t function_count, function_room;
	unsigned export_count, import_count;
	struct relib_described **types;
	size_t type_count, type_room;
	const struct relib_marked *current; /* whose types are being looked at */
	bool unnamed;                       /* relib_spell() met a type that has no name */
	unsigned errors;
};

/* text.c */
void relib_text_put(struct relib_text *text, const char *string);
void relib_text_add(struct relib_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *relib_format(struct relib_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for one more of `size` bytes behind `count` of them. */
void *relib_grow(struct relib_arena *arena, void *list, size_t count, size_t *room, size_t size);
void relib_words_add(struct relib_arena *arena, struct relib_words *list, const char *word);
bool relib_is_identifier(const char *text);
/* Whether the identifier `word` stands somewhere in `text`. */
bool relib_has_word(const char *text, const char *word);
/* Puts `line` and a newline, broken after commas where it is long; what follows stands under the innermost parenthesis. */
void relib_text_wrap(struct relib_text *text, const char *line);

/* clang.c: what libclang says, as strings of the arena */
const char *relib_take(struct relib_unit *unit, CXString string);
const char *relib_cursor_name(struct relib_unit *unit, CXCursor cursor);
const char *relib_place(struct relib_unit *unit, CXSourceLocation location);
bool relib_in_header(struct relib_unit *unit, CXCursor cursor);
/* "FILE:LINE:COLUMN: error: ..." on stderr. The header can't be used. */
void relib_refuse(struct relib_unit *unit, CXCursor where, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* parse.c: false after saying why */
bool relib_parse(struct relib_unit *unit);

/* flags.c: the flags that matter for layout, out of a compiler's */
void relib_flags_add(struct relib_arena *arena, struct relib_words *flags, char **words, int count);

/* marked.c: fills in unit->functions */
void relib_find_marked(struct relib_unit *unit);
/* Whether RELIB_MAIN_RESULT stands there more than once: clang's own words about that would be none for people. */
bool relib_refuse_second_main(struct relib_unit *unit);

/* names.c: what the generated files would declare a second time */
void relib_check_names(struct relib_unit *unit);
bool relib_is_keyword(const char *name);

/* spell.c */
enum {
	RELIB_SPELL_CODE = 1,  /* for a compiler, C or C++; else for people */
	RELIB_SPELL_PLAIN = 2, /* without the qualifiers of the type itself */
};
/* A declaration of `name`, which may be empty, or more of a declarator, such as "*result". */
const char *relib_spell(struct relib_unit *unit, CXType type, const char *name, unsigned flags);
/* A declaration of `name` as a pointer to the type without its qualifiers. */
const char *relib_spell_pointer(struct relib_unit *unit, CXType type, const char *name);
/* A function's declaration. `names` are its parameters', or NULL; `inner` is its name, or a pointer in parentheses. */
const char *relib_spell_function(struct relib_unit *unit, const struct relib_marked *function, const char *inner,
				 const char *const *names, unsigned flags);
/* The name of a struct, union or enum, as in "struct vec3"; NULL if it has none. */
const char *relib_spell_tag(struct relib_unit *unit, CXCursor declaration);

/* type.c: fills in type, signature and hash of unit->functions, and unit->types */
void relib_describe_types(struct relib_unit *unit);

/* record.c */
void relib_describe_record(struct relib_unit *unit, struct relib_described *described);
/* TYPE in the form of doc/interface-format.md; gives types numbers. `inside` says where an unnamed one stands. */
void relib_type_put(struct relib_unit *unit, struct relib_text *text, CXType type, const char *inside);
bool relib_has_const_member(CXType type);

/* hash.c */
void relib_hash_function(struct relib_unit *unit, struct relib_marked *function);

/*
 * description.c: the description as an array of characters, whose declaration is completed by the interface's name; and
 * assertions that hold where a compiler sees the types as libclang did
 */
void relib_write_description(struct relib_unit *unit, struct relib_text *text, const char *declaration);

/* call.c: what the wrappers of exports and imports have in common */
const char **relib_call_names(struct relib_unit *unit, const struct relib_marked *function, const char *const *taken);
const char *relib_call_expression(struct relib_unit *unit, const struct relib_marked *function, const char *callee,
				  const char *const *names);
bool relib_is_void(CXType type);

/* host.c, module.c */
void relib_write_host(struct relib_unit *unit, struct relib_text *text);
void relib_write_module(struct relib_unit *unit, struct relib_text *text);

/* depend.c */
void relib_write_depend(struct relib_unit *unit, struct relib_text *text);

/* output.c: all of the files or none; false after saying why */
struct relib_output {
	const char *path;
	struct relib_text text;
	char *temporary;
};
bool relib_write_files(struct relib_output *files, size_t count);

#endif
