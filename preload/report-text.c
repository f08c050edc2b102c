/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
#include "report-format.h"
