/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Interfaces: what is a description, what fits, and what is said where it doesn't. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "description.h"
#include "interface.h"
#include "unit/run.h"

/*
 * In the texts of these tests '@' stands for a function's hash, one on the host's side and another on the module's;
 * '=' in its place is the same on both. The header line and the end are added.
 */
static char *expand(const char *body, char digit)
{
	size_t size = strlen(body) * 16 + 64;
	char *text = malloc(size), *into;

	ck_assert_ptr_nonnull(text);
	into = stpcpy(text, "relib interface 1 game\n");
	for (; *body; body++) {
		if ((*body == '@' || *body == '=') && body[-1] == ' ') {
			memset(into, *body == '@' ? digit : 'f', 16);
			into += 16;
		} else {
			*into++ = *body;
		}
	}
	strcpy(into, "end\n");
	return text;
}

static void parse(struct relib_description *description, const char *text)
{
	struct relib_damage damage = { 0, "" };
	enum relib_parse result = relib_description_parse(description, text, strlen(text) + 1, false, &damage);

	ck_assert_msg(result == RELIB_PARSED, "line %u: %s\n%s", damage.line, damage.what, text);
}

static enum relib_code match_strictly(const char *host_body, const char *module_body, bool refuse_extra,
				      struct relib_error *error)
{
	char *host_text = expand(host_body, '1'), *module_text = expand(module_body, '2');
	struct relib_description host, module;
	enum relib_code code;

	error->message[0] = '\0';
	parse(&host, host_text);
	parse(&module, module_text);
	code = relib_interface_match(&host, &module, refuse_extra, "libgame.so", error);
	relib_description_free(&host);
	relib_description_free(&module);
	free(host_text);
	free(module_text);
	return code;
}

static enum relib_code match(const char *host, const char *module, struct relib_error *error)
{
	return match_strictly(host, module, false, error);
}

#define EXPORT "export f - @ "
#define TAKES(type) EXPORT "(v," type ") void f(x)\n"
#define VEC3 "type 1 struct vec3 12 4 struct vec3\nfield x 0 0 f32 float\nfield y 32 0 f32 float\n"
#define FLAGS "type 1 struct flags 4 4 struct flags\n"
#define MODE "type 1 enum mode 4 4 enum mode\nbase u32 unsigned int\n"
#define NUMBER "type 1 union number 8 8 union number\n"
#define HOOK "type 1 struct hook 8 8 struct hook\n"

