/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module in C++ that implements game.h: what it throws ends the call, as a panic does, and never reaches the host. */
#include <relib/module.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include "game.h"

RELIB_MODULE("game-cxx", "1.2");

static std::vector<double> times;

int32_t game_update(vec3 *position, double seconds)
{
	if (seconds < 0)
		throw std::range_error("time runs backwards: " + std::to_string(seconds) + " s");
	game_log("update");
	times.push_back(seconds);
	position->x += static_cast<float>(seconds);
	return static_cast<int32_t>(times.size());
}

char *game_title()
{
	return relib::give_copy(std::string("chess in ") + "C++");
}

RELIB_BEFORE_UNLOAD()
{
	game_log((std::to_string(times.size()) + " updates").c_str());
}
