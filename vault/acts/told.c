#include "vault/acts/told.h"

#include "vault/state/inforce.h"
#include "vault/state/manifest.h"
#include "vault/state/tenure.h"

enum { DAY = 86400, TEXT_MAX = 256 };

typedef enum am_err person_fn(void *arg, const uint8_t person[static 16]);

static bool
same16(const uint8_t a[static 16], const uint8_t b[static 16])
{
	return bytes_same((struct bytes){ a, 16 }, (struct bytes){ b, 16 });
}

/* ---- who stands for a name */

/* Holds a post of that wing, or of that id, now. */
static AM_RESULT
stands_for(const struct view *v, const struct rows_person *p, const char *name,
    int64_t now, bool *out)
{
	*out = false;
	for (uint32_t i = 0; !*out && i < p->appointments; i++) {
		struct rows_appointment a;
		struct rows_post post;

		AM_TRY(tenure_nth(v, p->person, i, &a));
		AM_TRY(tenure_post(v, a.post, &post));
		*out = tenure_from(&a) <= now && now < tenure_until(&a) &&
		    (strcmp(post.wing, name) == 0 ||
			strcmp(post.id, name) == 0);
	}
	return AM_OK;
}

/* Who stands for each name, found once for all requests: one person alone asks
 * for break-glass as often as they like. */
struct known {
	size_t count;
	struct known_name {
		char name[LEVELS_NAME_MAX + 1];
		struct blob ids; /* of persons, one after another */
	} names[LEVELS_COUNT * LEVELS_WINGS_MAX];
};
#define known_auto AM_CLEANUP(known_free) struct known

static void
known_free(struct known *k)
{
	for (size_t i = 0; i < k->count; i++)
		blob_free(&k->names[i].ids);
}

