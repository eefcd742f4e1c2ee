#!/bin/sh
# Killed, or out of disk, at every write of every act: afterwards the vault is
# as before the act or as after it, never neither, and the act can be done.
# STEP=n looks at every n-th point only (1 unless given: all of them), and
# LONG_STEP=n at every n-th of a change of committee, after each of which a
# credential is opened (7 unless given; `make crash` takes all of them).
set -u
cd "$(dirname "$0")/../.." || exit 1
so=${STOPAT_SO:-$PWD/build/tests/crash/stopat.so}
step=${STEP:-1} long_step=${LONG_STEP:-7}
[ -f "$so" ] || { echo "Bail out! no $so"; exit 1; }
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
save post
save policy
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
save absent
save another
save further
must as a,new token enrol d --label d
save no
save vote
must as a approve m-4
save enact
save depart
must as b depart c --effective 2026-01-01 --kind transfer --reason R
must as a depart d --effective 2026-01-01 --kind transfer --reason R
save depart-close
must as a put s/x --new-version --from "$work/secret"
save rotate
must as a rotate s/x --evidence "$work/secret"
save rotate-close
save accept-risk
# From a, b, c to a, b, e: a vault of its own, since e is enrolled at founding.
AMANAT_VAULT=$work/second
XDG_STATE_HOME=$work/state2
key e
must found
for p in a b c e; do must as founder person add $p --name "P $p"; done
for p in a b c e; do must as founder,$p token enrol $p --label $p; done
must as founder safe create s --quorum 2 --custodians a,b,c
for st in join deal accept; do for p in a b c; do must as $p safe join s; done; done
must as a put s/x --from "$work/secret"
save re-plan
must as founder safe reshare s --custodians a,b,e --dealers a,b --reason R
save re-join
for p in a b e; do must as $p safe join s; done
save re-deal
for p in a b; do must as $p safe join s; done
save re-accept
must as b safe join s; must as e safe join s
save re-last
must as a safe join s
save re-erase
save re-gone

# sound DIR: verify, doctor and no half-written state
sound() {
	"$AMANAT" --vault "$1" verify >"$work/verify" 2>&1 &&
	    "$AMANAT" --vault "$1" doctor >"$work/doctor" 2>&1
}
statements() { "$AMANAT" --vault "$1" log 2>/dev/null | wc -l; }

# either_opens DIR: the committee in force, the one before or the next, opens
# s/x: 'a', who is in both and may just have been stopped, with one who is in
# that one alone.
either_opens() {
	if "$AMANAT" --vault "$1" safe status s --json 2>/dev/null | grep -q '"quorum":2,"epoch":2'
	then e_other=e; else e_other=c; fi
	e_id=$(as founder --vault "$1" ask s/x --reason R 2>"$work/verify" | head -1)
	as a --vault "$1" approve "$e_id" >"$work/verify" 2>&1 &&
	    as $e_other --vault "$1" approve "$e_id" >"$work/verify" 2>&1 &&
	    as founder --vault "$1" open "$e_id" 2>"$work/verify" | grep -q TEST-CRASH-secret
}

after= # a command for `act`, told the vault, once the act is done at last
# act NAME ADDED KEYS VERB...: ADDED statements; from base-NAME
act() {
	a_name=$1 a_added=$2 a_keys=$3; shift 3
	a_vault=$work/act a_points=0 a_bad=0 a_step=$step
	case $a_name in re-*) a_step=$long_step ;; esac
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
			case $a_name in
			re-*) either_opens "$a_vault" || {
				a_bad=1; echo "#  $a_name $a_mode at $a_at: no committee opens"
				sed 's/^/#    /' "$work/verify"; } ;;
			esac
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
			a_at=$((a_at + a_step)) a_points=$((a_points + 1))
		done
	done
	result "X-6, X-9: $a_name, killed or out of disk at $a_points points" $a_bad
}

act person 2 founder person add z --name Z
act enrol 3 founder,new token enrol d --label d
act post 1 founder post add x --title X --wing ops
act policy 1 founder policy propose
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
act absent 1 a absent b --to "$(date -u -d '+9 days' +%F)"
act another 3 founder safe create t --quorum 2 --custodians a,b,c
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
# the two keys of one person: both open, one is suspended, lifted or ended
rm -rf "$work/two" && cp -r "$work/base-further" "$work/two"
AMANAT_VAULT=$work/two
XDG_STATE_HOME=$work/none-two
must as a,a2 token enrol a --label a2
must as a approve m-4; must as b approve m-4
save suspend
act suspend 1 b token suspend a --reason R
AMANAT_VAULT=$work/two
XDG_STATE_HOME=$work/none-two
must as b token suspend a --reason R
save lift
save retire
act lift 1 a2 token lift a --reason R
act retire 1 a2 token retire a --reason R
act depart 2 b depart c --effective 2026-01-01 --kind transfer --reason R
act depart-close 1 a depart d --close
act rotate 1 a rotate s/x --evidence "$work/secret"
act rotate-close 1 b rotate s/x --evidence "$work/secret"
act accept-risk 2 b exposure --accept a s/x --until 2035-01-01 --reason R
# drills: called, then proved
AMANAT_VAULT=$work/base-open
save drill
act drill 1 founder drill s --yes
AMANAT_VAULT=$work/base-drill
must as founder drill s --yes
save prove
act prove 1 a drill s
# a statement and the text beside it
AMANAT_VAULT=$work/base-open
save quiet
quiet_until=$(date -u -d '+9 days' +%F)
act quiet 1 a incident open --cause TEST-quiet --quiet --until "$quiet_until"

