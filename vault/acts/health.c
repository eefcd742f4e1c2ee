#include "vault/acts/health.h"

#include "vault/acts/limits.h"
#include "vault/state/drill.h"
#include "vault/state/keyring.h"
#include "vault/state/manifest.h"
#include "vault/state/tenure.h"

const char *
health_standing_name(enum health_standing s)
{
	switch (s) {
	case HEALTH_ELIGIBLE:
		return "eligible";
	case HEALTH_DEPARTED:
		return "departed";
	case HEALTH_SUSPENDED:
		return "suspended";
	case HEALTH_KEY_LOST:
		return "key lost or suspended";
	case HEALTH_NO_KEY:
		return "no key";
	case HEALTH_UNPOSTED:
		return "appointment over";
	case HEALTH_ABSENT:
		return "absent";
	case HEALTH_OVERDUE:
		return "drill overdue";
	}
	return "";
}

/* ---- judging */

static enum health_standing
standing(const struct health_member *m, int64_t now)
{
	if (m->departed)
		return HEALTH_DEPARTED;
	if (m->suspended)
		return HEALTH_SUSPENDED;
	if (m->keys == 0)
		return HEALTH_NO_KEY;
	if (m->keys_suspended >= m->keys)
		return HEALTH_KEY_LOST;
	if (m->unposted)
		return HEALTH_UNPOSTED;
	if (m->absent)
		return HEALTH_ABSENT;
	return now >= m->due ? HEALTH_OVERDUE : HEALTH_ELIGIBLE;
}

static void
take_end(struct health *h, enum health_end kind, int64_t at, int64_t now)
{
	if (at <= now || (h->end_kind != HEALTH_NO_END && at >= h->end))
		return;
	h->end_kind = kind;
	h->end = at;
}

void
health_judge(struct health *h, int64_t now)
{
	h->eligible = 0;
	h->end_kind = HEALTH_NO_END;
	h->end = 0;
	h->end_who = 0;
	for (size_t i = 0; i < h->n; i++) {
		struct health_member *m = &h->members[i];
		int64_t before = h->end;

		m->due = m->proven_at + h->interval;
		m->standing = standing(m, now);
		if (m->standing != HEALTH_ELIGIBLE)
			continue;
		h->eligible++;
		take_end(h, HEALTH_END_PROOF, m->due, now);
		if (h->end != before)
			h->end_who = i;
		before = h->end;
		if (m->posted_until != 0)
			take_end(h, HEALTH_END_TERM, m->posted_until, now);
		if (h->end != before)
			h->end_who = i;
	}
	take_end(h, HEALTH_END_PLAN, h->plan_until, now);
	h->possible = h->eligible >= h->k;
	h->losses = h->possible ? h->eligible - h->k : 0;
	h->tight = h->eligible == h->k;
}

/* ---- reading */

AM_RESULT
health_last_drill(const struct view *v, const uint8_t safe[static 16],
    uint8_t committee, struct rows_drill *out)
{
	const struct rows_key of =
	    rows_key_with_u32((struct bytes){ safe, 16 }, committee);
	uint8_t id[32];

	AM_TRY(rows_index_get(v, "drill-of", rows_key(&of), id, sizeof(id)));
	return rows_get_drill(v, (struct bytes){ id, sizeof(id) }, out);
}

static AM_RESULT
count_proofs(const struct view *v, struct health *h)
{
	int64_t at = 0;
	uint64_t leaf = 0;

	for (size_t i = 0; i < h->n; i++) {
		const enum am_err err = drill_proof_get(
		    v, h->drill.drill, h->members[i].person, &at, &leaf);

		if (err == AM_OK)
			h->proved++;
		else if (err != AM_ERR_NOT_FOUND)
			return err;
	}
	return AM_OK;
}

static AM_RESULT
read_drill(const struct view *v, const uint8_t safe[static 16],
    const uint8_t manifest[static 32], struct health *h)
{
	enum am_err err = health_last_drill(v, safe, h->committee, &h->drill);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	if (!bytes_same((struct bytes){ h->drill.manifest, 32 },
		(struct bytes){ manifest, 32 }))
		return AM_OK; /* of a committee before this one */
	return count_proofs(v, h);
}

