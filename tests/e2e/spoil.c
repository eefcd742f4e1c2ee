/*
 * Damage as a failing disk or a clumsy host does it, for the end-to-end tests.
 *
 *	spoil VAULT TABLE KEY-IN-HEX drop|flip
 *	spoil VAULT real|old
 *
 * Takes one blob out of the vault, or changes a bit of it. `real`: its tables
 * (not the log) say that it is no evaluation vault. `old`: they are of another
 * version of the program.
 */

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "vault/base/enc.h"
#include "vault/state/rows.h"
#include "vault/store/store.h"

static AM_RESULT
change_row(const char *vault, bool real, struct why *why)
{
	store_auto *st = NULL;
	store_txn_auto *t = NULL;
	struct rows_vault row;
	struct view v;

	AM_TRY(store_open(vault, true, why, &st));
	AM_TRY(store_begin(st, true, &t));
	v = view_store(t);
	AM_TRY(rows_get_vault(&v, (struct bytes){ NULL, 0 }, &row));
	if (real)
		row.evaluation = 0;
	else
		row.layout--;
	AM_TRY(rows_put_vault(&v, (struct bytes){ NULL, 0 }, &row));
	return store_commit(&t);
}

static AM_RESULT
spoil(char **argv, struct why *why)
{
	const struct bytes hex = { (const uint8_t *)argv[3], strlen(argv[3]) };
	store_auto *st = NULL;
	store_txn_auto *t = NULL;
	blob_auto value = { 0 };
	uint8_t raw[64];
	struct bytes key;

	if (hex.len > 2 * sizeof(raw))
		return AM_ERR_INVALID;
	AM_TRY(enc_hex_decode(hex, raw, hex.len / 2));
	key = (struct bytes){ raw, hex.len / 2 };
	AM_TRY(store_open(argv[1], true, why, &st));
	AM_TRY(store_begin(st, true, &t));
	AM_TRY(store_blob_get(t, argv[2], key, &value));
	if (strcmp(argv[4], "drop") == 0) {
		AM_TRY(store_blob_del(t, argv[2], key));
	} else {
		value.p[value.len / 2] ^= 1;
		AM_TRY(store_blob_put(t, argv[2], key, blob_bytes(&value)));
	}
	return store_commit(&t);
}

int
main(int argc, char **argv)
{
	struct why why = { 0 };
	enum am_err err = AM_ERR_INVALID;

	if (sodium_init() >= 0 && argc == 5)
		err = spoil(argv, &why);
	else if (argc == 3 &&
	    (strcmp(argv[2], "real") == 0 || strcmp(argv[2], "old") == 0))
		err = change_row(argv[1], argv[2][0] == 'r', &why);
	if (err != AM_OK)
		fprintf(stderr, "spoil: %s %s\n", err_text(err), why.text);
	return err == AM_OK ? 0 : 1;
}
