#!/bin/sh
# Who is admitted after the founding, further keys, lost and stolen keys: by
# votes. domain.md, scenarios 7, 8 (the key's part) and 9. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

for k in root a b c d stranger; do key $k; done
founded 2 a b c
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
# said WORDS: once more in what was said last
said() { joined | grep -q -- "$1"; result "... $1" $?; }
touches() { [ "$(grep -c 'NOW touch' "$work/err")" -eq "$1" ]; result "... with $1 touches" $?; }

# ---- admission after the founding
before=$(statements)
expect 'no motion is open' 0 'nothing waits for votes' "$AMANAT" motions
expect 'a motion that is not there' 2 'no such motion' "$AMANAT" show m-99
expect 'R13.20: an admission by the founder took effect at once' 0 'now in effect' "$AMANAT" show m-1
expect 'V21: and is not voted on again' 10 'in effect already.*V21' as a approve m-1
expect 'a key for who is not in the register' 2 "no person 'd'" as root,d token enrol d --label d
unchanged
expect 'person add goes on working' 0 "'d' is in the register" as b person add d --name 'P d'
expect 'and gives no rights' 0 'not admitted' "$AMANAT" person show d
expect 'the new key alone enrols nobody' 15 'not enrolled in this vault' as d token enrol d --label d
expect 'a key that is enrolled is no new one' 14 'both plugged in' as b,c token enrol d --label d
before=$(statements)
expect 'R13.3: enrolled, and not admitted' 0 '^m-4$' as b,d token enrol d --label d --reason 'TEST order 7'
fits 'an enrolment that waits'
touches 8
said "custodians of 's' decide, 2 of 3"
said 'amanat approve m-4, or amanat decline m-4 --reason TEXT'
expect 'it is offered' 0 'd  *d  *offered' "$AMANAT" token list
put() { printf TEST-secret | as "$1" put s/x-"$1" --from /dev/stdin; }
expect 'V09: and signs nothing' 14 'offered but not admitted' put d
expect 'a motion in plain words' 0 "admit key 'd' of 'd' (P d), their first" "$AMANAT" show m-4
said 'TEST order 7'
said "moved by:  *'b'"
said '0 of 2'
fits 'a motion'
expect 'the same by approve --dry-run' 0 'admit key' "$AMANAT" approve m-4 --dry-run
expect 'motions' 0 'm-4  *waiting  *0 of 2  *admit' "$AMANAT" motions
fits 'motions'
expect 'motions --json' 0 '^\[{"motion":"m-4","act":"admit","person":"d","key":"d"' "$AMANAT" motions --json
is_json motions
expect 'show m-4 --json' 0 '"state":"waiting","effect_from":"[^"]*","safe":"s","quorum":2,"yes":\[\]' "$AMANAT" show m-4 --json
is_json 'show m-4'
before=$(statements)
expect 'V21: who is no custodian does not vote' 10 'not a custodian of the safe that decides.*V21' as root approve m-4
expect 'who is not admitted does not either' 14 '' as d approve m-4
expect 'a no has a reason' 2 'needs --reason' as a decline m-4
unchanged
expect 'the first yes' 0 'a has voted: 1 of 2' as a approve m-4
touches 1
said '1 more must vote yes'
expect 'V21: one person counts once' 10 'already counted: same person.*V21' as a approve m-4
expect 'nor is a vote taken back' 10 'already counted: same person.*V21' as a decline m-4 --reason R
expect 'V21: the founder has no say any more' 10 'V21' as root approve m-4
expect 'the yes that completes the quorum puts it into effect' 0 'm-4 is in effect' as c approve m-4
touches 2
fits 'the last vote'
expect 'R13.3: the key is active' 0 'd  *d  *active' "$AMANAT" token list
expect 'and seals' 0 '' put d
expect 'and asks' 0 '^r-1$' as d ask s/x-d --reason R
expect 'approve' 0 '1 of 2' as a approve r-1
expect 'approve' 0 '2 of 2' as b approve r-1
expect 'and opens' 0 '^TEST-secret' as d open r-1
expect 'verify' 0 'all rules hold' "$AMANAT" verify

