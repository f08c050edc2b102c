/* Written by relib-bindgen from game.h: compile it into the module. Change that one and run it again. */
#include <relib/abi.h>

#include "game.h"

#ifndef __EXCEPTIONS
#error "compile modules with -fexceptions, so that a panic can clean up: pkg-config --cflags relib-module has it"
#endif

#define RELIB_VISIBLE __attribute__((visibility("default")))

extern RELIB_VISIBLE const char relib_module_description_game[];
extern RELIB_VISIBLE const struct relib_module_table relib_module_table_game;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
const char relib_module_description_game[] =
	"relib interface 1 game\n"
	"export game_update - 592d2927bdf97f8f (i32,*#1,f64) int32_t game_update(struct vec3 *position, double seconds)\n"
	"export game_reset - b5102528a67d8526 (v) void game_reset(void)\n"
	"import game_log - cbbb8c14d928285b (v,*ki8) void game_log(const char *text)\n"
	"type 1 struct vec3 12 4 struct vec3\n"
	"field x 0 0 f32 float\n"
	"field y 32 0 f32 float\n"
	"field z 64 0 f32 float\n"
	"end\n";
#pragma GCC diagnostic pop

RELIB_LAYOUT(struct vec3, 12, 4);

/* Imports: functions of the host, called as any other. */

static const struct relib_target *relib_imports_of_game[1];

void game_log(const char *text)
{
	struct relib_slot *call = relib_import_enter_(relib_imports_of_game[0], "game_log");

	((void (*)(const char *))relib_import_call_())(text);
	relib_import_leave_(call);
}

/* Exports: what the host may call. */

static const relib_function relib_exports_of_game[2] = {
	(relib_function)game_update,
	(relib_function)game_reset,
};

const struct relib_module_table relib_module_table_game = {
	sizeof(relib_module_table_game), 2, 1, 0, relib_exports_of_game, relib_imports_of_game
};
