/*
 * inpost.h - whether people are still in the posts that the vault has them in,
 * and what became of those who moved (PS-5, PS-6): sources for due.h. Another
 * official looks, and says so (`review` of a person).
 */

#ifndef AM_INPOST_H
#define AM_INPOST_H

#include "vault/acts/due.h"

/* An appointment of a custodian that nobody confirmed for longer than a level
 * of their safes asks, from 30 days before; not one that ends before. */
due_source inpost_confirm;

/* Who is, or was, a custodian and was transferred, or took up another post
 * when an earlier one had ended, and was not reviewed since. */
due_source inpost_moved;

#endif /* AM_INPOST_H */
