#!/bin/sh
# What a policy asks of people and of the log from time to time: duties accepted
# again (C-1), still in post, looked through after a move (PS-5, PS-6), a copy of
# the log on another system (AU-9(2)). Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

now() { AMANAT_NOW=$1; export AMANAT_NOW; }
must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
silent() { ! joined | grep -q -- "$1"; result "... and not: $1" $?; }
due() { "$AMANAT" due >"$work/out" 2>"$work/err"; due_status=$?; }
duties='the duties of a custodian: accept them again with your key \[C-1\]'

# Custodians d, l and i; h asks. Without a policy nothing of this is asked.
now 2026-01-05T06:00:00Z
for k in root d l i h m n con aud; do key $k; done
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in d l i h m n s; do must as root person add $p --name "P $p"; done # s: as a safe
must as root person add con --name 'P con' --kind contractor --sponsor h --until 2029-12-31
must as root person add aud --name 'P aud' --kind auditor
for p in d l i h m n con aud; do must as "root,$p" token enrol $p --label $p; done
for p in dir-ops:ops dir-legal:legal dir-it:it jdir-it:it; do
	must as root post add "${p%:*}" --title "Post ${p%:*}" --wing "${p#*:}"
done
order() { # PERSON POST KIND ORDER OPTION...
	o_p=$1 o_post=$2 o_kind=$3 o_no=$4; shift 4
	as "${by:-root}" appoint "$o_p" "$o_post" --kind "$o_kind" --order "$o_no" --authority 'Secretary' "$@"
}
must order d dir-ops substantive F.1 --from 2026-01-01
must order l dir-legal additional F.2 --from 2026-01-01 --to 2026-11-30
must order i jdir-it substantive F.3 --from 2026-01-01
must order l jdir-it additional F.7 --from 2026-01-01 --to 2027-01-10 # ends before it would be confirmed
must as root safe create s --quorum 2 --custodians d,l,i
for step in join deal accept; do
	for p in d l i; do must as $p safe join s; done
	cp "$work/err" "$work/$step"
done
for step in join accept; do
	grep -q '^The duties of a custodian (duties 1)$' "$work/$step"; result "safe join, $step: the duties are shown" $?
	! grep -q '.\{81\}' "$work/$step"; result "80 columns: safe join, $step" $?
done
! grep -q 'The duties' "$work/deal"; result 'safe join, deal: not again' $?
expect 'me --duties needs no key' 0 '^The duties of a custodian (duties 1)$' "$AMANAT" me --duties
fits 'me --duties'
expect 'me --duties --json' 0 '{"text":1,"sha256":"[0-9a-f]\{64\}","duties":"The duties' "$AMANAT" me --duties --json
is_json 'me --duties'
now 2027-06-01T06:00:00Z
due
silent "$duties"
silent 'still in post'
silent 'asks for a copy'

# ---- the policy comes into force
now 2026-01-06T06:00:00Z
must as d policy propose
must agreed d l
now 2026-01-06T07:00:00Z

# ---- a copy of the log on another system (7d at level baseline)
now 2026-01-08T17:59:59Z
expect 'before half of the time nothing is said' 0 '' "$AMANAT" due
silent 'asks for a copy'
now 2026-01-08T18:00:00Z
expect 'from half of the time on' 0 '2026-01-12 06:00 UTC *anyone: the log was never copied: level baseline asks for a copy on another system within 7d of what is written' "$AMANAT" due
said 'amanat backup FILE, or amanat export DIR'
fits due
now 2026-01-12T06:00:00Z
expect 'to the second it is in time' 0 'UTC *anyone: the log was never copied' "$AMANAT" due
now 2026-01-12T06:00:01Z
expect 'after that: overdue' 31 'OVERDUE *anyone: the log was never copied' "$AMANAT" due
expect 'doctor says so too' 0 'no backup or export was ever made here' "$AMANAT" doctor
: >"$work/there"
expect 'a backup that is refused is no copy' 2 'never replaces a file' "$AMANAT" backup "$work/there"
expect 'an export that is refused is none' 2 '' "$AMANAT" export "$work/there"
expect '... so it is owed on' 31 'the log was never copied' "$AMANAT" due
copied
expect 'a backup is a copy' 0 '' "$AMANAT" due
silent 'asks for a copy'
expect 'doctor: when, and how much' 0 "copied at 2026-01-12 06:00 UTC, with $(statements) of its $(statements) statements" "$AMANAT" doctor
now 2026-02-20T06:00:00Z
due
silent 'asks for a copy'
must as h absent --to 2026-02-22 --reason TEST
now 2026-02-27T06:00:00Z
expect 'what was written since waits for the next one' 0 'last copied at 2026-01-12T06:00:01Z: level baseline' "$AMANAT" due
now 2026-02-27T06:00:01Z
expect '... and no longer than that' 31 'OVERDUE *anyone: the log was last copied' "$AMANAT" due
must "$AMANAT" export "$work/bundle"
expect 'an export is a copy' 0 '' "$AMANAT" due
silent 'asks for a copy'
echo TEST >"$AMANAT_VAULT/copied"
expect 'a note that cannot be read says nothing' 31 'the log was never copied' "$AMANAT" due
expect '... and doctor names it' 40 "the file 'copied' of the vault cannot be read" "$AMANAT" doctor
copied

