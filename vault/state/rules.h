/*
 * rules.h - between state.c, which checks what all statements share, and the
 * files that hold the rules of each family. Not for use outside vault/state.
 */

#ifndef AM_RULES_H
#define AM_RULES_H

#include "vault/register/record.h"
#include "vault/state/state.h"

/* One statement under judgement. */
struct rules {
	const struct state *st;
	const struct statement *s;
	uint64_t leaf;
	const struct state_beside *beside;
	struct why *why;
	struct rows_vault vault; /* read before, written after the rule */
	struct rows_person by;   /* the signer; unset for genesis */
	struct rows_token token; /* the signer's; unset for genesis, token */
	bool silent;             /* set by a rule: the leaf has no effect */
	bool limited;            /* the signer is suspended: R13.8 */
	bool lapsed; /* ... or holds no appointment any more: R13.7 */
};

/* A sentence and its rule: `return RULES_SAY(r, AM_ERR_POLICY, "V14", ...)`. */
#define RULES_SAY(r, err, rule, ...) why_say((r)->why, err, rule, __VA_ARGS__)

/* Shared by the families. */
AM_RESULT rules_claim_assertion(
    struct rules *r, const uint8_t key[static 64], const char *rpid);
AM_RESULT rules_poss(struct rules *r, const char *rule, const struct point *P,
    const uint8_t ph[static 32], const char *field);
AM_RESULT rules_point(
    struct rules *r, const char *rule, const char *field, struct point *out);
/* [A-Za-z0-9][A-Za-z0-9._-]*, at most `max` characters, no "..". */
bool rules_is_name(struct bytes text, size_t max);
/* O-1, O-8: a version that follows another, 0: none, is higher, and not by so
 * much that it could be the last one: whoever put the highest number in force
 * would have ended every change. */
enum { RULES_VERSION_STEP = 100000000, RULES_VERSION_FIRST = 2000000000 };
bool rules_is_next(uint32_t now, uint32_t version);
/* An id of 16 bytes that is not zero, which stands for none. */
AM_RESULT
rules_new_id(struct rules *r, const uint8_t id[static 16], const char *what);
/* Copies a text field of at most `size - 1` bytes. */
AM_RESULT
rules_text(const struct json_t *obj, const char *key, char *out, size_t size);
bool rules_text_is(const struct json_t *obj, const char *key, const char *want);
AM_RESULT rules_person(
    struct rules *r, const uint8_t id[static 16], struct rows_person *out);

/* members.c */
AM_RESULT members_genesis(struct rules *r);
AM_RESULT members_person(struct rules *r);
AM_RESULT members_token(struct rules *r);
AM_RESULT members_identity(struct rules *r);
/* Of a motion: could it be admitted, and the admission itself. */
AM_RESULT members_check_admit(struct rules *r, const struct rows_motion *m);
AM_RESULT members_admit(struct rules *r, const struct rows_motion *m);

/* register.c */
AM_RESULT register_entry(struct rules *r);

/* subscription.c, entity.c: entries of these types. */
AM_RESULT subscription_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data);
AM_RESULT entity_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data);
/* what one person has put into the description of the entity is first used
 * by another; from then on it is anybody's. Of a record without faults. */
AM_RESULT entity_use(struct rules *r, const struct record *in);

/* supplier.c: the list of countries that are denied, likewise to office.c; and
 * none of these stands on it, or a waiver is in force. */
AM_RESULT supplier_read_deny(
    struct rules *r, const struct json_t *what, const uint8_t id[static 32]);
AM_RESULT supplier_enact_deny(struct rules *r, const struct rows_motion *m);
AM_RESULT supplier_check(
    struct rules *r, const char *subscription, const char *countries);

/* vetting.c, R-15: the provider was examined in the renewal that runs; and again
 * where the record gives it another owner or name. */
AM_RESULT
vetting_check_renewal(struct rules *r, const struct rows_subscription *s);
AM_RESULT vetting_check_owner(struct rules *r,
    const struct rows_subscription *was, const struct rows_subscription *s);

/* govern.c */
AM_RESULT govern_suspend(struct rules *r);
/* R5.13: the signer may suspend others, and so freeze. */
AM_RESULT govern_may_suspend(struct rules *r);
AM_RESULT govern_motion(struct rules *r);
AM_RESULT govern_vote(struct rules *r);
AM_RESULT govern_enact(struct rules *r);

/* office.c: posts, appointments, absences. What an act says, read from its
 * motion and kept under its H; and its effect. */
AM_RESULT office_read_post(
    struct rules *r, const struct json_t *what, const uint8_t id[static 32]);
