/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Calls of dlopen whose result the hook doesn't see. */
#include "dlopen-attempt.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "callsite.h"
#include "dlopen-handle.h"
#include "lock.h"
#include "pin.h"
#include "report-name.h"

#define ATTEMPTS 32
#define NAME_SIZE 128
#define LOOKS 20 /* at what is not certain, before it is called so: a millisecond */

/* Registry lock, all of this. While there are attempts, `explained` of an object is how often it is open by what is known. */
static struct attempt {
	uint32_t mark;
	int32_t thread;
	uint32_t flags;
	char name[NAME_SIZE];
} attempts[ATTEMPTS];
static unsigned attempt_count;
/* One was not noted: no count proves anything until none is left. */
static bool overflown;
/* Grows whenever a first attempt is noted, and the counts of then are taken as explained. */
static unsigned generation;

/* Calls of dlopen under way whose result will be seen. */
#define BYSTANDERS 64
static struct bystander {
	int32_t thread; /* 0: free */
	unsigned generation;
	char name[NAME_SIZE]; /* empty: it may be any */
} bystanders[BYSTANDERS];
/* More of them than have a place. */
static unsigned nameless_bystanders;

#define UNKNOWN INT_MIN

static int count_of(const struct relib_object *object)
{
	int count = relib_object_open_count(object);

	return count < 0 ? UNKNOWN : count;
}

static bool is_there(const struct relib_object *object)
{
	return object->kind != RELIB_OBJECT_NONE && object->map && relib_object_is_loaded(object);
}

static int thread_id(void)
{
	return (int)syscall(SYS_gettid);
}

void relib_attempt_note(const char *file, int mode, uint32_t mark)
{
	const char *name = relib_name_of_file(file);
	int error = errno, thread = thread_id();
	sigset_t saved;

	relib_enter();
	relib_objects_refresh();
	relib_lock(&relib_registry_lock, &saved);
	if (!attempt_count) {
		overflown = false;
		generation++;
		for (uint32_t i = 1; i < relib_object_count; i++)
			relib_objects[i].explained = is_there(&relib_objects[i]) ? count_of(&relib_objects[i]) : 0;
	}
	if (attempt_count < ATTEMPTS && strlen(name) < NAME_SIZE) {
		struct attempt *attempt = &attempts[attempt_count];

		attempt->mark = mark;
		attempt->thread = thread;
		attempt->flags = mode & RTLD_NODELETE ? RELIB_DLOPEN_STAYS : 0;
		strcpy(attempt->name, name);
		__atomic_store_n(&attempt_count, attempt_count + 1, __ATOMIC_RELAXED);
	} else {
		overflown = true;
	}
	relib_unlock(&relib_registry_lock, &saved);
	relib_leave();
	errno = error;
}

static bool is_named(const struct relib_object *object, const char *name)
{
	return !strcmp(name, object->soname) || !strcmp(name, relib_name_of_file(object->path));
}

/* Whether another thread is about to have opened it, so that its count may hold what isn't explained yet. */
static bool has_bystanders(const struct relib_object *object)
{
	if (nameless_bystanders)
		return true;
	for (unsigned i = 0; i < BYSTANDERS; i++)
		if (bystanders[i].thread && bystanders[i].thread != thread_id() &&
		    (!*bystanders[i].name || is_named(object, bystanders[i].name)))
			return true;
	return false;
}

/* How often it is open by what is not known; UNKNOWN when that can't be told. */
static int surplus_of(struct relib_object *object)
{
	int count = count_of(object);

	if (count == UNKNOWN || object->explained == UNKNOWN)
		return UNKNOWN;
	/* Closed past our eyes: by ld.so itself, or by the tracker, later than it was asked to. */
	if (object->explained > count)
		object->explained = count;
	return count - object->explained;
}

/* What an attempt may have opened. */
static struct relib_object *opened_by(const struct attempt *attempt, int *surplus)
{
	for (uint32_t i = 1; i < relib_object_count; i++) {
		struct relib_object *object = &relib_objects[i];

		if (!is_there(object) || !is_named(object, attempt->name))
			continue;
		*surplus = surplus_of(object);
		if (*surplus)
			return object;
	}
	return NULL;
}

static int count_named(const struct relib_object *object)
{
	int count = 0;

	for (unsigned i = 0; i < attempt_count; i++)
		count += is_named(object, attempts[i].name);
	return count;
}

static bool is_of(const struct attempt *attempt, const struct relib_set *set)
{
	return attempt->mark && relib_set_has(set, relib_site_owner(attempt->mark & RELIB_SITE_MASK));
}

/* The thread is not in that dlopen any more. */
static bool is_over(const struct attempt *attempt, const struct relib_set *ended)
{
	if (attempt->thread == thread_id())
		return true;
	if (ended && is_of(attempt, ended))
		return true;
	return syscall(SYS_tgkill, getpid(), attempt->thread, 0) && errno == ESRCH;
}

/* What is known of one. Gives whether it is settled, and in `opened` what it opened, if anything; `at_last`: in any case. */
static bool resolve(const struct attempt *attempt, const struct relib_set *ended, bool at_last, struct relib_thing *opened)
{
	int surplus = 0;
	struct relib_object *object = opened_by(attempt, &surplus);
	bool over = is_over(attempt, ended), sure;

	sure = !overflown && !relib_bypassed && (object ? surplus == count_named(object) && !has_bystanders(object) : over);
	/* Not sure: wait for better, but not for ever. */
	if (!sure && !(over && (at_last || attempt_count == ATTEMPTS)))
		return false;
	opened->mark = 0;
	if (!object)
		return true;
	*opened = (struct relib_thing){ .kind = RELIB_KIND_DLOPEN_HANDLE, .mark = attempt->mark };
	opened->value[0] = (uint64_t)(uintptr_t)object->map;
	opened->value[1] = object->start | attempt->flags | (sure ? 0 : RELIB_DLOPEN_UNSURE);
	if (surplus > 0)
		object->explained++;
	return true;
}

