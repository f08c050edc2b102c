# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A program with an allocator of its own that, while it starts, holds a lock and calls what the tracker hooks.
. "$TOP_SRCDIR/tests/tap.sh"

cat >own.c <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *memory;
static size_t used;
static pthread_key_t key;
static void start(void)
{
	struct sigaction action = { .sa_handler = SIG_IGN };
	int file = open("/proc/self/maps", O_RDONLY);

	close(fcntl(file, F_DUPFD, 50));
	close(file);
	pthread_key_create(&key, NULL);
	sigaction(SIGUSR2, &action, NULL);
	memory = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
void *malloc(size_t size)
{
	void *block;

	pthread_mutex_lock(&lock);
	if (!memory)
		start();
	block = memory + used;
	used += (size + 31) / 16 * 16;
	*(size_t *)block = size;
	pthread_mutex_unlock(&lock);
	return (char *)block + 16;
}
void free(void *block) { (void)block; }
void *calloc(size_t count, size_t size) { return memset(malloc(count * size), 0, count * size); }
void *realloc(void *block, size_t size)
{
	void *other = malloc(size);

	if (block)
		memcpy(other, block, ((size_t *)block)[-2] < size ? ((size_t *)block)[-2] : size);
	return other;
}
/* Before any constructor, so before the tracker has started. */
static void *volatile kept;
static void early(void) { kept = malloc(1); }
__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = early;
int main(void)
{
	char *text = strdup("started");

	puts(text);
	return 0;
}
END
ok "build it" $CC -O1 own.c -o own -pthread
is "without the tracker it starts" "$(timeout 60 ./own)" started
is "and with it" "$(LD_PRELOAD=$RELIB_TRACKER timeout 60 ./own 2>/dev/null)" started

done_testing
