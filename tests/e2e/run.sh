#!/bin/sh
# End to end: the built program, real LMDB, real libfido2, software keys;
# standard output, standard error and exit status. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
# sealed SAFE/NAME SECRET [OPTION...]: puts it as founder
sealed() {
	s_path=$1 s_secret=$2; shift 2
	printf '%s' "$s_secret" >"$work/secret"
	as "$s_by" put "$s_path" --from "$work/secret" "$@"
}

key founder
key a; key b; key c; key d
key stranger

# ---- before there is a vault
expect 'no verb' 2 "no verb given" "$AMANAT"
expect 'an unknown verb names a near one' 2 "did you mean 'approve'" "$AMANAT" aprove
expect 'an unknown option' 2 "no option '--nonsense'" "$AMANAT" list --nonsense
expect 'an option without its value' 2 'needs a value' "$AMANAT" ask s/x --reason
expect 'a repeated option' 2 'given twice' "$AMANAT" ask s/x --reason a --reason b
expect 'half a verb' 2 'second word' "$AMANAT" person
expect 'too many arguments' 2 'usage: amanat list' "$AMANAT" list a b
expect 'help for one verb' 0 'usage: amanat person add ID' "$AMANAT" help person add
expect 'half a verb of two' 2 "did you mean 'person list'" "$AMANAT" person lst
expect 'a verb without its argument' 2 "'approve' takes REQUEST" "$AMANAT" approve
expect 'help names what cannot be left out' 0 'init --name NAME --rp-id HOST' \
    "$AMANAT" help init
expect 'help --json' 0 '"verb":"approve"' "$AMANAT" help --json
is_json help
"$AMANAT" help >"$work/out"
! grep '^  [a-z]' "$work/out" | grep -v '|MOTION show' | grep -qv '^.\{33\} [a-z]'; result 'help: what they do stands in one column' $?
sed -n 's/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  *.*/\1/p' "$work/out" |
    while read -r verb; do
	# shellcheck disable=SC2086
	"$AMANAT" help $verb
    done >"$work/err"
[ "$(grep -c '^usage:' "$work/err")" -gt 20 ]
result 'help of every verb' $?
fits help
expect 'version --json' 0 '"version":' "$AMANAT" version --json
is_json version
expect 'version' 0 '^amanat [0-9]' "$AMANAT" version
expect 'a vault that is missing' 2 'there is no vault' "$AMANAT" list
mkdir "$work/empty"
expect 'a directory that is no vault' 2 'not a vault' "$AMANAT" --vault "$work/empty" list
expect 'a full disk behind standard output' 1 'cannot write output' \
    sh -c '"$1" help >/dev/full' sh "$AMANAT"
expect 'init without a name' 2 'needs --name' "$AMANAT" init --rp-id x.example
expect 'init with a bad relying party' 2 'not a host name' \
    as founder init --name V --rp-id 'not a host' --evaluation
expect 'R6.14: a real vault takes no software key' 14 'only an evaluation vault' \
    as founder init --name V --rp-id vault.example
[ ! -e "$AMANAT_VAULT" ] && [ ! -e "$AMANAT_VAULT.founding" ]
result 'a refused init leaves nothing' $?
expect 'init where no vault can be made' 1 'make the directory above' \
    "$AMANAT" --vault "$work/no/vault" --token "unix:$work/none" \
    init --name V --rp-id v.example --evaluation
expect 'no key at the path' 14 'no key answers' \
    "$AMANAT" --token "unix:$work/none" init --name V --rp-id v.example --evaluation

# ---- founding
expect 'init' 0 "is founded" as founder init --name 'TEST vault' \
    --rp-id vault.example --evaluation --founder root --founder-name 'The founder'
expect 'init again' 2 'exists' as founder init --name V --rp-id v.example --evaluation
expect 'names with a path' 2 'letters, digits' as founder person add ../x --name X
expect 'names with control characters' 2 'letters, digits' \
    as founder person add "$(printf 'a\033b')" --name X
expect 'a name of a person with control characters' 2 'control' \
    as founder person add ok --name "$(printf 'a\033[2Jb')"
expect 'an unknown kind of person' 2 'no kind of person' \
    as founder person add x --name X --kind robot
for p in a b c d; do
	expect "person add $p" 0 'in the register' as founder person add $p --name "Person $p"
done
expect 'a duplicate person' 2 'is taken' as founder person add a --name 'Other A'
expect 'a contractor without an end' 2 'needs --sponsor' \
    as founder person add k --name K --kind contractor
expect 'an end that is no date' 2 'last day served' \
    as founder person add k --name K --kind contractor --sponsor a --until soon
expect 'an official with a sponsor' 2 'belong to --kind contractor' \
    as founder person add k --name K --sponsor a --until 2099-12-31
