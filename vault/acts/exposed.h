/*
 * exposed.h - who knows which version of what, for lists, departures
 * and certificates. "Must be rotated" is what can be said of it: nothing that
 * somebody has read can be revoked.
 */

#ifndef AM_EXPOSED_H
#define AM_EXPOSED_H

#include "vault/acts/session.h"
#include "vault/base/am.h"
#include "vault/state/exposure.h"

enum { EXPOSED_PATH = ROWS_ID_MAX + 1 + ROWS_TITLE_MAX + 1 };

struct exposed {
	struct rows_record record; /* as it stands now */
	struct rows_safe safe;
	char path[EXPOSED_PATH]; /* SAFE/NAME */
	char who[ROWS_ID_MAX + 1];
	uint8_t person[16];
	uint32_t version;            /* that the person knows */
	bool opened;                 /* else deposited */
	struct rows_request request; /* of an opening */
	int64_t since;
	uint64_t leaf;
	enum exposure_is state;
	int64_t until; /* of a risk that is, or was, accepted; 0: never */
	/* Who has signed alone that a later version is in force; "": nobody. */
	char first_id[ROWS_ID_MAX + 1];
};

typedef enum am_err exposed_fn(void *arg, const struct exposed *e);

struct exposed_filter {
	const uint8_t *person; /* NULL: everybody */
	const uint8_t *record; /* NULL: everything */
	bool openings;         /* every opening; else each version once */
	bool opened_only;      /* without what was only deposited */
};

/* By person in the order of the register, first what was opened, then what was
 * deposited, each in the order of the log. */
AM_RESULT exposed_each(struct session *s, const struct view *v,
    const struct exposed_filter *f, exposed_fn *fn, void *arg);

/* "open", "accepted" or "closed". */
const char *exposed_state_text(enum exposure_is state);

/* Who has signed alone that the newest version of a credential is in force, and
 * is not suspended since; else "". */
AM_RESULT exposed_first_signer(const struct view *v,
    const struct rows_record *c, char out[static ROWS_ID_MAX + 1]);

/* What to type for a version that must be rotated, of a credential SAFE/NAME: a
 * new version comes first, where there is none yet. */
enum { EXPOSED_TODO_MAX = 2 * EXPOSED_PATH + 128 };
void exposed_todo(const char *path, const struct rows_record *c,
    uint32_t version, char out[static EXPOSED_TODO_MAX]);

/* The rotation to a version. Errors: AM_ERR_NOT_FOUND. */
AM_RESULT exposed_rotation(const struct view *v, const struct rows_record *c,
    uint32_t version, struct rows_rotation *out);

#endif /* AM_EXPOSED_H */
