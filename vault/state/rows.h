/*
 * rows.h - the rows of the tables: what the rules remember.
 *
 * Rows are plain data. On disk a row is its fields in order: integers
 * big-endian, fixed bytes as they are, texts and counted arrays with a
 * length first. A row that does not fit its description is AM_ERR_CORRUPT.
 */

#ifndef AM_ROWS_H
#define AM_ROWS_H

#include "policy/levels.h"
#include "policy/quorum.h"
#include "vault/base/am.h"
#include "vault/crypto/dkg.h"
#include "vault/crypto/pt.h"
#include "vault/crypto/reshare.h"
#include "vault/state/view.h"

/* Counts up with every change of a row or an index: tables of another layout are
 * not read, but made anew from the log. */
enum { ROWS_LAYOUT = 2 };

enum {
	ROWS_ID_MAX = 32,    /* short ids of people and safes */
	ROWS_TITLE_MAX = 64, /* names of credentials, labels */
	ROWS_NAME_MAX = 256, /* names of people, in bytes */
	ROWS_RPID_MAX = 253,
	ROWS_RULE_MAX = 128, /* of a waiver */
	ROWS_ORDER_MAX = 64, /* number of an order */
	ROWS_LINKS_MAX = 16, /* of one credential: what it can reset */
	ROWS_CRED_MAX = 1023,
	/* Certificates, each behind two bytes of length. */
	ROWS_ROOTS_MAX = LEVELS_ROOTS_MAX * (LEVELS_ROOT_MAX + 2),
	ROWS_N_MAX = SHAMIR_N_MAX,
	ROWS_BATCH_MAX = 32768, /* items (R7.4) */
	ROWS_EDGE_MAX = 16,     /* subtrees of so many leaves */
	ROWS_MAIL_MAX = 254,
	ROWS_MAILBOXES_MAX = 24,
	ROWS_HOLIDAYS_MAX = 128,
	ROWS_COUNTRIES_MAX = 250,
	ROWS_CODES_MAX = 10, /* letters of five countries */
	ROWS_LEADS_MAX = 32,
	ROWS_SUB_NAME_MAX = 128, /* of a subscription, in bytes */
	ROWS_SUB_LINKS_MAX = 32, /* its credentials */
	ROWS_SUB_PAST_MAX = 192, /* events that its calendar had */
};

enum rows_kind { ROWS_OFFICIAL = 1, ROWS_CONTRACTOR, ROWS_AUDITOR };
enum rows_person_status { ROWS_KNOWN = 1, ROWS_ADMITTED };
enum rows_token_status { ROWS_OFFERED = 1, ROWS_ACTIVE, ROWS_RETIRED };
enum rows_plan_status { ROWS_PLANNED = 1, ROWS_ACTIVATED, ROWS_VOID };
enum rows_committee { ROWS_OPERATING = 1, ROWS_RECOVERY };
/* Of a person or a token: confirmed ones have lost their vote as well. */
enum rows_suspended { ROWS_FREE = 0, ROWS_SUSPENDED, ROWS_CONFIRMED };
enum rows_act {
	ROWS_ADMIT = 1,
	ROWS_RESUME,
	ROWS_CONFIRM,
	ROWS_WAIVE,
	ROWS_LOGKEY,
	ROWS_POST,
	ROWS_APPOINT,
	ROWS_RULES,
	ROWS_POLICY,
	ROWS_SAFE,
	ROWS_UNFREEZE,
	ROWS_DENY
};
/* How a post is held; all but the first have an end. */
enum rows_holding {
	ROWS_SUBSTANTIVE = 1,
	ROWS_ADDITIONAL,
	ROWS_CURRENT,
	ROWS_ACTING,
	ROWS_LOOK_AFTER,
	ROWS_CONTRACT,
	ROWS_SURROGATE
};
/* Of a subscription, in the order of domain.md 7.2; and what was decided. */
enum rows_sub_state {
	ROWS_COMPLETE = 1,
	ROWS_IN_FORCE,
	ROWS_DECIDED,
	ROWS_RENEWING,
	ROWS_REPLACING,
	ROWS_ENDING,
	ROWS_VERIFIED,
	ROWS_CLOSED
};
enum rows_choice { ROWS_UNDECIDED_YET = 0, ROWS_RENEW, ROWS_REPLACE, ROWS_END };
/* Can the agency log in? Two people have tried it. */
enum rows_control { ROWS_UNVERIFIED = 0, ROWS_CONTROLLED, ROWS_NOT_CONTROLLED };
enum rows_sub_post {
	ROWS_OWNER,
	ROWS_DEPUTY,
	ROWS_TECHNICAL,
	ROWS_BUDGET,
	ROWS_ESCALATION,
	ROWS_SUB_POSTS
};
enum rows_motion_status { ROWS_MOVED = 1, ROWS_ENACTED };
enum rows_fault { ROWS_UNDECIDED = 0, ROWS_COMPLAINER, ROWS_DEALER };
enum rows_incident_status { ROWS_INCIDENT_OPEN = 1, ROWS_INCIDENT_CLOSED };
/* Of an incident: a quorum lifts what one person froze. */
enum rows_frozen { ROWS_UNFROZEN = 0, ROWS_FROZEN, ROWS_THAWED };
enum rows_request_status { ROWS_OPEN = 1, ROWS_OPENED };

