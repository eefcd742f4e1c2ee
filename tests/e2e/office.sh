#!/bin/sh
# Posts, appointments, levels: who may decide what, and until when. domain.md,
# scenarios 3, 5 and 10, and X-1 to X-5, X-8, X-14, C-4, C-9. Refusals first.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh

# Each call at its own instant: at TIME COMMAND...
at() { AMANAT_NOW=$1; export AMANAT_NOW; shift; "$@"; }
statements() { "$AMANAT" log 2>/dev/null | wc -l; }
unchanged() { [ "$(statements)" -eq "$before" ]; result "... and nothing was written" $?; }
said() { joined | grep -q -- "$1"; result "... $1" $?; }
day=2022-03-28
AMANAT_NOW=${day}T04:00:00Z
export AMANAT_NOW

must() { "$@" >"$work/out" 2>"$work/err" </dev/null || { cat "$work/out" "$work/err"; echo "Bail out! $*"; exit 1; }; }

people='dau dca dio dlp jda'
# shellcheck disable=SC2086
for k in root to $people; do key $k; done
{
	as root init --name TEST --rp-id v.example --evaluation --founder root &&
	for p in to $people; do
		as root person add "$p" --name "P $p" &&
		    as "root,$p" token enrol "$p" --label "$p" || exit 1
	done
} >"$work/founded" 2>&1 || { cat "$work/founded"; echo 'Bail out! no vault'; exit 1; }

# ---- posts and appointments, while the founder decides (X-2, X-4)
before=$(statements)
appoint() { p=$1 post=$2; shift 2; as root appoint "$p" "$post" --authority 'Secretary MoITT' "$@"; }
expect 'a post has a title' 2 'needs --title' as root post add dir-io
expect 'no posts yet' 0 'no posts' "$AMANAT" post list
expect 'nobody is appointed to a post that is not there' 2 "no post 'dir-io'" \
    appoint dio dir-io --kind substantive --order 1 --from $day
unchanged
expect 'post add' 0 "in effect: make the post 'dir-io' (Director IO), wing ops" \
    as root post add dir-io --title 'Director IO' --wing ops
fits 'post add'
expect 'a post is made once' 2 "a post 'dir-io' exists" as root post add dir-io --title X
for post in jdir-io:ops dir-audit:audit jdir-audit:audit dir-legal:legal; do
	as root post add "${post%:*}" --title "Post ${post%:*}" --wing "${post#*:}" >/dev/null 2>&1
done
before=$(statements)
expect 'X-2: a kind is needed' 2 'needs --kind.*X-2' appoint dio dir-io --order 1 --from $day
expect 'X-2: an order' 2 'needs --order.*X-2' appoint dio dir-io --kind substantive --from $day
expect 'X-2: a beginning' 2 'needs --from.*X-2' appoint dio dir-io --kind substantive --order 1
expect 'X-2: an authority' 2 'needs --authority.*X-2' \
    as root appoint dio dir-io --kind substantive --order 1 --from $day
expect 'X-2: an end, unless it is substantive' 2 '--to is missing.*X-2' \
    appoint dio dir-io --kind additional --order F.1 --from $day
expect 'X-2: a kind that there is' 2 'look-after.*X-2' \
    appoint dio dir-io --kind honorary --order F.1 --from $day --to 2022-09-28
expect 'X-2: the end comes after the beginning' 2 'ends after it begins.*X-2' \
    appoint dio dir-io --kind acting --order F.1 --from $day --to 2022-03-01
expect 'a date that is none' 2 'not .2022-13-01' \
    appoint dio dir-io --kind acting --order F.1 --from 2022-13-01 --to 2022-09-28
unchanged
expect 'an interim post' 0 "until 2022-09-28 19:00 UTC" \
    appoint dio dir-io --kind additional --order F.1-1/2022 --from $day --to 2022-09-28
fits 'appoint'
expect 'X-4: the same order gives no second period' 10 'a new period needs a new order.*X-4' \
    appoint dio dir-io --kind additional --order F.1-1/2022 --from 2022-09-29 --to 2023-03-28
