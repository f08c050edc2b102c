/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Prints what every hooked function returns and leaves in errno; the output must not depend on who is preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

/* What stands in errno before each call, and stays there when it has nothing to say. */
enum { UNTOUCHED = 77 };

/* The compiler knows what impossible sizes come to; the allocator shall say it. */
static volatile size_t impossible = SIZE_MAX / 2 + 1, huge = SIZE_MAX / 2 - 4096, small = 100;

static void line(const char *what, int good)
{
	int left = errno;

	printf("%s: %s, errno %s\n", what, good ? "good" : "nothing", left == UNTOUCHED ? "untouched" : strerrorname_np(left));
}

#define TRY(expression) (errno = UNTOUCHED, line(#expression, (expression) != 0))
#define TRY_BLOCK(expression) do { \
		void *volatile got; \
		errno = UNTOUCHED; \
		got = (expression); \
		line(#expression, got != NULL); \
		errno = UNTOUCHED; \
		free(got); \
		line("  free", 1); \
	} while (0)

static void allocate(void)
{
	char *volatile block = malloc(small);
	void *other = NULL;

	TRY_BLOCK(malloc(small));
	TRY_BLOCK(malloc(0));
	TRY_BLOCK(malloc(huge));
	TRY_BLOCK(malloc(impossible));
	TRY_BLOCK(calloc(small, small));
	TRY_BLOCK(calloc(impossible, 4));
	TRY_BLOCK(calloc(huge, 1));
	TRY_BLOCK(realloc(NULL, small));
	TRY_BLOCK(realloc(NULL, huge));
	TRY_BLOCK(reallocarray(NULL, small, small));
	TRY_BLOCK(reallocarray(NULL, impossible, 4));
	TRY_BLOCK(aligned_alloc(64, small));
	TRY_BLOCK(aligned_alloc(64, huge));
	TRY_BLOCK(memalign(64, small));
	TRY_BLOCK(memalign(64, huge));
	TRY_BLOCK(valloc(small));
	TRY_BLOCK(valloc(huge));
	TRY_BLOCK(pvalloc(small));
	TRY_BLOCK(pvalloc(impossible));
	TRY(posix_memalign(&other, 64, small) == 0);
	free(other);
	TRY(posix_memalign(&other, 64, huge) == ENOMEM);
	TRY(posix_memalign(&other, 3, small) == EINVAL);
	memset(block, 'x', small);
	TRY(realloc(block, huge));
	TRY(reallocarray(block, impossible, 4));
	TRY(block[0] == 'x' && block[small - 1] == 'x');
	TRY(malloc_usable_size(block) >= small);
	TRY(malloc_usable_size(NULL));
	free(block);
}

static __attribute__((format(printf, 1, 2))) char *format_text(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	return text;
}

static void copy(void)
{
	char *text = NULL;

	TRY_BLOCK(strdup("text"));
	TRY_BLOCK(strndup("text", 2));
	TRY(asprintf(&text, "%d %s", 1, "two") == 5);
	TRY(strcmp(text, "1 two") == 0);
	free(text);
	TRY_BLOCK(format_text("%d", 3));
	TRY(asprintf(&text, "%ls", L"\xd800") < 0);
}

static void *return_it(void *argument)
{
	return argument;
}

static int return_seven(void *argument)
{
	return 7 + (argument != NULL);
}

static void start_threads(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	thrd_t standard;
	void *result = NULL;
	int seven = 0;

	TRY(pthread_create(&thread, NULL, return_it, &result) == 0);
	TRY(pthread_join(thread, &result) == 0 && result == &result);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, (size_t)1 << 46);
	TRY(pthread_create(&thread, &attributes, return_it, NULL) == EAGAIN);
	pthread_attr_destroy(&attributes);
	TRY(pthread_join(pthread_self(), NULL) == EDEADLK);
	TRY(pthread_create(&thread, NULL, return_it, NULL) == 0);
	TRY(pthread_detach(thread) == 0);
	TRY(thrd_create(&standard, return_seven, NULL) == thrd_success);
	TRY(thrd_join(standard, &seven) == thrd_success && seven == 7);
	TRY(thrd_create(&standard, return_seven, NULL) == thrd_success);
	TRY(thrd_detach(standard) == thrd_success);
}

static void open_objects(void)
{
	void *self;

	TRY(dlopen("no-such-object.so", RTLD_NOW));
	TRY(strstr(dlerror(), "no-such-object.so: cannot open shared object file") != NULL);
	TRY(dlerror());
	errno = UNTOUCHED;
	self = dlopen(NULL, RTLD_NOW);
	line("dlopen(NULL)", self != NULL);
	TRY(dlclose(self) == 0);
}

static void fork_and_wait(void)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	errno = UNTOUCHED;
	child = fork();
	if (child == 0)
		_exit(errno == UNTOUCHED ? 5 : 6);
	line("fork()", child > 0);
	waitpid(child, &status, 0);
	TRY(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

void run(void);
__attribute__((visibility("default"))) void run(void)
{
	allocate();
	copy();
	start_threads();
	open_objects();
	fork_and_wait();
	fflush(stdout);
}

/* With a path, that object's run() is called instead: the same code as a module. */
int main(int argc, char **argv)
{
	void *module = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	void (*function)(void) = argc > 1 ? (void (*)(void))dlsym(module, "run") : run;

	if (!function)
		return 1;
	function();
	return module ? dlclose(module) : 0;
}
