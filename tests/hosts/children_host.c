/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host of a module that leaves child processes: `children_host MODULE SCENARIO`. It says what was wrong, and ends with a status
 * of 1 then; 77 says that the system does not allow it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hosts/scenario.h"

#define LEAK_FORK() CALL(pid_t, leak_fork, (void), ())
#define LEAVE_RUNNING() CALL(pid_t, leave_running, (void), ())
#define WAIT_ENDED(child) CHECK(CALL(int, wait_ended, (pid_t), (child)) == 0)

/* A child that has ended, or -1: past the hooks, and it stays. */
static pid_t any_child(void)
{
	siginfo_t found = { .si_pid = 0 };

	return syscall(SYS_waitid, P_ALL, 0, &found, WEXITED | WNOWAIT | WNOHANG, NULL) ? -1 : found.si_pid;
}

static void end(pid_t child)
{
	CHECK(child > 0 && kill(child, SIGKILL) == 0);
	CHECK(waitpid(child, NULL, 0) == child);
}

/* Each is waited for when the module goes, or is to be waited for still. */
static void all(void)
{
	int leaked, waited = 0;

	load();
	leaked = CALL(int, leak_all, (void), ());
	CHECK(leaked == 7);
	unload();
	if (reclaim)
		CHECK(any_child() == -1);
	while (wait(NULL) > 0)
		waited++;
	CHECK(waited == (reclaim ? 0 : leaked));
}

static void runs(void)
{
	pid_t child;

	load();
	child = LEAVE_RUNNING();
	unload();
	printf("child %d\n", child);
	CHECK(kill(child, 0) == 0);
	end(child);
}

static void killed(void)
{
	pid_t child;

	load();
	child = LEAVE_RUNNING();
	CHECK(child > 0 && kill(child, SIGTERM) == 0);
	WAIT_ENDED(child);
	unload();
	CHECK(waitpid(child, NULL, WNOHANG) == (reclaim ? -1 : child));
}

static void wait_each(int function, pid_t child)
{
	int number = pidfd_open(child, 0), status = 1;
	siginfo_t found;

	switch (function) {
	case 0: CHECK(wait(&status) == child); break;
	case 1: CHECK(wait(NULL) == child); break;
	case 2: CHECK(waitpid(child, &status, 0) == child); break;
	case 3: CHECK(waitpid(-1, NULL, 0) == child); break;
	case 4: CHECK(waitpid(0, &status, 0) == child); break;
	case 5: CHECK(wait3(&status, 0, NULL) == child); break;
	case 6: CHECK(wait4(-1, NULL, 0, NULL) == child); break;
	case 7: CHECK(waitid(P_PID, (id_t)child, &found, WEXITED) == 0); break;
	case 8: CHECK(waitid(P_ALL, 0, NULL, WEXITED) == 0); break;
	case 9: CHECK(waitid(P_PIDFD, (id_t)number, &found, WEXITED) == 0); break;
	case 10: CHECK(CALL(pid_t, module_waitpid, (pid_t, int *, int), (child, &status, 0)) == child); break;
	}
	close(number);
}

static void waited(void)
{
	load();
	for (int i = 0; i <= 10; i++)
		wait_each(i, LEAK_FORK());
	unload();
	CHECK(wait(NULL) == -1 && errno == ECHILD);
}

