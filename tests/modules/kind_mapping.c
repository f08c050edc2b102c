/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves mappings behind, by each function that makes one, and in each state that a mapping can be in. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "kind_mapping.h"

#define PAGE ((size_t)sysconf(_SC_PAGESIZE))
#define READ_WRITE (PROT_READ | PROT_WRITE)
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

/* No tail call: that would leave no frame. */
#define STAY() __asm__ volatile("" ::: "memory")

struct mapping_host *mapping_host;

static char *must(void *start)
{
	if (start == MAP_FAILED)
		abort();
	STAY();
	return start;
}

static void must_work(int result)
{
	if (result)
		abort();
	STAY();
}

static __attribute__((noinline)) char *ten_pages(void)
{
	return must(mmap(NULL, 10 * PAGE, READ_WRITE, ANONYMOUS, -1, 0));
}

/* Functions */

void leak_mmap(void)
{
	must(mmap(NULL, 3 * PAGE, READ_WRITE, ANONYMOUS, -1, 0)); /* line of leak_mmap */
}

void leak_mmap64(void)
{
	must(mmap64(NULL, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0)); /* line of leak_mmap64 */
}

/* Another length, and another place: its neighbour is in the way. */
void leak_mremap(void)
{
	char *start = ten_pages();

	must_work(munmap(start + 4 * PAGE, 6 * PAGE));
	must(mmap(start + 4 * PAGE, PAGE, PROT_NONE, ANONYMOUS | MAP_FIXED, -1, 0));
	must(mremap(start, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE)); /* line of leak_mremap */
	must_work(munmap(start + 4 * PAGE, PAGE));
}

void leak_shmat(void)
{
	int id = shmget(IPC_PRIVATE, 2 * PAGE - 10, IPC_CREAT | 0600);

	must(shmat(id, NULL, 0)); /* line of leak_shmat */
	must_work(shmctl(id, IPC_RMID, NULL));
}

void leak_executable(void)
{
	must(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, ANONYMOUS, -1, 0)); /* line of leak_executable */
}

void leak_file(void)
{
	int number = open("/proc/self/exe", O_RDONLY);

	must(mmap(NULL, 100, PROT_READ, MAP_PRIVATE, number, 0)); /* line of leak_file */
	close(number);
}

/* Parts */

void cut_front(void)
{
	must_work(munmap(ten_pages(), 3 * PAGE));
}

void cut_back(void)
{
	must_work(munmap(ten_pages() + 8 * PAGE, 2 * PAGE - 1));
}

void cut_hole(void)
{
	must_work(munmap(ten_pages() + 4 * PAGE, PAGE));
}

/* From the middle of one over another to the middle of a third. */
void cut_several(void)
{
	char *start = ten_pages();

	for (int i = 0; i < 3; i++)
		must(mmap(start + 3 * i * PAGE, 3 * PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0));
	must_work(munmap(start + PAGE, 7 * PAGE));
}

void cut_all(void)
{
	char *start = ten_pages();

	must_work(munmap(start + 4 * PAGE, PAGE));
	must_work(munmap(start, 10 * PAGE));
}

void cut_shmat(void)
{
	int id = shmget(IPC_PRIVATE, 4 * PAGE, IPC_CREAT | 0600);
	char *start = must(shmat(id, NULL, 0));

	must_work(munmap(start + PAGE, PAGE));
	must_work(shmctl(id, IPC_RMID, NULL));
}

/* Nothing */

void give_back(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);

	must_work(shmdt(must(shmat(id, NULL, 0))));
	must_work(shmctl(id, IPC_RMID, NULL));
	must_work(munmap(ten_pages(), 10 * PAGE - 100));
	must_work(munmap(must(mremap(ten_pages(), 10 * PAGE, 20 * PAGE, MREMAP_MAYMOVE)), 20 * PAGE));
}

void give_back_pieces_of_shmat(void)
{
	int id = shmget(IPC_PRIVATE, 4 * PAGE, IPC_CREAT | 0600);
	char *start = must(shmat(id, NULL, 0));

	must_work(munmap(start + PAGE, PAGE));
	must_work(shmdt(start));
	must_work(shmctl(id, IPC_RMID, NULL));
}