interim() { appoint "$1" "$2" --kind additional --order F.1-1/2022 --from $day --to 2022-09-28 --line "$3" >/dev/null 2>&1; }
interim dca jdir-io b; interim dau dir-audit c; interim jda jdir-audit c; interim dlp dir-legal d
expect 'post list' 0 'dir-audit  *audit  *Post dir-audit  *dau until' "$AMANAT" post list
fits 'post list'
expect 'post list --json' 0 '"id":"dir-io","title":"Director IO","wing":"ops","held_by":"dio until' "$AMANAT" post list --json
is_json 'post list'

# ---- a policy in force, a safe, and its rules
expect 'a policy that does not exist' 1 "cannot read" as root policy propose nowhere.yaml
sed 's/quorum_k: 3/quorum_k: 0/' policy/levels.yaml >"$work/zero.yaml"
expect 'zero approvals are no policy' 40 'line' as root policy propose "$work/zero.yaml"
expect 'binding comes after the policy' 2 "no safe 'office'" as root policy bind office --owner ops
expect 'policy propose' 0 'in effect: put version 1 of the policy in force' as root policy propose
fits 'policy propose'
expect 'O-1: the same version again' 21 'a change has a higher one.*O-1' as root policy propose
expect 'policy show prints what is in force' 0 '^format: amanat-policy' "$AMANAT" policy show
cmp -s "$work/out" policy/levels.yaml; result '... byte for byte' $?
expect 'X-8: a committee below its level' 10 'X-8' \
    as root safe create office --level enhanced --quorum 3 --custodians dau,dca,dio,dlp
expect 'X-5: k = n' 10 'R5.1' as root safe create office --level enhanced --quorum 3 --custodians dau,dca,dio
expect 'safe create, and who is to enrol a key first' 0 'CAREFUL: level enhanced asks for keys, and places of keys, before somebody joins: .*dau has 1 of 2 keys' \
    as root safe create office --level enhanced --quorum 3 --custodians dau,dca,dio,dlp,jda
fits 'safe create'
expect 'policy bind needs an owner' 2 'comes with --owner' as root policy bind office
expect 'an owner that holds no post' 40 'somebody of wing finance' as root policy bind office --owner finance
expect 'policy bind' 0 '3 persons approve, 1 of dir-io or jdir-io, 1 of dir-audit or jdir-audit' \
    as root policy bind office --owner ops
fits 'policy bind'

# ---- C-2: who comes in has two keys, at two places
before=$(statements)
expect 'C-2: one key is too few' 10 'asks each custodian for 2 keys, and .dau. has 1 .*token enrol dau .*C-2' \
    as dau safe join office
fits 'one key'
! joined | grep -q NOW; result '... and no touch was asked for' $?
unchanged
must two_keys root '' dau
must as root token place dau-2 'DAU AT WORK'
before=$(statements)
expect 'C-2: two keys at one place' 10 'at 2 places, and those of .dau. .* at 1; next: amanat token place.*C-2' \
    as dau safe join office
