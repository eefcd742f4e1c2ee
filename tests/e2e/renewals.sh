#!/bin/sh
# Renewals and the people who can open what they need: domain.md, scenario 1
# (steps 1, 2, 4, 7), 2 (1, 3, 4), 4 and 5 with subscriptions; R-4 to R-12, and
# analyze --subscriptions, which says who will be missing, why, and what to do.
# Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

at() { AMANAT_NOW=$1; export AMANAT_NOW; }
must() { "$@" >"$work/out" 2>&1 || { cat "$work/out"; echo "Bail out! $*"; exit 1; }; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
not_said() { ! joined | grep -q -- "$1"; result "... not: $1" $?; }
reach() { "$AMANAT" analyze --subscriptions "$@"; }
# drilled SAFE PERSON...: the first calls a drill, and all of them prove
drilled() { d_safe=$1; shift; for d_p in "$@" "$1"; do as "$d_p" drill "$d_safe" --yes >"$work/drilled" 2>&1; done; }
at 2021-03-19T04:00:00Z

old='a b c d e f g'
for k in root own dio to $old; do key $k; done
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in own dio to a b c; do
	must as root person add $p --name "P $p"
	must as root,$p token enrol $p --label $p
done
must as root person add con --name CON --kind contractor --sponsor dio --until 2021-08-31
for p in dir-eo dio-post dit dfa ceo interim; do must as root post add $p --title "Post $p"; done
holds() { must as root appoint "$1" "$2" --authority MoITT --kind substantive --order 1 --from 2021-03-19; }
holds own dir-eo; holds dio dio-post; holds to dit; holds a dfa
must as root safe create cabinet --level baseline --quorum 2 --custodians a,b,c
for step in join deal accept; do for p in a b c; do must as $p safe join cabinet; done; done
printf TEST-secret >"$work/v1"
must as to put cabinet/mdm --from "$work/v1" --type login
echo evidence >"$work/e1"
cat >"$work/nitb.yaml" <<'YAML'
id: nitb
name: NITB
mailboxes: [mdm@nitb.example]
surrender: 04-30
YAML
cp tests/mdm.yaml "$work/mdm.yaml"
with() { sed "$1" "$work/mdm.yaml" >"$work/other.yaml"; echo "$work/other.yaml"; }

# ---- analyze --subscriptions: what it refuses, and nothing to say
expect 'of all safes' 2 'about all safes' "$AMANAT" analyze cabinet --subscriptions
expect 'not with batches' 2 'goes without --transition' reach --transition 2022-01-01
expect 'not with a page' 2 'goes without --html' reach --html "$work/page.html"
[ ! -e "$work/page.html" ]; result '... and no page' $?
expect 'not with a horizon' 2 'goes without --horizon' reach --horizon 10d
expect 'not with openers' 2 'goes without --openers' reach --openers
expect '--at is a day' 2 '--at is a day' reach --at soon
expect '--without is a person' 2 "no person 'x'" reach --without x
expect 'no subscription' 0 '0 in reach, 0 out of reach, 0 without a credential' reach
expect '... for programs' 0 '"subscriptions":\[\]' reach --json
is_json 'no subscription'

# ---- scenario 1, step 1: an origin on the deny list
must as root sub entity "$work/nitb.yaml"
must as root sub deny 3 IN --reason 'order F.9'
must agreed a b
before=$(statements)
expect 'S1.1: origin IN' 10 'IN is on version 3 of the deny list.*R-8' as own sub add "$(with 's/^origin:.*/origin: IN/')"
# ---- step 2: owner and mailbox
expect 'S1.2: a contractor owns nothing' 40 "owner: 'con' is a person" as own sub add "$(with 's/^owner:.*/owner: con/')"
expect 'S1.2: free mail' 40 'mailbox: an address that anybody gets' as own sub add "$(with 's/^mailbox:.*/mailbox: mdm@gmail.com/')"
expect 'R-8: a waiver is of a rule that there is' 2 'cannot be waived' as own waive R-9 mdm --until 2022-03-20 --reason X
unchanged
must as own waive R-8 mdm --until 2022-03-20 --reason 'F.10, twelve months'
expect 'S1.1: a motion alone is no exception' 10 'R-8' as own sub add "$(with 's/^origin:.*/origin: IN/')"
must agreed a b
expect 'S1.1: by exception' 0 "'mdm' is complete" as own sub add "$(with 's/^origin:.*/origin: IN/')"
expect 'S1.1: it stands in the dossier' 0 'DENY LIST; exception until 2022-03-20' "$AMANAT" sub show mdm --dossier
expect 'S1.1: and in every analysis' 30 'R-8 mdm until 2022-03-20' "$AMANAT" analyze
must as own sub add "$(with 's/^id:.*/id: paper/; /^credentials:/d; s/^name:.*/name: Paper/')"
must as own sub add "$(with 's/^id:.*/id: later/; s/^end:.*/end: 2024-04-15/')"

# ---- step 4: the days
at 2021-04-15T05:00:00Z
step() { s_by=$1 s_to=$2; shift 2; as "$s_by" sub renew mdm --step "$s_to" --evidence "$work/e1" "$@"; }
must step own active --order PO-2021-17
at 2021-06-02T19:00:01Z # its last day ends at 24:00 PKT
expect "S1.4: 90 days to the contractor's end" 0 "2021-08-31 19:00 UTC .*the contract of 'con'" "$AMANAT" due
drilled cabinet a b c
at 2021-07-18T18:59:59Z
expect 'S1.4: no reminder on the day before' 0 '' "$AMANAT" due
not_said "'mdm'"
at 2021-07-19T05:00:00Z
expect 'S1.4: 180 days before 2022-01-15' 31 "own: 'mdm' (e-Cabinet MDM): 180 days to decide" "$AMANAT" due
must as own sub ack mdm
expect 'S1.7: until it is acknowledged' 31 "own: 'paper'" "$AMANAT" due
not_said "own: 'mdm'"
at 2021-10-14T18:59:59Z
expect 'S1.4: before Friday, nothing new' 0 'next reminder: *2021-10-15' "$AMANAT" sub show mdm
at 2021-10-15T05:00:00Z
expect 'S1.4: Sunday 17 October is raised on Friday 15' 31 "'mdm' (e-Cabinet MDM): 92 days to decide" "$AMANAT" due

# ---- who can open it then
expect 'all are in reach' 0 "'mdm' 2022-01-15: in reach; 1 more can be lost" reach
said "'later' 2024-01-16: in reach; 1 more can be lost"
said "'paper' 2022-01-15: no credential is linked"
said '2 in reach, 0 out of reach, 1 without a credential'
fits 'analyze --subscriptions, in reach'
expect '... for programs' 0 '"id":"mdm","name":"e-Cabinet MDM","day":"2022-01-15","reach":"yes","losses":1,"safes":\[\]' reach --json
is_json 'analyze --subscriptions, in reach'
said '"id":"paper",.*"reach":"unlinked","losses":null'
expect 'what if one is lost' 0 "'mdm' 2022-01-15: in reach; one loss more would end that" reach --without a
expect 'what if two are' 30 "'mdm' 2022-01-15: OUT OF REACH" reach --without a,b
said 'missing a: lost'

# ---- step 7: a replacement, and the lapse in sight until it is closed
at 2022-02-10T05:00:00Z
drilled cabinet a b c
expect 'S1.7: the decision is late' 31 'the decision is late: it was due on 2022-01-15' "$AMANAT" due
must step own decision --choice replace
must step own replacing --order PO-2022-3
expect 'what is decided is needed at its end' 0 "'mdm' 2022-04-15: in reach" reach
at 2022-03-20T18:59:59Z
expect 'S1.7: the exception runs' 31 '' "$AMANAT" due
not_said "'mdm'.*the exception has ended"
at 2022-03-20T19:00:01Z
expect 'S1.7: it has lapsed' 31 "'mdm' (e-Cabinet MDM): IN is on the deny list, and the exception has ended" "$AMANAT" due
at 2022-04-10T05:00:00Z
before=$(statements)
expect 'S1.7: not without login tests' 10 'R-11' step own verified
expect 'S1.7: nor closed' 10 'R-11' as own sub close mdm --order 'proof 1' --end 2022-04-15 --evidence "$work/e1"
unchanged
for p in to dio; do must as $p sub test mdm --evidence "$work/e1"; done
must step own verified
at 2022-04-15T05:00:00Z
expect 'S1.7: closed, with the proof that it was deleted' 0 "'mdm' is closed" \
    as own sub close mdm --order 'proof 1' --end 2022-04-15 --evidence "$work/e1"
"$AMANAT" due >"$work/out" 2>"$work/err"
not_said "'mdm'"
reach >"$work/out" 2>"$work/err"
not_said "'mdm'"

# ---- scenario 2: an account that stands in the name of a contractor who left
before=$(statements)
grep -vE '^(notice|administrators):' "$work/mdm.yaml" | sed 's/^id:.*/id: rescue/; s/^name:.*/name: Rescue/
    s/^mailbox:.*/mailbox: con@gmail.com/; s/^owner:.*/owner: con/; s/^end:.*/end: 2023-04-15/' >"$work/legacy.yaml"
expect 'S2.1: what is wrong is named at once' 40 "owner: 'con' is a person" as own sub add "$work/legacy.yaml"
for f in mailbox notice administrators; do said "$f: "; done
unchanged
must as own sub add "$(with 's/^id:.*/id: rescue/; s/^name:.*/name: Rescue/; s/^start:.*/start: 2022-04-15/; s/^end:.*/end: 2023-04-15/')"
tests() { # STATUS-WORD PERSON [--failed]
	t_word=$1 t_by=$2; shift 2
	expect "S2: a login by $t_by: $t_word" 0 "$t_word" as "$t_by" sub test rescue --evidence "$work/e1" "$@"
}
tests not-controlled to --failed
expect 'S2.3: it is due' 31 "'rescue' (Rescue): a login failed, and the account is not under control" "$AMANAT" due
expect 'S2.3: and in the list' 31 '"id":"rescue","name":"Rescue","state":"complete","control":"not-controlled"' "$AMANAT" sub list --json
must "$AMANAT" export --status "$work/lost.status"
expect 'S2.3: and in the status' 0 '"subscriptions":{"unverified":[0-9]*,"controlled":[0-9]*,"not_controlled":1}' "$AMANAT" import --status "$work/lost.status" --json
! grep -qi 'rescue' "$work/lost.status"; result '... which names nothing' $?
before=$(statements)
must as own sub add "$(with 's/^id:.*/id: rescue/; s/^name:.*/name: Rescue/; s/^start:.*/start: 2022-04-15/; s/^end:.*/end: 2023-04-15/')" --new-version
expect 'S2.3: a new record changes nothing' 31 '"id":"rescue",[^}]*"control":"not-controlled"' "$AMANAT" sub list --json
at 2022-04-20T05:00:00Z
tests not-controlled to
expect 'S2.4: one person is not two' 31 '"id":"rescue",[^}]*"control":"not-controlled"' "$AMANAT" sub list --json
tests controlled dio
"$AMANAT" due >"$work/out" 2>"$work/err"
not_said 'not under control'
must "$AMANAT" export --status "$work/found.status"
expect 'S2.4: nor in the status' 0 '"not_controlled":0}' "$AMANAT" import --status "$work/found.status" --json

# ---- a proof that is overdue counts as missing, also where orders end later
must as root appoint c interim --authority MoITT --kind acting --order F.2 --from 2022-04-20 --to 2022-12-31
must agreed a b
drilled cabinet a b c
at 2022-09-01T05:00:00Z
drilled cabinet b c
at 2022-11-20T05:00:00Z
as b drill cabinet --yes >"$work/out" 2>&1
as c drill cabinet --yes >"$work/out" 2>&1
expect 'one overdue, one whose order ends' 30 "'rescue' 2023-01-15: OUT OF REACH" reach
said "safe 'cabinet': 1 of 2"
said 'missing a: proof overdue since 2022-[0-9-]* what to do amanat drill cabinet, by a'
said 'missing c: appointment as interim over: last day 2022-12-31, order F.2'
said 'what to do amanat appoint c interim --kind KIND --order NEW'
not_said 'missing b'
fits 'analyze --subscriptions, out of reach'
expect '... and the list says so' 31 'rescue .*NO: cabinet' "$AMANAT" sub list
"$AMANAT" due >"$work/out" 2>"$work/err"
said "'rescue' (Rescue): on 2023-01-15, when its renewal needs it, safe 'cabinet' has no quorum"
must as a drill cabinet --yes
expect 'who proves is back' 0 "'rescue' 2023-01-15: in reach; one loss more would end that" reach
expect 'verify' 0 'all rules hold' "$AMANAT" verify

# ---- scenario 4: seven people, whose orders all end on one day
AMANAT_VAULT=$work/office
XDG_STATE_HOME=$work/state-office
at 2022-03-28T04:00:00Z
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in own $old; do
	must as root person add $p --name "P $p"
	must as root,$p token enrol $p --label $p
done
for p in dir-eo dio-post dit dfa ceo $old; do must as root post add $p --title "Post $p"; done
for p in dir-eo dio-post dit; do
	must as root appoint own $p --authority MoITT --kind substantive --order 1 --from 2022-03-28
done
for p in $old; do
	must as root appoint $p $p --authority MoITT --kind additional --order F.1/2022 --from 2022-03-28 --to 2022-09-28
done
must as root safe create office --level enhanced --quorum 3 --custodians a,b,c,d,e,f,g
for step in join deal accept; do for p in $old; do must as $p safe join office; done; done
must as own put office/cloud --type login --from "$work/v1"
must as own sub entity "$work/nitb.yaml"
must as own sub add "$(with 's/^id:.*/id: cloud/; s/^name:.*/name: Cloud/; s/^start:.*/start: 2022-03-31/; s/^end:.*/end: 2023-03-31/
    s/^owner:.*/owner: c/; s/token dio/token own/; s/^credentials:.*/credentials: [office\/cloud]/')"
as own sub renew cloud --step active --order PO-1 --evidence "$work/e1" >"$work/out" 2>&1
at 2022-06-30T05:00:00Z
drilled office $old
expect 'S4.1: 90 days before' 31 "'cloud' (Cloud): on 2022-12-31, when its renewal needs it, safe 'office' has no quorum" "$AMANAT" due
expect 'S4.1: nobody of the interim office is left' 30 "'cloud' 2022-12-31: OUT OF REACH (Cloud)" reach
said "safe 'office': 0 of 3"
for p in $old; do said "missing $p: appointment as $p over: last day 2022-09-28, order F.1/2022"; done
fits 'seven are missing'
expect '... for programs' 30 '"safe":"office","need":3,"can":0,"missing":\[{"person":"a","cause":"appointment"' reach --json
is_json 'seven are missing'
expect '... and on a day to come' 30 "safe 'office': 0 of 3" reach --at 2022-12-31
expect 'S4.1: four batches' 0 'batch 4 of 4' as a safe reshare office --plan --until 2022-09-28 --reason R
before=$(statements)
expect 'S4.2: three at once' 10 'R13.17' as a safe reshare office --reason R --custodians d,e,f,g,own
unchanged
at 2022-07-04T05:00:00Z
# S4.3: an order that extends has a new number, and is for k to decide
order() { # PERSON KIND NUMBER [UNTIL]
	must as own appoint "$1" "$1" --authority MoITT --kind "$2" --order "$3" --from 2022-09-29 ${4:+--to "$4"}
}
expect 'S4.3: the same number again' 10 'X-4' \
    as own appoint a a --authority MoITT --kind additional --order F.1/2022 --from 2022-09-29 --to 2023-03-28
order a additional F.2/2022 2023-03-28
expect 'S4.3: not by a motion alone' 30 "safe 'office': 0 of 3" reach
must agreed b c d
expect 'S4.3: one' 30 "safe 'office': 1 of 3" reach
not_said 'missing a'
order b additional F.3/2022 2023-03-28; must agreed a c d
order c additional F.4/2022 2022-11-30; must agreed a b d
expect 'S4.3: an order that ends too early' 30 "safe 'office': 2 of 3" reach
said 'missing c: appointment as c over: last day 2022-11-30, order F.4/2022'
# S4.4: what is substantive keeps the quorum
order d substantive S.1; must agreed a b c
expect 'S4.4: three' 0 "'cloud' 2022-12-31: in reach; one loss more would end that" reach
order e substantive S.2; must agreed a b c
expect 'S4.4: four' 0 "'cloud' 2022-12-31: in reach; 1 more can be lost" reach
"$AMANAT" due >"$work/out" 2>"$work/err"
not_said 'has no quorum'
at 2022-09-28T19:00:01Z
expect 'S4.4: no gap' 0 "'cloud' 2022-12-31: in reach; 1 more can be lost" reach
expect '... and as it was known before the orders' 30 "safe 'office': 0 of 3" reach --at 2022-06-30T05:00:00Z
expect '... which before the vault is not known' 2 'no vault yet' reach --at 2022-03-01

# ---- scenario 5: one of them lapses
at 2022-11-29T05:00:00Z
drilled office a b c d e
at 2022-11-30T18:30:00Z
must as own ask office/cloud --reason R
for p in a c; do must as $p approve r-1; done
at 2022-11-30T19:00:01Z
expect 'S5.1: a charge that has ended' 13 'ended' as c approve r-1
expect 'S5.1, R-6: and its post owns something' 31 "the post 'c' is vacant and owns 1 subscription" "$AMANAT" due
must as b approve r-1
expect 'S5.2: it takes the approval with it' 11 '2 of 3' as own open r-1
for p in d e; do must as $p absent $p --from 2022-12-30 --to 2023-01-31 --reason leave; done
expect 'S5: out of reach' 30 "safe 'office': 2 of 3" reach
said "missing d: absent until 2023-01-31 what to do amanat absent --end, by d; or amanat safe reshare office"
expect 'S5: due on the day that it becomes so' 31 "'cloud' (Cloud): on 2022-12-31" "$AMANAT" due
at 2022-11-30T20:30:00Z
must as own appoint c c --authority MoITT --kind additional --order F.5/2022 --from 2022-12-01 --to 2023-02-28
must agreed a b d
expect 'S5.3: an order that comes late puts it in reach' 0 "'cloud' 2022-12-31: in reach; one loss more would end that" reach
expect 'S5.3: and gives no approval back' 11 '2 of 3' as own open r-1

# ---- the other reasons
at 2022-12-10T05:00:00Z
must as a token suspend --person b --reason R
must as a depart c --no-plan --effective 2022-12-10T05:00:00Z --kind resignation --reason R
expect 'who is suspended, and who has left' 30 "safe 'office': 1 of 3" reach
said 'missing b: suspended what to do amanat token lift --person b --reason TEXT'
said 'missing c: departed what to do amanat safe reshare office'
fits 'the other reasons'
expect '... for programs' 30 '"person":"b","cause":"suspended"' reach --json
said '"person":"c","cause":"departure"'
said '"person":"d","cause":"absence"'
must as a lost a --reason R
expect 'who has no key' 30 'missing a: without a key that is in force what to do amanat token lift' reach
expect '... for programs' 30 '"person":"a","cause":"no-key"' reach --json
expect 'verify' 0 'all rules hold' "$AMANAT" verify

# ---- a post that the rules ask for
AMANAT_VAULT=$work/bound
XDG_STATE_HOME=$work/state-bound
at 2022-03-28T04:00:00Z
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in own a b c d e; do
	must as root person add $p --name "P $p"
	must as root,$p token enrol $p --label $p
done
for p in dir-eo:it dio-post:it dit:it dfa:it ceo:it a:ops b:ops c:audit d:audit; do
	must as root post add ${p%:*} --title "Post $p" --wing ${p#*:}
done
must as root appoint own dir-eo --authority MoITT --kind substantive --order 1 --from 2022-03-28
for p in a b; do
	must as root appoint $p $p --authority MoITT --kind substantive --order 1 --from 2022-03-28
done
for p in c d; do
	must as root appoint $p $p --authority MoITT --kind acting --order F.7 --from 2022-03-28 --to 2022-09-28
done
must as root policy propose
must as root safe create office --level enhanced --quorum 3 --custodians a,b,c,d,e
must as root policy bind office --owner ops
must as root waive C-2 office --until 2023-12-31 --reason TEST # office.sh has it
for step in join deal accept; do for p in a b c d e; do must as $p safe join office; done; done
must as own put office/cloud --type login --class restricted --from "$work/v1"
must as own sub entity "$work/nitb.yaml"
must as own sub add "$(with 's/^id:.*/id: cloud/; s/^name:.*/name: Cloud/; s/^start:.*/start: 2022-03-31/; s/^end:.*/end: 2023-03-31/; s/^due_diligence:.*/due_diligence: 2022-03-01/
    s/token dio/token own/; s/^credentials:.*/credentials: [office\/cloud]/')"
expect 'three are left, and nobody of audit' 30 "safe 'office': 2 of 3" reach
said 'missing c: appointment as c over'
said 'missing 0 of 1 for the post "audit" that the rules ask for what to do amanat appoint'
not_said 'missing [abe]:'
fits 'a post'
expect '... for programs' 30 '"person":"","cause":"post","what":"0 of 1' reach --json
is_json 'a post'
must as root appoint e d --authority MoITT --kind substantive --order 2 --from 2022-03-28
must agreed a b c
expect 'a deputy who may still be objected to' 30 "safe 'office': 2 of 3" reach
at 2022-04-02T05:00:00Z
must agreed a
expect 'a deputy is appointed' 0 "'cloud' 2022-12-31: in reach; one loss more would end that" reach

# ---- three are left who may not decide together: at most two of a line
day=3
for p in a:a b:b e:d; do
	must as root appoint "${p%:*}" "${p#*:}" --authority MoITT --kind substantive \
	    --order "L.$day" --from 2022-03-28 --line chief
	must agreed a b c
	day=$((day + 4))
	at "2022-04-$(printf %02d $day)T05:00:00Z"
	must agreed a
done
expect 'all three are of one line' 30 "'cloud' 2022-12-31: OUT OF REACH" reach
said 'missing those who are left share more than the rules allow (employer, line, site or wing)'
not_said 'missing [abe]:'
fits 'together'
expect '... for programs' 30 '"person":"","cause":"together"' reach --json
is_json 'together'

finish
