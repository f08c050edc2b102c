/* Written by relib-bindgen from game.h: for the host. Change that one and run it again. */
#ifndef RELIB_GAME_HOST_H
#define RELIB_GAME_HOST_H

#include <relib/host.h>

#include "game.h"

#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
extern "C" {
#endif

/**
 * The interface "game". Set the imports, give game_interface() to relib_load(), and call the exports by the functions
 * below. It stays where it is until the module is unloaded, and can then be used for another one.
 * What isn't set must be zero.
 */
struct game {
	/* What the host implements: all of them must be set. */
	void (*game_log)(const char *text);

	/* relib's */
	struct relib_interface relib;
	relib_function relib_imports[1];
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const char relib_description_of_game[] =
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

/** Options for relib_load(): a module that has this interface. */
static inline const struct relib_load_options *game_interface(struct game *game)
{
	game->relib_imports[0] = (relib_function)game->game_log;
	return relib_interface_set(&game->relib, "game", relib_description_of_game,
				   sizeof(relib_description_of_game), 2, game->relib_imports, 1);
}

/**
 * Calls game_update in the module.
 * @param result  receives what it returns, on success only; not NULL
 * @return RELIB_OK, or RELIB_PANICKED: see relib_panic_message(); or why it was not called
 */
static RELIB_ALWAYS_INLINE enum relib_code game_update_call(struct game *game, int32_t *result,
							    struct vec3 *position, double seconds)
{
	struct relib_slot *call = relib_call_enter(&game->relib, 0);
	int32_t returned;
	enum relib_code code;

	if (!call)
		return relib_call_refused(&game->relib, 0);
	returned = ((int32_t (*)(struct vec3 *, double))game->relib.enter)(position, seconds);
	code = relib_call_leave(call);
	if (!code)
		*result = returned;
	return code;
}

/**
 * Calls game_reset in the module.
 * @return RELIB_OK, or RELIB_PANICKED: see relib_panic_message(); or why it was not called
 */
static RELIB_ALWAYS_INLINE enum relib_code game_reset_call(struct game *game)
{
	struct relib_slot *call = relib_call_enter(&game->relib, 1);

	if (!call)
		return relib_call_refused(&game->relib, 1);
	((void (*)(void))game->relib.enter)();
	return relib_call_leave(call);
}

#ifdef __cplusplus
}
#pragma GCC diagnostic pop
#endif
#endif
