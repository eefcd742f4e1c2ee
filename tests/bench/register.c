/*
 * Fills the tables of a vault with subscriptions and credentials, copies of its
 * first ones:
 *
 *	register VAULT COUNT DAY
 *
 * Ends lie within three years of DAY; what was raised by then is acknowledged,
 * but for every thousandth; so are examinations of suppliers, within the year.
 * Credentials were put within the ten years before DAY. The log has none of
 * them: for measuring only (register.sh).
 */

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "vault/register/dates.h"
#include "vault/state/aged.h"
#include "vault/state/roll.h"
#include "vault/state/subindex.h"
#include "vault/state/subscription.h"
#include "vault/store/store.h"

static void
must(enum am_err err, const char *what)
{
	if (err == AM_OK)
		return;
	fprintf(stderr, "register: %s: %s\n", what, err_text(err));
	abort();
}

static uint32_t
day_of(const struct rows_subscription *s, int32_t today)
{
	struct dates_plan p;
	int32_t first;

	subscription_plan(s, &p);
	first = dates_next(&p, NULL, (int32_t)s->acked) - DATES_TWIN_MAX;
	return (uint32_t)(first > today ? first : today);
}

static void
add(const struct view *v, struct rows_register *g,
    const struct rows_subscription *like, uint32_t i, int32_t today)
{
	struct rows_subscription s = *like;
	struct rows_key key;

	s.number = ++g->subscriptions;
	(void)snprintf(s.id, sizeof(s.id), "bench-%u", i);
	s.end = (uint32_t)today + 120 + i % 975;
	s.of_month = dates_of_month((int32_t)s.end);
	s.acked = i % 1000 == 0 ? 0 : (uint32_t)today;
	s.day = s.exam = ROWS_NO_DAY;
	/* within a year of the policy's 372 days; every thousandth is late */
	s.provider.examined = (uint32_t)today - (i % 1000 == 0 ? 400 : i % 330);
	key = rows_key_u32(s.number);
	must(rows_index_put(v, "sub-id",
		 (struct bytes){ (const uint8_t *)s.id, strlen(s.id) },
		 rows_key(&key)),
	    "index");
	must(subindex_move(v, g, &s, day_of(&s, today)), "day");
	must(subindex_examined(v, g, &s, false), "examination");
	must(rows_put_subscription(v, rows_key(&key), &s), "row");
}

static void
add_credential(const struct view *v, struct rows_safe *safe,
    const struct rows_record *like, uint32_t i, int32_t today)
{
	struct rows_record c = *like;
	const struct bytes id = { c.record, 16 };

	randombytes_buf(c.record, sizeof(c.record));
	(void)snprintf(c.title, sizeof(c.title), "bench-%u", i);
	c.at = dates_begin(today - 1 - (int32_t)(i % 3650));
	c.changed.day = c.tested.day = ROWS_NO_DAY;
	c.number = safe->records++;
	must(roll_add(v, c.safe, c.number, c.record), "roll");
	must(aged_sealed(v, &c, false), "day");
	must(rows_put_record(v, id, &c), "credential");
}

static void
add_credentials(const struct view *v, uint32_t count, int32_t today)
{
	struct rows_record like;
	struct rows_safe safe;
	struct rows_key key = rows_key_u32(0);
	struct roll roll = { 0 };
	uint8_t id[16];

	must(rows_index_get(v, "safe-n", rows_key(&key), id, 16), "safe");
	must(rows_get_safe(v, (struct bytes){ id, 16 }, &safe), "safe");
	must(roll_nth(v, safe.safe, 0, &roll, id), "first");
	must(rows_get_record(v, (struct bytes){ id, 16 }, &like), "first");
	for (uint32_t i = 0; i < count; i++)
		add_credential(v, &safe, &like, i, today);
	must(rows_put_safe(v, (struct bytes){ safe.safe, 16 }, &safe), "safe");
}

int
main(int argc, char **argv)
{
	const uint32_t count =
	    argc == 4 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	struct rows_subscription like;
	struct rows_register g;
	struct store *st = NULL;
	struct store_txn *t = NULL;
	struct why why = { 0 };
	int32_t today = 0;
	struct view v;

	if (count == 0 || sodium_init() < 0)
		return 2;
	must(dates_parse(
		 (struct bytes){ (const uint8_t *)argv[3], strlen(argv[3]) },
		 &today),
	    "day");
	must(store_open(argv[1], true, &why, &st), "open");
	must(store_begin(st, true, &t), "begin");
	v = view_store(t);
	must(subscription_get(&v, 1, &like), "the first one");
	must(subindex_register(&v, &g), "register");
	for (uint32_t i = 0; i < count; i++)
		add(&v, &g, &like, i, today);
	must(rows_put_register(&v, (struct bytes){ NULL, 0 }, &g), "register");
	add_credentials(&v, count, today);
	must(store_commit(&t), "commit");
	store_close(st);
	return 0;
}