/* What fails changes nothing. */

void fail(void)
{
	char *start = ten_pages();
	char *target = start + 10 * PAGE * 1000;

	if (munmap(start + 1, PAGE) == 0 || munmap(start, 0) == 0 ||
	    mremap(start, 10 * PAGE, (size_t)1 << 50, MREMAP_MAYMOVE) != MAP_FAILED ||
	    mremap(start, 10 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + 1) != MAP_FAILED ||
	    mmap(start, 10 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, -1, 0) != MAP_FAILED || shmdt(start) == 0 ||
	    shmat(-1, NULL, 0) != MAP_FAILED)
		abort();
}

/* Over what is mapped */

void fixed_over_own(void)
{
	char *start = ten_pages();

	must(mmap(start + 2 * PAGE, 5 * PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0));
}

void fixed_over_nothing(void)
{
	char *start = ten_pages();

	must_work(munmap(start, 10 * PAGE));
	must(mmap(start, 4 * PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0));
}

void fixed_over_hosts(void)
{
	char *start = must(mmap(mapping_host->memory + 2 * PAGE, 5 * PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0));

	for (size_t i = 0; i < 5 * PAGE; i++)
		start[i] = 'h';
}

/* A module's part of the image is the image's. */
void fixed_over_image(void)
{
	static char data[1 << 18];
	char *start = data + PAGE - (size_t)data % PAGE;

	must(mmap(start, 4 * PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0));
}

void remap_onto_own(void)
{
	char *start = ten_pages(), *other = must(mmap(NULL, 2 * PAGE, READ_WRITE, ANONYMOUS, -1, 0));

	must(mremap(other, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, start + 4 * PAGE));
}

/* The host's memory, in another place, is the host's. */
void remap_hosts(void)
{
	mapping_host->memory = must(mremap(mapping_host->memory, 16 * PAGE, 16 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
					   mapping_host->given));
	mapping_host->given = NULL;
}

void unmap_hosts(void)
{
	char *start = ten_pages();

	must_work(munmap(mapping_host->memory + PAGE, PAGE));
	must_work(munmap(start, 10 * PAGE));
}

/* What the host does with it. */
void give(void)
{
	mapping_host->given = ten_pages();
}

/* In use */

void use_as_signal_stack(void)
{
	stack_t stack = { .ss_sp = must(mmap(NULL, 32 * PAGE, READ_WRITE, ANONYMOUS, -1, 0)), .ss_size = 32 * PAGE };

	/* Past the hooks: they would have it taken down. */
	must_work((int)syscall(SYS_sigaltstack, &stack, NULL));
}

/* An allocator that is linked in: chunks that are aligned, as most do. */
struct chunk {
	struct chunk *next;
	size_t used;
};
#define CHUNK ((size_t)1 << 20)

static struct chunk *chunks;

static __attribute__((noinline)) struct chunk *make_chunk(void)
{
	char *start = must(mmap(NULL, 2 * CHUNK, READ_WRITE, ANONYMOUS, -1, 0));
	char *chunk = start + (CHUNK - (size_t)start % CHUNK) % CHUNK;

	if (chunk > start)
		must_work(munmap(start, (size_t)(chunk - start)));
	if (chunk + CHUNK < start + 2 * CHUNK)
		must_work(munmap(chunk + CHUNK, (size_t)(start + CHUNK - chunk)));
	((struct chunk *)(void *)chunk)->next = chunks;
	((struct chunk *)(void *)chunk)->used = sizeof(struct chunk);
	return (struct chunk *)(void *)chunk;
}

static void *own_allocate(size_t size)
{
	if (!chunks || chunks->used + size > CHUNK)
		chunks = make_chunk();
	chunks->used += size;
	return (char *)chunks + chunks->used - size;
}

void allocate_by_own(void)
{
	for (int i = 0; i < 50; i++)
		*(char *)own_allocate(CHUNK / 10) = 1;
}