/* Every kind of difference, and how it reads behind the function's name. */
static const struct {
	const char *host, *module, *says;
} differences[] = {
	/* The function itself */
	{ EXPORT "(i32) int32_t f(void)\n", EXPORT "(i64) int64_t f(void)\n",
	  "f: the result is signed 32-bit integer in the host, signed 64-bit integer in the module\n" },
	{ EXPORT "(v,i32,f32) void f(int, float)\n", EXPORT "(v,i32,f64) void f(int, double)\n",
	  "f: parameter 2 is float in the host, double in the module\n" },
	{ TAKES("i32"), TAKES("u32"), "f: parameter 1 is signed 32-bit integer in the host, unsigned 32-bit integer in the module\n" },
	{ EXPORT "(v) void f(void)\n", TAKES("i32"), "f: it takes 0 parameters in the host, 1 parameter in the module\n" },
	{ TAKES("i32,i32"), TAKES("i32"), "f: it takes 2 parameters in the host, 1 parameter in the module\n" },
	{ TAKES("*ki8"), TAKES("*i8"),
	  "f: parameter 1 is pointer to const signed 8-bit integer in the host, pointer to signed 8-bit integer in the module\n" },
	{ TAKES("*qi8"), TAKES("*ai8"),
	  "f: parameter 1 is pointer to volatile signed 8-bit integer in the host, pointer to atomic signed 8-bit integer in the module\n" },
	{ TAKES("*[4]f32"), TAKES("*[]f32"),
	  "f: parameter 1 is pointer to array of 4 float in the host, pointer to array of unknown length of float in the module\n" },
	{ TAKES("<4>f32"), TAKES("<8>f32"), "f: parameter 1 is vector of 4 float in the host, vector of 8 float in the module\n" },
	{ TAKES("cf32"), TAKES("f80"), "f: parameter 1 is complex float in the host, 80-bit floating point in the module\n" },
	{ TAKES("bf16"), TAKES("b"), "f: parameter 1 is bfloat16 in the host, bool in the module\n" },
	{ TAKES("*v"), TAKES("*(v)"), "f: parameter 1 is pointer to void in the host, pointer to function(void) returning void in the module\n" },
	{ TAKES("*(i32,i8,...)"), TAKES("i8"),
	  "f: parameter 1 is pointer to function(signed 8-bit integer, ...) returning signed 32-bit integer in the host, "
	  "signed 8-bit integer in the module\n" },
	{ TAKES("*#1") VEC3, TAKES("*#1") "type 1 struct vec4 16 4 struct vec4\n",
	  "f: parameter 1 is pointer to struct vec3 in the host, pointer to struct vec4 in the module\n" },
	{ TAKES("*#1") NUMBER, TAKES("*#1") "type 1 struct number 8 8 struct number\n",
	  "f: parameter 1 is pointer to union number in the host, pointer to struct number in the module\n" },
	{ TAKES("*#1,*#2") "type 1 struct - 0 1 one\ntype 2 struct - 0 1 other\n", TAKES("*#1,*#1") "type 1 struct - 0 1 one\n",
	  "f: parameter 2 is pointer to other in the host, pointer to one in the module\n" },
	{ TAKES("*#1,*#2") "type 1 struct - 0 1 one\ntype 2 struct - 0 1 one\n", TAKES("*#1,*#1") "type 1 struct - 0 1 one\n",
	  "f: parameter 2 is pointer to one in the host, another type of that name in the module\n" },
	/* Callbacks */
	{ TAKES("*(v,i32,i32)"), TAKES("*(v,i32,i64)"),
	  "f: parameter 1, a callback: its parameter 2 is signed 32-bit integer in the host, signed 64-bit integer in the module\n" },
	{ TAKES("*(b,i32)"), TAKES("*(v,i32)"), "f: parameter 1, a callback: its result is bool in the host, void in the module\n" },
	{ TAKES("*(v,i32)"), TAKES("*(v)"),
	  "f: parameter 1, a callback: it takes 1 parameter in the host, 0 parameters in the module\n" },
	{ TAKES("*(v,i8)"), TAKES("*(v,i8,...)"),
	  "f: parameter 1, a callback: it takes 1 parameter in the host, 1 parameter and more (...) in the module\n" },
	{ TAKES("*(v)"), TAKES("*(v,?)"),
	  "f: parameter 1, a callback: it takes 0 parameters in the host, parameters that it doesn't say in the module\n" },
	{ TAKES("i8,*(v,*(*(v,f32)))"), TAKES("i8,*(v,*(*(v,f64)))"),
	  "f: parameter 2, a callback: its parameter 1, a callback: its result, a callback: its parameter 1 is float in the host, "
	  "double in the module\n" },
	{ TAKES("*#1") HOOK "field call 0 0 *(v,f32) void (*)(float)\n", TAKES("*#1") HOOK "field call 0 0 *(v,f64) void (*)(double)\n",
	  "f: struct hook differs: field call, a callback: its parameter 1 is float in the host, double in the module\n" },
	{ TAKES("*#1") HOOK "field call 0 0 *(v) void (*)(void)\n", TAKES("*#1") HOOK "field call 0 0 *(v,f64) void (*)(double)\n",
	  "f: struct hook differs: field call, a callback: it takes 0 parameters in the host, 1 parameter in the module\n" },
	/* Fields */
	{ TAKES("*#1") VEC3 "field z 64 0 f32 float\n", TAKES("*#1") VEC3,
	  "f: struct vec3 differs: field z is float at offset 8 in the host, missing in the module\n" },
	{ TAKES("*#1") VEC3, TAKES("*#1") VEC3 "field z 64 0 f32 float\n",
	  "f: struct vec3 differs: field z is float at offset 8 in the module, missing in the host\n" },
	{ TAKES("*#1") VEC3, TAKES("*#1") "type 1 struct vec3 12 4 struct vec3\nfield x 0 0 f32 float\nfield w 32 0 f32 float\n"
	  "field y 64 0 f32 float\n",
	  "f: struct vec3 differs: field w is float at offset 4 in the module, missing in the host\n" },
	{ TAKES("*#1") VEC3, TAKES("*#1") "type 1 struct vec3 12 4 struct vec3\nfield y 0 0 f32 float\n",
	  "f: struct vec3 differs: field x is float at offset 0 in the host, missing in the module\n" },
	{ TAKES("*#1") VEC3, TAKES("*#1") "type 1 struct vec3 12 4 struct vec3\nfield x 0 0 f32 float\nfield w 32 0 f32 float\n",
	  "f: struct vec3 differs: field y in the host is called w in the module\n" },
	{ TAKES("*#1") VEC3, TAKES("*#1") "type 1 struct vec3 12 4 struct vec3\nfield y 0 0 f32 float\nfield x 32 0 f32 float\n",
	  "f: struct vec3 differs: its fields are in another order: 1 is x in the host, y in the module\n" },
	{ TAKES("*#1") VEC3, TAKES("*#1") "type 1 struct vec3 12 4 struct vec3\nfield x 0 0 f32 float\nfield y 64 0 f32 float\n",
	  "f: struct vec3 differs: field y is at offset 4 in the host, at offset 8 in the module\n" },
	{ TAKES("*#1") VEC3, TAKES("*#1") "type 1 struct vec3 12 4 struct vec3\nfield x 0 0 f32 float\nfield y 32 0 i32 int32_t\n",
	  "f: struct vec3 differs: field y is float in the host, int32_t in the module\n" },
	{ TAKES("*#1") VEC3 "field z 64 0 u32 size\n", TAKES("*#1") VEC3 "field z 64 0 u64 size\n",
	  "f: struct vec3 differs: field z, size on both sides, is unsigned 32-bit integer in the host, "
	  "unsigned 64-bit integer in the module\n" },
	{ TAKES("*#1") VEC3 "field s 64 0 [16]i8 char[16]\n", TAKES("*#1") VEC3 "field s 64 0 [32]i8 char[32]\n",
	  "f: struct vec3 differs: field s is char[16] in the host, char[32] in the module\n" },
	{ TAKES("*#1") NUMBER "field i 0 0 i32 int\nfield d 0 0 f64 double\n", TAKES("*#1") NUMBER "field i 0 0 i32 int\n",
	  "f: union number differs: field d is double in the host, missing in the module\n" },
	{ TAKES("*#1") FLAGS "field - 0 0 i32 int\n", TAKES("*#1") FLAGS "field - 0 0 u32 unsigned int\n",
	  "f: struct flags differs: field 1 (without a name) is int in the host, unsigned int in the module\n" },
	/* Bit-fields */
	{ TAKES("*#1") FLAGS "field a 0 3 u32 unsigned int\n", TAKES("*#1") FLAGS "field a 0 4 u32 unsigned int\n",
	  "f: struct flags differs: field a is a bit-field of 3 bits in the host, a bit-field of 4 bits in the module\n" },
	{ TAKES("*#1") FLAGS "field a 0 1 u32 unsigned int\n", TAKES("*#1") FLAGS "field a 0 0 u32 unsigned int\n",
	  "f: struct flags differs: field a is a bit-field of 1 bit in the host, no bit-field in the module\n" },
	{ TAKES("*#1") FLAGS "field a 3 1 u32 unsigned int\n", TAKES("*#1") FLAGS "field a 8 1 u32 unsigned int\n",
	  "f: struct flags differs: field a is at bit 3 in the host, at bit 8 in the module\n" },
	{ TAKES("*#1") FLAGS "field a 3 2 u32 unsigned int\n", TAKES("*#1") FLAGS,
	  "f: struct flags differs: field a is unsigned int of 2 bits at bit 3 in the host, missing in the module\n" },
	/* Whole types */
	{ TAKES("*#1") FLAGS, TAKES("*#1") "type 1 struct flags 8 4 struct flags\n",
	  "f: struct flags differs: it has 4 bytes in the host, 8 in the module\n" },
	{ TAKES("*#1") FLAGS, TAKES("*#1") "type 1 struct flags 4 1 struct flags\n",
	  "f: struct flags differs: it is aligned to 4 bytes in the host, to 1 in the module\n" },
	{ TAKES("*#1") FLAGS, TAKES("*#1") "type 1 struct flags 0 0 struct flags\n",
	  "f: struct flags differs: it is complete in the host, only declared in the module\n" },
	/* Enums */
	{ TAKES("#1") MODE "value A 0\nvalue B 1\n", TAKES("#1") MODE "value A 0\n",
	  "f: enum mode differs: value B is 1 in the host, missing in the module\n" },
	{ TAKES("#1") MODE "value A 0\nvalue B 1\n", TAKES("#1") MODE "value A 0\nvalue X 1\nvalue B 2\n",
	  "f: enum mode differs: value X is 1 in the module, missing in the host\n" },
	{ TAKES("#1") MODE "value A 0\nvalue B 1\n", TAKES("#1") MODE "value A 0\nvalue B -2\n",
	  "f: enum mode differs: value B is 1 in the host, -2 in the module\n" },
	{ TAKES("#1") MODE "value A 0\nvalue B 1\n", TAKES("#1") MODE "value B 1\nvalue A 0\n",
	  "f: enum mode differs: its values are in another order: 1 is A in the host, B in the module\n" },
	{ TAKES("#1") MODE, TAKES("#1") "type 1 enum mode 4 4 enum mode\nbase i32 int\n",
	  "f: enum mode differs: its integer is unsigned 32-bit integer in the host, signed 32-bit integer in the module\n" },
	/* Where it is deeper: the innermost layout, and the way there */
	{ TAKES("*#1") "type 1 struct a 8 4 struct a\nfield in 0 0 #2 struct b\nfield n 32 0 i32 int\n"
	  "type 2 struct b 4 4 struct b\nfield i 0 0 i32 int\n",
	  TAKES("*#1") "type 1 struct a 12 4 struct a\nfield in 0 0 #2 struct b\nfield n 64 0 i32 int\n"
	  "type 2 struct b 8 4 struct b\nfield i 0 0 i32 int\nfield j 32 0 i32 int\n",
	  "f: struct b differs: field j is int at offset 4 in the module, missing in the host\n"
	  "    reached by f: struct a, field in, struct b\n" },
	{ TAKES("*#1") "type 1 struct a 8 8 struct a\nfield in 0 0 #2 struct b\n"
	  "type 2 struct b 8 8 struct b\nfield i 0 0 i32 int\n",
	  TAKES("*#1") "type 1 struct a 4 4 struct a\nfield in 0 0 #2 struct b\n"
	  "type 2 struct b 4 4 struct b\nfield i 0 0 i32 int\n",
	  "f: struct b differs: it has 8 bytes in the host, 4 in the module\n    reached by f: struct a, field in, struct b\n" },
	/* Types that contain themselves */
	{ TAKES("*#1") "type 1 struct node 16 8 struct node\nfield next 0 0 *#1 struct node *\nfield n 64 0 i32 int\n",
	  TAKES("*#1") "type 1 struct node 16 8 struct node\nfield next 0 0 *#1 struct node *\nfield n 64 0 u32 unsigned int\n",
	  "f: struct node differs: field n is int in the host, unsigned int in the module\n    host" },
	/* No fault of anyone's but the hash's */
	{ TAKES("i8"), TAKES("i8"), "f: its fingerprints differ, but nothing that they are made of\n" },
	/* There or not there */
	{ TAKES("i8"), "", "f: the host calls it, and the module doesn't have it\n    host    void f(x)\n  build both" },
	{ "", "import g - @ (v) void g(void)\n", "g: the module calls it, and the host doesn't have it\n    module  void g(void)\n" },
	{ "export g - = (v) void g(void)\n", "import g - = (v) void g(void)\n",
	  "g: it is an export of the module in the host, an import in the module\n" },
	{ "import g - = (v) void g(void)\n", "export g - = (v) void g(void)\n",
	  "g: it is an import of the module in the host, an export in the module\n" },
	{ "import g - @ (v) void g(void)\n", "import g - @ (b) bool g(void)\n", "g: the result is void in the host, bool in the module\n" },
	{ "main main - @ (i32) int\n", "main main - @ (f64) double\n",
	  "main: the result is signed 32-bit integer in the host, double in the module\n    host    int\n    module  double\n" },
};

