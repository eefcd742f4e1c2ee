# The third story of the demo: the renewal of the tablet subscription, from six
# months before the decision. domain.md, scenario 1. Sourced by run.sh, after
# its functions.

title 'The next renewal: six months before, somebody has to decide'
tell 'The same tablets, told from the side of the renewal officer. Vendors,' \
    'dates and orders are the story'\''s.'
cd "$work" || exit 1
AMANAT_VAULT=$work/renewals AMANAT_NOW=2021-04-15T04:00:00Z
export AMANAT_VAULT AMANAT_NOW
owner=eoffice deputy=infra tech=technical
for k in head $owner $deputy $tech money watch; do key $k; done
quiet head init --name 'Cabinet tablets' --rp-id vault.agency.example \
    --evaluation --founder head --founder-name 'Head of the agency'
for p in $owner $deputy $tech money watch; do
	quiet head person add $p --name "Officer $p"
	quiet "head,$p" token enrol $p --label $p-key
done
quiet head person add hamid --name 'Hamid, contractor' --kind contractor \
    --sponsor $deputy --until 2021-08-31
holds() { # PERSON POST TITLE
	quiet head post add "$2" --title "$3"
	quiet head appoint "$1" "$2" --kind substantive --order "E.$2" \
	    --authority Establishment --from 2020-07-01
}
holds $owner dir-eoffice 'Director e-Office'
holds $deputy dir-io 'Director Infrastructure'
holds $tech officer-mdm 'Technical Officer'
holds money dir-finance 'Director Finance'
holds head chief 'Head of the agency'
quiet head safe create cabinet --level intermediate --quorum 2 \
    --custodians $deputy,money,watch
for step in join deal accept; do
	for p in $deputy money watch; do quiet $p safe join cabinet; done
done
echo 'TEST-vendor-password' >login
quiet $tech put cabinet/mdm-admin --class sensitive --type login --from login
rm -f login
echo 'TEST order, signed and scanned' >order.pdf
echo "TEST print of the vendor's page" >page.png
tell '(Not shown: six officers, their keys and posts, a safe of three that any' \
    'two open, and the password of the account in it.)'

title 'A subscription is a file that anyone can read'
cat >agency.yaml <<'YAML'
id: agency
name: Cabinet Agency
mailboxes: [mdm@agency.example]
holidays: [2021-08-14]
surrender: 04-30
YAML
cat >mdm.yaml <<'YAML'
id: mdm
name: e-Cabinet tablets
purpose: device management of the tablets
class: sensitive
reach: sensitive
vendor: TEST First Vendor
contract: PO-2021-17
type: new
start: 2021-04-15
end: 2022-04-15
renews: no
notice: 0d
procurement: 90d
price: "1,000,000"
currency: PKR
payment: po
budget_head: A03805
fiscal_year: 2021-22
owner: hamid
deputy: dir-io
technical: officer-mdm
budget: dir-finance
escalation: chief
account_holder: Cabinet Agency
customer: T-4711
mailbox: mdm.cabinet@gmail.com
recovery_phone: token infra-key
administrators: [officer-mdm]
administrators_checked: 2021-04-15
vendor_recovery: letter of the head of the agency
vendor_contacts: [sales@first.example, support@first.example]
ownership_test: 2021-04-15
origin: IN
ultimate_owner: IN
developer: IN
data_location: PK
due_diligence: 2021-03-01
due_diligence_hash: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
handover: see file F.1-1
credentials: [cabinet/mdm-admin]
YAML
must head sub entity agency.yaml
tell '' 'As the contractor had set it up, it is not taken:'
must_fail 40 $owner sub add mdm.yaml
sed -i -e 's/^owner:.*/owner: dir-eoffice/' \
    -e 's/^mailbox:.*/mailbox: mdm@agency.example/' mdm.yaml
must $owner sub add mdm.yaml
must $owner sub renew mdm --step active --order PO-2021-17 --evidence order.pdf

