/*
 * levels.h - the policy file: levels, the map from class to level, checks of
 * classes. Read from YAML (policy/levels.yaml is the one that is shipped, and
 * says what every value means and where it comes from).
 *
 * Every key stands once, in every level; an unknown, missing or duplicate
 * key, a zero quorum, an alias or a tag is an error with its line, never
 * "no limit" (domain.md 4; latchset/clevis#269 and openbao/openbao#3666 are
 * what happens otherwise).
 */

#ifndef AM_LEVELS_H
#define AM_LEVELS_H

#include "vault/base/am.h"
#include "vault/base/bytes.h"
#include "vault/base/why.h"

enum {
	LEVELS_COUNT = 4,   /* baseline, intermediate, enhanced, maximum */
	LEVELS_CLASSES = 5, /* open, public, restricted, sensitive, secret */
	LEVELS_GROUPS_MAX = 8,
	LEVELS_WINGS_MAX = 8,
	LEVELS_NAME_MAX = 32,
	LEVELS_TEXT_MAX = 40, /* of a model's name and advisory */
	LEVELS_MODELS_MAX = 16,
	LEVELS_ROOTS_MAX = 4,    /* of one model */
	LEVELS_ROOT_MAX = 1536,  /* bytes of a certificate */
	LEVELS_DER_MAX = 16384,  /* ... and of all of them */
	LEVELS_FILE_MAX = 57344, /* bytes of a policy file: with the commas and
				  * quotes of its lines it fits into a line of
				  * the log */
	LEVELS_NONE = -1,        /* null: not required at this level */
	LEVELS_CHECKPOINT = -2,  /* at every checkpoint, in place of a time */
};

enum levels_action { LEVELS_WARN, LEVELS_REFUSE };
/* In the order of strictness. */
enum levels_attestation { LEVELS_UNATTESTED, LEVELS_RECORDED, LEVELS_VERIFIED };
enum levels_certification {
	LEVELS_UNCERTIFIED,
	LEVELS_FIPS_2_OR_CC, /* fips140_level2_or_cc_eal4plus */
	LEVELS_FIPS_3,       /* fips140_physical_level3 */
};

/* One required group: any of these wings; "owner" and "other_wing" stand for
 * the wing that owns the safe, and for every other. */
struct levels_group {
	size_t count;
	char wings[LEVELS_WINGS_MAX][LEVELS_NAME_MAX + 1];
};

/* A level. Field names are the keys of the file; times are in seconds, a month
 * counted as 31 days and a year as 366, or LEVELS_NONE, LEVELS_CHECKPOINT. */
struct levels_level {
	/* committee */
	uint8_t quorum_k, n_min, n_max, head_surplus_min, cut_min;
	enum levels_action cut_action;
	uint8_t durable_holders_min;
	int64_t durable_horizon;
	enum levels_action durable_action;
	size_t group_count; /* required_posts */
	struct levels_group required_posts[LEVELS_GROUPS_MAX];
	uint8_t eligible_per_required_post;
	enum levels_action eligible_action;
	uint8_t max_same_reporting_line;
	bool requester_counts;
	/* opening */
	int64_t cooloff_open;
	bool veto_by_decline;
	int64_t cooloff_change;
	uint8_t breakglass_quorum;
	int64_t breakglass_cooloff;
	size_t notify_count;
	char breakglass_notify[LEVELS_WINGS_MAX][LEVELS_NAME_MAX + 1];
	int64_t grant_life;
	uint16_t grant_uses_max; /* 0: any number (null in the file) */
	/* rotation and tests */
	int64_t rotate_after_open, rotate_routine, login_test;
	/* departure */
	int64_t depart_suspend, depart_suspend_for_cause, depart_reshare,
	    depart_rotate, transfer_review, appointment_confirm,
	    acceptance_renew;
	/* tokens */
	uint8_t token_attestation; /* enum levels_attestation */
	bool token_allow_list;
	uint8_t token_certification; /* enum levels_certification */
	char token_touch[LEVELS_NAME_MAX + 1];
	uint8_t token_models_min;
	enum levels_action token_advisory;
	char user_verification[LEVELS_NAME_MAX + 1];
	uint8_t pin_length_min, tokens_per_custodian, token_places_min;
	/* exercises and reviews */
	int64_t drill_interval, liveness_interval, access_review;
	/* log */
	int64_t checkpoint_interval;
	uint16_t checkpoint_statements;
	uint8_t witnesses_min, witnesses_outside_min;
	char timestamp[LEVELS_NAME_MAX + 1];
	uint8_t timestamp_authorities;
	int64_t log_copy, log_keep;
	/* recovery, breach, suppliers */
	bool has_recovery_set; /* false: null in the file */
	struct levels_recovery {
		uint8_t quorum, members;
		bool disjoint_persons;
	} recovery_set;
	int64_t breach_first, breach_detail, breach_final, supplier_review;
	bool supplier_review_at_renewal, supplier_review_at_ownership_change;
};