expect 'a contract that has ended' 13 'has ended already' \
    as founder person add k --name K --kind contractor --sponsor a --until 2020-12-31
expect 'a contractor' 0 'contractor' as founder person add k --name K --kind contractor \
    --sponsor a --until 2099-12-31
expect 'a key of nobody' 15 'not enrolled' as stranger person add z --name Z
expect 'enrol an unknown person' 2 "no person 'nobody'" \
    as founder,a token enrol nobody --label x
expect 'enrol without the new key' 14 'not plugged in' as founder token enrol a --label x
for p in a b c d; do
	expect "token enrol $p" 0 'enrolled' as "founder,$p" token enrol $p --label "$p-1"
done
key k
expect 'a label that exists' 2 "labelled 'a-1' exists" \
    as founder,k token enrol k --label a-1
expect 'token enrol k' 0 '"label":"k-1"' as founder,k token enrol k --label k-1 --json
is_json 'token enrol'
grep -q "touch key 'k-1' to make .*(1 of 8;" "$work/err" &&
    joined | grep -q "touch key 'founder' to admit the new key (8 of 8;"
result 'each touch names its key and counts' $?
fits 'touches'
expect 'token list --json' 0 '"person":"k"' "$AMANAT" token list --json
is_json 'token list'
expect 'person show --json' 0 '"keys":\["k-1"\]' "$AMANAT" person show k --json
is_json 'person show'
expect 'a second key of a person, without the first' 15 "insert the key labelled 'a-1'" \
    as founder,stranger token enrol a --label a-2
expect 'a person without a key' 0 '"id":"e"' as founder person add e --name E --json
is_json 'person add'
expect 'person list' 0 'contractor' "$AMANAT" person list
expect 'person show' 0 'a-1' "$AMANAT" person show a
expect 'token list' 0 'b-1' "$AMANAT" token list
expect 'json' 0 '^\[{"id":"root"' "$AMANAT" --json person list

# ---- safes
create() { as founder safe create "$@"; }
expect 'R5.1: k = 1' 10 'one person in alone' create s --quorum 1 --custodians a,b,c
expect 'R5.1: k = n' 10 'lock you out' create s --quorum 3 --custodians a,b,c
fits 'a refusal'
expect 'R5.1: n = 2' 10 '3 to 16' create s --quorum 2 --custodians a,b
expect 'a custodian twice' 10 'named twice' create s --quorum 2 --custodians a,b,a
expect 'an unknown custodian' 2 'no person' create s --quorum 2 --custodians a,b,nobody
expect 'a contractor as custodian' 10 'only officials' create s --quorum 2 --custodians a,b,k
expect 'a path as name of a safe' 2 'letters, digits' create ../s --quorum 2 --custodians a,b,c
expect 'an unknown level' 2 'is no level' create s --quorum 2 --level huge --custodians a,b,c
expect 'safe create' 0 '"custodians":3' create s --quorum 2 --custodians a,b,c --json
is_json 'safe create'
expect 'a duplicate safe' 2 'exists' create s --quorum 2 --custodians a,b,c
printf x >"$work/x"
expect 'put before the committee is there' 40 'no committee yet' \
    as founder put s/x --from "$work/x"
expect 'join by someone else' 10 'not asked to take part' as d safe join s
expect 'join an unknown safe' 2 'no safe' as a safe join nope
for p in a b c; do expect "join $p" 0 'you have joined' as $p safe join s; done
expect 'status while being set up' 0 'has to deal' "$AMANAT" safe status s
for p in a b c; do expect "deal $p" 0 'you have dealt' as $p safe join s; done
for p in a b; do expect "accept $p" 0 'hold your share' as $p safe join s; done
expect 'accept again waits' 0 'nothing to do' as a safe join s
expect 'and says so to programs' 0 '"step":"waiting","words":""' as a safe join s --json
is_json 'safe join'
expect 'the last acceptance activates' 0 'the safe is active' as c safe join s
expect 'status' 0 'active' "$AMANAT" safe status s
expect 'safe status --json' 0 '"state":"active"' "$AMANAT" safe status s --json
is_json 'safe status'
expect 'founding is over: R13.20' 0 "the custodians of 's' decide, 2 of 3" \
    as founder,stranger token enrol e --label e-1
expect 'approve --json' 0 '"state":"waiting",.*"yes":\[{"person":"a"' as a approve m-6 --json
is_json 'approve a motion'

# ---- credentials
s_by=d
expect 'an empty secret' 2 '' sealed s/empty ''
head -c 1048577 /dev/zero >"$work/big"
expect 'an oversized secret' 2 '' as d put s/big --from "$work/big"
expect 'a name that is a path' 2 '' sealed s/../x SECRET
expect 'an unknown class' 2 'no class' sealed s/x SECRET --class cosmic
expect 'an unknown type' 2 'no type' sealed s/x SECRET --type tune
expect 'a file that is not there' 1 'cannot read' as d put s/x --from "$work/nothere"
canary="CANARY-$$-secret"
expect 'put' 0 'is sealed' sealed s/login "$canary" --type login \
    --user u@example --url https://x.example
