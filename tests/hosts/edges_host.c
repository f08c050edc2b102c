/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A host that knows nothing of relib, in awkward situations: edges_host MODULE SITUATION. Says at last that all is well. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 1000

static const char *module;
static void *handle;
static FILE *stream;
static bool over;
static int ready;

static void say(const char *text)
{
	printf("%s\n", text);
	fflush(stdout);
}

static void fail(const char *what)
{
	say(what);
	_exit(1);
}

static void load(void)
{
	handle = dlopen(module, RTLD_NOW);
	if (!handle)
		fail(dlerror());
}

static void *function(const char *name)
{
	void *found = dlsym(handle, name);

	if (!found)
		fail(dlerror());
	return found;
}

static void call(const char *name)
{
	((void (*)(void))function(name))();
}

static bool is_over(void)
{
	return __atomic_load_n(&over, __ATOMIC_ACQUIRE);
}

static pthread_t start(void *(*run)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL))
		fail("there is no thread");
	return thread;
}

static void finish(pthread_t thread)
{
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

static void is_ready(int what)
{
	__atomic_store_n(&ready, what, __ATOMIC_RELEASE);
}

static int wait_ready(void)
{
	int what;

	while (!(what = __atomic_load_n(&ready, __ATOMIC_ACQUIRE)))
		usleep(1000);
	return what;
}

/* Forks */

static void *flush_all(void *none)
{
	while (!is_over()) {
		fputc('x', stream);
		fflush(NULL);
	}
	return none;
}

static void fork_while_flushing(void)
{
	pthread_t thread;

	load();
	stream = ((FILE * (*)(void)) function("edges_stream"))();
	thread = start(flush_all);
	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		if (child < 0 || waitpid(child, NULL, 0) != child)
			fail("a fork failed");
	}
	finish(thread);
	fclose(stream);
}

static void *load_and_unload(void *none)
{
	while (!is_over()) {
		void *own = dlopen("./second.so", RTLD_NOW);

		if (!own)
			fail(dlerror());
		((void (*)(void))dlsym(own, "edges_work"))();
		dlclose(own);
	}
	return none;
}

static void fork_plainly(void)
{
	void (*work)(void);
	pthread_t thread;

	load();
	work = (void (*)(void))function("edges_work");
	thread = start(load_and_unload);
	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = _Fork();
		int status;

		if (!child) {
			alarm(20);
			work();
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status)
			fail("a child of _Fork hangs");
	}
	finish(thread);
}

static void clone_borrowed(void)
{
	int number = fcntl(open("/dev/zero", O_RDONLY), F_DUPFD, 50);

	load();
	if (((int (*)(int))function("edges_clone"))(number))
		fail("the child failed");
	dlclose(handle);
	if (fcntl(number, F_GETFD) < 0)
		fail("the host's descriptor is closed");
}

/* Threads */

static void *read_stream(void *none)
{
	is_ready(1);
	fgetc(stream);
	return none;
}

static bool is_locked(void)
{
	if (ftrylockfile(stream))
		return true;
	funlockfile(stream);
	return false;
}

static void unload_while_reading(void)
{
	pthread_t thread;

	load();
	stream = ((FILE * (*)(const char *)) function("edges_open"))("fifo");
	if (!stream)
		fail("the stream can't be opened");
	thread = start(read_stream);
	wait_ready();
	while (!is_locked())
		usleep(1000);
	dlclose(handle);
	if (write(fileno(stream), "x", 1) != 1)
		fail("the stream of a thread that reads is closed");
	finish(thread);
}

static void *wait_for_signals(void *none)
{
	int number;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	is_ready(1);
	sigwait(&all, &number);
	if (number != SIGUSR1)
		fail("the host's thread got a signal that is not its own");
	return none;
}

/* Code that nobody can unwind, as a compiler at run time makes it: calls a function below an address in the module. */
static void below(void *address, void *(*run)(void *))
{
#ifdef __x86_64__
	/* push %rbp, %rdi, %rdi; xor %edi, %edi; call *%rsi; pop %rdi, %rdi, %rbp; ret */
	static const unsigned char code[] = { 0x55, 0x57, 0x57, 0x31, 0xff, 0xff, 0xd6, 0x5f, 0x5f, 0x5d, 0xc3 };
	void *made = mmap(NULL, sizeof code, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (made == MAP_FAILED)
		fail("there is no memory for code");
	memcpy(made, code, sizeof code);
	((void (*)(void *, void *(*)(void *)))made)(address, run);
#else
	(void)address;
	run(NULL);
#endif
}

static void *wait_below(void *none)
{
	below(((void *(*)(void))function("edges_inside"))(), wait_for_signals);
	return none;
}

static void unload_beside(void *(*run)(void *), int spare)
{
	struct rlimit limit = { 128, 128 };
	pthread_t thread;
	int last = -1;

	load();
	call("edges_leak");
	thread = start(run);
	wait_ready();
	usleep(20000);
	if (spare) {
		setrlimit(RLIMIT_NOFILE, &limit);
		for (int number; (number = open("/dev/null", O_RDONLY)) >= 0;)
			last = number;
		while (spare--)
			close(last--);
	}
	dlclose(handle);
	pthread_kill(thread, SIGUSR1);
	finish(thread);
}

static void *unload(void *none)
{
	dlclose(handle);
	return none;
}

static void unload_on_small_stack(void)
{
	pthread_t other, thread = 0;
	pthread_attr_t attributes;
	size_t size = (size_t)PTHREAD_STACK_MIN;

	load();
	call("edges_leak");
	other = start(wait_for_signals);
	wait_ready();
	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, size) || pthread_create(&thread, &attributes, unload, NULL))
		fail("there is no thread");
	pthread_join(thread, NULL);
	pthread_kill(other, SIGUSR1);
	finish(other);
}

static void *spin_with_small_stack(void *none)
{
	stack_t stack = { .ss_sp = malloc(2048), .ss_size = 2048 };

	is_ready(sigaltstack(&stack, NULL) ? -1 : 1);
	while (!is_over())
		;
	return none;
}

static int spin(void)
{
	pthread_t thread = start(spin_with_small_stack);
	int what = wait_ready();

	for (int i = 0; i < 5; i++) {
		load();
		call("edges_leak");
		dlclose(handle);
	}
	finish(thread);
	return what;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	module = argv[1];
	if (!strcmp(argv[2], "flush"))
		fork_while_flushing();
	else if (!strcmp(argv[2], "_Fork"))
		fork_plainly();
	else if (!strcmp(argv[2], "clone"))
		clone_borrowed();
	else if (!strcmp(argv[2], "reading"))
		unload_while_reading();
	else if (!strcmp(argv[2], "sigwait"))
		unload_beside(wait_below, 0);
	else if (!strcmp(argv[2], "descriptors"))
		unload_beside(wait_for_signals, argc > 3 ? atoi(argv[3]) : 1);
	else if (!strcmp(argv[2], "small"))
		unload_on_small_stack();
	else if (!strcmp(argv[2], "signal-stack") && spin() < 0)
		fail("the kernel takes no such stack");
	say("all is well");
	return 0;
}
