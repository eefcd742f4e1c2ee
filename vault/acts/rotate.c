#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "vault/acts/rotate.h"

#include "vault/acts/evidence.h"

#include "vault/acts/exposed.h"
#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/base/when.h"
#include "vault/crypto/hash.h"

/* ---- evidence: files, of which the log keeps the hash */

static bool
is_above(const uint8_t a[static 32], const uint8_t b[static 32])
{
	size_t i = 0;

	while (i < 31 && a[i] == b[i])
		i++;
	return a[i] > b[i];
}

/* In ascending order, so that two people may name them in any. */
static AM_RESULT
insert(struct session *s, uint8_t all[][32], size_t count,
    const uint8_t hash[static 32])
{
	size_t at = count;

	for (size_t i = 0; i < count; i++)
		if (bytes_same((struct bytes){ all[i], 32 },
			(struct bytes){ hash, 32 }))
			return why_say(s->why, AM_ERR_INVALID, "X-11",
			    "two of the files are the same");
	for (; at > 0 && is_above(all[at - 1], hash); at--)
		memcpy(all[at], all[at - 1], 32);
	memcpy(all[at], hash, 32);
	return AM_OK;
}

static AM_RESULT
hash_all(struct session *s, const struct rotate_wish *w, uint8_t all[][32])
{
	uint8_t hash[32];

	if (w->count == 0)
		return why_say(s->why, AM_ERR_POLICY, "X-11",
		    "a rotation is closed with evidence; name the file with "
		    "--evidence, such as a print of the vendor's page");
	if (w->count > ROTATE_EVIDENCE_MAX)
		return why_say(s->why, AM_ERR_INVALID, "X-11",
		    "at most %d files of evidence", ROTATE_EVIDENCE_MAX);
	for (size_t i = 0; i < w->count; i++) {
		AM_TRY(evidence_hash(s, w->files[i], hash));
		AM_TRY(insert(s, all, i, hash));
	}
	return AM_OK;
}

/* ---- the statement */

static AM_RESULT
find(struct session *s, const char *path, struct rows_record *out)
{
	struct rows_safe safe;

	AM_TRY(lookup_record(s, path, &safe, out));
	if (out->version < 2)
		return why_say(s->why, AM_ERR_POLICY, "X-11",
		    "'%s' has no new version; change it at the vendor, then "
		    "'amanat put %s --new-version', then rotate",
		    path, path);
	if (out->rotated == out->version)
		return why_say(s->why, AM_ERR_POLICY, "X-11",
		    "the rotation of '%s' to version %u is closed already; "
		    "for another one, put a new version first",
		    path, out->version);
	return AM_OK;
}

AM_RESULT
rotate_check(struct session *s, const struct rotate_wish *w)
{
	uint8_t all[ROTATE_EVIDENCE_MAX][32];
	struct rows_record c;

	AM_TRY(find(s, w->path, &c));
	return hash_all(s, w, all);
}

static AM_RESULT
make_body(struct session *s, const struct session_key *k,
    const struct rows_record *c, uint8_t all[][32], size_t count,
    struct json_t **out)
{
	canon_auto *body = NULL, *list = canon_array();

	for (size_t i = 0; i < count; i++)
		AM_TRY(
		    canon_push(list, canon_hex((struct bytes){ all[i], 32 })));
	AM_TRY(post_body(s, "rotated", k->row.person, &body));
	AM_TRY(
	    canon_set(body, "safe", canon_hex((struct bytes){ c->safe, 16 })));
	AM_TRY(canon_set(
	    body, "record", canon_hex((struct bytes){ c->record, 16 })));
	AM_TRY(canon_set(body, "version", canon_uint(c->version)));
	AM_TRY(canon_set(body, "evidence", AM_TAKE(list)));
	*out = AM_TAKE(body);
	return AM_OK;
}

static AM_RESULT
is_closed(struct session *s, const struct rows_record *c, bool *out)
{
	store_txn_auto *t = NULL;
	struct rows_record now;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_record(&v, (struct bytes){ c->record, 16 }, &now));
	*out = now.rotated >= c->version;
	return AM_OK;
}

AM_RESULT
rotate_record(struct session *s, const struct session_key *k,
    const struct rotate_wish *w, struct rotate_done *out)
{
	const struct bytes cred = { k->row.cred, k->row.cred_len };
	struct rotate_done done = { 0 };
	canon_auto *body = NULL;
	post_auto p = { .s = s };
	struct rows_record c;

	AM_TRY(find(s, w->path, &c));
	AM_TRY(hash_all(s, w, done.evidence));
	AM_TRY(make_body(s, k, &c, done.evidence, w->count, &body));
	AM_TRY(post_add(&p, AM_TAKE(body), cred));
	AM_TRY(post_all(&p, k, "to sign for the evidence"));
	AM_TRY(is_closed(s, &c, &done.closed));
	done.version = c.version;
	done.leaf = p.first_leaf;
	*out = done;
	return AM_OK;
}

