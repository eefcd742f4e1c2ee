#!/bin/sh
# What is damaged, missing or left over from a crash: found before anything is
# used up, named, and set right where that can be done.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
SPOIL=${SPOIL:-$PWD/build/tests/e2e/spoil}

for k in root a b c d; do key $k; done
founded 3 a b c d
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
# partial NAME: the hash of the partial with which NAME approved last
partial() {
	p_id=$("$AMANAT" log 2>/dev/null | sed -n "s/.*\"person\":\"\([0-9a-f]*\)\"},\"head.*\"item\":{\"id\":\"$1\",.*/\1/p")
	"$AMANAT" log 2>/dev/null | grep '"kind":"approve"' | grep "\"by\":\"$p_id\"" |
	    tail -n 1 | sed 's/.*"partial":"\([0-9a-f]*\)".*/\1/'
}
spoil() { "$SPOIL" "$AMANAT_VAULT" "$@" || echo "#  spoil $*"; }
sealed() { # CREDENTIAL
	printf 'TEST-secret' >"$work/secret"
	as root put "$1" --from "$work/secret" >/dev/null 2>&1
}
asked() { # CREDENTIAL CUSTODIAN...: sets $r, approved by these
	r=$(as root ask "$1" --reason R 2>/dev/null | head -n 1); shift
	for p; do as "$p" approve "$r" >/dev/null 2>&1; done
}
opens() { [ "$(as root open "$1" 2>"$work/err" </dev/null)" = TEST-secret ]; }
used() { "$AMANAT" log 2>/dev/null | tail -n 1 | sed 's/.*"used":\[\([0-9,]*\)\].*/\1/'; }

# ---- R13.14: partials are verified before the opening is posted
sealed s/x
asked s/x a b c
before=$(statements)
spoil partial "$(partial a)" flip
expect 'R13.14: a partial that is damaged is named' 40 "what 'a' approved with" \
    as root open "$r"
[ "$before" = "$(statements)" ]
result '... and the request is not used up' $?
spoil partial "$(partial c)" drop
expect 'R13.14: so is one that is missing' 40 "'[ac]' and '[ac]' approved.*1 of the 3 parts" \
    as root open "$r"
as d approve "$r" >/dev/null 2>&1
expect 'R13.14: two of four are not enough' 40 "2 of the 3 parts" as root open "$r"
asked s/x b a c d
spoilt=$(partial b)
spoil partial "$spoilt" flip
opens "$r"
result 'R13.14: k others open' $?
"$AMANAT" log 2>/dev/null | grep '"kind":"approve"' | tail -n 3 | grep -v "\"partial\":\"$spoilt\"" |
    sed 's/.*"index":\([0-9]*\).*/\1/' | sort -n | tr '\n' ',' >"$work/want"
[ "$(used)," = "$(cat "$work/want")" ]
result '... and the statement names those' $?
expect 'R13.14: which verifies' 0 'all rules hold' "$AMANAT" verify
asked s/x a b c
ct=$("$AMANAT" log 2>/dev/null | grep '"kind":"seal"' | tail -n 1 | sed 's/.*"ct":"\([0-9a-f]*\)".*/\1/')
before=$(statements)
spoil ct "$ct" flip
expect 'sealed data that is damaged is found before the opening' 20 \
    'not what was sealed' as root open "$r"
[ "$before" = "$(statements)" ]
result '... and the request is not used up' $?

# ---- R5.4: the join key that a crash left beside the share
bags() { ls "$AMANAT_VAULT/bags"; }
as root safe create t --quorum 2 --custodians a,b,c >/dev/null 2>&1
agreed a b c >/dev/null 2>&1
bags >"$work/before"
as a safe join t >/dev/null 2>&1
bag=$AMANAT_VAULT/bags/$(bags | comm -13 "$work/before" -)
as b safe join t >/dev/null 2>&1
as c safe join t >/dev/null 2>&1
for p in a b c; do as $p safe join t >/dev/null 2>&1; done
cp "$bag" "$work/join-key"
for p in a b c; do as $p safe join t >/dev/null 2>&1; done
cp "$bag" "$work/share"
left() { cp "$work/join-key" "$bag" && cp "$work/share" "$bag.next"; }
left
sealed t/x
asked t/x a b
opens "$r"
result 'R5.4: a share that a crash left beside its place is found' $?
cmp -s "$bag" "$work/share" && [ ! -e "$bag.next" ]
result '... and put there: the join key is gone' $?
cp "$work/share" "$bag.next" # killed between writing and removing
asked t/x a b
opens "$r" && cmp -s "$bag" "$work/share" && [ ! -e "$bag.next" ]
result '... also when it stands in both' $?
left
head -c 300 /dev/urandom >"$bag.next"
before=$(statements)
asked t/x
expect 'R5.5: a join key and no share' 40 'of another committee' as a approve "$r"
cmp -s "$bag" "$work/join-key" && [ "$((before + 1))" = "$(statements)" ]
result '... and nothing is changed' $?
rm "$bag.next" && cp "$work/share" "$bag"

