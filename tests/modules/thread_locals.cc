// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// A module with thread-local objects, whose destructors say when they run.
#include "thread_locals.h"

namespace {

struct Noted {
	thread_locals_log *log;
	char letter;

	Noted(thread_locals_log *log, char letter) : log(log), letter(letter) {}
	~Noted();
};

// Not a thread_local of a function: on another thread that would be another object.
void note(thread_locals_log *log, char letter)
{
	if (log->entered && letter == 'c') {
		sem_post(log->entered);
		while (sem_wait(log->may_go))
			;
	}
	for (volatile unsigned turn = 0; turn < log->slow; turn = turn + 1)
		;
	unsigned at = __atomic_fetch_add(&log->count, 1, __ATOMIC_RELAXED);
	if (at < sizeof(log->letters) - 1)
		log->letters[at] = letter;
}

Noted::~Noted()
{
	note(log, letter);
}

struct Late {
	thread_locals_log *log;

	explicit Late(thread_locals_log *log) : log(log) {}
	~Late()
	{
		static thread_local Noted d(log, 'd');

		(void)d.letter;
		note(log, 'l');
	}
};

void touch(thread_locals_log *log)
{
	static thread_local Noted a(log, 'a');
	static thread_local Noted b(log, 'b');
	static thread_local Noted c(log, 'c');

	(void)a.letter, (void)b.letter, (void)c.letter;
}

void touch_late(thread_locals_log *log)
{
	static thread_local Late late(log);

	(void)late.log;
}

}

extern "C" __attribute__((visibility("default"))) const thread_locals thread_locals_functions;
const thread_locals thread_locals_functions = { touch, touch_late };
