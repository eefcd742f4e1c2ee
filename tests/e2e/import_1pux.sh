#!/bin/sh
# The export of 1Password (1PUX), made here in its documented form. Refusals
# first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

for k in root a b c; do key $k; done
founded 2 a b c
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
before=$(statements)
import() { as a import "$work/f.1pux" --safe s "$@"; }
# zipped NAME [TEXT]: a zip with that file, from standard input or TEXT
zipped() {
	python3 -c 'import sys, zipfile
z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)
z.writestr("export.attributes", "{\"version\":3}")
z.writestr(sys.argv[2], sys.stdin.buffer.read())' "$work/f.1pux" "$1"
}

printf 'PK\003\004' >"$work/f.1pux"
expect 'half a zip' 40 'no zip of a kind that is read' import
echo '{}' | zipped other.data
expect 'another zip' 40 "holds no 'export.data'" import
python3 -W ignore -c 'import sys, zipfile
z = zipfile.ZipFile(sys.argv[1], "w")
z.writestr("export.data", "{\"accounts\":[]}")
z.writestr("export.data", "{\"accounts\":[]}")' "$work/f.1pux"
expect 'the file twice' 40 'no zip of a kind that is read' import
echo '{}' | zipped export.data
expect 'no accounts' 40 'no export of 1Password' import
echo '{' | zipped export.data
expect 'no JSON' 40 'not JSON' import
head -c 300000000 /dev/zero | zipped export.data
expect 'a bomb' 40 'unpacked it has more than' import
head -c 200000000 /dev/zero | tr '\0' '[' | zipped export.data
expect 'a bomb of brackets' 40 'nested more than 64 deep' import
python3 -c 'import json
item = lambda t, **d: {"overview": {"title": t}, "details": d, "categoryUuid": "001"}
print(json.dumps({"accounts": [{"vaults": [{"items": [
    item("none"), item("doc", documentAttributes={"fileName": "x"}),
    item("file", password="TEST", sections=[{"fields": [{"title": "f", "value": {"file": {"fileName": "x"}}}]}]),
    item("large", password="T" * 70000)]}]}]}))' | zipped export.data
expect 'items at fault' 40 '4 faults' import
for words in "row 1: 'none': it has no secret" "row 2: 'doc': it is a file" \
    "row 3: 'file': a file is attached" "row 4: 'large': it has more than"; do
	joined | grep -q "$words"
	result "... $words" $?
done
[ "$(statements)" -eq "$before" ]
result 'and nothing was sealed' $?

python3 -c 'import json
print(json.dumps({"accounts": [{"attrs": {"name": "me"}, "vaults": [
 {"attrs": {"uuid": "v", "name": "Team ops"}, "items": [
  {"uuid": "1", "state": "active", "categoryUuid": "001",
   "overview": {"title": "Mail", "url": "https://a.example", "urls": [{"label": "", "url": "https://a.example"}, {"url": "https://b.example"}], "tags": ["x"]},
   "details": {"loginFields": [
      {"value": "ops", "name": "user", "fieldType": "T", "designation": "username"},
      {"value": "TEST-1", "name": "pw", "fieldType": "P", "designation": "password"},
      {"value": "", "name": "empty", "fieldType": "T"}],
    "notesPlain": "remark", "passwordHistory": [{"value": "TEST-OLD", "time": 1}],
    "sections": [{"title": "more", "fields": [
      {"title": "one-time password", "id": "TOTP_1", "value": {"totp": "otpauth://totp/x?secret=TEST"}},
      {"title": "PIN", "id": "x", "value": {"concealed": "TEST-PIN"}},
      {"title": "since", "id": "y", "value": {"date": 1700000000}},
      {"title": "post", "id": "z", "value": {"address": {"street": "Mall", "city": "Lahore"}}}]}]}},
  {"categoryUuid": "003", "overview": {"title": "memo"}, "details": {"notesPlain": "TEST-2", "sections": []}},
  {"categoryUuid": "005", "overview": {"title": "word"}, "details": {"password": "TEST-3"}}]},
 {"attrs": {"name": "Servers"}, "items": [
  {"categoryUuid": "114", "overview": {"title": "key"}, "details": {"sections": [{"fields": [
      {"title": "private key", "id": "private_key", "value": {"sshKey": {"privateKey": "TEST-KEY", "metadata": {"publicKey": "ssh-ed25519 x"}}}}]}]}},
  {"categoryUuid": "110", "overview": {"title": "host"}, "details": {"sections": [{"fields": [
      {"title": "username", "id": "username", "value": {"string": "root"}},
      {"title": "password", "id": "password", "value": {"concealed": "TEST-4"}}]}]}}]}]}]}))' | zipped export.data
expect 'a dry run' 0 'is read as a 1Password export.*6 to seal' import --dry-run
for words in '1 *s/Team-ops.Mail  *restricted  *login  *password, user, url, notes ' \
    '1 *s/Team-ops.Mail-totp .*seed' '2 *s/Team-ops.memo .*note' '3 *s/Team-ops.word .*password' \
    '4 *s/Servers.key .*private-key  *key, notes' '5 *s/Servers.host .*login  *password, user'; do
	grep -q "^$words" "$work/out"
	result "... $words" $?
done
expect 'one touch' 0 '6 credentials are sealed, in 1 batch' import --format 1pux
opens() { # NAME FIELD WORDS
	r=$(as root ask "s/$1" --reason R 2>/dev/null | head -n 1)
	as a approve "$r" >/dev/null 2>&1 && as b approve "$r" >/dev/null 2>&1
	expect "$1 opens" 0 "$3" as root open "$r" --field "$2"
}
opens Team-ops.Mail password '^TEST-1'
opens Team-ops.Mail url '^https://a.example'
opens Team-ops.Mail notes '^PIN: TEST-PIN$'
grep -q '^url: https://b.example$' "$work/out" && grep -q '^city: Lahore' "$work/out" &&
    grep -q '^since: 1700000000$' "$work/out" && ! grep -q 'OLD\|a.example\|empty' "$work/out"
result '... what else it had, earlier passwords not' $?
opens Servers.key key '^TEST-KEY'
expect 'again, over what exists' 0 '6 existed' import --skip-existing
expect 'verify' 0 'all rules hold' "$AMANAT" verify
finish
