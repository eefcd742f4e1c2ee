/*
 * term.h - what is due because something ends, or is to be looked at again:
 * sources for due.h.
 */

#ifndef AM_TERM_H
#define AM_TERM_H

#include "vault/acts/due.h"

/* Appointments that end, 90 to 7 days before; posts that nobody has held for
 * half a year; safes that will have no quorum,
 * 90 days before; waivers, 30 days before. */
due_source term_appointments, term_vacant, term_quorums, term_waivers;

/* Credentials that can reset others of a higher class; what was opened
 * by break-glass, and access to safes. */
due_source term_classes, term_reviews;

#endif /* AM_TERM_H */
