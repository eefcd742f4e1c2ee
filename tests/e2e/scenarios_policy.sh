#!/bin/sh
# domain.md, section 12, the scenarios in which rules decide: 2 (as far as there
# are verbs), 3, 4, 5 and 10, and what 'analyze' says on the way. office.sh has
# the verbs one by one, scenarios.sh the batches of scenario 4 from end to end.
# Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

now() { AMANAT_NOW=$1; export AMANAT_NOW; }
# at TIME COMMAND...: that one at its own instant
at() { at_now=$AMANAT_NOW; AMANAT_NOW=$1; shift; "$@"; at_rc=$?; AMANAT_NOW=$at_now; return $at_rc; }
must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
silent() { ! joined | grep -q -- "$1"; result "... and not: $1" $?; }
# json EXPRESSION: a Python expression over what was printed last, `d`
json() {
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$work/out" "$2"
	result "$1" $?
}
last_request() { "$AMANAT" history --format jsonl 2>/dev/null | sed -n '$s/.*"request":"\(r-[0-9]*\)".*/\1/p'; }
# voted MOTION PERSON...: they vote, and the quorum may have to wait
voted() { v_m=$1; shift; for v_p; do must as "$v_p" approve "$v_m"; done; }

day=2022-03-28
now ${day}T04:00:00Z
seven='dgc dca dlp dau dio jda jdc'
# shellcheck disable=SC2086
for k in root to con dgc2 $seven; do key $k; done
must as root init --name TEST --rp-id v.example --evaluation --founder root
for p in to $seven; do
	must as root person add "$p" --name "P $p"
	must as "root,$p" token enrol "$p" --label "$p"
done
must as dgc,dgc2 token enrol dgc --label dgc-2 # m-9; two keys of one person

# ---- scenario 3, step 1: seven interim posts on one order, five substantive
# ones that are known beside them. The joint director is not of the audit wing.
for post in dg-cloud:cloud dir-adapt:cloud dir-io:cloud jdir-adapt:cloud \
    dir-legal:legal dir-audit:audit jdir-audit:joint member-it:ministry \
    ds-it:cloud dl-moitt:legal da-nitb:audit d-ops:cloud; do
	must as root post add "${post%:*}" --title "Post ${post%:*}" --wing "${post#*:}"
done
expect 'S3.1: twelve posts' 0 '' "$AMANAT" post list --json
json '... twelve' 'len(d) == 12'
appoint() { a_p=$1 a_post=$2; shift 2; as root appoint "$a_p" "$a_post" --authority 'Secretary MoITT' "$@"; }
interim() { must appoint "$1" "$2" --kind additional --order F.1-1/2022 --from $day --to 2022-09-28 --line "$3"; }
interim dgc dg-cloud a; interim dca dir-adapt b; interim dlp dir-legal c
interim dau dir-audit d; interim dio dir-io e; interim jda jdir-audit f; interim jdc jdir-adapt b
must appoint dgc member-it --kind substantive --order E.7/2019 --from 2019-02-01 --line a
must as root policy propose
committee=$(echo "$seven" | tr ' ' ',')
expect 'S3.1: seven persons, not twelve posts: one person twice' 10 'named twice' \
    as root safe create office --level enhanced --quorum 3 --custodians "$committee,dgc"
expect 'S3.1: nor is a post a custodian' 2 "no person 'member-it'" \
    as root safe create office --level enhanced --quorum 3 --custodians "$committee,member-it"
expect 'S3.1: safe create counts seven persons' 0 '"custodians":7' \
    as root safe create office --level enhanced --quorum 3 --custodians "$committee" --json
must as root policy bind office --owner cloud
must as root waive C-2 office --until 2023-12-31 --reason TEST # office.sh has it
for step in join deal accept; do for p in $seven; do must as "$p" safe join office; done; done
for p in dca dlp dau; do must as "$p" approve m-9; done # in effect three days later
expect 'S3.1: and so does the committee' 0 '3 of 7, 7 counted on' "$AMANAT" safe status office
printf TEST-cloud >"$work/secret"
must as to put office/cloud --from "$work/secret" --class sensitive

# ---- scenario 3, step 3, on day one: what will lock it, and when
expect 'S3.3: analyze, on day one' 30 '29 Sep 00:00 PKT.: NO QUORUM; 7 appointments end (order F.1-1/2022)' \
    "$AMANAT" analyze office