expect 'a duplicate credential' 2 'exists' sealed s/login other
expect 'put as contractor' 0 'is sealed' as k put s/note --from "$work/x"
head -c 1048000 /dev/urandom >"$work/large"
expect 'put of almost 1 MiB' 0 'is sealed' as d put s/large --type file --from "$work/large"
expect 'a new version' 0 'version 2' sealed s/login "$canary" --type login \
    --user u@example --url https://x.example --new-version
expect 'list' 0 's/login' "$AMANAT" list s
expect 'list --json' 0 '"at":"20[0-9-]*T[0-9:]*Z"' "$AMANAT" list s --json
is_json list
expect 'show --json' 0 '"at":"20[0-9-]*T[0-9:]*Z"' "$AMANAT" show s/login --json
is_json show
expect 'show' 0 'version: *2' "$AMANAT" show s/login
expect 'show what is not there' 2 'no credential' "$AMANAT" show s/none

# ---- requests
expect 'ask without a reason' 2 'needs --reason' as d ask s/login
expect 'ask for what is not there' 2 'no credential' as d ask s/none --reason R
expect 'ask for too long' 2 'at most 72h' as d ask s/login --reason R --for 100h
expect 'a contractor cannot ask' 10 'only officials' as k ask s/note --reason R
expect 'ask' 0 '^r-1$' as d ask s/login --reason 'TEST renew' --for 1h
expect 'approve --dry-run needs no key' 0 'TEST renew' "$AMANAT" approve r-1 --dry-run
expect 'approve --dry-run --json' 0 '"state":"waiting"' \
    "$AMANAT" approve r-1 --dry-run --json
is_json 'approve --dry-run'
expect 'approve what is not there' 2 'no request' as a approve r-9
expect 'open too early' 11 'quorum not met (0 of 2)' as d open r-1
expect 'R13.6: a requester who is custodian' 0 '^r-2$' as a ask s/note --reason own
expect 'R13.6: nobody approves their own request' 10 'their own' as a approve r-2
expect 'not a custodian' 10 'not a custodian' as founder approve r-1
expect 'approve' 0 'approved by a: 1 of 2' as a approve r-1
expect 'R4.3: one person counts once' 10 'already counted' as a approve r-1
expect 'open one short' 11 'quorum not met (1 of 2)' as d open r-1
expect 'the second approval' 0 'approved by b: 2 of 2' as b approve r-1
expect 'only the requester opens' 15 'insert the key' as a open r-1
expect 'a closed standard output does not use up a request' 1 'nothing was opened' \
    sh -c '"$1" --token "unix:$2" --pin-fd 3 open r-1 3<"$3" >&-' sh \
    "$AMANAT" "$work/d.key" "$work/pins"
expect 'nor does a list go nowhere' 1 'cannot write output' \
    sh -c '"$1" list >&-' sh "$AMANAT"
touch "$work/there"
expect 'open to a file that exists' 2 'nothing was opened' as d open r-1 --output "$work/there"
as d open r-1 >"$work/out" 2>"$work/err" </dev/null
[ "$(cat "$work/out")" = "$canary" ]
result 'open prints the secret alone' $?
expect 'R13.13: open twice' 10 'has been used' as d open r-1
expect 'R13.13: a used request is over before a key is asked for' 10 'over (opened)' \
    "$AMANAT" approve r-1
expect 'R13.5: so is an expired one' 11 'over (expired)' \
    env AMANAT_NOW=2100-01-01T00:00:00Z "$AMANAT" approve r-2
expect 'decline without a reason' 2 'needs --reason' as b decline r-2
expect 'decline' 0 '"state":"declined".*"answered_by":"b"' \
    as b decline r-2 --reason 'not now' --json
is_json decline
expect 'history says the same' 0 'r-2 .* declined' "$AMANAT" history
expect 'a decline is shown' 0 'declined by b' "$AMANAT" show r-2
expect 'R4.4: a declined request' 10 'declined' as c approve r-2
expect 'a declined request cannot be opened' 10 'declined' as a open r-2

expect 'ask again' 0 '^r-3$' as d ask s/large --reason R3
expect 'approve r-3 a' 0 '"approved":\["a"\]' as a approve r-3 --json
is_json approve
expect 'approve r-3 c' 0 '' as c approve r-3
expect 'open to a file' 0 '"output":' as d open r-3 -o "$work/large.out" --json
is_json 'open to a file'
cmp -s "$work/large" "$work/large.out" && [ "$(stat -c %a "$work/large.out")" = 600 ]
result 'the file is the one that was put, 0600' $?
expect 'ask for a field' 0 '^r-4$' as d ask s/login --reason R4
as a approve r-4 2>/dev/null && as b approve r-4 2>/dev/null
as d open r-4 --field user >"$work/out" 2>"$work/err"
[ "$(cat "$work/out")" = u@example ]
result 'open --field prints one field' $?

