/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The table of kinds of things. */
#include "kind.h"

const struct relib_kind_row relib_kinds[] = {
	/* Before descriptors: what is buffered is written. */
	{ RELIB_KIND_STREAM, relib_stream_release, relib_stream_describe },
	{ RELIB_KIND_DESCRIPTOR, relib_descriptor_release, relib_descriptor_describe },
	{ 0 },
};
