#!/bin/sh
# An emergency at night (domain.md 3.1, U-6): a larger quorum, a shorter wait, a
# mark for ever, and a review and a rotation afterwards. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

now() { AMANAT_NOW=$1; export AMANAT_NOW; }
must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
silent() { ! joined | grep -q -- "$1"; result "... and not: $1" $?; }

now 2026-03-02T20:00:00Z
people='own1 own2 aud1 aud2 leg x y'
# shellcheck disable=SC2086
for k in root to to2 rev auditor con $people; do key $k; done
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in to rev $people; do must as root person add "$p" --name "P $p"; done
must as root person add auditor --name 'P auditor' --kind auditor
must as root person add con --name 'P con' --kind contractor --sponsor rev --until 2027-12-31
for p in to rev auditor con $people; do must as "root,$p" token enrol "$p" --label "$p"; done
for p in dir-own:ops:own1 jdir-own:ops:own2 head_of_entity:head:rev dir-aud:audit:aud1 jdir-aud:audit:aud2 dir-leg:legal:leg \
    dir-x:hr:x dir-y:it:y; do
	post=${p%%:*} who=${p##*:} wing=${p#*:}
	must as root post add "$post" --title "Post $post" --wing "${wing%:*}"
	must as root appoint "$who" "$post" --kind substantive --order F.1/2026 \
	    --authority 'Secretary MoITT' --from 2026-01-01 --line "$who"
done
must as root policy propose
all=$(echo "$people" | tr ' ' ',')
safe() { # ID LEVEL QUORUM
	must as root safe create "$1" --level "$2" --quorum "$3" --custodians "$all"
	must as root policy bind "$1" --owner ops
}
safe hi enhanced 3 # the first one: until it is active the founder decides alone
must as root safe create low --level baseline --quorum 2 --custodians own1,aud1,x
must as root policy bind low --owner ops
must as root safe create max --level maximum --quorum 4 --custodians "$all"
must as root policy bind max --owner ops
# one key each: office.sh has C-2
for s in hi max; do must as root waive C-2 $s --until 2027-12-31 --reason TEST; done
for step in join deal accept; do
	for s in low max hi; do
		for p in $people; do
			case $s:$p in low:own2 | low:aud2 | low:leg | low:y) continue ;; esac
			must as "$p" safe join $s
		done
	done
done
printf TEST-night >"$work/secret"
printf TEST-day >"$work/secret2"
printf 'TEST print of the page' >"$work/print"
must as rev put hi/mail --from "$work/secret" --class sensitive
must as rev put low/door --from "$work/secret" --class public
must as rev put max/key --from "$work/secret" --class secret

# ---- what an emergency does not change
before=$(statements)
expect 'a reason is needed' 2 'needs --reason' as to ask hi/mail --break-glass
expect 'a contractor has no emergency' 10 'only officials' as con ask hi/mail --reason R --break-glass
expect 'nor an auditor' 10 'only officials' as auditor ask hi/mail --reason R --break-glass
expect 'no path with fewer people' 2 'no option' as to ask hi/mail --reason R --break-glass --quorum 1
expect '--dry-run says what it would take' 0 'approvals: *0 of 4' as to ask hi/mail --reason R --break-glass --dry-run
unchanged

# ---- the larger quorum, and the shorter wait
expect 'asked loudly' 0 'BREAK-GLASS: this request is marked as an emergency for ever' \
    as to ask hi/mail --break-glass --reason 'TEST ransom note on the mail server'
said '^r-1 '
said 'No fewer people approve it'
said 'cool-off runs until 2026-03-02 21:00 UTC'
said 'told of it by .amanat due.: committee (7)'
said 'tell the id to 4 custodians'
fits 'ask --break-glass'
expect 'for programs' 0 '"quorum":4,"cooloff_until":"2026-03-02T21:00:00Z","mode":"break-glass"' "$AMANAT" show r-1 --json
expect 'a normal one beside it: fewer, and four hours' 0 '"quorum":3,"mode":"normal"' \
    as to ask hi/mail --reason 'TEST by day' --json