/* The vault itself; one row. */
struct rows_vault {
	uint8_t layout; /* ROWS_LAYOUT of the program that made the tables */
	uint8_t vault[16], genesis[32], evaluation, logkey[32], founder[16];
	char rpid[ROWS_RPID_MAX + 1], name[ROWS_NAME_MAX + 1];
	struct point bbar;     /* second generator */
	uint8_t governing[16]; /* safe; zero while founding */
	uint32_t persons, tokens, safes, requests, motions, drills;
	uint32_t posts, appointments, links, emergencies;
	uint32_t incidents, freezes, faults; /* freezes: that ever were */
	uint32_t quiets;
	uint8_t policy[32]; /* the motion that put it in force; zero: none */
	uint64_t records;
	uint64_t size;       /* statements applied */
	uint32_t batch_left; /* items that must follow (R7.4) */
	int64_t last_at;
};

/* The batch whose items follow, or the last one; one row. */
struct rows_batch {
	uint8_t batch[32], by[16], root[32], head_root[32];
	char of[ROWS_ID_MAX + 1];
	uint32_t count;
	int64_t at;
	uint64_t head_size, leaf;
	uint64_t done;                   /* items seen: leaves of their tree */
	uint8_t edge[ROWS_EDGE_MAX][32]; /* its right edge */
};

struct rows_person {
	uint8_t person[16], status, kind, remote;
	char id[ROWS_ID_MAX + 1], name[ROWS_NAME_MAX + 1];
	uint8_t identity[32], pk[32]; /* zero until there is one */
	uint32_t tokens;              /* active ones */
	uint8_t suspended;
	uint64_t suspended_leaf;
	int64_t until; /* a contract's end; 0: none */
	char sponsor[ROWS_ID_MAX + 1];
	uint32_t openings, deposits; /* indexes "opening-n", "deposit-n" */
	uint32_t departure; /* version of the departure entry; 0: none */
	uint32_t appointments, absences; /* indexes "held", "absence" */
	int64_t accepted; /* a custodian's duties, last; 0: never */
	int64_t reviewed; /* by another: still in post; 0: never */
	int64_t moved;    /* transferred, and not reviewed since; 0: not */
	uint64_t leaf;
	int64_t at;
};

struct rows_token {
	uint8_t token[32], person[16], status, key[64], aaguid[16], rk;
	/* Its certificates lead to a root that the policy in force names for
	 * its model (R6.3). */
	uint8_t attested;
	uint8_t suspended;
	uint64_t suspended_leaf;
	char label[ROWS_TITLE_MAX + 1];
	char place[ROWS_TITLE_MAX + 1]; /* where it is kept; "": not entered */
	uint32_t place_version;         /* of the entry; 0: there is none */
	int64_t out_at;                 /* last suspended, or retired */
	uint16_t cred_len;
	uint8_t cred[ROWS_CRED_MAX];
	uint64_t leaf;
	int64_t at;
};

