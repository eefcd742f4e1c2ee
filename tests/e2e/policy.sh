#!/bin/sh
# The policy file: what is refused, what is weaker, and what is printed. No
# vault and no key.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

own=$work/own.yaml
# change SED-EXPRESSION: $own is the shipped file, changed
change() { sed "$1" policy/levels.yaml >"$own"; }
# at WORDS: the line of the shipped file that has them first
at() { grep -n -- "$1" policy/levels.yaml | head -n 1 | cut -d: -f1; }
says() { grep -q -- "$2" "$work/out"; result "$1" $?; }

# ---- refusals
expect 'check of nothing' 2 'takes FILE' "$AMANAT" policy check
expect 'policy alone' 2 'needs a second word' "$AMANAT" policy
expect 'no such file' 1 "cannot read '$work/none': No such file" "$AMANAT" policy check "$work/none"
expect 'a directory' 1 'Is a directory' "$AMANAT" policy check "$work"
"$AMANAT" policy check --json "$work/none" >"$work/out" 2>/dev/null
[ ! -s "$work/out" ]; result 'a file that cannot be read prints nothing' $?

change '0,/quorum_k: 2/s//quorum_k: 0/'
expect 'a quorum of zero' 40 "line $(at quorum_k:): quorum_k of baseline: a number from 2 to 15 is needed, not '0'" \
    "$AMANAT" policy check "$own"
fits 'a quorum of zero'
expect 'diff: no policy' 40 "cannot read '$own' as a policy: line" "$AMANAT" policy diff "$own"
expect 'show: no policy' 40 "cannot read '$own' as a policy: line" "$AMANAT" policy show "$own"
"$AMANAT" policy check --json "$own" >"$work/out" 2>/dev/null
[ $? -eq 40 ]; result 'no policy, for programs: 40' $?
is_json 'policy check of no policy'
says 'why' '"why":"line [0-9]*: quorum_k of baseline: .*"weaker":\[\],"sound":false'
change '0,/    n_min: 3/s//    quorum_k: 2/'
expect 'a key twice' 40 "line $(at '    n_min: 3'): the key 'quorum_k' is there twice; it was in line $(at quorum_k:)" \
    "$AMANAT" policy check "$own"
change '0,/    n_min: 3/s//    n_mni: 3/'
expect 'an unknown key' 40 "line $(at '    n_min: 3'): unknown key 'n_mni' in baseline" "$AMANAT" policy check "$own"
change '0,/    n_min: 3/s//#/'
expect 'a missing key' 40 "line $(at '^  baseline:'): baseline lacks the key 'n_min'" "$AMANAT" policy check "$own"
head -c 9000 policy/levels.yaml >"$own"
expect 'cut short' 40 "line [0-9]*: " "$AMANAT" policy check "$own"
head -c 60000 /dev/zero | tr '\0' '\n' >"$own"
expect 'too long' 40 'passes 57344 bytes' "$AMANAT" policy check "$own"
: >"$own"
expect 'empty' 40 'line 1: ' "$AMANAT" policy check "$own"
printf 'format: "\033[2J"\n' >"$own"
expect 'a terminal is not steered' 40 'a control character' "$AMANAT" policy check "$own"

# ---- weaker
change '0,/grant_life: 24h/s//grant_life: 48h/
s/supplier_review_at_ownership_change: true/supplier_review_at_ownership_change: false/
s/  secret: maximum/  secret: enhanced/
s/\[committee, head_of_entity, cloud_office\]/[committee]/
0,/login_test: 6mo/s//login_test: 1mo/'
expect 'weaker: 40, and how many' 40 'weaker than the policy that is shipped, in 4 values' "$AMANAT" policy check "$own"
fits 'policy check'
joined | grep -q 'raise them, or .*: amanat waive A-3 LEVEL.KEY --until DATE --reason TEXT'; result '... and what to do' $?
says 'a line a value' '^baseline         grant_life: 24h shipped, 48h here$'
says 'a class' '^class secret     class_map: maximum shipped, enhanced here$'
says 'the longest key' '^maximum          supplier_review_at_ownership_change: true shipped, false here$'
! grep -q login_test "$work/out"; result 'what is stricter is not listed' $?
"$AMANAT" policy check --json "$own" >"$work/out" 2>/dev/null
is_json 'policy check'
says 'for programs' '{"where":"baseline","key":"grant_life","before":"24h","here":"48h"}.*"sound":false}'
expect 'diff: 0' 0 '5 values differ from the policy that is shipped; 4 of them weaker' "$AMANAT" policy diff "$own"
fits 'policy diff'
says 'marked' '^weaker  baseline         grant_life: 24h shipped, 48h here$'
says 'not marked' '^        baseline         login_test: 6mo shipped, 1mo here$'
"$AMANAT" policy diff --json "$own" >"$work/out" 2>/dev/null
is_json 'policy diff'
says 'not weaker, for programs' '"key":"login_test","before":"6mo","here":"1mo","weaker":false}'

# ---- sound
change '0,/login_test: 6mo/s//login_test: 1mo/'
expect 'stricter is sound' 0 'is sound, and nowhere weaker' "$AMANAT" policy check "$own"
fits 'sound'
expect 'the shipped file is sound' 0 'is sound, and nowhere weaker' "$AMANAT" policy check policy/levels.yaml
expect 'and differs in nothing' 0 'has the values of the policy that is shipped' "$AMANAT" policy diff policy/levels.yaml
"$AMANAT" policy check --json policy/levels.yaml >"$work/out"
says 'sound, for programs' '^{"why":"","weaker":\[\],"sound":true}$'
"$AMANAT" policy show >"$work/out"
cmp -s "$work/out" policy/levels.yaml; result 'show prints the shipped file, byte for byte' $?
"$AMANAT" policy show "$own" >"$work/out"
cmp -s "$work/out" "$own"; result 'show FILE prints that' $?
"$AMANAT" policy show --json >"$work/out"
is_json 'policy show'
python3 - "$work/out" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
assert d["version"] == 1 and list(d["levels"]) == [
    "baseline", "intermediate", "enhanced", "maximum"]
assert all(len(v) == 60 for v in d["levels"].values())
assert all(len(v) == 6 for v in d["classes"].values()) and len(d["classes"]) == 5
assert d["classes"]["secret"]["class_map"] == "maximum"
assert d["levels"]["maximum"]["log_copy"] == "checkpoint"
PY
result 'show --json has every value' $?
[ ! -e "$AMANAT_VAULT" ]; result 'no vault was made' $?
finish