/* To look at it is not to wait for it. */
static void looked_at(void)
{
	siginfo_t found = { .si_pid = 0 };
	int status;
	pid_t child;

	load();
	child = LEAVE_RUNNING();
	CHECK(waitpid(child, &status, WNOHANG) == 0);
	CHECK(waitid(P_PID, (id_t)child, &found, WEXITED | WNOHANG) == 0 && found.si_pid == 0);
	CHECK(kill(child, SIGSTOP) == 0);
	CHECK(waitpid(-1, NULL, WUNTRACED) == child);
	CHECK(kill(child, SIGCONT) == 0);
	CHECK(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
	CHECK(kill(child, SIGSTOP) == 0);
	CHECK(waitid(P_PID, (id_t)child, &found, WSTOPPED) == 0 && found.si_pid == child);
	CHECK(kill(child, SIGKILL) == 0);
	CHECK(waitid(P_ALL, 0, NULL, WEXITED | WNOWAIT) == 0);
	unload();
	CHECK(any_child() == (reclaim ? -1 : child));
}

/* The kernel waits itself. */
static void ignored(void)
{
	pid_t child;

	signal(SIGCHLD, SIG_IGN);
	load();
	child = LEAK_FORK();
	/* Until there is none. */
	CHECK(waitpid(child, NULL, 0) == -1 && errno == ECHILD);
	unload();
}

static void unseen(void)
{
	pid_t child;

	load();
	child = LEAK_FORK();
	CHECK(syscall(SYS_wait4, child, NULL, 0, NULL) == child);
	unload();
}

static pid_t fork_host(int status)
{
	pid_t child = fork();

	if (child == 0)
		_exit(status);
	return child;
}

static void of_host(void)
{
	pid_t before = fork_host(3), after, child;
	int status;

	load();
	child = LEAK_FORK();
	after = fork_host(4);
	WAIT_ENDED(before);
	WAIT_ENDED(child);
	WAIT_ENDED(after);
	unload();
	CHECK(waitpid(before, &status, 0) == before && WEXITSTATUS(status) == 3);
	CHECK(waitpid(after, &status, 0) == after && WEXITSTATUS(status) == 4);
	CHECK(waitpid(child, &status, 0) == (reclaim ? -1 : child));
}

static void in_fork(void)
{
	pid_t child, other;
	int status;

	load();
	child = LEAK_FORK();
	WAIT_ENDED(child);
	other = fork();
	if (other == 0) {
		unload();
		_exit(failed);
	}
	CHECK(waitpid(other, &status, 0) == other && status == 0);
	CHECK(any_child() == child);
	unload();
	CHECK(any_child() == (reclaim ? -1 : child));
}

static void in_vfork(void)
{
	pid_t child;

	load();
	child = LEAK_FORK();
	CHECK(CALL(int, in_vfork, (pid_t), (child)) == 0);
	WAIT_ENDED(child);
	unload();
	CHECK(any_child() == (reclaim ? -1 : child));
}

static void of_libc(void)
{
	FILE *stream;

	load();
	stream = CALL(FILE *, of_libc, (void), ());
	CHECK(stream && pclose(stream) == 0);
	stream = CALL(FILE *, of_libc, (void), ());
	unload();
	CHECK(reclaim || pclose(stream) == 0);
	CHECK(wait(NULL) == -1);
}

static void unknown(void)
{
	pid_t child;

	load();
	CHECK(CALL(int, spawn_unknown, (void), ()) == 0);
	CHECK(waitid(P_ALL, 0, NULL, WEXITED | WNOWAIT) == 0);
	child = any_child();
	unload();
	CHECK(child > 0 && any_child() == (reclaim ? -1 : child));
}

static void *wait_for_ever(void *child)
{
	CALL(pid_t, module_waitpid, (pid_t, int *, int), (*(pid_t *)child, NULL, 0));
	return NULL;
}

/* Until the thread sleeps in the kernel. */
static void wait_asleep(const volatile int *thread)
{
	char name[64], text[256];

	for (;;) {
		ssize_t length;
		int number;

		snprintf(name, sizeof(name), "/proc/self/task/%d/syscall", *thread);
		number = *thread ? open(name, O_RDONLY) : -1;
		length = number < 0 ? 0 : read(number, text, sizeof(text) - 1);
		close(number);
		text[length > 0 ? length : 0] = '\0';
		if (atoi(text) == SYS_wait4 && *text != 'r')
			return;
		sched_yield();
	}
}

static volatile int waiter;

static void *wait_cancelled(void *child)
{
	waiter = gettid();
	return wait_for_ever(child);
}

static void cancelled(void)
{
	pthread_t thread;
	void *result;
	pid_t child;

	load();
	child = LEAVE_RUNNING();
	CHECK(pthread_create(&thread, NULL, wait_cancelled, &child) == 0);
	wait_asleep(&waiter);
	CHECK(pthread_cancel(thread) == 0);
	CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
	unload();
	end(child);
}

static void wait_longer(long milliseconds)
{
	struct timespec start, now;

	clock_gettime(CLOCK_BOOTTIME, &start);
	do {
		sched_yield();
		clock_gettime(CLOCK_BOOTTIME, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < milliseconds);
}

/* The number of one that was waited for past the hooks is another's, of which no hook knows. */
static void number_again(void)
{
	pid_t child, again = -1;
	int status;

	load();
	child = LEAK_FORK();
	CHECK(syscall(SYS_wait4, child, NULL, 0, NULL) == child);
	wait_longer(50);
	for (int i = 0; i < 100 && again != child; i++) {
		int last = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);

		if (last < 0 || dprintf(last, "%d", child - 1) < 0) {
			printf("no %s\n", strerror(errno));
			_exit(77);
		}
		close(last);
		again = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
		if (again == 0)
			_exit(5);
		if (again != child)
			CHECK(syscall(SYS_wait4, again, NULL, 0, NULL) == again);
	}
	CHECK(again == child);
	WAIT_ENDED(child);
	unload();
	CHECK(waitpid(again, &status, 0) == again && WEXITSTATUS(status) == 5);
}

static const struct scenario scenarios[] = {
	SCENARIO(all), SCENARIO(runs), SCENARIO(killed), SCENARIO(waited), SCENARIO(looked_at), SCENARIO(ignored),
	SCENARIO(unseen), SCENARIO(of_host), SCENARIO(in_fork), SCENARIO(in_vfork), SCENARIO(of_libc), SCENARIO(unknown),
	SCENARIO(cancelled), SCENARIO(number_again),
};

int main(int argc, char **argv)
{
	return RUN_SCENARIO(argc, argv, scenarios, NULL);
}
