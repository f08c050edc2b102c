/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Mutexes and read-write locks that modules hold: entered, looked for, described. */
#include "held.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "file-lock.h"
#include "fork.h"
#include "object.h"
#include "real.h"
#include "report-name.h"
#include "settle.h"
#include "settle-heap.h"
#include "symbol.h"
#include "tags.h"
#include "thread-ledger.h"

bool relib_held_tracked, relib_held_never;

/* value[0]: the thread, and above it how it was locked. value[1]: where it is. */
enum way { MUTEX, WRITING, READING };
#define WAY_SHIFT 32
#define READER_SHIFT 3 /* of libc's count of readers */

/* Of one lock that several read, a part of the thread's number tells them apart. Below the bit that locks of files have. */
static uint64_t key_of(const void *lock, uint32_t thread)
{
	return (uint64_t)(uintptr_t)lock >> 3 << 10 | (thread & 1023);
}

static uint32_t own_number(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

/* What libc writes in place of the thread that locked what a dead one held, until it says that all is well. */
#define INCONSISTENT INT_MAX

/* Who holds it, as libc wrote it: 0 where nobody does, or where libc doesn't write it (a lock that is elided). */
static uint32_t holder_of(const void *lock, enum relib_held how, enum way *way)
{
	const pthread_mutex_t *mutex = lock;
	const pthread_rwlock_t *both = lock;

	*way = MUTEX;
	if (how == RELIB_HELD_MUTEX)
		return mutex->__data.__owner == INCONSISTENT ? own_number() : (uint32_t)mutex->__data.__owner;
	*way = both->__data.__cur_writer ? WRITING : READING;
	return *way == WRITING ? (uint32_t)both->__data.__cur_writer : own_number();
}

void relib_held_enter(const void *lock, enum relib_held how, uintptr_t caller, uintptr_t through)
{
	int error = errno;
	uint32_t mark = relib_callsite_direct(caller, through);
	struct relib_thing thing = { .kind = RELIB_KIND_LOCK, .mark = mark };
	enum way way;
	uint32_t thread;

	if (mark && (thread = holder_of(lock, how, &way))) {
		thing.key = key_of(lock, thread);
		thing.value[0] = (uint64_t)way << WAY_SHIFT | thread;
		thing.value[1] = (uint64_t)(uintptr_t)lock;
		relib_thing_acquired(&thing);
	}
	errno = error;
}

/* One that its thread has locked more than once stays locked. */
static bool stays_locked(const pthread_mutex_t *mutex)
{
	return (mutex->__data.__kind & 3) == PTHREAD_MUTEX_RECURSIVE_NP && mutex->__data.__count > 1;
}

bool relib_held_unlocks(const void *lock, enum relib_held how, struct relib_thing *thing)
{
	enum way way;

	if (!relib_things_any(RELIB_KIND_LOCK) || relib_fork_is_borrowed() || (how == RELIB_HELD_MUTEX && stays_locked(lock)))
		return false;
	return relib_thing_leave(RELIB_KIND_LOCK, key_of(lock, holder_of(lock, how, &way)), thing);
}

/* For settlement */

static uint32_t thread_of(const struct relib_thing *thing)
{
	return (uint32_t)thing->value[0];
}

static enum way way_of(const struct relib_thing *thing)
{
	return (enum way)(thing->value[0] >> WAY_SHIFT);
}

static bool is_alive(uint32_t thread)
{
	return !syscall(SYS_tgkill, getpid(), (pid_t)thread, 0);
}

/* It may lie in memory that is gone, which must not be read as memory is. Where that can't be done, it is held. */
static bool is_held(const struct relib_thing *thing)
{
	union {
		pthread_mutex_t mutex;
		pthread_rwlock_t both;
	} copy;
	struct iovec here = { &copy, way_of(thing) == MUTEX ? sizeof(copy.mutex) : sizeof(copy.both) };
	struct iovec there = { (void *)(uintptr_t)thing->value[1], here.iov_len };
	ssize_t got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);

	if (got != (ssize_t)here.iov_len)
		return got < 0 && errno != EFAULT;
	switch (way_of(thing)) {
	case MUTEX:
		if (copy.mutex.__data.__owner == INCONSISTENT)
			return is_alive(thread_of(thing));
		return (uint32_t)copy.mutex.__data.__owner == thread_of(thing);
	case WRITING:
		return (uint32_t)copy.both.__data.__cur_writer == thread_of(thing);
	default:
		return copy.both.__data.__readers >> READER_SHIFT;
	}
}