fits 'one place'
expect 'a place is said of a key' 2 "no key labelled 'none'" as dau token place none HQ
expect 'a place is a text' 2 'without a blank at its ends.*C-2' as dau token place dau-2 ''
expect '... of one line' 2 'R2.10' as dau token place dau-2 "$(printf 'a\tb')"
expect '... and short' 2 'C-2' as dau token place dau-2 "$(printf '%065d' 0)"
unchanged
expect 'token place' 0 "the key 'dau-2' of 'dau' is kept at: HQ safe 2" as to token place dau-2 'HQ safe 2'
fits 'token place'
expect 'token place --json' 0 '{"key":"dau-2","person":"dau","place":"HQ safe 2"}' as dau token place dau-2 'HQ safe 2' --json
is_json 'token place'
expect 'token list has it' 0 'dau-2 *dau *active .* HQ safe 2$' "$AMANAT" token list
expect '... for programs' 0 '"label":"dau-2",.*"place":"HQ safe 2"' "$AMANAT" token list --json
expect 'person show has it' 0 'dau-2, active, at HQ safe 2' "$AMANAT" person show dau
expect 'me has it' 0 'key: *dau-2, at HQ safe 2' "$AMANAT" me --person dau
expect '... for programs' 0 '"keys":\["dau","dau-2"\],.*"key_places":\["dau at work","HQ safe 2"\]' "$AMANAT" me --person dau --json
expect 'analyze names who has fewer' 30 'dca has 1 key in use (level asks 2): .*token enrol dca' "$AMANAT" analyze office
fits 'few keys'
! joined | grep -q 'dau has'; result '... and nobody else' $?
expect '... for programs' 30 '"kind":"few-keys"' "$AMANAT" analyze office --json
expect 'dau joins' 0 'you have joined' as dau safe join office
must two_keys root '' dio
# scenario 9: a level asks for 8 characters of a PIN; these have 7
pin() { case $1 in short-*) echo TEST-7c ;; *) echo "TEST-$1-4711" ;; esac; }
for p in to dlp; do key short-$p; must as "root,$p,short-$p" token enrol "$p" --label "short-$p"; done
before=$(statements)
expect 'S9: a PIN that is too short for the level' 14 'enhanced, which asks for a PIN of 8 characters.*fido2-token -C' \
    as short-dlp safe join office
fits 'a short PIN'
! joined | grep -q NOW; result '... and no touch was asked for' $?
unchanged
expect 'a waiver, in words' 0 "accept that custodians of safe 'office' have fewer keys, or places of keys, than its level asks" \
    as root waive C-2 office --until 2022-04-02 --reason 'keys are on order'
for p in $people; do must as "$p" safe join office; done
for step in deal accept; do for p in $people; do must as "$p" safe join office; done; done
expect 'a waiver is no finding, and stands there' 30 'waived *C-2 office until 2022-04-02' "$AMANAT" analyze office
! joined | grep -q 'in use (level'; result '... and is one line for all' $?
copied
expect 'until its end' 0 '2022-04-02 19:00 UTC dca: .*you have 1 key in use, and level enhanced asks for 2' \
    "$AMANAT" due --at 2022-04-01
expect '... and then it is overdue' 31 '2022-04-02 19:00 UTC OVERDUE dca: .*next: amanat token enrol dca' \
    "$AMANAT" due --at 2022-04-03
! joined | grep -q 'd[ia][ou]: .*in use'; result '... for nobody else' $?
put() { printf TEST-secret | as to put "office/$1" --from /dev/stdin --type note --class "$2"; }
expect 'X-14: secret does not fit into enhanced' 10 'X-14' put nuclear secret
expect 'put' 0 '' put mail sensitive
reach() { c=$1; shift; printf TEST-secret | as to put "office/$c" --from /dev/stdin "$@"; }
before=$(statements)
expect 'X-14: a class that is none' 2 'X-14' reach mdm --class public --reach cosmic
expect 'X-14: by what it reaches' 10 'class secret belongs into a safe of level maximum.*X-14' reach mdm --class public --reach secret
expect 'X-14: it can reset what is not there' 2 "no credential 'office/nothing'" reach box --class public --can-reset office/nothing
unchanged
expect 'X-14: what resets mail is as high as mail' 0 '' reach box --class public --can-reset office/mail
expect 'show says so' 0 'class:  *public, by what it reaches sensitive' "$AMANAT" show office/box
expect 'X-14: a new version inherits it' 0 '' reach box --new-version
expect '...' 0 'public, by what it reaches sensitive' "$AMANAT" show office/box
expect 'X-14: lowering it is for a quorum' 10 "waiver of 'X-14 office/mail'" reach mail --new-version --class open

# ---- a request: cool-off, required posts, no dead end, veto (C-4, R4.4, R13.5)
expect 'R13.5: shorter than the cool-off' 2 'cool-off of this safe is 4 hours' \
    as to ask office/mail --reason TEST --for 2h
