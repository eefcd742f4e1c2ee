#!/bin/sh
# domain.md, scenario 4 from its first step to its last: the interim office
# ends, and all seven custodians leave. Then, in one vault of seven people, four
# of whom open, what depart.sh and people.sh leave out of scenarios 1, 6, 8, 9.
# Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

at() { AMANAT_NOW=$1; export AMANAT_NOW; }
must() { "$@" >"$work/out" 2>&1 || { cat "$work/out"; echo "Bail out! $*"; exit 1; }; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
# step SAFE PERSON...: one step of each
step() { s_safe=$1; shift; for s_p; do must as "$s_p" safe join "$s_safe"; done; }
# opens NAME WORDS CRED REQUESTER PERSON...: a request that these approve
opens() {
	o_name=$1 o_words=$2 o_cred=$3 o_by=$4; shift 4
	o_id=$(as "$o_by" ask "$o_cred" --reason R 2>/dev/null | sed -n 1p)
	for o_p; do as "$o_p" approve "$o_id" >"$work/out" 2>"$work/err"; done
	expect "$o_name" 0 "$o_words" as "$o_by" open "$o_id"
}

# ---- scenario 4, 2022-03-28: seven people, three of whom open
old='a b c d e f g' new='h i j k l m o'
for p in root $old $new; do key $p; done
at 2022-06-30T05:00:00Z
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in $old $new; do must as root person add $p --name "P $p"; done
for p in $old; do must as root,$p token enrol $p --label $p; done
must as root safe create office --level enhanced --quorum 3 --custodians a,b,c,d,e,f,g
for s in join deal accept; do step office $old; done
printf 'TEST-cloud' >"$work/v1"
must as a put office/cloud --type login --class sensitive --from "$work/v1"
opens 'the office opens' TEST-cloud office/cloud d a b c

# 4.1, 4.2: with k = 3 at most two people a time, so seven go in four batches,
# and every batch leaves a quorum of those who were there before
reshare() { as a safe reshare office --reason 'interim office ends' "$@"; }
before=$(statements)
expect 'scenario 4: three at once' 10 'at most 2 new and 2 leaving.*R13.17' \
    reshare --custodians d,e,f,g,h,i,j
expect 'scenario 4: all seven' 10 'R13.17' reshare --custodians h,i,j,k,l,m,o
fits 'the batches'
grep -- '--custodians' "$work/err" | tr -d ' \\' | sed 's/--custodians//' >"$work/batches"
[ "$(wc -l <"$work/batches")" -eq 4 ]
result '... four batches' $?
[ "$(tr ',' '\n' <"$work/batches" | sort | uniq -c | awk '/[h-o]/ { print $1 }' |
    sort | tr -d '\n')" = 1223344 ]
result '... of two, two, two and one' $?
[ "$(statements)" -eq "$before" ]
result '... and nothing was written' $?

# Each batch: enrol, join, deal, accept. The last acceptance is held back: until
# then the committee before opens.
admit() { # PERSON VOTER...
	a_p=$1; shift
	must as "$1,$a_p" token enrol "$a_p" --label "$a_p"
	a_m=$("$AMANAT" motions 2>/dev/null | grep -o '^m-[0-9]*' | tail -n 1)
	for a_v; do must as "$a_v" approve "$a_m"; done
}
now=$(echo $old | tr ' ' ',')
epoch=1
gone=
for day in 04 11 18 25; do
	at "2022-07-${day}T05:00:00Z"
	epoch=$((epoch + 1))
	next=$(sed -n "$((epoch - 1))p" "$work/batches")
	here=$(echo "$now" | tr ',' ' ')
	# shellcheck disable=SC2086
	set -- $here
	for p in $(echo "$next" | tr ',' ' '); do
		case ,$now, in *,$p,*) ;; *) admit "$p" "$1" "$2" "$3" ;; esac
	done
	must as "$1" safe reshare office --custodians "$next" --reason 'interim office ends'
	# shellcheck disable=SC2046
	step office $(echo "$next" | tr ',' ' ')
	for p in $here; do as "$p" safe join office >"$work/out" 2>&1; done
	last=${next##*,}
	for p in $(echo "${next%,*}" | tr ',' ' '); do must as "$p" safe join office; done
	opens "batch $((epoch - 1)): the committee before still opens" TEST-cloud \
	    office/cloud root "$5" "$6" "$7"
	expect '... until the last one has proved the share' 0 \
	    "epoch $epoch of the operating committee is in force" as "$last" safe join office
	now=$next
	# shellcheck disable=SC2046
	set -- $(echo "$now" | tr ',' ' ')
	opens '... then the next one does' TEST-cloud office/cloud root "$5" "$6" "$7"
	for p in $here; do
		as "$p" safe join office >"$work/out" 2>&1 # erases
		case ,$now, in *,$p,*) continue ;; esac
		gone="$gone $p"
		must as "$1" depart "$p" --effective "2022-07-${day}" --kind transfer --reason 'order 28/9'
	done
	expect '... which can lose four' 0 '3 of 7, 7 counted on.*4 more can be lost' \
	    "$AMANAT" safe status office
