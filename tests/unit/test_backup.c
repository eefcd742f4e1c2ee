/*
 * The backup file, refusals first: every truncation and every one-bit flip,
 * names and orders that are not written, a newer format (R3.2, R3.7).
 */

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/check.h"
#include "tests/scratch.h"
#include "vault/crypto/bag.h"
#include "vault/store/pack.h"

static const uint8_t vault[16] = "TEST vault 16 b";
static const char db[] = "TEST database, which is opaque here";
#define BAG_A "bags/00112233445566778899aabbccddeeff"
#define BAG_B "bags/10112233445566778899aabbccddeeff"

static void
make_tail(struct blob *out)
{
	assert_int_equal(
	    pack_tail_start(out, vault, LIT("TEST note\n")), AM_OK);
	assert_int_equal(pack_tail_add(out, BAG_A, LIT("TEST a")), AM_OK);
	assert_int_equal(
	    pack_tail_add(out, BAG_A ".next", LIT("TEST an")), AM_OK);
	assert_int_equal(pack_tail_add(out, BAG_B, LIT("TEST b")), AM_OK);
	assert_int_equal(pack_tail_end(out), AM_OK);
}

static void
make_whole(struct blob *out)
{
	const struct pack_head h = { .vault = "TEST vault 16 b",
		.database = sizeof(db) };
	uint8_t head[PACK_HEAD], sum[32];
	blob_auto tail = { 0 };

	pack_head_write(&h, head);
	make_tail(&tail);
	assert_int_equal(
	    blob_add(out, (struct bytes){ head, sizeof(head) }), AM_OK);
	assert_int_equal(
	    blob_add(out, (struct bytes){ (const uint8_t *)db, sizeof(db) }),
	    AM_OK);
	assert_int_equal(blob_add(out, blob_bytes(&tail)), AM_OK);
	(void)crypto_hash_sha256(sum, out->p, out->len);
	assert_int_equal(
	    blob_add(out, (struct bytes){ sum, sizeof(sum) }), AM_OK);
}

/* ---- the tail */

static enum am_err
tail_of(const struct blob *b)
{
	struct pack_tail t;

	return pack_tail_read(blob_bytes(b), vault, &t);
}

static void
every_truncation_and_flip_of_the_tail(void **state)
{
	static const uint8_t other[16] = "TEST vault 16 c";
	blob_auto b = { 0 }, whole = { 0 };
	struct pack_tail t;

	(void)state;
	make_tail(&b);
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(
		    pack_tail_read((struct bytes){ b.p, n }, vault, &t),
		    AM_ERR_CORRUPT);
	assert_int_equal(tail_of(&b), AM_OK);
	assert_int_equal(
	    pack_tail_read(blob_bytes(&b), other, &t), AM_ERR_CORRUPT);
	assert_int_equal(blob_add(&b, LIT("\0")), AM_OK);
	assert_int_equal(tail_of(&b), AM_ERR_CORRUPT);
}

static void
names_that_are_not_bags(void **state)
{
	static const char *const names[] = { "", "bags/", "bags/..",
		"bags/0011223344556677", "keys/register.key", "keys/log.key",
		"../bags/00112233445566778899aabbccddeeff",
		"bags/00112233445566778899AABBCCDDEEFF",
		"bags/00112233445566778899aabbccddeeff.new",
		"bags/00112233445566778899aabbccddeeff.nex",
		"bags/00112233445566778899aabbccddee/f",
		"BAGS/00112233445566778899aabbccddeeff", "FORMAT",
		"checkpoint.note" };
	blob_auto b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_false(pack_is_bag((struct bytes){
		    (const uint8_t *)names[i], strlen(names[i]) }));
		assert_int_equal(
		    pack_tail_add(&b, names[i], LIT("x")), AM_ERR_INVALID);
	}
	assert_true(pack_is_bag(LIT(BAG_A)));
	assert_true(pack_is_bag(LIT(BAG_A ".next")));
}

/* An entry as it is on disk, whatever its name. */
static void
raw_entry(struct blob *b, const char *name, const char *content)
{
	const uint8_t n = (uint8_t)strlen(name),
		      len[4] = { 0, 0, 0, (uint8_t)strlen(content) };

	assert_int_equal(blob_add(b, (struct bytes){ &n, 1 }), AM_OK);
	assert_int_equal(blob_text(b, name), AM_OK);
	assert_int_equal(blob_add(b, (struct bytes){ len, 4 }), AM_OK);
	assert_int_equal(blob_text(b, content), AM_OK);
}

static void
bags_are_named_ascending_once_and_nothing_else(void **state)
{
	static const char *const wrong[][2] = { { BAG_B, BAG_A },
		{ BAG_A, BAG_A }, { BAG_A, "keys/register.key" },
		{ BAG_A, "bags/../../etc/passwd" }, { "FORMAT", BAG_A } };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		blob_auto b = { 0 };

		assert_int_equal(
		    pack_tail_start(&b, vault, LIT("TEST")), AM_OK);
		raw_entry(&b, wrong[i][0], "x");
		raw_entry(&b, wrong[i][1], "x");
		assert_int_equal(pack_tail_end(&b), AM_OK);
		assert_int_equal(tail_of(&b), AM_ERR_CORRUPT);
	}
}

