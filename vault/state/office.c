/*
 * Offices: posts, who holds them by which order, and who is away (protocol.md
 * R13.2, R13.7; domain.md, X-2 to X-4, C-9). A quorum decides on posts and
 * appointments; that somebody is away anyone may record, and only they end it.
 */

#include "vault/base/when.h"
#include "vault/state/rules.h"
#include "vault/state/tenure.h"

enum { ABSENCE_SPAN_MAX = 366 * 86400 };

static bool
same16(const uint8_t a[static 16], const uint8_t b[static 16])
{
	return bytes_same((struct bytes){ a, 16 }, (struct bytes){ b, 16 });
}

static struct bytes
text_bytes(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* A field that may be empty, and else is a name. */
static AM_RESULT
read_name(const struct json_t *from, const char *key,
    char out[static ROWS_ID_MAX + 1])
{
	AM_TRY(rules_text(from, key, out, ROWS_ID_MAX + 1));
	return out[0] == '\0' || rules_is_name(text_bytes(out), ROWS_ID_MAX)
	    ? AM_OK
	    : AM_ERR_CORRUPT;
}

/* ---- posts */

static AM_RESULT
find_post(struct rules *r, struct bytes id, uint32_t *out)
{
	uint8_t be[4];
	const enum am_err err =
	    rows_index_get(&r->st->view, "post-id", id, be, sizeof(be));

	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "X-2", "no post '%.*s'", (int)id.len,
		    (const char *)id.p);
	AM_TRY(err);
	*out = rows_get_be32(be);
	return AM_OK;
}

static AM_RESULT
check_new_post(struct rules *r, const struct rows_post *p)
{
	bool taken = false;

	AM_TRY(view_has(&r->st->view, "post-id", text_bytes(p->id), &taken));
	if (taken)
		return RULES_SAY(
		    r, AM_ERR_EXISTS, "V08", "a post '%s' exists", p->id);
	return AM_OK;
}

/* Posts that succeed one another are followed so far, and no further. */
static AM_RESULT
check_chain(struct rules *r, uint32_t post)
{
	struct rows_post p;
	unsigned length = 1;

	for (; post != 0; post = p.succeeds, length++) {
		AM_TRY(tenure_post(&r->st->view, post, &p));
		if (length == TENURE_CHAIN_MAX)
			return RULES_SAY(r, AM_ERR_INVALID, "X-2",
			    "%d posts have succeeded one another; bind the "
			    "safes to this one instead",
			    TENURE_CHAIN_MAX);
	}
	return AM_OK;
}

AM_RESULT
office_read_post(
    struct rules *r, const struct json_t *what, const uint8_t id[static 32])
{
	static const char *const keys[] = { "post", "succeeds", "title",
		"wing" };
	struct rows_post p = { .leaf = r->leaf, .at = r->s->at };
	struct bytes before = { 0 };

	if (!canon_keys_are(what, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	memcpy(p.motion, id, sizeof(p.motion));
	AM_TRY(rules_text(what, "post", p.id, sizeof(p.id)));
	AM_TRY(rules_text(what, "title", p.title, sizeof(p.title)));
	AM_TRY(read_name(what, "wing", p.wing));
	AM_TRY(canon_get_text(what, "succeeds", &before));
	if (!rules_is_name(text_bytes(p.id), ROWS_ID_MAX) || p.title[0] == '\0')
		return RULES_SAY(r, AM_ERR_INVALID, "V08",
		    "a post has a short id and a title");
	if (before.len > 0) {
		AM_TRY(find_post(r, before, &p.succeeds));
		AM_TRY(check_chain(r, p.succeeds));
	}
	AM_TRY(check_new_post(r, &p));
	return rows_put_post(&r->st->view, (struct bytes){ id, 32 }, &p);
}

AM_RESULT
office_found(struct rules *r, const struct rows_motion *m)
{
	const struct bytes id = { m->motion, 32 };
	struct rows_post p;
	struct rows_key n;

	AM_TRY(rows_get_post(&r->st->view, id, &p));
	AM_TRY(check_new_post(r, &p));
	p.number = ++r->vault.posts;
	p.at = r->s->at;
	p.leaf = r->leaf;
	n = rows_key_u32(p.number);
	AM_TRY(rows_index_put(&r->st->view, "post-n", rows_key(&n), id));
	AM_TRY(rows_index_put(
	    &r->st->view, "post-id", text_bytes(p.id), rows_key(&n)));
	return rows_put_post(&r->st->view, id, &p);
}

/* ---- appointments */

static const char *const holdings[] = { "substantive", "additional", "current",
	"acting", "look-after", "contract", "surrogate" };

static AM_RESULT
read_holding(struct rules *r, const struct json_t *what, uint8_t *out)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(holdings); i++)
		if (rules_text_is(what, "kind", holdings[i])) {
			*out = (uint8_t)(ROWS_SUBSTANTIVE + i);
			return AM_OK;
		}
	return RULES_SAY(r, AM_ERR_INVALID, "X-2",
	    "a post is held as substantive, additional, current, acting, "
	    "look-after, contract or surrogate");
}