# no, and no again
key e
as a person add e --name 'P e' >/dev/null 2>&1
expect 'enrol another' 0 '^m-5$' as a,e token enrol e --label e
expect 'a no' 0 'the reason is in the log' as b decline m-5 --reason 'TEST no order'
expect 'the reason is shown' 0 'no:  *b (TEST no order)' "$AMANAT" show m-5
expect 'the second no' 0 'm-5 is declined' as c decline m-5 --reason 'TEST nor here'
expect 'V21: it is over' 10 'is declined.*V21' as a approve m-5
expect 'it is not among the open ones' 0 'nothing waits' "$AMANAT" motions
expect 'and among all of them' 0 'm-5  *declined' "$AMANAT" motions --all
expect 'the label is taken' 2 "labelled 'e' exists" as a,e token enrol e --label e
expect 'R13.3: the same key is offered again' 0 '"motion":"m-6","state":"waiting"' as a,e token enrol e --label e-2 --json
is_json 'token enrol'

# the end of a motion
now=$(date -u -d '+8 days' +%Y-%m-%dT%H:%M:%SZ)
later() { AMANAT_NOW=$now as "$@"; }
expect 'a vote' 0 '1 of 2' as a approve m-6
expect 'V21: it has ended' 11 'ended before it took effect.*V21' later b approve m-6
expect 'it has lapsed' 0 'm-6  *lapsed' env AMANAT_NOW="$now" "$AMANAT" motions --all
expect 'and is open no more' 0 'nothing waits' env AMANAT_NOW="$now" "$AMANAT" motions
expect 'R13.3: and nobody was admitted' 0 'e-2  *e  *offered' "$AMANAT" token list
expect 'in time' 0 'in effect' as b approve m-6

