# The second story of the demo: the interim Cloud Office of domain.md, 1.2 and
# 5.2, on the day it is set up. Sourced by run.sh, after its functions.

title 'Another agency: seven officers, on one order, for six months'
tell 'Each holds another post as well. It is 28 March 2022, and a vault for' \
    'evaluation lets the clock be set. Who could open their safe in October?'
cd "$work" || exit 1
AMANAT_VAULT=$work/office AMANAT_NOW=2022-03-28T04:00:00Z
export AMANAT_VAULT AMANAT_NOW
officers='dgc dca jdc dau jda dlp dio'
for k in chief ro $officers; do key $k; done
must chief init --name 'Interim Cloud Office' --rp-id cloud.agency.example \
    --evaluation --founder chief --founder-name 'Secretary'
quiet() { as "$@" >>quiet.log 2>&1 || { cat quiet.log; fail "$*"; }; }
for p in ro $officers; do
	quiet chief person add $p --name "Officer $p"
	quiet "chief,$p" token enrol $p --label $p-key
done
two_keys chief -key $officers >>quiet.log 2>&1 || { cat quiet.log; fail 'second keys'; }
echo
tell '(Not shown: the officers and their keys are entered, two for each, one kept' \
    'at work and one at home, as this level asks.)'

title 'Levels are a file that anyone can read; a quorum puts it in force'
cp "$repo/policy/levels.yaml" . && must chief policy check levels.yaml
must chief policy propose

title 'Posts are what rules ask for, and orders say who holds them'
post() { quiet chief post add "$1" --title "$2" --wing "$3"; }
must chief post add dg-cloud --title 'Director General Cloud' --wing cloud
post dir-cloud 'Director Cloud Adaption' cloud
post jdir-cloud 'Joint Director Cloud Adaption' cloud
post dir-audit 'Director Audits' audit
post jdir-audit 'Joint Director Audits' audit
post dir-legal 'Director Legal' legal
post dir-io 'Director Infrastructure' infra
tell '' 'Without an end the order of an additional charge is not entered:'
must_fail 2 chief appoint dgc dg-cloud --kind additional --order F.1-1/2022 \
    --authority 'Secretary MoITT' --from 2022-03-28
must chief appoint dgc dg-cloud --kind additional --order F.1-1/2022 \
    --authority 'Secretary MoITT' --from 2022-03-28 --to 2022-09-28 --line a
order() {
	quiet chief appoint "$1" "$2" --kind additional --order F.1-1/2022 \
	    --authority 'Secretary MoITT' --from 2022-03-28 --to 2022-09-28 --line "$3"
}
order dca dir-cloud a; order jdc jdir-cloud b; order dau dir-audit c
order jda jdir-audit c; order dlp dir-legal d; order dio dir-io b
must chief post list

title 'A safe of the highest level: who must approve'
must chief safe create office --level maximum --quorum 4 \
    --custodians dgc,dca,jdc,dau,jda,dlp,dio
must chief policy bind office --owner cloud

title 'Day one: what will go wrong?'
must_fail 30 chief analyze office
must chief analyze office --transition 2022-09-28

title 'The same agency, bound to the posts that the officers hold for good'
tell 'and with a deputy for the legal post. Rules that name the new posts.'
post m-it 'Member IT' cloud; post d-it 'Director IT' cloud
post j-it 'Joint Director IT' cloud; post d-acc 'Director Accounts' audit
post j-acc 'Joint Director Accounts' audit; post law 'Law Officer' legal
post law-deputy 'Deputy Law Officer' legal
must chief appoint dgc m-it --kind substantive --order E.7/2019 \
    --authority Establishment --from 2019-07-01 --line a
home() {
	quiet chief appoint "$1" "$2" --kind substantive --order "$3" \
	    --authority Establishment --from 2019-07-01 --line "$4"
}
home dca d-it E.8/2019 a; home jdc j-it E.9/2020 b; home dau d-acc E.2/2018 c
home jda j-acc E.3/2021 c; home dlp law E.5/2017 d; home dio law-deputy E.6/2020 b
must chief policy bind office --owner cloud
must chief analyze office
must chief analyze office --html office.html
mkdir -p "$repo/build/demo" && cp office.html "$repo/build/demo/" &&
    tell '(To look at it: build/demo/office.html)'
unset AMANAT_NOW
