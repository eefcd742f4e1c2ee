#include "vault/acts/session.h"

#include "vault/acts/fault.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"
#include "vault/state/keyring.h"
#include "vault/state/waiver.h"

int64_t
session_now(const struct session *s)
{
	return s->env->now(s->env->arg);
}

static enum am_err
root_at(void *arg, uint64_t size, uint8_t root[static 32])
{
	return store_root(arg, size, root);
}

struct state
session_state(struct store_txn *t)
{
	return (struct state){ .view = view_store(t),
		.root_at = root_at,
		.root_arg = t,
		.claims = claim_now };
}

AM_RESULT
session_head(struct store_txn *t, struct note *out)
{
	struct note n = { 0 };

	AM_TRY(store_log_size(t, &n.size));
	AM_TRY(root_at(t, n.size, n.root));
	*out = n;
	return AM_OK;
}

/* ---- opening */

AM_RESULT
session_head_fits(
    struct session *s, struct store_txn *t, const struct note *known, bool *out)
{
	uint8_t root[32];

	*out = false;
	if (known->size > s->head.size)
		return AM_OK;
	AM_TRY(root_at(t, known->size, root));
	*out = bytes_same(
	    (struct bytes){ root, 32 }, (struct bytes){ known->root, 32 });
	return AM_OK;
}

void
session_loss_rule(const struct note *lost, char out[static ROWS_RULE_MAX + 1])
{
	char root[ENC_HEX_LEN(32) + 1];

	enc_hex((struct bytes){ lost->root, 32 }, root);
	(void)snprintf(out, ROWS_RULE_MAX + 1, "R3.9 %lu %s",
	    (unsigned long)lost->size, root);
}

AM_RESULT
session_loss_accepted(
    struct session *s, struct store_txn *t, const struct note *lost, bool *out)
{
	const struct view v = view_store(t);
	char rule[ROWS_RULE_MAX + 1];
	int64_t until = 0;

	session_loss_rule(lost, rule);
	AM_TRY(waiver_until(&v, rule, &until));
	*out = until > session_now(s);
	return AM_OK;
}

static AM_RESULT
say_behind(const struct session *s, const struct note *seen)
{
	if (seen->size > s->head.size)
		return why_say(s->why, AM_ERR_STALE, "R7.3",
		    "the vault has %lu statements, but you have seen %lu: an "
		    "old copy was put in its place; ask for the newer one",
		    (unsigned long)s->head.size, (unsigned long)seen->size);
	return why_say(s->why, AM_ERR_VERIFY, "R7.3",
	    "the history is not the one you have seen: its first %lu "
	    "statements were changed; keep this copy as evidence",
	    (unsigned long)seen->size);
}

/* `seen`: 0 statements when nothing is remembered. */
static AM_RESULT
read_remembered(struct session *s, struct note *seen)
{
	enum am_err err;

	if (s->env->heads_dir == NULL)
		return AM_OK;
	err = heads_get(s->env->heads_dir, s->vault.vault, seen);
	if (err == AM_OK || err == AM_ERR_NOT_FOUND)
		return AM_OK;
	return why_say(s->why, AM_ERR_INCOMPLETE, "R7.3",
	    "the remembered head in '%s' cannot be read; repair it or "
	    "move it away",
	    s->env->heads_dir);
}

static AM_RESULT
check_remembered(
    struct session *s, struct store_txn *t, const struct note *seen)
{
	bool fits = false;

	if (seen->size == 0)
		return AM_OK;
	AM_TRY(session_head_fits(s, t, seen, &fits));
	if (fits)
		return AM_OK;
	AM_TRY(session_loss_accepted(s, t, seen, &s->loss_accepted));
	if (s->loss_accepted)
		return AM_OK;
	s->is_behind = s->env->behind_too;
	return s->is_behind ? AM_OK : say_behind(s, seen);
}

static AM_RESULT
check_clock(struct session *s)
{
	char last[WHEN_TEXT_LEN + 1], now[WHEN_TEXT_LEN + 1];

	if (session_now(s) >= s->vault.last_at)
		return AM_OK;
	when_text(s->vault.last_at, last);
	when_text(session_now(s), now);
	return why_say(s->why, AM_ERR_STALE, "X-17",
	    "the clock says %s, but the log has %s already; set the clock "
	    "right",
	    now, last);
}

