#include <stdio.h>
#include <unistd.h>

#include <fido.h>
#include <fido/credman.h>
#include <sodium.h>

#include "hsm/token.h"

#include "hsm/attest.h"
#include "hsm/stop.h"
#include "hsm/virtual.h"
#include "vault/base/enc.h"

/* Touches are asked for up to TOKEN_TOUCH_SECONDS; the answer needs a bit. */
enum { LIMIT_MS = TOKEN_TOUCH_SECONDS * 1000 };
static int limit_ms = LIMIT_MS;

struct token {
	fido_dev_t *dev; /* NULL after a failure, until the next call */
	char path[TOKEN_PATH_MAX];
	uint8_t aaguid[16];
	bool has_pin, has_uv;
	struct token_ui ui;
	char label[TOKEN_LABEL_MAX + 1];
};

#define cred_auto   AM_CLEANUP(fido_cred_free) fido_cred_t
#define assert_auto AM_CLEANUP(fido_assert_free) fido_assert_t
#define info_auto   AM_CLEANUP(fido_cbor_info_free) fido_cbor_info_t

void
token_interrupt(void)
{
	stop_request();
}

void
token_set_limit(int ms)
{
	limit_ms = ms;
}

/* The flag is thread-local, so every entry sets it (R6.7). */
static void
start_thread(void)
{
	fido_init(FIDO_DISABLE_U2F_FALLBACK);
}

/* ---- translation: libfido2's codes stop here */

static AM_RESULT
pin_wrong(struct token *t, struct why *why)
{
	int left = 0;

	if (token_retries(t, &left) != AM_OK)
		return why_say(why, AM_ERR_PIN, "",
		    "the PIN is wrong; be sure of it before you run this "
		    "again");
	return why_say(why, AM_ERR_PIN, "",
	    "the PIN is wrong; %d %s left before the key is blocked: be sure "
	    "of it before you run this again",
	    left, left == 1 ? "try is" : "tries are");
}

/* Three in a row: the key wants to be taken out first. */
static AM_RESULT
pin_paused(struct token *t, struct why *why)
{
	char tries[48] = "";
	int left = 0;

	if (token_retries(t, &left) == AM_OK)
		(void)snprintf(tries, sizeof(tries), " (%d %s left)", left,
		    left == 1 ? "try is" : "tries are");
	return why_say(why, AM_ERR_PIN_BLOCKED, "",
	    "too many wrong PINs in a row%s; take the key out, put it in "
	    "again, and be sure of the PIN",
	    tries);
}

static AM_RESULT
explain(struct token *t, int rc, struct why *why)
{
	if (stop_requested())
		return why_say(
		    why, AM_ERR_IO, "", "stopped; nothing was changed");
	switch (rc) {
	case FIDO_OK:
		return AM_OK;
	case FIDO_ERR_PIN_INVALID:
		return pin_wrong(t, why);
	case FIDO_ERR_PIN_AUTH_BLOCKED:
		return pin_paused(t, why);
	case FIDO_ERR_PIN_BLOCKED:
	case FIDO_ERR_UV_BLOCKED:
		return why_say(why, AM_ERR_PIN_BLOCKED, "",
		    "the PIN is blocked for good; only a reset helps, which "
		    "wipes the key: ask for a new enrolment");
	case FIDO_ERR_PIN_NOT_SET:
		return why_say(why, AM_ERR_TOKEN, "",
		    "the key has no PIN; set one first (fido2-token -S)");
	case FIDO_ERR_PIN_REQUIRED:
	case FIDO_ERR_PIN_POLICY_VIOLATION:
		return why_say(why, AM_ERR_PIN, "",
		    "the key wants a PIN of 4 to 63 characters");
	case FIDO_ERR_NO_CREDENTIALS:
	case FIDO_ERR_INVALID_CREDENTIAL:
		return why_say(why, AM_ERR_WRONG_TOKEN, "",
		    "this is not the key that was enrolled; no try was used");
	case FIDO_ERR_UNSUPPORTED_EXTENSION:
	case FIDO_ERR_UNSUPPORTED_OPTION:
	case FIDO_ERR_UNSUPPORTED_ALGORITHM:
		return why_say(why, AM_ERR_TOKEN, "",
		    "the key cannot do what is needed (%s)", fido_strerr(rc));
	case FIDO_ERR_ACTION_TIMEOUT:
	case FIDO_ERR_USER_ACTION_TIMEOUT:
	case FIDO_ERR_TIMEOUT:
	case FIDO_ERR_KEEPALIVE_CANCEL:
		return why_say(why, AM_ERR_IO, "",
		    "the key was not touched in time; nothing was changed, "
		    "run this again");
	case FIDO_ERR_OPERATION_DENIED:
		return why_say(why, AM_ERR_TOKEN, "", "the key said no");
	case FIDO_ERR_RX:
	case FIDO_ERR_TX:
	case FIDO_ERR_INTERNAL: /* a failed key agreement, among others */
	case FIDO_ERR_CHANNEL_BUSY:
		return why_say(why, AM_ERR_IO, "",
		    "the key stopped answering; was it pulled out? nothing "
		    "was changed: plug it in and run this again");
	default:
		return why_say(why, AM_ERR_IO, "",
		    "the key answered with an error (%s)", fido_strerr(rc));
	}
}