fits 'analyze'
said 'same cause end-date 2022-09-28T19:00:00Z takes 6 of 7 custodians, and the quorum'
said 'same cause order F.1-1/2022 takes 6 of 7 custodians, and the quorum'
said 'one loss locks it dau (only holder for "audit")'
said '"audit" has 1 eligible holder (level asks 2): dau what to do name a deputy'
said 'bind custody to substantive posts (amanat appoint ... --kind substantive)'
said 'durable holders 1 BELOW MINIMUM (min 3): dgc'
said 'additional charge beyond three months on one order'
expect 'analyze --json' 30 '' "$AMANAT" analyze office --json
is_json analyze
json '... the instant at which all end' \
    'd["safes"][0]["calendar"][1]["at"] == "2022-09-28T19:00:00Z" and
     not d["safes"][0]["calendar"][1]["possible"] and
     len(d["safes"][0]["calendar"][1]["ending"]) == 7'
json '... each finding, with what to do' \
    'sorted(f["kind"] for f in d["safes"][0]["findings"]) ==
     ["few-durable", "few-in-group", "low-cut", "no-quorum-later", "no-recovery"] and
     all(f["todo"] for f in d["safes"][0]["findings"])'
json '... the single point of failure' 'd["safes"][0]["today"]["singles"] == [["dau"]]'
json '... people, not posts' 'len(d["safes"][0]["today"]["eligible"]) == 7 == d["safes"][0]["members"]'

expect '--without somebody unknown' 2 "no person 'nobody'" "$AMANAT" analyze office --without nobody
expect '--fail by what there is not' 2 'order, end-date, employer' "$AMANAT" analyze office --fail moon=full
expect '--at what is no day' 2 'is a day or an instant' "$AMANAT" analyze office --at soon
expect '--horizon of nothing' 2 'is a time' "$AMANAT" analyze office --horizon never
expect 'a safe that is not there' 2 "no safe 'vault'" "$AMANAT" analyze vault
expect '5.3: --without dau: no quorum' 30 'NO QUORUM today; not counted on: dau' "$AMANAT" analyze office --without dau
expect '--without two others, who can be spared' 30 'quorum possible, head surplus 2 (min 2)' \
    "$AMANAT" analyze office --without dlp,jdc
expect '--fail order' 30 'NO QUORUM; head surplus -2 BELOW MINIMUM' \
    "$AMANAT" analyze office --fail order=F.1-1/2022
expect '... for programs: who is left' 30 '' "$AMANAT" analyze office --fail order=F.1-1/2022 --json
json '... is dgc, who holds another post' 'd["safes"][0]["today"]["eligible"] == ["dgc"]'
json '... two fewer than the quorum' 'd["safes"][0]["today"]["surplus"] == -2'
expect '--fail end-date: the same people' 30 '' "$AMANAT" analyze office --fail end-date=2022-09-28T19:00:00Z --json
json '... as by the order' 'd["safes"][0]["today"]["eligible"] == ["dgc"]'
expect '--fail line: two of one line' 30 '' "$AMANAT" analyze office --fail line=b --json
json '... are gone' 'sorted(d["safes"][0]["today"]["eligible"]) == ["dau", "dgc", "dio", "dlp", "jda"]'
expect 'X-19: --openers: any three of seven' 0 '' "$AMANAT" analyze office --openers --json
json '... 35 sets' 'len(d) == 35 and all(len(o["people"]) == 3 for o in d)'

# ---- the picture
expect '--html' 30 'any browser shows it' "$AMANAT" analyze office --html "$work/office.html"
expect '... is not written over' 2 'is there already' "$AMANAT" analyze office --html "$work/office.html"
cat >"$work/page.py" <<'PY'
import html.parser, sys
void = {'meta', 'link', 'br', 'hr', 'img', 'input', 'col', 'wbr'}
class P(html.parser.HTMLParser):
    stack, words = [], []
    def handle_starttag(self, tag, attrs):
        assert tag not in ('script', 'link', 'iframe', 'object', 'embed', 'img'), tag
        for k, v in attrs:
            assert not k.startswith('on') and k not in ('src', 'action'), k
            assert k != 'href' or (v or '').startswith('#'), v
        if tag not in void:
            self.stack.append(tag)
    def handle_endtag(self, tag):
        assert self.stack and self.stack.pop() == tag, tag
    def handle_data(self, data):
        self.words.append(data)
