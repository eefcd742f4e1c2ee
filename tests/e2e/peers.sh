#!/bin/sh
# Faults that other vaults shipped, as far as they are about policy, quorum,
# keys, log or requests: each title names where it was seen. A comment says which
# file tests the same in full; here it is one case then.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

now() { AMANAT_NOW=$1; export AMANAT_NOW; }
must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
mark() { before=$(statements); }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
motion() { sed -n '/^m-[0-9]*$/{p;q}' "$work/out"; }
request() { sed -n '/^r-[0-9]*$/{p;q}' "$work/out"; }
asked() { must as "${2:-root}" ask "$1" --reason 'TEST reason'; r=$(request); }
sums() { (cd "$1" && rm SHA256SUMS && LC_ALL=C sha256sum -- * >"$work/s" && mv "$work/s" SHA256SUMS); }

now 2026-03-02T04:00:00Z
for k in root a b c d e stranger; do key $k; done
founded 2 a b c d
secret=TEST-peer-$$
printf %s "$secret" >"$work/secret"
printf TEST-next >"$work/secret2"
printf 'TEST print' >"$work/print"
must as root put s/x --from "$work/secret" --type login --user u --url https://x.example

# ---- zero or omitted approvals pass. All values: policy.sh
mark
expect 'openbao#3666: zero approvals' 10 'R5.1' as root safe create z --quorum 0 --custodians a,b,c
expect 'openbao#3666: omitted approvals' 2 'needs --quorum' as root safe create z --custodians a,b,c
expect 'openbao#3666: no approvers' 10 'nothing empty' as root safe create z --quorum 2 --custodians ,
unchanged
for k in quorum_k breakglass_quorum; do
	sed "0,/    $k: 2/s//    $k: 0/" policy/levels.yaml >"$work/own.yaml"
	expect "openbao#3666: $k: 0 in a policy" 40 "$k of baseline" "$AMANAT" policy check "$work/own.yaml"
	sed "0,/    $k: 2/s//    $k: null/" policy/levels.yaml >"$work/own.yaml"
	expect "openbao#3666: $k: null" 40 "$k of baseline" "$AMANAT" policy check "$work/own.yaml"
	sed "0,/    $k: 2.*/s///" policy/levels.yaml >"$work/own.yaml"
	expect "openbao#3666: $k left out" 40 "lacks the key '$k'" "$AMANAT" policy check "$work/own.yaml"
done
asked s/x
expect 'openbao#3666: nor does a request pass with none' 11 'quorum not met (0 of 2)' as root open "$r"

# ---- a group matched by name across tenants
mark
expect 'openbao#3815: the same id again' 2 "is taken" as a person add b --name 'P b'
unchanged
must as a person add b2 --name 'P b'
expect 'openbao#3815: the same name is another person' 0 'not admitted' "$AMANAT" person show b2
first=$AMANAT_VAULT
must "$AMANAT" export "$work/ex-first"
key a2; key b3; key c3
AMANAT_VAULT=$work/tenant
for p in a2:a b3:b c3:c; do
	[ -e "$work/tenant" ] || must as root init --name TEST --rp-id v.example --evaluation --founder root
	must as root person add "${p#*:}" --name "P ${p#*:}"
	must as "root,${p%:*}" token enrol "${p#*:}" --label "${p#*:}"
done
must as root safe create s --quorum 2 --custodians a,b,c
for step in join deal accept; do for p in a2 b3 c3; do must as $p safe join s; done; done
must as root put s/x --from "$work/secret2"
asked s/x; other=$r
mark
expect "openbao#3815: the 'a' of one vault is nobody in another" 15 'not enrolled' as a approve "$other"
unchanged
must as a2 approve "$other"
must "$AMANAT" export "$work/ex-tenant"
AMANAT_VAULT=$first
rm -rf "$work/mixed" && cp -r "$work/ex-first" "$work/mixed"
grep '"kind":"approve"' "$work/ex-tenant/log.jsonl" >>"$work/mixed/log.jsonl" && sums "$work/mixed"
expect 'openbao#3815: an approval of one in the log of the other' 20 'rule V' "$AMANAT" verify "$work/mixed"

# ---- nested members. Two posts of one person: office.sh, scenarios_policy.sh
mark
expect 'openbao#3814: a safe is no custodian' 2 "no person 's'" as root safe create z --quorum 2 --custodians a,b,s
unchanged
must as a post add desk --title 'Desk' --wing it
m=$(motion)
for p in b c; do must as $p approve "$m"; done
mark
expect 'openbao#3814: nor is a post' 2 "no person 'desk'" as root safe create z --quorum 2 --custodians a,b,desk
expect 'openbao#3814: nor does a post hold one' 2 "no person 'desk'" \
    as a appoint desk desk --kind substantive --order 1 --authority S --from 2026-01-01
