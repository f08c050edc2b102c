/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Names of functions and files as people read them: short, and safe to print on a terminal. */
#include "report-name.h"
#include "report-out.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#define GAP ".."

void relib_field_clear(struct field *field)
{
	field->columns = 0;
	field->used = 0;
	field->text[0] = '\0';
}

static bool add_raw(struct field *field, const char *bytes, unsigned length)
{
	if (field->used + length + 1 > sizeof(field->text))
		return false;
	memcpy(field->text + field->used, bytes, length);
	field->used += length;
	field->text[field->used] = '\0';
	field->columns++;
	return true;
}

/* C1 controls too: some terminals take U+009B as the start of an escape sequence. */
static bool is_control(const unsigned char *s, unsigned length)
{
	return (length == 1 && (*s < 0x20 || *s == 0x7f)) || (length == 2 && *s == 0xc2 && s[1] < 0xa0);
}

void relib_field_add(struct field *field, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		unsigned length = utf8_length(s);
		bool bad = !length || is_control(s, length);

		if (!add_raw(field, bad ? "?" : (const char *)s, bad ? 1 : length))
			return;
		s += length ? length : 1;
	}
}

void relib_field_add_bytes(struct field *field, const char *text, size_t length)
{
	char copy[sizeof(field->text)];

	if (length >= sizeof(copy))
		length = sizeof(copy) - 1;
	memcpy(copy, text, length);
	copy[length] = '\0';
	relib_field_add(field, copy);
}

void relib_field_add_number(struct field *field, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			add_raw(field, ",", 1);
		add_raw(field, &digits[i], 1);
	}
}

const char *relib_field_add_size(struct field *field, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t tenths = bytes < UINT64_MAX / 10 ? bytes * 10 : bytes;
	unsigned unit = 0;

	if (bytes < 1024) {
		relib_field_add_number(field, bytes);
		return units[0];
	}
	if (tenths == bytes) { /* too large to multiply */
		tenths = bytes / 1024 * 10;
		unit++;
	}
	while (tenths >= 10240 && unit + 1 < sizeof(units) / sizeof(*units)) {
		tenths = (tenths + 512) / 1024;
		unit++;
	}
	relib_field_add_number(field, tenths / 10);
	relib_field_add(field, ".");
	relib_field_add_number(field, tenths % 10);
	return units[unit];
}

void relib_field_add_count(struct field *field, uint64_t count, const char *noun)
{
	relib_field_add_number(field, count);
	relib_field_add(field, " ");
	relib_field_add(field, noun);
	if (count != 1)
		relib_field_add(field, "s");
}

void relib_field_pad(struct field *field, unsigned columns)
{
	while (field->columns < columns && add_raw(field, " ", 1))
		;
}

