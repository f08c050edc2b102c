/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What reports and options call the kinds of a ledger. */
#ifndef RELIB_KIND_WORDS_H
#define RELIB_KIND_WORDS_H

#include <relib/report.h>
#include <stdbool.h>
#include <stddef.h>

struct relib_kind_words {
	const char *name; /* in JSON and in options */
	const char *heading;
	const char *noun, *nouns; /* one, and many */
	const char *released; /* of many: what was done to them */
	bool can_stay; /* has RELIB_POLICY_KEEP: nothing of it leads into the module or its memory */
};

/* Never NULL, also for a kind that is not known. */
const struct relib_kind_words *relib_kind_words(enum relib_kind kind);

/* Whether things of a kind can be treated so; false also for a policy that there isn't. */
bool relib_policy_fits(enum relib_kind kind, enum relib_policy policy);

enum relib_policy_error { RELIB_POLICY_READ, RELIB_POLICY_NO_KIND, RELIB_POLICY_NO_POLICY, RELIB_POLICY_NO_KEEP };

/* Reads "release", "keep" or "refuse" for the kind of this name, or for all kinds that have that policy, named "all". */
enum relib_policy_error relib_policy_read(const char *kind, size_t kind_length, const char *policy, size_t policy_length,
					  enum relib_policy *policies);

#endif
