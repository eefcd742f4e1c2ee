/*
 * pin.h - clientPIN (CTAP 2.1, 6.5) with PIN/UV auth protocols 1 and 2, and
 * the token that a right PIN earns. All of it is lost when the key is
 * restarted, except what disk.h keeps.
 */

#ifndef SOFT_PIN_H
#define SOFT_PIN_H

#include "tests/softtoken/prim.h"

#define PIN_PROTOCOLS 2
#define PIN_CODE_MIN  4 /* code points */
#define PIN_PADDED    64
#define PIN_IN_A_ROW  3
#define PIN_BOX_MAX   (PRIM_BLOCK + 64) /* what pin_encrypt writes at most */
#define PIN_PERM_MAKE 0x01
#define PIN_PERM_GET  0x02
#define PIN_TOKEN_MS  600000
#define PIN_UNUSED_MS 30000

struct soft;

/* The secret shared with the platform. */
struct pin_shared {
	unsigned protocol;
	uint8_t hmac[PRIM_KEY], aes[PRIM_KEY];
};

struct pin {
	EVP_PKEY *agree[PIN_PROTOCOLS];
	unsigned wrong_in_row;

	unsigned token_protocol; /* 0: no token is live */
	uint8_t token[PRIM_KEY];
	uint8_t permissions;
	bool has_rp, used;
	uint8_t rp_hash[PRIM_HASH];
	int64_t issued_ms;
};

void pin_open(struct pin *p);
void pin_close(struct pin *p);

/* authenticatorClientPIN */
enum ctap
pin_command(struct soft *s, const struct cb_item *map, struct cb_out *o);

/* The key agreement with a COSE key of the platform. */
enum ctap pin_agree(struct pin *p, unsigned protocol,
    const struct cb_item *cose, struct pin_shared *out);

/* `tag` authenticates a || b. */
bool pin_verify(
    const struct pin_shared *k, struct span a, struct span b, struct span tag);

/* `out` takes box.len bytes; false when the length is no possible one. */
bool pin_decrypt(
    const struct pin_shared *k, struct span box, uint8_t *out, size_t *len);

/* `plain.len` a multiple of 16, at most 64; returns the length. */
size_t pin_encrypt(const struct pin_shared *k, struct span plain,
    uint8_t out[static PIN_BOX_MAX]);

/*
 * `pin_authorize` is what makeCredential and getAssertion ask: whether the
 * pinUvAuthParam and protocol of `map` (under these keys) authenticate `hash`
 * with the permission for this rp. `uv` is left false when there is none.
 */
struct pin_ask {
	int64_t param_key, protocol_key;
	uint8_t permission;
	const uint8_t *rp_hash, *hash;
};
enum ctap pin_authorize(struct soft *s, const struct cb_item *map,
    const struct pin_ask *ask, bool *uv);

/* A touch was given: the token is spent. */
void pin_spend(struct pin *p);

#endif /* SOFT_PIN_H */
