// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Built twice with the same layout and other names and frames: whoever remembers the first by address is wrong about the second.
#include <cstdlib>
#include <cstring>
#include <string>
#include "attr.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

// Large, so that a host with little address space soon loads one where another was.
char attr_same_room[256 * 1024];

extern "C" ATTR_FUNCTION(JOIN(NAME, _malloc))
{
	char room[FRAME];

	attr_forget(room);
	attr_forget(std::malloc(100 + FRAME));
	attr_forget(room);
}

extern "C" ATTR_FUNCTION(JOIN(NAME, _strdup))
{
	char room[2 * FRAME];

	attr_forget(room);
	attr_forget(strdup("a text"));
	attr_forget(room);
}

extern "C" ATTR_FUNCTION(JOIN(NAME, _string))
{
	char room[3 * FRAME];
	std::string *text;

	attr_forget(room);
	text = new std::string;
	text->append(200 + FRAME, 'x');
	attr_forget(text);
	attr_forget(room);
}

extern "C" ATTR_FUNCTION(run)
{
	JOIN(NAME, _malloc)(host);
	JOIN(NAME, _strdup)(host);
	JOIN(NAME, _string)(host);
	attr_forget(nullptr);
}
