#!/bin/sh
# The unencrypted JSON export of Bitwarden, made here in its documented form.
# Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

for k in root a b c; do key $k; done
founded 2 a b c
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
before=$(statements)
file() { printf '%s' "$1" >"$work/f.json"; }
import() { as a import "$work/f.json" --safe s "$@"; }

file '{"encrypted":true,"passwordProtected":true,"salt":"x","data":"x"}'
expect 'an encrypted export' 40 "is encrypted; export it again.*'.json'" import
file '{"encrypted":true,"folders":[],"items":[{"type":1,"name":"2.x"}]}'
expect 'the other encrypted export' 40 'is encrypted; export it again' import
file '{"items":[]}'
expect 'an export that does not say that it is in clear' 40 'no export of Bitwarden' import
file '{"encrypted":false,"items":[],"items":[]}'
expect 'items twice' 40 'there twice' import
file '[]'
expect 'another JSON' 40 'no export of Bitwarden' import --format bitwarden
file '{"encrypted":false,"items":[}'
expect 'no JSON' 40 'not JSON' import
file '{"encrypted":false,"items":[]} x'
expect 'more behind the end' 40 'goes on after its end' import
python3 -c 'print("{\"encrypted\":false,\"items\":" + "[" * 100000)' >"$work/f.json"
expect 'nested deep' 40 'nested more than 64 deep' import
file '{"encrypted":false,"items":[{"type":1,"name":"\u0000"}]}'
expect 'a NUL' 40 'not JSON' import
python3 - "$work/f.json" <<'P'
import json, sys
login = lambda **k: dict({'type': 1, 'folderId': None}, **k)
json.dump({'encrypted': False, 'folders': [], 'items': [
    login(name='empty', login={'username': 'u', 'password': None}),
    login(name='passkey', login={'password': 'TEST', 'fido2Credentials': [{'keyValue': 'TEST'}]}),
    login(name='number', login={'password': 7}),
    {'type': 9, 'name': 'strange', 'notes': 'TEST'},
    'x',
    login(name='large', login={'password': 'T' * 70000}),
    login(name='larger', notes='T' * 200000, login={'password': 'T' * 200000}),
]}, open(sys.argv[1], 'w'))
P
expect 'items at fault' 40 '7 faults' import
for words in "row 1: 'empty': it has no secret" "row 2: 'passkey': it holds a passkey" \
    "row 3: 'number': one of its texts is something else" \
    "row 4: 'strange': its type is none" 'row 5: it is not an item' \
    "row 6: 'large': it has more than" "row 7: 'larger': it has more than"; do
	joined | grep -q "$words"
	result "... $words" $?
done
file '{"encrypted":false,"items":[{"type":1,"name":"x","name":"y","login":{"password":"TEST"}}]}'
expect 'a member twice' 40 "'name' is there twice" import
[ "$(statements)" -eq "$before" ]
result 'and nothing was sealed' $?

python3 - "$work/f.json" <<'P'
import json, sys
json.dump({'items': [
    {'type': 1, 'name': 'Mail \u0627 \U0001F600', 'folderId': 'f1', 'notes': 'note\nTEST', 'fields': [
        {'name': 'PIN', 'value': 'TEST-PIN', 'type': 1}, {'name': 'none', 'value': None}],
     'login': {'username': 'ops', 'password': 'TEST-"\u00e9\U0001F600\\', 'totp': 'otpauth://totp/x?secret=TEST',
        'uris': [{'match': None, 'uri': 'https://a.example'}, {'uri': 'https://b.example'}],
        'fido2Credentials': []},
     'passwordHistory': [{'password': 'TEST-OLD'}]},
    {'type': 1, 'name': 'mail', 'folderId': None, 'login': {'username': '', 'password': 'TEST-2', 'totp': None}},
    {'type': 1, 'name': 'mail', 'login': {'password': 'TEST-3'}},
    {'type': 2, 'name': 'memo', 'notes': 'TEST-4', 'secureNote': {'type': 0}},
    {'type': 3, 'name': 'card', 'card': {'number': '4111', 'code': '123', 'brand': None}},
    {'type': 4, 'name': 'me', 'identity': {'firstName': 'A', 'passportNumber': 'TEST'}},
    {'type': 5, 'name': 'ssh', 'sshKey': {'privateKey': 'TEST-KEY', 'publicKey': 'ssh-ed25519 x'}},
    {'type': 1, 'name': 'only codes', 'login': {'totp': 'TESTSEED'}},
], 'encrypted': False, 'folders': [{'id': 'f2', 'name': 'x'}, {'id': 'f1', 'name': 'Web/In use'}]},
    open(sys.argv[1], 'w'), ensure_ascii=False)
P
expect 'a dry run' 0 'is read as a Bitwarden export.*9 to seal' import --dry-run
for words in '1 *s/Web.In-use.Mail  *restricted  *login  *password, user, url, notes ' \
    '1 *s/Web.In-use.Mail-totp  *restricted  *totp  *seed' \
    '2 *s/mail  *restricted  *login  *password' '3 *s/mail-2 ' '4 *s/memo  *restricted  *note' \
    '5 *s/card .*note' '6 *s/me .*note' '7 *s/ssh  *restricted  *private-key  *key, notes' \
    '8 *s/only-codes-totp .*totp'; do
	grep -q "^$words" "$work/out"
	result "... $words" $?
done
expect 'one touch' 0 '9 credentials are sealed, in 1 batch' import
opens() { # NAME FIELD WORDS
	r=$(as root ask "s/$1" --reason R 2>/dev/null | head -n 1)
	as a approve "$r" >/dev/null 2>&1 && as b approve "$r" >/dev/null 2>&1
	expect "$1 opens" 0 "$3" as root open "$r" --field "$2"
}
opens Web.In-use.Mail password '^TEST-"é😀\\'
opens Web.In-use.Mail notes '^PIN: TEST-PIN$'
grep -q '^url: https://b.example$' "$work/out" && ! grep -q 'OLD' "$work/out"
result '... the second address too, earlier passwords not' $?
opens card text '^code: 123'
opens ssh key '^TEST-KEY'
expect 'again, over what exists' 0 '9 existed' import --skip-existing
expect 'verify' 0 'all rules hold' "$AMANAT" verify

# ---- an organisation's
file '{"encrypted":false,"collections":[{"id":"c","organizationId":"o","name":"Ops"}],"items":[{"type":1,"name":"db","collectionIds":["c"],"login":{"password":"TEST"}}]}'
expect 'collections' 0 's/Ops.db ' import --dry-run

# ---- large: more than the window of locked memory, more than a batch
python3 - "$work/f.json" <<'P'
import json, sys
json.dump({'encrypted': False, 'folders': [], 'items': [{'type': 1, 'name': 'same', 'notes': 'x' * 100,
    'passwordHistory': [{'password': 'x' * 50}] * 3, 'login': {'username': 'u%d' % i, 'password': 'TEST-%d' % i}}
    for i in range(8200)]}, open(sys.argv[1], 'w'), indent=2)
P
expect 'thousands with one name' 0 '8200 credentials are sealed, in 2 batches.*8200 got another\|8199 got another' import
joined | grep -q 'and 8179 more names with a number'
result '... told, but not all' $?
expect 'what was sealed' 0 'same-8200 ' "$AMANAT" list s
expect 'verify them' 0 'all rules hold' "$AMANAT" verify
finish