struct levels_class {
	uint8_t level;               /* from class_map */
	bool registered, accredited; /* csp_status allows */
	bool in_country;             /* hosting: pakistan; else any */
	bool open_criteria_shared, approval_reference;
	int64_t due_diligence_max_age;
};

/* A model of security keys that the agency knows. */
struct levels_model {
	uint8_t aaguid[16];
	char name[LEVELS_TEXT_MAX + 1];
	uint8_t certification;              /* enum levels_certification */
	char advisory[LEVELS_TEXT_MAX + 1]; /* "": it is under none */
	uint8_t root_count;
	/* Certificates that its attestation leads to: bytes of `der`, each a
	 * DER sequence; whether it is X.509 is for who has a reader of it. */
	struct levels_root {
		uint16_t at, len;
	} roots[LEVELS_ROOTS_MAX];
	uint16_t line; /* of its entry */
};

struct levels {
	uint32_t version;
	size_t model_count; /* token_models: 0 where the file has none */
	struct levels_model models[LEVELS_MODELS_MAX];
	size_t der_len;
	uint8_t der[LEVELS_DER_MAX];
	struct levels_level level[LEVELS_COUNT];
	struct levels_class class[LEVELS_CLASSES];
};

/* Names in order of strictness: "baseline" ..., "open" ... NULL past the end. */
const char *levels_name(size_t level);
const char *levels_class_name(size_t class);
/* Position of a name, or -1. */
int levels_find(const char *level);
/* The same, and of a name that is no level that of the strictest: a safe may be
 * older than the policy, and its level a word of its time. */
size_t levels_held_to(const char *level);
int levels_find_class(const char *class);

/*
 * `levels_read` reads a policy file. Errors: AM_ERR_INCOMPLETE with a sentence
 * that names line and key; AM_ERR_NOMEM.
 */
AM_RESULT levels_read(struct bytes text, struct levels *out, struct why *why);

/* The file that is shipped, as text and as values. */
struct bytes levels_shipped_text(void);
AM_RESULT levels_shipped(struct levels *out);

/* The certificate `i` of a model; lent. */
struct bytes
levels_root(const struct levels *l, const struct levels_model *m, size_t i);

/* "none", "fips140_level2_or_cc_eal4plus", ...; NULL past the end. */
const char *levels_certification(size_t i);

/*
 * `levels_compare` calls `fn` for every value of `b` that is not that of `a`,
 * in the order of the file; the version is none of them. `weaker`: `b` asks
 * for less than `a`, and for a list or a set of values, for less of something,
 * also where it asks for more of another. With `a` NULL it is called for every
 * value. `where` is "baseline" or "class secret", whose level is the key
 * "class_map"; the values are as the file writes them. A model is one value:
 * `where` is "token_models", the key its AAGUID. Which models there are is the
 * agency's choice, so where `a` has none, as the file that is shipped, none is
 * weaker; else a model, a root or a certification more is, or an advisory less.
 * Errors: that of `fn`, which ends it; AM_ERR_NOMEM.
 */
struct levels_value {
	const char *where, *key, *before, *now; /* before: "" with `a` NULL */
	bool weaker;
};
typedef enum am_err levels_fn(void *arg, const struct levels_value *v);
AM_RESULT levels_compare(
    const struct levels *a, const struct levels *b, levels_fn *fn, void *arg);

/* `where` of a model. */
#define LEVELS_MODELS "token_models"

#endif /* AM_LEVELS_H */