/* Neither is suspended, and the token not retired (R13.8). */
static inline bool
rows_is_free(const struct rows_person *p, const struct rows_token *t)
{
	return p->suspended == ROWS_FREE && t->suspended == ROWS_FREE &&
	    t->status == ROWS_ACTIVE;
}

/* What a credential last signed: head sizes never decrease (R7.2). */
struct rows_use {
	uint64_t head;
	uint32_t counter;
};

struct rows_safe {
	uint8_t safe[16];
	char id[ROWS_ID_MAX + 1], level[ROWS_ID_MAX + 1];
	uint8_t plan[32];     /* the latest; zero: none */
	uint8_t manifest[32]; /* the active one; zero: none */
	uint32_t epoch;       /* number of the latest plan */
	/* The same of the recovery committee. */
	uint8_t recovery_plan[32], recovery[32];
	uint32_t recovery_epoch;
	uint32_t index_max; /* ever used, in either */
	uint32_t records;
	uint8_t rules[32]; /* the motion that set them; zero: built in */
	uint8_t agreed;    /* a quorum has, or it was made while founding */
	uint64_t leaf;
	int64_t at;
};

struct rows_member {
	uint32_t index;
	uint8_t person[16];
};

struct rows_plan {
	uint8_t plan[32], safe[16], committee, status, k, n, by[16];
	uint32_t epoch;
	struct rows_member members[ROWS_N_MAX];
	uint8_t dealer_count;
	struct rows_member dealers[ROWS_N_MAX]; /* at setup: the members */
	/* Where the key comes from: committee and its manifest; zero at setup. */
	uint8_t source_committee, source[32];
	uint8_t base[32]; /* active in its own committee when it was planned */
	uint8_t before[32]; /* the plan of its committee before; zero: none */
	int64_t at, until, deal_from; /* R5.15: no deal before */
	uint16_t joined, accepted;    /* bit i: members[i] has */
	uint16_t dealt;               /* bit i: dealers[i] has */
	uint8_t manifest[32];         /* once all have dealt */
	uint8_t complaint[32];        /* the one that voids it; zero: none */
	uint64_t leaf, end_leaf;      /* end: activated or void */
};

struct rows_join {
	uint8_t id[32], pk[32];
};

struct rows_deal {
	uint8_t id[32], k, n;
	struct dkg_deal deal;
};

struct rows_redeal { /* a deal of a reshare */
	uint8_t id[32], k, n;
	struct reshare_deal deal;
};

struct rows_complaint {
	uint8_t complaint[32], plan[32], by[16];
	uint32_t dealer, index; /* who dealt, who complains */
	uint8_t fault;
	uint64_t leaf;
};

struct rows_motion {
	uint8_t motion[32], by[16], status, act;
	uint8_t person[16], token[32], identity[32]; /* as the act has them */
	/* `identity` is the new log key when the act is logkey */
	char rule[ROWS_RULE_MAX + 1]; /* waive; the incident of unfreeze */
	int64_t rule_until;
	uint8_t safe[16]; /* whose committee decides; zero: the governing one */
	uint32_t number;  /* from 1 */
	int64_t at, until;
	uint64_t leaf, end_leaf;
	uint8_t yes_count, no_count;
	struct rows_vote {
		uint8_t person[16];
		uint64_t leaf;
		int64_t at;
	} yes[ROWS_N_MAX], no[ROWS_N_MAX];
};

/* What these acts say, under the motion's H, and in force once it is. */
struct rows_post {
	uint8_t motion[32];
	uint32_t number; /* from 1; 0: not in force */
	char id[ROWS_ID_MAX + 1], title[ROWS_NAME_MAX + 1],
	    wing[ROWS_ID_MAX + 1];
	uint32_t succeeds; /* number of the post before it; 0: none */
	uint64_t leaf;
	int64_t at;
};

