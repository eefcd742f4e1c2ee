/*
 * Every departure: every k of n up to n = 6, through every sequence of up to
 * n-k people who leave, with a reshare after each. Those who remain open, any
 * quorum of them; the leavers, with what each had at the end, and fewer than a
 * quorum of the others never do; shares of two epochs do not combine. With real
 * TDH2 partials. G6, R5.3, R5.8, R13.17.
 *
 * The quorum is lowered where it must be (2 <= k <= n-1), and a newcomer comes
 * in where fewer than three would be left. The same rule book as ever is asked
 * for all sequences up to n = 4, and for the extreme ones of 5 and 6.
 */

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "vault/crypto/tdh2.h"

enum { PEOPLE = 8 };

static const uint8_t pepper[32] = "TEST pepper, 32 bytes, not used";
static unsigned long departures, quorums, coalitions, mixtures;

/* What somebody holds: a share, and the partial made with it. */
struct held {
	uint32_t index;
	struct scalar share;
	uint8_t partial[PARTIAL_BYTES];
};

struct party {
	size_t n, k;
	struct held m[PEOPLE];
	struct point C[SHAMIR_K_MAX];
};

/* One sealed record and one request for it, for a whole test. */
struct sealed {
	struct tdh2_context cx;
	struct tdh2_header h;
	uint8_t ct[512];
	struct scalar q;
	struct point Q, Z; /* Z = xU */
};

/* ---- founding, without the ceremony */

static void
make_partial(const struct sealed *s, const struct point *P, struct held *h)
{
	struct partial_context cx = {
		.index = h->index, .P = *P, .U = s->h.U, .Q = s->Q
	};

	assert_int_equal(partial_make(&cx, &h->share, h->partial), AM_OK);
}

static void
make_partials(const struct sealed *s, struct party *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct point P;

		assert_int_equal(
		    shamir_public(p->C, p->k, p->m[i].index, &P), AM_OK);
		make_partial(s, &P, &p->m[i]);
	}
}

static void
found(struct sealed *s, struct party *p, size_t n, size_t k)
{
	struct bytes m = { (const uint8_t *)"TEST secret", 11 };
	struct scalar c[SHAMIR_K_MAX];
	struct point Bbar;

	*p = (struct party){ .n = n, .k = k };
	for (size_t i = 0; i < k; i++)
		sc_random(&c[i]);
	assert_int_equal(shamir_commit(c, k, p->C), AM_OK);
	*s = (struct sealed){ .cx = { .version = 1, .X = p->C[0] } };
	assert_int_equal(tdh2_bbar(s->cx.G, &Bbar), AM_OK);
	s->cx.Bbar = Bbar;
	assert_int_equal(tdh2_seal(&s->cx, pepper, m, &s->h, s->ct), AM_OK);
	assert_int_equal(pt_mul(&c[0], &s->h.U, &s->Z), AM_OK);
	sc_random(&s->q);
	assert_int_equal(pt_mul_base(&s->q, &s->Q), AM_OK);
	for (size_t i = 0; i < n; i++) {
		p->m[i].index = (uint32_t)i + 1;
		assert_int_equal(
		    shamir_eval(c, k, p->m[i].index, &p->m[i].share), AM_OK);
	}
	make_partials(s, p);
}

/* ---- a reshare, without the log */

/* `next` has n, k and the indices; k of `old` deal, those at `stay` among
 * them, beginning at `first`. */
static void
reshare(const struct sealed *s, const struct party *old, unsigned leaver,
    size_t first, struct party *next)
{
	struct reshare_run run = { .n = next->n, .k = next->k, .X = old->C[0] };
	struct reshare_deal deals[PEOPLE];
	struct scalar d[PEOPLE];
	unsigned dealers = 0;
	size_t chosen = 0, bad;

	for (size_t i = first; chosen < old->k; i++)
		if (i % old->n != leaver) {
			dealers |= 1U << i % old->n;
			chosen++;
		}
	randombytes_buf(run.plan, sizeof(run.plan));
	for (size_t i = 0; i < next->n; i++) {
		sc_random(&d[i]);
		run.member[i] = next->m[i].index;
		assert_int_equal(pt_mul_base(&d[i], &run.pk[i]), AM_OK);
	}
	for (size_t i = 0; i < old->n; i++)
		if ((dealers >> i & 1) != 0) {
			run.dealer[run.dealers] = old->m[i].index;
			assert_int_equal(
			    shamir_public(old->C, old->k, old->m[i].index,
				&run.source[run.dealers++]),
			    AM_OK);
		}
	for (size_t i = 0, w = 0; i < old->n; i++)
		if ((dealers >> i & 1) != 0) {
			struct reshare_keep keep;

			assert_int_equal(
			    reshare_deal_make(
				&run, w, &old->m[i].share, &deals[w], &keep),
			    AM_OK);
			w++;
		}
	assert_int_equal(reshare_commitments(&run, deals, next->C), AM_OK);
	for (size_t i = 0; i < next->n; i++)
		assert_int_equal(reshare_share(&run, deals, i, &d[i], &bad,
				     &next->m[i].share),
		    AM_OK);
	make_partials(s, next);
}

