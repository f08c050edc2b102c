/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* An unmodified host that does what could end or hang it if the tracker were careless. Its first argument says what. */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 8

static char **modules;
static int module_count;

static void *need(void *what)
{
	if (!what) {
		printf("%s\n", dlerror());
		exit(1);
	}
	return what;
}

static void call_leak(void *handle, int count)
{
	((void (*)(int))need(dlsym(handle, "leak")))(count);
}

/* Several threads open and close the same few files: one closes what another still has in hand. */
static void *open_and_close(void *argument)
{
	unsigned seed = (unsigned)(size_t)argument;
	char *mine[20];

	for (int round = 0; round < 1000; round++) {
		void *handle = need(dlopen(modules[rand_r(&seed) % module_count], RTLD_NOW));

		call_leak(handle, rand_r(&seed) % 10);
		for (int i = 0; i < 20; i++)
			mine[i] = strdup("memory of the host");
		dlclose(handle);
		for (int i = 0; i < 20; i++) {
			if (strcmp(mine[i], "memory of the host"))
				abort();
			free(mine[i]);
		}
	}
	return NULL;
}

static void same(void)
{
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, open_and_close, (void *)(i + 1));
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* A thread with a cancellation pending closes: dlclose is no place to end in. */
static void *close_cancelled(void *argument)
{
	void *handle = need(dlopen(modules[0], RTLD_NOW));

	call_leak(handle, 5);
	pthread_cancel(pthread_self());
	dlclose(handle);
	puts("dlclose came back");
	return argument;
}

static void cancel(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, close_cancelled, NULL);
	pthread_join(thread, NULL);
	puts(dlopen(modules[0], RTLD_NOW | RTLD_NOLOAD) ? "it is still there" : "it is gone");
}

/* One thread allocates in a callback of dl_iterate_phdr while another one's stack is looked through. */
static pthread_barrier_t inside;

static void *use_module(void *use)
{
	pthread_barrier_wait(&inside);
	((void (*)(void))use)();
	return NULL;
}

static int allocate_inside(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)info;
	(void)size;
	(void)context;
	pthread_barrier_wait(&inside);
	/* Nothing tells that the other one waits for us: on a machine that is slow this tests less. */
	usleep(200000);
	free(realpath("/", NULL));
	return 1;
}

static void callback(void)
{
	void *use = need(dlsym(need(dlopen(modules[0], RTLD_NOW)), "use"));
	pthread_t thread;

	pthread_barrier_init(&inside, NULL, 2);
	pthread_create(&thread, NULL, use_module, use);
	dl_iterate_phdr(allocate_inside, NULL);
	pthread_join(thread, NULL);
}

static void jobs(void)
{
	((void (*)(void))need(dlsym(need(dlopen(modules[0], RTLD_NOW)), "start_jobs")))();
}

static void closes(void)
{
	void *handle = need(dlopen(modules[0], RTLD_NOW));

	call_leak(handle, 5);
	dlclose(handle);
}

/* A program that closes stderr gets its number for a file of its own. */
static void stderr_taken(void)
{
	FILE *file;

	close(STDERR_FILENO);
	file = fopen("data", "w+");
	closes();
	fseek(file, 0, SEEK_END);
	printf("descriptor %d, %ld bytes\n", fileno(file), ftell(file));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} hazards[] = { { "same", same }, { "cancel", cancel }, { "callback", callback }, { "jobs", jobs }, { "close", closes },
		{ "stderr", stderr_taken } };

	modules = argv + 2;
	module_count = argc - 2;
	for (size_t i = 0; argc > 2 && i < sizeof hazards / sizeof *hazards; i++)
		if (!strcmp(argv[1], hazards[i].name)) {
			hazards[i].run();
			puts("done");
			return 0;
		}
	return 2;
}
