#!/bin/sh
# What a policy in force asks of every credential in any case: a new secret at
# the vendor (rotate_routine) and a login that two have tested (login_test), in
# a safe of level baseline (12 and 6 months) and one of maximum (3 and 3).
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

now() { AMANAT_NOW=$1; export AMANAT_NOW; }
must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
silent() { ! joined | grep -q -- "$1"; result "... and not: $1" $?; }
# due TIME: everything that is owed then, overdue or not
due() { "$AMANAT" due --at "$1" >"$work/out" 2>"$work/err"; status=$?; }
# about NAME TIME COUNT: so many steps name it
about() {
	due "$2"
	[ "$(joined | grep -o "'$1' version" | wc -l)" -eq "$3" ]
	result "$2: $3 of $1" $?
}
put() { p_who=$1 p_what=$2; shift 2; must as "$p_who" put "$p_what" --from "$work/secret" "$@"; }

# ---- before a quorum has put a policy in force nothing is asked
now 2026-03-02T04:00:00Z
people='a b c d e f g'
# shellcheck disable=SC2086
for k in root to con $people; do key $k; done
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in to $people; do must as root person add "$p" --name "P $p"; done
must as root person add con --name 'P con' --kind contractor --sponsor to --until 2029-12-31
for p in to con $people; do must as "root,$p" token enrol "$p" --label "$p"; done
must as root safe create low --level baseline --quorum 2 --custodians a,b,c
must as root safe create max --level maximum --quorum 4 --custodians a,b,c,d,e,f,g
for step in join deal accept; do
	for p in a b c; do must as $p safe join low; done
	# shellcheck disable=SC2086
	for p in $people; do must as $p safe join max; done
done
printf TEST-secret >"$work/secret"
printf 'TEST print' >"$work/print"
put to low/mail --type login --class public
put to low/codes --type recovery-codes --class public
put to low/paper --type file --class public
put to low/words --class public
put con low/theirs --type api-key --class public
put to max/mail --type login
about low/mail 2030-01-01 0
expect 'no policy, no dates' 0 '' "$AMANAT" show low/mail
silent 'rotate by'
expect 'nothing to list' 0 '' "$AMANAT" list --due
silent 'low/mail'

# ---- a policy in which these rows are null for one of the levels
sed -e '/^  intermediate:/,$b' -e 's/rotate_routine: 12mo/rotate_routine: null/' \
    -e 's/login_test: 6mo/login_test: null/' policy/levels.yaml >"$work/null.yaml"
for row in rotate_routine login_test; do
	must as a waive A-3 baseline.$row --until 2026-12-31 --reason TEST
	must agreed a b
done
must as a policy propose "$work/null.yaml" --reason TEST
must agreed a b
about low/mail 2026-12-31 0
about max/mail 2026-12-31 2
expect 'null: no dates' 0 '' "$AMANAT" show low/mail
silent 'rotate by'

# ---- the shipped one: 12 and 6 months of 31 days, from the end of the day
sed 's/^version: 1/version: 2/' policy/levels.yaml >"$work/v2.yaml"
must as a policy propose "$work/v2.yaml" --reason TEST
must agreed a b
expect 'show has both dates' 0 'rotate by: 2027-03-09 19:00 UTC test login by: 2026-09-04 19:00 UTC' \
    "$AMANAT" show low/mail
expect '... for programs' 0 '"rotate_by":"2027-03-09T19:00:00Z","test_login_by":"2026-09-04T19:00:00Z"' \
    "$AMANAT" show low/mail --json
is_json 'show'
expect 'codes are changed, and not used up by a test' 0 '"rotate_by":"2027-03-09T19:00:00Z","test_login_by":""' \
    "$AMANAT" show low/codes --json
for f in paper words; do
	expect "$f is kept as it is" 0 '"rotate_by":"","test_login_by":""' "$AMANAT" show low/$f --json
done
expect 'the other level' 0 '"rotate_by":"2026-06-03T19:00:00Z","test_login_by":"2026-06-03T19:00:00Z"' \
    "$AMANAT" show max/mail --json
about max/mail 2026-05-04T18:59:59Z 0
about max/mail 2026-05-04T19:00:00Z 2
due 2026-06-03T19:00:00Z
joined | grep -q "OVERDUE anyone: 'max/mail'"; [ $? -eq 1 ]; result 'level maximum: the last second' $?
due 2026-06-03T19:00:01Z
[ $status -eq 31 ]; result 'level maximum: overdue (31)' $?
said "2026-06-03 19:00 UTC OVERDUE anyone: 'max/mail' version 1 is of 2026-03-02: a new secret at the vendor"
said "OVERDUE anyone: 'max/mail' version 1, not tested by two since it was sealed on 2026-03-02: two officials log in"
fits 'due'
about low/mail 2026-08-05T18:59:59Z 0
about low/mail 2026-08-05T19:00:00Z 1
about low/mail 2027-02-07T18:59:59Z 1
about low/mail 2027-02-07T19:00:00Z 2
about low/codes 2028-01-01 1
about low/paper 2028-01-01 0
about low/words 2028-01-01 0
about low/theirs 2026-04-01 1 # what a contractor put is unverified, and told once
said "'low/theirs' version 1 of contractor 'con' (sponsor 'to') is unverified"
about low/theirs 2026-12-31 1
expect 'list --due: nothing soon' 0 'nothing is to be changed or tested in any case within 30 days' "$AMANAT" list --due
silent 'max/mail'

