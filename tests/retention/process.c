/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Retention cases: environment, time, log, handlers, processes, objects, messages. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <fmtmsg.h>
#include <ftw.h>
#include <gnu/lib-names.h>
#include <locale.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <pthread.h>
#include <pty.h>
#include <search.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include "libc-cases.h"

static bool is_set(const char *name, const char *value)
{
	const char *set = getenv(name);

	return set && strcmp(set, value) == 0;
}

CASE(setenv)
{
	char name[64];

	snprintf(name, sizeof(name), "RETENTION_%c%zu", run->who[0], strlen(run->who));
	CHECK(setenv(name, "value", 1) == 0 && is_set(name, "value"));
	CHECK(run->who[0] == 'm' || is_set("RETENTION_m6", "value"));
	return NULL;
}

CASE(setenv_overwrite)
{
	CHECK(setenv("RETENTION", "first", 1) == 0 && setenv("RETENTION", run->who, 1) == 0);
	CHECK(is_set("RETENTION", run->who));
	return NULL;
}

CASE(setenv_same)
{
	CHECK(run->who[0] == 'm' || is_set("RETENTION", "same"));
	CHECK(setenv("RETENTION", "same", 1) == 0 && is_set("RETENTION", "same"));
	return NULL;
}

CASE(clearenv)
{
	CHECK(clearenv() == 0 && setenv("RETENTION", run->who, 1) == 0 && is_set("RETENTION", run->who));
	CHECK(unsetenv("RETENTION") == 0 && !getenv("RETENTION"));
	return NULL;
}

CASE(putenv)
{
	strcpy(run->host_memory, "RETENTION=put");
	CHECK(putenv(run->host_memory) == 0 && is_set("RETENTION", "put"));
	return NULL;
}

CASE(tzset)
{
	tzset();
	CHECK(tzname[0] && strlen(tzname[0]) < 64);
	return NULL;
}

CASE(localtime)
{
	time_t when = 86400 * 365;

	CHECK(localtime(&when)->tm_year >= 70);
	return NULL;
}

CASE(localtime_r)
{
	time_t when = 86400 * 365;
	struct tm tm;

	CHECK(localtime_r(&when, &tm) && tm.tm_zone && strlen(tm.tm_zone) < 64);
	return NULL;
}

CASE(localtime_tz)
{
	time_t when = 0;
	struct tm *tm;

	CHECK(setenv("TZ", "ABC-3DEF,M3.2.0,M11.1.0", 1) == 0);
	tm = localtime(&when);
	CHECK(tm->tm_hour == 3 && strcmp(tm->tm_zone, "ABC") == 0);
	return NULL;
}

/* With a file of zone data where there is one; libc takes the name for UTC else. */
CASE(tz_change)
{
	time_t when = 1000000000;

	CHECK(setenv("TZ", ":Europe/Paris", 1) == 0 && localtime(&when)->tm_min == 46);
	CHECK(setenv("TZ", ":Asia/Tokyo", 1) == 0 && localtime(&when)->tm_min == 46);
	CHECK(setenv("TZ", "XYZ-1", 1) == 0 && strcmp(localtime(&when)->tm_zone, "XYZ") == 0);
	return NULL;
}

CASE(mktime)
{
	struct tm tm = { .tm_year = 101, .tm_mon = 1, .tm_mday = 3, .tm_hour = 12 };

	CHECK(mktime(&tm) > 900000000);
	return NULL;
}

CASE(strftime)
{
	struct tm tm = { .tm_year = 101, .tm_mday = 1 };
	char text[64];

	CHECK(strftime(text, sizeof(text), "%Y %Z", &tm) >= 4 && memcmp(text, "2001", 4) == 0);
	return NULL;
}

CASE(wcsftime)
{
	struct tm tm = { .tm_year = 101, .tm_mday = 1 };
	wchar_t text[64];

	CHECK(wcsftime(text, 64, L"%Y %Z", &tm) >= 4 && wmemcmp(text, L"2001", 4) == 0);
	return NULL;
}

CASE(ctime)
{
	time_t when = 86400 * 365;

	CHECK(strlen(ctime(&when)) == 25);
	return NULL;
}

