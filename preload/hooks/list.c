/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Hooks of functions of libc that hand over lists, of which only some blocks are the caller's or that leave no
 * frame of their own on the stack. What they allocate inside passes through untagged and is tagged here.
 */
#include <string.h>

#include "../block.h"

/* Of all that getaddrinfo allocates only the list is the caller's, 64 bytes and more an entry. */
RELIB_HOOK int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
			   struct addrinfo **list)
{
	uint32_t mark;
	int error;

	relib_need_real();
	mark = RELIB_SITE(getaddrinfo);
	if (!mark)
		return relib_real.getaddrinfo(node, service, hints, list);
	relib_enter();
	error = relib_real.getaddrinfo(node, service, hints, list);
	relib_leave();
	for (struct addrinfo *entry = error ? NULL : *list; entry; entry = entry->ai_next) {
		relib_block_enter(entry, sizeof *entry + entry->ai_addrlen, mark);
		/* A shorter one has no room for a tag of its own. */
		if (entry->ai_canonname && strlen(entry->ai_canonname) >= RELIB_SMALLEST_BLOCK)
			relib_block_enter(entry->ai_canonname, RELIB_SIZE_UNKNOWN, mark);
	}
	return error;
}

static void enter_names(void *list, void *const *entries, int count, uint32_t mark)
{
	relib_block_enter(list, RELIB_SIZE_UNKNOWN, mark);
	for (int i = 0; i < count; i++)
		relib_block_enter(entries[i], RELIB_SIZE_UNKNOWN, mark);
}

static void leave(int *inside)
{
	(void)inside;
	relib_leave();
}

/*
 * scandir jumps to a function without a name, so that a stack does not tell who allocates. A filter may throw:
 * then the thread is outside of the tracker again all the same.
 */
#define SCAN(name, parameters, arguments)                                                                  \
	static int inside_##name parameters                                                                \
	{                                                                                                  \
		__attribute__((cleanup(leave))) int inside = 0;                                            \
                                                                                                           \
		(void)inside;                                                                              \
		relib_enter();                                                                             \
		return relib_real.name arguments;                                                          \
	}                                                                                                  \
	RELIB_HOOK int name parameters                                                                     \
	{                                                                                                  \
		uint32_t mark;                                                                             \
		int count;                                                                                 \
                                                                                                           \
		relib_need_real();                                                                         \
		mark = RELIB_SITE(name);                                                                   \
		if (!mark)                                                                                 \
			return relib_real.name arguments;                                                  \
		count = inside_##name arguments;                                                           \
		if (count >= 0)                                                                            \
			enter_names(*list, (void *const *)*list, count, mark);                             \
		return count;                                                                              \
	}

SCAN(scandir, (const char *folder, struct dirent ***list, int (*filter)(const struct dirent *),
	       int (*compare)(const struct dirent **, const struct dirent **)), (folder, list, filter, compare))
SCAN(scandir64, (const char *folder, struct dirent64 ***list, int (*filter)(const struct dirent64 *),
		 int (*compare)(const struct dirent64 **, const struct dirent64 **)), (folder, list, filter, compare))
SCAN(scandirat, (int at, const char *folder, struct dirent ***list, int (*filter)(const struct dirent *),
		 int (*compare)(const struct dirent **, const struct dirent **)), (at, folder, list, filter, compare))
SCAN(scandirat64, (int at, const char *folder, struct dirent64 ***list, int (*filter)(const struct dirent64 *),
		   int (*compare)(const struct dirent64 **, const struct dirent64 **)),
     (at, folder, list, filter, compare))
