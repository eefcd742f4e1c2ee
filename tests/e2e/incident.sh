#!/bin/sh
# What was whose, since when, and what to do when something is wrong: the
# history of a time. domain.md, scenarios 1, 8 and 10, and K-3, O-3 to O-6, U-4.
# Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

# Each call at its own instant: at TIME COMMAND...
at() { AMANAT_NOW=$1; export AMANAT_NOW; shift; "$@"; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
unsaid() { ! joined | grep -q -- "$1"; result "... and not $1" $?; }
AMANAT_NOW=2021-04-15T04:00:00Z
export AMANAT_NOW

people='dgc dca dio dau dlp jda jdc'
# shellcheck disable=SC2086
for k in root $people to con; do key $k; done
{
	as root init --name NITB --rp-id v.example --evaluation --founder root &&
	for p in to $people; do
		as root person add "$p" --name "P $p" &&
		    as "root,$p" token enrol "$p" --label "$p" || exit 1
	done &&
	as root person add con --name 'P con' --kind contractor --sponsor dio --until 2021-08-31 &&
	as root,con token enrol con --label con &&
	as root safe create cabinet --level maximum --quorum 4 \
	    --custodians "$(echo "$people" | tr ' ' ,)" &&
	for step in join deal accept; do
		for p in $people; do as "$p" safe join cabinet || exit 1; done
	done
} >"$work/founded" 2>&1 || { cat "$work/founded"; echo 'Bail out! no vault'; exit 1; }
four='dgc dca dio dau'
approve() { r=$1; shift; for p; do expect "$p approves $r" 0 "approved by $p" as "$p" approve "$r"; done; }
# shellcheck disable=SC2086
opened() { expect "ask" 0 "$1" as to ask "$2" --reason "TEST $1" && approve "$1" $four && expect 'open' 0 TEST as to open "$1"; }

# ---- S1.2, S1.3: the contractor sets the tenant up and deposits
before=$(statements)
expect 'S1.3: the contractor may not read' 2 "no credential" as con ask cabinet/mdm --reason TEST
unchanged
put() { printf 'TEST-secret' | as con put "cabinet/$1" --from /dev/stdin --type "$2" --class secret; }
expect 'S1.3: password' 0 'is sealed' put mdm login
expect 'S1.3: MFA seed' 0 'is sealed' put mdm-seed totp
expect 'S1.3: recovery codes' 0 'is sealed' put mdm-codes recovery-codes
expect 'S1.3: exposure --person con' 0 '3 open' "$AMANAT" exposure --person con
expect 'K-3: no right to read what was deposited' 10 'only officials ask' as con ask cabinet/mdm --reason TEST

# ---- history of a time (U-4, S1.8)
AMANAT_NOW=2021-06-01T18:00:00Z
opened r-1 cabinet/mdm
AMANAT_NOW=2021-06-01T19:00:00Z
opened r-2 cabinet/mdm-seed
for w in 2021-02-30 yesterday 2021-06-01T9:00Z; do
	expect "a beginning that is none: $w" 2 "not '$w'" "$AMANAT" history --from $w
	expect "an end that is none: $w" 2 "not '$w'" "$AMANAT" history --to $w
done
expect 'an end before the beginning' 2 'from comes before --to' "$AMANAT" history --from 2021-06-02 --to 2021-06-01
expect 'history' 0 'r-1' "$AMANAT" history
said r-2
expect 'a day ends at 24:00 PKT' 0 'r-1' "$AMANAT" history --to 2021-06-01
unsaid r-2
expect 'a day begins at 00:00 PKT' 0 'r-2' "$AMANAT" history --from 2021-06-02
unsaid r-1
expect 'a time is taken as it is' 0 'r-2' "$AMANAT" history --from 2021-06-01T18:00:01Z --to 2021-06-01T19:00:01Z
unsaid r-1
expect 'half-open: not at its end' 0 '' "$AMANAT" history --from 2021-06-01T18:00:01Z --to 2021-06-01T19:00:00Z
unsaid 'r-[12]'
fits 'history of a time'
for f in table csv jsonl; do
	"$AMANAT" history --format $f --from 2021-06-01 --to 2021-06-01 >"$work/out" 2>"$work/err"
	[ "$(grep -c 'r-1\|^1,' "$work/out")" = 1 ] && ! grep -q 'r-2\|^2,' "$work/out"
	result "the same accesses as $f" $?
done
expect 'S1.8: since the beginning, with four people' 0 '"approvers":\["dgc","dca","dio","dau"\]' \
    "$AMANAT" history cabinet/mdm --from 2021-04-15 --format jsonl

# ---- the auditor sees the same
AMANAT_NOW=2021-12-01T04:00:00Z
expect 'verify' 0 '' "$AMANAT" verify
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild

finish
