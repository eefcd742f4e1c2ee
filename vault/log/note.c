#include <stdio.h>

#include <sodium.h>

#include "vault/log/note.h"

#include "vault/crypto/hash.h"

enum {
	SIG_BLOB = 4 + crypto_sign_BYTES,
	WITNESS_MIN = 5, /* key id and at least a byte */
	B64_MAX = NOTE_MAX + 8,
};

_Static_assert(NOTE_SECRET == crypto_sign_SECRETKEYBYTES &&
	NOTE_SECRET == crypto_sign_SEEDBYTES + NOTE_PUBLIC,
    "a secret key of libsodium is seed || public key");

static const char dash[] = "\xe2\x80\x94 "; /* em dash and a blank */

/* ---- standard base64, with padding: the notes' alphabet */

/* `in` is at most NOTE_MAX / 4 * 3 bytes. */
static void
b64(struct bytes in, char out[static B64_MAX])
{
	(void)sodium_bin2base64(
	    out, B64_MAX, in.p, in.len, sodium_base64_VARIANT_ORIGINAL);
}

/* Strict: what decodes encodes back to the same characters. */
static AM_RESULT
b64_decode(struct bytes text, uint8_t *out, size_t cap, size_t *out_len)
{
	char again[B64_MAX];
	size_t n = 0;

	if (text.len > NOTE_MAX ||
	    sodium_base642bin(out, cap, (const char *)text.p, text.len, NULL,
		&n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return AM_ERR_CORRUPT;
	b64((struct bytes){ out, n }, again);
	if (!bytes_same(
		text, (struct bytes){ (const uint8_t *)again, strlen(again) }))
		return AM_ERR_CORRUPT;
	*out_len = n;
	return AM_OK;
}

static AM_RESULT
b64_exactly(struct bytes text, uint8_t *out, size_t out_len)
{
	size_t n = 0;

	AM_TRY(b64_decode(text, out, out_len, &n));
	return n == out_len ? AM_OK : AM_ERR_CORRUPT;
}

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* A key name: neither blanks nor control characters nor '+', which end it. */
static bool
name_ok(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] == '+' || name.p[i] == 0x7f)
			return false;
	return name.len > 0 && name.len < NOTE_ORIGIN_MAX;
}

/* SHA-256(name || 0x0A || 0x01 || public key), first four bytes */
static void
key_id(const char *name, const uint8_t key[static NOTE_PUBLIC],
    uint8_t out[static 4])
{
	static const uint8_t middle[] = { 0x0a, 0x01 };
	uint8_t h[32];

	hash_sha256(HASH_PARTS(text_of(name), { middle, sizeof(middle) },
			{ key, NOTE_PUBLIC }),
	    h);
	memcpy(out, h, 4);
}

/* ---- writing */

/* A key name: what would end or split a line of a note is not in it. */
static bool
is_name(const char *origin)
{
	const size_t n = strlen(origin);

	if (n == 0 || n >= NOTE_ORIGIN_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (origin[i] <= ' ' || origin[i] > '~' || origin[i] == '+')
			return false;
	return true;
}

static AM_RESULT
write_text(const char *origin, const struct note *n, struct blob *out)
{
	char root[B64_MAX];

	b64((struct bytes){ n->root, 32 }, root);
	return blob_printf(
	    out, "%s\n%lu\n%s\n", origin, (unsigned long)n->size, root);
}

struct pair {
	uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
};

static void
pair_wipe(struct pair *p)
{
	sodium_memzero(p, sizeof(*p));
}

static AM_RESULT
pair_of(struct bytes seed, struct pair *p)
{
	if (seed.len != crypto_sign_SEEDBYTES)
		return AM_ERR_INVALID;
	(void)crypto_sign_seed_keypair(p->pk, p->sk, seed.p);
	return AM_OK;
}

AM_RESULT
note_sign_with(const char *origin, const struct note *n, struct bytes key,
    struct blob *out)
{
	blob_auto text = { 0 };
	uint8_t blob[SIG_BLOB];
	char sig[B64_MAX];

	if (!name_ok(text_of(origin)) || !is_name(origin) ||
	    key.len != NOTE_SECRET)
		return AM_ERR_INVALID;
	AM_TRY(write_text(origin, n, &text));
	key_id(origin, key.p + crypto_sign_SEEDBYTES, blob);
	(void)crypto_sign_detached(blob + 4, NULL, text.p, text.len, key.p);
	b64((struct bytes){ blob, sizeof(blob) }, sig);
	AM_TRY(blob_printf(&text, "\n%s%s %s\n", dash, origin, sig));
	return blob_add(out, blob_bytes(&text));
}

AM_RESULT
note_sign(const char *origin, const struct note *n, struct bytes seed,
    struct blob *out)
{
	AM_CLEANUP(pair_wipe) struct pair p = { 0 };

	AM_TRY(pair_of(seed, &p));
	return note_sign_with(
	    origin, n, (struct bytes){ p.sk, sizeof(p.sk) }, out);
}

/* ---- reading */

/* The next line, lent without its newline. */
static AM_RESULT
line(struct bytes *rest, struct bytes *out)
{
	const uint8_t *nl =
	    rest->len == 0 ? NULL : memchr(rest->p, '\n', rest->len);
	size_t n;

	if (nl == NULL)
		return AM_ERR_CORRUPT;
	n = (size_t)(nl - rest->p);
	*out = (struct bytes){ rest->p, n };
	rest->p += n + 1;
	rest->len -= n + 1;
	return AM_OK;
}

static AM_RESULT
number(struct bytes text, uint64_t *out)
{
	uint64_t v = 0;

	if (text.len == 0 || text.len > 19 ||
	    (text.p[0] == '0' && text.len > 1))
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return AM_ERR_CORRUPT;
		v = v * 10 + (uint64_t)(text.p[i] - '0');
	}
	*out = v;
	return AM_OK;
}

