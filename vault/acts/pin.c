#include "vault/acts/pin.h"

#include "vault/state/inforce.h"

size_t
pin_length(struct bytes pin)
{
	size_t chars = 0;

	for (size_t i = 0; i < pin.len; i++)
		chars += (pin.p[i] & 0xc0) != 0x80; /* begins one in UTF-8 */
	return chars;
}

AM_RESULT
pin_check(struct session *s, const struct session_key *k,
    const struct rows_safe *safe)
{
	store_txn_auto *t = NULL;
	struct rows_level asked;
	struct view v;
	enum am_err err;

	if (k->pin == NULL)
		return AM_OK;
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	err = inforce_level(&v, safe->level, &asked);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	if (pin_length(session_pin(k->pin)) >= asked.pin_length_min)
		return AM_OK;
	return why_say(s->why, AM_ERR_TOKEN, "",
	    "safe '%s' is of level %s, which asks for a PIN of %u characters "
	    "or more; that of the key '%s' is shorter: change it with the "
	    "maker's tool, or fido2-token -C, and try again; no PIN try was "
	    "used",
	    safe->id, safe->level, asked.pin_length_min, k->row.label);
}
