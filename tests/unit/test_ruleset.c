/*
 * Rules of a safe and the policy, refusals first: R13.4, R4.5, 4.4, R5.5,
 * R5.15, R13.5, R13.13, C-4, O-1, X-8, X-14; invariants 5 to 8 and 14. Who
 * decides on them, when they bind, and that old ones decide what was asked
 * under them.
 */

#include <jansson.h>
#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/judged.h"

enum { HOUR = 3600, DAY = 86400 };

static const size_t most[3] = { 1, 2, 3 };

/* People 1 to 5 hold a safe, 3 of 5; 6 and 7 are officials. Posts: dg, audit,
 * legal. */
static struct forge *
ruled(void)
{
	static const char *const posts[] = { "dg", "audit", "legal" };
	static const char *const wings[] = { "operations", "audit", "" };
	struct forge *f = forge_new();

	for (int i = 0; i < 7; i++)
		(void)forge_person(f, "official");
	for (size_t i = 0; i < AM_ARRAY_LEN(posts); i++) {
		struct json_t *what = forge_new_post(posts[i], "");

		forge_text(what, "wing", wings[i]);
		accepted(f, forge_motion(f, 0, "post", what), 0);
	}
	forge_safe(f, 3, 5);
	return f;
}

static void
carried(struct forge *f, const char *name, struct json_t *what, int64_t wait)
{
	const enum am_err err = forge_carry(f, name, what, most, 3, wait);

	if (err != AM_OK)
		print_message("%s %s\n", f->why.rule, f->why.text);
	assert_int_equal(err, AM_OK);
}

static void
not_moved(struct forge *f, const char *name, struct json_t *what,
    enum am_err err, const char *rule)
{
	refused(f, forge_motion(f, 1, name, what), 1, err, rule);
}

static void
put(struct json_t *o, const char *key, struct json_t *v)
{
	assert_int_equal(canon_set(o, key, v), AM_OK);
}

static struct json_t *
with_number(struct forge *f, const char *key, uint64_t v)
{
	struct json_t *what = forge_ruling(f, 3);

	forge_uint(what, key, v);
	return what;
}

static void
set_glass(struct json_t *what, uint64_t need, uint64_t cooloff)
{
	struct json_t *glass = canon_object();

	forge_uint(glass, "need", need);
	forge_uint(glass, "cooloff", cooloff);
	put(what, "breakglass", glass);
}

static struct json_t *
with_glass(struct forge *f, uint64_t need, uint64_t cooloff)
{
	struct json_t *what = forge_ruling(f, 3);

	forge_uint(what, "cooloff", HOUR);
	set_glass(what, need, cooloff);
	return what;
}

/* A group of `count` of these posts, "" ends them. */
static struct json_t *
group(uint64_t count, const char *a, const char *b)
{
	struct json_t *g = canon_object(), *any = canon_array();

	if (a[0] != '\0')
		assert_int_equal(canon_push(any, canon_str(a)), AM_OK);
	if (b[0] != '\0')
		assert_int_equal(canon_push(any, canon_str(b)), AM_OK);
	forge_uint(g, "count", count);
	put(g, "any", any);
	return g;
}

static struct json_t *
cap(const char *attr, uint64_t max)
{
	struct json_t *c = canon_object();

	forge_text(c, "attr", attr);
	forge_uint(c, "max", max);
	return c;
}

/* `times` the same in a list; takes over `one`. */
static struct json_t *
with_list(struct forge *f, const char *key, struct json_t *one, unsigned times)
{
	struct json_t *what = forge_ruling(f, 3), *list = canon_array();

	for (unsigned i = 0; i < times; i++)
		assert_int_equal(canon_push(list, json_deep_copy(one)), AM_OK);
	canon_free(&one);
	put(what, key, list);
	return what;
}

/* ---- asking */

struct asked {
	struct forge_sealed sealed;
	struct forge_asked a;
	int64_t at;
};

static void
seal(struct forge *f, struct asked *q)
{
	*q = (struct asked){ 0 };
	accepted(f, forge_seal(f, 6, "x", "TEST", &q->sealed), 6);
}

/* Under the rules whose motion was carried last. */
static struct json_t *
request(struct forge *f, struct asked *q, const char *mode)
{
	struct json_t *b;

	q->at = f->at;
	b = forge_request(f, 6, &q->sealed, &q->a);
	forge_hex(b, "rules", f->moved, 32);
	forge_text(b, "mode", mode);
	forge_when(b, "until", q->at + 24 * HOUR);
	return b;
}

static void
asked_for(struct forge *f, struct asked *q, struct json_t *b)
{
	accepted(f, b, 6);
	memcpy(q->a.request, f->last, 32);
}

static struct json_t *
open_it(struct forge *f, const struct asked *q)
{
	static const uint32_t used[3] = { 1, 2, 3 };

	return forge_open(f, 6, &q->a, used, 3);
}

static struct json_t *
decline(struct forge *f, size_t who, const struct asked *q)
{
	struct json_t *b = forge_body(f, "decline", who);

	forge_hex(b, "request", q->a.request, 32);
	forge_text(b, "why", "TEST");
	return b;
}

static struct json_t *
suspend(struct forge *f, size_t by, size_t who)
{
	struct json_t *b = forge_body(f, "suspend", by);

	forge_hex(b, "subject", f->people[who].id, 16);
	forge_text(b, "why", "TEST");
	return b;
}

static void
approved_by(struct forge *f, struct asked *q, size_t from, size_t to)
{
	for (size_t i = from; i <= to; i++)
		accepted(f, forge_approve(f, i, &q->a), i);
}

/* ---- what rules are */

static void
r13_4_rules_have_all_their_fields(void **state)
{
	static const char *const keys[] = { "breakglass", "caps", "cooloff",
		"cooloff_change", "grant", "members_suspend", "need", "posts",
		"safe", "uses", "veto" };
	static const char *const numbers[] = { "need", "cooloff",
		"cooloff_change", "grant", "uses" };
	struct forge *f = ruled();
	struct json_t *what;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(keys); i++) {
		what = forge_ruling(f, 3);
		assert_int_equal(json_object_del(what, keys[i]), 0);
		not_moved(f, "rules", what, AM_ERR_CORRUPT, "R13.4");
		what = forge_ruling(f, 3); /* of another type */
		forge_text(what, keys[i], "3");
		not_moved(f, "rules", what, AM_ERR_CORRUPT, "V02");
	}
	for (size_t i = 0; i < AM_ARRAY_LEN(numbers); i++)
		not_moved(f, "rules",
		    with_number(f, numbers[i], (uint64_t)1 << 32),
		    AM_ERR_CORRUPT, "V02");
	/* R4.5: an unknown rule is none to be passed over. */
	not_moved(
	    f, "rules", with_number(f, "quorum", 3), AM_ERR_CORRUPT, "R13.4");
	what = forge_ruling(f, 3);
	put(what, "breakglass", canon_object());
	not_moved(f, "rules", what, AM_ERR_CORRUPT, "V02");
	what = forge_ruling(f, 3);
	forge_hex(what, "safe", f->vault, 16);
	not_moved(f, "rules", what, AM_ERR_NOT_FOUND, "V21");
	forge_free(f);
}

/* R4.5, 4.4: k <= need <= n, and break-glass no fewer. */
static void
r13_4_the_number_needed_is_k_to_n(void **state)
{
	static const uint64_t wrong[] = { 0, 1, 2, 6 };
	struct forge *f = ruled();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(wrong); i++)
		not_moved(f, "rules", with_number(f, "need", wrong[i]),
		    AM_ERR_POLICY, "R13.4");
	not_moved(
	    f, "rules", with_number(f, "need", 256), AM_ERR_CORRUPT, "V02");
	not_moved(f, "rules", with_glass(f, 2, 0), AM_ERR_POLICY, "R13.4");
	not_moved(f, "rules", with_glass(f, 6, 0), AM_ERR_POLICY, "R13.4");
	/* More than usual, but fewer in need. */
	not_moved(
	    f, "rules", with_number(f, "need", 4), AM_ERR_POLICY, "R13.4");
	carried(f, "rules", with_glass(f, 5, 0), 0);
	carried(f, "rules", forge_ruling(f, 5), 0);
	forge_free(f);
}

