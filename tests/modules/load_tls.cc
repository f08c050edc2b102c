/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A thread_local with a destructor: it keeps an object mapped unless the destructor has run. */
#include <string>

#include <relib/module.h>

RELIB_MODULE("tls", "1")

static thread_local std::string text;

RELIB_MAIN(int)
{
	text.assign(100, 'x');
	return static_cast<int>(text.size());
}
