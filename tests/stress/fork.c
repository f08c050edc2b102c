/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Ten thousand forks while another thread loads and unloads. The child exits at once, or allocates, or loads and unloads a
 * module itself: where the other thread was in ld.so just then, that is an error, for it would hang. Nothing else goes wrong.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "stress.h"

#define WAS_IN_LINKER 77

static atomic_bool stop;
static atomic_ulong cycles;
static const char *failure; /* of the thread that loads */
static char other_path[4096];

static void *load_and_unload(void *unused)
{
	static struct relib_error error;

	while (!stop && !failure) {
		struct loaded loaded;

		if (!stress_load(module_path(), &loaded, &error)) {
			failure = error.message;
			break;
		}
		/* To record where that was, the tracker walks the stack by dl_iterate_phdr: not while there is a fork. */
		loaded.worker->leak(10, 100);
		if (!stress_unload(&loaded, 10, 10 * 100, &error))
			failure = error.message;
		cycles++;
	}
	return unused;
}

/* In the child: it ends by a signal where something hangs. */
static int child(int what)
{
	struct relib_error error;
	struct loaded loaded;

	alarm(60);
	if (what == 0)
		return 0;
	for (int i = 0; i < 100; i++)
		free(malloc((size_t)i * 100));
	if (what == 1)
		return !relib_has_tracker();
	if (!stress_load(other_path, &loaded, &error)) {
		if (error.code == RELIB_LOAD_FAILED && strstr(error.message, "was forked while another thread"))
			return WAS_IN_LINKER;
		fprintf(stderr, "child: %s\n", error.message);
		return 2;
	}
	loaded.worker->leak(20, 10);
	if (!stress_unload(&loaded, 20, 20 * 10, &error)) {
		fprintf(stderr, "child: %s\n", error.message);
		return 3;
	}
	return 0;
}

static void copy_module(const char *from, const char *to)
{
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	int byte;

	if (!in || !out)
		bail("%s can't be copied", from);
	while ((byte = getc(in)) != EOF)
		putc(byte, out);
	fclose(in);
	fclose(out);
}

static bool fork_once(int what, int *status)
{
	pid_t process;

	fflush(NULL);
	process = fork();
	if (process < 0)
		bail("fork: %s", strerror(errno));
	if (!process)
		_exit(child(what));
	while (waitpid(process, status, 0) < 0)
		if (errno != EINTR)
			bail("waitpid: %s", strerror(errno));
	return !*status;
}

int main(int argc, char **argv)
{
	unsigned long rounds, count[3] = { 0 }, bad[3] = { 0 }, refused = 0;
	struct timespec start, now;
	int status, last = 0;
	pthread_t thread;
	unsigned seed;

	(void)argc;
	stress_begin(argv, NULL);
	rounds = setting("STRESS_ROUNDS", 10000);
	seed = (unsigned)setting("STRESS_SEED", (unsigned long)time(NULL));
	snprintf(other_path, sizeof(other_path), "%s/relib-stress-fork-%d.so", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", getpid());
	copy_module(module_path(), other_path);
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (pthread_create(&thread, NULL, load_and_unload, NULL))
		bail("no thread");
	for (unsigned long round = 0; round < rounds && !failure; round++) {
		int what = rand_r(&seed) % 3;

		count[what]++;
		if (fork_once(what, &status))
			continue;
		if (WIFEXITED(status) && WEXITSTATUS(status) == WAS_IN_LINKER) {
			refused++;
		} else {
			bad[what]++;
			last = status;
		}
	}
	stop = true;
	pthread_join(thread, NULL);
	unlink(other_path);
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("# %lu loads and unloads meanwhile, in %ld s\n", (unsigned long)cycles, (long)(now.tv_sec - start.tv_sec));
	if (!ok(!failure, "the parent loads and unloads as if nobody forked"))
		printf("#   %s\n", failure);
	ok(cycles > rounds / 100, "it did so %lu times", (unsigned long)cycles);
	ok(!bad[0], "%lu children that exit at once, %lu of them badly", count[0], bad[0]);
	ok(!bad[1], "%lu children that allocate, %lu of them badly", count[1], bad[1]);
	if (!ok(!bad[2], "%lu children that load and unload a module, %lu of them badly", count[2], bad[2]))
		printf("#   the last one's status was %#x\n", (unsigned)last);
	ok(refused < count[2], "%lu of these were refused, as ld.so was in use", refused);
	return done();
}
