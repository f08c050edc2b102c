/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Prints what every hooked function returns and leaves in errno; the output must not depend on who is preloaded. */
#define _GNU_SOURCE
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <netdb.h>
#include <printf.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* operator new and delete, by their mangled names */
extern void *_Znwm(size_t), *_Znam(size_t), *_ZnwmSt11align_val_t(size_t, size_t), *_ZnamSt11align_val_t(size_t, size_t);
extern void *_ZnwmRKSt9nothrow_t(size_t, const void *), *_ZnamRKSt9nothrow_t(size_t, const void *);
extern void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t, size_t, const void *);
extern void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t, size_t, const void *);
extern void (*_ZSt13set_terminatePFvvE(void (*)(void)))(void), (*_ZSt14set_unexpectedPFvvE(void (*)(void)))(void),
	(*_ZSt15set_new_handlerPFvvE(void (*)(void)))(void);
extern void *_ZNSt3pmr20set_default_resourceEPNS_15memory_resourceE(void *);
extern void _ZdlPv(void *), _ZdaPv(void *), _ZdlPvm(void *, size_t), _ZdaPvm(void *, size_t);
extern void _ZdlPvRKSt9nothrow_t(void *, const void *), _ZdaPvRKSt9nothrow_t(void *, const void *);
extern void _ZdlPvSt11align_val_t(void *, size_t), _ZdaPvSt11align_val_t(void *, size_t);
extern void _ZdlPvmSt11align_val_t(void *, size_t, size_t), _ZdaPvmSt11align_val_t(void *, size_t, size_t);
extern void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *, size_t, const void *);
extern void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *, size_t, const void *);
extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
extern int __cxa_atexit(void (*)(void *), void *, void *), __cxa_at_quick_exit(void (*)(void *), void *);
extern int __pthread_key_create(pthread_key_t *, void (*)(void *));
extern void __cxa_finalize(void *); /* by every object's last destructor */
extern int __sigaction(int, const struct sigaction *, struct sigaction *), sigignore(int);
extern sighandler_t ssignal(int, sighandler_t), bsd_signal(int, sighandler_t), sysv_signal(int, sighandler_t),
	__sysv_signal(int, sighandler_t), sigset(int, sighandler_t);
extern int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *);
extern void *__dso_handle;
extern char *__strdup(const char *), *__strndup(const char *, size_t);
extern int __asprintf_chk(char **, int, const char *, ...), __vasprintf_chk(char **, int, const char *, va_list);

extern int __open_2(const char *, int), __open64_2(const char *, int);
extern int __openat_2(int, const char *, int), __openat64_2(int, const char *, int);

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