START_TEST(each_difference_is_named)
{
	struct relib_error error;
	char expected[1024];

	ck_assert_int_eq(match(differences[_i].host, differences[_i].module, &error), RELIB_WRONG_INTERFACE);
	snprintf(expected, sizeof(expected), "libgame.so does not fit this host\n  %s", differences[_i].says);
	ck_assert_msg(!strncmp(error.message, expected, strlen(expected)), "expected:\n%s\nis:\n%s", expected, error.message);
	ck_assert_ptr_nonnull(strstr(error.message, "\n  build both against the same game.h"));
	ck_assert_int_eq(error.code, RELIB_WRONG_INTERFACE);
}
END_TEST

/* The other way round the same function is named; what only one side has may be an addition then. */
START_TEST(other_way_round)
{
	const char *host = differences[_i].module, *module = differences[_i].host;
	struct relib_error error;
	char expected[128];

	if (!*host || !*module) {
		ck_assert_msg(match(host, module, &error) == RELIB_OK, "%s", error.message);
		return;
	}
	ck_assert_int_eq(match(host, module, &error), RELIB_WRONG_INTERFACE);
	snprintf(expected, sizeof(expected), "libgame.so does not fit this host\n  %.*s",
		 (int)strcspn(differences[_i].says, ":"), differences[_i].says);
	ck_assert_msg(!strncmp(error.message, expected, strlen(expected)), "%s", error.message);
}
END_TEST