unchanged

# ---- who asks approves too, at every level, with any key
key a4
must as a,a4 token enrol a --label a-2
m=$(motion)
for p in b c; do must as $p approve "$m"; done
for level in intermediate enhanced maximum; do
	must as root safe create "$level" --level $level --quorum 2 --custodians a,b,c,d
	must agreed a b
	for step in join deal accept; do for p in a b c d; do must as $p safe join $level; done; done
	must as root put $level/x --from "$work/secret"
done
must as a,a4 token slot
for safe in s intermediate enhanced maximum; do
	asked $safe/x a
	mark
	expect "vault#19214: $safe: who asks does not approve" 10 'their own request.*R13.6' as a approve "$r"
	expect "Infisical#6988: $safe: nor with a second key" 10 'their own request.*R13.6' as a4 approve "$r"
	unchanged
	must as b approve "$r"
	expect "vault#19214: $safe: nor does it make up for one" 11 'quorum not met (1 of 2)' as a open "$r"
done

# ---- one person in both groups: bound safes, in invariants.sh (INV-2) and
# scenarios_policy.sh; the two keys of one person here
asked s/x
must as a approve "$r"
mark
expect 'two tokens of one person: counted once' 10 'already counted: same person.*R4.3' as a4 approve "$r"
unchanged
expect 'two tokens of one person: 1 of 2' 11 'quorum not met (1 of 2)' as root open "$r"

# ---- a bypass that looks like an approval: all of it in breakglass.sh
must as root ask s/x --break-glass --reason 'TEST fire'
r=$(request)
for p in b c; do must as $p approve "$r"; done
must as root open "$r"
expect 'Infisical#5556: a bypass is marked, with who approved and why' 0 \
    "\"request\":\"$r\".*\"requester\":\"root\",\"reason\":\"TEST fire\".*\"approvers\":\[\"b\",\"c\"\].*\"mode\":\"break-glass\"" \
    "$AMANAT" history --format jsonl
expect 'Infisical#7039: and to the auditor' 0 "finding: request $r: break-glass" "$AMANAT" verify

# ---- history lost at expiry
must as root ask s/x --reason 'TEST will expire' --for 1h
gone=$(request)
must as b approve "$gone"
now 2026-06-02T04:00:00Z
expect 'teleport#68308: an expired request is shown' 0 "now expired" "$AMANAT" show "$gone"
expect 'teleport#68308: who had approved it, too' 0 "\"request\":\"$gone\".*TEST will expire.*\"approvers\":\[\"b\"\].*expired" "$AMANAT" history --format jsonl
must "$AMANAT" export "$work/ex"
expect 'teleport#68308: and exported' 0 'TEST will expire' grep 'TEST will expire' "$work/ex/log.jsonl"

# ---- a stranger cancels a ceremony. All who may: reshare.sh
must as root safe reshare s --reason 'TEST refresh' --dealers a,b
mark
expect 'OpenBao unauthenticated rekey: a stranger does not cancel' 15 'not enrolled' as stranger safe abort s --reason R
must as a person add e --name 'P e'
must as a,e token enrol e --label e
m=$(motion)
for p in b c; do must as $p approve "$m"; done
mark
expect 'OpenBao unauthenticated rekey: nor who has no part in it' 10 'gives a plan up' as e safe abort s --reason R
unchanged
expect 'OpenBao unauthenticated rekey: nor without a reason' 2 'needs --reason' as d safe abort s
for p in a b c d; do must as $p safe join s; done

# ---- new shares only to the last typist; a crash loses all. At every write:
# tests/crash (X-6); the last acceptance held back: scenarios.sh
for p in a b; do must as $p safe join s; done
for p in a b c; do must as $p safe join s; done
end_key "$(cat "$work/d.pid")"
key d --touch never
as d safe join s >"$work/out" 2>"$work/err" </dev/null &
typing=$!
tries=0
until grep -q 'NOW touch' "$work/err" || [ $tries -eq 100 ]; do tries=$((tries + 1)); sleep 0.05; done
kill -KILL "$(pgrep -P $typing -x amanat 2>/dev/null || echo $typing)" 2>/dev/null
wait $typing 2>/dev/null
end_key "$(cat "$work/d.pid")"
key d
asked s/x
for p in a c; do must as $p approve "$r"; done
expect 'vault#845, #2579: killed at the last acceptance, the old shares open' 0 "$secret" as root open "$r"
expect 'vault#845, #2579: and the new ones, once it is given' 0 'in force' as d safe join s
asked s/x
for p in b d; do must as $p approve "$r"; done
expect 'vault#845, #2579: ... open as well' 0 "$secret" as root open "$r"

