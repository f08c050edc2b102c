/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Writes stacks as lines of text. */
#include "stack.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "internal.h"
#include "report-stack.h"
#include "stack-names.h"

#define FUNCTION_COLUMNS 48
#define GAP 3
#define ROOM (1024 * 1024)
#define FRAMES (RELIB_STACK_INNER + RELIB_STACK_OUTER)

struct line {
	struct field function, where;
	unsigned repeats; /* the same line so many times in a row */
};

struct writing {
	const struct relib_trace *trace;
	struct relib_stack_place places[FRAMES];
	struct line *lines;
	size_t count, room;
	size_t cut_before; /* the line before which frames were cut out */
	bool ended;        /* behind main, or where a thread starts */
	struct relib_frame last;
	char last_function[256];
};

/*
 * Functions that say no more than that it is a panic. Between them and the innermost frame is only what they call.
 * Found among the innermost few: abort() calls raise() through functions that have no names.
 */
static bool is_how_it_was_raised(const struct relib_frame *frame)
{
	static const char *const names[] = { "relib_panic_at_", "relib_assert_failed_", "_Unwind_RaiseException",
					     "_Unwind_Resume_or_Rethrow", "__cxa_throw", "__cxa_rethrow", "abort",
					     "raise", "gsignal" };

	for (size_t i = 0; frame->function && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(frame->function, names[i]))
			return true;
	return false;
}

static struct line *new_line(struct writing *writing)
{
	if (writing->count == writing->room) {
		size_t room = writing->room ? 2 * writing->room : 64;
		struct line *lines = reallocarray(writing->lines, room, sizeof(*lines));

		if (!lines)
			return NULL;
		writing->lines = lines;
		writing->room = room;
	}
	memset(&writing->lines[writing->count], 0, sizeof(*writing->lines));
	return &writing->lines[writing->count++];
}

static bool is_repeated(const struct writing *writing, const struct line *line)
{
	const struct line *before = line - 1;

	return line > writing->lines && (size_t)(line - writing->lines) != writing->cut_before &&
	       !strcmp(before->function.text, line->function.text) && !strcmp(before->where.text, line->where.text);
}

static void add_line(struct writing *writing, const struct relib_frame *frame)
{
	struct line *line = new_line(writing);

	if (!line)
		return;
	relib_field_add_frame(&line->function, frame, FUNCTION_COLUMNS);
	if (frame->function)
		relib_field_add_where(&line->where, frame, 0);
	if (is_repeated(writing, line)) {
		writing->count--;
		line[-1].repeats++;
	}
}

/* relib_stack_is_end() wants the frame before in the place before. */
static bool is_end(struct writing *writing, const struct relib_frame *frame)
{
	struct relib_frame pair[2] = { writing->last, *frame };

	snprintf(writing->last_function, sizeof(writing->last_function), "%s", frame->function ? frame->function : "");
	writing->last = (struct relib_frame){ .function = frame->function ? writing->last_function : NULL };
	return relib_stack_is_end(&pair[1]);
}

static void found(void *context, size_t index, const struct relib_frame *frame)
{
	struct writing *writing = context;
	struct relib_frame whole = *frame;

	if (!whole.object)
		whole = writing->places[index].frame; /* its file is not what is mapped */
	if (index >= writing->trace->count - writing->trace->outer && writing->cut_before == SIZE_MAX && writing->trace->cut)
		writing->cut_before = writing->count;
	if (index < 6 && is_how_it_was_raised(&whole)) {
		writing->count = 0;
		return;
	}
	writing->ended = writing->ended || is_end(writing, &whole);
	if (!writing->ended)
		add_line(writing, &whole);
}

/* What hooks of the tracker are between a module and libc says nothing to a reader. */
static const struct link_map *map_of_tracker(void)
{
	const char *why;
	const struct relib_track *track = relib_tracker(&why);
	struct dl_find_object object;

	return track && !_dl_find_object((void *)track, &object) ? object.dlfo_link_map : NULL;
}

static bool lies_in(const struct link_map *map, uintptr_t address)
{
	struct dl_find_object object;

	return map && !_dl_find_object((void *)address, &object) && object.dlfo_link_map == map;
}

/* Where the frames are that a reader wants to see. */
static unsigned find_places(struct writing *writing, struct relib_trace *trace, struct relib_frame *frames)
{
	const struct link_map *tracker = map_of_tracker();
	unsigned kept = 0;

	for (unsigned i = 0; i < trace->count; i++) {
		if (lies_in(tracker, trace->frames[i] - 1))
			continue;
		relib_stack_place(&writing->places[kept], trace->frames[i] - 1);
		frames[kept] = writing->places[kept].frame;
		if (!relib_stack_has_file(&writing->places[kept], trace->frames[i] - 1))
			frames[kept].object = NULL;
		kept++;
	}
	trace->count = kept;
	return kept;
}

struct out {
	char *text;
	size_t size, used;
};

