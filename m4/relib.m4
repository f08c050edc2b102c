# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors

# RELIB_MISSING(WHAT, DEBIAN PACKAGE)
# Remembers what RELIB_SAY_MISSING says: all of it in one line.
AC_DEFUN([RELIB_MISSING], [
  relib_missing="${relib_missing:+$relib_missing, }$1"
  relib_packages="$relib_packages $2"
])

# RELIB_SAY_MISSING
AC_DEFUN([RELIB_SAY_MISSING], [
  AS_IF([test -n "$relib_missing"],
    [AC_MSG_ERROR([missing: $relib_missing. Install with: apt-get install$relib_packages])])
])

# RELIB_REQUIRE(VARIABLE, PKG-CONFIG MODULE, DEBIAN PACKAGE)
AC_DEFUN([RELIB_REQUIRE], [
  PKG_CHECK_MODULES([$1], [$2], [], [RELIB_MISSING([$2], [$3])])
])

# RELIB_REQUIRE_PROGRAMS
# Without pkg-config every library would seem to be missing; without a C++ compiler make would fail, half way through.
AC_DEFUN([RELIB_REQUIRE_PROGRAMS], [
  AS_IF([test -z "$PKG_CONFIG"], [RELIB_MISSING([pkg-config], [pkg-config])])
  AC_LANG_PUSH([C++])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <string>]], [])], [], [RELIB_MISSING([a C++ compiler], [g++])])
  AC_LANG_POP([C++])
  RELIB_SAY_MISSING
])

# RELIB_REQUIRE_GLIBC
# _dl_find_object finds the object of an address without a lock.
AC_DEFUN([RELIB_REQUIRE_GLIBC], [
  AC_CHECK_FUNC([_dl_find_object], [],
    [AC_MSG_ERROR([glibc 2.35 or later is needed (for _dl_find_object): Debian 12 has it])])
])

# RELIB_TRY_WARNING(FLAG)
AC_DEFUN([RELIB_TRY_WARNING], [
  AC_MSG_CHECKING([whether $CC takes $1])
  relib_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $1"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); RELIB_CFLAGS="$RELIB_CFLAGS $1"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$relib_save_CFLAGS
])

# RELIB_WARNINGS
AC_DEFUN([RELIB_WARNINGS], [
  RELIB_CFLAGS="-std=gnu17"
  m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wpointer-arith -Wundef -Wvla -Wwrite-strings -Wcast-align -Wformat=2 -Wno-format-nonliteral
    -Wsuggest-attribute=format -Wno-missing-field-initializers],
    [RELIB_TRY_WARNING(flag)])
  AC_SUBST([RELIB_CFLAGS])
])
