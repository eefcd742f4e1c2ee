#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/acts/restore.h"

#include "vault/acts/post.h"
#include "vault/acts/rekey.h"
#include "vault/audit/rebuild.h"
#include "vault/base/buf.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"
#include "vault/crypto/bag.h"
#include "vault/state/logkey.h"
#include "vault/store/hostfile.h"
#include "vault/store/pack.h"

enum { VOTE_SPAN = 30 * 86400, SEED = 32 };

/* One restore under way. */
struct restore {
	const struct restore_wish *wish;
	const struct session_env *env;
	struct session_env quiet; /* env, but heads are looked at here */
	struct why *why;
	char place[PATH_MAX];
	struct pack pack;
	char rpid[NOTE_ORIGIN_MAX];
	/* the key at hand */
	struct token *token;
	struct secret *pin, *identity; /* identity: the body of the bag */
	struct pack_entry bag;
	struct bytes cred; /* lent from the bag */
	struct secret *seed;
	struct note lost; /* size 0: nothing is */
	struct restore_done done;
};

static void
restore_end(struct restore *r)
{
	pack_close(&r->pack);
	token_close(r->token);
	secret_free(r->pin);
	secret_free(r->identity);
	secret_free(r->seed);
}

#define restore_auto AM_CLEANUP(restore_end) struct restore

/* ---- before anything is touched */

static AM_RESULT
check_places(struct restore *r)
{
	const char *dir = r->wish->dir;
	const int n = snprintf(r->place, sizeof(r->place), "%s.restoring", dir);

	if (n <= 0 || n >= (int)sizeof(r->place))
		return AM_ERR_INVALID;
	if (access(dir, F_OK) == 0)
		return why_say(r->why, AM_ERR_EXISTS, "",
		    "'%s' exists; a vault is restored where nothing is yet",
		    dir);
	if (access(r->place, F_OK) == 0)
		return why_say(r->why, AM_ERR_EXISTS, "",
		    "'%s' is left from a restore that was broken off; nothing "
		    "in it is in use: remove it and try again",
		    r->place);
	if (mkdir(r->place, 0700) == 0 && rmdir(r->place) == 0)
		return AM_OK;
	return why_say(r->why, AM_ERR_IO, "",
	    "cannot make '%s': %s; make the directory above it first, and "
	    "writable for you",
	    r->place, strerror(errno));
}

/* The relying party is in the checkpoint, "<rp id>/amanat/<vault>". */
static AM_RESULT
read_origin(struct restore *r)
{
	char want[NOTE_ORIGIN_MAX], hex[ENC_HEX_LEN(16) + 1];
	struct note head;
	size_t len;

	enc_hex((struct bytes){ r->pack.head.vault, 16 }, hex);
	(void)snprintf(want, sizeof(want), "/amanat/%s", hex);
	if (note_look(r->pack.tail.note, r->rpid, &head) != AM_OK)
		len = 0;
	else
		len = strlen(r->rpid);
	if (len <= strlen(want) ||
	    strcmp(r->rpid + len - strlen(want), want) != 0)
		return why_say(r->why, AM_ERR_CORRUPT, "7.4",
		    "the checkpoint in '%s' is not of its vault; use another "
		    "copy",
		    r->wish->backup);
	r->rpid[len - strlen(want)] = '\0';
	return AM_OK;
}

static AM_RESULT
read_seed_file(struct restore *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%.*s",
	    slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path);
	hostfile_fd fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return why_say(r->why, AM_ERR_INCOMPLETE, "",
		    "'%s' is missing; name the file with your copy of the log "
		    "key",
		    path);
	return hostfile_secret(
	    fd, slash == NULL ? path : slash + 1, SEED, r->why, &r->seed);
}

