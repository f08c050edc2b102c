/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The notation of types in descriptions: checked once, walked after that. */
#include <string.h>

#include "description.h"

/* Checking: nothing is believed, `end` is never passed. */

struct check {
	const char *at, *end;
	uint32_t type_count;
	const char *what;
};

static bool wrong(struct check *check, const char *what)
{
	check->what = what;
	return false;
}

static bool takes(struct check *check, char c)
{
	if (check->at == check->end || *check->at != c)
		return false;
	check->at++;
	return true;
}

static bool check_number(struct check *check, uint64_t max)
{
	const char *start = check->at;
	uint64_t number = 0;

	for (; check->at < check->end && *check->at >= '0' && *check->at <= '9'; check->at++) {
		unsigned digit = (unsigned)(*check->at - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return wrong(check, "a number in a type is too large");
		number = number * 10 + digit;
	}
	if (check->at == start || (*start == '0' && check->at - start > 1))
		return wrong(check, "a type lacks a number");
	if (number > max)
		return wrong(check, "a number in a type is too large");
	return true;
}

static const char *const base_types[] = { "v", "b", "i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128",
					  "f16", "f32", "f64", "f80", "f128", "bf16" };

static bool is_base_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static struct relib_span base_at(const char *at, const char *end)
{
	const char *start = at;

	while ((!end || at < end) && is_base_character(*at))
		at++;
	return (struct relib_span){ start, (size_t)(at - start) };
}

static bool check_base(struct check *check)
{
	struct relib_span text = base_at(check->at, check->end);

	check->at += text.length;
	for (size_t i = 0; i < sizeof(base_types) / sizeof(*base_types); i++)
		if (strlen(base_types[i]) == text.length && !memcmp(base_types[i], text.at, text.length))
			return true;
	return wrong(check, "a type is unknown");
}

static bool check_type(struct check *check, unsigned depth);

static bool check_function(struct check *check, unsigned depth)
{
	if (!check_type(check, depth))
		return false;
	while (!takes(check, ')')) {
		if (!takes(check, ','))
			return wrong(check, "the type of a function doesn't end");
		if (takes(check, '?') || (check->end - check->at >= 3 && !memcmp(check->at, "...", 3) && (check->at += 3)))
			return takes(check, ')') || wrong(check, "the type of a function doesn't end");
		if (!check_type(check, depth))
			return false;
	}
	return true;
}

static bool check_type(struct check *check, unsigned depth)
{
	for (; depth < RELIB_TYPE_DEPTH; depth++) {
		if (check->at == check->end)
			return wrong(check, "a type ends too early");
		if (takes(check, '('))
			return check_function(check, depth + 1);
		if (takes(check, '#'))
			return (check->at < check->end && *check->at != '0' && check_number(check, check->type_count)) ||
			       wrong(check, "a type has a number that no type has");
		if (takes(check, '[')) {
			if (takes(check, ']'))
				continue;
			if (!check_number(check, UINT64_MAX))
				return false;
			if (!takes(check, ']'))
				return wrong(check, "the length of an array doesn't end");
		} else if (takes(check, '<')) {
			if (!check_number(check, UINT64_MAX))
				return false;
			if (!takes(check, '>'))
				return wrong(check, "the length of a vector doesn't end");
		} else if (!takes(check, '*') && !takes(check, 'k') && !takes(check, 'q') && !takes(check, 'a') &&
			   !takes(check, 'c')) {
			return check_base(check);
		}
	}
	return wrong(check, "a type is nested too deep");
}

const char *relib_type_check(struct relib_span text, uint32_t type_count)
{
	struct check check = { text.at, text.at + text.length, type_count, NULL };

	if (check_type(&check, 0) && check.at != check.end)
		wrong(&check, "something follows a type");
	return check.what;
}

/* Walking: all of this was checked, and a space or the end of a line follows. */

static uint64_t number_at(const char **at)
{
	uint64_t number = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++)
		number = number * 10 + (uint64_t)(**at - '0');
	return number;
}

struct relib_token relib_type_next(const char **at)
{
	struct relib_token token = { .kind = RELIB_TOKEN_PREFIX, .text = { *at, 1 } };

	switch (**at) {
	case '*': case 'k': case 'q': case 'a': case 'c':
		++*at;
		break;
	case '(':
		++*at;
		token.kind = RELIB_TOKEN_FUNCTION;
		break;
	case '#':
		++*at;
		token.kind = RELIB_TOKEN_TYPE;
		token.number = number_at(at);
		break;
	case '[': case '<':
		token.kind = **at == '<' ? RELIB_TOKEN_VECTOR : (*at)[1] == ']' ? RELIB_TOKEN_OPEN : RELIB_TOKEN_ARRAY;
		++*at;
		token.number = number_at(at);
		++*at;
		break;
	default:
		token.kind = RELIB_TOKEN_BASE;
		token.text = base_at(*at, NULL);
		*at += token.text.length;
	}
	token.text.length = (size_t)(*at - token.text.at);
	return token;
}

void relib_type_skip(const char **at)
{
	unsigned open = 0;

	for (;; ++*at) {
		if (**at == '(')
			open++;
		else if (**at == ')' && open)
			open--;
		else if (**at == ')' || **at == ' ' || **at == '\n' || (**at == ',' && !open))
			return;
	}
}

uint32_t relib_type_count_parameters(const char *after_result, char *ending)
{
	uint32_t count = 0;

	*ending = ')';
	while (*after_result++ == ',') {
		if (*after_result == '.' || *after_result == '?') {
			*ending = *after_result;
			break;
		}
		relib_type_skip(&after_result);
		count++;
	}
	return count;
}
