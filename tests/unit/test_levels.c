/* The policy file: refusals first, each with its line; then every value of
 * the file that is shipped, and which way a value is weaker. */

#include "policy/levels.h"
#include "tests/check.h"
#include "tests/exact.h"
#include "vault/base/blob.h"

/* ---- the shipped file, changed */

/* In the shipped file, behind the first `after`, the first `from` becomes
 * `to`. The line of `from` is line + 1. */
struct change {
	const char *after, *from, *to;
	const char *at;    /* where the fault is, behind `after`; 0: there */
	const char *words; /* of the sentence */
};

static size_t
line_at(const char *text, const char *at)
{
	size_t line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static void
shipped(struct blob *out)
{
	assert_int_equal(blob_add(out, levels_shipped_text()), AM_OK);
	assert_int_equal(blob_add(out, LIT("\0")), AM_OK);
}

/* Returns the line of the fault. */
static size_t
changed(const struct change *c, struct blob *out)
{
	blob_auto all = { 0 };
	const char *text, *at;

	shipped(&all);
	text = (const char *)all.p;
	at = strstr(text, c->after);
	assert_non_null(at);
	at = strstr(at, c->from);
	assert_non_null(at);
	assert_int_equal(
	    blob_add(out,
		(struct bytes){ (const uint8_t *)text, (size_t)(at - text) }),
	    AM_OK);
	assert_int_equal(blob_text(out, c->to), AM_OK);
	assert_int_equal(blob_text(out, at + strlen(c->from)), AM_OK);
	if (c->at == NULL)
		return line_at(text, at + (*at == '\n'));
	assert_int_equal(blob_add(out, LIT("\0")), AM_OK);
	out->len--;
	text = (const char *)out->p;
	at = strstr(strstr(text, c->after), c->at);
	assert_non_null(at);
	return line_at(text, at + (*at == '\n'));
}

static enum am_err
reads(struct bytes text, struct levels *out, struct why *why)
{
	exact_auto in = exact(text.p, text.len);

	return levels_read(in, out, why);
}

static void
refused(struct bytes text, size_t line, const char *words)
{
	static struct levels out;
	struct why why = { 0 };
	char lead[24];

	out.version = 77;
	(void)snprintf(lead, sizeof(lead), "line %zu: ", line);
	assert_int_equal(reads(text, &out, &why), AM_ERR_INCOMPLETE);
	assert_int_equal(out.version, 77);
	if (strncmp(why.text, lead, strlen(lead)) != 0 ||
	    strstr(why.text, words) == NULL)
		fail_msg("'%s', not '%s...%s'", why.text, lead, words);
}

static void
all_refused(const struct change *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		blob_auto text = { 0 };
		const size_t line = changed(&list[i], &text);

		refused(blob_bytes(&text), line, list[i].words);
	}
}

#define ALL_REFUSED(list) all_refused(list, AM_ARRAY_LEN(list))
#define BASE              "\n  baseline:\n"

/* ---- refusals */

static void
keys_stand_once_and_all_of_them(void **state)
{
	static const struct change list[] = {
		{ BASE, "n_max: 16", "quorum_k: 5\n    n_max: 16", 0,
		    "the key 'quorum_k' is there twice; it was in line " },
		{ "levels:", "  baseline:", "  baseline: {}\n  baseline:", BASE,
		    "the key 'baseline' is there twice" },
		{ "version", "version: 1", "version: 1\nformat: amanat-policy",
		    "format:", "'format' is there twice" },
		{ "members: 3, ", "disjoint_persons", "quorum", 0,
		    "'quorum' is there twice" },
		{ BASE, "n_max: 16", "n_max: 16\n    quorum: 2",
		    "    quorum: 2", "unknown key 'quorum' in baseline" },
		{ "", "version: 1", "version: 1\nnotes: none", "notes: none",
		    "unknown key 'notes' in the file" },
		{ "levels:", "  baseline:", "  lowest: {}\n  baseline:", 0,
		    "unknown key 'lowest' in levels" },
		{ "class_map:", "  secret:", "  top_secret: maximum\n  secret:",
		    0, "unknown key 'top_secret' in class_map" },
		{ "members: 3, ", "disjoint_persons", "disjoint_people", 0,
		    "unknown key 'disjoint_people' in recovery_set" },
		{ BASE, "quorum_k: 2", "#", BASE,
		    "baseline lacks the key 'quorum_k'" },
		{ "class_checks:", "    hosting: any", "",
		    "\n  open:", "open lacks the key 'hosting'" },
		{ "hard_limits:", "  replace_at_once: k-1", "", "hard_limits:",
		    "hard_limits lacks the key 'replace_at_once'" },
		{ "members: 3, ", "disjoint_persons: false", "", 0,
		    "recovery_set lacks the key 'disjoint_persons'" },
	};

	(void)state;
	ALL_REFUSED(list);
	refused(LIT("format: amanat-policy\n"), 1,
	    "the file lacks the key 'version'");
}

