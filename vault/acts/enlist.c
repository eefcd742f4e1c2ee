#include <stdio.h>

#include "vault/acts/enlist.h"

#include "vault/acts/lot.h"
#include "vault/crypto/hash.h"

/* ---- one entry */

struct made {
	struct blob body; /* canonical bytes */
	uint8_t id[32];   /* H */
};

static AM_RESULT
make(struct session *s, const struct post_when *when, const uint8_t *by,
    const struct subscribe_sheet *in, struct made *out)
{
	canon_auto *body = NULL, *item = canon_object(), *data = canon_object();
	struct bytes bytes;

	AM_TRY(post_body_at(s, when, "entry", by, &body));
	AM_TRY(canon_set(item, "id", canon_str(in->id)));
	AM_TRY(canon_set(item, "type", canon_str("subscription")));
	AM_TRY(canon_set(data, "record", canon_ref(in->record)));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(1)));
	AM_TRY(canon_set(body, "data", AM_TAKE(data)));
	AM_TRY(canon_write(body, &out->body));
	bytes = blob_bytes(&out->body);
	hash_sha256(&bytes, 1, out->id);
	return AM_OK;
}

/* ---- a load of them */

struct load {
	size_t count;
	struct made *items; /* ENLIST_BATCH of them */
};

static void
load_empty(struct load *l)
{
	for (size_t i = 0; i < l->count; i++)
		blob_free(&l->items[i].body);
	memset(l->items, 0, ENLIST_BATCH * sizeof(*l->items));
	l->count = 0;
}

static void
load_free(struct load *l)
{
	if (l->items != NULL)
		load_empty(l);
	free(l->items);
}

static struct lot_item
item_of(const void *arg, size_t i)
{
	const struct load *l = arg;

	return (
	    struct lot_item){ blob_bytes(&l->items[i].body), l->items[i].id };
}

static struct lot
lot_of(struct session *s, const struct session_key *k, const struct load *l)
{
	return (struct lot){ .s = s,
		.by = k->row.person,
		.when = { session_now(s), s->head },
		.of = "entry",
		.count = l->count,
		.item = item_of,
		.claims = claim_now,
		.arg = l };
}

/* ---- judging */

/* What no other record of this person would be spared either. */
static bool
is_of_the_person(enum am_err err, const struct why *why)
{
	return err == AM_ERR_APPOINTMENT || err == AM_ERR_TOKEN ||
	    (err == AM_ERR_POLICY && strcmp(why->rule, "R-2") == 0);
}

struct judging {
	struct session *s;
	const struct session_key *k;
	struct post_when when;
	struct state st;
	uint64_t leaf;
	enlist_refused *refused;
	void *arg;
};

static AM_RESULT
judge_one(struct judging *j, const struct subscribe_sheet *in)
{
	AM_CLEANUP(blob_free) struct blob body = { 0 };
	struct made made = { 0 };
	statement_auto said = { 0 };
	struct why why = { 0 };
	enum am_err err = make(j->s, &j->when, j->k->row.person, in, &made);

	body = made.body; /* freed whatever follows */
	AM_TRY(err);
	AM_TRY(statement_of_body(blob_bytes(&body),
	    (struct bytes){ j->k->row.cred, j->k->row.cred_len }, j->s->why,
	    &said));
	err = state_apply(&j->st, &said, j->leaf, NULL, &why);
	if (err == AM_OK) {
		j->leaf++;
		return AM_OK;
	}
	if (why.rule[0] == '\0' || is_of_the_person(err, &why)) {
		*j->s->why = why;
		return err;
	}
	return j->refused(j->arg, in, &why);
}

AM_RESULT
enlist_judge(struct session *s, const struct session_key *k,
    const struct enlist_source *source, enlist_refused *refused, void *arg)
{
	struct made some = { .id = { 0 } };
	const struct load one = { .count = 1, .items = &some };
	const struct lot lot = lot_of(s, k, &one);
	struct judging j = {
		.s = s, .k = k, .when = lot.when, .refused = refused, .arg = arg
	};
	store_txn_auto *t = NULL; /* aborted: drafts change nothing */
	enum am_err err = AM_OK;

	AM_TRY(lot_judge(&lot, k));
	AM_TRY(store_begin(s->store, true, &t));
	j.st = session_state(t);
	j.st.draft = true;
	AM_TRY(store_log_size(t, &j.leaf));
	while (err == AM_OK) {
		subscribe_sheet_auto sheet = { .id = "" };

		err = source->next(source->arg, &sheet, s->why);
		if (err == AM_OK)
			err = judge_one(&j, &sheet);
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* ---- entering */

static AM_RESULT
fill(struct session *s, const struct lot *lot,
    const struct enlist_source *source, struct load *l, bool *out_over)
{
	while (l->count < ENLIST_BATCH) {
		subscribe_sheet_auto sheet = { .id = "" };
		const enum am_err err =
		    source->next(source->arg, &sheet, s->why);

		*out_over = err == AM_ERR_NOT_FOUND;
		if (*out_over)
			return AM_OK;
		AM_TRY(err);
		l->count++; /* from here load_free sees it */
		AM_TRY(make(
		    s, &lot->when, lot->by, &sheet, &l->items[l->count - 1]));
	}
	return AM_OK;
}

static AM_RESULT
enter_all(struct session *s, const struct session_key *k,
    const struct enlist_source *source, struct load *l,
    void (*each)(void *arg, const struct enlist_done *so_far), void *arg,
    struct enlist_done *out)
{
	bool over = false;

	while (!over) {
		struct lot lot = lot_of(s, k, l);
		uint64_t leaf = 0;
		char what[64];

		AM_TRY(fill(s, &lot, source, l, &over));
		if (l->count == 0)
			return AM_OK;
		lot.count = l->count;
		(void)snprintf(what, sizeof(what),
		    "to enter %zu subscription%s", l->count,
		    l->count == 1 ? "" : "s");
		AM_TRY(lot_write(&lot, k, what, &leaf));
		out->records += l->count;
		out->batches++;
		if (each != NULL)
			each(arg, out);
		load_empty(l);
	}
	return AM_OK;
}

AM_RESULT
enlist_enter(struct session *s, const struct session_key *k,
    const struct enlist_source *source,
    void (*each)(void *arg, const struct enlist_done *so_far), void *arg,
    struct enlist_done *out)
{
	AM_CLEANUP(load_free)
	struct load l = { .items = calloc(ENLIST_BATCH, sizeof(*l.items)) };

	*out = (struct enlist_done){ 0 };
	return l.items == NULL ? AM_ERR_NOMEM
			       : enter_all(s, k, source, &l, each, arg, out);
}