/* ---- who opens */

/* Whether these, in ascending order of index, give Z. */
static bool
opens(const struct sealed *s, const struct held *const *who, size_t count)
{
	uint8_t partials[PEOPLE * PARTIAL_BYTES];
	uint32_t index[PEOPLE];
	struct point Z;

	for (size_t i = 0; i < count; i++) {
		index[i] = who[i]->index;
		memcpy(partials + i * PARTIAL_BYTES, who[i]->partial,
		    PARTIAL_BYTES);
	}
	return partial_combine(&s->q, index, count, partials, &Z) == AM_OK &&
	    pt_same(&Z, &s->Z);
}

static size_t
ones(unsigned bits)
{
	return (size_t)__builtin_popcount(bits);
}

static void
read_once(const struct sealed *s)
{
	struct bytes ct = { s->ct, tdh2_padded(11) + 16 };
	secret_auto *m = NULL;

	assert_int_equal(
	    tdh2_open(&s->cx, &s->h, pepper, &s->Z, ct, &m), AM_OK);
	assert_memory_equal(secret_bytes(m).p, "TEST secret", 11);
}

static void
every_quorum_opens(const struct sealed *s, const struct party *p)
{
	for (unsigned set = 0; set < 1U << p->n; set++) {
		const struct held *who[PEOPLE];
		size_t count = 0;

		if (ones(set) != p->k)
			continue;
		for (size_t i = 0; i < p->n; i++)
			if ((set >> i & 1) != 0)
				who[count++] = &p->m[i];
		assert_true(opens(s, who, count));
		quorums++;
	}
	read_once(s);
}

/* Those who are there and those who left, k of them, a leaver among them. An
 * index occurs once: who left has it for ever (R13.16). */
static void
no_coalition_opens(const struct sealed *s, const struct party *p,
    const struct held *gone, size_t gone_count)
{
	const struct held *all[2 * PEOPLE];
	const size_t total = p->n + gone_count;

	for (size_t i = 0; i < p->n; i++)
		all[i] = &p->m[i];
	for (size_t i = 0; i < gone_count; i++)
		all[p->n + i] = &gone[i];
	for (unsigned set = 1U << p->n; set < 1U << total; set++) {
		const struct held *who[PEOPLE];
		size_t count = 0;

		if (ones(set) != p->k)
			continue;
		for (size_t i = 0; i < total; i++)
			if ((set >> i & 1) != 0)
				who[count++] = all[i];
		assert_false(opens(s, who, count));
		coalitions++;
	}
}

/* One of a quorum with the share of the epoch before. */
static void
epochs_do_not_mix(
    const struct sealed *s, const struct party *old, const struct party *p)
{
	for (size_t i = 0; i < old->n; i++) {
		const struct held *who[PEOPLE];
		size_t count = 0;

		who[count++] = &old->m[i];
		for (size_t j = 0; j < p->n && count < p->k; j++)
			if (p->m[j].index != old->m[i].index)
				who[count++] = &p->m[j];
		assert_int_equal(count, p->k);
		assert_false(opens(s, who, count));
		mixtures++;
	}
}

/* ---- every sequence */

static void
leave(const struct sealed *s, const struct party *p, const struct held *gone,
    size_t gone_count, size_t left, uint32_t last_index)
{
	for (unsigned who = 0; left > 0 && who < p->n; who++) {
		struct party next = { 0 };
		struct held out[PEOPLE];
		uint32_t last = last_index;

		for (size_t i = 0; i < p->n; i++)
			if (i != who)
				next.m[next.n++].index = p->m[i].index;
		if (next.n < 3)
			next.m[next.n++].index = ++last;
		next.k = p->k < next.n ? p->k : next.n - 1;
		reshare(s, p, who, gone_count, &next);
		departures++;
		if (gone_count > 0)
			memcpy(out, gone, gone_count * sizeof(out[0]));
		out[gone_count] = p->m[who];
		every_quorum_opens(s, &next);
		no_coalition_opens(s, &next, out, gone_count + 1);
		epochs_do_not_mix(s, p, &next);
		leave(s, &next, out, gone_count + 1, left - 1, last);
	}
}