START_TEST(the_whole_message)
{
	struct relib_error error;

	match("export game_update - @ (i32,*#1,f64) int32_t game_update(struct vec3 *position, double seconds)\n" VEC3
	      "field z 64 0 f32 float\n",
	      "export game_update - @ (i32,*#1,f64) int32_t game_update(struct vec3 *position, double seconds)\n" VEC3, &error);
	ck_assert_str_eq(error.message,
			 "libgame.so does not fit this host\n"
			 "  game_update: struct vec3 differs: field z is float at offset 8 in the host, missing in the module\n"
			 "    host    int32_t game_update(struct vec3 *position, double seconds)\n"
			 "    module  int32_t game_update(struct vec3 *position, double seconds)\n"
			 "  build both against the same game.h");
}
END_TEST

static const struct {
	const char *host, *module;
} fitting[] = {
	{ "", "" },
	/* Order, parameter names, names of typedefs, and what nobody uses */
	{ "export f - = (v,i32) void f(int a)\nexport g - = (v) void g(void)\n",
	  "export g - = (v) void g(void)\nexport f - = (v,i32) void f(int32_t b)\n" },
	{ "export f - = (v,*#1) void f(struct a *)\ntype 1 struct a 0 0 struct a\n",
	  "export f - = (v,*#2) void f(struct a *)\ntype 1 struct b 4 4 struct b\nfield i 0 0 i32 int\ntype 2 struct a 0 0 struct a\n" },
	/* Additions on the side that may have them */
	{ "export f - = (v) void f(void)\n", "export f - = (v) void f(void)\nexport more - @ (v) void more(void)\n" },
	{ "import g - = (v) void g(void)\nimport more - @ (v) void more(void)\n", "import g - = (v) void g(void)\n" },
	{ "export f - = (v) void f(void)\nexport new optional @ (v) void new(void)\n", "export f - = (v) void f(void)\n" },
	{ "export f optional = (v) void f(void)\n", "export f - = (v) void f(void)\n" },
	{ "export f - = (v) void f(void)\n", "export f optional = (v) void f(void)\n" },
	{ "main main - @ (i32) int\n", "" },
	{ "", "main main - @ (i32) int\n" },
	{ "main main - = (i32) int\n", "main main - = (i32) int\n" },
};

