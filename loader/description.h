/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Descriptions of interfaces (doc/interface-format.md) as the loader has them: read, compared, put in words. */
#ifndef RELIB_DESCRIPTION_H
#define RELIB_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <relib/relib.h>

struct relib_image;

/* More is refused: nobody's header, and what is read is also allocated. */
#define RELIB_DESCRIPTION_MAX ((size_t)16 << 20)
/* How deep one TYPE may be nested, pointers and arrays included: what walks one calls itself. */
#define RELIB_TYPE_DEPTH 100

/* A part of a description's text. */
struct relib_span {
	const char *at;
	size_t length;
};

#define RELIB_SPAN(span) (int)(span).length, (span).at

static inline bool relib_span_same(struct relib_span one, struct relib_span other)
{
	return one.length == other.length && !__builtin_memcmp(one.at, other.at, one.length);
}

enum relib_direction { RELIB_IS_EXPORT, RELIB_IS_IMPORT, RELIB_IS_MAIN };

struct relib_described_function {
	enum relib_direction direction;
	bool optional;
	uint32_t index; /* among the exports, or among the imports */
	uint32_t line;
	uint64_t hash;
	struct relib_span name, type, signature;
};

enum relib_described_kind { RELIB_IS_STRUCT, RELIB_IS_UNION, RELIB_IS_ENUM };

/* A field of a struct or union, or a value of an enum. */
struct relib_described_part {
	struct relib_span name; /* "-": without one */
	union {
		struct relib_span type;
		struct relib_span number; /* of a value: text, as it may be negative or large, and is only compared */
	};
	struct relib_span spelling;
	uint64_t offset, width;
	uint32_t line;
};

struct relib_described_type {
	enum relib_described_kind kind;
	uint32_t line;
	uint32_t first, count; /* its parts */
	uint64_t size, align;  /* align 0: opaque */
	struct relib_span tag, label;
	struct relib_span base, base_spelling; /* of an enum that isn't opaque */
};

struct relib_description {
	struct relib_span name;
	struct relib_described_function *functions; /* in the order of the text */
	struct relib_described_type *types;         /* number N is types[N - 1] */
	struct relib_described_part *parts;
	const struct relib_described_function **by_name; /* exports and imports, sorted */
	const struct relib_described_function *main;     /* or NULL */
	uint32_t function_count, type_count, part_count;
	uint32_t export_count, import_count, name_count;
};

/* Why a text isn't a description. */
struct relib_damage {
	uint32_t line; /* 0: of no single line */
	const char *what;
};

enum relib_parse { RELIB_PARSED, RELIB_PARSE_DAMAGED, RELIB_PARSE_VERSION, RELIB_PARSE_MEMORY };

/*
 * interface-parse.c: what it gives points into `text`; relib_description_free() it if it is RELIB_PARSED. `size` counts the NUL.
 * With `functions_only`, types are not looked at, and nothing says that the text is whole.
 */
enum relib_parse relib_description_parse(struct relib_description *description, const char *text, size_t size,
					 bool functions_only, struct relib_damage *damage);
void relib_description_free(struct relib_description *description);
const struct relib_described_function *relib_description_find(const struct relib_description *description,
							      struct relib_span name);

/* interface-type.c: the TYPE notation */

/* NULL if it is one TYPE and nothing else, with type numbers up to `type_count`, else what is wrong with it. */
const char *relib_type_check(struct relib_span text, uint32_t type_count);

enum relib_token_kind {
	RELIB_TOKEN_PREFIX,   /* one of * k q a c */
	RELIB_TOKEN_ARRAY,    /* `number` elements */
	RELIB_TOKEN_OPEN,     /* array of unknown length */
	RELIB_TOKEN_VECTOR,   /* `number` elements */
	RELIB_TOKEN_TYPE,     /* type `number` */
	RELIB_TOKEN_FUNCTION, /* the parenthesis; its result follows */
	RELIB_TOKEN_BASE      /* v, b, i32 ... */
};

struct relib_token {
	enum relib_token_kind kind;
	uint64_t number;
	struct relib_span text;
};

/* For what relib_type_check() let pass: the next part of a TYPE. Only TYPE, FUNCTION and BASE don't have one after them. */
struct relib_token relib_type_next(const char **at);
/* Steps over a whole TYPE. */
void relib_type_skip(const char **at);
/* How many parameters follow a function's result; `ending` is ')', or '.' for variadic, '?' for old-style. */
uint32_t relib_type_count_parameters(const char *after_result, char *ending);

/* interface-compare.c */

