#!/bin/sh
# The founding story, told with software keys. Every command is printed before
# it runs, so that this reads as a tutorial. People and posts are the story's.
set -u
cd "$(dirname "$0")/../.." || exit 1
repo=$PWD
. tests/lib.sh
cd "$work" || exit 1

title() { printf '\n== %s\n' "$*"; }
tell() { printf '   %s\n' "$@" | sed 's/ *$//'; }
fail() { echo "demo: $*" >&2; exit 1; }

# typed LINE WORD...: the command as one would type it, in 80 columns.
typed() {
	typed_line=$1; shift
	for typed_w; do
		case $typed_w in
		*[!A-Za-z0-9./=,:@_-]*) typed_w="'$typed_w'" ;;
		esac
		if [ $((${#typed_line} + ${#typed_w})) -gt 76 ]; then
			printf '%s \\\n' "$typed_line"
			typed_line="   "
		fi
		typed_line="$typed_line $typed_w"
	done
	printf '%s\n' "$typed_line"
}

# show NAME[,NAME] VERB...: prints the command and runs it.
show() {
	show_as=$1; shift
	echo
	typed "$show_as\$ amanat" "$@"
	as "$show_as" "$@" 2>&1
}
must() { show "$@" || fail "that should have worked"; }
# must_fail STATUS NAME VERB...
must_fail() {
	want=$1; shift
	show "$@"
	got=$?
	[ $got -eq "$want" ] || fail "expected exit $want, got $got"
	tell "(exit $got)"
}

title 'An agency pays for the tablets of its cabinet. Who holds the account?'
tell 'A contractor does. Before he leaves, his accounts go into escrow.'
tell 'Each person has a FIDO2 key with a PIN. Here the keys are software, so' \
    'the vault is marked for evaluation, for ever.' '' \
    'In front of each $ stands whose key is plugged in. Not shown: --token,' \
    'which names the software key, and --pin-fd, which passes its PIN; with' \
    'real keys neither is needed. AMANAT_VAULT names the vault. Lines that' \
    'begin with NOW wait for a touch; software keys touch themselves.'
for k in founder secretary audit legal finance it hamid zara; do key $k; done

title 'The founder makes the vault and enters the people'
tell 'Every step is a statement, signed by a touch of the key, in one log.'
must founder init --name 'Cabinet tablets' --rp-id vault.agency.example \
    --evaluation --founder founder --founder-name 'Deputy Secretary (Admin)'
must founder person add secretary --name 'Secretary'
must founder person add audit --name 'Director Audit'
must founder person add legal --name 'Legal Adviser'
must founder person add finance --name 'Finance Officer'
must founder person add it --name 'Head of IT'
must founder person add zara --name 'Zara, Renewal Officer'
must founder person add hamid --name 'Hamid, contractor' --kind contractor \
    --sponsor it --until 2099-12-31

title 'Each new key is enrolled beside the key of the founder'
tell 'It is tested first: it must want its PIN, and give the same secret' \
    'twice, or a share locked with it would be lost. Then the founder admits it.'
for p in secretary audit legal finance it zara hamid; do
	must "founder,$p" token enrol $p --label "$p-blue"
done
must founder person list

title 'Five officials set up a safe that any three of them can open'
tell 'All five at once is refused: one lost key would lock everybody out.'
must_fail 10 founder safe create mdm --level enhanced --quorum 5 \
    --custodians secretary,audit,legal,finance,it
must founder safe create mdm --level enhanced --quorum 3 \
    --custodians secretary,audit,legal,finance,it
echo
tell 'Each runs the same command three times, to join, to deal, to accept.' \
    'So the key of the safe is born in five shares: nobody ever holds it whole.'
for step in join deal accept; do
	for p in secretary audit legal finance it; do
		must $p safe join mdm
	done
done
must founder safe status mdm

title 'The contractor deposits what he has'
tell 'Sealing needs one touch and nobody else: depositing must be easy.'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj '/CN=TEST mdm admin' -days 30 -keyout admin.key -out admin.pem \
    2>/dev/null || fail 'openssl cannot make a key'
echo 'TEST-correct-horse-battery' >login
echo 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' >totp
must hamid put mdm/admin-login --class sensitive --type login \
    --user hamid@contractor.example --url https://mdm.vendor.example --from login
must hamid put mdm/admin-totp --class sensitive --type totp --from totp
must hamid put mdm/admin-tls --class sensitive --type private-key --from admin.key
rm -f login totp admin.key
must hamid list mdm
echo
tell 'He can put things in. He can never read them back:'
must_fail 10 hamid ask mdm/admin-tls --reason 'I want to check something'

title 'The contractor is gone. The renewal falls due'
tell 'The renewal officer asks, says why, and reads eight words to the' \
    'officials. They see the same words before they touch their keys, so' \
    'nobody can slip another request under the hand of an official.'
must zara ask mdm/admin-tls --reason 'Renew the tablet subscription before 31 March' \
    --ticket 'F.1-7/2026' --for 4h
must secretary approve r-1
must audit approve r-1
echo
tell 'Two of five are not enough:'
must_fail 11 zara open r-1 --output opened.key
must legal approve r-1
must zara open r-1 --output opened.key

title 'Does the opened key work? openssl compares it with its certificate'
printf '\n$ openssl x509 -in admin.pem -noout -pubkey >certificate-key\n'
printf '$ openssl pkey -in opened.key -pubout | cmp - certificate-key\n'
openssl x509 -in admin.pem -noout -pubkey >certificate-key
openssl pkey -in opened.key -pubout | cmp - certificate-key ||
    fail 'the opened key is not the one of the certificate'
tell 'It is the key of the certificate.'

title 'Who saw what, when, why'
tell 'The export holds no secret. Anyone can check it on another machine,' \
    'without a key: every signature, every proof, every rule.'
must zara history
must zara export history
printf '\n$ amanat verify history\n'
"$AMANAT" verify history || fail 'the history should be sound'

title 'A stranger changes one byte of the history'
printf '\n$ cp -r history forged         (and one letter in it is changed)\n'
cp -r history forged
at=$(grep -b -o -m 1 'Renew the' forged/log.jsonl | head -n 1 | cut -d: -f1)
printf 'X' | dd of=forged/log.jsonl bs=1 seek="$at" conv=notrunc 2>/dev/null
printf '$ amanat verify forged\n'
"$AMANAT" verify forged
[ $? -eq 20 ] || fail 'the forgery was not caught'
tell '(exit 20)'

title 'The Legal Adviser has died. Any one colleague records it'
tell 'From that moment the key of the dead signs nothing, and nothing is' \
    'destroyed: three of the four who remain still open the safe. A new' \
    'committee is planned when the successor is there; hence --no-plan.'
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
must secretary depart legal --effective "$now" --kind deceased \
    --reason 'Letter of the family' --no-plan
must_fail 14 legal ask mdm/admin-tls --reason 'Who holds the returned key?'

title 'The Director Audit has a second key, and loses the first'
tell 'A further key is enrolled beside one of the same person. The founder' \
    'decides alone no longer: three custodians vote.'
key audit-2
must audit,audit-2 token enrol audit --label audit-red
vote=$("$AMANAT" motions 2>/dev/null | sed -n 's/^\(m-[0-9]*\) .*/\1/p')
for p in secretary finance it; do must $p approve "$vote"; done
tell '' 'The key that is lost is suspended by whoever hears of it first:'
must secretary lost audit-blue
must_fail 14 audit put mdm/spare-code --from admin.pem
must audit-2 put mdm/spare-code --from admin.pem

title 'The contractor goes. Everything that he knew is changed'
tell 'He deposited three credentials, so he knows them. Each is changed at the' \
    'vendor; two people say so, with the same evidence.'
must secretary depart hamid --effective "$now" --kind contract-end \
    --reason 'Contract 7/2025 ends'
must_fail 10 secretary depart hamid --close
echo 'TEST page of the vendor: three changed' >evidence
echo 'TEST-new-battery-staple' >new
for c in login totp tls; do
	must it put mdm/admin-$c --new-version --from new
	must it rotate mdm/admin-$c --evidence evidence
	must finance rotate mdm/admin-$c --evidence evidence
done
rm -f new
must secretary depart hamid --close
must secretary depart hamid --certificate

title 'A new Legal Adviser, and a new committee for the safe'
tell 'The new official is admitted by votes, as every key is from now on.'
key law
must secretary person add law --name 'Legal Adviser (new)'
must secretary,law token enrol law --label law-blue
vote=$("$AMANAT" motions 2>/dev/null | sed -n 's/^\(m-[0-9]*\) .*/\1/p')
for p in secretary finance it; do must $p approve "$vote"; done
tell '' 'A plan of a new committee. Until its last step the old one works.'
must secretary safe reshare mdm --custodians secretary,audit,law,finance,it \
    --reason 'The Legal Adviser has died'
echo
tell 'Each types the same command until nothing is owed: to join, to deal, to' \
    'accept, to erase. The credentials are not touched; the key of the safe' \
    'stays, and nobody held it whole.'
for step in join deal accept; do
	for p in secretary audit-2 law finance it; do must $p safe join mdm; done
done
for p in secretary audit-2 finance it; do must $p safe join mdm; done
must secretary safe status mdm
must secretary depart legal --close

title 'The new committee opens what was sealed for the old one'
must zara ask mdm/admin-login --reason 'Renew the tablet subscription' \
    --ticket 'F.1-9/2026' --for 4h
tell '' 'The key of the dead came back in an envelope. It opens nothing:'
must_fail 14 legal approve r-2
for p in audit-2 law finance; do must $p approve r-2; done
must zara open r-2 --output opened.login
must zara history
must zara export history-2
printf '\n$ amanat verify history-2\n'
"$AMANAT" verify history-2 || fail 'the history should be sound'

# ---- the second story: an office whose appointments all end on one day
cd "$repo" || exit 1
. tests/demo/office.sh

# ---- the third: the renewal, from six months before
cd "$repo" || exit 1
. tests/demo/renewal.sh

title 'The end: deposited, approved, opened, proven to anyone; people went,'
tell 'keys were lost, orders will end, and the agency knows it in time'
