/*
 * The verifier on the files of an export, whatever somebody made of them.
 */

#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

#include "tests/check.h"
#include "tests/forge.h"
#include "vault/acts/heads.h"
#include "vault/audit/bundle.h"
#include "vault/audit/verify.h"
#include "vault/base/enc.h"
#include "vault/crypto/hash.h"

static char dir[] = "/tmp/amanat-test-verify-XXXXXX";
static const char *const names[] = { "README", "SHA256SUMS",
	"attestation.jsonl", "checkpoint.note", "keys.txt", "log.jsonl",
	"partials.jsonl" };
static const char *heads; /* NULL: nothing is remembered */
static struct forge *f;
static uint64_t approval; /* its leaf; its partial is in `asked` */
static struct forge_sealed sealed;
static struct forge_asked asked;

static FILE *
open_file(const char *name, const char *mode)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

static void
write_file(const char *name, struct bytes text)
{
	FILE *file = open_file(name, "we");

	if (text.len > 0)
		assert_int_equal(fwrite(text.p, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

/* Writes a file and its row of SHA256SUMS, where there is one. */
static void
summed_file(struct blob *sums, const char *name, struct bytes text)
{
	char hex[ENC_HEX_LEN(32) + 1];
	uint8_t sum[32];

	write_file(name, text);
	hash_sha256(&text, 1, sum);
	enc_hex((struct bytes){ sum, 32 }, hex);
	assert_int_equal(blob_printf(sums, "%s  %s\n", hex, name), AM_OK);
}

/* What is written instead of a file; NULL: what should be there. */
static const char *other_name, *other_text;

static void
export_file(struct blob *sums, const char *name, struct bytes text)
{
	if (other_name != NULL && strcmp(name, other_name) == 0)
		text = (struct bytes){ (const uint8_t *)other_text,
			strlen(other_text) };
	summed_file(sums, name, text);
}

static void
write_export(struct bytes log, struct bytes partials)
{
	char origin[NOTE_ORIGIN_MAX], hex[ENC_HEX_LEN(16) + 1];
	blob_auto note = { 0 }, key = { 0 }, sums = { 0 }, attests = { 0 };
	uint8_t pk[32], sk[64];

	(void)crypto_sign_seed_keypair(pk, sk, f->seed);
	enc_hex((struct bytes){ f->vault, 16 }, hex);
	(void)snprintf(origin, sizeof(origin), "vault.example/amanat/%s", hex);
	forge_note(f, &note);
	assert_int_equal(note_vkey(origin, pk, &key), AM_OK);
	forge_attestation(f, &attests);
	export_file(&sums, "README", bundle_readme());
	export_file(&sums, "attestation.jsonl", blob_bytes(&attests));
	export_file(&sums, "checkpoint.note", blob_bytes(&note));
	export_file(&sums, "keys.txt", blob_bytes(&key));
	export_file(&sums, "log.jsonl", log);
	export_file(&sums, "partials.jsonl", partials);
	write_file("SHA256SUMS", blob_bytes(&sums));
}

static const struct verify_report *
verify(void)
{
	static struct verify_report r;
	const struct verify_means means = {
		.threads = 2, .tmp = dir, .heads_dir = heads
	};
	struct why why = { 0 };

	assert_int_equal(
	    verify_bundle(dir, (struct bytes){ NULL, 0 }, &means, &why, &r),
	    AM_OK);
	return &r;
}

static void
broken(const char *code, uint64_t leaf)
{
	const struct verify_report *r = verify();

	assert_int_equal(r->verdict, VERIFY_BROKEN);
	assert_string_equal(r->code, code);
	assert_true(leaf == UINT64_MAX || (r->has_leaf && r->leaf == leaf));
}

static void
lines_of(struct blob *log)
{
	for (uint64_t i = 0; i < f->size; i++)
		assert_true(blob_add(log, blob_bytes(&f->lines[i])) == AM_OK &&
		    blob_text(log, "\n") == AM_OK);
}

static void
partial_line(struct blob *out, uint64_t leaf, size_t who)
{
	char text[ENC_B64_LEN(PARTIAL_BYTES) + 1];

	enc_b64((struct bytes){ asked.partials[who], PARTIAL_BYTES }, text);
	assert_int_equal(blob_printf(out, "{\"leaf\":%lu,\"partial\":\"%s\"}\n",
			     (unsigned long)leaf, text),
	    AM_OK);
}

static void
v02_r13_24_a_last_line_without_its_end(void **state)
{
	blob_auto log = { 0 };

	(void)state;
	lines_of(&log);
	write_export(
	    (struct bytes){ log.p, log.len - 1 }, (struct bytes){ NULL, 0 });
	broken("V02", f->size - 1);
	write_export(
	    (struct bytes){ log.p, log.len - 300 }, (struct bytes){ NULL, 0 });
	broken("V02", f->size - 1);
}

/* At the limit it is only no statement; above, with an end or without. */
static void
v02_lines_of_any_length(void **state)
{
	static const size_t lengths[] = { 0, 1, CANON_LINE_MAX,
		CANON_LINE_MAX + 1, 2 * CANON_LINE_MAX + 2, 1 << 20 };
	blob_auto log = { 0 };

	(void)state;
	lines_of(&log);
	for (size_t i = 0; i < AM_ARRAY_LEN(lengths); i++) {
		const size_t end = log.len;
		const bool long_one = lengths[i] > CANON_LINE_MAX;

		for (int with_end = 0; with_end < 2; with_end++) {
			assert_int_equal(
			    blob_resize(&log, end + lengths[i]), AM_OK);
			memset(log.p + end, 'x', lengths[i]);
			if (with_end == 1)
				assert_int_equal(blob_text(&log, "\n"), AM_OK);
			write_export(
			    blob_bytes(&log), (struct bytes){ NULL, 0 });
			if (log.len == end)
				continue; /* nothing was added */
			broken("V02", f->size);
			if (long_one)
				assert_non_null(
				    strstr(verify()->text, "too long"));
			log.len = end;
		}
	}
}

/* A line of 256 MiB is not read into memory. */
static void
v02_a_line_without_end(void **state)
{
	struct rusage before, after;
	FILE *log;

	(void)state;
	write_export(LIT("x"), (struct bytes){ NULL, 0 });
	log = open_file("log.jsonl", "r+e");
	assert_int_equal(ftruncate(fileno(log), 256 << 20), 0);
	assert_int_equal(fclose(log), 0);
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	broken("V02", 0);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	assert_true(after.ru_maxrss - before.ru_maxrss < 64 * 1024);
}

static void
v18_malformed_partials(void **state)
{
	static const char *const lines[] = { "x", "\n", "{}\n",
		"{\"leaf\":0,\"partial\":\"\"}\n" };
	blob_auto log = { 0 }, partials = { 0 };

	(void)state;
	lines_of(&log);
	for (size_t i = 0; i < AM_ARRAY_LEN(lines); i++) {
		write_export(blob_bytes(&log),
		    (struct bytes){
			(const uint8_t *)lines[i], strlen(lines[i]) });
		broken("V18", UINT64_MAX);
	}
	partial_line(&partials, approval, 1);
	write_export(
	    blob_bytes(&log), (struct bytes){ partials.p, partials.len - 1 });
	broken("V18", UINT64_MAX);
	partials.len = 0;
	partial_line(&partials, approval, 2);
	write_export(blob_bytes(&log), blob_bytes(&partials));
	broken("V18", approval);
}

static void
v01_a_sum_that_is_wrong(void **state)
{
	blob_auto log = { 0 };

	(void)state;
	lines_of(&log);
	write_export(blob_bytes(&log), (struct bytes){ NULL, 0 });
	write_file("README", LIT("other"));
	broken("V01", UINT64_MAX);
}

/* What people and other programs read must be what the log says. */
static void
v01_files_that_tell_another_story(void **state)
{
	static const char *const files[] = { "README", "attestation.jsonl",
		"keys.txt" };
	blob_auto log = { 0 }, cut = { 0 };

	(void)state;
	lines_of(&log);
	for (size_t i = 0; i < AM_ARRAY_LEN(files); i++) {
		other_name = files[i];
		other_text = "TEST\n";
		write_export(blob_bytes(&log), (struct bytes){ NULL, 0 });
		broken("V01", UINT64_MAX);
		assert_non_null(strstr(verify()->text, files[i]));
		/* R13.22: before the checkpoint, after a line that is none */
		write_export((struct bytes){ log.p,
				 log.len - f->lines[f->size - 1].len - 1 },
		    (struct bytes){ NULL, 0 });
		broken("V01", UINT64_MAX);
	}
	forge_attestation(f, &cut);
	cut.p[cut.len - 10] ^= 1;
	assert_int_equal(blob_add(&cut, LIT("\0")), AM_OK);
	other_name = "attestation.jsonl";
	other_text = (const char *)cut.p;
	write_export(blob_bytes(&log), (struct bytes){ NULL, 0 });
	broken("V01", UINT64_MAX);
	other_name = NULL;
}

/* R7.3: what this machine has seen of the vault is a pin, which stays. */
static void
v05_r7_3_what_this_machine_has_seen(void **state)
{
	char place[PATH_MAX];
	blob_auto log = { 0 };
	struct note seen = { .size = f->size - 1 }, after = { 0 };

	(void)state;
	(void)snprintf(place, sizeof(place), "%s.heads", dir);
	lines_of(&log);
	write_export(blob_bytes(&log), (struct bytes){ NULL, 0 });
	heads = place;
	assert_int_equal(verify()->remembered, 0); /* nothing was seen */
	assert_int_equal(roots_at(f->roots, seen.size, seen.root), AM_OK);
	assert_int_equal(heads_put(place, f->vault, &seen), AM_OK);
	assert_int_equal(verify()->verdict, VERIFY_FINDINGS);
	assert_int_equal(verify()->remembered, seen.size);
	seen.root[0] ^= 1;
	assert_int_equal(heads_put(place, f->vault, &seen), AM_OK);
	broken("V05", UINT64_MAX);
	seen.size = f->size + 1;
	assert_int_equal(heads_put(place, f->vault, &seen), AM_OK);
	assert_int_equal(verify()->verdict, VERIFY_STALE);
	assert_string_equal(verify()->code, "V05");
	assert_int_equal(heads_get(place, f->vault, &after), AM_OK);
	assert_int_equal(after.size, seen.size);
	heads = NULL;
	(void)sodium_bin2hex(
	    place + strlen(place) + 1, 33, f->vault, sizeof(f->vault));
	place[strlen(place)] = '/';
	assert_int_equal(unlink(place), 0);
	*strrchr(place, '/') = '\0';
	assert_int_equal(rmdir(place), 0);
}

static void
an_export_as_it_should_be(void **state)
{
	blob_auto log = { 0 }, partials = { 0 };

	(void)state;
	lines_of(&log);
	partial_line(&partials, approval, 1);
	partial_line(&partials, approval + 1, 2);
	write_export(blob_bytes(&log), blob_bytes(&partials));
	assert_int_equal(verify()->verdict, VERIFY_FINDINGS);
	assert_int_equal(verify()->finding_count, 1); /* evaluation vault */
	assert_int_equal(verify()->statements, f->size);
}

static int
begin(void **state)
{
	static const uint32_t used[] = { 1, 2 };

	(void)state;
	f = forge_new();
	for (int i = 0; i < 4; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 2, 3);
	assert_int_equal(
	    forge_post(f, forge_seal(f, 4, "t", "TEST", &sealed), 4), AM_OK);
	assert_int_equal(
	    forge_post(f, forge_request(f, 4, &sealed, &asked), 4), AM_OK);
	approval = f->size;
	for (size_t k = 1; k <= 2; k++)
		assert_int_equal(
		    forge_post(f, forge_approve(f, k, &asked), k), AM_OK);
	assert_int_equal(
	    forge_post(f, forge_open(f, 4, &asked, used, 2), 4), AM_OK);
	return mkdtemp(dir) == NULL;
}

static int
end(void **state)
{
	char path[PATH_MAX];

	(void)state;
	forge_free(f);
	for (size_t i = 0; i < AM_ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v02_r13_24_a_last_line_without_its_end),
		cmocka_unit_test(v02_lines_of_any_length),
		cmocka_unit_test(v02_a_line_without_end),
		cmocka_unit_test(v18_malformed_partials),
		cmocka_unit_test(v01_a_sum_that_is_wrong),
		cmocka_unit_test(v01_files_that_tell_another_story),
		cmocka_unit_test(v05_r7_3_what_this_machine_has_seen),
		cmocka_unit_test(an_export_as_it_should_be),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, begin, end);
}
