#!/bin/sh
# Drills, how a committee stands, backups and restoring them.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

# says NAME WORDS: what was printed last has them
says() { grep -q -- "$2" "$work/out"; result "$1" $?; }
day() { AMANAT_NOW=$1; export AMANAT_NOW; }
day 2026-01-05T08:00:00Z
for k in root a b c d stranger; do key $k; done
founded 2 a b c d

# ---- drills: refusals first
expect 'a drill of no safe' 2 "no safe 'none'" as a drill none
expect 'a drill that ends never' 2 '--within is a time' as a drill s --within 0d
expect 'V23: a drill longer than 31 days' 2 'within 31 days' as a drill s --within 32d --yes
expect 'V23: no recovery committee' 40 'no recovery committee' as a drill s --recovery --yes
expect 'an unknown key calls nothing' 15 'not enrolled' as stranger drill s --yes
expect 'not without asking' 2 '--yes' as a drill s
expect 'no drill yet' 0 'no drill yet' "$AMANAT" drill --report
expect 'the status says so' 0 'no drill yet' "$AMANAT" safe status s
"$AMANAT" drill --report --json >"$work/out" 2>"$work/err"
is_json 'drill --report without any'

# accepting the share was a proof: half a year is running (baseline)
expect 'all are counted on' 0 '2 of 4, 4 counted on' "$AMANAT" safe status s
expect 'two can be lost' 0 '2 more can be lost; nobody could block alone' "$AMANAT" safe status s
expect 'the next end is a proof' 0 'next end 2026-07-10 08:00 UTC: the proof of' "$AMANAT" safe status s
expect 'nothing to check' 0 '' "$AMANAT" safe status s --check

day 2026-07-01T08:00:00Z
expect 'a drill is called by whoever is admitted' 0 'drill called' as root drill s --within 7d --yes
fits 'drill called'
expect 'who owes nothing is told' 0 'you owe no proof' as root drill s --yes
expect 'a custodian proves' 0 'a: your key still opens your share' as a drill s
expect 'once is enough' 0 'you owe no proof' as a drill s --yes
day 2026-07-01T10:30:00Z
as b drill --json >"$work/out" 2>"$work/err"
is_json 'drill'
says 'and another, without naming the safe' '"step":"proved"'
expect 'report: quorum' 0 'a quorum of 2 was there after 2 h 30 min' "$AMANAT" drill --report
fits 'drill --report'
expect 'report: who has not' 0 'c  *not yet' "$AMANAT" drill --report s
"$AMANAT" drill --report --json >"$work/out"
is_json 'drill --report'
says 'report for programs' '"seconds_to_quorum":9000'
expect 'the status shows it' 0 'last drill 2026-07-01 08:00 UTC, open until 2026-07-08 08:00 UTC: 2 of 4' \
    "$AMANAT" safe status s
fits 'safe status'

day 2026-07-08T07:59:59Z
expect 'due: to the last second' 0 '2026-07-08 08:00 UTC *c and d: .*prove that your key' "$AMANAT" due
day 2026-07-08T08:00:01Z
expect 'due: who has not proved goes on owing it' 31 'OVERDUE *c and d: .*prove that your key' "$AMANAT" due

# ---- overdue: half a year after accepting c and d are not counted on
day 2026-07-10T08:00:00Z
expect 'overdue, shown by name' 0 'not counted on: [cd] (drill overdue) and [cd] (drill overdue)' "$AMANAT" safe status s
expect 'nobody more can be lost' 0 'NO MORE CAN BE LOST: each alone could block: [ab] and [ab]' "$AMANAT" safe status s
expect 'a fact is reported, with 0' 0 '' "$AMANAT" safe status s
expect '--check: 30' 30 'can lose nobody more' "$AMANAT" safe status s --check
fits 'safe status --check'
"$AMANAT" safe status --json >"$work/out"
is_json 'safe status'
says 'for programs' '"blockers":\["[ab]","[ab]"\]'
expect 'over, and c has not' 0 'c  *no$' "$AMANAT" drill --report
printf 'TEST secret' | as a put s/x >/dev/null 2>&1
as root ask s/x --reason R >/dev/null 2>&1
expect 'invariant 3: who is overdue may still approve' 0 '' as c approve r-1
expect '... and it counts' 0 '' as d approve r-1
expect '... so that it opens' 0 'TEST secret' as root open r-1
expect 'a later drill: c is back' 0 'drill called' as c drill --yes
as c drill s >"$work/out" 2>&1
expect 'c is counted on again' 0 '3 counted on' "$AMANAT" safe status s
day 2027-06-01T08:00:00Z
expect 'nobody proved: no quorum' 0 'NO QUORUM: 2 of the 2' "$AMANAT" safe status s
expect '--check: 30 as well' 30 'has no quorum' "$AMANAT" safe status --check
expect 'proofs hold in the verdict' 0 'all rules hold' "$AMANAT" verify
expect 'the tables are as the log says' 0 '' "$AMANAT" doctor