static bool put_line(struct out *out, const char *line, size_t reserve)
{
	size_t length = strlen(line);

	if (out->used + length + reserve >= out->size)
		return false;
	memcpy(out->text + out->used, line, length + 1);
	out->used += length;
	return true;
}

static void put_cut(struct out *out, uint64_t count)
{
	struct field line = { 0 };

	relib_field_add(&line, "  ... ");
	relib_field_add_number(&line, count);
	relib_field_add(&line, " more");
	if (out->used + line.used + 2 > out->size)
		return;
	out->used += (size_t)snprintf(out->text + out->used, out->size - out->used, "%s\n", line.text);
}

static void format_line(char *buffer, size_t size, struct line *line, unsigned columns)
{
	struct field repeats = { 0 };

	if (line->repeats) {
		relib_field_add(&repeats, "   ");
		relib_field_add_number(&repeats, line->repeats + 1);
		relib_field_add(&repeats, " times");
	}
	if (line->where.used)
		relib_field_pad(&line->function, columns + GAP);
	snprintf(buffer, size, "  %s%s%s\n", line->function.text, line->where.text, repeats.text);
}

static void put_lines(struct writing *writing, unsigned cut, struct out *out)
{
	char buffer[3 * sizeof(struct field)];
	unsigned columns = 0;

	for (size_t i = 0; i < writing->count; i++)
		if (writing->lines[i].where.used && writing->lines[i].function.columns > columns)
			columns = writing->lines[i].function.columns;
	for (size_t i = 0; i < writing->count; i++) {
		if (i == writing->cut_before)
			put_cut(out, cut);
		format_line(buffer, sizeof(buffer), &writing->lines[i], columns);
		if (!put_line(out, buffer, 40)) {
			put_cut(out, writing->count - i);
			return;
		}
	}
	if (cut && writing->cut_before >= writing->count)
		put_cut(out, cut);
}

/* For when the heap can't be used: objects and offsets. */
static void write_plainly(const struct relib_trace *trace, struct out *out)
{
	struct relib_stack_place place;
	struct line line;
	char buffer[3 * sizeof(struct field)];

	for (unsigned i = 0; i < trace->count; i++) {
		if (trace->cut && i == trace->count - trace->outer)
			put_cut(out, trace->cut);
		relib_stack_place(&place, trace->frames[i] - 1);
		memset(&line, 0, sizeof(line));
		relib_field_add_frame(&line.function, &place.frame, 0);
		format_line(buffer, sizeof(buffer), &line, 0);
		if (!put_line(out, buffer, 40)) {
			put_cut(out, trace->count - i);
			return;
		}
	}
}

struct naming {
	struct writing *writing;
	const struct relib_frame *frames;
	unsigned count;
	ucontext_t here, there;
};

/* makecontext passes integers. */
static void name_frames_there(unsigned low, unsigned high)
{
	struct naming *naming = (struct naming *)((uintptr_t)low | (uintptr_t)high << 32);

	relib_stack_namer()(naming->frames, naming->count, found, naming->writing);
}

/*
 * libdw wants 160 KiB of stack, more than a coroutine or a small thread has: it gets a stack of its own. A thread that is
 * cancelled meanwhile is so later, for from there nothing could be unwound.
 */
static void name_frames(struct writing *writing, const struct relib_frame *frames, unsigned count)
{
	struct naming naming = { .writing = writing, .frames = frames, .count = count };
	void *room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uintptr_t argument = (uintptr_t)&naming;
	int cancel;

	if (room == MAP_FAILED)
		return;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	getcontext(&naming.there);
	naming.there.uc_stack.ss_sp = room;
	naming.there.uc_stack.ss_size = ROOM;
	naming.there.uc_link = &naming.here;
	makecontext(&naming.there, (void (*)(void))name_frames_there, 2, (unsigned)argument, (unsigned)(argument >> 32));
	swapcontext(&naming.here, &naming.there);
	pthread_setcancelstate(cancel, NULL);
	munmap(room, ROOM);
}

void relib_stack_write(const struct relib_trace *trace, char *text, size_t size)
{
	struct writing *writing = trace->plain ? NULL : calloc(1, sizeof(*writing));
	struct out out = { text, size, 0 };
	struct relib_trace copy = *trace;
	struct relib_frame frames[FRAMES];
	char key[RELIB_STACK_KEY];
	unsigned count;
	bool is_known;

	*text = '\0';
	if (!writing) {
		write_plainly(trace, &out);
		return;
	}
	writing->trace = &copy;
	writing->cut_before = SIZE_MAX;
	count = find_places(writing, &copy, frames);
	is_known = relib_stack_key(frames, count, copy.cut, key, sizeof(key));
	if (!is_known || !relib_stack_recall(key, text, size)) {
		name_frames(writing, frames, count);
		put_lines(writing, copy.cut, &out);
		if (is_known)
			relib_stack_remember(key, text, size);
	}
	free(writing->lines);
	free(writing);
}
