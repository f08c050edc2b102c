/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A report with files and lines: all its places are looked up at once, by librelib_symbols.so. */
#include "report-lines.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "place-known.h"
#include "stack-names.h"

struct relib_piece {
	struct relib_piece *next;
	alignas(max_align_t) char bytes[];
};

/* What was found for one place, innermost first. */
struct found {
	struct relib_frame *frames;
	size_t count;
};

struct work {
	struct relib_lined *lined;
	bool all, failed;
	struct relib_frame *places;
	struct found *found; /* one for each place */
	size_t count, next;
};

static void *take(struct work *work, size_t count, size_t size)
{
	struct relib_piece *piece = calloc(1, sizeof(*piece) + count * size);

	if (!piece) {
		work->failed = true;
		return NULL;
	}
	piece->next = work->lined->pieces;
	work->lined->pieces = piece;
	return piece->bytes;
}

static const char *copy(struct work *work, const char *text)
{
	char *to = text ? take(work, strlen(text) + 1, 1) : NULL;

	return to ? strcpy(to, text) : NULL;
}

/* Calls `visit` for each frame of the report, in an order that is always the same. */
static void each_frame(struct work *work, struct relib_report *report,
		       void (*visit)(struct work *work, struct relib_stack *stack, struct relib_frame *frame))
{
	for (size_t i = 0; i < report->entry_count; i++) {
		struct relib_entry *entry = &report->entries[i];

		visit(work, NULL, &entry->function);
		visit(work, &entry->callsite, NULL);
		for (size_t sample = 0; sample < entry->sample_count; sample++)
			visit(work, &entry->samples[sample], NULL);
		visit(work, &entry->freed, NULL);
	}
}

static void count_frames(struct work *work, struct relib_stack *stack, struct relib_frame *frame)
{
	work->count += frame ? 1 : stack->count;
}

/* The tracker names the build of a module once, with the module. Without one the file may be another by now. */
static void note_place(struct work *work, const struct relib_frame *frame)
{
	const struct relib_report *report = &work->lined->report;
	struct relib_frame *place = &work->places[work->next++];
	bool is_of_module;

	*place = *frame;
	is_of_module = place->object && report->module.path && !strcmp(place->object, report->module.path);
	if (is_of_module && !place->build_id)
		place->build_id = report->module.build_id;
	if (!place->build_id || place->file || (!work->all && !is_of_module))
		place->object = NULL;
}

static void note_places(struct work *work, struct relib_stack *stack, struct relib_frame *frame)
{
	if (frame)
		note_place(work, frame);
	for (size_t i = 0; !frame && i < stack->count; i++)
		note_place(work, &stack->frames[i]);
}

static void note_found(void *context, size_t index, const struct relib_frame *frame)
{
	struct work *work = context;
	struct found *found = &work->found[index];
	struct relib_frame *more;

	if (!work->places[index].object)
		return;
	more = take(work, found->count + 1, sizeof(*more));
	if (!more)
		return;
	if (found->count)
		memcpy(more, found->frames, found->count * sizeof(*more));
	more[found->count] = *frame;
	more[found->count].object = work->places[index].object;
	more[found->count].build_id = work->places[index].build_id;
	more[found->count].function = copy(work, frame->function);
	more[found->count++].file = copy(work, frame->file);
	found->frames = more;
}

/* What is known already is not looked up. */
static void recall_places(struct work *work)
{
	struct relib_known_place known;

	for (size_t i = 0; i < work->count; i++) {
		if (!work->places[i].object || !relib_place_recall(&work->places[i], &known))
			continue;
		for (size_t j = 0; j < known.count; j++)
			note_found(work, i, &known.frames[j]);
		work->places[i].object = NULL;
	}
}

static void remember_places(struct work *work)
{
	for (size_t i = 0; i < work->count; i++)
		if (work->places[i].object)
			relib_place_remember(&work->places[i], work->found[i].frames, work->found[i].count);
}

static bool is_any_left(const struct work *work)
{
	for (size_t i = 0; i < work->count; i++)
		if (work->places[i].object)
			return true;
	return false;
}

static void put_found(struct work *work, struct relib_stack *stack, struct relib_frame *frame)
{
	struct found *found = &work->found[work->next];
	struct relib_stack longer = { NULL, 0 };

	if (frame) {
		/* The function that has code of its own, whatever was inlined into it. */
		if (found->count)
			*frame = found->frames[found->count - 1];
		work->next++;
		return;
	}
	for (size_t i = 0; i < stack->count; i++)
		longer.count += found[i].count ? found[i].count : 1;
	longer.frames = take(work, longer.count, sizeof(*longer.frames));
	for (size_t i = 0, at = 0; longer.frames && i < stack->count; i++) {
		size_t count = found[i].count ? found[i].count : 1;

		memcpy(&longer.frames[at], found[i].count ? found[i].frames : &stack->frames[i], count * sizeof(*longer.frames));
		at += count;
	}
	work->next += stack->count;
	*stack = longer;
}

/* All but the frames' strings, which are those of the report. */
static void copy_report(struct work *work, const struct relib_report *report)
{
	struct relib_report *to = &work->lined->report;

	*to = *report;
	to->entries = take(work, report->entry_count, sizeof(*to->entries));
	for (size_t i = 0; to->entries && i < report->entry_count; i++) {
		struct relib_entry *entry = &to->entries[i];

		*entry = report->entries[i];
		entry->samples = take(work, entry->sample_count, sizeof(*entry->samples));
		if (entry->samples && entry->sample_count)
			memcpy(entry->samples, report->entries[i].samples, entry->sample_count * sizeof(*entry->samples));
	}
}

static void fill(struct work *work)
{
	struct relib_report *report = &work->lined->report;

	each_frame(work, report, count_frames);
	work->places = take(work, work->count, sizeof(*work->places));
	work->found = take(work, work->count, sizeof(*work->found));
	if (work->failed)
		return;
	each_frame(work, report, note_places);
	recall_places(work);
	if (is_any_left(work))
		relib_stack_namer()(work->places, work->count, note_found, work);
	if (work->failed)
		return;
	remember_places(work);
	work->next = 0;
	each_frame(work, report, put_found);
}

struct relib_lined *relib_lined(const struct relib_report *report, bool all)
{
	struct work work = { .all = all, .lined = calloc(1, sizeof(*work.lined)) };

	if (!work.lined)
		return NULL;
	copy_report(&work, report);
	if (!work.failed)
		fill(&work);
	if (!work.failed)
		return work.lined;
	relib_lined_free(work.lined);
	return NULL;
}

void relib_lined_free(struct relib_lined *lined)
{
	struct relib_piece *next;

	for (struct relib_piece *piece = lined ? lined->pieces : NULL; piece; piece = next) {
		next = piece->next;
		free(piece);
	}
	free(lined);
}
