/*
 * Every free() in the process, the C library's own included, looks for a
 * secret that was given back unwiped, while secrets go through what carries
 * them: pipes and files, payloads, sealing and opening, key bags, boxes,
 * imports. Not for use with AddressSanitizer, which wants free() for itself.
 */

#include <fcntl.h>
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/out.h"
#include "cli/term.h"
#include "tests/zipped.h"
#include "vault/acts/payload.h"
#include "vault/crypto/bag.h"
#include "vault/crypto/box.h"
#include "vault/crypto/tdh2.h"

#define CANARY "CANARY-7f3a91c2-TEST"

static int unwiped;

void __libc_free(void *p);

void
free(void *p)
{
	if (p != NULL &&
	    memmem(p, malloc_usable_size(p), CANARY, sizeof(CANARY) - 1) !=
		NULL)
		unwiped++;
	__libc_free(p);
}

static const struct bytes canary = { (const uint8_t *)CANARY,
	sizeof(CANARY) - 1 };
static struct why why;

/* Keeps the compiler from removing stores it believes dead. */
static void
touch(void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

static AM_RESULT
from_a_pipe(struct secret **out)
{
	int p[2];
	enum am_err err;

	if (pipe2(p, O_CLOEXEC) != 0 ||
	    write(p[1], canary.p, canary.len) != (ssize_t)canary.len)
		return AM_ERR_IO;
	(void)close(p[1]);
	err = term_read_secret_input(p[0], TERM_INPUT_MAX, &why, out);
	(void)close(p[0]);
	return err;
}

static AM_RESULT
sealed_and_opened(struct bytes payload)
{
	struct tdh2_context cx = { .version = 1 };
	const uint8_t pepper[32] = { 1 };
	uint8_t ct[512];
	struct tdh2_header h;
	secret_auto *again = NULL;
	struct bytes value = { 0 };
	scalar_auto x = { { 0 } };
	point_auto Z = { { 0 } };
	int fd;
	enum am_err err;

	sc_random(&x);
	AM_TRY(pt_mul_base(&x, &cx.X));
	AM_TRY(tdh2_bbar(cx.G, &cx.Bbar));
	AM_TRY(tdh2_seal(&cx, pepper, payload, &h, ct));
	AM_TRY(pt_mul(&x, &h.U, &Z));
	AM_TRY(tdh2_open(&cx, &h, pepper, &Z,
	    (struct bytes){ ct, tdh2_padded(payload.len) + 16 }, &again));
	AM_TRY(payload_get(secret_bytes(again), NULL, &value));
	if ((fd = open("/dev/null", O_WRONLY | O_CLOEXEC)) < 0)
		return AM_ERR_IO;
	err = out_secret(fd, value);
	(void)close(fd);
	return err;
}

static AM_RESULT
in_a_bag_and_a_box(void)
{
	const uint8_t vault[16] = { 1 }, input[32] = { 2 }, prf[32] = { 3 };
	const struct bytes key = { prf, 32 }, cred = { input, 8 };
	uint8_t body[BAG_IDENTITY_BODY] = { 0 }, box[256];
	struct bytes m = { body, sizeof(body) };
	blob_auto file = { 0 };
	secret_auto *one = NULL, *two = NULL;
	scalar_auto d = { { 0 } };
	struct point K;

	memcpy(body, canary.p, canary.len);
	AM_TRY(blob_resize(&file, BAG_FILE_MAX));
	AM_TRY(bag_seal(
	    BAG_IDENTITY, vault, input, key, cred, m, file.p, &file.len));
	AM_TRY(bag_open(
	    blob_bytes(&file), BAG_IDENTITY, vault, input, key, cred, &one));
	sc_random(&d);
	AM_TRY(pt_mul_base(&d, &K));
	AM_TRY(box_seal(&K, cred, m, box));
	AM_TRY(
	    box_open(&d, cred, (struct bytes){ box, m.len + BOX_EXTRA }, &two));
	sodium_memzero(body, sizeof(body));
	return AM_OK;
}

/* The longest way through each reader: decoded, in notes, as codes. */
static const char *const files[] = {
	"name,password\nx,\"" CANARY "\"\n",
	"{\"encrypted\":false,\"items\":[{\"type\":1,\"name\":\"x\",\"login\":{"
	"\"password\":\"" CANARY "\",\"totp\":\"" CANARY
	"\"},\"fields\":[{\"name\":\"f\",\"value\":\"\\u0061" CANARY "\"}]}]}",
	"<KeePassFile><Root><Group><Entry><String><Key>Password</Key><Value>"
	"" CANARY "</Value></String><String><Key>f</Key><Value>&lt;" CANARY
	"</Value></String></Entry></Group></Root></KeePassFile>",
};

static AM_RESULT
read_file(const char *path)
{
	const struct source_wish wish = { .safe = "s" };
	source_auto *s = NULL;
	struct draft_made made;
	enum am_err err;

	AM_TRY(source_open(path, &wish, &why, &s));
	while ((err = source_next(s, &made, &why)) == AM_OK)
		;
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static const char json[] =
    "{\"accounts\":[{\"vaults\":[{\"items\":[{\"details\":{\"password\":"
    "\"" CANARY "\",\"notesPlain\":\"\\u0061" CANARY "\"}}]}]}]}";

/* Packing leaves its own traces, which are the test's and not counted. */
static AM_RESULT
from_a_zip(void)
{
	const int before = unwiped;
	foreign_auto f = zipped(json, sizeof(json) - 1, true);

	unwiped = before;
	return read_file(f.path);
}

static AM_RESULT
from_files(void)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(files); i++) {
		foreign_auto f = foreign_text(files[i]);

		AM_TRY(read_file(f.path));
	}
	return from_a_zip();
}

static AM_RESULT
careful(void)
{
	struct payload_field f = { "password", { NULL, 0 } };
	secret_auto *in = NULL, *payload = NULL;

	AM_TRY(from_a_pipe(&in));
	f.value = secret_bytes(in);
	AM_TRY(payload_build(&f, 1, &payload));
	AM_TRY(sealed_and_opened(secret_bytes(payload)));
	AM_TRY(in_a_bag_and_a_box());
	return from_files();
}

static void
careless(void)
{
	char *p = strdup(CANARY);

	touch(p);
	free(p);
}

int
main(void)
{
	if (sodium_init() < 0 || careful() != AM_OK) {
		printf("# %s\n", why.text);
		return 1;
	}
	printf("%s 1 - no secret is given back unwiped\n",
	    unwiped == 0 ? "ok" : "not ok");
	careless();
	printf("%s 2 - and one that was would be seen\n1..2\n",
	    unwiped > 0 ? "ok" : "not ok");
	return 0;
}
