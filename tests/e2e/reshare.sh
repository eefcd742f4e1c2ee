#!/bin/sh
# Committees change and what is sealed stays: growing, a refresh, who leaves,
# a plan that comes to nothing, a dishonest dealer, the recovery committee.
# Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
badbox=${BADBOX_SO:-$PWD/build/tests/e2e/badbox.so}
. tests/lib.sh
AMANAT_NOW=2026-03-02T09:00:00Z
export AMANAT_NOW

people='a b c d e f w x y z'
for k in root k $people; do key $k; done
must() { "$@" >"$work/out" 2>&1 || { cat "$work/out"; echo "Bail out! $*"; exit 1; }; }
must as root init --name TEST --rp-id v.example --evaluation --founder root
must as root person add k --name K --kind contractor --sponsor root --until 2027-01-31
for p in $people; do must as root person add $p --name "P $p"; done
for p in $people k; do must as root,$p token enrol $p --label $p; done
must as root safe create s --quorum 2 --custodians a,b,c
for st in join deal accept; do for p in a b c; do must as $p safe join s; done; done
printf TEST-secret >"$work/secret"
must as root put s/x --from "$work/secret"

statements() { "$AMANAT" log 2>/dev/null | wc -l; }
reshare() { as root safe reshare s --reason R "$@"; }
by_abd='--dealers a,b,d' # else the lowest indices deal, and those are at random
# steps COMMITTEE-MEMBERS DEALERS: all steps of a change
steps() {
	for s_p in $1; do must as "$s_p" safe join s; done
	for s_p in $2; do must as "$s_p" safe join s; done
	for s_p in $1; do must as "$s_p" safe join s; done
}
# opens NAME REQUESTER PERSON...: a request that these approve is opened
opens() {
	o_name=$1; o_by=$2; shift 2
	o_id=$(as "$o_by" ask s/x --reason R 2>/dev/null | head -1)
	for o_p; do as "$o_p" approve "$o_id" >"$work/out" 2>"$work/err"; done
	expect "$o_name" 0 '^TEST-secret' as "$o_by" open "$o_id"
}
erase() { for e_p; do must as "$e_p" safe join s; done; }
bags() { find "$AMANAT_VAULT/bags" -type f | wc -l; }

# ---- what is refused, before a key is asked for
before=$(statements)
none() { "$AMANAT" --token "unix:$work/none" safe reshare s "$@"; }
expect 'no reason' 2 'needs --reason' none
expect 'a safe that is not there' 2 "no safe 't'" "$AMANAT" safe reshare t --reason R
expect 'a person who is not there' 2 "no person 'q'" none --reason R --custodians a,b,q
expect 'a list with nothing in it' 2 'nothing empty' none --reason R --custodians a,,b
expect 'no number' 2 'is a number' none --reason R --quorum two
expect 'R5.1: a custodian twice' 10 'R5.1' none --reason R --custodians a,b,c,a
expect 'R5.1: two people' 10 '3 to 16 members' none --reason R --custodians a,b
expect 'R5.1: a quorum of one' 10 'let one person in alone' none --reason R --quorum 1
expect 'R5.1: a quorum of all' 10 'would lock you out' none --reason R --quorum 3
expect 'V14: a contractor' 10 "'k' is no official" none --reason R --custodians a,b,c,k
expect 'R5.8: too few dealers' 11 '2 custodians of the operating committee must deal' \
    none --reason R --dealers a
expect 'R5.8: a dealer without a share' 10 "'d' holds no share" none --reason R --dealers a,d
expect 'R5.8: a dealer twice' 10 'named twice' none --reason R --dealers a,a
expect '5.7: nobody to recover from' 10 'has no recovery committee' none --reason R --from-recovery
expect '5.7: recovery people are named' 2 'name its people' none --reason R --recovery
expect 'nothing is under way' 2 'no change of the operating' "$AMANAT" safe abort s --reason R
expect 'R13.17: a quorum of new people' 10 'R13.17' none --reason 'R 1' --quorum 3 --custodians a,b,d,e,f
fits 'the refusal, with what to do instead'
[ "$(grep -c '^  amanat safe reshare s --quorum' "$work/err")" -eq 2 ]
result '... in two steps' $?
sed -n 's/^  amanat //p; s/^      \(--.*\)/\1/p' "$work/err" | sed 's/\\$//' | tr '\n' ' ' |
    sed 's/ safe reshare/\nsafe reshare/' >"$work/batches"
[ "$(statements)" -eq "$before" ]
result 'and nothing was planned' $?