const char *relib_name_of_file(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/*
 * C++ and Rust names
 *
 * A demangled name is `RETURN scope<arguments>::name<arguments>(parameters) const`. What tells a reader where he is
 * are the outermost scope and the innermost name; template arguments and parameters are what makes it long.
 */

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* "operator" as a word of its own at `name[at]`, not the middle of another. */
static bool is_operator(const char *name, size_t at)
{
	return starts(name + at, "operator") && (at == 0 || !(isalnum((unsigned char)name[at - 1]) || name[at - 1] == '_')) &&
	       !(isalnum((unsigned char)name[at + 8]) || name[at + 8] == '_');
}

/* The length of "operator<<", "operator()", "operator new[]" ... at `name`. */
static size_t operator_length(const char *name)
{
	static const char *const signs[] = { "<=>", "<<=", ">>=", "->*", "<<", ">>", "<=", ">=", "->", "&&", "||", "++", "--",
					     "()", "[]", NULL };
	size_t length = strlen("operator");

	for (const char *const *sign = signs; *sign; sign++)
		if (starts(name + length, *sign))
			return length + strlen(*sign);
	if (!name[length])
		return length;
	if (name[length] != ' ') /* `+`, `+=`; what follows in `operator+<char>` is arguments */
		return length + (name[length + 1] == '=' ? 2 : 1);
	/* new, delete, or the type of a conversion: up to the parameters */
	return length + strcspn(name + length, "(");
}

/* Where the name itself starts and ends: without the type of the result and the parameters. */
static void bounds(const char *name, size_t *start, size_t *end)
{
	static const char *const suffixes[] = { ".cold", ".part.", ".isra.", ".constprop.", ".llvm.", ".lto_priv." };
	unsigned depth = 0;
	size_t i = 0;

	*start = 0;
	while (name[i]) {
		if (is_operator(name, i)) {
			i += operator_length(name + i);
			if (depth == 0)
				break;
			continue;
		}
		if (depth == 0 && starts(name + i, "(anonymous namespace)")) {
			i += strlen("(anonymous namespace)");
			continue;
		}
		if (depth == 0 && i > *start && (name[i] == '(' || starts(name + i, " [clone")))
			break;
		if (strchr("<({[", name[i]))
			depth++;
		else if (strchr(">)}]", name[i]) && depth && !(i && name[i - 1] == '-'))
			depth--;
		else if (depth == 0 && name[i] == ' ')
			*start = i + 1;
		i++;
	}
	/* A scope may follow what looks like parameters: `f(int)::{lambda()#1}::operator()`. */
	*end = i;
	for (size_t rest = i, level = 0; name[rest]; rest++) {
		if (level == 0 && starts(name + rest, "::"))
			*end = strlen(name);
		level += strchr("(<", name[rest]) ? 1 : 0;
		level -= strchr(")>", name[rest]) && level && name[rest - 1] != '-' ? 1 : 0;
	}
	/* what gcc and clang add to the parts and copies that they make of a function */
	for (size_t suffix = 0; suffix < sizeof(suffixes) / sizeof(*suffixes); suffix++) {
		const char *found = strstr(name + *start, suffixes[suffix]);

		if (found && found > name + *start && found < name + *end)
			*end = (size_t)(found - name);
	}
	/* Rust's hash: `::h` and 16 digits */
	if (*end - *start > 19 && starts(name + *end - 19, "::h") && strspn(name + *end - 16, "0123456789abcdef") >= 16)
		*end -= 19;
}

/* Copies a name with every `<arguments>` as `<..>`, and std::string by its name. */
static void without_arguments(const char *name, size_t length, char *out, size_t size)
{
	static const char string[] = "std::__cxx11::basic_string<";
	unsigned depth = 0;
	size_t used = 0;

	for (size_t i = 0; i < length && used + 8 < size; i++) {
		if (depth == 0 && is_operator(name, i)) {
			size_t take = operator_length(name + i);

			take = take < length - i ? take : length - i;
			take = take < size - used - 8 ? take : size - used - 8;
			memcpy(out + used, name + i, take);
			used += take;
			i += take - 1;
		} else if (depth == 0 && starts(name + i, string)) {
			memcpy(out + used, "std::string", used + 20 < size ? 11 : 0);
			used += used + 20 < size ? 11 : 0;
			i += sizeof(string) - 2;
			depth = 1;
			/* its arguments vanish altogether */
			for (; depth && i + 1 < length; i++)
				depth += (name[i + 1] == '<') - (name[i + 1] == '>');
		} else if (name[i] == '<') {
			if (depth++ == 0) {
				memcpy(out + used, "<" GAP ">", 4);
				used += 4;
			}
		} else if (name[i] == '>' && depth) {
			depth--;
		} else if (depth == 0) {
			out[used++] = name[i];
		}
	}
	out[used] = '\0';
}

bool relib_starts_with_one_of(const char *text, const char *const *beginnings)
{
	while (*beginnings && !starts(text, *beginnings))
		beginnings++;
	return *beginnings != NULL;
}

static const char *const library_scopes[] = {
	"std::", "__gnu_cxx::", "alloc::", "core::", "hashbrown::", "<impl ", "operator new", "__rust_", "__rdl_", "__rg_",
	/* mangled: C++, then Rust */
	"_ZSt", "_ZNSt", "_ZNKSt", "_ZN9__gnu_cxx", "_ZNK9__gnu_cxx", "_ZN5alloc", "_ZN4core", "_ZN3std", NULL
};

/* Rust: `<alloc::vec::Vec<T> as core::clone::Clone>::clone`, but not one that the module implements. */
static bool is_library_trait(const char *name)
{
	const char *trait = strstr(name, " as "), *scope = strstr(name, "::");

	/* `<alloc::vec::Vec<T>>::push` too */
	if (*name == '<' && !trait)
		return relib_starts_with_one_of(name + 1, library_scopes);
	if (*name != '<' || !relib_starts_with_one_of(trait + 4, library_scopes))
		return false;
	return relib_starts_with_one_of(name + 1, library_scopes) || scope > trait; /* `<u8 as ..>`, `<T as ..>` */
}

bool relib_name_is_library(const char *name)
{
	size_t start = 0, end;

	if (!starts(name, "_Z") && *name != '<')
		bounds(name, &start, &end);
	return relib_starts_with_one_of(name + start, library_scopes) || is_library_trait(name);
}

bool relib_file_is_library(const char *file)
{
	static const char *const folders[] = { "/usr/include/", "/usr/lib/", "/rustc/", "/usr/src/rustc", "library/alloc/",
						"library/core/", "library/std/", NULL };

	return relib_starts_with_one_of(file, folders) || strstr(file, "/include/c++/") || strstr(file, "/rustlib/src/");
}

static unsigned count_columns(const char *text, size_t length)
{
	unsigned columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

/* The first byte of a character at or after `at`. */
static size_t at_character(const char *text, size_t at)
{
	while (((unsigned char)text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

/* Keeps both ends: `a_very_lon..he_middle`. */
static void add_middle_cut(struct field *field, const char *name, unsigned columns)
{
	size_t length = strlen(name);
	size_t keep = columns - 2, tail = keep - keep / 2;

	if (length <= columns) {
		relib_field_add(field, name);
		return;
	}
	relib_field_add_bytes(field, name, at_character(name, keep / 2));
	relib_field_add(field, GAP);
	relib_field_add(field, name + at_character(name, length - tail));
}

void relib_field_add_cut(struct field *field, const char *text, unsigned columns)
{
	struct field whole = { 0 };

	relib_field_add(&whole, text);
	if (whole.columns <= columns)
		relib_field_add(field, text);
	else
		add_middle_cut(field, whole.text, columns);
}

/* The first scope, then as many of the last as there is room for: `std::..::push_back`. */
static void add_scopes(struct field *field, const char *name, unsigned columns)
{
	const char *head_end = strstr(name, "::"), *tail = NULL, *at;
	size_t head;

	if (head_end) {
		head = (size_t)(head_end - name) + 2;
		for (at = name + strlen(name); at > head_end + 2; at--) {
			if (!starts(at, "::"))
				continue;
			if (head + 2 + strlen(at) > columns)
				break;
			tail = at;
		}
		if (tail) {
			relib_field_add_bytes(field, name, head);
			relib_field_add(field, GAP);
			relib_field_add(field, tail);
			return;
		}
		for (at = name + strlen(name); at > name; at--)
			if (starts(at, "::") && 2 + strlen(at) <= columns)
				tail = at;
		if (tail) {
			relib_field_add(field, GAP);
			relib_field_add(field, tail);
			return;
		}
	}
	add_middle_cut(field, name, columns);
}

void relib_field_add_function(struct field *field, const char *name, unsigned columns)
{
	static const char anonymous[] = "(anonymous namespace)::";
	char shorter[sizeof(field->text)];
	size_t start, end;

	bounds(name, &start, &end);
	if (starts(name + start, anonymous)) /* it is in one file, which is named beside it */
		start += sizeof(anonymous) - 1;
	if (end - start < sizeof(shorter) - 1 && (columns == 0 || count_columns(name + start, end - start) <= columns)) {
		relib_field_add_bytes(field, name + start, end - start);
		return;
	}
	without_arguments(name + start, end - start, shorter, sizeof(shorter));
	if (columns == 0 || count_columns(shorter, strlen(shorter)) <= columns)
		relib_field_add(field, shorter);
	else
		add_scopes(field, shorter, columns < 8 ? 8 : columns);
}

void relib_field_add_where(struct field *field, const struct relib_frame *frame, unsigned columns)
{
	const char *name = frame->file ? frame->file : frame->object;
	char number[24];

	if (!name)
		return;
	if (frame->file)
		snprintf(number, sizeof(number), ":%" PRIu32, frame->line);
	else
		snprintf(number, sizeof(number), "+0x%" PRIx64, frame->offset);
	name = relib_name_of_file(name);
	if (columns && strlen(name) + strlen(number) > columns && columns > strlen(number) + 4)
		add_middle_cut(field, name, columns - (unsigned)strlen(number));
	else
		relib_field_add(field, name);
	relib_field_add(field, number);
}
