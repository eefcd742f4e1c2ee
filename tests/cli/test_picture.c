/*
 * The page of an analysis: every tag is closed, nothing in it acts or fetches,
 * and no name gets out of its place.
 */

#include <stdio.h>

#include "cli/picture.h"
#include "tests/check.h"

enum { DAY = 86400 };

static struct lockout_case *
some_case(const char *id)
{
	struct lockout_case *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->n = 3;
	c->now = 1648425600; /* 2022-03-28T00:00:00Z */
	c->horizon = 400 * (int64_t)DAY;
	c->rule.need = 2;
	c->rule.group_count = 1;
	c->rule.groups[0] = (struct quorum_group){ 1, 1, { 1 } };
	c->minima.head_surplus = 1;
	(void)snprintf(c->group_names[0], sizeof(c->group_names[0]), "%s", id);
	for (size_t i = 0; i < c->n; i++) {
		struct lockout_person *p = &c->people[i];

		(void)snprintf(p->id, sizeof(p->id), "%s", id);
		p->proof_until = c->now + (int64_t)i * 50 * DAY;
		p->held.count = i;
		for (size_t j = 0; j < i; j++) {
			struct quorum_appointment *a = &p->held.appointments[j];

			a->from = c->now - DAY;
			a->until = j == 1 ? QUORUM_NO_END : c->now + 90 * DAY;
			a->post = 1;
			(void)snprintf(p->orders[j].order,
			    sizeof(p->orders[j].order), "%s", id);
			(void)snprintf(p->orders[j].post,
			    sizeof(p->orders[j].post), "%s", id);
			p->orders[j].substantive = j == 1;
		}
	}
	c->people[1].absence_count = 1;
	c->people[1].absences[0] =
	    (struct lockout_span){ c->now + 10 * DAY, c->now + 20 * DAY };
	c->people[2].out = strcmp(id, "out") == 0;
	return c;
}

/* The page of that case, twice; to be freed. */
static char *
page(struct lockout_case *c, const char *name)
{
	const char *const sentences[] = { name, "appoint a deputy" };
	struct lockout *l = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	struct picture_safe safes[2];

	assert_non_null(to);
	assert_int_equal(lockout_analyze(c, &l), AM_OK);
	safes[0] = (struct picture_safe){ name, c, l, 2, sentences };
	safes[1] = (struct picture_safe){ "second", c, l, 0, NULL };
	assert_int_equal(picture_write(to, name, safes, 2), AM_OK);
	assert_int_equal(fclose(to), 0);
	lockout_free(l);
	free(c);
	return text;
}

/* Every tag that is opened is closed, in order, and every attribute is in
 * quotes: a strict reader of what we write, not of HTML. */
static void
is_well_formed(const char *text)
{
	char open[32][16];
	size_t depth = 0;

	assert_non_null(strstr(text, "<!DOCTYPE html>\n<html lang=\"en\">"));
	for (const char *at = strstr(text, "<html");
	     at != NULL && (at = strchr(at, '<')) != NULL;) {
		const bool closes = at[1] == '/';
		const char *name = at + 1 + closes;
		const size_t len =
		    strspn(name, "abcdefghijklmnopqrstuvwxyz123");
		const char *p = name + len;
		char tag[16];

		assert_in_range(len, 1, 15);
		(void)snprintf(tag, sizeof(tag), "%.*s", (int)len, name);
		while (*p == ' ') { /* NAME="VALUE" */
			p += 1 + strcspn(p + 1, "=\"<>");
			assert_memory_equal(p, "=\"", 2);
			p += 2 + strcspn(p + 2, "\"<>");
			assert_int_equal(*p, '"');
			p++;
		}
		assert_int_equal(*p, '>');
		at = p + 1;
		if (strcmp(tag, "meta") == 0)
			continue;
		if (!closes) {
			assert_in_range(depth, 0, 31);
			(void)snprintf(open[depth++], 16, "%s", tag);
			continue;
		}
		assert_true(depth > 0);
		assert_string_equal(tag, open[--depth]);
	}
	assert_int_equal(depth, 0);
}

static size_t
times(const char *text, const char *word)
{
	size_t count = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		count++;
	return count;
}

