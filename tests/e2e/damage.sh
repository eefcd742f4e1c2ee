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
expect 'R13.14: so is one that is missing' 40 "'a' and 'c'.*1 of the 3 parts" \
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

finish