static AM_RESULT
read_attrs(const struct json_t *what, struct rows_appointment *a)
{
	static const char *const keys[] = { "employer", "line", "site",
		"wing" };
	const struct json_t *attrs = NULL;

	AM_TRY(canon_get_object(what, "attrs", &attrs));
	if (!canon_keys_are(attrs, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	a->attr_count = QUORUM_ATTRS;
	for (size_t i = 0; i < AM_ARRAY_LEN(keys); i++)
		AM_TRY(read_name(attrs, keys[i], a->attrs[i].text));
	return AM_OK;
}

/* from when until when, and who ordered it. */
static AM_RESULT
read_order(
    struct rules *r, const struct json_t *what, struct rows_appointment *a)
{
	struct bytes until = { 0 };

	AM_TRY(rules_text(what, "order", a->order, sizeof(a->order)));
	AM_TRY(
	    rules_text(what, "authority", a->authority, sizeof(a->authority)));
	AM_TRY(canon_get_when(what, "from", &a->from));
	AM_TRY(canon_get_text(what, "until", &until));
	if (until.len > 0)
		AM_TRY(canon_get_when(what, "until", &a->until));
	if (a->order[0] == '\0' || a->authority[0] == '\0')
		return RULES_SAY(r, AM_ERR_INVALID, "X-2",
		    "an appointment names its order and who gave it");
	if (until.len == 0 && a->kind != ROWS_SUBSTANTIVE)
		return RULES_SAY(r, AM_ERR_INVALID, "X-2",
		    "only a substantive post is held without an end");
	if (until.len > 0 && a->until <= a->from)
		return RULES_SAY(r, AM_ERR_INVALID, "X-2",
		    "an appointment ends after it begins");
	return AM_OK;
}

static struct rows_key
order_key(const struct rows_appointment *a)
{
	const struct rows_key at =
	    rows_key_with_u32((struct bytes){ a->person, 16 }, a->post);

	return rows_key_with_text(rows_key(&at), text_bytes(a->order));
}

/* no order lasts longer than it says. */
static AM_RESULT
check_order(struct rules *r, const struct rows_appointment *a)
{
	const struct rows_key key = order_key(a);
	bool used = false;

	AM_TRY(view_has(&r->st->view, "order", rows_key(&key), &used));
	if (used)
		return RULES_SAY(r, AM_ERR_POLICY, "X-4",
		    "order '%s' gave this person this post before; a new "
		    "period needs a new order",
		    a->order);
	return AM_OK;
}

/* K-2: contractors hold no post. */
static AM_RESULT
check_holder(struct rules *r, const struct rows_appointment *a)
{
	struct rows_person p;

	AM_TRY(rules_person(r, a->person, &p));
	if (p.kind == ROWS_CONTRACTOR)
		return RULES_SAY(r, AM_ERR_POLICY, "K-2",
		    "'%s' is a contractor, and contractors hold no post", p.id);
	return AM_OK;
}

AM_RESULT
office_read_appointment(
    struct rules *r, const struct json_t *what, struct rows_motion *m)
{
	static const char *const keys[] = { "attrs", "authority", "from",
		"kind", "order", "person", "post", "until" };
	struct rows_appointment a = { .leaf = r->leaf, .at = r->s->at };
	struct bytes post = { 0 };

	if (!canon_keys_are(what, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	memcpy(a.motion, m->motion, sizeof(a.motion));
	AM_TRY(canon_get_hex(what, "person", a.person, sizeof(a.person)));
	memcpy(m->person, a.person, sizeof(m->person));
	AM_TRY(canon_get_text(what, "post", &post));
	AM_TRY(find_post(r, post, &a.post));
	AM_TRY(read_holding(r, what, &a.kind));
	AM_TRY(read_order(r, what, &a));
	AM_TRY(read_attrs(what, &a));
	AM_TRY(check_holder(r, &a));
	AM_TRY(check_order(r, &a));
	return rows_put_appointment(
	    &r->st->view, (struct bytes){ m->motion, 32 }, &a);
}

AM_RESULT
office_appoint(struct rules *r, const struct rows_motion *m)
{
	const struct view *v = &r->st->view;
	const struct bytes id = { m->motion, 32 };
	struct rows_appointment a;
	struct rows_key n, held, order;
	struct rows_person p;

	AM_TRY(rows_get_appointment(v, id, &a));
	AM_TRY(rules_person(r, a.person, &p));
	AM_TRY(check_holder(r, &a));
	AM_TRY(check_order(r, &a));
	a.number = ++r->vault.appointments;
	a.at = r->s->at;
	a.leaf = r->leaf;
	n = rows_key_u32(a.number);
	held =
	    rows_key_with_u32((struct bytes){ a.person, 16 }, p.appointments++);
	order = order_key(&a);
	AM_TRY(rows_index_put(v, "appointment-n", rows_key(&n), id));
	AM_TRY(rows_index_put(v, "held", rows_key(&held), id));
	AM_TRY(rows_index_put(v, "order", rows_key(&order), rows_key(&n)));
	AM_TRY(rows_put_person(v, (struct bytes){ p.person, 16 }, &p));
	return rows_put_appointment(v, id, &a);
}

/* ---- absences */

AM_RESULT
office_absence(
    struct rules *r, const struct json_t *data, struct rows_person *p)
{
	static const char *const keys[] = { "from", "person", "reason",
		"until" };
	struct rows_absence a = { .leaf = r->leaf };
	struct bytes reason = { 0 };
	struct rows_key n;

	if (!canon_keys_are(data, keys, AM_ARRAY_LEN(keys)))
		return AM_ERR_CORRUPT;
	AM_TRY(canon_get_when(data, "from", &a.from));
	AM_TRY(canon_get_when(data, "until", &a.until));
	AM_TRY(canon_get_text(data, "reason", &reason));
	if (r->by.kind != ROWS_OFFICIAL && !same16(p->person, r->s->by))
		return RULES_SAY(r, AM_ERR_POLICY, "C-9",
		    "'%s' is no official and records nobody else absent",
		    r->by.id);
	if (a.until <= a.from || a.until <= r->s->at ||
	    a.until - a.from > ABSENCE_SPAN_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "C-9",
		    "an absence ends after it begins, in the future and "
		    "within a year");
	memcpy(a.by, r->s->by, sizeof(a.by));
	n = rows_key_with_u32((struct bytes){ p->person, 16 }, p->absences++);
	AM_TRY(rows_put_absence(&r->st->view, rows_key(&n), &a));
	return rows_put_person(
	    &r->st->view, (struct bytes){ p->person, 16 }, p);
}

/* Who is back says so with their own key; nobody else can know. */
AM_RESULT
office_return(struct rules *r, struct rows_person *p)
{
	unsigned ended = 0;

	if (!same16(p->person, r->s->by))
		return RULES_SAY(r, AM_ERR_POLICY, "C-9",
		    "that '%s' is back is for '%s' to say", p->id, p->id);
	for (uint32_t i = 0; i < p->absences; i++) {
		const struct rows_key n =
		    rows_key_with_u32((struct bytes){ p->person, 16 }, i);
		struct rows_absence a;

		AM_TRY(rows_get_absence(&r->st->view, rows_key(&n), &a));
		if (a.until <= r->s->at || a.from > r->s->at)
			continue;
		a.until = r->s->at;
		a.end_leaf = r->leaf;
		ended++;
		AM_TRY(rows_put_absence(&r->st->view, rows_key(&n), &a));
	}
	if (ended == 0)
		return RULES_SAY(r, AM_ERR_EXISTS, "C-9",
		    "'%s' is not recorded absent", p->id);
	return AM_OK;
}

/* ---- the signer */

static bool
is_one_of(const char *kind, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(kind, names[i]) == 0)
			return true;
	return false;
}

/* Who holds no post any more narrows, proves and cleans up. They also still
 * decide on the appointments of others, and on lifting the suspensions of
 * others (govern.c): were it otherwise, an office whose orders all ended on one
 * day could never enter the new ones, or not if somebody suspended them all. */
static AM_RESULT
check_tenure(struct rules *r)
{
	static const char *const still[] = { "erased", "justify", "prove",
		"suspend", "entry" };
	static const char *const deciding[] = { "motion", "vote", "enact" };
	char when[WHEN_TEXT_LEN + 1];
	int64_t ended = 0;
	bool valid = false;

	AM_TRY(tenure_valid(&r->st->view, &r->by, r->s->at, &valid, &ended));
	if (valid || is_one_of(r->s->kind, still, AM_ARRAY_LEN(still)))
		return AM_OK;
	r->lapsed = true;
	if (is_one_of(r->s->kind, deciding, AM_ARRAY_LEN(deciding)))
		return AM_OK;
	when_text(ended, when);
	return RULES_SAY(r, AM_ERR_APPOINTMENT, "R13.7",
	    "the last appointment of '%s' ended at %s; what gives a new "
	    "period is a new order, entered with 'amanat appoint'",
	    r->by.id, when);
}

AM_RESULT
office_check_signer(struct rules *r)
{
	int64_t until = 0;
	bool away = false;

	if (r->by.appointments > 0)
		AM_TRY(check_tenure(r));
	/* Who is suspended cannot say that they are back, and votes only on
	 * lifting the suspensions of others (R5.14): were they kept from that,
	 * one who records all others absent and suspends them would have
	 * locked the agency out. */
	if (r->by.absences == 0 || r->limited ||
	    (strcmp(r->s->kind, "approve") != 0 &&
		strcmp(r->s->kind, "vote") != 0))
		return AM_OK;
	AM_TRY(tenure_absent(&r->st->view, &r->by, r->s->at, &away, &until));
	if (away)
		return RULES_SAY(r, AM_ERR_POLICY, "C-9",
		    "'%s' is recorded absent; 'amanat absent --end' says that "
		    "you are back",
		    r->by.id);
	return AM_OK;
}
