#!/bin/sh
# How long `due`, `list` and `sub list` take over 100,000 subscriptions and as
# many credentials, most of which a policy in force asks to be changed and
# tested, as whole processes with a cold page cache where it may be dropped; and
# due in a large agency besides. Goal of due and list: 0.5 s.
#
#	register.sh [COUNT]
set -u
cd "$(dirname "$0")/../.." || exit 1
FILL=${FILL:-$PWD/build/tests/bench/register}
PEOPLE=${PEOPLE:-$PWD/build/tests/bench/people}
. tests/lib.sh
AMANAT_NOW=2027-03-01T04:00:00Z
export AMANAT_NOW
count=${1:-100000}

for k in root a b c; do key $k; done
founded 2 a b c
for p in p1 p2 p3 p4 p5; do
	as root post add $p --title $p && agreed a b || exit 1
done >/dev/null 2>&1
printf 'id: nitb\nname: NITB\nmailboxes: [m@nitb.example]\n' >"$work/e.yaml"
as a sub entity "$work/e.yaml" >/dev/null 2>&1
printf TEST | as a put s/mdm --from /dev/stdin --type login >/dev/null 2>&1
cat >"$work/s.yaml" <<'YAML'
id: first
name: Bench
purpose: bench
class: public
reach: public
vendor: V
contract: C
type: new
start: 2026-01-01
end: 2029-01-01
renews: no
notice: 0d
procurement: 90d
payment: po
budget_head: B
fiscal_year: 2026-27
owner: p1
deputy: p2
technical: p3
budget: p4
escalation: p5
account_holder: NITB
customer: C
mailbox: m@nitb.example
recovery_phone: office 1
administrators: [p1]
administrators_checked: 2026-01-01
vendor_recovery: R
vendor_contacts: [a, b]
ownership_test: 2026-01-01
origin: PK
ultimate_owner: PK
developer: PK
data_location: PK
csp_status: accredited
due_diligence: 2026-01-01
due_diligence_hash: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
handover: H
credentials: [s/mdm]
YAML
{ as a policy propose && agreed a b; } >"$work/out" 2>&1 ||
    { cat "$work/out"; exit 1; }
as a sub add "$work/s.yaml" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
"$FILL" "$AMANAT_VAULT" "$count" 2027-03-01 || exit 1
seconds() { # NAME COMMAND...
	s_name=$1; shift
	sync; { echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null
	s_from=$(date +%s%N)
	"$@" >"$work/out" 2>/dev/null
	s_to=$(date +%s%N)
	echo "$s_name: $(((s_to - s_from) / 1000000)) ms, $(wc -l <"$work/out") lines"
}
seconds "due over $count subscriptions and credentials, cold" "$AMANAT" due
seconds "due, again" "$AMANAT" due
seconds "sub list" "$AMANAT" sub list --json
seconds "list" "$AMANAT" list
seconds "list --json" "$AMANAT" list --json
seconds "list --due" "$AMANAT" list --due
"$PEOPLE" "$AMANAT_VAULT" 2000 3000 50 2027-03-01 || exit 1
seconds "due with 2,000 people, 3,000 keys, 50 safes" "$AMANAT" due