text = open(sys.argv[1], encoding='utf-8').read()
p = P(); p.feed(text); p.close()
assert not p.stack, p.stack
low = text.lower()
assert low.startswith('<!doctype html>')
rest = low.replace('http://www.w3.org/2000/svg', '')
assert 'http' not in rest and '<script' not in rest and 'url(' not in rest and '@import' not in rest
said = ' '.join(' '.join(p.words).split())
for w in sys.argv[2:]:
    assert w in said, w
PY
python3 "$work/page.py" "$work/office.html" office dau 'name a deputy' 2022-09-28 >"$work/out" 2>"$work/err"
result '... is one well-formed page, without script and without network' $?

# ---- scenario 3, step 2: two posts, two keys, one person
expect 'ask' 0 'r-1' as to ask office/cloud --reason 'TEST two posts'
now ${day}T08:00:00Z
expect 'S3.2: DGC approves' 0 'approved by dgc: 1 of 3' as dgc approve r-1
before=$(statements)
expect 'S3.2: as Member IT: counted once' 10 'already counted: same person.*R4.3' as dgc approve r-1
unchanged
expect 'X-1: show says 1 of 3' 0 'approved: *1 of 3: dgc' "$AMANAT" show r-1
expect 'S3.2: open' 11 'quorum not met (1 of 3)' as to open r-1
expect 'INV-2: DGC fills one place, the other stays open' 0 'still needed: *1 of dir-audit or da-nitb$' "$AMANAT" show r-1
expect 'dio' 0 '2 of 3' as dio approve r-1
expect 'S3.3: without the Director Audits in person nobody completes it' 10 'R4.4' as jda approve r-1
expect '... who does' 0 '3 of 3' as dau approve r-1
expect 'open' 0 TEST-cloud as to open r-1
# rotated, so that 'due' has nothing of it
printf TEST-cloud-2 >"$work/secret2"
printf 'TEST print of the page' >"$work/print"
must as to put office/cloud --new-version --from "$work/secret2"
for p in to dca; do must as $p rotate office/cloud --evidence "$work/print"; done

# ---- scenario 3, step 4: bound to substantive posts, and a deputy. The vault as
# it is now is kept: in it nothing was bound, for scenario 4.
cp -r "$AMANAT_VAULT" "$work/unbound" && cp -r "$XDG_STATE_HOME" "$work/state-unbound"
now 2022-03-29T04:00:00Z
motion() { sed -n '/^m-[0-9]*$/{p;q}' "$work/out"; }
motions=
move() { must "$@"; motions="$motions $(motion)"; }
hold() { move as to appoint "$1" "$2" --authority 'Establishment Division' --kind substantive --order "E.$3/2020" --from 2020-01-01 --line "$4"; }
hold dca ds-it 8 b; hold dlp dl-moitt 9 c; hold dau da-nitb 10 d; hold dio d-ops 11 e
move as to post add dep-audit --title 'Deputy Audits' --wing audit
move as to waive 5.7 office --until 2024-12-31 --reason 'TEST the other institution has been asked'
before=$(statements)
expect 'S3.4: moved, and nothing has changed yet' 30 'durable holders 1 BELOW' "$AMANAT" analyze office
unchanged
for m in $motions; do voted "$m" dgc dca jdc; done
expect 'S3.4: the objection period' 12 'R5.15' at 2022-04-01T03:59:59Z as jdc approve m-33
now 2022-04-01T04:00:00Z
for m in $motions; do expect "S3.4: $m takes effect" 0 'is in effect' as dio approve "$m"; done
motions=
hold jda dep-audit 12 f
move as to policy bind office --owner cloud
for m in $motions; do voted "$m" dgc dca jdc; done
now 2022-04-04T04:00:00Z
for m in $motions; do expect "S3.4: $m takes effect" 0 'is in effect' as dio approve "$m"; done
expect 'S3.4: no finding' 0 'no risk of lockout found' "$AMANAT" analyze office
said 'quorum possible, head surplus 4 (min 2), smallest cut 2 (min 2)'
said 'one loss locks it none'
said 'pairs that lock it dau and jda ("audit")'
said 'durable holders 6 (min 3)'
said 'later 2022-09-28 19:00 UTC (29 Sep 00:00 PKT): surplus 3, smallest cut 2; 7 appointments end (order F.1-1/2022)'
silent FINDING
expect '5.3: with a deputy no single departure locks it' 30 'quorum possible' "$AMANAT" analyze office --without dau
silent 'NO QUORUM'
copied
expect 'due: nothing of it, so long before' 0 '' "$AMANAT" due
silent 2022-09

