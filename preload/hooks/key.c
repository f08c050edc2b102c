/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of keys of thread-specific data. */
#include "../key.h"
#include "../key-value.h"
#include "../real.h"
#include "../start.h"

#define X(type, name, parameters) type name parameters;
RELIB_KEY_HOOKS(X)
#undef X

#define MAKES(name, type)                                                                                          \
	RELIB_HOOK int name(type *key, void (*destructor)(void *))                                                 \
	{                                                                                                          \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                           \
		error = relib_real.name(key, destructor);                                                          \
		if (!error)                                                                                        \
			relib_key_enter(*key, destructor, RELIB_CALLER, (uintptr_t)relib_real.name);               \
		return error;                                                                                      \
	}
MAKES(pthread_key_create, pthread_key_t)
MAKES(__pthread_key_create, pthread_key_t)
MAKES(tss_create, tss_t)

#define SETS(name, type, pointer)                                                                                  \
	RELIB_HOOK int name(type key, pointer value)                                                               \
	{                                                                                                          \
		int error;                                                                                         \
                                                                                                                   \
		RELIB_NEED(name);                                                                                  \
		error = relib_real.name(key, value);                                                               \
		if (__builtin_expect(relib_key_has_owner(key), 0) && !error)                                       \
			relib_key_note(key, value);                                                                \
		return error;                                                                                      \
	}
SETS(pthread_setspecific, pthread_key_t, const void *)
SETS(tss_set, tss_t, void *)

/* Before, for after it another thread may get the same number. */
RELIB_HOOK int pthread_key_delete(pthread_key_t key)
{
	struct relib_thing thing;
	bool held = relib_thing_leave(RELIB_KIND_KEY, key, &thing);
	int error;

	RELIB_NEED(pthread_key_delete);
	if (held)
		relib_key_disown(key);
	error = relib_real.pthread_key_delete(key);
	if (error && held) {
		relib_key_own(key);
		relib_thing_enter(&thing);
	}
	return error;
}

RELIB_HOOK void tss_delete(tss_t key)
{
	RELIB_NEED(tss_delete);
	if (relib_thing_leave(RELIB_KIND_KEY, key, NULL))
		relib_key_disown(key);
	relib_real.tss_delete(key);
}
