/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Retention cases: threads that have ended, and the helper threads that libc starts for itself. */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include "libc-cases.h"

static void *return_argument(void *argument)
{
	return argument;
}

static const char *start_and_join(void *(*function)(void *), void *wanted)
{
	pthread_t thread;
	void *result;

	CHECK(pthread_create(&thread, NULL, function, wanted) == 0);
	CHECK(pthread_join(thread, &result) == 0 && result == wanted);
	return NULL;
}

CASE(pthread_create)
{
	return start_and_join(return_argument, run);
}

static pid_t detached_thread;

static void *tell_and_return(void *arrived)
{
	detached_thread = gettid();
	sem_post(arrived);
	return NULL;
}

/* Gone for good only when the kernel says so: till then its last instructions are the module's. */
CASE(pthread_create_detached)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sem_t arrived;

	CHECK(sem_init(&arrived, 0, 0) == 0);
	CHECK(pthread_attr_init(&attributes) == 0);
	CHECK(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0);
	CHECK(pthread_create(&thread, &attributes, tell_and_return, &arrived) == 0);
	CHECK(pthread_attr_destroy(&attributes) == 0);
	CHECK(sem_wait(&arrived) == 0);
	while (syscall(SYS_tgkill, getpid(), detached_thread, 0) == 0)
		usleep(100);
	return NULL;
}

static void *allocate_and_return(void *argument)
{
	char *block = malloc(100);

	retention_use(block);
	free(block);
	return argument;
}

CASE(pthread_create_malloc)
{
	return start_and_join(allocate_and_return, run);
}

static int return_zero(void *argument __attribute__((unused)))
{
	return 0;
}

CASE(thrd_create)
{
	thrd_t thread;
	int result;

	CHECK(thrd_create(&thread, return_zero, NULL) == thrd_success);
	CHECK(thrd_join(thread, &result) == thrd_success && result == 0);
	return NULL;
}

static void *exit_thread(void *argument)
{
	pthread_exit(argument);
}

CASE(pthread_exit)
{
	return start_and_join(exit_thread, run);
}

static void *wait_for_cancel(void *argument)
{
	for (;;)
		pause();
	return argument;
}

CASE(pthread_cancel)
{
	pthread_t thread;
	void *result;

	CHECK(pthread_create(&thread, NULL, wait_for_cancel, NULL) == 0);
	CHECK(pthread_cancel(thread) == 0);
	CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
	return NULL;
}

/* A thread has room for 32 keys; the block for more is the thread's. */
CASE(pthread_keys_40)
{
	for (int i = 0; i < 40; i++) {
		pthread_key_t key;

		CHECK(pthread_key_create(&key, NULL) == 0);
		CHECK(pthread_setspecific(key, run) == 0 && pthread_getspecific(key) == run);
	}
	return NULL;
}

CASE(tss_40)
{
	for (int i = 0; i < 40; i++) {
		tss_t key;

		CHECK(tss_create(&key, NULL) == thrd_success);
		CHECK(tss_set(key, run) == thrd_success && tss_get(key) == run);
	}
	return NULL;
}

CASE(pthread_setname)
{
	char name[16];

	CHECK(pthread_setname_np(pthread_self(), "retention") == 0);
	CHECK(pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 && strcmp(name, "retention") == 0);
	return NULL;
}

CASE(pthread_getattr_np)
{
	pthread_attr_t attributes;

	CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
	if (retention_give_back(run, &attributes, 2))
		CHECK(pthread_attr_destroy(&attributes) == 0);
	return NULL;
}

CASE(pthread_attr_setaffinity)
{
	pthread_attr_t attributes;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CHECK(pthread_attr_init(&attributes) == 0);
	CHECK(pthread_attr_setaffinity_np(&attributes, sizeof(set), &set) == 0);
	if (retention_give_back(run, &attributes, 2))
		CHECK(pthread_attr_destroy(&attributes) == 0);
	return NULL;
}

