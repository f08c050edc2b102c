# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors

# RELIB_REQUIRE(VARIABLE, PKG-CONFIG MODULE, DEBIAN PACKAGE)
# One line that says what is missing and which package brings it.
AC_DEFUN([RELIB_REQUIRE], [
  PKG_CHECK_MODULES([$1], [$2], [],
    [AC_MSG_ERROR([$2 is missing: install it with: apt-get install $3])])
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
