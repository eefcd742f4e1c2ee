/*
 * statement.h - the envelope of one log line: who signed what, and when.
 *
 *	{"auth":{...},"body":{"at":...,"by":...,"head":{...},"kind":...,
 *	    "vault":..., fields of the kind}}
 *
 * Source: protocol.md 2.4, 7.1, 7.2. What a kind means is the matter of
 * vault/state.
 */

#ifndef AM_STATEMENT_H
#define AM_STATEMENT_H

#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/base/why.h"
#include "vault/log/canon.h"
#include "vault/log/service.h"

enum {
	STATEMENT_KIND_MAX = 16,
	STATEMENT_CRED_MAX = 1023,
	STATEMENT_CLIENT_MAX = 1024,
	STATEMENT_SIG_MAX = 80,
	STATEMENT_AUTHDATA = 37,
};

/* Start with { 0 }; statement_free (or `statement_auto`) ends it. */
struct statement {
	struct json_t *doc;        /* owns what `body` points into */
	const struct json_t *body; /* with every field */
	char kind[STATEMENT_KIND_MAX];
	uint8_t vault[16], by[16];
	int64_t at;
	uint64_t head_size;
	uint8_t head_root[32];
	uint8_t id[32];   /* H: SHA-256 over the bytes of the body */
	uint8_t leaf[32]; /* SHA-256(0x00 || line) */
	uint8_t authdata[STATEMENT_AUTHDATA];
	uint8_t client[STATEMENT_CLIENT_MAX];
	size_t client_len;
	uint8_t cred[STATEMENT_CRED_MAX];
	size_t cred_len;
	uint8_t sig[STATEMENT_SIG_MAX]; /* DER */
	size_t sig_len;
	bool batched; /* an item of a batch (R7.4): auth is {"batch": H} */
	uint8_t batch[32];
	bool service; /* of the vault itself (7.2): auth is {"log": sig} */
	uint8_t service_sig[SERVICE_SIG];
};

void statement_free(struct statement *s);
#define statement_auto AM_CLEANUP(statement_free) struct statement

/*
 * `statement_parse` reads a line without its newline: canonical JSON, exactly
 * one auth and one body, the five common fields. Fields of the kind are left
 * to state_apply. Errors: AM_ERR_CORRUPT with V02, AM_ERR_NOMEM.
 */
AM_RESULT
statement_parse(struct bytes line, struct why *why, struct statement *out);

/*
 * `statement_of_body` is the statement that a body would become once the
 * credential `cred` signs it: everything but signature and leaf hash. For
 * judging a draft before anyone is asked to touch a key.
 */
AM_RESULT statement_of_body(struct bytes body, struct bytes cred,
    struct why *why, struct statement *out);

/*
 * `statement_id` is H of a body under construction: its canonical bytes are
 * appended to `bytes` (may be { 0 }) and hashed.
 */
AM_RESULT statement_id(
    const struct json_t *body, struct blob *bytes, uint8_t out[static 32]);

/* What a token made of H, ready for the line. */
struct statement_assertion {
	struct bytes authdata, client, cred, sig;
};

/* `statement_line` appends the line (no newline) of an assertion over body. */
AM_RESULT statement_line(
    const struct statement_assertion *a, struct bytes body, struct blob *out);

/* `statement_item_line`: the line of an item of the batch with H `batch`. */
AM_RESULT statement_item_line(
    const uint8_t batch[static 32], struct bytes body, struct blob *out);

/* `statement_service_line`: the line of an act of the vault itself. */
AM_RESULT statement_service_line(
    const uint8_t sig[static SERVICE_SIG], struct bytes body, struct blob *out);

#endif /* AM_STATEMENT_H */
