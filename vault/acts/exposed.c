#include "vault/acts/exposed.h"

#include "vault/acts/lookup.h"
#include "vault/base/blob.h"
#include "vault/state/waiver.h"

const char *
exposed_state_text(enum exposure_is state)
{
	switch (state) {
	case EXPOSURE_OPEN:
		return "open";
	case EXPOSURE_ACCEPTED:
		return "accepted";
	case EXPOSURE_CLOSED:
		return "closed";
	}
	return "open";
}

AM_RESULT
exposed_rotation(const struct view *v, const struct rows_record *c,
    uint32_t version, struct rows_rotation *out)
{
	const struct rows_key key =
	    rows_key_with_u32((struct bytes){ c->record, 16 }, version);

	return rows_get_rotation(v, rows_key(&key), out);
}

AM_RESULT
exposed_first_signer(const struct view *v, const struct rows_record *c,
    char out[static ROWS_ID_MAX + 1])
{
	struct rows_rotation rot;
	struct rows_person p;
	const enum am_err err = exposed_rotation(v, c, c->version, &rot);

	out[0] = '\0';
	if (err == AM_ERR_NOT_FOUND || (err == AM_OK && rot.second_leaf != 0))
		return AM_OK;
	AM_TRY(err);
	AM_TRY(rows_get_person(v, (struct bytes){ rot.by, 16 }, &p));
	return p.suspended == ROWS_FREE ? lookup_person_name(v, rot.by, out)
					: AM_OK;
}

/* ---- one person */

struct walk {
	struct session *s;
	const struct view *v;
	const struct exposed_filter *f;
	struct rows_person p; /* whom we are at */
	char who[ROWS_ID_MAX + 1];
	struct rows_safe safe; /* the last one that was read */
	struct blob seen; /* record || version of what was opened, 20 each */
	exposed_fn *fn;
	void *arg;
};

static bool
is_wanted(const struct walk *w, const uint8_t record[static 16])
{
	return w->f->record == NULL ||
	    bytes_same((struct bytes){ record, 16 },
		(struct bytes){ w->f->record, 16 });
}

static AM_RESULT
find_waiver(const struct walk *w, struct exposed *e)
{
	char rule[EXPOSURE_RULE];

	e->until = 0;
	if (e->state == EXPOSURE_CLOSED)
		return AM_OK;
	exposure_rule(e->person, e->record.record, e->version, rule);
	return waiver_until(w->v, rule, &e->until);
}

/* Safes are few and come in runs. */
static AM_RESULT
find_safe(struct walk *w, const uint8_t safe[static 16])
{
	if (w->safe.id[0] != '\0' &&
	    bytes_same(
		(struct bytes){ w->safe.safe, 16 }, (struct bytes){ safe, 16 }))
		return AM_OK;
	return rows_get_safe(w->v, (struct bytes){ safe, 16 }, &w->safe);
}

/* What is the same for both kinds, and then the caller's function. */
static AM_RESULT
tell(struct walk *w, const uint8_t record[static 16], struct exposed *e)
{
	AM_TRY(rows_get_record(w->v, (struct bytes){ record, 16 }, &e->record));
	AM_TRY(find_safe(w, e->record.safe));
	e->safe = w->safe;
	(void)snprintf(
	    e->path, sizeof(e->path), "%s/%s", e->safe.id, e->record.title);
	memcpy(e->person, w->p.person, sizeof(e->person));
	memcpy(e->who, w->who, sizeof(e->who));
	AM_TRY(exposure_state_of(w->v, e->person, &e->record, e->version,
	    session_now(w->s), &e->state));
	AM_TRY(find_waiver(w, e));
	if (e->version < e->record.version)
		AM_TRY(exposed_first_signer(w->v, &e->record, e->first_id));
	return w->fn(w->arg, e);
}

/* Has the person opened it, as far as we have come? */
static bool
is_seen(const struct walk *w, const uint8_t what[static 20])
{
	for (size_t i = 0; i + 20 <= w->seen.len; i += 20)
		if (bytes_same((struct bytes){ w->seen.p + i, 20 },
			(struct bytes){ what, 20 }))
			return !w->f->openings;
	return false;
}

static AM_RESULT
each_opening(struct walk *w)
{
	for (uint32_t i = 0; i < w->p.openings; i++) {
		const struct rows_key n =
		    rows_key_with_u32((struct bytes){ w->p.person, 16 }, i);
		struct exposed e = { .opened = true };
		struct rows_key what;
		uint8_t id[32];

		AM_TRY(rows_index_get(
		    w->v, "opening-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_request(
		    w->v, (struct bytes){ id, 32 }, &e.request));
		if (!is_wanted(w, e.request.record))
			continue;
		what = rows_key_with_u32(
		    (struct bytes){ e.request.record, 16 }, e.request.version);
		if (is_seen(w, what.b))
			continue;
		AM_TRY(blob_add(&w->seen, rows_key(&what)));
		e.version = e.request.version;
		e.since = e.request.opened_at;
		e.leaf = e.request.open_leaf;
		AM_TRY(tell(w, e.request.record, &e));
	}
	return AM_OK;
}

static AM_RESULT
each_deposit(struct walk *w)
{
	for (uint32_t i = 0; i < w->p.deposits; i++) {
		const struct rows_key n =
		    rows_key_with_u32((struct bytes){ w->p.person, 16 }, i);
		struct rows_version version;
		struct exposed e = { 0 };
		uint8_t what[20];

		AM_TRY(rows_index_get(
		    w->v, "deposit-n", rows_key(&n), what, sizeof(what)));
		if (!is_wanted(w, what) || is_seen(w, what))
			continue;
		AM_TRY(rows_get_version(
		    w->v, (struct bytes){ what, sizeof(what) }, &version));
		e.version = rows_get_be32(what + 16);
		e.since = version.at;
		e.leaf = version.leaf;
		AM_TRY(tell(w, what, &e));
	}
	return AM_OK;
}

static AM_RESULT
each_of(struct walk *w, const uint8_t person[static 16])
{
	AM_TRY(rows_get_person(w->v, (struct bytes){ person, 16 }, &w->p));
	AM_TRY(lookup_person_name(w->v, person, w->who));
	w->seen.len = 0;
	AM_TRY(each_opening(w));
	return w->f->opened_only ? AM_OK : each_deposit(w);
}

static AM_RESULT
each_person(struct walk *w)
{
	if (w->f->person != NULL)
		return each_of(w, w->f->person);
	for (uint32_t i = 0; i < w->s->vault.persons; i++) {
		const struct rows_key n = rows_key_u32(i);
		uint8_t id[16];

		AM_TRY(rows_index_get(
		    w->v, "person-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(each_of(w, id));
	}
	return AM_OK;
}

AM_RESULT
exposed_each(struct session *s, const struct view *v,
    const struct exposed_filter *f, exposed_fn *fn, void *arg)
{
	struct walk w = { .s = s, .v = v, .f = f, .fn = fn, .arg = arg };
	const enum am_err err = each_person(&w);

	blob_free(&w.seen);
	return err;
}

void
exposed_todo(const char *path, const struct rows_record *c, uint32_t version,
    char out[static EXPOSED_TODO_MAX])
{
	if (version == c->version)
		(void)snprintf(out, EXPOSED_TODO_MAX,
		    "change it at the vendor, then: amanat put %s "
		    "--new-version; amanat rotate %s --evidence FILE",
		    path, path);
	else
		(void)snprintf(out, EXPOSED_TODO_MAX,
		    "amanat rotate %s --evidence FILE", path);
}