/* Who has this lock is in no dlopen: what others had begun is over. They may begin anew. */
static void pass_through_ld_so(void)
{
	Dl_info info;

	dladdr(&attempts, &info);
}

/* Gives how many are left that the set made. */
static unsigned resolve_all(const struct relib_set *ended, bool at_last)
{
	struct relib_thing opened[ATTEMPTS];
	unsigned count = 0, left = 0;
	sigset_t saved;

	pass_through_ld_so();
	relib_objects_refresh();
	relib_lock(&relib_registry_lock, &saved);
	for (unsigned i = 0; i < attempt_count;) {
		if (!resolve(&attempts[i], ended, at_last, &opened[count])) {
			left += ended && is_of(&attempts[i], ended);
			i++;
			continue;
		}
		count += opened[count].mark != 0;
		attempts[i] = attempts[attempt_count - 1];
		__atomic_store_n(&attempt_count, attempt_count - 1, __ATOMIC_RELAXED);
	}
	relib_unlock(&relib_registry_lock, &saved);
	for (unsigned i = 0; i < count; i++)
		relib_dlopen_enter((void *)(uintptr_t)opened[i].value[0], opened[i].value[1], 0, opened[i].mark);
	return left;
}

void relib_attempts_resolve(const struct relib_set *ended)
{
	struct timespec pause = { .tv_nsec = 50000 };
	int error = errno;

	if (!__atomic_load_n(&attempt_count, __ATOMIC_RELAXED))
		return;
	relib_enter();
	/* What makes it uncertain is over in a moment, as a rule: calls of dlopen and dlclose in other threads. */
	for (unsigned i = 0; resolve_all(ended, ended && i == LOOKS); i++)
		nanosleep(&pause, NULL);
	relib_leave();
	errno = error;
}

/* A link to a library may have another name than that. */
static bool is_link(const char *file)
{
	struct stat status;

	return strchr(file, '/') && !lstat(file, &status) && S_ISLNK(status.st_mode);
}

unsigned relib_attempt_bystander_begins(const char *file)
{
	const char *name = relib_name_of_file(file ? file : "");
	int error = errno;
	bool any = strlen(name) >= NAME_SIZE || is_link(file ? file : "");
	sigset_t saved;
	unsigned at;

	relib_lock(&relib_registry_lock, &saved);
	for (at = 0; at < BYSTANDERS && bystanders[at].thread; at++)
		;
	if (at < BYSTANDERS) {
		bystanders[at].thread = thread_id();
		bystanders[at].generation = generation;
		strcpy(bystanders[at].name, any ? "" : name);
	} else {
		nameless_bystanders++;
	}
	relib_unlock(&relib_registry_lock, &saved);
	errno = error;
	return at;
}

void relib_attempt_bystander_ends(unsigned at, void *opened)
{
	struct relib_object *object = NULL;
	int error = errno;
	sigset_t saved;

	relib_lock(&relib_registry_lock, &saved);
	if (opened && attempt_count)
		object = relib_object_at_locked((uintptr_t)((struct link_map *)opened)->l_ld);
	/* If the counts were taken meanwhile, nobody knows whether this one was among them. */
	if (object && (at == BYSTANDERS || bystanders[at].generation != generation))
		object->explained = UNKNOWN;
	else if (object && object->explained != UNKNOWN)
		object->explained++;
	if (at < BYSTANDERS)
		bystanders[at].thread = 0;
	else
		nameless_bystanders--;
	relib_unlock(&relib_registry_lock, &saved);
	errno = error;
}

static struct relib_object *object_of(const void *handle)
{
	for (uint32_t i = 1; i < relib_object_count; i++)
		if (relib_objects[i].map == handle && is_there(&relib_objects[i]))
			return &relib_objects[i];
	return NULL;
}

int relib_attempt_close_begins(const void *handle)
{
	const struct relib_object *object;
	int count = -1;
	sigset_t saved;

	if (!__atomic_load_n(&attempt_count, __ATOMIC_RELAXED))
		return -1;
	relib_lock(&relib_registry_lock, &saved);
	object = object_of(handle);
	if (object)
		count = relib_object_open_count(object);
	relib_unlock(&relib_registry_lock, &saved);
	return count;
}

void relib_attempt_close_ends(const void *handle, int before)
{
	struct relib_object *object;
	int error = errno;
	sigset_t saved;

	if (before < 0)
		return;
	relib_lock(&relib_registry_lock, &saved);
	object = object_of(handle);
	/* Of an object that ld.so never unloads no close changes the count, so if any did, this one did, unless it was put off. */
	if (object && object->explained > 0 && relib_object_open_count(object) < before && !relib_pinned_count())
		object->explained--;
	else if (object && count_named(object))
		object->explained = UNKNOWN;
	relib_unlock(&relib_registry_lock, &saved);
	errno = error;
}

void relib_attempts_in_child(void)
{
	int thread = thread_id();

	/* Its own, if it forks in the constructor of a library, end under another number. */
	nameless_bystanders = 0;
	for (unsigned i = 0; i < BYSTANDERS; i++)
		if (bystanders[i].thread)
			bystanders[i].thread = thread;
}