/* When a member last proved to hold the share of this committee. */
static AM_RESULT
read_proof(const struct view *v, const uint8_t manifest[static 32],
    struct health_member *m)
{
	const struct rows_key key = drill_proven_key(manifest, m->person);
	struct rows_proven p;
	const enum am_err err = rows_get_proven(v, rows_key(&key), &p);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	if (bytes_same((struct bytes){ p.manifest, 32 },
		(struct bytes){ manifest, 32 }))
		m->proven_at = p.at;
	return AM_OK;
}

/* R13.7, C-9: a post in force, and not away. */
static AM_RESULT
read_tenure(const struct view *v, const struct rows_person *p, int64_t now,
    struct health_member *m)
{
	bool valid = true;
	int64_t at = 0;

	AM_TRY(tenure_valid(v, p, now, &valid, &at));
	m->unposted = !valid;
	AM_TRY(tenure_absent(v, p, now, &m->absent, &at));
	for (uint32_t i = 0; i < p->appointments; i++) {
		struct rows_appointment a;

		AM_TRY(tenure_nth(v, p->person, i, &a));
		if (tenure_from(&a) > now || tenure_until(&a) <= now)
			continue;
		if (a.until == 0) {
			m->posted_until = 0;
			return AM_OK;
		}
		if (a.until > m->posted_until)
			m->posted_until = a.until;
	}
	return AM_OK;
}

static AM_RESULT
count_keys(const struct view *v, struct health_member *m)
{
	struct rows_token t;
	enum am_err err;

	for (uint32_t i = 0; (err = keyring_nth(v, m->person, i, &t)) == AM_OK;
	     i++) {
		if (t.status != ROWS_ACTIVE)
			continue;
		m->keys++;
		m->keys_suspended += t.suspended != ROWS_FREE;
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
read_member(const struct view *v, const struct rows_manifest *c, size_t i,
    int64_t now, struct health *h)
{
	struct health_member *m = &h->members[i];
	struct rows_person p;

	m->index = c->members[i].index;
	memcpy(m->person, c->members[i].person, 16);
	AM_TRY(rows_get_person(v, (struct bytes){ m->person, 16 }, &p));
	memcpy(m->id, p.id, sizeof(m->id));
	m->departed = p.departure != 0;
	m->suspended = p.suspended != ROWS_FREE;
	AM_TRY(read_tenure(v, &p, now, m));
	AM_TRY(count_keys(v, m));
	return read_proof(v, c->manifest, m);
}

static AM_RESULT
read_plan(const struct view *v, const uint8_t plan[static 32], struct health *h)
{
	struct rows_plan p;
	const enum am_err err =
	    rows_get_plan(v, (struct bytes){ plan, 32 }, &p);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	if (p.status == ROWS_PLANNED)
		h->plan_until = p.until;
	return AM_OK;
}

AM_RESULT
health_of(const struct view *v, const struct rows_safe *safe, uint8_t committee,
    int64_t now, struct health *out)
{
	const bool recovery = committee == ROWS_RECOVERY;
	struct health h = { .committee = committee };
	struct rows_manifest c;
	struct limits l;

	AM_TRY(limits_of(v, safe->level, &l));
	h.interval = l.is.liveness_interval;
	AM_TRY(rows_get_manifest(v,
	    (struct bytes){ recovery ? safe->recovery : safe->manifest, 32 },
	    &c));
	h.k = c.k;
	h.n = c.n;
	for (size_t i = 0; i < c.n; i++)
		AM_TRY(read_member(v, &c, i, now, &h));
	AM_TRY(read_plan(v, recovery ? safe->recovery_plan : safe->plan, &h));
	AM_TRY(read_drill(v, safe->safe, c.manifest, &h));
	health_judge(&h, now);
	*out = h;
	return AM_OK;
}
