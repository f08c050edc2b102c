# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A function's hash: the same for what is the same to a caller, another for everything else.
. "$TOP_SRCDIR/tests/tap.sh"
. "$TOP_SRCDIR/tests/cases/bindgen.sh"

# hash: of game_update in the header on standard input
hash() {
	{ printf '#include <stdint.h>\n#include <relib/interface.h>\n'; cat; } >hash.h
	"$bindgen" --name hash --host /dev/stdout hash.h | sed -n 's/.*"[a-z]* game_update [a-z-]* \([0-9a-f]*\) .*/\1/p'
}
same() { is "the same: $1" "$(hash)" "$wanted"; }
other() {
	tap_output=$(hash)
	if [ ${#tap_output} = 16 ] && [ "$tap_output" != "$wanted" ]; then pass "another: $1"; else fail "another: $1" "got: $tap_output"; fi
}

wanted=$(hash <<'END'
struct vec3 { float x, y, z; };
struct part { struct part *next; struct vec3 place; enum kind { WOOD, STEEL } kind; };
RELIB_EXPORT int32_t game_update(struct part *part, double seconds);
END
)
ok "there is a hash" test ${#wanted} = 16

same "comments, other names of parameters, white space" <<'END'
/** A vector. */
struct vec3 { float x; /* to the left */ float y; float z; };
struct part {
	struct part *next;
	struct vec3 place;
	enum kind { WOOD = 0, STEEL = 1, } kind;
};
RELIB_EXPORT int32_t
game_update(struct part *, double period);
END
same "typedefs, int for int32_t, restrict, const on parameters and results" <<'END'
typedef float coordinate;
typedef struct vec3 { coordinate x, y, z; } vector;
typedef struct part part_t;
struct part { part_t *next; vector place; enum kind { WOOD, STEEL } kind; };
typedef double seconds_t;
RELIB_EXPORT const int game_update(part_t *restrict const part, const seconds_t seconds);
END
same "other functions and types, in another order" <<'END'
enum kind { WOOD, STEEL };
struct before { int a; struct before *b; };
RELIB_IMPORT void before(struct before *before);
struct vec3 { float x, y, z; };
RELIB_EXPORT void move(struct vec3 *by, enum kind kind);
struct part { struct part *next; struct vec3 place; enum kind kind; };
RELIB_EXPORT int32_t game_update(struct part *part, double seconds);
RELIB_EXPORT void after(struct before *after);
END
same "an import, an optional export" <<'END'
struct vec3 { float x, y, z; };
struct part { struct part *next; struct vec3 place; enum kind { WOOD, STEEL } kind; };
RELIB_EXPORT RELIB_OPTIONAL int32_t game_update(struct part *part, double seconds);
END
same "attributes that say nothing about the layout" <<'END'
struct vec3 { float x, y, z; } __attribute__((aligned(4)));
struct part { struct part *next; struct vec3 place; enum kind { WOOD, STEEL } kind; };
extern RELIB_EXPORT __attribute__((nonnull, warn_unused_result)) int32_t game_update(struct part part[3], double seconds);
END

# What each of these changes is in its name; bindgen-layout and the tests of the loader try more.
change() {
	cat >changed.h <<'END'
struct vec3 { float x, y, z; };
struct part { struct part *next; struct vec3 place; enum kind { WOOD, STEEL } kind; };
RELIB_EXPORT int32_t game_update(struct part *part, double seconds);
END
	sed "$2" changed.h >edited.h
	ok "an edit that matches: $1" sh -c '! cmp -s changed.h edited.h'
	other "$1" <edited.h
}
change "a field's type" 's/float x, y, z/float x, y; int z/'
change "a field's name" 's/float x, y, z/float x, y, w/'
change "a tag" 's/vec3/vec4/'
change "one more field" 's/y, z/y, z, w/'
change "one field less" 's/, z//'
change "an enumerator's name" 's/STEEL/IRON/'
change "an enumerator's value" 's/STEEL/STEEL = 2/'
change "one more enumerator" 's/STEEL/STEEL, IRON/'
change "an enum's width" 's/enum kind {/enum __attribute__((packed)) kind {/'
change "packed" 's/kind;/kind; char last; } __attribute__((packed));#/;s/#.*//'
change "signedness of the result" 's/RELIB_EXPORT int32_t/RELIB_EXPORT uint32_t/'
change "width of the result" 's/RELIB_EXPORT int32_t/RELIB_EXPORT int64_t/'
change "a parameter more" 's/seconds)/seconds, int more)/'
change "a parameter less" 's/, double seconds//'
change "order of the parameters" 's/struct part \*part, double seconds/double seconds, struct part *part/'
change "const where the pointer points" 's/(struct part/(const struct part/'
change "volatile where the pointer points" 's/(struct part/(volatile struct part/'
change "depth of a pointer" 's/\*part,/**part,/'
change "a struct by value" 's/\*part,/part,/'
change "an incomplete struct" '/^struct part {/d;s/^struct vec3.*/struct part;/'
change "a struct that is a union" 's/struct vec3/union vec3/g'

# The hash itself, computed by another program from what the description says.
if [ -n "$PYTHON3" ]; then
	cat >hashes.py <<'END'
import re, sys
lines = re.findall(r'^\t"(.*)\\n"', open(sys.argv[1]).read().split('relib_description_of', 1)[1], re.M)
functions, types = [], {}
for line in (l.replace('\\?', '?').replace('\\"', '"') for l in lines):
    word = line.split(' ')
    if word[0] in ('export', 'import', 'main'):
        functions.append((word[1], word[3], word[4]))
    elif word[0] == 'type':
        types[int(word[1])] = current = [' '.join(word[2:6])]
    elif word[0] == 'field':
        current.append(' '.join(word[:5]))
    elif word[0] == 'base':
        current.append(' '.join(word[:2]))
    elif word[0] == 'value':
        current.append(line)
def fnv(text):
    value = 0xcbf29ce484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return '%016x' % value
def hashed(name, form):
    order = []
    def anew(match):
        number = int(match.group(1))
        if number not in order:
            order.append(number)
        return '#%d' % (order.index(number) + 1)
    text = [name, re.sub(r'#(\d+)', anew, form)]
    for at, number in enumerate(order):   # grows on the way
        text.append('type %d %s' % (at + 1, types[number][0]))
        text += [re.sub(r'#(\d+)', anew, line) for line in types[number][1:]]
    return fnv('\n'.join(text) + '\n')
wrong = [name for name, given, form in functions if hashed(name, form) != given]
print(len(functions), 'functions, wrong:', *wrong)
END
	cp "$TOP_SRCDIR/tests/interface/every.h" "$TOP_SRCDIR/tests/interface/layout.h" .
	ok "every.h" "$bindgen" every.h
	is "its hashes are those that doc/interface-format.md says" "$("$PYTHON3" hashes.py every.host.h)" "53 functions, wrong:"
	ok "layout.h" "$bindgen" layout.h
	is "its hash, too" "$("$PYTHON3" hashes.py layout.host.h)" "1 functions, wrong:"
else
	skip "the hashes by another program" "install python3"
fi
done_testing
