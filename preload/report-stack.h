/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Which frames of a stack are worth a reader's while, and how they are written. No allocation. */
#ifndef RELIB_REPORT_STACK_H
#define RELIB_REPORT_STACK_H

#include "report-name.h"

/* The index of the first frame in the module itself, which says whose it is; the last where there is none. */
size_t relib_stack_module_frame(const struct relib_report *report, const struct relib_stack *stack);

/* From the module's frame outwards, as far as it is known: sample `index`, or the callers that stacks=N recorded. */
struct relib_stack relib_stack_outwards(const struct relib_report *report, const struct relib_entry *entry, size_t index);

/*
 * Which frame of such a stack is the first of the module's own source: templates of the C++ and Rust libraries are
 * compiled into the module, but it is their caller who can do something. 0 when there is none.
 */
size_t relib_stack_own_source(const struct relib_report *report, const struct relib_stack *stack);
/* The same for an entry: its place in the source, if all samples agree on it; else 0. */
size_t relib_stack_agreed_source(const struct relib_report *report, const struct relib_entry *entry);

bool relib_stack_same_frame(const struct relib_frame *one, const struct relib_frame *other);
/* How a thread or a program was started says nothing to a reader, and it is the end of every stack. */
bool relib_stack_is_start(const struct relib_frame *frame);
/* Whether a stack, for a reader, has ended before this frame. Another frame must be below it. */
bool relib_stack_is_end(const struct relib_frame *frame);

/* Adds the function, or where it has no name the place: then `where` has nothing to add. */
void relib_field_add_frame(struct field *field, const struct relib_frame *frame, unsigned columns);
/* Adds "strdup < parse_name" for frames first to last. Where that is too long the middle goes. */
void relib_field_add_chain(struct field *field, const struct relib_frame *frames, size_t count, unsigned columns);
/* Adds "< dispatch < main": further callers, as many as there is room for. */
void relib_field_add_callers(struct field *field, const struct relib_frame *frames, size_t count, unsigned columns);

#endif
