/*
 * fitness.h - is a security key as the level of a safe asks (domain.md 4, A-7,
 * invariant 3; protocol.md R6.3, R13.23)? What the policy in force says of its
 * model, and whether its maker proves that it is of that model.
 */

#ifndef AM_FITNESS_H
#define AM_FITNESS_H

#include "vault/base/blob.h"
#include "vault/state/rows.h"

/* What is wrong with a key for a level; 0: nothing. */
enum {
	FITNESS_UNLISTED = 1,
	FITNESS_UNATTESTED = 2,
	FITNESS_UNCERTIFIED = 4,
	FITNESS_ADVISED = 8,
};

/*
 * `fitness_policy` gives the policy whose models are asked about: the one in
 * force, unless it names none in a vault for evaluation (R13.23: where
 * software keys are used it may say nothing of keys). `fitness_asked` gives
 * what is asked of the keys that approve for a safe: its level, once it is
 * bound to its rules. Errors: AM_ERR_NOT_FOUND (nothing is asked).
 */
AM_RESULT fitness_policy(const struct view *v, const struct rows_vault *vault,
    struct rows_policy *out);
AM_RESULT fitness_asked(const struct view *v, const struct rows_vault *vault,
    const struct rows_safe *s, struct rows_level *out);

/* What the policy in force says of a model. Errors: AM_ERR_NOT_FOUND. */
AM_RESULT fitness_model(const struct view *v, const struct rows_vault *vault,
    const uint8_t aaguid[static 16], struct rows_model *out);

/* What is wrong with a key for that level. */
AM_RESULT fitness_of(const struct view *v, const struct rows_vault *vault,
    const struct rows_level *l, const struct rows_token *t, unsigned *out);

/* Has a person a key in use, free, with which nothing is wrong? */
AM_RESULT fitness_has_key(const struct view *v, const struct rows_vault *vault,
    const struct rows_level *l, const uint8_t person[static 16], bool *out);

/* Appends "its model is not on the list of the policy, and ...". */
AM_RESULT fitness_words(unsigned wrong, struct blob *out);

/*
 * For those who write. `fitness_keep` keeps the certificates of a token's
 * attestation object, which may be empty; `fitness_attest` sets t->attested by
 * the policy in force; `fitness_attest_all` does so for every token, when
 * another policy is.
 */
AM_RESULT fitness_keep(
    const struct view *v, const uint8_t token[static 32], struct bytes object);
AM_RESULT fitness_attest(
    const struct view *v, const struct rows_vault *vault, struct rows_token *t);
AM_RESULT
fitness_attest_all(const struct view *v, const struct rows_vault *vault);

#endif /* AM_FITNESS_H */
