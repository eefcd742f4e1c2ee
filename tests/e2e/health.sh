#!/bin/sh
# Drills, how a committee stands, backups and restoring them.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

# says NAME WORDS: what was printed last has them
says() { grep -q -- "$2" "$work/out"; result "$1" $?; }
day() { AMANAT_NOW=$1; export AMANAT_NOW; }
day 2026-01-05T08:00:00Z
for k in root a b c d stranger; do key $k; done
founded 2 a b c d

# ---- drills: refusals first
expect 'a drill of no safe' 2 "no safe 'none'" as a drill none
expect 'a drill that ends never' 2 '--within is a time' as a drill s --within 0d
expect 'V23: a drill longer than 31 days' 2 'within 31 days' as a drill s --within 32d --yes
expect 'V23: no recovery committee' 40 'no recovery committee' as a drill s --recovery --yes
expect 'an unknown key calls nothing' 15 'not enrolled' as stranger drill s --yes
expect 'not without asking' 2 '--yes' as a drill s
expect 'no drill yet' 0 'no drill yet' "$AMANAT" drill --report
expect 'the status says so' 0 'no drill yet' "$AMANAT" safe status s
"$AMANAT" drill --report --json >"$work/out" 2>"$work/err"
is_json 'drill --report without any'

# accepting the share was a proof: half a year is running (baseline)
expect 'all are counted on' 0 '2 of 4, 4 counted on' "$AMANAT" safe status s
expect 'two can be lost' 0 '2 more can be lost; nobody could block alone' "$AMANAT" safe status s
expect 'the next end is a proof' 0 'next end 2026-07-10 08:00 UTC: the proof of' "$AMANAT" safe status s
expect 'nothing to check' 0 '' "$AMANAT" safe status s --check

day 2026-07-01T08:00:00Z
expect 'a drill is called by whoever is admitted' 0 'drill called' as root drill s --within 7d --yes
fits 'drill called'
expect 'who owes nothing is told' 0 'you owe no proof' as root drill s --yes
expect 'a custodian proves' 0 'a: your key still opens your share' as a drill s
expect 'once is enough' 0 'you owe no proof' as a drill s --yes
day 2026-07-01T10:30:00Z
as b drill --json >"$work/out" 2>"$work/err"
is_json 'drill'
says 'and another, without naming the safe' '"step":"proved"'
expect 'report: quorum' 0 'a quorum of 2 was there after 2 h 30 min' "$AMANAT" drill --report
fits 'drill --report'
expect 'report: who has not' 0 'c  *not yet' "$AMANAT" drill --report s
"$AMANAT" drill --report --json >"$work/out"
is_json 'drill --report'
says 'report for programs' '"seconds_to_quorum":9000'
expect 'the status shows it' 0 'last drill 2026-07-01 08:00 UTC, open until 2026-07-08 08:00 UTC: 2 of 4' \
    "$AMANAT" safe status s
fits 'safe status'

# ---- overdue: half a year after accepting c and d are not counted on
day 2026-07-10T08:00:00Z
expect 'overdue, shown by name' 0 'not counted on: [cd] (drill overdue) and [cd] (drill overdue)' "$AMANAT" safe status s
expect 'nobody more can be lost' 0 'NO MORE CAN BE LOST: each alone could block: [ab] and [ab]' "$AMANAT" safe status s
expect 'a fact is reported, with 0' 0 '' "$AMANAT" safe status s
expect '--check: 30' 30 'can lose nobody more' "$AMANAT" safe status s --check
fits 'safe status --check'
"$AMANAT" safe status --json >"$work/out"
is_json 'safe status'
says 'for programs' '"blockers":\["[ab]","[ab]"\]'
expect 'over, and c has not' 0 'c  *no$' "$AMANAT" drill --report
printf 'TEST secret' | as a put s/x >/dev/null 2>&1
as root ask s/x --reason R >/dev/null 2>&1
expect 'invariant 3: who is overdue may still approve' 0 '' as c approve r-1
expect '... and it counts' 0 '' as d approve r-1
expect '... so that it opens' 0 'TEST secret' as root open r-1
expect 'a later drill: c is back' 0 'drill called' as c drill --yes
as c drill s >"$work/out" 2>&1
expect 'c is counted on again' 0 '3 counted on' "$AMANAT" safe status s
day 2027-06-01T08:00:00Z
expect 'nobody proved: no quorum' 0 'NO QUORUM: 2 of the 2' "$AMANAT" safe status s
expect '--check: 30 as well' 30 'has no quorum' "$AMANAT" safe status --check
expect 'proofs hold in the verdict' 0 'all rules hold' "$AMANAT" verify
expect 'the tables are as the log says' 0 '' "$AMANAT" doctor

finish
