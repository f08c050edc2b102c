/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * A host of modules that give libc what it goes on using: `strings_host MODULE SCENARIO`. After the unload it uses that itself. It
 * says what was wrong, and ends with a status of 1 then. Under leaks=report it looks only whether all is where it was.
 */
#include <ctype.h>
#include <error.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "hosts/scenario.h"

#define DO(name) CALL(int, name, (void), ())

static bool variable_is(const char *name, const char *wanted)
{
	const char *value = getenv(name);

	if (!value || strcmp(value, wanted))
		fprintf(stderr, "%s is: %s\n", name, value ? value : "(not there)");
	return value && !strcmp(value, wanted);
}

static bool file_is(const char *name, const char *wanted)
{
	char text[4096] = "";
	FILE *file = fopen(name, "r");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (!file)
		return false;
	fclose(file);
	text[length] = '\0';
	if (strcmp(text, wanted))
		fprintf(stderr, "%s is: %s\n", name, text);
	return !strcmp(text, wanted);
}

/* The environment */

static void environment(void)
{
	load();
	CHECK(!DO(leak_putenv_image) && !DO(leak_putenv_heap) && !DO(leak_putenv_mapping) && !DO(leak_putenv_stack));
	unload();
	CHECK(variable_is("KIND_IMAGE", "in the image"));
	CHECK(variable_is("KIND_HEAP", "in the heap"));
	CHECK(variable_is("KIND_MAPPING", "in a mapping"));
	CHECK(variable_is("KIND_STACK", "on the stack"));
	CHECK(setenv("KIND_IMAGE", "the host's", 1) == 0 && variable_is("KIND_IMAGE", "the host's"));
	CHECK(unsetenv("KIND_HEAP") == 0 && !getenv("KIND_HEAP"));
	CHECK(system("test \"$KIND_MAPPING\" = 'in a mapping'") == 0);
}

static char *entry_of(const char *start)
{
	for (char **entry = environ; *entry; entry++)
		if (!strncmp(*entry, start, strlen(start)))
			return *entry;
	return NULL;
}

/* Not looked for by its name, which is gone. */
static void environment_reported(void)
{
	char *entry;
	bool found = false;

	load();
	CHECK(!DO(leak_putenv_image));
	entry = entry_of("KIND_IMAGE");
	CHECK(!DO(leak_openlog));
	unload();
	for (char **now = environ; *now; now++)
		found |= *now == entry;
	CHECK(found);
	_exit(failed);
}

static void written(void)
{
	setenv("KIND_WRITTEN", "by the host", 1);
	load();
	((void (*)(void))find_symbol(module, "write_entry"))();
	CHECK(variable_is("KIND_WRITTEN", "written into environ"));
	unload();
	CHECK(variable_is("KIND_WRITTEN", "written into environ"));
}

static void array(const char *function)
{
	for (int i = 0; i < 20; i++) {
		load();
		((void (*)(void))find_symbol(module, function))();
		CHECK(variable_is("KIND_IMAGE", "in the image"));
		unload();
		CHECK(variable_is("KIND_IMAGE", "in the image"));
		CHECK(variable_is("KIND_HOST", "the host's"));
		CHECK(unsetenv("KIND_IMAGE") == 0 && !getenv("KIND_IMAGE"));
		unsetenv("KIND_WRITTEN");
	}
	CHECK(setenv("KIND_MORE", "one more", 1) == 0 && variable_is("KIND_MORE", "one more"));
}

static void own_array(void)
{
	array("own_array");
}

static void read_only_array(void)
{
	array("read_only_array");
}

/* What is the host's stays where it is, and what has been replaced is replaced. */
static void not_lent(void)
{
	static char text[] = "KIND_HOST=of the host";
	char *block = strdup("KIND_BLOCK=of the host"), own[100];

	load();
	CHECK(!CALL(int, module_putenv_host, (char *), (text)));
	CHECK(!CALL(int, module_putenv_host, (char *), (block)));
	CHECK(!DO(leak_putenv_image) && !setenv("KIND_IMAGE", "the host's", 1));
	CHECK(!DO(leak_putenv_heap) && !unsetenv("KIND_HEAP"));
	CHECK(!DO(leak_openlog));
	openlog("host", LOG_PERROR, LOG_USER);
	CHECK(!DO(module_own_stream));
	CHECK(!CALL(int, module_setvbuf, (FILE *, int, int), (stdout, _IOFBF, 0)) && !setvbuf(stdout, own, _IOFBF, sizeof(own)));
	unload();
	CHECK(entry_of("KIND_HOST") == text && entry_of("KIND_BLOCK") == block);
	CHECK(variable_is("KIND_IMAGE", "the host's") && !getenv("KIND_HEAP"));
	setvbuf(stdout, NULL, _IONBF, 0);
}