#define TRY_NEW(expression, give_back) do { \
		void *volatile got; \
		errno = UNTOUCHED; \
		got = (expression); \
		line(#expression, got != NULL); \
		errno = UNTOUCHED; \
		give_back; \
		line("  " #give_back, 1); \
	} while (0)

static void make_objects(void)
{
	static const char nothrow;

	TRY_NEW(_Znwm(small), _ZdlPv(got));
	TRY_NEW(_Znam(small), _ZdaPv(got));
	TRY_NEW(_Znwm(0), _ZdlPvm(got, 0));
	TRY_NEW(_Znam(small), _ZdaPvm(got, small));
	TRY_NEW(_ZnwmRKSt9nothrow_t(small, &nothrow), _ZdlPvRKSt9nothrow_t(got, &nothrow));
	TRY_NEW(_ZnwmRKSt9nothrow_t(huge, &nothrow), _ZdlPv(got));
	TRY_NEW(_ZnamRKSt9nothrow_t(small, &nothrow), _ZdaPvRKSt9nothrow_t(got, &nothrow));
	TRY_NEW(_ZnamRKSt9nothrow_t(huge, &nothrow), _ZdaPv(got));
	TRY_NEW(_ZnwmSt11align_val_t(small, 64), _ZdlPvSt11align_val_t(got, 64));
	TRY_NEW(_ZnamSt11align_val_t(small, 64), _ZdaPvSt11align_val_t(got, 64));
	TRY_NEW(_ZnwmSt11align_val_t(small, 64), _ZdlPvmSt11align_val_t(got, small, 64));
	TRY_NEW(_ZnamSt11align_val_t(small, 64), _ZdaPvmSt11align_val_t(got, small, 64));
	TRY_NEW(_ZnwmSt11align_val_tRKSt9nothrow_t(small, 64, &nothrow), _ZdlPvSt11align_val_tRKSt9nothrow_t(got, 64, &nothrow));
	TRY_NEW(_ZnamSt11align_val_tRKSt9nothrow_t(small, 64, &nothrow), _ZdaPvSt11align_val_tRKSt9nothrow_t(got, 64, &nothrow));
	TRY_NEW(_ZnwmSt11align_val_tRKSt9nothrow_t(huge, 64, &nothrow), _ZdlPv(NULL));
}

static __attribute__((format(printf, 1, 2))) char *format_checked(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;

	va_start(arguments, format);
	if (__vasprintf_chk(&text, 1, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	return text;
}

static int free_names(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	if (count >= 0)
		free(names);
	return count;
}

static void list(void)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *found = NULL;
	struct dirent64 **names64 = NULL;
	struct dirent **names = NULL;
	char *text = NULL;
	int count;

	TRY_BLOCK(__strdup("text"));
	TRY_BLOCK(__strndup("text", 2));
	TRY(__asprintf_chk(&text, 1, "%d", 5) == 1);
	free(text);
	TRY_BLOCK(format_checked("%d", 3));
	TRY((count = scandir("/proc/self", &names, NULL, alphasort)) > 2);
	free_names(names, count);
	TRY(scandir("/nowhere/at/all", &names, NULL, NULL) == -1);
	TRY((count = scandirat(AT_FDCWD, "/proc/self", &names, NULL, NULL)) > 2);
	free_names(names, count);
	TRY((count = scandir64("/proc/self", &names64, NULL, NULL)) > 2);
	free_names((struct dirent **)names64, count);
	TRY((count = scandirat64(AT_FDCWD, "/proc/self", &names64, NULL, NULL)) > 2);
	free_names((struct dirent **)names64, count);
	TRY(getaddrinfo("127.0.0.1", "80", &hints, &found) == 0);
	freeaddrinfo(found);
	TRY(getaddrinfo("no number", "80", &hints, &found) == EAI_NONAME);
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

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *pass_gate(void *argument)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return argument;
}

static void join_in_time(void)
{
	struct timespec past = { .tv_nsec = 1 }, later;
	pthread_t thread;

	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 1000;
	pthread_mutex_lock(&gate);
	TRY(pthread_create(&thread, NULL, pass_gate, NULL) == 0);
	TRY(pthread_tryjoin_np(thread, NULL) == EBUSY);
	TRY(pthread_timedjoin_np(thread, NULL, &past) == ETIMEDOUT);
	TRY(pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
	pthread_mutex_unlock(&gate);
	TRY(pthread_timedjoin_np(thread, NULL, &later) == 0);
}

static void count_run(void *runs)
{
	++*(int *)runs;
}

static void *end_with_destructor(void *runs)
{
	TRY(__cxa_thread_atexit_impl(count_run, runs, &__dso_handle) == 0);
	return NULL;
}

static void destroy_thread_local(void)
{
	pthread_t thread;
	int runs = 0;

	pthread_create(&thread, NULL, end_with_destructor, &runs);
	pthread_join(thread, NULL);
	TRY(runs == 1);
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
	TRY(dlmopen(LM_ID_BASE, "no-such-object.so", RTLD_NOW));
	TRY(dlerror() != NULL);
	/* What ld.so would expand or search as its caller says, the hook jumps to. */
	TRY(dlopen("$ORIGIN/no-such-object.so", RTLD_NOW));
	TRY(strstr(dlerror(), "$ORIGIN/no-such-object.so: cannot open shared object file") != NULL);
	errno = UNTOUCHED;
	self = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
	line("dlopen of what is open", self != NULL);
	TRY(dlclose(self) == 0);
}

static void map_memory(void)
{
	enum { ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *start = NULL, *other = NULL;
	int id = shmget(IPC_PRIVATE, page, IPC_CREAT | 0600);

	TRY((start = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, ANONYMOUS, -1, 0)) != MAP_FAILED);
	TRY((other = mmap64(NULL, page, PROT_READ, ANONYMOUS, -1, 0)) != MAP_FAILED);
	TRY(mmap(NULL, 0, PROT_READ, ANONYMOUS, -1, 0) == MAP_FAILED);
	TRY(mmap64(NULL, page, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED);
	TRY(mmap(NULL, huge, PROT_READ, ANONYMOUS, -1, 0) == MAP_FAILED);
	TRY(mmap(start + page, page, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0) == start + page);
	TRY(mmap(start + 1, page, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
	TRY(mmap(start + page, page, PROT_READ, MAP_PRIVATE | MAP_FIXED, -1, 0) == MAP_FAILED);
	TRY(munmap(start + 2 * page, page) == 0);
	TRY(mmap(start + 2 * page, 2 * page, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0) == start + 2 * page);
	TRY(munmap(start + 1, page) == -1);
	TRY(munmap(start, 0) == -1);
	TRY(mremap(start, page, huge, MREMAP_MAYMOVE) == MAP_FAILED);
	TRY(mremap(start, page, 2 * page, 0) == MAP_FAILED);
	TRY(mremap(other, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, start + 4 * page) == start + 4 * page);
	TRY(munmap(start, 8 * page) == 0);
	TRY(mremap(start, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, start + 1) == MAP_FAILED);
	TRY((start = shmat(id, NULL, 0)) != MAP_FAILED);
	TRY(shmat(id, start, 0) == MAP_FAILED);
	TRY(shmat(id, start, SHM_REMAP) == start);
	TRY(shmdt(start) == 0);
	TRY(shmdt(start) == -1);
	TRY(shmctl(id, IPC_RMID, NULL) == 0);
	TRY(shmat(id, NULL, 0) == MAP_FAILED);
}

static void handle(int number)
{
	(void)number;
}

static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = handle }, before;

	TRY(sigaction(SIGUSR1, &action, &before) == 0 && before.sa_handler == SIG_DFL);
	TRY(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == handle);
	TRY(__sigaction(SIGUSR1, &before, NULL) == 0);
	TRY(sigaction(SIGKILL, &action, NULL) == -1);
	TRY(sigaction(4711, &action, NULL) == -1);
	TRY(signal(SIGUSR1, handle) == SIG_DFL);
	TRY(ssignal(SIGUSR1, SIG_DFL) == handle);
	TRY(bsd_signal(SIGUSR1, handle) == SIG_DFL);
	TRY(sysv_signal(SIGUSR1, SIG_DFL) == handle);
	TRY(__sysv_signal(SIGUSR1, handle) == SIG_DFL);
	TRY(sigset(SIGUSR1, SIG_DFL) == handle);
	TRY(sigignore(SIGUSR1) == 0);
	TRY(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
	TRY(signal(-1, SIG_DFL) == SIG_ERR);
}

static void stand_elsewhere(void)
{
	static char memory[65536];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) }, none = { .ss_flags = SS_DISABLE }, before;

	TRY(sigaltstack(&stack, &before) == 0 && (before.ss_flags & SS_DISABLE));
	TRY(sigaltstack(NULL, &before) == 0 && before.ss_sp == memory);
	stack.ss_size = 1;
	TRY(sigaltstack(&stack, NULL) == -1);
	TRY(sigaltstack((void *)1, NULL) == -1);
	TRY(sigaltstack(&none, &before) == 0 && before.ss_sp == memory);
	TRY(sigaltstack(NULL, NULL) == 0);
}

static int print_nothing(FILE *stream, const struct printf_info *info, const void *const *arguments)
{
	(void)stream;
	(void)info;
	(void)arguments;
	return 0;
}

static int ask_size(const struct printf_info *info, size_t count, int *types, int *sizes)
{
	(void)info;
	(void)count;
	(void)types;
	(void)sizes;
	return 0;
}

static int ask(const struct printf_info *info, size_t count, int *types)
{
	return ask_size(info, count, types, NULL);
}

static void add_conversions(void)
{
	TRY(register_printf_specifier('Y', print_nothing, ask_size) == 0);
	TRY(register_printf_specifier(1000, print_nothing, ask_size) == -1);
	TRY(register_printf_function('Y', print_nothing, ask) == 0);
	TRY(register_printf_function(-1, print_nothing, ask) == -1);
	TRY(register_printf_specifier('Y', NULL, NULL) == 0);
	TRY(__register_atfork(NULL, NULL, NULL, &__dso_handle) == 0);
}

static void do_nothing(void)
{
}

static void handle_exceptions(void)
{
	void (*before)(void);
	void *resource;

	TRY((before = _ZSt13set_terminatePFvvE(do_nothing)) != NULL);
	TRY(_ZSt13set_terminatePFvvE(before) == do_nothing);
	TRY((before = _ZSt14set_unexpectedPFvvE(do_nothing)) != NULL);
	TRY(_ZSt14set_unexpectedPFvvE(before) == do_nothing);
	TRY(_ZSt15set_new_handlerPFvvE(do_nothing) == NULL);
	TRY(_ZSt15set_new_handlerPFvvE(NULL) == do_nothing);
	TRY((resource = _ZNSt3pmr20set_default_resourceEPNS_15memory_resourceE(NULL)) != NULL);
	TRY(_ZNSt3pmr20set_default_resourceEPNS_15memory_resourceE(&resource) == resource);
	TRY(_ZNSt3pmr20set_default_resourceEPNS_15memory_resourceE(NULL) == &resource);
}

static void make_keys(void)
{
	pthread_key_t key = 0;
	tss_t standard;

	TRY(pthread_key_create(&key, free) == 0);
	TRY(pthread_setspecific(key, &key) == 0);
	TRY(pthread_setspecific(PTHREAD_KEYS_MAX + 1, NULL) == EINVAL);
	TRY(pthread_key_delete(key) == 0);
	TRY(pthread_key_delete(key) == EINVAL);
	TRY(__pthread_key_create(&key, NULL) == 0);
	TRY(pthread_key_delete(key) == 0);
	TRY(tss_create(&standard, NULL) == thrd_success);
	TRY(tss_set(standard, NULL) == thrd_success);
	TRY(tss_set(PTHREAD_KEYS_MAX + 1, NULL) == thrd_error);
	TRY((tss_delete(standard), 1));
}

static void tick(union sigval value)
{
	(void)value;
}

static void make_timers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = tick };
	timer_t timer;

	TRY(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
	TRY(timer_delete(timer) == 0);
	TRY(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	TRY(timer_delete(timer) == 0);
	TRY(timer_create(4711, &event, &timer) == -1);
	event.sigev_notify = 4711;
	TRY(timer_create(CLOCK_MONOTONIC, &event, &timer) == -1);
}

/* Functions of libc: without the tracker they are called when this is gone, if it is a module. */
static void register_for_end(void)
{
	TRY(on_exit((void (*)(int, void *))(void (*)(void))abs, NULL) == 0);
	TRY(__cxa_atexit(free, NULL, NULL) == 0);
	TRY(__cxa_atexit(free, NULL, &__dso_handle) == 0);
	TRY(__cxa_at_quick_exit(free, &__dso_handle) == 0);
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

/* A descriptor, closed twice. */
#define TRY_NUMBER(expression) do { \
		int number; \
		errno = UNTOUCHED; \
		number = (expression); \
		line(#expression, number >= 0); \
		errno = UNTOUCHED; \
		line("  close", close(number) == 0); \
		TRY(close(number) == 0); \
	} while (0)

static const char nowhere[] = "/nowhere/at/all";

static void open_files(void)
{
	TRY_NUMBER(open("/dev/null", O_RDONLY));
	TRY_NUMBER(open(nowhere, O_RDWR | O_CREAT, 0600));
	TRY_NUMBER(open64("/dev/null", O_RDONLY));
	TRY_NUMBER(open64(nowhere, O_RDWR | O_TMPFILE, 0600));
	TRY_NUMBER(openat(AT_FDCWD, "/dev/null", O_RDONLY));
	TRY_NUMBER(openat(AT_FDCWD, nowhere, O_RDONLY));
	TRY_NUMBER(openat64(AT_FDCWD, "/dev/null", O_RDONLY));
	TRY_NUMBER(openat64(-1, "relative", O_RDONLY));
	TRY_NUMBER(__open_2("/dev/null", O_RDONLY));
	TRY_NUMBER(__open_2(nowhere, O_RDONLY));
	TRY_NUMBER(__open64_2("/dev/null", O_RDONLY));
	TRY_NUMBER(__open64_2(nowhere, O_RDONLY));
	TRY_NUMBER(__openat_2(AT_FDCWD, "/dev/null", O_RDONLY));
	TRY_NUMBER(__openat_2(AT_FDCWD, nowhere, O_RDONLY));
	TRY_NUMBER(__openat64_2(AT_FDCWD, "/dev/null", O_RDONLY));
	TRY_NUMBER(__openat64_2(AT_FDCWD, nowhere, O_RDONLY));
	TRY_NUMBER(creat("/dev/null", 0600));
	TRY_NUMBER(creat(nowhere, 0600));
	TRY_NUMBER(creat64("/dev/null", 0600));
	TRY_NUMBER(creat64(nowhere, 0600));
}

/* May not be allowed: it fails in the same way then. */
static void open_by_handle(void)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount = 0, folder = open("/", O_RDONLY | O_DIRECTORY);

	TRY(name_to_handle_at(AT_FDCWD, "/", &file.handle, &mount, 0) == 0);
	TRY_NUMBER(open_by_handle_at(folder, &file.handle, O_RDONLY));
	TRY_NUMBER(open_by_handle_at(-1, &file.handle, O_RDONLY));
	close(folder);
}

static void make_sockets(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int pair[2] = { -1, -1 }, server = socket(AF_UNIX, SOCK_STREAM, 0), client[2];
	socklen_t length = sizeof(address);

	TRY_NUMBER(socket(AF_UNIX, SOCK_STREAM, 0));
	TRY_NUMBER(socket(-1, SOCK_STREAM, 0));
	/* With a family alone, the kernel finds a name. */
	TRY(bind(server, (struct sockaddr *)&address, sizeof(sa_family_t)) == 0 && listen(server, 2) == 0);
	TRY(getsockname(server, (struct sockaddr *)&address, &length) == 0);
	for (int i = 0; i < 2; i++) {
		client[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		TRY(connect(client[i], (struct sockaddr *)&address, length) == 0);
	}
	TRY_NUMBER(accept(server, NULL, NULL));
	TRY_NUMBER(accept(-1, NULL, NULL));
	TRY_NUMBER(accept4(server, NULL, NULL, SOCK_CLOEXEC));
	TRY_NUMBER(accept4(server, NULL, NULL, -1));
	close(client[0]);
	close(client[1]);
	close(server);
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	TRY(close(pair[0]) == 0 && close(pair[1]) == 0);
	TRY(socketpair(-1, SOCK_STREAM, 0, pair) == 0);
	TRY(pipe(pair) == 0);
	TRY(close(pair[0]) == 0 && close(pair[1]) == 0);
	TRY(pipe2(pair, O_CLOEXEC) == 0);
	TRY(close(pair[0]) == 0 && close(pair[1]) == 0);
	TRY(pipe2(pair, -1) == 0);
}

static ssize_t receive(int number, bool many)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct mmsghdr message = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
						.msg_controllen = sizeof(control) } };
	ssize_t result = many ? recvmmsg(number, &message, 1, 0, NULL) : recvmsg(number, &message.msg_hdr, 0);
	int saved = errno, came = -1;

	if (result > 0 && CMSG_FIRSTHDR(&message.msg_hdr))
		memcpy(&came, CMSG_DATA(CMSG_FIRSTHDR(&message.msg_hdr)), sizeof(came));
	if (came >= 0 && close(came))
		return -2;
	errno = saved;
	return result;
}

static bool send_number(int through, int number)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), &number, sizeof(number));
	return sendmsg(through, &message, 0) == 1;
}

