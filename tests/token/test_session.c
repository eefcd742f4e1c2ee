/*
 * One person at one vault (session.h), and from what people type to what the
 * log means (lookup.h): a forged history in a real store, the software key.
 */

#include <sys/stat.h>

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "tests/softkey.h"
#include "vault/acts/lookup.h"
#include "vault/acts/session.h"
#include "vault/audit/rebuild.h"

static char dir[SCRATCH_MAX + 16], heads[SCRATCH_MAX + 16];
static struct forge *forge;
static struct why why;
static int64_t clock_now;
static const char *paths[TOKEN_PATHS_MAX];
static char key_path[128];

static int64_t
now(void *arg)
{
	(void)arg;
	return clock_now;
}

static int pins_asked, tries_shown;
static const char *pin_given = SOFTKEY_PIN;

static enum am_err
give_pin(
    void *arg, const char *label, int tries, struct why *w, struct secret **out)
{
	(void)arg;
	(void)w;
	assert_string_equal(label, "TEST label");
	pins_asked++;
	tries_shown = tries;
	AM_TRY(secret_new(strlen(pin_given), out));
	memcpy(secret_mut(*out), pin_given, strlen(pin_given));
	return AM_OK;
}

static void
touched(void *arg, const char *key, const char *what)
{
	(void)arg;
	(void)key;
	(void)what;
}

static struct session_env env;

/* The forge's log and its tables in a store. */
static enum am_err
store_forge(void)
{
	session_auto *s = NULL;
	store_txn_auto *t = NULL;
	uint64_t size = 0;

	AM_TRY(
	    store_create(dir, forge->vault, (struct bytes){ forge_pepper, 32 },
		(struct bytes){ forge->seed, 32 }, &why));
	AM_TRY(session_open_damaged(dir, &env, &why, &s));
	AM_TRY(store_begin(s->store, true, &t));
	for (size_t i = 0; i < forge->size; i++)
		AM_TRY(store_log_append(t, i, blob_bytes(&forge->lines[i])));
	AM_TRY(store_commit(&t));
	return rebuild_tables(s, &size);
}

static int
setup(void **state)
{
	struct forge_sealed sealed = { 0 };
	struct forge_asked asked = { 0 };

	if (softkey_setup(state) != 0)
		return -1;
	softkey_path(key_path, sizeof(key_path));
	(void)snprintf(dir, sizeof(dir), "%s/vault", softkey_dir);
	(void)snprintf(heads, sizeof(heads), "%s/heads", softkey_dir);
	forge = forge_new();
	for (int i = 0; i < 3; i++)
		(void)forge_person(forge, "official");
	forge_safe(forge, 2, 3);
	if (forge_post(forge, forge_seal(forge, 1, "router", "TEST", &sealed),
		1) != AM_OK)
		fail_msg("seal: %s %s", forge->why.rule, forge->why.text);
	if (forge_post(forge, forge_request(forge, 1, &sealed, &asked), 1) !=
	    AM_OK)
		fail_msg("request: %s %s", forge->why.rule, forge->why.text);
	clock_now = forge->at + 60;
	env = (struct session_env){ .heads_dir = heads,
		.token_paths = paths,
		.ui = { .touch = touched },
		.now = now,
		.pin = give_pin };
	if (store_forge() != AM_OK)
		fail_msg("store: %s", why.text);
	return 0;
}

static int
teardown(void **state)
{
	forge_free(forge);
	return softkey_teardown(state);
}

static int
no_heads(void **state)
{
	char path[SCRATCH_MAX + 64], name[33];

	(void)state;
	why = (struct why){ 0 };
	env.clock_is_set = env.yes = false;
	env.token_count = 0;
	clock_now = forge->at + 60;
	(void)sodium_bin2hex(name, sizeof(name), forge->vault, 16);
	(void)snprintf(path, sizeof(path), "%s/%s", heads, name);
	(void)remove(path);
	return 0;
}

static struct session *
opened(bool write)
{
	struct session *s = NULL;

	if (session_open(dir, write, &env, &why, &s) != AM_OK)
		fail_msg("%s", why.text);
	return s;
}

static void
is_refused(bool write, enum am_err want, const char *rule)
{
	session_auto *s = NULL;

	why = (struct why){ 0 };
	assert_int_equal(session_open(dir, write, &env, &why, &s), want);
	assert_null(s);
	assert_string_equal(why.rule, rule);
	assert_true(why.text[0] != '\0');
}

/* ---- opening */

static void
r7_3_a_vault_that_went_back(void **state)
{
	struct note seen = { .size = forge->size + 1 };

	(void)state;
	assert_int_equal(heads_put(heads, forge->vault, &seen), AM_OK);
	is_refused(false, AM_ERR_STALE, "R7.3");
	is_refused(true, AM_ERR_STALE, "R7.3");
}

