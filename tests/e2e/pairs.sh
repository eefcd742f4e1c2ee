#!/bin/sh
# analyze --pairs (domain.md 2.2, AC-3(2)): two who never approve without each
# other are told of, at five approvals and not before.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
silent() { ! joined | grep -q -- "$1"; result "... and not: $1" $?; }

people='a b c'
for k in root to $people; do key "$k"; done
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in to $people; do
	must as root person add "$p" --name "P $p"
	must as "root,$p" token enrol "$p" --label "$p"
done
for s in one two; do
	must as root safe create $s --level baseline --quorum 2 --custodians a,b,c
	[ $s = one ] && for step in join deal accept; do
		for p in $people; do must as "$p" safe join one; done
	done
done
printf TEST-secret >"$work/secret"
must as to put one/mail --from "$work/secret"
number=0
request() { # WHO...: asked for, and approved by these
	number=$((number + 1))
	must as to ask one/mail --reason TEST
	for p in "$@"; do must as "$p" approve r-$number; done
}

expect 'of no such safe' 2 "no safe 'three'" "$AMANAT" analyze three --pairs
expect 'not with subscriptions' 2 'goes without --openers and --pairs' "$AMANAT" analyze --subscriptions --pairs
expect 'nor drawn' 2 'goes without --openers, --pairs' "$AMANAT" analyze --pairs --html "$work/page.html"
[ ! -e "$work/page.html" ]; result '... and nothing is' $?
expect 'nothing was approved' 0 'no two people who never approve without each other' "$AMANAT" analyze one --pairs
said 'requests that were approved: 0'
for i in 1 2 3 4; do request a b; done
request
expect 'four are no habit' 0 'a + b approved 4 together; a 4 in all, b 4' "$AMANAT" analyze --pairs
silent FINDING
request a b
expect 'the fifth makes it one' 30 'FINDING *a + b approved 5 together; a 5 in all, b 5: never one without the other' "$AMANAT" analyze one --pairs
said 'what to do *ask others of the committee, too'
said 'requests that were approved: 5'
fits 'analyze --pairs'
expect 'for programs' 30 '^\[{"safe":"one","people":\["a","b"\],"together":5,"each":\[5,5\],"always":true}\]$' "$AMANAT" analyze one --pairs --json
is_json 'analyze --pairs'
request c b
expect 'one of them has approved with another' 0 'a + b approved 5 together; a 5 in all, b 6' "$AMANAT" analyze one --pairs
said 'b + c approved 1 together; b 6 in all, c 1'
silent FINDING

finish
