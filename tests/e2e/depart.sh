#!/bin/sh
# People leave: domain.md, scenario 1 (the contractor) and scenario 6 (a
# custodian dies), with exposures, rotations, certificates, due and me.
# Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

# The story's clock; deposits, approvals and the rest happen when they are said.
at() { AMANAT_NOW=$1; export AMANAT_NOW; }
# Level maximum: every custodian proves the share once a month.
proofs() {
	as root drill cabinet --yes >"$work/out" 2>&1
	for p in a b c d; do as $p drill cabinet >"$work/out" 2>&1; done
}
statements() { "$AMANAT" log 2>/dev/null | wc -l; }

for k in root a b c d con temp; do key $k; done
at 2021-04-15T06:00:00Z
founded_at_its_time() {
	{
		as root init --name TEST --rp-id v.example --evaluation --founder root &&
		for f_p in a b c d; do
			as root person add $f_p --name "P $f_p" &&
			    as root,$f_p token enrol $f_p --label $f_p || return 1
		done &&
		as root person add con --name 'TEST Contractor' --kind contractor \
		    --sponsor a --until 2021-08-31 &&
		as root,con token enrol con --label con &&
		as root person add temp --name 'TEST Temp' --kind contractor \
		    --sponsor a --until 2021-08-31 &&
		as root,temp token enrol temp --label temp &&
		as root safe create cabinet --level maximum --quorum 2 --custodians a,b,c,d
	} >"$work/founded" 2>&1
}
founded_at_its_time || { cat "$work/founded"; echo 'Bail out! no vault'; exit 1; }

# ---- K-2: a contractor holds no share
expect 'K-2: a contractor is never a custodian' 10 'contractor\|official' \
    as root safe create x --quorum 2 --custodians a,b,con
expect 'due: the set-up, by its end' 0 'join' "$AMANAT" due
expect 'me, by my key, without a PIN' 0 'amanat safe join cabinet' \
    "$AMANAT" --token "unix:$work/a.key" me
expect 'me, by name' 0 'nothing is owed' "$AMANAT" me --person con
for s in join deal accept; do
	for p in a b c d; do as $p safe join cabinet >"$work/out" 2>&1 || echo "#  $s $p"; done
done
expect 'due: nothing' 0 'nothing is owed' "$AMANAT" due

# ---- scenario 1, 2021-04-15: the contractor deposits, and may not read
printf 'TEST-old-password' >"$work/v1"
printf 'TEST-new-password' >"$work/v2"
printf 'TEST print of the vendor page\n' >"$work/print"
printf 'TEST list of administrators\n' >"$work/admins"
expect 'K-3: a contractor deposits' 0 'version 1' \
    as con put cabinet/mdm --type login --class secret --from "$work/v1"
expect 'S1.3: unverified' 0 'two officials test the login' "$AMANAT" show cabinet/mdm
expect 'S1.3: one official logs in' 0 'another official' as a tested cabinet/mdm
expect 'S1.3: and another one: verified' 0 'verified by two' as b tested cabinet/mdm
expect 'K-3: ... but may not ask' 10 'only officials ask' as con ask cabinet/mdm --reason R
expect 'K-3: ... nor confirm a rotation' 10 'X-11' \
    as con rotate cabinet/mdm --evidence "$work/print"
expect 'X-10: exposure --person' 0 'con .* cabinet/mdm .* 1 .* deposited .* must be rotated' \
    "$AMANAT" exposure --person con
fits 'exposure'
expect '... says how many are open' 0 '1 open' "$AMANAT" exposure --person con
expect 'exposure, as json' 0 '"how":"deposited","state":"open"' "$AMANAT" exposure --json
is_json 'exposure'
expect 'exposure --credential' 0 '^con ' "$AMANAT" exposure --credential cabinet/mdm
expect 'exposure of nobody known' 2 "no person 'nobody'" "$AMANAT" exposure --person nobody
expect 'an official is not exposed' 0 '' "$AMANAT" exposure --person a
grep -q cabinet/mdm "$work/out"; [ $? -eq 1 ]
result '... to what others know' $?

