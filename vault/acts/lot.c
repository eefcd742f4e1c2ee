#include "vault/acts/lot.h"

#include "vault/log/merkle.h"
#include "vault/state/keep.h"

static AM_RESULT
batch_body(const struct lot *l, struct json_t **out)
{
	canon_auto *body = NULL;
	struct merkle_edge e = { .size = 0 };
	uint8_t h[MERKLE_HASH];

	for (size_t i = 0; i < l->count; i++) {
		merkle_leaf((struct bytes){ l->item(l->arg, i).id, 32 }, h);
		AM_TRY(merkle_append(&e, h, NULL, NULL));
	}
	merkle_edge_root(&e, h);
	AM_TRY(post_body_at(l->s, &l->when, "batch", l->by, &body));
	AM_TRY(canon_set(body, "of", canon_str(l->of)));
	AM_TRY(canon_set(body, "count", canon_uint(l->count)));
	AM_TRY(canon_set(body, "root", canon_hex((struct bytes){ h, 32 })));
	*out = AM_TAKE(body);
	return AM_OK;
}

static AM_RESULT
append_item(const struct lot *l, struct store_txn *t, const struct state *st,
    const uint8_t batch[static 32], size_t i, uint64_t leaf)
{
	blob_auto line = { 0 };

	AM_TRY(statement_item_line(batch, l->item(l->arg, i).body, &line));
	AM_TRY(post_append(l->s, t, st, blob_bytes(&line), NULL, leaf));
	return l->beside == NULL ? AM_OK : l->beside(l->arg, t, i);
}

static AM_RESULT
append_all(const struct lot *l, struct store_txn *t,
    const struct post_item *batch, uint64_t leaf)
{
	keep_auto kept = { .under = view_store(t) };
	struct state st = session_state(t);

	st.view = keep_view(&kept);
	st.claims = l->claims;
	AM_TRY(post_append(l->s, t, &st, blob_bytes(&batch->line), NULL, leaf));
	for (size_t i = 0; i < l->count; i++)
		AM_TRY(append_item(l, t, &st, batch->id, i, leaf + 1 + i));
	return keep_flush(&kept);
}

static AM_RESULT
commit(const struct lot *l, const struct post_item *batch, uint64_t *out_leaf)
{
	store_txn_auto *t = NULL;
	uint64_t leaf = 0;

	AM_TRY(store_begin(l->s->store, true, &t));
	AM_TRY(store_log_size(t, &leaf));
	AM_TRY(append_all(l, t, batch, leaf));
	AM_TRY(post_finish(l->s, &t));
	*out_leaf = leaf;
	return AM_OK;
}

static AM_RESULT
judge(const struct lot *l, const struct session_key *k, struct post *p)
{
	canon_auto *body = NULL;

	AM_TRY(batch_body(l, &body));
	AM_TRY(post_add(
	    p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_judge(p);
}

AM_RESULT
lot_judge(const struct lot *l, const struct session_key *k)
{
	post_auto p = { .s = l->s };

	return judge(l, k, &p);
}

AM_RESULT
lot_write(const struct lot *l, const struct session_key *k, const char *what,
    uint64_t *out_leaf)
{
	post_auto p = { .s = l->s };
	enum am_err err;

	AM_TRY(judge(l, k, &p));
	AM_TRY(post_sign(&p, 0, k->token, session_pin(k->pin), what));
	err = commit(l, &p.items[0], out_leaf);
	if (err != AM_OK && l->s->why->text[0] == '\0')
		return why_say(l->s->why, err, "R7.1",
		    "the batch could not be written; nothing of it was kept "
		    "(is the disk full or read-only?)");
	return err;
}