# ---- scenario 3, step 2, with the other key, which is admitted now
must as dio approve m-9
expect 'ask' 0 'r-2' as to ask office/cloud --reason 'TEST two keys'
now 2022-04-04T08:00:00Z
expect 'S3.2: DGC approves' 0 'approved by dgc: 1 of 3' as dgc approve r-2
before=$(statements)
expect 'S3.2: the other key of DGC: counted once' 10 'already counted: same person.*R4.3' as dgc2 approve r-2
expect 'X-1: nor does it take the approval back' 10 'same person.*R4.3' as dgc2 decline r-2 --reason R
unchanged
expect 'X-1: show says 1 of 3' 0 'approved: *1 of 3: dgc' "$AMANAT" show r-2
expect 'X-1: open' 11 'quorum not met (1 of 3)' as to open r-2
for p in jda dca; do must as $p approve r-2; done
expect 'S3.4: the deputy stands for the Director Audits' 0 TEST-cloud-2 as to open r-2
rotate() { # CREDENTIAL: what was opened is changed, and two say so
	must as to put "$1" --new-version --from "$work/secret2"
	for p in to dca; do must as $p rotate "$1" --evidence "$work/print"; done
}
rotate office/cloud

# ---- analyze --at: what was true then (U-5), and what will be
for t in ${day}T04:00:00Z 2022-03-29T05:00:00Z; do
	expect "U-5: analyze --at $t" 30 'one loss locks it *dau' "$AMANAT" analyze office --at "$t"
	said 'durable holders 1 BELOW MINIMUM (min 3): dgc'
done
AMANAT_VAULT=$work/unbound XDG_STATE_HOME=$work/state-unbound \
    at 2022-03-28T12:00:00Z "$AMANAT" analyze office --json >"$work/then" 2>/dev/null
expect 'U-5: to the byte' 30 '' "$AMANAT" analyze office --at 2022-03-28T12:00:00Z --json
cmp -s "$work/out" "$work/then"; result '... as it was printed then' $?
expect 'before there was a vault' 2 'there was no vault yet' "$AMANAT" analyze office --at 2022-03-28T03:59:59Z

# ---- scenario 5: one charge lapses, the others hold on
at_lapse=2022-09-28T19:00:00Z
prove() { # TIME: all prove, so that they are counted on
	now "$1"
	must as to drill office --yes
	for p in $seven; do must as "$p" drill office; done
	must as to review office --finding 'TEST as it should be'
	for p in $seven; do must as to review --person "$p" --finding 'TEST still in post'; done
	copied
}
prove 2022-06-27T04:00:00Z
prove 2022-09-26T04:00:00Z
now 2022-09-28T05:00:00Z
expect 'O-7: analyze --at END+1d shows a quorum' 0 'quorum possible, head surplus 3 (min 2), smallest cut 2' \
    "$AMANAT" analyze office --at 2022-09-29
said 'not counted on jdc (appointment over)'
expect 'due: who will hold no post' 0 "'jdc' holds 'jdir-adapt' (order F.1-1/2022) for 7 days more" "$AMANAT" due
silent "'dca' holds"
expect 'ask on the last day' 0 'r-3' as to ask office/cloud --reason 'TEST last day' --for 72h
now 2022-09-28T18:59:59Z
for p in dau dca; do must as $p approve r-3; done
expect 'X-3: a second before the end' 0 'approved by jdc: 3 of 3' as jdc approve r-3
now $at_lapse
before=$(statements)
expect 'S5.2: 3 of 3 becomes 2 of 3' 0 'approved: *2 of 3: dau, dca' "$AMANAT" show r-3
said 'jdc: does not count'
expect '... for programs' 0 '"approved":\["dau","dca"\].*"suspended":\["jdc"\]' "$AMANAT" show r-3 --json
expect 'S5.2: open' 11 'quorum not met (2 of 3)' as to open r-3
unchanged
now 2022-09-29T04:00:00Z
expect 'S5.1: next morning' 13 'ended at 2022-09-28T19:00:00Z.*R13.7' as jdc approve r-3
said 'order'
expect 'S4.4: 29 September, the substantive posts keep the quorum' 0 'head surplus 3 (min 2), smallest cut 2' \
    "$AMANAT" analyze office
