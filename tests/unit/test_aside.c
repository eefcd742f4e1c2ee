/* Claims checked on a second thread: the verdict is that of the first claim
 * that fails, whatever the threads do. */

#include <sodium.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"
#include "vault/state/aside.h"

static struct claim good;

static int
make_claim(void **state)
{
	struct scalar s;

	(void)state;
	good = (struct claim){ .type = CLAIM_POSS, .rule = "good" };
	sc_random(&s);
	return pt_mul_base(&s, &good.poss.P) == AM_OK &&
		poss_prove(&s, &good.poss.P, good.poss.ph, good.poss.proof) ==
		    AM_OK
	    ? 0
	    : -1;
}

static struct aside *
begun(void)
{
	struct aside *a = NULL;

	assert_int_equal(aside_new(&a), AM_OK);
	return a;
}

static void
add(struct aside *a, const char *bad_rule)
{
	const struct claim_sink sink = aside_sink(a);
	struct claim c = good;
	struct why why = { 0 };

	if (bad_rule != NULL) {
		c.rule = bad_rule;
		c.poss.proof[40] ^= 1;
	}
	assert_int_equal(sink.add(sink.arg, &c, &why), AM_OK);
	assert_string_equal(why.text, "");
}

static void
refused_by(struct aside *a, const char *rule)
{
	struct why why = { 0 };

	assert_int_equal(aside_join(a, &why), AM_ERR_VERIFY);
	assert_string_equal(why.rule, rule);
	assert_string_equal(
	    why.text, "the proof of possession does not verify");
}

static void
passes(struct aside *a)
{
	struct why why = { 0 };

	assert_int_equal(aside_join(a, &why), AM_OK);
	assert_string_equal(why.text, "");
}

static void
one_bad_claim_refuses_wherever_it_stands(void **state)
{
	struct aside *a = begun();

	(void)state;
	/* above 32 the queue is emptied by who fills it */
	for (int count = 1; count <= 70; count += 23)
		for (int bad = 0; bad < count; bad += 11) {
			for (int i = 0; i < count; i++)
				add(a, i == bad ? "bad" : NULL);
			refused_by(a, "bad");
		}
	aside_free(a);
}

static void
first_bad_claim_gives_the_sentence(void **state)
{
	struct aside *a = begun();

	(void)state;
	for (int round = 0; round < 20; round++) {
		add(a, NULL);
		add(a, "first");
		add(a, "second");
		add(a, "third");
		refused_by(a, "first");
	}
	for (int i = 0; i < 80; i++)
		add(a, i == 30 ? "early" : i > 40 ? "late" : NULL);
	refused_by(a, "early");
	aside_free(a);
}

static void
verdict_is_of_the_claims_since_the_last_join(void **state)
{
	struct aside *a = begun();

	(void)state;
	passes(a);
	add(a, "bad");
	refused_by(a, "bad");
	passes(a);
	add(a, NULL);
	passes(a);
	add(a, "again");
	refused_by(a, "again");
	aside_free(a);
}

static void
what_was_not_joined_is_forgotten(void **state)
{
	struct aside *a = begun();

	(void)state;
	for (int i = 0; i < 20; i++)
		add(a, "bad");
	aside_free(a);
	aside_free(NULL);
}

/* Where no thread may be started the join does it all. */
static void
works_without_a_second_thread(void **state)
{
	const pid_t pid = fork();
	int status = -1;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = { 0, 0 };
		struct aside *a = NULL;
		struct why why = { 0 };

		/* root has no limit on its processes */
		if ((geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) ||
		    setrlimit(RLIMIT_NPROC, &none) != 0 ||
		    aside_new(&a) != AM_OK)
			_exit(2);
		/* more than one thread would do alone */
		for (int i = 0; i < 5; i++)
			add(a, NULL);
		passes(a);
		for (int i = 0; i < 5; i++)
			add(a, i == 3 ? "bad" : NULL);
		if (aside_join(a, &why) != AM_ERR_VERIFY ||
		    strcmp(why.rule, "bad") != 0)
			_exit(3);
		aside_free(a);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bad_claim_refuses_wherever_it_stands),
		cmocka_unit_test(first_bad_claim_gives_the_sentence),
		cmocka_unit_test(verdict_is_of_the_claims_since_the_last_join),
		cmocka_unit_test(what_was_not_joined_is_forgotten),
		cmocka_unit_test(works_without_a_second_thread),
	};

	return sodium_init() < 0
	    ? 1
	    : cmocka_run_group_tests(tests, make_claim, NULL);
}
