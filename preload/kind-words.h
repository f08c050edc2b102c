/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What reports and options call the kinds of a ledger. */
#ifndef RELIB_KIND_WORDS_H
#define RELIB_KIND_WORDS_H

#include <relib/report.h>

struct relib_kind_words {
	const char *name; /* in JSON and in options */
	const char *heading;
	const char *noun, *nouns; /* one, and many */
	const char *released; /* of many: what was done to them */
};

/* Never NULL, also for a kind that is not known. */
const struct relib_kind_words *relib_kind_words(enum relib_kind kind);

#endif