START_TEST(what_does_not_matter_fits)
{
	struct relib_error error;

	ck_assert_msg(match(fitting[_i].host, fitting[_i].module, &error) == RELIB_OK, "%s", error.message);
	ck_assert_str_eq(error.message, "");
}
END_TEST

START_TEST(optional_but_different)
{
	struct relib_error error;

	ck_assert_int_eq(match("export f optional @ (v) void f(void)\n", "export f - @ (b) bool f(void)\n", &error),
			 RELIB_WRONG_INTERFACE);
}
END_TEST

START_TEST(extra_exports_can_be_refused)
{
	struct relib_error error;
	const char *more = "export one - = (v) void one(void)\nexport two - = (v) void two(void)\nimport g - = (v) void g(void)\n";
	const char *host = "export one - = (v) void one(void)\nimport g - = (v) void g(void)\n";

	ck_assert_int_eq(match_strictly(more, host, true, &error), RELIB_WRONG_INTERFACE);
	ck_assert_ptr_null(strstr(error.message, "refuse_extra_exports"));
	ck_assert_int_eq(match_strictly(host, more, false, &error), RELIB_OK);
	ck_assert_int_eq(match_strictly(host, host, true, &error), RELIB_OK);
	ck_assert_int_eq(match_strictly(host, more, true, &error), RELIB_WRONG_INTERFACE);
	ck_assert_str_eq(error.message, "libgame.so does not fit this host\n"
					"  two: the module exports it, and the host doesn't know it\n"
					"    module  void two(void)\n"
					"  build the module against the host's game.h, or load it without refuse_extra_exports");
}
END_TEST

/* Up to 2047 bytes: the first functions in full, the number of the others, and the advice. */
START_TEST(many_differences_in_one_message)
{
	enum { FUNCTIONS = 500 };
	char *host = calloc(FUNCTIONS, 64), *module = calloc(FUNCTIONS, 64), *h = host, *m = module;
	struct relib_error error;
	unsigned more = 0, named = 0;

	for (int i = 0; i < FUNCTIONS; i++) {
		h += sprintf(h, "export f%d - @ (i32) int f%d(void)\n", i, i);
		m += sprintf(m, "export f%d - @ (i64) long f%d(void)\n", i, i);
	}
	ck_assert_int_eq(match(host, module, &error), RELIB_WRONG_INTERFACE);
	for (const char *at = error.message; (at = strstr(at, "the result is")); at++)
		named++;
	ck_assert_ptr_nonnull(strstr(error.message, "  f0: "));
	ck_assert_int_eq(sscanf(strstr(error.message, "\n  and "), "\n  and %u more functions differ\n  build both", &more), 1);
	ck_assert_uint_ge(named, 5);
	ck_assert_uint_eq(named + more, FUNCTIONS);
	ck_assert_ptr_nonnull(strstr(error.message, "\n  build both against the same game.h"));
	free(host);
	free(module);
}
END_TEST

/* However long the words are, the message keeps its form and says both sides. */
START_TEST(long_words_are_cut)
{
	char *host, *module, label[3000];
	struct relib_error error;

	for (size_t i = 0; i + 2 < sizeof(label); i += 2)
		memcpy(label + i, "\xc3\xa9", 3);
	ck_assert_int_gt(asprintf(&host, "export %s - @ (v,*#1) %s\ntype 1 struct - 8 8 %s\n", label, label, label), 0);
	ck_assert_int_gt(asprintf(&module, "export %s - @ (v,*u8) %s\n", label, label), 0);
	ck_assert_int_eq(match(host, module, &error), RELIB_WRONG_INTERFACE);
	ck_assert_ptr_nonnull(strstr(error.message, "... in the host, pointer to unsigned 8-bit integer in the module\n    host  "));
	ck_assert_ptr_nonnull(strstr(error.message, "...\n    module  "));
	ck_assert_ptr_nonnull(strstr(error.message, "...\n  build both against the same game.h"));
	ck_assert_ptr_null(strstr(error.message, "\xc3.")); /* no letter is cut in two */
	free(host);
	free(module);
}
END_TEST

