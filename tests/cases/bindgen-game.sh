# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# What relib-bindgen writes for a small header, byte for byte, and that compilers take it.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

interface=$TOP_SRCDIR/tests/interface
ok "it takes the header" "$bindgen" "$interface/game.h"
is "it writes two files" "$(ls | tr '\n' ' ')" "game.host.h game.module.c "
ok "the host's is the one in tests/interface" diff -u "$interface/game.host.h" game.host.h
ok "so is the module's" diff -u "$interface/game.module.c" game.module.c

cp "$interface/game.h" .
cat >host.c <<'END'
#include "game.host.h"
static void log_nothing(const char *text) { (void)text; }
int use(struct vec3 *position);
int use(struct vec3 *position)
{
	static struct game game;
	struct relib_module *module;
	int32_t result = 0;

	game.game_log = log_nothing;
	if (relib_load("game.so", game_interface(&game), &module, NULL) || game_update_call(&game, &result, position, 0.5))
		return 1;
	return game_reset_call(&game) + result;
}
END
compiles_c "a host" host.c
compiles_cxx "a host in C++" host.c
compiles_c "the module's file" game.module.c
done_testing
