/*
 * leaving.h - what follows from what people know and from their going: rotations,
 * departures, contracts. Sources for due.h.
 */

#ifndef AM_LEAVING_H
#define AM_LEAVING_H

#include "vault/acts/due.h"

/* Rotations that one person has signed; what was opened and is to be changed,
 * departures that are open, contracts that end. */
due_source leaving_rotations, leaving_people;

#endif /* AM_LEAVING_H */
