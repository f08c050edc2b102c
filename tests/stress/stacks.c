/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Threads of the host in and out of functions of a module, when it is to be unloaded. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "stress.h"
#include "modules/stacks.h"

static struct relib_module *module;
static const struct stacks *stacks;
static struct relib_report *report;
static struct relib_error error;
static char path[4096];

static void load(void)
{
	stacks = must_load(path, "stacks_functions", &module);
}

static enum relib_code unload_with(const struct relib_unload_options *options)
{
	relib_report_free(report);
	return relib_unload(module, options, &report, &error);
}

static enum relib_code unload(void)
{
	return unload_with(NULL);
}

static bool ok_unloads(const char *name)
{
	enum relib_code code = unload();

	if (ok(code == RELIB_OK, "%s", name))
		return true;
	printf("#   %s\n", error.message);
	return false;
}

/* A thread of the host's, in a function, until it is told to leave it by a byte. */
struct visitor {
	pthread_t thread;
	pid_t id;
	int pipe[2];
	sem_t ready;
	volatile int stop;
	void (*visit)(struct visitor *visitor);
	void (*inner)(struct visitor *visitor);
	bool blocks;
};

static void *run(void *argument)
{
	struct visitor *visitor = argument;
	sigset_t all;

	if (visitor->blocks) {
		sigfillset(&all);
		pthread_sigmask(SIG_BLOCK, &all, NULL);
	}
	pthread_setname_np(pthread_self(), "visitor");
	visitor->id = (pid_t)syscall(SYS_gettid);
	sem_post(&visitor->ready);
	visitor->visit(visitor);
	return NULL;
}

static bool is_asleep(pid_t id)
{
	char name[64], text[256] = "";
	FILE *file;

	snprintf(name, sizeof(name), "/proc/self/task/%d/syscall", (int)id);
	file = fopen(name, "re");
	if (!file || !fgets(text, sizeof(text), file))
		bail("%s can't be read", name);
	fclose(file);
	return *text != 'r';
}

static void start(struct visitor *visitor, void (*visit)(struct visitor *), void (*inner)(struct visitor *), bool asleep)
{
	visitor->visit = visit;
	visitor->inner = inner;
	visitor->stop = 0;
	sem_init(&visitor->ready, 0, 0);
	if (pipe(visitor->pipe) || pthread_create(&visitor->thread, NULL, run, visitor))
		bail("no thread");
	while (sem_wait(&visitor->ready))
		;
	/* On its way there it sleeps nowhere. */
	while (asleep && !is_asleep(visitor->id))
		sched_yield();
}

static void end(struct visitor *visitor)
{
	visitor->stop = 1;
	if (write(visitor->pipe[1], "", 1) != 1)
		bail("a pipe is full");
	pthread_join(visitor->thread, NULL);
	close(visitor->pipe[0]);
	close(visitor->pipe[1]);
}

/* In the host */

static void host_read(struct visitor *visitor)
{
	char byte;

	while (read(visitor->pipe[0], &byte, 1) != 1)
		;
}

static void host_spin(struct visitor *visitor)
{
	while (!visitor->stop)
		;
}

static __attribute__((noinline)) void host_deep(struct visitor *visitor, int depth)
{
	volatile char room[300];

	room[0] = 1;
	if (depth)
		host_deep(visitor, depth - 1);
	else
		visitor->inner(visitor);
	room[1] = room[0];
}

static void host_deeply(struct visitor *visitor)
{
	host_deep(visitor, 10000);
}

/* What a call of the module left on the stack is there still, in room that isn't written. */
static __attribute__((noinline)) void with_room(struct visitor *visitor)
{
	volatile char room[65536];

	room[0] = 1;
	visitor->inner(visitor);
	room[1] = room[0];
}

static void leave_at_once(void *unused)
{
	(void)unused;
}

static void host_after_module(struct visitor *visitor)
{
	stacks->call_deep(leave_at_once, NULL, 100);
	with_room(visitor);
}

/* In the module */

