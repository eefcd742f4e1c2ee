#include <stdarg.h>
#include <stdio.h>

#include "policy/levels.h"

#include "policy/models.h"
#include "policy/shipped.h"
#include "policy/strict.h"
#include "policy/terms.h"
#include "policy/tree.h"

static const char *const names[] = { "baseline", "intermediate", "enhanced",
	"maximum", NULL };
static const char *const classes[] = { "open", "public", "restricted",
	"sensitive", "secret" };

_Static_assert(AM_ARRAY_LEN(names) == LEVELS_COUNT + 1, "a name a level");
_Static_assert(AM_ARRAY_LEN(classes) == LEVELS_CLASSES, "a name a class");

const char *
levels_name(size_t level)
{
	return level < LEVELS_COUNT ? names[level] : NULL;
}

const char *
levels_class_name(size_t class)
{
	return class < LEVELS_CLASSES ? classes[class] : NULL;
}

static int
find(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return (int)i;
	return -1;
}

int
levels_find(const char *level)
{
	return find(names, LEVELS_COUNT, level);
}

size_t
levels_held_to(const char *level)
{
	const int at = levels_find(level);

	return at < 0 ? LEVELS_COUNT - 1 : (size_t)at;
}

int
levels_find_class(const char *class)
{
	return find(classes, LEVELS_CLASSES, class);
}

/* ---- reading */

struct reading {
	struct strict keys;
	struct tree *tree;
	struct levels *to;
	struct why *why;
};

/* Where a sentence points: a part of the file, and what is in it. */
struct spot {
	const char *part, *in, *key; /* levels, baseline, quorum_k */
};

static unsigned
line_of(const struct reading *r, const struct spot *at)
{
	size_t k = strict_find(&r->keys, 0, at->part);

	if (at->in != NULL)
		k = strict_find(&r->keys, k, at->in);
	return r->keys.keys[strict_find(&r->keys, k, at->key)].line;
}