static void by_host(void)
{
	char *text;

	load();
	text = CALL(char *, module_text, (void), ());
	CHECK(!putenv(text));
	unload();
	CHECK(variable_is("KIND_IMAGE", "in the image"));
}

static long data_size(void)
{
	char line[200];
	long size = -1;
	FILE *status = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof(line), status))
		sscanf(line, "VmData: %ld", &size);
	fclose(status);
	return size;
}

/* A variable that each reload sets anew takes no more memory with time. */
static void bounded(void)
{
	static char text[3000];
	long before = 0;

	for (int i = 0; i < 4000; i++) {
		int length = snprintf(text, sizeof(text), "KIND_AGAIN=%d", i);

		memset(text + length, 'a' + i % 7, 1000);
		load();
		CHECK(!CALL(int, module_putenv, (const char *), (text)));
		unload();
		if (i == 1000)
			before = data_size();
	}
	CHECK(before > 0);
	CHECK(!strcmp(getenv("KIND_AGAIN"), text + 11));
	/* The values themselves are three megabytes. */
	if (data_size() - before > 1000)
		fprintf(stderr, "from %ld to %ld kB\n", before, data_size());
	CHECK(data_size() - before <= 1000);
}

/* Of what threads do against each other. STRESS_ROUNDS in the environment changes them. */
static int race_rounds(void)
{
	const char *wanted = getenv("STRESS_ROUNDS");

	return wanted ? atoi(wanted) : 2000;
}

/* The array grows, and is another, while it is written into. */
static int ended;
static void *change_environment(void *start)
{
	char name[40];

	for (unsigned i = 0; !__atomic_load_n(&ended, __ATOMIC_RELAXED); i++) {
		snprintf(name, sizeof(name), "%s_%u", (char *)start, i % 50);
		setenv(name, "value", 1);
		if (i % 50 != 49)
			continue;
		for (unsigned j = 0; j < 50; j++) {
			snprintf(name, sizeof(name), "%s_%u", (char *)start, j);
			unsetenv(name);
		}
		sched_yield();
	}
	return NULL;
}