static AM_RESULT
load_vault(struct session *s, struct store_txn *t)
{
	const struct state st = session_state(t);
	const enum am_err err =
	    rows_get_vault(&st.view, (struct bytes){ NULL, 0 }, &s->vault);

	if (err == AM_OK && s->vault.layout == ROWS_LAYOUT)
		return AM_OK;
	if (err == AM_OK || err == AM_ERR_CORRUPT)
		return why_say(s->why, AM_ERR_CORRUPT, "A-9",
		    "its tables were made by another version of amanat, or are "
		    "damaged; 'amanat doctor --rebuild' makes them anew from "
		    "the log, which stays as it is");
	return why_say(s->why, AM_ERR_CORRUPT, "V03",
	    "the vault has no readable first statement; run 'amanat doctor'");
}

/* The vault is read twice: for its id, by which a head is remembered, and again
 * after that. Who writes meanwhile remembers more than the first reading has,
 * and never more than the second. */
static AM_RESULT
load(struct session *s)
{
	store_txn_auto *first = NULL, *t = NULL;
	struct note seen = { 0 };

	AM_TRY(store_begin(s->store, false, &first));
	AM_TRY(load_vault(s, first));
	store_abort(&first);
	AM_TRY(read_remembered(s, &seen));
	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(load_vault(s, t));
	AM_TRY(session_head(t, &s->head));
	return check_remembered(s, t, &seen);
}

/* R6.14: elsewhere refused, and posted as a fault. */
static AM_RESULT
check_set_clock(struct session *s)
{
	char said[WHEN_TEXT_LEN + 16] = "AMANAT_NOW=";
	const size_t len = strlen(said);
	enum am_err err;

	if (!s->env->clock_is_set || s->vault.evaluation != 0)
		return AM_OK;
	when_text(session_now(s), said + len);
	err = why_say(s->why, AM_ERR_POLICY, "R6.14",
	    "AMANAT_NOW is for evaluation vaults only; unset it");
	fault_tell(
	    s, "R6.14", (struct bytes){ (const uint8_t *)said, strlen(said) });
	return err;
}

AM_RESULT
session_open(const char *dir, bool write, const struct session_env *env,
    struct why *why, struct session **out)
{
	session_auto *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return AM_ERR_NOMEM;
	s->env = env;
	s->why = why;
	s->write = write;
	AM_TRY(store_open(dir, write, why, &s->store));
	AM_TRY(load(s));
	AM_TRY(check_set_clock(s));
	if (write)
		AM_TRY(check_clock(s));
	*out = AM_TAKE(s);
	return AM_OK;
}

AM_RESULT
session_open_damaged(const char *dir, const struct session_env *env,
    struct why *why, struct session **out)
{
	session_auto *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return AM_ERR_NOMEM;
	s->env = env;
	s->why = why;
	AM_TRY(store_open(dir, true, why, &s->store));
	*out = AM_TAKE(s);
	return AM_OK;
}

void
session_close(struct session **s)
{
	if (*s == NULL)
		return;
	store_close((*s)->store);
	free(*s);
	*s = NULL;
}

AM_RESULT
session_remember(struct session *s)
{
	struct note seen = { 0 };

	if (s->env->heads_dir == NULL || s->is_behind)
		return AM_OK;
	if (!s->loss_accepted &&
	    heads_get(s->env->heads_dir, s->vault.vault, &seen) == AM_OK &&
	    seen.size >= s->head.size)
		return AM_OK;
	return heads_put(s->env->heads_dir, s->vault.vault, &s->head);
}

/* ---- keys */

void
session_key_free(struct session_key *k)
{
	token_close(k->token);
	secret_free(k->pin);
	k->token = NULL;
	k->pin = NULL;
}

struct bytes
session_pin(const struct secret *pin)
{
	return pin == NULL ? (struct bytes){ NULL, 0 } : secret_bytes(pin);
}

/* The first path where nothing is plugged in; NULL: there is none. */
static const char *
missing_path(const struct session_env *env, bool virtual_allowed)
{
	for (size_t i = 0; i < env->token_count; i++)
		if ((virtual_allowed || env->token_paths[i][0] == '/') &&
		    !token_present(env->token_paths[i]))
			return env->token_paths[i];
	return NULL;
}

/*
 * Hot plug: as long as the person is willing to wait, until a key is there,
 * and a moment more, in which the system makes it accessible. Whether one is
 * there in the end is for the caller to find.
 */
