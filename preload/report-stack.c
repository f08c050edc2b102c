/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which frames of a stack are worth a reader's while, and how they are written. */
#include "report-stack.h"

#include <string.h>

size_t relib_stack_module_frame(const struct relib_report *report, const struct relib_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		if (stack->frames[i].object && report->module.path &&
		    strcmp(stack->frames[i].object, report->module.path) == 0)
			return i;
	return stack->count ? stack->count - 1 : 0;
}

/* Whether `function` is the C function `name`, also where it was compiled as C++ and nobody demangled it. */
static bool is_function(const char *function, const char *name)
{
	const char *found = function ? strstr(function, name) : NULL;

	if (!found || (found != function && strncmp(function, "_ZL", 3) != 0))
		return false;
	return !found[strlen(name)] || strchr("(iv.", found[strlen(name)]);
}

/* RELIB_MAIN makes two functions; the outer one is the last that is the module's, and may be all that is left. */
static bool is_main(const struct relib_frame *frame)
{
	return is_function(frame->function, "relib_main_");
}

static bool is_main_thunk(const struct relib_frame *frame)
{
	return is_function(frame->function, "relib_main_thunk_");
}

bool relib_stack_is_start(const struct relib_frame *frame)
{
	static const char *const names[] = { "__libc_start_call_main", "__libc_start_main", "_start", "start_thread",
					     "clone", "clone3", "__clone3" };

	for (size_t i = 0; frame->function && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(frame->function, names[i]) == 0)
			return true;
	return false;
}

void relib_field_add_frame(struct field *field, const struct relib_frame *frame, unsigned columns)
{
	static const char new_[] = "operator new";
	unsigned before = field->columns;

	if (frame->function && strncmp(frame->function, new_, sizeof(new_) - 1) == 0)
		relib_field_add(field, frame->function[sizeof(new_) - 1] == '[' ? "new[]" : "new"); /* as in the source */
	else if (is_main(frame) || is_main_thunk(frame))
		relib_field_add(field, "RELIB_MAIN"); /* what the macro makes of it */
	else if (is_function(frame->function, "relib_module_before_unload"))
		relib_field_add(field, "RELIB_BEFORE_UNLOAD");
	else if (frame->function)
		relib_field_add_function(field, frame->function, columns);
	else
		relib_field_add_where(field, frame, columns);
	if (field->columns == before)
		relib_field_add(field, "unknown code");
}

void relib_field_add_chain(struct field *field, const struct relib_frame *frames, size_t count, unsigned columns)
{
	struct field whole = { 0 }, first = { 0 };
	unsigned taken;

	for (size_t i = 0; i < count; i++) {
		if (i)
			relib_field_add(&whole, " < ");
		relib_field_add_frame(&whole, &frames[i], columns ? columns : 60);
	}
	if (!columns || whole.columns <= columns || count == 1) {
		relib_field_add(field, whole.text);
		return;
	}
	relib_field_clear(&whole);
	relib_field_add_frame(&whole, &frames[count - 1], columns);
	taken = whole.columns + (count > 2 ? 8 : 3);
	if (taken + 8 > columns && columns >= 26) { /* both have to give */
		taken = columns - columns / 3;
		relib_field_clear(&whole);
		relib_field_add_frame(&whole, &frames[count - 1], taken - (count > 2 ? 8 : 3));
		taken = whole.columns + (count > 2 ? 8 : 3);
	}
	/* where there is no room for both: whose it is matters more than how it was allocated */
	relib_field_add_frame(&first, &frames[0], columns > taken + 8 ? columns - taken : 8);
	if (taken + first.columns <= columns) {
		relib_field_add(field, first.text);
		relib_field_add(field, count > 2 ? " < .. < " : " < ");
	}
	relib_field_add(field, whole.text);
}

bool relib_stack_is_end(const struct relib_frame *frame)
{
	return relib_stack_is_start(frame) || is_main_thunk(&frame[-1]) || (is_main_thunk(frame) && is_main(&frame[-1]));
}

/* `frames[-1]` is there: it is the one whose callers these are. What calls itself is named once. */
void relib_field_add_callers(struct field *field, const struct relib_frame *frames, size_t count, unsigned columns)
{
	struct field last = { 0 }, next;
	unsigned shown = 0;

	if (count)
		relib_field_add_frame(&last, &frames[-1], 60);
	for (size_t i = 0; i < count && shown < 5 && !relib_stack_is_end(&frames[i]); i++) {
		relib_field_clear(&next);
		relib_field_add_frame(&next, &frames[i], 60);
		if (strcmp(next.text, last.text) == 0)
			continue;
		if (columns && field->columns + next.columns + (shown ? 3 : 2) > columns)
			break;
		relib_field_add(field, shown++ ? " < " : "< ");
		relib_field_add(field, next.text);
		last = next;
	}
}

bool relib_stack_same_frame(const struct relib_frame *one, const struct relib_frame *other)
{
	return one->offset == other->offset && (one->object == other->object ||
	       (one->object && other->object && strcmp(one->object, other->object) == 0));
}

/* The last frame of the place that `first` is in: functions that were inlined there come with it. */
static size_t last_of_place(const struct relib_stack *stack, size_t first)
{
	size_t last = first;

	while (last + 1 < stack->count && relib_stack_same_frame(&stack->frames[last + 1], &stack->frames[first]))
		last++;
	return last;
}

struct relib_stack relib_stack_outwards(const struct relib_report *report, const struct relib_entry *entry, size_t index)
{
	size_t owner = relib_stack_module_frame(report, &entry->callsite);
	struct relib_stack stack = { 0 };

	if (last_of_place(&entry->callsite, owner) + 1 >= entry->callsite.count && index < entry->sample_count &&
	    entry->samples[index].count)
		return entry->samples[index];
	if (entry->callsite.count) {
		stack.frames = entry->callsite.frames + owner;
		stack.count = entry->callsite.count - owner;
	}
	return stack;
}

static bool is_library(const struct relib_frame *frame)
{
	return (frame->function && relib_name_is_library(frame->function)) || (frame->file && relib_file_is_library(frame->file));
}

size_t relib_stack_own_source(const struct relib_report *report, const struct relib_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		const struct relib_frame *frame = &stack->frames[i];

		if (!frame->object || !report->module.path || strcmp(frame->object, report->module.path) != 0)
			return 0;
		if (!is_library(frame))
			return i;
	}
	return 0;
}

size_t relib_stack_agreed_source(const struct relib_report *report, const struct relib_entry *entry)
{
	struct relib_stack first = relib_stack_outwards(report, entry, 0);
	size_t agreed = relib_stack_own_source(report, &first);

	for (size_t i = 1; agreed && i < entry->sample_count; i++) {
		struct relib_stack stack = relib_stack_outwards(report, entry, i);

		if (!relib_stack_same_frame(&stack.frames[relib_stack_own_source(report, &stack)], &first.frames[agreed]))
			return 0;
	}
	return agreed;
}