# ---- 2 of 3 to 3 of 5, by the two steps that were printed
batch() { eval "set -- $(sed -n "$1p" "$work/batches")"; as root "$@"; }
must as root ask s/x --reason early
must as b approve r-1
expect 'the first step' 0 'planned; until all members' batch 1
fits 'a plan'
expect 'R13.15: one change at a time' 10 'under way until' reshare
expect 'status: who owes what' 0 'd *member *join' "$AMANAT" safe status s
fits 'status of a change'
expect 'status for programs' 0 '"kind":"reshare","epoch":2' "$AMANAT" safe status s --json
is_json 'safe status'
must as d safe join s
expect 'a dealer waits until all have joined' 0 'others have to act first' as d safe join s
expect 'K-2: a contractor' 10 'never a custodian.*K-2' as k safe join s
expect 'who is not asked' 10 'not asked to take part' as f safe join s
for p in a b e; do must as $p safe join s; done
expect 'R5.8: a dealer sees what the deal consents to' 0 \
    'members: .*new:  *[de], [de] leave:  *c .*Your deal is your consent.*you have dealt' as a safe join s
fits 'a plan, dealing'
expect 'accept waits for all deals' 0 'others have to act first' as d safe join s
must as b safe join s
for p in a b d; do must as $p safe join s; done
opens 'R5.6: the committee before works until the last acceptance' root a c
expect 'the last acceptance' 0 'epoch 2 of the operating committee is in force' as e safe join s
joined | grep -q 'ended with the committee they were made to (R5.9).*: r-1'
result 'R5.9: open requests end, and are listed' $?
expect 'R5.9: ... and take no approval' 21 'the committee has changed' as a approve r-1
expect 'its state' 0 '"state":"closed"' "$AMANAT" show r-1 --json
must as root ask s/x --reason R
expect 'V18: who left approves nothing' 10 "'c' is not a custodian" as c approve r-3
echo "$(sed -n 2p "$work/batches") $by_abd" >"$work/batches"
expect 'the second step' 0 '' batch 1
steps 'a b d e f' 'a b d'
opens 'R5.3: the new people open it' root d e f
expect 'the key is the same' 0 '"words":"[a-z ]*"' as a safe join s --json

# ---- erasing
n_before=$(bags)
expect 'R5.7: who left erases the old share' 0 'is erased' as c safe join s
expect '... once' 10 'not asked to take part' as c safe join s
[ "$(bags)" -eq $((n_before - 1)) ]
result '... and its bag is gone' $?
expect 'due lists it' 0 "UTC *a, b, d and e: .*'s'.*erase the old share" "$AMANAT" due
fits 'due'
expect 'who stays has two to erase' 0 'old shares to erase: .*a (operating 1)' "$AMANAT" safe status s
erase a a b b d e
! "$AMANAT" safe status s 2>/dev/null | grep -q 'to erase'
result 'all is erased' $?
expect '... and due lists nothing' 0 'nothing is owed' "$AMANAT" due
opens 'it opens afterwards' root a d f

# ---- refresh, and a departure: without the person
cp -r "$AMANAT_VAULT/db" "$work/db-before"
expect 'a refresh' 0 '"kind":"refresh"' reshare $by_abd --json
is_json 'safe reshare'
steps 'a b d e f' 'a b d'
opens 'the same people, other shares' root b e f
# An older database, and a client that remembers nothing: the shares in the bags
# are of an epoch that it does not know.
mv "$AMANAT_VAULT/db" "$work/db-now" && cp -r "$work/db-before" "$AMANAT_VAULT/db"
XDG_STATE_HOME=$work/fresh
must reshare $by_abd
expect 'R5.7: a share is not overwritten' 21 'R5.7' as a safe join s
rm -rf "$AMANAT_VAULT/db" && mv "$work/db-now" "$AMANAT_VAULT/db"
XDG_STATE_HOME=$work/state
opens '... and the newer database goes on with it' root a d f
erase a b d e f
expect 'a departure' 0 'leave:  *e' reshare $by_abd --custodians a,b,d,f
steps 'a b d f' 'a b d'
opens 'those who remain open it' root a d f
must as root ask s/x --reason R
id=$(as root ask s/x --reason R 2>/dev/null | head -1)
expect 'who left does not' 10 'not a custodian' as e approve "$id"
erase a b d e f

# ---- given up, and lapsed
must reshare
expect 'only who takes part gives it up' 10 'gives a plan up' as e safe abort s --reason R
expect 'abort' 0 'given up by d' as d safe abort s --reason 'not now'
expect 'a step of it' 0 'was given up' as a safe join s
must reshare $by_abd --within 1h
for p in a b d; do must as $p safe join s; done
AMANAT_NOW=2026-03-02T11:00:00Z
expect 'R5.2: a plan that is not finished lapses' 0 'has lapsed' as f safe join s
expect '... and says so' 0 'lapsed; nothing has changed' "$AMANAT" safe status s
opens '... and changes nothing' root a b d

held=$(bags)
must reshare $by_abd
steps 'a b d f' 'a b d'
erase a b d f
# One bag each goes for the share, and one for each plan that came to nothing in
# which the person had joined: a, b and d in the lapsed one.
[ "$(bags)" -eq $((held + 4 - 4 - 3)) ]
result 'R5.4: join keys of plans that came to nothing go too' $?

