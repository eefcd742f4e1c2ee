#!/bin/sh
# Models of security keys (domain.md A-7, peer lesson 10; R6.3): which the policy
# names, what a level asks of them, and what an advisory takes away. The third
# custodian's key is of another model. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

now() { AMANAT_NOW=$1; export AMANAT_NOW; }
must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
silent() { ! joined | grep -q -- "$1"; result "... and not: $1" $?; }
json() {
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$work/out" "$2"
	result "$1" $?
}

soft=414d414e41542d534f46542d54455354
other=11111111222233334444555555555555
der() { sed '/-----/d' "$work/$1.token/attestation-root.pem" | tr -d '\n'; }
# model AAGUID NAME ADVISORY KEY...: an entry; the roots are those of the keys
model() {
	printf '  - aaguid: %s\n    name: %s\n    certification: none\n    advisory: %s\n' "$1" "$2" "$3"
	shift 3
	[ $# -gt 0 ] || echo '    roots: []'
	[ $# -eq 0 ] || echo '    roots:'
	for m_k; do echo "      - $(der "$m_k")"; done
}
# policy FILE VERSION ADVISORY-ROW: of level baseline; entries on standard input
policy() {
	{ echo 'token_models:'; cat; } >"$work/entries"
	sed -e "s/^version: 1 /version: $2 /" \
	    -e "/^  baseline:/,/^  intermediate:/{s/token_attestation: .*/token_attestation: verified/;s/token_allow_list: .*/token_allow_list: true/;s/token_advisory: .*/token_advisory: $3/;}" \
	    -e "/^token_models: /{r $work/entries
d;}" policy/levels.yaml >"$work/$1"
}

now 2026-03-02T04:00:00Z
for k in root a b; do key $k; done
key c --aaguid $other
founded 2 a b c
must as root post add dir-it --title 'Director IT' --wing it
agreed a b >"$work/out" 2>&1
must as root appoint a dir-it --kind substantive --order F.1/2026 --authority 'TEST Secretary' --from 2026-01-01
agreed a b >"$work/out" 2>&1
printf TEST-secret >"$work/secret"
must as root put s/mail --from "$work/secret" --class public

# ---- the file
model $soft 'Soft key' none a b root | policy v1.yaml 1 warn
{ model $soft One none; model 414d414e-4154-2d53-4f46-542d54455354 Two none; } | policy twice.yaml 1 warn
expect 'the same model twice' 40 'line [0-9]*: aaguid of entry 2: this model is there twice; it was in line' \
    "$AMANAT" policy check "$work/twice.yaml"
sed 's/^      - MII./      - MII!/' "$work/v1.yaml" >"$work/bad.yaml"
expect 'what is no base64' 40 'roots of entry 1: a certificate is base64' "$AMANAT" policy check "$work/bad.yaml"
# a DER sequence of zeros
zeros=MIIB$(head -c 343 /dev/zero | tr '\0' A)=
sed "0,/^      - MII.*/s//      - $zeros/" "$work/v1.yaml" >"$work/bad.yaml"
expect 'what is no certificate' 40 "line [0-9]*: roots of 'Soft key': number 1 is no X.509 certificate" \
    "$AMANAT" policy check "$work/bad.yaml"
expect 'and is not proposed' 40 'no X.509' as a policy propose "$work/bad.yaml"
expect 'a model more is not weaker than shipped' 0 'nowhere weaker' "$AMANAT" policy check "$work/v1.yaml"
expect '... and is shown' 0 "^        token_models .*$soft: none shipped" "$AMANAT" policy diff "$work/v1.yaml"
said 'Soft key (certification none, advisory none, 3 roots \.\.'
fits 'policy diff'
expect '... for programs' 0 '"where":"token_models","key":"'$soft'","before":"none".*"weaker":false' \
    "$AMANAT" policy diff --json "$work/v1.yaml"
expect 'policy show --json' 0 '' "$AMANAT" policy show --json "$work/v1.yaml"
json '... names it' 'd["token_models"] == [{"aaguid": "'$soft'", "name": "Soft key", "certification": "none", "advisory": "", "roots": 3}]'

# ---- in force: nothing is asked of keys of a safe that is not bound
must as a policy propose "$work/v1.yaml"
agreed a b >"$work/out" 2>&1
expect 'token list' 0 'a  *a  *active  *yes  *Soft key' "$AMANAT" token list
said "c c active no $other"
said "c: not for level baseline, intermediate: its model is not on the policy's list, and its maker's proof"
silent 'a: not for level baseline'
fits 'token list'
expect 'token list --json' 0 '' "$AMANAT" token list --json
json '... attested or not' '[k["attested"] for k in d if k["label"] in ("a", "c")] == [True, False]'
json '... and for which level not' '[u["level"] for k in d if k["label"] == "a" for u in k["unfit"]] == ["enhanced", "maximum"]'
expect 'nobody is out yet' 30 '' "$AMANAT" analyze s
silent 'key not as the level asks'
expect 'bind says who is left out' 0 'CAREFUL: 1 of 3 custodians have no key that is as level baseline asks' \
    as a policy bind s --owner it
agreed a b >"$work/out" 2>&1

# ---- and now they are
must as root ask s/mail --reason TEST
before=$(statements)
expect 'R6.3: a key of another model' 14 "the key 'c' is not as level baseline asks: its model is not on the policy's list, and its maker's proof leads to no root of the policy; approve with another key.*R6.3" \
    as c approve r-1
fits 'approve'
silent 'to unlock your share'
unchanged
expect 'policy explain: who could' 0 'c: key not as the level asks' "$AMANAT" policy explain r-1
expect 'analyze says who is not counted on' 30 'not counted on *c (key not as the level asks)' "$AMANAT" analyze s
expect '... for programs' 30 '"unfit":\["c"\],"advised":\[\]' "$AMANAT" analyze s --json
expect 'nothing is under an advisory' 30 "nobody has 'token=advisory'" "$AMANAT" analyze s --fail token=advisory
expect 'two that are as asked' 0 'approved by a: 1 of 2' as a approve r-1
must as b approve r-1
expect '... open it' 0 'TEST-secret' as root open r-1

# ---- an advisory: first told of, then refused (A-7)
model $soft 'Soft key' TEST-2026-03 a b root | policy v2.yaml 2 warn
now 2026-03-03T04:00:00Z
must as a policy propose "$work/v2.yaml"
agreed a b >"$work/out" 2>&1
now 2026-03-04T05:00:00Z
agreed a >"$work/out" 2>&1
expect 'analyze names them' 30 'key advisory *a and b: all keys of models under an advisory' "$AMANAT" analyze s
silent 'a and b (key not'
expect '... for programs' 30 '"unfit":\["c"\],"advised":\["a","b"\]' "$AMANAT" analyze s --json
expect 'what if they were refused' 30 'NO QUORUM today' "$AMANAT" analyze s --fail token=advisory
said 'not counted on a and b (departed, suspended or without a key)'
expect 'a slip' 2 'or token=advisory' "$AMANAT" analyze s --fail tokens=advisory
expect 'another one' 2 'or token=advisory' "$AMANAT" analyze s --fail token=recalled
expect 'token list names it' 0 'a: its model is under an advisory: TEST-2026-03' "$AMANAT" token list
expect 'an advisory taken away is weaker than before' 0 '^weaker  token_models' "$AMANAT" policy diff "$work/v1.yaml"
said '0 of them weaker than shipped'
must as root ask s/mail --reason TEST
expect 'a level that warns takes the key' 0 'approved by a: 1 of 2' as a approve r-2
model $soft 'Soft key' TEST-2026-03 a b root | policy v3.yaml 3 refuse
must as a policy propose "$work/v3.yaml"
agreed a b >"$work/out" 2>&1
now 2026-03-05T06:00:00Z
agreed a >"$work/out" 2>&1
must as root ask s/mail --reason TEST
before=$(statements)
expect 'A-7: a level that refuses does not' 14 "the key 'b' is not as level baseline asks: its model is under an advisory.*A-7" as b approve r-3
unchanged
expect 'analyze counts it' 30 'NO QUORUM' "$AMANAT" analyze s
said 'a, b and c (key not as the level asks)'
# the way out is a motion, which asks nothing of keys
model $soft 'Soft key' none a b root | policy v4.yaml 4 warn
must as a policy propose "$work/v4.yaml"
agreed a b >"$work/out" 2>&1
now 2026-03-06T07:00:00Z
agreed a >"$work/out" 2>&1
must as root ask s/mail --reason TEST
expect 'settled: a quorum says so' 0 'approved by b: 1 of 2' as b approve r-4
expect 'verify' 0 '' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor
finish