# ---- backup: refusals first
vault=$AMANAT_VAULT
cp "$vault/keys/log.key" "$work/log.key"
as root ask s/x --reason 'asked before the backup' >/dev/null 2>&1 # r-2
cp "$vault/keys/register.key" "$work/register.key"
expect 'no backup over a file' 2 'never replaces a file' "$AMANAT" backup "$work/pins"
ln -s nowhere "$work/link"
expect 'nor over a link' 2 'never replaces a file' "$AMANAT" backup "$work/link"
expect 'nor where there is no directory' 1 'cannot open the directory' "$AMANAT" backup "$work/none/b"
expect 'nor without a name' 2 'not the name of a file' "$AMANAT" backup "$work/"
"$AMANAT" backup "$work/b1" --json >"$work/out" 2>"$work/err"
is_json 'backup'
says 'backup: statements' '"statements":'
[ "$(stat -c %a "$work/b1")" = 600 ]
result 'a backup is readable by its owner alone' $?
"$AMANAT" backup --list "$work/b1" >"$work/out" 2>"$work/err"
says 'backup --list' '6 key bags\|10 key bags\|identities'
fits 'backup --list'
"$AMANAT" backup --list "$work/b1" --json >"$work/out" 2>"$work/err"
is_json 'backup --list'
# R3.1, G8: no host key, no secret, no name is in it
canary() { python3 - "$work/b1" "$work/register.key" "$work/log.key" <<'P'
import sys, hashlib
whole = open(sys.argv[1], "rb").read()
keys = [open(p, "rb").read() for p in sys.argv[2:]]
assert all(len(k) == 32 for k in keys)
words = [b"TEST secret", b"P a", b'"kind"', b"s/x"] + keys
sys.exit(any(w in whole for w in words) or not b"v.example/amanat/" in whole)
P
}
canary
result 'R3.1, R3.2: neither a host key, nor a secret, nor a name is in it' $?
head -c 5000 "$work/b1" >"$work/cut"
expect 'half a backup is none' 20 'is damaged' "$AMANAT" backup --list "$work/cut"
expect 'what is not there' 2 'cannot open' "$AMANAT" backup --list "$work/none"

# ---- restore: refusals first
restore() { # KEY BACKUP OPTION...
	r_key=$1 r_file=$2; shift 2
	as "$r_key" --vault "$work/new" restore "$r_file" "$@"
}
expect 'a vault is not overwritten' 2 'exists' as a restore "$work/b1"
expect 'half a backup' 20 'is damaged' restore a "$work/cut"
expect 'no key at hand' 14 '' "$AMANAT" --token "unix:$work/none" --vault "$work/new" restore "$work/b1"
expect 'X-16: a key that is not in it' 15 'no identity in this backup; no PIN try' restore stranger "$work/b1"
cp "$work/register.key" "$work/other.key" # not the log key
chmod 644 "$work/other.key"
expect 'a log key that others can read' 40 'open to other users' restore a "$work/b1" --log-key "$work/other.key"
chmod 600 "$work/other.key"
expect 'R13.24: another log key' 20 'not the log key of this vault' restore a "$work/b1" --log-key "$work/other.key"
[ ! -e "$work/new" ] && [ ! -e "$work/new.restoring" ]
result '... and nothing is left of it' $?
expect 'no checkpoint' 20 'not a checkpoint of this vault' restore a "$work/b1" --since "$work/pins"
mkdir "$work/new.restoring"
expect 'what was broken off is in the way' 2 'broken off' restore a "$work/b1"
rmdir "$work/new.restoring"

expect 'restored to read' 0 "by the key of 'a'" restore a "$work/b1"
fits 'restore'
cmp -s "$work/register.key" "$work/new/keys/register.key"
result 'the register key is back' $?
[ ! -e "$work/new/keys/log.key" ] && [ "$(stat -c %a "$work/new")" = 700 ] &&
    [ "$(stat -c %a "$work/new/keys/register.key")" = 600 ]