static void
nothing_in_it_acts_or_fetches(void **state)
{
	static const char *const never[] = { "http", "<script", "javascript",
		"src=", "href", "@import", "<link", "<iframe", "onload",
		"<meta http" };
	char *text = page(some_case("DLP"), "cabinet");

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(never); i++)
		assert_null(strstr(text, never[i]));
	/* what url() there is stays in the page */
	assert_int_equal(times(text, "url("), times(text, "url(#away"));
	free(text);
}

static void
hostile_names_stay_in_their_place(void **state)
{
	static const char *const names[] = { "</svg><script>alert(1)</script>",
		"\" onload=\"x", "' x='", "]]>", "<!--", "&lt;", "\x1b[2J\xff",
		"\xe2\x80\xae" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(names); i++) {
		char *text = page(some_case(names[i]), names[i]);

		is_well_formed(text);
		assert_null(strstr(text, "<script"));
		assert_null(strstr(text, "\" onload"));
		assert_null(strstr(text, "<!--"));
		assert_null(strchr(text, '\x1b'));
		assert_null(strchr(text, '\xff'));
		assert_null(strstr(text, "\xe2\x80\xae"));
		assert_null(strchr(text, '\''));
		free(text);
	}
}

static void
an_ampersand_is_one(void **state)
{
	char *text = page(some_case("A&B"), "<x>");

	(void)state;
	assert_non_null(strstr(text, "A&amp;B"));
	assert_null(strstr(text, "A&B"));
	assert_non_null(strstr(text, "&lt;x&gt;"));
	free(text);
}

static void
what_was_found_is_in_it(void **state)
{
	char *text = page(some_case("out"), "cabinet");

	(void)state;
	is_well_formed(text);
	assert_int_equal(times(text, "<section>"), 2);
	assert_int_equal(times(text, "<svg"), 2);
	assert_non_null(strstr(text, "<h2>Safe cabinet</h2>"));
	assert_non_null(strstr(text, "<li>appoint a deputy</li>"));
	assert_non_null(strstr(text, "NO QUORUM; 2 are needed"));
	assert_non_null(strstr(text, "out (out)</text>"));
	assert_non_null(strstr(text, "proof overdue</text>"));
	assert_non_null(strstr(text, ">proof</text>"));
	assert_non_null(strstr(text, "class=\"away\""));
	assert_non_null(strstr(text, "class=\"need\""));
	assert_non_null(strstr(text, "class=\"enough\""));
	assert_non_null(strstr(text, "<td>2022-06-26T00:00:00Z</td>"));
	assert_non_null(strstr(text, ">2022-03-28</text>"));
	free(text);
}

/* Who locks it alone is named with the group that has nobody else. */
static void
single_points_and_pairs_are_listed(void **state)
{
	struct lockout_case *c = some_case("legal");
	char *text;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(c->people[i].id, sizeof(c->people[i].id), "P%c",
		    (char)('0' + i));
		c->people[i].proof_until = QUORUM_NO_END;
	}
	c->people[1].held.appointments[0].post = 9;
	text = page(c, "cabinet");
	is_well_formed(text);
	assert_non_null(
	    strstr(text, "<li>P2 (post group &quot;legal&quot;)</li>"));
	assert_non_null(strstr(text, "<li>P0 + P1</li>"));
	free(text);
}

static void
times_at_the_edge_are_drawn(void **state)
{
	static const int64_t nows[] = { INT64_MIN, -1, 0, INT64_MAX };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(nows); i++) {
		struct lockout_case *c = some_case("x");
		char *text;

		c->now = nows[i];
		c->horizon = i % 2 == 0 ? INT64_MAX : 0;
		text = page(c, "edge");
		is_well_formed(text);
		assert_null(strstr(text, "nan"));
		assert_null(strstr(text, "inf"));
		free(text);
	}
}

static void
a_full_disk_is_said(void **state)
{
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(full);
	assert_int_equal(picture_write(full, "x", NULL, 0), AM_ERR_IO);
	(void)fclose(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_in_it_acts_or_fetches),
		cmocka_unit_test(hostile_names_stay_in_their_place),
		cmocka_unit_test(an_ampersand_is_one),
		cmocka_unit_test(what_was_found_is_in_it),
		cmocka_unit_test(single_points_and_pairs_are_listed),
		cmocka_unit_test(times_at_the_edge_are_drawn),
		cmocka_unit_test(a_full_disk_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
