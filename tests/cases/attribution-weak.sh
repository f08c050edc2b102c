# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Two C++ modules share weak functions: in a C host those of the first serve libstdc++ when it is called by the second.
. "$TOP_SRCDIR/tests/cases/attribution.sh"

one=$MODULES/attr_weak_one.so two=$MODULES/attr_weak_two.so
for leaks in report reclaim; do
	for program in "$host" "$host_cxx"; do
		for way in load load-global; do
			title="$(basename "$program"), $way, leaks=$leaks"
			tracked "$program" $way a "$one" load b "$two" call a run call b run close b call a run close a
			survived "$title: two modules"
			# 4 blocks of strings, 2 of the stream, 6 of containers; by whatever function of the module
			total "$title: the second's leaks are its own" 12 attr_weak_two.so
			blocks_of "$title: its strings" 4 two_strings
			blocks_of "$title: its stream" 2 two_stream
		done
	done
done
done_testing