static void
yaml_that_says_one_thing_and_does_another_is_refused(void **state)
{
	static const struct change list[] = {
		{ BASE, "quorum_k: 2", "quorum_k: &k 2 ", 0, "anchors (&)" },
		{ BASE, "quorum_k: 2", "quorum_k: *k ", 0, "aliases (*)" },
		{ BASE, "quorum_k: 2", "quorum_k: !!int 2 ", 0, "tags (!)" },
		{ BASE, "- [owner]", "- &g [owner]", 0, "anchors (&)" },
		{ "", BASE, "\n  baseline: &b\n", 0, "anchors (&)" },
		{ BASE, "quorum_k: 2", "<<: *k ", 0, "aliases (*)" },
		{ BASE, "quorum_k: 2", "quorum_k: '2' ", 0, "without quotes" },
		{ BASE, "quorum_k: 2", "quorum_k: \"2\" ", 0,
		    "without quotes" },
		{ BASE, "quorum_k: 2", "quorum_k: |-\n      2\n#", 0,
		    "without quotes" },
		{ BASE, "quorum_k: 2", "quorum_k: 2\n      3\n#", 0,
		    "goes on in the next line" },
		{ BASE, "quorum_k: 2", "quorum_k: ", 0, "an empty value" },
		{ BASE, "grant_uses_max: null", "grant_uses_max: ~", 0,
		    "null is written so, not '~'" },
		{ BASE, "recovery_set: null", "recovery_set: NULL", 0,
		    "null is written so, not 'NULL'" },
		{ BASE, "- [owner]", "- [[owner]]", 0, "too deep" },
		{ BASE, "- [owner]", "- {owner: 1}", 0,
		    "a list holds no keys" },
		{ BASE, "quorum_k: 2", "? [a, b]\n    : 2 #", 0,
		    "a key is one word" },
		{ BASE, "quorum_k: 2", "quorum_k: \xc3\xa9 ", 0, "only ASCII" },
		{ BASE, "quorum_k: 2",
		    "quorum_k: 12345678901234567890123456789012345678901 ", 0,
		    "more than 40 characters" },
		{ BASE, "quorum_k: 2", "quorum_k: [2 ", "n_min: 3",
		    "not YAML" },
		{ BASE, "quorum_k: 2", "quorum_k: %2 ", 0, "not YAML" },
		{ "", "# Amanat", "%YAML 1.1\n---\n# Amanat", 0, "directives" },
		{ "", "# Amanat", "%TAG ! tag:a\n---\n# Amanat", 0,
		    "directives" },
		{ "", "version: 1", "version: 1\n---\na: b", "---\na",
		    "a second document" },
		{ "", "version: 1", "version: 1\n...\na: b", "a: b",
		    "document" },
	};

	(void)state;
	ALL_REFUSED(list);
	refused(LIT("- a\n"), 1, "begins with 'format:'");
	refused(LIT("a\n"), 1, "begins with 'format:'");
	refused(LIT("\n\n"), 1, "there is nothing in the file");
	refused(LIT("# a\n---\n"), 3, "begins with 'format:'");
}

static void
bytes_that_are_not_seen_are_refused(void **state)
{
	static const struct change list[] = {
		{ BASE, "quorum_k: 2", "quorum_k:\t2 ", 0, "a tab" },
		{ BASE, "quorum_k: 2", "quorum_k: 2\r", 0,
		    "a carriage return" },
		{ BASE, "quorum_k: 2", "quorum_k: 2\x1b ", 0,
		    "a control character" },
		{ BASE, "# people", "# \x7f", 0, "a control character" },
		{ BASE, "# people", "# \xc2\x85", 0, "hides a line's end" },
		{ BASE, "# people", "# \xe2\x80\xa8    n_min: 3 #", 0,
		    "hides a line's end" },
		{ BASE, "# people", "# \xe2\x80\xae", 0, "its direction" },
		{ BASE, "# people", "# \xe2\x81\xa6", 0, "its direction" },
		{ BASE, "# people", "# \xff", 0, "not UTF-8" },
		{ BASE, "# people", "# \xc0\xaf", 0, "not UTF-8" },
		{ BASE, "# people", "# \xed\xa0\x80", 0, "not UTF-8" },
		{ "", "# Amanat", "\xef\xbb\xbf# Amanat", 0,
		    "a byte order mark" },
	};
	static uint8_t large[LEVELS_FILE_MAX + 1];
	blob_auto text = { 0 };

	(void)state;
	ALL_REFUSED(list);
	refused(LIT(""), 1, "does not end");
	refused(LIT("a\0b\n"), 1, "a control character");
	refused(LIT("\xff\xfe\x61\0\n\0"), 1, "a control character");
	memset(large, '\n', sizeof(large));
	refused((struct bytes){ large, sizeof(large) }, LEVELS_FILE_MAX + 1,
	    "passes 57344 bytes");
	refused((struct bytes){ large, sizeof(large) - 1 }, 1,
	    "there is nothing in the file");
	assert_int_equal(blob_add(&text, levels_shipped_text()), AM_OK);
	refused((struct bytes){ text.p, text.len - 1 },
	    line_at((const char *)text.p, (const char *)text.p + text.len - 1),
	    "does not end");
}

