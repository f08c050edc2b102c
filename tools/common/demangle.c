/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The name of a function as its source spells it: C++, and Rust, whose older form is dressed as C++. */
#include "demangle.h"
#include "demangle-rust.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of libstdc++, which has no header for C. */
char *__cxa_demangle(const char *name, char *buffer, size_t *length, int *status);

/* Rust ends its names in `::h` and 16 digits. */
static bool is_rust(const char *name, size_t length)
{
	return length > 19 && strncmp(name + length - 19, "::h", 3) == 0 &&
	       strspn(name + length - 16, "0123456789abcdef") == 16;
}

/* Rust writes what C++ has no letters for as `$LT$`, `$u20$` and so on, and `::` inside a name as `..`. */
static void clean_rust(char *name)
{
	static const struct { const char *code, *text; } codes[] = {
		{ "$LT$", "<" }, { "$GT$", ">" }, { "$LP$", "(" }, { "$RP$", ")" }, { "$RF$", "&" }, { "$BP$", "*" },
		{ "$C$", "," }, { "$SP$", "@" }, { "$u20$", " " }, { "$u27$", "'" }, { "$u5b$", "[" }, { "$u5d$", "]" },
		{ "$u7b$", "{" }, { "$u7d$", "}" }, { "$u7e$", "~" }, { "$u3b$", ";" }, { "$u2b$", "+" }, { "..", "::" },
	};
	const size_t count = sizeof(codes) / sizeof(*codes);
	char *from = name, *to = name;

	while (*from) {
		size_t i = 0;

		if (from[0] == '_' && from[1] == '$' && (from == name || from[-1] == ':')) {
			from++; /* only there so that the name starts with a letter */
			continue;
		}
		while (i < count && strncmp(from, codes[i].code, strlen(codes[i].code)) != 0)
			i++;
		if (i == count) {
			*to++ = *from++;
			continue;
		}
		to = stpcpy(to, codes[i].text);
		from += strlen(codes[i].code);
	}
	*to = '\0';
}

const char *relib_demangle(struct relib_arena *arena, const char *name)
{
	char *plain, *kept, rust[1024];
	size_t length;

	if (relib_demangle_rust(name, rust, sizeof(rust)))
		return relib_arena_string(arena, rust);
	if (strncmp(name, "_Z", 2) != 0 || !(plain = __cxa_demangle(name, NULL, NULL, NULL)))
		return name;
	length = strlen(plain);
	if (is_rust(plain, length)) {
		plain[length - 19] = '\0';
		clean_rust(plain);
	}
	kept = relib_arena_string(arena, plain);
	free(plain);
	return kept;
}
