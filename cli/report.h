/*
 * report.h - the report of an incident (domain.md 9), made from the log alone
 * and as of a number of its statements: the same log gives the same bytes. One
 * thing is not in the log: a cause that was sealed until a date. It is in what
 * is made from that date on, so the instant of making is an input as well.
 */

#ifndef AM_REPORT_H
#define AM_REPORT_H

#include "cli/desk.h"
#include "vault/acts/breach.h"

enum report_form { REPORT_JSON, REPORT_MD };

/*
 * `report_make` writes the report of incident `id` as of the first `size`
 * statements; 0: of all; made at `at`. `version`: "draft", "first", "detail"
 * or "final". Errors: AM_ERR_NOT_FOUND.
 */
AM_RESULT
report_make(struct desk *d, const char *id, const char *version, uint64_t size,
    int64_t at, enum report_form form, struct blob *out);

/* SHA-256 of both forms, as of now, and when that was. */
AM_RESULT report_hash(struct desk *d, const char *id, const char *version,
    struct breach_hashes *out);

/* A report that was sent, again: the same bytes, or none.
 * Errors: AM_ERR_NOT_FOUND (it was not), AM_ERR_VERIFY (other bytes). */
AM_RESULT report_again(struct desk *d, const char *id,
    enum incident_report report, enum report_form form, struct blob *out);

#endif /* AM_REPORT_H */