static void
a_backup_has_format_and_checkpoint_first(void **state)
{
	blob_auto none = { 0 }, empty = { 0 }, other = { 0 };

	(void)state;
	assert_int_equal(pack_tail_end(&none), AM_OK);
	assert_int_equal(tail_of(&none), AM_ERR_CORRUPT);
	assert_int_equal(
	    pack_tail_start(&empty, vault, LIT("")), AM_OK); /* no note */
	assert_int_equal(pack_tail_end(&empty), AM_OK);
	assert_int_equal(tail_of(&empty), AM_ERR_CORRUPT);
	raw_entry(&other, "FORMAT", "amanat-vault 2\n");
	raw_entry(&other, "checkpoint.note", "TEST");
	assert_int_equal(pack_tail_end(&other), AM_OK);
	assert_int_equal(tail_of(&other), AM_ERR_CORRUPT);
}

/* One name, one file: what stands behind a NUL is not read over. */
static void
names_have_no_nul(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	make_tail(&b);
	assert_int_equal(tail_of(&b), AM_OK);
	assert_memory_equal(b.p, "\6FORMAT", 7);
	blob_free(&b);
	b = (struct blob){ 0 };
	assert_int_equal(blob_add(&b,
			     LIT("\10FORMAT\0x\0\0\0\60amanat-vault 1\n"
				 "54455354207661756c742031362062"
				 "00\n")),
	    AM_OK);
	raw_entry(&b, "checkpoint.note", "TEST");
	assert_int_equal(pack_tail_end(&b), AM_OK);
	assert_int_equal(tail_of(&b), AM_ERR_CORRUPT);
	b.p[0] = 6; /* the same without what is behind the NUL */
	memmove(b.p + 7, b.p + 9, b.len - 9);
	b.len -= 2;
	assert_int_equal(tail_of(&b), AM_OK);
}

static void
a_bag_is_no_longer_than_bags_are(void **state)
{
	blob_auto b = { 0 }, big = { 0 };

	(void)state;
	assert_int_equal(blob_resize(&big, BAG_FILE_MAX + 1), AM_OK);
	assert_int_equal(pack_tail_start(&b, vault, LIT("TEST")), AM_OK);
	assert_int_equal(pack_tail_add(&b, BAG_A, blob_bytes(&big)), AM_OK);
	assert_int_equal(pack_tail_end(&b), AM_OK);
	assert_int_equal(tail_of(&b), AM_ERR_CORRUPT);
}

/* ---- the head */

static void
heads_that_are_none(void **state)
{
	struct pack_head h = { .database = 7 };
	uint8_t text[PACK_HEAD];

	(void)state;
	pack_head_write(&h, text);
	for (size_t n = 0; n < PACK_HEAD; n++)
		assert_int_equal(pack_head_read((struct bytes){ text, n }, &h),
		    AM_ERR_CORRUPT);
	text[14] = '2';
	assert_int_equal(pack_head_read((struct bytes){ text, PACK_HEAD }, &h),
	    AM_ERR_INCOMPLETE);
	text[14] = '0';
	assert_int_equal(pack_head_read((struct bytes){ text, PACK_HEAD }, &h),
	    AM_ERR_CORRUPT);
	text[14] = '1';
	assert_int_equal(
	    pack_head_read((struct bytes){ text, PACK_HEAD }, &h), AM_OK);
	assert_int_equal(h.database, 7);
}

/* ---- the file */

static char root[SCRATCH_MAX], path[SCRATCH_MAX + 16];

static enum am_err
file_of(struct bytes content)
{
	const int fd =
	    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pack_auto p = { .fd = -1 };
	struct why why = { 0 };
	enum am_err err;

	assert_true(fd >= 0);
	assert_int_equal(pack_write(fd, content), AM_OK);
	assert_int_equal(close(fd), 0);
	err = pack_open(path, &why, &p);
	assert_true(err == AM_OK || why.text[0] != '\0');
	return err;
}

static void
every_truncation_and_flip_of_the_file(void **state)
{
	blob_auto b = { 0 };

	(void)state;
	make_whole(&b);
	assert_int_equal(file_of(blob_bytes(&b)), AM_OK);
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(
		    file_of((struct bytes){ b.p, n }), AM_ERR_CORRUPT);
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		enum am_err err;

		b.p[bit / 8] ^= (uint8_t)(1U << bit % 8);
		err = file_of(blob_bytes(&b));
		b.p[bit / 8] ^= (uint8_t)(1U << bit % 8);
		/* '1' of the format becomes '3', '5' or '9' by one bit */
		if (bit / 8 == 14 && err == AM_ERR_INCOMPLETE)
			continue;
		assert_int_equal(err, AM_ERR_CORRUPT);
	}
	assert_int_equal(blob_add(&b, LIT("x")), AM_OK);
	assert_int_equal(file_of(blob_bytes(&b)), AM_ERR_CORRUPT);
}