# ---- 2021-06-02: 90 days to the end of the contract
at 2021-06-02T18:59:59Z
expect 'due: proofs that are too old, though nobody has called a drill' 31 \
    'OVERDUE *a, b, c and d: safe .cabinet.: the last proof .* is too old' "$AMANAT" due
fits 'due, old proofs'
expect '... and me' 31 'amanat drill cabinet' "$AMANAT" me --person c
proofs
expect 'due, 90 days and a second before' 0 'nothing is owed' "$AMANAT" due
at 2021-06-02T19:00:00Z
expect 'due: 90 days to the end' 0 'ends within 90 days' "$AMANAT" due
fits 'due'
at 2021-08-24T19:00:01Z
proofs
expect 'due: 7 days to the end' 0 'ends within 7 days' "$AMANAT" due
expect 'due, as json' 0 '^\[{"date":"2021-08-31T19:00:00Z","overdue":false,"who":""' "$AMANAT" due --json
is_json 'due'

# ---- 2021-08-31: TO opens, the contractor leaves
at 2021-08-31T06:00:00Z
expect 'R13.7: access until the end' 0 'version 1' as con put cabinet/other --type login --class sensitive --from "$work/v1"
expect 'TO asks' 0 'r-1' as root ask cabinet/mdm --reason 'rotation, contract ends'
expect 'me: a request waits' 0 'r-1: approve or decline (0 of 2' "$AMANAT" me --person a
expect 'a approves' 0 '' as a approve r-1
expect 'b approves' 0 '' as b approve r-1
expect 'due: approved, open it' 0 'root: request r-1: approved' "$AMANAT" due
expect 'TO opens' 0 'TEST-old-password' as root open r-1
expect 'maximum: what was opened is rotated within a day' 0 \
    '2021-09-01 06:00 UTC *root: .*must be rotated' "$AMANAT" due

n_before=$(statements)
expect 'a departure of nobody' 2 "no person 'nobody'" \
    as a depart nobody --effective 2021-08-31 --kind transfer --reason R
expect 'without a kind' 2 'needs --effective' as a depart con --reason R
expect 'of an unknown kind' 2 'dismissal or deceased' \
    as a depart con --effective 2021-08-31 --kind boredom --reason R
expect 'at no time' 2 'last day served' \
    as a depart con --effective yesterday --kind transfer --reason R
expect 'two at once' 2 'say one of' as a depart con --status --close
expect 'one that was not recorded' 2 'has not left' "$AMANAT" depart con --status
expect '... has no certificate' 2 'has not left' "$AMANAT" depart --certificate con
expect "nobody records their own departure" 10 'a colleague does it' \
    as b depart b --effective 2021-08-31 --kind transfer --reason R
[ "$(statements)" -eq "$n_before" ]
result '... and nothing was written' $?

expect 'R13.9: one person records a departure' 0 "departure of 'con' is recorded" \
    as a depart con --effective 2021-08-31T06:00:00Z --kind contract-end \
    --reason 'contract 7/2021 ends'
[ "$(statements)" -eq $((n_before + 2)) ]
result '... suspend and entry in one post' $?
fits 'depart'
joined | grep -q "'cabinet/mdm' version 1, which 'con' deposited, must be rotated"
result '... and says what must be rotated' $?
joined | grep -q 'keys to be returned, against a receipt: con'
result '... and which keys come back' $?
expect 'V22: the leaver signs nothing' 14 'V22' as con put cabinet/third --from "$work/v1"
expect 'it is recorded once' 2 'recorded already' \
    as a depart con --effective 2021-08-31 --kind transfer --reason R
expect 'depart --status' 0 'in time (limit 1 h)' "$AMANAT" depart --status con
expect 'depart --status, as json' 0 '"suspended":true,"closed":false,"open":\[{"what"' \
    "$AMANAT" depart --status con --json
