/*
 * note.h - checkpoints: C2SP signed notes (protocol.md 7.4).
 *
 *	<origin>\n<size>\n<base64 root>\n\n
 *	\u2014 <key name> <base64: key id (4) || Ed25519 signature (64)>\n
 *
 * origin = key name = `<rp id>/amanat/<vault hex>`. Key id = first 4 bytes of
 * SHA-256(name || 0x0A || 0x01 || public key).
 */

#ifndef AM_NOTE_H
#define AM_NOTE_H

#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/base/secret.h"

enum {
	NOTE_MAX = 8192,
	NOTE_ORIGIN_MAX = 300,
	NOTE_PUBLIC = 32,
	NOTE_SECRET = 64, /* seed || public key */
};

struct note {
	uint64_t size;
	uint8_t root[32];
};

/*
 * `note_sign` appends the signed checkpoint.
 *	origin   1..NOTE_ORIGIN_MAX - 1 characters above the blank, no '+'
 *	seed     32 bytes, the secret seed of Ed25519
 * Errors: AM_ERR_INVALID (origin, length of the seed), AM_ERR_NOMEM.
 */
AM_RESULT note_sign(const char *origin, const struct note *n, struct bytes seed,
    struct blob *out);
/* The same with a key of NOTE_SECRET bytes, for who signs often. */
AM_RESULT note_sign_with(const char *origin, const struct note *n,
    struct bytes key, struct blob *out);

/*
 * `note_open` parses strictly and checks the signature line of (origin,
 * public key); lines of other names or key ids (witnesses, an earlier log
 * key) are passed over, but must be well formed. The origin line must equal
 * `origin`. Errors: AM_ERR_CORRUPT (form, above NOTE_MAX, two lines of this
 * key), AM_ERR_VERIFY (no good signature).
 */
AM_RESULT note_open(struct bytes text, const char *origin,
    const uint8_t key[static NOTE_PUBLIC], struct note *out);

/* `note_look` reads origin, size and root of a checkpoint of which nothing is
 * known yet, and checks no signature. Errors: AM_ERR_CORRUPT. */
AM_RESULT note_look(
    struct bytes text, char origin[static NOTE_ORIGIN_MAX], struct note *out);

/* The C2SP verifier key line: name+<8 hex>+<base64 of 0x01 || key>\n.
 * Errors: AM_ERR_INVALID (origin); reading it, AM_ERR_CORRUPT. */
AM_RESULT note_vkey(const char *origin, const uint8_t key[static NOTE_PUBLIC],
    struct blob *out);

#endif /* AM_NOTE_H */
