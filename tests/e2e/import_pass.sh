#!/bin/sh
# The directory of the program pass, made here by gpg with a key of its own, or
# by pass where it is installed. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

if ! command -v gpg >/dev/null; then
	echo '# gpg is not installed: what needs it is not tested'
	echo '1..0 # skip no gpg'
	exit 0
fi
for k in root a b c; do key $k; done
founded 2 a b c
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
before=$(statements)
GNUPGHOME=$work/gnupg; export GNUPGHOME
mkdir -m 0700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key TEST-key default default never >"$work/out" 2>&1
result 'a key for gpg' $?
store=$work/store
import() { as a import "$store" --safe s "$@"; }
# entry NAME: from standard input
entry() {
	mkdir -p "$(dirname "$store/$1")" &&
	    gpg --batch --quiet --yes --encrypt -r TEST-key -o "$store/$1.gpg"
}

mkdir "$store"
expect 'a directory that is no store' 2 'no password store' import
echo TEST-key >"$store/.gpg-id"
expect 'a format that is no directory' 2 'only the format pass is' import --format keepass
echo x >"$work/file"
expect 'a file for a store' 2 'is a directory' as a import "$work/file" --safe s --format pass
expect 'an empty store' 0 '0 to seal' import --dry-run
echo TEST | entry mail
mkdir "$work/bin"
for tool in sh cat; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
nogpg() { (PATH=$work/bin; import "$@"); }
expect 'no gpg' 1 'there is no gpg here' nogpg
echo 'not a message' >"$store/broken.gpg"
printf '' | entry empty
printf 'a\000b' | entry nul
printf 'a\351b' | entry latin
head -c 70000 /dev/zero | tr '\0' T | entry large
expect 'entries at fault' 40 '5 faults' import
for words in "row 1: 'broken': gpg does not decrypt it" "row 2: 'empty': it has no secret" \
    "row 3: 'large': it has more than" "row 4: 'latin': it is no text" "row 6: 'nul': it is no text"; do
	joined | grep -q "$words"
	result "... $words" $?
done
expect 'the others' 0 '1 to seal' import --dry-run --skip-refused
rm "$store"/*.gpg
for i in 1 2 3 4 5; do echo x >"$store/$i.gpg"; done
expect 'nothing can be decrypted: not asked for each' 1 'none of the first 3' import
rm "$store"/*.gpg
[ "$(statements)" -eq "$before" ]
result 'and nothing was sealed' $?

# ---- what it makes
printf 'TEST-1\nURL: https://v.example\nuser: ops\nlogin: second\nremark\n\nlast\notpauth://totp/x?secret=TEST\n' | entry Web/mail
echo TEST-2 | entry 'Web/in use/x y'
printf '\nTEST-3\n' | entry memo
mkdir "$store/.git"; cp "$store/memo.gpg" "$store/.git/hidden.gpg"
ln -s "$store/memo.gpg" "$store/link.gpg"
ln -s / "$store/root"
touch "$store/Web/no-entry.txt"
expect 'a dry run' 0 'is read as a password store.*4 to seal' import --dry-run
for words in '1 *s/Web.in-use.x-y  *restricted  *login  *password ' \
    '2 *s/Web.mail  *restricted  *login  *password, user, url, notes ' '2 *s/Web.mail-totp .*seed' \
    '3 *s/memo  *restricted  *note  *text'; do
	grep -q "^$words" "$work/out"
	result "... $words" $?
done
expect 'one touch' 0 '4 credentials are sealed, in 1 batch' import
opens() { # NAME FIELD WORDS
	r=$(as root ask "s/$1" --reason R 2>/dev/null | head -n 1)
	as a approve "$r" >/dev/null 2>&1 && as b approve "$r" >/dev/null 2>&1
	expect "$1 opens" 0 "$3" as root open "$r" --field "$2"
}
opens Web.mail password '^TEST-1'
opens Web.mail user '^ops'
opens Web.mail notes '^login: second$'
printf 'login: second\nremark\n\nlast' | cmp -s - "$work/out"
result '... all other lines, in order' $?
opens Web.mail-totp seed '^otpauth://totp/x?secret=TEST'
opens memo text '^TEST-3'
expect 'again, over what exists' 0 '4 existed' import --skip-existing
expect 'verify' 0 'all rules hold' "$AMANAT" verify

if command -v pass >/dev/null; then
	PASSWORD_STORE_DIR=$work/real; export PASSWORD_STORE_DIR
	pass init TEST-key >"$work/out" 2>&1 && echo TEST-4 | pass insert -e web/real >"$work/out" 2>"$work/err"
	result 'pass makes an entry' $?
	expect 'and it is read' 0 's/web.real .*password' as a import "$work/real" --safe s --dry-run
else
	echo '# pass is not installed: files made by gpg alone'
fi
gpgconf --kill all 2>/dev/null
finish
