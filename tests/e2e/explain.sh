#!/bin/sh
# 'policy explain' needs no vault and no key, and says the words of the manual.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

explain() { "$AMANAT" policy explain "$@"; }
says() { grep -q -- "$2" "$work/out"; result "$1" $?; }

# ---- refusals first
expect 'two rules at once' 2 'takes .RULE.' explain R5.1 R5.2
expect 'an unknown verb of two words' 2 "did you mean 'policy explain'" "$AMANAT" policy explan
expect 'an option it has not' 2 'no option' explain --safe s
expect 'not a rule at all' 2 "no rule 'zoo'; 'amanat policy explain' lists" explain zoo
expect 'nothing' 2 "no rule ''" explain ''
expect 'a beginning is not enough' 2 "no rule 'R5'; rules that begin with R5: R5.1, " explain R5
expect 'nearly a rule' 2 'rules that begin with R13: R13.2, .*, R13.24 $' explain R13.99
[ ! -s "$work/out" ]
result 'nothing on standard output' $?
fits 'what is near'
expect 'a family' 2 'rules that begin with X: X-2, .*X-19 $' explain x-99
expect 'a number that goes on' 2 'no rule' explain R5.10x
expect 'a request is looked for in a vault' 2 'there is no vault' explain r-7
expect 'a long one is cut' 2 "no rule 'R5.1a*'" explain "R5.1$(printf '%0200d' 0 | tr 0 a)"
fits 'a long one'
expect 'signs that steer a terminal' 2 'no rule .R\\x1b' explain "$(printf 'R\033[2J')"
expect 'for programs: refused as well' 2 'no rule' explain --json R5
[ ! -s "$work/out" ]
result 'for programs: nothing is printed then' $?

# ---- one rule
expect 'a rule' 0 '^R5.1  A committee has 3 to 16 members' explain R5.1
says 'and where it comes from' '^source: protocol 5.1;.* AC-3(2)$'
[ ! -s "$work/err" ] && [ ! -e "$AMANAT_VAULT" ]
result 'no vault, no key, no complaint' $?
cp "$work/out" "$work/first"
for same in r5.1 '[R5.1]' R05.01; do
	explain "$same" >"$work/out" 2>"$work/err" && cmp -s "$work/out" "$work/first"
	result "the same as $same" $?
done
expect 'a finding' 0 '^V20  Enough approvals' explain v20
expect 'a section' 0 '^6.2  What a key is tried for' explain 6.2
expect 'an item' 0 '^X-8  A committee keeps people in reserve' explain x-8
expect 'an invariant' 0 '^INV-13  Times are UTC' explain inv-13
explain --json R5.1 >"$work/out" 2>"$work/err"
is_json 'one rule'
says 'with its fields' '^{"rule":"R5.1","title":".*","text":".*","source":".*"}$'

# ---- all
expect 'all rules' 0 '^R2.9 ' explain
fits 'all rules'
cp "$work/out" "$work/all"
awk 'NR > 1 { print $1 }' "$work/all" | LC_ALL=C sort -Vcu >"$work/out" 2>"$work/err"
result 'in order, each once' $?
explain --json >"$work/out" 2>"$work/err"
is_json 'all rules'
[ "$(grep -o '"rule":' "$work/out" | wc -l)" -eq $(($(wc -l <"$work/all") - 1)) ]
result 'as many for programs' $?
bad_width=0
for rule in $(awk 'NR > 1 { print $1 }' "$work/all"); do
	explain "$rule" >"$work/out" 2>"$work/err" || bad_width=1
	grep -q '.\{81\}' "$work/out" && bad_width=1
	[ "$(head -n 1 "$work/out" | cut -d' ' -f1)" = "$rule" ] || bad_width=1
done
result 'every one is explained in 80 columns' $bad_width

# The manual says the same: titles word by word, in the same order.
sed -n 's/^\.It Sy "\([^ ]*\)  \(.*\)"$/\1 \2/p' docs/amanat-rules.7 >"$work/page"
awk 'NR > 1 { sub(/ +/, " "); print }' "$work/all" | cmp -s - "$work/page"
result 'amanat-rules(7) has the same rules' $?

# ---- a refusal names its rule, and only a reader is told more
key root
expect 'a refusal ends with its rule' 2 "host name.*\[6.1\] $" \
    as root init --name T --rp-id 'no host' --evaluation
! grep -q 'why:' "$work/err"
result 'and that is all, in a log' $?
expect 'at a terminal: how to have it explained' 2 \
    'why: amanat policy explain 6.1' tests/e2e/terminal.py -- "$AMANAT" \
    --token "unix:$work/root.key" init --name T --rp-id 'no host' --evaluation
fits 'at a terminal'
n_hints=$(grep -c 'why:' "$work/out")
[ "$n_hints" -eq 1 ]
result 'once' $?

finish
