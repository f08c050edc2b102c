/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Descriptions damaged at random, on both sides and in a module's file: always an answer, never a crash. */
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <time.h>

#include "description.h"
#include "image.h"
#include "interface.h"
#include "interface/game.host.h"
#include "interface/module-file.h"

/* Chance */

static uint64_t state;

static uint64_t chance(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % below;
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* Texts */

#define TEXT_MAX 60000

struct text {
	size_t length;
	char bytes[TEXT_MAX];
};

static const char *const originals[] = {
	relib_description_of_game,
	"relib interface 1 game\n"
	"export f - 1123456789abcdef (v,*#1,*(i32,*#1,...),#3) void f(struct node *, int (*)(struct node *, ...), enum mode)\n"
	"export g optional 2123456789abcdef (#2,*[4]#1,<4>f32,cf64,*kqi8) union number g(void)\n"
	"import h - 3123456789abcdef (*(v,?),b,u128,bf16,f80,*[]u8) void *h(void)\n"
	"main main - 4123456789abcdef (*ki8) const char *\n"
	"type 1 struct node 32 8 struct node\n"
	"field next 0 0 *#1 struct node *\n"
	"field a 64 3 u32 unsigned int\n"
	"field - 67 5 u32 unsigned int\n"
	"field in 128 0 #2 union number\n"
	"type 2 union number 8 8 union number\n"
	"field i 0 0 i64 long\n"
	"field d 0 0 f64 double\n"
	"field up 0 0 *#1 struct node *\n"
	"field call 0 0 *(v,*#2,#3) void (*)(union number *, enum mode)\n"
	"type 3 enum mode 4 4 enum mode\n"
	"base u32 unsigned int\n"
	"value A 0\n"
	"value B 1\n"
	"value C -7\n"
	"type 4 struct hidden 0 0 struct hidden\n"
	"end\n",
	"relib interface 1 game\nend\n",
	"relib interface 1 game\n"
	"export f - 0123456789abcdef (v,#1,#2,#3) void f(a, b, c)\n"
	"type 1 struct - 8 4 a\nfield x 0 0 #3 int\n"
	"type 2 struct - 8 4 b\nfield x 0 0 #1 int\n"
	"type 3 struct - 8 4 c\nfield x 0 0 *#2 int\n"
	"end\n",
};

static void replace(struct text *text, size_t at, size_t length, const char *with, size_t with_length)
{
	if (text->length - length + with_length >= TEXT_MAX)
		return;
	memmove(text->bytes + at + with_length, text->bytes + at + length, text->length - at - length);
	memcpy(text->bytes + at, with, with_length);
	text->length += with_length - length;
}

/* A line, chosen at random, with its newline. */
static struct relib_span some_line(const struct text *text)
{
	size_t start = chance(text->length), end;

	while (start && text->bytes[start - 1] != '\n')
		start--;
	for (end = start; end < text->length && text->bytes[end++] != '\n';)
		;
	return (struct relib_span){ text->bytes + start, end - start };
}

static size_t offset_of(const struct text *text, struct relib_span line)
{
	return (size_t)(line.at - text->bytes);
}

static void change_byte(struct text *text)
{
	static const char alphabet[] = "*kqac([<#)]>,.?- \n0123456789vbiuf_x\t\x7f\xff";
	char byte = chance(4) ? alphabet[chance(sizeof(alphabet))] : (char)chance(256);
	size_t at = chance(text->length);

	replace(text, at, chance(2), &byte, chance(3) > 0);
}

static void change_lines(struct text *text)
{
	struct relib_span line = some_line(text), other = some_line(text);
	char copy[TEXT_MAX];
	size_t length = other.length;

	memcpy(copy, other.at, length);
	switch (chance(4)) {
	case 0:
		replace(text, offset_of(text, line), line.length, "", 0);
		break;
	case 1:
		replace(text, offset_of(text, line), line.length, copy, length);
		break;
	default:
		/* Now and then very often. */
		for (uint64_t times = chance(20) ? 1 : chance(3000); times; times--)
			replace(text, offset_of(text, line), 0, copy, length);
	}
}

static void change_number(struct text *text)
{
	static const char *const numbers[] = { "0", "1", "2", "3", "4", "5", "8", "64", "-1", "01", "4294967295", "4294967296",
					       "9223372036854775807", "18446744073709551615", "18446744073709551616",
					       "99999999999999999999999999", "" };
	const char *with = numbers[chance(sizeof(numbers) / sizeof(*numbers))];
	size_t at = chance(text->length), length = 0;

	while (at < text->length && (text->bytes[at] < '0' || text->bytes[at] > '9'))
		at++;
	while (at + length < text->length && text->bytes[at + length] >= '0' && text->bytes[at + length] <= '9')
		length++;
	replace(text, at, length, with, strlen(with));
}

static void nest(struct text *text)
{
	static const char *const deeper[] = { "*", "(", "*(", "[4]", "*(v,", "k", "<1>", "(v,*(", "#1,", "," };
	const char *piece = deeper[chance(sizeof(deeper) / sizeof(*deeper))];
	size_t at = chance(text->length);

	/* Where a type begins. */
	while (at < text->length && text->bytes[at] != '(' && text->bytes[at] != '*' && text->bytes[at] != ',')
		at++;
	for (uint64_t times = chance(10) ? chance(8) : chance(5000); times; times--)
		replace(text, at, 0, piece, strlen(piece));
}

static void change_text(struct text *text)
{
	if (!text->length)
		return;
	switch (chance(12)) {
	case 0:
		text->length = chance(text->length);
		break;
	case 1:
		nest(text);
		break;
	case 2: case 3: case 4:
		change_lines(text);
		break;
	case 5: case 6: case 7: case 8:
		change_number(text);
		break;
	default:
		change_byte(text);
	}
}

/* Nothing fits by its hash any more. */
static void change_hashes(struct text *text)
{
	for (size_t i = 0; i + 16 < text->length; i++)
		if (!memcmp(text->bytes + i, "123456789abcdef ", 16))
			text->bytes[i] = '9';
}

static void make(struct text *text, const char *original, uint64_t changes)
{
	text->length = strlen(original);
	memcpy(text->bytes, original, text->length);
	while (changes--)
		change_text(text);
}

/* What must hold */

static struct text host, module;
static uint64_t seed, texts_done, files_done;

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void complain(const char *format, ...)
{
	va_list arguments;

	printf("not ok - ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n# FUZZ_SEED=%llu, after %llu texts and %llu files\n", (unsigned long long)seed, (unsigned long long)texts_done,
	       (unsigned long long)files_done);
	exit(1);
}

/* Whether an answer is one that a user can read. */
static void judge(enum relib_code code, const struct relib_error *error)
{
	if (code == RELIB_OK)
		return;
	if (code != error->code || !memchr(error->message, '\0', sizeof(error->message)) || strlen(error->message) < 20)
		complain("an error without a message: %d", code);
	for (const char *c = error->message; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\n') || *c == 0x7f)
			complain("a control character in a message: %s", error->message);
	if (code == RELIB_WRONG_INTERFACE && !strstr(error->message, "\n  build "))
		complain("a message without advice: %s", error->message);
}

/* In memory that ends where the text does, so that sanitizers see each step beyond it. */
static char *exactly(const struct text *text)
{
	char *copy = malloc(text->length + 1);

	if (!copy)
		complain("no memory");
	memcpy(copy, text->bytes, text->length);
	copy[text->length] = '\0';
	return copy;
}

static bool parse(struct relib_description *description, const char *bytes, size_t size)
{
	struct relib_damage damage = { 0, NULL };
	enum relib_parse result = relib_description_parse(description, bytes, size, false, &damage);

	if (result == RELIB_PARSE_DAMAGED && (!damage.what || !damage.line))
		complain("damage without a word");
	return result == RELIB_PARSED;
}

static void match(const struct relib_description *one, const struct relib_description *other)
{
	struct relib_error error = { 0 };
	enum relib_code code = relib_interface_match(one, other, chance(2), "libgame.so", &error);
	struct relib_bindings bindings = { .count = 1 };

	judge(code, &error);
	if (!code && !relib_interface_bind(bindings.list, one, other))
		complain("no memory");
	for (uint32_t i = 0; !code && i < bindings.list[0].module_imports; i++)
		if (bindings.list[0].import_of[i] >= one->import_count)
			complain("an import of the module that nobody has");
	relib_bindings_free(&bindings);
}

/* Gives whether both could be read: the mutations must not be so wild that nothing gets to be compared. */
static bool try_texts(void)
{
	size_t count = sizeof(originals) / sizeof(*originals), which = chance(count);
	struct relib_description one, other;
	char *host_text, *module_text;
	bool both = false;

	make(&host, originals[which], chance(3) ? 0 : chance(4));
	make(&module, originals[chance(8) ? which : chance(count)], chance(4));
	if (chance(3))
		change_hashes(&module);
	host_text = exactly(&host);
	module_text = exactly(&module);
	if (parse(&one, host_text, host.length + 1)) {
		if (parse(&other, module_text, module.length + 1)) {
			match(&one, &other);
			relib_description_free(&other);
			both = true;
		}
		relib_description_free(&one);
	}
	free(host_text);
	free(module_text);
	return both;
}

/* Files */

static struct game game;

static void log_nothing(const char *text)
{
	(void)text;
}

static void damage_file(struct module_file *file)
{
	char *description = file->bytes + file->description;
	size_t size = file->description_size;
	struct text text;

	make(&text, relib_description_of_game, chance(4));
	if (chance(2))
		change_hashes(&text);
	memset(description, chance(2) ? ' ' : '\0', size);
	memcpy(description, text.bytes, text.length < size ? text.length : size - chance(2));
	if (text.length < size)
		description[size - 1] = '\0';
}

static enum relib_code check_file(const char *path, struct relib_error *error)
{
	struct relib_bindings bindings;
	struct relib_image image;
	enum relib_code code = relib_image_open(&image, path, error);

	if (code)
		return code;
	code = relib_interface_check(&image, game_interface(&game), &bindings, error);
	relib_image_close(&image);
	relib_bindings_free(&bindings);
	return code;
}

/* In a process of its own, as a module that was loaded can't be unloaded here. */
static void load_file(const char *path, enum relib_code expected)
{
	struct relib_module *loaded;
	struct relib_error error = { 0 };
	enum relib_code code;
	pid_t child = fork();
	int status;

	if (!child) {
		code = relib_load(path, game_interface(&game), &loaded, &error);
		judge(code, &error);
		/* The description may fit, and be of other functions than the module has: that shows when it is loaded. */
		_exit(code == expected || (expected == RELIB_OK && code == RELIB_DAMAGED) ? 0 : 1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		complain("no process");
	if (!WIFEXITED(status))
		complain("relib_load died of signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		complain("relib_load and the check don't agree on %s", path);
}

static void try_file(struct module_file *file)
{
	struct relib_error error = { 0 };
	enum relib_code code;
	const char *path;

	damage_file(file);
	path = module_file_write(file);
	code = check_file(path, &error);
	judge(code, &error);
	if (!chance(5))
		load_file(path, code);
}

int main(void)
{
	uint64_t rounds = number_from("FUZZ_ROUNDS", 20000), compared = 0;
	struct module_file file;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = number_from("FUZZ_SEED", (uint64_t)now.tv_sec * 1000003 + (uint64_t)now.tv_nsec + (uint64_t)getpid());
	state = seed * 2 + 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..3\n# FUZZ_SEED=%llu FUZZ_ROUNDS=%llu\n", (unsigned long long)seed, (unsigned long long)rounds);
	game.game_log = log_nothing;
	alarm(600); /* a hang is a failure too */
	for (; texts_done < rounds; texts_done++)
		compared += try_texts();
	printf("ok - %llu pairs of damaged descriptions\n", (unsigned long long)rounds);
	if (compared * 10 < rounds)
		complain("of %llu pairs only %llu could be compared: the changes are too wild", (unsigned long long)rounds,
			 (unsigned long long)compared);
	printf("ok - %llu of them could be read and were compared\n", (unsigned long long)compared);
	if (!module_file_read(&file, "interface_game.so"))
		complain("modules/interface_game.so can't be read");
	for (; files_done < rounds / 20; files_done++)
		try_file(&file);
	module_file_end(&file);
	printf("ok - %llu damaged files\n", (unsigned long long)files_done);
	return 0;
}