static void module_poll(struct visitor *visitor) { stacks->in_poll(visitor->pipe[0]); }
static void module_read(struct visitor *visitor) { stacks->in_read(visitor->pipe[0]); }
static void module_epoll(struct visitor *visitor) { stacks->in_epoll(visitor->pipe[0]); }
static void module_nanosleep(struct visitor *visitor) { stacks->in_nanosleep(visitor->pipe[0]); }
static void module_wait(struct visitor *visitor) { stacks->in_wait(visitor->pipe[0]); }
static void module_spin(struct visitor *visitor) { stacks->spin(&visitor->stop); }

static void call_inner(void *visitor)
{
	((struct visitor *)visitor)->inner(visitor);
}

static void module_callback(struct visitor *visitor)
{
	stacks->call(call_inner, visitor);
}

static void host_deep_read(void *visitor)
{
	((struct visitor *)visitor)->inner = host_read;
	host_deep(visitor, 10000);
}

static void module_deep_callback(struct visitor *visitor)
{
	stacks->call(host_deep_read, visitor);
}

static void module_deeply(struct visitor *visitor)
{
	stacks->call_deep(call_inner, visitor, 1000);
}

/* In a handler of a signal, on a stack of its own, on top of a function of the module. */
static __thread struct visitor *here;

static void on_signal(int number)
{
	(void)number;
	host_read(here);
}

static void raise_one(void *unused)
{
	(void)unused;
	raise(SIGUSR1);
}

static void module_handler(struct visitor *visitor)
{
	static char memory[65536];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };

	here = visitor;
	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	stacks->call(raise_one, NULL);
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	signal(SIGUSR1, SIG_DFL);
}

static const struct relib_entry *entry_inside(void)
{
	for (size_t i = 0; report && i < report->entry_count; i++)
		if (report->entries[i].inside)
			return &report->entries[i];
	return NULL;
}

static bool names(const struct visitor *visitor, const char *function)
{
	const struct relib_entry *entry = entry_inside();

	return entry && entry->kind == RELIB_KIND_THREAD && entry->action == RELIB_ACTION_BLOCKS && entry->thread_id == visitor->id &&
	       entry->thread_name && !strcmp(entry->thread_name, "visitor") && entry->function.function &&
	       !strcmp(entry->function.function, function) && report->threads.inside == 1;
}

static void refused(const char *name, void (*visit)(struct visitor *), void (*inner)(struct visitor *), bool asleep, bool blocks,
		    const char *function)
{
	struct visitor visitor = { .blocks = blocks };
	enum relib_code code;
	const char *wanted;

	load();
	start(&visitor, visit, inner, asleep);
	/* One that runs may be on its way into the module. */
	do {
		code = unload();
		if (code == RELIB_OK && !asleep)
			load();
	} while (code == RELIB_OK && !asleep);
	if (!ok(code == RELIB_BUSY && report->outcome == RELIB_OUTCOME_REFUSED, "%s refuses", name))
		printf("#   code %d, %s\n", (int)code, error.message);
	if (!ok(names(&visitor, function), "%s: the thread and %s are named", name, function))
		printf("#   %s\n", error.message);
	wanted = strstr(error.message, function);
	if (!ok(!code || (wanted && strstr(wanted, " stacks.c:")), "%s: so in the message, with file and line", name))
		printf("#   %s\n", error.message);
	if (visit == module_wait)
		stacks->tell();
	end(&visitor);
	if (code)
		ok_unloads("then it is unloaded");
}

static void not_refused(const char *name, void (*visit)(struct visitor *), void (*inner)(struct visitor *), bool asleep, bool blocks)
{
	struct visitor visitor = { .blocks = blocks };

	load();
	start(&visitor, visit, inner, asleep);
	if (!ok_unloads(name))
		abort();
	ok(report && !report->threads.inside && report->threads.unseen == (blocks && !asleep), "%s: %s", name,
	   blocks && !asleep ? "it is counted as not looked at" : "it was looked at");
	end(&visitor);
}

/* The unloading thread itself */

static enum relib_code own_code;

static void unload_from_inside(void *unused)
{
	(void)unused;
	own_code = unload();
}

static void own_thread(void)
{
	const struct relib_entry *entry;

	for (int depth = 0; depth <= 1000; depth += 1000) {
		load();
		stacks->call_deep(unload_from_inside, NULL, depth);
		entry = entry_inside();
		ok(own_code == RELIB_BUSY && entry && entry->thread_id == getpid() && report->threads.inside == 1,
		   "the thread that unloads is %d calls deep in the module: that refuses", depth + 1);
		ok(entry && entry->function.function && !strcmp(entry->function.function, "stacks_call_deep"), "its function is named");
		ok_unloads("then it is unloaded");
	}
}