# ---- the threshold changed, old shares still open. With an old backup and an
# old share: scenarios.sh, scenario 6
for p in a b c d; do must as $p safe join s; done # erases
must as root ask s/x --reason 'TEST asked of the committee before'
stale=$(request)
must as a approve "$stale"; must as b approve "$stale"
must as root safe reshare s --reason 'TEST three of four' --quorum 3 --custodians a,b,c,e --dealers a,b
for p in a b c e; do must as $p safe join s; done
for p in a b; do must as $p safe join s; done
for p in a b c e; do must as $p safe join s; done
mark
expect 'sops#810: what two of the old ones approved does not open' 21 'R5.9\|committee has changed' as root open "$stale"
unchanged
must as root put s/y --from "$work/secret2"
asked s/y
for p in a b; do must as $p approve "$r"; done
expect 'sops#810: two are not enough any more' 11 'quorum not met (2 of 3)' as root open "$r"
mark
expect 'sops#810: nor one who was removed' 10 "'d' is not a custodian" as d approve "$r"
unchanged
must as e approve "$r"
expect 'sops#810: three of the new ones are' 0 TEST-next as root open "$r"
for p in a b c; do must as $p safe join s; done # erases

# ---- removed people read old versions
expect 'gopass#1256: who opened or put it is listed, removed or not' 0 'root .*s/x .*must be rotated' "$AMANAT" exposure --credential s/x
asked s/x b
for p in a c e; do must as $p approve "$r"; done
must as b open "$r"
must as a depart b --no-plan --effective 2026-06-02T04:00:00Z --kind resignation --reason R
expect 'gopass#2691: "must be rotated"' 0 'b .*s/x .*opened .*must be rotated' "$AMANAT" exposure --person b
cat "$work/out" "$work/err" >"$work/words"
"$AMANAT" depart b --status >>"$work/words" 2>&1
"$AMANAT" depart b --certificate >>"$work/words" 2>&1
! grep -qi 'revoked\|no longer has access' "$work/words"; result 'gopass#2691: and nowhere "revoked"' $?

# ---- a quorum lowered silently when somebody or a group is removed
mark
expect 'sops#238: who is left would be two of two, and nobody says so' 10 'R5.1' as a safe reshare s --reason R --custodians a,c,e --quorum 3
expect 'sops#238: fewer people, the same quorum: refused, not lowered' 10 'R5.1' as a safe reshare s --reason R --custodians a,c,e
unchanged
sed '/^      - \[audit, security\]/d' policy/levels.yaml >"$work/own.yaml"
expect 'sops#238: a group taken out of a policy is weaker' 40 'required_posts' "$AMANAT" policy check "$work/own.yaml"
expect 'sops#238: and not moved without a waiver' 40 'not waived.*A-3' as a policy propose "$work/own.yaml"
unchanged

# ---- a duplicate key. More of them: policy.sh
sed '0,/    n_min: 3/s//    quorum_k: 2\n    n_min: 3/' policy/levels.yaml >"$work/own.yaml"
expect 'clevis#269: a duplicate key' 40 "the key 'quorum_k' is there twice" "$AMANAT" policy check "$work/own.yaml"
expect 'clevis#269: is not moved either' 40 'twice' as a policy propose "$work/own.yaml"
unchanged

# ---- PIN and no PIN give different secrets
rm -rf "$work/bare.token"
"$AMANAT_SOFTTOKEN" --state "$work/bare.token" --listen "unix:$work/bare.key" >"$work/bare.out" 2>&1 &
pids="$pids $!"
tries=0
until grep -q '^ready' "$work/bare.out" || [ $tries -eq 100 ]; do tries=$((tries + 1)); sleep 0.05; done
must as a person add f --name 'P f'
mark
bags=$(find "$AMANAT_VAULT/bags" -type f | wc -l)
expect 'systemd#31443: a key without a PIN is not enrolled' 14 'PIN' as a,bare token enrol f --label f
unchanged
[ "$(find "$AMANAT_VAULT/bags" -type f | wc -l)" -eq "$bags" ]; result '... nor is a file of it left' $?
# FIDO2Applet#1: the secret is asked for twice and without the PIN before it is
# enrolled: tests/token/test_token.c (6.2)