static void
r7_3_a_vault_on_another_course(void **state)
{
	struct note seen = { .size = forge->size - 1 };

	(void)state;
	assert_int_equal(roots_at(forge->roots, seen.size, seen.root), AM_OK);
	assert_int_equal(heads_put(heads, forge->vault, &seen), AM_OK);
	session_close(&(struct session *){ opened(true) });
	for (int bit = 0; bit < 256; bit += 51) {
		seen.root[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(heads_put(heads, forge->vault, &seen), AM_OK);
		is_refused(false, AM_ERR_VERIFY, "R7.3");
		seen.root[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
r7_3_a_head_that_cannot_be_read(void **state)
{
	char path[SCRATCH_MAX + 64], name[33];
	FILE *f;

	(void)state;
	(void)mkdir(heads, 0700);
	(void)sodium_bin2hex(name, sizeof(name), forge->vault, 16);
	(void)snprintf(path, sizeof(path), "%s/%s", heads, name);
	f = fopen(path, "we");
	assert_non_null(f);
	(void)fputs("amanat-head 1\n", f);
	assert_int_equal(fclose(f), 0);
	is_refused(false, AM_ERR_INCOMPLETE, "R7.3");
}

static void
r13_21_a_head_moves_forward_only(void **state)
{
	struct session *s = opened(false);
	struct note seen = { 0 };

	(void)state;
	assert_int_equal(session_remember(s), AM_OK);
	assert_int_equal(heads_get(heads, forge->vault, &seen), AM_OK);
	assert_int_equal(seen.size, forge->size);
	s->head.size--;
	assert_int_equal(session_remember(s), AM_OK);
	assert_int_equal(heads_get(heads, forge->vault, &seen), AM_OK);
	assert_int_equal(seen.size, forge->size);
	session_close(&s);
}

static void
x_17_a_clock_behind_the_log(void **state)
{
	(void)state;
	clock_now = forge->at - 3600;
	is_refused(true, AM_ERR_STALE, "X-17");
	session_close(&(struct session *){ opened(false) }); /* to look */
	clock_now = forge->at;
	session_close(&(struct session *){ opened(true) });
}

/* The forge's vault is for evaluation, so the clock may be set. */
static void
r6_14_a_set_clock(void **state)
{
	struct session *s;

	(void)state;
	env.clock_is_set = true;
	s = opened(true);
	assert_int_equal(session_now(s), clock_now);
	assert_int_equal(s->vault.evaluation, 1);
	assert_int_equal(s->head.size, forge->size);
	session_close(&s);
}

/* ---- looking up */

static void
names_that_are_none(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".a", "-a", "_a",
		"a..b", "a/b", "a b", "a\n", "a\x1b", "\xd8\xa7", "a\"",
		"abcdefghijklmnopqrstuvwxyz0123456" };
	static const char *const good[] = { "a", "A-1", "0", "a.b_c",
		"abcdefghijklmnopqrstuvwxyz012345" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++) {
		why = (struct why){ 0 };
		assert_int_equal(
		    lookup_check_id(&why, "an id", bad[i]), AM_ERR_INVALID);
		assert_non_null(strstr(why.text, "an id is letters"));
	}
	for (size_t i = 0; i < AM_ARRAY_LEN(good); i++)
		assert_int_equal(
		    lookup_check_id(&why, "an id", good[i]), AM_OK);
	assert_false(lookup_is_host(""));
	assert_false(lookup_is_host("a_b.example"));
	assert_false(lookup_is_host("a..example"));
	assert_false(lookup_is_host("https://a"));
	assert_true(lookup_is_host("vault.example"));
}

static void
paths_that_name_no_credential(void **state)
{
	static const char *const bad[] = { "", "a", "/b", "a/", "a/b/c", "../b",
		"a/..", "a/.b", "a b/c", "a/b\n",
		"abcdefghijklmnopqrstuvwxyz0123456/b" };
	char safe[ROWS_ID_MAX + 1] = "left", title[ROWS_TITLE_MAX + 1] = "left";
	char longest[ROWS_TITLE_MAX + 4] = "a/";
	struct session *s = opened(false);

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(bad); i++)
		assert_int_equal(
		    lookup_split(s, bad[i], safe, title), AM_ERR_INVALID);
	memset(longest + 2, 'b', ROWS_TITLE_MAX + 1);
	assert_int_equal(lookup_split(s, longest, safe, title), AM_ERR_INVALID);
	longest[ROWS_TITLE_MAX + 2] = '\0';
	assert_int_equal(lookup_split(s, longest, safe, title), AM_OK);
	assert_int_equal(lookup_split(s, "net/router-1", safe, title), AM_OK);
	assert_string_equal(safe, "net");
	assert_string_equal(title, "router-1");
	session_close(&s);
}

static void
what_is_not_there(void **state)
{
	static const char *const requests[] = { "", "r-", "r-0", "r-01", "r-x",
		"r-1x", "r- 1", "R-1", "1", "r--1", "r-+1", "r-2",
		"r-4294967297", "r-99999999999" };
	struct session *s = opened(false);
	struct rows_request request;
	struct rows_person person;
	struct rows_record record;
	struct rows_safe safe;
	struct statement line;
	store_txn_auto *t = NULL;

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(requests); i++)
		assert_int_equal(
		    lookup_request(s, requests[i], &request), AM_ERR_NOT_FOUND);
	assert_int_equal(lookup_person(s, "nobody", &person), AM_ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "'amanat person list'"));
	assert_int_equal(lookup_person(s, "", &person), AM_ERR_NOT_FOUND);
	assert_int_equal(lookup_person(s, "P1", &person), AM_ERR_NOT_FOUND);
	assert_int_equal(lookup_safe(s, "p1", &safe), AM_ERR_NOT_FOUND);
	assert_int_equal(
	    lookup_record(s, "none/router", &safe, &record), AM_ERR_NOT_FOUND);
	assert_int_equal(store_begin(s->store, false, &t), AM_OK);
	assert_int_equal(
	    lookup_statement(t, forge->size, &why, &line), AM_ERR_NOT_FOUND);
	store_abort(&t);
	session_close(&s);
}

