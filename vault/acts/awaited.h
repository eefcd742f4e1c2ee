/*
 * awaited.h - what committees wait for from one of them: a step of a ceremony, a
 * vote, an approval, a proof. Sources for due.h.
 */

#ifndef AM_AWAITED_H
#define AM_AWAITED_H

#include "vault/acts/due.h"

due_source awaited_ceremonies, awaited_votes, awaited_requests;

/* Proofs that a drill asks for, and those that are too old without one. */
due_source awaited_drills, awaited_proofs;

#endif /* AM_AWAITED_H */