as d ask s/login --reason R5 >/dev/null 2>&1
as a approve r-5 2>/dev/null && as b approve r-5 2>/dev/null
XDG_STATE_HOME=/proc/nowhere as d open r-5 >"$work/out" 2>"$work/err"
[ $? -eq 0 ] && [ "$(cat "$work/out")" = "$canary" ] &&
    [ "$(grep -c 'cannot be remembered' "$work/err")" = 1 ]
result 'R7.3: a head that cannot be remembered takes nothing away' $?

# ---- keys in trouble
key late --touch never
expect 'a wrong PIN' 15 'tries are left' sh -c \
    'printf "wrong-pin\n" | "$1" --token "unix:$2" --pin-fd 0 ask s/note --reason R' \
    sh "$AMANAT" "$work/d.key"
expect 'the right PIN afterwards' 0 '^r-6$' as d ask s/note --reason R6
expect 'a one-time password typed too early' 2 'too early' sh -c \
    'printf "cccccccccccccccccccccccccccccccccccccccccccc\n" |
    "$1" --token "unix:$2" --pin-fd 0 ask s/note --reason R' \
    sh "$AMANAT" "$work/d.key"
expect 'no key' 14 'no key answers' "$AMANAT" --token "unix:$work/none" ask s/note --reason R
late() { # [WORDS ANSWER]... of a terminal where nothing is plugged in yet
	tests/e2e/terminal.py "$@" -- "$AMANAT" --token "unix:$work/plugged.key" \
	    ask s/note --reason 'plugged in late'
}
expect 'hot plug: waiting can be stopped' 1 'stopped; nothing was changed' \
    late 'Ctrl-C stops' ^C
late 'Ctrl-C stops' '' 'PIN (not shown)' "$(pin d)" >"$work/out" 2>"$work/err" &
waiting=$!
tries=0
until grep -q 'Plug' "$work/out" || [ $tries -eq 100 ]; do
	tries=$((tries + 1)); sleep 0.05
done
end_key "$(cat "$work/d.pid")"
"$AMANAT_SOFTTOKEN" --state "$work/d.token" --listen "unix:$work/plugged.key" \
    --pin "$(pin d)" >/dev/null 2>&1 &
plugged=$!
pids="$pids $plugged"
wait $waiting && grep -q '^r-7$' "$work/out"
result 'hot plug: a key that is plugged in while it is waited for' $?
fits 'at a terminal'
end_key $plugged
key d
expect 'at a terminal: a one-time password is no try' 0 'touched too early' \
    tests/e2e/terminal.py 'PIN (not shown)' \
    cccccccccccccccccccccccccccccccccccccccccccc \
    'Again, or Ctrl-C to stop' "$(pin d)" -- \
    "$AMANAT" --token "unix:$work/d.key" ask s/note --reason R8
fits 'what is asked again'
expect 'at a terminal: the secret is asked for twice' 0 "the password of 's/typed'" \
    tests/e2e/terminal.py "password of 's/typed' (not shown)" one \
    'once more (not shown)' two "password of 's/typed' (not shown)" one \
    'once more (not shown)' one 'PIN (not shown)' "$(pin d)" -- \
    "$AMANAT" --token "unix:$work/d.key" put s/typed --type login
expect 'two enrolled keys at once' 14 'take one out' as a,b ask s/note --reason R

# fault NAME FAULT: the software key misbehaves from now on; '' ends it
fault() { printf '%s' "$2" >"$work/$1.token/fault"; }
size() { "$AMANAT" log 2>/dev/null | wc -l; }
before=$(size)
fault d unplug-before-sign
expect 'a key that is pulled out before it signs' 1 'stopped answering' \
    as d ask s/note --reason R
fault d ''
expect 'hot plug: the same key again' 0 '^r-9$' as d ask s/note --reason R6
as a approve r-9 2>/dev/null
before=$(size)
fault b unplug-before-sign
expect 'a key that is pulled out between the touches' 1 'stopped answering' \
    as b approve r-9
fault b ''
[ "$before" = "$(size)" ]
result 'nothing was changed' $?
expect 'the approval can be given afterwards' 0 'approved by b: 2 of 2' as b approve r-9
fault d wrong-sig
expect 'R7.1: a signature that does not verify' 20 'does not verify' \
    as d ask s/note --reason R
