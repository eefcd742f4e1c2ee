#include "vault/acts/due.h"

#include "vault/acts/accept.h"
#include "vault/acts/awaited.h"
#include "vault/acts/breach.h"
#include "vault/acts/copies.h"
#include "vault/acts/foretold.h"
#include "vault/acts/inpost.h"
#include "vault/acts/lacks.h"
#include "vault/acts/leaving.h"
#include "vault/acts/lookup.h"
#include "vault/acts/remind.h"
#include "vault/acts/renewals.h"
#include "vault/acts/routine.h"
#include "vault/acts/term.h"
#include "vault/acts/tested.h"
#include "vault/acts/told.h"

/* ---- the list */

void
due_free(struct due *d)
{
	blob_free(&d->items);
}

static size_t
count_of(const struct due *d)
{
	return d->items.len / sizeof(struct due_item);
}

AM_RESULT
due_add(struct due *d, int64_t at, const uint8_t *person, const char *what,
    const char *next)
{
	struct due_item i = {
		.kind = d->kind, .at = at, .overdue = at < d->now
	};

	if (person != NULL) {
		memcpy(i.person, person, sizeof(i.person));
		AM_TRY(lookup_person_name(d->v, person, i.who));
	}
	(void)snprintf(i.what, sizeof(i.what), "%s", what);
	(void)snprintf(i.next, sizeof(i.next), "%s", next);
	return blob_add(
	    &d->items, (struct bytes){ (const uint8_t *)&i, sizeof(i) });
}

AM_RESULT
due_add_rotation(struct due *d, int64_t at, const uint8_t *person,
    const char *what, const char *next)
{
	const enum due_kind kind = d->kind;
	enum am_err err;

	d->kind = DUE_ROTATION;
	err = due_add(d, at, person, what, next);
	d->kind = kind;
	return err;
}

AM_RESULT
due_add_for(struct due *d, int64_t at, const uint8_t person[static 16],
    const char *what, const char *next)
{
	struct rows_person p;

	AM_TRY(rows_get_person(d->v, (struct bytes){ person, 16 }, &p));
	return p.suspended == ROWS_FREE ? due_add(d, at, person, what, next)
					: AM_OK;
}

AM_RESULT
due_nth(const struct due *d, const char *table, uint32_t i, uint8_t *id,
    size_t id_len)
{
	const struct rows_key n = rows_key_u32(i);

	return rows_index_get(d->v, table, rows_key(&n), id, id_len);
}

/* ---- all of it */

static const struct {
	due_source *add;
	enum due_kind kind; /* of its steps */
} sources[] = {
	{ awaited_ceremonies, DUE_OTHER },
	{ awaited_votes, DUE_OTHER },
	{ awaited_requests, DUE_OTHER },
	{ awaited_drills, DUE_DRILL },
	{ awaited_proofs, DUE_DRILL },
	{ leaving_rotations, DUE_ROTATION },
	{ leaving_people, DUE_OTHER },
	{ term_appointments, DUE_OTHER },
	{ term_vacant, DUE_OTHER },
	{ term_quorums, DUE_OTHER },
	{ term_waivers, DUE_OTHER },
	{ term_classes, DUE_OTHER },
	{ term_reviews, DUE_OTHER },
	{ tested_due, DUE_OTHER },
	{ routine_due, DUE_ROTATION },
	{ breach_due, DUE_OTHER },
	{ foretold_due, DUE_OTHER },
	{ told_due, DUE_OTHER },
	{ lacks_due, DUE_OTHER },
	{ accept_due, DUE_OTHER },
	{ inpost_confirm, DUE_OTHER },
	{ inpost_moved, DUE_OTHER },
	{ copies_due, DUE_OTHER },
	{ renewals_raised, DUE_RENEWAL },
	{ renewals_vacant, DUE_RENEWAL },
	{ renewals_out_of_reach, DUE_RENEWAL },
	{ renewals_examined, DUE_RENEWAL },
	{ renewals_denied, DUE_RENEWAL },
	{ remind_silent, DUE_RENEWAL },
};

static int
by_date(const void *a, const void *b)
{
	const struct due_item *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	/* what several people owe stands together */
	if (strcmp(x->what, y->what) != 0)
		return strcmp(x->what, y->what);
	return strcmp(x->who, y->who);
}

AM_RESULT
due_read(struct session *s, const struct view *v, struct due *out)
{
	due_auto d = { .s = s, .v = v, .now = session_now(s) };

	for (size_t i = 0; i < AM_ARRAY_LEN(sources); i++) {
		d.kind = sources[i].kind;
		AM_TRY(sources[i].add(&d));
	}
	if (count_of(&d) > 0)
		qsort(
		    d.items.p, count_of(&d), sizeof(struct due_item), by_date);
	*out = d;
	d = (struct due){ 0 }; /* transferred */
	return AM_OK;
}

AM_RESULT
due_each(const struct due *d, const uint8_t *person, due_fn *fn, void *arg)
{
	for (size_t i = 0; i < count_of(d); i++) {
		struct due_item item;

		memcpy(&item, d->items.p + i * sizeof(item), sizeof(item));
		if (person == NULL ||
		    bytes_same((struct bytes){ item.person, 16 },
			(struct bytes){ person, 16 }))
			AM_TRY(fn(arg, &item));
	}
	return AM_OK;
}