/* Waiting, and not looking */

static void *end_soon(void *visitor)
{
	struct timespec time = { .tv_nsec = 30000000 };

	nanosleep(&time, NULL);
	end(visitor);
	return NULL;
}

static void waits(void)
{
	struct relib_unload_options grace = { .grace_ms = 60000 }, blind = { .ignore_stacks = true };
	static struct visitor visitor;
	enum relib_code code;
	pthread_t ender;

	load();
	start(&visitor, module_poll, NULL, true);
	if (pthread_create(&ender, NULL, end_soon, &visitor))
		bail("no thread");
	code = unload_with(&grace);
	if (!ok(code == RELIB_OK, "with a grace period it is unloaded when the thread has left it"))
		printf("#   %s\n", error.message);
	pthread_join(ender, NULL);
	load();
	start(&visitor, module_callback, host_read, true);
	ok(unload_with(&blind) == RELIB_OK, "with ignore_stacks a thread is no reason");
	/* It can't return: it stays until the end of the process. */
}

/* Interrupted calls */

struct sleeper {
	pthread_t thread;
	int kind, pipe[2];
	sem_t semaphore;
	atomic_bool *stop;
	unsigned seed;
	int set;
	atomic_ulong interrupted, turns;
};

static void work(unsigned *seed)
{
	for (volatile int turn = rand_r(seed) % 4000000; turn > 0; turn = turn - 1)
		;
}

/* As those of most programs that wait: for long, or now and then for a short while. */
static int sleep_once(struct sleeper *sleeper)
{
	struct pollfd wanted = { sleeper->pipe[0], POLLIN, 0 };
	struct timespec time = { .tv_nsec = 2000000 };
	struct epoll_event event = { .events = EPOLLIN };
	char byte;
	int set, result;

	switch (sleeper->kind) {
	case 0:
		return poll(&wanted, 1, -1);
	case 1:
		return poll(&wanted, 1, 1);
	case 2:
		return nanosleep(&time, NULL);
	case 3:
		set = epoll_create1(EPOLL_CLOEXEC);
		epoll_ctl(set, EPOLL_CTL_ADD, sleeper->pipe[0], &event);
		result = epoll_wait(set, &event, 1, 50);
		close(set);
		return result;
	case 4:
		return (int)read(sleeper->pipe[0], &byte, 1);
	case 5:
		return sem_wait(&sleeper->semaphore);
	/* Those that run for some time are asked by a signal, which comes when they are on their way into a call, or out of it. */
	case 6:
		work(&sleeper->seed);
		return poll(&wanted, 1, 1);
	case 7:
		work(&sleeper->seed);
		return epoll_wait(sleeper->set, &event, 1, 1);
	default:
		work(&sleeper->seed);
		clock_gettime(CLOCK_REALTIME, &time);
		return sem_timedwait(&sleeper->semaphore, &time);
	}
}
#define SLEEPERS 9

static void *sleep_always(void *argument)
{
	struct sleeper *sleeper = argument;

	while (!atomic_load(sleeper->stop)) {
		if (sleep_once(sleeper) < 0 && errno == EINTR)
			atomic_fetch_add(&sleeper->interrupted, 1);
		atomic_fetch_add(&sleeper->turns, 1);
	}
	return NULL;
}

static void read_dispositions(struct sigaction actions[64])
{
	memset(actions, 0, 64 * sizeof(*actions));
	for (int number = 1; number < 64; number++)
		sigaction(number, NULL, &actions[number]);
}

static bool are_same(const struct sigaction *one, const struct sigaction *other)
{
	for (int number = 1; number < 64; number++)
		if (one[number].sa_handler != other[number].sa_handler || one[number].sa_flags != other[number].sa_flags)
			return false;
	return true;
}

static atomic_ulong alarms;

static void on_alarm(int number)
{
	(void)number;
	atomic_fetch_add(&alarms, 1);
}