struct rows_appointment {
	uint8_t motion[32];
	uint32_t number; /* from 1; 0: not in force */
	uint8_t person[16], kind;
	uint32_t post;
	int64_t from, until; /* as ordered; until 0: no end */
	char order[ROWS_ORDER_MAX + 1], authority[ROWS_NAME_MAX + 1];
	/* employer, line, site, wing */
	struct rows_attr {
		char text[QUORUM_NAME_MAX + 1];
	} attrs[QUORUM_ATTRS];
	uint8_t attr_count; /* QUORUM_ATTRS */
	uint64_t leaf;
	int64_t at; /* since when the vault knows it: it binds no earlier */
};

struct rows_absence {
	int64_t from, until;
	uint8_t by[16];
	uint64_t leaf, end_leaf; /* end: the person said so; 0 */
};

/* Rules of a safe (R13.4), times in seconds. */
struct rows_rules {
	uint8_t motion[32], safe[16];
	struct quorum_rule rule;
	int64_t cooloff, cooloff_change, breakglass_cooloff, grant;
	uint8_t breakglass_need, veto, members_suspend;
	uint16_t uses; /* openings in the grant; 0: any number */
	uint64_t leaf;
	int64_t at;
};

/* What rules, lists and analyses look at of a policy in force; the file itself
 * is in the motion's statement. */
struct rows_policy {
	uint8_t motion[32];
	uint32_t version; /* as the file says */
	uint8_t level_count;
	struct rows_level {
		uint8_t quorum_k, n_min, head_surplus_min, cut_min,
		    durable_holders_min, eligible_per_required_post;
		/* not 0: a committee change that goes below is refused */
		uint8_t cut_refused, durable_refused, eligible_refused;
		int64_t durable_horizon, depart_suspend,
		    depart_suspend_for_cause, depart_reshare, depart_rotate,
		    rotate_after_open, liveness_interval, drill_interval,
		    access_review, breach_first, breach_detail, breach_final;
		/* Asked only where a policy is in force
		 * (inforce_level). */
		int64_t rotate_routine, login_test, transfer_review,
		    appointment_confirm, acceptance_renew, log_copy,
		    supplier_review;
		uint8_t token_attestation, token_allow_list,
		    token_certification, token_models_min, advisory_refused,
		    pin_length_min, tokens_per_custodian, token_places_min;
		uint8_t witnesses_min, witnesses_outside_min,
		    timestamp_authorities;
		/* members 0: none is asked for */
		uint8_t recovery_quorum, recovery_members, recovery_disjoint;
		uint8_t supplier_review_at_renewal,
		    supplier_review_at_ownership_change;
		uint8_t n_max;
		/* what the rules of a safe are measured by */
		int64_t cooloff_open, cooloff_change, breakglass_cooloff,
		    grant_life;
		uint16_t grant_uses_max; /* 0: any number */
		uint8_t max_same_reporting_line, breakglass_quorum,
		    veto_by_decline;
		uint8_t group_count; /* required_posts */
		struct rows_group {
			uint8_t wing_count;
			struct rows_wing {
				char name[LEVELS_NAME_MAX + 1];
			} wings[LEVELS_WINGS_MAX];
		} groups[LEVELS_GROUPS_MAX];
		uint8_t notify_count; /* breakglass_notify */
		struct rows_notify {
			char name[LEVELS_NAME_MAX + 1];
		} notify[LEVELS_WINGS_MAX];
	} levels[LEVELS_COUNT];
	uint8_t class_count;
	uint8_t class_level[LEVELS_CLASSES];
	/* What the record of a subscription shows for its class. */
	struct rows_class {
		uint8_t registered, accredited, in_country, open_criteria,
		    approval;
		int64_t diligence_max_age;
	} classes[LEVELS_CLASSES];
	uint8_t models; /* how many it names (rows_model) */
	uint64_t leaf;
	int64_t at;
};

