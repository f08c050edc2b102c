# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Optional exports: there, left out by the module's author, and unknown to the header that the module was built with.
. "$TOP_SRCDIR/tests/tap.sh"

include="-I$TOP_SRCDIR/module-sdk/wrap -I$TOP_SRCDIR/module-sdk -I$TOP_SRCDIR/loader -I$TOP_SRCDIR/preload"
library=$TOP_BUILDDIR/loader/.libs/librelib.so
mkdir old
cat >synth.h <<'END'
#include <relib/interface.h>
RELIB_EXPORT int synth_play(int note);
RELIB_EXPORT RELIB_OPTIONAL int synth_tempo(int beats);
END
grep -v OPTIONAL synth.h >old/synth.h
cat >synth.c <<'END'
#include <relib/module.h>
#include "synth.h"
RELIB_MODULE("synth", "1");
int synth_play(int note) { return note + 1; }
#ifdef TEMPO
int synth_tempo(int beats) { return beats * 2; }
#endif
END
cat >host.c <<'END'
#include <stdio.h>
#include "synth.host.h"
int main(int argc, char **argv)
{
	struct synth synth = { .relib = { 0 } };
	struct relib_module *module;
	struct relib_error error;
	int played = -1, tempo = -1;
	enum relib_code code;

	(void)argc;
	if (relib_load(argv[1], synth_interface(&synth), &module, &error))
		return puts(error.message), 1;
	code = synth_play_call(&synth, &played, 1);
	printf("play %d %d, ", code, played);
	code = synth_tempo_call(&synth, &tempo, 60);
	printf("has %d, tempo %d %d\n", synth_tempo_has(&synth), code, tempo);
	return 0;
}
END
bindgen() { "$TOP_BUILDDIR/tools/relib-bindgen" -o "${1%/*}" "$1"; }
module() { # FOLDER FILE FLAG ...
	folder=$1; file=$2; shift 2
	$CC $include "-I$folder" -fPIC -fexceptions -Wall -Wextra -Werror -shared "$@" synth.c "$folder/synth.module.c" -o "$file" \
		"$TOP_BUILDDIR/module-sdk/librelib_module.a"
}
ok "write the interface" bindgen ./synth.h
ok "write that of before" bindgen old/synth.h
ok "build the host" $CC $include -I. -Wall -Wextra -Werror host.c -o host "$library" "-Wl,-rpath,${library%/*}"
ok "build a module that has it" module . with.so -DTEMPO
ok "build one that leaves it out" module . without.so
ok "build one of before" module old old.so
is "there" "$(./host ./with.so 2>&1)" "play 0 2, has 1, tempo 0 120"
is "left out" "$(./host ./without.so 2>&1)" "play 0 2, has 0, tempo 30 -1"
is "unknown" "$(./host ./old.so 2>&1)" "play 0 2, has 0, tempo 30 -1"

done_testing
