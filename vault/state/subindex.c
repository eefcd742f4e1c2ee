#include "vault/state/subindex.h"

#include "vault/register/dates.h"

AM_RESULT
subindex_register(const struct view *v, struct rows_register *out)
{
	const enum am_err err =
	    rows_get_register(v, (struct bytes){ NULL, 0 }, out);

	if (err == AM_ERR_NOT_FOUND)
		*out = (struct rows_register){ .first = ROWS_NO_DAY,
			.exam_first = ROWS_NO_DAY };
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

/* ---- counts */

AM_RESULT
subindex_count(
    const struct view *v, const char *table, struct bytes key, uint32_t *out)
{
	uint8_t be[4] = { 0 };
	const enum am_err err = rows_index_get(v, table, key, be, sizeof(be));

	*out = rows_get_be32(be);
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
set_count(const struct view *v, const char *table, struct bytes key, uint32_t n)
{
	const struct rows_key value = rows_key_u32(n);

	return rows_index_put(v, table, key, rows_key(&value));
}

/* ---- buckets */

/* Two of them: days, and months of examinations. */
struct shelf {
	const char *counts, *slots;
	bool exams;
};
static const struct shelf by_day = { "sub-days", "sub-day", false };
static const struct shelf by_exam = { "sub-exams", "sub-exam", true };

static uint32_t *
slot_of(const struct shelf *x, struct rows_subscription *s)
{
	return x->exams ? &s->exam_slot : &s->slot;
}

static AM_RESULT
filled(
    const struct view *v, const struct shelf *x, uint32_t bucket, uint32_t *out)
{
	const struct rows_key key = rows_key_u32(bucket);

	return subindex_count(v, x->counts, rows_key(&key), out);
}

static AM_RESULT
set_filled(
    const struct view *v, const struct shelf *x, uint32_t bucket, uint32_t n)
{
	const struct rows_key key = rows_key_u32(bucket);

	return set_count(v, x->counts, rows_key(&key), n);
}

static struct rows_key
slot_key(uint32_t bucket, uint32_t slot)
{
	const struct rows_key b = rows_key_u32(bucket);

	return rows_key_with_u32(rows_key(&b), slot);
}

static AM_RESULT
get_slot(const struct view *v, const struct shelf *x, uint32_t bucket,
    uint32_t slot, uint32_t *out)
{
	const struct rows_key key = slot_key(bucket, slot);
	uint8_t be[4];

	AM_TRY(rows_index_get(v, x->slots, rows_key(&key), be, sizeof(be)));
	*out = rows_get_be32(be);
	return AM_OK;
}

static AM_RESULT
set_slot(const struct view *v, const struct shelf *x, uint32_t bucket,
    uint32_t slot, uint32_t number)
{
	const struct rows_key key = slot_key(bucket, slot),
			      value = rows_key_u32(number);

	return rows_index_put(v, x->slots, rows_key(&key), rows_key(&value));
}

static AM_RESULT
get(const struct view *v, uint32_t number, struct rows_subscription *out)
{
	const struct rows_key key = rows_key_u32(number);

	return rows_get_subscription(v, rows_key(&key), out);
}

/* The last of a bucket takes the place that becomes free. *out: how many stay. */
static AM_RESULT
take_out(const struct view *v, const struct shelf *x, uint32_t bucket,
    uint32_t slot, uint32_t *out)
{
	struct rows_subscription last;
	uint32_t count = 0, number = 0;
	struct rows_key key;

	AM_TRY(filled(v, x, bucket, &count));
	if (count == 0)
		return AM_ERR_CORRUPT;
	count--;
	AM_TRY(set_filled(v, x, bucket, count));
	if (slot != count) {
		AM_TRY(get_slot(v, x, bucket, count, &number));
		AM_TRY(get(v, number, &last));
		*slot_of(x, &last) = slot;
		key = rows_key_u32(number);
		AM_TRY(rows_put_subscription(v, rows_key(&key), &last));
		AM_TRY(set_slot(v, x, bucket, slot, number));
	}
	*out = count;
	return AM_OK;
}

static AM_RESULT
put_in(const struct view *v, const struct shelf *x, uint32_t bucket,
    struct rows_subscription *s)
{
	uint32_t *slot = slot_of(x, s);

	AM_TRY(filled(v, x, bucket, slot));
	AM_TRY(set_slot(v, x, bucket, *slot, s->number));
	return set_filled(v, x, bucket, *slot + 1);
}

static AM_RESULT
each_in(const struct view *v, const struct shelf *x, uint32_t bucket,
    subindex_fn *fn, void *arg)
{
	uint32_t count = 0;

	AM_TRY(filled(v, x, bucket, &count));
	for (uint32_t i = 0; i < count; i++) {
		struct rows_subscription s;
		uint32_t number = 0;

		AM_TRY(get_slot(v, x, bucket, i, &number));
		AM_TRY(get(v, number, &s));
		AM_TRY(fn(arg, &s));
	}
	return AM_OK;
}

/* ---- days */

static AM_RESULT
leave(const struct view *v, struct rows_register *g,
    const struct rows_subscription *s)
{
	const uint32_t today = (uint32_t)dates_day(s->at);
	uint32_t count = 0;

	AM_TRY(take_out(v, &by_day, s->day, s->slot, &count));
	/* what lies before the first day is not looked at again; nobody looks
	 * beyond today, and days to come may be thousands of years */
	while (count == 0 && g->first < today && g->first < g->last &&
	    g->first <= s->day) {
		AM_TRY(filled(v, &by_day, g->first, &count));
		g->first += count == 0;
	}
	return AM_OK;
}

AM_RESULT
subindex_move(const struct view *v, struct rows_register *g,
    struct rows_subscription *s, uint32_t day)
{
	if (s->day == day)
		return AM_OK;
	if (s->day != ROWS_NO_DAY)
		AM_TRY(leave(v, g, s));
	s->day = day;
	s->slot = 0;
	if (day == ROWS_NO_DAY)
		return AM_OK;
	AM_TRY(put_in(v, &by_day, day, s));
	g->first = day < g->first ? day : g->first;
	g->last = day > g->last ? day : g->last;
	return AM_OK;
}

AM_RESULT
subindex_each(const struct view *v, int32_t until, subindex_fn *fn, void *arg)
{
	struct rows_register g;

	AM_TRY(subindex_register(v, &g));
	for (uint32_t day = g.first; day <= g.last && day <= (uint32_t)until;
	     day++)
		AM_TRY(each_in(v, &by_day, day, fn, arg));
	return AM_OK;
}

/* ---- months of examinations */

/* Of 32 days, so that a few hundred are all there can be. */
enum { MONTH_BITS = 5, KIND_SHIFT = 24 };

static uint32_t
exam_bucket(uint32_t kind, uint32_t month)
{
	return kind << KIND_SHIFT | month;
}

uint32_t
subindex_kind(const struct rows_provider *p)
{
	return (p->mark - 1U) * (LEVELS_COUNT + 1) + p->level;
}

void
subindex_of_kind(uint32_t kind, struct rows_provider *out)
{
	*out = (struct rows_provider){
		.mark = (uint8_t)(kind / (LEVELS_COUNT + 1) + 1),
		.level = (uint8_t)(kind % (LEVELS_COUNT + 1)),
	};
}

AM_RESULT
subindex_examined(const struct view *v, struct rows_register *g,
    struct rows_subscription *s, bool no)
{
	const uint32_t kind = subindex_kind(&s->provider),
		       month = s->provider.examined >> MONTH_BITS,
		       to = no ? ROWS_NO_DAY : exam_bucket(kind, month);
	uint32_t count = 0;

	if (s->exam == to)
		return AM_OK;
	if (s->exam != ROWS_NO_DAY)
		AM_TRY(take_out(v, &by_exam, s->exam, s->exam_slot, &count));
	s->exam = to;
	s->exam_slot = 0;
	if (no)
		return AM_OK;
	AM_TRY(put_in(v, &by_exam, to, s));
	g->exam_kinds |= 1U << kind;
	g->exam_first = month < g->exam_first ? month : g->exam_first;
	return AM_OK;
}

AM_RESULT
subindex_exams(const struct view *v, uint32_t kind, int32_t until,
    subindex_fn *fn, void *arg)
{
	struct rows_register g;

	AM_TRY(subindex_register(v, &g));
	if (until < 0 || (g.exam_kinds >> kind & 1U) == 0)
		return AM_OK;
	for (uint32_t month = g.exam_first;
	     month <= (uint32_t)until >> MONTH_BITS; month++)
		AM_TRY(each_in(v, &by_exam, exam_bucket(kind, month), fn, arg));
	return AM_OK;
}

/* ---- safes */

/* Once a safe, for ever: who reads it looks whether it still is so. */
static AM_RESULT
link_safe(const struct view *v, const uint8_t safe[static 16], uint32_t number)
{
	const struct bytes id = { safe, 16 };
	const struct rows_key of = rows_key_with_u32(id, number),
			      value = rows_key_u32(number);
	struct rows_key key;
	uint32_t count = 0;
	bool known = false;

	AM_TRY(view_has(v, "sub-of", rows_key(&of), &known));
	if (known)
		return AM_OK;
	AM_TRY(subindex_count(v, "sub-safes", id, &count));
	key = rows_key_with_u32(id, count);
	AM_TRY(rows_index_put(v, "sub-safe", rows_key(&key), rows_key(&value)));
	AM_TRY(rows_index_put(
	    v, "sub-of", rows_key(&of), (struct bytes){ NULL, 0 }));
	return set_count(v, "sub-safes", id, count + 1);
}

AM_RESULT
subindex_link(const struct view *v, const struct rows_subscription *s)
{
	for (size_t i = 0; i < s->link_count; i++) {
		struct rows_record c;

		AM_TRY(rows_get_record(
		    v, (struct bytes){ s->links[i].record, 16 }, &c));
		AM_TRY(link_safe(v, c.safe, s->number));
	}
	return AM_OK;
}

/* ---- owners */

static AM_RESULT
own(const struct view *v, uint32_t post, bool more)
{
	const struct rows_key key = rows_key_u32(post);
	uint32_t count = 0;

	if (post == 0)
		return AM_OK;
	AM_TRY(subindex_count(v, "sub-owned", rows_key(&key), &count));
	return set_count(
	    v, "sub-owned", rows_key(&key), more ? count + 1 : count - 1);
}

AM_RESULT
subindex_own(const struct view *v, uint32_t post, uint32_t before)
{
	if (post == before)
		return AM_OK;
	AM_TRY(own(v, before, false));
	return own(v, post, true);
}
