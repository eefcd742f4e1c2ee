#include "vault/acts/missing.h"

#include "vault/acts/health.h"
#include "vault/state/fitness.h"
#include "vault/state/manifest.h"
#include "vault/state/tenure.h"

/* ---- required posts */

static AM_RESULT
name_posts(
    const struct view *v, const struct quorum_group *g, char *out, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < g->post_count && at < size; i++) {
		struct rows_post p;
		int n;

		AM_TRY(tenure_post(v, g->posts[i], &p));
		n = snprintf(out + at, size - at, "%s%s",
		    i == 0                       ? ""
			: i + 1 == g->post_count ? " or "
						 : ", ",
		    p.id);
		at += n > 0 ? (size_t)n : 0;
	}
	return AM_OK;
}

static AM_RESULT
read_groups(const struct view *v, const struct rows_request *q,
    const struct predicate *p, struct missing *out)
{
	struct rows_rules rules;
	const enum am_err err = predicate_rules(v, q->rules, &rules);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	out->unfilled = quorum_unfilled(&p->quorum, p->approved & p->members);
	out->group_count = rules.rule.group_count;
	for (size_t i = 0; i < out->group_count; i++) {
		struct missing_group *g = &out->groups[i];
		const unsigned have = (unsigned)__builtin_popcount(
		    p->quorum.groups[i].who & p->approved);

		g->count = rules.rule.groups[i].count;
		g->have = have < g->count ? have : g->count;
		AM_TRY(name_posts(
		    v, &rules.rule.groups[i], g->posts, sizeof(g->posts)));
	}
	return AM_OK;
}

/* ---- people */

static AM_RESULT
part_of(const struct view *v, const struct predicate *p, size_t i,
    const struct rows_person *who, bool has_key, int64_t now, bool cooling,
    enum missing_part *out)
{
	const uint16_t bit = (uint16_t)(1U << i);
	bool valid = false, away = false;
	int64_t at = 0;

	AM_TRY(tenure_valid(v, who, now, &valid, &at));
	AM_TRY(tenure_absent(v, who, now, &away, &at));
	if ((p->approved & bit) != 0)
		*out = MISSING_APPROVED;
	else if ((p->members & bit) == 0)
		*out = MISSING_ASKER;
	else if ((p->declined & bit) != 0)
		*out = MISSING_DECLINED;
	else if (who->suspended != ROWS_FREE || who->departure != 0 || !has_key)
		*out = MISSING_OUT;
	else if (!valid)
		*out = MISSING_UNPOSTED;
	else if (away)
		*out = MISSING_ABSENT;
	else if (predicate_is_dead_end(p, p->approved | bit))
		*out = MISSING_OTHERS_FIRST;
	else
		*out = cooling ? MISSING_LATER : MISSING_COULD;
	return AM_OK;
}

/* R6.3, A-7: for want of a key that is as the level asks. */
static AM_RESULT
check_fit(const struct view *v, const struct rows_vault *vault,
    const struct rows_safe *safe, const struct rows_person *who,
    enum missing_part *part)
{
	struct rows_level level;
	bool fit = true;
	const enum am_err err = fitness_asked(v, vault, safe, &level);

	if (err == AM_ERR_NOT_FOUND ||
	    (*part != MISSING_COULD && *part != MISSING_LATER &&
		*part != MISSING_OTHERS_FIRST))
		return AM_OK;
	AM_TRY(err);
	AM_TRY(fitness_has_key(v, vault, &level, who->person, &fit));
	if (!fit)
		*part = MISSING_UNFIT;
	return AM_OK;
}

static AM_RESULT
read_people(const struct view *v, const struct rows_request *q,
    const struct rows_manifest *m, const struct predicate *p, int64_t now,
    struct missing *out)
{
	struct rows_vault vault;
	struct rows_safe safe;
	struct health h;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	AM_TRY(rows_get_safe(v, (struct bytes){ q->safe, 16 }, &safe));
	AM_TRY(health_of(v, &safe, q->committee, now, &h));
	out->person_count = m->n;
	for (size_t i = 0; i < m->n; i++) {
		const bool has_key = i < h.n && h.members[i].keys > 0 &&
		    h.members[i].keys > h.members[i].keys_suspended;
		struct missing_person *to = &out->people[i];
		struct rows_person who;

		AM_TRY(rows_get_person(
		    v, (struct bytes){ m->members[i].person, 16 }, &who));
		memcpy(to->id, who.id, sizeof(to->id));
		for (size_t g = 0; g < out->group_count; g++)
			to->groups |=
			    (uint8_t)((p->quorum.groups[g].who >> i & 1U) << g);
		AM_TRY(part_of(v, p, i, &who, has_key, now,
		    out->cooloff_end != 0, &to->part));
		AM_TRY(check_fit(v, &vault, &safe, &who, &to->part));
	}
	return AM_OK;
}

AM_RESULT
missing_of(const struct view *v, const struct rows_request *q,
    const struct rows_manifest *m, int64_t now, struct missing *out)
{
	struct missing r = { .need = q->need };
	struct predicate p;

	AM_TRY(predicate_read(v, q, m, now, &p));
	r.have = (unsigned)__builtin_popcount(p.approved & p.members);
	r.enough = predicate_holds(&p);
	r.cooloff_end = now < q->cooloff_end ? q->cooloff_end : 0;
	AM_TRY(read_groups(v, q, &p, &r));
	AM_TRY(read_people(v, q, m, &p, now, &r));
	*out = r;
	return AM_OK;
}

AM_RESULT
missing_groups(const struct missing *m, struct blob *out)
{
	unsigned named = 0;

	for (size_t i = 0; i < m->group_count; i++) {
		const struct missing_group *g = &m->groups[i];

		if (g->have >= g->count)
			continue;
		named += g->count - g->have;
		AM_TRY(blob_printf(out, "%s%u of %s", out->len > 0 ? "; " : "",
		    g->count - g->have, g->posts));
	}
	if (m->unfilled <= named)
		return AM_OK;
	return blob_printf(out,
	    "%s%u more of a required post: one person who holds several fills "
	    "one place",
	    out->len > 0 ? "; " : "", m->unfilled - named);
}

AM_RESULT
missing_posts(struct session *s, const struct approve_view *v, struct blob *out)
{
	struct missing r = { .need = v->request.need };
	store_txn_auto *t = NULL;
	struct view w;

	AM_TRY(store_begin(s->store, false, &t));
	w = view_store(t);
	AM_TRY(read_groups(&w, &v->request, &v->standing, &r));
	return missing_groups(&r, out);
}
