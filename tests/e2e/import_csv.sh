#!/bin/sh
# CSV of others, by a map; names made valid; rows at fault passed over.
# Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

for k in root a b c; do key $k; done
founded 2 a b c
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
before=$(statements)
csv() { printf "$1" >"$work/f.csv"; }
map() { printf "$1" >"$work/m.yaml"; }
import() { as a import "$work/f.csv" --map "$work/m.yaml" "$@"; }
good='format: 1\ncolumns:\n  name: Account\n  secret: Password\n'

# ---- the map
csv 'Account,Password\nMail,TEST\n'
expect 'a map that is not there' 1 'cannot read' import --safe s
map 'format: 2\ncolumns:\n  secret: Password\n'
expect 'a format of later' 40 "line 1: this program reads 'format: 1'" import --safe s
map "$good"'colour: red\n'
expect 'a key that is not known' 40 "line 5: unknown key 'colour'" import --safe s
map "$good"'  name: Title\n'
expect 'a key twice' 40 'is there twice; it was in line 3' import --safe s
map "$good"'  user: &x Login\n'
expect 'an anchor' 40 'line 5: .*anchors' import --safe s
map 'format: 1\ncolumns:\n  name: Account\n'
expect 'no secret' 40 "line 2: columns names no 'secret'" import --safe s
map "$good"'  password: Password\n'
expect 'two secrets' 40 "both 'secret' and 'password'" import --safe s
map 'format: 1\ncolumns: Password\n'
expect 'a word for a group' 40 'line 2: columns is a group of keys' import --safe s
map "$good"'delimiter: colon\n'
expect 'a delimiter that is none' 40 'comma, semicolon or tab' import --safe s
map "$good"'header: maybe\n'
expect 'a header that is neither' 40 'header is yes or no' import --safe s
map "$good"'  user: Login\n'
expect 'a column that is not there' 40 "names a column 'Login', and there is none" import --safe s
map "$good"'  user: 2\n'
expect 'a column used twice' 40 "uses column '2' twice" import --safe s
map "$good"
csv 'Account,Password,Password\nMail,TEST,TEST\n'
expect 'two headings alike' 40 "two columns are headed 'Password'" import --safe s
csv 'Account,Password\nMail,TEST\n'
expect 'no safe at all' 40 'names no safe; give --safe' import
expect 'a map for what is no CSV' 2 'map is for CSV' import --safe s --format keepass
expect 'a format that is none' 2 'csv, bitwarden, keepass, pass and 1pux' \
    as a import "$work/f.csv" --format paper --safe s
csv 'Account,Password\nMail,TEST-\351\n'
expect 'text that is not UTF-8' 40 "row 2: 'Mail': column 2 is not UTF-8" import --safe s
printf '\377\376A\000' >"$work/f.csv"
expect 'text in UTF-16' 40 'save it as UTF-8' import --safe s
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("xl/workbook.xml", "")' "$work/f.csv"
expect 'a spreadsheet' 40 'to be saved as CSV' as a import "$work/f.csv" --safe s
printf '\003\331\242\232xx' >"$work/f.csv"
expect 'a KeePass database' 40 'export it in KeePass' as a import "$work/f.csv" --safe s
map 'format: 1\ncolumns:\n  secret: 3\nheader: no\n'
csv 'a,b\nc,d\n'
expect 'rows without the column' 40 'it has no column 3' import --safe s
[ "$(statements)" -eq "$before" ]
result 'and nothing was sealed' $?

# ---- what it makes
map 'format: 1\ncolumns:\n  name: Account Name\n  secret: Pass\n  user: 2\n  url: Web\n  notes: Remarks\n  totp: OTP\nconstants:\n  safe: s\n  class: secret\ndelimiter: semicolon\n'
csv '\357\273\277Account Name;Login;Pass;Web;Remarks;OTP;Group\r\n"E-Mail (old)";ops;"TEST;1";https://v.example;"two\r\nlines";TESTSEED;x\r\nE-Mail, old;;TEST-2;;;;x\r\n;;TEST-3;;;;\r\n\330\247;;TEST-4;;;;\r\nnothing;u;;;;;\r\nremark;u;;w;TEST-note;;\r\n'
expect 'a row at fault' 40 "row 6: 'nothing': it has no secret.*--skip-refused" import
expect 'a dry run shows what would be made' 0 'can be imported: 6 to seal' import --skip-refused --dry-run
grep -q '^2 *s/E-Mail-old  *secret  *login  *password, user, url, notes  *E-Mail (old)$' "$work/out" &&
    grep -q '^2 *s/E-Mail-old-totp  *secret  *totp  *seed' "$work/out" &&
    grep -q '^3 *s/E-Mail-old-2  *secret  *login  *password' "$work/out" &&
    grep -q '^4 *s/entry-4 ' "$work/out" && grep -q '^5 *s/entry-5 ' "$work/out" &&
    grep -q '^7 *s/remark  *secret  *note  *text' "$work/out" &&
    [ "$(grep -c ' s/' "$work/out")" -eq 6 ]
result '... row by row' $?
joined | grep -q "is read as CSV.*1 column is left behind.*row 3: the name is taken by an earlier row; this one is 's/E-Mail-old-2'"
result '... what was recognised, left behind and numbered' $?
fits 'a dry run'
[ "$(statements)" -eq "$before" ]
result '... and seals nothing' $?
expect 'one touch seals them' 0 '6 credentials are sealed, in 1 batch.*1 refused row was passed over' import --skip-refused
[ "$(grep -c 'NOW touch' "$work/err")" -eq 1 ]
result '... one' $?
expect 'the same again: the same names' 0 '^{"rows":0,"skipped":6,.*"refused":1' import --skip-refused --skip-existing --json
is_json import

# ---- they open
opens() { # NAME FIELD WORDS
	r=$(as root ask "s/$1" --reason R 2>/dev/null | head -n 1)
	as a approve "$r" >/dev/null 2>&1 && as b approve "$r" >/dev/null 2>&1
	expect "$1 opens" 0 "$3" as root open "$r" --field "$2"
}
opens E-Mail-old notes '^two'
opens E-Mail-old-totp seed '^TESTSEED'
opens remark text 'user: u.url: w.TEST-note\|^url: w$'
opens entry-5 password '^TEST-4'

# ---- our own columns, notes and codes with them
csv 'name,password,notes,totp\nown,TEST,remark,TESTSEED\n'
expect 'notes and codes' 0 '2 credentials are sealed' as a import "$work/f.csv" --safe s
csv 'name,secret\nx,TEST\nx,TEST\n../y,TEST\nz,TEST\n'
expect 'what would be passed over is not counted' 0 'can be imported: 2 to seal' \
    as a import "$work/f.csv" --safe s --skip-refused --dry-run
expect 'twins and bad names passed over' 0 '2 credentials are sealed.*2 refused rows were' \
    as a import "$work/f.csv" --safe s --skip-refused
csv 'name,secret\nv,TEST\nw,"TEST\n'
expect 'what is broken is never passed over' 40 "row 3: this is not CSV" \
    as a import "$work/f.csv" --safe s --skip-refused
expect 'verify' 0 'all rules hold' "$AMANAT" verify
! grep -q 'TEST-2\|TESTSEED' "$AMANAT_VAULT/db/data.mdb"
result 'no secret lies on the disk in clear' $?
finish
