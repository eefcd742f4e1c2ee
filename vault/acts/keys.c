#include <sodium.h>

#include "vault/acts/keys.h"

#include "vault/base/buf.h"
#include "vault/state/rows.h"

void
keys_member_wipe(struct keys_member *m)
{
	sodium_memzero(m, sizeof(*m));
}

struct bag_purpose
keys_identity_purpose(const struct session *s, const uint8_t person[static 16])
{
	struct bag_purpose p = { 0 };

	memcpy(p.vault, s->vault.vault, sizeof(p.vault));
	memcpy(p.person, person, sizeof(p.person));
	return p;
}

struct bag_purpose
keys_member_purpose(const struct session *s, const uint8_t person[static 16],
    const uint8_t safe[static 16], uint8_t committee, uint32_t epoch)
{
	struct bag_purpose p = keys_identity_purpose(s, person);

	memcpy(p.safe, safe, sizeof(p.safe));
	p.committee = committee;
	p.epoch = epoch;
	return p;
}

static struct bytes
cred_of(const struct session_key *k)
{
	return (struct bytes){ k->row.cred, k->row.cred_len };
}

AM_RESULT
keys_unlock(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const char *what, struct secret **out)
{
	uint8_t input[32], salt[32];

	bag_input(p, input);
	bag_salt(input, salt);
	return token_unlock(k->token, s->vault.rpid, cred_of(k), salt,
	    session_pin(k->pin), what, s->why, out);
}

/* One bag file: what it is for, and whether it is the ".next" one. */
struct place {
	enum bag_type type;
	const struct bag_purpose *purpose;
	bool next;
};

static void
file_of(const struct place *at, char out[static 64])
{
	uint8_t input[32];
	char name[33];

	bag_input(at->purpose, input);
	bag_name(at->type, at->purpose->vault, input, name);
	(void)snprintf(out, 64, "bags/%s%s", name, at->next ? ".next" : "");
}

static AM_RESULT
write_bag(struct session *s, const struct session_key *k,
    const struct place *at, const struct secret *prf, struct bytes body)
{
	uint8_t input[32], file[BAG_FILE_MAX];
	size_t len = 0;
	char name[64];

	bag_input(at->purpose, input);
	AM_TRY(bag_seal(at->type, at->purpose->vault, input, secret_bytes(prf),
	    cred_of(k), body, file, &len));
	file_of(at, name);
	return store_file_put(s->store, name, (struct bytes){ file, len });
}

static AM_RESULT
read_bag(struct session *s, const struct session_key *k, const struct place *at,
    const struct secret *prf, struct secret **out)
{
	uint8_t input[32];
	blob_auto file = { 0 };
	char name[64];
	enum am_err err;

	bag_input(at->purpose, input);
	file_of(at, name);
	err = store_file_get(s->store, name, BAG_FILE_MAX, &file);
	if (err == AM_ERR_NOT_FOUND)
		return why_say(s->why, AM_ERR_INCOMPLETE, "R6.6",
		    "the key bag '%s' is missing from the vault; restore it "
		    "from a backup",
		    name);
	AM_TRY(err);
	err = bag_open(blob_bytes(&file), at->type, at->purpose->vault, input,
	    secret_bytes(prf), cred_of(k), out);
	if (err == AM_ERR_WRONG_TOKEN)
		return why_say(s->why, err, "R6.6",
		    "the key bag '%s' does not open with this key; if another "
		    "key of yours opens it, plug in both: amanat token slot",
		    name);
	if (err != AM_OK)
		return why_say(s->why, err, "R6.6",
		    "the key bag '%s' does not open with this key", name);
	return AM_OK;
}

AM_RESULT
keys_write_identity(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf, struct bytes body)
{
	const struct place at = { BAG_IDENTITY, p, true };

	return write_bag(s, k, &at, prf, body);
}

AM_RESULT
keys_no_identity(struct session *s, const struct bag_purpose *p)
{
	const struct place at = { BAG_IDENTITY, p, false };
	blob_auto file = { 0 };
	char name[64];
	enum am_err err;

	file_of(&at, name);
	err = store_file_get(s->store, name, BAG_FILE_MAX, &file);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	if (err != AM_OK && err != AM_ERR_CORRUPT)
		return err;
	return why_say(s->why, AM_ERR_STALE, "R5.7",
	    "the vault holds an identity of this person ('%s'), which this "
	    "database does not know: an old copy was put in its place; ask for "
	    "the newer one, or, if it is lost for good, move that file away",
	    name);
}