# ---- two log in: the earlier of the two counts
now 2026-09-05T04:00:00Z
expect 'overdue' 31 "'low/mail' version 1, not tested by two" "$AMANAT" due
expect 'list --due names it' 0 'low/mail .*test by 2026-09-04' "$AMANAT" list low --due
silent 'low/codes'
fits 'list --due'
expect '... for programs' 0 '^\[{"safe":"low","name":"mail".*"test_login_by":"2026-09-04T19:00:00Z","login":""}\]$' \
    "$AMANAT" list low --due --json
is_json 'list --due'
expect 'one tests it' 0 '' as a tested low/mail
due 2026-09-05T05:00:00Z
said "confirm that the account is ours; 'a' has, a second one is missing"
now 2026-09-06T04:00:00Z
expect 'the second one' 0 'is verified by two' as b tested low/mail
about low/mail 2026-09-06T05:00:00Z 0
expect 'to be tested again' 0 'test login by: 2027-03-10 19:00 UTC' "$AMANAT" show low/mail
now 2026-10-06T04:00:00Z
expect 'one alone, again' 0 '' as b tested low/mail
expect '... has moved nothing' 0 'test login by: 2027-03-10 19:00 UTC' "$AMANAT" show low/mail
due 2027-03-01
said "last tested by two on 2026-09-05: .*; .b. has, a second one is missing"
must as c tested low/mail
expect 'with another one it has' 0 'test login by: 2027-04-10 19:00 UTC' "$AMANAT" show low/mail
must as a tested low/theirs
must as b tested low/theirs
expect 'what a contractor put, once verified' 0 'test login by: 2027-04-10 19:00 UTC' "$AMANAT" show low/theirs

# ---- changed at the vendor: not by a new version, but by two who say so
now 2027-03-10T04:00:00Z
expect 'overdue' 31 "'low/mail' version 1 is of 2026-03-02: a new secret at the vendor in any case next: amanat put low/mail --new-version" "$AMANAT" due
printf TEST-new >"$work/secret"
put to low/mail --new-version --class public
expect 'a version that nobody confirms may be the old secret' 31 \
    "'low/mail' version 2: two have not confirmed that it replaces version 1, of 2026-03-02, at the vendor next: amanat rotate low/mail" "$AMANAT" due
expect '... but its login is another one' 0 'rotate by: 2027-03-09 19:00 UTC test login by: 2027-09-12 19:00 UTC' "$AMANAT" show low/mail
now 2027-03-20T04:00:00Z
must as a rotate low/mail --evidence "$work/print"
expect 'one has signed' 31 "'low/mail' version 2: two have not" "$AMANAT" due
must as b rotate low/mail --evidence "$work/print"
expect 'two have: it is as old as its version' 0 'rotate by: 2028-03-16 19:00 UTC' "$AMANAT" show low/mail
"$AMANAT" due >"$work/out" 2>"$work/err"
silent "'low/mail'"

# ---- an account that is no more is kept as a note, and owed nothing
put to low/codes --new-version --type note --class public
about low/codes 2028-01-01 0

# ---- many at once: twenty of a safe, and how many more
awk 'BEGIN { print "name,user,password"; for (i = 0; i < 50; i++) printf "c%d,u,TEST-%d\n", i, i }' >"$work/rows.csv"
must as to import "$work/rows.csv" --safe low --class public
due 2030-01-01
[ "$(grep -c "'low/c[0-9]*' version 1 is of" "$work/out")" -eq 18 ]
result '18 and those two of before' $?
said "OVERDUE anyone: safe 'low': 32 credentials more get a new secret at the vendor next: amanat list low --due"
said "safe 'low': 32 logins more are tested by two officials"
fits 'due, of many'
"$AMANAT" due --at 2030-01-01 --json >"$work/out" 2>/dev/null
is_json 'due'
now 2028-03-20T04:00:00Z
[ "$("$AMANAT" list --due --json 2>/dev/null | grep -o '"name":"c[0-9]*"' | sort -u | wc -l)" -eq 50 ]
result 'list --due: all of them' $?

# ---- the log says the same
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor
"$AMANAT" list --json >"$work/before" 2>/dev/null
"$AMANAT" due --json >>"$work/before" 2>/dev/null
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild
"$AMANAT" list --json >"$work/out" 2>/dev/null
"$AMANAT" due --json >>"$work/out" 2>/dev/null
cmp -s "$work/before" "$work/out"; result 'made anew, due and list are the same' $?
expect 'verify' 0 'all rules hold' "$AMANAT" verify
finish