static void
r13_4_times_and_uses_have_limits(void **state)
{
	static const struct {
		const char *key;
		uint64_t most, least, beyond;
	} numbers[] = {
		{ "cooloff", 71 * HOUR, 0, 71 * HOUR + 1 },
		{ "cooloff_change", 60 * DAY, 0, 60 * DAY + 1 },
		{ "grant", 30 * DAY, 60, 30 * DAY + 1 },
		{ "grant", 60, 60, 59 },
	};
	struct forge *f = ruled();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(numbers); i++) {
		not_moved(f, "rules",
		    with_number(f, numbers[i].key, numbers[i].beyond),
		    AM_ERR_INVALID, "R13.4");
		accepted(f,
		    forge_motion(f, 1, "rules",
			with_number(f, numbers[i].key, numbers[i].most)),
		    1);
		accepted(f,
		    forge_motion(f, 1, "rules",
			with_number(f, numbers[i].key, numbers[i].least)),
		    1);
	}
	not_moved(
	    f, "rules", with_number(f, "uses", 65536), AM_ERR_CORRUPT, "V02");
	/* No longer wait in need than usual. */
	not_moved(
	    f, "rules", with_glass(f, 3, HOUR + 1), AM_ERR_INVALID, "R13.4");
	forge_free(f);
}

static void
r13_4_required_posts_fit_into_a_quorum(void **state)
{
	struct forge *f = ruled();
	struct json_t *g;

	(void)state;
	not_moved(f, "rules", with_list(f, "posts", group(0, "dg", ""), 1),
	    AM_ERR_INVALID, "R13.4");
	not_moved(f, "rules", with_list(f, "posts", group(1, "", ""), 1),
	    AM_ERR_INVALID, "R13.4");
	not_moved(f, "rules", with_list(f, "posts", group(1, "dg", "cfo"), 1),
	    AM_ERR_NOT_FOUND, "R13.4");
	not_moved(f, "rules", with_list(f, "posts", group(4, "dg", ""), 1),
	    AM_ERR_INVALID, "R13.4");
	not_moved(f, "rules", with_list(f, "posts", group(1, "dg", ""), 4),
	    AM_ERR_INVALID, "R13.4");
	not_moved(f, "rules", with_list(f, "posts", group(1, "dg", ""), 9),
	    AM_ERR_CORRUPT, "V02");
	not_moved(f, "rules", with_list(f, "posts", group(256, "dg", ""), 1),
	    AM_ERR_CORRUPT, "V02");
	g = group(1, "dg", "");
	forge_text(g, "all", "");
	not_moved(
	    f, "rules", with_list(f, "posts", g, 1), AM_ERR_CORRUPT, "V02");
	g = canon_object();
	forge_uint(g, "count", 1);
	put(g, "any", canon_array());
	for (int i = 0; i < 17; i++)
		assert_int_equal(
		    canon_push((struct json_t *)json_object_get(g, "any"),
			canon_str("dg")),
		    AM_OK);
	not_moved(
	    f, "rules", with_list(f, "posts", g, 1), AM_ERR_INVALID, "R13.4");
	not_moved(f, "rules", with_list(f, "posts", canon_object(), 1),
	    AM_ERR_CORRUPT, "V02");
	carried(
	    f, "rules", with_list(f, "posts", group(1, "dg", "audit"), 3), 0);
	forge_free(f);
}

/* R4.4: k of those who have approved keep the rule. Four places and k = 3: no
 * approval could ever be accepted. */
static void
r13_4_required_posts_fit_into_k(void **state)
{
	struct forge *f = ruled();
	struct json_t *what = with_list(f, "posts", group(2, "dg", "audit"), 2);

	(void)state;
	forge_uint(what, "need", 4);
	set_glass(what, 4, 0);
	not_moved(f, "rules", what, AM_ERR_INVALID, "R13.4");
	forge_free(f);
}

static void
r13_4_a_cap_is_on_a_known_attribute(void **state)
{
	struct forge *f = ruled();
	struct json_t *c;

	(void)state;
	not_moved(f, "rules", with_list(f, "caps", cap("colour", 1), 1),
	    AM_ERR_INVALID, "R13.4");
	not_moved(f, "rules", with_list(f, "caps", cap("", 1), 1),
	    AM_ERR_INVALID, "R13.4");
	not_moved(f, "rules", with_list(f, "caps", cap("line", 0), 1),
	    AM_ERR_INVALID, "R13.4");
	not_moved(f, "rules", with_list(f, "caps", cap("line", 1), 5),
	    AM_ERR_CORRUPT, "V02");
	c = cap("line", 1);
	forge_uint(c, "min", 1);
	not_moved(
	    f, "rules", with_list(f, "caps", c, 1), AM_ERR_CORRUPT, "V02");
	carried(f, "rules", with_list(f, "caps", cap("line", 1), 4), 0);
	forge_free(f);
}

/* ---- who decides, and when */

static void
bare_safe(struct forge *f, const char *name, const char *level)
{
	struct json_t *b = forge_body(f, "safe", 0);

	randombytes_buf(f->safe, sizeof(f->safe));
	forge_hex(b, "safe", f->safe, 16);
	forge_text(b, "name", name);
	forge_text(b, "level", level);
	accepted(f, b, 0);
}

static struct json_t *
that_safe(const uint8_t safe[static 16])
{
	struct json_t *what = canon_object();

	forge_hex(what, "safe", safe, 16);
	return what;
}

static void
settle(struct forge *f, uint32_t k, size_t n)
{
	accepted(f, forge_plan(f, k, n), 0);
	memcpy(f->plan.plan, f->last, 32);
	for (size_t i = 1; i <= n; i++)
		accepted(f, forge_join(f, i), i);
	for (size_t i = 1; i <= n; i++)
		accepted(f, forge_deal(f, i), i);
	for (size_t i = 1; i <= n; i++)
		accepted(f, forge_accept(f, i), i);
}

/* After the founding a safe gets its key when a quorum has agreed. */
static void
v21_another_safe_is_for_a_quorum(void **state)
{
	static const uint8_t nothing[16] = { 1 };
	struct forge *f = ruled();
	uint8_t first[16], m[32];

	(void)state;
	memcpy(first, f->safe, sizeof(first));
	bare_safe(f, "t", "baseline");
	accepted(f, forge_plan(f, 2, 3), 0);
	memcpy(f->plan.plan, f->last, 32);
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "V21");
	not_moved(f, "safe", that_safe(nothing), AM_ERR_NOT_FOUND, "V21");
	not_moved(f, "safe", that_safe(first), AM_ERR_EXISTS, "V21");
	accepted(f, forge_motion(f, 6, "safe", that_safe(f->safe)), 6);
	memcpy(m, f->last, 32);
	accepted(f, forge_vote(f, 1, m), 1);
	accepted(f, forge_vote(f, 2, m), 2);
	refused(f, forge_enact(f, 6, m), 6, AM_ERR_QUORUM, "V21");
	refused(f, forge_join(f, 1), 1, AM_ERR_POLICY, "V21");
	accepted(f, forge_vote(f, 3, m), 3);
	accepted(f, forge_enact(f, 6, m), 6);
	accepted(f, forge_join(f, 1), 1);
	not_moved(f, "safe", that_safe(f->safe), AM_ERR_EXISTS, "V21");
	forge_free(f);
}

static void
r13_20_a_committee_decides_on_its_own_rules(void **state)
{
	struct forge *f = ruled();
	uint8_t m[32];

	(void)state;
	bare_safe(f, "t", "baseline");
	carried(f, "safe", that_safe(f->safe), 0);
	settle(f, 2, 3);
	accepted(f, forge_motion(f, 6, "rules", forge_ruling(f, 3)), 6);
	memcpy(m, f->last, 32);
	refused(f, forge_vote(f, 4, m), 4, AM_ERR_POLICY, "V21");
	refused(f, forge_vote(f, 6, m), 6, AM_ERR_POLICY, "V21");
	accepted(f, forge_vote(f, 1, m), 1);
	refused(f, forge_enact(f, 6, m), 6, AM_ERR_QUORUM, "V21");
	accepted(f, forge_vote(f, 2, m), 2); /* 2 of 3, not 3 of 5 */
	accepted(f, forge_enact(f, 6, m), 6);
	forge_free(f);
}