is_json 'depart --status'
expect 'X-10: it is not closed while an exposure is open' 10 \
    "'cabinet/mdm' version 1.*\[X-10\]" as a depart con --close
expect 'the draft says so' 0 'NOT CLOSED' "$AMANAT" depart --certificate con
at 2021-09-01T06:00:01Z
expect 'A-4: overdue after a day at level maximum' 31 'OVERDUE' "$AMANAT" depart --status con
expect 'due says it too' 31 'OVERDUE' "$AMANAT" due
fits 'due, overdue'
at 2021-08-31T09:00:00Z

# ---- rotation: a new version, evidence, two people
expect 'X-11: without a new version' 10 'no new version' \
    as root rotate cabinet/mdm --evidence "$work/print"
expect 'TO puts the new one' 0 'version 2' \
    as root put cabinet/mdm --new-version --type login --class secret --from "$work/v2"
expect 'X-11: without evidence' 10 'with evidence' as root rotate cabinet/mdm
expect 'evidence that is not there' 1 'cannot read' \
    as root rotate cabinet/mdm --evidence "$work/none"
expect 'the same file twice' 2 'are the same' \
    as root rotate cabinet/mdm --evidence "$work/print" --evidence "$work/print"
expect 'show: not confirmed' 0 'rotation: *not confirmed' "$AMANAT" show cabinet/mdm
expect 'the first signer' 0 'second signer is missing' \
    as root rotate cabinet/mdm --evidence "$work/print" --evidence "$work/admins"
fits 'rotate'
expect 'X-11: the same person again is one signer' 0 'second signer is missing' \
    as root rotate cabinet/mdm --evidence "$work/print" --evidence "$work/admins"
expect 'show: half of it' 0 'second signer missing, signed by root' "$AMANAT" show cabinet/mdm
expect 'list: half of it' 0 'second signer missing' "$AMANAT" list
expect 'exposure: half of it' 0 'root has signed' "$AMANAT" exposure --person con
expect 'due: a second signer' 0 'a second signer is missing' "$AMANAT" due
expect 'X-11: other evidence' 10 'not that of the first' \
    as a rotate cabinet/mdm --evidence "$work/print"
expect 'still open' 10 'X-10' as a depart --close con
expect 'the second signer, files in another order' 0 'in force at the vendor' \
    as a rotate cabinet/mdm --evidence "$work/admins" --evidence "$work/print"
expect 'once is enough' 10 'closed already' as b rotate cabinet/mdm --evidence "$work/print"
expect 'X-10: it reads closed' 0 'con .* cabinet/mdm .*closed' "$AMANAT" exposure --person con
expect 'show: in force' 0 'rotation: *in force' "$AMANAT" show cabinet/mdm
expect 'show, as json' 0 '"rotated":2,"first_signer":"","versions":\[{"version":1,"by":"con"' \
    "$AMANAT" show cabinet/mdm --json
is_json 'show'
grep -rq 'TEST print' "$AMANAT_VAULT"; [ $? -eq 1 ]
result 'no evidence is stored' $?

expect 'the other one is named' 10 "cabinet/other" as a depart --close con
expect 'a new version of it' 0 'version 2' as d put cabinet/other --new-version --from "$work/v2"
expect '... of the type and class of the one before' 0 \
    '"type":"login","class":"sensitive","high_water":"sensitive","version":2' "$AMANAT" show cabinet/other --json
expect 'first' 0 '' as c rotate cabinet/other --evidence "$work/print"
expect 'second, for programs' 0 '"version":2,"closed":true' \
    as d rotate cabinet/other --evidence "$work/print" --json
is_json 'rotate'
expect 'due: close it' 0 'nothing is open any more' "$AMANAT" due
expect 'the departure closes' 0 'is closed' as a depart con --close
expect 'once' 10 'is closed' as a depart con --close

