#include <stdarg.h>
#include <stdio.h>

#include "vault/state/vetting.h"

#include "vault/crypto/hash.h"
#include "vault/state/inforce.h"
#include "vault/state/rules.h"
#include "vault/state/subscription.h"
#include "vault/state/supplier.h"
#include "vault/state/waiver.h"

/* ---- what a record shows */

static bool
is(struct bytes text, const char *word)
{
	return bytes_same(
	    text, (struct bytes){ (const uint8_t *)word, strlen(word) });
}

static uint8_t
class_of(struct bytes text)
{
	for (size_t i = 0; i < LEVELS_CLASSES; i++)
		if (is(text, levels_class_name(i)))
			return (uint8_t)(i + 1);
	return 0;
}

static void
country_of(struct bytes text, char out[static 3])
{
	if (record_is_country(text))
		memcpy(out, text.p, 2);
}

void
vetting_read(const struct record *in, struct rows_provider *out)
{
	const struct bytes *t = in->text;
	struct rows_provider p = { .class = class_of(t[RECORD_CLASS]),
		.mark = class_of(t[RECORD_REACH]),
		.examined = ROWS_NO_DAY };
	int32_t day;

	if (p.mark < p.class)
		p.mark = p.class;
	if (is(t[RECORD_STATUS], "registered"))
		p.status = ROWS_CSP_REGISTERED;
	if (is(t[RECORD_STATUS], "accredited"))
		p.status = ROWS_CSP_ACCREDITED;
	p.criteria = t[RECORD_CRITERIA_REF].len > 0 &&
	    dates_parse(t[RECORD_CRITERIA], &day) == AM_OK;
	p.approved = t[RECORD_APPROVAL].len > 0;
	country_of(t[RECORD_DATA_LOCATION], p.data);
	country_of(t[RECORD_ULTIMATE_OWNER], p.owner);
	if (dates_parse(t[RECORD_DILIGENCE], &day) == AM_OK)
		p.examined = (uint32_t)day;
	hash_sha256(&t[RECORD_VENDOR], 1, p.vendor);
	*out = p;
}

/* ---- the policy in force */

AM_RESULT
vetting_level(
    const struct view *v, const struct rows_provider *p, struct rows_level *out)
{
	struct rows_policy policy;
	size_t level;

	AM_TRY(inforce_policy(v, &policy));
	if (p->mark == 0 || p->mark > policy.class_count)
		return AM_ERR_CORRUPT;
	level = policy.class_level[p->mark - 1];
	if (p->level > level + 1)
		level = p->level - 1U;
	if (level >= policy.level_count)
		return AM_ERR_CORRUPT;
	*out = policy.levels[level];
	return AM_OK;
}

/* ---- what the class asks */

struct vetting {
	const char *id, *class;
	const struct rows_class *asked;
	const struct rows_provider *p;
	int64_t at;
	bool waived;
	record_fault *fn;
	void *arg;
};

static enum am_err AM_PRINTF(3, 4)
    tell(const struct vetting *x, enum record_field f, const char *fmt, ...);