expect '... to 24:00' 0 '"cooloff_until":"2026-03-03T00:00:00Z"' "$AMANAT" show r-2 --json
expect 'who is asked sees that first' 0 'BREAK-GLASS: *AN EMERGENCY' "$AMANAT" approve r-1 --dry-run
fits 'approve --dry-run'
expect 'it is seen by every custodian' 0 'request r-1: decline now, or approve from 2026-03-02T21:00:00Z on' "$AMANAT" me --person y
expect 'and told to each' 0 "aud1, aud2, leg, own1, own2, x and y: to know: BREAK-GLASS r-1, in which 'to' asks for 'hi/mail'" "$AMANAT" due
silent 'to, \|to and\|to: to know'
silent 'r-2, in which'
before=$(statements)
now 2026-03-02T20:59:59Z
expect 'not at once, either' 12 'R13.5' as own1 approve r-1
expect '... nor opened' 12 'R13.5' as to open r-1
unchanged
now 2026-03-02T21:00:00Z
expect 'after an hour' 0 '1 of 4' as own1 approve r-1
must as x approve r-1
expect 'R4.4: the audit wing may not be left out at night' 10 'R4.4' as y approve r-1
expect 'the third' 0 '3 of 4' as aud1 approve r-1
expect 'as many as by day are not enough' 11 'quorum not met (3 of 4)' as to open r-1
expect 'one person, still' 10 'already counted: same person.*R4.3' as own1 approve r-1
expect 'the fourth' 0 '4 of 4' as leg approve r-1
"$AMANAT" due >"$work/out" 2>"$work/err"
silent 'by break-glass'
expect 'only who asked opens' 15 '' as x open r-1
expect 'open' 0 '^TEST-night' as to open r-1

# ---- one may stop it
must as to ask hi/mail --break-glass --reason 'TEST again at once'
before=$(statements)
expect 'a veto' 0 'this is a veto: the request is closed' as leg decline r-3 --reason 'TEST no emergency'
now 2026-03-02T22:30:00Z
expect 'closes an emergency, too' 10 'C-4' as to open r-3
expect 'approving it' 10 'vetoed' as own1 approve r-3
"$AMANAT" due >"$work/out" 2>"$work/err"
silent 'BREAK-GLASS r-3'
said "to know: BREAK-GLASS r-1, in which 'to' opened 'hi/mail'"

# ---- marked for ever
marked() { # REQUEST: by whom and why, wherever it is shown
	expect "$1: show" 0 'BREAK-GLASS' "$AMANAT" show "$1"
	expect "$1: show --json" 0 '"mode":"break-glass"' "$AMANAT" show "$1" --json
	expect "$1: history" 0 "$1 .*BREAK-GLASS" "$AMANAT" history
	"$AMANAT" history --format jsonl >"$work/out" 2>"$work/err"
	grep -q "^{\"request\":\"$1\".*\"requester\":\"to\",\"reason\":\"TEST.*\"mode\":\"break-glass\"" "$work/out"
	result "$1: history for programs, with who and why" $?
	"$AMANAT" history --format csv >"$work/out" 2>"$work/err"
	grep -q "^${1#r-},.*,to,TEST .*,break-glass" "$work/out"
	result "$1: history as csv" $?
	expect "$1: verify" 0 "finding: request $1: break-glass, asked of the operating committee$2 (V24)" "$AMANAT" verify
}
marked r-1 ', opened'
marked r-3 ''
"$AMANAT" history >"$work/out" 2>"$work/err"
! grep '^r-2 ' "$work/out" | grep -q BREAK; result 'what is asked by day is not marked' $?

