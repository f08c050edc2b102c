/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What stress_mappings.so offers: the calls, so that they are a module's. */
#ifndef STRESS_MAPPINGS_H
#define STRESS_MAPPINGS_H

#include <stddef.h>

/* Of readable and writable memory; NULL or false when it fails. */
struct stress_mappings {
	char *(*map)(size_t length);
	_Bool (*map_over)(char *start, size_t length);
	_Bool (*unmap)(char *start, size_t length);
	char *(*remap)(char *start, size_t old_length, size_t length);
};

#endif