static void
a_committee_that_could_not_work_is_refused(void **state)
{
	static const struct change list[] = {
		{ BASE, "quorum_k: 2", "quorum_k: 0", 0,
		    "quorum_k of baseline: a number from 2 to 15" },
		{ BASE, "quorum_k: 2", "quorum_k: 1", 0, "from 2 to 15" },
		{ BASE, "quorum_k: 2", "quorum_k: null", 0, "from 2 to 15" },
		{ BASE, "quorum_k: 2", "quorum_k: 3", 0,
		    "3 is above n_min - 1 = 2" },
		{ BASE, "quorum_k: 2", "quorum_k: 16", 0, "from 2 to 15" },
		{ BASE, "quorum_k: 2", "quorum_k: 02", 0, "not '02'" },
		{ BASE, "quorum_k: 2", "quorum_k: 0x2", 0, "not '0x2'" },
		{ BASE, "quorum_k: 2", "quorum_k: +2", 0, "not '+2'" },
		{ BASE, "quorum_k: 2", "quorum_k: -2", 0, "not '-2'" },
		{ BASE, "quorum_k: 2", "quorum_k: 2.0", 0, "not '2.0'" },
		{ BASE, "quorum_k: 2", "quorum_k: 4294967298", 0, "from 2" },
		{ BASE, "quorum_k: 2", "quorum_k: 999999999999999999999", 0,
		    "from 2" },
		{ BASE, "n_min: 3", "n_min: 2", 0, "from 3 to 16" },
		{ BASE, "n_max: 16", "n_max: 17", 0, "from 3 to 16" },
		{ "\n  maximum:\n", "n_max: 16", "n_max: 6", 0,
		    "6 is below n_min = 7" },
		{ BASE, "head_surplus_min: 1", "head_surplus_min: 2", 0,
		    "2 more are more than n_min = 3" },
		{ BASE, "- [owner]",
		    "- [owner]\n      - [legal]\n      - [audit]",
		    "required_posts:", "3 groups, each of another person" },
		{ "\n  maximum:\n", "breakglass_quorum: 5",
		    "breakglass_quorum: 3", 0, "3 is not from quorum_k = 4" },
		{ "\n  maximum:\n", "breakglass_quorum: 5",
		    "breakglass_quorum: 7", 0, "7 is not from quorum_k = 4" },
		{ BASE, "breakglass_quorum: 2", "breakglass_quorum: 0", 0,
		    "from 2 to 15" },
		{ BASE, "recovery_set: null",
		    "recovery_set: {quorum: 0, members: 3, disjoint_persons: "
		    "true}",
		    0, "from 2 to 2 is needed, not '0'" },
		{ BASE, "recovery_set: null",
		    "recovery_set: {quorum: 3, members: 3, disjoint_persons: "
		    "true}",
		    0, "from 2 to 2 is needed, not '3'" },
		{ BASE, "recovery_set: null",
		    "recovery_set: {quorum: 2, members: 17, disjoint_persons: "
		    "true}",
		    0, "from 3 to 16" },
		{ BASE, "recovery_set: null",
		    "recovery_set: {quorum: 2, members: 3, disjoint_persons: "
		    "yes}",
		    0, "'yes' is not false or true" },
		{ "hard_limits:", "quorum_min: 2", "quorum_min: 1", 0,
		    "quorum_min of hard_limits: is 2 and cannot be 1" },
		{ "hard_limits:", "syncable_tokens: refused",
		    "syncable_tokens: allowed", 0, "cannot be allowed" },
		{ "hard_limits:", "replace_at_once: k-1", "replace_at_once: k",
		    0, "is k-1 and cannot be k" },
	};

	(void)state;
	ALL_REFUSED(list);
}

static void
times_are_exact(void **state)
{
	static const struct change list[] = {
		{ BASE, "grant_life: 24h", "grant_life: 24", 0,
		    "'24' is no time" },
		{ BASE, "grant_life: 24h", "grant_life: 24m", 0,
		    "'24m' is no time" },
		{ BASE, "grant_life: 24h", "grant_life: 24H", 0,
		    "'24H' is no time" },
		{ BASE, "grant_life: 24h", "grant_life: 24 h", 0,
		    "'24 h' is no time" },
		{ BASE, "grant_life: 24h", "grant_life: h", 0,
		    "'h' is no time" },
		{ BASE, "grant_life: 24h", "grant_life: -24h", 0,
		    "'-24h' is no time" },
		{ BASE, "grant_life: 24h", "grant_life: 024h", 0,
		    "'024h' is no time" },
		{ BASE, "grant_life: 24h", "grant_life: 1h30min", 0,
		    "'1h30min' is no time" },
		{ BASE, "grant_life: 24h", "grant_life: 101y", 0,
		    "more than a hundred years" },
		{ BASE, "grant_life: 24h", "grant_life: 999999y", 0,
		    "more than a hundred years" },
		{ BASE, "grant_life: 24h", "grant_life: 99999999999999999y", 0,
		    "is no time" },
		{ BASE, "grant_life: 24h", "grant_life: 0h", 0,
		    "a time longer than 0h" },
		{ BASE, "grant_life: 24h", "grant_life: null", 0,
		    "null is not possible here" },
		{ BASE, "grant_life: 24h", "grant_life: checkpoint", 0,
		    "not 'checkpoint'" },
		{ BASE, "grant_life: 24h", "grant_life: 1d", 0,
		    "'1d' is written 24h here" },
		{ BASE, "grant_life: 24h", "grant_life: 60min", 0,
		    "'60min' is written 1h here" },
		{ BASE, "grant_life: 24h", "grant_life: 168h", 0,
		    "'168h' is written 7d here" },
		{ BASE, "grant_life: 24h", "grant_life: 31d", 0,
		    "'31d' is written 1mo here" },
		{ BASE, "cooloff_open: 0h", "cooloff_open: 0min", 0,
		    "'0min' is written 0h here" },
		{ BASE, "cooloff_open: 0h", "cooloff_open: null", 0,
		    "null is not possible here" },
		{ BASE, "depart_suspend_for_cause: null",
		    "depart_suspend_for_cause: 25h", 0,
		    "longer than depart_suspend" },
		{ BASE, "breach_detail: 72h", "breach_detail: 23h", 0,
		    "sooner than breach_first" },
		{ BASE, "breach_final: 30d", "breach_final: 1h", 0,
		    "sooner than breach_detail" },
		{ BASE, "breach_first: 24h", "breach_first: null",
		    "breach_detail:", "sooner than breach_first" },
	};

	(void)state;
	ALL_REFUSED(list);
}