CASE(pthread_setattr_default)
{
	pthread_attr_t attributes;

	CHECK(pthread_attr_init(&attributes) == 0 && pthread_setattr_default_np(&attributes) == 0);
	CHECK(pthread_attr_destroy(&attributes) == 0);
	return start_and_join(return_argument, run);
}

/* Too large for the static block of a module that comes late: ld.so allocates it when first touched. */
static __thread char big[5000];

CASE(thread_local_big)
{
	memset(big, 1, sizeof(big));
	retention_use(big);
	return NULL;
}

static void *touch_and_return(void *argument)
{
	memset(big, 1, sizeof(big));
	retention_use(big);
	return argument;
}

CASE(thread_local_in_thread)
{
	return start_and_join(touch_and_return, run);
}

extern int __cxa_thread_atexit_impl(void (*function)(void *), void *object, void *dso);
extern void *__dso_handle;

static void destroy(void *object __attribute__((unused)))
{
}

CASE(cxa_thread_atexit)
{
	CHECK(__cxa_thread_atexit_impl(destroy, NULL, &__dso_handle) == 0);
	return NULL;
}

/* Waits by suspending, as the manual has it, until the requests are done. */
static const char *finish(struct aiocb *request)
{
	const struct aiocb *requests[] = { request };

	while (aio_error(request) == EINPROGRESS)
		aio_suspend(requests, 1, NULL);
	CHECK(aio_error(request) == 0 && aio_return(request) == 8 && memcmp((char *)request->aio_buf, "abcdefgh", 8) == 0);
	return NULL;
}

CASE(aio_read)
{
	char buffer[8];
	struct aiocb request = { .aio_fildes = open("input", O_RDONLY), .aio_buf = buffer, .aio_nbytes = 8 };
	const char *wrong;

	CHECK(aio_read(&request) == 0);
	wrong = finish(&request);
	close(request.aio_fildes);
	return wrong;
}

CASE(lio_listio)
{
	char buffer[8];
	struct aiocb request = { .aio_fildes = open("input", O_RDONLY), .aio_buf = buffer, .aio_nbytes = 8,
				 .aio_lio_opcode = LIO_READ };
	struct aiocb *requests[] = { &request };
	const char *wrong;

	CHECK(lio_listio(LIO_WAIT, requests, 1, NULL) == 0);
	wrong = finish(&request);
	close(request.aio_fildes);
	return wrong;
}

static pid_t timer_thread_id;

static void on_timer(union sigval value)
{
	timer_thread_id = gettid();
	sem_post(value.sival_ptr);
}

/* libc's helper stays for ever; the thread that ran our function must be gone before the module is. */
CASE(timer_thread)
{
	struct itimerspec soon = { .it_value = { 0, 1000000 } };
	sem_t arrived;
	timer_t timer;
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_timer,
				  .sigev_value = { .sival_ptr = &arrived } };

	CHECK(sem_init(&arrived, 0, 0) == 0);
	CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	CHECK(timer_settime(timer, 0, &soon, NULL) == 0);
	CHECK(sem_wait(&arrived) == 0);
	CHECK(timer_delete(timer) == 0);
	while (syscall(SYS_tgkill, getpid(), timer_thread_id, 0) == 0)
		usleep(100);
	return NULL;
}

CASE(timer_thread_unused)
{
	timer_t timer;
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_timer };

	CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 && timer_delete(timer) == 0);
	return NULL;
}

CASE(timer_signal)
{
	timer_t timer;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };

	CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 && timer_delete(timer) == 0);
	return NULL;
}

static void on_message(union sigval value __attribute__((unused)))
{
}

CASE(mq_notify)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_message };
	char name[64];
	mqd_t queue;

	snprintf(name, sizeof(name), "/relib-retention-%d", (int)getpid());
	queue = mq_open(name, O_CREAT | O_RDWR, 0600, NULL);
	if (queue == (mqd_t)-1)
		return "SKIP there are no message queues";
	mq_unlink(name);
	if (mq_notify(queue, &event) != 0) {
		mq_close(queue);
		return "SKIP the kernel gives no notice of messages";
	}
	CHECK(mq_notify(queue, NULL) == 0 && mq_close(queue) == 0);
	return NULL;
}