/* The driver has written the file of patterns. */
CASE(getdate)
{
	struct tm *tm;

	CHECK(setenv("DATEMSK", "datemsk", 1) == 0);
	tm = getdate("2001-02-03");
	CHECK(tm && tm->tm_year == 101 && tm->tm_mday == 3);
	return NULL;
}

CASE(openlog)
{
	openlog(NULL, LOG_NDELAY, LOG_USER);
	return NULL;
}

CASE(syslog)
{
	syslog(LOG_DEBUG, "retention test, %s", run->who);
	return NULL;
}

CASE(syslog_perror)
{
	openlog(NULL, LOG_PERROR, LOG_USER);
	syslog(LOG_DEBUG, "retention test, %s", run->who);
	return NULL;
}

static void nothing(void)
{
}

/* libc keeps room for 32 handlers; the block for more is never given back. */
CASE(atexit_40)
{
	for (int i = 0; i < 40; i++)
		CHECK(atexit(nothing) == 0);
	return NULL;
}

CASE(at_quick_exit_40)
{
	for (int i = 0; i < 40; i++)
		CHECK(at_quick_exit(nothing) == 0);
	return NULL;
}

static const char *fork_and_wait(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(7);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
	return NULL;
}

CASE(atfork_60)
{
	for (int i = 0; i < 60; i++)
		CHECK(pthread_atfork(nothing, nothing, nothing) == 0);
	return fork_and_wait();
}

CASE(fork)
{
	return fork_and_wait();
}

CASE(system)
{
	CHECK(system("exit 3") == 3 << 8);
	return NULL;
}