# ---- orders of the year
enter() { # BY,VOTER PERSON POST KIND ORDER OPTION...
	by=${1%,*} voter=${1#*,}; shift
	must order "$@"
	must agreed "$by" "$voter"
}
now 2026-11-15T06:00:00Z
enter l,i d dir-ops substantive F.8 --from 2026-12-01 # the same office
enter d,i l dir-legal additional F.4 --from 2026-12-01 --to 2027-12-31
enter d,i l dir-it additional F.12 --from 2026-12-05 --to 2027-12-31 # besides
enter l,i d jdir-it additional F.5 --from 2026-12-01 --to 2027-01-31
enter l,i d dir-it additional F.6 --from 2027-02-01 --to 2027-12-31
copied

# ---- duties
now 2026-12-13T05:59:59Z
due
silent "$duties"
now 2026-12-13T06:00:00Z
due
said "2027-01-12 06:00 UTC *d, i and l: $duties"
said 'amanat me --accept'
fits due
silent "is 'l' still in post"
silent 'moved to another post'
now 2027-01-12T06:00:00Z
due
silent "OVERDUE *d, i and l: $duties"
now 2027-01-12T06:00:01Z
expect 'C-1: after a year it is overdue' 31 "OVERDUE *d, i and l: $duties" "$AMANAT" due
before=$(statements)
expect 'C-1: not for somebody else' 2 'nobody accepts duties for somebody else' as d --yes me --accept --person l
for p in h con aud; do
	expect "C-1: $p holds no share" 10 "'$p' is custodian of no safe.*C-1" as $p --yes me --accept
	silent 'The duties of a custodian' # that would have been read in vain
done
at_terminal() { # ANSWER [WORDS ANSWER]...: of d, who is asked
	at_answer=$1; shift
	tests/e2e/terminal.py 'Type yes or no' "$at_answer" "$@" -- \
	    "$AMANAT" --token "unix:$work/d.key" me --accept
}
expect 'me --accept: a no at the terminal' 10 'nothing was signed' at_terminal no
silent NOW
unchanged
expect 'me --accept shows what it is' 0 'The duties of a custodian (duties 1)' \
    at_terminal yes 'PIN (not shown)' "$(pin d)"
said 'accepted by d'
fits 'me --accept'
expect 'for programs' 0 '{"accepted":"l","text":1}' as l --yes me --accept --json
is_json 'me --accept'
due
silent "\b[dl][a-z, ]*: $duties"
said "OVERDUE *i: $duties"
"$AMANAT" me --person d >"$work/out" 2>"$work/err"
said 'duties: *accepted 2027-01-12 06:00 UTC'
"$AMANAT" me --person d --json >"$work/out" 2>/dev/null
is_json 'me'
said '"accepted":"2027-01-12T06:00:01Z","reviewed":"","posts"'

# ---- still in post? (12mo)
still="is 'd' still in post? 'dir-ops' (order F.1) is to be confirmed by another official"
due
said "2027-01-12 06:00 UTC OVERDUE *anyone: $still"
said 'amanat review --person d --finding TEXT (not d)'
said "OVERDUE *anyone: is 'i' still in post? 'jdir-it'"
silent "is 'l' still in post"
fits due
before=$(statements)
expect 'a finding' 2 'needs --finding' as h review --person d
expect 'an empty one' 2 '' as h review --person d --finding ''
expect 'of nothing' 2 'name one of them' as h review --finding F
expect 'of both' 2 'name one of them' as h review s --person d --finding F
expect 'of nobody' 2 "no .*'x'" as h review --person x --finding F
expect 'U-6: not of oneself' 10 'nobody reviews themselves.*U-6' as d review --person d --finding F
for p in con aud; do
	expect "U-6: $p is no official" 10 "'$p' is .*U-6" as $p review --person d --finding F
done
unchanged
expect 'another official, who sees first what they hold' 0 'reviewed by h' as h review --person d --finding 'TEST in post'
said 'custodian of: *s (2 of 3)'
said 'key: *d'
said 'dir-ops'
fits 'review --person'
due
silent "is 'd' still in post"
said "OVERDUE *anyone: is 'i' still in post"
expect 'for programs' 0 '^{"reviewed":"i","by":"d"}$' as d review --person i --finding 'TEST in post' --json
is_json 'review --person'
due
silent 'still in post'
said "safe 's': who has access"
must as h review --person s --finding 'TEST not the safe'
due
said "safe 's': who has access"
must as h review s --finding 'TEST the safe'
due
silent "safe 's': who has access"

# ---- who moved (24h)
due
silent 'moved to another post'
now 2027-01-31T19:00:00Z
expect 'a dated charge follows another' 31 "2027-02-01 19:00 UTC *anyone: 'd' moved to another post at 2027-01-31T19:00:00Z" "$AMANAT" due
fits due
silent "'l' moved"
now 2027-02-01T19:00:00Z
due
silent "OVERDUE *anyone: 'd' moved"
now 2027-02-01T19:00:01Z
expect 'after a day: overdue' 31 "OVERDUE *anyone: 'd' moved" "$AMANAT" due
must as l review --person d --finding 'TEST new charge, same safe'
due
silent "'d' moved"
now 2027-02-02T06:00:00Z
enter d,l i dir-it substantive F.9 --from 2027-02-01
due
said "2027-02-03 06:00 UTC *anyone: 'i' moved to another post at 2027-02-02T06:00:00Z"
must as d review --person i --finding 'TEST knows nothing of ours'
due
silent "'i' moved"
must as d depart l --effective 2027-02-02T05:00:00Z --kind transfer --reason 'TEST order F.10' --no-plan
must as d depart h --effective 2027-02-02T05:00:00Z --kind transfer --reason 'TEST order F.11' --no-plan
due
said "2027-02-03 05:00 UTC *anyone: 'l' moved to another post at 2027-02-02T05:00:00Z"
silent "'h' moved"
now 2027-02-03T05:00:01Z
due
said "OVERDUE *anyone: 'l' moved"
silent "\bl[a-z, ]*: $duties"
must as d review --person l --finding 'TEST reshared next'
due
silent "'l' moved"

# ---- who was a custodian, and is none any more: moves alone are looked through
for next in d,i,m d,m,n; do # one at a time (R13.17)
	must as d safe reshare s --custodians $next --dealers d,i --reason 'TEST F.10'
	for step in join deal accept; do
		for p in d i m n; do as $p safe join s >/dev/null 2>&1; done # who owes it
	done
done
expect 'the next committee' 0 'custodian of: *s (2 of 3)' "$AMANAT" me --person n
enter d,m i jdir-it substantive F.13 --from 2027-02-01
due
said "2027-02-04 05:00 UTC *anyone: 'i' moved to another post"
must as d review --person i --finding 'TEST back'
now 2028-02-10T05:00:02Z
due
said "is 'd' still in post"
silent "is 'i' still in post"
silent "\bi[a-z, ]*: $duties"
said "2028-02-10 05:00 UTC OVERDUE *d, m and n: $duties" # by the new share
expect 'but i has nothing to accept' 10 C-1 as i --yes me --accept

# ---- the same from the log alone
"$AMANAT" due >"$work/before" 2>/dev/null
expect 'doctor --rebuild' 0 'tables made anew' "$AMANAT" doctor --rebuild
due
cmp -s "$work/out" "$work/before"; result '... and the same is due' $?
must "$AMANAT" export "$work/last"
expect 'verify' 0 '' env -u AMANAT_VAULT "$AMANAT" verify "$work/last"
expect 'me says when' 0 'reviewed: *2027-02-03 05:00 UTC' "$AMANAT" me --person i
finish