/* Held ones, and whether they lie in memory of the module's, where nobody misses them. */
#define MOST 64
struct held {
	const struct relib_set *set;
	unsigned count;
	struct relib_thing things[MOST];
	bool own[MOST];
};

static void collect(void *context, const struct relib_thing *thing)
{
	struct held *held = context;

	if (relib_file_lock_is_thing(thing) || !relib_set_has(held->set, relib_thing_owner(thing)))
		return;
	if (!is_held(thing))
		relib_thing_leave(RELIB_KIND_LOCK, thing->key, NULL);
	else if (held->count < MOST)
		held->things[held->count++] = *thing;
}

static void note_range(struct held *held, uintptr_t start, size_t size)
{
	for (unsigned i = 0; i < held->count; i++)
		held->own[i] |= held->things[i].value[1] - start < size;
}

static void note_block(void *context, void *block, uint32_t site, uint32_t size)
{
	struct held *held = context;

	if (relib_set_has(held->set, relib_site_owner(site)))
		note_range(held, (uintptr_t)block, size == RELIB_SIZE_UNKNOWN ? relib_real.malloc_usable_size(block) : size);
}

static void note_mapping(void *context, const struct relib_thing *thing)
{
	struct held *held = context;

	if (relib_set_has(held->set, relib_thing_owner(thing)))
		note_range(held, thing->key, thing->value[0]);
}

void relib_held_refresh(const struct relib_set *set)
{
	struct held held = { .set = set };

	if (!relib_held_tracked || !relib_things_any(RELIB_KIND_LOCK))
		return;
	relib_things_walk(RELIB_KIND_LOCK, collect, &held);
	if (!held.count)
		return;
	for (size_t i = 0; i < set->count; i++)
		note_range(&held, set->objects[i]->start, set->objects[i]->end - set->objects[i]->start);
	relib_things_walk(RELIB_KIND_MAPPING, note_mapping, &held);
	relib_tags_walk(relib_settle_tag_bits(set), note_block, &held);
	for (unsigned i = 0; i < held.count; i++)
		if (held.own[i])
			relib_thing_leave(RELIB_KIND_LOCK, held.things[i].key, NULL);
}

/* "host_lock in program", or its address: by the file, since most variables aren't exported. */
static void write_place(uintptr_t address, char *text, size_t size)
{
	const struct relib_object *object = relib_object_at(address);
	struct relib_file file;

	snprintf(text, size, "at 0x%" PRIxPTR, address);
	if (!object || !relib_file_open(&file, object->path, NULL))
		return;
	for (size_t i = 0; i < file.symbols.count; i++) {
		const ElfW(Sym) *symbol = &file.symbols.symbols[i];

		if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_shndx == SHN_UNDEF ||
		    address - object->base - symbol->st_value >= symbol->st_size)
			continue;
		snprintf(text, size, "%s in %s", relib_symbol_name(&file.symbols, symbol), relib_name_of_file(object->path));
		break;
	}
	relib_file_close(&file);
}

void relib_held_describe(const struct relib_thing *thing, char *text, size_t size)
{
	static const char *const words[] = { "mutex", "read-write lock", "read-write lock" };
	static const char *const verbs[] = { "locked", "locked for writing", "locked for reading" };
	char place[256], name[16], by[64];
	uint32_t thread = thread_of(thing);

	write_place((uintptr_t)thing->value[1], place, sizeof place);
	relib_thread_name((int32_t)thread, name);
	if (is_alive(thread))
		snprintf(by, sizeof by, "thread %u \"%s\"", thread, name);
	else
		snprintf(by, sizeof by, "thread %u, which has ended", thread);
	snprintf(text, size, "%s %s  %s by %s", words[way_of(thing)], place, verbs[way_of(thing)], by);
}