static void receive_numbers(void)
{
	int pair[2];

	TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	TRY(send_number(pair[0], 0) && send_number(pair[0], 0));
	TRY(receive(pair[1], false) == 1); /* recvmsg */
	TRY(receive(pair[1], true) == 1);  /* recvmmsg */
	TRY(receive(-1, false) == 1);
	TRY(receive(-1, true) == 1);
	close(pair[0]);
	close(pair[1]);
}

static void duplicate(void)
{
	TRY_NUMBER(dup(0));
	TRY_NUMBER(dup(-1));
	TRY_NUMBER(dup2(0, 40));
	TRY_NUMBER(dup2(-1, 40));
	TRY_NUMBER(dup2(0, -1));
	TRY(dup2(0, 0) == 0);
	TRY_NUMBER(dup3(0, 40, O_CLOEXEC));
	TRY_NUMBER(dup3(0, 0, O_CLOEXEC));
	TRY(dup2(0, 40) == 40);
	TRY(dup2(-1, 40) == 40);
	TRY(close(40) == 0);
	TRY_NUMBER(fcntl(0, F_DUPFD, 40));
	TRY_NUMBER(fcntl(-1, F_DUPFD, 40));
	TRY(fcntl(0, F_GETFD) == 0);
	TRY_NUMBER(fcntl64(0, F_DUPFD_CLOEXEC, 40));
	TRY(fcntl64(-1, F_GETFD) >= 0);
	TRY(dup2(0, 900) == 900 && dup2(0, 901) == 901);
	TRY(close_range(900, 900, 0) == 0);
	TRY(close_range(901, 900, 0) == 0);
	TRY((closefrom(900), fcntl(901, F_GETFD)) == 0);
	TRY(dup2(0, 900) == 900 && dup2(0, 901) == 901);
	TRY(syscall(SYS_close, 900) == 0);
	TRY(syscall(SYS_close, 900) == 0);
	TRY(syscall(SYS_close_range, 901, 901, 0) == 0);
	TRY(syscall(SYS_close_range, 901, 900, 0) == 0);
	TRY(syscall(SYS_getpid) == getpid());
}

