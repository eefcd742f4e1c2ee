#!/bin/sh
# For bench.c: a vault with software keys, and `amanat import` of N rows into
# it under `bench measure`, which
# appends seconds and peak KiB to FILE.
#	bulk.sh BENCH FILE N...
set -eu
bench=$1 file=$2; shift 2
. tests/lib.sh
quiet() { "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }; }
for k in root a b c; do key $k; done
quiet as root init --name TEST --rp-id v.example --evaluation --founder root
for p in a b c; do
	quiet as root person add $p --name "$p"
	quiet as root,$p token enrol $p --label $p
done
quiet as root safe create s --quorum 2 --custodians a,b,c
for step in join deal accept; do
	for p in a b c; do quiet as $p safe join s; done
done
for n; do
	awk -v n="$n" 'BEGIN { print "name,user,password,url"
	    for (i = 0; i < n; i++)
		printf "c%d-%d,ops%d@v.example,TEST-%d,https://v%d.example\n",
		    n, i, i, i, i }' >"$work/rows.csv"
	AMANAT_REAL=$AMANAT
	AMANAT=$work/timed
	printf '#!/bin/sh\nexec "%s" measure "%s" "%s" "$@"\n' "$bench" \
	    "$file" "$AMANAT_REAL" >"$AMANAT"
	chmod +x "$AMANAT"
	as a import "$work/rows.csv" --safe s 2>"$work/err" || {
		cat "$work/err" >&2; exit 1; }
	AMANAT=$AMANAT_REAL
done
