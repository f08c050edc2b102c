/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Who is inside a module, by the slots of all threads. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "internal.h"

/* The outermost call is the one to wait for. Only the address is looked at: the slot may be another module's by now. */
static const struct relib_target *target_of(const struct relib_thread *thread, const struct relib_target *targets, size_t count)
{
	const struct relib_slot *top = __atomic_load_n(&thread->calls.top, __ATOMIC_ACQUIRE);

	for (const struct relib_slot *slot = thread->slots; slot < top; slot++) {
		const struct relib_target *target = __atomic_load_n(&slot->target, __ATOMIC_ACQUIRE);

		if (target >= targets && target < targets + count)
			return target;
	}
	return NULL;
}

static void read_name(int id, char *name, size_t size)
{
	char path[64];
	ssize_t length = -1;
	int file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", id);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		length = read(file, name, size - 1);
		close(file);
	}
	name[length > 0 ? length : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

static void describe(struct relib_error *error, int id, const struct relib_target *target)
{
	char name[32];

	if (id == gettid()) {
		relib_add(error, "\n  this thread is inside %s: a module can't be unloaded from within", target->name);
		return;
	}
	read_name(id, name, sizeof(name));
	relib_add(error, "\n  thread %d \"%s\" is inside %s", id, name, target->name);
}

unsigned relib_calls_in_flight(const struct relib_target *targets, size_t count, struct relib_error *error)
{
	unsigned found = 0;

	for (const struct relib_thread *thread = relib_threads(); thread; thread = thread->next) {
		const struct relib_target *target = target_of(thread, targets, count);

		if (!target)
			continue;
		if (found++ < 8)
			describe(error, atomic_load(&thread->id), target);
	}
	if (found > 8)
		relib_add(error, "\n  and %u more threads", found - 8);
	return found;
}
