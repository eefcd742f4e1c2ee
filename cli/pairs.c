/*
 * analyze --pairs: who approves together (domain.md 2.2, AC-3(2)). A quorum of
 * two people who never act without each other is worth one.
 */

#include "cli/analysis.h"

enum { PAIRS_MIN = 5 }; /* fewer approvals say nothing about a habit */

struct approver {
	uint8_t person[16];
	unsigned count; /* requests of this safe that they approved */
};

struct pair {
	size_t a, b; /* positions of approvers */
	unsigned together;
};

/* Of one safe; approvers and pairs, one after another. */
struct tally {
	struct blob people, pairs;
	unsigned requests;
};

static void
tally_free(struct tally *t)
{
	blob_free(&t->people);
	blob_free(&t->pairs);
}
#define tally_auto AM_CLEANUP(tally_free) struct tally

static struct approver *
approver_at(const struct tally *t, size_t i)
{
	return (struct approver *)(void *)t->people.p + i;
}

static size_t
approver_count(const struct tally *t)
{
	return t->people.len / sizeof(struct approver);
}

static struct pair *
pair_at(const struct tally *t, size_t i)
{
	return (struct pair *)(void *)t->pairs.p + i;
}

static size_t
pair_count(const struct tally *t)
{
	return t->pairs.len / sizeof(struct pair);
}

/* ---- counting */

static AM_RESULT
count_person(struct tally *t, const uint8_t person[static 16], size_t *out)
{
	struct approver one = { .count = 1 };
	size_t i = 0;

	while (i < approver_count(t) &&
	    !bytes_same((struct bytes){ approver_at(t, i)->person, 16 },
		(struct bytes){ person, 16 }))
		i++;
	*out = i;
	if (i < approver_count(t)) {
		approver_at(t, i)->count++;
		return AM_OK;
	}
	memcpy(one.person, person, sizeof(one.person));
	return blob_add(
	    &t->people, (struct bytes){ (const uint8_t *)&one, sizeof(one) });
}

static AM_RESULT
count_pair(struct tally *t, size_t a, size_t b)
{
	const struct pair one = { a < b ? a : b, a < b ? b : a, 1 };

	for (size_t i = 0; i < pair_count(t); i++)
		if (pair_at(t, i)->a == one.a && pair_at(t, i)->b == one.b) {
			pair_at(t, i)->together++;
			return AM_OK;
		}
	return blob_add(
	    &t->pairs, (struct bytes){ (const uint8_t *)&one, sizeof(one) });
}

static AM_RESULT
count_request(struct tally *t, const struct rows_request *q)
{
	size_t who[ROWS_N_MAX];

	t->requests += q->approval_count > 0;
	for (size_t i = 0; i < q->approval_count; i++) {
		AM_TRY(count_person(t, q->approvals[i].person, &who[i]));
		for (size_t j = 0; j < i; j++)
			AM_TRY(count_pair(t, who[i], who[j]));
	}
	return AM_OK;
}

static AM_RESULT
count_safe(struct analysis *a, const struct rows_safe *safe, struct tally *out)
{
	struct rows_vault vault;

	AM_TRY(analysis_vault(a, &vault));
	for (uint32_t i = 1; i <= vault.requests; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_request q;
		uint8_t id[32];

		AM_TRY(rows_index_get(
		    &a->v, "request-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_request(&a->v, (struct bytes){ id, 32 }, &q));
		if (bytes_same((struct bytes){ q.safe, 16 },
			(struct bytes){ safe->safe, 16 }))
			AM_TRY(count_request(out, &q));
	}
	return AM_OK;
}

/* ---- telling */

/* The most frequent first; then as they are met in the log. */
static int
by_together(const void *x, const void *y)
{
	const struct pair *p = x, *q = y;

	if (p->together != q->together)
		return p->together > q->together ? -1 : 1;
	if (p->a != q->a)
		return p->a < q->a ? -1 : 1;
	return (p->b > q->b) - (p->b < q->b);
}

struct named {
	char a[ROWS_ID_MAX + 1], b[ROWS_ID_MAX + 1];
	unsigned of_a, of_b, together;
	bool always;
};

static AM_RESULT
name_pair(struct analysis *a, const struct tally *t, const struct pair *p,
    struct named *out)
{
	const struct approver *x = approver_at(t, p->a),
			      *y = approver_at(t, p->b);
	struct rows_person first, second;

	AM_TRY(rows_get_person(&a->v, (struct bytes){ x->person, 16 }, &first));
	AM_TRY(
	    rows_get_person(&a->v, (struct bytes){ y->person, 16 }, &second));
	memcpy(out->a, first.id, sizeof(out->a));
	memcpy(out->b, second.id, sizeof(out->b));
	out->of_a = x->count;
	out->of_b = y->count;
	out->together = p->together;
	out->always = p->together >= PAIRS_MIN && p->together == x->count &&
	    p->together == y->count;
	return AM_OK;
}

static void
json_pair(
    struct analysis *a, const struct rows_safe *safe, const struct named *n)
{
	out_json_open(a->j, NULL, '{');
	out_json_text(a->j, "safe", safe->id);
	out_json_open(a->j, "people", '[');
	out_json_text(a->j, NULL, n->a);
	out_json_text(a->j, NULL, n->b);
	out_json_close(a->j);
	out_json_uint(a->j, "together", n->together);
	out_json_open(a->j, "each", '[');
	out_json_uint(a->j, NULL, n->of_a);
	out_json_uint(a->j, NULL, n->of_b);
	out_json_close(a->j);
	out_json_bool(a->j, "always", n->always);
	out_json_close(a->j);
}

static AM_RESULT
say_pair(const struct named *n)
{
	blob_auto text = { 0 }, todo = { 0 };
	char label[2 * ROWS_ID_MAX + 8];

	AM_TRY(blob_printf(&text,
	    "%s + %s approved %u together; %s %u in all, %s %u", n->a, n->b,
	    n->together, n->a, n->of_a, n->b, n->of_b));
	(void)snprintf(
	    label, sizeof(label), "%s", n->always ? "FINDING" : "pair");
	if (n->always)
		AM_TRY(blob_printf(&text, ": never one without the other"));
	analysis_line(label, &text);
	if (!n->always)
		return AM_OK;
	AM_TRY(blob_printf(&todo,
	    "ask others of the committee, too; 'amanat history' shows what "
	    "they approved"));
	analysis_line("  what to do", &todo);
	return AM_OK;
}

enum am_err
pairs_safe(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	tally_auto t = { 0 };

	(void)arg;
	AM_TRY(count_safe(a, safe, &t));
	if (a->j == NULL)
		printf("safe '%s', requests that were approved: %u\n", safe->id,
		    t.requests);
	if (pair_count(&t) > 0)
		qsort(t.pairs.p, pair_count(&t), sizeof(struct pair),
		    by_together);
	for (size_t i = 0; i < pair_count(&t); i++) {
		struct named n;

		AM_TRY(name_pair(a, &t, pair_at(&t, i), &n));
		a->findings += n.always;
		if (a->j != NULL)
			json_pair(a, safe, &n);
		else
			AM_TRY(say_pair(&n));
	}
	return AM_OK;
}
