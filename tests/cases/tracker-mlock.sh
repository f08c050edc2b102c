# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# A host that locks its memory, as audio programs do, must not get the tracker's tables whole.
. "$TOP_SRCDIR/tests/tap.sh"

cat >host.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	void *module = dlopen(argv[argc - 1], RTLD_NOW);
	void (*leak)(void) = (void (*)(void))dlsym(module, "leak_malloc");
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	int kib = 0;

	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return 77;
	leak();
	while (fgets(line, sizeof line, status))
		sscanf(line, "VmRSS: %d", &kib);
	printf("%d\n", kib);
	return dlclose(module);
}
END
ok "a host is built" "$CC" -D_GNU_SOURCE -o host host.c
plain=$(./host "$MODULES/attr_leaks.so") || { skip "resident memory" "memory can't be locked here"; done_testing; exit; }
tracked=$(LD_PRELOAD=$RELIB_TRACKER RELIB_TRACK="quiet,report=$PWD/report" ./host "$MODULES/attr_leaks.so")
is "it runs under the tracker" "$?" 0
echo "# resident: $plain KiB, under the tracker $tracked KiB; 16384 KiB more are allowed"
ok "the tracker's tables are not locked whole" test "$tracked" -lt $((plain + 16384))
contains "its module is tracked all the same" "$(cat report)" '"blocks":3'
done_testing
