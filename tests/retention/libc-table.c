/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The table of the libc cases. */
#include "libc-cases.h"

#define ROW(name, flags) { #name, case_##name, flags },
const struct retention_case retention_cases[] = {
	RETENTION_LIBC(ROW)
	{ NULL, NULL, 0 }
};
