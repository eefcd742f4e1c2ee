# bash completion for amanat(1)
_amanat()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local verbs='init person token safe put import list show ask approve decline open log history export verify doctor help version'
	local options='--vault --token --pin-fd --json --yes --help'

	case $prev in
	person) COMPREPLY=($(compgen -W 'add list show' -- "$cur")) ;;
	token) COMPREPLY=($(compgen -W 'enrol list' -- "$cur")) ;;
	safe) COMPREPLY=($(compgen -W 'create join status' -- "$cur")) ;;
	--vault | --token | --from | --output | -o | --since | export | verify)
		COMPREPLY=($(compgen -f -- "$cur")) ;;
	import) COMPREPLY=($(compgen -f -- "$cur")) ;;
	--type) COMPREPLY=($(compgen -W 'login totp api-key private-key recovery-codes file note' -- "$cur")) ;;
	--class) COMPREPLY=($(compgen -W 'open public restricted sensitive secret' -- "$cur")) ;;
	--level) COMPREPLY=($(compgen -W 'baseline intermediate enhanced maximum' -- "$cur")) ;;
	--format) COMPREPLY=($(compgen -W 'table csv jsonl' -- "$cur")) ;;
	--kind) COMPREPLY=($(compgen -W 'official contractor auditor' -- "$cur")) ;;
	*) COMPREPLY=($(compgen -W "$verbs $options" -- "$cur")) ;;
	esac
}
complete -F _amanat amanat