/* What was moved while the safe had no committee is not decided over its head
 * by the governing one once it has. */
static void
r13_20_not_the_governing_one_from_before(void **state)
{
	struct forge *f = ruled();
	uint8_t m[32];

	(void)state;
	bare_safe(f, "t", "baseline");
	carried(f, "safe", that_safe(f->safe), 0);
	accepted(f, forge_motion(f, 4, "rules", forge_ruling(f, 2)), 4);
	memcpy(m, f->last, 32);
	for (size_t i = 3; i <= 5; i++)
		accepted(f, forge_vote(f, i, m), i);
	settle(f, 2, 3);
	refused(f, forge_enact(f, 4, m), 4, AM_ERR_QUORUM, "V21");
	accepted(f, forge_vote(f, 1, m), 1); /* 3 and 1 of its own */
	accepted(f, forge_enact(f, 4, m), 4);
	forge_free(f);
}

static void
r13_20_the_governing_one_decides_where_there_is_none(void **state)
{
	struct forge *f = ruled();

	(void)state;
	bare_safe(f, "t", "baseline");
	carried(f, "rules", forge_ruling(f, 2), 0);
	forge_free(f);
}

/* A motion that was right when it was made is looked at again. */
static void
r13_4_need_is_at_least_k_at_enactment(void **state)
{
	static const size_t who[] = { 1, 2, 3, 4, 5 }, dealers[] = { 1, 2, 3 };
	const struct forge_change c = { .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = 4,
		.who = who,
		.count = 5,
		.dealers = dealers,
		.dealer_count = 3 };
	struct forge *f = ruled();
	uint8_t m[32];

	(void)state;
	accepted(f, forge_motion(f, 1, "rules", forge_ruling(f, 3)), 1);
	memcpy(m, f->last, 32);
	for (size_t i = 1; i <= 4; i++)
		accepted(f, forge_vote(f, i, m), i);
	forge_reshare(f, &c); /* 4 of 5 now */
	refused(f, forge_enact(f, 1, m), 1, AM_ERR_POLICY, "R13.4");
	forge_free(f);
}

/* Rules that had their quorum before others took their place do not come back
 * by one person's hand. */
static void
r5_15_rules_moved_before_those_in_force_are_old(void **state)
{
	struct forge *f = ruled();
	uint8_t old[32];

	(void)state;
	accepted(f, forge_motion(f, 6, "rules", forge_ruling(f, 3)), 6);
	memcpy(old, f->last, 32);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_vote(f, i, old), i);
	carried(f, "rules", with_number(f, "cooloff", HOUR), 0);
	refused(f, forge_enact(f, 6, old), 6, AM_ERR_STALE, "R13.4");
	carried(f, "rules", forge_ruling(f, 4), 0);
	forge_free(f);
}

/* The period is that of the rules in force, also for shortening it. */
static void
r5_15_what_widens_waits_to_the_very_second(void **state)
{
	static const char *const names[] = { "post", "rules" };
	struct forge *f = ruled();
	struct json_t *what;
	uint8_t m[32];
	int64_t at;

	(void)state;
	carried(f, "rules", with_number(f, "cooloff_change", 2 * HOUR), 0);
	for (size_t i = 0; i < AM_ARRAY_LEN(names); i++) {
		what = i == 0 ? forge_new_post("new", "") : forge_ruling(f, 3);
		at = f->at;
		accepted(f, forge_motion(f, 1, names[i], what), 1);
		memcpy(m, f->last, 32);
		for (size_t j = 1; j <= 3; j++)
			accepted(f, forge_vote(f, j, m), j);
		f->at = at + 2 * HOUR - 1;
		refused(f, forge_enact(f, 1, m), 1, AM_ERR_COOL_OFF, "R5.15");
		assert_int_equal(f->at, at + 2 * HOUR);
		accepted(f, forge_enact(f, 1, m), 1);
	}
	carried(f, "post", forge_new_post("newer", ""), 0);
	forge_free(f);
}

/* Confirming a suspension narrows. */
static void
r5_15_what_narrows_does_not_wait(void **state)
{
	struct forge *f = ruled();
	struct json_t *what = canon_object();

	(void)state;
	carried(f, "rules", with_number(f, "cooloff_change", 2 * HOUR), 0);
	accepted(f, suspend(f, 1, 7), 1);
	forge_hex(what, "subject", f->people[7].id, 16);
	carried(f, "confirm", what, 0);
	forge_free(f);
}

/* R5.13 */
static void
r5_13_rules_may_leave_suspending_to_members(void **state)
{
	struct forge *f = ruled();
	struct json_t *what = forge_ruling(f, 3);

	(void)state;
	put(what, "members_suspend", canon_bool(true));
	carried(f, "rules", what, 0);
	refused(f, suspend(f, 6, 7), 6, AM_ERR_POLICY, "R5.13");
	refused(f, suspend(f, 0, 1), 0, AM_ERR_POLICY, "R5.13");
	accepted(f, suspend(f, 1, 7), 1);
	forge_free(f);
}

/* ---- requests and the rules that they were made under */

static void
r13_4_old_rules_decide_what_was_asked_under_them(void **state)
{
	struct forge *f = ruled();
	struct asked old, q;
	struct json_t *what;

	(void)state;
	seal(f, &old);
	memset(f->moved, 7, 32);
	refused(f, request(f, &old, "normal"), 6, AM_ERR_STALE, "V17");
	asked_for(f, &old, forge_request(f, 6, &old.sealed, &old.a));
	q = old;
	what = with_number(f, "cooloff", HOUR);
	forge_uint(what, "need", 5);
	set_glass(what, 5, HOUR);
	put(what, "veto", canon_bool(true));
	carried(f, "rules", what, 0);
	refused(
	    f, forge_request(f, 6, &q.sealed, &q.a), 6, AM_ERR_STALE, "V17");
	asked_for(f, &q, request(f, &q, "normal"));
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_COOL_OFF, "R13.5");
	/* No veto, no cool-off, and three are enough. */
	accepted(f, decline(f, 5, &old), 5);
	approved_by(f, &old, 1, 3);
	accepted(f, open_it(f, &old), 6);
	forge_free(f);
}

static void
r13_5_the_cool_off_ends_at_the_very_second(void **state)
{
	struct forge *f = ruled();
	struct json_t *b;
	struct asked q;

	(void)state;
	carried(f, "rules", with_number(f, "cooloff", HOUR), 0);
	seal(f, &q);
	/* One that would end before could never be approved. */
	b = request(f, &q, "normal");
	forge_when(b, "until", q.at + HOUR);
	refused(f, b, 6, AM_ERR_INVALID, "R13.5");
	asked_for(f, &q, request(f, &q, "normal"));
	refused(f, open_it(f, &q), 6, AM_ERR_COOL_OFF, "R13.5");
	f->at = q.at + HOUR - 1;
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_COOL_OFF, "R13.5");
	assert_int_equal(f->at, q.at + HOUR);
	approved_by(f, &q, 1, 3);
	accepted(f, open_it(f, &q), 6);
	forge_free(f);
}

/* Ends at `until`, and may be approved in that very second. */
static void
r13_5_from_and_until_to_the_second(void **state)
{
	struct forge *f = ruled();
	struct json_t *b;
	struct asked q;

	(void)state;
	seal(f, &q);
	b = forge_request(f, 6, &q.sealed, &q.a);
	q.at = f->at;
	forge_when(b, "from", q.at + 100);
	forge_when(b, "until", q.at + 200);
	asked_for(f, &q, b);
	f->at = q.at + 99;
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_POLICY, "R13.5");
	approved_by(f, &q, 1, 3);
	f->at = q.at + 200;
	accepted(f, forge_approve(f, 4, &q.a), 4);
	refused(f, open_it(f, &q), 6, AM_ERR_QUORUM, "R13.5");
	forge_free(f);
}

static void
vetoes(struct forge *f)
{
	struct json_t *what = with_number(f, "cooloff", HOUR);

	put(what, "veto", canon_bool(true));
	carried(f, "rules", what, 0);
}

