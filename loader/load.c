/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
#include <relib/relib.h>
