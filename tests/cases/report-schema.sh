# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# JSON reports are as doc/report.schema.json describes them, and the schema would notice if they were not.
. "$TOP_SRCDIR/tests/tap.sh"

# validate FILE: every line against the schema. 77: python3 has no jsonschema.
validate() {
	"${PYTHON3:-python3}" - "$TOP_SRCDIR/doc/report.schema.json" "$1" <<'END'
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(77)
schema = json.load(open(sys.argv[1]))
kind = getattr(jsonschema, "Draft202012Validator", jsonschema.Draft7Validator)
kind.check_schema(schema)
lines = open(sys.argv[2], "rb").read().splitlines()
if not lines:
    sys.exit("no line in " + sys.argv[2])
for line in lines:
    kind(schema).validate(json.loads(line))
END
}

case $PYTHON3 in
"") skip "JSON reports fit the schema" "install python3"; done_testing; exit ;;
esac
# the first python3 in PATH may not be the one that Debian's python3-jsonschema is for
"$PYTHON3" -c 'import jsonschema' 2>/dev/null || PYTHON3=/usr/bin/python3
if ! "$PYTHON3" -c 'import jsonschema' 2>/dev/null; then
	skip "JSON reports fit the schema" "install python3-jsonschema"
	done_testing
	exit
fi

"$PROGRAMS/unit/test_report" --json >samples.jsonl
ok "hand-made reports fit the schema" validate samples.jsonl
sed 's/"outcome":"unloaded"/"outcome":"vanished"/' samples.jsonl >wrong.jsonl
if validate wrong.jsonl 2>/dev/null; then fail "the schema knows the outcomes"; else pass "the schema knows the outcomes"; fi
sed 's/"offset":[0-9]*,//' samples.jsonl >wrong.jsonl
if validate wrong.jsonl 2>/dev/null; then fail "the schema wants an offset"; else pass "the schema wants an offset"; fi
sed 's/"kind":"stream"/"kind":"brook"/' samples.jsonl >wrong.jsonl
if validate wrong.jsonl 2>/dev/null; then fail "the schema knows the kinds"; else pass "the schema knows the kinds"; fi
sed 's/"descriptor":{"held":[0-9]*,/"descriptor":{/' samples.jsonl >wrong.jsonl
if validate wrong.jsonl 2>/dev/null; then fail "the schema wants totals of each kind"; else pass "the schema wants totals of each kind"; fi
sed 's/"details":\["[^"]*"/"details":[12/' samples.jsonl >wrong.jsonl
if validate wrong.jsonl 2>/dev/null; then fail "the schema wants details as text"; else pass "the schema wants details as text"; fi

"$RELIB_RUN" --format json --report run.jsonl "$MODULES/run_leaks.so" >/dev/null 2>&1
ok "the report of a real unload fits the schema" validate run.jsonl
"$RELIB_RUN" --format json --report run.jsonl --stacks 8 "$MODULES/run_leaks.so" >/dev/null 2>&1
ok "with stacks too" validate run.jsonl
"$RELIB_RUN" --format json --report run.jsonl --call leak_mmap "$MODULES/kind_mapping.so" >/dev/null 2>&1
ok "with entries of the kind mapping too" validate run.jsonl
contains "and there are such entries" "$(cat run.jsonl)" '"kind":"mapping","count":1,'
for kind in descriptor stream; do
	"$RELIB_RUN" --format json --report run.jsonl "$MODULES/kind_$kind.so" >/dev/null 2>&1
	ok "with entries of the kind $kind too" validate run.jsonl
	contains "and there are such entries" "$(cat run.jsonl)" "\"kind\":\"$kind\",\"count\":1,"
done
"$RELIB_RUN" --format json --report run.jsonl "$MODULES/run_worker.so" >/dev/null 2>&1
ok "the report of a refusal fits the schema" validate run.jsonl
done_testing
