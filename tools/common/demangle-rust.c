/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Rust's own mangling, "v0" (RFC 2603): a small language, read by recursive descent. */
#include "demangle-rust.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MOST 64 /* of a name that was made to be deep */

struct reader {
	const char *start; /* behind _R: back references count from here */
	const char *at;
	char *out;
	size_t size, used;
	unsigned depth;
	unsigned silent; /* what is read now is not part of the name as people write it */
	bool wrong;
};

static void read_path(struct reader *reader);
static void read_type(struct reader *reader);

static void put_bytes(struct reader *reader, const char *text, size_t length)
{
	if (reader->silent || reader->wrong)
		return;
	if (reader->used + length + 1 > reader->size) {
		reader->wrong = true;
		return;
	}
	memcpy(reader->out + reader->used, text, length);
	reader->used += length;
	reader->out[reader->used] = '\0';
}

static void put(struct reader *reader, const char *text)
{
	put_bytes(reader, text, strlen(text));
}

static bool take(struct reader *reader, char letter)
{
	if (reader->wrong || *reader->at != letter)
		return false;
	reader->at++;
	return true;
}

/* Digits and letters up to an underscore; "_" alone is 0, and every other number is one more than it says. */
static uint64_t read_base62(struct reader *reader)
{
	uint64_t number = 0;

	if (take(reader, '_'))
		return 0;
	while (!take(reader, '_')) {
		char c = *reader->at;
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'z')
			digit = (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'Z')
			digit = (unsigned)(c - 'A') + 36;
		else
			reader->wrong = true;
		if (reader->wrong || __builtin_mul_overflow(number, 62u, &number) ||
		    __builtin_add_overflow(number, digit, &number)) {
			reader->wrong = true;
			return 0;
		}
		reader->at++;
	}
	return number + 1;
}

static uint64_t read_disambiguator(struct reader *reader)
{
	return take(reader, 's') ? read_base62(reader) + 1 : 0;
}

/* Names that are not ASCII stay in their Punycode. */
static void read_name(struct reader *reader)
{
	size_t length = 0;

	take(reader, 'u');
	if (*reader->at < '0' || *reader->at > '9')
		reader->wrong = true;
	while (!reader->wrong && *reader->at >= '0' && *reader->at <= '9' && length < 100000)
		length = length * 10 + (size_t)(*reader->at++ - '0');
	take(reader, '_');
	if (reader->wrong || strnlen(reader->at, length) < length) {
		reader->wrong = true;
		return;
	}
	put_bytes(reader, reader->at, length);
	reader->at += length;
}

/* The same once more, from an earlier place. */
static void read_again(struct reader *reader, void (*read)(struct reader *))
{
	const char *here = reader->at - 1;
	uint64_t place = read_base62(reader);
	const char *behind = reader->at;

	if (reader->wrong || place >= (uint64_t)(here - reader->start)) {
		reader->wrong = true;
		return;
	}
	if (reader->silent)
		return; /* it would only be read */
	reader->at = reader->start + place;
	read(reader);
	reader->at = behind;
}

static void read_const(struct reader *reader)
{
	if (take(reader, 'p')) {
		put(reader, "_");
		return;
	}
	if (take(reader, 'B')) {
		read_again(reader, read_const);
		return;
	}
	reader->silent++;
	read_type(reader);
	reader->silent--;
	if (take(reader, 'n'))
		put(reader, "-");
	put(reader, "0x");
	while (!reader->wrong && *reader->at && *reader->at != '_')
		put_bytes(reader, reader->at++, 1);
	reader->wrong |= !take(reader, '_');
}

static void read_arguments(struct reader *reader)
{
	bool first = true;

	put(reader, "<");
	while (!reader->wrong && !take(reader, 'E')) {
		if (take(reader, 'L')) {
			read_base62(reader);
			continue;
		}
		if (!first)
			put(reader, ", ");
		first = false;
		if (take(reader, 'K'))
			read_const(reader);
		else
			read_type(reader);
	}
	put(reader, ">");
}

/* Where an implementation is doesn't belong to its name. */
static void skip_implementation(struct reader *reader)
{
	reader->silent++;
	read_disambiguator(reader);
	read_path(reader);
	reader->silent--;
}

static void read_nested(struct reader *reader)
{
	char space = *reader->at, number[40];
	uint64_t index;

	if (!space) {
		reader->wrong = true;
		return;
	}
	reader->at++;
	read_path(reader);
	index = read_disambiguator(reader);
	put(reader, "::");
	if (space == 'C' || space == 'S') {
		put(reader, space == 'C' ? "{closure" : "{shim:");
		read_name(reader);
		snprintf(number, sizeof(number), "#%ju}", (uintmax_t)index);
		put(reader, number);
	} else {
		read_name(reader);
	}
}