AM_RESULT office_found(struct rules *r, const struct rows_motion *m);
AM_RESULT office_read_appointment(
    struct rules *r, const struct json_t *what, struct rows_motion *m);
AM_RESULT office_appoint(struct rules *r, const struct rows_motion *m);
AM_RESULT office_absence(
    struct rules *r, const struct json_t *data, struct rows_person *p);
AM_RESULT office_return(struct rules *r, struct rows_person *p);
/* review.c */
AM_RESULT
review_enter(struct rules *r, struct bytes id, const struct json_t *data);
/* duties.c */
AM_RESULT
duties_enter(struct rules *r, struct bytes id, const struct json_t *data);
/* login.c */
AM_RESULT login_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data);
/* incident.c: the entry; what it stops; and lifting that, by quorum. */
AM_RESULT incident_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data);
AM_RESULT
incident_check_request(struct rules *r, const struct rows_request *q);
AM_RESULT incident_check_approver(struct rules *r);
AM_RESULT incident_read_unfreeze(
    struct rules *r, const struct json_t *what, struct rows_motion *m);
AM_RESULT incident_unfreeze(struct rules *r, const struct rows_motion *m);
/* quiet.c: what is sealed; and a departure that says it is what was. */
AM_RESULT quiet_enter(struct rules *r, struct bytes id, uint32_t version,
    const struct json_t *data);
AM_RESULT quiet_tell(struct rules *r, const struct json_t *data);
/* R13.7, C-9: the signer holds an appointment now, and is not away. */
AM_RESULT office_check_signer(struct rules *r);

/* ruleset.c: the rules of a safe and the policy, likewise */
AM_RESULT
ruleset_read(struct rules *r, const struct json_t *what, struct rows_motion *m);
AM_RESULT ruleset_enact(struct rules *r, const struct rows_motion *m);
AM_RESULT ruleset_read_policy(
    struct rules *r, const struct json_t *what, const uint8_t id[static 32]);
AM_RESULT ruleset_enact_policy(struct rules *r, const struct rows_motion *m);
/* R13.20: whose committee decides on a motion for rules, as things stand now:
 * that of the safe, once it has one. */
AM_RESULT ruleset_decides(struct rules *r, struct rows_motion *m);
/* R13.4: a committee to come can keep the rules of its safe. */
AM_RESULT ruleset_check_kept(
    struct rules *r, const struct rows_safe *s, const struct rows_plan *p);
/* a new committee is as large as the level of its safe asks. */
AM_RESULT ruleset_check_plan(
    struct rules *r, const struct rows_safe *s, const struct rows_plan *p);
/* fills mark, and refuses a safe of too low a level. */
AM_RESULT ruleset_check_class(struct rules *r, const struct json_t *meta,
    const struct rows_safe *s, struct rows_record *c);

/* plan.h has plan_made. ceremony.c: a safe, joining, and setup */
AM_RESULT ceremony_safe(struct rules *r);
AM_RESULT ceremony_join(struct rules *r);
AM_RESULT ceremony_deal(struct rules *r);
AM_RESULT ceremony_accept(struct rules *r);

/* succession.c: from one committee to the next */
AM_RESULT succession_deal(struct rules *r);
AM_RESULT succession_accept(struct rules *r);
AM_RESULT succession_abort(struct rules *r);
AM_RESULT succession_complain(struct rules *r);
AM_RESULT succession_justify(struct rules *r);
AM_RESULT succession_erased(struct rules *r);

/* drill.c */
AM_RESULT drill_called(struct rules *r);
AM_RESULT drill_prove(struct rules *r);

/* batch.c: the statement, and an item before the rule of its kind */
AM_RESULT batch_open(struct rules *r);
AM_RESULT batch_item(struct rules *r);

/* fault.c: the statement, and the signature of the vault itself */
AM_RESULT fault_service(struct rules *r);
AM_RESULT fault_post(struct rules *r);

/* access.c */
AM_RESULT access_seal(struct rules *r);
AM_RESULT access_request(struct rules *r);
AM_RESULT access_approve(struct rules *r);
AM_RESULT access_decline(struct rules *r);
AM_RESULT access_open(struct rules *r);

/* exposure.c: who has seen what, until it is changed at the vendor */
AM_RESULT exposure_rotated(struct rules *r);
AM_RESULT exposure_opened(struct rules *r, const struct rows_request *q);
AM_RESULT exposure_deposited(struct rules *r, const struct rows_record *c);
/* *out tells whether a person is exposed to something that is neither rotated
 * nor accepted by a quorum. */
AM_RESULT
exposure_left(struct rules *r, const struct rows_person *p, bool *out);

#endif /* AM_RULES_H */
