/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What mapping_host and kind_mapping.c know of each other. */
#ifndef KIND_MAPPING_H
#define KIND_MAPPING_H

#include <stddef.h>

struct mapping_host {
	char *memory;   /* 16 pages of the host's */
	char *given;    /* 10 pages that the module mapped, for the host to do with as its step says */
};

extern struct mapping_host *mapping_host;

#endif
