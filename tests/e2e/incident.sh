#!/bin/sh
# When something is wrong: who had what, and does it work at all; freezing,
# following, reporting. domain.md, scenarios 1, 8 and 10, and K-3, O-3 to O-6,
# U-4. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
SPOIL=${SPOIL:-$PWD/build/tests/e2e/spoil}

# Each call at its own instant: at TIME COMMAND...
at() ( AMANAT_NOW=$1; export AMANAT_NOW; shift; "$@" )
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
unsaid() { ! joined | grep -q -- "$1"; result "... and not $1" $?; }
AMANAT_NOW=2021-04-15T04:00:00Z
export AMANAT_NOW

people='dgc dca dio dau dlp jda jdc'
# shellcheck disable=SC2086
for k in root $people to con; do key $k; done
{
	as root init --name NITB --rp-id v.example --evaluation --founder root &&
	for p in to $people; do
		as root person add "$p" --name "P $p" &&
		    as "root,$p" token enrol "$p" --label "$p" || exit 1
	done &&
	as root person add con --name 'P con' --kind contractor --sponsor dio --until 2021-08-31 &&
	as root,con token enrol con --label con &&
	as root safe create cabinet --level maximum --quorum 4 \
	    --custodians "$(echo "$people" | tr ' ' ,)" &&
	for step in join deal accept; do
		for p in $people; do as "$p" safe join cabinet || exit 1; done
	done
} >"$work/founded" 2>&1 || { cat "$work/founded"; echo 'Bail out! no vault'; exit 1; }
four='dgc dca dio dau'
approve() { r=$1; shift; for p; do expect "$p approves $r" 0 "approved by $p" as "$p" approve "$r"; done; }
# shellcheck disable=SC2086
opened() { expect "ask" 0 "$1" as to ask "$2" --reason "TEST $1" && approve "$1" $four && expect 'open' 0 TEST as to open "$1"; }

# ---- S1.2, S1.3: the contractor sets the tenant up and deposits
before=$(statements)
expect 'S1.3: the contractor may not read' 2 "no credential" as con ask cabinet/mdm --reason TEST
unchanged
put() { printf 'TEST-secret' | as con put "cabinet/$1" --from /dev/stdin --type "$2" --class secret; }
expect 'S1.3: password' 0 'is sealed' put mdm login
expect 'S1.3: MFA seed' 0 'is sealed' put mdm-seed totp
expect 'S1.3: recovery codes' 0 'is sealed' put mdm-codes recovery-codes
expect 'S1.3: exposure --person con' 0 '3 open' "$AMANAT" exposure --person con
expect 'K-3: no right to read what was deposited' 10 'only officials ask' as con ask cabinet/mdm --reason TEST

# ---- K-3: unverified until two officials have tested it (S1.3, invariant 4)
cell() { "$AMANAT" list cabinet | grep '^cabinet/mdm ' | grep -q "$1"; result "list: $1" $?; }
cell unverified
expect 'show' 0 'login:  *unverified: two officials test the login' "$AMANAT" show cabinet/mdm
fits 'show'
expect 'list --json' 0 '"name":"mdm",.*"login":"unverified"' "$AMANAT" list --json
is_json 'list'
expect 'due: not yet' 0 "'cabinet/mdm' version 1 of contractor 'con' (sponsor 'dio')" "$AMANAT" due
expect 'due: after 24 h, the sponsor named' 31 "OVERDUE dio: 'cabinet/mdm' version 1 of contractor 'con' (sponsor 'dio') is unverified" \
    at 2021-04-16T04:00:01Z "$AMANAT" due
