#include "vault/state/aged.h"

#include "vault/register/dates.h"

bool
aged_asks(enum aged_list list, const char *type)
{
	static const char *const kept[] = { "file", "note" };

	for (size_t i = 0; i < AM_ARRAY_LEN(kept); i++)
		if (strcmp(type, kept[i]) == 0)
			return false;
	return list == AGED_CHANGED || strcmp(type, "recovery-codes") != 0;
}

/* ---- days: a ring in their order; ROWS_NO_DAY is where it begins and ends */

struct ring {
	const struct view *v;
	const uint8_t *safe; /* 16 bytes */
	enum aged_list list;
};

static struct rows_key
day_key(const struct ring *g, uint32_t day)
{
	const struct rows_key list =
	    rows_key_with_u32((struct bytes){ g->safe, 16 }, (uint32_t)g->list);

	return rows_key_with_u32(rows_key(&list), day);
}

static AM_RESULT
get_day(const struct ring *g, uint32_t day, struct rows_aged *out)
{
	const struct rows_key key = day_key(g, day);
	const enum am_err err = rows_get_aged(g->v, rows_key(&key), out);

	if (err == AM_ERR_NOT_FOUND)
		*out = (struct rows_aged){ 0, ROWS_NO_DAY, ROWS_NO_DAY };
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static AM_RESULT
put_day(const struct ring *g, uint32_t day, const struct rows_aged *in)
{
	const struct rows_key key = day_key(g, day);

	return rows_put_aged(g->v, rows_key(&key), in);
}

/* The two become neighbours. */
static AM_RESULT
join(const struct ring *g, uint32_t before, uint32_t after)
{
	struct rows_aged a;

	AM_TRY(get_day(g, before, &a));
	a.after = after;
	AM_TRY(put_day(g, before, &a));
	AM_TRY(get_day(g, after, &a)); /* may be the same one */
	a.before = before;
	return put_day(g, after, &a);
}

/* Most come in order, so the place is sought from the end. */
static AM_RESULT
link_day(const struct ring *g, uint32_t day)
{
	uint32_t before = ROWS_NO_DAY, after = ROWS_NO_DAY;
	struct rows_aged a;

	AM_TRY(get_day(g, ROWS_NO_DAY, &a));
	for (before = a.before; before != ROWS_NO_DAY && before > day;
	     before = a.before) {
		after = before;
		AM_TRY(get_day(g, before, &a));
	}
	AM_TRY(join(g, before, day));
	return join(g, day, after);
}

/* ---- slots of a day */

static struct rows_key
slot_key(const struct ring *g, const struct rows_place *at)
{
	const struct rows_key day = day_key(g, at->day);

	return rows_key_with_u32(rows_key(&day), at->slot);
}

static AM_RESULT
put_slot(const struct ring *g, const struct rows_place *at,
    const uint8_t record[static 16])
{
	const struct rows_key key = slot_key(g, at);

	return rows_index_put(
	    g->v, "aged-n", rows_key(&key), (struct bytes){ record, 16 });
}

AM_RESULT
aged_nth(const struct view *v, const uint8_t safe[static 16],
    enum aged_list list, uint32_t day, uint32_t slot, struct rows_record *out)
{
	const struct ring g = { v, safe, list };
	const struct rows_key key =
	    slot_key(&g, &(struct rows_place){ day, slot });
	uint8_t record[16];

	AM_TRY(rows_index_get(
	    v, "aged-n", rows_key(&key), record, sizeof(record)));
	return rows_get_record(v, (struct bytes){ record, 16 }, out);
}

/* ---- where a credential is kept */

static struct rows_place *
place_of(struct rows_record *c, enum aged_list list)
{
	return list == AGED_CHANGED ? &c->changed : &c->tested;
}

static AM_RESULT
enter(const struct ring *g, struct rows_record *c, uint32_t day)
{
	struct rows_place *at = place_of(c, g->list);
	struct rows_aged a;

	AM_TRY(get_day(g, day, &a));
	if (a.count == 0) {
		AM_TRY(link_day(g, day));
		AM_TRY(get_day(g, day, &a));
	}
	*at = (struct rows_place){ day, a.count++ };
	AM_TRY(put_slot(g, at, c->record));
	return put_day(g, day, &a);
}

/* The last of a day takes the place that becomes free. */
static AM_RESULT
leave(const struct ring *g, struct rows_record *c)
{
	struct rows_place *at = place_of(c, g->list);
	struct rows_record last;
	struct rows_aged a;

	AM_TRY(get_day(g, at->day, &a));
	if (a.count == 0)
		return AM_ERR_CORRUPT;
	a.count--;
	AM_TRY(put_day(g, at->day, &a));
	if (at->slot != a.count) {
		AM_TRY(
		    aged_nth(g->v, g->safe, g->list, at->day, a.count, &last));
		*place_of(&last, g->list) = *at;
		AM_TRY(rows_put_record(
		    g->v, (struct bytes){ last.record, 16 }, &last));
		AM_TRY(put_slot(g, at, last.record));
	}
	*at = (struct rows_place){ ROWS_NO_DAY, 0 };
	return a.count == 0 ? join(g, a.before, a.after) : AM_OK;
}

static AM_RESULT
move(const struct view *v, struct rows_record *c, enum aged_list list,
    uint32_t day)
{
	const struct ring g = { v, c->safe, list };
	const struct rows_place *at = place_of(c, list);

	if (at->day == day)
		return AM_OK;
	if (at->day != ROWS_NO_DAY)
		AM_TRY(leave(&g, c));
	return day == ROWS_NO_DAY ? AM_OK : enter(&g, c, day);
}

/* ---- what moves it */

static uint32_t
day_of(int64_t at)
{
	return (uint32_t)dates_day(at);
}

AM_RESULT
aged_rotated(const struct view *v, struct rows_record *c)
{
	const uint32_t confirmed = c->rotated > 1 ? c->rotated : 1;
	const struct rows_key key =
	    rows_key_with_u32((struct bytes){ c->record, 16 }, confirmed);
	struct rows_version of = { .at = c->at };

	if (!aged_asks(AGED_CHANGED, c->type))
		return move(v, c, AGED_CHANGED, ROWS_NO_DAY);
	if (confirmed != c->version)
		AM_TRY(rows_get_version(v, rows_key(&key), &of));
	return move(v, c, AGED_CHANGED, day_of(of.at));
}

AM_RESULT
aged_tested(const struct view *v, struct rows_record *c, int64_t first_at)
{
	if (!aged_asks(AGED_TESTED, c->type))
		return move(v, c, AGED_TESTED, ROWS_NO_DAY);
	return move(v, c, AGED_TESTED, day_of(first_at));
}

AM_RESULT
aged_sealed(const struct view *v, struct rows_record *c, bool contractor)
{
	AM_TRY(aged_rotated(v, c));
	return contractor ? move(v, c, AGED_TESTED, ROWS_NO_DAY)
			  : aged_tested(v, c, c->at);
}

AM_RESULT
aged_each(const struct view *v, const uint8_t safe[static 16],
    enum aged_list list, int32_t until, aged_fn *fn, void *arg)
{
	const struct ring g = { v, safe, list };
	struct rows_aged a;

	AM_TRY(get_day(&g, ROWS_NO_DAY, &a));
	for (uint32_t day = a.after;
	     day != ROWS_NO_DAY && until >= 0 && day <= (uint32_t)until;
	     day = a.after) {
		AM_TRY(get_day(&g, day, &a));
		AM_TRY(fn(arg, day, a.count));
	}
	return AM_OK;
}