expect 'ask' 0 'cool-off runs until 2022-03-28 08:00 UTC' as to ask office/mail --reason TEST
fits 'ask'
expect 'show: what is still needed' 0 'still needed:  *1 of dir-io or jdir-io; 1 of dir-audit or jdir-audit' "$AMANAT" show r-1
said 'now cooling off'
fits 'show'
before=$(statements)
expect 'R13.5: nobody approves before it is over' 12 'runs until 2022-03-28T08:00:00Z.*R13.5' as dau approve r-1
expect '... a second before' 12 'R13.5' at 2022-03-28T07:59:59Z as dau approve r-1
unchanged
expect 'approve' 0 'approved by dau: 1 of 3' at 2022-03-28T08:00:00Z as dau approve r-1
expect 'X-1: once a person' 10 'already counted: same person' at 2022-03-28T08:01:00Z as dau approve r-1
expect 'the second of a wing may' 0 'approved by jda: 2 of 3' at 2022-03-28T08:01:00Z as jda approve r-1
before=$(statements)
expect 'R4.4: legal as the third would leave the owner out' 10 'required could not.*R4.4' \
    at 2022-03-28T08:02:00Z as dlp approve r-1
expect 'S9: nor does it approve' 14 'a PIN of 8 characters' at 2022-03-28T08:02:00Z as short-dlp approve r-1
expect 'open too early' 11 'quorum not met (2 of 3)' at 2022-03-28T08:02:00Z as to open r-1
unchanged
expect 'the owner completes it' 0 "next: to runs 'amanat open r-1'" at 2022-03-28T08:03:00Z as dio approve r-1
expect 'the grant of the level is four hours' 11 'older than the grant lasts (4 hours)' \
    at 2022-03-28T12:03:01Z as to open r-1
expect 'S9: nor open' 14 'a PIN of 8 characters' at 2022-03-28T12:03:00Z as short-to open r-1
expect 'open' 0 'TEST-secret' at 2022-03-28T12:03:00Z as to open r-1
expect 'and again, while the grant lasts' 0 'TEST-secret' at 2022-03-28T12:03:00Z as to open r-1
expect 'not after it' 10 'the grant of this request has ended' at 2022-03-28T12:04:00Z as to open r-1

# ---- scenario 10: one is coerced, another one says no (C-4)
AMANAT_NOW=2022-03-29T04:00:00Z
expect 'ask' 0 'r-2' as to ask office/mail --reason 'TEST urgent'
expect 'S10.1: DCA is forced, and the vault waits' 12 'R13.5' at 2022-03-29T05:00:00Z as dca approve r-2
expect 'S10.2: another one declines: a veto' 0 'this is a veto: the request is closed' \
    at 2022-03-29T05:30:00Z as dlp decline r-2 --reason 'did not know the voice'
fits 'a veto'
expect 'approving it is over' 10 'vetoed' at 2022-03-29T09:00:00Z as dca approve r-2
expect 'S10.2: and it opens nothing' 10 'closed by a veto.*C-4' at 2022-03-29T09:00:00Z as to open r-2
expect 'show says so' 0 'now vetoed' "$AMANAT" show r-2
AMANAT_NOW=2022-03-30T04:00:00Z
expect 'ask' 0 'r-3' as to ask office/mail --reason TEST
expect 'after the cool-off a decline is a no and not a veto' 0 'declined by dlp; your reason is in the log$' \
    at 2022-03-30T08:00:00Z as dlp decline r-3 --reason 'not now'
expect '... the others go on' 0 'approved by dca: 1 of 3' at 2022-03-30T08:01:00Z as dca approve r-3

# ---- absences (C-9)
AMANAT_NOW=2022-04-01T04:00:00Z
before=$(statements)
expect 'an absence has an end' 2 'needs --to' as dio absent
expect '... in the future' 2 'ends after it begins, in the future' as dio absent --to 2022-03-31
expect 'who is not away is not back' 2 'not recorded absent' as dio absent --end
unchanged
expect 'absent' 0 "'dca' is recorded absent until 2022-04-10 19:00 UTC" as dio absent dca --to 2022-04-10 --reason leave
fits 'absent'
expect 'ask' 0 'r-4' as to ask office/mail --reason TEST
expect 'C-9: who is away does not approve' 10 "'amanat absent --end' says that you are back" \
    at 2022-04-01T08:00:00Z as dca approve r-4
