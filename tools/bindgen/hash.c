/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A function's hash: FNV-1a over its name, its TYPE and the types it reaches, numbered anew. */
#include "bindgen.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hash {
	struct relib_unit *unit;
	uint64_t value;
	unsigned *numbers; /* of each type of the unit, in this function; 0: not reached yet */
	size_t *reached;
	unsigned count;
};

static void add(struct hash *hash, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash->value = (hash->value ^ (unsigned char)text[i]) * 0x100000001b3;
}

static unsigned number_of(struct hash *hash, size_t type)
{
	if (!hash->numbers[type]) {
		hash->reached[hash->count++] = type;
		hash->numbers[type] = hash->count;
	}
	return hash->numbers[type];
}

/* '#' stands in TYPE only, and nowhere else in a line. */
static void add_renumbered(struct hash *hash, const char *text)
{
	char number[16], *end;

	while (*text) {
		size_t length = strcspn(text, "#");

		add(hash, text, length);
		text += length;
		if (!*text)
			break;
		snprintf(number, sizeof(number), "#%u", number_of(hash, strtoul(text + 1, &end, 10) - 1));
		add(hash, number, strlen(number));
		text = end;
	}
	add(hash, "\n", 1);
}

static void add_type(struct hash *hash, unsigned number, const struct relib_described *type)
{
	add_renumbered(hash, relib_format(&hash->unit->arena, "type %u %s %s", number, type->kind, type->figures));
	for (size_t i = 0; i < type->count; i++)
		add_renumbered(hash, type->lines[i].compared);
}

void relib_hash_function(struct relib_unit *unit, struct relib_marked *function)
{
	struct hash hash = {
		.unit = unit,
		.value = 0xcbf29ce484222325,
		.numbers = relib_arena_alloc(&unit->arena, unit->type_count + 1, sizeof(*hash.numbers)),
		.reached = relib_arena_alloc(&unit->arena, unit->type_count + 1, sizeof(*hash.reached)),
	};

	add(&hash, function->name, strlen(function->name));
	add(&hash, "\n", 1);
	add_renumbered(&hash, function->type);
	for (unsigned i = 0; i < hash.count; i++)
		add_type(&hash, i + 1, unit->types[hash.reached[i]]);
	snprintf(function->hash, sizeof(function->hash), "%016" PRIx64, hash.value);
}
