/*
 * govern.h - who decides on a motion, and when it may take effect (protocol.md
 * 7.3, R5.15, R13.20): for those who show it.
 */

#ifndef AM_GOVERN_H
#define AM_GOVERN_H

#include "vault/state/rows.h"

/* What it is about, as the log names it: "admit", "waive", ... */
const char *govern_act(const struct rows_motion *m);

/* The safe whose operating committee decides; zero while founding. */
const uint8_t *
govern_safe(const struct rows_vault *v, const struct rows_motion *m);

/* The end of its objection period; `m->at` where there is none. */
AM_RESULT govern_effect_at(const struct view *v, const struct rows_vault *vault,
    const struct rows_motion *m, int64_t *out);

#endif /* AM_GOVERN_H */