fault d two-assertions
expect 'R6.2: a key that answers twice' 14 '' as d ask s/note --reason R
fault d pin-blocked
expect 'a blocked PIN' 15 'blocked' as d ask s/note --reason R
fault d ''
key nohmac --fault no-hmac-secret
expect '6.2: a key without hmac-secret' 14 'hmac-secret' \
    as founder,nohmac token enrol e --label e-1
wrong_pin() {
	printf 'wrong-pin\n' | "$AMANAT" --token "unix:$work/stranger2.key" \
	    --pin-fd 0 --vault "$work/v9" init --name V --rp-id v.example --evaluation "$@"
}
key stranger2
expect 'R6.8: tries count down' 15 '7 tries' wrong_pin
expect 'R6.8: tries count down' 15 '6 tries' wrong_pin
expect 'R6.8: three in a row' 15 '5 tries are left); take the key out' wrong_pin

# A key over UDP: ports that the kernel gives.
ports=$(python3 -c '
import socket
s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for x in s: x.bind(("127.0.0.1", 0))
print(*(x.getsockname()[1] for x in s), sep=":")')
"$AMANAT_SOFTTOKEN" --state "$work/udp.token" --listen "udp:$ports" \
    --pin "$(pin udp)" >"$work/udp.out" 2>&1 &
pids="$pids $!"
: >>"$work/udp.out"
tries=0
until grep -q '^ready' "$work/udp.out" || [ $tries -eq 100 ]; do
	tries=$((tries + 1)); sleep 0.05
done
pin udp >"$work/udp.pin"
over_udp() {
	"$AMANAT" --vault "$work/udpvault" --token "udp:$ports" --pin-fd 3 "$@" \
	    3<"$work/udp.pin"
}
expect 'R6.10: the same over udp' 0 'is founded' over_udp init --name V \
    --rp-id v.example --evaluation
expect 'a person over udp' 0 'in the register' over_udp person add x --name X
expect 'a path that is no virtual key' 14 'is not udp:SEND:RECV' \
    "$AMANAT" --token udp:1:x ask s/note --reason R

# A key that is never touched: Ctrl-C ends it at once and nothing is changed.
before=$(size)
end_key "$(cat "$work/d.pid")"
key d --touch never
as d ask s/note --reason R >"$work/out" 2>"$work/err" </dev/null &
asking=$!
tries=0
until grep -q 'NOW touch' "$work/err" || [ $tries -eq 100 ]; do
	tries=$((tries + 1)); sleep 0.05
done
running=$(pgrep -P $asking 2>/dev/null || echo $asking)
running=$(for p in $running $asking; do
	grep -qs '^Name:	amanat$' "/proc/$p/status" && echo "$p"; done | head -n 1)
grep -q '^NoNewPrivs:	1' "/proc/$running/status" &&
    grep -qE '^Max core file size +0 +0 ' "/proc/$running/limits" &&
    { [ "$(id -u)" -eq 0 ] || ! cat "/proc/$running/environ" >/dev/null 2>&1; } &&
    [ "$(stat -c %u "/proc/$running/mem")" = 0 ]
result 'R2.7: no core, no new privileges, not traceable by its user' $?
! tr '\0' '\n' <"/proc/$running/cmdline" | grep -q 4711
result 'X-12: no PIN among the arguments' $?
kill -INT "$running"
wait $asking
got=$?
[ $got -eq 1 ] && grep -q 'nothing was changed' "$work/err" && [ "$before" = "$(size)" ]
result 'R6.11: Ctrl-C stops, says so, changes nothing' $?
end_key "$(cat "$work/d.pid")"
key d --touch auto

# ---- the clock
expect 'X-17: a clock behind the log' 21 'behind\|clock' \
    env AMANAT_NOW=2026-01-01T00:00:00Z "$AMANAT" --token "unix:$work/d.key" ask s/note --reason R
expect 'a clock that is no time' 2 'AMANAT_NOW' env AMANAT_NOW=noon "$AMANAT" list

# ---- evidence
expect 'log' 0 '"kind":"genesis"' "$AMANAT" log --to 0
expect 'history' 0 'opened' "$AMANAT" history
expect 'history as csv' 0 '^request,credential' "$AMANAT" history --format csv
expect 'history as jsonl' 0 '^{"request":"r-1",.*"approvers":\["a","b"\]' "$AMANAT" history --format jsonl
expect 'an unknown format' 2 'csv or jsonl' "$AMANAT" history --format pdf
expect 'log --json is the same lines' 0 '^{"auth":' "$AMANAT" log --to 0 --json
is_json log
expect 'export' 0 '"statements":' "$AMANAT" export "$work/ex1" --json
is_json export
expect 'export to what exists' 2 'exists' "$AMANAT" export "$work/ex1"
"$AMANAT" export "$work/ex2" 2>/dev/null
diff -r "$work/ex1" "$work/ex2" >"$work/out" 2>&1
result 'exporting twice gives the same bytes' $?
"$AMANAT" export "$work/ex3" --partials 2>/dev/null
expect 'verify' 0 'opening.*all rules hold' "$AMANAT" verify "$work/ex1"
expect 'verify names what it verified' 0 '^genesis: [0-9a-f]\{64\}$' "$AMANAT" verify "$work/ex1"
expect '7.7: a line an access' 0 \
    'access: r-1 s/login v2, asked by d on .*"TEST renew".*approved by a, b .*opened on' \
    "$AMANAT" verify "$work/ex1"
fits 'accesses'
expect 'V18: proof that is not included' 0 'capability proof not included' \
    "$AMANAT" verify "$work/ex1"
"$AMANAT" verify "$work/ex3" 2>&1 | grep -q 'proof not included'
[ $? -eq 1 ]
result '... and proof that is' $?
expect '7.7: accesses for programs' 0 \
    '^{"accesses":\[{"request":"r-1","credential":"s/login","version":2,.*"verdict":"sound"' \
    "$AMANAT" verify "$work/ex1" --json
is_json 'verify with accesses'
expect 'verify with partials' 0 'all rules hold' "$AMANAT" verify "$work/ex3"
expect 'verify the vault itself' 0 'all rules hold' "$AMANAT" verify
expect 'verify what is not there' 2 'cannot read' "$AMANAT" verify "$work/nothere"
(cd "$work/ex1" && sha256sum -c --quiet SHA256SUMS) >"$work/out" 2>&1
result 'the sums are right by sha256sum' $?

forged() { rm -rf "$work/f" && cp -r "$work/ex1" "$work/f"; }
forged && sed -i '7s/"at":"20/"at":"21/' "$work/f/log.jsonl"
expect 'U-3: one changed line is named' 20 'line 7 ' "$AMANAT" verify "$work/f"
forged && sed -i '6{h;d};7{G}' "$work/f/log.jsonl"
expect 'U-3: two lines swapped' 20 'line 6 ' "$AMANAT" verify "$work/f"
forged && sed -i '$d' "$work/f/log.jsonl"
expect 'V01: the last line cut off' 20 'V01' "$AMANAT" verify "$work/f"
(cd "$work/f" && rm SHA256SUMS && sha256sum -- * >"$work/s" && mv "$work/s" SHA256SUMS)
expect 'V04: the last line cut off, sums made anew' 20 'V04' "$AMANAT" verify "$work/f"
forged && sed -i '9d' "$work/f/log.jsonl"
expect 'V11: a line taken out' 20 'rule V' "$AMANAT" verify "$work/f"
forged && rm "$work/f/keys.txt"
expect 'V01: a missing file' 20 'V01' "$AMANAT" verify "$work/f"
forged && sed -i 's/+[0-9a-f]*+/+00000000+/' "$work/f/keys.txt"
(cd "$work/f" && rm SHA256SUMS && sha256sum -- * >"$work/s" && mv "$work/s" SHA256SUMS)
expect 'V01: keys.txt names another key' 20 'V01.*keys.txt' "$AMANAT" verify "$work/f"
again() { # a sed script, a file; sums made anew
	forged && sed -i "$1" "$work/f/$2"
	(cd "$work/f" && rm SHA256SUMS && LC_ALL=C sha256sum -- * >"$work/s" &&
	    mv "$work/s" SHA256SUMS)
}
again '2s/"label":"[^"]*"/"label":"another"/' attestation.jsonl
expect 'V01: attestation.jsonl is not what the log says' 20 'V01.*attestation' \
    "$AMANAT" verify "$work/f"
again 's/no password/one password/' README
expect 'V01: README tells something else' 20 'V01.*README' "$AMANAT" verify "$work/f"
forged && echo >>"$work/f/README"
expect 'V01: a changed README' 20 'README' "$AMANAT" verify "$work/f"
forged && echo x >"$work/f/..more"
expect 'V01: a file that no bundle has' 20 'no file of a bundle' "$AMANAT" verify "$work/f"
forged && rm "$work/f/log.jsonl" && ln -s ../ex1/log.jsonl "$work/f/log.jsonl"
expect 'V01: a link that leads out' 20 'not a regular file' "$AMANAT" verify "$work/f"
forged && rm "$work/f/README" && mkfifo "$work/f/README"
expect 'V01: a pipe, which is not waited for' 20 'not a regular file' \
    timeout 20 "$AMANAT" verify "$work/f"

# R13.24: a partial that is passed over would not be checked.
partials() { # a sed script; sums made anew
	rm -rf "$work/f" && cp -r "$work/ex3" "$work/f"
	sed "$1" "$work/ex3/partials.jsonl" >"$work/f/partials.jsonl"
	(cd "$work/f" && rm SHA256SUMS && LC_ALL=C sha256sum -- * >"$work/s" &&
	    mv "$work/s" SHA256SUMS)
}
partials p
expect 'R13.24: a partial twice' 20 'V18' "$AMANAT" verify "$work/f"
partials '1{h;d};2{G}'
expect 'R13.24: two partials swapped' 20 'V18' "$AMANAT" verify "$work/f"
partials '$s/"leaf":[0-9]*/"leaf":99999/'
expect 'R13.24: a partial beyond the log' 20 'V18' "$AMANAT" verify "$work/f"
partials '1s/"leaf":[0-9]*/"leaf":1/'
expect 'V18: a partial beside what is no approval' 20 'line 2 ' "$AMANAT" verify "$work/f"
partials 1d
expect 'V18: a partial that is not included' 0 'all rules hold' "$AMANAT" verify "$work/f"
cp "$work/ex1/checkpoint.note" "$work/later.note"
expect 'verify --since the same' 0 'all rules hold' \
    "$AMANAT" verify "$work/ex1" --since "$work/later.note"
as d ask s/note --reason later >/dev/null 2>&1
"$AMANAT" export "$work/ex4" 2>/dev/null
expect 'V05: shorter than a checkpoint' 21 'cut off' \
    "$AMANAT" verify "$work/ex1" --since "$work/ex4/checkpoint.note"
expect 'R7.3: shorter than what this machine has seen' 21 'this machine has seen' \
    "$AMANAT" verify "$work/ex1"
expect '... which stays remembered' 21 'this machine has seen' "$AMANAT" verify "$work/ex1"
expect '... and elsewhere is not known' 0 'all rules hold' \
    env XDG_STATE_HOME="$work/state2" "$AMANAT" verify "$work/ex1"
expect 'R7.3: a continuation of what this machine has seen' 0 \
    'It continues the [0-9]* statements' "$AMANAT" verify "$work/ex4"
expect '--json says so, too' 0 '"remembered":[0-9]' "$AMANAT" verify "$work/ex4" --json
expect 'V05: a continuation' 0 'all rules hold' \
    "$AMANAT" verify "$work/ex4" --since "$work/later.note"

# ---- the canary is nowhere
grep -r -a -l -- "$canary" "$AMANAT_VAULT" "$work/ex1" "$work/ex3" "$work/state" >"$work/out" 2>/dev/null
[ ! -s "$work/out" ]
result 'X-12: the secret is in no file of vault, export or state' $?
grep -r -a -l -- 'TEST renew' "$AMANAT_VAULT" >"$work/out" 2>/dev/null
[ ! -s "$work/out" ]
result 'R3.2: no name and no reason is in clear on disk' $?

# ---- a vault in trouble
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor
expect 'doctor --json' 0 '"check":"tables","ok":true' "$AMANAT" doctor --json
is_json doctor
expect 'verify --json' 0 '"verdict":"sound' "$AMANAT" verify --json
is_json verify
expect 'doctor --rebuild' 0 'made anew' "$AMANAT" doctor --rebuild
expect 'doctor after the rebuild' 0 'all as the log says' "$AMANAT" doctor
copy() { rm -rf "$work/v2" && cp -r "$AMANAT_VAULT" "$work/v2"; }
on_copy() { "$AMANAT" --vault "$work/v2" "$@"; }
copy && rm "$work/v2/keys/register.key"
expect 'register.key missing' 40 'register.key' on_copy list
expect 'doctor --json says it, too' 40 '"check":"vault","ok":false,"text":".*register.key' \
    on_copy doctor --json
is_json 'doctor of what cannot be opened'
copy && chmod 644 "$work/v2/keys/register.key"
expect 'register.key world-readable' 40 'register.key' on_copy list
copy && head -c 32 /dev/urandom >"$work/v2/keys/register.key"
expect 'register.key wrong' 20 'another vault' on_copy list
copy && printf 'amanat-vault 2\n' >"$work/v2/FORMAT"
expect 'a newer format' 40 'newer' on_copy list
copy && truncate -s 8192 "$work/v2/db/data.mdb"
expect 'a truncated database' 20 'damaged' on_copy list
copy
as d ask s/note --reason 'one more' >/dev/null 2>&1
expect 'R7.3: an old copy in place of the vault' 21 'old copy' on_copy list

# ---- files that cannot be written
if [ "$(id -u)" -ne 0 ]; then
	copy && chmod -R a-w "$work/v2"
	expect 'a read-only vault can be read' 0 's/login' on_copy list
	chmod 000 "$work/v2/db/data.mdb"
	expect 'what cannot be opened names the next step' 1 'user whom the vault belongs' \
	    on_copy list
	chmod -R u+w "$work/v2"
fi
copy
rm -rf "$work/state2"
small_disk() {
	# 64 KiB more than there is: a limit on file size stands for the disk.
	( ulimit -f $(($(stat -c %s "$work/v2/db/data.mdb") / 1024 + 64))
	  trap '' XFSZ
	  XDG_STATE_HOME=$work/state2 AMANAT_VAULT=$work/v2 \
	      as c put s/full --type file --from "$work/large" )
}
expect 'a full disk' 1 'could not be written' small_disk
XDG_STATE_HOME=$work/state2
expect 'and the vault is as it was' 0 'all as the log says' on_copy doctor
XDG_STATE_HOME=$work/state

copy
head -c 32 /dev/urandom >"$work/v2/keys/log.key"
other_log_key() { AMANAT_VAULT=$work/v2 XDG_STATE_HOME=$work/state2 as d ask s/login --reason R; }
expect 'R13.24: the log key of another vault' 40 'log.key' other_log_key
expect 'and nothing was written' 0 'all rules hold' on_copy verify

# ---- damage at any page: a sentence and a status, never a crash
damaged=0
size_kib=$(($(stat -c %s "$AMANAT_VAULT/db/data.mdb") / 4096))
for page in $(seq 0 $((size_kib / 24 + 1)) $((size_kib - 1))); do
	copy
	python3 -c 'import random, sys
sys.stdout.buffer.write(random.Random(int(sys.argv[1])).randbytes(4096))' "$page" |
	    dd of="$work/v2/db/data.mdb" bs=4096 seek="$page" conv=notrunc 2>/dev/null
	on_copy verify >"$work/out" 2>"$work/err"
	got=$?
	case $got in
	0) ;;
	1 | 2 | 20 | 21 | 40) [ -s "$work/out" ] || [ -s "$work/err" ] || damaged=1 ;;
	*) damaged=1; echo "#  page $page: exit $got" ;;
	esac
