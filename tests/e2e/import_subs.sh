#!/bin/sh
# A register of contracts out of a spreadsheet: import --as subscriptions, and
# what sub export --records writes. Scenario 2, first step. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
must() { "$@" >"$work/out" 2>"$work/err" || result "$*" 1; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
not_said() { ! joined | grep -q -- "$1"; result "... not: $1" $?; }
AMANAT_NOW=2021-09-01T04:00:00Z
export AMANAT_NOW

for k in root own dio to con; do key $k; done
# register DIR: an agency with the posts of the story
register() {
	AMANAT_VAULT=$1 XDG_STATE_HOME=$1.state
	as root init --name TEST --rp-id v.example --evaluation --founder root || return 1
	for p in own dio to; do
		as root person add $p --name "P $p" && as root,$p token enrol $p --label $p || return 1
	done
	as root person add con --name CON --kind contractor --sponsor dio --until 2031-08-31 &&
	    as root,con token enrol con --label con || return 1
	for p in dir-eo:own dio-post:dio dit:to dfa:own ceo:dio; do
		as root post add ${p%:*} --title "Post ${p%:*}" &&
		    as root appoint ${p#*:} ${p%:*} --authority MoITT --kind substantive \
			--order 1 --from 2021-03-19 || return 1
	done
	as root safe create cabinet --level baseline --quorum 2 --custodians own,dio,to || return 1
	for step in join deal accept; do
		for p in own dio to; do as $p safe join cabinet || return 1; done
	done
	for c in mdm seed; do printf TEST-secret | as to put cabinet/$c --from /dev/stdin --type login || return 1; done
	as root sub entity "$work/nitb.yaml"
}
cat >"$work/nitb.yaml" <<'YAML'
id: nitb
name: NITB
mailboxes: [mdm@nitb.example, it@nitb.example]
holidays: [2021-07-19]
surrender: 04-30
YAML
register "$work/a" >"$work/founded" 2>&1 || { cat "$work/founded"; echo 'Bail out! no vault'; exit 1; }

# sheet FILE [FIELD=VALUE...]...: a row for each argument, which says what is
# other than in the story's record; '|' between its fields
cat >"$work/sheet.py" <<'PY'
import csv, sys
fields = {}
for line in open("tests/mdm.yaml"):
    key, colon, value = line.strip().partition(": ")
    if colon and not line.startswith("#"):
        value = value.strip('"')
        if value.startswith("["):
            value = value[1:-1].replace(", ", "; ")
        fields[key] = value
rows = []
for i, arg in enumerate(sys.argv[2:]):
    row = dict(fields, id=f"s{i + 1}")
    row.update(pair.split("=", 1) for pair in arg.split("|") if pair)
    rows.append(row)
heads = list(dict.fromkeys(key for row in rows for key in row))
out = csv.writer(open(sys.argv[1], "w", newline="", encoding="utf-8"))
out.writerow(heads)
out.writerows([[row.get(h, "") for h in heads] for row in rows])
PY
sheet() { python3 "$work/sheet.py" "$work/legacy.csv" "$@"; }
import() { as own import "$work/legacy.csv" --as subscriptions "$@"; }
before=$(statements)

# ---- what cannot be read
sheet ''
expect 'a kind that is none' 2 'credentials or subscriptions' as own import "$work/legacy.csv" --as contracts
expect 'an option of the other kind' 2 '[-]-safe is for credentials' import --safe cabinet
expect 'without --as it says how' 40 '[-]-as subscriptions' as own import "$work/legacy.csv" --safe cabinet
expect 'no such file' 1 'cannot read' as own import "$work/none.csv" --as subscriptions
printf 'id,name,seats\nx,y,3\n' >"$work/legacy.csv"
expect 'a column that is no field' 40 'column 3 has a heading that is neither' import
printf 'id,name,id\nx,y,3\n' >"$work/legacy.csv"
expect 'a column twice' 40 "'id', is there twice" import
printf 'name,owner\nx,y\n' >"$work/legacy.csv"
expect 'no id' 40 "no column 'id'" import
: >"$work/legacy.csv"
expect 'nothing' 40 'no heading' import
printf 'PK\003\004xxxx' >"$work/legacy.csv"
expect 'a spreadsheet' 40 'saved as CSV' import
printf 'id,name\n"x,y\n' >"$work/legacy.csv"
expect 'not CSV' 40 'row 2.*not CSV' import --skip-refused
printf 'id,name\nx\n,,,\n' >"$work/legacy.csv"
expect 'too few cells' 40 'row 2: it has 1 cells, the heading has 2' import
printf 'format: 1\ncolumns:\n  name: Title\n' >"$work/map.yaml"
expect 'a map without an id' 40 "columns names no 'id'" import --map "$work/map.yaml"
printf 'format: 1\ncolumns:\n  id: No\n  secret: Password\n' >"$work/map.yaml"
expect 'a map of credentials' 40 "unknown key 'secret' in columns" import --map "$work/map.yaml"
printf 'id,name,vendor\nx,y,z\n' >"$work/legacy.csv"
expect 'most of the fields: told in a few lines' 40 '^  missing: purpose, class, reach, contract,' import
said 'handover \[R-1\] what is the same in all rows needs no column: constants in the file of --map'
not_said 'purpose: missing'
fits 'a table of three columns'
unchanged

# ---- scenario 2, step 1: an account that stands in an ex-contractor's name
sheet 'id=mdm|mailbox=con.mdm@gmail.com|notice=|administrators=nobody; con|owner=con' 'id=ok' \
    'id=two|vendor_contacts=one@vendor.example|due_diligence_hash=abc|credentials=cabinet/none'
expect 'S2.1: every fault of every row' 40 "'.*legacy.csv', row 2, 'mdm':" import
said 'mailbox: an address that anybody gets, and keeps when they leave \[R-3\]'
said 'notice: missing \[R-1\]'
said "administrators: no post or person 'nobody' \[R-3\]"
said "administrators: 'con' is a contractor \[R-3\]"
said "owner: 'con' is a person; what answers is a post \[R-2\]"
said "row 4, 'two': .*due_diligence_hash: 64 hex.*vendor_contacts: two or more.*credentials: no credential 'cabinet/none'"
said '8 faults in 2 rows of .*; nothing was entered; --skip-refused passes over such rows'
not_said 'row 3'
fits 'faults'
unchanged
expect '... for programs' 40 '^{"faults":\[{"row":2,"subscription":"mdm","field":"notice","rule":"R-1","text":"missing"}' import --json
said '"rows":1,"skipped":0,"entered":0,"batches":0,"refused":2}'
is_json 'faults'
expect '... also in a dry run, which needs no key' 40 'nothing was entered' "$AMANAT" import "$work/legacy.csv" --as subscriptions --dry-run
sheet 'id=a b' 'id=x|name=two
lines' 'id=x' 'id=x|type=gift' "id=$(printf 'n\342\200\256')|name=Z"
expect 'an id that is none' 40 "row 2: id: .*letters" import
said "row 3, 'x': name: it holds a line break.*R2.10"
not_said 'name: missing'
said "row 5, 'x': type: new, renewal"
sheet 'id=x' 'id=x'
expect 'an id twice' 40 "row 3, 'x': id: it has the id of row 2" import
unchanged
sheet 'origin=IN' ''
must as root sub deny 1 IN --reason F.9
must agreed own dio
before=$(statements)
expect 'R-8: the deny list' 10 'origin: IN is on version 1 of the deny list, without an exception \[R-8\]' import
sed 's/it@nitb/mine@nitb.example, it@nitb/' "$work/nitb.yaml" >"$work/wider.yaml"
must as own sub entity "$work/wider.yaml"
before=$(statements)
sheet '' 'mailbox=mine@nitb.example' 'mailbox=it@nitb.example'
expect 'R-3: who added a mailbox is not the first to use it' 10 "row 3, 's2': 'own' has put 'mine@nitb.example'.*R-3" import
said '1 fault in 1 row'
expect '... for programs' 10 '"row":3,"subscription":"s2","field":"","rule":"R-3"' import --json
is_json 'what the rules refuse'
expect 'a contractor enters none' 10 'R-2' as con import "$work/legacy.csv" --as subscriptions
unchanged

# ---- rows that are right
expect 'rows at fault are passed over' 0 '2 subscriptions are entered, in 1 batch.*1 refused row was passed over' import --skip-refused
[ "$(grep -c 'NOW touch' "$work/err")" -eq 1 ]; result '... with one touch' $?
said 'when its order is placed: amanat sub renew ID --step active --order NUMBER --evidence FILE'
[ "$(joined | grep -o 'subscriptions are entered' | wc -l)" -eq 1 ]; result '... said once' $?
expect 'they are in the register' 0 's3 *complete' "$AMANAT" sub list
before=$(statements)
expect 'the same again, by somebody else: the rest' 0 '1 subscription is entered, in 1 batch.*2 existed and were passed over' \
    as dio import "$work/legacy.csv" --as subscriptions
[ "$(statements)" -eq $((before + 2)) ]; result '... a batch and its entry' $?
before=$(statements)
expect 'and again: nothing' 0 '"rows":0,"skipped":3,"entered":0,"batches":0,"refused":0}' import --json
is_json 'nothing to enter'
expect '... which is said' 0 "legacy.csv' has nothing to enter 3 existed and were passed over" import
not_said 'ROW\|can be imported\|0 subscriptions'
sheet 'customer=T-1' 'id=new'
expect 'another record of one that is there' 40 "row 2, 's1': id: there is such a subscription, with another record" import
said 'skip-existing passes over it'
unchanged
expect 'a dry run shows what would be' 0 '^3  *new  *dir-eo  *2022-04-15  *e-Cabinet MDM' import --skip-existing --dry-run
said "can be imported: 1 to enter.*1 existed and was passed over"
fits 'a dry run'
unchanged
expect '... and the rest is entered' 0 '1 subscription is entered' import --skip-existing

# ---- a map
cat >"$work/map.yaml" <<'YAML'
format: 1
columns:
  id: Kennung
  name: "عقد"
  customer: 3
  administrators: Wer
constants:
YAML
sed -n '/^id\|^name\|^customer\|^administrators:\|^credentials\|^vendor\|^#/d; s/^/  /; s/"//g; p' tests/mdm.yaml |
    sed 's/1,000,000/100/; s/see file.*/see the file/; s/device.*/tablets/' >>"$work/map.yaml"
cat >>"$work/map.yaml" <<'YAML'
  vendor: TEST Software Ltd
  vendor_recovery: letter of the head of entity, with proof of purchase and of domain
  vendor_contacts: a@vendor.example; b@vendor.example
delimiter: semicolon
YAML
printf '\357\273\277Kennung;\330\271\331\202\330\257;Kunde;Wer;Bemerkung\r\nm1;"E-Mail; alt";T-1;"dit\r\nmdm@nitb.example";x\r\nm2;\330\247;;dit;\r\n;;;;\r\n' >"$work/legacy.csv"
expect 'a map' 40 "row 3, 'm2': customer: missing" import --map "$work/map.yaml"
said '1 column is left behind: the map does not name it'
sed -i 's/;;dit/;T-2;dit/' "$work/legacy.csv"
expect '... names columns, and constants fill the others' 0 '2 subscriptions are entered' import --map "$work/map.yaml"
expect '... a list has lines' 0 'administrators: *dit, mdm@nitb.example' "$AMANAT" sub show m1 --dossier
said 'E-Mail; alt'
said 'vendor_contacts: *a@vendor.example, b@vendor.example'

# ---- there and back
sheet "id=calc|name==1+cmd|purpose='=1|handover=''-x|users=, \"q\" ;|replacements=a; b|certificates=one|leads=90; 30|mfa=cabinet/seed|credentials=cabinet/mdm; cabinet/seed" 'id=ur|name=امانت|repeat=7d|after=3'
sed -i "s/^calc,=1+cmd/calc,'=1+cmd/; s/,'=1,/,''=1,/; s/,''-x,/,'''-x,/" "$work/legacy.csv"
must import
must as own sub add tests/mdm.yaml --set 'certificates=["x; y"]' --set 'replacements=[" z", "w"]'
for i in mdm; do must as own sub renew $i --step active --order 1 --evidence tests/mdm.yaml; done
expect 'sub export --records' 0 '^id,name,purpose,class,' "$AMANAT" sub export --records
not_said 'price\|PKR\|1,000,000'
said "calc,'=1+cmd,''=1,.*'''-x"
expect '... for programs' 0 '"id":"calc","name":"=1+cmd","purpose":"'"'"'=1"' "$AMANAT" --json sub export --records
is_json 'records'
"$AMANAT" --json sub export --records --with-price >"$work/before.json" 2>/dev/null
"$AMANAT" sub export --records --with-price >"$work/back.csv" 2>/dev/null
expect 'verify' 0 'all rules hold' "$AMANAT" verify
expect 'export' 0 '' "$AMANAT" export "$work/bundle"
expect 'verify the bundle' 0 '' env -u AMANAT_VAULT "$AMANAT" verify "$work/bundle"
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild
register "$work/b" >"$work/founded" 2>&1; result 'another vault' $?
must as dio sub entity "$work/wider.yaml"
expect 'what was exported is read back' 0 'subscriptions are entered, in 1 batch' \
    as own import "$work/back.csv" --as subscriptions
"$AMANAT" --json sub export --records --with-price >"$work/after.json" 2>/dev/null
cmp "$work/before.json" "$work/after.json" >"$work/out" 2>&1; result '... and is the same, byte by byte' $?
[ "$(grep -o '"id":' "$work/after.json" | wc -l)" -eq 9 ]; result '... all nine' $?
expect '... in the first state' 0 'mdm *complete' "$AMANAT" sub list
finish