static void
what_is_there(void **state)
{
	struct session *s = opened(false);
	struct rows_request request;
	struct rows_person person;
	struct rows_record record;
	struct rows_safe safe = { 0 };
	statement_auto line = { 0 };
	store_txn_auto *t = NULL;
	char name[ROWS_ID_MAX + 1], path[128];
	struct view v;

	(void)state;
	assert_int_equal(lookup_person(s, "p2", &person), AM_OK);
	assert_memory_equal(person.person, forge->people[2].id, 16);
	assert_int_equal(lookup_request(s, "r-1", &request), AM_OK);
	assert_int_equal(store_begin(s->store, false, &t), AM_OK);
	v = view_store(t);
	assert_int_equal(
	    rows_get_safe(&v, (struct bytes){ forge->safe, 16 }, &safe), AM_OK);
	assert_int_equal(
	    lookup_person_name(&v, forge->people[2].id, name), AM_OK);
	assert_string_equal(name, "p2");
	/* the founder has no entry, and so no short id */
	assert_int_equal(
	    lookup_person_name(&v, forge->people[0].id, name), AM_OK);
	assert_int_equal(strlen(name), 32);
	assert_int_equal(lookup_statement(t, 0, &why, &line), AM_OK);
	store_abort(&t);
	(void)snprintf(path, sizeof(path), "%s/router", safe.id);
	assert_int_equal(lookup_record(s, path, &safe, &record), AM_OK);
	assert_memory_equal(safe.safe, forge->safe, 16);
	(void)snprintf(path, sizeof(path), "%s/Router", safe.id);
	assert_int_equal(
	    lookup_record(s, path, &safe, &record), AM_ERR_NOT_FOUND);
	session_close(&s);
}

/* ---- keys */

static void
key_is_refused(enum am_err want, const char *sentence)
{
	struct session *s = opened(false);
	session_key_auto key = { 0 };
	token_auto *fresh = NULL;

	why = (struct why){ 0 };
	assert_int_equal(session_find_key(s, NULL, &key, &fresh), want);
	assert_null(key.token);
	if (strstr(why.text, sentence) == NULL)
		fail_msg("%s", why.text);
	session_close(&s);
}

static void
keys_that_are_not_there(void **state)
{
	char longest[TOKEN_PATH_MAX + 10];
	token_auto *t = NULL;

	(void)state;
	env.token_count = 1;
	paths[0] = "unix:/nonexistent/TEST";
	key_is_refused(AM_ERR_TOKEN, "no key answers at");
	paths[0] = "udp:1";
	key_is_refused(AM_ERR_TOKEN, "is not udp:SEND:RECV");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	paths[0] = longest;
	key_is_refused(AM_ERR_TOKEN, "the path of a key is at most");
	paths[0] = key_path;
	paths[1] = key_path;
	env.token_count = 2;
	assert_int_equal(
	    session_only_token(&env, true, &why, &t), AM_ERR_TOKEN);
	assert_non_null(strstr(why.text, "several keys"));
	env.token_count = 1;
	assert_int_equal(
	    session_only_token(&env, false, &why, &t), AM_ERR_TOKEN);
	assert_string_equal(why.rule, "R6.14");
	assert_null(t);
}