static void interrupted(unsigned long rounds)
{
	static const char *const names[SLEEPERS] = { "poll", "poll for a millisecond", "nanosleep", "epoll_wait", "read", "sem_wait",
		"poll after some work", "epoll_wait after some work", "sem_timedwait after some work" };
	static struct sleeper sleepers[SLEEPERS];
	struct sigaction before[64], after[64];
	static atomic_bool stop;
	unsigned long failed = 0;

	for (int i = 0; i < SLEEPERS; i++) {
		sleepers[i].kind = i;
		sleepers[i].stop = &stop;
		sleepers[i].seed = (unsigned)i;
		sleepers[i].set = epoll_create1(EPOLL_CLOEXEC);
		sem_init(&sleepers[i].semaphore, 0, 0);
		if (pipe(sleepers[i].pipe) || pthread_create(&sleepers[i].thread, NULL, sleep_always, &sleepers[i]))
			bail("no thread");
	}
	read_dispositions(before);
	for (unsigned long round = 0; round < rounds; round++) {
		load();
		failed += unload() != RELIB_OK;
	}
	read_dispositions(after);
	ok(!failed, "%lu unloads beside threads that sleep", rounds);
	ok(are_same(before, after), "what signals do is as before");
	stop = true;
	for (int i = 0; i < SLEEPERS; i++) {
		sem_post(&sleepers[i].semaphore);
		if (write(sleepers[i].pipe[1], "", 1) != 1)
			bail("a pipe is full");
		pthread_join(sleepers[i].thread, NULL);
		ok(!sleepers[i].interrupted, "%s was never interrupted (of %lu, %lu)", names[i], (unsigned long)sleepers[i].turns,
		   (unsigned long)sleepers[i].interrupted);
	}
}

/* Many threads */

static double milliseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

#define MANY 64

static void many(int count, int rounds, const char *name, void (*visit)(struct visitor *), bool asleep, bool alarmed)
{
	static struct visitor visitors[MANY];
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction before[64], after[64];
	unsigned long failed = 0, unseen = 0;
	double all = 0, most = 0;

	for (int i = 0; i < count; i++)
		start(&visitors[i], visit, NULL, asleep);
	sigaction(SIGALRM, &action, NULL);
	read_dispositions(before);
	if (alarmed)
		setitimer(ITIMER_REAL, &often, NULL);
	for (int round = 0; round < rounds; round++) {
		double start_ms, took;

		load();
		start_ms = milliseconds();
		failed += unload() != RELIB_OK;
		took = milliseconds() - start_ms;
		all += took;
		most = took > most ? took : most;
		unseen += report ? report->threads.unseen : MANY;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	read_dispositions(after);
	/* On a loaded machine not all of those that run get a turn in time. */
	if (!ok(!failed && (!asleep || !unseen), "%d threads that %s%s are looked at", count, name, alarmed ? ", with many signals," : ""))
		printf("#   %lu failed: %s\n", failed, error.message);
	ok(are_same(before, after), "what signals do is as before");
	printf("# an unload took %.2f ms, the longest %.2f ms; %lu threads were not seen\n", all / rounds, most, unseen);
	for (int i = 0; i < count; i++)
		end(&visitors[i]);
}

/* Other processes */

/* Runs a part of the test in a child; it has counted there. */
static void in_child(const char *name, bool (*part)(void))
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		bool good = part();

		fflush(stdout);
		_exit(!good);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		bail("no child");
	ok(!status, "%s", name);
}

static bool unloads(void)
{
	load();
	if (unload() == RELIB_OK)
		return true;
	printf("#   %s\n", error.message);
	return false;
}

static bool is_right(void (*visit)(struct visitor *), void (*inner)(struct visitor *), bool asleep, enum relib_code wanted)
{
	struct visitor visitor = { .blocks = false };
	enum relib_code code;

	load();
	start(&visitor, visit, inner, asleep);
	code = unload();
	if (code != wanted || report->threads.unseen)
		printf("#   code %d, %d threads not seen: %s\n", (int)code, (int)report->threads.unseen, error.message);
	end(&visitor);
	return code == wanted && !report->threads.unseen && (!code || unload() == RELIB_OK);
}