static void
words_and_lists_are_those_that_are_known(void **state)
{
	static const struct change list[] = {
		{ "", "amanat-policy", "amanat-polic", 0,
		    "format is amanat-policy, not 'amanat-polic'" },
		{ "", "version: 1", "version: 0", 0, "version: a number" },
		{ "", "version: 1", "version: 4294967296", 0, "a number" },
		{ BASE, "cut_action: warn", "cut_action: ignore", 0,
		    "'ignore' is not warn or refuse" },
		{ BASE, "requester_counts: false", "requester_counts: fasle", 0,
		    "'fasle' is not false or true" },
		{ BASE, "requester_counts: false", "requester_counts: no", 0,
		    "'no' is not false or true" },
		{ BASE, "token_touch: default", "token_touch: Default", 0,
		    "is not default, required or every_operation" },
		{ BASE, "user_verification: required",
		    "user_verification: preferred", 0, "is not required" },
		{ "class_map:", "open: baseline", "open: none", 0,
		    "open of class_map: 'none' is not baseline" },
		{ "class_map:", "secret: maximum", "secret: baseline", 0,
		    "baseline is below the level of sensitive" },
		{ "class_checks:", "[registered, accredited]", "[registred]", 0,
		    "'registred' is not registered or accredited" },
		{ "class_checks:", "[registered, accredited]",
		    "[accredited, accredited]", 0, "is there twice" },
		{ "class_checks:", "[registered, accredited]", "[]", 0,
		    "csp_status: an empty list" },
		{ "class_checks:", "[registered, accredited]", "accredited", 0,
		    "csp_status: a word, a list and a group of keys" },
		{ "class_checks:", "hosting: any", "hosting: [any]", 0,
		    "hosting: a word, a list and a group of keys" },
		{ BASE, "- [owner]", "- owner",
		    "required_posts:", "'owner' stands alone" },
		{ BASE, "- [owner]", "- []", 0, "an empty list" },
		{ BASE, "- [owner]", "- [owner, owner]",
		    "required_posts:", "'owner' is there twice" },
		{ BASE, "- [owner]", "- [Owner]",
		    "required_posts:", "'Owner' is no name" },
		{ BASE, "- [owner]", "- [a123456789012345678901234567890123]",
		    "required_posts:", "is no name" },
		{ BASE, "- [owner]", "- [a, b, c, d, e, f, g, h, i]",
		    "required_posts:", "more than 8 in a list" },
		{ BASE, "- [owner]",
		    "- [a]\n      - [a]\n      - [a]\n      - [a]\n      - "
		    "[a]\n      - [a]\n      - [a]\n      - [a]\n      - [a]",
		    "required_posts:", "more than 8 groups" },
		{ BASE, "breakglass_notify: [committee]",
		    "breakglass_notify: []", 0, "an empty list" },
		{ BASE, "breakglass_notify: [committee]",
		    "breakglass_notify: [null]", 0, "'null' is no name" },
		{ BASE, "breakglass_notify: [committee]",
		    "breakglass_notify: [a, b, c, d, e, f, g, h, i]", 0,
		    "a list that is too long" },
		{ BASE, "breakglass_notify: [committee]",
		    "breakglass_notify: [[committee]]", 0, "a word, a list" },
		{ BASE, "grant_uses_max: null", "grant_uses_max: 0", 0,
		    "a number from 1" },
		{ BASE, "grant_uses_max: null", "grant_uses_max: 65536", 0,
		    "a number from 1" },
		{ BASE, "recovery_set: null", "recovery_set: none", 0,
		    "recovery_set: a word, a list" },
		{ BASE, "witnesses_outside_min: 0", "witnesses_outside_min: 1",
		    0, "1 is above witnesses_min = 0" },
		{ BASE, "timestamp: none", "timestamp: daily",
		    "timestamp_authorities:",
		    "0 does not go with timestamp = daily" },
		{ BASE, "timestamp_authorities: 0", "timestamp_authorities: 1",
		    0, "1 does not go with timestamp = none" },
	};

	(void)state;
	ALL_REFUSED(list);
}

/* What is left is whole only when nothing but comments was cut away. */
static void
a_file_that_was_cut_short_is_refused(void **state)
{
	const struct bytes all = levels_shipped_text();
	static struct levels out;

	(void)state;
	for (size_t n = 0; n < all.len; n++) {
		struct why why = { 0 };

		if (reads((struct bytes){ all.p, n }, &out, &why) == AM_OK)
			fail_msg("%zu of %zu bytes", n, all.len);
		assert_non_null(strstr(why.text, "line "));
	}
}

/* ---- the file that is shipped */

static void
names_are_found(void **state)
{
	(void)state;
	assert_int_equal(levels_find("baseline"), 0);
	assert_int_equal(levels_find("maximum"), 3);
	assert_int_equal(levels_find("Maximum"), -1);
	assert_int_equal(levels_find(""), -1);
	assert_int_equal(levels_find_class("open"), 0);
	assert_int_equal(levels_find_class("secret"), 4);
	assert_int_equal(levels_find_class("baseline"), -1);
	assert_string_equal(levels_name(2), "enhanced");
	assert_string_equal(levels_class_name(3), "sensitive");
	assert_null(levels_name(LEVELS_COUNT));
	assert_null(levels_class_name(LEVELS_CLASSES));
}

/* What levels_compare says, a line each. */
static enum am_err
write_down(void *arg, const struct levels_value *v)
{
	return blob_printf(arg, "%s %s: %s%s%s%s\n", v->where, v->key,
	    v->before, v->before[0] != '\0' ? " -> " : "", v->now,
	    v->weaker ? " weaker" : "");
}

static void
says(const struct levels *a, const struct levels *b, const char *lines)
{
	blob_auto out = { 0 };

	assert_int_equal(levels_compare(a, b, write_down, &out), AM_OK);
	assert_int_equal(blob_add(&out, LIT("\0")), AM_OK);
	assert_string_equal((const char *)out.p, lines);
}

/* Times are in seconds: 31 days a month, 366 a year. */
enum { H = 3600, D = 24 * H, MO = 31 * D, Y = 366 * D };