/* A chain of structs, each by pointer in the one before, that differ in the last. */
static char *chain(unsigned length, const char *last)
{
	char *text = calloc(length + 2, 96), *at = text + sprintf(text, TAKES("*#1"));

	ck_assert_ptr_nonnull(text);
	for (unsigned i = 1; i < length; i++)
		at += sprintf(at, "type %u struct s%u 8 8 struct s%u\nfield next%u 0 0 *#%u struct s%u *\n", i, i, i, i, i + 1, i + 1);
	sprintf(at, "type %u struct s%u 8 8 struct s%u\nfield last 0 0 %s\n", length, length, length, last);
	return text;
}

START_TEST(deep_types_neither_hang_nor_overflow)
{
	char *host = chain(100000, "i64 long"), *module = chain(100000, "f64 double");
	struct relib_error error;

	ck_assert_int_eq(match(host, module, &error), RELIB_WRONG_INTERFACE);
	ck_assert_ptr_nonnull(strstr(error.message, "f: struct s100000 differs: field last is long in the host, double in the module\n"
						    "    reached by f: struct s1, field next1, struct s2, field next2, struct s3, ..., "
						    "field next99997, struct s99998, field next99998, struct s99999, "
						    "field next99999, struct s100000\n"));
	free(host);
	free(module);
}
END_TEST

START_TEST(a_way_of_five_is_told_whole)
{
	char *host = chain(5, "i64 long"), *module = chain(5, "f64 double");
	struct relib_error error;

	match(host, module, &error);
	ck_assert_ptr_nonnull(strstr(error.message, "    reached by f: struct s1, field next1, struct s2, field next2, struct s3, "
						    "field next3, struct s4, field next4, struct s5\n"));
	free(host);
	free(module);
}
END_TEST

/* Damage: what, and in which line */

static char nested_type[RELIB_TYPE_DEPTH + 80];

