#!/bin/sh
# What verify, analyze and export tell of a vault as a whole: a policy that is
# weaker than shipped (A-3), what a level asks beyond its committee. Refusals
# first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

now() { AMANAT_NOW=$1; export AMANAT_NOW; }
must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
mark() { before=$(statements); }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
silent() { ! joined | grep -q -- "$1"; result "... and not: $1" $?; }
# json EXPRESSION: a Python expression over what was printed last, `d`
json() {
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$work/out" "$2"
	result "$1" $?
}
# waived RULE SUBJECT DATE: by a and b
waived() { must as a waive "$1" "$2" --until "$3" --reason TEST; must agreed a b; }

now 2026-03-02T04:00:00Z
for k in root a b c d x y; do key $k; done
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in a b c d x y; do
	must as root person add $p --name "P $p"
	must as "root,$p" token enrol $p --label $p
done
must as root policy propose
must as root safe create s --level baseline --quorum 2 --custodians a,b,c
for step in join deal accept; do
	for p in a b c; do must as $p safe join s; done
done

# ---- A-3: weaker than shipped, and no waiver in force when it came into force
own=$work/own.yaml
# weaker VERSION: $own is the shipped file but for that, and one weaker value
weaker() { sed "s/^version: 1/version: $1/; 0,/grant_life: 24h/s//grant_life: 48h/" policy/levels.yaml >"$own"; }
weaker 2
mark
expect 'A-3: a weaker policy is not moved' 40 '1 value is weaker than shipped.*A-3' as a policy propose "$own"
expect '... nor by a program' 40 '1 value is weaker than shipped.*A-3' as a policy propose "$own" --json
unchanged
expect 'A-3: of one that is nowhere weaker nothing is found' 0 'all rules hold' "$AMANAT" verify
silent A-3
waived A-3 baseline.grant_life 2026-03-05
must as a policy propose "$own"
now 2026-03-06T04:00:00Z
must agreed a b
leaf=$(($(statements) - 1))
expect 'A-3: the waiver had ended: a finding, no failure' 0 "finding: version 2 of the policy came into force at leaf $leaf weaker than the policy that is shipped, without a waiver: baseline.grant_life 48h (shipped 24h) (A-3)" "$AMANAT" verify
fits 'verify'
sed -n '/^finding: version 2/,/(A-3)/p' "$work/out" | tr -s '\n ' ' ' | sed 's/^finding: //' >"$work/finding"
must "$AMANAT" export "$work/bundle"
expect '... also for a stranger' 0 'version 2 of the policy came into force at leaf' "$AMANAT" verify "$work/bundle"
"$AMANAT" verify --json >"$work/out"
json '... for programs' 'any("(A-3)" in f for f in d["findings"]) and d["verdict"] == "sound with findings"'
expect 'A-3: analyze: what to do' 30 'FINDING the policy in force is weaker than the one that is shipped, without a waiver \[A-3\]: baseline.grant_life 48h (shipped 24h) what to do amanat waive A-3' "$AMANAT" analyze
said "weaker policy $(sed 's/ *$//' "$work/finding")"
fits 'analyze'
expect '... for programs' 30 '' "$AMANAT" analyze --json
json '... the same words' "d['weaker_policies'] == [{'what': '''$(sed 's/ *$//' "$work/finding")''', 'waived': False}]"
expect '... and drawn' 0 '' "$AMANAT" analyze --html "$work/page.html"
grep -q 'Weaker policy: version 2' "$work/page.html"; result '... with it' $?
expect 'A-3: before there was that policy' 30 '' "$AMANAT" analyze --at 2026-03-05T04:00:00Z
silent 'weaker policy'
weaker 3
mark
expect 'A-3: what is in force already is no reason' 40 '1 value is weaker than shipped.*A-3' as a policy propose "$own"
unchanged
waived A-3 baseline.grant_life 2026-06-30
expect 'A-3: waived since: nothing is to be done' 30 '' "$AMANAT" analyze
silent 'weaker than the one that is shipped'
said 'weaker policy version 2 of the policy'
expect '... and verify says for ever that it was not' 0 'version 2 .*without a waiver: baseline.grant_life' "$AMANAT" verify
must as a policy propose "$own"
must agreed a b
expect 'A-3: by a waiver, and until when' 0 'finding: version 3 .*shipped, by a waiver: baseline.grant_life 48h (shipped 24h) until 2026-06-30T19:00:00Z (A-3)' "$AMANAT" verify
expect '... and analyze' 30 'weaker policy version 3 .*by a waiver' "$AMANAT" analyze
now 2026-07-01T04:00:00Z
expect '... whose waiver has ended' 30 'FINDING the policy in force is weaker' "$AMANAT" analyze
expect '... which was in force then' 0 'version 3 .*by a waiver' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor

# ---- what a level asks beyond its committee
# told SAFE: what analyze has of it
told() { "$AMANAT" analyze "$1" >"$work/out" 2>"$work/err"; }
must as a safe create i --level intermediate --quorum 2 --custodians a,b,c,d
must agreed a b
told i
silent 5.7 # nothing is in it yet
for step in join deal accept; do
	for p in a b c d; do must as $p safe join i; done
done
expect 'recovery: there is none' 30 'FINDING level intermediate asks for a recovery committee, 2 of 3 or more, and there is none \[5.7\] what to do 3 people or more: amanat safe reshare i --recovery --quorum 2 --custodians A,B,C --reason TEXT; else amanat waive 5.7 i' "$AMANAT" analyze i
fits 'analyze: recovery'
said 'not kept by this version: 1 witness, daily time stamps'
expect '... for programs' 30 '' "$AMANAT" analyze i --json
json '... one finding of it' '[f["kind"] for f in d["safes"][0]["findings"]].count("no-recovery") == 1'
json '... and what is not kept' 'd["safes"][0]["not_kept"] == ["1 witness", "daily time stamps"]'
expect '... drawn' 30 '' "$AMANAT" analyze i --html "$work/page2.html"
grep -q 'asks for a recovery committee' "$work/page2.html"; result '... with it' $?
expect 'baseline asks for none' 30 '' "$AMANAT" analyze s
silent '5.7'
silent 'not kept'
mark
expect 'a waiver of a safe that is not there' 2 "no safe 'nowhere'" as a waive 5.7 nowhere --until 2026-09-30 --reason R
expect 'what is no rule is not waived' 2 '5.7 SAFE (its recovery committee)' as a waive 5.9 i --until 2026-09-30 --reason R
unchanged
must as a waive 5.7 i --until 2026-07-31 --reason 'TEST the other institution has been asked'
told i
said 'asks for a recovery committee'
expect 'the vote says what is waived' 0 "that safe 'i' has no recovery committee as its level asks" "$AMANAT" motions
must agreed a b
told i
silent 'asks for a recovery committee'
said 'waived 5.7 i until'
now 2026-08-01T04:00:00Z
told i
said 'asks for a recovery committee'
said 'waived 5.7 i ended'
must as a safe reshare i --recovery --quorum 2 --custodians a,x,y --reason 'TEST the other institution'
told i
said 'what to do it is being set up: amanat safe status i'
for step in join deal accept; do
	for p in a b c d x y; do as $p safe join i; done
done >/dev/null 2>&1
told i
silent '5.7\]'
# a stricter policy, which nobody else is asked about
sed 's/^version: 1/version: 4/; s/recovery_set: {quorum: 2, members: 3, disjoint_persons: false}/recovery_set: {quorum: 2, members: 4, disjoint_persons: true}/' policy/levels.yaml >"$own"
must as a policy propose "$own"
must agreed a b
expect 'recovery: too small, and shared' 30 'asks for a recovery committee of 2 of 4 or more (it is 2 of 3), and that nobody be in both committees; in both: a \[5.7\]","todo":"4 people or more, none of this committee: amanat' "$AMANAT" analyze i --json
json '... for programs' '"small-recovery" in [f["kind"] for f in d["safes"][0]["findings"]]'
sed 's/^version: 1/version: 5/; s/recovery_set: {quorum: 2, members: 3, disjoint_persons: false}/recovery_set: {quorum: 2, members: 3, disjoint_persons: true}/' policy/levels.yaml >"$own"
must as a policy propose "$own"
must agreed a b
expect 'recovery: shared' 30 'FINDING level intermediate asks that nobody be in both committees; in both: a \[5.7\]' "$AMANAT" analyze i

finish