expect 'S4.4: policy explain says who could' 0 'jdc: appointment over' "$AMANAT" policy explain r-3
expect 'S5.2: another one completes it' 0 '3 of 3' as dio approve r-3
expect 'S4.4: and it opens, without a gap' 0 TEST-cloud-2 as to open r-3
rotate office/cloud

# S5.3: a late order corrects the register, and gives no power afterwards
expect 'ask' 0 'r-4' as to ask office/cloud --reason 'TEST in the gap' --for 72h
now 2022-09-29T08:00:00Z
before=$(statements)
expect 'S5.3: in the gap he approves nothing' 13 R13.7 as jdc approve r-4
[ "$(statements)" -eq $((before + 1)) ]; result '... which is in the log' $?
for p in dau dca; do must as $p approve r-4; done
order() { as to appoint jdc jdir-adapt --kind additional --authority 'Secretary MoITT' --order "$1" --from 2022-09-29 --to 2023-03-28 --line b; }
expect 'X-4: not by the same order' 10 'a new period needs a new order.*X-4' order F.1-1/2022
must order F.1-9/2022
m=$(motion)
voted "$m" dgc dca dlp
expect 'R5.15: objections for three days' 12 R5.15 as dgc approve "$m"
expect 'S5.3: until then he does not' 13 R13.7 as jdc approve r-4
now 2022-10-02T08:00:00Z
expect 'S5.3: the order takes effect' 0 'is in effect' as dio approve "$m"
expect 'S5.3: the register is right' 0 'jdir-adapt .* jdc until 2023-03-28 19:00 UTC' "$AMANAT" post list
expect 'S5.3: what was refused in the gap stays so' 0 '2 of 3: dau, dca' "$AMANAT" show r-4
expect 'S5.3: ... and r-3 still says who counted' 0 'approved: *3 of 3: dau, dca, dio' "$AMANAT" show r-3
said 'jdc: does not count'
expect 'verify: who approved in the gap did not count' 0 'r-3 office/cloud .*approved by .*dio until 2022-09-29 04:00 UTC, opened on 2022-09-29 04:00 UTC: sound' "$AMANAT" verify
expect '... and the auditor sees the attempts' 0 'R13.7' "$AMANAT" verify
# S5.4: who has no new order for half a year; jdc has one until March
now 2023-03-30T18:59:59Z
expect 'S5.4: half a year without an order, but for a second' 31 '' "$AMANAT" due
! joined | grep -q abolished; result '... is not asked about' $?
now 2023-03-30T19:00:00Z
expect 'S5.4: then: is the post abolished?' 31 "the post 'dir-adapt' since 2022-09-28: is it abolished" "$AMANAT" due
now 2022-10-02T08:00:00Z

# ---- scenario 10: one is coerced
expect 'ask' 0 'r-5' as to ask office/cloud --reason 'TEST at once, says the minister'
for p in dau jda; do
	expect "S10.1: $p sees it in time" 0 'request r-5: decline now, or approve from 2022-10-02T12:00:00Z on' "$AMANAT" me --person $p
done
copied
expect 'S10.1: all of them do' 0 '' "$AMANAT" due --json
json '... seven' 'sum("request r-5: decline now" in i["what"] for i in d) == 7'
expect 'S10.1: dca is forced; one person has no effect' 12 'R13.5' as dca approve r-5
expect 'a veto is for custodians' 10 'not a custodian' as root decline r-5 --reason R
expect 'S10.2: dca too may stop it, alone' 0 'this is a veto: the request is closed' \
    as dca decline r-5 --reason 'TEST I was not free'