# ---- which token is needed? The tries are counted in run.sh (R6.8)
asked s/y
for p in a c e; do must as $p approve "$r"; done
expect 'age-plugin-fido2-hmac: the label that is wanted' 15 "insert the key labelled 'founder'; no PIN try was used" as e open "$r"
expect 'clevis-pin-fido2#3: with which wrong PIN soever' 15 "insert the key labelled 'founder'" \
    "$AMANAT" --token "unix:$work/e.key" --pin-fd 3 open "$r" 3</dev/null

# ---- a recipient with an expired key silently left out
now 2026-06-03T04:00:00Z
mark
expect 'gopass#2885: who has no admitted key is named' 10 "'f'" as a safe create z --quorum 2 --custodians a,c,f
expect 'gopass#2885: who has left is named' 10 "'b'" as a safe create z --quorum 2 --custodians a,c,b
unchanged
must as a token suspend --person d --reason 'TEST under inquiry'
mark
expect 'gopass#2885: who is suspended is named' 10 "'d' is suspended.*V22" as a safe create z --quorum 2 --custodians a,c,d
unchanged
# A suspended key may come back: it is planned, but never comes to be without.
must as a safe create z --quorum 2 --custodians a,c,e
must agreed a c e
must as a token suspend e --reason 'TEST expired'
for p in a c; do must as $p safe join z; done
expect 'gopass#2885: whose key is suspended is not left out' 0 'e *has to join' "$AMANAT" safe status z
expect 'gopass#2885: nor let in' 14 'V22' as e safe join z
mark
expect 'gopass#2885: nor do the others go on without' 0 'others have to act first' as a safe join z
unchanged

# ---- a wrong share gives no clear answer until the end. Of the dealers:
# reshare.sh (R5.5); of a part on disk: damage.sh (R13.14)
asked s/y
for bag in $(grep -l -a AMBG "$AMANAT_VAULT"/bags/*); do cp -p "$bag" "$bag.keep"; printf '\377' | dd of="$bag" bs=1 seek=$(($(stat -c %s "$bag") - 3)) conv=notrunc 2>/dev/null; done
mark
as c approve "$r" >"$work/out" 2>"$work/err" </dev/null
[ $? -ne 0 ] && joined | grep -q 'bag'; result 'vault#2484: a damaged share is refused on entry, before anybody waits' $?
unchanged
for bag in "$AMANAT_VAULT"/bags/*.keep; do mv "$bag" "${bag%.keep}"; done
expect 'vault#2484: and the sound one is taken' 0 '1 of 3' as c approve "$r"

# ---- secrets in a second view, in a notification, in an export
for v in list 'show s/x' "show $r" history due 'me --person a' log exposure 'history --format csv' 'drill --report' motions; do
	# shellcheck disable=SC2086
	"$AMANAT" $v; "$AMANAT" $v --json
done >"$work/out" 2>/dev/null
! grep -q "$secret\|TEST-next" "$work/out"; result 'snipe-it#3306, #5696: one way out: open' $?
printf 31415926 >"$work/number"; printf true >"$work/truth"
must as a put s/number --from "$work/number"
must as a put s/truth --from "$work/truth" --type api-key
must "$AMANAT" export "$work/ex2" --partials
! grep -r -q '31415926' "$work/ex2"; result 'OpenBao audit: a secret that is a number is not in an export' $?
! sed 's/"[a-z]*":\(true\|false\)//g' "$work/ex2/log.jsonl" | grep -q '"true"\|:true'; result 'OpenBao audit: nor one that is a truth value' $?

# ---- the disk of the log is full. Every failing write: tests/crash, tests/fault
mark
{ (ulimit -f 1; trap '' XFSZ; as a ask s/x --reason R 2>&1); echo "status $?"; } | cat >"$work/full" # a pipe has no limit
grep -q '^status 1$' "$work/full" && tr -s '\n ' ' ' <"$work/full" | grep -q 'cannot ask: the statement could not be written; nothing was changed .*R7.1'
result 'vault#6484: a log that cannot be written: refused at once, with 1' $?
unchanged

# ---- the newest rows deleted. All ways: run.sh (U-3, V01 to V05)
must "$AMANAT" export "$work/whole"
cp -r "$work/whole" "$work/cut"
sed -i '$d' "$work/cut/log.jsonl" && sums "$work/cut"
expect 'mobula#59: the tail cut off' 20 'V04' env XDG_STATE_HOME="$work/nowhere" "$AMANAT" verify "$work/cut"
expect 'SOTA-skills#74: a whole older export, against a head kept elsewhere' 21 'V05\|cut off' \
    env XDG_STATE_HOME="$work/nowhere" "$AMANAT" verify "$work/ex" --since "$work/whole/checkpoint.note"
expect 'verify' 0 'all rules hold' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor

finish
