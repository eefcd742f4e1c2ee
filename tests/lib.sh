# For the demo and the end-to-end tests: a directory of their own, software
# keys, and amanat run with a key and its PIN. Sourced, not run.
#
#	AMANAT, AMANAT_SOFTTOKEN   the programs
# Ends what it started, by process id, and removes its directory.

AMANAT=${AMANAT:-$PWD/build/amanat}
AMANAT_SOFTTOKEN=${AMANAT_SOFTTOKEN:-$PWD/build/amanat-softtoken}
work=$(mktemp -d)
pids=
XDG_STATE_HOME=$work/state
AMANAT_VAULT=$work/vault
export XDG_STATE_HOME AMANAT_VAULT
unset AMANAT_NOW

lib_end() {
	for p in $pids; do
		kill "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	cd / && rm -rf "$work"
}
trap lib_end EXIT
trap 'exit 1' INT TERM HUP

# key NAME [OPTION...]: starts a software key; its socket is $work/NAME.key
key() {
	key_name=$1; shift
	rm -f "$work/$key_name.out" # the word 'ready' of one before
	"$AMANAT_SOFTTOKEN" --state "$work/$key_name.token" \
	    --listen "unix:$work/$key_name.key" --pin "$(pin "$key_name")" \
	    "$@" >"$work/$key_name.out" 2>&1 &
	key_pid=$!
	pids="$pids $key_pid"
	echo $key_pid >"$work/$key_name.pid"
	key_tries=0
	until grep -q '^ready' "$work/$key_name.out" 2>/dev/null; do
		key_tries=$((key_tries + 1))
		if [ $key_tries -gt 100 ] || ! kill -0 $key_pid 2>/dev/null; then
			echo "the software key '$key_name' does not start:" >&2
			cat "$work/$key_name.out" >&2
			exit 1
		fi
		sleep 0.05
	done
}

# end_key PID
end_key() {
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	pids=$(echo " $pids " | sed "s/ $1 / /")
}

# A PIN for each key, nothing more than a test value.
pin() { echo "TEST-$1-4711"; }

# as NAME[,NAME] VERB...: amanat with these keys and their PINs. A secret on
# standard input goes through.
as() {
	as_keys=$1; shift
	as_tokens=
	: >"$work/pins"
	for as_k in $(echo "$as_keys" | tr ',' ' '); do
		as_tokens="$as_tokens --token unix:$work/$as_k.key"
		pin "$as_k" >>"$work/pins"
	done
	# shellcheck disable=SC2086
	"$AMANAT" $as_tokens --pin-fd 3 "$@" 3<"$work/pins"
}

# agreed PERSON...: they vote yes on the newest motion
agreed() {
	a_m=$("$AMANAT" motions 2>/dev/null | sed -n 's/^\(m-[0-9]*\) .*/\1/p' | tail -n 1)
	for a_p; do as "$a_p" approve "$a_m" || return 1; done
}

# two_keys FOUNDER LABEL-END PERSON...: while founding, a second key for each; the
# two, of which the first is labelled PERSON and that end, are kept at two places
two_keys() {
	t_root=$1 t_end=$2; shift 2
	for t_p; do
		key "$t_p-2"
		as "$t_root,$t_p,$t_p-2" token enrol "$t_p" --label "$t_p-2" &&
		    as "$t_root" token place "$t_p$t_end" "$t_p at work" &&
		    as "$t_root" token place "$t_p-2" "$t_p at home" || return 1
	done
}

# ---- TAP; `finish` ends it

n=0 bad=0

result() { # NAME STATUS-OF-THE-CHECK
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n - $1"
	else
		bad=1
		echo "not ok $n - $1"
		sed 's/^/#  out: /' "$work/out" 2>/dev/null
		sed 's/^/#  err: /' "$work/err" 2>/dev/null
	fi
}

# What was said, as one line: sentences are wrapped at 80 columns.
joined() { cat "$work/out" "$work/err" | tr -s '\n ' ' '; }

# copied: the log has a copy, which a policy asks for
copies=0
copied() { copies=$((copies + 1)); "$AMANAT" backup "$work/copy-$copies" >/dev/null 2>&1; }

# expect NAME STATUS WORDS COMMAND...: exit status, and words on stderr or
# stdout (basic regular expression; '' for none).
expect() {
	e_name=$1 e_status=$2 e_words=$3; shift 3
	"$@" >"$work/out" 2>"$work/err" </dev/null
	e_got=$?
	[ $e_got -eq "$e_status" ] &&
	    { [ -z "$e_words" ] ||
	      cat "$work/out" "$work/err" | grep -q -- "$e_words" ||
	      joined | grep -q -- "$e_words"; }
	e_ok=$?
	[ $e_got -eq "$e_status" ] || echo "#  exit $e_got, not $e_status" 
	result "$e_name" $e_ok
}

# is_json NAME: what was printed last is one JSON document.
is_json() {
	python3 -m json.tool <"$work/out" >/dev/null 2>&1
	result "--json: $1" $?
}

# fits NAME: no line of what was said last is wider than a terminal.
fits() {
	! cat "$work/out" "$work/err" | grep -q '.\{81\}'
	result "80 columns: $1" $?
}

finish() { echo "1..$n"; exit $bad; }

# founded K CUSTODIAN...: a vault whose safe 's' is active, with keys for all
# and for 'root', who founded it
founded() {
	f_k=$1; shift
	{
		as root init --name TEST --rp-id v.example --evaluation --founder root &&
		for f_p; do
			as root person add "$f_p" --name "P $f_p" &&
			    as "root,$f_p" token enrol "$f_p" --label "$f_p" || return 1
		done &&
		as root safe create s --quorum "$f_k" --custodians "$(echo "$*" | tr ' ' ',')" &&
		for f_step in join deal accept; do
			for f_p; do as "$f_p" safe join s || return 1; done
		done
	} >"$work/founded" 2>&1 || { cat "$work/founded"; echo 'Bail out! no vault'; exit 1; }
}
