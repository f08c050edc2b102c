/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tracker's versioned interface. */
#include <relib/track.h>
