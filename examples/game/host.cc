/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The same host in C++: game-host-cxx [MODULE] */
#include <cstdlib>
#include <iostream>
#include <memory>
#include <relib/relib.hpp>

#include "game.host.h"

struct free_text {
	void operator()(char *text) const { std::free(text); }
};

int main(int argc, char **argv)
{
	std::unique_ptr<char, free_text> title;
	vec3 position = {};
	game game = {}; /* before the module: it must outlive it */

	game.game_log = [](const char *text) { std::cout << "log: " << text << '\n'; };
	if (auto ready = relib::init(argc, argv); !ready)
		std::cerr << ready.error().message() << '\n';

	auto module = relib::module::load(argc > 1 ? argv[1] : "./libgame.so", game_interface(&game));
	if (!module) {
		std::cerr << module.error().message() << '\n';
		return 1;
	}

	title.reset(relib::call(game_title_call, game).value()); /* value() throws where there is none */
	auto updates = relib::call(game_update_call, game, &position, 0.5);
	if (updates)
		std::cout << "update " << *updates << ", x is " << position.x << '\n';
	auto back = relib::call(game_update_call, game, &position, -1);
	if (!back)
		std::cout << back.error().panic_function() << " panicked: " << back.error().message() << '\n';
	std::cout << "panics: " << module->panic_count() << ", updates: " << updates.value_or(0) << '\n';

	auto report = module->unload(); /* the destructor would do it too, but for the report */
	if (!report) {
		std::cerr << report.error().message() << '\n';
		return 1;
	}
	report->write();
	std::cout << "title: " << title.get() << '\n';
	return 0;
}
