#!/bin/sh
# Subscriptions: the register, its deadlines, and whether those in office then
# can open what a renewal needs. domain.md 7, R-1 to R-13, scenarios 1, 2, 4 and
# 5 with their renewals. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

at() { AMANAT_NOW=$1; export AMANAT_NOW; shift; "$@"; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
not_said() { ! joined | grep -q -- "$1"; result "... not: $1" $?; }
AMANAT_NOW=2021-03-19T04:00:00Z
export AMANAT_NOW

people='a b c dio own to'
# shellcheck disable=SC2086
for k in root $people; do key $k; done
{
	as root init --name TEST --rp-id v.example --evaluation --founder root &&
	for p in $people; do
		as root person add "$p" --name "P $p" &&
		    as "root,$p" token enrol "$p" --label "$p" || exit 1
	done
	as root person add con --name CON --kind contractor --sponsor dio --until 2031-08-31 || exit 1
	for p in dir-eo dio-post dit dfa ceo; do
		as root post add "$p" --title "Post $p" || exit 1
	done
	appoint() { as root appoint "$1" "$2" --authority MoITT --kind "$3" --order "$4" --from 2021-03-19 ${5:+--to "$5"}; }
	appoint own dir-eo substantive 1 && appoint dio dio-post substantive 1 &&
	    appoint to dit substantive 1 && appoint a dfa substantive 1 || exit 1
	as root safe create cabinet --level baseline --quorum 2 --custodians a,b,c || exit 1
	for step in join deal accept; do
		for p in a b c; do as "$p" safe join cabinet || exit 1; done
	done
	printf TEST-secret | as to put cabinet/mdm --from /dev/stdin --type login || exit 1
} >"$work/founded" 2>&1 || { cat "$work/founded"; echo 'Bail out! no vault'; exit 1; }

cp tests/mdm.yaml "$work/mdm.yaml"
cat >"$work/nitb.yaml" <<'YAML'
id: nitb
name: NITB
mailboxes: [mdm@nitb.example, it@nitb.example]
holidays: [2021-07-19, 2021-07-20, 2021-07-21]
surrender: 04-30
YAML
echo evidence >"$work/e1"
with() { sed "$1" "$work/mdm.yaml" >"$work/other.yaml"; echo "$work/other.yaml"; }

# They prove that their keys open their shares (C-8).
drilled() { for p in a b c a; do as $p drill cabinet --yes || return 1; done >"$work/drilled" 2>&1; }

# ---- the entity and the record (R-1 to R-3)
before=$(statements)
expect 'no subscriptions yet' 0 'no subscriptions' "$AMANAT" sub list
expect 'the entity comes first' 40 'account_holder: the entity is not described yet' \
    as own sub add "$work/mdm.yaml"
sed 's/it@nitb.example/it@gmail.com/' "$work/nitb.yaml" >"$work/free.yaml"
expect 'R-3: free mail is nobody of the entity' 40 'anybody gets.*R-3' as own sub entity "$work/free.yaml"
unchanged
expect 'sub entity' 0 'the entity is described' as own sub entity "$work/nitb.yaml"
before=$(statements)
grep -vE '^(origin|owner|mailbox|notice|handover|vendor_contacts):' "$work/mdm.yaml" >"$work/less.yaml"
expect 'R-1: what is missing is named' 40 '6 fields are missing or wrong' as own sub add "$work/less.yaml"
for f in origin owner mailbox notice handover vendor_contacts; do said "$f: missing"; done
fits 'faults'
expect 'R-1: for programs too' 40 '"field":"origin","rule":"R-1","text":"missing"' as own --json sub add "$work/less.yaml"
is_json 'faults'
expect 'S1.2, K-2: a contractor owns nothing' 40 "owner: 'con' is a person" as own sub add "$(with 's/^owner:.*/owner: con/')"
expect 'S1.2: a free-mail address' 40 'mailbox: an address that anybody gets' \
    as own sub add "$(with 's/^mailbox:.*/mailbox: mdm@gmail.com/')"
expect 'R-3: not on the list' 40 'not on the entity.s list' as own sub add "$(with 's/^mailbox:.*/mailbox: own@nitb.example/')"
expect 'R-3: a contractor administers' 40 "administrators: 'con' is a contractor" \
    as own sub add "$(with 's/^administrators:.*/administrators: [con]/')"
expect 'R-3: a private phone' 40 'recovery_phone: ' as own sub add "$(with 's/^recovery_phone:.*/recovery_phone: +92 300 1/')"
expect 'R-10: no notice for what renews itself' 40 'R-10' as own sub add "$(with 's/^renews:.*/renews: 12m/')"
expect 'a credential that is not there' 40 "no credential 'cabinet/none'" \
    as own sub add "$(with 's/^credentials:.*/credentials: [cabinet\/none]/')"
expect 'a field that is none' 40 "no such field: 'seats'" as own sub add "$(with '$aseats: 3')"
expect 'a key that is there twice' 40 'there twice' as own sub add "$(with '$aname: X')"
expect 'fields: the file or flags' 2 'name a FILE' as own sub add
expect '... a flag is a field and a value' 2 "such as --set vendor=" as own sub add --set vendor
expect '... and each is there once' 40 "'name' is there twice" as own sub add "$work/mdm.yaml" --set name=X
expect '... and checked like a file' 40 "no such field: 'seats'" as own sub add "$work/mdm.yaml" --set seats=3
expect '... with none but flags' 40 'fields are missing or wrong' as own sub add --set id=mdm --set 'name=e-Cabinet: "MDM"'
expect 'no file' 1 'cannot read' as own sub add "$work/none.yaml"
unchanged

# ---- origin (S1.1, R-8, O-8)
expect 'sub deny' 0 '^m-' as root sub deny 3 IN,IL --reason 'order F.9'
expect 'a quorum sees what it decides' 0 'put version 3 of the deny list in force: IL IN' "$AMANAT" show "$(head -n 1 "$work/out")"
fits 'a deny list'
agreed a b >"$work/agreed" 2>&1
expect 'O-8: an older one' 21 'version 3 of the deny list is in force.*O-8' as root sub deny 2 IN --reason X
expect 'countries are two letters' 2 'R-8' as root sub deny 4 India --reason X
before=$(statements)
expect 'S1.1: origin IN' 10 'IN is on version 3 of the deny list.*R-8' as own sub add "$(with 's/^origin:.*/origin: IN/')"
unchanged
expect '... is for a name that can be one' 2 'letters' as own waive R-8 'm d' --until 2022-03-20 --reason F.10
expect 'S1.1: an exception is for a quorum' 0 '^m-' as own waive R-8 mdm --until 2022-03-20 --reason 'F.10, twelve months'
said "CAREFUL: no subscription 'mdm' is there"
expect 'which sees what it decides' 0 "accept that 'mdm' is of a country on the deny list" "$AMANAT" motions
agreed a b >"$work/agreed" 2>&1
grep -vE '^(origin|name|administrators):' "$work/mdm.yaml" >"$work/less.yaml"
expect 'S1.1: entered' 0 "'mdm' is complete, unverified" as own sub add "$work/less.yaml" \
    --set origin=IN --set 'name=e-Cabinet MDM' --set 'administrators=[dit, mdm@nitb.example]'
expect 'S1.1: it stands in the dossier' 0 'IN IS ON VERSION 3 OF THE DENY LIST; exception until 2022-03-20' \
    "$AMANAT" sub show mdm --dossier
fits 'a dossier'
expect 'sub show --json' 0 '"decide_by":"2022-01-15"' "$AMANAT" --json sub show mdm --dossier
is_json 'sub show'
expect 'what takes the next step' 0 'to take it: *amanat sub renew mdm --step active --order NUMBER --evidence FILE' "$AMANAT" sub show mdm
fits 'sub show'
expect 'it is entered once' 2 "there is a subscription 'mdm'" as own sub add "$(with 's/^origin:.*/origin: IN/')"
expect '... and changed' 0 "entered: 'mdm'" as own sub add "$(with 's/^origin:.*/origin: IN/')" --new-version
set_field() { as own sub add --new-version --set "$@"; }
before=$(statements)
expect 'a field of what is not there' 2 "no subscription 'nix'" set_field id=nix --set customer=T-4712
expect 'of nothing' 2 'the id of a subscription' set_field customer=T-4712
expect 'a field that is wrong' 40 'due_diligence: a day' set_field id=mdm --set due_diligence=2021-13-01
expect 'a field that is needed' 40 'customer: missing' set_field id=mdm --set customer=
expect 'without --new-version it is a new record' 40 'purpose: missing' as own sub add --set id=mdm --set customer=T-4712
unchanged
"$AMANAT" sub export --records --with-price >"$work/was.csv" 2>/dev/null
expect 'one field, without the file' 0 "entered: 'mdm'" set_field id=mdm --set handover=T-4712 --set 'administrators=[dit]'
"$AMANAT" sub export --records --with-price >"$work/is.csv" 2>/dev/null
python3 - "$work/was.csv" "$work/is.csv" <<'P'
import csv, sys
was, now = (next(csv.DictReader(open(p, newline=""))) for p in sys.argv[1:])
assert {k: v for k, v in now.items() if v != was[k]} == {"handover": "T-4712", "administrators": "dit"}, now
P
result '... and the others stay' $?
expect '... as they were' 0 "entered: 'mdm'" set_field id=mdm --set 'administrators=[dit, mdm@nitb.example]'

# ---- the first year: reminders (S1.4, R-4 to R-6)
AMANAT_NOW=2021-04-15T05:00:00Z
step() { s_by=$1 s_to=$2; shift 2; as "$s_by" sub renew mdm --step "$s_to" --evidence "$work/e1" "$@"; }
expect 'a step has evidence' 2 'needs --evidence.*R-11' as own sub renew mdm --step active --order 1
expect 'R-11: active names the order' 10 'names the contract or order.*R-11' step own active
expect 'R-2: not for everybody' 10 "'b' holds none of the posts" step b active --order PO-2021-17
expect 'R-11: no step is left out' 10 'no step is left out' step own verified
expect 'active' 0 "'mdm' is active" step own active --order PO-2021-17
AMANAT_NOW=2021-07-10T05:00:00Z
drilled; result 'drilled' $?
# 19 July 2021 is a Monday; it and the two days after are holidays here
expect 'nothing is due before' 0 '' at 2021-07-15T18:59:59Z "$AMANAT" due
not_said "'mdm'"
expect 'S1.4: raised on the working day before the holidays' 31 "180 days to decide\|183 days to decide" \
    at 2021-07-15T19:00:01Z "$AMANAT" due
said "2021-07-15 19:00 UTC OVERDUE own: 'mdm' (e-Cabinet MDM)"
said 'the decision is due on 2022-01-15'
said 'amanat sub ack mdm'
fits 'due'
before=$(statements)
expect 'R-4: due --at' 31 "own: 'mdm'" "$AMANAT" due --at 2021-07-16
expect '... the day before' 0 '' "$AMANAT" due --at 2021-07-15T18:59:59Z
not_said "'mdm'"
expect '... is a time' 2 'a day or an instant' "$AMANAT" due --at soon
expect 'sub list --at' 31 'LATE' "$AMANAT" sub list --at 2022-01-16
unchanged
# a timer: each thing once, whatever was between
run_at() { at "$1" "$AMANAT" remind 2>"$work/err" >"$work/out"; }
run_at 2021-07-10T06:00:00Z; [ ! -s "$work/out" ]; result 'remind: nothing yet' $?
run_at 2021-07-15T20:00:00Z; said "dir-eo (own): 'mdm' (e-Cabinet MDM): 183 days to decide"
fits 'remind'
run_at 2021-07-15T21:00:00Z; [ ! -s "$work/out" ]; result '... once' $?
run_at 2021-07-19T05:00:00Z; [ ! -s "$work/out" ]; result '... not again on the day itself' $?
run_at 2021-07-23T05:00:00Z; said "dio-post (dio): 'mdm'"
expect 'doctor: it ran' 0 'the last run succeeded' at 2021-07-24T05:00:00Z "$AMANAT" doctor
expect 'doctor: it is silent' 31 'no run has succeeded since 2021-07-23' at 2021-07-25T05:00:01Z "$AMANAT" doctor
expect '... and that is due' 31 "no run of 'amanat remind' has succeeded" at 2021-07-25T05:00:01Z "$AMANAT" due
expect 'a run that is not delivered' 1 'told again' at 2021-07-30T05:00:00Z "$AMANAT" remind --command /bin/false
printf '#!/bin/sh\ncat >"%s/hook"\n' "$work" >"$work/hook.sh"; chmod +x "$work/hook.sh"
expect '... is told again' 0 '' at 2021-07-30T05:00:00Z "$AMANAT" remind --command "$work/hook.sh"
cp "$work/hook" "$work/out"; is_json 'remind --command'
said '"subscription":"mdm","name":"e-Cabinet MDM","post":"dfa","who":"a"'
expect 'a command is no shell' 2 'path of a program' "$AMANAT" remind --command 'echo x'
expect 'a command that is not there' 1 'cannot run' at 2021-08-10T05:00:00Z "$AMANAT" remind --command /none
expect 'R-3: mail goes to the agency' 2 'R-3' "$AMANAT" remind --sendmail someone@gmail.com
expect 'one way a run' 2 'two runs' "$AMANAT" remind --sendmail a@nitb.example --command /bin/true
run_at 2021-08-10T05:00:00Z
expect 'R-5: after seven days the deputy' 31 "dio: 'mdm'" at 2021-07-23T05:00:00Z "$AMANAT" due
expect 'R-5: then who pays' 31 "a: 'mdm'" at 2021-07-30T05:00:00Z "$AMANAT" due
expect 'R-6: past the head, who is vacant' 31 "a: 'mdm'" at 2021-08-10T05:00:00Z "$AMANAT" due
expect 'R-5: it is for who holds a post of it' 10 'holds none of the posts' at 2021-07-23T05:00:00Z as b sub ack mdm
expect 'the deputy acknowledges' 0 'acknowledged' at 2021-07-23T05:00:00Z as dio sub ack mdm
run_at 2021-09-16T17:00:00Z
expect '... and is not asked again' 0 '' at 2021-09-16T18:00:00Z "$AMANAT" due
not_said "'mdm'"
expect '... before the next one' 31 '120 days to decide' at 2021-09-17T05:00:00Z "$AMANAT" due
expect '... before Sunday 17 October' 31 '93 days to decide' at 2021-10-14T05:00:00Z "$AMANAT" due
expect 'S1.4: which is raised on Friday' 0 'next reminder: *2021-10-15' at 2021-10-14T05:00:00Z "$AMANAT" sub show mdm
expect '... and due' 31 '92 days to decide' at 2021-10-15T05:00:00Z "$AMANAT" due
AMANAT_NOW=2021-12-10T05:00:00Z
drilled; result 'drilled' $?
expect 'a missed decision stays' 0 'acknowledged' at 2022-01-20T05:00:00Z as own sub ack mdm
expect '... in sight' 31 'the decision is late: it was due on 2022-01-15' at 2022-01-20T05:00:00Z "$AMANAT" due
said 'next: amanat sub renew mdm --step decision --choice CHOICE --evidence FILE'
fits 'due, a decision'
expect '... and in the list' 31 'LATE' at 2022-01-20T05:00:00Z "$AMANAT" sub list
fits 'sub list'
expect 'sub list --json' 31 '"overdue":true' at 2022-01-20T05:00:00Z "$AMANAT" --json sub list
is_json 'sub list'

# ---- calendar (R-7)
ics() { # NAME [OLDER]: what was written last reads well
	python3 tests/e2e/ics.py "$work/$1.ics" ${2:+"$work/$2.ics"} >"$work/out" 2>"$work/err"
	result "an independent reader takes $1.ics" $?
}
calendar() { at "$1" "$AMANAT" sub ics ${3:-} >"$work/$2.ics" 2>"$work/err"; }
calendar 2022-01-20T05:00:00Z first mdm
ics first
said 'VTODO sub-mdm@v.example [0-9]* NEEDS-ACTION 20210719 20220115 8'
said 'VEVENT sub-mdm-d90@v.example [0-9]* CONFIRMED 20211017 20211018'
said 'VEVENT sub-mdm-d90w@v.example [0-9]* CONFIRMED 20211015 20211016'
grep -q 'TRIGGER;RELATED=END:-PT2151H' "$work/first.ics"; result 'it rings at nine, in one unit' $?
calendar 2022-01-20T05:00:00Z again mdm
cmp -s "$work/first.ics" "$work/again.ics"; result 'X-15: the same bytes' $?
! grep -qE 'TEST-secret|1.000.000|PKR' "$work/first.ics"; result 'no secret, no price' $?
expect '--with-price' 0 'DESCRIPTION:1..000..000 PKR' "$AMANAT" sub ics mdm --with-price
expect 'sub ics of none' 2 "no subscription 'none'" "$AMANAT" sub ics none

# ---- the register for a spreadsheet
expect 'sub export: csv or json' 2 "csv or json, not 'xml'" "$AMANAT" sub export --format xml
expect 'sub export: of all' 2 'takes' "$AMANAT" sub export mdm
expect 'sub export' 0 '^id,name,state,control,owner,deputy,start,end,decide_by,renews_itself,reach,order,credentials.$' \
    "$AMANAT" sub export
said 'mdm,e-Cabinet MDM,active,unverified,dir-eo,dio-post,2021-04-15,2022-04-15,2022-01-15,no,yes,PO-2021-17,cabinet/mdm'
! grep -qE 'TEST-secret|1.000.000|PKR' "$work/out"; result 'no secret, no price' $?
expect '... with it' 0 'cabinet/mdm,"1,000,000 PKR"' "$AMANAT" sub export --format csv --with-price
expect '... for programs' 0 '"order":"PO-2021-17","credentials":\["cabinet/mdm"\]}' "$AMANAT" sub export --format json
is_json 'sub export'
expect '... the same' 0 '"credentials":\["cabinet/mdm"\],"price":"1,000,000 PKR"}' "$AMANAT" --json sub export --with-price
is_json 'sub export with prices'

# ---- the renewal: replace (S1.7)
AMANAT_NOW=2022-02-10T05:00:00Z
drilled; result 'drilled' $?
expect 'R-11: what is decided?' 2 'renew, replace or end' step own decision
expect 'decision' 0 "'mdm' is decision" step own decision --choice replace
expect 'R-11: as decided' 10 'does not follow on a decision to replace' step own renewing --order PO-9
expect 'replacing' 0 "'mdm' is replacing" step own replacing --order PO-2022-3
expect 'R-11: nobody has logged in' 10 'two people have to log in.*R-11' step own verified
expect 'S1.7: the exception that has ended is overdue' 31 'the exception has ended' at 2022-03-21T05:00:00Z "$AMANAT" due
expect 'sub test' 0 'a login that worked is recorded' at 2022-04-10T05:00:00Z as to sub test mdm --evidence "$work/e1"
expect 'R-11: one person is one' 10 'two people have to log in' at 2022-04-10T05:00:00Z step own verified
expect 'a second person' 0 'controlled' at 2022-04-10T06:00:00Z as dio sub test mdm --evidence "$work/e1"
expect 'verified' 0 "'mdm' is verified" at 2022-04-10T07:00:00Z step own verified
expect 'R-11: replaced is closed, not active' 10 'R-11' at 2022-04-10T07:00:00Z step own active --order X --end 2023-01-01
AMANAT_NOW=2022-04-15T05:00:00Z
expect 'sub close needs an end' 10 'has a day on which it ends' as own sub close mdm --order 'proof 1' --evidence "$work/e1"
expect 'S1.7: closed' 0 "'mdm' is closed" as own sub close mdm --order 'proof 1' --end 2022-04-15 --evidence "$work/e1"
expect 'closed is closed' 10 'is closed' as own sub ack mdm
run_at 2022-05-20T04:00:00Z
expect '... and asks for nothing' 0 '' at 2022-05-20T05:00:00Z "$AMANAT" due
not_said "'mdm'"

calendar 2022-05-20T05:00:00Z closed
ics closed first
! grep '^STATUS' "$work/closed.ics" | grep -qv CANCELLED; result 'what is closed is cancelled' $?

# ---- the replacement, renewed: both anchors (R-9, R-10)
sed -e 's/^id:.*/id: mdm2/; s/^start:.*/start: 2022-02-10/; s/^end:.*/end: 2023-02-28/; s/^renews:.*/renews: 12m/; s/^notice:.*/notice: 2m/' \
    "$work/mdm.yaml" >"$work/mdm2.yaml"
expect 'a name that a spreadsheet would run' 0 "'calc' is complete" as own sub add \
    "$(with 's/^id:.*/id: calc/; s/^name:.*/name: "=1+cmd|X!A1"/; s/^end:.*/end: 2031-04-15/')"
expect 'sub export: it does not run' 0 "^calc,'=1+cmd|X!A1,complete" "$AMANAT" sub export
said 'mdm,e-Cabinet MDM,closed'
expect 'the replacement' 0 "'mdm2' is complete" as own sub add "$work/mdm2.yaml"
step2() { as own sub renew mdm2 --step "$@" --evidence "$work/e1"; }
step2 active --order PO-2022-3 >/dev/null 2>&1
expect 'R-10: it will renew by itself' 31 'unless notice is given by 2022-12-28' at 2022-12-01T05:00:00Z "$AMANAT" due
expect 'glpi#23084: of the current term' 31 'unless notice is given by 2023-12-28' at 2023-12-01T05:00:00Z "$AMANAT" due
AMANAT_NOW=2023-12-01T06:00:00Z
drilled; result 'drilled' $?
step2 decision --choice renew >/dev/null 2>&1
step2 renewing --order PO-2023-8 >/dev/null 2>&1
for p in to dio; do as $p sub test mdm2 --evidence "$work/e1" >/dev/null 2>&1; done
step2 verified >/dev/null 2>&1
expect 'a renewal is later' 10 'ends after the term before' step2 active --order PO-2023-8 --end 2024-02-28
expect '--for and --end are one' 2 'in the place of --end' step2 active --order X --end 2025-02-28 --for 12m
expect 'renewed from the old end' 0 "'mdm2' is active" step2 active --order PO-2023-8 --for 12m
expect '... as the term goes' 0 'end: *2025-02-28' "$AMANAT" sub show mdm2
fits 'sub show'

calendar 2023-12-01T07:00:00Z later
ics later closed
said 'VTODO sub-mdm2@v.example [0-9]* NEEDS-ACTION 20240603 20241130 8'

# ---- what was sent to calendars and is no reminder any more (R-7)
lead() { # LEADS END NAME: another version of it, in NAME.ics
	as own sub add "$(with "s/^id:.*/id: lead/; s/^end:.*/end: $2/; \$aleads: [$1]")" \
	    --new-version >"$work/err" 2>&1 && calendar "$AMANAT_NOW" "$3" lead
}
as own sub add "$(with 's/^id:.*/id: lead/; s/^end:.*/end: 2031-04-15/; $aleads: [90, 60, 30]')" >"$work/err" 2>&1
calendar "$AMANAT_NOW" lead1 lead
lead 90 2031-04-15 lead2; result 'a lead time is dropped' $?
ics lead2 lead1
said 'VEVENT sub-lead-d60@v.example 64 CANCELLED 20301116 20301117.*sub-lead-d60w@v.example 64 CANCELLED 20301115'
said 'VEVENT sub-lead-e30@v.example 64 CANCELLED 20310316'
said 'VEVENT sub-lead-d90@v.example 64 CONFIRMED'
calendar "$AMANAT_NOW" lead2again lead
cmp -s "$work/lead2.ics" "$work/lead2again.ics"; result '... the same bytes' $?
lead '90, 30' 2031-04-15 lead3; result '... another comes back' $?
ics lead3 lead2
ics lead3 lead1
said 'sub-lead-e30@v.example 128 CONFIRMED 20310316'
said 'sub-lead-d60@v.example 128 CANCELLED'
lead '90, 30' 2031-04-19 lead4; result '... and the end moves' $?
ics lead4 lead3
ics lead4 lead1
said 'sub-lead-e30@v.example 192 CONFIRMED 20310320'
said 'sub-lead-d60@v.example 192 CANCELLED'
# 20 March 2031 becomes a holiday, and is none any more
for days in 2031-03-20 2021-07-19; do
	sed "s/^holidays:.*/holidays: [$days]/" "$work/nitb.yaml" >"$work/days.yaml"
	as own sub entity "$work/days.yaml" >"$work/err" 2>&1
	calendar "$AMANAT_NOW" "lead-$days" lead
done
ics lead-2031-03-20 lead4
said 'sub-lead-e30w@v.example 256 CONFIRMED 20310319'
ics lead-2021-07-19 lead-2031-03-20
said 'sub-lead-e30w@v.example 320 CANCELLED 20310319'
as own sub entity "$work/nitb.yaml" >"$work/err" 2>&1
(calendar 2031-10-01T05:00:00Z lead-late lead)
ics lead-late lead1
said 'sub-lead-d60@v.example [0-9]* CANCELLED'
(calendar 2031-12-01T05:00:00Z lead-later lead)
! grep -q 'lead-d60' "$work/lead-later.ics"; result '... until a year is over' $?

# ---- S4, S5: out of reach the day that it becomes so
expect 'in reach' 0 'mdm2 .* yes' "$AMANAT" sub list
as a absent b --from 2024-11-01 --to 2025-01-31 --reason 'leave' >/dev/null 2>&1
expect 'one away is no harm' 0 'mdm2 .* yes' "$AMANAT" sub list
as a absent c --from 2024-11-01 --to 2025-01-31 --reason 'leave' >/dev/null 2>&1
expect 'two away then: nobody can open it' 30 'NO: cabinet' "$AMANAT" sub list
expect '... and it is due today' 31 "when its renewal needs it, safe 'cabinet' has no quorum" "$AMANAT" due
fits 'out of reach'

expect 'a page to print' 30 "written to" "$AMANAT" sub list --html "$work/year.html"
expect '... is not written over' 2 'is there already' "$AMANAT" sub list --html "$work/year.html"
expect '... as it was some months before' 30 'written to' "$AMANAT" sub list --at 2024-05-01 --html "$work/before.html"
python3 - "$work/before.html" "$work/year.html" <<'PY' >"$work/out" 2>&1
import html.parser, sys
class P(html.parser.HTMLParser):
    open = []
    def handle_starttag(self, tag, attrs):
        for k, v in attrs:
            assert k not in ("src", "href") and not k.startswith("on"), k
        if tag not in ("meta", "br", "line"): self.open.append(tag)
    def handle_startendtag(self, tag, attrs): pass
    def handle_endtag(self, tag): assert self.open.pop() == tag, tag
p = P(); text = open(sys.argv[2], encoding="utf-8").read(); p.feed(text)
assert not p.open and "<script" not in text and "http" not in text
assert "NO QUORUM THEN in safe cabinet" in text and "mdm2" in text
# each date within the year is drawn where it is: two units a day
import datetime, re
text = open(sys.argv[1], encoding="utf-8").read()
day = lambda t: datetime.date.fromisoformat(t)
start = day(re.search(r"A year from <bdi>([^<]*)", text)[1])
rows, drawn = text.split("<tr>")[2:], 0
for row in rows:
    marks = dict((l, int(x)) for x, l in re.findall(r'<text x="(\d+)"[^>]*>([DE])<', row))
    dates = dict(zip("DE", re.findall(r"<bdi>(\d{4}-\d\d-\d\d)</bdi>", row)))
    for letter, date in dates.items():
        at = (day(date) - start).days
        assert marks.get(letter) == (None if at > 365 else max(at, 0) * 2 + 4), (letter, date, marks)
        drawn += letter in marks
assert drawn >= 2, drawn
PY
result 'one page, whole, that needs nothing else; its dates are in their place' $?

# ---- lint, orphans, note
expect 'R-12: nothing is alone' 0 'is alone' "$AMANAT" sub orphans
printf TEST-secret | as to put cabinet/wifi --from /dev/stdin --type login >/dev/null 2>&1
expect 'R-12: a credential that nothing needs' 31 'cabinet/wifi: no subscription needs it' "$AMANAT" sub orphans
expect 'sub orphans --json' 31 '"kind":"credential","id":"cabinet/wifi"' "$AMANAT" --json sub orphans
is_json 'sub orphans'

# ---- ask from within a renewal
before=$(statements)
expect 'ask: neither a reason nor a renewal' 2 'needs --reason' as to ask cabinet/mdm
expect 'ask --renewal is the ticket' 2 'leave out --ticket' as to ask cabinet/mdm --renewal mdm2 --ticket T-1
expect 'ask --renewal of none' 2 "no subscription 'none'" as to ask cabinet/mdm --renewal none
expect '... for no credential' 2 "no credential 'none' in safe 'cabinet'" as to ask cabinet/none --renewal mdm2
expect '... for what it does not need' 10 "does not need 'cabinet/wifi'; 'amanat sub show mdm2'" \
    as to ask cabinet/wifi --renewal mdm2
fits 'not needed'
expect '... not even to look' 10 'does not need' as to ask cabinet/wifi --renewal mdm2 --dry-run
expect '... of what is closed' 10 "'mdm' is closed" as to ask cabinet/mdm --renewal mdm
unchanged
expect 'sub show: nothing was asked' 0 '"credentials":\["cabinet/mdm"\],"requests":\[\]' "$AMANAT" --json sub show mdm2
expect 'its ticket for another credential' 0 '^r-1' as to ask cabinet/wifi --reason 'no tie' --ticket sub:mdm2
expect 'ask --renewal' 0 '^r-2' as to ask cabinet/mdm --renewal mdm2
expect '... says why' 0 "renewal of 'e-Cabinet MDM' (mdm2), decide by 2024-11-30" "$AMANAT" show r-2
said 'ticket: *sub:mdm2'
expect '... or as it is said' 0 '^r-3' as to ask cabinet/mdm --renewal mdm2 --reason 'the quote of F.12'
expect '... in these words' 0 'why: *the quote of F.12' "$AMANAT" show r-3
for p in a b; do as $p approve r-2 --yes; done >"$work/approved" 2>&1
as to open r-2 >"$work/opened" 2>/dev/null
expect 'sub show: what is needed' 0 'needs: *cabinet/mdm' "$AMANAT" sub show mdm2
said 'r-3 by to: cabinet/mdm version 1, waiting, not rotated since.*r-2 by to: .*, opened, NOT'
not_said 'r-1 '
fits 'what was asked'
printf TEST-secret | as to put cabinet/mdm --from /dev/stdin --type login --new-version >"$work/rotated" 2>&1
for p in to dio; do as $p rotate cabinet/mdm --evidence "$work/e1"; done >>"$work/rotated" 2>&1
expect '... and changed at the vendor since' 0 'r-2 by to: cabinet/mdm version 1, opened, rotated since' \
    "$AMANAT" sub show mdm2
expect '... for programs' 0 '"request":"r-2","credential":"cabinet/mdm","version":1,"by":"to","state":"opened","rotated":true' \
    "$AMANAT" --json sub show mdm2
is_json 'what was asked'
expect '... and not for another' 0 '"requests":\[\]' "$AMANAT" --json sub show mdm
expect 'sub lint' 0 'nothing is wrong' "$AMANAT" sub lint
sed 's/mdm@nitb.example, //' "$work/nitb.yaml" >"$work/nitb2.yaml"
as own sub entity "$work/nitb2.yaml" >/dev/null 2>&1
expect 'sub lint: a mailbox that was given up' 40 'not on the entity.s list of role mailboxes' "$AMANAT" sub lint
fits 'sub lint'
expect 'sub lint --json' 40 '"field":"mailbox"' "$AMANAT" --json sub lint
is_json 'sub lint'
expect 'S2.3: a failed login takes control away' 0 'not-controlled' as to sub test mdm2 --failed --evidence "$work/e1"
expect '... and is due' 31 'not under control of the entity' "$AMANAT" due
expect 'R-13: one page' 0 'Whom to call' "$AMANAT" sub note mdm2
said 'amanat ask cabinet/mdm --reason TEXT'
fits 'a note'
[ "$(wc -l <"$work/out")" -le 66 ]; result '... of 66 lines at most' $?

expect 'a note is for people' 2 'a page for people' "$AMANAT" --json sub note mdm2 --rescue
expect 'a rescue of none' 2 "no subscription 'none'" "$AMANAT" sub note none --rescue
expect 'S2.2: the steps of a rescue' 0 "Rescue of 'e-Cabinet MDM' (mdm2)" "$AMANAT" sub note mdm2 --rescue
said 'now not-controlled'
said 'Letter of the head of the entity (post ceo) to TEST Software Ltd.*Proof of purchase.*PO-2021-17.*Proof of domain.*nitb.example.*validate the holder anew.*freeze all other administrators'
said 'incident open --cause ownership --cred cabinet/mdm.*ALL factors.*put cabinet/mdm --new-version.*rotate cabinet/mdm --evidence.*list the administrators.*sub test mdm2 --evidence'
not_said '--failed'
fits 'a rescue'
[ "$(wc -l <"$work/out")" -le 66 ]; result '... of 66 lines at most' $?
# every field as long as it can be, and the most credentials
long=$(printf 'word %.0s' $(seq 200)) links=cabinet/a-name-as-long-as-one-can-be-which-is-sixty-four-in-all-and-no-m
printf TEST-secret | as to put "$links" --from /dev/stdin >/dev/null 2>&1
for l in $(seq 15); do
	printf TEST-secret | as to put "cabinet/a-name-of-some-length-$l" --from /dev/stdin || exit 1
	links="$links, cabinet/a-name-of-some-length-$l"
done >"$work/many" 2>&1
expect 'the longest record' 0 "'long' is complete" as own sub add "$(with "s/^id:.*/id: long/; s/^name:.*/name: $(echo "$long" | cut -c1-120)/; s/^vendor_contacts:.*/vendor_contacts: [${long}, x@vendor.example]/; s/^mailbox:.*/mailbox: it@nitb.example/; s/^end:.*/end: 2031-04-15/; s/^administrators:.*/administrators: [dit, dfa, ceo, dir-eo, dio-post]/; s/^credentials:.*/credentials: [$(echo "$links" | sed 's,/,\\/,g')]/; s/^\\(vendor\\|contract\\|customer\\|vendor_recovery\\):.*/\\1: $long/")"
expect '... has its page' 0 'and 14 more, see: amanat sub show long' "$AMANAT" sub note long --rescue
said 'sub test long --failed'
fits 'the longest rescue'
[ "$(wc -l <"$work/out")" -le 66 ]; result '... of 66 lines at most' $?

# ---- no secret, and the auditor sees the same
! cat "$work/out" "$work/err" | grep -q TEST-secret; result 'no secret' $?
expect 'verify' 0 '' "$AMANAT" verify
expect 'export' 0 '' "$AMANAT" export "$work/bundle"
expect 'verify the bundle' 0 '' env -u AMANAT_VAULT "$AMANAT" verify "$work/bundle"
"$AMANAT" remind >/dev/null 2>&1
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild

finish