/* A model of security keys, as a policy names it. */
struct rows_model {
	uint8_t aaguid[16];
	char name[LEVELS_TEXT_MAX + 1];
	uint8_t certification;
	char advisory[LEVELS_TEXT_MAX + 1]; /* "": it is under none */
	uint16_t roots_len;
	uint8_t roots[ROWS_ROOTS_MAX];
};

struct rows_drill {
	uint8_t drill[32], by[16], safe[16], committee, manifest[32];
	uint32_t number; /* from 1 */
	int64_t at, until;
	uint64_t leaf;
};

/* When a member last proved to hold a share of a manifest. */
struct rows_proven {
	uint8_t manifest[32];
	int64_t at;
	uint64_t leaf;
};

/* A day under which credentials of a safe are kept (aged.h), between the days
 * before and after it that have any. */
struct rows_aged {
	uint32_t count, before, after;
};

/* One version of a credential, for ever. */
struct rows_version {
	uint8_t seal[32], u[32], by[16];
	int64_t at;
	uint64_t leaf;
};

/* Evidence that a version has replaced the older ones at the vendor. */
struct rows_rotation {
	uint8_t by[16], evidence[32]; /* SHA-256 over the hashes, in order */
	uint64_t leaf;
	uint8_t second[16]; /* zero: a second signer is missing */
	uint64_t second_leaf;
};

/* Officials who have said that a version opens what it is for (K-3): the last
 * two of them, `first` the earlier one. */
struct rows_login {
	uint8_t first[16];
	int64_t first_at;
	uint64_t first_leaf;
	uint8_t second[16]; /* zero: a second one is missing */
	int64_t second_at;
	uint64_t second_leaf;
};

struct rows_incident {
	uint32_t number, version; /* number: from 1; version: of the entry */
	uint8_t by[16], status, frozen;
	/* What it is about; zero: not named. */
	uint8_t record[16], person[16], token[32];
	/* The hash of a cause that is sealed until then; 0: it is not. */
	uint8_t sealed[32];
	int64_t sealed_until;
	int64_t discovered, at;
	uint64_t leaf, lifted_leaf, closed_leaf;
	uint32_t reactions, reactions_open;
	/* Of the statements that a report was sent; 0: it was not. */
	uint64_t first_leaf, detail_leaf, final_leaf;
};

/* A departure that is sealed until its day (quiet.h). */
struct rows_quiet {
	uint32_t number; /* from 1 */
	uint8_t by[16], sealed[32];
	int64_t until, at;
	/* Of this entry; of the departure that it was of; of its end without
	 * one. 0: there is none. */
	uint64_t leaf, told_leaf, withdrawn_leaf;
};

struct rows_reaction {
	uint8_t owner[16];
	int64_t due, done_at;
	uint64_t leaf, done_leaf; /* done_leaf 0: it is open */
};

struct rows_manifest {
	uint8_t manifest[32], safe[16], committee, plan[32], k, n;
	uint32_t epoch;
	struct rows_member members[ROWS_N_MAX];
	struct point C[SHAMIR_K_MAX]; /* k of them; C[0] is X */
};

struct rows_record {
	uint8_t record[16], safe[16], by[16], seal[32], u[32];
	uint32_t version;
	char title[ROWS_TITLE_MAX + 1], class[ROWS_ID_MAX + 1],
	    type[ROWS_ID_MAX + 1];
	uint8_t mark;  /* class by high-water mark, from 1; 0: none is known */
	uint64_t leaf; /* of the newest seal */
	int64_t at;
	uint64_t number;  /* of the record in its safe, from 0 */
	uint32_t rotated; /* versions below are closed at the vendor; 0: none */
	uint64_t rotated_leaf;
	uint32_t
	    verified; /* the version whose login two have tested; 0: none */
	/* Where aged.h keeps it; day ROWS_NO_DAY: nowhere. */
	struct rows_place {
		uint32_t day, slot;
	} changed, tested;
};

