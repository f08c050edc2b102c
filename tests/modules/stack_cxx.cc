// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// A chain of calls in C++.
namespace game {
template <typename T> struct board {
	__attribute__((noinline)) void move(T piece, void (*call)())
	{
		call(); // mark: move
		last = piece;
	}
	T last;
};
}

extern "C" void chain(void (*call)())
{
	game::board<int> board;

	board.move(3, call); // mark: chain
	__asm__ volatile("" : : "r"(&board) : "memory");
}