static void read_path(struct reader *reader)
{
	if (++reader->depth > DEPTH_MOST)
		reader->wrong = true;
	if (take(reader, 'C')) {
		read_disambiguator(reader);
		read_name(reader);
	} else if (take(reader, 'N')) {
		read_nested(reader);
	} else if (take(reader, 'M')) {
		skip_implementation(reader);
		put(reader, "<");
		read_type(reader);
		put(reader, ">");
	} else if (take(reader, 'X') || take(reader, 'Y')) {
		if (reader->at[-1] == 'X')
			skip_implementation(reader);
		put(reader, "<");
		read_type(reader);
		put(reader, " as ");
		read_path(reader);
		put(reader, ">");
	} else if (take(reader, 'I')) {
		read_path(reader);
		read_arguments(reader);
	} else if (take(reader, 'B')) {
		read_again(reader, read_path);
	} else {
		reader->wrong = true;
	}
	reader->depth--;
}

static void read_lifetime(struct reader *reader)
{
	if (take(reader, 'L'))
		read_base62(reader);
}

static void read_list(struct reader *reader, const char *open, const char *close)
{
	bool first = true;

	put(reader, open);
	while (!reader->wrong && !take(reader, 'E')) {
		if (!first)
			put(reader, ", ");
		first = false;
		read_type(reader);
	}
	put(reader, close);
}

static void read_function_type(struct reader *reader)
{
	if (take(reader, 'G'))
		read_base62(reader);
	take(reader, 'U');
	if (take(reader, 'K') && !take(reader, 'C')) {
		reader->silent++;
		read_name(reader);
		reader->silent--;
	}
	read_list(reader, "fn(", ")");
	put(reader, " -> ");
	read_type(reader);
}

static void read_dynamic(struct reader *reader)
{
	bool first = true;

	put(reader, "dyn ");
	if (take(reader, 'G'))
		read_base62(reader);
	while (!reader->wrong && !take(reader, 'E')) {
		if (!first)
			put(reader, " + ");
		first = false;
		read_path(reader);
		reader->silent++;
		while (take(reader, 'p')) { /* `Iterator<Item = u8>`: too long for a name */
			read_name(reader);
			read_type(reader);
		}
		reader->silent--;
	}
	read_lifetime(reader);
}

static const char *basic_type(char letter)
{
	static const char *const names[26] = {
		['a' - 'a'] = "i8", ['b' - 'a'] = "bool", ['c' - 'a'] = "char", ['d' - 'a'] = "f64", ['e' - 'a'] = "str",
		['f' - 'a'] = "f32", ['h' - 'a'] = "u8", ['i' - 'a'] = "isize", ['j' - 'a'] = "usize", ['l' - 'a'] = "i32",
		['m' - 'a'] = "u32", ['n' - 'a'] = "i128", ['o' - 'a'] = "u128", ['p' - 'a'] = "_", ['s' - 'a'] = "i16",
		['t' - 'a'] = "u16", ['u' - 'a'] = "()", ['v' - 'a'] = "...", ['x' - 'a'] = "i64", ['y' - 'a'] = "u64",
		['z' - 'a'] = "!",
	};

	return letter >= 'a' && letter <= 'z' ? names[letter - 'a'] : NULL;
}

/* `&`, `&mut`, `*const` and `*mut` of a type; false when it is none of them. */
static bool read_pointer(struct reader *reader)
{
	static const char letters[] = "RQPO";
	static const char *const texts[] = { "&", "&mut ", "*const ", "*mut " };
	const char *found = *reader->at ? strchr(letters, *reader->at) : NULL;

	if (!found)
		return false;
	reader->at++;
	put(reader, texts[found - letters]);
	if (found < letters + 2)
		read_lifetime(reader);
	read_type(reader);
	return true;
}

static void read_array(struct reader *reader, bool sized)
{
	put(reader, "[");
	read_type(reader);
	if (sized) {
		put(reader, "; ");
		read_const(reader);
	}
	put(reader, "]");
}

static void read_type(struct reader *reader)
{
	const char *basic = basic_type(*reader->at);

	if (reader->wrong || ++reader->depth > DEPTH_MOST) {
		reader->wrong = true;
		return;
	}
	if (basic) {
		reader->at++;
		put(reader, basic);
	} else if (take(reader, 'A')) {
		read_array(reader, true);
	} else if (take(reader, 'S')) {
		read_array(reader, false);
	} else if (take(reader, 'T')) {
		read_list(reader, "(", ")");
	} else if (take(reader, 'F')) {
		read_function_type(reader);
	} else if (take(reader, 'D')) {
		read_dynamic(reader);
	} else if (take(reader, 'B')) {
		read_again(reader, read_type);
	} else if (!read_pointer(reader)) {
		read_path(reader);
	}
	reader->depth--;
}

bool relib_demangle_rust(const char *name, char *out, size_t size)
{
	struct reader reader = { .start = name + 2, .at = name + 2, .out = out, .size = size };

	if (strncmp(name, "_R", 2) != 0 || !size || strlen(name) > 10000)
		return false;
	read_path(&reader);
	/* the crate that made it may follow, and what a linker adds */
	return !reader.wrong && reader.used && (!*reader.at || strchr("CNMXYIB.$", *reader.at));
}
