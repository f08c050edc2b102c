/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A module that allocates for others, who free it; and that frees itself. */
#include <cstdlib>
#include <cstring>
#include <netdb.h>
#include <pthread.h>

extern "C" {

void *make_item(size_t size)
{
	void *volatile item = malloc(size); /* make_item */
	return item;
}

char *make_name(void)
{
	char *volatile name = strdup("a name that is long enough"); /* make_name */
	return name;
}

int *make_number(void)
{
	int *volatile number = new int(4); /* make_number */
	return number;
}

struct addrinfo *make_address(void)
{
	struct addrinfo hints = {}, *volatile found = nullptr, *result = nullptr;

	hints.ai_flags = AI_NUMERICHOST;
	hints.ai_socktype = SOCK_STREAM;
	getaddrinfo("127.0.0.1", "80", &hints, &result); /* make_address */
	found = result;
	return found;
}

void free_item(void *item)
{
	free(item);
	__asm__ volatile("");
}

/* The thread's end frees it, and nobody's code is on the stack. */
void leave_to_thread(void)
{
	pthread_key_t key;

	pthread_key_create(&key, free);
	pthread_setspecific(key, malloc(40));
}
}
