/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The table of kinds of things. */
#include "kind.h"

const struct relib_kind_row relib_kinds[] = {
	/* Before descriptors: what is buffered is written. */
	{ RELIB_KIND_STREAM, relib_stream_release, relib_stream_describe, false },
	{ RELIB_KIND_DESCRIPTOR, relib_descriptor_release, relib_descriptor_describe, false },
	/* After streams, whose buffers may lie there. */
	{ RELIB_KIND_MAPPING, relib_mapping_release, relib_mapping_describe, true },
	{ 0 },
};
