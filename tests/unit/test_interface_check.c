/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Interfaces of a real module's file, checked before it is loaded. */

#include "image.h"
#include "interface.h"
#include "interface/game.host.h"
#include "interface/module-file.h"
#include "unit/run.h"

static struct module_file file;
static struct game game;
static struct relib_error error;
static struct relib_bindings bindings;

static void log_nothing(const char *text)
{
	(void)text;
}

static void setup(void)
{
	game = (struct game){ .game_log = log_nothing };
	error = (struct relib_error){ 0 };
	ck_assert(module_file_read(&file, "interface_game.so"));
}

static void teardown(void)
{
	module_file_end(&file);
}

/* The check of the file as it is now. */
static enum relib_code check_file(const struct relib_load_options *options)
{
	struct relib_image image;
	enum relib_code code;

	ck_assert_int_eq(relib_image_open(&image, module_file_write(&file), &error), RELIB_OK);
	image.shown = "libgame.so";
	code = relib_interface_check(&image, options, &bindings, &error);
	relib_image_close(&image);
	ck_assert_int_eq(code, code ? error.code : RELIB_OK);
	return code;
}

static void must_be(enum relib_code code, const struct relib_load_options *options, const char *message)
{
	ck_assert_int_eq(check_file(options), code);
	ck_assert_msg(strstr(error.message, message), "expected: %s\nis: %s", message, error.message);
}

/* Overwrites a part of the description in the file with a text of the same length. */
static void change(const char *from, const char *to)
{
	char *found = memmem(file.bytes + file.description, file.description_size, from, strlen(from));

	ck_assert_ptr_nonnull(found);
	ck_assert_uint_eq(strlen(from), strlen(to));
	memcpy(found, to, strlen(to));
}

static void change_fingerprint(const char *function)
{
	char *found = memmem(file.bytes + file.description, file.description_size, function, strlen(function));

	ck_assert_ptr_nonnull(found);
	found += strlen(function);
	*found = *found == '0' ? '1' : '0';
}

START_TEST(equal_interfaces_fit)
{
	ck_assert_msg(check_file(game_interface(&game)) == RELIB_OK, "%s", error.message);
	ck_assert_uint_eq(bindings.count, 1);
	ck_assert_ptr_eq(bindings.list[0].interface, &game.relib);
	ck_assert_uint_eq(bindings.list[0].module_exports, 2);
	ck_assert_uint_eq(bindings.list[0].module_imports, 1);
	ck_assert_uint_eq(bindings.list[0].export_of[0], 0);
	ck_assert_uint_eq(bindings.list[0].export_of[1], 1);
	ck_assert_uint_eq(bindings.list[0].import_of[0], 0);
	ck_assert_str_eq(bindings.list[0].export_names[1], "game_reset");
	ck_assert_str_eq(bindings.list[0].import_names[0], "game_log");
	relib_bindings_free(&bindings);
}
END_TEST

START_TEST(equal_hashes_are_trusted)
{
	change("field z 64 0", "field w 64 0");
	ck_assert_msg(check_file(game_interface(&game)) == RELIB_OK, "%s", error.message);
	relib_bindings_free(&bindings);
}
END_TEST

START_TEST(no_interface_is_asked_for)
{
	struct relib_load_options none = { 0 };

	ck_assert_int_eq(check_file(&none), RELIB_OK);
	ck_assert_uint_eq(bindings.count, 0);
}
END_TEST

START_TEST(a_list_of_interfaces)
{
	struct relib_load_options options = { .interfaces = { NULL, NULL, game_interface(&game) } };

	ck_assert_msg(check_file(&options) == RELIB_OK, "%s", error.message);
	ck_assert_uint_eq(bindings.count, 1);
	relib_bindings_free(&bindings);
}
END_TEST

START_TEST(a_changed_interface)
{
	change_fingerprint("game_update - ");
	change("field z 64 0", "field w 64 0");
	must_be(RELIB_WRONG_INTERFACE, game_interface(&game),
		"libgame.so does not fit this host\n"
		"  game_update: struct vec3 differs: field z in the host is called w in the module\n"
		"    host    int32_t game_update(struct vec3 *position, double seconds)\n"
		"    module  int32_t game_update(struct vec3 *position, double seconds)\n"
		"  build both against the same game.h");
	ck_assert_uint_eq(bindings.count, 0);
}
END_TEST

START_TEST(an_error_may_be_unwanted)
{
	struct relib_image image;

	change_fingerprint("game_update - ");
	ck_assert_int_eq(relib_image_open(&image, module_file_write(&file), NULL), RELIB_OK);
	ck_assert_int_eq(relib_interface_check(&image, game_interface(&game), &bindings, NULL), RELIB_WRONG_INTERFACE);
	relib_image_close(&image);
}
END_TEST

START_TEST(damage_in_the_module)
{
	change("type 1 struct", "tape 1 struct");
	must_be(RELIB_DAMAGED, game_interface(&game),
		"libgame.so is damaged: in its description of interface game, the line is of no kind that there is (line 5 of the description)\n"
		"  build or copy it again");
}
END_TEST

