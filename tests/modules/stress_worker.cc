// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// A module that does what it is told: heap, threads and thread-local data, in known amounts.
// It uses nothing of the C++ library: in C hosts libstdc++ would bind to a module's templates and keep it.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <sys/resource.h>

#include "stress_worker.h"

namespace {

struct Local {
	char *block = nullptr;

	void touch()
	{
		if (!block)
			block = static_cast<char *>(malloc(300));
		block[0]++;
	}
	~Local() { free(block); }
};

thread_local Local local;
thread_local char plain[2000];

void *volatile kept;

uint32_t next(uint64_t &state)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return state >> 33;
}

void churn(uint64_t operations, uint64_t seed)
{
	char *live[32] = {};

	while (operations--) {
		char *&block = live[next(seed) % 32];

		free(block);
		block = static_cast<char *>(malloc(1 + next(seed) % 2000));
		block[0] = 1;
	}
	for (char *block : live)
		free(block);
}

__attribute__((noinline)) void leak(size_t count, size_t size)
{
	while (count--) {
		void *other = malloc(1 + count % 500), *block = malloc(size);

		memset(block, 1, size);
		kept = block; /* of all threads: never read back */
		static_cast<char *>(other)[0] = 1;
		free(other);
	}
}

void touch_thread_local()
{
	local.touch();
	plain[sizeof(plain) - 1]++;
}

void *worker(void *argument)
{
	uint64_t operations = *static_cast<uint64_t *>(argument);

	touch_thread_local();
	churn(operations, operations);
	return nullptr;
}

int threads(int count, uint64_t operations)
{
	pthread_t thread[16];
	int started = 0;

	while (started < count && started < 16 &&
	       !pthread_create(&thread[started], nullptr, worker, &operations))
		started++;
	for (int i = 0; i < started; i++)
		pthread_join(thread[i], nullptr);
	return started == count;
}

void *make(size_t size)
{
	char *block = static_cast<char *>(malloc(size));

	block[0] = 1;
	return block;
}

void drop(void *block)
{
	free(block);
}

const size_t mebi = 1024 * 1024;

bool zero(const char *block, size_t size)
{
	return !block[0] && !memcmp(block, block + 1, size - 1);
}

// Most memory that was resident at once, in bytes.
size_t most_resident()
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss * 1024ul;
}

volatile size_t half = SIZE_MAX / 2; // volatile: the compiler knows what comes of it, and says so

const char *large_calloc()
{
	static const size_t sizes[] = { 100, 5000, 200 * 1024, 64 * mebi };

	for (int round = 0; round < 4; round++) {
		for (size_t size : sizes) {
			char *block = static_cast<char *>(calloc(size / 4, 4));

			if (!block)
				return "calloc gave nothing";
			if (!zero(block, size))
				return "calloc gave a block that is not zero";
			memset(block, 0xaa, size);
			free(block);
		}
	}
	errno = 0;
	if (calloc(half, 3) || errno != ENOMEM)
		return "calloc multiplied past the end of size_t";
	errno = 0;
	if (reallocarray(nullptr, half, 3) || errno != ENOMEM)
		return "reallocarray multiplied past the end of size_t";
	return nullptr;
}

// The kernel's zero pages are zero: who writes them, or copies what could be moved, is slow, and needs memory.
const char *lazy_calloc()
{
	size_t before = most_resident();
	void *block = calloc(256 * mebi, 1);

	if (!block)
		return "calloc gave nothing";
	kept = block;
	free(block);
	return most_resident() - before < 16 * mebi ? nullptr : "calloc touched memory that was zero already";
}

const char *moving_realloc()
{
	size_t size = 100 * mebi, before = most_resident();
	char *block = static_cast<char *>(malloc(size));

	if (!block)
		return "malloc gave nothing";
	for (; size < 200 * mebi; size += 10 * mebi) {
		memset(block + size - 10 * mebi, 1, 10 * mebi);
		if (size == 100 * mebi)
			memset(block, 1, size);
		block = static_cast<char *>(realloc(block, size + 10 * mebi));
		if (!block)
			return "realloc gave nothing";
	}
	free(block);
	return most_resident() - before < 216 * mebi ? nullptr : "realloc copied what the kernel could move";
}

const char *growing_realloc()
{
	size_t size = 0;
	char *block = nullptr;

	// By a half, then in many small steps: as vectors and as text buffers grow.
	while (size < 64 * mebi) {
		size_t larger = size < mebi ? size + 4000 : size + size / 2;

		block = static_cast<char *>(realloc(block, larger));
		if (!block)
			return "realloc gave nothing";
		memset(block + size, static_cast<int>(larger >> 8) & 0xff, larger - size);
		if (size && block[size - 1] != static_cast<char>(size >> 8))
			return "realloc lost the end of the block";
		size = larger;
	}
	for (size_t i = 0, step = 4000; i < mebi; i += step)
		if (block[i] != static_cast<char>((i + step) >> 8))
			return "realloc lost the start of the block";
	block = static_cast<char *>(realloc(block, 100));
	if (!block || block[99] != static_cast<char>(4000 >> 8))
		return "realloc lost what it was to keep when it shrank the block";
	errno = 0;
	if (realloc(block, half + 1) || errno != ENOMEM || block[99] != static_cast<char>(4000 >> 8))
		return "a realloc that fails must leave the block as it was";
	free(block);
	return nullptr;
}

const char *large()
{
	const char *wrong = lazy_calloc();

	if (!wrong)
		wrong = moving_realloc();
	if (!wrong)
		wrong = large_calloc();
	return wrong ? wrong : growing_realloc();
}

}

extern "C" __attribute__((visibility("default"))) const stress_worker stress_worker_functions;
const stress_worker stress_worker_functions = {
	leak, churn, threads, touch_thread_local, make, drop, large,
};
