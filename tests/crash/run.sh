#!/bin/sh
# Killed, or out of disk, at every write of every act: afterwards the vault is
# as before the act or as after it, never neither, and the act can be done.
# STEP=n looks at every n-th point only (1 unless given: all of them).
set -u
cd "$(dirname "$0")/../.." || exit 1
so=${STOPAT_SO:-$PWD/build/tests/crash/stopat.so}
step=${STEP:-1}
. tests/lib.sh
n=0 bad=0

result() {
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then echo "ok $n - $1"; else bad=1; echo "not ok $n - $1"; fi
}

# The base: a vault to copy, made step by step so that each act has its own.
real=$work/base
save() { rm -rf "$work/base-$1" && cp -r "$AMANAT_VAULT" "$work/base-$1"; }
AMANAT_VAULT=$real
for k in founder a b c new; do key $k; done
must() { "$@" >"$work/out" 2>&1 || { cat "$work/out"; echo "Bail out! $*"; exit 1; }; }
found() { as founder init --name V --rp-id v.example --evaluation --founder root; }
must found
save person
for p in a b c d; do must as founder person add $p --name "P $p"; done
for p in a b c; do must as founder,$p token enrol $p --label $p; done
save enrol
save create
must as founder safe create s --quorum 2 --custodians a,b,c
save join
for p in a b c; do must as $p safe join s; done
save deal
for p in a b c; do must as $p safe join s; done
save accept
must as b safe join s; must as c safe join s
save last
must as a safe join s
printf 'TEST-CRASH-secret' >"$work/secret"
save put
save put-many
must as a put s/x --from "$work/secret"
save ask
must as founder ask s/x --reason R
save decline
save approve
must as a approve r-1; must as b approve r-1
save open
must as founder ask s/x --reason R2
save lost
save further
must as a,new token enrol d --label d
save no
save vote
must as a approve m-4
save enact

# sound DIR: verify, doctor and no half-written state
sound() {
	"$AMANAT" --vault "$1" verify >"$work/verify" 2>&1 &&
	    "$AMANAT" --vault "$1" doctor >"$work/doctor" 2>&1
}
statements() { "$AMANAT" --vault "$1" log 2>/dev/null | wc -l; }

after= # a command for `act`, told the vault, once the act is done at last
# act NAME ADDED KEYS VERB...: ADDED statements; from base-NAME
act() {
	a_name=$1 a_added=$2 a_keys=$3; shift 3
	a_vault=$work/act a_points=0 a_bad=0
	XDG_STATE_HOME=$work/none-$a_name
	a_before=$(statements "$work/base-$a_name")
	# how many points there are
	rm -rf "$a_vault" && cp -r "$work/base-$a_name" "$a_vault"
	LD_PRELOAD=$so STOPAT=0 STOPAT_COUNT=$work/points \
	    as "$a_keys" --vault "$a_vault" "$@" >"$work/out" 2>"$work/err" </dev/null ||
	    { cat "$work/err"; a_bad=1; }
	a_total=$(cat "$work/points")
	for a_mode in kill fail; do
		a_at=1
		while [ $a_at -le "$a_total" ]; do
			rm -rf "$a_vault" "$work/none-$a_name" "$work/export"
			cp -r "$work/base-$a_name" "$a_vault"
			LD_PRELOAD=$so STOPAT=$a_at STOPAT_MODE=$a_mode \
			    as "$a_keys" --vault "$a_vault" "$@" \
			    >"$work/out" 2>"$work/err" </dev/null
			a_status=$?
			XDG_STATE_HOME=$work/none2
			rm -rf "$work/none2"
			a_now=$(statements "$a_vault")
			case $a_mode-$a_status in
			kill-137 | kill-0 | fail-0 | fail-1 | fail-20 | fail-40) ;;
			*) a_bad=1; echo "#  $a_name $a_mode at $a_at: exit $a_status" ;;
			esac
			if [ $a_mode = fail ] && [ $a_status -ne 0 ] && ! [ -s "$work/err" ]; then
				a_bad=1; echo "#  $a_name fail at $a_at: no sentence"
			fi
			if [ "$a_now" -ne "$a_before" ] &&
			    [ "$a_now" -ne $((a_before + a_added)) ]; then
				a_bad=1; echo "#  $a_name $a_mode at $a_at: $a_now statements"
			fi
			sound "$a_vault" || {
				a_bad=1; echo "#  $a_name $a_mode at $a_at: not sound"
				cat "$work/verify" "$work/doctor" | sed 's/^/#    /'; }
			if grep -q TEST-CRASH-secret "$work/out" &&
			    [ "$a_now" -ne $((a_before + a_added)) ]; then
				a_bad=1; echo "#  $a_name $a_mode at $a_at: X-9: read without a statement"
			fi
			if [ "$a_now" -eq "$a_before" ]; then
				as "$a_keys" --vault "$a_vault" "$@" >"$work/out" 2>"$work/err" </dev/null || {
					a_bad=1
					echo "#  $a_name after $a_mode at $a_at: cannot be done again"
					sed 's/^/#    /' "$work/err"; }
			fi
			# what only the bags can tell
			if [ -n "$after" ]; then
				$after "$a_vault" >"$work/out" 2>"$work/err" </dev/null ||
				    { a_bad=1; echo "#  $a_name $a_mode at $a_at: $after"
				      cat "$work/err" | sed 's/^/#    /'; }
			fi
			XDG_STATE_HOME=$work/none-$a_name
			a_at=$((a_at + step)) a_points=$((a_points + 1))
		done
	done
	result "X-6, X-9: $a_name, killed or out of disk at $a_points points" $a_bad
}