static void writers(void)
{
	static char names[] = "KIND_OTHER";
	int rounds = race_rounds();
	pthread_t thread;
	char text[40];

	pthread_create(&thread, NULL, change_environment, names);
	for (int i = 0; i < rounds; i++) {
		load();
		snprintf(text, sizeof(text), "KIND_TURN=%d", i);
		/* So that it comes to be the last, and is moved when others are removed. */
		unsetenv("KIND_IMAGE");
		CHECK(!DO(leak_putenv_image) && !CALL(int, module_putenv, (const char *), (text)));
		CHECK(dlclose(module) == 0);
	}
	__atomic_store_n(&ended, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK(variable_is("KIND_IMAGE", "in the image"));
	CHECK(variable_is("KIND_TURN", strchr(text, '=') + 1));
}

/* Of a module that has no destructors. */
static void bare(void)
{
	load();
	CHECK(!DO(leak_putenv));
	unload();
	CHECK(variable_is("KIND_BARE", "of a module without destructors"));
}

/* The log */

static void log_identity(void)
{
	load();
	CHECK(!DO(leak_openlog));
	unload();
	syslog(LOG_INFO, "after the module");
	closelog();
	syslog(LOG_INFO, "closed");
}

static void log_closed(void)
{
	load();
	CHECK(!DO(leak_openlog));
	CHECK(DO(module_closelog) || true);
	unload();
	openlog("host", LOG_PERROR, LOG_USER);
	syslog(LOG_INFO, "the host's own");
}

/* Streams */

static void output(int mode, int in_block)
{
	FILE *stream = fopen("output", "w");

	load();
	CHECK(!CALL(int, module_setvbuf, (FILE *, int, int), (stream, mode, in_block)));
	fprintf(stream, "before, ");
	CHECK(file_is("output", ""));
	unload();
	CHECK(file_is("output", ""));
	fprintf(stream, "after");
	CHECK(file_is("output", ""));
	fprintf(stream, "\n");
	CHECK(file_is("output", mode == _IOLBF ? "before, after\n" : ""));
	for (int i = 0; i < 10000; i++)
		fprintf(stream, "x");
	CHECK(fseek(stream, 0, SEEK_SET) == 0 && fprintf(stream, "Before") == 6);
	CHECK(fclose(stream) == 0);
	stream = fopen("output", "r");
	CHECK(fseek(stream, 10014, SEEK_SET) == 0 && getc(stream) == EOF && fseek(stream, 0, SEEK_SET) == 0 && getc(stream) == 'B');
	fclose(stream);
}

static void buffers_of_output(void)
{
	output(_IOFBF, 0);
	output(_IOLBF, 0);
	output(_IOFBF, 1);
}

static void buffers_of_input(void)
{
	FILE *stream = fopen("input", "w");
	char line[100];

	for (int i = 0; i < 1000; i++)
		fprintf(stream, "line %d\n", i);
	fclose(stream);
	for (int way = 0; way < 3; way++) {
		stream = fopen("input", "r+");
		load();
		CHECK(!(way == 0 ? CALL(int, module_setvbuf, (FILE *, int, int), (stream, _IOFBF, 1)) :
			way == 1 ? CALL(int, module_setbuf, (FILE *), (stream)) : CALL(int, module_setbuffer, (FILE *), (stream))));
		CHECK(fgets(line, sizeof(line), stream) && !strcmp(line, "line 0\n"));
		CHECK(ungetc('L', stream) == 'L' && ungetc('>', stream) == '>');
		unload();
		CHECK(fgets(line, sizeof(line), stream) && !strcmp(line, ">Lline 1\n"));
		for (int i = 2; i < 1000; i++) {
			char wanted[20];

			snprintf(wanted, sizeof(wanted), "line %d\n", i);
			CHECK(fgets(line, sizeof(line), stream) && !strcmp(line, wanted));
		}
		CHECK(!fgets(line, sizeof(line), stream));
		CHECK(fseek(stream, 5, SEEK_SET) == 0 && fputc('0', stream) == '0');
		CHECK(fclose(stream) == 0);
	}
}

static void standard_output(void)
{
	load();
	CHECK(!CALL(int, module_setvbuf, (FILE *, int, int), (stdout, _IOFBF, 0)));
	printf("before, ");
	unload();
	printf("after\n");
}

static void closed_stream(void)
{
	FILE *stream = fopen("output", "w");

	load();
	CHECK(!CALL(int, module_setvbuf, (FILE *, int, int), (stream, _IOFBF, 0)));
	fprintf(stream, "one");
	fclose(stream);
	stream = fopen("other", "w");
	CHECK(!CALL(int, module_setvbuf, (FILE *, int, int), (stream, _IOFBF, 0)));
	CHECK(freopen("output", "a", stream) == stream);
	unload();
	fprintf(stream, " two");
	fclose(stream);
	CHECK(file_is("output", "one two"));
}

/* A thread that waits for input has its buffer, and the stream's lock: nobody waits for it. */
static int ends[2];
static void *read_line(void *stream)
{
	static char line[100];

	return fgets(line, sizeof(line), stream);
}

static void waiting_reader(void)
{
	FILE *stream;
	pthread_t thread;
	void *line;

	CHECK(pipe(ends) == 0);
	stream = fdopen(ends[0], "r");
	load();
	CHECK(!CALL(int, module_setvbuf, (FILE *, int, int), (stream, _IOFBF, 1)));
	pthread_create(&thread, NULL, read_line, stream);
	while (!ftrylockfile(stream))
		funlockfile(stream);
	unload();
	CHECK(write(ends[1], "a line\n", 7) == 7);
	pthread_join(thread, &line);
	CHECK(line && !strcmp(line, "a line\n"));
	fclose(stream);
}

/* All bytes arrive, in their order, while the buffer is set and moved. */
static ssize_t check_bytes(void *next, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CHECK(bytes[i] == (char)(*(unsigned *)next)++ || failed);
	return (ssize_t)count;
}

static void *write_bytes(void *stream)
{
	for (unsigned i = 0; !__atomic_load_n(&ended, __ATOMIC_RELAXED); i++) {
		CHECK(fputc((char)i, stream) != EOF || failed);
		if (i % 256 == 0)
			sched_yield();
	}
	return NULL;
}

static void writer_of_stream(void)
{
	static unsigned next;
	cookie_io_functions_t functions = { .write = check_bytes };
	FILE *stream = fopencookie(&next, "w", functions);
	int rounds = race_rounds();
	pthread_t thread;

	pthread_create(&thread, NULL, write_bytes, stream);
	for (int i = 0; i < rounds; i++) {
		load();
		CHECK(!CALL(int, module_setvbuf, (FILE *, int, int), (stream, _IOFBF, i % 2)));
		CHECK(dlclose(module) == 0);
	}
	__atomic_store_n(&ended, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK(fclose(stream) == 0);
	CHECK(next > 0);
}

/* random() */

static void random_state(void)
{
	static const size_t sizes[] = { 8, 32, 64, 128, 256, 100 };
	char own[256], *before;
	long wanted[300];

	for (unsigned i = 0; i < 6; i++) {
		before = initstate(77, own, sizes[i]);
		for (int j = 0; j < 300; j++)
			wanted[j] = random();
		setstate(before);
		load();
		CALL(char *, module_initstate, (unsigned, size_t), (77, sizes[i]));
		for (int j = 0; j < 300; j++) {
			CHECK(random() == wanted[j]);
			if (j == 99)
				unload();
		}
	}
}

/* Locales */

static bool locale_works(void)
{
	char text[40];

	snprintf(text, sizeof(text), "%.2f %d", 1234.5, isalpha('x') != 0);
	return !strcmp(text, "1234.50 1") && strtod("2.5", NULL) == 2.5 && uselocale(NULL) != LC_GLOBAL_LOCALE;
}

static void locale(void)
{
	load();
	CHECK(DO(module_uselocale));
	unload();
	CHECK(locale_works());
	freelocale(uselocale(LC_GLOBAL_LOCALE));
	CHECK(!locale_works());
}

static void locale_given_back(void)
{
	load();
	CHECK(DO(module_uselocale));
	DO(module_uselocale_end);
	unload();
}

static sem_t begun, gone;
static void *use_locale(void *ends_it)
{
	CHECK(DO(module_uselocale));
	if (ends_it)
		DO(module_uselocale_end);
	sem_post(&begun);
	sem_wait(&gone);
	CHECK(ends_it || locale_works());
	return NULL;
}

static void locale_of_thread(void)
{
	pthread_t thread;

	load();
	pthread_create(&thread, NULL, use_locale, NULL);
	sem_wait(&begun);
	unload();
	sem_post(&gone);
	pthread_join(thread, NULL);
}

/* Variables of libc */

static void variables(void)
{
	FILE *output = stdout;

	load();
	CHECK(DO(set_variables));
	unload();
	CHECK(stdout == output && printf("still printed\n") > 0);
	CHECK(!strcmp(program_invocation_name, "/name/of/module") && !strcmp(program_invocation_short_name, "module"));
	CHECK(!strcmp(optarg, "name/of/module"));
	error(0, 0, "said by the host");
}

static const struct scenario scenarios[] = {
	SCENARIO(environment), SCENARIO(environment_reported), SCENARIO(written), SCENARIO(own_array), SCENARIO(read_only_array),
	SCENARIO(not_lent), SCENARIO(by_host), SCENARIO(bounded), SCENARIO(writers), SCENARIO(bare), SCENARIO(log_identity),
	SCENARIO(log_closed), SCENARIO(buffers_of_output), SCENARIO(buffers_of_input), SCENARIO(standard_output),
	SCENARIO(closed_stream), SCENARIO(waiting_reader), SCENARIO(writer_of_stream), SCENARIO(random_state), SCENARIO(locale), SCENARIO(locale_given_back),
	SCENARIO(locale_of_thread), SCENARIO(variables),
};

static void prepare(void)
{
	setenv("KIND_HOST", "the host's", 1);
}

int main(int argc, char **argv)
{
	return RUN_SCENARIO(argc, argv, scenarios, prepare);
}
