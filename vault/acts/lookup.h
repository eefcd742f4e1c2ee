/*
 * lookup.h - from what people type to what the log means.
 */

#ifndef AM_LOOKUP_H
#define AM_LOOKUP_H

#include "vault/acts/session.h"
#include "vault/base/am.h"

/* Letters, digits, '.', '_' and '-'; no path, no "..", at most 32. */
AM_RESULT lookup_check_id(struct why *why, const char *what, const char *id);
bool lookup_is_host(const char *name);

/* Each: AM_ERR_NOT_FOUND with a sentence. */
AM_RESULT
lookup_person(struct session *s, const char *id, struct rows_person *out);
AM_RESULT lookup_safe(struct session *s, const char *id, struct rows_safe *out);
/* SAFE/NAME; the two parts are checked. */
AM_RESULT lookup_split(struct session *s, const char *path,
    char safe[static ROWS_ID_MAX + 1], char title[static ROWS_TITLE_MAX + 1]);
AM_RESULT lookup_record(struct session *s, const char *path,
    struct rows_safe *safe, struct rows_record *out);
/* "r-7": the number of the request in this vault. */
AM_RESULT
lookup_request(struct session *s, const char *id, struct rows_request *out);

/* The short id of a person, or the hex of the id where there is none. */
void
lookup_name_of(const struct rows_person *p, char out[static ROWS_ID_MAX + 1]);
AM_RESULT lookup_person_name(const struct view *v,
    const uint8_t person[static 16], char out[static ROWS_ID_MAX + 1]);

/* Statement `leaf`, read from the log and parsed. */
AM_RESULT lookup_statement(
    struct store_txn *t, uint64_t leaf, struct why *why, struct statement *out);

#endif /* AM_LOOKUP_H */
