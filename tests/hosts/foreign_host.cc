/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host that frees blocks of modules: `foreign_host MAKER FREER SCENARIO`. */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netdb.h>
#include <pthread.h>
#include <unistd.h>
#include <vector>

#include "hosts/module.h"

static const char *maker_path, *freer_path;
static void *maker, *freer;

template <typename function> static function *symbol(void *module, const char *name)
{
	return reinterpret_cast<function *>(find_symbol(module, name));
}

static void *make_item(size_t size)
{
	return symbol<void *(size_t)>(maker, "make_item")(size);
}

#define PLACE __attribute__((noinline))
#define END __asm__ volatile("" ::: "memory")

static PLACE void host_free(void *block)
{
	free(block); /* host_free */
	END;
}

static PLACE void *host_realloc(void *block, size_t size)
{
	void *volatile moved = realloc(block, size); /* host_realloc */
	return moved;
}

static PLACE void host_delete(int *number)
{
	delete number; /* host_delete */
	END;
}

static PLACE void host_freeaddrinfo(struct addrinfo *address)
{
	freeaddrinfo(address); /* host_freeaddrinfo */
	END;
}

static PLACE char *host_getline(char *line, size_t size)
{
	static char text[] = "a line that is longer than what the module has allocated for it, by much\n";
	FILE *stream = fmemopen(text, strlen(text), "r");

	getline(&line, &size, stream); /* host_getline */
	fclose(stream);
	return line;
}

static void *in_thread(void *)
{
	symbol<void()>(maker, "leave_to_thread")();
	return nullptr;
}

/* Each way of the host's. */
static void host(void)
{
	pthread_t thread;
	char *line;

	for (int i = 0; i < 12; i++)
		host_free(make_item(40));
	host_free(symbol<char *()>(maker, "make_name")());
	free(host_realloc(make_item(100), 5000));
	host_realloc(make_item(110), 0);
	host_delete(symbol<int *()>(maker, "make_number")());
	host_freeaddrinfo(symbol<struct addrinfo *()>(maker, "make_address")());
	line = host_getline(static_cast<char *>(make_item(16)), 16);
	free(line);
	/* These are in order. */
	symbol<void(void *)>(maker, "free_item")(make_item(60));
	pthread_create(&thread, nullptr, in_thread, nullptr);
	pthread_join(thread, nullptr);
	free(malloc(70));
	/* What can't be done is not done. */
	line = static_cast<char *>(make_item(80));
	if (realloc(line, size_t(1) << 60))
		exit(2);
	symbol<void(void *)>(maker, "free_item")(line);
	make_item(90);
	dlclose(maker);
}

/* The other module is there still, or not. */
static void others(bool first)
{
	freer = open_module(freer_path);
	for (int i = 0; i < 3; i++)
		symbol<void *(void *)>(freer, "other_free")(make_item(50));
	if (first)
		dlclose(freer);
	dlclose(maker);
	if (!first)
		dlclose(freer);
}

/* The same name at other addresses, again and again: more often than there are records for places. */
static void reload(void)
{
	for (int i = 0; i < 5000; i++) {
		freer = open_module(freer_path);
		symbol<void *(void *)>(freer, "other_free")(make_item(50));
		dlclose(freer);
		if (i % 10 == 9) {
			dlclose(maker);
			maker = open_module(maker_path);
		}
	}
	dlclose(maker);
}

static void *free_all(void *blocks)
{
	for (void *block : *static_cast<std::vector<void *> *>(blocks))
		host_free(block);
	return nullptr;
}

/* Many threads at one place: none is lost. */
static void threads(void)
{
	std::vector<void *> blocks[8];
	pthread_t threads[8];

	for (int round = 0; round < 8; round++)
		for (int i = 0; i < 10000; i++)
			blocks[round].push_back(make_item(24));
	for (int round = 0; round < 8; round++)
		pthread_create(&threads[round], nullptr, free_all, &blocks[round]);
	for (pthread_t thread : threads)
		pthread_join(thread, nullptr);
	dlclose(maker);
}

/* Some are freed while the module is settled, and its call sites become those of another: that has no such blocks. */
static void race(void)
{
	for (int round = 0; round < 300; round++) {
		std::vector<void *> blocks;
		pthread_t thread;

		maker = round ? open_module(maker_path) : maker;
		for (int i = 0; i < 200; i++)
			blocks.push_back(make_item(24));
		pthread_create(&thread, nullptr, free_all, &blocks);
		dlclose(maker);
		freer = open_module(freer_path);
		free(symbol<void *(void *)>(freer, "other_free")(malloc(10)));
		dlclose(freer);
		pthread_join(thread, nullptr);
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	maker_path = argv[1];
	freer_path = argv[2];
	maker = open_module(maker_path);
	if (!strcmp(argv[3], "host"))
		host();
	else if (!strcmp(argv[3], "freer_first"))
		others(true);
	else if (!strcmp(argv[3], "maker_first"))
		others(false);
	else if (!strcmp(argv[3], "reload"))
		reload();
	else if (!strcmp(argv[3], "threads"))
		threads();
	else if (!strcmp(argv[3], "race"))
		race();
	else
		return 2;
	printf("done\n");
	return 0;
}
