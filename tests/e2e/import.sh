#!/bin/sh
# Many deposits with one touch: amanat import. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

for k in root a b c; do key $k; done
founded 2 a b c
AMANAT_BIG=$work/big.csv
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
before=$(statements)
# csv TEXT: the file to import
csv() { printf "$1" >"$work/f.csv"; }
import() { as a import "$work/f.csv" "$@"; }

expect 'a file that is not there' 1 'cannot read' as a import "$work/none.csv" --safe s
expect 'a directory' 2 'no password store' as a import "$work" --safe s
mkfifo "$work/pipe"
expect 'a pipe' 2 'a pipe will not do' as a import "$work/pipe" --safe s
csv ''
expect 'an empty file' 40 'no heading' import --safe s
csv 'name,colour\nx,TEST\n'
expect 'a column that is not known' 40 'column 2 has a heading' import --safe s
csv 'name,user\nx,u\n'
expect 'no column for the secret' 40 "'secret' or 'password'" import --safe s
csv 'name,secret,password\nx,TEST,TEST\n'
expect 'two columns for the secret' 40 'is there twice' import --safe s
csv 'name,secret\nx,TEST\n'
expect 'rows that name no safe' 40 'names no safe' import
expect 'a safe that is not there' 40 "no safe 'none'" import --safe none
csv 'name,secret\nok,TEST\n../x,TEST\n,TEST\ny,\nz,TEST,3\n'
expect 'every row that is refused is named' 40 '4 faults' import --safe s
grep -q 'row 3: ' "$work/err" && grep -q 'row 4: ' "$work/err" &&
    grep -q 'row 5: it has no secret' "$work/err" &&
    grep -q 'row 6: it has 3 cells' "$work/err"
result '... by its number' $?
csv 'name,secret\nx,TEST\ny,TEST\nx,TEST\n'
expect 'one name twice' 40 'row 4: it has the name of row 2' import --safe s
csv 'name,secret,class\nx,TEST,cosmic\n'
expect 'an unknown class' 40 'class is none' import --safe s
csv 'name,secret,type\nx,TEST,scroll\n'
expect 'an unknown type' 40 'type is none' import --safe s
csv 'name,secret,type,user\nx,TEST,totp,ops\n'
expect 'a user with a seed' 40 'belong to type login' import --safe s
csv 'name,secret\nx,"TEST\n'
expect 'a quote that is never closed' 40 'not CSV' import --safe s
{ printf 'name,secret\nx,'; head -c 70000 /dev/zero | tr '\0' T; echo; } >"$work/f.csv"
expect 'a row that is too long' 40 'put a large secret by itself' import --safe s
csv 'name,secret\nx,TEST\n'
expect 'a key that is not there' 14 'no key answers' \
    "$AMANAT" --token "unix:$work/none" import "$work/f.csv" --safe s
[ "$(statements)" -eq "$before" ]
result 'and nothing was sealed' $?

expect 'a dry run' 0 'can be imported: 1 to seal' import --safe s --dry-run
[ "$(statements)" -eq "$before" ]
result '... seals nothing' $?

csv '\357\273\277"name","password","user","url","class"\r\n"mail","TEST ""quoted"", and, commas","ops","https://v.example","secret"\r\n\r\nwiki,TEST-2,,,\r\n'
expect 'R7.4: one touch seals a file' 0 '2 credentials are sealed, in 1 batch' import --safe s
[ "$(grep -c 'NOW touch' "$work/err")" -eq 1 ] && [ "$(statements)" -eq $((before + 3)) ]
result '... a batch and its items' $?
expect 'the record of one' 0 'login, class secret\|class:  *secret' "$AMANAT" show s/mail
expect 'a name that exists' 40 '--skip-existing passes over it' import --safe s
csv 'name,password\nmail,TEST\ns/last,TEST-3\n'
expect 'passing over what exists' 0 '1 existed and were passed over' import --safe s --skip-existing
expect 'nothing left to do' 0 '0 credentials are sealed' import --safe s --skip-existing
expect 'json' 0 '^{"rows":0,"skipped":2,"sealed":0,"batches":0,"format":"csv","refused":0,"renamed":0,"deleted":0}$' import --safe s --skip-existing --json

expect 'ask for one of a batch' 0 '^r-1$' as root ask s/mail --reason R
expect 'R3.5: an approver checks its batch' 0 'approved by a' as a approve r-1
expect 'the second approval' 0 '2 of 2' as b approve r-1
expect 'it opens' 0 '^TEST "quoted", and, commas' as root open r-1
expect 'verify' 0 'all rules hold' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor
expect 'export' 0 '' "$AMANAT" export "$work/export"
# Without the last item of the last batch, or with two of a batch exchanged.
cp -r "$work/export" "$work/e2"
expect 'the export' 0 'all rules hold' "$AMANAT" verify "$work/e2"
python3 - "$work/e2/log.jsonl" <<'P'
import sys
lines = open(sys.argv[1]).read().splitlines()
at = next(i for i, l in enumerate(lines) if '"kind":"batch"' in l)
lines[at + 1], lines[at + 2] = lines[at + 2], lines[at + 1]
open(sys.argv[1], 'w').write(''.join(l + '\n' for l in lines))
P
expect 'V09: two items exchanged' 20 'V09' "$AMANAT" verify "$work/e2"

# ---- larger than one batch
awk 'BEGIN { print "name,secret"; for (i = 0; i < 8200; i++) print "c" i ",TEST-" i }' >"$AMANAT_BIG"
expect 'two batches' 0 '8200 credentials are sealed, in 2 batches' as b import "$AMANAT_BIG" --safe s
expect 'verify them' 0 'all rules hold' "$AMANAT" verify
grep -q TEST- "$AMANAT_VAULT/db/data.mdb"
[ $? -eq 1 ]
result 'no secret lies on the disk in clear' $?

# ---- the key is pulled out after the first batch: what is in stays, the rest
# can follow
end_key "$(cat "$work/c.pid")"
key c --touch "file:$work/touch"
sed 's/^c/d/' "$AMANAT_BIG" >"$work/more.csv"
: >"$work/touch"
as c import "$work/more.csv" --safe s >"$work/out" 2>"$work/err" &
running=$!
pids="$pids $running"
tries=0
until [ "$(grep -c 'NOW touch' "$work/err")" -eq 2 ] || [ $tries -gt 600 ]; do
	sleep 0.05; tries=$((tries + 1))
done
kill "$(cat "$work/c.pid")"
wait "$running"
[ $? -ne 0 ] && grep -q '8192 of 8200 are in; run it again with --skip-existing' "$work/err"
result 'the key pulled out after the first batch' $?
expect 'verify what is in' 0 'all rules hold' "$AMANAT" verify
expect 'the rest' 0 '8 credentials are sealed, in 1 batch.*8192 existed' \
    as a import "$work/more.csv" --safe s --skip-existing
finish