# ---- R5.7: nor is an identity overwritten on the word of an older database
XDG_STATE_HOME=$work/state3 # nobody remembers a head
AMANAT_VAULT=$work/older
must() { "$@" >"$work/out" 2>"$work/err" || result "$*" 1; }
must as root init --name TEST --rp-id v.example --evaluation --founder root
must as root person add a --name A
cp -r "$AMANAT_VAULT/db" "$work/db"
bags >"$work/before"
must as root,a token enrol a --label a
bag=$AMANAT_VAULT/bags/$(bags | comm -13 "$work/before" -)
cp -r "$AMANAT_VAULT/bags" "$work/bags"
rm -rf "$AMANAT_VAULT/db" "$work/state3"
cp -r "$work/db" "$AMANAT_VAULT/db"
expect 'R5.7: an identity is not overwritten' 21 'an old copy' \
    as root,a token enrol a --label a
diff -r "$work/bags" "$AMANAT_VAULT/bags" >"$work/out" 2>&1
result '... and the bags are as they were' $?
mv "$bag" "$bag.next"
expect 'what an enrolment left that was broken off is no hindrance' 0 'enrolled' \
    as root,a token enrol a --label a
[ -e "$bag" ] && [ ! -e "$bag.next" ]
result '... and the identity is in place' $?

# A crash after the statement, before the identity was in place.
AMANAT_VAULT=$work/vault
XDG_STATE_HOME=$work/state
for id in "$work/vault/bags"/*; do # the first byte after the magic and format
	[ "$(od -An -tu1 -j5 -N1 "$id" | tr -d ' ')" = 1 ] && mv "$id" "$id.next"
done
sealed s/y
asked s/y b c d
opens "$r" && [ "$(ls "$work/vault/bags" | grep -c next)" -eq 4 ]
result 'an identity that a crash left beside its place is found' $?

# ---- A-9: tables of another version are not read, and made anew
"$AMANAT" list >"$work/list.before" 2>/dev/null
"$AMANAT" log >"$work/log.before" 2>/dev/null
spoil old
for verb in list due doctor; do
	expect "A-9: $verb" 20 "another version of amanat.*'amanat doctor --rebuild' makes them anew.*A-9" "$AMANAT" $verb
done
expect 'A-9: nor is anything written' 20 'A-9' as b ask s/y --reason R
expect 'A-9: made anew' 0 'tables made anew from' "$AMANAT" doctor --rebuild
"$AMANAT" list 2>/dev/null | cmp -s - "$work/list.before" && "$AMANAT" log 2>/dev/null | cmp -s - "$work/log.before"
result 'A-9: all is there, and the log as it was' $?

# ---- R6.14, X-18: software keys and a set clock in a real vault are refused
# and posted, by the vault itself
spoil real
before=$(statements)
fault() { "$AMANAT" log 2>/dev/null | tail -n 1 | grep -q '^{"auth":{"log":".*"by":"0*",.*"kind":"fault"'; }
expect 'R6.14: a real vault takes no software key' 14 'only an evaluation vault' \
    as b ask s/y --reason R
fault && [ "$((before + 1))" = "$(statements)" ]
result '... and posts that as a fault' $?
hash=$("$AMANAT" log 2>/dev/null | tail -n 1 | sed 's/.*"hash":"\([0-9a-f]*\)".*/\1/')
[ "$hash" = "$(printf 'unix:%s' "$work/b.key" | sha256sum | cut -d ' ' -f 1)" ] &&
    spoil fault "$hash" flip >"$work/out" && [ ! -s "$work/out" ]
result '... of what was refused, which is kept' $?
expect 'X-18: nor AMANAT_NOW' 10 'for evaluation vaults only' \
    env AMANAT_NOW=2100-01-01T00:00:00Z "$AMANAT" ask s/y --reason R
fault && [ "$((before + 2))" = "$(statements)" ] &&
    ! "$AMANAT" log 2>/dev/null | tail -n 1 | grep -q '"at":"21'
result '... which is posted, with the true time' $?
expect 'who only reads posts nothing' 10 'for evaluation vaults only' \
    env AMANAT_NOW=2100-01-01T00:00:00Z "$AMANAT" list
[ "$((before + 2))" = "$(statements)" ]
result '... and the log is as it was' $?
mv "$work/vault/keys/log.key" "$work/log.key"
head -c 32 /dev/urandom >"$work/vault/keys/log.key" && chmod 600 "$work/vault/keys/log.key"
expect 'a fault that cannot be posted is refused all the same' 14 \
    'only an evaluation vault.*could not be posted' as b ask s/y --reason R
mv "$work/log.key" "$work/vault/keys/log.key"
expect 'V24: verify lists faults' 0 'finding: 2 faults of R6.14' "$AMANAT" verify
expect 'a fault changes no right' 0 'made anew' "$AMANAT" doctor --rebuild
expect '... and stands after a rebuild' 0 'all as the log says' "$AMANAT" doctor

finish