result 'the log key is not' $?
expect 'doctor: as the log says' 0 'all as the log says' "$AMANAT" --vault "$work/new" doctor
expect 'verify' 0 'all rules hold' "$AMANAT" --vault "$work/new" verify
expect 'it can be read' 0 's/x' "$AMANAT" --vault "$work/new" list
expect 'but not written' 40 'keys/log.key' as root --vault "$work/new" ask s/x --reason R
cp "$work/log.key" "$work/new/keys/log.key" && chmod 600 "$work/new/keys/log.key"
AMANAT_VAULT=$work/new
expect 'with the log key it can' 0 'r-3' as root ask s/x --reason R
expect 'X-16: approved' 0 '' as b approve r-3
expect 'X-16: approved again' 0 '' as d approve r-3
expect 'X-16: opened' 0 'TEST secret' as root open r-3
AMANAT_VAULT=$vault

# ---- X-16: an older backup. The vault has gone on since, on this machine.
rm -rf "$work/new" "$vault"
expect 'R3.9: older than what was seen here' 21 'use a newer one' restore a "$work/b1" --log-key "$work/log.key"
expect '... nor half of it' 21 'seen on this machine' restore a "$work/b1"
[ ! -e "$work/new" ] && [ ! -e "$work/new.restoring" ]
result '... and nothing is left of it' $?
XDG_STATE_HOME=$work/state2 # another machine, which has seen nothing
expect 'a machine that has seen nothing' 0 'is restored' restore b "$work/b1" --log-key "$work/log.key"
AMANAT_VAULT=$work/new
as root ask s/x --reason R >/dev/null 2>&1
"$AMANAT" export "$work/later" >/dev/null 2>&1
AMANAT_VAULT=$vault
rm -rf "$work/new" "$work/state2"
expect 'X-16: older than a checkpoint' 21 'and the checkpoint has' \
    restore a "$work/b1" --since "$work/later/checkpoint.note"
expect 'a loss needs the log key' 40 'the log key is needed' \
    restore a "$work/b1" --since "$work/later/checkpoint.note" --accept-loss
# The loss by name. On the first machine the head is remembered.
XDG_STATE_HOME=$work/state
expect 'R3.9: the loss is put to the quorum' 0 'puts the loss' \
    restore a "$work/b1" --log-key "$work/log.key" --accept-loss
fits 'restore --accept-loss'
AMANAT_VAULT=$work/new
expect 'until then nothing is opened' 21 'you have seen' as root ask s/x --reason R
expect '... nor listed' 21 'you have seen' "$AMANAT" list
expect '... nor approved' 21 'accepts that the rest is lost' as a approve r-2
if "$AMANAT" help motions >/dev/null 2>&1; then
	m=$("$AMANAT" motions 2>/dev/null | grep -o 'm-[0-9]*' | tail -n 1)
	expect 'one vote is not enough' 0 '' as b approve "$m"
	expect '... for anything else' 21 'you have seen' as root ask s/x --reason R
	expect 'the quorum accepts the loss, by name' 0 '' as c approve "$m"
	expect 'R3.9: and the vault goes on' 0 '^r-' as root ask s/x --reason R
	expect '... remembering where it is now' 0 '"waive"' "$AMANAT" log
	expect '... and verifies' 0 'all rules hold' "$AMANAT" verify
fi
AMANAT_VAULT=$vault
rm -rf "$work/new"

# ---- R3.1: a contractor's key has no register key
rm -rf "$work/state" "$vault"
XDG_STATE_HOME=$work/state3
AMANAT_VAULT=$work/second
key con
{
	as root init --name TEST --rp-id v.example --evaluation --founder root &&
	    as root person add con --name C --kind contractor --sponsor root --until 2028-01-01 &&
	    as root,con token enrol con --label con &&
	    "$AMANAT" backup "$work/b2"
} >"$work/out" 2>"$work/err"
result 'a second vault, with a contractor' $?
expect 'R3.1: a contractor restores nothing' 10 'does not hold the register key' restore con "$work/b2"
[ ! -e "$work/new" ] && [ ! -e "$work/new.restoring" ]
result '... and nothing is left of it' $?
expect 'R13.20: while founding, the founder alone replaces the log key' 0 'a new log key' \
    restore root "$work/b2" --new-log-key
expect '... and goes on' 0 '' as root --vault "$work/new" person add x --name X
expect '... and it verifies' 0 'all rules hold' "$AMANAT" --vault "$work/new" verify
rm -rf "$work/new"

