/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Leaves one of every kind at once, and works with all of them until it goes. */
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <fcntl.h>
#include <new>
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <string>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <threads.h>
#include <ctime>
#include <unistd.h>

extern "C" {
int take(void);
int works(void);
int on_exit(void (*)(int, void *), void *) noexcept;
}

namespace {

/* What was called since the module was loaded. */
volatile sig_atomic_t signalled;
volatile int keys_destroyed;

void on_signal(int) { signalled = signalled + 1; }
void on_terminate() { _exit(99); }
void on_no_memory() { throw std::bad_alloc(); }
void on_end(int, void *) {}
void destroy_key(void *) { keys_destroyed = keys_destroyed + 1; }
void *end_at_once(void *argument) { return argument; }

struct local {
	std::string text = "a text that is too long to be kept in the object itself";
	~local() { text.clear(); }
};
thread_local local of_thread;

char variable[] = "RELIB_KIND_ALL=a string in the module";
char identity[] = "kind_all";
char signal_stack[1 << 16];
char buffer[4096];

void *block;
int descriptor = -1, pair[2], locked = -1;
FILE *stream;
char *mapping;
pthread_key_t key;
tss_t old_key;
timer_t timer;
pthread_t thread;
pid_t child;
void *library;
sem_t *semaphore;

void take_memory()
{
	block = std::malloc(1000);
	mapping = static_cast<char *>(mmap(nullptr, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	of_thread.text += "!";
}

void take_files()
{
	descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		std::abort();
	stream = fopen("/dev/null", "we");
	fputs("buffered", stream);
	locked = open(".", O_RDONLY | O_CLOEXEC);
	flock(locked, LOCK_SH);
	library = dlopen("libanl.so.1", RTLD_NOW);
	semaphore = sem_open("/relib-kind-all", O_CREAT, 0600, 1);
	sem_unlink("/relib-kind-all");
}

void take_handlers()
{
	struct sigevent event = {};
	struct itimerspec when = { { 1000, 0 }, { 1000, 0 } };
	stack_t stack = { signal_stack, 0, sizeof(signal_stack) };

	std::signal(SIGUSR1, on_signal);
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGUSR1;
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &when, nullptr);
	pthread_key_create(&key, destroy_key);
	pthread_setspecific(key, &key);
	tss_create(&old_key, destroy_key);
	on_exit(on_end, nullptr);
	std::set_terminate(on_terminate);
	std::set_new_handler(on_no_memory);
	sigaltstack(&stack, nullptr);
}

void take_others()
{
	char *arguments[] = { const_cast<char *>("true"), nullptr };

	putenv(variable);
	openlog(identity, 0, LOG_USER);
	setvbuf(stdin, buffer, _IOFBF, sizeof(buffer));
	pthread_create(&thread, nullptr, end_at_once, nullptr);
	posix_spawnp(&child, "true", nullptr, nullptr, arguments, environ);
	/* Until it has ended; it still waits to be waited for. */
	siginfo_t ended;
	waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
}

} // namespace

int take(void)
{
	take_memory();
	take_files();
	take_handlers();
	take_others();
	return works();
}

/* All of it is there. */
int works(void)
{
	struct sigaction action;
	struct itimerspec left;
	const char *text = getenv("RELIB_KIND_ALL");

	std::memset(block, 1, 1000);
	mapping[65535] = 1;
	sigaction(SIGUSR1, nullptr, &action);
	return action.sa_handler == on_signal && fcntl(descriptor, F_GETFD) >= 0 && write(pair[0], "x", 1) == 1 &&
	       fputc('x', stream) == 'x' && !timer_gettime(timer, &left) && pthread_getspecific(key) == &key && text &&
	       !std::strcmp(text, "a string in the module") && std::get_terminate() == on_terminate && library && semaphore &&
	       of_thread.text.back() == '!';
}
