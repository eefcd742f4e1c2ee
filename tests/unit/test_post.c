/* R7.1: what does not verify is never committed, although the checks run
 * beside the writing. */

#include <ftw.h>
#include <sodium.h>
#include <unistd.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "vault/acts/delayed.h"
#include "vault/acts/post.h"

static char dir[64];
static struct why why;
static int64_t now;

static int64_t
clock_now(void *arg)
{
	return *(const int64_t *)arg;
}

static const struct session_env env = { .now = clock_now, .arg = &now };

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
make_place(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/amanat-post-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_place(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A vault beside a forged history, which is posted to it line by line. */
struct desk {
	struct forge *f;
	struct session s;
};

static enum am_err
post_lines(struct desk *d, const struct blob *lines, size_t count)
{
	post_auto p = { .s = &d->s, .count = count };

	why = (struct why){ 0 };
	for (size_t i = 0; i < count; i++) {
		statement_auto parsed = { 0 };

		assert_int_equal(
		    blob_add(&p.items[i].line, blob_bytes(&lines[i])), AM_OK);
		assert_int_equal(
		    statement_parse(blob_bytes(&lines[i]), &why, &parsed),
		    AM_OK);
		now = parsed.at;
	}
	return post_commit(&p);
}

static struct desk
begun(void)
{
	static const uint8_t R[32] = { 1 };
	struct desk d = { .f = forge_new(), .s = { .env = &env, .why = &why } };

	for (int i = 0; i < 5; i++)
		(void)forge_person(d.f, "official");
	forge_safe(d.f, 2, 4);
	assert_int_equal(store_create(dir, d.f->vault, (struct bytes){ R, 32 },
			     (struct bytes){ d.f->seed, 32 }, &why),
	    AM_OK);
	assert_int_equal(store_open(dir, true, &why, &d.s.store), AM_OK);
	for (uint64_t i = 0; i < d.f->size; i++)
		assert_int_equal(post_lines(&d, &d.f->lines[i], 1), AM_OK);
	return d;
}

static void
ended(struct desk *d)
{
	store_close(d->s.store);
	forge_free(d->f);
}

/* Log, checkpoint and session are as the forge's history says. */
static void
vault_is_at(struct desk *d, uint64_t size)
{
	store_txn_auto *t = NULL;
	blob_auto text = { 0 }, want = { 0 };
	uint64_t n = 0;

	assert_int_equal(store_begin(d->s.store, false, &t), AM_OK);
	assert_int_equal(store_log_size(t, &n), AM_OK);
	assert_int_equal(n, size);
	assert_int_equal(d->s.head.size, size);
	assert_int_equal(d->s.vault.size, size);
	assert_int_equal(store_note_get(t, &text), AM_OK);
	assert_int_equal(
	    blob_printf(&want, "\n%lu\n", (unsigned long)size), AM_OK);
	assert_non_null(memmem(text.p, text.len, want.p, want.len));
}

/* Another signature of the same form. */
static void
spoil(struct blob *line)
{
	static const char key[] = "\"sig\":\"";
	uint8_t *at = memmem(line->p, line->len, key, sizeof(key) - 1);

	assert_non_null(at);
	at += sizeof(key) - 1 + 20; /* within r */
	*at = *at == 'A' ? 'B' : 'A';
}

static void
bad_signature_is_not_committed(void **state)
{
	struct desk d = begun();
	const uint64_t size = d.f->size;
	struct forge_sealed sealed = { 0 };
	blob_auto line = { 0 };

	(void)state;
	forge_line(d.f, forge_seal(d.f, 5, "one", "TEST", &sealed), 5, &line);
	spoil(&line);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(post_lines(&d, &line, 1), AM_ERR_VERIFY);
		assert_string_equal(why.rule, "V09");
		assert_string_equal(
		    why.text, "the signature of the token does not verify");
		vault_is_at(&d, size);
	}
	ended(&d);
}

/* The proof in the header is wrong, and the signature over it right. */
static void
bad_proof_is_not_committed(void **state)
{
	struct desk d = begun();
	struct forge_sealed sealed = { 0 };
	struct json_t *body = forge_seal(d.f, 5, "one", "TEST", &sealed);
	blob_auto line = { 0 };

	(void)state;
	sealed.header.proof[3] ^= 1;
	forge_b64(body, "proof", sealed.header.proof, 64);
	forge_line(d.f, body, 5, &line);
	assert_int_equal(post_lines(&d, &line, 1), AM_ERR_VERIFY);
	assert_string_equal(why.rule, "V16");
	vault_is_at(&d, d.f->size);
	ended(&d);
}

/* One of several: none is there. */
static void
bad_one_of_two_takes_both_away(void **state)
{
	struct desk d = begun();
	const uint64_t size = d.f->size;
	struct forge_sealed sealed = { 0 };
	struct forge_asked asked = { 0 };

	(void)state;
	d.f->check = false;
	assert_int_equal(
	    forge_post(d.f, forge_seal(d.f, 5, "one", "TEST", &sealed), 5),
	    AM_OK);
	assert_int_equal(
	    forge_post(d.f, forge_request(d.f, 5, &sealed, &asked), 5), AM_OK);
	spoil(&d.f->lines[size]);
	assert_int_equal(post_lines(&d, &d.f->lines[size], 2), AM_ERR_VERIFY);
	assert_string_equal(why.rule, "V09");
	vault_is_at(&d, size);
	ended(&d);
}

/* A later rule says no as well: the sentence is that of the signature. */
static void
signature_is_named_before_a_later_rule(void **state)
{
	static const uint32_t used[] = { 1, 2 };
	struct desk d = begun();
	const uint64_t size = d.f->size;
	struct forge_sealed sealed = { 0 };
	struct forge_asked asked = { 0 };
	blob_auto line = { 0 };

	(void)state;
	assert_int_equal(
	    forge_post(d.f, forge_seal(d.f, 5, "one", "TEST", &sealed), 5),
	    AM_OK);
	assert_int_equal(
	    forge_post(d.f, forge_request(d.f, 5, &sealed, &asked), 5), AM_OK);
	assert_int_equal(post_lines(&d, &d.f->lines[size], 2), AM_OK);
	vault_is_at(&d, size + 2);
	forge_line(d.f, forge_open(d.f, 5, &asked, used, 2), 5, &line);
	assert_int_equal(post_lines(&d, &line, 1), AM_ERR_QUORUM);
	assert_string_equal(why.rule, "V19");
	spoil(&line);
	assert_int_equal(post_lines(&d, &line, 1), AM_ERR_VERIFY);
	assert_string_equal(why.rule, "V09");
	vault_is_at(&d, size + 2);
	ended(&d);
}

/* R7.2 */
static void
late_statement_is_not_committed(void **state)
{
	static const int64_t off[] = { -121, 121 };
	struct desk d = begun();
	struct forge_sealed sealed = { 0 };
	post_auto p = { .s = &d.s, .count = 1 };
	int64_t at;

	(void)state;
	at = d.f->at;
	forge_line(d.f, forge_seal(d.f, 5, "one", "TEST", &sealed), 5,
	    &p.items[0].line);
	assert_true(d.f->at - at <= 1);
	for (size_t i = 0; i < 2; i++) {
		now = at + off[i];
		assert_int_equal(post_commit(&p), AM_ERR_STALE);
		assert_string_equal(why.rule, "R7.2");
		vault_is_at(&d, d.f->size);
	}
	now = at + 120;
	assert_int_equal(post_commit(&p), AM_OK);
	vault_is_at(&d, d.f->size + 1);
	ended(&d);
}

/* whoever seals shows a hash alone. What no statement could say is not
 * shown either: no screen, report or JSON would hold it. */
static void
sealed_bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		enum delayed_is is;
	} list[] = { { "TEST \x1b[2J", 9, DELAYED_LOST },
		{ "TEST \xff", 6, DELAYED_LOST }, { "TEST\0", 5, DELAYED_LOST },
		{ "", 0, DELAYED_LOST },
		{ "TEST cause \xc3\xa9", 13, DELAYED_SHOWN } };
	struct desk d = begun();

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(list); i++) {
		const struct bytes text = { (const uint8_t *)list[i].text,
			list[i].len };
		delayed_auto sealed = { 0 }, read = { 0 };
		store_txn_auto *t = NULL;
		uint8_t hash[32];

		assert_int_equal(delayed_seal(text, &sealed, hash), AM_OK);
		assert_int_equal(store_begin(d.s.store, true, &t), AM_OK);
		assert_int_equal(
		    store_blob_put(t, "delayed", (struct bytes){ hash, 32 },
			blob_bytes(&sealed.kept)),
		    AM_OK);
		assert_int_equal(delayed_read(t, hash, 60, 59, &read), AM_OK);
		assert_int_equal(read.is, DELAYED_SEALED);
		assert_int_equal(delayed_read(t, hash, 60, 60, &read), AM_OK);
		assert_int_equal(read.is, list[i].is);
		assert_int_equal(
		    read.text.len, list[i].is == DELAYED_SHOWN ? text.len : 0);
	}
	ended(&d);
}

#define PLACE(test) \
	cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE(bad_signature_is_not_committed),
		PLACE(bad_proof_is_not_committed),
		PLACE(bad_one_of_two_takes_both_away),
		PLACE(signature_is_named_before_a_later_rule),
		PLACE(late_statement_is_not_committed),
		PLACE(sealed_bytes_that_are_no_text),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