# ---- review and rotation
expect 'maximum: a copy within the hour, as at every checkpoint' 31 \
    '2026-03-02 21:00 UTC OVERDUE *anyone: the log was never copied: level maximum asks for a copy on another system within 1h' "$AMANAT" due
copied
expect 'due: review' 0 '2026-03-03 21:00 UTC *anyone: r-1 opened .hi/mail. by break-glass: to be reviewed by one who neither asked nor approved' "$AMANAT" due
said 'amanat review r-1 --finding TEXT'
said "'hi/mail' version 1, which 'to' opened, must be rotated"
fits due
silent 'r-3 opened'
before=$(statements)
expect 'a finding' 2 'needs --finding' as rev review r-1
expect 'an empty one' 2 '' as rev review r-1 --finding ''
expect 'of nothing' 2 'no request\|no such' as rev review r-9 --finding F
expect 'U-6: not who asked' 10 'asked for it; somebody else reviews it.*U-6' as to review r-1 --finding 'TEST all well'
for p in own1 x aud1 leg; do
	expect "U-6: nor $p, who approved" 10 "'$p' approved it; somebody else reviews it.*U-6" as $p review r-1 --finding 'TEST all well'
done
expect 'U-6: what was not opened is not reviewed' 10 'only what was opened by break-glass.*U-6' as rev review r-3 --finding F
expect 'U-6: nor what was asked by day' 10 'U-6' as rev review r-2 --finding F
unchanged
now 2026-03-03T21:00:00Z
"$AMANAT" due >"$work/out" 2>"$work/err"
! grep -q 'OVERDUE.*r-1 opened' "$work/out"; result 'to the second it is in time' $?
now 2026-03-03T21:00:01Z
expect 'after a day: overdue' 31 'OVERDUE  anyone: r-1 opened .hi/mail. by break-glass' "$AMANAT" due
expect 'an auditor reviews' 0 '{"reviewed":"r-1","by":"auditor"}' as auditor review r-1 --finding 'TEST ransom note seen, FIR 9' --json
is_json review
"$AMANAT" due >"$work/out" 2>"$work/err"
silent 'r-1 opened .hi/mail. by break-glass: to be reviewed'
silent 'BREAK-GLASS r-1'
said "'hi/mail' version 1, which 'to' opened, must be rotated next: change it at the vendor, then: amanat put hi/mail --new-version; amanat rotate hi/mail --evidence FILE"
expect 'the finding stays' 0 '' sh -c '"$1" log 2>/dev/null | grep -c "TEST ransom note seen, FIR 9"' sh "$AMANAT"
expect 'a second look is no fault' 0 'reviewed by y' as y review r-1 --finding 'TEST nor do I see more'
now 2026-03-05T21:00:01Z
expect 'the rotation is overdue' 31 "OVERDUE *to: 'hi/mail' version 1, which 'to' opened, must be rotated" "$AMANAT" due
expect 'no rotation without a new version' 10 'X-11' as rev rotate hi/mail --evidence "$work/print"
expect 'a new version says what follows' 0 'two people: amanat rotate hi/mail --evidence FILE' as rev put hi/mail --new-version --from "$work/secret2"
fits 'put --new-version'
"$AMANAT" due >"$work/out" 2>"$work/err"
said "which 'to' opened, must be rotated next: amanat rotate hi/mail --evidence FILE"
must as rev rotate hi/mail --evidence "$work/print"
"$AMANAT" due >"$work/out" 2>"$work/err"
said 'version 1, which .to. opened, must be rotated'
expect 'nor by one person' 0 'second signer is missing' as rev rotate hi/mail --evidence "$work/print"
expect 'a contractor is no second' 10 'X-11' as con rotate hi/mail --evidence "$work/print"
must as own2 rotate hi/mail --evidence "$work/print"
"$AMANAT" due >"$work/out" 2>"$work/err"
silent 'break-glass'
expect 'and it is marked as before' 0 'r-1 .*opened, BREAK-GLASS' "$AMANAT" history