struct rows_approval {
	uint8_t person[16], token[32], partial[32];
	uint32_t index;
	uint64_t leaf;
	int64_t at;
};

struct rows_request {
	uint8_t request[32], by[16], token[32], safe[16], record[16],
	    manifest[32], seal[32], u[32], q[32],
	    nonce[32];            /* u: of the seal */
	uint32_t version, number; /* number: from 1, in the order of the log */
	uint8_t committee, breakglass, status, k, n;
	int64_t at, from, until;
	uint64_t leaf, seal_leaf;
	/* The rules when it was made, which decide it to its end (R13.4). */
	uint8_t rules[32], need, veto;
	int64_t cooloff_end, grant;
	uint16_t uses, opens;
	/* The last approval that was given while they were not enough; 0. */
	int64_t complete_at;
	uint8_t vetoed[16]; /* by whom; zero: by nobody */
	uint8_t approval_count, decline_count;
	struct rows_approval approvals[ROWS_N_MAX];
	struct rows_approval declines[ROWS_N_MAX];
	int64_t opened_at;
	uint64_t open_leaf;
};

/* The register of subscriptions; one row, which is not there before the first
 * entry. Days as in vault/register/dates.h. */
struct rows_register {
	uint32_t subscriptions;
	uint32_t first, last; /* days under which something is kept */
	/* The same of "sub-exam": bit i for the kinds (subindex.h) that there
	 * are, and the first month. */
	uint32_t exam_kinds, exam_first;
	uint8_t deny[32]; /* the motion that put the list in force */
};

/* The agency itself; one row. */
struct rows_entity {
	char id[ROWS_ID_MAX + 1], name[ROWS_NAME_MAX + 1];
	uint32_t version;
	uint8_t mailbox_count;
	uint8_t name_by[16]; /* as `by` of a mailbox, for the name */
	struct rows_mailbox {
		char address[ROWS_MAIL_MAX + 1];
		/* Who put it on the list, until somebody else has used it;
		 * zero: two people have, or the first description. */
		uint8_t by[16];
	} mailboxes[ROWS_MAILBOXES_MAX];
	uint8_t holiday_count;
	uint32_t holidays[ROWS_HOLIDAYS_MAX]; /* days */
	/* Taken off the list, and not longer ago than calendars matter. */
	uint8_t former_count;
	uint32_t former[ROWS_HOLIDAYS_MAX];
	uint8_t surrender_month, surrender_day;
	uint64_t leaf;
	int64_t at;
};

/* A list of countries, under its motion's H, and in force once that is. */
struct rows_deny {
	uint8_t motion[32];
	uint32_t version;
	uint8_t count;
	struct rows_country {
		char code[3];
	} countries[ROWS_COUNTRIES_MAX];
	uint64_t leaf;
	int64_t at;
};

