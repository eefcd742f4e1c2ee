/*
 * subscribe.h - what people do with subscriptions: enter a record from a file,
 * take a step, say that a login works, acknowledge; describe the entity, and
 * move a deny list (domain.md 7). One touch each.
 */

#ifndef AM_SUBSCRIBE_H
#define AM_SUBSCRIBE_H

#include "policy/flat.h"
#include "vault/acts/motion.h"
#include "vault/log/statement.h"
#include "vault/state/subscription.h"

/* A record out of a file, as the log will have it. */
struct subscribe_sheet {
	char id[ROWS_ID_MAX + 1];
	struct json_t *record;
	struct blob unknown; /* credentials that are not there: lines */
};
void subscribe_sheet_free(struct subscribe_sheet *s);
#define subscribe_sheet_auto \
	AM_CLEANUP(subscribe_sheet_free) struct subscribe_sheet

/* The YAML of a subscription. Errors: AM_ERR_INCOMPLETE (it cannot be read, or
 * has no id). */
AM_RESULT subscribe_read(
    struct session *s, struct bytes file, struct subscribe_sheet *out);

/* The same of one that is there: what the file leaves out stays as it is.
 * Errors: AM_ERR_NOT_FOUND, too. */
AM_RESULT subscribe_change(
    struct session *s, struct bytes file, struct subscribe_sheet *out);

/* The same of fields that are read already: the cells are those of a record,
 * and behind them the id, which the caller has checked. Errors: AM_ERR_INVALID
 * (a text that no record can hold). */
AM_RESULT subscribe_take(
    struct session *s, const struct flat *file, struct subscribe_sheet *out);

/* Everything that is wrong with it, a call a fault; *out counts them. */
typedef void subscribe_fault(
    void *arg, const char *field, const char *rule, const char *text);
AM_RESULT subscribe_faults(struct session *s, const struct subscribe_sheet *in,
    subscribe_fault *fn, void *arg, size_t *out);
/* The same in a view that is open, at an instant. */
AM_RESULT
subscribe_check(const struct view *v, const struct subscribe_sheet *in,
    int64_t at, subscribe_fault *fn, void *arg, size_t *out);

/* Version 1, or with `again` the next one. */
AM_RESULT subscribe_enter(struct session *s, const struct session_key *k,
    const struct subscribe_sheet *in, bool again);

/* Errors: AM_ERR_NOT_FOUND with a sentence. */
AM_RESULT subscribe_find(
    struct session *s, const char *id, struct rows_subscription *out);
/* The record in force, lent from `said`, which the caller frees. */
AM_RESULT subscribe_record(struct session *s, struct store_txn *t,
    const struct rows_subscription *row, struct statement *said,
    struct record *out);
/* The same as a sheet, to be checked again. */
AM_RESULT subscribe_sheet_of(struct session *s, struct store_txn *t,
    const struct rows_subscription *row, struct subscribe_sheet *out);

struct subscribe_step {
	const char *to, *choice, *order, *end; /* "": not said */
	const char *evidence;                  /* a file */
	const char *post; /* ""; the first of its posts that the signer holds */
};
AM_RESULT subscribe_step(struct session *s, const struct session_key *k,
    const struct rows_subscription *row, const struct subscribe_step *w);
AM_RESULT subscribe_test(struct session *s, const struct session_key *k,
    const struct rows_subscription *row, const char *evidence, bool passed);
AM_RESULT subscribe_ack(struct session *s, const struct session_key *k,
    const struct rows_subscription *row, const char *post);

/* The YAML of the entity: id, name, mailboxes, holidays, surrender. */
AM_RESULT subscribe_entity(
    struct session *s, const struct session_key *k, struct bytes file);

/* "IN,IL" in any order. Errors: AM_ERR_INVALID. */
AM_RESULT
subscribe_deny(struct session *s, const struct session_key *k, uint32_t version,
    const char *countries, const char *why, struct motion_view *out);

#endif /* AM_SUBSCRIBE_H */