static AM_RESULT
read_seed(struct restore *r)
{
	const struct restore_wish *w = r->wish;

	if (w->log_key != NULL && w->new_log_key)
		return why_say(r->why, AM_ERR_INVALID, "",
		    "--log-key or --new-log-key, not both: a log key that is "
		    "there is not replaced");
	if (w->log_key != NULL)
		return read_seed_file(r, w->log_key);
	if (w->new_log_key) {
		AM_TRY(secret_new(SEED, &r->seed));
		randombytes_buf(secret_mut(r->seed), SEED);
		return secret_freeze(r->seed);
	}
	if (w->accept_loss)
		return why_say(r->why, AM_ERR_INCOMPLETE, "R3.9",
		    "to put a loss to the quorum the log key is needed; name "
		    "your copy with --log-key");
	return AM_OK;
}

/* ---- the key at hand */

static AM_RESULT
is_on(
    struct restore *r, struct token *t, const struct pack_entry *e, bool *found)
{
	struct bag_header h;

	if (bag_look(e->content, &h) != AM_OK || h.type != BAG_IDENTITY)
		return AM_OK;
	for (size_t i = 0; i < h.slots && !*found; i++) {
		AM_TRY(token_has(t, r->rpid, h.creds[i], found));
		if (*found)
			r->cred = h.creds[i];
	}
	return AM_OK;
}

