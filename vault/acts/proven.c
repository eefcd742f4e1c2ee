#include "vault/acts/proven.h"

#include "vault/acts/lookup.h"
#include "vault/log/merkle.h"

/* The statement at `leaf`, proven to stand under the head of the session. */
static AM_RESULT
read_included(struct session *s, struct store_txn *t, uint64_t leaf,
    const uint8_t id[static 32], struct statement *out)
{
	const struct merkle_source src = store_tree(t);
	uint8_t path[MERKLE_PROOF_MAX][MERKLE_HASH];
	struct bytes proof[MERKLE_PROOF_MAX];
	size_t count = 0;

	AM_TRY(lookup_statement(t, leaf, s->why, out));
	AM_TRY(merkle_prove_inclusion(&src, leaf, s->head.size, path, &count));
	for (size_t i = 0; i < count; i++)
		proof[i] = (struct bytes){ path[i], MERKLE_HASH };
	if (merkle_verify_inclusion(leaf, s->head.size,
		(struct bytes){ out->leaf, 32 }, proof, count,
		(struct bytes){ s->head.root, 32 }) != AM_OK ||
	    !bytes_same(
		(struct bytes){ out->id, 32 }, (struct bytes){ id, 32 }))
		return why_say(s->why, AM_ERR_VERIFY, "V04",
		    "statement %lu is not the one the log was signed with; "
		    "run 'amanat doctor'",
		    (unsigned long)leaf);
	return AM_OK;
}

/* Who signed for an item: the batch that it names, in whose range it stands.
 * That the items are those of its root is checked as they come in, and by
 * `verify`. */
static AM_RESULT
read_batch(struct session *s, struct store_txn *t, const struct statement *item,
    uint64_t leaf, struct statement *out)
{
	const struct view v = view_store(t);
	uint64_t at, count = 0;
	uint8_t be[8];

	AM_TRY(rows_index_get(
	    &v, "seen", (struct bytes){ item->batch, 32 }, be, sizeof(be)));
	at = rows_get_be64(be);
	AM_TRY(read_included(s, t, at, item->batch, out));
	AM_TRY(canon_get_uint(out->body, "count", &count));
	if (strcmp(out->kind, "batch") != 0 || leaf <= at ||
	    leaf - at > count ||
	    !bytes_same(
		(struct bytes){ out->by, 16 }, (struct bytes){ item->by, 16 }))
		return why_say(s->why, AM_ERR_VERIFY, "V09",
		    "statement %lu is not of the batch it names; run 'amanat "
		    "doctor'",
		    (unsigned long)leaf);
	return AM_OK;
}

AM_RESULT
proven_read(struct session *s, struct store_txn *t, uint64_t leaf,
    const uint8_t id[static 32], struct statement *out)
{
	const struct state st = session_state(t);
	statement_auto batch = { 0 };

	AM_TRY(read_included(s, t, leaf, id, out));
	if (!out->batched)
		return state_check_signature(&st, out, s->why);
	AM_TRY(read_batch(s, t, out, leaf, &batch));
	return state_check_signature(&st, &batch, s->why);
}