fits 'due'
before=$(statements)
expect 'no such credential' 2 'no credential' as dca tested cabinet/mail
expect 'evidence that is not there' 1 'cannot read' as dca tested cabinet/mdm --evidence "$work/nowhere"
expect 'the depositor does not test' 10 'officials test a login.*K-3' as con tested cabinet/mdm
unchanged
echo TEST-screen >"$work/screen"
expect 'the first' 0 "next: another official runs 'amanat tested cabinet/mdm'" as dca tested cabinet/mdm --evidence "$work/screen"
fits 'tested'
cell unverified
expect 'show' 0 'tested by dca 2021-04-15 04:00 UTC; a second official is missing' "$AMANAT" show cabinet/mdm
expect 'the first again is one person' 0 'next: another' as dca tested cabinet/mdm
expect 'due goes on' 31 'a second test is missing' at 2021-04-16T04:00:01Z "$AMANAT" due
AMANAT_NOW=2021-04-15T05:00:00Z
expect 'the second' 0 'is verified by two' as dio tested cabinet/mdm
for c in mdm-seed mdm-codes; do as dca tested cabinet/$c && as dau tested cabinet/$c; done >/dev/null 2>&1
expect 'S1.3: verified' 0 'login:  *verified, tested by dca .*, tested by dio 2021-04-15 05:00 UTC' "$AMANAT" show cabinet/mdm
expect '... for programs' 0 '"login":"verified","login_tests":\[{"by":"dca","at":"2021-04-15T04:00:00Z","leaf":[0-9]*},{"by":"dio","at":"2021-04-15T05:00:00Z"' \
    "$AMANAT" show cabinet/mdm --json
is_json 'show'
expect 'nothing is due of it' 0 '' at 2021-04-17T04:00:00Z "$AMANAT" due
unsaid unverified

printf 'TEST-other' | as con put cabinet/mdm-codes --new-version --from /dev/stdin >/dev/null 2>&1
expect 'a new version is unverified again' 0 "'cabinet/mdm-codes' version 2 of contractor" "$AMANAT" due
[ "$(grep -c mdm-codes "$work/out")" -eq 2 ]; result '... and named once, with what comes next' $?
for p in dca dau; do as $p tested cabinet/mdm-codes >/dev/null 2>&1; done

# ---- history of a time (U-4, S1.8)
AMANAT_NOW=2021-06-01T18:00:00Z
opened r-1 cabinet/mdm
AMANAT_NOW=2021-06-01T19:00:00Z
expect 'ask' 0 r-2 as to ask cabinet/mdm-seed --reason 'TEST r-2'
AMANAT_NOW=2021-06-01T19:20:00Z
# shellcheck disable=SC2086
approve r-2 $four
AMANAT_NOW=2021-06-01T20:00:00Z
expect 'open' 0 TEST as to open r-2
for w in 2021-02-30 yesterday 2021-06-01T9:00Z; do
	expect "a beginning that is none: $w" 2 "not '$w'" "$AMANAT" history --from $w
	expect "an end that is none: $w" 2 "not '$w'" "$AMANAT" history --to $w
done
expect 'an end before the beginning' 2 'from comes before --to' "$AMANAT" history --from 2021-06-02 --to 2021-06-01
expect 'history' 0 'r-1' "$AMANAT" history
said r-2
expect 'a day ends at 24:00 PKT' 0 'r-1' "$AMANAT" history --to 2021-06-01
unsaid r-2
expect 'a day begins at 00:00 PKT' 0 'r-2' "$AMANAT" history --from 2021-06-02
unsaid r-1
expect 'a time is taken as it is' 0 'r-2' "$AMANAT" history --from 2021-06-01T18:00:01Z --to 2021-06-01T19:00:01Z
unsaid r-1
expect 'half-open: not at its end' 0 '' "$AMANAT" history --from 2021-06-01T18:00:01Z --to 2021-06-01T19:00:00Z
unsaid 'r-[12]'
expect 'an access counts when it was asked' 0 'r-2' "$AMANAT" history --to 2021-06-01T19:00:01Z
expect '... approved' 0 'r-2' "$AMANAT" history --from 2021-06-01T19:00:01Z --to 2021-06-01T19:59:59Z
expect '... or opened' 0 'r-2' "$AMANAT" history --from 2021-06-01T19:20:01Z
expect '... and not after' 0 '' "$AMANAT" history --from 2021-06-01T20:00:01Z
unsaid r-2
fits 'history of a time'
for f in table csv jsonl; do
	"$AMANAT" history --format $f --from 2021-06-01 --to 2021-06-01 >"$work/out" 2>"$work/err"
	[ "$(grep -c 'r-1\|^1,' "$work/out")" = 1 ] && ! grep -q 'r-2\|^2,' "$work/out"
	result "the same accesses as $f" $?
done
expect 'S1.8: since the beginning, with four people' 0 '"approvers":\["dgc","dca","dio","dau"\]' \
    "$AMANAT" history cabinet/mdm --from 2021-04-15 --format jsonl