static enum am_err AM_PRINTF(3, 4)
    fault(struct reading *r, const struct spot *at, const char *fmt, ...)
{
	char text[WHY_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return why_say(r->why, AM_ERR_INCOMPLETE, "", "line %u: %s of %s: %s",
	    line_of(r, at), at->key, at->in != NULL ? at->in : at->part, text);
}

static AM_RESULT
take(struct reading *r, const struct spot *at, const struct terms_row *row,
    const struct terms_cell *cell, void *of)
{
	struct why why = { 0 };
	const enum am_err err = terms_take(row, cell, of, &why);

	return err == AM_ERR_INCOMPLETE ? fault(r, at, "%s", why.text) : err;
}

static AM_RESULT
read_head(struct reading *r)
{
	const struct strict *k = &r->keys;
	struct why why = { 0 };
	enum am_err err;

	if (strcmp(r->tree->format, "amanat-policy") != 0)
		return why_say(r->why, AM_ERR_INCOMPLETE, "",
		    "line %u: format is amanat-policy, not '%s'",
		    k->keys[strict_find(k, 0, "format")].line, r->tree->format);
	err = terms_number(
	    r->tree->version, 1, UINT32_MAX, &r->to->version, &why);
	if (err == AM_ERR_INCOMPLETE)
		return why_say(r->why, err, "", "line %u: version: %s",
		    k->keys[strict_find(k, 0, "version")].line, why.text);
	return err;
}

/* They are written down for the reader; no file can move them. */
static AM_RESULT
read_limits(struct reading *r)
{
	for (size_t i = 0; i < TREE_LIMITS; i++) {
		const struct spot at = { "hard_limits", NULL,
			tree_limits[i][0] };

		if (strcmp(r->tree->limits[i], tree_limits[i][1]) != 0)
			return fault(r, &at, "is %s and cannot be %s",
			    tree_limits[i][1], r->tree->limits[i]);
	}
	return AM_OK;
}

static AM_RESULT
read_map(struct reading *r)
{
	for (size_t i = 0; i < LEVELS_CLASSES; i++) {
		const struct spot at = { "class_map", NULL, classes[i] };
		const int level = levels_find(r->tree->class_map[i]);

		if (level < 0)
			return fault(r, &at,
			    "'%s' is not baseline, intermediate, enhanced or "
			    "maximum",
			    r->tree->class_map[i]);
		r->to->class[i].level = (uint8_t)level;
		if (i > 0 && r->to->class[i - 1].level > level)
			return fault(r, &at,
			    "%s is below the level of %s, a lower class",
			    names[level], classes[i - 1]);
	}
	return AM_OK;
}

static AM_RESULT
read_classes(struct reading *r)
{
	AM_TRY(read_map(r));
	for (size_t i = 0; i < LEVELS_CLASSES; i++)
		for (size_t k = 0; k < TERMS_CLASS; k++) {
			const struct spot at = { "class_checks", classes[i],
				terms_class[k].name };

			AM_TRY(take(r, &at, &terms_class[k],
			    &r->tree->class_checks[i].cells[k],
			    &r->to->class[i]));
		}
	return AM_OK;
}

/* ---- values that must agree */

static AM_RESULT
check_committee(struct reading *r, const char *in, const struct levels_level *l)
{
	const struct spot k = { "levels", in, "quorum_k" },
			  n = { "levels", in, "n_max" },
			  surplus = { "levels", in, "head_surplus_min" },
			  posts = { "levels", in, "required_posts" },
			  urgent = { "levels", in, "breakglass_quorum" };

	if (l->quorum_k > l->n_min - 1)
		return fault(r, &k,
		    "%u is above n_min - 1 = %d: one lost key would lock the "
		    "safe",
		    l->quorum_k, l->n_min - 1);
	if (l->n_max < l->n_min)
		return fault(
		    r, &n, "%u is below n_min = %u", l->n_max, l->n_min);
	if (l->quorum_k + l->head_surplus_min > l->n_min)
		return fault(r, &surplus,
		    "quorum_k = %u and %u more are more than n_min = %u",
		    l->quorum_k, l->head_surplus_min, l->n_min);
	if (l->group_count > l->quorum_k)
		return fault(r, &posts,
		    "%zu groups, each of another person, in a quorum of %u",
		    l->group_count, l->quorum_k);
	if (l->breakglass_quorum < l->quorum_k ||
	    l->breakglass_quorum > l->n_min - 1)
		return fault(r, &urgent,
		    "%u is not from quorum_k = %u to n_min - 1 = %d",
		    l->breakglass_quorum, l->quorum_k, l->n_min - 1);
	return AM_OK;
}

static AM_RESULT
check_log(struct reading *r, const char *in, const struct levels_level *l)
{
	const struct spot outside = { "levels", in, "witnesses_outside_min" },
			  stamps = { "levels", in, "timestamp_authorities" };

	if (l->witnesses_outside_min > l->witnesses_min)
		return fault(r, &outside, "%u is above witnesses_min = %u",
		    l->witnesses_outside_min, l->witnesses_min);
	if ((strcmp(l->timestamp, "none") == 0) !=
	    (l->timestamp_authorities == 0))
		return fault(r, &stamps, "%u does not go with timestamp = %s",
		    l->timestamp_authorities, l->timestamp);
	return AM_OK;
}

static bool
is_later(int64_t a, int64_t b)
{
	return a == LEVELS_NONE ? b != LEVELS_NONE : b != LEVELS_NONE && a > b;
}

static AM_RESULT
check_limits(struct reading *r, const char *in, const struct levels_level *l)
{
	const struct spot cause = { "levels", in, "depart_suspend_for_cause" },
			  detail = { "levels", in, "breach_detail" },
			  final = { "levels", in, "breach_final" };

	if (l->depart_suspend_for_cause > l->depart_suspend)
		return fault(r, &cause, "longer than depart_suspend");
	if (is_later(l->breach_first, l->breach_detail))
		return fault(r, &detail, "sooner than breach_first");
	if (is_later(l->breach_detail, l->breach_final))
		return fault(r, &final, "sooner than breach_detail");
	return AM_OK;
}

static AM_RESULT
read_level(struct reading *r, size_t i)
{
	struct levels_level *l = &r->to->level[i];

	for (size_t k = 0; k < TERMS_LEVEL; k++) {
		const struct spot at = { "levels", names[i],
			terms_level[k].name };

		AM_TRY(take(
		    r, &at, &terms_level[k], &r->tree->levels[i].cells[k], l));
	}
	AM_TRY(check_committee(r, names[i], l));
	AM_TRY(check_log(r, names[i], l));
	return check_limits(r, names[i], l);
}

static AM_RESULT
read_models(struct reading *r)
{
	for (size_t i = 0; i < r->tree->model_count; i++) {
		char in[LEVELS_NAME_MAX];
		struct spot at = { LEVELS_MODELS, in, NULL };
		struct why why = { 0 };
		enum am_err err;

		(void)snprintf(in, sizeof(in), "entry %zu", i + 1);
		err = models_take(&r->tree->models[i], r->to, &at.key, &why);
		if (err == AM_ERR_INCOMPLETE)
			return fault(r, &at, "%s", why.text);
		AM_TRY(err);
		at.key = "aaguid";
		r->to->models[i].line = (uint16_t)line_of(r, &at);
	}
	return AM_OK;
}

static AM_RESULT
read_all(struct bytes text, struct reading *r)
{
	AM_TRY(tree_read(text, &r->keys, &r->tree, r->why));
	AM_TRY(read_head(r));
	AM_TRY(read_limits(r));
	AM_TRY(read_classes(r));
	AM_TRY(read_models(r));
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		AM_TRY(read_level(r, i));
	return AM_OK;
}

AM_RESULT
levels_read(struct bytes text, struct levels *out, struct why *why)
{
	struct levels to = { 0 };
	struct reading r = { .to = &to, .why = why };
	const enum am_err err = read_all(text, &r);

	tree_free(&r.tree);
	if (err == AM_OK)
		*out = to;
	return err;
}

struct bytes
levels_root(const struct levels *l, const struct levels_model *m, size_t i)
{
	return (struct bytes){ l->der + m->roots[i].at, m->roots[i].len };
}

const char *
levels_certification(size_t i)
{
	return i <= LEVELS_FIPS_3 ? terms_model.words[i] : NULL;
}

struct bytes
levels_shipped_text(void)
{
	return shipped_text();
}

AM_RESULT
levels_shipped(struct levels *out)
{
	struct why why = { 0 };

	return levels_read(shipped_text(), out, &why);
}

/* ---- comparing */

struct comparing {
	const struct levels *a, *b;
	levels_fn *fn;
	void *arg;
};

static bool
same_text(const struct blob *a, const struct blob *b)
{
	return bytes_same(blob_bytes(a), blob_bytes(b));
}

/* Both texts, and a NUL behind each. */
static AM_RESULT
print_both(const struct terms_row *row, const void *a, const void *b,
    struct blob *before, struct blob *now)
{
	if (a != NULL)
		AM_TRY(terms_print(row, a, before));
	AM_TRY(terms_print(row, b, now));
	AM_TRY(blob_add(before, (struct bytes){ (const uint8_t *)"", 1 }));
	return blob_add(now, (struct bytes){ (const uint8_t *)"", 1 });
}

static AM_RESULT
compare_one(struct comparing *c, const char *where, const struct terms_row *row,
    const void *a, const void *b)
{
	blob_auto before = { 0 }, now = { 0 };
	struct levels_value v = { .where = where, .key = row->name };

	AM_TRY(print_both(row, a, b, &before, &now));
	if (a != NULL && same_text(&before, &now))
		return AM_OK;
	v.before = (const char *)before.p;
	v.now = (const char *)now.p;
	v.weaker = a != NULL && terms_weaker(row, a, b);
	return c->fn(c->arg, &v);
}

static AM_RESULT
compare_map(struct comparing *c, size_t i)
{
	static const struct terms_row row = {
		.name = "class_map",
		.kind = TERMS_CHOICE,
		.at = offsetof(struct levels_class, level),
		.size = 1,
		.words = names,
	};
	char where[LEVELS_NAME_MAX];

	(void)snprintf(where, sizeof(where), "class %s", classes[i]);
	return compare_one(c, where, &row,
	    c->a != NULL ? &c->a->class[i] : NULL, &c->b->class[i]);
}

static AM_RESULT
compare_class(struct comparing *c, size_t i)
{
	char where[LEVELS_NAME_MAX];

	(void)snprintf(where, sizeof(where), "class %s", classes[i]);
	for (size_t k = 0; k < TERMS_CLASS; k++)
		AM_TRY(compare_one(c, where, &terms_class[k],
		    c->a != NULL ? &c->a->class[i] : NULL, &c->b->class[i]));
	return AM_OK;
}

static AM_RESULT
compare_level(struct comparing *c, size_t i)
{
	for (size_t k = 0; k < TERMS_LEVEL; k++)
		AM_TRY(compare_one(c, names[i], &terms_level[k],
		    c->a != NULL ? &c->a->level[i] : NULL, &c->b->level[i]));
	return AM_OK;
}

/* Those of `b`, then those that it has no more. */
static AM_RESULT
compare_models(struct comparing *c)
{
	for (size_t i = 0; i < c->b->model_count; i++)
		AM_TRY(models_compare(
		    c->a, c->b, c->b->models[i].aaguid, c->fn, c->arg));
	for (size_t i = 0; c->a != NULL && i < c->a->model_count; i++)
		if (models_find(c->b, c->a->models[i].aaguid) == NULL)
			AM_TRY(models_compare(
			    c->a, c->b, c->a->models[i].aaguid, c->fn, c->arg));
	return AM_OK;
}

AM_RESULT
levels_compare(
    const struct levels *a, const struct levels *b, levels_fn *fn, void *arg)
{
	struct comparing c = { a, b, fn, arg };

	for (size_t i = 0; i < LEVELS_CLASSES; i++)
		AM_TRY(compare_map(&c, i));
	for (size_t i = 0; i < LEVELS_CLASSES; i++)
		AM_TRY(compare_class(&c, i));
	AM_TRY(compare_models(&c));
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		AM_TRY(compare_level(&c, i));
	return AM_OK;
}
