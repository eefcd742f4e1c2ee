/*
 * lacks.h - what the keys of a committee lack of what the level of its safe
 * asks (domain.md, C-2 and X-8): keys and places of each custodian, models of
 * all. Facts are not refused, so this is for `analyze` and `due` to tell.
 */

#ifndef AM_LACKS_H
#define AM_LACKS_H

#include "vault/acts/due.h"
#include "vault/base/am.h"
#include "vault/state/rows.h"

enum lacks_kind { LACKS_KEYS, LACKS_PLACES, LACKS_MODELS };

struct lacks {
	size_t count;
	struct lacks_one {
		enum lacks_kind kind;
		uint8_t person[16]; /* zero: of the committee */
		char who[ROWS_ID_MAX + 1];
		unsigned is, least;
		int64_t since; /* the later of policy and last key lost */
	} all[ROWS_N_MAX + 1];
};

/*
 * Of these members, without those who have left or are suspended: there is
 * something else to do about them. None where no policy is in force; nor, of
 * keys and places, while a waiver is, which every report shows; nor, of models,
 * in an evaluation vault (R13.23).
 */
AM_RESULT lacks_read(const struct view *v, const struct rows_safe *s,
    const struct rows_manifest *committee, int64_t now, struct lacks *out);

/* A further key, or another place, is owed from the instant at which one was
 * missing, or from the end of the waiver on. */
due_source lacks_due;

#endif /* AM_LACKS_H */