static void
c_4_a_decline_in_the_cool_off_is_a_veto(void **state)
{
	struct forge *f = ruled();
	struct asked q;

	(void)state;
	vetoes(f);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	refused(f, decline(f, 6, &q), 6, AM_ERR_POLICY, "R13.6");
	refused(f, decline(f, 7, &q), 7, AM_ERR_POLICY, "V18");
	f->at = q.at + HOUR - 1;
	accepted(f, decline(f, 5, &q), 5);
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_POLICY, "C-4");
	refused(f, decline(f, 4, &q), 4, AM_ERR_POLICY, "C-4");
	refused(f, open_it(f, &q), 6, AM_ERR_POLICY, "C-4");
	forge_free(f);
}

static void
c_4_afterwards_it_is_one_voice(void **state)
{
	struct forge *f = ruled();
	struct asked q;

	(void)state;
	vetoes(f);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	f->at = q.at + HOUR;
	accepted(f, decline(f, 5, &q), 5);
	refused(f, forge_approve(f, 5, &q.a), 5, AM_ERR_POLICY, "R4.3");
	approved_by(f, &q, 1, 3);
	accepted(f, open_it(f, &q), 6);
	forge_free(f);
}

/* Who asks for a time after the cool-off does not ask without a veto. */
static void
c_4_a_veto_does_not_wait_for_the_beginning(void **state)
{
	struct forge *f = ruled();
	struct json_t *b;
	struct asked q;

	(void)state;
	vetoes(f);
	seal(f, &q);
	b = request(f, &q, "normal");
	forge_when(b, "from", q.at + HOUR);
	asked_for(f, &q, b);
	accepted(f, decline(f, 5, &q), 5);
	f->at = q.at + HOUR;
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_POLICY, "C-4");
	forge_free(f);
}

static void
r13_5_break_glass_is_shorter_and_needs_as_many_or_more(void **state)
{
	struct forge *f = ruled();
	struct asked q;

	(void)state;
	carried(f, "rules", with_glass(f, 4, 600), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "breakglass"));
	f->at = q.at + 599;
	refused(f, forge_approve(f, 1, &q.a), 1, AM_ERR_COOL_OFF, "R13.5");
	approved_by(f, &q, 1, 3);
	refused(f, open_it(f, &q), 6, AM_ERR_QUORUM, "V19");
	approved_by(f, &q, 4, 4);
	accepted(f, open_it(f, &q), 6);
	forge_free(f);
}

static void
r13_13_as_often_as_the_rules_say(void **state)
{
	static const uint64_t uses[] = { 1, 2 };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(uses); i++) {
		struct forge *f = ruled();
		struct asked q;

		carried(f, "rules", with_number(f, "uses", uses[i]), 0);
		seal(f, &q);
		asked_for(f, &q, request(f, &q, "normal"));
		approved_by(f, &q, 1, 3);
		for (uint64_t n = 0; n < uses[i]; n++)
			accepted(f, open_it(f, &q), 6);
		refused(f, open_it(f, &q), 6, AM_ERR_POLICY, "R13.13");
		forge_free(f);
	}
}

