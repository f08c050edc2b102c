// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// The table of the libstdc++ cases.
#include "cxx-cases.h"

#define ROW(name, flags) { #name, case_##name, flags },
const struct retention_case retention_cases[] = {
	RETENTION_CXX(ROW)
	{ nullptr, nullptr, 0 }
};