act person 2 founder person add z --name Z
act enrol 3 founder,new token enrol d --label d
act create 2 founder safe create s --quorum 2 --custodians a,b,c
act join 1 a safe join s
act deal 1 a safe join s
act accept 1 a safe join s
act last 1 a safe join s
act put 1 a put s/x --from "$work/secret"
printf 'name,secret\ny,TEST-CRASH-1\nz,TEST-CRASH-2\n' >"$work/rows.csv"
act put-many 3 a import "$work/rows.csv" --safe s
act ask 1 founder ask s/x --reason R
act decline 1 a decline r-1 --reason no
act approve 1 a approve r-1
act open 1 founder open r-1
act lost 1 b lost c
act no 1 b decline m-4 --reason R
act vote 1 a approve m-4
# The vote that completes the quorum, and what it decides: both, or neither.
act enact 2 b approve m-4
# Whatever became of the second key, the first one still opens its share.
still_opens() { as a --vault "$1" approve r-2; }
after=still_opens
key a2
act further 2 a,a2 token enrol a --label a2
after=

# init: no vault, or a whole one
i_bad=0 i_at=1 i_points=0
AMANAT_VAULT=$work/fresh
XDG_STATE_HOME=$work/none3
LD_PRELOAD=$so STOPAT_COUNT=$work/points found >/dev/null 2>&1 || i_bad=1
i_total=$(cat "$work/points")
while [ $i_at -le "$i_total" ]; do
	rm -rf "$work/fresh" "$work/fresh.founding" "$work/none3"
	LD_PRELOAD=$so STOPAT=$i_at found >"$work/out" 2>"$work/err" </dev/null
	if [ -e "$work/fresh/FORMAT" ]; then
		sound "$work/fresh" || { i_bad=1; echo "#  init at $i_at: not sound"; }
	else
		rm -rf "$work/fresh.founding"
		found >"$work/out" 2>"$work/err" </dev/null ||
		    { i_bad=1; echo "#  init again after $i_at:"; cat "$work/err"; }
	fi
	i_at=$((i_at + step)) i_points=$((i_points + 1))
done
result "init, killed at $i_points points" $i_bad

# doctor --rebuild: the tables are as the log says, before and after
AMANAT_VAULT=$work/base-open
r_bad=0 r_at=1 r_points=0
XDG_STATE_HOME=$work/none4
cp -r "$work/base-open" "$work/r"
LD_PRELOAD=$so STOPAT_COUNT=$work/points "$AMANAT" --vault "$work/r" doctor --rebuild >/dev/null 2>&1 || r_bad=1
r_total=$(cat "$work/points")
while [ $r_at -le "$r_total" ]; do
	rm -rf "$work/r" && cp -r "$work/base-open" "$work/r"
	LD_PRELOAD=$so STOPAT=$r_at "$AMANAT" --vault "$work/r" doctor --rebuild >/dev/null 2>&1
	sound "$work/r" || { r_bad=1; echo "#  rebuild at $r_at: not sound"; }
	r_at=$((r_at + step)) r_points=$((r_points + 1))
done
result "doctor --rebuild, killed at $r_points points" $r_bad

echo "1..$n"
exit $bad
