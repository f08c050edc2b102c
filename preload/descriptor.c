/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Descriptors that modules hold: entered, described, closed. */
#include "descriptor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fork.h"
#include "kind.h"

int relib_descriptor_enter(int number, uint32_t mark)
{
	struct relib_thing thing = { .kind = RELIB_KIND_DESCRIPTOR, .key = (uint64_t)number, .mark = mark };

	relib_thing_acquired(&thing);
	return number;
}

void relib_descriptor_leave(int number)
{
	if (number >= 0 && !relib_fork_is_borrowed())
		relib_thing_leave(RELIB_KIND_DESCRIPTOR, (uint64_t)number, NULL);
}

struct range {
	unsigned first, last;
};

static void leave_in_range(void *context, const struct relib_thing *thing)
{
	const struct range *range = context;

	if (thing->key >= range->first && thing->key <= range->last)
		relib_thing_leave(RELIB_KIND_DESCRIPTOR, thing->key, NULL);
}

void relib_descriptors_leave(unsigned first, unsigned last)
{
	struct range range = { first, last };

	if (!relib_fork_is_borrowed())
		relib_things_walk(RELIB_KIND_DESCRIPTOR, leave_in_range, &range);
}

uint32_t relib_descriptor_replace(int number, uint32_t mark, struct relib_thing *before)
{
	int error = errno;

	before->mark = 0;
	if (number < 0 || relib_fork_is_borrowed() || relib_thing_leave(RELIB_KIND_DESCRIPTOR, (uint64_t)number, before))
		return mark;
	if (mark && fcntl(number, F_GETFD) >= 0)
		mark = 0;
	errno = error;
	return mark;
}

int relib_descriptor_restore(const struct relib_thing *before)
{
	int error = errno;

	if (before->mark)
		relib_thing_enter(before);
	errno = error;
	return -1;
}

/* For settlement */

bool relib_descriptor_release(const struct relib_thing *thing)
{
	/* EINTR: Linux has closed it all the same. */
	return !relib_real.close((int)thing->key) || errno == EINTR;
}

/* "127.0.0.1:80", "[::1]:80", "/run/socket", "@abstract"; false where there is nothing to say. */
static bool write_address(const struct sockaddr_storage *address, socklen_t length, char *text, size_t size)
{
	const struct sockaddr_in *four = (const void *)address;
	const struct sockaddr_in6 *six = (const void *)address;
	const struct sockaddr_un *local = (const void *)address;
	char host[INET6_ADDRSTRLEN];

	switch (address->ss_family) {
	case AF_INET:
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
		snprintf(text, size, "%s:%u", host, ntohs(four->sin_port));
		return four->sin_port;
	case AF_INET6:
		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
		snprintf(text, size, "[%s]:%u", host, ntohs(six->sin6_port));
		return six->sin6_port;
	case AF_UNIX:
		if (length <= offsetof(struct sockaddr_un, sun_path))
			return false;
		length -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
		if (*local->sun_path)
			snprintf(text, size, "%.*s", (int)length, local->sun_path);
		else
			snprintf(text, size, "@%.*s", (int)length - 1, local->sun_path + 1);
		return true;
	default:
		return false;
	}
}

static void describe_socket(int number, char *text, size_t size)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof address;
	char own[160] = "", peer[160] = "";
	bool has_own, has_peer;

	has_own = !getsockname(number, (struct sockaddr *)&address, &length) && write_address(&address, length, own, sizeof own);
	memset(&address, 0, sizeof address);
	length = sizeof address;
	has_peer = !getpeername(number, (struct sockaddr *)&address, &length) && write_address(&address, length, peer, sizeof peer);
	snprintf(text, size, "fd %d  socket%s%s%s%s", number, has_own ? " " : "", has_own ? own : "", has_peer ? " to " : "",
		 has_peer ? peer : "");
}

/* As the kernel names it: a path, or "pipe:[123]", "socket:[123]", "anon_inode:[eventfd]". */
void relib_descriptor_describe(const struct relib_thing *thing, char *text, size_t size)
{
	char path[64], target[400];
	int number = (int)thing->key;
	ssize_t length;

	snprintf(path, sizeof path, "/proc/self/fd/%d", number);
	length = readlink(path, target, sizeof target - 1);
	target[length > 0 ? length : 0] = '\0';
	if (!strncmp(target, "socket:", strlen("socket:"))) {
		describe_socket(number, text, size);
	} else if (!strncmp(target, "pipe:", strlen("pipe:"))) {
		snprintf(text, size, "fd %d  pipe", number);
	} else if (!strncmp(target, "anon_inode:", strlen("anon_inode:"))) {
		char *name = target + strlen("anon_inode:");

		name += *name == '[';
		name[strcspn(name, "]")] = '\0';
		snprintf(text, size, "fd %d  %s", number, name);
	} else {
		snprintf(text, size, "fd %d  %s", number, *target ? target : "closed by other means");
	}
}