done
[ $damaged -eq 0 ]
result 'a database damaged at any page' $?

# ---- two at once: both are in the log, or one was told to start again
as a ask s/login --reason both-1 >"$work/1" 2>&1 &
one=$!
as_pins=$work/pins2
pin d >"$as_pins"
"$AMANAT" --token "unix:$work/d.key" --pin-fd 3 ask s/login --reason both-2 \
    >"$work/2" 2>&1 3<"$as_pins"
wait $one
"$AMANAT" history >"$work/out" 2>"$work/err"
grep -q both-1 "$work/out" && grep -q both-2 "$work/out"
result 'two processes at once' $?
expect 'and the log still holds' 0 'all rules hold' "$AMANAT" verify

# ---- README's tour, typed as it stands (but for the build)
sed -n '/^## A tour/,/^## What/s/^    //p' README.md |
    sed "s|^make .*|:|; s|^export PATH=.*|PATH=$work/bin:\$PATH|" >"$work/tour"
mkdir "$work/bin"
ln -s "$AMANAT" "$work/bin/amanat"
ln -s "$AMANAT_SOFTTOKEN" "$work/bin/amanat-softtoken"
expect "README's tour" 0 '2 openings, all rules hold' \
    env -u AMANAT_VAULT TMPDIR="$work" bash "$work/tour"