static const struct {
	const char *text;
	unsigned line;
	const char *what;
} damages[] = {
#define H "relib interface 1 game\n"
#define X "export f - 0123456789abcdef "
	{ "", 1, "no end" },
	{ "relib\n", 1, "lacks a part" },
	{ "relib interface 1\n", 1, "lacks a part" },
	{ "relib interface 1 \n", 1, "lacks a part" },
	{ "relib interface 1 game", 1, "has no end" },
	{ "relib interface 1 a game\nend\n", 1, "a part too many" },
	{ "relib interface 1 9game\nend\n", 1, "a name that is none" },
	{ "relax interface 1 game\nend\n", 1, "begin" },
	{ H, 2, "has no end" },
	{ H "end", 2, "has no end" },
	{ H "end\nend\n", 2, "follows its end" },
	{ H "\nend\n", 2, "lacks a part" },
	{ H "begin x\nend\n", 2, "of no kind" },
	{ H " end\nend\n", 2, "lacks a part" },
	{ H X "(v) void\tf(void)\nend\n", 2, "control character" },
	{ H X "(v) void \x7f\nend\n", 2, "control character" },
	{ H X "(v)\nend\n", 2, "lacks a part" },
	{ H X "(v) \nend\n", 2, "lacks a part" },
	{ H X "(v)  x\nend\n", 2, "lacks a part" },
	{ H "export f - 0123456789abcde (v) x\nend\n", 2, "fingerprint" },
	{ H "export f - 0123456789abcdeF (v) x\nend\n", 2, "fingerprint" },
	{ H "export f maybe 0123456789abcdef (v) x\nend\n", 2, "flag" },
	{ H "import f optional 0123456789abcdef (v) x\nend\n", 2, "flag" },
	{ H "export 1f - 0123456789abcdef (v) x\nend\n", 2, "a name that is none" },
	{ H X "(v) x\n" X "(v) x\nend\n", 3, "twice" },
	{ H X "(v) x\nimport f - 0123456789abcdef (v) x\nend\n", 0, "twice" },
	{ H "main start - 0123456789abcdef (v) x\nend\n", 2, "a name that is none" },
	{ H "main main - 0123456789abcdef (i8,i8) x\nend\n", 2, "main has parameters" },
	{ H "main main - 0123456789abcdef (i8) x\nmain main - 0123456789abcdef (i8) x\nend\n", 3, "second main" },
	{ H "type 1 struct a 4 4 struct a\n" X "(v) x\nend\n", 3, "after a type" },
	{ H X "i8 x\nend\n", 2, "isn't one" },
	{ H X "(v x\nend\n", 2, "doesn't end" },
	{ H X "(v,) x\nend\n", 2, "unknown" },
	{ H X "() x\nend\n", 2, "unknown" },
	{ H X "(v,...,i8) x\nend\n", 2, "doesn't end" },
	{ H X "(v,?,i8) x\nend\n", 2, "doesn't end" },
	{ H X "(v)v x\nend\n", 2, "follows a type" },
	{ H X "(v,* x\nend\n", 2, "too early" },
	{ H X "(v,[4i8) x\nend\n", 2, "array doesn't end" },
	{ H X "(v,[04]i8) x\nend\n", 2, "lacks a number" },
	{ H X "(v,[-4]i8) x\nend\n", 2, "lacks a number" },
	{ H X "(v,<>i8) x\nend\n", 2, "lacks a number" },
	{ H X "(v,<4]i8) x\nend\n", 2, "vector doesn't end" },
	{ H X "(v,[99999999999999999999]i8) x\nend\n", 2, "too large" },
	{ H X "(v,i7) x\nend\n", 2, "unknown" },
	{ H X "(v,i) x\nend\n", 2, "unknown" },
	{ H X "(v,i32x) x\nend\n", 2, "unknown" },
	{ H X "(v,#1) x\nend\n", 2, "no type has" },
	{ H X "(v,#0) x\ntype 1 struct a 4 4 a\nend\n", 2, "no type has" },
	{ H X "(v,#4294967297) x\ntype 1 struct a 4 4 a\nend\n", 2, "no type has" },
	{ H X "(v,#) x\ntype 1 struct a 4 4 a\nend\n", 2, "no type has" },
	{ H "type 2 struct a 4 4 a\nend\n", 2, "out of order" },
	{ H "type 1 struct a 4 4 a\ntype 1 struct a 4 4 a\nend\n", 3, "out of order" },
	{ H "type 01 struct a 4 4 a\nend\n", 2, "a number that is none" },
	{ H "type 1 class a 4 4 a\nend\n", 2, "a kind of type" },
	{ H "type 1 struct a,b 4 4 a\nend\n", 2, "a name that is none" },
	{ H "type 1 struct a 4x 4 a\nend\n", 2, "a number that is none" },
	{ H "type 1 struct a 18446744073709551616 4 a\nend\n", 2, "too large" },
	{ H "type 1 struct a 4 3 a\nend\n", 2, "an alignment" },
	{ H "type 1 struct a 4 0 a\nend\n", 2, "opaque" },
	{ H "type 1 struct a 4 4\nend\n", 2, "lacks a part" },
	{ H "type 1 struct a 0 0 a\nfield x 0 0 i8 char\nend\n", 3, "not of the type above it" },
	{ H "field x 0 0 i8 char\nend\n", 2, "not of the type above it" },
	{ H "type 1 struct a 4 4 a\nfield x -1 0 i8 char\nend\n", 3, "a number that is none" },
	{ H "type 1 struct a 4 4 a\nfield x 0 4294967296 i8 char\nend\n", 3, "too large" },
	{ H "type 1 struct a 4 4 a\nfield x 0 0 #2 char\nend\n", 3, "no type has" },
	{ H "type 1 struct a 4 4 a\nfield x 0 0 i8\nend\n", 3, "lacks a part" },
	{ H "type 1 struct a 4 4 a\nvalue x 0\nend\n", 3, "not of the type above it" },
	{ H "type 1 struct a 4 4 a\nbase i8 char\nend\n", 3, "not of the type above it" },
	{ H "type 1 enum a 4 4 a\nend\n", 2, "no base" },
	{ H "type 1 enum a 4 4 a\nvalue x 0\nend\n", 3, "out of order" },
	{ H "type 1 enum a 4 4 a\nbase i8 char\nbase i8 char\nend\n", 4, "out of order" },
	{ H "type 1 enum a 4 4 a\nbase i99 char\nend\n", 3, "unknown" },
	{ H "type 1 enum a 4 4 a\nbase i8 char\nvalue - 0\nend\n", 4, "a name that is none" },
	{ H "type 1 enum a 4 4 a\nbase i8 char\nvalue x 0x1\nend\n", 4, "a number that is none" },
	{ H "type 1 enum a 4 4 a\nbase i8 char\nvalue x -\nend\n", 4, "a number that is none" },
	{ H "type 1 enum a 4 4 a\nbase i8 char\nvalue x -0\nend\n", 4, "a number that is none" },
	{ H "type 1 enum a 4 4 a\nbase i8 char\nvalue x -9223372036854775809\nend\n", 4, "too large" },
	{ H "type 1 enum a 4 4 a\nbase i8 char\nvalue x 1 2\nend\n", 4, "a part too many" },
	{ nested_type, 2, "nested too deep" },
#undef X
#undef H
};

START_TEST(damage_is_named)
{
	struct relib_description description;
	struct relib_damage damage;
	const char *text = damages[_i].text;
	char *copy = strdup(text); /* so that sanitizers see its end */

	ck_assert_msg(relib_description_parse(&description, copy, strlen(text) + 1, false, &damage) == RELIB_PARSE_DAMAGED, "%s", text);
	ck_assert_msg(strstr(damage.what, damages[_i].what), "%s\nsays: %s", text, damage.what);
	if (damages[_i].line)
		ck_assert_msg(damage.line == damages[_i].line, "%s\nsays: line %u", text, damage.line);
	free(copy);
}
END_TEST

