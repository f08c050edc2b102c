/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Marks for the header that a host and a module agree on: relib-bindgen reads them. In C and C++, for both sides. */
#ifndef RELIB_INTERFACE_H
#define RELIB_INTERFACE_H

/**
 * An interface is an ordinary C header whose functions bear one of these marks. relib-bindgen makes of `game.h`
 * `game.host.h` for the host and `game.module.c` for the module.
 *
 *     RELIB_EXPORT int32_t game_update(struct vec3 *position, double seconds);   // the module implements
 *     RELIB_IMPORT void game_log(const char *text);                              // the host implements
 *
 * The marks give C linkage, so that the header needs no `extern "C"`, and hidden visibility: two modules that
 * export functions of one name, or a host that has one of that name, never get each other's.
 *
 * RELIB_OPTIONAL, after RELIB_EXPORT: modules without the function load all the same, be it that they were
 * built before it was added or that they leave it out.
 * The host asks NAME_has(&interface), and a call gives RELIB_NO_SYMBOL where it is missing.
 *
 * RELIB_MAIN_RESULT(type): what RELIB_MAIN() of the modules gives, compared at load with its whole layout. Once in a header.
 * @since 0.1
 */
#ifdef RELIB_BINDGEN
#define RELIB_EXPORT __attribute__((annotate("relib:export")))
#define RELIB_IMPORT __attribute__((annotate("relib:import")))
#define RELIB_OPTIONAL __attribute__((annotate("relib:optional")))
#define RELIB_MAIN_RESULT(type) __attribute__((annotate("relib:main"))) __typeof__(type) relib_main_result_(void)
#else
#ifdef __cplusplus
#define RELIB_EXPORT extern "C" __attribute__((visibility("hidden")))
#else
#define RELIB_EXPORT __attribute__((visibility("hidden")))
#endif
#define RELIB_IMPORT RELIB_EXPORT
#define RELIB_OPTIONAL
#define RELIB_MAIN_RESULT(type) struct relib_main_result_is_for_relib_bindgen_
#endif

#endif