static bool all_right(void)
{
	return is_right(host_after_module, host_read, true, RELIB_OK) && is_right(host_spin, NULL, false, RELIB_OK) &&
	       is_right(module_poll, NULL, true, RELIB_BUSY) && is_right(module_callback, host_read, true, RELIB_BUSY);
}

static bool without_reading(void)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(instructions) / sizeof(*instructions), instructions };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return false;
	return all_right();
}

static bool without_signals(void)
{
	struct visitor visitor = { .blocks = false };
	bool good;

	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		signal(number, on_alarm);
	load();
	start(&visitor, host_spin, NULL, false);
	good = unload() == RELIB_OK && report->threads.unseen == 1;
	end(&visitor);
	return good;
}

static void processes(void)
{
	struct visitor visitor = { .blocks = false };

	in_child("it is so in a child that started its threads itself", all_right);
	in_child("where the process's memory can be read by its file only", without_reading);
	in_child("where all signals are taken, threads that run are not seen", without_signals);
	start(&visitor, host_spin, NULL, false);
	in_child("in a child of a process with threads it is unloaded", unloads);
	end(&visitor);
}

/* Threads that come and go */

static atomic_bool no_more;

static void *end_at_once(void *unused)
{
	return unused;
}

static void *come_and_go(void *unused)
{
	while (!atomic_load(&no_more)) {
		pthread_t thread;

		if (!pthread_create(&thread, NULL, end_at_once, NULL))
			pthread_join(thread, NULL);
	}
	return unused;
}

static void comings_and_goings(void)
{
	unsigned failed = 0, unseen = 0;
	pthread_t makers[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&makers[i], NULL, come_and_go, NULL))
			bail("no thread");
	for (int round = 0; round < 300; round++) {
		failed += !unloads();
		unseen += report->threads.unseen;
	}
	no_more = true;
	for (int i = 0; i < 2; i++)
		pthread_join(makers[i], NULL);
	/* A thread that begins blocks all signals until the scheduler has let it go on. */
	ok(!failed && unseen < 30, "threads that come and go (%u, %u)", failed, unseen);
}

int main(int count, char **arguments)
{
	(void)count;
	stress_begin(arguments, NULL);
	stress_path(path, "stacks.so");

	/* First, while there are no threads: a child of a process with threads can't follow frames. */
	processes();
	not_refused("a thread asleep in the host", host_read, NULL, true, false);
	not_refused("deep in the host", host_deeply, host_read, true, false);
	not_refused("after a call of the module, which left its traces", host_after_module, host_read, true, false);
	not_refused("one that runs", host_spin, NULL, false, false);
	not_refused("one that runs, after a call of the module", host_after_module, host_spin, false, false);
	not_refused("one that is asleep and blocks signals", host_read, NULL, true, true);
	not_refused("one that runs and blocks signals", host_spin, NULL, false, true);

	refused("a thread in poll", module_poll, NULL, true, false, "stacks_poll");
	refused("a thread in read", module_read, NULL, true, false, "stacks_read");
	refused("a thread in epoll_wait", module_epoll, NULL, true, false, "stacks_epoll");
	refused("a thread in nanosleep", module_nanosleep, NULL, true, false, "stacks_nanosleep");
	refused("a thread that waits for a condition", module_wait, NULL, true, false, "stacks_wait");
	refused("a thread that blocks signals", module_poll, NULL, true, true, "stacks_poll");
	refused("a thread that spins", module_spin, NULL, false, false, "stacks_spin");
	refused("a callback that is asleep", module_callback, host_read, true, false, "stacks_call");
	refused("a callback that runs", module_callback, host_spin, false, false, "stacks_call");
	refused("one that is asleep deep in the host", module_deep_callback, NULL, true, false, "stacks_call");
	refused("one that runs deep in the module", module_deeply, host_spin, false, false, "stacks_call_deep");
	refused("a handler on a stack of its own", module_handler, NULL, true, false, "stacks_call");
	own_thread();
	waits();
	comings_and_goings();
	interrupted(setting("STRESS_ROUNDS", 1000));
	many(MANY, 20, "sleep", host_read, true, false);
	many(MANY, 3, "run", host_spin, false, false);
	many(4, 20, "run", host_spin, false, true);
	ok(alarms, "the signals came");
	return done();
}
