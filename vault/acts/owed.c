#include "vault/acts/owed.h"

#include "vault/state/manifest.h"

static const uint8_t none[32];

static bool
same32(const uint8_t a[static 32], const uint8_t b[static 32])
{
	return bytes_same((struct bytes){ a, 32 }, (struct bytes){ b, 32 });
}

/* ---- plans */

/* R13.15 */
static bool
is_overtaken(const struct rows_safe *s, const struct rows_plan *p)
{
	return !same32(manifest_active(s, p->committee), p->base) ||
	    (!owed_is_setup(p) &&
		!same32(manifest_active(s, p->source_committee), p->source));
}

static enum owed_state
state_of(const struct rows_safe *s, const struct rows_plan *p, int64_t now)
{
	if (p->status == ROWS_ACTIVATED)
		return OWED_ACTIVE;
	if (p->status == ROWS_VOID)
		return same32(p->complaint, none) ? OWED_ABORTED
						  : OWED_DISPUTED;
	if (is_overtaken(s, p))
		return OWED_OVERTAKEN;
	return now > p->until ? OWED_EXPIRED : OWED_OPEN;
}

static AM_RESULT
load(const struct view *v, const struct rows_safe *s,
    const uint8_t id[static 32], int64_t now, struct owed_plan *out)
{
	struct owed_plan p = { .state = OWED_UNPLANNED };

	AM_TRY(rows_get_plan(v, (struct bytes){ id, 32 }, &p.plan));
	p.state = state_of(s, &p.plan, now);
	if (p.state == OWED_DISPUTED)
		AM_TRY(rows_get_complaint(
		    v, (struct bytes){ p.plan.complaint, 32 }, &p.complaint));
	*out = p;
	return AM_OK;
}

AM_RESULT
owed_plan_of(const struct view *v, const struct rows_safe *s, uint8_t committee,
    int64_t now, struct owed_plan *out)
{
	const uint8_t *id =
	    committee == ROWS_RECOVERY ? s->recovery_plan : s->plan;

	*out = (struct owed_plan){ .state = OWED_UNPLANNED };
	return same32(id, none) ? AM_OK : load(v, s, id, now, out);
}

AM_RESULT
owed_plan_before(const struct view *v, const struct rows_safe *s,
    const struct rows_plan *p, int64_t now, struct owed_plan *out)
{
	uint8_t id[32];

	memcpy(id, p->before, sizeof(id)); /* `p` may be in `out` */
	return same32(id, none) ? AM_ERR_NOT_FOUND : load(v, s, id, now, out);
}

static uint16_t
all(size_t n)
{
	return (uint16_t)((1U << n) - 1);
}

static uint16_t
bit(int at)
{
	return (uint16_t)(at < 0 ? 0U : 1U << at);
}

enum owed_step
owed_step_of(const struct rows_plan *p, const uint8_t person[static 16])
{
	const uint16_t me = bit(manifest_position(p->members, p->n, person)),
		       deals = bit(manifest_position(
			   p->dealers, p->dealer_count, person));

	if (me == 0 && deals == 0)
		return OWED_NONE;
	if (me != 0 && (p->joined & me) == 0)
		return OWED_JOIN;
	if (deals != 0 && p->joined == all(p->n) && (p->dealt & deals) == 0)
		return OWED_DEAL;
	if (me != 0 && p->dealt == all(p->dealer_count) &&
	    (p->accepted & me) == 0)
		return OWED_ACCEPT;
	return OWED_WAIT;
}

/* ---- erasing */

AM_RESULT
owed_epoch(const struct view *v, const struct rows_safe *s, uint8_t committee,
    uint32_t epoch, struct rows_manifest *out, uint16_t *out_erased)
{
	struct rows_key key = rows_key_with_text(
	    (struct bytes){ s->safe, 16 }, (struct bytes){ &committee, 1 });
	uint16_t erased = 0;
	uint8_t M[32];

	key = rows_key_with_u32(rows_key(&key), epoch);
	AM_TRY(rows_index_get(v, "epoch", rows_key(&key), M, sizeof(M)));
	AM_TRY(rows_get_manifest(v, (struct bytes){ M, 32 }, out));
	for (size_t i = 0; i < out->n; i++) {
		const struct rows_key one = rows_key_with_text(rows_key(&key),
		    (struct bytes){ out->members[i].person, 16 });
		bool has = false;

		AM_TRY(view_has(v, "erased", rows_key(&one), &has));
		erased |= has ? bit((int)i) : 0;
	}
	*out_erased = erased;
	return AM_OK;
}