/* What rules and lists look at of a subscription; its record is in the log. */
struct rows_subscription {
	char id[ROWS_ID_MAX + 1], name[ROWS_SUB_NAME_MAX + 1];
	uint32_t number, version; /* number: from 1 */
	uint8_t state, choice, control;
	uint64_t record_leaf, leaf; /* of the record in force; of the latest */
	int64_t at;                 /* of the latest */
	uint32_t posts[ROWS_SUB_POSTS];
	char countries[ROWS_CODES_MAX + 1];
	char order[ROWS_ORDER_MAX + 1];
	/* Dates; spans as in dates.h. `months`: renews itself for so many. */
	uint32_t start, end;
	uint8_t of_month;
	uint16_t months, notice, procurement, margin, repeat;
	uint8_t notice_months, procurement_months; /* counted in months */
	uint8_t lead_count, after_count;
	uint16_t leads[ROWS_LEADS_MAX], after[ROWS_LEADS_MAX];
	/* Events of its calendar (schedule.h) that were sent and are none any
	 * more: told as cancelled up to the day `until`. */
	uint8_t past_count;
	struct rows_past {
		uint8_t of, twin;
		uint16_t days;
		uint32_t day, until;
	} past[ROWS_SUB_PAST_MAX];
	uint32_t armed; /* the day its dates were entered */
	uint32_t acked; /* what was raised up to that day is acknowledged */
	uint8_t acked_by[16];
	/* Where `due` finds it: index "sub-day". */
	uint32_t day, slot;
	/* What the record shows of the provider (vetting.h). */
	struct rows_provider {
		uint8_t class;  /* of its data, from 1; 0: none is known */
		uint8_t mark;   /* the higher of that and what it reaches */
		uint8_t level;  /* highest of its safes, from 1; 0: none */
		uint8_t status; /* with the Cloud Office */
		uint8_t criteria, approved; /* not 0: it is on record */
		char data[3], owner[3];     /* where it is; ultimate owner's */
		uint32_t examined;          /* day of the due diligence */
		uint8_t vendor[32];         /* H of the legal name */
	} provider;
	uint32_t decided; /* the day of the first decision on this term */
	/* Where `due` finds it once the provider is looked at again: index
	 * "sub-exam". */
	uint32_t exam, exam_slot;
	uint8_t link_count;
	struct rows_link {
		uint8_t record[16];
	} links[ROWS_SUB_LINKS_MAX];
	uint8_t account[32]; /* H of what the vendor knows the account by */
	/* Logins that worked, of different persons, the newest first. */
	uint8_t test_count;
	struct rows_test {
		uint8_t person[16];
		uint64_t leaf;
		int64_t at;
	} tests[2];
};
/* It is under no day. */
#define ROWS_NO_DAY UINT32_MAX
/* Of a provider, with the Cloud Office. */
enum rows_csp { ROWS_CSP_NONE = 0, ROWS_CSP_REGISTERED, ROWS_CSP_ACCREDITED };

/* The number of an id such as "i-7", with its letter; 0: it is none. */
uint32_t rows_number(char letter, struct bytes id);

/*
 * One pair of functions a row. `rows_get_x` reads by key:
 *	vault, batch  (none)       person   person id, 16
 *	token    H(token), 32      use      SHA-256(credential id), 32
 *	safe     safe id, 16       plan     H(plan), 32
 *	join, deal   H(plan) || u32 index, 36
 *	manifest M, 32             record   record id, 16
 *	request  H(request), 32    redeal   as deal
 *	motion   H(motion), 32     drill    H(drill), 32
 *	complaint  H(complaint), 32
 *	version, rotation, login  record id || u32 version, 20
 *	incident  u32 from 1, 4    reaction  u32 incident || u32 from 1, 8
 *	quiet     u32 from 1, 4
 *	post, appointment, rules, policy  H(motion), 32
 *	model    H(motion) || AAGUID, 48
 *	absence  person || u32 from 0, 20
 *	proven   safe || committee || person, 33
 *	register, entity  (none)   deny  H(motion), 32
 *	subscription      u32 number, 4
 *	aged     safe || u32 list || u32 day, 24
 * Errors: AM_ERR_NOT_FOUND, AM_ERR_CORRUPT.
 */
#define ROWS_PAIR(x)                                                       \
	AM_RESULT rows_get_##x(                                            \
	    const struct view *v, struct bytes key, struct rows_##x *out); \
	AM_RESULT rows_put_##x(                                            \
	    const struct view *v, struct bytes key, const struct rows_##x *in)
ROWS_PAIR(vault);
ROWS_PAIR(batch);
ROWS_PAIR(person);
ROWS_PAIR(token);
ROWS_PAIR(use);
ROWS_PAIR(safe);
ROWS_PAIR(plan);
ROWS_PAIR(join);
ROWS_PAIR(deal);
ROWS_PAIR(manifest);
ROWS_PAIR(record);
ROWS_PAIR(request);
ROWS_PAIR(redeal);
ROWS_PAIR(complaint);
ROWS_PAIR(motion);
ROWS_PAIR(drill);
ROWS_PAIR(proven);
ROWS_PAIR(version);
ROWS_PAIR(rotation);
ROWS_PAIR(post);
ROWS_PAIR(appointment);
ROWS_PAIR(absence);
ROWS_PAIR(rules);
ROWS_PAIR(policy);
ROWS_PAIR(model);
ROWS_PAIR(login);
ROWS_PAIR(incident);
ROWS_PAIR(quiet);
ROWS_PAIR(reaction);
ROWS_PAIR(register);
ROWS_PAIR(entity);
ROWS_PAIR(deny);
ROWS_PAIR(subscription);
ROWS_PAIR(aged);