static void watch(void)
{
	sigset_t none;

	sigemptyset(&none);
	TRY_NUMBER(eventfd(0, EFD_CLOEXEC));
	TRY_NUMBER(eventfd(0, -1));
	TRY_NUMBER(epoll_create(1));
	TRY_NUMBER(epoll_create(-1));
	TRY_NUMBER(epoll_create1(EPOLL_CLOEXEC));
	TRY_NUMBER(epoll_create1(-1));
	TRY_NUMBER(timerfd_create(CLOCK_MONOTONIC, 0));
	TRY_NUMBER(timerfd_create(-1, 0));
	TRY_NUMBER(signalfd(-1, &none, 0));
	TRY_NUMBER(signalfd(-1, &none, -1));
	TRY(signalfd(0, &none, 0) == 0);
	TRY_NUMBER(inotify_init());
	TRY_NUMBER(inotify_init1(IN_CLOEXEC));
	TRY_NUMBER(inotify_init1(-1));
	TRY_NUMBER(fanotify_init(FAN_CLASS_NOTIF, 0));
	TRY_NUMBER(fanotify_init(-1, 0));
	TRY_NUMBER(pidfd_open(getpid(), 0));
	TRY_NUMBER(pidfd_open(-1, 0));
	TRY_NUMBER(pidfd_getfd(-1, 0, 0));
	TRY_NUMBER(posix_openpt(O_RDWR | O_NOCTTY));
	TRY_NUMBER(posix_openpt(O_RDONLY | O_DIRECTORY));
	TRY_NUMBER(getpt());
}