static void
r13_13_any_number_while_the_grant_lasts(void **state)
{
	struct forge *f = ruled();
	struct asked q;
	int64_t complete;

	(void)state;
	carried(f, "rules", with_number(f, "uses", 0), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	approved_by(f, &q, 1, 3);
	complete = f->at - 1;
	for (int i = 0; i < 3; i++)
		accepted(f, open_it(f, &q), 6);
	f->at = complete + HOUR;
	accepted(f, open_it(f, &q), 6);
	refused(f, open_it(f, &q), 6, AM_ERR_POLICY, "R13.13");
	forge_free(f);
}

/* An approval after the opening changes nothing: else one custodian, by
 * suspending another, could begin the grant anew. */
static void
r13_13_a_grant_is_not_begun_anew(void **state)
{
	static const uint32_t others[3] = { 2, 3, 4 };
	struct forge *f = ruled();
	struct asked q;
	int64_t complete;

	(void)state;
	carried(f, "rules", with_number(f, "uses", 0), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	approved_by(f, &q, 1, 3);
	complete = f->at - 1;
	accepted(f, open_it(f, &q), 6);
	accepted(f, suspend(f, 4, 1), 4);
	refused(f, open_it(f, &q), 6, AM_ERR_QUORUM, "V19");
	approved_by(f, &q, 4, 4);
	accepted(f, forge_open(f, 6, &q.a, others, 3), 6);
	f->at = complete + HOUR + 1;
	refused(
	    f, forge_open(f, 6, &q.a, others, 3), 6, AM_ERR_POLICY, "R13.13");
	forge_free(f);
}

/* Enough by a suspension that was lifted: the grant is since the approval
 * before. */
static void
r13_5_a_grant_is_since_the_last_approval(void **state)
{
	struct forge *f = ruled();
	struct json_t *what = canon_object();
	struct asked q;
	int64_t last;

	(void)state;
	carried(f, "rules", with_number(f, "uses", 0), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	approved_by(f, &q, 1, 2);
	accepted(f, suspend(f, 4, 1), 4);
	approved_by(f, &q, 3, 3);
	last = f->at - 1;
	refused(f, open_it(f, &q), 6, AM_ERR_QUORUM, "V19");
	forge_hex(what, "subject", f->people[1].id, 16);
	assert_int_equal(
	    forge_carry(f, "resume", what, (const size_t[]){ 2, 3, 4 }, 3, 0),
	    AM_OK);
	accepted(f, open_it(f, &q), 6);
	f->at = last + HOUR;
	accepted(f, open_it(f, &q), 6);
	refused(f, open_it(f, &q), 6, AM_ERR_POLICY, "R13.13");
	forge_free(f);
}

/* ---- posts and caps of a quorum, and posts that succeed one another */

static void
appointed(struct forge *f, size_t who, const char *post, const char *line)
{
	struct json_t *what =
	    forge_order(f, who, post, f->at, f->at + 30 * DAY, "F");
	struct json_t *attrs = (struct json_t *)json_object_get(what, "attrs");

	forge_text(attrs, "line", line);
	carried(f, "appoint", what, 0);
}

static void
r4_4_the_last_place_is_kept_for_the_post(void **state)
{
	struct forge *f = ruled();
	struct asked q;

	(void)state;
	carried(f, "post", forge_new_post("internal-audit", "audit"), 0);
	appointed(f, 5, "internal-audit", "");
	carried(f, "rules", with_list(f, "posts", group(1, "audit", ""), 1), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	approved_by(f, &q, 1, 2);
	refused(f, forge_approve(f, 3, &q.a), 3, AM_ERR_POLICY, "R4.4");
	approved_by(f, &q, 5, 5); /* by the post that succeeds it */
	approved_by(f, &q, 3, 3);
	accepted(f, open_it(f, &q), 6);
	forge_free(f);
}

/* A partial that was given is out, also when its approval does not count any
 * more: else whoever suspends those who have approved gets k partials without
 * the post, from honest custodians, if the host plays along. */
static void
r4_4_void_approvals_have_their_place(void **state)
{
	static const uint32_t others[3] = { 2, 3, 5 };
	struct forge *f = ruled();
	struct asked q;

	(void)state;
	appointed(f, 5, "audit", "");
	carried(f, "rules", with_list(f, "posts", group(1, "audit", ""), 1), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	approved_by(f, &q, 1, 2);
	accepted(f, suspend(f, 7, 1), 7);
	refused(f, forge_approve(f, 3, &q.a), 3, AM_ERR_POLICY, "R4.4");
	approved_by(f, &q, 5, 5);
	approved_by(f, &q, 3, 3);
	accepted(f, forge_open(f, 6, &q.a, others, 3), 6);
	forge_free(f);
}

/* Nor does the post of who is suspended fill its place. */
static void
r4_4_a_void_approval_fills_no_post(void **state)
{
	struct forge *f = ruled();
	struct json_t *what = canon_object();
	struct asked q;

	(void)state;
	appointed(f, 5, "audit", "");
	carried(f, "rules", with_list(f, "posts", group(1, "audit", ""), 1), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	approved_by(f, &q, 5, 5);
	approved_by(f, &q, 1, 1);
	accepted(f, suspend(f, 7, 5), 7);
	refused(f, forge_approve(f, 2, &q.a), 2, AM_ERR_POLICY, "R4.4");
	forge_hex(what, "subject", f->people[5].id, 16);
	carried(f, "resume", what, 0);
	approved_by(f, &q, 2, 2);
	forge_free(f);
}

/* The holder of the post before does not hold the one that succeeds it. */
static void
x_2_a_post_succeeds_one_way(void **state)
{
	struct forge *f = ruled();
	struct asked q;

	(void)state;
	carried(f, "post", forge_new_post("internal-audit", "audit"), 0);
	appointed(f, 5, "audit", "");
	carried(f, "rules",
	    with_list(f, "posts", group(1, "internal-audit", ""), 1), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	approved_by(f, &q, 1, 1);
	approved_by(f, &q, 5, 5);
	refused(f, forge_approve(f, 3, &q.a), 3, AM_ERR_POLICY, "R4.4");
	forge_free(f);
}

/* At most one of a line, 3 of 5: two of one line would be the end of it. */
static void
r4_4_a_cap_is_kept_from_the_first_approval_on(void **state)
{
	struct forge *f = ruled();
	struct asked q;

	(void)state;
	appointed(f, 1, "dg", "north");
	appointed(f, 2, "legal", "north");
	carried(f, "rules", with_list(f, "caps", cap("line", 1), 1), 0);
	seal(f, &q);
	asked_for(f, &q, request(f, &q, "normal"));
	approved_by(f, &q, 1, 1);
	refused(f, forge_approve(f, 2, &q.a), 2, AM_ERR_POLICY, "R4.4");
	approved_by(f, &q, 3, 4);
	approved_by(f, &q, 2, 2); /* closes nothing any more */
	accepted(f, open_it(f, &q), 6);
	forge_free(f);
}

/* ---- committees and the rules of their safe */

static struct forge_change
change(const size_t *who, size_t count, uint32_t k)
{
	static const size_t dealers[] = { 1, 2, 3 };

	return (struct forge_change){ .committee = "operating",
		.source = "operating",
		.epoch = 2,
		.source_epoch = 1,
		.k = k,
		.who = who,
		.count = count,
		.dealers = dealers,
		.dealer_count = 3 };
}

/* Fewer people than the rules need, or a lower k than posts have places: then
 * nothing could be opened any more. */
static void
r13_4_a_committee_can_keep_the_rules_of_its_safe(void **state)
{
	static const size_t four[] = { 1, 2, 3, 4 };
	const struct forge_change narrower = change(four, 4, 3),
				  lower = change(four, 4, 2);
	struct forge *f = ruled();

	(void)state;
	carried(f, "rules", forge_ruling(f, 5), 0);
	refused(f, forge_replan(f, &narrower), 0, AM_ERR_POLICY, "R13.4");
	carried(
	    f, "rules", with_list(f, "posts", group(1, "dg", "audit"), 3), 0);
	refused(f, forge_replan(f, &lower), 0, AM_ERR_POLICY, "R13.4");
	accepted(f, forge_replan(f, &narrower), 0);
	/* The same at setup. */
	bare_safe(f, "t", "baseline");
	carried(f, "rules", forge_ruling(f, 4), 0);
	refused(f, forge_plan(f, 2, 3), 0, AM_ERR_POLICY, "R13.4");
	accepted(f, forge_plan(f, 2, 4), 0);
	forge_free(f);
}

/* R5.5: who is to come in can be objected to. */
static void
r5_5_no_deal_before_the_objection_period_ends(void **state)
{
	static const size_t with_6[] = { 1, 2, 3, 4, 6 };
	const struct forge_change c = change(with_6, 5, 3);
	struct forge *f = ruled();
	struct json_t *b;
	int64_t at;

	(void)state;
	carried(f, "rules", with_number(f, "cooloff_change", 2 * HOUR), 0);
	at = f->at;
	b = forge_replan(f, &c);
	forge_when(b, "until", at + 2 * HOUR);
	refused(f, b, 0, AM_ERR_INVALID, "R5.15");
	at = f->at;
	accepted(f, forge_replan(f, &c), 0);
	memcpy(f->plan.plan, f->last, 32);
	for (size_t i = 0; i < c.count; i++)
		accepted(f, forge_join(f, c.who[i]), c.who[i]);
	f->at = at + 2 * HOUR - 1;
	refused(f, forge_redeal(f, 1), 1, AM_ERR_COOL_OFF, "R5.15");
	assert_int_equal(f->at, at + 2 * HOUR);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_redeal(f, i), i);
	for (size_t i = 0; i < c.count; i++)
		accepted(f, forge_reaccept(f, c.who[i]), c.who[i]);
	forge_free(f);
}

/* Invariant 8; but a lower k is no narrowing. */
static void
r5_5_who_leaves_is_not_waited_for(void **state)
{
	static const size_t four[] = { 1, 2, 3, 4 }, five[] = { 1, 2, 3, 4, 5 };
	const struct forge_change lower = change(five, 5, 2),
				  narrower = change(four, 4, 3);
	struct forge_change again = narrower;
	struct forge *f = ruled();

	(void)state;
	carried(f, "rules", with_number(f, "cooloff_change", 2 * HOUR), 0);
	accepted(f, forge_replan(f, &lower), 0);
	memcpy(f->plan.plan, f->last, 32);
	for (size_t i = 1; i <= 5; i++)
		accepted(f, forge_join(f, i), i);
	refused(f, forge_redeal(f, 1), 1, AM_ERR_COOL_OFF, "R5.15");
	again.epoch = 3;
	forge_reshare(f, &again);
	forge_free(f);
}

/* ---- the policy */

/* Two lines of the level baseline as they are not shipped. */
static struct json_t *
edited_twice(
    const char *from, const char *to, const char *from2, const char *to2)
{
	const struct bytes text = levels_shipped_text();
	char *copy = calloc(1, text.len + 1), *level, *one, *two;
	blob_auto out = { 0 };
	struct json_t *what;

	assert_non_null(copy);
	memcpy(copy, text.p, text.len);
	level = strstr(copy, "  baseline:\n");
	assert_non_null(level);
	one = strstr(level, from);
	assert_non_null(one);
	two = strstr(one, from2);
	assert_non_null(two);
	*one = *two = '\0';
	assert_int_equal(blob_printf(&out, "%s%s%s%s%s", copy, to,
			     one + strlen(from), to2, two + strlen(from2)),
	    AM_OK);
	what = forge_policy(blob_bytes(&out));
	free(copy);
	return what;
}

/* Five custodians whom the rules ask for one of `post`. */
static struct forge *
bound(struct json_t *policy, const char *post)
{
	static const char *const any[] = { "dg", "audit", "legal" };
	struct forge *f = ruled();
	struct json_t *rules = forge_ruling(f, 3), *list = canon_array(),
		      *group = canon_object(), *posts = canon_array();

	for (size_t i = 0; i < AM_ARRAY_LEN(any); i++)
		if (strcmp(any[i], post) == 0)
			assert_int_equal(
			    canon_push(posts, canon_str(any[i])), AM_OK);
	put(group, "any", posts);
	put(group, "count", canon_uint(1));
	assert_int_equal(canon_push(list, group), AM_OK);
	put(rules, "posts", list);
	carried(f, "rules", rules, 0);
	carried(f, "policy", policy, 0);
	return f;
}

/* Invariant 6: with the posts that the rules ask for. */
static void
x_8_a_committee_is_worth_what_its_posts_are(void **state)
{
	static const size_t with_6[] = { 1, 2, 3, 4, 6 };
	const struct forge_change five = change(with_6, 5, 3);
	struct forge *f = bound(edited_twice("cut_min: 1", "cut_min: 2",
				    "cut_action: warn", "cut_action: refuse"),
	    "audit");

	(void)state;
	carried(f, "appoint", forge_order(f, 1, "audit", f->at, 0, "A-1"), 0);
	refused(f, forge_replan(f, &five), 0, AM_ERR_POLICY, "X-8");
	carried(f, "appoint", forge_order(f, 2, "audit", f->at, 0, "A-2"), 0);
	accepted(f, forge_replan(f, &five), 0);
	forge_free(f);

	f = bound(edited_twice("eligible_per_required_post: 1",
		      "eligible_per_required_post: 2", "eligible_action: warn",
		      "eligible_action: refuse"),
	    "audit");
	carried(f, "appoint", forge_order(f, 1, "audit", f->at, 0, "A-1"), 0);
	refused(f, forge_replan(f, &five), 0, AM_ERR_POLICY, "X-8");
	carried(f, "waive", forge_waiver("X-8 s", f->at + DAY), 0);
	accepted(f, forge_replan(f, &five), 0);
	forge_free(f);
}

/* Who is away, or holds nothing soon, is not counted. */
static void
x_8_a_committee_is_counted_as_it_will_be(void **state)
{
	static const size_t with_6[] = { 1, 2, 3, 4, 6 },
			    less[] = { 1, 2, 3, 4 };
	const struct forge_change five = change(with_6, 5, 3),
				  four = change(less, 4, 3);
	struct forge_change again = five, without = four;
	struct forge *f =
	    bound(forge_policy_edited("baseline:", "durable_action: warn",
		      "durable_action: refuse"),
		"dg");

	(void)state;
	carried(f, "appoint",
	    forge_order(f, 1, "dg", f->at, f->at + 30 * DAY, "D-1"), 0);
	refused(f, forge_replan(f, &five), 0, AM_ERR_POLICY, "X-8");
	/* nor does it help to leave out somebody who can act */
	refused(f, forge_replan(f, &four), 0, AM_ERR_POLICY, "X-8");
	carried(f, "appoint", forge_order(f, 1, "dg", f->at, 0, "D-2"), 0);
	accepted(f, forge_replan(f, &again), 0);
	again.epoch = 3;
	for (size_t i = 2; i <= 3; i++)
		carried(f, "appoint",
		    forge_order(f, i, "legal", f->at, f->at + HOUR,
			i == 2 ? "L-2" : "L-3"),
		    0);
	f->at += HOUR; /* both over: 3 of 5 are left, and need 3 */
	refused(f, forge_replan(f, &again), 0, AM_ERR_POLICY, "X-8");
	/* but who cannot act is left out all the same */
	accepted(f, suspend(f, 1, 5), 1);
	without.epoch = 3;
	accepted(f, forge_replan(f, &without), 0);
	forge_free(f);
}

static struct json_t *
of_version(const char *version)
{
	return forge_policy_edited(
	    "format: amanat-policy", "version: 1", version);
}

static void
o_1_a_policy_is_a_whole_file(void **state)
{
	struct forge *f = ruled();
	struct json_t *what;

	(void)state;
	not_moved(f, "policy", forge_policy((struct bytes){ 0 }),
	    AM_ERR_INCOMPLETE, "");
	not_moved(f, "policy",
	    forge_policy_edited("baseline:", "quorum_k: 2", "quorum_k: 0"),
	    AM_ERR_INCOMPLETE, "");
	not_moved(f, "policy",
	    forge_policy_edited("baseline:", "    n_min: 3", "    "),
	    AM_ERR_INCOMPLETE, "");
	what = forge_policy(levels_shipped_text());
	forge_text(what, "name", "");
	not_moved(f, "policy", what, AM_ERR_CORRUPT, "V02");
	what = canon_object();
	forge_text(what, "file", "format: amanat-policy");
	not_moved(f, "policy", what, AM_ERR_CORRUPT, "V02");
	what = canon_object();
	put(what, "file", canon_object());
	not_moved(f, "policy", what, AM_ERR_CORRUPT, "V02");
	carried(f, "policy", forge_policy(levels_shipped_text()), 0);
	forge_free(f);
}

static void
o_1_a_policy_is_never_older(void **state)
{
	struct forge *f = ruled();
	uint8_t second[32];

	(void)state;
	accepted(f, forge_motion(f, 1, "policy", of_version("version: 2")), 1);
	memcpy(second, f->last, 32);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_vote(f, i, second), i);
	carried(f, "policy", of_version("version: 3"), 0);
	refused(f, forge_enact(f, 1, second), 1, AM_ERR_STALE, "O-1");
	not_moved(f, "policy", of_version("version: 2"), AM_ERR_STALE, "O-1");
	not_moved(f, "policy", of_version("version: 3"), AM_ERR_STALE, "O-1");
	carried(f, "policy", of_version("version: 4"), 0);
	forge_free(f);
}

/* After the highest number there is nothing could be changed any more. */
static void
o_1_no_policy_is_the_last(void **state)
{
	struct forge *f = ruled();

	(void)state;
	not_moved(f, "policy", of_version("version: 4294967295"),
	    AM_ERR_INVALID, "O-1");
	not_moved(f, "policy", of_version("version: 2000000001"),
	    AM_ERR_INVALID, "O-1");
	carried(f, "policy", of_version("version: 2000000000"), 0);
	not_moved(f, "policy", of_version("version: 2100000001"),
	    AM_ERR_INVALID, "O-1");
	carried(f, "policy", of_version("version: 2100000000"), 0);
	forge_free(f);
}

/* ---- */

static void
x_8_a_committee_below_the_minimum_needs_a_waiver(void **state)
{
	static const size_t with_6[] = { 1, 2, 3, 4, 6 },
			    six[] = { 1, 2, 3, 4, 5, 6 };
	const struct forge_change five = change(with_6, 5, 3),
				  enough = change(six, 6, 3);
	struct forge_change again = five;
	struct forge *f = ruled();
	int64_t end;

	(void)state;
	carried(f, "policy",
	    forge_policy_edited("baseline:", "    n_min: 3", "    n_min: 6"),
	    0);
	refused(f, forge_replan(f, &five), 0, AM_ERR_POLICY, "X-8");
	/* Waivers of something else, or for something like it. */
	carried(f, "waive", forge_waiver("X-8", f->at + DAY), 0);
	carried(f, "waive", forge_waiver("X-8 s ", f->at + DAY), 0);
	carried(f, "waive", forge_waiver("X-8 S", f->at + DAY), 0);
	carried(f, "waive", forge_waiver("X-8 ss", f->at + DAY), 0);
	carried(f, "waive", forge_waiver("X-14 s", f->at + DAY), 0);
	refused(f, forge_replan(f, &five), 0, AM_ERR_POLICY, "X-8");
	accepted(f, forge_replan(f, &enough), 0);
	again.epoch = 3;
	end = f->at + HOUR;
	carried(f, "waive", forge_waiver("X-8 s", end), 0);
	f->at = end - 1;
	accepted(f, forge_replan(f, &again), 0);
	again.epoch = 4;
	refused(f, forge_replan(f, &again), 0, AM_ERR_POLICY, "X-8");
	forge_free(f);
}

/* ---- */

/* What level baseline asks of a committee with k = 3. */
static struct json_t *
as_baseline(struct forge *f)
{
	struct json_t *rules = forge_ruling(f, 3), *any = canon_array(),
		      *group = canon_object(), *posts = canon_array(),
		      *cap = canon_object(), *caps = canon_array();

	assert_int_equal(canon_push(any, canon_str("dg")), AM_OK);
	put(group, "any", any);
	put(group, "count", canon_uint(1));
	assert_int_equal(canon_push(posts, group), AM_OK);
	put(cap, "attr", canon_str("line"));
	put(cap, "max", canon_uint(2));
	assert_int_equal(canon_push(caps, cap), AM_OK);
	put(rules, "posts", posts);
	put(rules, "caps", caps);
	put(rules, "cooloff_change", canon_uint((uint64_t)DAY));
	return rules;
}

/* Each value of a level, once less: with a policy in force no safe is bound to
 * it without a waiver that names the safe. */
static void
a_3_no_rules_below_the_level(void **state)
{
	static const struct {
		const char *key;
		uint64_t value;
	} less[] = { { "cooloff_change", DAY - 1 }, { "grant", DAY + 1 } };
	struct forge *f = ruled();
	struct json_t *what;

	(void)state;
	carried(f, "policy", forge_policy(levels_shipped_text()), 0);
	for (size_t i = 0; i < AM_ARRAY_LEN(less); i++) {
		what = as_baseline(f);
		put(what, less[i].key, canon_uint(less[i].value));
		not_moved(f, "rules", what, AM_ERR_POLICY, "A-3");
	}
	what = as_baseline(f);
	put(what, "posts", canon_array());
	not_moved(f, "rules", what, AM_ERR_POLICY, "A-3");
	what = as_baseline(f);
	put(what, "caps", canon_array());
	not_moved(f, "rules", what, AM_ERR_POLICY, "A-3");
	carried(f, "waive", forge_waiver("A-3 t", f->at + DAY), 0);
	what = as_baseline(f);
	put(what, "posts", canon_array());
	not_moved(f, "rules", what, AM_ERR_POLICY, "A-3");
	carried(f, "waive", forge_waiver("A-3 s", f->at + DAY), 0);
	carried(f, "rules", forge_ruling(f, 3), 0); /* less in all of it */
	carried(f, "rules", as_baseline(f), 0);
	forge_free(f);
}

/* A group of rules: `count` people of these posts; NULL: no further one. */
struct places {
	const char *posts[2];
	unsigned count;
};

static struct json_t *
with_places(struct forge *f, const struct places *groups, size_t n)
{
	struct json_t *rules = as_baseline(f), *list = canon_array();

	for (size_t i = 0; i < n; i++) {
		struct json_t *any = canon_array(), *group = canon_object();

		for (size_t j = 0; j < 2 && groups[i].posts[j] != NULL; j++)
			assert_int_equal(
			    canon_push(any, canon_str(groups[i].posts[j])),
			    AM_OK);
		put(group, "any", any);
		put(group, "count", canon_uint(groups[i].count));
		assert_int_equal(canon_push(list, group), AM_OK);
	}
	put(rules, "posts", list);
	return rules;
}

/* As many groups as the level has are not enough: what they ask for is of the
 * wings that it names. "dg" is of operations, "legal" of no wing. */
static void
a_3_places_that_anybody_fills_are_none(void **state)
{
	static const struct places alone[][1] = { { { { "legal" }, 1 } },
		{ { { "dg", "audit" }, 1 } }, { { { "dg", "legal" }, 1 } } };
	static const struct places two[][2] = {
		{ { { "dg" }, 1 }, { { "dg" }, 1 } },
		{ { { "dg" }, 1 }, { { "legal" }, 1 } },
		{ { { "dg" }, 1 }, { { "dg", "audit" }, 1 } },
	};
	static const struct places right[][2] = {
		{ { { "audit" }, 1 }, { { "dg" }, 1 } },
		{ { { "dg" }, 2 }, { { "audit" }, 1 } },
	};
	struct forge *f = ruled();

	(void)state;
	carried(f, "policy", forge_policy(levels_shipped_text()), 0);
	for (size_t i = 0; i < AM_ARRAY_LEN(alone); i++)
		not_moved(f, "rules", with_places(f, alone[i], 1),
		    AM_ERR_POLICY, "A-3");
	carried(f, "rules", with_places(f, right[0], 1), 0);
	forge_free(f);
	f = ruled();
	carried(f, "policy",
	    edited_twice("[owner]", "[owner]\n      - [other_wing]", "max_same",
		"max_same"),
	    0);
	for (size_t i = 0; i < AM_ARRAY_LEN(two); i++)
		not_moved(f, "rules", with_places(f, two[i], 2), AM_ERR_POLICY,
		    "A-3");
	for (size_t i = 0; i < AM_ARRAY_LEN(right); i++)
		carried(
		    f, "rules", with_places(f, right[i], 2), i == 0 ? 0 : DAY);
	forge_free(f);
}

/* Break-glass asks for more people, and not for more of one line. */
static void
a_3_a_cap_on_lines_holds_for_break_glass(void **state)
{
	struct forge *f = ruled();
	struct json_t *what;

	(void)state;
	carried(f, "policy",
	    forge_policy_edited("baseline:", "max_same_reporting_line: 2",
		"max_same_reporting_line: 3"),
	    0);
	what = as_baseline(f);
	put(what, "caps", canon_array());
	set_glass(what, 4, 0);
	not_moved(f, "rules", what, AM_ERR_POLICY, "A-3");
	what = as_baseline(f);
	put(what, "caps", canon_array());
	carried(f, "rules", what, 0);
	what = as_baseline(f);
	set_glass(what, 4, 0);
	carried(f, "rules", what, DAY);
	forge_free(f);
}

/* R4.5: a safe that is older than the policy may have any word for a level. */
static void
a_3_a_level_that_is_none_is_the_strictest(void **state)
{
	struct forge *f = ruled();

	(void)state;
	bare_safe(f, "t", "gold");
	carried(f, "policy", forge_policy(levels_shipped_text()), 0);
	not_moved(f, "rules", as_baseline(f), AM_ERR_POLICY, "A-3");
	refused(f, forge_plan(f, 2, 3), 0, AM_ERR_POLICY, "X-8");
	refused(f, forge_plan(f, 4, 6), 0, AM_ERR_POLICY, "X-8");
	carried(f, "waive", forge_waiver("X-8 t", f->at + DAY), 0);
	accepted(f, forge_plan(f, 2, 3), 0);
	forge_free(f);
}

/* They are held against the policy of the day on which they come into force,
 * not of that on which they were moved. */
static void
a_3_rules_that_a_policy_has_overtaken(void **state)
{
	struct forge *f = ruled();
	uint8_t rules[32];

	(void)state;
	accepted(f, forge_motion(f, 1, "rules", as_baseline(f)), 1);
	memcpy(rules, f->last, 32);
	for (size_t i = 1; i <= 3; i++)
		accepted(f, forge_vote(f, i, rules), i);
	carried(f, "policy",
	    forge_policy_edited(
		"baseline:", "cooloff_open: 0h", "cooloff_open: 1h"),
	    0);
	refused(f, forge_enact(f, 1, rules), 1, AM_ERR_POLICY, "A-3");
	forge_free(f);
}

/* As few as are needed: more people hold a share (PCI DSS 3.5.2). */
static void
x_8_a_committee_above_the_maximum_needs_a_waiver(void **state)
{
	static const size_t six[] = { 1, 2, 3, 4, 5, 6 },
			    with_6[] = { 1, 2, 3, 4, 6 };
	const struct forge_change many = change(six, 6, 3),
				  five = change(with_6, 5, 3);
	struct forge *f = ruled();

	(void)state;
	carried(f, "policy",
	    forge_policy_edited("baseline:", "    n_max: 16", "    n_max: 5"),
	    0);
	refused(f, forge_replan(f, &many), 0, AM_ERR_POLICY, "X-8");
	accepted(f, forge_replan(f, &five), 0);
	forge_free(f);
}

/* The first committee of a safe has its level's minimum. */
static void
x_8_at_setup_too(void **state)
{
	struct forge *f = ruled();

	(void)state;
	carried(f, "policy", forge_policy(levels_shipped_text()), 0);
	bare_safe(f, "t", "enhanced");
	refused(f, forge_plan(f, 2, 5), 0, AM_ERR_POLICY, "X-8");
	refused(f, forge_plan(f, 3, 4), 0, AM_ERR_POLICY, "X-8");
	accepted(f, forge_plan(f, 3, 5), 0);
	forge_free(f);
}

/* ---- */

static struct json_t *
deposit(struct forge *f, struct forge_sealed *s, const char *title)
{
	return forge_seal(f, 6, title, "TEST", s);
}

static void
x_14_a_class_never_falls_by_itself(void **state)
{
	struct forge_sealed s = { .class = "sensitive" }, was;
	struct forge *f = ruled();
	int64_t end;

	(void)state;
	accepted(f, deposit(f, &s, "a"), 6);
	was = s;
	s.class = "restricted";
	refused(f, deposit(f, &s, "a"), 6, AM_ERR_POLICY, "X-14");
	s = was;
	s.class = "harmless"; /* one that is none of the five */
	refused(f, deposit(f, &s, "a"), 6, AM_ERR_POLICY, "X-14");
	/* For another name, or one that is like it. */
	carried(f, "waive", forge_waiver("X-14 s/b", f->at + DAY), 0);
	carried(f, "waive", forge_waiver("X-14 s/a/", f->at + DAY), 0);
	s = was;
	s.class = "restricted";
	refused(f, deposit(f, &s, "a"), 6, AM_ERR_POLICY, "X-14");
	end = f->at + HOUR;
	carried(f, "waive", forge_waiver("X-14 s/a", end), 0);
	f->at = end;
	s = was;
	s.class = "restricted";
	refused(f, deposit(f, &s, "a"), 6, AM_ERR_POLICY, "X-14");
	f->at = end - 1;
	s = was;
	s.class = "restricted";
	accepted(f, deposit(f, &s, "a"), 6);
	forge_free(f);
}

/* What it reaches and what it can reset raise it. */
static void
x_14_reach_and_links_raise_a_class(void **state)
{
	struct forge_sealed low = { .class = "open" },
			    high = { .class = "secret" }, s, was;
	struct forge *f = ruled();

	(void)state;
	accepted(f, deposit(f, &high, "mdm"), 6);
	accepted(f, deposit(f, &low, "note"), 6);
	s = (struct forge_sealed){ .class = "open", .reach = "camera" };
	refused(f, deposit(f, &s, "mail"), 6, AM_ERR_INVALID, "X-14");
	s = (struct forge_sealed){ .class = "open", .can_reset = "mdm" };
	refused(f, deposit(f, &s, "mail"), 6, AM_ERR_CORRUPT, "V02");
	s = (struct forge_sealed){ .class = "open", .can_reset = "s/nothing" };
	refused(f, deposit(f, &s, "mail"), 6, AM_ERR_NOT_FOUND, "X-14");
	s = (struct forge_sealed){ .class = "open", .can_reset = "t/mdm" };
	refused(f, deposit(f, &s, "mail"), 6, AM_ERR_NOT_FOUND, "X-14");
	s = (struct forge_sealed){ .class = "open",
		.can_reset = "s/note s/note s/note s/note s/note s/note s/note "
			     "s/note s/note s/note s/note s/note s/note s/note "
			     "s/note s/note s/note" };
	refused(f, deposit(f, &s, "mail"), 6, AM_ERR_INVALID, "X-14");
	/* The mailbox inherits, and does not lose it with the link. */
	s = (struct forge_sealed){ .class = "open",
		.can_reset = "s/note s/mdm" };
	accepted(f, deposit(f, &s, "mail"), 6);
	was = s;
	s.can_reset = NULL;
	refused(f, deposit(f, &s, "mail"), 6, AM_ERR_POLICY, "X-14");
	s = was;
	s.class = "secret";
	s.can_reset = NULL;
	accepted(f, deposit(f, &s, "mail"), 6);
	s = (struct forge_sealed){ .class = "open", .reach = "secret" };
	accepted(f, deposit(f, &s, "cam"), 6);
	s.reach = "open";
	refused(f, deposit(f, &s, "cam"), 6, AM_ERR_POLICY, "X-14");
	forge_free(f);
}

/* With a policy in force: the safe is of that level, or a higher one. */
static void
x_14_a_safe_is_of_the_level_of_what_it_holds(void **state)
{
	struct forge_sealed s = { .class = "secret" };
	struct forge *f = ruled();

	(void)state;
	carried(f, "policy", forge_policy(levels_shipped_text()), 0);
	refused(f, deposit(f, &s, "a"), 6, AM_ERR_POLICY, "X-14");
	s = (struct forge_sealed){ .class = "restricted" };
	refused(f, deposit(f, &s, "a"), 6, AM_ERR_POLICY, "X-14");
	s = (struct forge_sealed){ .class = "public", .reach = "secret" };
	refused(f, deposit(f, &s, "a"), 6, AM_ERR_POLICY, "X-14");
	s = (struct forge_sealed){ .class = "harmless" };
	refused(f, deposit(f, &s, "a"), 6, AM_ERR_INVALID, "X-14");
	s = (struct forge_sealed){ .class = "public" };
	accepted(f, deposit(f, &s, "a"), 6);
	forge_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r13_4_rules_have_all_their_fields),
		cmocka_unit_test(r13_4_the_number_needed_is_k_to_n),
		cmocka_unit_test(r13_4_times_and_uses_have_limits),
		cmocka_unit_test(r13_4_required_posts_fit_into_a_quorum),
		cmocka_unit_test(r13_4_required_posts_fit_into_k),
		cmocka_unit_test(r13_4_a_cap_is_on_a_known_attribute),
		cmocka_unit_test(v21_another_safe_is_for_a_quorum),
		cmocka_unit_test(r13_20_a_committee_decides_on_its_own_rules),
		cmocka_unit_test(r13_20_not_the_governing_one_from_before),
		cmocka_unit_test(
		    r13_20_the_governing_one_decides_where_there_is_none),
		cmocka_unit_test(r13_4_need_is_at_least_k_at_enactment),
		cmocka_unit_test(
		    r5_15_rules_moved_before_those_in_force_are_old),
		cmocka_unit_test(r5_15_what_widens_waits_to_the_very_second),
		cmocka_unit_test(r5_15_what_narrows_does_not_wait),
		cmocka_unit_test(r5_13_rules_may_leave_suspending_to_members),
		cmocka_unit_test(
		    r13_4_old_rules_decide_what_was_asked_under_them),
		cmocka_unit_test(r13_5_the_cool_off_ends_at_the_very_second),
		cmocka_unit_test(r13_5_from_and_until_to_the_second),
		cmocka_unit_test(c_4_a_decline_in_the_cool_off_is_a_veto),
		cmocka_unit_test(c_4_afterwards_it_is_one_voice),
		cmocka_unit_test(c_4_a_veto_does_not_wait_for_the_beginning),
		cmocka_unit_test(
		    r13_5_break_glass_is_shorter_and_needs_as_many_or_more),
		cmocka_unit_test(r13_13_as_often_as_the_rules_say),
		cmocka_unit_test(r13_13_any_number_while_the_grant_lasts),
		cmocka_unit_test(r13_13_a_grant_is_not_begun_anew),
		cmocka_unit_test(r13_5_a_grant_is_since_the_last_approval),
		cmocka_unit_test(r4_4_the_last_place_is_kept_for_the_post),
		cmocka_unit_test(r4_4_void_approvals_have_their_place),
		cmocka_unit_test(r4_4_a_void_approval_fills_no_post),
		cmocka_unit_test(x_2_a_post_succeeds_one_way),
		cmocka_unit_test(r4_4_a_cap_is_kept_from_the_first_approval_on),
		cmocka_unit_test(
		    r13_4_a_committee_can_keep_the_rules_of_its_safe),
		cmocka_unit_test(r5_5_no_deal_before_the_objection_period_ends),
		cmocka_unit_test(r5_5_who_leaves_is_not_waited_for),
		cmocka_unit_test(o_1_a_policy_is_a_whole_file),
		cmocka_unit_test(o_1_a_policy_is_never_older),
		cmocka_unit_test(o_1_no_policy_is_the_last),
		cmocka_unit_test(
		    x_8_a_committee_below_the_minimum_needs_a_waiver),
		cmocka_unit_test(a_3_no_rules_below_the_level),
		cmocka_unit_test(a_3_places_that_anybody_fills_are_none),
		cmocka_unit_test(a_3_a_cap_on_lines_holds_for_break_glass),
		cmocka_unit_test(a_3_a_level_that_is_none_is_the_strictest),
		cmocka_unit_test(a_3_rules_that_a_policy_has_overtaken),
		cmocka_unit_test(
		    x_8_a_committee_above_the_maximum_needs_a_waiver),
		cmocka_unit_test(x_8_at_setup_too),
		cmocka_unit_test(x_8_a_committee_is_worth_what_its_posts_are),
		cmocka_unit_test(x_8_a_committee_is_counted_as_it_will_be),
		cmocka_unit_test(x_14_a_class_never_falls_by_itself),
		cmocka_unit_test(x_14_reach_and_links_raise_a_class),
		cmocka_unit_test(x_14_a_safe_is_of_the_level_of_what_it_holds),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
