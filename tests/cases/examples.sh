# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The examples with interfaces: two hosts, and modules in three languages that know nothing of each other.
. "$TOP_SRCDIR/tests/tap.sh"

# With it, Rust keeps what it has read of debug information.
unset RUST_BACKTRACE
game=$TOP_BUILDDIR/examples/game

# plays HOST MODULE TITLE PANIC
plays() {
	"$game/$1" "$game/$2" >out 2>err
	is "$1 with $2: what it prints" "$? $(cat out)" "0 log: update
update 1, x is 0.5
game_update panicked: $4
panics: 1, updates: 1
log: 1 updates
title: $3"
	is "$1 with $2: the panic is on stderr, once" "$(grep -c "panicked in game_update: " err)" 1
	contains "$1 with $2: with what it says" "$(cat err)" "$4"
	lacks "$1 with $2: nothing was left behind" "$(cat err)" "left behind"
}
for host in game-host game-host-cxx; do
	plays $host libgame.so "chess in C" "time runs backwards: -1 s"
	plays $host libgame-cxx.so "chess in C++" "std::range_error: time runs backwards: -1.000000 s"
	if [ -e "$game/libgame-rust.so" ]; then
		plays $host libgame-rust.so "chess in Rust" "time runs backwards: -1 s"
	else
		skip "$host with a module in Rust" "no rustc here: apt-get install rustc"
	fi
done

"$game/two-host" "$game/libgame.so" "$game/libsound.so" >out 2>err
is "two interfaces, two modules" "$? $(cat out)" "0 game is loaded
sound is loaded
log: update
x is 0.5
4000 samples, the second is 0.71
2000 samples, the second is 1.00
too long: assertion failed: count <= RATE
log: 1 updates"
"$game/two-host" "$game/libboth.so" >out 2>err
is "two interfaces, one module" "$? $(cat out)" "0 game is loaded
log: update
x is 0.5
4000 samples, the second is 0.71
2000 samples, the second is 1.00
too long: assertion failed: count <= RATE
log: 1 updates"

# A module that lacks an interface, or has the wrong one
"$game/game-host" "$game/libsound.so" >out 2>err
is "a module without the interface is refused" "$? $(cat out)" "1 "
contains "and the interface is named" "$(cat err)" game
"$game/two-host" "$game/libgame.so" >out 2>err
is "a module with one of two interfaces is refused" "$? $(cat out)" "1 "
contains "and the other one is named" "$(cat err)" sound
done_testing