now 2022-10-02T12:00:00Z
expect 'S10.2: it stays closed' 10 'vetoed' as dau approve r-5
expect 'S10.2: and opens nothing' 10 'C-4' as to open r-5
expect 'S10.2: nobody owes it any more' 0 '' "$AMANAT" me --person dau
silent 'r-5'
expect 'S10.3: who asked, and who stopped it, for ever' 0 '"request":"r-5".*TEST at once, says the minister' \
    "$AMANAT" history --format jsonl
expect 'S10.3: verify names the decline' 0 'finding: 1 decline' "$AMANAT" verify
expect 'S10: there is no hidden mode' 0 '' "$AMANAT" help --json
! grep -qi 'duress\|silent\|decoy\|panic' "$work/out"; result '... in no verb and no option' $?
expect 'S10.3: quiet without an end is not' 2 'go together' as dau incident open --cause 'TEST suspected coercion' --quiet
expect 'S10.3: quiet' 0 '^i-1$' as dau incident open --cause 'TEST suspected coercion' --quiet --until 2022-10-09
said 'sealed until 2022-10-09 19:00 UTC'
expect 'S10.3: everybody sees that there is one, and not why' 0 "cause: *sealed until 2022-10-09 19:00 UTC" "$AMANAT" incident show i-1
silent 'suspected'
expect 'S10.3: the log has its hash' 0 '"sealed":"[0-9a-f]\{64\}","token":"","until":"2022-10-09T19:00:00Z"' "$AMANAT" log
silent 'suspected'
expect 'S10.3: its clock runs as for every incident' 0 'incident i-1: first notice, 4 h left' "$AMANAT" due
now 2022-10-09T19:00:00Z
expect 'S10.3: from then on all read it' 0 'cause: *TEST suspected coercion' "$AMANAT" incident show i-1

# ---- scenario 4, in the vault in which nothing was bound to a substantive post
AMANAT_VAULT=$work/unbound
XDG_STATE_HOME=$work/state-unbound
# ends: 2022-09-28T19:00Z; 90 days before that is 2022-06-30T19:00Z
prove 2022-06-27T04:00:00Z
now 2022-06-30T19:00:00Z
copied
expect 'S4.1: due, 90 days before to the second' 0 'has no quorum from 2022-09-28T19:00:00Z on' "$AMANAT" due
now 2022-06-30T19:00:01Z
expect 'S4.1: due: 31, and what to do' 31 'OVERDUE anyone: safe .office. has no quorum from 2022-09-28T19:00:00Z on' "$AMANAT" due
said 'amanat analyze office --transition 2022-09-28'
said "'dca' holds 'dir-adapt' (order F.1-1/2022) for 90 days more at most"
fits due
expect 'S4.1: a plan for whom' 2 'needs --until' "$AMANAT" safe reshare office --plan
expect 'S4.1: safe reshare --plan --until' 0 'at most 2 a time, so 3 batches' "$AMANAT" safe reshare office --plan --until 2022-09-28
fits 'safe reshare --plan'
expect 'due --json' 31 '' "$AMANAT" due --json
is_json due
json '... seven of one day' 'sum(i["date"] == "2022-09-28T19:00:00Z" for i in d) >= 6'
expect '--transition at no day' 2 'is the last day' "$AMANAT" analyze office --transition soon
expect 'S4.1: analyze --transition: at most two a batch' 0 '6 of 7 hold nothing any more by then; at most 2 a time, so 3 batches' \
    "$AMANAT" analyze office --transition 2022-09-28
fits 'analyze --transition'
expect '... for programs' 0 '' "$AMANAT" analyze office --transition 2022-09-28 --json
is_json 'analyze --transition'
json '... two, two and two, everybody once' \
    '[len(b["leaving"]) for b in d[0]["batches"]] == [2, 2, 2] and
     sorted(sum((b["leaving"] for b in d[0]["batches"]), [])) == ["dau", "dca", "dio", "dlp", "jda", "jdc"]'
json '... all before the end, each after the one before' \
    'all(b["plan_by"] < b["prove_by"] <= "2022-09-28T19:00:00Z" for b in d[0]["batches"]) and
     [b["prove_by"] for b in d[0]["batches"]] == sorted(b["prove_by"] for b in d[0]["batches"])'
