/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What a module says about itself. */
#ifndef RELIB_MODULE_H
#define RELIB_MODULE_H
#include <relib/type.h>
#endif