static enum am_err
tell(const struct vetting *x, enum record_field f, const char *fmt, ...)
{
	char text[WHY_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return x->fn(x->arg, f, "R-14", text);
}

static AM_RESULT
judge_status(const struct vetting *x)
{
	const bool registered = x->asked->registered != 0,
		   accredited = x->asked->accredited != 0;

	if ((registered && x->p->status == ROWS_CSP_REGISTERED) ||
	    (accredited && x->p->status == ROWS_CSP_ACCREDITED) ||
	    (!registered && !accredited))
		return AM_OK;
	return tell(x, RECORD_STATUS,
	    "of class %s, so the provider is %s with the Cloud Office",
	    x->class,
	    registered && accredited ? "registered or accredited"
		: registered         ? "registered"
				     : "accredited");
}

static AM_RESULT
judge_hosting(const struct vetting *x)
{
	if (x->asked->in_country && !x->waived && x->p->data[0] != '\0' &&
	    strcmp(x->p->data, VETTING_HOME) != 0)
		AM_TRY(tell(x, RECORD_DATA_LOCATION,
		    "of class %s, so the data are in the country of the "
		    "agency, %s, and not in %s; otherwise a waiver: amanat "
		    "waive R-14 %s",
		    x->class, VETTING_HOME, x->p->data, x->id));
	if (!x->asked->approval || x->waived || x->p->approved)
		return AM_OK;
	return tell(x, RECORD_APPROVAL,
	    "of class %s, so the reference of an approval of the hosting is on "
	    "record; otherwise a waiver: amanat waive R-14 %s",
	    x->class, x->id);
}

static AM_RESULT
judge_criteria(const struct vetting *x)
{
	if (!x->asked->open_criteria || x->p->criteria)
		return AM_OK;
	return tell(x, RECORD_CRITERIA,
	    "of class %s, so the criteria for it went to the Cloud Office: the "
	    "day, and in open_criteria_ref the reference",
	    x->class);
}

/* A day to come would be an examination that is never old. */
static AM_RESULT
judge_examination(const struct vetting *x)
{
	const int64_t most = x->asked->diligence_max_age;
	char day[DATES_TEXT_LEN + 1];
	int64_t from;

	if (x->p->examined == ROWS_NO_DAY)
		return AM_OK;
	from = dates_begin((int32_t)x->p->examined);
	if (from > x->at)
		return tell(x, RECORD_DILIGENCE,
		    "a day to come; the provider was examined before");
	if (most == LEVELS_NONE || x->at <= from + most)
		return AM_OK;
	dates_text(dates_day(from + most), day);
	return tell(x, RECORD_DILIGENCE,
	    "of class %s, so the provider was examined lately; that counted "
	    "until %s",
	    x->class, day);
}

AM_RESULT
vetting_faults(const struct view *v, const char *id,
    const struct rows_provider *p, int64_t at, record_fault *fn, void *arg)
{
	struct vetting x = { .id = id, .p = p, .at = at, .fn = fn, .arg = arg };
	struct rows_policy policy;
	const enum am_err err = inforce_policy(v, &policy);
	int64_t until = 0;

	if (err == AM_ERR_NOT_FOUND || p->class == 0)
		return AM_OK;
	AM_TRY(err);
	if (p->class > policy.class_count)
		return AM_ERR_CORRUPT;
	AM_TRY(waiver_of(v, "R-14", id, &until));
	x.waived = until > at;
	x.class = levels_class_name(p->class - 1U);
	x.asked = &policy.classes[p->class - 1];
	AM_TRY(judge_status(&x));
	AM_TRY(judge_hosting(&x));
	AM_TRY(judge_criteria(&x));
	return judge_examination(&x);
}

/* ---- looked at again */

int32_t
vetting_begins(const struct rows_subscription *s)
{
	struct dates_plan p;
	int32_t first;

	subscription_plan(s, &p);
	p.decided = false; /* as it was before the decision */
	p.term.months = 0;
	first = dates_next(&p, NULL, 0);
	if (first != DATES_NEVER)
		first -= DATES_TWIN_MAX; /* a holiday brings it forward */
	if (first > (int32_t)s->decided)
		first = (int32_t)s->decided;
	return first > (int32_t)s->start ? first : (int32_t)s->start;
}

static AM_RESULT
refuse(struct rules *r, const struct rows_subscription *s, const char *since)
{
	char day[DATES_TEXT_LEN + 1];
	int64_t until = 0;

	AM_TRY(waiver_of(&r->st->view, "R-15", s->id, &until));
	if (until > r->s->at)
		return AM_OK;
	dates_text((int32_t)s->provider.examined, day);
	return RULES_SAY(r, AM_ERR_POLICY, "R-15",
	    "the supplier was examined on %s, and %s; enter the new "
	    "examination: amanat sub add FILE --new-version; otherwise a "
	    "waiver: amanat waive R-15 %s",
	    day, since, s->id);
}

AM_RESULT
vetting_check_renewal(struct rules *r, const struct rows_subscription *s)
{
	const int32_t begins = vetting_begins(s);
	char day[DATES_TEXT_LEN + 1], since[64];
	struct rows_level asked;
	const enum am_err err =
	    vetting_level(&r->st->view, &s->provider, &asked);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	if (!asked.supplier_review_at_renewal ||
	    (int32_t)s->provider.examined >= begins)
		return AM_OK;
	dates_text(begins, day);
	(void)snprintf(since, sizeof(since), "this renewal began on %s", day);
	return refuse(r, s, since);
}

/* The day on which a provider changed hands is not on record; that somebody has
 * looked since the record said otherwise is what can be judged. */
AM_RESULT
vetting_check_owner(struct rules *r, const struct rows_subscription *was,
    const struct rows_subscription *s)
{
	const struct rows_provider *a = &was->provider, *b = &s->provider;
	struct rows_provider higher = *b;
	struct rows_level asked;
	enum am_err err;

	if (was->state <= ROWS_COMPLETE ||
	    (strcmp(a->owner, b->owner) == 0 &&
		bytes_same((struct bytes){ a->vendor, 32 },
		    (struct bytes){ b->vendor, 32 })))
		return AM_OK;
	/* another class in the same record does not excuse it */
	higher.mark = a->mark > b->mark ? a->mark : b->mark;
	higher.level = a->level > b->level ? a->level : b->level;
	err = vetting_level(&r->st->view, &higher, &asked);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	if (!asked.supplier_review_at_ownership_change ||
	    b->examined > a->examined)
		return AM_OK;
	return refuse(r, s, "has changed hands since");
}