expect 'S4.1: too late to begin' 30 'LATE' at 2022-09-20T04:00:00Z "$AMANAT" analyze office --transition 2022-09-28
for p in s1 s2 s3; do key $p; must as to person add $p --name "P $p"; done
before=$(statements)
expect 'S4.2: three at once' 10 'R13.17' as dgc safe reshare office --reason R --custodians dgc,dlp,dau,dio,s1,s2,s3
unchanged

# S4.3: the extension order, by votes, with a new number
motions=
extend() { move as to appoint "$1" "$2" --kind additional --order F.1-2/2022 --authority 'Secretary MoITT' --from 2022-09-29 --to 2023-03-28 --line "$3"; }
now 2022-09-20T04:00:00Z
before=$(statements)
expect 'S4.3: the order of before extends nothing' 10 X-4 as to appoint dau dir-audit --kind additional \
    --order F.1-1/2022 --authority 'Secretary MoITT' --from 2022-09-29 --to 2023-03-28
unchanged
extend dgc dg-cloud a; extend dau dir-audit d; extend dio dir-io e; extend dlp dir-legal c
# shellcheck disable=SC2086
set -- $motions
expect 'S4.3: one vote extends nothing' 0 '1 of 3' as jda approve "$1"
expect 'S4.3: nor two' 0 '2 of 3' as jdc approve "$1"
expect 'S4.3: the analysis counts what is in force' 30 'NO QUORUM' "$AMANAT" analyze office --at 2022-09-29
for m; do voted "$m" dca; done
for m in "$2" "$3" "$4"; do voted "$m" jda jdc; done
now 2022-09-23T04:00:00Z
for m; do expect "S4.3: $m takes effect" 0 'is in effect' as dgc approve "$m"; done
prove 2022-09-26T04:00:00Z
expect 'S4.3: a quorum after the end' 30 'quorum possible, head surplus 1 BELOW MINIMUM (min 2)' "$AMANAT" analyze office --at 2022-09-29
printf TEST-cloud-2 >"$work/secret2"
now 2022-09-28T18:59:59Z
expect 'ask, a second before the end' 0 'r-2' as to ask office/cloud --reason 'TEST the gap' --for 40h
now 2022-09-29T04:00:00Z
for p in dca jda jdc; do expect "S4.4: $p, not extended" 13 'R13.7' as $p approve r-2; done
for p in dau dio dlp; do expect "S4.4: $p, by the new order" 0 '' as $p approve r-2; done
expect 'S4.4: it opens: no instant without a quorum' 0 TEST-cloud as to open r-2
expect 'S4.4: the audit shows no gap' 0 'all rules hold' "$AMANAT" verify
expect 'doctor' 0 'all as the log says' "$AMANAT" doctor

# ---- scenario 2: rescue. Its steps with subscriptions are in renewals.sh.
# Step 4: deposit, all factors rotated, before it counts as under control.
must as to person add con --name 'TEST Contractor' --kind contractor --sponsor dio --until 2022-12-31
must as dio,con token enrol con --label con
m=$(motion)
voted "$m" dau dlp dgc
now 2022-10-02T04:00:00Z
must as dgc approve "$m"
for c in tenant seed codes; do
	printf "TEST-%s-old" $c >"$work/$c.old"; printf "TEST-%s-new" $c >"$work/$c.new"
	must as con put office/$c --from "$work/$c.old" --class sensitive
done
expect 'S2: the ex-contractor leaves' 0 'must be rotated' \
    as dio depart con --effective 2022-10-02T04:00:00Z --kind contract-end --reason 'TEST ended'
expect 'S2: all factors are open' 0 '3 open' "$AMANAT" exposure --person con
for c in tenant seed codes; do
	expect "S2.4: not closed while $c is the old one" 10 "office/$c.*X-10" as dio depart con --close
	must as to put office/$c --new-version --from "$work/$c.new"
	must as to rotate office/$c --evidence "$work/print"
	expect 'S2.4: nor by the word of one' 10 X-10 as dio depart con --close
	must as dau rotate office/$c --evidence "$work/print"
done
expect 'S2.4: closed, with a certificate' 0 'is closed' as dio depart con --close
expect 'S2.4: what he knew has no use' 0 '0 open\|closed' "$AMANAT" exposure --person con
expect 'S2: and he deposits nothing more' 14 V22 as con put office/back --from "$work/tenant.old"
expect 'verify' 0 'all rules hold' "$AMANAT" verify

finish