# ---- the lowest level: the same quorum, no wait, and what follows all the same
now 2026-03-06T01:00:00Z
expect 'baseline: as many as by day' 0 '"quorum":2,"mode":"break-glass"' \
    as to ask low/door --break-glass --reason 'TEST fire' --json
before=$(statements)
expect 'baseline: never one' 11 'quorum not met (0 of 2)' as to open r-4
must as own1 approve r-4
expect 'baseline: never one' 11 'quorum not met (1 of 2)' as to open r-4
expect 'baseline: two' 0 '2 of 2' as x approve r-4
expect 'baseline: open' 0 TEST-night as to open r-4
copied
expect 'baseline: reviewed and rotated, though by day it need not be' 0 "'low/door' version 1, opened by break-glass (r-4), must be rotated" "$AMANAT" due
said 'amanat review r-4'
said "opened by break-glass (r-4), must be rotated next: change it at the vendor, then: amanat put low/door --new-version;"
must as aud1 review r-4 --finding 'TEST a custodian who had no part in it'
must as rev put low/door --new-version --from "$work/secret2"
for p in rev leg; do must as $p rotate low/door --evidence "$work/print"; done
"$AMANAT" due >"$work/out" 2>"$work/err"
silent 'break-glass'

# ---- the highest: five, after four hours
now 2026-03-06T02:00:00Z
expect 'maximum: five' 0 '"quorum":5,"mode":"break-glass"' as to ask max/key --break-glass --reason 'TEST flood' --json
expect 'maximum: four hours, not a day' 0 '"cooloff_until":"2026-03-06T06:00:00Z"' "$AMANAT" show r-5 --json
now 2026-03-06T05:59:59Z
expect 'maximum: a second before' 12 R13.5 as own1 approve r-5
now 2026-03-06T06:00:00Z
for p in own1 aud1 leg x; do must as $p approve r-5; done
expect 'maximum: four are enough by day only' 11 'quorum not met (4 of 5)' as to open r-5
must as y approve r-5
expect 'maximum: the fifth' 0 TEST-night as to open r-5
copied
expect 'maximum: rotated within a day' 0 "2026-03-07 06:00 UTC *to: 'max/key' version 1, which 'to' opened, must be rotated" "$AMANAT" due

# ---- what came of it nobody takes back: expiry, a departure, an export
now 2026-03-09T01:00:00Z
must as to ask hi/mail --break-glass --reason 'TEST nobody answers' --for 2h
now 2026-03-09T04:00:00Z
marked r-6 ''
must as rev depart to --effective 2026-03-09T04:00:00Z --kind dismissal --reason 'TEST order 3'
for r in r-1:', opened' r-3: r-5:', opened' r-6:; do marked "${r%%:*}" "${r#*:}"; done
must "$AMANAT" export "$work/bundle"
for r in r-1 r-3 r-4 r-5 r-6; do
	expect "$r: the auditor's copy" 0 "finding: request $r: break-glass" env -u AMANAT_VAULT "$AMANAT" verify "$work/bundle"
done
[ "$(grep -c '"mode":"breakglass"' "$work/bundle/log.jsonl")" -eq 5 ]; result 'each statement says so itself' $?
sed 's/"mode":"breakglass"/"mode":"normal"/' "$work/bundle/log.jsonl" >"$work/log" && cp "$work/log" "$work/bundle/log.jsonl"
(cd "$work/bundle" && rm SHA256SUMS && LC_ALL=C sha256sum -- * >"$work/s" && mv "$work/s" SHA256SUMS)
expect 'who takes the mark off is found' 20 'line [0-9]* (leaf [0-9]*), rule V09' env -u AMANAT_VAULT "$AMANAT" verify "$work/bundle"
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild
expect '... keeps the mark' 0 'r-1 .*BREAK-GLASS' "$AMANAT" history

finish
