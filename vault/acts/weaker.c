#include <stdio.h>
#include <stdlib.h>

#include "vault/acts/weaker.h"

#include "vault/base/blob.h"
#include "vault/base/when.h"
#include "vault/base/why.h"
#include "vault/state/waiver.h"

/* Of a policy that was changed all over, the first values are enough; and a
 * list of posts may be long. */
enum { NAMED_MAX = 3, VALUE_MAX = 48 };

static const char about[] = "A-3 ";

void
weaker_rule(const struct levels_value *v, char out[static ROWS_RULE_MAX + 1])
{
	static const char class[] = "class ";
	const size_t skip = strncmp(v->where, class, sizeof(class) - 1) == 0
	    ? sizeof(class) - 1
	    : 0;

	(void)snprintf(
	    out, ROWS_RULE_MAX + 1, "%s%s.%s", about, v->where + skip, v->key);
}

/* ---- values */

struct asking {
	const struct view *v;
	int64_t at;
	weaker_fn *fn;
	void *arg;
};

static enum am_err
ask_one(void *arg, const struct levels_value *value)
{
	const struct asking *a = arg;
	struct weaker_value w = { .shipped = value->before, .now = value->now };
	char rule[ROWS_RULE_MAX + 1];

	if (!value->weaker)
		return AM_OK;
	weaker_rule(value, rule);
	w.name = rule + sizeof(about) - 1;
	AM_TRY(waiver_until(a->v, rule, &w.until));
	w.waived = w.until > a->at;
	return a->fn(a->arg, &w);
}

AM_RESULT
weaker_values(const struct view *v, const struct levels *here, int64_t at,
    weaker_fn *fn, void *arg)
{
	struct asking a = { v, at, fn, arg };
	struct levels shipped;

	AM_TRY(levels_shipped(&shipped));
	return levels_compare(&shipped, here, ask_one, &a);
}

static enum am_err
add_unwaived(void *arg, const struct weaker_value *w)
{
	struct blob *out = arg;

	return w->waived
	    ? AM_OK
	    : blob_printf(out, "%s%s %s (shipped %s)", out->len > 0 ? ", " : "",
		  w->name, w->now, w->shipped);
}

AM_RESULT
weaker_unwaived(const struct view *v, const struct levels *here, int64_t at,
    struct blob *out)
{
	return weaker_values(v, here, at, add_unwaived, out);
}

/* ---- every policy that was ever in force */

/* A waiver or a policy, when it took effect. */
struct step {
	uint64_t leaf;
	uint32_t motion;
};

static int
by_leaf(const void *a, const void *b)
{
	const uint64_t x = ((const struct step *)a)->leaf,
		       y = ((const struct step *)b)->leaf;

	return x < y ? -1 : x > y;
}

static AM_RESULT
get_motion(const struct view *v, uint32_t number, struct rows_motion *out)
{
	const struct rows_key n = rows_key_u32(number);
	uint8_t id[32];

	AM_TRY(rows_index_get(v, "motion-n", rows_key(&n), id, sizeof(id)));
	return rows_get_motion(v, (struct bytes){ id, sizeof(id) }, out);
}

static bool
counts(const struct rows_motion *m)
{
	return m->status == ROWS_ENACTED &&
	    (m->act == ROWS_POLICY ||
		(m->act == ROWS_WAIVE &&
		    strncmp(m->rule, about, sizeof(about) - 1) == 0));
}

/* In the order in which they took effect: struct step after struct step. */
static AM_RESULT
read_steps(const struct view *v, struct blob *out)
{
	struct rows_vault vault;

	AM_TRY(rows_get_vault(v, (struct bytes){ NULL, 0 }, &vault));
	for (uint32_t i = 1; i <= vault.motions; i++) {
		struct rows_motion m;

		AM_TRY(get_motion(v, i, &m));
		if (counts(&m)) {
			const struct step s = { m.end_leaf, i };

			AM_TRY(blob_add(out,
			    (struct bytes){ (const uint8_t *)&s, sizeof(s) }));
		}
	}
	if (out->len > 0)
		qsort(out->p, out->len / sizeof(struct step),
		    sizeof(struct step), by_leaf);
	return AM_OK;
}