act re-plan 1 founder safe reshare s --custodians a,b,e --dealers a,b --reason R
act re-join 1 a safe join s
act re-deal 1 a safe join s
act re-accept 1 a safe join s
act re-last 1 a safe join s
act re-erase 1 a safe join s
act re-gone 1 c safe join s

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

# backup: no file of that name, or a whole one; and none is left in the way
b_bad=0 b_points=0
AMANAT_VAULT=$work/base-open
XDG_STATE_HOME=$work/none5
mkdir "$work/b"
LD_PRELOAD=$so STOPAT_COUNT=$work/points "$AMANAT" backup "$work/b/f" >/dev/null 2>&1 || b_bad=1
b_total=$(cat "$work/points")
for b_mode in kill fail; do
	b_at=1
	while [ $b_at -le "$b_total" ]; do
		rm -rf "$work/b/f"
		LD_PRELOAD=$so STOPAT=$b_at STOPAT_MODE=$b_mode "$AMANAT" backup "$work/b/f" \
		    >"$work/out" 2>"$work/err"
		b_status=$?
		if [ -e "$work/b/f" ]; then
			"$AMANAT" backup --list "$work/b/f" >/dev/null 2>&1 ||
			    { b_bad=1; echo "#  backup $b_mode at $b_at: half a file"; }
		elif [ $b_status -eq 0 ]; then
			b_bad=1; echo "#  backup $b_mode at $b_at: no file"
		fi
		if [ $b_mode = fail ] && [ $b_status -ne 0 ] && ! [ -s "$work/err" ]; then
			b_bad=1; echo "#  backup fail at $b_at: no sentence"
		fi
		if [ $b_mode = fail ] && [ -n "$(ls "$work/b" | grep new-)" ]; then
			b_bad=1; echo "#  backup fail at $b_at: leaves a file"
		fi
		rm -rf "$work/b"/f.new-*
		b_at=$((b_at + step)) b_points=$((b_points + 1))
	done
done
sound "$AMANAT_VAULT" || b_bad=1
result "backup, killed or out of disk at $b_points points" $b_bad

# restore: no vault, or a whole one; and it can be done again
rm -f "$work/b/f"
must "$AMANAT" backup "$work/b/f"
restored() { # NAME KEYS OPTION...
	v_name=$1 v_keys=$2; shift 2
	v_bad=0 v_points=0
	rm -rf "$work/again" "$XDG_STATE_HOME"
	LD_PRELOAD=$so STOPAT_COUNT=$work/points as "$v_keys" --vault "$work/again" \
	    restore "$work/b/f" "$@" >/dev/null 2>&1 || v_bad=1
	v_total=$(cat "$work/points")
	for v_mode in kill fail; do
		v_at=1
		while [ $v_at -le "$v_total" ]; do
			# this machine has seen nothing: not what was tried before
			rm -rf "$work/again" "$XDG_STATE_HOME"
			LD_PRELOAD=$so STOPAT=$v_at STOPAT_MODE=$v_mode as "$v_keys" \
			    --vault "$work/again" restore "$work/b/f" "$@" \
			    >"$work/out" 2>"$work/err" </dev/null
			v_status=$?
			if [ $v_mode = fail ] && [ $v_status -ne 0 ] && ! [ -s "$work/err" ]; then
				v_bad=1; echo "#  $v_name fail at $v_at: no sentence"
			fi
			if [ $v_status -eq 0 ] && [ -e "$work/again.restoring" ]; then
				v_bad=1; echo "#  $v_name $v_mode at $v_at: left"
			fi
			if [ ! -e "$work/again" ]; then
				rm -rf "$work/again.restoring"
				as "$v_keys" --vault "$work/again" restore "$work/b/f" "$@" \
				    >"$work/out" 2>"$work/err" </dev/null || {
					v_bad=1; echo "#  $v_name after $v_mode at $v_at:"; cat "$work/err"; }
			fi
			sound "$work/again" ||
			    { v_bad=1; echo "#  $v_name $v_mode at $v_at: not sound"; }
			rm -rf "$work/again.restoring"
			v_at=$((v_at + step)) v_points=$((v_points + 1))
		done
	done
	result "X-16: $v_name, killed or out of disk at $v_points points" $v_bad
}
restored restore a --log-key "$work/base-open/keys/log.key"
restored 'restore with a new log key' a,b --new-log-key

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