static void
what_is_no_file_is_no_backup(void **state)
{
	pack_auto p = { .fd = -1 }, q = { .fd = -1 };
	struct why why = { 0 };

	(void)state;
	(void)unlink(path);
	assert_int_equal(pack_open(path, &why, &p), AM_ERR_NOT_FOUND);
	assert_true(why.text[0] != '\0');
	assert_int_equal(pack_open(root, &why, &q), AM_ERR_CORRUPT);
}

static void
what_was_packed_comes_out(void **state)
{
	static const char *const names[] = { BAG_A, BAG_A ".next", BAG_B };
	pack_auto p = { .fd = -1 };
	struct why why = { 0 };
	struct pack_entry e;
	char to[SCRATCH_MAX + 16], got[sizeof(db)] = "";
	blob_auto b = { 0 };
	int fd;

	(void)state;
	make_whole(&b);
	assert_int_equal(file_of(blob_bytes(&b)), AM_OK);
	assert_int_equal(pack_open(path, &why, &p), AM_OK);
	assert_memory_equal(p.head.vault, vault, 16);
	assert_true(bytes_same(p.tail.note, LIT("TEST note\n")));
	assert_int_equal(p.tail.bag_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pack_bag(&p.tail.bags, &e), AM_OK);
		assert_string_equal(e.name, names[i]);
	}
	assert_int_equal(pack_bag(&p.tail.bags, &e), AM_ERR_NOT_FOUND);
	(void)snprintf(to, sizeof(to), "%s/db", root);
	fd = open(to, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pack_copy_database(&p, fd), AM_OK);
	assert_int_equal(pread(fd, got, sizeof(got), 0), sizeof(db));
	assert_memory_equal(got, db, sizeof(db));
	assert_int_equal(close(fd), 0);
	(void)unlink(to);
	(void)unlink(path);
}

/* ---- the header of a bag, which a restore trusts (R6.5) */

static void
r6_5_every_truncation_of_a_bag_that_is_looked_at(void **state)
{
	static const uint8_t input[32] = "TEST input", prf[32] = "TEST prf",
			     body[BAG_IDENTITY_BODY] = "TEST";
	uint8_t file[BAG_FILE_MAX];
	struct bag_header h;
	size_t len = 0;

	(void)state;
	assert_int_equal(bag_seal(BAG_IDENTITY, vault, input,
			     (struct bytes){ prf, 32 }, LIT("TEST credential"),
			     (struct bytes){ body, sizeof(body) }, file, &len),
	    AM_OK);
	/* up to the end of its one slot */
	for (size_t n = 0; n < BAG_FIXED + 1 + 2 + 15 + 24 + 48; n++)
		assert_int_equal(
		    bag_look((struct bytes){ file, n }, &h), AM_ERR_CORRUPT);
	assert_int_equal(bag_look((struct bytes){ file, len }, &h), AM_OK);
	assert_int_equal(h.type, BAG_IDENTITY);
	assert_int_equal(h.slots, 1);
	assert_memory_equal(h.vault, vault, 16);
	assert_memory_equal(h.input, input, 32);
	assert_true(bytes_same(h.creds[0], LIT("TEST credential")));
	file[5] = 3;
	assert_int_equal(
	    bag_look((struct bytes){ file, len }, &h), AM_ERR_CORRUPT);
	file[5] = 1;
	file[BAG_FIXED] = 0;
	assert_int_equal(
	    bag_look((struct bytes){ file, len }, &h), AM_ERR_CORRUPT);
	file[BAG_FIXED] = BAG_SLOTS_MAX + 1;
	assert_int_equal(
	    bag_look((struct bytes){ file, len }, &h), AM_ERR_CORRUPT);
}

static int
begin(void **state)
{
	(void)state;
	scratch_make(root);
	(void)snprintf(path, sizeof(path), "%s/backup", root);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	scratch_remove(root);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_truncation_and_flip_of_the_tail),
		cmocka_unit_test(names_that_are_not_bags),
		cmocka_unit_test(
		    bags_are_named_ascending_once_and_nothing_else),
		cmocka_unit_test(a_backup_has_format_and_checkpoint_first),
		cmocka_unit_test(names_have_no_nul),
		cmocka_unit_test(a_bag_is_no_longer_than_bags_are),
		cmocka_unit_test(heads_that_are_none),
		cmocka_unit_test(every_truncation_and_flip_of_the_file),
		cmocka_unit_test(what_is_no_file_is_no_backup),
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(
		    r6_5_every_truncation_of_a_bag_that_is_looked_at),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, begin, end);
}