/* The values of one policy, waived and not. */
struct list {
	size_t count[2];
	struct blob text[2];
};

static void
list_free(struct list *l)
{
	blob_free(&l->text[0]);
	blob_free(&l->text[1]);
}

static enum am_err
add_value(void *arg, const struct weaker_value *w)
{
	struct list *l = arg;
	struct blob *out = &l->text[w->waived];
	char until[WHEN_TEXT_LEN + 1];

	if (l->count[w->waived]++ >= NAMED_MAX)
		return AM_OK;
	AM_TRY(blob_printf(out, "%s%s %.*s (shipped %.*s)",
	    out->len > 0 ? ", " : "", w->name, VALUE_MAX, w->now, VALUE_MAX,
	    w->shipped));
	if (!w->waived)
		return AM_OK;
	when_text(w->until, until);
	return blob_printf(out, " until %s", until);
}

static AM_RESULT
say(const struct rows_policy *p, const struct list *l, bool waived,
    const struct weaker_means *means)
{
	const size_t more =
	    l->count[waived] > NAMED_MAX ? l->count[waived] - NAMED_MAX : 0;
	blob_auto text = { 0 };

	if (l->count[waived] == 0)
		return AM_OK;
	AM_TRY(blob_printf(&text,
	    "version %u of the policy came into force at leaf %lu weaker than "
	    "the policy that is shipped, %s a waiver: %.*s",
	    p->version, (unsigned long)p->leaf, waived ? "by" : "without",
	    (int)l->text[waived].len, (const char *)l->text[waived].p));
	if (more > 0)
		AM_TRY(blob_printf(&text, " and %zu more", more));
	AM_TRY(blob_text(&text, " (A-3)"));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	return means->said(means->said_arg, waived, (const char *)text.p);
}

/* `then`: the waivers of that instant. */
static AM_RESULT
tell_policy(const struct view *v, const struct view *then,
    const struct rows_motion *m, const struct weaker_means *means)
{
	AM_CLEANUP(list_free) struct list l = { 0 };
	struct why why = { 0 };
	struct rows_policy p;
	struct levels here;
	blob_auto file = { 0 };

	AM_TRY(rows_get_policy(v, (struct bytes){ m->motion, 32 }, &p));
	AM_TRY(means->file(means->file_arg, m, &file));
	AM_TRY(levels_read(blob_bytes(&file), &here, &why));
	AM_TRY(weaker_values(then, &here, p.at, add_value, &l));
	AM_TRY(say(&p, &l, false, means));
	return say(&p, &l, true, means);
}

static AM_RESULT
take_waiver(const struct view *then, const struct rows_motion *m)
{
	return waiver_take(then, m->rule, m->rule_until, m->end_leaf);
}

static AM_RESULT
walk(const struct view *v, const struct view *then,
    const struct weaker_means *means)
{
	blob_auto steps = { 0 };

	AM_TRY(read_steps(v, &steps));
	for (size_t at = 0; at < steps.len; at += sizeof(struct step)) {
		struct rows_motion m;
		struct step s;

		memcpy(&s, steps.p + at, sizeof(s));
		AM_TRY(get_motion(v, s.motion, &m));
		AM_TRY(m.act == ROWS_POLICY ? tell_policy(v, then, &m, means)
					    : take_waiver(then, &m));
	}
	return AM_OK;
}

AM_RESULT
weaker_history(const struct view *v, const struct weaker_means *means)
{
	struct view_memory *waivers = NULL;
	struct view then;
	enum am_err err;

	AM_TRY(view_memory_new(&waivers));
	then = view_memory(waivers);
	err = walk(v, &then, means);
	view_memory_free(waivers);
	return err;
}
