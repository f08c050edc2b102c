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

# RELIB_REQUIRE_LIBCLANG
# libclang has no .pc file in Debian: llvm-config knows where it is, else the newest folder that has its header.
# LIBCLANG_CFLAGS and LIBCLANG_LIBS, or LLVM_CONFIG, name another one.
AC_DEFUN([RELIB_REQUIRE_LIBCLANG], [
  AC_ARG_VAR([LLVM_CONFIG], [llvm-config of the LLVM whose libclang is used])
  AC_ARG_VAR([LIBCLANG_CFLAGS], [C compiler flags for libclang])
  AC_ARG_VAR([LIBCLANG_LIBS], [linker flags for libclang])
  AC_MSG_CHECKING([for libclang])
  AS_IF([test -z "$LIBCLANG_LIBS"], [
    relib_llvm=
    relib_configs=$LLVM_CONFIG
    AS_IF([test -z "$LLVM_CONFIG"],
      [relib_configs="llvm-config `ls -d /usr/bin/llvm-config-* /usr/lib/llvm-*/bin/llvm-config 2>/dev/null | sort -Vr`"])
    for relib_config in $relib_configs; do
      relib_llvm="$relib_llvm `$relib_config --prefix 2>/dev/null`"
    done
    AS_IF([test -z "$LLVM_CONFIG"], [relib_llvm="$relib_llvm `ls -d /usr/lib/llvm-* 2>/dev/null | sort -Vr`"])
    for relib_prefix in $relib_llvm; do
      AS_IF([test -e "$relib_prefix/include/clang-c/Index.h" && test -e "$relib_prefix/lib/libclang.so"], [
        LIBCLANG_CFLAGS=${LIBCLANG_CFLAGS:--I$relib_prefix/include}
        LIBCLANG_LIBS="-L$relib_prefix/lib -lclang"
        break
      ])
    done
  ])
  relib_save_CFLAGS=$CFLAGS relib_save_LIBS=$LIBS
  CFLAGS="$CFLAGS $LIBCLANG_CFLAGS" LIBS="$LIBCLANG_LIBS $LIBS"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <clang-c/Index.h>]], [[clang_createIndex(0, 0);]])],
    [AC_MSG_RESULT([$LIBCLANG_LIBS])],
    [AC_MSG_RESULT([no]); RELIB_MISSING([libclang], [libclang-dev])])
  CFLAGS=$relib_save_CFLAGS LIBS=$relib_save_LIBS
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

# RELIB_CHECK_RUSTC
# Forgets a rustc that is there and can't compile: rustup's without a toolchain.
AC_DEFUN([RELIB_CHECK_RUSTC], [
  AS_IF([test -n "$RUSTC" && ! "$RUSTC" --version >/dev/null 2>&1], [RUSTC=])
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
