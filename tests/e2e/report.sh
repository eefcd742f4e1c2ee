#!/bin/sh
# What verify, analyze and export tell of a vault as a whole: a policy that is
# weaker than shipped (A-3), what a level asks beyond its committee, the status
# in numbers (O-2). Refusals first.
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
two_keys root '' a b c d >"$work/out" 2>&1 || { cat "$work/out"; echo 'Bail out! no second keys'; exit 1; }
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
waived C-2 i 2026-12-31 # office.sh has it
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
copied
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

# ---- O-2: the status, in numbers and signed
canary=CANARY-$$
printf '%s-secret' "$canary" >"$work/secret"
must as d put "s/$canary-title" --from "$work/secret" --class open --type login --user "$canary-user" --url "https://$canary.example"
must as d ask "s/$canary-title" --reason "$canary-reason" --ticket "$canary-ticket"
expect 'O-2: not with a directory' 2 'without DIR' "$AMANAT" export "$work/ex" --status "$work/x.status"
expect 'O-2: nor with partials' 2 'without DIR' "$AMANAT" export --partials --status "$work/x.status"
expect 'export of nothing' 2 'takes DIR, or --status FILE' "$AMANAT" export
expect 'O-2: nowhere to write' 1 "cannot be written" "$AMANAT" export --status "$work/none/x.status"
mv "$AMANAT_VAULT/keys/log.key" "$work/log.key"
"$AMANAT" export --status "$work/x.status" >"$work/out" 2>"$work/err"
[ $? -ne 0 ] && [ ! -e "$work/x.status" ]; result 'O-2: not without the log key' $?
mv "$work/log.key" "$AMANAT_VAULT/keys/log.key"
copied
mark
expect 'O-2: export --status' 0 'numbers, no names and no secret' "$AMANAT" export --status "$work/1.status"
unchanged
expect 'O-2: is not written over' 2 'cannot be written' "$AMANAT" export --status "$work/1.status"
must "$AMANAT" export --status "$work/again.status"
cmp -s "$work/1.status" "$work/again.status"; result 'O-2: of one state and instant the same bytes' $?
! grep -q "$canary\|TEST\|\"[abcdxysi]\"" "$work/1.status"; result 'O-2: no canary and no name is in it' $?
python3 - "$work/1.status" <<'P'
import json, sys
b = json.load(open(sys.argv[1]))["body"]
assert b["format"] == "amanat-status 1" and b["policy"] == 5 and b["evaluation"] is True
assert b["levels"]["baseline"]["safes"] == 1 and b["levels"]["intermediate"]["safes"] == 1
assert b["levels"]["intermediate"]["no_recovery"] == 1 and b["levels"]["maximum"]["safes"] == 0
assert b["waivers"] == {"ended": 3, "in_force": 1}
assert b["at"] == "2026-08-01T04:00:00Z"
# numbers, times and the key: nothing that somebody has entered
def texts(v):
    return sum((texts(x) for x in v.values()), []) if isinstance(v, dict) else [v] if isinstance(v, str) else []
