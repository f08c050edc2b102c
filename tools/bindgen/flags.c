/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Of a compiler's flags, those that say what a header means. The others may be unknown to clang, and don't matter. */
#include "bindgen.h"

#include <string.h>

static bool begins(const char *word, const char *with)
{
	return strncmp(word, with, strlen(with)) == 0;
}

/* These have their argument in the same word, or else in the next. */
static const char *const with_argument[] = {
	"-I", "-D", "-U", "-isystem", "-iquote", "-idirafter", "-iprefix", "-iwithprefixbefore", "-iwithprefix", "-isysroot",
	"-include", "-imacros", "-target", "-Xclang",
};
static const char *const ignored_with_argument[] = {
	"-o", "-MF", "-MT", "-MQ", "-x", "-L", "-l", "-Xlinker", "-Xpreprocessor", "-Xassembler", "-u", "-T", "-z", "-e",
	"-arch", "--param", "-aux-info", "-dumpbase", "-dumpdir",
};
static const char *const kept[] = {
	"-std=", "-ansi", "-m", "--sysroot", "--target=", "-nostdinc", "-nobuiltininc", "-undef", "-pthread", "-resource-dir",
	"-fsigned-char", "-funsigned-char", "-fno-signed-char", "-fno-unsigned-char", "-fshort-enums", "-fno-short-enums",
	"-fshort-wchar", "-fno-short-wchar", "-fpack-struct", "-fms-extensions", "-fplan9-extensions", "-fexceptions",
	"-ffreestanding", "-fhosted", "-fdollars-in-identifiers",
};

static const char *match(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (begins(word, list[i]))
			return list[i];
	return NULL;
}
#define MATCH(word, list) match(word, list, sizeof(list) / sizeof(*(list)))

void relib_flags_add(struct relib_arena *arena, struct relib_words *flags, char **words, int count)
{
	for (int i = 0; i < count; i++) {
		const char *found;

		if ((found = MATCH(words[i], with_argument))) {
			relib_words_add(arena, flags, words[i]);
			if (strcmp(words[i], found) == 0 && i + 1 < count)
				relib_words_add(arena, flags, words[++i]);
		} else if (begins(words[i], "-std=") && strstr(words[i], "++")) {
			continue; /* a project in C++: its interfaces are in C all the same */
		} else if ((found = MATCH(words[i], kept))) {
			relib_words_add(arena, flags, words[i]);
			if (strcmp(words[i], "--sysroot") == 0 && i + 1 < count)
				relib_words_add(arena, flags, words[++i]);
		} else if ((found = MATCH(words[i], ignored_with_argument)) && strcmp(words[i], found) == 0) {
			i++;
		}
	}
}