[ "$(wc -l <"$work/tour")" -gt 30 ] && grep -q '^TEST-password' "$work/out" &&
    [ "$(grep -c '^amanat: ' "$work/err")" -eq 1 ]
result '... and one thing in it is refused' $?
joined | grep -q 'with your approval the posts .*\[R4.4\]'
result '... which is what it says' $?

# ---- R5.7: an older database beside newer bags must not cost a share
AMANAT_VAULT=$work/older
XDG_STATE_HOME=$work/state3 # nobody remembers a head
quietly() { "$@" >"$work/out" 2>"$work/err" || result "R5.7: $*" 1; }
quietly as founder init --name TEST --rp-id v.example --evaluation \
    --founder founder --founder-name F
for p in a b d; do
	quietly as founder person add $p --name "TEST $p"
	quietly as "founder,$p" token enrol $p --label $p-blue
done
quietly as founder safe create s --quorum 2 --custodians a,b,d
cp -r "$AMANAT_VAULT/db" "$work/db.0"
for i in 1 2 3; do
	for p in a b d; do quietly as $p safe join s; done
	cp -r "$AMANAT_VAULT/db" "$work/db.$i"
done
cp -r "$AMANAT_VAULT/bags" "$work/bags.3"
for i in 0 1 2; do
	rm -rf "$AMANAT_VAULT/db" "$work/state3"
	cp -r "$work/db.$i" "$AMANAT_VAULT/db"
	expect "R5.7: a share is not overwritten, step $i" 21 'an old copy' as a safe join s
done
diff -r "$work/bags.3" "$AMANAT_VAULT/bags" >"$work/out" 2>&1
result 'R5.7: and the bags are as they were' $?

finish