/* ---- accepting what is left */

struct accepting {
	struct session *s;
	const struct session_key *k;
	const struct rotate_acceptance *a;
	struct post *p; /* NULL: only look */
	size_t open;
	uint32_t versions[ROTATE_MOTIONS_MAX];
};

/* Opened as well as deposited is one version all the same. */
static bool
is_known(const struct accepting *g, uint32_t version)
{
	for (size_t i = 0; i < g->open; i++)
		if (g->versions[i] == version)
			return true;
	return false;
}

static AM_RESULT
move_one(struct accepting *g, const struct exposed *e)
{
	canon_auto *body = NULL, *act = canon_object(), *waive = canon_object();
	char rule[EXPOSURE_RULE], until[WHEN_TEXT_LEN + 1],
	    end[WHEN_TEXT_LEN + 1];

	exposure_rule(e->person, e->record.record, e->version, rule);
	when_text(g->a->until, until);
	/* The committee has 30 days to decide, or until the end itself. */
	when_text(g->a->until < session_now(g->s) + (int64_t)30 * 86400
		? g->a->until
		: session_now(g->s) + (int64_t)30 * 86400,
	    end);
	AM_TRY(canon_set(waive, "rule", canon_str(rule)));
	AM_TRY(canon_set(waive, "until", canon_str(until)));
	AM_TRY(canon_set(act, "waive", AM_TAKE(waive)));
	AM_TRY(post_body(g->s, "motion", g->k->row.person, &body));
	AM_TRY(canon_set(body, "act", AM_TAKE(act)));
	AM_TRY(canon_set(body, "why", canon_str(g->a->reason)));
	AM_TRY(canon_set(body, "until", canon_str(end)));
	return post_add(g->p, AM_TAKE(body),
	    (struct bytes){ g->k->row.cred, g->k->row.cred_len });
}

static enum am_err
consider(void *arg, const struct exposed *e)
{
	struct accepting *g = arg;

	if (e->state == EXPOSURE_CLOSED || is_known(g, e->version))
		return AM_OK;
	if (g->open == ROTATE_MOTIONS_MAX)
		return why_say(g->s->why, AM_ERR_POLICY, "X-10",
		    "more than %d versions are open; rotate it instead",
		    ROTATE_MOTIONS_MAX);
	g->versions[g->open++] = e->version;
	return g->p != NULL ? move_one(g, e) : AM_OK;
}

static AM_RESULT
consider_all(struct accepting *g)
{
	struct exposed_filter f = { 0 };
	struct session *s = g->s;
	store_txn_auto *t = NULL;
	struct rows_record c;
	struct rows_person p;
	struct rows_safe safe;
	struct view v;

	AM_TRY(lookup_person(s, g->a->person, &p));
	AM_TRY(lookup_record(s, g->a->path, &safe, &c));
	f.person = p.person;
	f.record = c.record;
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(exposed_each(s, &v, &f, consider, g));
	if (g->open == 0)
		return why_say(s->why, AM_ERR_POLICY, "X-10",
		    "'%s' is not exposed to '%s': nothing is left to accept",
		    g->a->person, g->a->path);
	return AM_OK;
}

AM_RESULT
rotate_accept_check(struct session *s, const struct rotate_acceptance *a)
{
	const struct bytes why = { (const uint8_t *)a->reason,
		strlen(a->reason) };
	struct accepting g = { .s = s, .a = a };

	if (why.len == 0 || why.len > 1024 || !canon_text_ok(why))
		return why_say(s->why, AM_ERR_INVALID, "R2.10",
		    "a reason has 1 to 1024 bytes of plain text, without "
		    "control characters");
	if (a->until <= session_now(s))
		return why_say(s->why, AM_ERR_INVALID, "V21",
		    "a risk is accepted until a day to come");
	return consider_all(&g);
}

AM_RESULT
rotate_accept(struct session *s, const struct session_key *k,
    const struct rotate_acceptance *a, uint32_t out[static ROTATE_MOTIONS_MAX],
    size_t *out_count)
{
	post_auto p = { .s = s };
	struct accepting g = { .s = s, .k = k, .a = a, .p = &p };
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(consider_all(&g));
	AM_TRY(post_all(&p, k, "to sign the motion"));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	for (size_t i = 0; i < p.count; i++) {
		struct rows_motion m;

		AM_TRY(rows_get_motion(
		    &v, (struct bytes){ p.items[i].id, 32 }, &m));
		out[i] = m.number;
	}
	*out_count = p.count;
	return AM_OK;
}