# ---- the certificate
expect 'the certificate' 0 '' "$AMANAT" depart --certificate con
cp "$work/out" "$work/cert"
hash=$(sha256sum "$work/cert" | cut -d' ' -f1)
"$AMANAT" log | grep '"type":"departure"' | grep '"version":2' | grep -q "\"certificate\":\"$hash\""
result 'X-10: it hashes to what the closing statement signed' $?
grep -q 'evaluation vault' "$work/cert" && grep -q 'cabinet/mdm, version 1' "$work/cert" &&
    grep -q 'version 2 is in force, say root and a' "$work/cert" &&
    ! grep -q 'NOT CLOSED\|MUST BE ROTATED' "$work/cert"
result '... says what was changed since, and by whom it is said' $?
expect 'for programs' 0 "\"closed\":true,\"sha256\":\"$hash\"" "$AMANAT" depart con --certificate --json
is_json 'depart --certificate'

# ---- an older version, by number
expect 'a version that is not there' 2 'no version 3' as root ask cabinet/mdm --version 3 --reason R
expect 'version nought' 2 'number of a version' as root ask cabinet/mdm --version 0 --reason R
expect 'ask for the old one' 0 '^r-2$' as root ask cabinet/mdm --version 1 --reason 'audit of 2021'
expect 'the approvers are told' 0 'AN OLDER VERSION: 1, while the newest is 2' \
    "$AMANAT" approve r-2 --dry-run
fits 'approve --dry-run'
expect 'they approve' 0 '' as a approve r-2
expect 'they approve' 0 '' as c approve r-2
expect 'it opens' 0 'TEST-old-password' as root open r-2
expect 'the newest is the default' 0 '^r-3$' as root ask cabinet/mdm --reason R
expect 'version 2' 0 'version 2 (' "$AMANAT" show r-3
"$AMANAT" depart --certificate con 2>/dev/null | cmp -s - "$work/cert"
result 'what came later does not change the certificate' $?

# ---- scenario 6: a custodian dies, with an approval given
expect 'b approves' 0 '' as b approve r-3
expect 'c approves' 0 '' as c approve r-3
expect 'b reads another' 0 '^r-4$' as b ask cabinet/other --reason R
for p in a c; do as $p approve r-4 >/dev/null 2>&1; done
expect '... and knows it' 0 'TEST-new' as b open r-4
at 2021-08-31T11:00:00Z
expect 'scenario 6: recorded by another' 0 'is recorded' \
    as a depart b --effective 2021-08-31T11:00:00Z --kind deceased --reason 'letter of the family'
joined | grep -q 'r-3 has lost the leaver.s approval: 1 of 2 count'
result '... r-3 has lost an approval' $?
joined | grep -q "safe 'cabinet': the next committee is planned, 2 of 3 without 'b'"
result '... the next committee is planned' $?
joined | grep -q 'next: its next custodians: amanat safe join cabinet'
result '... and what they type' $?
joined | grep -q 'keys, unrecovered until the family returns them: b'
result '... the key is unrecovered' $?
joined | grep -q "'cabinet/other' version 2, which 'b' opened, must be rotated"
result '... what b knew' $?
expect 'R13.8: the approval does not count' 11 'quorum not met (1 of 2)' as root open r-3
expect 'X-10: not closed: a custodian still' 10 'still one of its 4 custodians' as a depart b --close
expect 'the others are enough' 0 '^r-5$' as root ask cabinet/mdm --reason R
for p in c d; do as $p approve r-5 >/dev/null 2>&1; done
expect '... b is no lock' 0 'TEST-new-password' as root open r-5
expect "due: the dead custodian owes nothing" 0 '' "$AMANAT" due
grep -q ' b: ' "$work/out"; [ $? -eq 1 ]
result '... but others owe what follows' $?
at 2021-09-01T11:00:01Z
expect 'depart --status: a day later' 31 'overdue: 2 of 2' "$AMANAT" depart --status b
at 2021-08-31T12:00:00Z

# ---- accepting a risk, and what is owed then
expect 'accept: not exposed' 10 'nothing is left to accept' \
    as a exposure --accept d cabinet/mdm --until 2021-12-31 --reason R