# ---- a further key
key b2
before=$(statements)
expect 'a further key needs one of the same person' 15 "labelled 'b'" as a,b2 token enrol b --label b2
unchanged
expect 'R6.6: a second key, with a slot in each bag' 0 '^m-7$' as b,b2 token enrol b --label b2
touches 10
expect 'it is moved alone' 0 "key 'b2' of 'b' (P b), beside those" "$AMANAT" show m-7
expect 'ask' 0 '^r-2$' as d ask s/x-d --reason R
expect 'V09: not before it is admitted' 14 'not admitted' as b2 approve r-2
expect 'R5.14 does not bar the mover' 0 '1 of 2' as b approve m-7
expect 'admitted' 0 'in effect' as a approve m-7
expect 'the second key approves' 0 'approved by b: 1 of 2' as b2 approve r-2
expect 'R4.3: two keys of one person count once' 10 'already counted: same person.*R4.3' as b approve r-2
expect 'V21: nor do they vote twice' 10 'in effect\|same person' as b approve m-7
expect 'open' 11 'quorum not met (1 of 2)' as d open r-2
expect 'both of a person at once' 14 'take one out' as b,b2 ask s/x-d --reason R
expect 'the second key asks' 0 '^r-3$' as b2 ask s/x-d --reason R
as a approve r-3 >/dev/null 2>&1; as c approve r-3 >/dev/null 2>&1
expect 'R6.6: and the first opens what the second asked for' 0 '^TEST-secret' as b open r-3
key b3
expect 'a third key, with the second in hand' 0 '^m-8$' as b2,b3 token enrol b --label b3
as a approve m-8 >/dev/null 2>&1; as c approve m-8 >/dev/null 2>&1
expect 'the third key approves, too' 0 '^r-4$' as d ask s/x-d --reason R
expect 'the third key approves, too' 0 'approved by b: 1 of 2' as b3 approve r-4
expect 'token slot: two keys are needed' 14 'two keys of yours' as b token slot
expect 'token slot: of one person' 14 'of two people' as a,b token slot
expect 'token slot: nothing to do' 0 'opens all your key bags already' as b,b2 token slot
expect 'token slot --json' 0 '^{"added":0}$' as b3,b token slot --json
# A bag as after a change of committee: with the slot of one key only.
member_bag() { grep -l -a AMBG "$AMANAT_VAULT"/bags/* | xargs ls -S | head -n 1; }
python3 - "$(member_bag)" <<'P'
import sys
b = open(sys.argv[1], 'rb').read()
assert b[56] == 3
at = 57
ends = []
for _ in range(3):
    at += 2 + int.from_bytes(b[at:at + 2], 'big') + 72
    ends.append(at)
open(sys.argv[1], 'wb').write(b[:56] + b'\1' + b[57:ends[0]] + b[ends[2]:])
P
expect 'ask' 0 '^r-5$' as d ask s/x-d --reason R
expect 'R6.6: without its slot the second key has no share' 15 'does not open with this key' as b2 approve r-5
expect 'token slot gives it' 0 '1 key bag now opens with either' as b2,b token slot
touches 2
expect 'and it approves' 0 'approved by b' as b2 approve r-5

# ---- scenario 7: lost, and found after three days
expect 'ask' 0 '^r-6$' as d ask s/x-d --reason R
expect 'the key that will be lost has approved' 0 'approved by b: 1 of 2' as b approve r-6
before=$(statements)
expect 'lost: a label that is not there' 2 "no key labelled 'bleu'" as c lost bleu
expect 'lost: by a key that is not enrolled' 15 'not enrolled' as stranger lost b
unchanged
expect 'lost, by another custodian, at once' 0 "key 'b' is suspended from now on" as c lost b
fits lost
touches 1
said "'b' runs 'amanat token lift b' with another key"
expect 'V22: once' 2 'suspended already.*V22' as a lost b
expect 'token list says so' 0 'b  *b  *suspended' "$AMANAT" token list
expect 'person show says so' 0 'key:  *b, suspended' "$AMANAT" person show b
expect 'V22: the key approves nothing' 14 "the key 'b' is suspended.*V22" as b approve r-5
expect 'V22: nor seals' 14 'V22' put b
expect 'V22: nor asks' 14 'V22' as b ask s/x-d --reason R
expect 'V22: nor enrols' 14 'V22' as b,stranger token enrol b --label b9
expect 'V22: nor adds people' 14 'V22' as b person add f --name F
expect 'V22: nor has itself lifted' 14 'V22' as b token lift b --reason R
expect 'V22: nor suspends' 14 'V22' as b lost c
expect 'R13.8: what it approved does not count' 0 '0 of 2' "$AMANAT" show r-6
said 'b: does not count'
fits 'a request with an approval that does not count'
expect 'show --json' 0 '"approved":\[\].*"suspended":\["b"\]' "$AMANAT" show r-6 --json
is_json 'show r-6'
expect 'one more' 0 '1 of 2' as a approve r-6
expect 'R13.8: open' 11 'quorum not met (1 of 2)' as d open r-6
expect 'history says so' 0 'r-6 .*waiting, suspended: b ' "$AMANAT" history
fits history
expect 'history for programs' 0 '"approvers":\["a"\],"suspended":\["b"\]' "$AMANAT" history --format jsonl
expect 'scenario 7: the second key is counted once' 0 'approved by b: 2 of 2' as b2 approve r-6
expect 'R4.3: once' 10 'same person' as b3 approve r-6
expect 'and it opens' 0 '^TEST-secret' as d open r-6
expect 'R5.14: others do not move that a key works again' 10 "for 'b' to move, with another key.*R5.14" as a token lift b --reason R
expect 'R5.14: what is not suspended is not lifted' 10 'not suspended' as b2 token lift b3 --reason R
expect 'a reason is needed' 2 'needs --reason' as b2 token lift b
expect 'key or person, not both' 2 'not both' as b2 token lift b --person b --reason R
now=$(date -u -d '+25 hours' +%Y-%m-%dT%H:%M:%SZ)
expect 'a safe after the founding is for a quorum' 0 '^m-9$' as a safe create hi --level enhanced --quorum 2 --custodians a,b,c
touches 3
expect 'V21: nobody joins before it has decided' 10 'is proposed.*V21' as a safe join hi
touches 0
! joined | grep -q 'The duties'; result '... nor reads the duties in vain' $?
expect 'the motion in plain words' 0 "make the safe 'hi'" "$AMANAT" show m-9
expect 'a yes' 0 '1 of 2' as a approve m-9
expect 'the quorum' 0 'in effect' as c approve m-9
for p in a b2 c a b2 c a b2 c; do as $p safe join hi >"$work/out" 2>&1 || cat "$work/out"; done
expect 'scenario 7: out of sight for more than a day' 10 \
    "'b' was out of sight for more than 24 hours.*'hi': retire it" later b2 token lift b --reason R
expect 'the owner moves it, with another key' 0 '^m-10$' as b2 token lift b --reason 'TEST found'
expect 'R5.14: and does not vote on it' 10 'nobody votes on their own suspension.*R5.14' as b2 approve m-10
expect 'one yes' 0 '1 of 2' as a approve m-10
expect 'V22: it is still suspended' 14 'V22' as b ask s/x-d --reason R
expect 'the quorum' 0 'm-10 is in effect' as c approve m-10
expect 'it works again' 0 '^r-7$' as b ask s/x-d --reason R
expect 'scenario 7: no quorum lost, nothing destroyed' 0 'all rules hold' "$AMANAT" verify

# ---- a person
expect 'a reason' 2 'needs --reason' as a token suspend --person c
expect 'one person suspends another' 0 "'c' is suspended from now on" as a token suspend --person c --reason TEST
expect 'person list says so' 0 'c  *official  *1  *suspended' "$AMANAT" person list
expect 'person show --json' 0 '"state":"suspended","posts":\[\],"keys":\["c"\],"key_states":\["active"\]' "$AMANAT" person show c --json
is_json 'person show'
expect 'V22: who signs nothing' 14 "'c' is suspended; a quorum can lift that.*V22" as c ask s/x-d --reason R
expect 'R5.14: nor lifts it alone' 14 'V22' as c token lift --person c --reason R
expect 'R5.14: nor suspends' 14 'V22' as c token suspend --person a --reason R
expect 'somebody else moves it' 0 '^m-11$' as root token lift --person c --reason 'TEST a mistake'
expect 'R5.14: nobody votes on their own suspension' 10 'R5.14' as c approve m-11
# ... and a second one, who keeps the vote on the first
expect 'another one' 0 'is suspended' as root token suspend --person b --reason TEST
expect 'R5.14: who is suspended votes on lifting others' 0 'b has voted: 1 of 2' as b approve m-11
expect 'R13.8: and on nothing else' 14 'V22' as b,stranger token enrol b --label b10
expect 'the second yes lifts it' 0 'in effect' as a approve m-11
expect 'it can ask again' 0 '^r-8$' as c ask s/x-d --reason R
expect 'the other one is moved by who was lifted' 0 '"motion":"m-12","state":"waiting"' as c token lift --person b --reason TEST --json
is_json 'token lift'
expect 'a yes' 0 '1 of 2' as c approve m-12
expect 'a yes' 0 'in effect' as a approve m-12

# ---- R5.14: a quorum confirms; then the vote is gone, too
expect 'suspend' 0 '' as a token suspend --person c --reason TEST
expect 'confirm what is not suspended' 10 'not suspended' as a token suspend --person b --reason TEST --confirm
expect 'confirm' 0 '^m-13$' as a token suspend --person c --reason TEST --confirm
expect 'a yes' 0 '1 of 2' as a approve m-13
expect 'R5.14: in effect' 0 'in effect' as b approve m-13
expect 'person list says so' 0 'suspended (confirmed)' "$AMANAT" person list
expect 'confirmed once' 2 'confirmed already' as a token suspend --person c --reason TEST --confirm
as root token suspend --person b --reason TEST >/dev/null 2>&1
expect 'lift the other' 0 '^m-14$' as a token lift --person b --reason TEST
expect 'V22: no vote any more' 14 'V22' as c approve m-14
expect 'and the quorum is not left: two have to lift it' 0 '1 of 2' as a approve m-14
expect 'lift the first' 0 '^m-15$' as root token lift --person c --reason TEST
expect 'R5.14: the one who is suspended helps' 0 '1 of 2' as b approve m-15
expect 'in effect' 0 'in effect' as a approve m-15
expect 'in effect' 0 'm-14 is in effect' as c approve m-14

# ---- scenario 8: stolen, the PIN seen
expect 'ask' 0 '^r-9$' as d ask s/x-d --reason R
expect 'suspend a key by its label' 0 "key 'b2' is suspended" as a token suspend b2 --reason 'TEST stolen'
before=$(statements)
expect 'scenario 8: the thief tries to approve' 14 'V22' as b2 approve r-9
expect 'scenario 8: to ask' 14 'V22' as b2 ask s/x-d --reason R
expect 'scenario 8: to have it lifted' 14 'V22' as b2 token lift b2 --reason R
expect 'scenario 8: to bring in another key' 14 'V22' as b2,stranger token enrol b --label thief
expect 'scenario 8: to slip it into the bags' 14 'V22' as b2,b3 token slot
[ "$("$AMANAT" log 2>/dev/null | tail -n 5 | grep -c fault)" -eq 5 ] &&
    [ "$(statements)" -eq $((before + 5)) ]
result '... each is posted as a fault, and nothing else' $?
expect 'what was opened before stays as it was' 0 '2 of 2: a, b' "$AMANAT" show r-6
expect 'R5.14: another person does not retire it' 10 'R5.14' as a token retire b2 --reason TEST
expect 'a retired key: a reason' 2 'needs --reason' as b token retire b2
expect 'its owner does, with another key' 0 'is retired for good' as b token retire b2 --reason 'TEST stolen' --receipt 'FIR 12'
fits retire
expect 'token list says so' 0 'b2  *b  *retired' "$AMANAT" token list
expect 'V22: it is not lifted' 10 'for good.*V22' as b token lift b2 --reason R
expect 'V22: nor suspended' 10 'for good.*V22' as b lost b2
expect 'V22: nor retired again' 2 'retired already' as b token retire b2 --reason R
expect 'V22: it signs nothing' 14 "'b2' is retired" as b2 approve r-9
expect 'R5.14: nor does a key retire itself' 10 'R5.14' as a token retire a --reason R

# ---- scenario 9: the PIN is forgotten
echo 'TEST-wrong' >"$work/wrong"
guess() { "$AMANAT" --token "unix:$work/b3.key" --pin-fd 3 approve r-9 3<"$work/wrong"; }
expect 'scenario 9: a wrong PIN' 15 '7 tries' guess
expect 'scenario 9: the other key approves' 0 'approved by b: 1 of 2' as b approve r-9
expect 'scenario 9: the forgotten one is retired' 0 'for good' as b token retire b3 --reason 'TEST PIN forgotten'
key short --pin 12345
{ pin b; echo 12345; } >"$work/two"
before=$(statements)
expect 'scenario 9: a PIN of five digits' 14 'fewer than 6 characters' \
    "$AMANAT" --token "unix:$work/b.key" --token "unix:$work/short.key" --pin-fd 3 \
    token enrol b --label short 3<"$work/two"
unchanged
# A reset wipes the key; then it is a new one.
end_key "$(cat "$work/b3.pid")"
rm -rf "$work/b3.token"
key b3
expect 'scenario 9: reset and enrolled again' 0 '^m-16$' as b,b3 token enrol b --label b3-again
as a approve m-16 >/dev/null 2>&1
expect 'admitted' 0 'in effect' as c approve m-16
expect 'R4.3: one person' 10 'same person' as b3 approve r-9
expect 'the other one' 0 '2 of 2' as a approve r-9
expect 'scenario 9: no block' 0 '^TEST-secret' as d open r-9

# ---- the only key is lost, or its PIN blocked: nobody's share, and a new key
expect 'lost' 0 'suspended from now on' as a lost c
end_key "$(cat "$work/c.pid")"
rm -rf "$work/c.token"
key c
expect 'no other key of the person is there' 15 "insert the key labelled 'c'" as a,c token enrol c --label c-again
as root person add f --name F >/dev/null 2>&1
expect 'anew: for who has had a key' 2 'is for a person who has had a key' as a,c token enrol f --label f --anew
expect 'R13.3: anew, on the motion of anyone' 0 '^m-17$' as root,c token enrol c --label c-again --anew
touches 6
expect 'V09: not before it is admitted' 14 'not admitted' as c token slot --alone
expect 'ask' 0 '^r-10$' as d ask s/x-d --reason R
as a approve m-17 >/dev/null 2>&1
expect 'admitted' 0 'in effect' as b approve m-17
expect 'R6.6: it opens nothing yet' 15 'does not open with this key' as c approve r-10
expect '7.3: one that is open already stays' 10 'opens your identity already' as a token slot --alone
expect '7.3: a new identity' 0 'has a new identity' as c token slot --alone
touches 2
fits 'token slot --alone'
expect '7.3: once' 10 'opens your identity already' as c token slot --alone
expect 'with it c asks' 0 '^r-11$' as c ask s/x-d --reason R
as a approve r-11 >/dev/null 2>&1
as b approve r-11 >/dev/null 2>&1
expect 'and opens' 0 '^TEST-secret' as c open r-11
expect 'the lost one is lifted by nobody else' 10 'R5.14' as a token lift c --reason R
expect 'and retired by its owner' 0 'for good' as c token retire c --reason 'TEST lost'

# ---- two vote at once, each as the first: nobody completed the quorum, so
# anyone puts it into effect afterwards
as a token suspend --person c --reason TEST >/dev/null 2>&1
as a token lift --person c --reason TEST >/dev/null 2>&1
end_key "$(cat "$work/b.pid")"
key b --touch "file:$work/touch"
pin b >"$work/pin-of-b"
"$AMANAT" --token "unix:$work/b.key" --pin-fd 3 approve m-18 \
    >"$work/b.vote" 2>&1 3<"$work/pin-of-b" </dev/null &
voting=$!
pids="$pids $voting"
tries=0
until grep -q 'NOW touch' "$work/b.vote" || [ $tries -gt 200 ]; do
	sleep 0.05; tries=$((tries + 1))
done
expect 'one of two votes' 0 '1 of 2' as a approve m-18
: >"$work/touch"
wait $voting
grep -q 'anyone puts it into effect: amanat approve m-18' "$work/b.vote"
result 'the other one is told' $?
end_key "$(cat "$work/b.pid")"
key b
expect 'it is decided' 0 'm-18  *decided  *2 of 2' "$AMANAT" motions
expect 'V21: anyone admitted puts it into effect' 0 'm-18 is in effect' as root approve m-18
touches 1

# ---- what a suspended person has moved is seen as such; and one no is enough
# where two are left who may vote
as a token suspend --person d --reason TEST >/dev/null 2>&1
expect 'c moves' 0 '^m-19$' as c token lift --person d --reason TEST
expect 'nothing is said of the mover' 0 "moved by:  *'c' (P c)\$" "$AMANAT" show m-19
as a token suspend --person c --reason TEST >/dev/null 2>&1
expect 'the mover is suspended now' 0 "'c' (P c), who is suspended now, or whose key is" "$AMANAT" show m-19
as a approve m-19 >/dev/null 2>&1
expect 'it can be decided all the same' 0 'in effect' as b approve m-19
expect 'lift the mover' 0 '^m-20$' as root token lift --person c --reason TEST
expect 'R5.14: one no of the two who may vote' 0 'm-20 is declined' as a decline m-20 --reason TEST

# ---- every verb of who is suspended
expect 'ask' 0 '^r-12$' as e ask s/x-d --reason R
as a approve r-12 >/dev/null 2>&1
as b approve r-12 >/dev/null 2>&1
expect 'suspend who may open' 0 '' as a token suspend --person e --reason TEST
acts() { "$AMANAT" log 2>/dev/null | grep -vc fault; }
before=$(acts)
printf 'name,secret\nq,TEST\n' >"$work/f.csv"
expect 'V22: open' 14 'V22' as e open r-12
expect 'V22: open to a file' 14 'V22' as e open r-12 -o "$work/opened"
[ ! -e "$work/opened" ]
result '... and no file is there' $?
expect 'V22: import' 14 'V22' as e import "$work/f.csv" --safe s
expect 'V22: put' 14 'V22' put e
expect 'V22: approve' 14 'V22' as e approve r-10
expect 'V22: decline' 14 'V22' as e decline r-10 --reason R
expect 'V22: safe create' 14 'V22' as e safe create z --quorum 2 --custodians a,b,d
expect 'V22: person add' 14 'V22' as e person add z --name Z
expect 'V22: lost' 14 'V22' as e lost a
[ "$(acts)" -eq "$before" ]
result '... and nothing but faults was written' $?
expect 'V22, V24: verify tells of it' 0 'finding: .*suspended.*V22' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor
expect 'export' 0 '' "$AMANAT" export "$work/ex"
expect 'verify the export' 0 'all rules hold' "$AMANAT" verify "$work/ex"

# ---- while founding: the founder's motions take effect, those of others wait
AMANAT_VAULT=$work/early
XDG_STATE_HOME=$work/state-early
for k in root2 a2; do key $k; done
quietly() { "$@" >"$work/out" 2>"$work/err" </dev/null || result "early: $*" 1; }
quietly as root init --name T --rp-id v.example --evaluation --founder root
for p in a b c; do
	quietly as root person add $p --name "P $p"
	quietly as root,$p token enrol $p --label $p
done
quietly as root person add d --name D
expect 'R13.20: only the founder admits' 15 "labelled 'founder'" as a,d token enrol d --label d
expect "R13.20: the founder's further key, at once" 0 'is enrolled and admitted' as root,root2 token enrol root --label root-2
expect 'it works' 0 'in the register' as root2 person add e --name E
expect "R13.20: another's further key waits" 0 'waits to be admitted' as a,a2 token enrol a --label a-2
said 'as soon as the first safe is active'
expect 'R13.20: nobody decides yet' 10 'no committee yet.*R13.20' as a approve m-5
expect 'it is listed' 0 'm-5  *too early  *-  ' "$AMANAT" motions
quietly as root safe create s --quorum 2 --custodians a,b,c
for step in join deal accept; do
	for p in a b c; do quietly as $p safe join s; done
done
expect 'then its custodians do' 0 '1 of 2' as b approve m-5
expect 'then its custodians do' 0 'in effect' as c approve m-5
printf TEST-secret >"$work/secret"
quietly as a put s/x --from "$work/secret"
quietly as root ask s/x --reason R
# It was given its slots before there was a share to open.
expect 'R6.6: the share has no slot of it yet' 15 'does not open with this key' as a2 approve r-1
expect 'R6.6: token slot gives it' 0 '1 key bag now opens' as a,a2 token slot
expect 'R6.6: and it approves' 0 'approved by a' as a2 approve r-1
expect 'verify' 0 'all rules hold' "$AMANAT" verify
finish
