/*
 * What a change of committee costs a person: 3 of 5 to 4 of 6, with 10 and
 * with 100,000 credentials in the store, statement by statement side by side,
 * so that a busy machine meets both. Dealing and accepting, each with what the
 * person computes and what the vault checks; without touches, and without the
 * flush of the commit. Goals: design section 9.
 */

#include <sodium.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/forge.h"
#include "vault/acts/post.h"
#include "vault/crypto/poss.h"
#include "vault/state/roll.h"

enum { FEW = 10, MANY = 100000, ROUNDS = 9, MEMBERS = 6, DEALERS = 3 };

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench reshare: %s failed\n", what);
	abort();
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *t, size_t count)
{
	qsort(t, count, sizeof(t[0]), by_value);
	return t[count / 2];
}

/* ---- two vaults with one history */

static int64_t clock_at;

static int64_t
clock_of(void *arg)
{
	return *(const int64_t *)arg;
}

struct vault {
	struct session s;
	struct why why;
	double deal[ROUNDS * DEALERS], accept[ROUNDS * MEMBERS];
	size_t deals, accepts;
};

static const struct session_env env = { .now = clock_of, .arg = &clock_at };

/* Statement `leaf`: microseconds of the check, the commit not counted. */
static double
take(struct vault *v, const struct forge *f, uint64_t leaf)
{
	const struct bytes line = blob_bytes(&f->lines[leaf]);
	store_txn_auto *t = NULL;
	statement_auto s = { 0 };
	struct state st;
	double start;

	must(statement_parse(line, &v->why, &s) == AM_OK, "line");
	clock_at = s.at;
	must(store_begin(v->s.store, true, &t) == AM_OK, "begin");
	st = session_state(t);
	start = now();
	must(
	    post_append(&v->s, t, &st, line, NULL, leaf) == AM_OK, v->why.text);
	start = now() - start;
	must(post_finish(&v->s, &t) == AM_OK, "commit");
	return start;
}

static void
open_vault(struct vault *v, const struct forge *f, const char *path)
{
	const uint8_t R[32] = { 1 };

	v->s.env = &env;
	v->s.why = &v->why;
	must(store_create(path, f->vault, (struct bytes){ R, 32 },
		 (struct bytes){ f->seed, 32 }, &v->why) == AM_OK &&
		store_open(path, true, &v->why, &v->s.store) == AM_OK,
	    "store");
	for (uint64_t i = 0; i < f->size; i++)
		(void)take(v, f, i);
}

/* Rows as a deposit leaves them; nothing here looks at what is in them. */
static void
fill(struct vault *v, const struct forge *f, uint64_t count)
{
	for (uint64_t i = FEW; i < count;) {
		store_txn_auto *t = NULL;
		struct view w;

		must(store_begin(v->s.store, true, &t) == AM_OK, "begin");
		w = view_store(t);
		for (uint64_t end = i + 5000; i < end && i < count; i++) {
			struct rows_record r = { .version = 1, .number = i };

			(void)snprintf(
			    r.title, sizeof(r.title), "c%lu", (unsigned long)i);
			randombytes_buf(r.record, sizeof(r.record));
			randombytes_buf(r.u, sizeof(r.u));
			must(rows_put_record(&w, (struct bytes){ r.record, 16 },
				 &r) == AM_OK &&
				roll_add(&w, f->safe, i, r.record) == AM_OK &&
				rows_index_put(&w, "u",
				    (struct bytes){ r.u, 32 },
				    (struct bytes){ r.record, 16 }) == AM_OK,
			    "fill");
		}
		must(store_commit(&t) == AM_OK, "commit");
	}
}

/* ---- what a person computes */

static double
compute_deal(struct vault *v, const struct forge *f, size_t which, size_t who)
{
	store_txn_auto *t = NULL;
	struct rows_plan p;
	struct reshare_run run;
	struct reshare_deal d;
	struct reshare_keep keep;
	double start = now();
	struct view w;

	must(store_begin(v->s.store, false, &t) == AM_OK, "begin");
	w = view_store(t);
	must(rows_get_plan(&w, (struct bytes){ f->plan.plan, 32 }, &p) ==
		    AM_OK &&
		manifest_reshare_run(&w, &p, &run) == AM_OK &&
		reshare_deal_make(
		    &run, which, &f->people[who].share, &d, &keep) == AM_OK,
	    "deal");
	return now() - start;
}