static void
every_departure_in_every_order(void **state)
{
	(void)state;
	for (size_t n = 3; n <= 6; n++)
		for (size_t k = 2; k < n; k++) {
			struct sealed s;
			struct party p;

			found(&s, &p, n, k);
			every_quorum_opens(&s, &p);
			leave(&s, &p, NULL, 0, n - k, (uint32_t)n);
		}
	print_message("%lu departures: %lu quorums open, %lu coalitions with "
		      "leavers and %lu mixtures of epochs do not\n",
	    departures, quorums, coalitions, mixtures);
	assert_int_equal(departures, 852);
}

/* ---- the same through the rule book */

struct vault {
	struct forge *f;
	size_t n, k, there[PEOPLE]; /* people of the committee */
	uint32_t epoch;
	size_t spare; /* the next newcomer */
	struct forge_sealed sealed;
};

static void
begin(struct vault *v, size_t n, size_t k)
{
	struct json_t *b;

	*v = (struct vault){
		.f = forge_new(), .n = n, .k = k, .epoch = 1, .spare = n + 1
	};
	for (size_t i = 0; i < n + 1; i++)
		(void)forge_person(v->f, "official");
	v->f->check = false; /* signatures and proofs have their own tests */
	forge_safe(v->f, (uint32_t)k, n);
	for (size_t i = 0; i < n; i++)
		v->there[i] = i + 1;
	b = forge_seal(v->f, 0, "c", "TEST", &v->sealed);
	assert_int_equal(forge_post(v->f, b, 0), AM_OK);
}

static void
depart(struct vault *v, size_t at)
{
	const size_t before_k = v->k;
	struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = v->epoch + 1,
		.source_epoch = v->epoch };
	size_t next[PEOPLE], n = 0;

	for (size_t i = 0; i < v->n; i++)
		if (i != at)
			next[n++] = v->there[i];
	memcpy(v->there, next, sizeof(next));
	if (n < 3)
		v->there[n++] = v->spare++;
	v->n = n;
	v->k = v->k < n ? v->k : n - 1;
	c.k = (uint32_t)v->k;
	c.who = v->there;
	c.count = n;
	c.dealers = next;
	c.dealer_count = before_k;
	forge_reshare(v->f, &c);
	v->epoch++;
}

static void
opened_without(struct vault *v, size_t leaver)
{
	struct forge *f = v->f;
	struct forge_asked a = { 0 };
	uint32_t used[PEOPLE];
	struct json_t *b;

	assert_int_equal(
	    forge_post(f, forge_request(f, 0, &v->sealed, &a), 0), AM_OK);
	b = forge_approve(f, leaver, &a);
	assert_int_equal(forge_post(f, b, leaver), AM_ERR_POLICY);
	assert_string_equal(f->why.rule, "V18");
	for (size_t i = 0; i < v->k; i++) {
		const size_t who = v->there[i];

		b = forge_open(f, 0, &a, used, i);
		assert_int_not_equal(forge_post(f, b, 0), AM_OK);
		assert_int_equal(
		    forge_post(f, forge_approve(f, who, &a), who), AM_OK);
		used[i] = f->people[who].index;
	}
	assert_int_equal(
	    forge_post(f, forge_open(f, 0, &a, used, v->k), 0), AM_OK);
}

/* The sequence number `order` of `m` departures: a digit a departure. */
static void
play(size_t n, size_t k, size_t m, const size_t *digits)
{
	struct vault v;

	begin(&v, n, k);
	for (size_t i = 0; i < m; i++) {
		const size_t leaver = v.there[digits[i] % v.n];

		depart(&v, digits[i] % v.n);
		opened_without(&v, leaver);
	}
	forge_free(v.f);
}

static void
the_rule_book_takes_every_departure(void **state)
{
	(void)state;
	for (size_t n = 3; n <= 4; n++)
		for (size_t k = 2; k < n; k++)
			for (size_t o = 0; o < (n - k == 1 ? n : n * n); o++)
				play(n, k, n - k,
				    (const size_t[]){ o % n, o / n });
	for (size_t n = 5; n <= 6; n++)
		for (size_t k = 2; k < n; k++) {
			play(n, k, n - k, (const size_t[]){ 0, 0, 0, 0 });
			play(n, k, n - k, (const size_t[]){ 5, 4, 3, 2 });
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_departure_in_every_order),
		cmocka_unit_test(the_rule_book_takes_every_departure),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