static AM_RESULT
write_member(struct session *s, const struct session_key *k,
    const struct place *at, const struct secret *prf,
    const struct keys_member *m)
{
	secret_auto *body = NULL;
	struct buf_writer w = { .cap = BAG_MEMBER_BODY };

	AM_TRY(secret_new(BAG_MEMBER_BODY, &body));
	w.p = secret_mut(body);
	AM_TRY(buf_put_u8(&w, m->state));
	AM_TRY(buf_put_fixed(&w, m->safe, sizeof(m->safe)));
	AM_TRY(buf_put_u8(&w, m->committee));
	AM_TRY(buf_put_u32(&w, m->epoch));
	AM_TRY(buf_put_u32(&w, m->index));
	AM_TRY(buf_put_fixed(&w, m->scalar.b, SC_BYTES));
	AM_TRY(buf_put_fixed(&w, m->plan, sizeof(m->plan)));
	AM_TRY(buf_put_fixed(&w, m->manifest, sizeof(m->manifest)));
	return write_bag(s, k, at, prf, secret_bytes(body));
}

AM_RESULT
keys_write_member(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    const struct keys_member *m)
{
	const struct place at = { BAG_MEMBER, p, false };

	return write_member(s, k, &at, prf, m);
}

AM_RESULT
keys_write_next(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    const struct keys_member *m)
{
	const struct place at = { BAG_MEMBER, p, true };

	return write_member(s, k, &at, prf, m);
}

static AM_RESULT
parse_member(struct bytes body, struct keys_member *m)
{
	struct buf_reader r = { .rest = body };
	scalar_auto x = { 0 };

	AM_TRY(buf_get_u8(&r, &m->state));
	AM_TRY(buf_get_fixed(&r, m->safe, sizeof(m->safe)));
	AM_TRY(buf_get_u8(&r, &m->committee));
	AM_TRY(buf_get_u32(&r, &m->epoch));
	AM_TRY(buf_get_u32(&r, &m->index));
	AM_TRY(buf_get_fixed(&r, x.b, SC_BYTES));
	AM_TRY(sc_decode_nonzero((struct bytes){ x.b, SC_BYTES }, &m->scalar));
	AM_TRY(buf_get_fixed(&r, m->plan, sizeof(m->plan)));
	AM_TRY(buf_get_fixed(&r, m->manifest, sizeof(m->manifest)));
	return buf_get_end(&r);
}

static AM_RESULT
read_member(struct session *s, const struct session_key *k,
    const struct place *at, const struct secret *prf, struct keys_member *out)
{
	secret_auto *body = NULL;

	AM_TRY(read_bag(s, k, at, prf, &body));
	return parse_member(secret_bytes(body), out);
}

AM_RESULT
keys_read_member(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    struct keys_member *out)
{
	const struct place at = { BAG_MEMBER, p, false };

	return read_member(s, k, &at, prf, out);
}

AM_RESULT
keys_read_next(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    struct keys_member *out)
{
	const struct place at = { BAG_MEMBER, p, true };

	return read_member(s, k, &at, prf, out);
}

static AM_RESULT
promote(struct session *s, enum bag_type type, const struct bag_purpose *p)
{
	const struct place from = { type, p, true }, to = { type, p, false };
	char old[64], new[64];
	blob_auto file = { 0 };

	file_of(&from, old);
	file_of(&to, new);
	AM_TRY(store_file_get(s->store, old, BAG_FILE_MAX, &file));
	AM_TRY(store_file_put(s->store, new, blob_bytes(&file)));
	return store_file_del(s->store, old);
}

AM_RESULT
keys_promote(struct session *s, const struct bag_purpose *p)
{
	return promote(s, BAG_MEMBER, p);
}

AM_RESULT
keys_promote_identity(struct session *s, const struct bag_purpose *p)
{
	return promote(s, BAG_IDENTITY, p);
}

static bool
is_share_of(const struct keys_member *m, const uint8_t manifest[static 32])
{
	return m->state == KEYS_SHARE &&
	    bytes_same((struct bytes){ m->manifest, 32 },
		(struct bytes){ manifest, 32 });
}

/* What stands in the way of ending the ceremony: a ".next" left by a crash
 * before keys_promote was through. That there is none is the usual case. */
static AM_RESULT
read_left(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    struct keys_member *out)
{
	struct why quiet = { 0 }, *why = s->why;
	enum am_err err;

	s->why = &quiet;
	err = keys_read_next(s, k, p, prf, out);
	s->why = why;
	if (err == AM_OK || err == AM_ERR_NOMEM || err == AM_ERR_IO)
		return err;
	*out = (struct keys_member){ 0 }; /* none, or of no use */
	return AM_OK;
}

static AM_RESULT
drop_next(struct session *s, const struct bag_purpose *p)
{
	const struct place at = { BAG_MEMBER, p, true };
	char name[64];

	file_of(&at, name);
	return store_file_del(s->store, name);
}

AM_RESULT
keys_erase(struct session *s, const struct bag_purpose *p)
{
	for (int next = 0; next < 2; next++) {
		const struct place at = { BAG_MEMBER, p, next != 0 };
		char name[64];
		enum am_err err;

		file_of(&at, name);
		err = store_file_del(s->store, name);
		if (err != AM_OK && err != AM_ERR_NOT_FOUND)
			return err;
	}
	return AM_OK;
}