static void
fields_hold_what_the_file_says(void **state)
{
	static struct levels l;
	const struct levels_level *b = &l.level[0], *m = &l.level[3];

	(void)state;
	assert_int_equal(levels_shipped(&l), AM_OK);
	assert_int_equal(l.version, 1);
	assert_int_equal(b->quorum_k, 2);
	assert_int_equal(b->cut_action, LEVELS_WARN);
	assert_int_equal(m->cut_action, LEVELS_REFUSE);
	assert_int_equal(b->durable_horizon, 90 * D);
	assert_int_equal(b->cooloff_open, 0);
	assert_int_equal(l.level[1].breakglass_cooloff, 15 * 60);
	assert_int_equal(b->grant_uses_max, 0);
	assert_int_equal(m->grant_uses_max, 1);
	assert_int_equal(b->rotate_after_open, LEVELS_NONE);
	assert_int_equal(b->rotate_routine, 12 * MO);
	assert_int_equal(b->depart_suspend_for_cause, LEVELS_NONE);
	assert_int_equal(m->depart_suspend_for_cause, 0);
	assert_int_equal(m->log_copy, LEVELS_CHECKPOINT);
	assert_int_equal(m->log_keep, 10 * Y);
	assert_false(b->has_recovery_set);
	assert_true(m->has_recovery_set && m->recovery_set.disjoint_persons);
	assert_int_equal(m->recovery_set.quorum, 5);
	assert_int_equal(m->recovery_set.members, 7);
	assert_int_equal(m->group_count, 3);
	assert_int_equal(m->required_posts[0].count, 1);
	assert_string_equal(m->required_posts[2].wings[1], "outside");
	assert_int_equal(m->notify_count, 3);
	assert_string_equal(m->breakglass_notify[2], "cloud_office");
	assert_string_equal(m->token_touch, "every_operation");
	assert_true(l.class[0].registered && l.class[0].accredited);
	assert_false(l.class[4].registered);
	assert_true(l.class[4].in_country && l.class[4].approval_reference);
	assert_false(l.class[0].in_country);
	assert_int_equal(l.class[4].due_diligence_max_age, 12 * MO);
	assert_int_equal(l.class[2].level, 1);
}

/* Every value of the file, as it is meant to be: a change of the file is a
 * change here. */
static const char *const expected =
#include "tests/unit/levels_shipped.txt"
    ;

static void
every_value_is_that_of_the_file(void **state)
{
	static struct levels l;

	(void)state;
	assert_int_equal(levels_shipped(&l), AM_OK);
	says(NULL, &l, expected);
}

static void
what_is_the_same_is_not_told(void **state)
{
	static struct levels l;

	(void)state;
	assert_int_equal(levels_shipped(&l), AM_OK);
	says(&l, &l, "");
}

static enum am_err
stop(void *arg, const struct levels_value *v)
{
	(void)v;
	return ++*(int *)arg == 3 ? AM_ERR_IO : AM_OK;
}

static void
an_error_of_the_caller_ends_it(void **state)
{
	static struct levels l;
	int calls = 0;

	(void)state;
	assert_int_equal(levels_shipped(&l), AM_OK);
	assert_int_equal(levels_compare(NULL, &l, stop, &calls), AM_ERR_IO);
	assert_int_equal(calls, 3);
}

/* ---- weaker */

/* `from` in the shipped file becomes `to`: told, and weaker one way only,
 * or neither. */
enum direction { WEAKER, STRICTER, NEITHER, BOTH };

struct weight {
	const char *after, *from, *to;
	enum direction way;
};

static void
one_way(const struct weight *w)
{
	const struct change c = { w->after, w->from, w->to, 0, "" };
	static struct levels a, b;
	struct why why = { 0 };
	blob_auto text = { 0 }, there = { 0 }, back = { 0 };
	bool weaker, stricter;

	(void)changed(&c, &text);
	assert_int_equal(levels_shipped(&a), AM_OK);
	if (reads(blob_bytes(&text), &b, &why) != AM_OK)
		fail_msg("%s: %s", w->to, why.text);
	assert_int_equal(levels_compare(&a, &b, write_down, &there), AM_OK);
	assert_int_equal(levels_compare(&b, &a, write_down, &back), AM_OK);
	assert_int_equal(blob_add(&there, LIT("\0")), AM_OK);
	assert_int_equal(blob_add(&back, LIT("\0")), AM_OK);
	assert_string_not_equal((const char *)there.p, "");
	weaker = strstr((const char *)there.p, " weaker") != NULL;
	stricter = strstr((const char *)back.p, " weaker") != NULL;
	if (weaker != (w->way == WEAKER || w->way == BOTH) ||
	    stricter != (w->way == STRICTER || w->way == BOTH))
		fail_msg("%s%s", (const char *)there.p, (const char *)back.p);
}

#define INTER "\n  intermediate:\n"
#define MAXI  "\n  maximum:\n"