static AM_RESULT
await_key(const struct session_env *env, bool virtual_allowed, struct why *why)
{
	char paths[TOKEN_PATHS_MAX][TOKEN_PATH_MAX];
	const char *missing = NULL;
	enum am_err err = AM_OK;
	size_t count = env->token_count;

	for (bool waited = false; env->wait != NULL && err == AM_OK;
	     waited = true) {
		if (env->token_count == 0)
			AM_TRY(token_discover(paths, TOKEN_PATHS_MAX, &count));
		else
			missing = missing_path(env, virtual_allowed);
		if (count > 0 && missing == NULL && !waited)
			return AM_OK;
		err = env->wait(env->arg, missing, why);
		if (count > 0 && missing == NULL)
			break;
	}
	return err == AM_ERR_TOKEN ? AM_OK : err;
}

struct search {
	struct session *s;
	const uint8_t *person; /* NULL: anyone */
	struct session_key found;
	char paths[TOKEN_PATHS_MAX][TOKEN_PATH_MAX];
	size_t path_count;
	bool again;          /* one that was offered or retired is fresh, too */
	struct token *fresh; /* a key that nobody has enrolled */
	size_t others;       /* keys of people who were not meant */
	char other_label[ROWS_TITLE_MAX + 1];
	bool other_retired;
};

static AM_RESULT
list_paths(struct search *q)
{
	const struct session_env *env = q->s->env;

	if (env->token_count == 0)
		return token_discover(
		    q->paths, TOKEN_PATHS_MAX, &q->path_count);
	for (size_t i = 0; i < env->token_count && i < TOKEN_PATHS_MAX; i++) {
		const int n = snprintf(
		    q->paths[i], TOKEN_PATH_MAX, "%s", env->token_paths[i]);

		if (n <= 0 || n >= TOKEN_PATH_MAX)
			return why_say(q->s->why, AM_ERR_TOKEN, "",
			    "the path of a key is at most %d characters",
			    TOKEN_PATH_MAX - 1);
		q->path_count++;
	}
	return AM_OK;
}

/* A key may have been enrolled more than once: what is in force comes first. */
static int
worth(const struct rows_token *row)
{
	if (row->status != ROWS_ACTIVE)
		return 1;
	return row->suspended == ROWS_FREE ? 3 : 2;
}

/* Which enrolled token is this? AM_ERR_NOT_FOUND: none. */
static AM_RESULT
identify(struct search *q, struct token *t, struct rows_token *out)
{
	store_txn_auto *txn = NULL;
	int best = 0;
	struct view v;

	AM_TRY(store_begin(q->s->store, false, &txn));
	v = view_store(txn);
	for (uint32_t i = 0; i < q->s->vault.tokens && best < 3; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_token row;
		uint8_t id[32];
		bool here = false;

		AM_TRY(rows_index_get(&v, "token-n", rows_key(&n), id, 32));
		AM_TRY(rows_get_token(&v, (struct bytes){ id, 32 }, &row));
		if (worth(&row) <= best)
			continue;
		AM_TRY(token_has(t, q->s->vault.rpid,
		    (struct bytes){ row.cred, row.cred_len }, &here));
		if (!here)
			continue;
		best = worth(&row);
		*out = row;
	}
	return best > 0 ? AM_OK : AM_ERR_NOT_FOUND;
}

static AM_RESULT
consider(struct search *q, struct token **t)
{
	struct rows_token row;
	const enum am_err err = identify(q, *t, &row);

	if (err == AM_ERR_NOT_FOUND) {
		if (q->fresh == NULL)
			q->fresh = AM_TAKE(*t);
		return AM_OK;
	}
	AM_TRY(err);
	if (row.status != ROWS_ACTIVE && q->fresh == NULL && q->again) {
		q->fresh = AM_TAKE(*t); /* it may be enrolled anew */
		return AM_OK;
	}
	if (row.status != ROWS_ACTIVE ||
	    (q->person != NULL &&
		!bytes_same((struct bytes){ row.person, 16 },
		    (struct bytes){ q->person, 16 }))) {
		q->others++;
		memcpy(q->other_label, row.label, sizeof(q->other_label));
		q->other_retired = row.status == ROWS_RETIRED;
		return AM_OK;
	}
	if (q->found.token != NULL)
		return why_say(q->s->why, AM_ERR_TOKEN, "",
		    "the keys '%s' and '%s' are both plugged in; take one out, "
		    "or name one with --token",
		    q->found.row.label, row.label);
	q->found.token = AM_TAKE(*t);
	q->found.row = row;
	return AM_OK;
}