/* "<dash> <name> <base64>", the base64 decoded. */
static AM_RESULT
signature_line(struct bytes l, struct bytes *name, uint8_t *out, size_t cap,
    size_t *out_len)
{
	const size_t skip = sizeof(dash) - 1;
	const uint8_t *blank;

	if (l.len <= skip ||
	    !bytes_same((struct bytes){ l.p, skip }, text_of(dash)))
		return AM_ERR_CORRUPT;
	l = (struct bytes){ l.p + skip, l.len - skip };
	blank = memchr(l.p, ' ', l.len);
	if (blank == NULL)
		return AM_ERR_CORRUPT;
	*name = (struct bytes){ l.p, (size_t)(blank - l.p) };
	if (!name_ok(*name))
		return AM_ERR_CORRUPT;
	AM_TRY(b64_decode((struct bytes){ blank + 1, l.len - name->len - 1 },
	    out, cap, out_len));
	return *out_len >= WITNESS_MIN ? AM_OK : AM_ERR_CORRUPT;
}

/* Is this the signature of (origin, key), and good? Twice is once too many. */
static AM_RESULT
check_line(struct bytes l, struct bytes signed_text, const char *origin,
    const uint8_t key[static NOTE_PUBLIC], bool *good)
{
	uint8_t sig[NOTE_MAX], id[4];
	struct bytes name = { 0 };
	size_t len = 0;

	AM_TRY(signature_line(l, &name, sig, sizeof(sig), &len));
	key_id(origin, key, id);
	if (!bytes_same(name, text_of(origin)) ||
	    !bytes_same((struct bytes){ sig, 4 }, (struct bytes){ id, 4 }))
		return AM_OK; /* a witness, or another log key */
	if (len != SIG_BLOB || *good)
		return AM_ERR_CORRUPT;
	*good = crypto_sign_verify_detached(
		    sig + 4, signed_text.p, signed_text.len, key) == 0;
	return *good ? AM_OK : AM_ERR_VERIFY;
}

/* Origin, size and root. */
static AM_RESULT
first_lines(struct bytes *rest, struct bytes *origin, struct note *n)
{
	struct bytes l = { 0 };

	if (rest->len == 0 || rest->len > NOTE_MAX)
		return AM_ERR_CORRUPT;
	AM_TRY(line(rest, origin));
	AM_TRY(line(rest, &l));
	AM_TRY(number(l, &n->size));
	AM_TRY(line(rest, &l));
	return b64_exactly(l, n->root, sizeof(n->root));
}

AM_RESULT
note_look(
    struct bytes text, char origin[static NOTE_ORIGIN_MAX], struct note *out)
{
	struct bytes rest = text, l = { 0 };
	struct note n = { 0 };

	AM_TRY(first_lines(&rest, &l, &n));
	if (!name_ok(l) || l.len >= NOTE_ORIGIN_MAX)
		return AM_ERR_CORRUPT;
	memcpy(origin, l.p, l.len);
	origin[l.len] = '\0';
	*out = n;
	return AM_OK;
}

AM_RESULT
note_open(struct bytes text, const char *origin,
    const uint8_t key[static NOTE_PUBLIC], struct note *out)
{
	struct bytes rest = text, l = { 0 }, body;
	struct note n = { 0 };
	bool good = false;

	AM_TRY(first_lines(&rest, &l, &n));
	if (!bytes_same(l, text_of(origin)))
		return AM_ERR_CORRUPT;
	body = (struct bytes){ text.p, text.len - rest.len };
	AM_TRY(line(&rest, &l));
	if (l.len != 0)
		return AM_ERR_CORRUPT;
	while (rest.len > 0) {
		AM_TRY(line(&rest, &l));
		AM_TRY(check_line(l, body, origin, key, &good));
	}
	if (!good)
		return AM_ERR_VERIFY;
	*out = n;
	return AM_OK;
}

/* ---- verifier keys: name+<8 hex>+<base64 of 0x01 || key> */

AM_RESULT
note_vkey(
    const char *origin, const uint8_t key[static NOTE_PUBLIC], struct blob *out)
{
	uint8_t id[4], typed[1 + NOTE_PUBLIC] = { 0x01 };
	char text[B64_MAX];

	if (!name_ok(text_of(origin)))
		return AM_ERR_INVALID;
	key_id(origin, key, id);
	memcpy(typed + 1, key, NOTE_PUBLIC);
	b64((struct bytes){ typed, sizeof(typed) }, text);
	return blob_printf(out, "%s+%02x%02x%02x%02x+%s\n", origin, id[0],
	    id[1], id[2], id[3], text);
}

/* Type, key id and digits are judged by writing the line again. */
