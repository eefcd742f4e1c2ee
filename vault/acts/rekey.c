#include "vault/acts/rekey.h"

#include "vault/acts/post.h"
#include "vault/base/when.h"
#include "vault/state/manifest.h"

enum { MOTION_SPAN = 3600 };

/* Those who are at the host. A key is opened for as long as it is used. */
struct rekey {
	struct session *s;
	const struct rekey_known *known;
	struct session_env one; /* the session's, with one key */
	const char *path;
	char found[TOKEN_PATHS_MAX][TOKEN_PATH_MAX];
	struct rows_manifest governing; /* k 0: there is none yet */
	size_t count;
	struct holder {
		struct rows_token row;
		const char *path;
		struct secret *asked; /* owned; NULL when it was known */
		const struct secret *pin;
	} who[ROWS_N_MAX];
};

static void
rekey_end(struct rekey *g)
{
	for (size_t i = 0; i < g->count; i++)
		secret_free(g->who[i].asked);
}

/* The enrolled key at a path. Errors: as session_find_key. */
static AM_RESULT
key_at(struct rekey *g, const char *path, struct session_key *out)
{
	const struct session_env *all = g->s->env;
	enum am_err err;

	g->one = *all;
	g->path = path;
	g->one.token_paths = &g->path;
	g->one.token_count = 1;
	g->s->env = &g->one;
	err = session_find_key(g->s, NULL, out, NULL);
	g->s->env = all;
	return err;
}

static bool
is_wanted(const struct rekey *g, const uint8_t person[static 16])
{
	for (size_t i = 0; i < g->count; i++)
		if (bytes_same((struct bytes){ g->who[i].row.person, 16 },
			(struct bytes){ person, 16 }))
			return false;
	return g->governing.k == 0 ||
	    manifest_position(g->governing.members, g->governing.n, person) >=
	    0;
}

static AM_RESULT
take_pin(struct rekey *g, struct session_key *k, struct holder *h)
{
	const struct bytes cred = { k->row.cred, k->row.cred_len };

	if (bytes_same(cred, g->known->cred)) {
		h->pin = g->known->pin;
		return AM_OK;
	}
	AM_TRY(session_ask_pin(g->s, k->token, k->row.label, &h->asked));
	h->pin = h->asked;
	return AM_OK;
}

static AM_RESULT
consider(struct rekey *g, const char *path)
{
	struct holder *h = &g->who[g->count];
	struct why quiet = { 0 }, *why = g->s->why;
	session_key_auto k = { 0 };
	enum am_err err;

	g->s->why = &quiet; /* a key of nobody is passed over */
	err = key_at(g, path, &k);
	g->s->why = why;
	if (err == AM_ERR_WRONG_TOKEN ||
	    (err == AM_OK && !is_wanted(g, k.row.person)))
		return AM_OK;
	if (err != AM_OK) {
		*why = quiet;
		return err;
	}
	AM_TRY(take_pin(g, &k, h));
	h->row = k.row;
	h->path = path;
	g->count++;
	return AM_OK;
}

static size_t
needed(const struct rekey *g)
{
	return g->governing.k == 0 ? 1 : g->governing.k;
}

static AM_RESULT
gather(struct rekey *g)
{
	const struct session_env *env = g->s->env;
	size_t count = env->token_count;

	if (env->token_count == 0)
		AM_TRY(token_discover(g->found, TOKEN_PATHS_MAX, &count));
	for (size_t i = 0; i < count && g->count < needed(g); i++)
		AM_TRY(consider(g,
		    env->token_count == 0 ? g->found[i] : env->token_paths[i]));
	if (g->count == needed(g))
		return AM_OK;
	return why_say(g->s->why, AM_ERR_QUORUM, "R3.2",
	    "a new log key takes %zu custodians of the first safe, here with "
	    "their keys at the same time; %zu are",
	    needed(g), g->count);
}