# ---- scenario 8: a key is stolen and its PIN was seen (O-3 to O-6, C-5)
AMANAT_NOW=2021-09-01T04:00:00Z
expect 'ask' 0 'r-3' as to ask cabinet/mdm --reason 'TEST granted' --for 24h
approve r-3 $four
expect 'ask' 0 'r-4' as to ask cabinet/mdm-seed --reason 'TEST waiting' --for 24h
approve r-4 dca
expect 'ask' 0 'r-5' as dca ask cabinet/mdm-codes --reason 'TEST hers' --for 24h
approve r-5 dgc
expect 'ask' 0 'r-6' as to ask cabinet/mdm --reason 'TEST without her' --for 24h
before=$(statements)
expect 'no such credential' 2 'no credential' as dgc incident open --cred cabinet/mail
expect 'no such person' 2 'no person' as dgc incident open --person nobody
expect 'no such key' 2 'no key' as dgc incident open --token nothing
expect 'O-4: discovered in the future' 2 'recorded after it was discovered.*O-4' \
    as dgc incident open --discovered 2021-09-02T04:00:00Z
expect 'a time that is none' 2 "not 'today'" as dgc incident open --discovered today
expect 'O-3: no incident yet' 2 "no incident 'i-1'" as dgc incident note i-1 --what TEST
expect 'O-3: nor a report' 2 'no such incident' "$AMANAT" incident export i-1
expect 'list' 0 'no incidents' "$AMANAT" incident list
unchanged
expect 'S8.1: suspended' 0 '' as dgc token suspend dca --reason 'stolen, PIN seen'
expect 'S8.1: frozen' 0 '^i-1$' as dgc incident open --cause theft --person dca --discovered 2021-09-01T03:30:00Z --freeze
fits 'incident open'
said 'until a quorum lifts it'
before=$(statements)
expect 'S8.2: her approval is in it: the grant is cancelled' 10 'incident i-1 has cancelled this request.*O-5' as to open r-3
expect '... of others as well' 10 'O-5' as dlp approve r-4
expect 'S8.2: what she asked is void' 10 'cancelled this request.*O-5' as dio approve r-5
expect 'show says so' 0 'now cancelled' "$AMANAT" show r-3
unchanged
for r in r-4 r-6; do
	before=$(statements)
	expect "S8.4: the thief tries $r" 14 'suspended.*V22' as dca approve $r
	[ "$(statements)" -eq $((before + 1)) ] && "$AMANAT" log 2>/dev/null | tail -n 1 | grep -q '"kind":"fault"'
	result '... and it is in the log' $?
done
expect 'what she had no part in goes on' 0 'approved by dgc' as dgc approve r-6
approve r-6 dio dau dlp
expect '... to its end' 0 TEST as to open r-6
expect 'incident list' 0 "i-1 *open, FROZEN *2021-09-01 03:30 *dgc *person 'dca': theft" "$AMANAT" incident list
fits 'incident list'
expect 'incident list --json' 0 '"incident":"i-1","state":"open","freeze":"in force"' "$AMANAT" incident list --json
is_json 'incident list'

# the clock: level maximum has 1 h, 24 h, 30 days
expect 'O-4: hours to the first notice' 31 'incident i-1: first notice, 0 h left' "$AMANAT" due
said 'details, 23 h left'
said 'final report, 719 h left'
expect 'O-4: overdue' 31 'OVERDUE  anyone: incident i-1: first notice, 1 h late' at 2021-09-01T04:30:01Z "$AMANAT" due
fits 'due'

