/*
 * token.h - FIDO2 keys: finding them, enrolling, unlocking, signing.
 *
 * The only user of libfido2 (hsm/token.c, hsm/virtual.c). Every call has a
 * time limit (R6.7); Ctrl-C during a call cancels it on the key
 * (token_interrupt). A handle that failed is closed and reopened by itself,
 * never reused (R6.11). PINs come as struct bytes lent from a struct secret.
 */

#ifndef AM_TOKEN_H
#define AM_TOKEN_H

#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/base/secret.h"
#include "vault/base/why.h"

enum {
	TOKEN_PATHS_MAX = 16,
	TOKEN_PATH_MAX = 256,
	TOKEN_CRED_MAX = 1023,
	TOKEN_PIN_MIN = 4,
	TOKEN_PIN_MAX = 63,
	TOKEN_KEY = 64, /* x || y, P-256 */
	TOKEN_PRF = 32,
	TOKEN_AUTHDATA = 37,
	TOKEN_CLIENT_MAX = 512,
	TOKEN_SIG_MAX = 80,
	TOKEN_OBJECT_MAX = 8192,
	TOKEN_TOUCH_SECONDS = 30,
	TOKEN_LABEL_MAX = 64,
};

struct token;
void token_close(struct token *t);
static inline void
token_cleanup(struct token **t)
{
	token_close(*t);
}
#define token_auto AM_CLEANUP(token_cleanup) struct token

/* Told before every call that waits for a touch, so that the person hears it
 * first: `what` is "to unlock your share", ... Never NULL. `key` is the label
 * that token_call gave, "" for none. */
struct token_ui {
	void (*touch)(void *arg, const char *key, const char *what);
	void *arg;
};

/*
 * `token_discover` lists the keys that libfido2 finds (hidraw), by path.
 * None is AM_OK with *out_count 0. Errors: AM_ERR_IO (they cannot be looked
 * for), AM_ERR_NOMEM.
 */
AM_RESULT
token_discover(char paths[][TOKEN_PATH_MAX], size_t cap, size_t *out_count);

/*
 * `token_open` opens `path`: /dev/hidrawN, udp:SEND:RECV or unix:PATH.
 * Virtual ones only if `virtual_allowed` (R6.14).
 * Errors: AM_ERR_TOKEN (virtual and not allowed; not a FIDO2 key; cannot be
 * opened: absent, busy, no permission; hmac-secret missing; "new PIN
 * required"; neither PIN nor built-in UV set) and AM_ERR_IO (it stopped
 * answering), each with a sentence; AM_ERR_NOMEM.
 */
AM_RESULT token_open(const char *path, bool virtual_allowed,
    const struct token_ui *ui, struct why *why, struct token **out);

/* `token_present` tells whether something is plugged in at `path`: the device,
 * or for unix:PATH a program that listens there; udp: always. It opens
 * nothing that stays open and needs no permission. */
bool token_present(const char *path);

/* `token_call` gives the key the name that is written on it, for `touch`. */
void token_call(struct token *t, const char *label);

const char *token_path(const struct token *t);
const uint8_t *token_aaguid(const struct token *t); /* 16 bytes */
bool token_needs_pin(const struct token *t);        /* false: built-in UV */

/* PIN tries left, asked from the key; AM_ERR_TOKEN if it does not say. */
AM_RESULT token_retries(struct token *t, int *out);

/* `token_is_otp` recognises a one-time password typed by an early touch: 44
 * modhex characters (cbdefghijklnrtuv). Such a text must not be sent. */
bool token_is_otp(struct bytes text);

/*
 * `token_has` is the silent pre-flight: no touch, no PIN, one credential id
 * per call (R6.9). *out tells whether the credential lives on this key. Keys
 * that force credProtect 3 answer false: ask by label.
 * Errors: AM_ERR_IO (no answer, which is no "no"), AM_ERR_NOMEM.
 */
AM_RESULT
token_has(struct token *t, const char *rpid, struct bytes cred, bool *out);

/* What enrolment leaves behind; public. */
struct token_made {
	uint8_t cred[TOKEN_CRED_MAX];
	size_t cred_len;
	uint8_t key[TOKEN_KEY];
	uint8_t aaguid[16];
	int cred_protect;   /* 1..3; what the key says it set */
	struct blob client; /* clientDataJSON, free with blob_free */
	struct blob
	    object; /* CBOR: fmt, attStmt, authData (attestation object) */
};

/*
 * `token_make` creates an ES256 credential with UV, hmac-secret and
 * credProtect 2 and runs the checks of protocol.md 6.2, steps 1 to 4: flags
 * UP, UV, AT, ED set; BE and BS clear (R6.3); hmac-secret granted; two
 * unlocks with UV and the same salt agree; one without UV is refused by the
 * key, or differs. Four touches, each of which must come.
 *	challenge   32 bytes (6.2 step 2); clientDataJSON is made from it with
 *	            type webauthn.create and origin https://<rpid>
 *	user        16 bytes, the person
 * Errors: AM_ERR_TOKEN with the reason, AM_ERR_PIN, AM_ERR_PIN_BLOCKED,
 * AM_ERR_IO (time-out, unplugged).
 */
AM_RESULT token_make(struct token *t, const char *rpid,
    const uint8_t challenge[static 32], const uint8_t user[static 16],
    const char *user_name, struct bytes pin, struct why *why,
    struct token_made *out);

/*
 * `token_unlock` asks hmac-secret of `cred` for `salt` with UV (6.3): random
 * challenge, flags UP and UV required (R6.4). `out`: 32 bytes.
 * Errors: as token_make, and AM_ERR_WRONG_TOKEN (not on this key).
 */
AM_RESULT token_unlock(struct token *t, const char *rpid, struct bytes cred,
    const uint8_t salt[static 32], struct bytes pin, const char *what,
    struct why *why, struct secret **out);

struct token_assertion {
	uint8_t authdata[TOKEN_AUTHDATA];
	uint8_t client[TOKEN_CLIENT_MAX];
	size_t client_len;
	uint8_t sig[TOKEN_SIG_MAX]; /* DER */
	size_t sig_len;
};

/*
 * `token_sign` signs the statement id H (6.4): no extension, UP and UV,
 * clientDataJSON exactly as given there. `origin` is "https://<rpid>".
 */
AM_RESULT token_sign(struct token *t, const char *rpid, struct bytes cred,
    const uint8_t H[static 32], struct bytes pin, const char *what,
    struct why *why, struct token_assertion *out);

/* `token_client` is the clientDataJSON of 6.4: {"type":"webauthn.get",
 * "challenge":"<43 characters>","origin":"https://<rpid>","crossOrigin":false}
 * Returns its length. Also used by verifiers' tests. */
AM_RESULT token_client(const char *type, const char *rpid,
    const uint8_t challenge[static 32], char *out, size_t cap, size_t *out_len);

/*
 * `token_interrupt` may be called from a signal handler: the call in progress
 * on any token of this process is cancelled and returns AM_ERR_IO with the
 * sentence "stopped". Async-signal-safe: it sets a flag that the transport
 * looks at.
 */
void token_interrupt(void);

/* `token_set_limit` shortens the time limit of calls, for tests. */
void token_set_limit(int ms);

#endif /* AM_TOKEN_H */