expect 'accept: until yesterday' 2 'day to come' \
    as a exposure --accept b cabinet/other --until 2021-08-01 --reason R
expect 'accept: half of it' 2 'to accept a risk, say' as a exposure --accept b
expect 'accept belongs to --accept' 2 'belongs to --accept' "$AMANAT" exposure --until 2021-12-31
expect 'accept: a motion' 0 '^m-[0-9]*$' \
    as a exposure --accept b cabinet/other --until 2021-12-31 --reason 'vendor closed in winter'
expect 'due: votes' 0 'a, c and d: motion m-[0-9]* ([a-z]*): vote' "$AMANAT" due
expect 'not accepted by one' 0 'must be rotated' "$AMANAT" exposure --person b

# ---- R13.7: a contract that ends by itself, though nobody records it
at 2021-08-31T18:59:59Z
expect 'a second before the end' 0 'version 1' as temp put cabinet/last --from "$work/v1"
at 2021-08-31T19:00:00Z
expect 'R13.7: at the end' 13 'R13.7' as temp put cabinet/late --from "$work/v1"
at 2021-08-31T19:00:01Z
expect 'due: it has ended' 31 "contract of 'temp' .*has ended: record" "$AMANAT" due
expect 'recorded after the end' 0 'is recorded' \
    as a depart temp --effective 2021-08-31 --kind contract-end --reason 'contract ends'
expect 'K-6: it does not close while something is known' 10 'cabinet/last' as a depart temp --close

# ---- a plan with a departure: given up, made again, followed to its end
expect 'the plan is given up' 0 'given up' as a safe abort cabinet --reason R
expect 'depart --status: what to type instead' 0 \
    "amanat safe reshare cabinet --custodians [acd],[acd],[acd] --reason 'b has left'" \
    "$AMANAT" depart --status b
expect 'planned again' 0 'planned' as a safe reshare cabinet --reason 'b has left'
for p in a c d a c d a c d a c d; do as $p safe join cabinet >"$work/out" 2>&1 || cat "$work/out"; done
"$AMANAT" depart --status b 2>/dev/null | grep -q 'still one of its'
[ $? -eq 1 ]
result 'K-1: b is no custodian any more' $?
expect 'three cannot be two: recorded, and no plan' 0 \
    "safe 'cabinet': no plan yet: a committee has 3 to 16 members, and 2 are left" \
    as a depart c --effective 2021-08-31 --kind resignation --reason R
fits 'a departure without a plan'
joined | grep -q 'amanat safe reshare cabinet --custodians [ad],[ad],SUCCESSOR'
result '... but what to do' $?
expect '--no-plan' 0 'is recorded' as a depart d --no-plan --effective 2021-08-31 \
    --kind resignation --reason R
joined | grep -q 'no plan yet'
[ $? -eq 1 ]
result '... says nothing of one' $?
key con2
expect 'only an admitted key' 15 'not enrolled' as con2 me
end_key "$(cat "$work/con2.pid")"

# ---- the vault can be read where it cannot be written
chmod -R a-w "$AMANAT_VAULT"
expect 'due, read only' 0 '' "$AMANAT" due
expect 'me, read only' 0 '' "$AMANAT" me --person a
expect 'exposure, read only' 0 '' "$AMANAT" exposure
expect 'certificate, read only' 0 '' "$AMANAT" depart --certificate con
chmod -R u+w "$AMANAT_VAULT"
expect 'me, as json' 0 '^{"person":"a","suspended":false,"accepted":"[^"]*","reviewed":"","posts":\[\],"keys":\["a"\],"custodian_of":\["cabinet"\],"key_places":\[""\],"due":\[' \
    "$AMANAT" me --person a --json
is_json 'me'
expect 'verify' 0 'all rules hold' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor
as root token suspend --person a --reason R >"$work/out" 2>&1
expect 'nobody is left: what to do instead can be typed' 0 \
    'amanat safe reshare cabinet --custodians SUCCESSOR,SUCCESSOR,SUCCESSOR' "$AMANAT" depart --status c
finish