CASE(posix_spawn)
{
	char name[] = "true", *arguments[] = { name, NULL };
	int status;
	pid_t child;

	CHECK(posix_spawnp(&child, name, NULL, NULL, arguments, environ) == 0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	return NULL;
}

static const char *open_semaphore(bool leave)
{
	char name[64];
	sem_t *semaphore;

	snprintf(name, sizeof(name), "/relib-retention-%d", (int)getpid());
	semaphore = sem_open(name, O_CREAT, 0600, 1);
	if (semaphore == SEM_FAILED)
		return "SKIP there is no shared memory for semaphores";
	CHECK(sem_wait(semaphore) == 0 && sem_post(semaphore) == 0);
	if (!leave)
		CHECK(sem_close(semaphore) == 0);
	sem_unlink(name);
	return NULL;
}

CASE(sem_open)
{
	return open_semaphore(true);
}

CASE(sem_open_closed)
{
	return open_semaphore(false);
}

CASE(shm_open)
{
	char name[64];
	int descriptor;

	snprintf(name, sizeof(name), "/relib-retention-%d", (int)getpid());
	descriptor = shm_open(name, O_CREAT | O_RDWR, 0600);
	if (descriptor < 0)
		return "SKIP there is no shared memory";
	CHECK(shm_unlink(name) == 0);
	return NULL;
}

CASE(dlopen_fails)
{
	CHECK(!dlopen("no-such-object.so", RTLD_NOW));
	CHECK(strstr(dlerror(), "no-such-object.so"));
	return NULL;
}

CASE(dlopen_fails_unasked)
{
	CHECK(!dlopen("no-such-object.so", RTLD_NOW));
	return NULL;
}

CASE(dlsym_fails)
{
	CHECK(!dlsym(RTLD_DEFAULT, "no_such_symbol"));
	CHECK(strstr(dlerror(), "no_such_symbol"));
	CHECK(!dlsym(RTLD_DEFAULT, "no_such_symbol"));
	return NULL;
}

static double (*cosine(void *object))(double)
{
	return (double (*)(double))dlsym(object, "cos");
}

CASE(dlopen_closed)
{
	void *object = dlopen(LIBM_SO, RTLD_NOW);

	CHECK(object && cosine(object)(0) == 1 && dlclose(object) == 0);
	return NULL;
}

CASE(dlopen_left)
{
	void *object = dlopen(LIBM_SO, RTLD_LAZY);

	CHECK(object && cosine(object)(0) == 1);
	return NULL;
}

CASE(dlopen_global_left)
{
	void *object = dlopen(LIBM_SO, RTLD_NOW | RTLD_GLOBAL);

	CHECK(object && cosine(RTLD_DEFAULT)(0) == 1);
	return NULL;
}

CASE(dlopen_null)
{
	void *object = dlopen(NULL, RTLD_NOW);

	CHECK(object && dlsym(object, "getpid") && dlclose(object) == 0);
	return NULL;
}

CASE(dlmopen)
{
	void *object = dlmopen(LM_ID_NEWLM, LIBM_SO, RTLD_NOW);

	CHECK(object && cosine(object)(0) == 1);
	return NULL;
}

CASE(backtrace)
{
	void *frames[8];

	CHECK(backtrace(frames, 8) >= 2);
	return NULL;
}

CASE(strerror)
{
	CHECK(strcmp(strerror(9999), "Unknown error 9999") == 0);
	return NULL;
}

CASE(strerror_l)
{
	locale_t locale = duplocale(LC_GLOBAL_LOCALE);

	CHECK(strcmp(strerror_l(9999, locale), "Unknown error 9999") == 0);
	freelocale(locale);
	return NULL;
}

CASE(strsignal)
{
	CHECK(strcmp(strsignal(999), "Unknown signal 999") == 0);
	return NULL;
}

/* A table at a time: whoever comes next drops the one before. */
CASE(hcreate)
{
	static char key[] = "key";
	ENTRY entry = { key, key }, *found;

	hdestroy();
	CHECK(hcreate(20) != 0);
	CHECK(hsearch(entry, ENTER));
	found = hsearch(entry, FIND);
	CHECK(found && found->data == key);
	return NULL;
}

CASE(addseverity)
{
	CHECK(addseverity(9, run->who) == MM_OK);
	CHECK(fmtmsg(MM_PRINT, "relib:test", 9, "severity added", "nothing", "relib:1") == MM_OK);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

CASE(qsort_big)
{
	static int numbers[200000];

	for (int i = 0; i < 200000; i++)
		numbers[i] = i * 7919 % 200003;
	qsort(numbers, 200000, sizeof(*numbers), compare);
	CHECK(numbers[0] <= numbers[1] && numbers[199998] <= numbers[199999]);
	return NULL;
}

static int visit(const char *path __attribute__((unused)), const struct stat *status __attribute__((unused)),
		 int type __attribute__((unused)))
{
	return 0;
}

static int visit_tree(const char *path __attribute__((unused)), const struct stat *status __attribute__((unused)),
		      int type __attribute__((unused)), struct FTW *place __attribute__((unused)))
{
	return 0;
}

CASE(ftw)
{
	CHECK(ftw(".", visit, 4) == 0);
	return NULL;
}

CASE(nftw)
{
	CHECK(nftw(".", visit_tree, 4, FTW_DEPTH) == 0);
	return NULL;
}

CASE(random)
{
	srandom(1);
	CHECK(random() == 1804289383);
	srand48(1);
	CHECK(drand48() < 1);
	return NULL;
}

/* The functions of the list that leave no block. */
CASE(nothing_left)
{
	char text[] = "one two", *rest, *end, name[] = "relib-retention.XXXXXX", state[256];
	int numbers[] = { 1, 3, 5 }, wanted = 3, file, main_end, other_end;
	struct ether_addr address = { { 1, 2, 3, 4, 5, 6 } };
	Dl_info info;

	CHECK(bsearch(&wanted, numbers, 3, sizeof(int), compare) == &numbers[1]);
	CHECK(confstr(_CS_PATH, NULL, 0) > 0);
	CHECK(dladdr((void *)(uintptr_t)strlen, &info) != 0);
	CHECK(strcmp(ether_ntoa(&address), "1:2:3:4:5:6") == 0);
	CHECK(strcmp(inet_ntoa((struct in_addr){ htonl(INADDR_LOOPBACK) }), "127.0.0.1") == 0);
	CHECK(initstate(1, state, sizeof(state)) != NULL);
	CHECK(mallinfo2().arena > 0);
	CHECK(strtod("1.5e300", &end) > 1e300 && !*end);
	CHECK(strcmp(strtok_r(text, " ", &rest), "one") == 0);
	CHECK(execvp("no-such-program-at-all", (char *[]){ text, NULL }) == -1);
	herror("relib");
	file = mkstemp(name);
	CHECK(file >= 0 && unlink(name) == 0 && close(file) == 0);
	if (openpty(&main_end, &other_end, NULL, NULL, NULL) == 0)
		CHECK(close(main_end) == 0 && close(other_end) == 0);
	return NULL;
}