# reactions
before=$(statements)
expect 'O-5: a note says something' 2 'needs --what' as dgc incident note i-1
expect 'O-5: an owner and a time' 2 'an owner and a time' as dgc incident note i-1 --what TEST --owner dio
expect 'O-5: a time to come' 2 'due at a time to come.*O-5' as dgc incident note i-1 --what TEST --owner dio --due 2021-08-31
expect 'O-5: an owner that there is' 2 'no person' as dgc incident note i-1 --what TEST --owner x --due 2021-09-02
expect 'O-5: there is no reaction 1' 2 'no reaction 1.*O-5' as dgc incident note i-1 --what TEST --done 1
expect 'a number that is none' 2 "not '0'" as dgc incident note i-1 --what TEST --done 0
expect 'O-6: no such report' 2 'first, detail or final' as dgc incident note i-1 --sent second
expect 'O-6: not sent yet' 2 'was not sent.*O-6' "$AMANAT" incident export i-1 --report first
expect 'a format that is none' 2 'md or json' "$AMANAT" incident export i-1 --format pdf
expect 'a contractor follows none' 13 '' as con incident note i-1 --what TEST # X-3: it is kept as a fault
before=$(statements)
unchanged
expect 'a reaction' 0 'noted by dgc' as dgc incident note i-1 --what 'reshare cabinet' --owner dio --due 2021-09-01T12:00:00Z
expect 'a fact' 0 '' as jdc incident note i-1 --what 'police report filed' --evidence "$work/screen"
expect 'due: the reaction' 31 'dio: incident i-1: reaction 1 is not done' "$AMANAT" due
expect 'due: and overdue' 31 'OVERDUE  dio: incident i-1: reaction 1' at 2021-09-01T12:00:01Z "$AMANAT" due
expect 'O-5: not closed while it is open' 10 '1 reaction of i-1 is not done.*O-5' as dgc incident close i-1 --reason TEST

# reports: everything of section 9, and the same bytes for ever
expect 'S8.3: the first notice' 0 'incident export i-1 --report first' as dgc incident note i-1 --sent first
fits 'incident note'
expect 'O-6: once' 2 'recorded already.*O-6' as dgc incident note i-1 --sent first
expect 'due: it is not owed any more' 31 'details, 23 h left' "$AMANAT" due
unsaid 'first notice'
expect 'export' 0 '' "$AMANAT" incident export i-1 --report first --format json
is_json 'incident export'
cp "$work/out" "$work/first.json"
python3 - "$work/first.json" <<'END' >"$work/err" 2>&1
import json, sys
r = json.load(open(sys.argv[1]))
assert list(r) == ["report", "entity", "event", "scope", "reach", "impact", "actions", "not_known", "annex"]
assert r["report"]["version"] == "first" and r["report"]["reporter"] == "dgc"
assert r["report"]["discovered_at"] == "2021-09-01T03:30:00Z" and r["report"]["aware_at"] == "2021-09-01T04:00:00Z"
assert r["report"]["classified_at"] == r["report"]["contact_24h"] == r["impact"]["users"] == "unknown"
assert r["entity"]["level"] == "maximum" and r["event"]["cause"] == "theft"
s = r["scope"]
a = {x["request"]: x for x in s["accesses"]}
assert list(a) == ["r-1", "r-2", "r-3", "r-4", "r-5"], list(a)
assert [x["person"] for x in a["r-1"]["approvals"]] == ["dgc", "dca", "dio", "dau"]
assert a["r-1"]["reason"] == "TEST r-1" and a["r-1"]["key"] == "to" and a["r-1"]["outcome"] == "opened"
assert a["r-3"]["outcome"] == "not opened" and a["r-5"]["person"] == "dca"
assert {x["credential"] for x in s["credentials"]} == {"cabinet/mdm", "cabinet/mdm-seed", "cabinet/mdm-codes"}
assert {(x["person"], x["how"]) for x in s["exposed"]} == {("to", "opened"), ("con", "deposited")}
assert [x["rule"] for x in s["refused"]] == ["V22", "V22", "R13.7"]
assert r["actions"]["frozen"] == "in force" and r["actions"]["suspended"][0]["key"] == "dca"
assert r["actions"]["reactions"][0]["owner"] == "dio" and r["actions"]["reactions"][0]["done"] == ""
assert r["actions"]["facts"][0]["evidence"][0]["sha256"]
assert len(r["annex"]["entries"]) == 3
def empty(x):
    return any(map(empty, x.values() if isinstance(x, dict) else x)) if isinstance(x, (dict, list)) else x is None
assert not empty(r)
END
result 'O-3: all of section 9, from the log' $?
expect 'Markdown' 0 '^## 4. Scope' "$AMANAT" incident export i-1 --report first
said 'contact 24h: unknown'
grep -q '^  - approvals:$' "$work/out" && grep -q '^    - person: dgc; post: unknown' "$work/out" &&
    grep -q '^  - declines: none$' "$work/out"; result '... lists within lists' $?