static void
weaker_is_weaker(void **state)
{
	static const struct weight list[] = {
		{ MAXI, "quorum_k: 4", "quorum_k: 3", WEAKER },
		{ BASE, "n_min: 3", "n_min: 4", STRICTER },
		{ BASE, "n_max: 16", "n_max: 9", STRICTER },
		{ BASE, "head_surplus_min: 1", "head_surplus_min: 0", WEAKER },
		{ INTER, "cut_min: 2", "cut_min: 1", WEAKER },
		{ INTER, "cut_action: refuse", "cut_action: warn", WEAKER },
		{ BASE, "durable_holders_min: 1", "durable_holders_min: 2",
		    STRICTER },
		{ BASE, "durable_horizon: 90d", "durable_horizon: 30d",
		    WEAKER },
		{ BASE, "durable_action: warn", "durable_action: refuse",
		    STRICTER },
		{ BASE, "eligible_per_required_post: 1",
		    "eligible_per_required_post: 2", STRICTER },
		{ BASE, "eligible_action: warn", "eligible_action: refuse",
		    STRICTER },
		{ BASE, "max_same_reporting_line: 2",
		    "max_same_reporting_line: 1", STRICTER },
		{ BASE, "requester_counts: false", "requester_counts: true",
		    WEAKER },
		{ INTER, "cooloff_open: 1h", "cooloff_open: 59min", WEAKER },
		{ BASE, "veto_by_decline: false", "veto_by_decline: true",
		    STRICTER },
		{ BASE, "cooloff_change: 24h", "cooloff_change: 0h", WEAKER },
		{ MAXI, "breakglass_quorum: 5", "breakglass_quorum: 4",
		    WEAKER },
		{ BASE, "breakglass_cooloff: 0h", "breakglass_cooloff: 5min",
		    STRICTER },
		{ MAXI, "[committee, head_of_entity, cloud_office]",
		    "[committee, cloud_office]", WEAKER },
		{ MAXI, "[committee, head_of_entity, cloud_office]",
		    "[cloud_office, head_of_entity, committee]", NEITHER },
		{ MAXI, "[committee, head_of_entity, cloud_office]",
		    "[committee, head_of_entity, press]", BOTH },
		{ BASE, "grant_life: 24h", "grant_life: 48h", WEAKER },
		{ BASE, "grant_uses_max: null", "grant_uses_max: 9999",
		    STRICTER },
		{ MAXI, "grant_uses_max: 1", "grant_uses_max: 2", WEAKER },
		{ BASE, "rotate_after_open: null", "rotate_after_open: 10y",
		    STRICTER },
		{ BASE, "rotate_routine: 12mo", "rotate_routine: null",
		    WEAKER },
		{ BASE, "login_test: 6mo", "login_test: 7mo", WEAKER },
		{ BASE, "depart_suspend: 24h", "depart_suspend: 4h", STRICTER },
		{ BASE, "depart_suspend_for_cause: null",
		    "depart_suspend_for_cause: 0h", STRICTER },
		{ BASE, "depart_suspend_for_cause: null",
		    "depart_suspend_for_cause: 24h", NEITHER },
		{ MAXI, "depart_suspend_for_cause: 0h",
		    "depart_suspend_for_cause: null", WEAKER },
		{ BASE, "depart_reshare: 7d", "depart_reshare: 8d", WEAKER },
		{ BASE, "depart_rotate: 30d", "depart_rotate: 1mo", WEAKER },
		{ BASE, "transfer_review: 24h", "transfer_review: null",
		    WEAKER },
		{ BASE, "appointment_confirm: 12mo", "appointment_confirm: 1y",
		    STRICTER },
		{ BASE, "acceptance_renew: 12mo", "acceptance_renew: 6mo",
		    STRICTER },
		{ BASE, "token_attestation: recorded",
		    "token_attestation: none", WEAKER },
		{ INTER, "token_allow_list: true", "token_allow_list: false",
		    WEAKER },
		{ MAXI, "fips140_physical_level3",
		    "fips140_level2_or_cc_eal4plus", WEAKER },
		{ BASE, "token_touch: default", "token_touch: required",
		    STRICTER },
		{ MAXI, "token_models_min: 2", "token_models_min: 1", WEAKER },
		{ BASE, "token_advisory: warn", "token_advisory: refuse",
		    STRICTER },
		{ BASE, "pin_length_min: 6", "pin_length_min: 4", WEAKER },
		{ BASE, "tokens_per_custodian: 1", "tokens_per_custodian: 2",
		    STRICTER },
		{ BASE, "token_places_min: 1", "token_places_min: 2",
		    STRICTER },
		{ BASE, "drill_interval: 12mo", "drill_interval: 13mo",
		    WEAKER },
		{ BASE, "drill_interval: 12mo", "drill_interval: null",
		    WEAKER },
		{ BASE, "liveness_interval: 6mo", "liveness_interval: 3mo",
		    STRICTER },
		{ BASE, "access_review: 12mo", "access_review: null", WEAKER },
		{ BASE, "checkpoint_interval: 24h", "checkpoint_interval: 48h",
		    WEAKER },
		{ BASE, "checkpoint_statements: 50",
		    "checkpoint_statements: 51", WEAKER },
		{ INTER, "witnesses_min: 1", "witnesses_min: 0", WEAKER },
		{ INTER, "witnesses_outside_min: 0", "witnesses_outside_min: 1",
		    STRICTER },
		{ INTER, "timestamp: daily", "timestamp: checkpoint",
		    STRICTER },
		{ INTER, "timestamp_authorities: 1", "timestamp_authorities: 2",
		    STRICTER },
		{ BASE, "log_copy: 7d", "log_copy: 1h", STRICTER },
		{ MAXI, "log_copy: checkpoint", "log_copy: 1min", WEAKER },
		{ MAXI, "log_copy: checkpoint", "log_copy: null", WEAKER },
		{ BASE, "log_keep: 30mo", "log_keep: 29mo", WEAKER },
		{ BASE, "log_keep: 30mo", "log_keep: null", WEAKER },
		{ MAXI,
		    "recovery_set: {quorum: 5, members: 7, "
		    "disjoint_persons: true}",
		    "recovery_set: null", WEAKER },
		{ MAXI, "{quorum: 5, members: 7,", "{quorum: 4, members: 7,",
		    WEAKER },
		{ MAXI, "{quorum: 5, members: 7,", "{quorum: 5, members: 6,",
		    WEAKER },
		{ MAXI, "disjoint_persons: true", "disjoint_persons: false",
		    WEAKER },
		{ BASE, "breach_first: 24h", "breach_first: 25h", WEAKER },
		{ BASE, "breach_detail: 72h", "breach_detail: 48h", STRICTER },
		{ BASE, "breach_final: 30d", "breach_final: null", WEAKER },
		{ BASE, "supplier_review: 12mo", "supplier_review: 24mo",
		    WEAKER },
		{ BASE, "at_renewal: false", "at_renewal: true", STRICTER },
		{ BASE, "ownership_change: false", "ownership_change: true",
		    STRICTER },
		{ "class_map:", "sensitive: enhanced",
		    "sensitive: intermediate", WEAKER },
		{ "class_checks:", "[registered, accredited]", "[accredited]",
		    STRICTER },
		{ "    hosting: pakistan", "pakistan", "any", WEAKER },
		{ "class_checks:", "criteria_shared: true",
		    "criteria_shared: false", WEAKER },
		{ "class_checks:", "approval_reference: false",
		    "approval_reference: true", STRICTER },
		{ "class_checks:", "due_diligence_max_age: null",
		    "due_diligence_max_age: 12mo", STRICTER },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(list); i++)
		one_way(&list[i]);
}