AM_RESULT
owed_erasure(const struct view *v, const struct rows_safe *s, uint8_t committee,
    const uint8_t person[static 16], struct rows_manifest *out)
{
	const uint8_t *M = manifest_active(s, committee);
	struct rows_manifest now, m;
	uint16_t erased = 0;

	if (same32(M, none))
		return AM_ERR_NOT_FOUND;
	AM_TRY(rows_get_manifest(v, (struct bytes){ M, 32 }, &now));
	for (uint32_t e = now.epoch; e-- > 1;) {
		const enum am_err err =
		    owed_epoch(v, s, committee, e, &m, &erased);
		uint16_t me;

		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		me = bit(manifest_position(m.members, m.n, person));
		if (me != 0 && (erased & me) == 0) {
			*out = m;
			return AM_OK;
		}
	}
	return AM_ERR_NOT_FOUND;
}

/* ---- what a person owes */

static bool
owes_answer(
    const struct owed_plan *p, const uint8_t person[static 16], int64_t now)
{
	const int at =
	    manifest_position(p->plan.dealers, p->plan.dealer_count, person);

	return p->state == OWED_DISPUTED && !owed_is_setup(&p->plan) &&
	    p->complaint.fault == ROWS_UNDECIDED && now <= p->plan.until &&
	    at >= 0 && p->plan.dealers[at].index == p->complaint.dealer;
}

static enum owed_step
step_of_plan(
    const struct owed_plan *p, const uint8_t person[static 16], int64_t now)
{
	if (p->state == OWED_UNPLANNED ||
	    owed_step_of(&p->plan, person) == OWED_NONE)
		return OWED_NONE;
	if (p->state == OWED_OPEN)
		return owed_step_of(&p->plan, person);
	if (p->state == OWED_ACTIVE)
		return OWED_DONE;
	return owes_answer(p, person, now) ? OWED_JUSTIFY : OWED_LAPSED;
}

/* An answer that is owed to a plan further back: those who planned again did
 * not wait for it. Once the next committee is in force it is too late. */
static AM_RESULT
find_dispute(const struct view *v, const struct rows_safe *s,
    const uint8_t person[static 16], int64_t now, struct owed *o)
{
	struct owed_plan p = o->plan;
	enum am_err err = AM_OK;

	while (p.state != OWED_UNPLANNED && p.state != OWED_ACTIVE) {
		err = owed_plan_before(v, s, &p.plan, now, &p);
		if (err == AM_ERR_NOT_FOUND)
			return AM_OK;
		AM_TRY(err);
		if (owes_answer(&p, person, now)) {
			o->plan = p;
			o->step = OWED_JUSTIFY;
			return AM_OK;
		}
	}
	return AM_OK;
}

AM_RESULT
owed_by(const struct view *v, const struct rows_safe *s, uint8_t committee,
    const uint8_t person[static 16], int64_t now, struct owed *out)
{
	struct owed o = { .committee = committee };
	enum am_err err;

	AM_TRY(owed_plan_of(v, s, committee, now, &o.plan));
	o.step = step_of_plan(&o.plan, person, now);
	if (o.step != OWED_JUSTIFY)
		AM_TRY(find_dispute(v, s, person, now, &o));
	if (o.step >= OWED_ERASE) {
		err = owed_erasure(v, s, committee, person, &o.old);
		if (err == AM_OK)
			o.step = OWED_ERASE;
		else if (err != AM_ERR_NOT_FOUND)
			return err;
	}
	*out = o;
	return AM_OK;
}

AM_RESULT
owed_first(const struct view *v, const struct rows_safe *s,
    const uint8_t person[static 16], int64_t now, struct owed *out)
{
	struct owed operating, recovery;

	AM_TRY(owed_by(v, s, ROWS_OPERATING, person, now, &operating));
	AM_TRY(owed_by(v, s, ROWS_RECOVERY, person, now, &recovery));
	*out = recovery.step < operating.step ? recovery : operating;
	return AM_OK;
}