static bool
handle_is_spoiled(int rc)
{
	return rc == FIDO_ERR_RX || rc == FIDO_ERR_TX ||
	    rc == FIDO_ERR_INTERNAL || rc == FIDO_ERR_RX_NOT_CBOR ||
	    rc == FIDO_ERR_RX_INVALID_CBOR || rc == FIDO_ERR_INVALID_CBOR ||
	    rc == FIDO_ERR_INVALID_SEQ;
}

/* The key said nothing about what was asked: the library failed, whose own
 * codes are negative, or time ran out. */
static bool
is_no_answer(int rc)
{
	return rc < 0 || handle_is_spoiled(rc) || rc == FIDO_ERR_CHANNEL_BUSY ||
	    rc == FIDO_ERR_TIMEOUT || rc == FIDO_ERR_ACTION_TIMEOUT ||
	    rc == FIDO_ERR_USER_ACTION_TIMEOUT ||
	    rc == FIDO_ERR_KEEPALIVE_CANCEL;
}

/* ---- opening */

static void
drop(struct token *t)
{
	if (t->dev == NULL)
		return;
	(void)fido_dev_cancel(t->dev);
	(void)fido_dev_close(t->dev);
	fido_dev_free(&t->dev);
}

/* A late answer would be read as the next one, so a handle that failed is
 * never used again (R6.11). */
static int
finish(struct token *t, int rc)
{
	if (handle_is_spoiled(rc))
		drop(t);
	return rc;
}

static int
connect_dev(struct token *t)
{
	static const fido_dev_io_t io = { virtual_open, virtual_close,
		virtual_read, virtual_write };
	int rc = FIDO_OK;

	start_thread();
	if (t->dev != NULL)
		return FIDO_OK;
	if ((t->dev = fido_dev_new()) == NULL)
		return FIDO_ERR_INTERNAL;
	if (virtual_is(t->path))
		rc = fido_dev_set_io_functions(t->dev, &io);
	if (rc == FIDO_OK)
		rc = fido_dev_set_timeout(t->dev, limit_ms);
	if (rc == FIDO_OK)
		rc = fido_dev_open(t->dev, t->path);
	if (rc != FIDO_OK)
		fido_dev_free(&t->dev);
	return rc;
}