/* Each group of before must find one of its own that is no wider. */
static void
groups_are_kept_or_it_is_weaker(void **state)
{
	static const char two[] = "- [audit, security]\n      - [legal, "
				  "outside]";
	static const struct weight list[] = {
		{ MAXI, two, "- [audit, security]", WEAKER },
		{ MAXI, two, "- [audit]\n      - [legal, outside]", STRICTER },
		{ MAXI, two, "- [audit, security, it]\n      - [legal]", BOTH },
		{ MAXI, two, "- [legal, outside]\n      - [audit, security]",
		    NEITHER },
		{ MAXI, two, "- [audit]\n      - [audit, security]", BOTH },
		{ MAXI, two, "- [outside]\n      - [security]\n      - [it]",
		    STRICTER },
		{ MAXI, two,
		    "- [audit, security]\n      - [audit, security, it]",
		    BOTH },
		{ INTER, "- [other_wing]", "- [audit]", BOTH },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(list); i++)
		one_way(&list[i]);
}

/* ---- models of security keys */

/* Base64 of a DER sequence of 260 bytes, and of another one. */
#define ROOT                                                           \
	"MIIBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define ROOT2                                                          \
	"MIIBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQA="

#define MODEL(aaguid, certification, advisory, roots)               \
	"  - aaguid: " aaguid                                       \
	"\n    name: TEST model\n    certification: " certification \
	"\n    advisory: " advisory "\n    roots: " roots "\n"
#define A     "00112233445566778899aabbccddeeff"
#define B     "ff112233445566778899aabbccddeeff"
#define NONE  "token_models: []\n"
#define KNOWN "token_models:\n"
#define LIST  "\ntoken_models:"

static void
an_entry_that_is_wrong_is_refused(void **state)
{
	static const struct change list[] = {
		{ LIST, NONE,
		    KNOWN MODEL(A, "none", "none", "[]\n    maker: x"),
		    "    maker", "unknown key 'maker' in entry 1" },
		{ LIST, NONE, KNOWN MODEL(A, "none", "none", "[]\n    name: x"),
		    "    name: x", "the key 'name' is there twice" },
		{ LIST, NONE, KNOWN "  - aaguid: " A "\n    name: x\n",
		    "  - aaguid: 0", "entry 1 lacks the key 'certification'" },
		{ LIST, NONE, KNOWN MODEL("0011", "none", "none", "[]"),
		    "  - aaguid: 0", "aaguid of entry 1: 32 hex digits" },
		{ LIST, NONE, KNOWN MODEL(A "0", "none", "none", "[]"),
		    "  - aaguid: 0", "32 hex digits" },
		{ LIST, NONE,
		    KNOWN MODEL("00112233445566778899AABBCCDDEEFF", "none",
			"none", "[]"),
		    "  - aaguid: 0", "in lower case" },
		{ LIST, NONE,
		    KNOWN MODEL("0011-22334455-6677-8899-aabbccddeeff", "none",
			"none", "[]"),
		    "  - aaguid: 0", "32 hex digits" },
		{ LIST, NONE,
		    KNOWN MODEL(A, "none", "none", "[]")
			MODEL("00112233-4455-6677-8899-aabbccddeeff", "none",
			    "none", "[]"),
		    "  - aaguid: 00112233-",
		    "aaguid of entry 2: this model is there twice; it was in "
		    "line " },
		{ LIST, NONE, KNOWN MODEL(A, "gold", "none", "[]"),
		    "    certification: gold", "certification of entry 1: " },
		{ LIST, NONE,
		    KNOWN MODEL(A, "none",
			"TEST-2026-0000000000000000000000000000000", "[]"),
		    "    advisory: TEST", "more than 40 characters" },
		{ LIST, NONE, KNOWN MODEL(A, "none", "none", "none"),
		    "    roots: none", "a word, a list" },
		{ LIST, NONE, KNOWN MODEL(A, "none", "none", "[MIIB]"),
		    "    roots: [", "a certificate is base64 of DER" },
		{ LIST, NONE, KNOWN MODEL(A, "none", "none", "[A" ROOT "]"),
		    "    roots: [", "a certificate is base64 of DER" },
		{ LIST, NONE, KNOWN MODEL(A, "none", "none", "[" ROOT "AAAA]"),
		    "    roots: [", "a certificate is base64 of DER" },
		{ LIST, NONE, KNOWN MODEL(A, "none", "none", "[MII_" ROOT "]"),
		    "    roots: [", "a certificate is base64 of DER" },
		{ LIST, NONE,
		    KNOWN MODEL(A, "none", "none",
			"[" ROOT ", " ROOT ", " ROOT ", " ROOT ", " ROOT "]"),
		    "    roots: [", "a list that is too long" },
		{ LIST, NONE, KNOWN "  - one\n", "  - one",
		    "token_models: an entry of this list is keys" },
		{ LIST, NONE, KNOWN "  - [one]\n", "  - [one]",
		    "token_models: an entry of this list is keys" },
		{ LIST, NONE, "token_models: none\n", 0, "a word, a list" },
		{ LIST, NONE, "token_models: null\n", 0, "a word, a list" },
		{ BASE, "[committee]", "[{a: b}]", 0, "a list holds no keys" },
	};
	static const struct change seventeen = { LIST, NONE,
		KNOWN "  - {}\n  - {}\n  - {}\n  - {}\n  - {}\n  - {}\n"
		      "  - {}\n  - {}\n  - {}\n  - {}\n  - {}\n  - {}\n"
		      "  - {}\n  - {}\n  - {}\n  - {}\n  - {}\n",
		"  - {}", "entry 1 lacks the key 'aaguid'" };

	(void)state;
	ALL_REFUSED(list);
	all_refused(&seventeen, 1);
}