/*
 * Indexes: a table of ids by number or by name. Tables: "person-n",
 * "token-n", "safe-n", "request-n" (key: u32), "record-n" (roll.h),
 * "person-id", "safe-id" (key: the text), "record-id" (safe || title),
 * "token-of" (keyring.h), "cred" (SHA-256 of the credential id -> H(token)), "seen" (H -> u64 leaf),
 * "u", "q", "pk" (point -> who has it; "pk": identities and joins), "motion-n" (u32);
 * "drill-of" (safe || u32 committee -> H(drill), the last one);
 * "member-index" (safe || person -> u32), "epoch" (safe || committee || u32
 * -> M), "erased" (the same with the person -> leaf), "opening-n" (person ||
 * u32 -> H(request)), "deposit-n" (person || u32 -> record || u32 version),
 * "waiver" (rule -> until || leaf at which it came into force, 16 bytes),
 * "departure" (person || u32 version of the entry -> leaf), "rotation-n" (u32 -> record || u32 version, from 0) and
 * "rotations" (nothing -> how many of these, u32), "proof" (H(drill) || person
 * -> at || leaf, 16 bytes), "logkey" (u32 -> former key || leaf of its end, 40),
 * "post-n" (u32 -> H(motion)), "post-id" (text -> u32), "appointment-n" (u32
 * -> H(motion)), "held" (person || u32 from 0 -> H(motion)), "order" (person
 * || u32 post || text -> u32), "link-n" (u32 from 0 -> record || record that
 * it can reset) and "link" (the same two -> nothing), "emergency-n" (u32 from 0
 * -> H(request)), "review" (safe or request, as text -> at, 8 bytes),
 * "x5c" (H(token) -> its certificates, each behind two bytes of length),
 * "incident-leaf" (u32 incident || u32 version -> leaf), "fault-n" (u32 from 0
 * -> leaf), "aged-n" (safe || u32 list || u32 day || u32 from 0 -> record).
 * Subscriptions: "sub-id" (text -> u32), "sub-days" (u32 day -> how many are
 * kept under it, u32), "sub-day" (u32 day || u32 from 0 -> u32 number),
 * "sub-exams" and "sub-exam" (the same of u32 kind and month of examination),
 * "sub-safes" (safe -> how many ever needed it, u32), "sub-safe" (safe || u32
 * from 0 -> u32 number), "sub-of" (safe || u32 number -> nothing), "sub-owned"
 * (u32 post -> how many it owns, u32).
 */
AM_RESULT rows_index_put(
    const struct view *v, const char *table, struct bytes key, struct bytes id);
/* Errors: AM_ERR_NOT_FOUND; AM_ERR_CORRUPT (another length). */
AM_RESULT rows_index_get(const struct view *v, const char *table,
    struct bytes key, uint8_t *out, size_t out_len);

/* Big-endian integers as keys. */
struct rows_key {
	uint8_t b[96];
	size_t len;
};
struct rows_key rows_key_u32(uint32_t v);
/* ... and back. */
uint64_t rows_get_be64(const uint8_t be[static 8]);
uint32_t rows_get_be32(const uint8_t be[static 4]);
struct rows_key rows_key_with_u32(struct bytes prefix, uint32_t v);
struct rows_key rows_key_with_u64(struct bytes prefix, uint64_t v);
struct rows_key rows_key_with_text(struct bytes prefix, struct bytes text);
static inline struct bytes
rows_key(const struct rows_key *k)
{
	return (struct bytes){ k->b, k->len };
}

#endif /* AM_ROWS_H */
