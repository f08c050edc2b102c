# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# The template, copied out of an installed relib and built as its README says: by make, CMake, Meson and Automake.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/installed.sh"
export CC CXX

# has NAME PROGRAM ...: whether all are there; says what is skipped if not
has() {
	has_name=$1; shift
	for program; do
		command -v $program >/dev/null || { skip "$has_name" "$program is not installed"; return 1; }
	done
}

# start NAME: in a copy of the template
start() { cp -r "$prefix/doc/examples/template" "$tap_folder/$1" && cd "$tap_folder/$1"; }

# tried NAME: builds the template by build(), runs it, and changes its header. $host and $module are what is built.
tried() {
	ok "$1: builds" build
	"$host" "$module" >out 2>err
	is "$1: runs" "$? $(cat out err)" "0 module: measuring
the distance is 7"
	ok "$1: builds again" build
	lacks "$1: and finds nothing to do" "$tap_output" bindgen

	cp "$module" first.so
	# The struct moves to a header of its own, which only relib-bindgen's list of what it has read can know of.
	sed -n '/^struct/,/^};/p' sample.h >point.h
	sed -i -e '/^struct/,/^};/d' -e 's|^#include <stdint.h>|&\n#include "point.h"|' sample.h
	ok "$1: builds with a header more" build
	cp "$module" old.so
	"$host" ./first.so >out 2>&1
	is "$1: the same interface is the same wherever it stands" "$?" 0

	sed -i 's/int32_t y;/&\n\tint32_t z;/' point.h
	ok "$1: builds after a change" build
	"$host" "$module" >out 2>&1
	is "$1: both sides were built anew" "$? $(cat out)" "0 module: measuring
the distance is 7"
	"$host" ./old.so >out 2>&1
	is "$1: the old module is refused" "$?" 1
	contains "$1: with the function" "$(cat out)" sample_distance
	contains "$1: and what differs" "$(cat out)" "field z"
	cd "$tap_folder"
}

for program in pkg-config make; do
	command -v $program >/dev/null || { skip "the template" "$program is not installed"; done_testing; exit; }
done

start make
host=./host module=./libsample.so
build() { make CC="$CC"; }
tried make
cd make && ok "make: clean" make clean && is "make: nothing is left" "$(echo $(ls -d host *.so *.o *.host.h *.module.c *.d 2>/dev/null))" "first.so old.so"

if has CMake cmake; then
	start cmake
	host=build/host module=build/libsample.so
	build() { cmake -S . -B build && cmake --build build; }
	tried CMake
fi
if has "CMake and C++" cmake; then
	mkdir cmake-cxx && cd cmake-cxx
	cp "$TOP_SRCDIR"/examples/game/host.cc "$TOP_SRCDIR"/examples/game/game.cc .
	mkdir include && cp "$TOP_SRCDIR/examples/game/game.h" include
	cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(game LANGUAGES ${languages})
set(CMAKE_CXX_STANDARD 17)
find_package(relib ${version} REQUIRED)
add_library(game MODULE game.cc)
target_link_libraries(game PRIVATE relib::module)
relib_interface(game MODULE include/game.h)
foreach(host host other)
  add_executable(${host} host.cc)
  target_link_libraries(${host} PRIVATE relib::relib relib::track)
  relib_interface(${host} HOST include/game.h)
endforeach()
END
	ok "CMake and C++: builds two hosts and a module" sh -ec 'cmake -Dversion=0.1 "-Dlanguages=C;CXX" -S . -B build && cmake --build build'
	env -u LD_LIBRARY_PATH build/host build/libgame.so >out 2>err
	is "CMake and C++: runs, and unloads" "$? $(tail -n 1 out)" "0 title: chess in C++"
	contains "CMake and C++: the host is linked to the tracker" "$(readelf -d build/other)" librelib_track.so
	output=$(cmake -Dversion=0.1 -Dlanguages=CXX -S . -B build-cxx 2>&1)
	contains "CMake and C++: a project without C is told so" "$(echo $output)" "add C to the languages of project()"
	output=$(cmake -Dversion=1.0 "-Dlanguages=C;CXX" -S . -B build-later 2>&1)
	contains "CMake and C++: a later version is not found" "$(echo $output)" 'compatible with requested version "1.0"'
	cd "$tap_folder"
fi
if has "CMake with Ninja" cmake ninja; then
	start cmake-ninja
	build() { cmake -G Ninja -S . -B build && cmake --build build; }
	tried "CMake with Ninja"
fi
if has Meson meson ninja; then
	start meson
	host=build/host module=build/libsample.so
	build() { { [ -d build ] || meson setup build; } && ninja -C build; }
	tried Meson
fi
if has Automake autoreconf automake libtoolize; then
	start automake
	mv automake/* . && rm Makefile
	host=./host module=.libs/libsample.so
	ok "Automake: configure" sh -ec 'ACLOCAL_PATH="$1/share/aclocal" autoreconf -i && ./configure -q' sh "$prefix"
	build() { make; }
	tried Automake
	start automake-vpath
	mv automake/* . && rm Makefile && mkdir build
	ok "Automake, in another folder: configure" \
		sh -ec 'ACLOCAL_PATH="$1/share/aclocal" autoreconf -i && cd build && ../configure -q' sh "$prefix"
	host=build/host module=build/.libs/libsample.so
	build() { make -C build; }
	ok "Automake, in another folder: make distcheck" make -C build distcheck
	tried "Automake, in another folder"
fi
done_testing
