# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A host that is a shared library in another program: the loader used from python3 by ctypes.
. "$TOP_SRCDIR/tests/tap.sh"

python=/usr/bin/python3
[ -x "$python" ] || python=$PYTHON3
if ! "$python" -c 'import ctypes' 2>/dev/null; then
	skip "python" "python3 with ctypes is not installed"
	done_testing
	exit
fi

cat >host.py <<'END'
import ctypes, os, sys

relib = ctypes.CDLL(os.environ.get("HOST") or os.environ["TOP_BUILDDIR"] + "/loader/.libs/librelib.so")
modules = os.environ["MODULES"]

class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("message", ctypes.c_char * 2048)]

class Type(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_uint32), ("size", ctypes.c_uint32), ("name", ctypes.c_char * 56)]

class Options(ctypes.Structure):
    _fields_ = [("grace_ms", ctypes.c_uint), ("keep_leaks", ctypes.c_bool), ("policies", ctypes.c_int * 32),
                ("ignore_stacks", ctypes.c_bool), ("before_unload_ms", ctypes.c_uint), ("skip_before_unload", ctypes.c_bool)]

relib.relib_main_type.restype = ctypes.POINTER(Type)
relib.relib_has_tracker.restype = ctypes.c_bool
relib.relib_version.restype = ctypes.c_char_p
error = Error()

def load(name):
    module = ctypes.c_void_p()
    code = relib.relib_load(f"{modules}/{name}.so".encode(), None, ctypes.byref(module), ctypes.byref(error))
    print("load", code, error.message.decode().split("\n")[0].replace(modules + "/", ""))
    return module

def call(module):
    result = ctypes.c_int()
    kind = Type(2, 4, b"int")
    code = relib.relib_call_main_typed(module, ctypes.byref(kind), ctypes.byref(result), 0, None, ctypes.byref(error))
    print("call", code, result.value)

def unload(module, grace_ms=0):
    code = relib.relib_unload(module, ctypes.byref(Options(grace_ms, False)), None, ctypes.byref(error))
    print("unload", code, error.message.decode().split("\n")[0])
    return code

def mapped(name):
    with open("/proc/self/maps") as maps:
        print("mapped", name in maps.read())

print("tracker", relib.relib_has_tracker())
for name in "load_simple", "load_cxx":
    module = load(name)
    call(module)
    load(name)
    if unload(module) == 0:
        mapped(name)
        module = load(name)
        call(module)
        unload(module)
    mapped(name)
load("load_plain")
END

output=$("$python" host.py 2>&1); status=$?
is "without the tracker: it ends well" "$status" 0
is "without the tracker: loads, calls, and says why it doesn't unload" "$output" "tracker False
load 0 
call 0 40
load 16 load_simple.so is already loaded
unload 3 load_simple.so was not unloaded: the program runs without the tracker
mapped True
load 0 
call 0 -1
load 16 load_cxx.so is already loaded
unload 3 load_cxx.so was not unloaded: the program runs without the tracker
mapped True
load 14 load_plain.so has no module information: it is a plain shared object"

output=$(LD_PRELOAD=$RELIB_TRACKER "$python" host.py 2>errors); status=$?
is "under the tracker: it ends well" "$status" 0
is "under the tracker: loads, calls, unloads and loads again" "$output" "tracker True
load 0 
call 0 40
load 16 load_simple.so is already loaded
unload 0 
mapped False
load 0 
call 0 40
unload 0 
mapped False
load 0 
call 0 -1
load 16 load_cxx.so is already loaded
unload 0 
mapped False
load 0 
call 0 -1
unload 0 
mapped False
load 14 load_plain.so has no module information: it is a plain shared object"
is "under the tracker: nothing on stderr" "$(cat errors)" ""

# Opened late, the tracker sees nothing of what modules do: it must not pass for one that does.
echo 'int host;' >library.c
ok "build a library linked to loader and tracker" $CC -shared -fPIC library.c -o libhost.so -Wl,--no-as-needed \
	"$TOP_BUILDDIR/loader/.libs/librelib.so" "$RELIB_TRACKER" "-Wl,-rpath,$TOP_BUILDDIR/loader/.libs" "-Wl,-rpath,${RELIB_TRACKER%/*}"
output=$(HOST=$PWD/libhost.so "$python" host.py 2>&1)
contains "a tracker that came too late is none" "$output" "tracker False"
contains "a tracker that came too late: no unloading" "$output" "unload 3 "

done_testing