title 'Three months on, a list of countries is put in force by a quorum'
AMANAT_NOW=2021-07-01T04:00:00Z
must head sub deny 3 IN,IL --reason 'Order F.9/2021'
quiet $deputy approve "$("$AMANAT" motions 2>/dev/null | sed -n 's/^\(m-[0-9]*\) .*/\1/p' | tail -n 1)"
quiet money approve "$("$AMANAT" motions 2>/dev/null | sed -n 's/^\(m-[0-9]*\) .*/\1/p' | tail -n 1)"
tell '(Not shown: two custodians approve.)'

title '180 days before the decision: the timer tells the owner, who is on leave'
AMANAT_NOW=2021-07-19T05:00:00Z
must $owner absent --from 2021-07-18 --to 2021-08-20 --reason 'annual leave'
must $owner remind
tell '' 'Nobody answers. A week later it is for the deputy:'
AMANAT_NOW=2021-07-26T05:00:00Z
must $owner remind
must $deputy sub ack mdm
tell '' 'And could those of that day open the password that a renewal needs?'
must_fail 30 $owner sub list
must_fail 31 $owner due
proved() { for p in $deputy money watch $deputy; do quiet $p drill cabinet --yes; done; }
proved
tell '' '(Not shown: the three custodians prove that their keys open their' \
    'shares.) Now they could:'
must $owner sub list

title 'The vendor comes from a country on the list: no renewal'
AMANAT_NOW=2021-11-02T05:00:00Z
must_fail 10 $owner sub renew mdm --step decision --choice renew --evidence order.pdf
must $owner sub renew mdm --step decision --choice replace --evidence order.pdf
must $owner sub renew mdm --step replacing --order PO-2022-3 --evidence order.pdf

title 'What replaces it is entered, tested by two people, and in force'
AMANAT_NOW=2022-02-10T05:00:00Z
sed -e 's/^id:.*/id: mdm2/' -e 's/First Vendor/Second Vendor/' \
    -e 's/first\.example/second.example/g' \
    -e 's/^start:.*/start: 2022-04-01/' -e 's/^end:.*/end: 2023-03-31/' \
    -e 's/^contract:.*/contract: PO-2022-3/' \
    -e 's/: IN$/: DE/' mdm.yaml >mdm2.yaml
must $owner sub add mdm2.yaml
must $owner sub renew mdm2 --step active --order PO-2022-3 --evidence order.pdf
AMANAT_NOW=2022-04-14T05:00:00Z
must_fail 10 $owner sub renew mdm --step verified --evidence page.png
for p in $tech $deputy; do must $p sub test mdm --evidence page.png; done
must $owner sub renew mdm --step verified --evidence page.png
must $owner sub close mdm --order 'proof of deletion 1' --end 2022-04-15 \
    --evidence page.png

title 'A year later it is renewed, with the same care'
AMANAT_NOW=2022-12-01T05:00:00Z
must $owner sub renew mdm2 --step decision --choice renew --evidence order.pdf
must $owner sub renew mdm2 --step renewing --order PO-2023-1 --evidence order.pdf
for p in $tech $deputy; do quiet $p sub test mdm2 --evidence page.png; done
tell '(Not shown: two officers log in at the vendor, and sign that they did.)'
must $owner sub renew mdm2 --step verified --evidence page.png
must $owner sub renew mdm2 --step active --order PO-2023-1 --for 12m \
    --evidence order.pdf

title 'The year to look at'
proved
also() { # ID NAME END: in force until then
	sed -e "s/^id:.*/id: $1/" -e "s/^name:.*/name: $2/" -e "s/^end:.*/end: $3/" \
	    mdm2.yaml >also.yaml
	quiet $owner sub add also.yaml
	quiet $owner sub renew "$1" --step active --order PO-2022-3 --evidence order.pdf
}
also mail 'Mail of the cabinet' 2023-04-30
also maps 'Maps of the districts' 2023-11-14
also sign 'Signatures of orders' 2023-07-31
tell '(Not shown: three subscriptions more.)'
must $owner sub list
must $owner sub list --html year.html
cp year.html "$repo/build/demo/" && tell '(To look at it: build/demo/year.html)'
must $owner export renewals-history
printf '\n$ amanat verify renewals-history\n'
"$AMANAT" verify renewals-history || fail 'the history should be sound'
unset AMANAT_NOW
