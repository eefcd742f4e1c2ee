#!/bin/sh
# The XML export of KeePass 2, made here in its documented form, and that of
# keepassxc-cli where it is installed. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

for k in root a b c; do key $k; done
founded 2 a b c
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
before=$(statements)
file() { printf '%s' "$1" >"$work/f.xml"; }
import() { as a import "$work/f.xml" --safe s "$@"; }
string() { printf '<String><Key>%s</Key><Value%s>%s</Value></String>' "$1" "${3-}" "$2"; }
# whole ENTRIES: a file with one group
whole() {
	file "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>
<KeePassFile><Meta><Generator>KeePass</Generator><RecycleBinUUID>BIN=</RecycleBinUUID></Meta>
<Root><Group><UUID>R=</UUID><Name>Database</Name>$1</Group><DeletedObjects/></Root></KeePassFile>"
}

file '<html><body/></html>'
expect 'another XML' 40 'no export of KeePass 2' import
file '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><KeePassFile>&b;</KeePassFile>'
expect 'entities' 40 'declares a document type' import
echo TEST-outside >"$work/outside"
file "<!DOCTYPE x [<!ENTITY a SYSTEM \"file://$work/outside\">]><KeePassFile>&a;</KeePassFile>"
expect 'an entity outside the file' 40 'declares a document type' import
file '<KeePassFile>&a;</KeePassFile>'
expect 'an entity that is not known' 40 'not XML: undefined entity' import
file '<KeePassFile><Root>'
expect 'half a file' 40 'not XML: no element found' import
python3 -c 'print("<KeePassFile>" + "<x>" * 100000)' >"$work/f.xml"
expect 'nested deep' 40 'nested too deep' import
python3 -c 'print("<KeePassFile><!--" + "x" * 3000000 + "--></KeePassFile>")' >"$work/f.xml"
expect 'a comment without end' 40 'tag or a comment is too large' import
python3 -c 'print("<KeePassFile><x y=\"" + "x" * 3000000 + "\"/></KeePassFile>")' >"$work/f.xml"
expect 'a huge attribute' 40 'tag or a comment is too large' import
whole "<Entry>$(string Title none)$(string UserName u)</Entry>
<Entry>$(string Title bin)$(string Password TEST)<Binary><Key>x</Key><Value Ref=\"0\"/></Binary></Entry>
<Entry>$(string Title locked)$(string Password VEVTVA== ' Protected="True"')</Entry>
<Entry>$(string Title ref)$(string Password '{REF:P@I:00}')</Entry>
<Entry>$(string Title twice)$(string Password TEST)$(string Password TEST)</Entry>"
expect 'entries at fault' 40 '5 faults' import
for words in "row 1: 'none': it has no secret" "row 2: 'bin': a file is attached" \
    "row 3: 'locked': one of its values is still encrypted" \
    "row 4: 'ref': one of its values stands for that of another" \
    "row 5: 'twice': its secret is there twice"; do
	joined | grep -q "$words"
	result "... $words" $?
done
python3 - "$work/f.xml" <<'P'
import sys
e = lambda t, p: '<Entry><String><Key>Title</Key><Value>%s</Value></String><String><Key>Password</Key><Value>%s</Value></String></Entry>' % (t, p)
open(sys.argv[1], 'w').write('<KeePassFile><Root><Group>' + e('large', 'T' * 70000) + e('larger', 'T' * 700000) + e('good', 'TEST') + '</Group></Root></KeePassFile>')
P
expect 'large entries' 40 "row 1: 'large': it has more than.*row 2: 'larger': it has more than.*2 faults" import
[ "$(statements)" -eq "$before" ]
result 'and nothing was sealed' $?

whole "<Entry>$(string Title 'Mail &amp; more')$(string UserName ops)$(string Password 'TEST &lt;1&gt; &#233;' ' ProtectInMemory="True"')$(string URL https://v.example)$(string Notes 'two
lines')$(string otp 'otpauth://totp/x?secret=TEST')$(string PIN TEST-PIN)<History><Entry>$(string Title old)$(string Password TEST-OLD)</Entry></History></Entry>
<Group><UUID>G=</UUID><Name>Web</Name><Group><UUID>H=</UUID><Name>In use</Name><Entry>$(string Title x)$(string Password TEST-2)</Entry></Group>
<Entry>$(string Title x)$(string Password TEST-3)</Entry></Group>
<Group><UUID>BIN=</UUID><Name>Recycle Bin</Name><Group><Name>y</Name><Entry>$(string Title gone)$(string Password TEST-4)</Entry></Group></Group>
<Group><UUID>I=</UUID><Name>Last</Name><Entry>$(string Title memo)$(string Notes TEST-5)</Entry></Group>"
expect 'a dry run' 0 'is read as a KeePass 2 export.*5 to seal.*1 in the recycle bin' import --dry-run
for words in '1 *s/Mail-more  *restricted  *login  *password, user, url, notes ' \
    '1 *s/Mail-more-totp  *restricted  *totp  *seed' '2 *s/Web.In-use.x .*password' ' *Web/In use/x$' \
    '3 *s/Web.x .*password' '4 *s/Last.memo  *restricted  *note  *text'; do
	grep -q "^$words" "$work/out"
	result "... $words" $?
done
expect 'one touch' 0 '5 credentials are sealed, in 1 batch' import --format keepass
opens() { # NAME FIELD WORDS
	r=$(as root ask "s/$1" --reason R 2>/dev/null | head -n 1)
	as a approve "$r" >/dev/null 2>&1 && as b approve "$r" >/dev/null 2>&1
	expect "$1 opens" 0 "$3" as root open "$r" --field "$2"
}
opens Mail-more password '^TEST <1> é'
opens Mail-more notes '^PIN: TEST-PIN'
! grep -q OLD "$work/out"
result '... its history not' $?
opens Mail-more-totp seed '^otpauth://totp/x?secret=TEST'
opens Last.memo text '^TEST-5'
expect 'again, over what exists' 0 '5 existed' import --skip-existing
expect 'verify' 0 'all rules hold' "$AMANAT" verify

if command -v keepassxc-cli >/dev/null; then
	{ echo TEST; echo TEST; } | keepassxc-cli db-create --set-password "$work/db.kdbx" >"$work/out" 2>&1 &&
	    { echo TEST; echo TEST-6; } | keepassxc-cli add -q -u ops -p "$work/db.kdbx" real >"$work/out" 2>&1 &&
	    echo TEST | keepassxc-cli export -q -f xml "$work/db.kdbx" >"$work/f.xml" 2>"$work/err"
	result 'keepassxc-cli exports' $?
	expect 'and it is read' 0 's/real .*password, user' import --dry-run
else
	echo '# keepassxc-cli is not installed: files made by hand only'
fi
finish