START_TEST(another_format)
{
	change("interface 1 game", "interface 2 game");
	must_be(RELIB_WRONG_ABI, game_interface(&game), "libgame.so describes interface game in a way that this loader doesn't know");
}
END_TEST

START_TEST(another_interface_under_this_name)
{
	change("interface 1 game", "interface 1 fame");
	must_be(RELIB_DAMAGED, game_interface(&game), "libgame.so is damaged: in its description of interface game, another");
}
END_TEST

START_TEST(another_interface_is_there)
{
	game_interface(&game);
	game.relib.name = "sound";
	must_be(RELIB_WRONG_INTERFACE, &game.relib.options,
		"libgame.so does not have the interface sound\n  it has game\n  build sound.module.c, which relib-bindgen makes of sound.h,");
}
END_TEST

START_TEST(no_interface_is_there)
{
	module_file_end(&file);
	ck_assert(module_file_read(&file, "interface_game.so"));
	/* The symbol is called otherwise. */
	for (char *at = file.bytes, *end = at + file.size;
	     (at = memmem(at, (size_t)(end - at), "relib_module_description_", strlen("relib_module_description_")));)
		at[0] = 'R';
	must_be(RELIB_WRONG_INTERFACE, game_interface(&game), "libgame.so does not have the interface game\n  it has none\n");
}
END_TEST

START_TEST(an_import_is_not_set)
{
	game.game_log = NULL;
	must_be(RELIB_INVALID, game_interface(&game), "the import game_log is not set\n  set game.game_log before");
	/* Also where something else would be to say. */
	change_fingerprint("game_update - ");
	must_be(RELIB_INVALID, game_interface(&game), "the import game_log is not set\n");
}
END_TEST

START_TEST(another_abi_of_the_host)
{
	game_interface(&game);
	game.relib.abi++;
	must_be(RELIB_WRONG_ABI, &game.relib.options, "another relib ABI");
}
END_TEST

START_TEST(in_use)
{
	game_interface(&game);
	game.relib.state = RELIB_INTERFACE_LOADED;
	must_be(RELIB_INVALID, &game.relib.options, "the interface game belongs to a loaded module already");
}
END_TEST

START_TEST(named_twice)
{
	struct game other = { .game_log = log_nothing };
	struct relib_load_options options = { .interfaces = { game_interface(&game), game_interface(&game) } };

	must_be(RELIB_INVALID, &options, "the interface game is named twice");
	options.interfaces[1] = game_interface(&other);
	must_be(RELIB_INVALID, &options, "the interface game is named twice");
	options = *game_interface(&game);
	options.interfaces[0] = game_interface(&game);
	must_be(RELIB_INVALID, &options, "the interface game is named twice");
}
END_TEST

START_TEST(too_many)
{
	static struct game games[RELIB_MAX_INTERFACES + 1];
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };
	struct relib_load_options options;

	for (int i = 0; i <= RELIB_MAX_INTERFACES; i++) {
		game_interface(&games[i]);
		games[i].relib.name = names[i];
	}
	options = games[0].relib.options;
	for (int i = 0; i < RELIB_MAX_INTERFACES; i++)
		options.interfaces[i] = &games[i + 1].relib.options;
	must_be(RELIB_INVALID, &options, "there are too many interfaces: a module can have 8");
}
END_TEST

START_TEST(an_entry_that_is_none)
{
	static const struct relib_load_options none;
	struct relib_load_options options = { .interfaces = { &none } };

	must_be(RELIB_INVALID, &options, "options.interfaces has an entry that is no interface");
}
END_TEST

START_TEST(damage_in_the_host)
{
	static char text[sizeof(relib_description_of_game)];

	game_interface(&game);
	game.relib.description = memcpy(text, relib_description_of_game, sizeof(text));
	*strchr(text, '\n') = ' ';
	must_be(RELIB_INVALID, &game.relib.options, "the host's description of interface game is damaged: ");
	game_interface(&game);
	game.relib.export_count++;
	must_be(RELIB_INVALID, &game.relib.options,
		"the host's description of interface game is damaged: it has other functions than the host");
	game_interface(&game);
	game.relib.description = NULL;
	must_be(RELIB_INVALID, &game.relib.options, "an interface of the host has no description");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		equal_interfaces_fit, equal_hashes_are_trusted, no_interface_is_asked_for, a_list_of_interfaces,
		a_changed_interface, an_error_may_be_unwanted, damage_in_the_module, another_format,
		another_interface_under_this_name, another_interface_is_there, no_interface_is_there, an_import_is_not_set,
		another_abi_of_the_host, in_use, named_twice, too_many, an_entry_that_is_none, damage_in_the_host,
	};
	Suite *suite = suite_create("interface check");
	TCase *all = tcase_create("check");

	tcase_add_checked_fixture(all, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(all, tests[i]);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