enum relib_difference_kind {
	RELIB_SAME,             /* none was found, though the hashes differ */
	RELIB_DIFFERENT_TYPE,   /* of the result, a parameter or a field */
	RELIB_DIFFERENT_COUNT,  /* of parameters */
	RELIB_DIFFERENT_OPAQUE, /* complete on one side only */
	RELIB_MISSING_IN_MODULE,
	RELIB_MISSING_IN_HOST,  /* a field or value */
	RELIB_DIFFERENT_NAME,
	RELIB_DIFFERENT_ORDER,
	RELIB_DIFFERENT_WIDTH,  /* of a bit-field */
	RELIB_DIFFERENT_OFFSET,
	RELIB_DIFFERENT_NUMBER, /* of a value */
	RELIB_DIFFERENT_BASE,   /* of an enum */
	RELIB_DIFFERENT_SIZE,
	RELIB_DIFFERENT_ALIGN
};

/* Two types met at one place; how they were reached. */
struct relib_type_pair {
	uint32_t host, module;
	uint32_t parent; /* the pair in which they were met; RELIB_NO_PAIR: in the function's own type */
	uint32_t part;   /* the host's field there */
};

#define RELIB_NO_PAIR UINT32_MAX
/* In relib_difference::steps, else the number of a parameter. */
#define RELIB_STEP_RESULT 0

struct relib_difference {
	enum relib_difference_kind kind;
	uint32_t pair; /* in relib_comparison::pairs; RELIB_NO_PAIR: in the function's own type */
	uint32_t host_part, module_part; /* indices in the descriptions' parts, where the kind is of a part */
	const char *host_at, *module_at; /* the TYPEs that differ */
	uint32_t host_count, module_count; /* of parameters; of fields in order: their places, from 1 */
	char host_ending, module_ending;
	uint32_t depth; /* how many function types the difference lies within */
	uint32_t steps[RELIB_TYPE_DEPTH]; /* in each of them: the result or which parameter */
};

struct relib_comparison {
	const struct relib_description *host, *module;
	struct relib_type_pair *pairs;
	uint32_t pair_count;
	uint32_t *module_of, *host_of; /* by type number; 0: not met yet */
};

bool relib_comparison_begin(struct relib_comparison *comparison, const struct relib_description *host,
			    const struct relib_description *module);
/* The first difference of two functions whose hashes differ. What it gives is good until the next call. */
void relib_comparison_run(struct relib_comparison *comparison, const struct relib_described_function *host,
			  const struct relib_described_function *module, struct relib_difference *difference);
void relib_comparison_end(struct relib_comparison *comparison);

/* interface-words.c */

/* A text that gets longer up to `limit` (0: all that there is), where it is cut and ends in "...". */
struct relib_words {
	size_t length, limit;
	char text[512];
};

void relib_words_add(struct relib_words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A TYPE as C programmers say it. */
void relib_words_add_type(struct relib_words *words, const struct relib_description *description, const char *type);
/* The difference in a sentence without an end, and how it is reached: "" where that is plain. */
void relib_words_difference(struct relib_words *words, const struct relib_comparison *comparison,
			    const struct relib_difference *difference);
void relib_words_path(struct relib_words *words, const struct relib_comparison *comparison,
		      const struct relib_difference *difference);

/* interface-message.c: one error that names all functions that don't fit */

struct relib_misfits {
	const char *shown; /* the module's file */
	struct relib_error *error;
	uint32_t named, count;
	uint32_t extra_count; /* of these, exports that the host doesn't know */
};

void relib_misfits_add(struct relib_misfits *misfits, struct relib_span name, const char *what, const char *path,
		       const struct relib_described_function *host, const struct relib_described_function *module);
/* Whether another one would be shown, so that its words are worth the work. */
bool relib_misfits_has_room(const struct relib_misfits *misfits);
enum relib_code relib_misfits_finish(struct relib_misfits *misfits, struct relib_span interface);

/* interface-read.c: the descriptions in a module's file */

struct relib_description_symbol {
	const char *name; /* of the interface; in the image */
	uint64_t address, size;
};

struct relib_description_list {
	struct relib_description_symbol *symbols;
	size_t count;
};

/* After RELIB_OK only: free(list->symbols). */
enum relib_code relib_description_find_all(const struct relib_image *image, struct relib_description_list *list,
					   struct relib_error *error);
/* After RELIB_OK only: free(*text). It is not checked, also not for a NUL. */
enum relib_code relib_description_read(const struct relib_image *image, const struct relib_description_symbol *symbol,
				       char **text, struct relib_error *error);

struct relib_binding;

/* interface-bind.c: fills the binding of two descriptions that fit; false: no memory */
bool relib_interface_bind(struct relib_binding *binding, const struct relib_description *host,
			  const struct relib_description *module);

/* interface-match.c: whether the functions are there on both sides and the same; `error` must not be NULL */
enum relib_code relib_interface_match(const struct relib_description *host, const struct relib_description *module,
				      bool refuse_extra_exports, const char *shown, struct relib_error *error);

#endif