cp "$work/out" "$work/first.md"
"$AMANAT" incident export i-1 >"$work/one"; "$AMANAT" incident export i-1 >"$work/two"
cmp -s "$work/one" "$work/two" && grep -q 'version: draft' "$work/one"; result 'X-15: two drafts of one state are the same' $?

# lifting is for the quorum (invariant 8)
expect 'O-5: nor while it is frozen' 0 '' as dio incident note i-1 --done 1 --what 'no share of hers is in force'
expect 'O-5: nor while it is frozen' 10 'amanat incident lift i-1.*O-5' as dgc incident close i-1 --reason TEST
expect 'ask again' 0 'r-7' as to ask cabinet/mdm --reason 'TEST again' --for 24h
expect 'lift' 0 '^m-' as dgc incident lift i-1 --reason 'key replaced'
m=$(head -n 1 "$work/out")
fits 'incident lift'
expect 'show says what it is' 0 'lift the freeze of incident i-1' "$AMANAT" show "$m"
for p in dgc dio dau; do expect "$p votes" 0 'has voted' as $p approve "$m"; done
expect 'three are no quorum' 10 'O-5' as dgc incident close i-1 --reason TEST
expect 'the fourth' 0 'in effect' as dlp approve "$m"
expect 'twice is no' 10 'was lifted.*O-5' as dgc incident lift i-1 --reason TEST
expect 'what was cancelled stays so' 10 'cancelled.*O-5' as to open r-3
approve r-7 dgc dio dau dlp
expect 'what was asked anew opens' 0 TEST as to open r-7
expect 'close' 0 'i-1 is closed' as dgc incident close i-1 --reason 'contained'
expect 'nothing is added' 10 'i-1 is closed.*O-5' as dgc incident note i-1 --what TEST
expect 'what was begun is still owed' 31 'incident i-1: details, 1 h late' at 2021-09-02T04:00:00Z "$AMANAT" due
expect 'the final report' 0 '' at 2021-09-02T04:00:00Z as dgc incident note i-1 --sent final
AMANAT_NOW=2021-09-02T04:00:00Z
expect 'O-6: nothing more is' 31 '' "$AMANAT" due
unsaid 'incident i-1'
for f in json md; do
	"$AMANAT" incident export i-1 --report first --format $f >"$work/again"
	cmp -s "$work/again" "$work/first.$f"; result "O-6: the first notice again, byte for byte, as $f" $?
done
expect 'the final report tells the end' 0 '"frozen":"lifted"' "$AMANAT" incident export i-1 --report final --format json
sum=$(sha256sum <"$work/first.json" | cut -d' ' -f1)
said "\"report\":\"first\",\"json_sha256\":\"$sum\""
expect 'show' 0 "dio, reaction 1 done: no share of hers" "$AMANAT" incident show i-1
said 'first: *sent'
fits 'incident show'
expect 'show --json' 0 '"entries":\[{"of":"reaction"' "$AMANAT" incident show i-1 --json
is_json 'incident show'

# ---- the whole vault, in a moment; and scenario 10: suspected coercion
AMANAT_NOW=2021-11-01T04:00:00Z
expect 'ask' 0 'r-8' as to ask cabinet/mdm --reason 'TEST urgent' --for 24h
approve r-8 dgc dio dau
cause='suspected coercion, TEST-unspoken'
quiet() { as jdc incident open --cause "$cause" --cred cabinet/mdm --freeze "$@"; }
before=$(statements)
expect 'X-19: quiet has an end' 2 '--quiet and --until go together' quiet --quiet
expect 'X-19: an end is of something quiet' 2 '--quiet and --until go together' quiet --until 2021-11-20
expect 'X-19: an end that is none' 2 "not 'soon'" quiet --quiet --until soon
expect 'X-19: an end to come' 2 'until a time to come.*X-19' quiet --quiet --until 2021-11-01T04:00:00Z
expect 'X-19: and not a far one' 2 '90 days at most.*X-19' quiet --quiet --until 2022-01-30T04:00:01Z
expect 'X-19: without a text there is nothing quiet' 2 'none is given.*X-19' as jdc incident open --quiet --until 2021-11-20
unchanged
expect 'S10.3: coercion is suspected' 0 '^i-2$' quiet --quiet --until 2021-11-20
fits 'incident open --quiet'
said 'is sealed until 2021-11-20 19:00 UTC'
said 'who holds the register key could read it'
said 'in the log for everybody'
expect 'S10: one more approval changes nothing' 10 'cancelled this request.*O-5' as dlp approve r-8
expect 'S10: and it opens nothing' 10 'i-2 has cancelled.*O-5' as to open r-8
expect 'S10.3: who asked, and who approved' 0 'reason: TEST urgent' "$AMANAT" incident export i-2

