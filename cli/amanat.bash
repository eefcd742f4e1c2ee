# bash completion for amanat(1)

# The value of the option before the cursor; fails where it takes none of these.
_amanat_value()
{
	case $1 in
	--type) echo login totp api-key private-key recovery-codes file note ;;
	--class) echo open public restricted sensitive secret ;;
	--as) echo credentials subscriptions ;;
	--level) echo baseline intermediate enhanced maximum ;;
	--format)
		case $2 in
		incident) echo md json ;;
		sub) echo csv json ;;
		import) echo csv bitwarden keepass pass 1pux ;;
		*) echo table csv jsonl ;;
		esac ;;
	--sent | --report) echo first detail final ;;
	--kind)
		if [ "$2" = depart ]; then
			echo transfer resignation contract-end retirement dismissal deceased
		elif [ "$2" = appoint ]; then
			echo substantive additional current acting look-after contract surrogate
		else
			echo official contractor auditor
		fi ;;
	--due) [ "$2" = incident ] ;; # no value with list
	--name | --rp-id | --founder | --founder-name | --label | --quorum | \
	    --custodians | --dealers | --safe | --within | --user | --url | --reason | --ticket | \
	    --for | --field | --to | --pin-fd | --sponsor | --until | --effective | --person | \
	    --credential | --version | --receipt | --title | --wing | --succeeds | --order | \
	    --authority | --employer | --line | --site | --owner | --finding | --at | \
	    --quiet-of | --cause | --discovered | --cred | --what | --done | \
	    --renewal | --horizon | --without | --fail | --transition) ;;
	*) return 1 ;;
	esac
}

_amanat()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local verbs='init person token safe lost drill put import list show ask approve decline open motions rotate depart exposure due me log history export verify policy backup restore doctor help version post appoint absent waive analyze review incident tested sub remind'
	local i verb='' words='' values

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--vault | --token | --pin-fd) ((i++)) ;;
		-*) ;;
		*) verb=${COMP_WORDS[i]}; break ;;
		esac
	done
	case $prev in
	--token)
		[ "$verb" = incident ] || COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--vault | --output | -o | --since | --evidence | --log-key | --html | --map | --keys)
		COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--status)
		[ "$verb" != export ] || { COMPREPLY=($(compgen -f -- "$cur")); return; } ;;
	--from)
		[[ $verb == log || $verb == history || $verb == appoint || $verb == absent ]] ||
		    COMPREPLY=($(compgen -f -- "$cur")); return ;;
	esac
	if values=$(_amanat_value "$prev" "$verb"); then
		COMPREPLY=($(compgen -W "$values" -- "$cur")); return
	fi
	case $verb in
	'' | help) words=$verbs ;;
	waive) words='C-2 X-8 5.7 X-14 A-3 R-8 R-14 R-15' ;;
	person) words='add list show' ;;
	token) words='enrol list place suspend lift retire slot' ;;
	incident) words='open list show note close lift export' ;;
	post) words='add list' ;;
	sub) words='add list show lint renew close test ack note orphans ics export entity deny' ;;
	safe) words='create join reshare abort status' ;;
	policy) words='show check diff propose bind explain' ;;
	import | backup | restore) words=$(compgen -f -- "$cur") ;;
	export | verify) words=$(compgen -d -- "$cur") ;;
	esac
	case $verb in
	person | token | safe | policy | post | incident | sub)
		if [ "$prev" != "$verb" ]; then
			verb="$verb ${COMP_WORDS[i + 1]}" words=
		fi ;;
	esac
	[[ $verb == policy\ * && $verb != policy\ bind || $verb == 'sub add' || $verb == 'sub entity' ]] &&
	    words=$(compgen -f -- "$cur")
	if [[ $cur == -* ]]; then
		# shellcheck disable=SC2086
		words=$(amanat help $verb 2>/dev/null |
		    sed -n 's/^  \(-o, \)\{0,1\}\(--[a-z-]*\).*/\2/p')
		[ -n "$words" ] || words='--vault --token --pin-fd --json --yes --help --version'
	fi
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _amanat amanat