static bool
has_extension(const fido_cbor_info_t *info, const char *name)
{
	char **names = fido_cbor_info_extensions_ptr(info);

	for (size_t i = 0; i < fido_cbor_info_extensions_len(info); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Features, not versions (6.2, step 1). */
static AM_RESULT
examine(struct token *t, struct why *why)
{
	info_auto *info = fido_cbor_info_new();
	int rc;

	if (info == NULL)
		return AM_ERR_NOMEM;
	if (!fido_dev_is_fido2(t->dev))
		return why_say(
		    why, AM_ERR_TOKEN, "", "'%s' is not a FIDO2 key", t->path);
	rc = finish(t, fido_dev_get_cbor_info(t->dev, info));
	if (rc != FIDO_OK)
		return explain(t, rc, why);
	if (!has_extension(info, "hmac-secret"))
		return why_say(why, AM_ERR_TOKEN, "6.2",
		    "the key does not offer hmac-secret, which unlocks "
		    "shares; use another model");
	if (fido_cbor_info_new_pin_required(info))
		return why_say(why, AM_ERR_TOKEN, "6.2",
		    "the key wants a new PIN first (fido2-token -C)");
	if (fido_cbor_info_aaguid_len(info) != sizeof(t->aaguid))
		return why_say(
		    why, AM_ERR_TOKEN, "6.2", "the key does not say its model");
	memcpy(t->aaguid, fido_cbor_info_aaguid_ptr(info), sizeof(t->aaguid));
	t->has_pin = fido_dev_has_pin(t->dev);
	t->has_uv = fido_dev_has_uv(t->dev);
	if (!t->has_pin && !t->has_uv)
		return why_say(why, AM_ERR_TOKEN, "R6.3",
		    "the key has no PIN; set one first (fido2-token -S)");
	return AM_OK;
}

AM_RESULT
token_open(const char *path, bool virtual_allowed, const struct token_ui *ui,
    struct why *why, struct token **out)
{
	token_auto *t = NULL;
	int rc;

	if (path[0] == '\0' || strlen(path) >= TOKEN_PATH_MAX)
		return why_say(why, AM_ERR_TOKEN, "",
		    "the path of a key has 1 to %d characters",
		    TOKEN_PATH_MAX - 1);
	if (virtual_is(path) && !virtual_allowed)
		return why_say(why, AM_ERR_TOKEN, "R6.14",
		    "'%s' is a software key; only an evaluation vault takes "
		    "those",
		    path);
	if (virtual_is(path) && virtual_check(path) != AM_OK)
		return why_say(why, AM_ERR_TOKEN, "6.7",
		    "'%s' is not udp:SEND:RECV or unix:PATH", path);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return AM_ERR_NOMEM;
	memcpy(t->path, path, strlen(path) + 1);
	t->ui = *ui;
	rc = connect_dev(t);
	if (rc != FIDO_OK)
		return stop_requested()
		    ? explain(t, rc, why)
		    : why_say(why, AM_ERR_TOKEN, "",
			  "no key answers at '%s'; is it plugged in, and may "
			  "you use it?",
			  path);
	AM_TRY(examine(t, why));
	*out = AM_TAKE(t);
	return AM_OK;
}

void
token_close(struct token *t)
{
	if (t == NULL)
		return;
	if (t->dev != NULL)
		(void)fido_dev_close(t->dev);
	fido_dev_free(&t->dev);
	free(t);
}

AM_RESULT
token_discover(char paths[][TOKEN_PATH_MAX], size_t cap, size_t *out_count)
{
	fido_dev_info_t *list;
	size_t found = 0, kept = 0;
	int rc;

	start_thread();
	if ((list = fido_dev_info_new(cap)) == NULL)
		return AM_ERR_NOMEM;
	rc = fido_dev_info_manifest(list, cap, &found);
	for (size_t i = 0; rc == FIDO_OK && i < found; i++) {
		const char *path =
		    fido_dev_info_path(fido_dev_info_ptr(list, i));

		if (path == NULL || strlen(path) >= TOKEN_PATH_MAX)
			continue;
		memcpy(paths[kept++], path, strlen(path) + 1);
	}
	fido_dev_info_free(&list, cap);
	if (rc != FIDO_OK)
		return AM_ERR_IO;
	*out_count = kept;
	return AM_OK;
}

bool
token_present(const char *path)
{
	void *channel;

	if (!virtual_is(path))
		return access(path, F_OK) == 0;
	if (strncmp(path, "unix:", 5) != 0 || virtual_check(path) != AM_OK)
		return true; /* nobody can tell, or it will be refused */
	channel = virtual_open(path);
	virtual_close(channel);
	return channel != NULL;
}

void
token_call(struct token *t, const char *label)
{
	(void)snprintf(t->label, sizeof(t->label), "%s", label);
}

const char *
token_path(const struct token *t)
{
	return t->path;
}

const uint8_t *
token_aaguid(const struct token *t)
{
	return t->aaguid;
}

bool
token_needs_pin(const struct token *t)
{
	return !t->has_uv;
}

AM_RESULT
token_retries(struct token *t, int *out)
{
	int n = 0;

	if (connect_dev(t) != FIDO_OK ||
	    finish(t, fido_dev_get_retry_count(t->dev, &n)) != FIDO_OK)
		return AM_ERR_TOKEN;
	*out = n;
	return AM_OK;
}

bool
token_is_otp(struct bytes text)
{
	static const char modhex[] = "cbdefghijklnrtuv";

	if (text.len != 44)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (memchr(modhex, text.p[i], sizeof(modhex) - 1) == NULL)
			return false;
	return true;
}

/* ---- assertions */

/* The PIN with a NUL, in memory that is wiped. Empty: none. */
static AM_RESULT
pin_text(struct bytes pin, struct secret **out)
{
	if (pin.len == 0)
		return AM_OK;
	if (pin.len > TOKEN_PIN_MAX)
		return AM_ERR_PIN;
	AM_TRY(secret_new(pin.len + 1, out));
	memcpy(secret_mut(*out), pin.p, pin.len);
	return AM_OK;
}

static const char *
pin_chars(const struct secret *s)
{
	return s == NULL ? NULL : (const char *)secret_bytes(s).p;
}

static int
prepare(
    const char *rpid, struct bytes cred, const uint8_t *salt, fido_assert_t *a)
{
	int rc = fido_assert_set_rp(a, rpid);

	if (rc == FIDO_OK)
		rc = fido_assert_allow_cred(a, cred.p, cred.len);
	if (rc == FIDO_OK && salt != NULL)
		rc = fido_assert_set_extensions(a, FIDO_EXT_HMAC_SECRET);
	if (rc == FIDO_OK && salt != NULL)
		rc = fido_assert_set_hmac_salt(a, salt, 32);
	return rc;
}

static int
random_challenge(fido_assert_t *a)
{
	uint8_t hash[32];

	randombytes_buf(hash, sizeof(hash));
	return fido_assert_set_clientdata_hash(a, hash, sizeof(hash));
}

AM_RESULT
token_has(struct token *t, const char *rpid, struct bytes cred, bool *out)
{
	assert_auto *a = fido_assert_new();
	int rc = connect_dev(t);

	if (a == NULL)
		return AM_ERR_NOMEM;
	if (rc == FIDO_OK)
		rc = prepare(rpid, cred, NULL, a);
	if (rc == FIDO_OK)
		rc = random_challenge(a);
	if (rc == FIDO_OK)
		rc = fido_assert_set_up(a, FIDO_OPT_FALSE);
	if (rc == FIDO_OK)
		rc = finish(t, fido_dev_get_assert(t->dev, a, NULL));
	if (is_no_answer(rc))
		return AM_ERR_IO;
	*out = rc == FIDO_OK;
	return AM_OK;
}

enum {
	FLAG_UP = 0x01,
	FLAG_UV = 0x04,
	FLAG_BE = 0x08,
	FLAG_BS = 0x10,
	FLAG_AT = 0x40,
	FLAG_ED = 0x80
};

/* One answer, touched and verified (R6.2, section 9 test 22). */
static bool
is_verified(const fido_assert_t *a)
{
	return fido_assert_count(a) == 1 &&
	    (fido_assert_flags(a, 0) & (FLAG_UP | FLAG_UV)) ==
	    (FLAG_UP | FLAG_UV);
}

/* hmac-secret with UV (`pin` or built in), or without any when `bare`. */
static AM_RESULT
hmac_secret(struct token *t, const char *rpid, struct bytes cred,
    const uint8_t salt[static 32], struct bytes pin, bool bare, struct why *why,
    struct secret **out)
{
	assert_auto *a = fido_assert_new();
	secret_auto *text = NULL, *s = NULL;
	int rc = connect_dev(t);

	if (a == NULL)
		return AM_ERR_NOMEM;
	if (!bare)
		AM_TRY(pin_text(pin, &text));
	if (rc == FIDO_OK)
		rc = prepare(rpid, cred, salt, a);
	if (rc == FIDO_OK)
		rc = random_challenge(a);
	if (rc == FIDO_OK && !bare && text == NULL)
		rc = fido_assert_set_uv(a, FIDO_OPT_TRUE); /* R6.8 */
	if (rc == FIDO_OK)
		rc = finish(t, fido_dev_get_assert(t->dev, a, pin_chars(text)));
	if (rc != FIDO_OK)
		return explain(t, rc, why);
	if (fido_assert_count(a) != 1 || (!bare && !is_verified(a)) ||
	    fido_assert_hmac_secret_len(a, 0) != TOKEN_PRF)
		return why_say(why, AM_ERR_TOKEN, "R6.4",
		    "the key answered without verifying its user");
	AM_TRY(secret_new(TOKEN_PRF, &s));
	memcpy(secret_mut(s), fido_assert_hmac_secret_ptr(a, 0), TOKEN_PRF);
	AM_TRY(secret_freeze(s));
	*out = AM_TAKE(s);
	return AM_OK;
}

AM_RESULT
token_unlock(struct token *t, const char *rpid, struct bytes cred,
    const uint8_t salt[static 32], struct bytes pin, const char *what,
    struct why *why, struct secret **out)
{
	t->ui.touch(t->ui.arg, t->label, what);
	return hmac_secret(t, rpid, cred, salt, pin, false, why, out);
}

AM_RESULT
token_client(const char *type, const char *rpid,
    const uint8_t challenge[static 32], char *out, size_t cap, size_t *out_len)
{
	char text[ENC_B64_LEN(32) + 1];
	int n;

	enc_b64((struct bytes){ challenge, 32 }, text);
	n = snprintf(out, cap,
	    "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"https://%s\","
	    "\"crossOrigin\":false}",
	    type, text, rpid);
	if (n < 0 || (size_t)n >= cap)
		return AM_ERR_INVALID;
	*out_len = (size_t)n;
	return AM_OK;
}

/* libfido2 1.12 keeps the 37 bytes wrapped as a CBOR byte string (6.4). */
static bool
unwrap_authdata(const fido_assert_t *a, uint8_t out[static TOKEN_AUTHDATA])
{
	const uint8_t *p = fido_assert_authdata_ptr(a, 0);

	if (fido_assert_authdata_len(a, 0) != 2 + TOKEN_AUTHDATA ||
	    p[0] != 0x58 || p[1] != TOKEN_AUTHDATA)
		return false;
	memcpy(out, p + 2, TOKEN_AUTHDATA);
	return true;
}

static AM_RESULT
keep_assertion(
    const fido_assert_t *a, struct why *why, struct token_assertion *out)
{
	const size_t sig_len = fido_assert_sig_len(a, 0);

	if (!is_verified(a) || !unwrap_authdata(a, out->authdata))
		return why_say(why, AM_ERR_TOKEN, "R6.2",
		    "the key answered without verifying its user");
	if (sig_len == 0 || sig_len > sizeof(out->sig))
		return why_say(why, AM_ERR_TOKEN, "R6.2",
		    "the key answered without a signature");
	out->sig_len = sig_len;
	memcpy(out->sig, fido_assert_sig_ptr(a, 0), sig_len);
	return AM_OK;
}

AM_RESULT
token_sign(struct token *t, const char *rpid, struct bytes cred,
    const uint8_t H[static 32], struct bytes pin, const char *what,
    struct why *why, struct token_assertion *out)
{
	assert_auto *a = fido_assert_new();
	struct token_assertion made = { 0 };
	secret_auto *text = NULL;
	int rc;

	if (a == NULL)
		return AM_ERR_NOMEM;
	AM_TRY(token_client("webauthn.get", rpid, H, (char *)made.client,
	    sizeof(made.client), &made.client_len));
	AM_TRY(pin_text(pin, &text));
	t->ui.touch(t->ui.arg, t->label, what);
	rc = connect_dev(t);
	if (rc == FIDO_OK)
		rc = prepare(rpid, cred, NULL, a);
	if (rc == FIDO_OK)
		rc =
		    fido_assert_set_clientdata(a, made.client, made.client_len);
	if (rc == FIDO_OK && text == NULL)
		rc = fido_assert_set_uv(a, FIDO_OPT_TRUE);
	if (rc == FIDO_OK)
		rc = finish(t, fido_dev_get_assert(t->dev, a, pin_chars(text)));
	if (rc != FIDO_OK)
		return explain(t, rc, why);
	AM_TRY(keep_assertion(a, why, &made));
	*out = made;
	return AM_OK;
}

/* ---- enrolment */

static int
describe(fido_cred_t *c, const char *rpid, const uint8_t user[static 16],
    const char *user_name, struct bytes client)
{
	int rc = fido_cred_set_type(c, COSE_ES256);

	if (rc == FIDO_OK)
		rc = fido_cred_set_rp(c, rpid, "Amanat");
	if (rc == FIDO_OK)
		rc =
		    fido_cred_set_user(c, user, 16, user_name, user_name, NULL);
	if (rc == FIDO_OK)
		rc = fido_cred_set_extensions(
		    c, FIDO_EXT_HMAC_SECRET | FIDO_EXT_CRED_PROTECT);
	if (rc == FIDO_OK)
		rc = fido_cred_set_prot(
		    c, FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID); /* R6.1 */
	if (rc == FIDO_OK)
		rc = fido_cred_set_rk(c, FIDO_OPT_FALSE);
	if (rc == FIDO_OK)
		rc = fido_cred_set_clientdata(c, client.p, client.len);
	return rc;
}

static AM_RESULT
check_made(const fido_cred_t *c, struct why *why)
{
	const uint8_t flags = fido_cred_flags(c);

	if ((flags & (FLAG_BE | FLAG_BS)) != 0)
		return why_say(why, AM_ERR_TOKEN, "R6.3",
		    "the key can be copied to other devices; such keys are "
		    "refused");
	if ((flags & (FLAG_UP | FLAG_UV | FLAG_AT | FLAG_ED)) !=
	    (FLAG_UP | FLAG_UV | FLAG_AT | FLAG_ED))
		return why_say(why, AM_ERR_TOKEN, "6.2",
		    "the key did not verify its user");
	return AM_OK;
}

/* fido_cred_prot() tells what was asked for, not what the key set. */
static AM_RESULT
check_protection(struct bytes object, struct why *why, int *out)
{
	unsigned level = 0;

	if (attest_protection(object, &level) != AM_OK ||
	    (level != FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID &&
		level != FIDO_CRED_PROT_UV_REQUIRED))
		return why_say(why, AM_ERR_TOKEN, "R6.1",
		    "the key does not honour credProtect; use another model");
	*out = (int)level;
	return AM_OK;
}

static AM_RESULT
put(struct blob *b, const void *p, size_t len)
{
	return blob_add(b, (struct bytes){ p, len });
}

/* {"fmt": .., "attStmt": .., "authData": ..}, as WebAuthn has it; libfido2
 * keeps authData wrapped already. */
static AM_RESULT
attestation_object(const fido_cred_t *c, struct blob *out)
{
	const char *fmt = fido_cred_fmt(c);
	const size_t n = fmt == NULL ? 0 : strlen(fmt);
	const uint8_t text = (uint8_t)(0x60 + n);

	if (n == 0 || n > 23)
		return AM_ERR_TOKEN;
	AM_TRY(put(out,
	    "\xa3\x63"
	    "fmt",
	    5));
	AM_TRY(put(out, &text, 1));
	AM_TRY(put(out, fmt, n));
	AM_TRY(put(out,
	    "\x67"
	    "attStmt",
	    8));
	if (fido_cred_attstmt_len(c) == 0)
		AM_TRY(put(out, "\xa0", 1));
	else
		AM_TRY(put(
		    out, fido_cred_attstmt_ptr(c), fido_cred_attstmt_len(c)));
	AM_TRY(put(out,
	    "\x68"
	    "authData",
	    9));
	return put(out, fido_cred_authdata_ptr(c), fido_cred_authdata_len(c));
}

static AM_RESULT
keep_made(const fido_cred_t *c, struct bytes client, struct why *why,
    struct token_made *m)
{
	const size_t id_len = fido_cred_id_len(c);

	AM_TRY(check_made(c, why));
	if (id_len == 0 || id_len > sizeof(m->cred) ||
	    fido_cred_pubkey_len(c) != TOKEN_KEY ||
	    fido_cred_aaguid_len(c) != sizeof(m->aaguid))
		return why_say(why, AM_ERR_TOKEN, "6.2",
		    "the key made a credential of unknown form");
	m->cred_len = id_len;
	memcpy(m->cred, fido_cred_id_ptr(c), id_len);
	memcpy(m->key, fido_cred_pubkey_ptr(c), TOKEN_KEY);
	memcpy(m->aaguid, fido_cred_aaguid_ptr(c), sizeof(m->aaguid));
	AM_TRY(blob_add(&m->client, client));
	AM_TRY(attestation_object(c, &m->object));
	return check_protection(blob_bytes(&m->object), why, &m->cred_protect);
}

/*
 * Step 4: once without the PIN it must fail or differ, or anyone who finds the
 * key could unlock. Only the key's own refusal is one: a test that could not
 * be made, for want of a touch or of an answer, is not passed.
 */
static AM_RESULT
check_bare(struct token *t, const char *rpid, struct bytes cred,
    const uint8_t salt[static 32], struct bytes with_pin, struct why *why)
{
	secret_auto *bare = NULL;
	struct why reason = { 0 };
	enum am_err err;

	t->ui.touch(t->ui.arg, t->label, "to test it without the PIN");
	err = hmac_secret(t, rpid, cred, salt, (struct bytes){ NULL, 0 }, true,
	    &reason, &bare);
	if (err == AM_ERR_IO || err == AM_ERR_NOMEM || err == AM_ERR_INTERNAL) {
		*why = reason;
		return err;
	}
	if (err == AM_OK && secret_equal(with_pin, secret_bytes(bare)))
		return why_say(why, AM_ERR_TOKEN, "6.2",
		    "the key gives the same secret without the PIN; use "
		    "another model");
	return AM_OK;
}

/* Step 3: twice with the PIN, same answer. */
static AM_RESULT
check_secrets(struct token *t, const char *rpid, const struct token_made *m,
    struct bytes pin, struct why *why)
{
	const struct bytes cred = { m->cred, m->cred_len };
	secret_auto *first = NULL, *second = NULL;
	uint8_t salt[32];

	randombytes_buf(salt, sizeof(salt));
	AM_TRY(token_unlock(
	    t, rpid, cred, salt, pin, "to test its secret", why, &first));
	AM_TRY(token_unlock(
	    t, rpid, cred, salt, pin, "to test it again", why, &second));
	if (!secret_equal(secret_bytes(first), secret_bytes(second)))
		return why_say(why, AM_ERR_TOKEN, "6.2",
		    "the key gives another secret every time; use another "
		    "model");
	return check_bare(t, rpid, cred, salt, secret_bytes(first), why);
}

static void
made_free(struct token_made *m)
{
	blob_free(&m->client);
	blob_free(&m->object);
}

static AM_RESULT
make(struct token *t, const char *rpid, const uint8_t challenge[static 32],
    const uint8_t user[static 16], const char *user_name, struct bytes pin,
    struct why *why, struct token_made *m)
{
	cred_auto *c = fido_cred_new();
	secret_auto *text = NULL;
	char client[TOKEN_CLIENT_MAX];
	struct bytes data = { (const uint8_t *)client, 0 };
	int rc = connect_dev(t);

	if (c == NULL)
		return AM_ERR_NOMEM;
	AM_TRY(token_client("webauthn.create", rpid, challenge, client,
	    sizeof(client), &data.len));
	AM_TRY(pin_text(pin, &text));
	t->ui.touch(t->ui.arg, t->label, "to make a credential");
	if (rc == FIDO_OK)
		rc = describe(c, rpid, user, user_name, data);
	if (rc == FIDO_OK && text == NULL)
		rc = fido_cred_set_uv(c, FIDO_OPT_TRUE);
	if (rc == FIDO_OK)
		rc = finish(t, fido_dev_make_cred(t->dev, c, pin_chars(text)));
	if (rc != FIDO_OK)
		return explain(t, rc, why);
	AM_TRY(keep_made(c, data, why, m));
	return check_secrets(t, rpid, m, pin, why);
}

AM_RESULT
token_make(struct token *t, const char *rpid,
    const uint8_t challenge[static 32], const uint8_t user[static 16],
    const char *user_name, struct bytes pin, struct why *why,
    struct token_made *out)
{
	AM_CLEANUP(made_free) struct token_made m = { 0 };

	AM_TRY(make(t, rpid, challenge, user, user_name, pin, why, &m));
	*out = m;
	m = (struct token_made){ 0 }; /* transferred */
	return AM_OK;
}
