/*
 * ctap.h - the commands of the authenticator (CTAP 2.1, 6).
 */

#ifndef SOFT_CTAP_H
#define SOFT_CTAP_H

#include "tests/softtoken/soft.h"

/*
 * Answers one command: `request` is the command byte and its parameters, the
 * writer receives the response data, which counts only after CTAP_OK.
 */
enum ctap ctap_command(struct soft *s, struct span request, struct cb_out *o);

/* True for the command that unplug-before-sign waits for. */
bool ctap_is_signing(struct span request);

/* Authenticator data without what follows the counter: 37 bytes. */
#define CTAP_AUTH_HEAD 37
void ctap_auth_head(const struct soft *s,
    const uint8_t rp_hash[static PRIM_HASH], uint8_t flags, struct cb_out *o);

/* One more signature; on disk before it is made. */
enum ctap ctap_count(struct soft *s);

/* Signs a || b, and spoils the last byte if it must. */
size_t ctap_sign(const struct soft *s, EVP_PKEY *key, struct span a,
    struct span b, uint8_t sig[static PRIM_SIG_MAX]);

/* options {up, uv, rk}: what is absent keeps the value it had. */
struct ctap_options {
	bool up, uv, rk;
	bool up_given, uv_given, rk_given;
};
enum ctap
ctap_options(const struct cb_item *map, int64_t key, struct ctap_options *out);

/* The id of the next descriptor of a list of public keys. */
enum ctap ctap_next_id(struct span *list, struct span *id);

/* authenticatorMakeCredential; authenticatorGetAssertion and its Next. */
enum ctap
make_command(struct soft *s, const struct cb_item *map, struct cb_out *o);
enum ctap
get_command(struct soft *s, const struct cb_item *map, struct cb_out *o);
enum ctap get_next(struct soft *s, struct cb_out *o);

#endif /* SOFT_CTAP_H */