static AM_RESULT
find_holders(
    struct session *s, const struct view *v, const char *name, struct blob *out)
{
	for (uint32_t i = 0; i < s->vault.persons; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_person p;
		uint8_t id[16];
		bool is = false;

		AM_TRY(rows_index_get(
		    v, "person-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_person(v, (struct bytes){ id, 16 }, &p));
		AM_TRY(stands_for(v, &p, name, session_now(s), &is));
		if (is)
			AM_TRY(blob_add(out, (struct bytes){ id, 16 }));
	}
	return AM_OK;
}

static AM_RESULT
holders(struct session *s, const struct view *v, struct known *k,
    const char *name, struct bytes *out)
{
	struct known_name *n = k->names;

	while (n < k->names + k->count && strcmp(n->name, name) != 0)
		n++;
	if (n == k->names + AM_ARRAY_LEN(k->names))
		return AM_ERR_INTERNAL; /* more than all levels name */
	if (n == k->names + k->count) {
		k->count++; /* from here known_free sees it */
		memcpy(n->name, name, strlen(name) + 1);
		AM_TRY(find_holders(s, v, name, &n->ids));
	}
	*out = blob_bytes(&n->ids);
	return AM_OK;
}

static AM_RESULT
each_who(struct session *s, const struct view *v, struct known *k,
    const struct rows_request *q, const char *name, person_fn *fn, void *arg)
{
	struct rows_manifest m;
	struct bytes ids = { 0 };

	if (strcmp(name, "committee") != 0) {
		AM_TRY(holders(s, v, k, name, &ids));
		for (size_t at = 0; at < ids.len; at += 16)
			AM_TRY(fn(arg, ids.p + at));
		return AM_OK;
	}
	AM_TRY(rows_get_manifest(v, (struct bytes){ q->manifest, 32 }, &m));
	for (size_t i = 0; i < m.n; i++)
		if (!same16(m.members[i].person, q->by))
			AM_TRY(fn(arg, m.members[i].person));
	return AM_OK;
}

static AM_RESULT
level_of(const struct view *v, const struct rows_request *q,
    struct rows_safe *safe, struct rows_level *out)
{
	AM_TRY(rows_get_safe(v, (struct bytes){ q->safe, 16 }, safe));
	return inforce_level(v, safe->level, out);
}

static enum am_err
count_one(void *arg, const uint8_t person[static 16])
{
	struct told_name *n = arg;

	(void)person;
	n->count++;
	return AM_OK;
}

AM_RESULT
told_each(struct session *s, const struct view *v, const struct rows_request *q,
    told_fn *fn, void *arg)
{
	known_auto known = { 0 };
	struct rows_level l;
	struct rows_safe safe;
	const enum am_err err = level_of(v, q, &safe, &l);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	for (size_t i = 0; i < l.notify_count; i++) {
		struct told_name n = { .name = l.notify[i].name };

		AM_TRY(each_who(s, v, &known, q, n.name, count_one, &n));
		AM_TRY(fn(arg, &n));
	}
	return AM_OK;
}

/* ---- what is due */

struct telling {
	struct due *d;
	int64_t at;
	const char *what, *next;
};

static enum am_err
add_one(void *arg, const uint8_t person[static 16])
{
	const struct telling *t = arg;

	return due_add(t->d, t->at, person, t->what, t->next);
}

/* Until when it is told; 0: no more. */
static AM_RESULT
told_until(const struct due *d, const struct rows_request *q, int64_t *out)
{
	static const uint8_t nobody[16];
	char id[16];
	bool reviewed = false;

	*out = 0;
	(void)snprintf(id, sizeof(id), "r-%u", q->number);
	if (q->opens == 0) {
		if (q->until >= d->now && same16(q->vetoed, nobody))
			*out = q->until;
		return AM_OK;
	}
	AM_TRY(view_has(d->v, "review",
	    (struct bytes){ (const uint8_t *)id, strlen(id) }, &reviewed));
	if (!reviewed)
		*out = q->opened_at + DAY;
	return AM_OK;
}

static AM_RESULT
tell(struct due *d, struct known *k, const struct rows_request *q, int64_t at)
{
	char what[TEXT_MAX], next[TEXT_MAX], alone[2 * TEXT_MAX];
	struct telling t = { .d = d, .at = at, .what = what, .next = next };
	struct rows_record c;
	struct rows_person by;
	struct rows_level l;
	struct rows_safe s;

	AM_TRY(level_of(d->v, q, &s, &l));
	AM_TRY(rows_get_record(d->v, (struct bytes){ q->record, 16 }, &c));
	AM_TRY(rows_get_person(d->v, (struct bytes){ q->by, 16 }, &by));
	(void)snprintf(what, sizeof(what),
	    "to know: BREAK-GLASS r-%u, in which '%s' %s '%s/%s'", q->number,
	    by.id, q->opens > 0 ? "opened" : "asks for", s.id, c.title);
	(void)snprintf(next, sizeof(next), "amanat show r-%u", q->number);
	for (size_t i = 0; i < l.notify_count; i++) {
		struct told_name n = { .name = l.notify[i].name };

		AM_TRY(each_who(d->s, d->v, k, q, n.name, count_one, &n));
		AM_TRY(each_who(d->s, d->v, k, q, n.name, add_one, &t));
		if (n.count > 0)
			continue;
		(void)snprintf(alone, sizeof(alone),
		    "%s: the level has '%s' told, and nobody holds such a "
		    "post; tell them",
		    what, n.name);
		AM_TRY(due_add(d, at, NULL, alone, next));
	}
	return AM_OK;
}

enum am_err
told_due(struct due *d)
{
	static const uint8_t none[32];
	known_auto known = { 0 };

	if (bytes_same((struct bytes){ d->s->vault.policy, 32 },
		(struct bytes){ none, 32 }))
		return AM_OK;
	for (uint32_t i = 0; i < d->s->vault.emergencies; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_request q;
		uint8_t id[32];
		int64_t at = 0;

		AM_TRY(rows_index_get(
		    d->v, "emergency-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_request(d->v, (struct bytes){ id, 32 }, &q));
		AM_TRY(told_until(d, &q, &at));
		if (at != 0)
			AM_TRY(tell(d, &known, &q, at));
	}
	return AM_OK;
}