# the text is nowhere until then, and its hash is everywhere
hash=$("$AMANAT" log 2>/dev/null | sed -n 's/.*"sealed":"\([0-9a-f]*\)".*"until":"2021-11-20T19:00:00Z".*/\1/p')
[ ${#hash} -eq 64 ]; result 'S10.3: the hash is in the log at once' $?
expect 'show' 0 "sealed hash: *$hash" "$AMANAT" incident show i-2
said 'cause: *sealed until 2021-11-20 19:00 UTC'
fits 'incident show'
expect 'list' 0 "credential 'cabinet/mdm': sealed until 2021-11-20 19:00 UTC" "$AMANAT" incident list
fits 'incident list'
expect 'show --json' 0 "\"cause\":\"\",\"sealed\":\"$hash\",\"sealed_until\":\"2021-11-20T19:00:00Z\",\"salt\":\"\"" \
    "$AMANAT" incident show i-2 --json
is_json 'show'
expect 'the first notice goes out as for any other' 0 '' as jdc incident note i-2 --sent first
nowhere() { # NAME COMMAND...: what it prints has the text nowhere
	w_name=$1; shift
	"$@" >"$work/out" 2>"$work/err"
	[ -s "$work/out" ] && ! grep -q TEST-unspoken "$work/out" "$work/err"; result "S10.3: the text is not in: $w_name" $?
}
nowhere log "$AMANAT" log
nowhere history "$AMANAT" history --format jsonl
nowhere show "$AMANAT" incident show i-2
nowhere 'show --json' "$AMANAT" incident show i-2 --json
nowhere list "$AMANAT" incident list
nowhere due "$AMANAT" due --json
nowhere verify "$AMANAT" verify --json
for f in md json; do
	nowhere "a draft as $f" "$AMANAT" incident export i-2 --format $f
	grep -q "$hash" "$work/out"; result '... and the hash is' $?
	nowhere "the first notice as $f" "$AMANAT" incident export i-2 --report first --format $f
	cp "$work/out" "$work/quiet.$f"
done
"$AMANAT" export "$work/early" >"$work/out" 2>"$work/err"
grep -rq "$hash" "$work/early" && ! grep -rq TEST-unspoken "$work/early" "$AMANAT_VAULT"
result 'S10.3: nor in an export, nor on the disk; the hash is' $?

# from then on it is shown, with what it takes to check it
AMANAT_NOW=2021-11-20T18:59:59Z
nowhere 'the last second' "$AMANAT" incident show i-2
AMANAT_NOW=2021-11-20T19:00:00Z
expect 'S10.3: readable' 0 "cause: *$cause" "$AMANAT" incident show i-2
fits 'incident show'
said "sealed hash: *$hash"
salt=$(sed -n 's/^salt: *//p' "$work/out")
# as docs/formats.md says, with coreutils alone; and with python alone
sum=$({ printf 'amanat/1 quiet\0'; echo "$salt" | tr a-f A-F | basenc --base16 -d; printf %s "$cause"; } | sha256sum | cut -d' ' -f1)
[ "$sum" = "$hash" ]; result 'S10.3: sha256sum gives the hash of the log' $?
expect 'show --json' 0 '"cause":"suspected coercion, TEST-unspoken"' "$AMANAT" incident show i-2 --json
is_json 'show'
python3 - "$work/out" "$hash" <<'END' >"$work/err" 2>&1
import hashlib, json, sys
i = json.load(open(sys.argv[1]))
assert i["sealed"] == sys.argv[2] and i["sealed_until"] == "2021-11-20T19:00:00Z"
h = hashlib.sha256(b"amanat/1 quiet\0" + bytes.fromhex(i["salt"]) + i["cause"].encode())
assert h.hexdigest() == sys.argv[2]
END
result 'S10.3: and so does python' $?
expect 'list' 0 "credential 'cabinet/mdm': suspected coercion, TEST-unspoken" "$AMANAT" incident list
for f in md json; do
	expect "a draft as $f has it" 0 TEST-unspoken "$AMANAT" incident export i-2 --format $f
	said "$salt"
	"$AMANAT" incident export i-2 --report first --format $f >"$work/again"
	cmp -s "$work/again" "$work/quiet.$f"; result "O-6: the first notice again, byte for byte, as $f" $?
done
expect 'details are sent' 0 '' as jdc incident note i-2 --sent detail
expect 'O-6: they have the text' 0 TEST-unspoken "$AMANAT" incident export i-2 --report detail
cp "$work/out" "$work/detail.md"

# beside the log: kept by a rebuild and a backup; and when it is lost
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild
expect 'backup' 0 '' "$AMANAT" backup "$work/kept"
! grep -aq TEST-unspoken "$work/kept"; result 'the text is not in a backup in clear' $?
"$SPOIL" "$AMANAT_VAULT" delayed "$hash" flip
expect 'altered: show says so' 0 'missing in this vault, or was altered' "$AMANAT" incident show i-2
"$SPOIL" "$AMANAT_VAULT" delayed "$hash" drop
expect 'lost: show says so' 0 'missing in this vault' "$AMANAT" incident show i-2
fits 'incident show'
unsaid TEST-unspoken
expect 'lost: a draft says so' 0 'cause: its text is missing in this vault' "$AMANAT" incident export i-2
expect 'O-6: lost: the notice of before is made all the same' 0 'cause: sealed' "$AMANAT" incident export i-2 --report first
expect 'O-6: lost: what had it is not' 20 'a backup of before has it.*O-6' "$AMANAT" incident export i-2 --report detail
expect 'restore' 0 '' as dgc --vault "$work/new" restore "$work/kept"
expect 'the backup has it' 0 "cause: *$cause" "$AMANAT" --vault "$work/new" incident show i-2
"$AMANAT" --vault "$work/new" incident export i-2 --report detail >"$work/again"
cmp -s "$work/again" "$work/detail.md"; result 'O-6: and the details are the same again' $?
AMANAT_NOW=2021-11-21T04:00:00Z

expect 'everything' 0 '^i-3$' as jda incident open --freeze --cause '[a](b) <i> *c*'
said 'nothing in this vault'
expect 'ask' 0 'r-9' as to ask cabinet/mdm-seed --reason TEST --for 24h
expect 'nothing is approved' 10 'i-3 has frozen this.*O-5' as dlp approve r-9
expect 'show says so' 0 'now frozen' "$AMANAT" show r-9
said 'stopped by: *incident i-3'
expect 'text of others is no markup' 0 'cause: .\[a.\](b) .<i.> .\*c.\*' "$AMANAT" incident export i-3
expect 'nothing is named: all of it' 0 'whole vault: yes' "$AMANAT" incident export i-3
expect 'history says frozen' 0 'frozen' "$AMANAT" history --from 2021-11-01

# ---- what was changed at the vendor is no exposure any more (X-10, X-11)
printf 'TEST-new' | as to put cabinet/mdm --new-version --from /dev/stdin >/dev/null 2>&1
for p in dgc dio; do as $p rotate cabinet/mdm --evidence "$work/screen" >/dev/null 2>&1; done
"$AMANAT" incident export i-2 --format json 2>/dev/null | python3 -c '
import json, sys
r = json.load(sys.stdin)
assert {(x["person"], x["version"]) for x in r["scope"]["exposed"]} == {("to", 2)}, r["scope"]["exposed"]
assert [x["request"] for x in r["scope"]["accesses"]] == ["r-8"], r["scope"]["accesses"]
assert [(x["version"], x["signed_by"], x["and_by"]) for x in r["actions"]["rotated"]] == [(2, "dgc", "dio")]
' >"$work/out" 2>"$work/err"
result 'a report names who knows what is in force, and what was rotated' $?

# ---- the auditor sees the same
AMANAT_NOW=2021-12-01T04:00:00Z
expect 'verify' 0 'incidents recorded: 3, open: 2, freezes in force: 2' "$AMANAT" verify
expect 'export' 0 '' "$AMANAT" export "$work/bundle"
expect 'verify the bundle' 0 '' env -u AMANAT_VAULT "$AMANAT" verify "$work/bundle"
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild

finish
