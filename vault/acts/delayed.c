#include "vault/acts/delayed.h"

#include <sodium.h>

static const char table[] = "delayed";

void
delayed_free(struct delayed *d)
{
	blob_free(&d->kept);
}

/* Lends salt and text from what is kept. */
static void
split(struct delayed *d)
{
	d->salt = (struct bytes){ d->kept.p, QUIET_SALT };
	d->text =
	    (struct bytes){ d->kept.p + QUIET_SALT, d->kept.len - QUIET_SALT };
}

AM_RESULT
delayed_seal(struct bytes text, struct delayed *out, uint8_t sealed[static 32])
{
	uint8_t salt[QUIET_SALT];

	randombytes_buf(salt, sizeof(salt));
	AM_TRY(blob_add(&out->kept, (struct bytes){ salt, sizeof(salt) }));
	AM_TRY(blob_add(&out->kept, text));
	split(out);
	out->is = DELAYED_SHOWN;
	quiet_hash(salt, out->text, sealed);
	return AM_OK;
}

void
delayed_keep(
    struct post *p, const uint8_t sealed[static 32], const struct delayed *d)
{
	post_blob_add(
	    p, table, (struct bytes){ sealed, 32 }, blob_bytes(&d->kept));
}

/* A departure: id, kind and day stand before a reason as long as any text. */
enum { TEXT_MAX = CANON_STRING_MAX + 128 };

/* The host could have put another text there; and whoever sealed it has shown a
 * hash, which may be of what no statement could say. That is no text. */
static bool
is_right(const struct delayed *d, const uint8_t sealed[static 32])
{
	uint8_t hash[32];
	struct bytes text;

	if (d->kept.len <= QUIET_SALT)
		return false;
	text =
	    (struct bytes){ d->kept.p + QUIET_SALT, d->kept.len - QUIET_SALT };
	quiet_hash(d->kept.p, text, hash);
	return text.len <= TEXT_MAX && canon_text_ok(text) &&
	    bytes_same(
		(struct bytes){ hash, 32 }, (struct bytes){ sealed, 32 });
}

AM_RESULT
delayed_read(struct store_txn *t, const uint8_t sealed[static 32],
    int64_t until, int64_t now, struct delayed *out)
{
	enum am_err err;

	if (now < until) {
		out->is = DELAYED_SEALED;
		return AM_OK;
	}
	err =
	    store_blob_get(t, table, (struct bytes){ sealed, 32 }, &out->kept);
	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	if (err == AM_ERR_NOT_FOUND || !is_right(out, sealed)) {
		out->is = DELAYED_LOST;
		return AM_OK;
	}
	split(out);
	out->is = DELAYED_SHOWN;
	return AM_OK;
}
