/*
 * One signature for many (R7.4): a `batch` and the items that follow it.
 *
 * The items are not signed one by one: the signed root is over their bodies,
 * in order, and each quotes time, person and head of the batch, so that an
 * item says by itself who stands for it.
 */

#include "vault/log/merkle.h"
#include "vault/state/rules.h"

static const struct bytes no_key = { NULL, 0 };

AM_RESULT
batch_open(struct rules *r)
{
	struct rows_batch b = { .leaf = r->leaf };

	AM_TRY(rules_text(r->s->body, "of", b.of, sizeof(b.of)));
	AM_TRY(canon_get_u32(r->s->body, "count", &b.count));
	AM_TRY(canon_get_hex(r->s->body, "root", b.root, sizeof(b.root)));
	if (strcmp(b.of, "seal") != 0 && strcmp(b.of, "entry") != 0)
		return RULES_SAY(r, AM_ERR_POLICY, "V09",
		    "a batch is of 'seal' or 'entry': nothing that grants or "
		    "approves is signed in bulk (R7.4)");
	if (b.count == 0 || b.count > ROWS_BATCH_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "V09",
		    "a batch has 1 to %d items", ROWS_BATCH_MAX);
	memcpy(b.batch, r->s->id, sizeof(b.batch));
	memcpy(b.by, r->s->by, sizeof(b.by));
	memcpy(b.head_root, r->s->head_root, sizeof(b.head_root));
	b.head_size = r->s->head_size;
	b.at = r->s->at;
	r->vault.batch_left = b.count;
	return rows_put_batch(&r->st->view, no_key, &b);
}

static bool
same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return bytes_same((struct bytes){ a, len }, (struct bytes){ b, len });
}

static AM_RESULT
fits(struct rules *r, const struct rows_batch *b)
{
	const struct statement *s = r->s;

	if (strcmp(s->kind, b->of) != 0)
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "the batch is of '%s', this is '%s'", b->of, s->kind);
	if (!same(s->batch, b->batch, 32) || !same(s->by, b->by, 16) ||
	    s->at != b->at || s->head_size != b->head_size ||
	    !same(s->head_root, b->head_root, 32))
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "the item has not the batch, person, time and head of the "
		    "batch that was signed");
	return AM_OK;
}

/* R13.12: leaf hash SHA-256(0x00 || H). After the last item the root must be
 * the one that was signed. */
static AM_RESULT
grow(struct rules *r, struct rows_batch *b)
{
	struct merkle_edge e = { .size = b->done };
	uint8_t leaf[MERKLE_HASH], root[MERKLE_HASH];

	memcpy(e.hash, b->edge, sizeof(b->edge));
	merkle_leaf((struct bytes){ r->s->id, 32 }, leaf);
	AM_TRY(merkle_append(&e, leaf, NULL, NULL));
	memcpy(b->edge, e.hash, sizeof(b->edge));
	b->done = e.size;
	if (b->done < b->count)
		return AM_OK;
	merkle_edge_root(&e, root);
	if (!same(root, b->root, sizeof(root)))
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "the items are not those that the batch was signed for");
	return AM_OK;
}

AM_RESULT
batch_item(struct rules *r)
{
	struct rows_batch b;

	if (r->vault.batch_left == 0)
		return RULES_SAY(r, AM_ERR_VERIFY, "V09",
		    "there is no batch that this item could belong to");
	AM_TRY(rows_get_batch(&r->st->view, no_key, &b));
	AM_TRY(fits(r, &b));
	AM_TRY(grow(r, &b));
	r->vault.batch_left--;
	return rows_put_batch(&r->st->view, no_key, &b);
}