# ---- in use: others write while it is written
rm -rf "$work/second" "$work/state3"
founded 2 a b c
i=0
while [ $i -lt 12 ]; do printf 'TEST %d' $i | as a put "s/w$i" >>"$work/puts" 2>&1 || echo "bad put" >>"$work/bad"; i=$((i + 1)); done &
puts=$!
i=0
while [ $i -lt 6 ]; do
	"$AMANAT" backup "$work/use-$i" >"$work/out" 2>"$work/err" || echo "bad $i" >>"$work/bad"
	# What a reader remembers may come from a write that its snapshot lacks.
	for u_n in 1 2 3 4 5 6 7 8 9 10; do
		"$AMANAT" list s >"$work/out" 2>"$work/err" || echo "bad list" >>"$work/bad"
	done
	i=$((i + 1))
done
wait $puts
[ ! -s "$work/bad" ]
result 'R7.3: backups, lists and deposits at the same time' $?
cp "$AMANAT_VAULT/keys/log.key" "$work/log2.key"
XDG_STATE_HOME=$work/state4
u_bad=0 i=0
while [ $i -lt 6 ]; do
	rm -rf "$work/new"
	restore c "$work/use-$i" --log-key "$work/log2.key" >"$work/out" 2>"$work/err" &&
	    "$AMANAT" --vault "$work/new" doctor >"$work/out" 2>&1 || u_bad=1
	i=$((i + 1))
done
result 'each of them restores, whole' $u_bad

# ---- R3.2, R13.24: the log key is lost; a quorum puts another in its place
"$AMANAT" export "$work/before" >/dev/null 2>&1
"$AMANAT" backup "$work/b5" >/dev/null 2>&1
printf 'TEST later' | as a put s/later >/dev/null 2>&1
"$AMANAT" export "$work/lost" >/dev/null 2>&1
"$AMANAT" backup "$work/b6" >/dev/null 2>&1
first=$AMANAT_VAULT
rm -rf "$work/new" "$work/state4"
expect 'a log key that is there is not replaced' 2 'not both' \
    restore c "$work/b5" --log-key "$work/log2.key" --new-log-key
expect 'R3.2: one custodian replaces no log key' 11 'takes 2 custodians.*; 1 are' \
    restore c "$work/b5" --new-log-key
expect '... nor do others make up for one' 11 '; 1 are' restore c,root "$work/b5" --new-log-key
[ ! -e "$work/new" ] && [ ! -e "$work/new.restoring" ]
result '... and nothing is left of it' $?
expect 'R3.2: two of two and three do' 0 'a new log key' restore c,a "$work/b5" --new-log-key
fits 'restore --new-log-key'
! cmp -s "$work/log2.key" "$work/new/keys/log.key"
result '... it is another one' $?
AMANAT_VAULT=$work/new
expect 'doctor' 0 'signed, and fits the log' "$AMANAT" doctor
expect 'the tables are as the log says' 0 'all as the log says' "$AMANAT" doctor --rebuild
printf 'TEST new' | as a put s/new >/dev/null 2>&1
expect 'asked' 0 '^r-1' as root ask s/new --reason R
expect 'approved' 0 '' as a approve r-1
expect 'approved' 0 '' as b approve r-1
expect 'opened' 0 'TEST new' as root open r-1
"$AMANAT" export "$work/after" >/dev/null 2>&1
expect 'R13.24: the checkpoint is by the new key' 0 'all rules hold' "$AMANAT" verify "$work/after"
expect 'V05: an older checkpoint, by the old key, holds' 0 'all rules hold' \
    "$AMANAT" verify "$work/after" --since "$work/before/checkpoint.note"
"$AMANAT" backup "$work/b4" >/dev/null 2>&1
cp "$work/new/keys/log.key" "$work/log3.key"
rm -rf "$work/new"
AMANAT_VAULT=$first
expect 'V05: what was lost, by the old key, is no continuation' 20 'was rewritten' \
    "$AMANAT" verify "$work/after" --since "$work/lost/checkpoint.note"
expect 'R13.24: the old key is not the log key any more' 20 'not the log key' \
    restore a "$work/b4" --log-key "$work/log2.key"
rm -rf "$work/state4"
expect 'restored again, since a checkpoint by the old key' 0 'is restored' \
    restore b "$work/b4" --log-key "$work/log3.key" --since "$work/before/checkpoint.note"
rm -rf "$work/new" "$work/state4"
expect 'X-16: older than a checkpoint by a key it does not know' 20 'not a checkpoint of this vault' \
    restore b "$work/b6" --since "$work/after/checkpoint.note"

finish