AM_RESULT
keys_read_share(struct session *s, const struct session_key *k,
    const struct bag_purpose *p, const struct secret *prf,
    const uint8_t manifest[static 32], struct keys_member *out)
{
	keys_member_auto m = { 0 }, left = { 0 };

	AM_TRY(keys_read_member(s, k, p, prf, &m));
	AM_TRY(read_left(s, k, p, prf, &left));
	if (is_share_of(&m, manifest)) {
		if (is_share_of(&left, manifest))
			AM_TRY(drop_next(s, p));
		*out = m;
		return AM_OK;
	}
	if (m.state == KEYS_SHARE || !is_share_of(&left, manifest))
		return why_say(s->why, AM_ERR_INCOMPLETE, "R5.5",
		    "your key bag is of another committee; restore the right "
		    "one from a backup");
	AM_TRY(keys_promote(s, p)); /* the join key has to go (R5.4) */
	*out = left;
	return AM_OK;
}

static AM_RESULT
read_identity(struct session *s, const struct session_key *k,
    const struct place *at, const struct secret *prf, struct scalar *out_d)
{
	secret_auto *body = NULL;
	struct bytes b;

	AM_TRY(read_bag(s, k, at, prf, &body));
	b = secret_bytes(body);
	if (b.len != BAG_IDENTITY_BODY)
		return AM_ERR_CORRUPT;
	return sc_decode_nonzero((struct bytes){ b.p + 16, SC_BYTES }, out_d);
}

/* Whether `d` is of the identity that the log has for this person. */
static AM_RESULT
is_known_identity(
    const struct session_key *k, const struct scalar *d, bool *out)
{
	struct point pk;

	AM_TRY(pt_mul_base(d, &pk));
	*out =
	    bytes_same(pt_bytes(&pk), (struct bytes){ k->person.pk, PT_BYTES });
	return AM_OK;
}

AM_RESULT
keys_read_identity(struct session *s, const struct session_key *k,
    const struct secret *prf, struct scalar *out_d)
{
	const struct bag_purpose p = keys_identity_purpose(s, k->row.person);
	const struct place at = { BAG_IDENTITY, &p, false },
			   next = { BAG_IDENTITY, &p, true };
	struct why quiet = { 0 }, *why = s->why;
	scalar_auto d = { 0 };
	bool known = false;
	enum am_err err = read_identity(s, k, &at, prf, &d);

	if (err != AM_ERR_INCOMPLETE) {
		*out_d = d;
		return err;
	}
	s->why = &quiet;
	err = read_identity(s, k, &next, prf, &d);
	s->why = why;
	if (err == AM_OK)
		AM_TRY(is_known_identity(k, &d, &known));
	if (!known)
		return AM_ERR_INCOMPLETE; /* the sentence stands already */
	*why = (struct why){ 0 };
	AM_TRY(keys_promote_identity(s, &p));
	*out_d = d;
	return AM_OK;
}

/* ---- slots */

static AM_RESULT
read_file(struct session *s, const struct keys_bag *b, struct blob *out)
{
	const struct place at = { b->type, &b->purpose, false };
	enum am_err err;
	char name[64];

	file_of(&at, name);
	err = store_file_get(s->store, name, BAG_FILE_MAX, out);
	if (err == AM_ERR_NOT_FOUND)
		return why_say(s->why, AM_ERR_INCOMPLETE, "R6.6",
		    "the key bag '%s' is missing from the vault; restore it "
		    "from a backup",
		    name);
	return err;
}

AM_RESULT
keys_has_slot(
    struct session *s, const struct keys_bag *b, struct bytes cred, bool *out)
{
	blob_auto file = { 0 };

	AM_TRY(read_file(s, b, &file));
	return bag_has_slot(blob_bytes(&file), cred, out);
}

AM_RESULT
keys_add_slot(struct session *s, const struct keys_bag *b,
    const struct bag_key *by, const struct bag_key *added, struct blob *out)
{
	uint8_t input[32], bytes[BAG_FILE_MAX];
	blob_auto file = { 0 };
	size_t len = 0;
	enum am_err err;

	AM_TRY(read_file(s, b, &file));
	bag_input(&b->purpose, input);
	err = bag_add_slot(blob_bytes(&file), b->type, b->purpose.vault, input,
	    by, added, bytes, &len);
	if (err == AM_ERR_INVALID)
		return why_say(s->why, AM_ERR_POLICY, "6.5",
		    "a key bag has room for %d keys, and this one is full",
		    BAG_SLOTS_MAX);
	if (err != AM_OK)
		return why_say(s->why, err, "R6.6",
		    "a key bag does not open with the key in hand");
	out->len = 0;
	return blob_add(out, (struct bytes){ bytes, len });
}

AM_RESULT
keys_put(struct session *s, const struct keys_bag *b, struct bytes file)
{
	const struct place at = { b->type, &b->purpose, false };
	char name[64];

	file_of(&at, name);
	return store_file_put(s->store, name, file);
}