# ---- a dishonest dealer, and a dishonest member
must reshare $by_abd --quorum 2 --custodians a,b,d
for p in a b d; do must as $p safe join s; done
# The first box is for the member with the lowest index; ids are at random.
victim=$("$AMANAT" safe status s --json 2>/dev/null | sed 's/.*"people":\[{"person":"\([a-z]\)".*/\1/')
liar=$(echo a b | tr -d "$victim " | cut -c1)
LD_PRELOAD=$badbox BADBOX=seal as $liar safe join s >"$work/out" 2>&1 || echo '#  no bad deal'
for p in a b d; do [ $p = $liar ] || must as $p safe join s; done
expect 'R5.5: a bad deal names its dealer' 20 "deal of '$liar' is bad" as "$victim" safe join s
joined | grep -q 'no complaint was made'
result '... and nobody is asked where nobody is there' $?
expect 'the complaint' 20 'the plan is void' as "$victim" --yes safe join s
expect 'status' 0 "complained about the deal of '$liar', who owes an" "$AMANAT" safe status s
fits 'status of a dispute'
expect 'status for programs' 0 "\"complainer\":\"$victim\",\"dealer\":\"$liar\",\"at_fault\":\"\"" \
    "$AMANAT" safe status s --json
expect 'R5.11: the dealer answers' 0 'the fault is yours' as $liar safe join s
expect '... once' 0 'plan is void' as $liar safe join s
expect 'the verdict' 0 "at fault is '$liar'" "$AMANAT" safe status s
opens 'the committee before goes on' root a b f
must reshare $by_abd
for p in a b d f; do must as $p safe join s; done
for p in a b d; do must as $p safe join s; done
LD_PRELOAD=$badbox BADBOX=open as f --yes safe join s >"$work/out" 2>&1
blamed=$("$AMANAT" safe status s --json 2>/dev/null | sed 's/.*"complainer":"f","dealer":"\([a-z]\)".*/\1/')
# ... and answered although somebody has planned again meanwhile.
must reshare
expect 'R5.11: a good deal is complained about' 0 'complainer is at fault' as "$blamed" safe join s
expect 'the verdict' 0 "at fault is 'f'" "$AMANAT" safe status s
expect 'then the new plan goes on' 0 'you have joined' as "$blamed" safe join s
must as root safe abort s --reason R

# ---- recovery: other people; and only they open
expect 'V14: a lower quorum' 10 'never lower than that of the operating one, which is 3' \
    reshare --recovery --custodians x,y,z --quorum 2
expect 'warning: people of both' 0 'in the operating and in the recovery committee: a' \
    reshare --recovery --custodians x,y,z,a
must as x safe abort s --recovery --reason R
expect 'a recovery committee' 0 'of the recovery committee of' reshare $by_abd --recovery --custodians w,x,y,z
steps 'w x y z' 'a b d'
expect 'status' 0 'recovery committee, epoch 2, 3 of 4: ' "$AMANAT" safe status s
expect 'R13.19: not for every day' 10 'serves emergencies only' as root ask s/x --reason R --recovery
must as root ask s/x --reason R --break-glass
expect 'R13.19: an emergency is asked loudly' 0 'BREAK-GLASS: this request is marked' \
    as root ask s/x --reason fire --break-glass --recovery
fits 'an emergency'
id=$(sed -n 1p "$work/out")
expect 'operating custodians do not approve it' 10 'not a custodian' as a approve "$id"
expect 'approvers are warned' 0 'BREAK-GLASS:  *AN EMERGENCY, asked of the RECOVERY' as w approve "$id"
fits 'an emergency, approving'
must as x approve "$id"
expect 'not without a quorum' 11 'quorum not met' as root open "$id"
must as z approve "$id"
expect 'X-20: the recovery people alone open it' 0 '^TEST-secret' as root open "$id"
expect 'the history marks it' 0 'opened, BREAK-GLASS' "$AMANAT" history
expect '... for programs' 0 '"mode":"break-glass, recovery"' "$AMANAT" history --json
expect 'V24: and so does every verdict' 0 "finding: request $id: break-glass, asked of the recovery committee, opened" \
    "$AMANAT" verify
expect '5.1: the operating quorum stays below' 10 'first .amanat safe reshare s --recovery --quorum 4' \
    reshare --quorum 4 --custodians a,b,d,e,f

# ---- the operating committee is lost: the recovery people make a new one
expect '--from-recovery' 0 'deal:  *[wxyz], [wxyz], [wxyz]' \
    reshare --from-recovery --custodians c,e,f,d --quorum 2
steps 'c d e f' 'w x y z'
opens 'R13.17: nobody of before is needed' root c e
expect 'verify' 0 'all rules hold' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor
finish