/* Older files have no such key; none is named in either. */
static void
a_file_may_name_no_model(void **state)
{
	static const struct change without = { "", NONE, "", 0, "" };
	static struct levels l;
	struct why why = { 0 };
	blob_auto text = { 0 };

	(void)state;
	(void)changed(&without, &text);
	assert_int_equal(reads(blob_bytes(&text), &l, &why), AM_OK);
	assert_int_equal(l.model_count, 0);
	assert_int_equal(levels_shipped(&l), AM_OK);
	assert_int_equal(l.model_count, 0);
}

static void
models_are_those_of_the_file(void **state)
{
	static const struct change two = { "", NONE,
		KNOWN MODEL("00112233-4455-6677-8899-aabbccddeeff",
		    "fips140_physical_level3", "TEST-2026-03", "[]")
		    MODEL(B, "none", "none", "[" ROOT ", " ROOT2 "]"),
		0, "" };
	static const uint8_t aaguid[16] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
		0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	static struct levels l;
	struct why why = { 0 };
	blob_auto text = { 0 };
	struct bytes der;

	(void)state;
	(void)changed(&two, &text);
	assert_int_equal(reads(blob_bytes(&text), &l, &why), AM_OK);
	assert_int_equal(l.model_count, 2);
	assert_memory_equal(l.models[0].aaguid, aaguid, 16);
	assert_string_equal(l.models[0].name, "TEST model");
	assert_int_equal(l.models[0].certification, LEVELS_FIPS_3);
	assert_string_equal(l.models[0].advisory, "TEST-2026-03");
	assert_int_equal(l.models[0].root_count, 0);
	assert_int_equal(l.models[1].aaguid[0], 0xff);
	assert_string_equal(l.models[1].advisory, "");
	assert_int_equal(l.models[1].root_count, 2);
	der = levels_root(&l, &l.models[1], 1);
	assert_int_equal(der.len, 260);
	assert_memory_equal(der.p, "\x30\x82\x01\x00", 4);
	assert_int_equal(der.p[258], 1);
	assert_int_equal(levels_root(&l, &l.models[1], 0).p[258], 0);
}

static void
read_models(const char *entries, struct levels *out)
{
	const struct change c = { "", NONE, entries, 0, "" };
	struct why why = { 0 };
	blob_auto text = { 0 };

	(void)changed(&c, &text);
	if (reads(blob_bytes(&text), out, &why) != AM_OK)
		fail_msg("%s", why.text);
}

/* -1: it is the same; else whether `b` is weaker than `a`. */
static int
is_weaker(const char *a, const char *b)
{
	static struct levels was, is;
	blob_auto told = { 0 };

	read_models(a, &was);
	read_models(b, &is);
	assert_int_equal(levels_compare(&was, &is, write_down, &told), AM_OK);
	assert_int_equal(blob_add(&told, LIT("\0")), AM_OK);
	return told.len == 1 ? -1
			     : strstr((const char *)told.p, " weaker") != NULL;
}

static void
a_model_more_is_weaker_where_there_were_any(void **state)
{
	static const char one[] = KNOWN MODEL(A, "none", "none", "[" ROOT "]");
	static const char two[] = KNOWN MODEL(B, "none", "none", "[]")
	    MODEL(A, "none", "none", "[" ROOT "]");
	static const char certified[] =
	    KNOWN MODEL(A, "fips140_physical_level3", "none", "[" ROOT "]");
	static const char advised[] =
	    KNOWN MODEL(A, "none", "TEST-1", "[" ROOT "]");
	static const char otherwise[] =
	    KNOWN MODEL(A, "none", "TEST-2", "[" ROOT "]");
	static const char more[] =
	    KNOWN MODEL(A, "none", "none", "[" ROOT ", " ROOT2 "]");
	static const char another[] =
	    KNOWN MODEL(A, "none", "none", "[" ROOT2 "]");
	static const struct {
		const char *a, *b;
		int weaker, back;
	} list[] = {
		{ NONE, one, false, false }, /* the agency's choice */
		{ one, one, -1, -1 },
		{ one, two, true, false },
		{ one, certified, true, false },
		{ one, advised, false, true },
		{ advised, otherwise, false, false },
		{ one, more, true, false },
		{ one, another, true, true },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(list); i++) {
		assert_int_equal(
		    is_weaker(list[i].a, list[i].b), list[i].weaker);
		assert_int_equal(is_weaker(list[i].b, list[i].a), list[i].back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_stand_once_and_all_of_them),
		cmocka_unit_test(
		    yaml_that_says_one_thing_and_does_another_is_refused),
		cmocka_unit_test(bytes_that_are_not_seen_are_refused),
		cmocka_unit_test(a_committee_that_could_not_work_is_refused),
		cmocka_unit_test(times_are_exact),
		cmocka_unit_test(words_and_lists_are_those_that_are_known),
		cmocka_unit_test(a_file_that_was_cut_short_is_refused),
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(fields_hold_what_the_file_says),
		cmocka_unit_test(every_value_is_that_of_the_file),
		cmocka_unit_test(what_is_the_same_is_not_told),
		cmocka_unit_test(an_error_of_the_caller_ends_it),
		cmocka_unit_test(weaker_is_weaker),
		cmocka_unit_test(groups_are_kept_or_it_is_weaker),
		cmocka_unit_test(an_entry_that_is_wrong_is_refused),
		cmocka_unit_test(a_file_may_name_no_model),
		cmocka_unit_test(models_are_those_of_the_file),
		cmocka_unit_test(a_model_more_is_weaker_where_there_were_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