static AM_RESULT
load_governing(struct rekey *g)
{
	static const uint8_t none[16];
	store_txn_auto *t = NULL;
	struct rows_safe safe;
	struct view v;

	if (bytes_same((struct bytes){ g->s->vault.governing, 16 },
		(struct bytes){ none, 16 }))
		return AM_OK;
	AM_TRY(store_begin(g->s->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_safe(
	    &v, (struct bytes){ g->s->vault.governing, 16 }, &safe));
	return rows_get_manifest(
	    &v, (struct bytes){ safe.manifest, 32 }, &g->governing);
}

/* ---- statements */

static AM_RESULT
add(struct post *p, struct json_t *body, const struct holder *h)
{
	return post_add(
	    p, body, (struct bytes){ h->row.cred, h->row.cred_len });
}

static AM_RESULT
add_motion(struct rekey *g, struct post *p)
{
	const struct bytes key = store_log_key(g->s->store);
	canon_auto *body = NULL, *act = canon_object(), *what = canon_object();
	char until[WHEN_TEXT_LEN + 1];

	when_text(session_now(g->s) + MOTION_SPAN, until);
	AM_TRY(canon_set(what, "key",
	    canon_b64((struct bytes){ key.p + NOTE_SECRET - 32, 32 })));
	AM_TRY(canon_set(act, "logkey", AM_TAKE(what)));
	AM_TRY(post_body(g->s, "motion", g->who[0].row.person, &body));
	AM_TRY(canon_set(body, "act", AM_TAKE(act)));
	AM_TRY(canon_set(body, "until", canon_str(until)));
	AM_TRY(canon_set(body, "why", canon_str("the log key is lost")));
	return add(p, AM_TAKE(body), &g->who[0]);
}

/* A vote, or with `enact` the end of it. */
static AM_RESULT
add_answer(struct rekey *g, struct post *p, const struct holder *h, bool enact)
{
	canon_auto *body = NULL;

	AM_TRY(post_body(g->s, enact ? "enact" : "vote", h->row.person, &body));
	AM_TRY(canon_set(
	    body, "motion", canon_hex((struct bytes){ p->items[0].id, 32 })));
	if (!enact) {
		AM_TRY(canon_set(body, "yes", canon_bool(true)));
		AM_TRY(canon_set(body, "note", canon_str("")));
	}
	return add(p, AM_TAKE(body), h);
}

static AM_RESULT
add_all(struct rekey *g, struct post *p)
{
	AM_TRY(add_motion(g, p));
	for (size_t i = 0; g->governing.k > 0 && i < g->count; i++)
		AM_TRY(add_answer(g, p, &g->who[i], false));
	if (g->governing.k == 0)
		return AM_OK;
	return add_answer(g, p, &g->who[g->count - 1], true);
}

static AM_RESULT
sign(struct rekey *g, struct post *p, size_t item, const struct holder *h,
    const char *what)
{
	session_key_auto k = { 0 };

	AM_TRY(key_at(g, h->path, &k));
	token_call(k.token, h->row.label);
	return post_sign(p, item, k.token, session_pin(h->pin), what);
}

static AM_RESULT
sign_all(struct rekey *g, struct post *p)
{
	const size_t last = g->count - 1;

	AM_TRY(sign(g, p, 0, &g->who[0], "to move a new log key"));
	for (size_t i = 0; g->governing.k > 0 && i < g->count; i++)
		AM_TRY(sign(g, p, 1 + i, &g->who[i], "to vote for it"));
	if (g->governing.k == 0)
		return AM_OK;
	return sign(g, p, p->count - 1, &g->who[last], "to enact it");
}

AM_RESULT
rekey_log(struct session *s, const struct rekey_known *known)
{
	AM_CLEANUP(rekey_end) struct rekey g = { .s = s, .known = known };
	post_auto p = { .s = s };

	AM_TRY(load_governing(&g));
	AM_TRY(gather(&g));
	AM_TRY(add_all(&g, &p));
	AM_TRY(post_judge(&p));
	AM_TRY(sign_all(&g, &p));
	return post_commit(&p);
}
