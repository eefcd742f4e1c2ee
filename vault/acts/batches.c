#include "vault/acts/batches.h"

#include "vault/state/manifest.h"

/* A set of people with its quorum, on its way. */
struct group {
	uint8_t k;
	size_t n;
	uint8_t person[ROWS_N_MAX][16];
};

static bool
has(const struct group *g, const uint8_t person[static 16])
{
	for (size_t i = 0; i < g->n; i++)
		if (bytes_same((struct bytes){ g->person[i], 16 },
			(struct bytes){ person, 16 }))
			return true;
	return false;
}

static void
put(struct group *g, const uint8_t person[static 16])
{
	memcpy(g->person[g->n++], person, 16);
}

static struct group
group_of(const struct rows_member *members, size_t n, uint8_t k)
{
	struct group g = { .k = k };

	for (size_t i = 0; i < n; i++)
		put(&g, members[i].person);
	return g;
}

/* Those of `a` who are not in `b`. */
static struct group
without(const struct group *a, const struct group *b)
{
	struct group g = { .k = a->k };

	for (size_t i = 0; i < a->n; i++)
		if (!has(b, a->person[i]))
			put(&g, a->person[i]);
	return g;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many come and go in a step to quorum `k`; false: it cannot be. */
struct step {
	size_t come, go;
};

static bool
fit(const struct group *now, size_t come, size_t go, size_t must_go, uint8_t k,
    struct step *out)
{
	const size_t floor = k + 1U < 3 ? 3 : k + 1U;
	struct step s = { least(come, k - 1U), least(go, now->k - 1U) };

	while (now->n + s.come - s.go > ROWS_N_MAX && s.come > 0)
		s.come--;
	while (s.go > must_go && now->n + s.come - s.go < floor)
		s.go--;
	if (s.go < must_go || now->n + s.come - s.go < floor)
		return false;
	if (s.come == 0 && s.go == 0 && (come > 0 || go > 0 || k == now->k))
		return false; /* no step at all */
	*out = s;
	return true;
}

/* The step that brings the quorum nearest to what is wanted. */
static bool
next_step(const struct group *now, const struct group *end, size_t must_go,
    uint8_t *k, struct step *out)
{
	const size_t come = without(end, now).n, go = without(now, end).n;

	for (*k = end->k; *k >= 2; (*k)--)
		if (fit(now, come, go, must_go, *k, out))
			return true;
	for (*k = (uint8_t)(end->k + 1); *k < ROWS_N_MAX; (*k)++)
		if (fit(now, come, go, must_go, *k, out))
			return true;
	return false;
}

/* `now` after the step; who cannot act stands first among those who go. */
static struct group
after(const struct group *now, const struct group *end, const struct step *s,
    uint8_t k)
{
	const struct group come = without(end, now), go = without(now, end);
	struct group leave = { 0 }, g = { .k = k };

	for (size_t i = 0; i < s->go; i++)
		put(&leave, go.person[i]);
	for (size_t i = 0; i < now->n; i++)
		if (!has(&leave, now->person[i]))
			put(&g, now->person[i]);
	for (size_t i = 0; i < s->come; i++)
		put(&g, come.person[i]);
	return g;
}

static struct replan_batch
batch_of(const struct group *g, bool recovery, bool from_recovery)
{
	struct replan_batch b = { .recovery = recovery,
		.from_recovery = from_recovery,
		.k = g->k,
		.n = g->n };

	memcpy(b.person, g->person, sizeof(b.person));
	return b;
}

/* More are gone than a step may leave out. A plan between the committees is
 * free of the limit (R13.17), and the quorum that remains can make one. */
static void
over_recovery(const struct batches_way *w, const struct group *end,
    struct replan_batch *out, size_t *out_count)
{
	struct group r = *end;

	*out_count = 0;
	if (w->to->committee != ROWS_OPERATING)
		return;
	r.k = end->k > w->from->k ? end->k : w->from->k;
	if (!w->has_recovery && r.k < r.n)
		out[(*out_count)++] = batch_of(&r, true, false);
	if (w->has_recovery || *out_count > 0)
		out[(*out_count)++] = batch_of(end, false, true);
}

static bool
same_people(const struct group *a, const struct group *b)
{
	return without(a, b).n == 0 && without(b, a).n == 0;
}

/* Those who cannot act first, so that they are the first to go. */
static struct group
start_of(const struct batches_way *w, size_t *out_unable)
{
	struct group g = { .k = w->from->k };

	*out_unable = 0;
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < w->from->n; i++)
			if (w->unable[i] == (turn == 0)) {
				put(&g, w->from->members[i].person);
				*out_unable += turn == 0;
			}
	return g;
}

void
batches_find(
    const struct batches_way *w, struct replan_batch *out, size_t *out_count)
{
	const struct group end = group_of(w->wished, w->to->n, w->to->k);
	size_t must_go = 0;
	struct group now = start_of(w, &must_go);
	struct step s;
	uint8_t k;

	*out_count = 0;
	while (!same_people(&now, &end) || now.k != end.k) {
		if (*out_count == REPLAN_BATCHES_MAX ||
		    !next_step(&now, &end, must_go, &k, &s)) {
			over_recovery(w, &end, out, out_count);
			return;
		}
		now = after(&now, &end, &s, k);
		must_go = 0;
		out[(*out_count)++] = batch_of(&now, false, false);
		out[*out_count - 1].recovery =
		    w->to->committee == ROWS_RECOVERY;
		out[*out_count - 1].from_recovery =
		    w->to->committee == ROWS_RECOVERY;
	}
}