/* A software key where none is taken. */
static void
tell_fault(struct session *s, const char *path)
{
	if (strcmp(s->why->rule, "R6.14") == 0)
		fault_tell(s, "R6.14",
		    (struct bytes){ (const uint8_t *)path, strlen(path) });
}

static AM_RESULT
look_at_all(struct search *q)
{
	const struct session_env *env = q->s->env;

	for (size_t i = 0; i < q->path_count; i++) {
		token_auto *t = NULL;
		struct why quiet = { 0 };
		const enum am_err err = token_open(q->paths[i],
		    q->s->vault.evaluation != 0, &env->ui, &quiet, &t);

		if (err != AM_OK && env->token_count > 0) {
			*q->s->why = quiet;
			tell_fault(q->s, q->paths[i]);
			return err; /* it was named, so it matters */
		}
		if (err == AM_OK)
			AM_TRY(consider(q, &t));
	}
	return AM_OK;
}

/* The labels of a person's active keys, for the sentence. */
static AM_RESULT
labels_of(
    struct session *s, const uint8_t person[static 16], char *out, size_t cap)
{
	store_txn_auto *txn = NULL;
	struct rows_token row;
	size_t len = 0;
	struct view v;
	enum am_err err;

	out[0] = '\0';
	AM_TRY(store_begin(s->store, false, &txn));
	v = view_store(txn);
	for (uint32_t i = 0; (err = keyring_nth(&v, person, i, &row)) == AM_OK;
	     i++) {
		int more;

		if (row.status != ROWS_ACTIVE)
			continue;
		more = snprintf(out + len, cap - len, "%s'%s'",
		    len > 0 ? " or " : "", row.label);
		if (more < 0 || (size_t)more >= cap - len)
			return AM_OK;
		len += (size_t)more;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
say_missing(struct search *q)
{
	char labels[256];

	if (q->path_count == 0)
		return why_say(q->s->why, AM_ERR_TOKEN, "",
		    "no key found; plug in your key and try again");
	if (q->person != NULL) {
		AM_TRY(labels_of(q->s, q->person, labels, sizeof(labels)));
		return why_say(q->s->why, AM_ERR_WRONG_TOKEN, "",
		    "insert the key labelled %s; no PIN try was used", labels);
	}
	if (q->others > 0 && q->other_retired)
		return why_say(q->s->why, AM_ERR_TOKEN, "V22",
		    "the key '%s' is retired, which is for good; use another "
		    "key of yours",
		    q->other_label);
	if (q->others > 0)
		return why_say(q->s->why, AM_ERR_TOKEN, "",
		    "the key '%s' has been offered but not admitted",
		    q->other_label);
	return why_say(q->s->why, AM_ERR_WRONG_TOKEN, "",
	    "the key that is plugged in is not enrolled in this vault; no PIN "
	    "try was used");
}

static AM_RESULT
load_person(struct search *q)
{
	store_txn_auto *txn = NULL;
	struct view v;

	AM_TRY(store_begin(q->s->store, false, &txn));
	v = view_store(txn);
	return rows_get_person(
	    &v, (struct bytes){ q->found.row.person, 16 }, &q->found.person);
}

static AM_RESULT
search(struct search *q)
{
	AM_TRY(await_key(q->s->env, q->s->vault.evaluation != 0, q->s->why));
	AM_TRY(list_paths(q));
	AM_TRY(look_at_all(q));
	if (q->found.token == NULL)
		return say_missing(q);
	return load_person(q);
}

AM_RESULT
session_find_key(struct session *s, const uint8_t *person,
    struct session_key *out, struct token **fresh)
{
	struct search q = { .s = s, .person = person, .again = fresh != NULL };
	const enum am_err err = search(&q);

	if (fresh != NULL && q.fresh != NULL)
		*fresh = AM_TAKE(q.fresh);
	token_close(q.fresh);
	if (err != AM_OK) {
		session_key_free(&q.found);
		return err;
	}
	*out = q.found;
	return AM_OK;
}

/* Who plugs in a key that is out of force may be its thief. */
static void
tell_suspended(struct session *s, const struct session_key *k)
{
	char said[2 * ROWS_TITLE_MAX];
	const int len = snprintf(
	    said, sizeof(said), "key '%s' of '%s'", k->row.label, k->person.id);

	fault_tell(
	    s, "V22", (struct bytes){ (const uint8_t *)said, (size_t)len });
}

AM_RESULT
session_key_is_free(struct session *s, const struct session_key *k)
{
	enum am_err err;

	if (rows_is_free(&k->person, &k->row))
		return AM_OK;
	err = why_say(s->why, AM_ERR_TOKEN, "V22",
	    k->row.suspended != ROWS_FREE
		? "the key '%s' is suspended; use another key of yours"
		: "'%s' is suspended; a quorum can lift that",
	    k->row.suspended != ROWS_FREE ? k->row.label : k->person.id);
	tell_suspended(s, k);
	return err;
}

/* As if only the key at `path` were there. */
static AM_RESULT
find_at(struct session *s, const char *path, struct session_key *out)
{
	const struct session_env *all = s->env;
	struct session_env one = *all;
	enum am_err err;

	one.token_paths = &path;
	one.token_count = 1;
	s->env = &one;
	err = session_find_key(s, NULL, out, NULL);
	s->env = all;
	return err;
}

AM_RESULT
session_find_pair(struct session *s, struct session_key out[static 2])
{
	struct search q = { .s = s };
	session_key_auto a = { 0 }, b = { 0 };

	AM_TRY(await_key(s->env, s->vault.evaluation != 0, s->why));
	AM_TRY(list_paths(&q));
	if (q.path_count != 2)
		return why_say(s->why, AM_ERR_TOKEN, "",
		    "plug in two keys of yours, and no other; or name both "
		    "with --token");
	AM_TRY(find_at(s, q.paths[0], &a));
	AM_TRY(find_at(s, q.paths[1], &b));
	if (!bytes_same((struct bytes){ a.row.person, 16 },
		(struct bytes){ b.row.person, 16 }))
		return why_say(s->why, AM_ERR_TOKEN, "",
		    "the keys '%s' and '%s' are of two people; plug in two of "
		    "yours",
		    a.row.label, b.row.label);
	out[0] = a;
	out[1] = b;
	a = b = (struct session_key){ 0 };
	return AM_OK;
}

AM_RESULT
session_only_token(const struct session_env *env, bool virtual_allowed,
    struct why *why, struct token **out)
{
	char paths[TOKEN_PATHS_MAX][TOKEN_PATH_MAX];
	const char *path = NULL;
	size_t count = env->token_count;

	AM_TRY(await_key(env, virtual_allowed, why));
	if (count == 0) {
		AM_TRY(token_discover(paths, TOKEN_PATHS_MAX, &count));
		path = paths[0];
	} else {
		path = env->token_paths[0];
	}
	if (count == 0)
		return why_say(why, AM_ERR_TOKEN, "",
		    "no key found; plug in your key and try again");
	if (count > 1)
		return why_say(why, AM_ERR_TOKEN, "",
		    "several keys are plugged in; leave one, or name it with "
		    "--token");
	return token_open(path, virtual_allowed, &env->ui, why, out);
}

AM_RESULT
session_ask_pin(
    struct session *s, struct token *t, const char *label, struct secret **out)
{
	secret_auto *pin = NULL;
	int tries = 0;

	token_call(t, label);
	if (!token_needs_pin(t))
		return AM_OK;
	AM_TRY(token_retries(t, &tries));
	if (tries == 0)
		return why_say(s->why, AM_ERR_PIN_BLOCKED, "",
		    "the PIN of key '%s' is blocked; only a reset helps, which "
		    "wipes it: ask for a new enrolment",
		    label);
	if (tries <= 2 && !s->env->yes)
		return why_say(s->why, AM_ERR_PIN_BLOCKED, "",
		    "the key '%s' has %d PIN tries left, then it is blocked "
		    "for good; stop here unless you are sure, and if you are, "
		    "say --yes",
		    label, tries);
	AM_TRY(s->env->pin(s->env->arg, label, tries, s->why, &pin));
	if (token_is_otp(secret_bytes(pin)))
		return why_say(s->why, AM_ERR_PIN, "",
		    "you touched the key too early and it typed a one-time "
		    "password; nothing was counted, try again");
	*out = AM_TAKE(pin);
	return AM_OK;
}