START_TEST(a_text_has_one_nul_at_its_end)
{
	struct relib_description description;
	struct relib_damage damage;
	static const char text[] = "relib interface 1 game\nend\n", cut[] = "relib interface 1 game\nend\n\0";

	ck_assert_int_eq(relib_description_parse(&description, text, 0, false, &damage), RELIB_PARSE_DAMAGED);
	ck_assert_int_eq(relib_description_parse(&description, text, sizeof(text) - 1, false, &damage), RELIB_PARSE_DAMAGED);
	ck_assert_int_eq(relib_description_parse(&description, cut, sizeof(cut), false, &damage), RELIB_PARSE_DAMAGED);
	ck_assert_int_eq(relib_description_parse(&description, text, sizeof(text), false, &damage), RELIB_PARSED);
	relib_description_free(&description);
}
END_TEST

START_TEST(a_later_format_is_not_damage)
{
	struct relib_description description;
	struct relib_damage damage;
	static const char text[] = "relib interface 2 game\nsomething new\n";

	ck_assert_int_eq(relib_description_parse(&description, text, sizeof(text), false, &damage), RELIB_PARSE_VERSION);
}
END_TEST

START_TEST(too_long_is_refused)
{
	size_t size = RELIB_DESCRIPTION_MAX + 1;
	char *text = calloc(size, 1);
	struct relib_description description;
	struct relib_damage damage;

	ck_assert_int_eq(relib_description_parse(&description, text, size, false, &damage), RELIB_PARSE_DAMAGED);
	ck_assert_str_eq(damage.what, "it is too long");
	free(text);
}
END_TEST

START_TEST(binding_joins_by_name)
{
	char *host_text = expand("export a - = (v) x\nexport b optional = (v) x\nexport c - = (v) x\n"
				 "import p - = (v) x\nimport q - = (v) x\n", '1');
	char *module_text = expand("import q - = (v) x\nexport c - = (v) x\nmain main - = (v) x\nexport more - = (v) x\n"
				   "export a - = (v) x\n", '2');
	struct relib_bindings bindings = { .count = 1 };
	struct relib_binding *binding = bindings.list;
	struct relib_description host, module;

	parse(&host, host_text);
	parse(&module, module_text);
	ck_assert(relib_interface_bind(binding, &host, &module));
	relib_description_free(&host);
	relib_description_free(&module);
	free(host_text);
	free(module_text);
	/* What follows must not need the texts any more. */
	ck_assert_uint_eq(binding->module_exports, 3);
	ck_assert_uint_eq(binding->module_imports, 1);
	ck_assert_uint_eq(binding->export_of[0], 2);
	ck_assert_uint_eq(binding->export_of[1], RELIB_NO_INDEX);
	ck_assert_uint_eq(binding->export_of[2], 0);
	ck_assert_uint_eq(binding->import_of[0], 1);
	ck_assert_str_eq(binding->export_names[0], "a");
	ck_assert_str_eq(binding->export_names[1], "b");
	ck_assert_str_eq(binding->export_names[2], "c");
	ck_assert_str_eq(binding->import_names[0], "q");
	relib_bindings_free(&bindings);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int main(void)
{
	Suite *suite = suite_create("interface");
	TCase *words = tcase_create("words"), *damage = tcase_create("damage");

	sprintf(nested_type, "relib interface 1 game\nexport f - 0123456789abcdef (v,%0*di8) x\nend\n", RELIB_TYPE_DEPTH, 0);
	for (char *zero = strstr(nested_type, "(v,") + 3; *zero == '0'; zero++)
		*zero = '*';
	tcase_add_loop_test(words, each_difference_is_named, 0, COUNT(differences));
	tcase_add_loop_test(words, other_way_round, 0, COUNT(differences));
	tcase_add_loop_test(words, what_does_not_matter_fits, 0, COUNT(fitting));
	tcase_add_test(words, the_whole_message);
	tcase_add_test(words, optional_but_different);
	tcase_add_test(words, extra_exports_can_be_refused);
	tcase_add_test(words, many_differences_in_one_message);
	tcase_add_test(words, long_words_are_cut);
	tcase_add_test(words, deep_types_neither_hang_nor_overflow);
	tcase_add_test(words, a_way_of_five_is_told_whole);
	tcase_add_test(words, binding_joins_by_name);
	tcase_add_loop_test(damage, damage_is_named, 0, COUNT(damages));
	tcase_add_test(damage, a_text_has_one_nul_at_its_end);
	tcase_add_test(damage, a_later_format_is_not_damage);
	tcase_add_test(damage, too_long_is_refused);
	suite_add_tcase(suite, words);
	suite_add_tcase(suite, damage);
	return run_suite(suite);
}
