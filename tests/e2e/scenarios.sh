#!/bin/sh
# domain.md, scenario 4 from its first step to its last: the interim office
# ends, and all seven custodians leave. Refusals first.
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
finish