/* Functions that make a file under a name that they find: the pattern, and how many letters follow it. */
#define TRY_MADE(name, ending, ...) do { \
		char pattern[] = "attr-errno-XXXXXX" ending, wrong[] = "attr-errno" ending; \
		TRY_NUMBER(name(pattern, ##__VA_ARGS__)); \
		unlink(pattern); \
		TRY_NUMBER(name(wrong, ##__VA_ARGS__)); \
	} while (0)

static void make_files(void)
{
	char name[64];

	snprintf(name, sizeof(name), "/relib-attr-errno-%d", (int)getpid());
	TRY_NUMBER(memfd_create("memory", MFD_CLOEXEC));
	TRY_NUMBER(memfd_create("memory", -1));
	TRY_NUMBER(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
	TRY(shm_unlink(name) == 0);
	TRY_NUMBER(shm_open(name, O_RDWR, 0600));
	TRY_MADE(mkstemp, "");
	TRY_MADE(mkstemp64, "");
	TRY_MADE(mkstemps, ".c", 2);
	TRY_MADE(mkstemps64, ".c", 2);
	TRY_MADE(mkostemp, "", O_CLOEXEC);
	TRY_MADE(mkostemp64, "", O_CLOEXEC);
	TRY_MADE(mkostemps, ".c", 2, O_CLOEXEC);
	TRY_MADE(mkostemps64, ".c", 2, O_CLOEXEC);
}

#define TRY_STREAM(expression, close) do { \
		void *stream; \
		errno = UNTOUCHED; \
		stream = (expression); \
		line(#expression, stream != NULL); \
		errno = UNTOUCHED; \
		if (stream) \
			line("  " #close, close(stream) == 0); \
	} while (0)

static ssize_t read_nothing(void *cookie, char *buffer, size_t size)
{
	return cookie || buffer || size ? 0 : -1;
}

static void open_streams(void)
{
	char memory[64], *text = NULL;
	wchar_t *wide = NULL;
	size_t size = 0;

	TRY_STREAM(fopen("/dev/null", "r"), fclose);
	TRY_STREAM(fopen(nowhere, "r"), fclose);
	TRY_STREAM(fopen64("/dev/null", "r"), fclose);
	TRY_STREAM(fopen64("/dev/null", "?"), fclose);
	TRY_STREAM(tmpfile(), fclose);
	TRY_STREAM(tmpfile64(), fclose);
	TRY_STREAM(popen("exit 0", "r"), pclose);
	TRY_STREAM(popen("exit 3", "w"), pclose);
	TRY_STREAM(popen("exit 0", "?"), pclose);
	TRY_STREAM(fmemopen(memory, sizeof(memory), "w+"), fclose);
	TRY_STREAM(fmemopen(memory, sizeof(memory), "?"), fclose);
	TRY_STREAM(open_memstream(&text, &size), fclose);
	TRY_STREAM(open_wmemstream(&wide, &size), fclose);
	free(text);
	free(wide);
	TRY_STREAM(fopencookie(memory, "r", (cookie_io_functions_t){ .read = read_nothing }), fclose);
	TRY_STREAM(fopencookie(memory, "?", (cookie_io_functions_t){ .read = read_nothing }), fclose);
	TRY_STREAM(fdopen(dup(0), "r"), fclose);
	TRY_STREAM(fdopen(-1, "r"), fclose);
	TRY_STREAM(freopen("/dev/null", "r", fopen("/dev/null", "r")), fclose);
	TRY_STREAM(freopen(nowhere, "r", fopen("/dev/null", "r")), fclose);
	TRY_STREAM(freopen64("/dev/null", "r", fopen("/dev/null", "r")), fclose);
	TRY_STREAM(freopen64(nowhere, "r", fopen("/dev/null", "r")), fclose);
	TRY_STREAM(opendir("/"), closedir);
	TRY_STREAM(opendir(nowhere), closedir);
	TRY_STREAM(fdopendir(open("/", O_RDONLY | O_DIRECTORY)), closedir);
	TRY_STREAM(fdopendir(-1), closedir);
	TRY_STREAM(fdopendir(0), closedir);
}

/* With no number left; what needs none works all the same. */
static void run_out(void)
{
	struct rlimit limit, none;
	int pair[2];

	fflush(stdout);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	TRY_NUMBER(open("/dev/null", O_RDONLY));
	TRY_NUMBER(inotify_init());
	TRY_NUMBER(getpt());
	TRY_NUMBER(eventfd(0, 0));
	TRY_NUMBER(socket(AF_UNIX, SOCK_STREAM, 0));
	TRY(pipe(pair) == 0);
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	TRY_STREAM(fopen("/dev/null", "r"), fclose);
	TRY_STREAM(tmpfile(), fclose);
	TRY_STREAM(tmpfile64(), fclose);
	TRY_STREAM(popen("exit 0", "r"), pclose);
	TRY_STREAM(opendir("/"), closedir);
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void borrow(void)
{
	static volatile int left;
	int status = 0;
	pid_t child;

	fflush(stdout);
	errno = UNTOUCHED;
	child = vfork();
	if (child == 0) {
		left = errno;
		_exit(5);
	}
	line("vfork()", child > 0);
	TRY(left == UNTOUCHED);
	waitpid(child, &status, 0);
	TRY(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

/* What libc goes on using where it is. */
static void lend(void)
{
	static char variable[] = "RELIB_TRIED=here", wrong[] = "RELIB_TRIED", state[64];
	char **kept = environ, *before, buffer[BUFSIZ];
	FILE *stream = fopen("/dev/null", "w");
	locale_t locale = newlocale(LC_ALL_MASK, "C", NULL), made = duplocale(locale);

	TRY(!putenv(variable));
	TRY(getenv("RELIB_TRIED"));
	TRY(!putenv(wrong));
	TRY(!getenv("RELIB_TRIED"));
	TRY(!setenv("RELIB_TRIED", "1", 1));
	TRY(!setenv("RELIB_TRIED", "2", 0));
	TRY(!setenv("", "2", 0));
	TRY(!unsetenv("RELIB_TRIED"));
	TRY(!unsetenv("RELIB=TRIED"));
	TRY(!clearenv());
	environ = kept;
	TRY((openlog("tried", LOG_PID, LOG_USER), 1));
	TRY((closelog(), 1));
	TRY(!setvbuf(stream, buffer, _IOFBF, sizeof(buffer)));
	TRY(!setvbuf(stream, NULL, 77, 0));
	TRY((setbuf(stream, buffer), 1));
	TRY((setbuffer(stream, buffer, 100), 1));
	fclose(stream);
	TRY(!initstate(1, state, 1));
	TRY((before = initstate(1, state, sizeof(state))));
	TRY(random());
	TRY(setstate(before) == state);
	TRY(uselocale(made) == LC_GLOBAL_LOCALE);
	TRY(uselocale(NULL) == made);
	TRY(uselocale(LC_GLOBAL_LOCALE) == made);
	TRY((freelocale(made), 1));
	freelocale(locale);
}

static int set_lock(int number, int command, int type)
{
	struct flock lock = { .l_type = (short)type, .l_whence = SEEK_SET };

	return command < 0 ? fcntl64(number, -command, &lock) : fcntl(number, command, &lock);
}

static void lock_files(void)
{
	char pattern[] = "attr-errno-XXXXXX";
	int one = mkstemp(pattern), other = open(pattern, O_RDWR);

	unlink(pattern);
	TRY(flock(one, LOCK_EX) == 0);
	TRY(flock(other, LOCK_EX | LOCK_NB) == -1);
	TRY(flock(one, LOCK_UN) == 0);
	TRY(flock(one, 4711) == -1);
	TRY(flock(-1, LOCK_SH) == -1);
	TRY(lockf(one, F_LOCK, 0) == 0);
	TRY(lockf(one, F_ULOCK, 0) == 0);
	TRY(lockf64(one, F_TLOCK, 10) == 0);
	TRY(lockf64(-1, F_TLOCK, 10) == -1);
	TRY(lockf(one, 4711, 0) == -1);
	TRY(set_lock(one, F_OFD_SETLK, F_WRLCK) == -1); /* the process has it */
	TRY(set_lock(one, F_SETLK, F_UNLCK) == 0);
	TRY(set_lock(one, F_OFD_SETLKW, F_WRLCK) == 0);
	TRY(set_lock(other, -F_OFD_SETLK, F_RDLCK) == -1);
	TRY(set_lock(other, -F_SETLK, F_RDLCK) == -1);
	TRY(set_lock(one, -F_OFD_SETLK, F_UNLCK) == 0);
	TRY(set_lock(other, -F_SETLKW, F_RDLCK) == 0);
	TRY(set_lock(other, F_SETLK, 4711) == -1);
	close(one);
	close(other);
}

static void lock_mutexes(void)
{
	pthread_mutex_t mutex = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	struct timespec past = { .tv_nsec = 1 }, wrong = { .tv_nsec = -1 }, later = { .tv_sec = 4000000000 };
	mtx_t standard;

	TRY(pthread_mutex_lock(&mutex) == 0);
	TRY(pthread_mutex_lock(&mutex) == EDEADLK);
	TRY(pthread_mutex_trylock(&mutex) == EBUSY);
	TRY(pthread_mutex_timedlock(&mutex, &past) == EDEADLK);
	TRY(pthread_mutex_unlock(&mutex) == 0);
	TRY(pthread_mutex_unlock(&mutex) == EPERM);
	TRY(pthread_mutex_timedlock(&mutex, &past) == 0);
	TRY(pthread_mutex_unlock(&mutex) == 0);
	TRY(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &later) == 0);
	TRY(pthread_mutex_clocklock(&mutex, 4711, &later) == EINVAL);
	TRY(pthread_mutex_unlock(&mutex) == 0);
	TRY(mtx_init(&standard, mtx_timed) == thrd_success);
	TRY(mtx_lock(&standard) == thrd_success);
	TRY(mtx_trylock(&standard) == thrd_busy);
	TRY(mtx_timedlock(&standard, &past) == thrd_timedout);
	TRY(mtx_timedlock(&standard, &wrong) == thrd_error);
	TRY(mtx_unlock(&standard) == thrd_success);
}

static void lock_both_ways(void)
{
	pthread_rwlock_t both = PTHREAD_RWLOCK_INITIALIZER;
	struct timespec past = { .tv_nsec = 1 }, later = { .tv_sec = 4000000000 };

	TRY(pthread_rwlock_rdlock(&both) == 0);
	TRY(pthread_rwlock_tryrdlock(&both) == 0);
	TRY(pthread_rwlock_timedrdlock(&both, &later) == 0);
	TRY(pthread_rwlock_clockrdlock(&both, CLOCK_MONOTONIC, &later) == 0);
	TRY(pthread_rwlock_trywrlock(&both) == EBUSY);
	TRY(pthread_rwlock_timedwrlock(&both, &past) == ETIMEDOUT);
	TRY(pthread_rwlock_clockwrlock(&both, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
	for (int i = 0; i < 4; i++)
		TRY(pthread_rwlock_unlock(&both) == 0);
	TRY(pthread_rwlock_wrlock(&both) == 0);
	TRY(pthread_rwlock_wrlock(&both) == EDEADLK);
	TRY(pthread_rwlock_rdlock(&both) == EDEADLK);
	TRY(pthread_rwlock_unlock(&both) == 0);
}

static void open_semaphores(void)
{
	char name[64];
	sem_t *one = NULL;

	snprintf(name, sizeof(name), "/relib-attr-errno-%d", (int)getpid());
	TRY(sem_open(name, 0) == SEM_FAILED);
	TRY((one = sem_open(name, O_CREAT, 0600, 2)) != SEM_FAILED);
	TRY(sem_open(name, O_CREAT, 0600, 7) == one);
	TRY(sem_open(name, O_CREAT | O_EXCL, 0600, 7) == SEM_FAILED);
	TRY(sem_unlink(name) == 0);
	TRY(sem_close(one) == 0);
	TRY(sem_wait(one) == 0 && sem_wait(one) == 0);
	TRY(sem_trywait(one) == -1);
	TRY(sem_close(one) == 0);
	TRY(sem_close(one) == -1);
}

static int fork_and_look(siginfo_t *found)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(5);
	errno = UNTOUCHED;
	return waitid(P_PID, (id_t)child, found, WEXITED | WNOWAIT);
}

static int leave_clone(void *status)
{
	_exit((int)(intptr_t)status);
}

/* A child that ends with 5. */
#define TRY_CHILD(expression, wait) do { \
		int status = 0; \
		pid_t child; \
		fflush(stdout); \
		errno = UNTOUCHED; \
		child = (expression); \
		if (child == 0) \
			_exit(errno == UNTOUCHED ? 5 : 6); \
		line(#expression, child > 0); \
		TRY((wait) > 0); \
		TRY(WIFEXITED(status) && WEXITSTATUS(status) == 5); \
	} while (0)

static void start_children(void)
{
	static _Alignas(16) char stack[65536];
	char name[] = "sh", option[] = "-c", script[] = "exit 5", *arguments[] = { name, option, script, NULL };
	int terminal = -1, other;
	pid_t spawned = 0;
	siginfo_t found;

	TRY_CHILD(fork(), wait(&status));
	TRY_CHILD(_Fork(), wait3(&status, 0, NULL));
	TRY_CHILD(fork(), wait4(child, &status, 0, NULL));
	TRY_CHILD(forkpty(&terminal, NULL, NULL, NULL), waitpid(child, &status, 0));
	TRY(close(terminal) == 0);
	TRY_CHILD(clone(leave_clone, stack + sizeof(stack), SIGCHLD, (void *)5), waitpid(-1, &status, 0));
	TRY(clone(leave_clone, NULL, SIGCHLD, NULL) == -1);
	TRY_CHILD(posix_spawn(&spawned, "/bin/sh", NULL, NULL, arguments, NULL) ? -1 : spawned, waitpid(child, &status, 0));
	TRY_CHILD(posix_spawnp(&spawned, "sh", NULL, NULL, arguments, NULL) ? -1 : spawned, waitpid(0, &status, 0));
	TRY(posix_spawn(&spawned, nowhere, NULL, NULL, arguments, NULL) == ENOENT);
	TRY(posix_spawnp(NULL, "no-such-program", NULL, NULL, arguments, NULL) == ENOENT);
	TRY(fork_and_look(&found) == 0);
	TRY(waitid(P_PID, (id_t)found.si_pid, NULL, WEXITED) == 0);
	TRY(waitid(P_ALL, 0, &found, WEXITED) == -1);
	TRY(waitid(P_ALL, 0, &found, 0) == -1);
	TRY(wait(&other) == -1);
	TRY(wait(NULL) == -1);
	TRY(waitpid(-1, NULL, -1) == -1);
	TRY(wait3(NULL, 0, NULL) == -1);
	TRY(wait4(-1, &other, WNOHANG, NULL) == -1);
}

void run(void);
__attribute__((visibility("default"))) void run(void)
{
	allocate();
	copy();
	make_objects();
	list();
	start_threads();
	join_in_time();
	destroy_thread_local();
	open_objects();
	map_memory();
	handle_signals();
	handle_exceptions();
	stand_elsewhere();
	add_conversions();
	make_keys();
	make_timers();
	register_for_end();
	fork_and_wait();
	start_children();
	lock_files();
	lock_mutexes();
	lock_both_ways();
	open_semaphores();
	borrow();
	open_files();
	open_by_handle();
	make_sockets();
	receive_numbers();
	duplicate();
	watch();
	make_files();
	open_streams();
	lend();
	run_out();
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