expect 'only they end it' 2 'not recorded absent' at 2022-04-01T08:00:00Z as dio absent --end
expect 'absent --end' 0 'dca is back' at 2022-04-01T08:01:00Z as dca absent --end
expect '... and approves' 0 '1 of 3' at 2022-04-01T08:02:00Z as dca approve r-4

# ---- scenario 5: a charge lapses without an order (X-3, X-4)
AMANAT_NOW=2022-09-28T05:00:00Z
expect 'ask on the last day' 0 'r-5' as to ask office/mail --reason 'TEST last day' --for 40h
expect 'dau approves' 0 '1 of 3' at 2022-09-28T09:00:00Z as dau approve r-5
expect 'dio approves' 0 '2 of 3' at 2022-09-28T09:01:00Z as dio approve r-5
expect 'X-3: a second before the end it counts' 0 '3 of 3' at 2022-09-28T18:59:59Z as dca approve r-5
before=$(statements)
expect 'S5.2: at the end the approvals lapse' 11 'quorum not met (0 of 3)' at 2022-09-28T19:00:00Z as to open r-5
expect 'S5.1: 13, with the day' 13 "ended at 2022-09-28T19:00:00Z.*R13.7" at 2022-09-28T19:00:00Z as dlp approve r-5
fits 'an appointment that has ended'
expect 'show says why' 0 'appointment over since' at 2022-09-29T04:00:00Z "$AMANAT" show r-5
fits 'show'
expect 'nor does anybody ask for the policy' 13 'R13.7' at 2022-09-29T04:00:00Z as dio waive X-8 office --until 2023-01-01 --reason R
AMANAT_NOW=2022-10-08T04:00:00Z
expect 'S5.3: nobody enters their own order' 13 'leaves a part in entering the orders of others' \
    as dau appoint dau dir-audit --kind additional --order F.2/2022 --authority 'Secretary MoITT' --from 2022-09-29 --to 2023-03-28
expect 'S5.3: ten days later, the others do' 0 '^m-' \
    as dca appoint dau dir-audit --kind additional --order F.2/2022 --authority 'Secretary MoITT' --from 2022-09-29 --to 2023-03-28
m=$(head -n 1 "$work/out")
expect 'the order is voted on' 0 "appoint 'dau'" "$AMANAT" show "$m"
fits 'a motion to appoint'
for p in dca dio; do expect "$p votes" 0 'has voted' as $p approve "$m"; done
expect 'the objection period is 72 hours' 0 'objections are heard until 2022-10-11 04:00 UTC' as dlp approve "$m"
fits 'an objection period'
expect 'R5.15: not before' 12 'R5.15' at 2022-10-11T03:59:59Z as dlp approve "$m"
expect 'then anyone puts it into effect' 0 'is in effect' at 2022-10-11T04:00:00Z as jda approve "$m"
AMANAT_NOW=2022-10-11T05:00:00Z
expect 'S5.3: he acts again' 0 'r-6' as to ask office/mail --reason TEST
expect '... from the entry on' 0 '1 of 3' at 2022-10-11T09:00:00Z as dau approve r-6
expect 'dio does not' 13 'R13.7' at 2022-10-11T09:00:00Z as dio approve r-6

must as dau --yes drill office
before=$(statements)
expect 'S9: nor prove that it opens a share' 14 'a PIN of 8 characters' as short-dlp drill office
unchanged

# ---- who can open at all, whatever the rules say (X-19)
expect 'X-19: every set of people who can open' 0 'office  operating  dau, dca and dio' "$AMANAT" analyze office --openers
[ "$(wc -l <"$work/out")" -eq 10 ]; result '... all of them: 3 of 5' $?

# ---- the auditor sees the same
expect 'verify' 0 '' "$AMANAT" verify
expect 'export' 0 '' "$AMANAT" export "$work/bundle"
expect 'verify the bundle' 0 '' env -u AMANAT_VAULT "$AMANAT" verify "$work/bundle"
expect 'doctor --rebuild' 0 '' "$AMANAT" doctor --rebuild

finish
