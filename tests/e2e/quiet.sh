#!/bin/sh
# A dismissal that is sealed until its day (domain.md 3.1, X-19): nobody is named
# before, and afterwards anybody can check that it was decided then. Refusals
# first. The quiet form of an incident is in incident.sh.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
SPOIL=${SPOIL:-$PWD/build/tests/e2e/spoil}

at() { AMANAT_NOW=$1; export AMANAT_NOW; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
unsaid() { ! joined | grep -q -- "$1"; result "... and not $1" $?; }
hash_of() { # ID
	"$AMANAT" log 2>/dev/null | sed -n "s/.*\"sealed\":\"\([0-9a-f]*\)\".*\"item\":{\"id\":\"$1\",.*/\1/p"
}

at 2022-03-01T04:00:00Z
for k in root a b c d; do key $k; done
founded 2 a b c d

reason='TEST-unspoken order F.9-1'
quiet() { as a depart d --kind dismissal --reason "$reason" --quiet "$@"; }
before=$(statements)
expect 'who leaves' 2 'say who leaves' as a depart --quiet
expect 'quiet without a day' 2 'needs --effective' quiet
expect 'X-19: a day to come' 2 'until a time to come.*X-19' quiet --effective 2022-03-01T04:00:00Z
expect 'X-19: and not a far one' 2 '90 days at most.*X-19' quiet --effective 2022-05-30T04:00:01Z
expect 'nobody of that name' 2 "no person 'nobody'" as a depart nobody --quiet --effective 2022-03-08 --kind dismissal --reason R
expect 'of an unknown kind' 2 'dismissal or deceased' as a depart d --quiet --effective 2022-03-08 --kind boredom --reason R
expect 'nobody seals their own' 10 'a colleague does it' as d depart d --quiet --effective 2022-03-08 --kind dismissal --reason R
expect 'quiet is a departure' 2 '--quiet seals a departure, and nothing else' as a depart d --quiet --status
expect 'quiet plans nothing' 2 '--quiet seals a departure, and nothing else' quiet --effective 2022-03-08 --no-plan
expect 'nothing is sealed yet' 2 "nothing is sealed as 'q-1'" as a depart --quiet-of q-1
expect 'a number that is none' 2 "nothing is sealed as 'd'" as a depart --quiet-of d
expect 'all of it is sealed there' 2 'stands alone' as a depart d --quiet-of q-1
expect 'withdraw what' 2 'stands alone' as a depart d --withdraw
unchanged

expect 'sealed' 0 '^q-1$' quiet --effective 2022-03-08T06:00:00Z
fits 'depart --quiet'
said 'until 2022-03-08 06:00 UTC'
said 'who holds the register key could read it'
said 'nobody is suspended'
[ "$(statements)" -eq $((before + 1)) ]; result 'one statement' $?
expect 'sealed, as json' 0 '{"quiet":"q-2","sealed_until":"2022-03-08T06:00:00Z"}' quiet --effective 2022-03-08T06:00:00Z --json
is_json 'depart --quiet'
hash=$(hash_of q-1)
[ ${#hash} -eq 64 ] && [ "$hash" != "$(hash_of q-2)" ]
result 'the hash is in the log at once, and says nothing of the text' $?

# before its time it names nobody, anywhere
d_id=$("$AMANAT" log 2>/dev/null | sed -n 's/.*"person":"\([0-9a-f]*\)"},"head.*"item":{"id":"d",.*/\1/p')
"$AMANAT" log 2>/dev/null | tail -n 2 >"$work/out"
grep -q "$hash" "$work/out" && ! grep -q "dismissal\|TEST-unspoken\|$d_id" "$work/out"
result 'the log names nobody' $?
expect 'due: by its day, and whom it is owed by' 0 '2022-03-08 06:00 UTC *a: q-1: the departure that is sealed there is not recorded' "$AMANAT" due
unsaid 'dismissal'
unsaid TEST-unspoken
expect 'status' 0 'state: *sealed' "$AMANAT" depart --quiet-of q-1 --status
said "hash: *$hash"
unsaid TEST-unspoken
expect 'status, as json' 0 '"state":"sealed".*"salt":"","text":"","person":"","kind":"","reason":""' \
    "$AMANAT" depart --quiet-of q-1 --status --json
is_json 'depart --quiet-of --status'
"$AMANAT" export "$work/early" >"$work/out" 2>&1
grep -rq "$hash" "$work/early" && ! grep -rq TEST-unspoken "$work/early" "$AMANAT_VAULT"
result 'nor does an export, nor the disk' $?
at 2022-03-08T05:59:59Z
before=$(statements)
expect 'X-19: a second before its time' 10 'q-1 is sealed until 2022-03-08T06:00:00Z.*X-19' as b depart --quiet-of q-1
unsaid TEST-unspoken
expect 'another than its author does not withdraw it' 10 "withdrawn by 'a'.*X-19" as d depart --quiet-of q-1 --withdraw
unchanged
echo TEST >"$work/secret"
expect 'it has no effect: d works' 0 'version 1' as d put s/x --from "$work/secret"

# from then on anybody records it
at 2022-03-08T06:00:00Z
expect 'status' 0 'state: *to be recorded' "$AMANAT" depart --quiet-of q-1 --status
fits 'depart --quiet-of --status'
salt=$(sed -n 's/^salt: *//p' "$work/out")
expect 'status, as json' 0 '"person":"d","kind":"dismissal","reason":"TEST-unspoken order F.9-1"' \
    "$AMANAT" depart --quiet-of q-1 --status --json
is_json 'depart --quiet-of --status'
at 2022-03-08T06:00:01Z
expect 'due: overdue' 31 'OVERDUE  *a: q-1' "$AMANAT" due
expect 'recorded by another one' 0 "sealed by 'a' as q-1: dismissal of 'd': TEST-unspoken" as b depart --quiet-of q-1
fits 'depart --quiet-of'
said "departure of 'd' is recorded"
expect 'd signs nothing any more' 14 'V22' as d put s/y --from "$work/secret"
expect 'it says since when' 0 'sealed: *2022-03-01 04:00 UTC as q-1' "$AMANAT" depart --status d
expect '... for programs' 0 '"quiet":"q-1","sealed_at":"2022-03-01T04:00:00Z"' "$AMANAT" depart --status d --json
is_json 'depart --status'
# anybody checks it against the log, with coreutils alone (docs/formats.md)
sum=$({ printf 'amanat/1 quiet\0'; echo "$salt" | tr a-f A-F | basenc --base16 -d
	printf '%s dismissal 2022-03-08T06:00:00Z %s' "$d_id" "$reason"; } | sha256sum | cut -d' ' -f1)
[ "$sum" = "$hash" ]; result 'sha256sum gives the hash of the log' $?
"$AMANAT" log 2>/dev/null | grep -q "\"quiet\":\"q-1\",\"reason\":\"$reason\",\"salt\":\"$salt\""
result '... and the log has text and salt by now' $?
expect 'status' 0 'state: *recorded' "$AMANAT" depart --quiet-of q-1 --status
before=$(statements)
expect 'once' 2 'is recorded already.*X-19' as b depart --quiet-of q-1
expect 'it is recorded, however it was sealed' 2 "departure of 'd' is recorded already" as b depart --quiet-of q-2
expect 'what is recorded is not withdrawn' 2 'recorded already.*X-19' as a depart --quiet-of q-1 --withdraw
unchanged

# lost, and withdrawn
"$SPOIL" "$AMANAT_VAULT" delayed "$(hash_of q-2)" flip
expect 'altered: it is said' 0 'missing in this vault, or altered' "$AMANAT" depart --quiet-of q-2 --status
expect 'altered: and not recorded' 40 'record the departure without it.*X-19' as b depart --quiet-of q-2
expect 'withdrawn' 0 'q-2 is withdrawn' as a depart --quiet-of q-2 --withdraw
expect 'once' 2 'withdrawn already.*X-19' as a depart --quiet-of q-2 --withdraw
expect 'nobody owes it' 0 '' "$AMANAT" me --person a
unsaid 'q-2'
expect 'verify' 0 'all rules hold' "$AMANAT" verify
said 'departures sealed until their day: 2, neither recorded nor withdrawn: 0'
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild
expect 'export' 0 '' "$AMANAT" export "$work/bundle"
expect 'verify the bundle' 0 'all rules hold' env -u AMANAT_VAULT "$AMANAT" verify "$work/bundle"

finish