assert len(texts(b)) == 6, texts(b)
P
result 'O-2: what it counts' $?
status() { "$AMANAT" import --status "$@"; }
unset AMANAT_VAULT # on any machine
expect 'import --status of nothing' 2 'takes FILE' status
expect 'import of two' 2 'one FILE' "$AMANAT" import "$work/1.status" "$work/1.status"
expect 'import --keys' 2 'with --status' "$AMANAT" import "$work/1.status" --keys "$work/bundle/keys.txt"
expect 'import --status --map' 2 'does not go with --status' status "$work/1.status" --map x.yaml
expect 'import --status as a page' 2 'is table or csv' status "$work/1.status" --format keepass
expect 'O-2: a file that is not there' 1 'cannot read' status "$work/none.status"
expect 'O-2: something else' 20 'is not a status' status "$own"
expect 'O-2: a checkpoint' 20 'is not a status' status "$work/bundle/checkpoint.note"
sed 's/"policy":5/"policy":6/' "$work/1.status" >"$work/forged.status"
expect 'O-2: a number changed' 20 'was altered.*O-2' status "$work/forged.status"
! grep -q . "$work/out"; result '... and no table of it' $?
expect 'O-2: also among others' 20 'forged.status. was altered' status "$work/1.status" "$work/forged.status"
expect 'O-2: twice' 21 'the same status' status "$work/1.status" "$work/again.status"
expect 'O-2: the table' 0 '2026-08-01 1/1/0/0 1 2 0/0/0/0 1 0 v.example [0-9a-f]*, evaluation' status "$work/1.status"
fits 'import --status'
said 'nobody has looked at: --keys'
expect 'O-2: with the keys of an export' 0 '1/1/0/0' status "$work/1.status" --keys "$work/bundle/keys.txt"
silent 'nobody has looked at'
sed 's/+[A-Za-z0-9/]*=*$/+AVNUVEVTVFRFU1RURVNUVEVTVFRFU1RURVNUVEVTVFQ=/' "$work/bundle/keys.txt" >"$work/other.keys"
expect 'O-2: by another key than that' 20 'that is not in' status "$work/1.status" --keys "$work/other.keys"
# a later one, and another agency
AMANAT_VAULT=$work/vault; export AMANAT_VAULT
now 2027-08-01T04:00:00Z
must "$AMANAT" export --status "$work/2.status"
expect 'O-2: an older one of the same vault' 21 "1.status. is older than '.*2.status" status "$work/1.status" "$work/2.status"
expect '... in whatever order' 21 "1.status. is older than '.*2.status" status "$work/2.status" "$work/1.status"
AMANAT_VAULT=$work/second; export AMANAT_VAULT
must as root init --name TEST --rp-id u.example --evaluation --founder root
must "$AMANAT" export --status "$work/3.status"
expect 'O-2: one table of two agencies' 0 '2027-08-01 0/0/0/0 - - .* u.example .* 2027-08-01 1/1/0/0 0 0 [0-9]*/1/0/[0-9]* 0 0 v.example [0-9a-f]*, 2 WITHOUT QUORUM, evaluation' \
    status "$work/2.status" "$work/3.status"
fits 'import --status'
expect '... for programs' 0 '' status "$work/2.status" "$work/3.status" --json
is_json 'import --status'
json '... two, by vault' '[v["vault"][:9] for v in d] == ["u.example", "v.example"] and not d[0]["known"]'
json '... whose proofs are overdue' 'd[1]["overdue"]["drills"] == 10 and d[1]["levels"]["baseline"]["no_quorum"] == 1'
expect '... as CSV' 0 '^vault,key,at,' status "$work/2.status" "$work/3.status" --format csv
[ "$(wc -l <"$work/out")" -eq 3 ]; result '... a line each' $?
python3 -c 'import csv, sys; r = list(csv.DictReader(open(sys.argv[1], newline=""))); assert r[1]["intermediate"] == "1" and r[1]["overdue_drills"] == "10" and len(r) == 2' "$work/out"
result '... of as many columns as its heading' $?
cat "$work/bundle/keys.txt" >"$work/all.keys"
expect 'O-2: of one there is no key at hand' 20 '3.status. is signed by a key for .u.example' status "$work/2.status" "$work/3.status" --keys "$work/all.keys"

# ---- C-2: who comes in later is told of while there is time to enrol
AMANAT_VAULT=$work/vault
export AMANAT_VAULT
expect 'C-2: safe reshare names who is to enrol a key first' 0 'planned.*CAREFUL: level intermediate asks for keys.* joins: x has 1 of 2 keys; amanat token enrol' \
    as a safe reshare i --custodians a,b,c,d,x --reason 'TEST a successor'
fits 'safe reshare'

finish