static double
compute_accept(struct vault *v, const struct forge *f, size_t who)
{
	const struct forge_person *me = &f->people[who];
	store_txn_auto *t = NULL;
	manifest_reshare_auto *c = NULL;
	struct rows_manifest m;
	struct rows_plan p;
	struct scalar share;
	struct point P, mine;
	uint8_t ph[32], proof[64];
	size_t bad;
	double start = now();
	struct view w;

	must(store_begin(v->s.store, false, &t) == AM_OK &&
		manifest_reshare_new(&c) == AM_OK,
	    "begin");
	w = view_store(t);
	must(rows_get_plan(&w, (struct bytes){ f->plan.plan, 32 }, &p) ==
		    AM_OK &&
		manifest_reshare_load(&w, &p, c) == AM_OK &&
		manifest_reshare_derive(f->vault, &p, c, &m) == AM_OK &&
		reshare_share(&c->run, c->deals,
		    (size_t)manifest_position(p.members, p.n, me->id),
		    &me->join, &bad, &share) == AM_OK &&
		manifest_public(&m, me->index, &P) == AM_OK &&
		pt_mul_base(&share, &mine) == AM_OK && pt_same(&P, &mine),
	    "accept");
	manifest_accept_hash(p.plan, m.manifest, me->index, ph);
	must(poss_prove(&share, &P, ph, proof) == AM_OK, "proof");
	return now() - start;
}

/* ---- one change, measured or not */

static void
post(struct forge *f, struct json_t *body, size_t by)
{
	must(forge_post(f, body, by) == AM_OK, f->why.text);
}

static void
change(struct forge *f, const struct forge_change *c, struct vault v[2],
    bool measured)
{
	const uint64_t from = f->size;

	if (!measured) {
		forge_reshare(f, c);
		for (uint64_t i = from; i < f->size; i++)
			for (size_t n = 0; n < 2; n++)
				(void)take(&v[n], f, i);
		return;
	}
	post(f, forge_replan(f, c), 0);
	memcpy(f->plan.plan, f->last, 32);
	for (size_t i = 0; i < c->count; i++)
		post(f, forge_join(f, c->who[i]), c->who[i]);
	for (uint64_t i = from; i < f->size; i++)
		for (size_t n = 0; n < 2; n++)
			(void)take(&v[n], f, i);
	for (size_t i = 0; i < c->dealer_count; i++) {
		const size_t who = c->dealers[i];

		for (size_t n = 0; n < 2; n++)
			v[n].deal[v[n].deals] = compute_deal(&v[n], f, i, who);
		post(f, forge_redeal(f, who), who);
		for (size_t n = 0; n < 2; n++)
			v[n].deal[v[n].deals++] += take(&v[n], f, f->size - 1);
	}
	for (size_t i = 0; i < c->count; i++) {
		const size_t who = c->who[i];

		for (size_t n = 0; n < 2; n++)
			v[n].accept[v[n].accepts] =
			    compute_accept(&v[n], f, who);
		post(f, forge_reaccept(f, who), who);
		for (size_t n = 0; n < 2; n++)
			v[n].accept[v[n].accepts++] +=
			    take(&v[n], f, f->size - 1);
	}
}

static struct forge *
history(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < MEMBERS; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 3, 5);
	f->check = false;
	for (int i = 0; i < FEW; i++) {
		struct forge_sealed s = { 0 };
		char title[32];

		(void)snprintf(title, sizeof(title), "c%d", i);
		post(f, forge_seal(f, 1, title, "TEST", &s), 1);
	}
	return f;
}

int
main(void)
{
	static const size_t six[] = { 1, 2, 3, 4, 5, 6 }, three[] = { 1, 2, 3 },
			    four[] = { 1, 2, 3, 4 };
	static struct vault v[2];
	char dir[64] = "/tmp/amanat-bench-XXXXXX", path[2][96];
	struct forge_change there = { "operating", "operating", 2, 1, 4,
		MEMBERS, DEALERS, six, three };
	struct forge_change back = { "operating", "operating", 3, 2, 3, 5, 4,
		six, four };
	double each[2];
	struct forge *f;

	must(sodium_init() >= 0 && mkdtemp(dir) != NULL, "start");
	f = history();
	for (size_t n = 0; n < 2; n++) {
		(void)snprintf(path[n], sizeof(path[n]), "%s/v%zu", dir, n);
		open_vault(&v[n], f, path[n]);
	}
	fill(&v[1], f, MANY);
	for (int i = 0; i < ROUNDS; i++) {
		change(f, &there, v, true);
		change(f, &back, v, false);
		there.epoch += 2, there.source_epoch += 2;
		back.epoch += 2, back.source_epoch += 2;
	}
	for (size_t n = 0; n < 2; n++) {
		each[n] = median(v[n].deal, v[n].deals) +
		    median(v[n].accept, v[n].accepts);
		store_close(v[n].s.store);
	}
	printf("%-26s %6.2f   %-22s %.1f ms a person (< 20), %.1f ms with %d\n",
	    "reshare, 100k credentials", each[1] / each[0], "1.0 x with 10",
	    each[1] / 1e3, each[0] / 1e3, FEW);
	forge_free(f);
	(void)fflush(stdout);
	return execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
}