done
# shellcheck disable=SC2086
set -- $gone
[ $# -eq 7 ]
result 'all seven have left' $?

# 4.4: what the leavers know is rotated or dated; then the departures close
at 2022-07-26T05:00:00Z
printf 'TEST-cloud-2' >"$work/v2"
printf 'TEST print of the vendor page' >"$work/print"
must as root ask office/cloud --reason R
last_request=$(sed -n 's/^\(r-[0-9]*\)$/\1/p' "$work/out")
expect 'scenario 4: a leaver approves nothing' 14 'V22' as a approve "$last_request"
expect 'who knew something cannot close' 10 'office/cloud.*X-10' as h depart a --close
expect '... nor who opened it' 10 'office/cloud.*X-10' as h depart d --close
expect 'who knew nothing can' 0 'is closed' as h depart b --close
must as h put office/cloud --new-version --from "$work/v2"
must as h rotate office/cloud --evidence "$work/print"
expect 'one signer is not enough' 10 'X-10' as h depart a --close
must as i rotate office/cloud --evidence "$work/print"
for p in a c d e f g; do must as h depart $p --close; done
for p in $old; do
	"$AMANAT" depart --certificate $p 2>/dev/null | grep -q 'NOT CLOSED'
	[ $? -eq 1 ] || echo "#  $p" >>"$work/not-closed"
done
[ ! -s "$work/not-closed" ]
result 'seven certificates' $?
"$AMANAT" exposure >"$work/out" 2>"$work/err"
! grep '^[a-g] ' "$work/out" | grep -v 'closed$'
result 'no exposure of a leaver is open' $?
opens 'seven others hold the office' TEST-cloud-2 office/cloud root h m o
"$AMANAT" due >"$work/out" 2>"$work/err"
! grep -q ' [a-g]: ' "$work/out"
result 'and those who left owe nothing' $?
expect 'verify' 0 'all rules hold' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor

# ---- "or dated": a risk that is accepted is owed again from its day on
must as h put office/cloud --new-version --from "$work/v1" # root knows the other
for p in h j; do must as $p rotate office/cloud --evidence "$work/print"; done
printf 'TEST-door' >"$work/door"
must as i put office/door --type note --class restricted --from "$work/door"
must as h depart i --no-plan --effective 2022-07-26T05:00:00Z --kind resignation --reason R
must as h safe reshare office --reason 'i has left'
here='h j k l m o'
for s in join deal accept; do
	for p in $here; do as $p safe join office >"$work/out" 2>&1; done
done
for p in $here; do as $p safe join office >"$work/out" 2>&1; done # erases
must as h exposure --accept i office/door --until 2022-09-28 --reason 'locksmith in October'
m=$("$AMANAT" motions 2>/dev/null | grep -o '^m-[0-9]*' | tail -n 1)
expect 'the voters see whose risk, and of what' 0 \
    "accept that 'i' (P i) still knows 'office/door' version 1" "$AMANAT" show "$m"
fits 'a motion to accept a risk'
expect '... in the list, too' 0 "'i' (P i) still knows" "$AMANAT" motions
fits 'motions'
expect '... for programs' 0 '"act":"waive","person":"i"' "$AMANAT" show "$m" --json
is_json 'a motion to accept a risk'
for p in j k l; do must as $p approve "$m"; done
expect 'it closes the departure' 0 'is closed' as h depart i --close
at 2022-08-29T18:59:59Z
"$AMANAT" due >"$work/out" 2>"$work/err"
! grep -q 'office/door' "$work/out"
result 'due: more than 30 days before, nothing of it' $?
at 2022-09-28T18:59:59Z
expect 'due: before the day' 0 "2022-09-28 19:00 UTC  anyone: .office/door. version 1" "$AMANAT" due
at 2022-09-28T19:00:01Z
expect 'due: and after it' 31 "OVERDUE  anyone: .office/door. version 1" "$AMANAT" due
fits 'due, accepted once'

# ---- scenario 1, with the seven and four of them; what depart.sh leaves out
AMANAT_VAULT=$work/nitb
XDG_STATE_HOME=$work/state-nitb
for p in con b2; do key $p; done
at 2021-04-15T06:00:00Z
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in $old h; do must as root person add $p --name "P $p"; done
for p in $old; do must as root,$p token enrol $p --label $p; done
must as root person add con --name 'TEST Contractor' --kind contractor \
    --sponsor g --until 2021-08-31
must as root,con token enrol con --label con
must as root safe create cabinet --level maximum --quorum 4 --custodians a,b,c,d,e,f,g
for s in join deal accept; do step cabinet $old; done
must as b,b2 token enrol b --label b2
m=$("$AMANAT" motions 2>/dev/null | grep -o '^m-[0-9]*' | tail -n 1)
for p in a c d e; do must as $p approve "$m"; done
must as b,b2 token slot
printf 'TEST-seed' >"$work/seed"
printf 'TEST-code-1\nTEST-code-2\n' >"$work/codes"
must as con put cabinet/mdm --type login --class secret --from "$work/v1"
must as con put cabinet/mdm-seed --type totp --class secret --from "$work/seed"
must as con put cabinet/mdm-codes --type recovery-codes --class secret --from "$work/codes"
expect 'scenario 1: what the contractor knows' 0 '3 open' "$AMANAT" exposure --person con
at 2021-08-31T06:00:00Z
three() { # WHAT-IS-THERE: all three, each with four approvals
	for t in mdm mdm-seed mdm-codes; do
		opens "... opens $t" "$1" cabinet/$t root a b c d
	done
}
must as root ask cabinet/mdm --reason 'contract ends'
for p in a b c; do must as $p approve r-1; done
expect 'scenario 1: three of seven do not open' 11 'quorum not met (3 of 4)' as root open r-1
must as d approve r-1
expect '... nor does the contractor, with four' 15 "labelled 'founder'" as con open r-1
expect '... the fourth does' 0 TEST-cloud as root open r-1
opens '... the seed' TEST-seed cabinet/mdm-seed root a b c d
opens '... the codes' TEST-code-2 cabinet/mdm-codes root e f g d
must as a depart con --effective 2021-08-31T06:00:00Z --kind contract-end --reason R
for t in mdm mdm-seed mdm-codes; do
	expect "scenario 1: $t keeps the departure open" 10 "cabinet/$t'.*X-10" as a depart con --close
	must as root put cabinet/$t --new-version --from "$work/v2"
	must as root rotate cabinet/$t --evidence "$work/print"
	must as a rotate cabinet/$t --evidence "$work/print"
done
expect 'scenario 1: closed on the day' 0 'is closed' as a depart con --close
expect 'scenario 1: in time' 0 'in time' "$AMANAT" depart con --status
must "$AMANAT" export "$work/witness"
"$AMANAT" history cabinet/mdm --format jsonl >"$work/out" 2>"$work/err"
[ "$(grep -c '"approvers":\["a","b","c","d"\]' "$work/out")" -eq 1 ]
result 'scenario 1: the release, with four people' $?
expect "scenario 1: the witness' head is in it" 0 'all rules hold' \
    "$AMANAT" verify --since "$work/witness/checkpoint.note"
expect 'K-3: what the contractor knew opens nothing now' 14 'V22' as con ask cabinet/mdm --reason R

# ---- scenario 6: c dies, and the key is not there until the end
at 2021-09-01T06:00:00Z
opens 'c knows three' TEST-cloud-2 cabinet/mdm c a b d e
for t in mdm-seed mdm-codes; do opens "... $t" TEST cabinet/$t c a b d e; done
must "$AMANAT" backup "$work/backup"
cp "$AMANAT_VAULT/keys/log.key" "$work/log.key"
end_key "$(cat "$work/c.pid")"
at 2021-09-02T06:00:00Z
must as e token suspend --person c --reason 'TEST in hospital'
expect 'scenario 6: suspended in seconds, then recorded' 0 'unrecovered' \
    as e depart c --no-plan --effective 2021-09-02T06:00:00Z --kind deceased --reason R
[ "$("$AMANAT" exposure --person c 2>/dev/null | grep -c 'must be rotated')" -eq 3 ]
result 'scenario 6: three exposures' $?
admit h a b d e
must as e safe reshare cabinet --custodians a,b,d,e,f,g,h --reason 'h after c'
step cabinet a b d e f g h
for p in a b d e f g; do as $p safe join cabinet >"$work/out" 2>&1; done
step cabinet a b d e f g
expect 'scenario 6: all seven prove, the successor last' 0 'epoch 2.*in force' \
    as h safe join cabinet
printf 'TEST-cloud-3' >"$work/v3"
for t in mdm mdm-seed mdm-codes; do
	must as root put cabinet/$t --new-version --from "$work/v3"
	must as root rotate cabinet/$t --evidence "$work/print"
	must as h rotate cabinet/$t --evidence "$work/print"
done
for p in a b d e f g; do as $p safe join cabinet >"$work/out" 2>&1; done # erases
expect 'scenario 6: closed without the key and its PIN' 0 'is closed' as e depart c --close
opens '... and the successor opens' TEST-cloud-3 cabinet/mdm root h e f g
key c
must as root ask cabinet/mdm --reason R
id=$(grep '^r-' "$work/out")
expect 'scenario 6: the returned key approves nothing' 14 'V22' as c approve "$id"
expect '... and is retired, with a receipt' 0 'for good' \
    as e token retire c --reason 'TEST returned' --receipt 'FIR 12'
# Its old share and an old backup, on a machine that has seen nothing since
XDG_STATE_HOME=$work/state-thief
must as c --vault "$work/thief" restore "$work/backup" --log-key "$work/log.key"
XDG_STATE_HOME=$work/state-nitb
thief() { XDG_STATE_HOME=$work/state-thief as "$@" --vault "$work/thief"; }
expect 'the old backup lacks what came later' 0 '"version":2' thief c show cabinet/mdm --json
! grep -q '"version":3' "$work/out"
result '... version 3' $?
must thief root ask cabinet/mdm --reason R
id=$(grep '^r-' "$work/out")
must thief c approve "$id"
expect 'scenario 6: the old share alone opens nothing there' 11 '1 of 4' thief root open "$id"

# ---- scenario 8: a key of b is stolen with its PIN
at 2021-09-03T06:00:00Z
must as b2 ask cabinet/mdm --reason 'TEST the thief'
id=$(grep '^r-' "$work/out")
for p in a d e f; do must as $p approve "$id"; done
must as d token suspend b2 --reason 'TEST stolen'
expect 'scenario 8: nor opens what was approved' 14 'V22' as b2 open "$id"
must as b token retire b2 --reason 'TEST stolen' --receipt 'FIR 13'
must as d safe reshare cabinet --reason 'TEST a stolen key'
step cabinet a b d e f g h
for p in a b d e f g h; do as $p safe join cabinet >"$work/out" 2>&1; done
expect 'scenario 8: the stolen key takes no step of the reshare' 14 'V22' as b2 safe join cabinet
step cabinet a b d e f g h
for p in a b d e f g h; do as $p safe join cabinet >"$work/out" 2>&1; done # erases
expect 'scenario 8: new shares within the day' 0 '4 of 7, 7 counted on' "$AMANAT" safe status cabinet
opens '... with the key that is left' TEST-cloud-3 cabinet/mdm root b d e h
expect 'scenario 8: the stolen one asks nothing' 14 'V22' as b2 ask cabinet/mdm --reason R

# ---- scenario 9: two tries are left
echo TEST-wrong >"$work/wrong"
guess() { "$AMANAT" --token "unix:$work/b.key" --pin-fd 3 ask cabinet/mdm --reason R 3<"$work/wrong"; }
for t in 1 2 3; do # pulled out after two: three in a row lock it
	guess >"$work/out" 2>&1
	guess >"$work/out" 2>&1
	end_key "$(cat "$work/b.pid")"
	key b
done
expect 'scenario 9: two tries left: it stops' 15 '2 PIN tries left.*stop here' guess
expect '... and takes none' 15 '2 PIN tries left' guess
expect 'scenario 9: the surplus covers it' 0 '4 of 7, 7 counted on' "$AMANAT" safe status cabinet
opens '... the others open' TEST-cloud-3 cabinet/mdm root a d e f
expect 'verify' 0 'all rules hold' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor
finish
