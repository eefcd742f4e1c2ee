#!/bin/sh
# Providers under a policy in force: what a record shows for its class (R-14), and
# that suppliers are examined again (R-15). domain.md 4 and 2.1, SR-6. Refusals
# first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
not_said() { ! joined | grep -q -- "$1"; result "... not: $1" $?; }
must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
now() { AMANAT_NOW=$1; export AMANAT_NOW; }
with() { sed "$1" "$work/mdm.yaml" >"$work/other.yaml"; echo "$work/other.yaml"; }
change() { as own sub add "$1" --new-version; }
step() { s_to=$1; shift; as own sub renew mdm --step "$s_to" --evidence "$work/e1" "$@"; }
waive() { must as own waive "$1" mdm --until "$2" --reason "F.10, TEST"; must agreed a b; }

now 2021-03-19T04:00:00Z
people='a b c own to'
# shellcheck disable=SC2086
for k in root $people; do key $k; done
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in $people; do
	must as root person add "$p" --name "P $p"
	must as "root,$p" token enrol "$p" --label "$p"
done
for p in dir-eo dio-post dit dfa ceo; do must as root post add $p --title "Post $p"; done
order=0
for h in own:dir-eo to:dit a:dio-post a:dfa b:ceo; do
	order=$((order + 1))
	must as root appoint ${h%:*} ${h#*:} --authority MoITT --kind substantive --order $order --from 2021-03-19
done
must as root safe create cabinet --level baseline --quorum 2 --custodians a,b,c
for step in join deal accept; do for p in a b c; do must as $p safe join cabinet; done; done
must as root safe create vip --level maximum --quorum 2 --custodians a,b,c
must agreed a b
for step in join deal accept; do for p in a b c; do must as $p safe join vip; done; done
echo TEST-secret >"$work/v1"
must as to put vip/mail --from "$work/v1" --type login --class public
must as to put cabinet/mdm --from "$work/v1" --type login --class public
echo evidence >"$work/e1"
printf 'id: nitb\nname: NITB\nmailboxes: [mdm@nitb.example]\n' >"$work/nitb.yaml"
must as own sub entity "$work/nitb.yaml"
sed 's/token dio/token own/' tests/mdm.yaml >"$work/mdm.yaml"

# ---- before a policy is in force: nothing is asked, and lint is quiet
grep -vE '^(csp_status|hosting_approval):' "$work/mdm.yaml" | sed 's/^data_location:.*/data_location: DE/' >"$work/bare.yaml"
must as own sub add "$work/bare.yaml"
expect 'before a policy: nothing is wrong' 0 'nothing is wrong' "$AMANAT" sub lint
must as a policy propose
must agreed a b

# ---- what the class asks (R-14)
sed 's/^due_diligence:.*/due_diligence: 2020-03-01/' "$work/bare.yaml" >"$work/old.yaml"
before=$(statements)
expect 'R-14: lint tells what was entered before' 40 'wrong in the register: 3' "$AMANAT" sub lint
for f in csp_status data_location hosting_approval; do said "$f"; done
fits 'lint'
expect '... for programs' 40 '"field":"csp_status","rule":"R-14"' "$AMANAT" --json sub lint
is_json 'lint'
expect 'R-14: it does not come into force' 40 'provider is accredited with the Cloud Office.*R-14' \
    step active --order PO-2021-17
expect 'R-14: a record names all at once' 40 '4 fields are missing or wrong' \
    change "$work/old.yaml"
said 'csp_status: of class secret'
said 'the country of the agency, PK, and not in DE'
said 'waive R-14 mdm'
said 'that counted until 2021-03-08'
fits 'faults of the class'
expect 'R-14: registered is not accredited' 40 'is accredited' change "$(with 's/^csp_status:.*/csp_status: registered/')"
expect '... and no other word' 40 'registered or accredited.*R-1' change "$(with 's/^csp_status:.*/csp_status: known/')"
expect 'R-14: open data, and its criteria' 40 'open_criteria: of class open' \
    change "$(with 's/^class:.*/class: open/')"
expect 'R-14: an examination to come' 40 'a day to come' change "$(with 's/^due_diligence:.*/due_diligence: 2021-03-20/')"
expect 'it is not waived for nothing' 2 'cannot be waived' as own waive R-16 mdm --until 2022-01-01 --reason X
expect 'policy explain' 0 'class_checks' "$AMANAT" policy explain R-14
unchanged
waive R-14 2021-04-01
expect 'R-14: a waiver lets hosting pass, not the provider' 40 '1 field is missing' change "$work/bare.yaml"
said 'csp_status'
expect 'R-14: the waiver stands in the analysis' 30 'R-14 mdm until 2021-04-01' "$AMANAT" analyze
expect 'R-14: hosted abroad under a waiver' 0 "entered: 'mdm'" change "$(with 's/^data_location:.*/data_location: DE/')"
expect '... which stands in the dossier' 0 'asks (R-14) until 2021-04-01' "$AMANAT" sub show mdm
said 'supplier: examined on 2021-03-01, again by 2022-03-08; exception'
fits 'sub show'
expect '... for programs' 0 '"supplier":"examined on 2021-03-01, again by' "$AMANAT" --json sub show mdm
is_json 'sub show'
now 2021-04-02T04:00:00Z
expect 'R-14: not when it has ended' 40 'R-14' step active --order PO-2021-17
must change "$work/mdm.yaml"
expect 'R-14: the step into force' 0 "'mdm' is active" step active --order PO-2021-17
expect 'R-14: and lint is quiet' 0 'nothing is wrong' "$AMANAT" sub lint

# ---- another owner (R-15; level maximum by its class)
before=$(statements)
expect 'R-15: who changes hands is examined' 10 'has changed hands since.*R-15' \
    change "$(with 's/^ultimate_owner:.*/ultimate_owner: FR/')"
expect '... by its name as well' 10 'R-15' change "$(with 's/^vendor:.*/vendor: TEST Software SA/')"
unchanged
sed -i 's/^ultimate_owner:.*/ultimate_owner: FR/; s/^due_diligence:.*/due_diligence: 2021-03-30/' "$work/mdm.yaml"
expect '... and then it is entered' 0 "entered: 'mdm'" change "$work/mdm.yaml"

# a safe of a higher level than the class asks for the same, also when its
# credential goes with the same record
sed 's/^id:.*/id: mail/; s/^name:.*/name: Mail/; s/^class:.*/class: public/; s/^reach:.*/reach: public/
    s/^credentials:.*/credentials: [vip\/mail]/' "$work/mdm.yaml" >"$work/mail.yaml"
must as own sub add "$work/mail.yaml"
must as own sub renew mail --step active --evidence "$work/e1" --order 7
sed 's/^ultimate_owner:.*/ultimate_owner: DE/' "$work/mail.yaml" >"$work/sold.yaml"
expect 'R-15: public data, and a login in a safe of level maximum' 10 'R-15' change "$work/sold.yaml"
sed -i 's/vip.mail/cabinet\/mdm/' "$work/sold.yaml"
expect '... which is not taken out on the way' 10 'R-15' change "$work/sold.yaml"
must change "$(sed 's/^ultimate_owner:.*/ultimate_owner: FR/' "$work/sold.yaml" >"$work/other.yaml"; echo "$work/other.yaml")"
expect '... of level baseline nothing is asked' 0 "entered: 'mail'" change "$work/sold.yaml"
must as own sub renew mail --step decision --choice end --evidence "$work/e1"

# ---- looked at again: 12 months of a policy are 372 days (SR-6)
examined='supplier was examined on 2021-03-30'
expect 'SR-6: not yet' 31 '' "$AMANAT" due --at 2022-03-06T18:59:59Z
not_said "$examined"
expect 'SR-6: 30 days ahead' 31 "$examined" "$AMANAT" due --at 2022-03-06T19:00:00Z
said "2022-04-05 19:00 UTC own: 'mdm' (e-Cabinet MDM): the $examined, and is to be examined again"
fits 'due'
said "next: amanat sub add --new-version --set id=mdm --set due_diligence=DATE --set due_diligence_hash=SHA256"
expect 'SR-6: overdue' 31 "2022-04-05 19:00 UTC OVERDUE own: 'mdm'.*$examined" "$AMANAT" due --at 2022-04-05T19:00:01Z
expect '... for programs' 31 "$examined" "$AMANAT" due --at 2022-04-05T19:00:01Z --json
is_json 'due'

# ---- a renewal (R-15)
now 2021-08-02T04:00:00Z
must step decision --choice renew
must step renewing --order PO-2022-1
for p in own to; do must as $p sub test mdm --evidence "$work/e1"; done
before=$(statements)
expect 'R-15: not with an examination of before' 10 'this renewal began on 2021-07-09.*R-15' step verified
fits 'a renewal'
unchanged
waive R-15 2021-08-09
expect 'SR-6: nor is it due while it is waived' 31 '' "$AMANAT" due --at 2021-08-08
not_said "$examined"
now 2021-08-10T04:00:00Z
expect 'R-15: the waiver has ended' 10 'R-15' step verified
sed -i 's/^due_diligence:.*/due_diligence: 2021-08-09/' "$work/mdm.yaml"
must change "$work/mdm.yaml"
expect 'R-15: examined in time' 0 "'mdm' is verified" step verified
expect '... and renewed' 0 "'mdm' is active" step active --order PO-2022-1 --for 12m
expect 'SR-6: from the new examination on' 31 '' "$AMANAT" due --at 2022-04-06
not_said '(e-Cabinet MDM): the supplier was examined'
expect 'SR-6: ... a year on' 31 'supplier was examined on 2021-08-09' "$AMANAT" due --at 2022-08-16

waive R-15 2022-09-01
expect 'SR-6: waived until a day' 31 '' "$AMANAT" due --at 2022-08-20
not_said '(e-Cabinet MDM): the supplier was examined'
expect 'SR-6: ... and no longer' 31 'supplier was examined on 2021-08-09' "$AMANAT" due --at 2022-09-02

# ---- the log says so alone
expect 'verify' 0 '' "$AMANAT" verify
must "$AMANAT" export "$work/bundle"
expect 'verify the bundle' 0 '' "$AMANAT" verify "$work/bundle"
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild
expect 'doctor: all as the log says' 0 'all as the log says' "$AMANAT" doctor
expect '... and due is the same' 31 'supplier was examined on 2021-08-09' "$AMANAT" due --at 2022-09-02

finish
