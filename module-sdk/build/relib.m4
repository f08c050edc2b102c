# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# For configure.ac of hosts and modules.

# RELIB_CHECK([MINIMUM-VERSION])
# For Makefile.am: RELIB_CFLAGS and RELIB_LIBS (hosts), RELIB_MODULE_CFLAGS and RELIB_MODULE_LIBS (modules), RELIB_BINDGEN, and
# RELIB_MAKE_RULES, a file with rules that make NAME.host.h and NAME.module.c of NAME.h:
#
#     BUILT_SOURCES = game.host.h
#     nodist_host_SOURCES = game.host.h
#     nodist_game_la_SOURCES = game.module.c
#     -include $(RELIB_MAKE_RULES)
AC_DEFUN([RELIB_CHECK], [
  AC_REQUIRE([PKG_PROG_PKG_CONFIG])
  PKG_CHECK_MODULES([RELIB], [relib m4_ifval([$1], [>= $1])])
  PKG_CHECK_MODULES([RELIB_MODULE], [relib-module m4_ifval([$1], [>= $1])])
  PKG_CHECK_VAR([RELIB_BINDGEN], [relib-module], [bindgen])
  PKG_CHECK_VAR([RELIB_MAKE_RULES], [relib-module], [makerules])
  AC_MSG_CHECKING([whether relib-bindgen runs])
  AS_IF(["$RELIB_BINDGEN" --version >/dev/null 2>&1], [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no]); AC_MSG_ERROR([$RELIB_BINDGEN does not run: install relib anew, or set RELIB_BINDGEN])])
])
