/*
 * Fills the tables of a vault with people, keys and safes, copies of its first
 * ones:
 *
 *	people VAULT PEOPLE KEYS SAFES DAY
 *
 * Each person holds a post since a year before DAY, every tenth one that ends
 * within three months; keys go round among them; each safe has a committee of
 * seven. The log has none of them: for measuring only
 * (register.sh).
 */

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "vault/register/dates.h"
#include "vault/state/keyring.h"
#include "vault/state/rows.h"
#include "vault/store/store.h"

enum { MEMBERS = 7, YEAR = 365 * 86400, MONTH = 30 * 86400 };

struct fill {
	struct view v;
	struct rows_vault vault;
	int64_t today;
	struct rows_person person;
	struct rows_token token;
	struct rows_safe safe;
	struct rows_manifest manifest;
	uint8_t (*people)[16];
	uint32_t people_count;
};

static void
must(enum am_err err, const char *what)
{
	if (err == AM_OK)
		return;
	fprintf(stderr, "people: %s: %s\n", what, err_text(err));
	abort();
}

static struct bytes
text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static void
numbered(const struct fill *f, const char *table, uint32_t n, struct bytes id)
{
	const struct rows_key key = rows_key_u32(n);

	must(rows_index_put(&f->v, table, rows_key(&key), id), table);
}

static void
nth(const struct fill *f, const char *table, uint32_t n, uint8_t *id,
    size_t len)
{
	const struct rows_key key = rows_key_u32(n);

	must(rows_index_get(&f->v, table, rows_key(&key), id, len), table);
}

/* The first member of the first safe, their key, and that safe. */
static void
read_likes(struct fill *f)
{
	const struct view *v = &f->v;
	uint8_t id[32];

	must(rows_get_vault(v, (struct bytes){ NULL, 0 }, &f->vault), "vault");
	nth(f, "safe-n", 0, id, 16);
	must(rows_get_safe(v, (struct bytes){ id, 16 }, &f->safe), "safe");
	must(rows_get_manifest(
		 v, (struct bytes){ f->safe.manifest, 32 }, &f->manifest),
	    "manifest");
	must(rows_get_person(v,
		 (struct bytes){ f->manifest.members[0].person, 16 },
		 &f->person),
	    "person");
	nth(f, "token-n", 1, id, 32);
	must(rows_get_token(v, (struct bytes){ id, 32 }, &f->token), "key");
	f->person.openings = f->person.deposits = 0;
	f->person.appointments = f->person.absences = 0;
}

static void
appoint(struct fill *f, struct rows_person *p, uint32_t i)
{
	const struct rows_key held = rows_key_with_u32(
	    (struct bytes){ p->person, 16 }, p->appointments++);
	struct rows_appointment a = { .number = ++f->vault.appointments,
		.kind = ROWS_SUBSTANTIVE,
		.post = 1 + i % f->vault.posts,
		.from = f->today - YEAR,
		.until = i % 10 == 0 ? f->today + 3 * MONTH : 0,
		.order = "TEST",
		.at = f->today - YEAR };
	const struct bytes id = { a.motion, 32 };

	randombytes_buf(a.motion, sizeof(a.motion));
	memcpy(a.person, p->person, sizeof(a.person));
	must(rows_index_put(&f->v, "held", rows_key(&held), id), "held");
	numbered(f, "appointment-n", a.number, id);
	must(rows_put_appointment(&f->v, id, &a), "appointment");
}

static void
add_person(struct fill *f, uint32_t i)
{
	struct rows_person p = f->person;
	const struct bytes id = { f->people[i], 16 };

	randombytes_buf(f->people[i], 16);
	memcpy(p.person, f->people[i], sizeof(p.person));
	(void)snprintf(p.id, sizeof(p.id), "bench-%u", i);
	p.tokens = 0;
	numbered(f, "person-n", f->vault.persons++, id);
	must(rows_index_put(&f->v, "person-id", text(p.id), id), "index");
	appoint(f, &p, i);
	must(rows_put_person(&f->v, id, &p), "person");
}

