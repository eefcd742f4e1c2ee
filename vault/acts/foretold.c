#include "vault/acts/foretold.h"

#include "vault/acts/lookup.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"

void
foretold_free(struct foretold *f)
{
	delayed_free(&f->sealed);
	blob_free(&f->reason);
}

/* ---- sealing */

AM_RESULT
foretold_check(struct session *s, const struct depart_wish *w)
{
	const char *fault = quiet_fault(session_now(s), w->effective);

	AM_TRY(depart_check(s, w));
	return fault == NULL
	    ? AM_OK
	    : why_say(s->why, AM_ERR_INVALID, "X-19", "%s", fault);
}

/* One entry, posted; takes over `data`. */
static AM_RESULT
post_entry(struct post *p, const struct session_key *k, uint32_t number,
    uint32_t version, struct json_t *data, const char *what)
{
	canon_auto *owned = data, *body = NULL, *item = canon_object();
	char id[16];

	(void)snprintf(id, sizeof(id), "q-%u", number);
	AM_TRY(canon_set(item, "id", canon_str(id)));
	AM_TRY(canon_set(item, "type", canon_str("quiet")));
	AM_TRY(post_body(p->s, "entry", k->row.person, &body));
	AM_TRY(canon_set(body, "item", AM_TAKE(item)));
	AM_TRY(canon_set(body, "version", canon_uint(version)));
	AM_TRY(canon_set(body, "data", AM_TAKE(owned)));
	AM_TRY(post_add(
	    p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	return post_all(p, k, what);
}

AM_RESULT
foretold_seal(struct session *s, const struct session_key *k,
    const struct depart_wish *w, uint32_t *out)
{
	canon_auto *departure = NULL, *data = canon_object();
	const uint32_t number = s->vault.quiets + 1;
	char until[WHEN_TEXT_LEN + 1];
	blob_auto text = { 0 };
	delayed_auto d = { 0 };
	post_auto p = { .s = s };
	uint8_t sealed[32];

	AM_TRY(foretold_check(s, w));
	AM_TRY(depart_data(s, k, w, &departure));
	AM_TRY(quiet_departure(departure, &text));
	AM_TRY(delayed_seal(blob_bytes(&text), &d, sealed));
	delayed_keep(&p, sealed, &d);
	when_text(w->effective, until);
	AM_TRY(
	    canon_set(data, "sealed", canon_hex((struct bytes){ sealed, 32 })));
	AM_TRY(canon_set(data, "until", canon_str(until)));
	AM_TRY(post_entry(
	    &p, k, number, 1, AM_TAKE(data), "to sign what is sealed"));
	*out = number;
	return AM_OK;
}

/* ---- reading */

/* What precedes the next blank; the rest in *text. */
static AM_RESULT
next_word(struct bytes *text, struct bytes *out)
{
	const uint8_t *blank = memchr(text->p, ' ', text->len);

	if (blank == NULL)
		return AM_ERR_CORRUPT;
	*out = (struct bytes){ text->p, (size_t)(blank - text->p) };
	*text = (struct bytes){ blank + 1, text->len - out->len - 1 };
	return AM_OK;
}

/* Its author may have sealed anything: what is no departure is not one. */
static AM_RESULT
read_text(const struct view *v, struct foretold *f)
{
	struct bytes rest = f->sealed.text, person, kind, effective;
	uint8_t id[16];

	AM_TRY(next_word(&rest, &person));
	AM_TRY(next_word(&rest, &kind));
	AM_TRY(next_word(&rest, &effective));
	if (person.len != ENC_HEX_LEN((size_t)16) ||
	    kind.len >= sizeof(f->kind))
		return AM_ERR_CORRUPT;
	AM_TRY(enc_hex_decode(person, id, sizeof(id)));
	AM_TRY(lookup_person_name(v, id, f->person));
	memcpy(f->kind, kind.p, kind.len);
	AM_TRY(when_parse(effective, &f->wish.effective));
	AM_TRY(blob_add(&f->reason, rest));
	AM_TRY(blob_add(&f->reason, (struct bytes){ (const uint8_t *)"", 1 }));
	f->wish.person = f->person;
	f->wish.kind = f->kind;
	f->wish.reason = (const char *)f->reason.p;
	f->wish.quiet = f->id;
	f->wish.salt = f->sealed.salt;
	return AM_OK;
}

AM_RESULT
foretold_find(struct session *s, const char *id, struct foretold *out)
{
	const struct bytes text = { (const uint8_t *)id, strlen(id) };
	const uint32_t n = rows_number('q', text);
	store_txn_auto *t = NULL;
	struct view v;
	enum am_err err;

	if (n == 0 || n > s->vault.quiets)
		return why_say(s->why, AM_ERR_NOT_FOUND, "X-19",
		    "nothing is sealed as '%s'", id);
	(void)snprintf(out->id, sizeof(out->id), "q-%u", n);
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(quiet_get(&v, n, &out->row));
	AM_TRY(lookup_person_name(&v, out->row.by, out->by));
	AM_TRY(delayed_read(
	    t, out->row.sealed, out->row.until, session_now(s), &out->sealed));
	if (out->sealed.is != DELAYED_SHOWN)
		return AM_OK;
	err = read_text(&v, out);
	return err == AM_ERR_CORRUPT || err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
foretold_check_told(struct session *s, const struct foretold *f)
{
	char until[WHEN_TEXT_LEN + 1];

	if (f->row.told_leaf != 0)
		return why_say(s->why, AM_ERR_EXISTS, "X-19",
		    "the departure that %s was of is recorded already", f->id);
	if (f->sealed.is == DELAYED_SHOWN && f->wish.person != NULL)
		return AM_OK;
	if (f->sealed.is == DELAYED_SHOWN)
		return why_say(s->why, AM_ERR_INCOMPLETE, "X-19",
		    "what '%s' sealed as %s is not a departure; it can be "
		    "withdrawn",
		    f->by, f->id);
	when_text(f->row.until, until);
	if (f->sealed.is == DELAYED_SEALED)
		return why_say(s->why, AM_ERR_POLICY, "X-19",
		    "%s is sealed until %s; a departure can be recorded "
		    "without it at any time",
		    f->id, until);
	return why_say(s->why, AM_ERR_INCOMPLETE, "X-19",
	    "the text of %s is missing in this vault, or was altered; record "
	    "the departure without it, and withdraw it",
	    f->id);
}

AM_RESULT
foretold_withdraw(
    struct session *s, const struct session_key *k, const struct foretold *f)
{
	post_auto p = { .s = s };

	return post_entry(&p, k, f->row.number, 2, canon_object(),
	    "to withdraw what is sealed");
}

/* ---- due */

/* Names nobody: it is on every screen before its time. */
enum am_err
foretold_due(struct due *d)
{
	for (uint32_t n = 1; n <= d->s->vault.quiets; n++) {
		struct rows_quiet q;
		struct rows_person by;
		char what[96], next[64];

		AM_TRY(quiet_get(d->v, n, &q));
		if (q.told_leaf != 0 || q.withdrawn_leaf != 0)
			continue;
		(void)snprintf(what, sizeof(what),
		    "q-%u: the departure that is sealed there is not recorded",
		    n);
		(void)snprintf(
		    next, sizeof(next), "amanat depart --quiet-of q-%u", n);
		AM_TRY(rows_get_person(d->v, (struct bytes){ q.by, 16 }, &by));
		AM_TRY(due_add(
		    d, q.until, by.departure == 0 ? q.by : NULL, what, next));
	}
	return AM_OK;
}
