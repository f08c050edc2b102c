/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* One error that names all functions that don't fit: the first in full, as many as there is room for. */
#include <stdio.h>
#include <string.h>

#include "description.h"
#include "internal.h"

/* These see to it that the first function always has room. */
#define SHOWN_MAX 240
#define NAME_MAX_SHOWN 100
#define SIGNATURE_MAX 240
#define PATH_MAX_SHOWN 240
#define TAIL_MAX 240

static void begin(struct relib_misfits *misfits)
{
	size_t length = strlen(misfits->shown);

	relib_fail(misfits->error, RELIB_WRONG_INTERFACE, "%s%s does not fit this host", length > SHOWN_MAX ? "..." : "",
		   length > SHOWN_MAX ? misfits->shown + length - SHOWN_MAX : misfits->shown);
}

bool relib_misfits_has_room(const struct relib_misfits *misfits)
{
	return misfits->named == misfits->count;
}

static int add_signature(char *into, size_t size, const char *whose, const struct relib_described_function *function)
{
	struct relib_words words = { .limit = SIGNATURE_MAX };

	if (!function)
		return 0;
	relib_words_add(&words, "%.*s", RELIB_SPAN(function->signature));
	return snprintf(into, size, "\n    %-6s  %s", whose, words.text);
}

void relib_misfits_add(struct relib_misfits *misfits, struct relib_span name, const char *what, const char *path,
		       const struct relib_described_function *host, const struct relib_described_function *module)
{
	struct relib_words shown_name = { .limit = NAME_MAX_SHOWN }, shown_path = { .limit = PATH_MAX_SHOWN };
	char block[sizeof(misfits->error->message)];
	int length;

	if (!misfits->count)
		begin(misfits);
	if (misfits->named != misfits->count++)
		return;
	relib_words_add(&shown_name, "%.*s", RELIB_SPAN(name));
	length = snprintf(block, sizeof(block), "\n  %s: %s", shown_name.text, what);
	if (*path) {
		relib_words_add(&shown_path, "%s", path);
		length += snprintf(block + length, sizeof(block) - (size_t)length, "\n    reached by %s: %s", shown_name.text,
				   shown_path.text);
	}
	length += add_signature(block + length, sizeof(block) - (size_t)length, "host", host);
	length += add_signature(block + length, sizeof(block) - (size_t)length, "module", module);
	if (strlen(misfits->error->message) + (size_t)length + TAIL_MAX > sizeof(misfits->error->message))
		return;
	relib_add(misfits->error, "%s", block);
	misfits->named++;
}

enum relib_code relib_misfits_finish(struct relib_misfits *misfits, struct relib_span interface)
{
	struct relib_words name = { .limit = NAME_MAX_SHOWN };
	uint32_t more = misfits->count - misfits->named;

	if (!misfits->count)
		return RELIB_OK;
	relib_words_add(&name, "%.*s", RELIB_SPAN(interface));
	if (more)
		relib_add(misfits->error, "\n  and %u more function%s", more, more == 1 ? " differs" : "s differ");
	if (misfits->extra_count == misfits->count)
		relib_add(misfits->error, "\n  build the module against the host's %s.h, or load it without refuse_extra_exports",
			  name.text);
	else
		relib_add(misfits->error, "\n  build both against the same %s.h", name.text);
	return RELIB_WRONG_INTERFACE;
}