static void
add_key(struct fill *f, uint32_t i)
{
	const struct bytes who = { f->people[i % f->people_count], 16 };
	struct rows_token t = f->token;
	struct rows_person p;

	randombytes_buf(t.token, sizeof(t.token));
	memcpy(t.person, who.p, sizeof(t.person));
	(void)snprintf(t.label, sizeof(t.label), "bench-%u", i);
	must(rows_get_person(&f->v, who, &p), "person");
	p.tokens++;
	numbered(
	    f, "token-n", f->vault.tokens++, (struct bytes){ t.token, 32 });
	must(rows_put_person(&f->v, who, &p), "person");
	must(keyring_add(&f->v, &t), "keyring");
	must(rows_put_token(&f->v, (struct bytes){ t.token, 32 }, &t), "key");
}

static void
add_committee(struct fill *f, const struct rows_safe *s, uint32_t i)
{
	struct rows_manifest m = f->manifest;

	memcpy(m.manifest, s->manifest, sizeof(m.manifest));
	memcpy(m.safe, s->safe, sizeof(m.safe));
	m.n = MEMBERS;
	for (uint32_t k = 0; k < MEMBERS; k++) {
		struct rows_member *to = &m.members[k];
		struct rows_key key;

		to->index = k + 1;
		memcpy(to->person,
		    f->people[(i * MEMBERS + k) % f->people_count], 16);
		key = rows_key_with_text((struct bytes){ s->safe, 16 },
		    (struct bytes){ to->person, 16 });
		must(rows_index_put(&f->v, "member-index", rows_key(&key),
			 (struct bytes){ (const uint8_t *)"\0\0\0\1", 4 }),
		    "index");
	}
	must(rows_put_manifest(&f->v, (struct bytes){ m.manifest, 32 }, &m),
	    "committee");
}

static void
add_safe(struct fill *f, uint32_t i)
{
	struct rows_safe s = f->safe;
	const struct bytes id = { s.safe, 16 };

	randombytes_buf(s.safe, sizeof(s.safe));
	randombytes_buf(s.manifest, sizeof(s.manifest));
	(void)snprintf(s.id, sizeof(s.id), "bench-%u", i);
	s.records = 0;
	numbered(f, "safe-n", f->vault.safes++, id);
	must(rows_index_put(&f->v, "safe-id", text(s.id), id), "index");
	add_committee(f, &s, i);
	must(rows_put_safe(&f->v, id, &s), "safe");
}

static uint32_t
number(const char *arg)
{
	return (uint32_t)strtoul(arg, NULL, 10);
}

int
main(int argc, char **argv)
{
	struct fill f = { .people_count = argc == 6 ? number(argv[2]) : 0 };
	struct store *st = NULL;
	struct store_txn *t = NULL;
	struct why why = { 0 };
	int32_t day = 0;

	if (f.people_count == 0 || sodium_init() < 0)
		return 2;
	must(dates_parse(text(argv[5]), &day), "day");
	f.today = dates_begin(day);
	if ((f.people = calloc(f.people_count, sizeof(*f.people))) == NULL)
		return 1;
	must(store_open(argv[1], true, &why, &st), "open");
	must(store_begin(st, true, &t), "begin");
	f.v = view_store(t);
	read_likes(&f);
	for (uint32_t i = 0; i < f.people_count; i++)
		add_person(&f, i);
	for (uint32_t i = 0; i < number(argv[3]); i++)
		add_key(&f, i);
	for (uint32_t i = 0; i < number(argv[4]); i++)
		add_safe(&f, i);
	must(
	    rows_put_vault(&f.v, (struct bytes){ NULL, 0 }, &f.vault), "vault");
	must(store_commit(&t), "commit");
	store_close(st);
	free(f.people);
	return 0;
}
