/*
 * incident.h - what an incident is about, and what its freeze stops (O-5).
 *
 * A freeze is one person's word, at once: from its leaf on nothing in its
 * scope is approved or opened, until a quorum lifts it; and what was asked
 * before it is cancelled for good. In scope is the credential that is named;
 * what the person, or with the key, that is named was asked or approved; and
 * everything where nothing is named.
 */

#ifndef AM_INCIDENT_H
#define AM_INCIDENT_H

#include "vault/state/rows.h"

/* "i-7"; 0: it is none. */
uint32_t incident_number(struct bytes id);

enum incident_report { INCIDENT_FIRST, INCIDENT_DETAIL, INCIDENT_FINAL };
enum { INCIDENT_REPORTS = INCIDENT_FINAL + 1 };

/* The leaf of the statement that a report was sent; 0: it was not. */
uint64_t
incident_sent(const struct rows_incident *i, enum incident_report report);

/* Is a request in scope, by what stood before `before`? UINT64_MAX: by all. */
bool incident_covers(const struct rows_incident *i,
    const struct rows_request *q, uint64_t before);

enum incident_hold { INCIDENT_FREE, INCIDENT_FROZEN, INCIDENT_CANCELLED };

/* Whether an incident stops a request, and which one it is. */
AM_RESULT incident_hold_of(const struct view *v, const struct rows_vault *vault,
    const struct rows_request *q, uint32_t *number, enum incident_hold *out);

/* Entry `version` of an incident: its leaf. */
AM_RESULT incident_leaf(
    const struct view *v, uint32_t number, uint32_t version, uint64_t *out);

/* Row of an incident, from 1, and of a reaction of it, from 1. */
AM_RESULT
incident_get(const struct view *v, uint32_t number, struct rows_incident *out);
AM_RESULT incident_reaction(const struct view *v, uint32_t number, uint32_t n,
    struct rows_reaction *out);

#endif /* AM_INCIDENT_H */