/* The founder's other credential: a key that nobody has enrolled. */
static void
r6_9_a_key_that_nobody_enrolled(void **state)
{
	struct session *s;
	session_key_auto key = { 0 };
	token_auto *fresh = NULL;

	(void)state;
	paths[0] = key_path;
	env.token_count = 1;
	key_is_refused(AM_ERR_WRONG_TOKEN, "is not enrolled in this vault");
	s = opened(false);
	assert_int_equal(session_find_key(s, forge->people[1].id, &key, NULL),
	    AM_ERR_WRONG_TOKEN);
	assert_non_null(strstr(why.text, "insert the key labelled 'p1'"));
	assert_int_equal(
	    session_find_key(s, NULL, &key, &fresh), AM_ERR_WRONG_TOKEN);
	assert_non_null(fresh);
	assert_int_equal(pins_asked, 0);
	session_close(&s);
}

static void
fault(const char *names)
{
	char path[SCRATCH_MAX + 32];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/state/fault", softkey_dir);
	f = fopen(path, "we");
	assert_non_null(f);
	(void)fputs(names, f);
	assert_int_equal(fclose(f), 0);
}

static void
wrong_pin(struct token *t)
{
	const uint8_t salt[32] = { 1 };
	secret_auto *out = NULL;

	assert_int_not_equal(
	    token_unlock(t, "vault.example", LIT("TEST credential"), salt,
		LIT("TEST-wrong"), "test", &why, &out),
	    AM_OK);
}

/* R6.8: at two tries left nobody is asked who does not insist. */
static void
r6_8_the_last_pin_tries_are_kept(void **state)
{
	struct session *s = opened(false);
	token_auto *t = NULL;
	secret_auto *pin = NULL;

	(void)state;
	paths[0] = key_path;
	env.token_count = 1;
	pins_asked = 0;
	assert_int_equal(session_only_token(&env, true, &why, &t), AM_OK);
	pin_given = "cccccckdvvulgjvtkjdhtlrbjjctggdihuevikehtlil";
	assert_int_equal(session_ask_pin(s, t, "TEST label", &pin), AM_ERR_PIN);
	assert_null(pin);
	pin_given = SOFTKEY_PIN;
	assert_int_equal(session_ask_pin(s, t, "TEST label", &pin), AM_OK);
	assert_int_equal(tries_shown, 8);
	assert_true(secret_equal(session_pin(pin), LIT(SOFTKEY_PIN)));
	secret_free(AM_TAKE(pin));
	pins_asked = 0;
	for (int left = 8; left > 2; left--) {
		wrong_pin(t);
		if (left % 3 == 0) { /* blocked until it is plugged in again */
			token_close(AM_TAKE(t));
			softkey_stop();
			softkey_start("auto");
			assert_int_equal(
			    session_only_token(&env, true, &why, &t), AM_OK);
		}
	}
	assert_int_equal(
	    session_ask_pin(s, t, "TEST label", &pin), AM_ERR_PIN_BLOCKED);
	assert_non_null(strstr(why.text, "2 PIN tries left"));
	assert_int_equal(pins_asked, 0);
	env.yes = true;
	assert_int_equal(session_ask_pin(s, t, "TEST label", &pin), AM_OK);
	assert_int_equal(pins_asked, 1);
	assert_int_equal(tries_shown, 2);
	secret_free(AM_TAKE(pin));
	fault("pin-blocked");
	assert_int_equal(
	    session_ask_pin(s, t, "TEST label", &pin), AM_ERR_PIN_BLOCKED);
	assert_non_null(strstr(why.text, "only a reset helps"));
	assert_int_equal(pins_asked, 1);
	assert_null(pin);
	fault("");
	session_close(&s);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup(f, no_heads)
	const struct CMUnitTest tests[] = {
		T(r7_3_a_vault_that_went_back),
		T(r7_3_a_vault_on_another_course),
		T(r7_3_a_head_that_cannot_be_read),
		T(r13_21_a_head_moves_forward_only),
		T(x_17_a_clock_behind_the_log),
		T(r6_14_a_set_clock),
		T(names_that_are_none),
		T(paths_that_name_no_credential),
		T(what_is_not_there),
		T(what_is_there),
		T(keys_that_are_not_there),
		T(r6_9_a_key_that_nobody_enrolled),
		T(r6_8_the_last_pin_tries_are_kept),
	};

	(void)alarm(90);
	return sodium_init() < 0
	    ? 1
	    : cmocka_run_group_tests(tests, setup, teardown);
}