static AM_RESULT
try_token(struct restore *r, struct token **t)
{
	struct buf_reader bags = r->pack.tail.bags;
	struct pack_entry e;
	enum am_err err;

	while ((err = pack_bag(&bags, &e)) == AM_OK) {
		bool found = false;

		AM_TRY(is_on(r, *t, &e, &found));
		if (!found)
			continue;
		r->token = AM_TAKE(*t);
		r->bag = e;
		return AM_OK;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
find_key(struct restore *r)
{
	char found[TOKEN_PATHS_MAX][TOKEN_PATH_MAX];
	const bool named = r->env->token_count > 0;
	size_t count = r->env->token_count;

	if (!named)
		AM_TRY(token_discover(found, TOKEN_PATHS_MAX, &count));
	if (count == 0)
		return why_say(r->why, AM_ERR_TOKEN, "",
		    "no key found; plug in your key and try again");
	for (size_t i = 0; i < count && r->token == NULL; i++) {
		struct why quiet = { 0 };
		token_auto *t = NULL;
		/* whether software keys are allowed is known only later */
		const enum am_err err =
		    token_open(named ? r->env->token_paths[i] : found[i], named,
			&r->env->ui, &quiet, &t);

		if (err != AM_OK && named) {
			*r->why = quiet;
			return err;
		}
		if (err == AM_OK)
			AM_TRY(try_token(r, &t));
	}
	if (r->token == NULL)
		return why_say(r->why, AM_ERR_WRONG_TOKEN, "",
		    "the key that is plugged in has no identity in this "
		    "backup; no PIN try was used");
	return AM_OK;
}

/* R6.5: here, and only here, the input in the header is trusted. */
static AM_RESULT
open_identity(struct restore *r)
{
	struct session s = { .env = r->env, .why = r->why };
	struct bag_header h;
	secret_auto *prf = NULL;
	uint8_t salt[32];

	AM_TRY(bag_look(r->bag.content, &h));
	if (!bytes_same((struct bytes){ h.vault, 16 },
		(struct bytes){ r->pack.head.vault, 16 }))
		return why_say(r->why, AM_ERR_CORRUPT, "R6.5",
		    "the identity in the backup is of another vault");
	AM_TRY(session_ask_pin(&s, r->token, token_path(r->token), &r->pin));
	bag_salt(h.input, salt);
	AM_TRY(token_unlock(r->token, r->rpid, r->cred, salt,
	    session_pin(r->pin), "to unlock the register key", r->why, &prf));
	if (bag_open(r->bag.content, BAG_IDENTITY, h.vault, h.input,
		secret_bytes(prf), r->cred, &r->identity) != AM_OK)
		return why_say(r->why, AM_ERR_CORRUPT, "R6.6",
		    "the identity in the backup does not open with this key; "
		    "use another copy");
	return AM_OK;
}

/* R3.1: who is no official has zeros in the place of R. */
static AM_RESULT
register_key(struct restore *r, struct bytes *out)
{
	const struct bytes body = secret_bytes(r->identity);

	*out = (struct bytes){ body.p + 16 + 32, 32 };
	if (!sodium_is_zero(out->p, out->len))
		return AM_OK;
	return why_say(r->why, AM_ERR_POLICY, "R3.1",
	    "this key belongs to someone who does not hold the register key "
	    "(a contractor or an auditor); use an official's key");
}

/* ---- putting it together */

static AM_RESULT
put_database(const struct restore *r, int dir)
{
	hostfile_fd fd = openat(dir, "db/data.mdb",
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return AM_ERR_IO;
	AM_TRY(pack_copy_database(&r->pack, fd));
	return fsync(fd) == 0 ? AM_OK : AM_ERR_IO;
}

static enum am_err
fill(void *arg, int dir, struct why *why)
{
	const struct restore *r = arg;
	struct buf_reader bags = r->pack.tail.bags;
	struct pack_entry e;
	enum am_err err;

	(void)why;
	AM_TRY(put_database(r, dir));
	while ((err = pack_bag(&bags, &e)) == AM_OK)
		AM_TRY(hostfile_put(dir, e.name, e.content));
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* ---- what came out of it */

/* R6.14 again, now that the vault says what it is. */
static AM_RESULT
check_evaluation(const struct restore *r, const struct session *s)
{
	if (s->vault.evaluation != 0 || token_path(r->token)[0] == '/')
		return AM_OK;
	return why_say(r->why, AM_ERR_TOKEN, "R6.14",
	    "only an evaluation vault takes a software key, and this is none");
}

static AM_RESULT
check_seed(const struct restore *r, const struct session *s)
{
	uint8_t pk[NOTE_PUBLIC], sk[NOTE_SECRET];
	bool right;

	if (r->seed == NULL || r->wish->new_log_key)
		return AM_OK;
	(void)crypto_sign_seed_keypair(pk, sk, secret_bytes(r->seed).p);
	sodium_memzero(sk, sizeof(sk));
	right = bytes_same((struct bytes){ pk, sizeof(pk) },
	    (struct bytes){ s->vault.logkey, 32 });
	return right ? AM_OK
		     : why_say(r->why, AM_ERR_VERIFY, "R13.24",
			   "'%s' is not the log key of this vault; if that "
			   "is lost, --new-log-key replaces it",
			   r->wish->log_key);
}

/* The checkpoint beside the database is the one in it, and fits the log. */
static AM_RESULT
check_note(const struct restore *r, struct session *s)
{
	store_txn_auto *t = NULL;
	blob_auto note = { 0 };

	AM_TRY(rebuild_check_note(s));
	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(store_note_get(t, &note));
	if (bytes_same(blob_bytes(&note), r->pack.tail.note))
		return AM_OK;
	return why_say(r->why, AM_ERR_CORRUPT, "7.4",
	    "the checkpoint in '%s' is not that of its database; use another "
	    "copy",
	    r->wish->backup);
}

/* ---- is it old? */

/* A head that is known from elsewhere: `what` names where from. */
static AM_RESULT
check_known(struct restore *r, struct session *s, const struct note *known,
    const char *what)
{
	store_txn_auto *t = NULL;
	bool fits = false;

	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(session_head_fits(s, t, known, &fits));
	if (!fits)
		AM_TRY(session_loss_accepted(s, t, known, &fits));
	if (fits)
		return AM_OK;
	if (known->size <= s->head.size)
		return why_say(r->why, AM_ERR_VERIFY, "R7.3",
		    "the history in '%s' is not the one of %s: its first %lu "
		    "statements differ; keep this copy as evidence",
		    r->wish->backup, what, (unsigned long)known->size);
	if (!r->wish->accept_loss)
		return why_say(r->why, AM_ERR_STALE, "R3.9",
		    "the backup has %lu statements, and %s has %lu: use a "
		    "newer one; if there is none, --accept-loss puts the loss "
		    "to the quorum",
		    (unsigned long)s->head.size, what,
		    (unsigned long)known->size);
	if (known->size > r->lost.size)
		r->lost = *known;
	return AM_OK;
}

static AM_RESULT
check_seen(struct restore *r, struct session *s)
{
	struct note seen;
	enum am_err err;

	if (r->env->heads_dir == NULL)
		return AM_OK;
	err = heads_get(r->env->heads_dir, s->vault.vault, &seen);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	if (err != AM_OK)
		return why_say(r->why, AM_ERR_INCOMPLETE, "R7.3",
		    "the remembered head in '%s' cannot be read; repair it or "
		    "move it away",
		    r->env->heads_dir);
	return check_known(r, s, &seen, "what was seen on this machine");
}

static AM_RESULT
read_note(const char *path, struct blob *out)
{
	hostfile_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return AM_ERR_NOT_FOUND;
	AM_TRY(blob_resize(out, NOTE_MAX + 1));
	n = read(fd, out->p, out->len);
	if (n < 0)
		return AM_ERR_IO;
	out->len = (size_t)n;
	return AM_OK;
}

static AM_RESULT
check_since(struct restore *r, struct session *s)
{
	store_txn_auto *t = NULL;
	blob_auto text = { 0 };
	struct note since;
	struct view v;

	if (r->wish->since == NULL)
		return AM_OK;
	if (read_note(r->wish->since, &text) != AM_OK)
		return why_say(r->why, AM_ERR_NOT_FOUND, "",
		    "cannot read the checkpoint '%s'", r->wish->since);
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (logkey_open(&v, blob_bytes(&text), &since) != AM_OK)
		return why_say(r->why, AM_ERR_VERIFY, "V04",
		    "'%s' is not a checkpoint of this vault", r->wish->since);
	return check_known(r, s, &since, "the checkpoint");
}

/* ---- the loss, put to the quorum (R3.9) */

static AM_RESULT
loss_act(const struct restore *r, int64_t until, struct json_t **out)
{
	canon_auto *act = canon_object(), *waive = canon_object();
	char rule[ROWS_RULE_MAX + 1], text[WHEN_TEXT_LEN + 1];

	session_loss_rule(&r->lost, rule);
	when_text(until, text);
	AM_TRY(canon_set(waive, "rule", canon_str(rule)));
	AM_TRY(canon_set(waive, "until", canon_str(text)));
	AM_TRY(canon_set(act, "waive", AM_TAKE(waive)));
	*out = AM_TAKE(act);
	return AM_OK;
}

static AM_RESULT
move_loss(struct restore *r, struct session *s)
{
	const int64_t until = session_now(s) + VOTE_SPAN;
	session_key_auto k = { 0 };
	canon_auto *body = NULL, *act = NULL;
	char text[WHEN_TEXT_LEN + 1];
	post_auto p = { .s = s };

	AM_TRY(session_find_key(s, secret_bytes(r->identity).p, &k, NULL));
	k.pin = AM_TAKE(r->pin);
	AM_TRY(loss_act(r, until, &act));
	when_text(until, text);
	AM_TRY(post_body(s, "motion", k.row.person, &body));
	AM_TRY(canon_set(body, "act", AM_TAKE(act)));
	AM_TRY(canon_set(body, "until", canon_str(text)));
	AM_TRY(canon_set(body, "why",
	    canon_str("restored from a backup; newer statements are lost")));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k.row.cred, k.row.cred_len }));
	AM_TRY(post_all(&p, &k, "to put the loss to the quorum"));
	r->done.motion = s->vault.motions;
	r->done.lost = r->lost.size;
	return AM_OK;
}

/* What is posted before the vault has its name: a new log key, and the loss. */
static AM_RESULT
post_first(struct restore *r)
{
	const struct rekey_known known = { r->cred, r->pin };
	session_auto *s = NULL;

	if (r->lost.size == 0 && !r->wish->new_log_key)
		return AM_OK;
	token_close(AM_TAKE(r->token)); /* it is looked for again */
	AM_TRY(session_open(r->place, true, &r->quiet, r->why, &s));
	if (r->wish->new_log_key)
		AM_TRY(rekey_log(s, &known));
	if (r->lost.size > 0)
		AM_TRY(move_loss(r, s));
	r->done.head = s->head;
	return AM_OK;
}

/* ---- all of it */

static AM_RESULT
whose(struct restore *r, struct session *s)
{
	store_txn_auto *t = NULL;
	struct rows_person p;
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	AM_TRY(rows_get_person(
	    &v, (struct bytes){ secret_bytes(r->identity).p, 16 }, &p));
	memcpy(r->done.person, p.id, sizeof(r->done.person));
	return AM_OK;
}

static AM_RESULT
check_all(struct restore *r)
{
	session_auto *s = NULL;

	AM_TRY(session_open(r->place, false, &r->quiet, r->why, &s));
	AM_TRY(check_evaluation(r, s));
	AM_TRY(check_note(r, s));
	AM_TRY(check_seed(r, s));
	AM_TRY(check_seen(r, s));
	AM_TRY(check_since(r, s));
	AM_TRY(whose(r, s));
	r->done.head = s->head;
	r->done.writable = r->seed != NULL;
	return AM_OK;
}

static AM_RESULT
name_it(struct restore *r)
{
	char above[PATH_MAX];

	if (renameat2(AT_FDCWD, r->place, AT_FDCWD, r->wish->dir,
		RENAME_NOREPLACE) != 0 &&
	    ((errno != EINVAL && errno != ENOSYS) ||
		rename(r->place, r->wish->dir) != 0))
		return why_say(r->why, AM_ERR_IO, "",
		    "cannot rename '%s' to '%s': %s", r->place, r->wish->dir,
		    strerrordesc_np(errno));
	(void)snprintf(above, sizeof(above), "%.4000s/..", r->wish->dir);
	hostfile_fd fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0
	    ? AM_OK
	    : why_say(r->why, AM_ERR_IO, "",
		  "the vault is restored, but its name in the directory "
		  "above '%s' could not be synced: %s",
		  r->wish->dir, strerrordesc_np(errno));
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st;
	(void)what;
	(void)at;
	return remove(path);
}

static AM_RESULT
restore_at_place(struct restore *r)
{
	const struct store_filling with = { fill, r };
	struct bytes R = { 0 };
	enum am_err err;

	AM_TRY(register_key(r, &R));
	err = store_restore(r->place, r->pack.head.vault, R,
	    r->seed == NULL ? (struct bytes){ NULL, 0 } : secret_bytes(r->seed),
	    &with, r->why);
	if (err == AM_OK)
		err = check_all(r);
	if (err == AM_OK)
		err = post_first(r);
	if (err == AM_OK)
		err = name_it(r);
	if (err != AM_OK)
		(void)nftw(r->place, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return err;
}

AM_RESULT
restore_vault(const struct restore_wish *w, const struct session_env *env,
    struct why *why, struct restore_done *out)
{
	restore_auto r = { .wish = w,
		.env = env,
		.quiet = *env,
		.why = why,
		.pack = { .fd = -1 } };

	r.quiet.heads_dir = NULL;
	AM_TRY(check_places(&r));
	AM_TRY(pack_open(w->backup, why, &r.pack));
	AM_TRY(read_origin(&r));
	AM_TRY(read_seed(&r));
	AM_TRY(find_key(&r));
	AM_TRY(open_identity(&r));
	AM_TRY(restore_at_place(&r));
	*out = r.done;
	return AM_OK;
}
