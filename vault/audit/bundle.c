#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/audit/bundle.h"

#include "vault/acts/lookup.h"
#include "vault/acts/session.h"
#include "vault/base/enc.h"
#include "vault/crypto/hash.h"
#include "vault/log/canon.h"
#include "vault/log/note.h"

/* Part of the format, so that `verify` can compare it: to change it, keep the
 * old text beside the new one for the bundles that have it. */
static const char readme[] =
    "This directory is the whole history of one Amanat vault. It holds no\n"
    "secret: no password, no key, no sealed data.\n"
    "\n"
    "  log.jsonl          every statement, one a line, in order. Line 1 is\n"
    "                     leaf 0. Each was signed by a person's FIDO2 key.\n"
    "  checkpoint.note    size and root hash of the log, signed by the vault\n"
    "  keys.txt           the public key of that signature\n"
    "  attestation.jsonl  what each FIDO2 key proved when it was enrolled\n"
    "  partials.jsonl     only if asked for: the encrypted parts that the\n"
    "                     custodians gave, which prove that they could\n"
    "  SHA256SUMS         check sums of these files: sha256sum -c SHA256SUMS\n"
    "\n"
    "To check everything, on any machine and without a network:\n"
    "\n"
    "  amanat verify .\n"
    "\n"
    "It rebuilds the tree over all lines, compares it with the checkpoint,\n"
    "replays every statement under the rules, and checks every signature and\n"
    "proof. Exit status 0: all rules hold. 20: broken, and the first bad line\n"
    "is named. 21: the log is shorter than a checkpoint that you gave with\n"
    "--since.\n"
    "\n"
    "To check one line by hand: the bytes after \"body\": up to the last\n"
    "brace, hashed with sha256sum, are the statement's id. In base64url that\n"
    "id is the challenge in the client data, and the signature over\n"
    "authenticator data and SHA-256 of the client data verifies with the key\n"
    "in the token statement: openssl dgst -sha256 -verify.\n";

#define fd_auto AM_CLEANUP(fd_cleanup) int

static void
fd_cleanup(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static AM_RESULT
join_path(const char *dir, const char *name, char out[static PATH_MAX])
{
	const int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);

	return n > 0 && n < PATH_MAX ? AM_OK : AM_ERR_INVALID;
}

/* ---- reading */

/* The file set of this version (7.6). */
static const char *const all_files[] = { "README", "SHA256SUMS",
	"attestation.jsonl", "checkpoint.note", "keys.txt", "log.jsonl",
	"partials.jsonl" };

static bool
is_of_bundle(const char *name)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(all_files); i++)
		if (strcmp(all_files[i], name) == 0)
			return true;
	return false;
}

/* A bundle comes from elsewhere: O_NONBLOCK, since a FIFO in it must not make
 * us wait for its writer. Links lead out of it, devices have no end. */
static AM_RESULT
open_plain(const char *dir, const char *name, int *out)
{
	char path[PATH_MAX];
	struct stat st;

	AM_TRY(join_path(dir, name, path));
	*out = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*out < 0)
		return errno == ENOENT ? AM_ERR_NOT_FOUND
		    : errno == ELOOP   ? AM_ERR_CORRUPT
				       : AM_ERR_IO;
	if (fstat(*out, &st) != 0)
		return AM_ERR_IO;
	return S_ISREG(st.st_mode) ? AM_OK : AM_ERR_CORRUPT;
}

static AM_RESULT
read_all(int fd, size_t max, struct blob *out)
{
	uint8_t piece[65536];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0) {
		if (out->len + (size_t)n > max)
			return AM_ERR_CORRUPT;
		AM_TRY(blob_add(out, (struct bytes){ piece, (size_t)n }));
	}
	return n == 0 ? AM_OK : AM_ERR_IO;
}

AM_RESULT
bundle_read(const char *dir, const char *name, size_t max, struct blob *out)
{
	fd_auto fd = -1;

	AM_TRY(open_plain(dir, name, &fd));
	return read_all(fd, max, out);
}

AM_RESULT
bundle_sum(const char *dir, const char *name, uint8_t out[static 32])
{
	uint8_t piece[65536], sum[32];
	struct hash_stream *h = NULL;
	fd_auto fd = -1;
	ssize_t n;

	AM_TRY(open_plain(dir, name, &fd));
	AM_TRY(hash_stream_new(&h));
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		hash_stream_add(h, (struct bytes){ piece, (size_t)n });
	hash_stream_end(&h, sum);
	if (n < 0)
		return AM_ERR_IO;
	memcpy(out, sum, sizeof(sum));
	return AM_OK;
}

/* The names in a directory, sorted: those of a bundle, so a handful. */
struct names {
	size_t count;
	char name[AM_ARRAY_LEN(all_files)][32];
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static AM_RESULT
list_names(const char *dir, struct why *why, struct names *out)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	enum am_err err = AM_OK;

	if (d == NULL)
		return why_say(why,
		    errno == ENOENT ? AM_ERR_NOT_FOUND : AM_ERR_IO, "",
		    "cannot read directory '%s': %s", dir, strerror(errno));
	while (err == AM_OK && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    strcmp(e->d_name, "SHA256SUMS") == 0)
			continue;
		if (!is_of_bundle(e->d_name) ||
		    out->count == AM_ARRAY_LEN(out->name))
			err = why_say(why, AM_ERR_CORRUPT, "V01",
			    "'%s' is no file of a bundle", e->d_name);
		else
			memcpy(out->name[out->count++], e->d_name,
			    strlen(e->d_name) + 1);
	}
	(void)closedir(d);
	if (err == AM_OK)
		qsort(out->name, out->count, sizeof(out->name[0]), by_name);
	return err;
}

static AM_RESULT
sums_of(const char *dir, struct why *why, struct blob *out)
{
	struct names names = { 0 };

	AM_TRY(list_names(dir, why, &names));
	for (size_t i = 0; i < names.count; i++) {
		uint8_t sum[32];
		char hex[ENC_HEX_LEN(32) + 1];
		const enum am_err err = bundle_sum(dir, names.name[i], sum);

		if (err == AM_ERR_CORRUPT)
			return why_say(why, err, "V01",
			    "'%s' is not a regular file", names.name[i]);
		AM_TRY(err);
		enc_hex((struct bytes){ sum, 32 }, hex);
		AM_TRY(blob_printf(out, "%s  %s\n", hex, names.name[i]));
	}
	return AM_OK;
}

/* The first line that differs names the file. */
static enum am_err
name_difference(struct bytes want, struct bytes got, struct why *why)
{
	size_t at = 0, start = 0;

	while (at < want.len && at < got.len && want.p[at] == got.p[at]) {
		if (want.p[at] == '\n')
			start = at + 1;
		at++;
	}
	const struct bytes rest = start + 66 < got.len
	    ? (struct bytes){ got.p + start + 66, got.len - start - 66 }
	    : (struct bytes){ (const uint8_t *)"SHA256SUMS", 10 };
	const uint8_t *nl = memchr(rest.p, '\n', rest.len);

	return why_say(why, AM_ERR_VERIFY, "V01",
	    "the file '%.*s' does not match SHA256SUMS",
	    (int)(nl == NULL ? rest.len : (size_t)(nl - rest.p)),
	    (const char *)rest.p);
}

AM_RESULT
bundle_check_sums(const char *dir, struct why *why)
{
	static const char *const required[] = { "log.jsonl", "checkpoint.note",
		"keys.txt", "attestation.jsonl", "README", "SHA256SUMS" };
	blob_auto want = { 0 }, got = { 0 };
	enum am_err err;

	for (size_t i = 0; i < AM_ARRAY_LEN(required); i++) {
		char path[PATH_MAX];

		AM_TRY(join_path(dir, required[i], path));
		if (access(dir, F_OK) == 0 && access(path, F_OK) != 0)
			return why_say(why, AM_ERR_CORRUPT, "V01",
			    "the file '%s' is missing", required[i]);
	}
	AM_TRY(sums_of(dir, why, &got));
	err = bundle_read(dir, "SHA256SUMS", BUNDLE_SMALL_MAX, &want);
	if (err == AM_ERR_CORRUPT)
		return why_say(why, err, "V01",
		    "'SHA256SUMS' is too long, or not a regular file");
	AM_TRY(err);
	if (!bytes_same(blob_bytes(&want), blob_bytes(&got)))
		return name_difference(
		    blob_bytes(&want), blob_bytes(&got), why);
	return AM_OK;
}

struct bytes
bundle_readme(void)
{
	return (struct bytes){ (const uint8_t *)readme, sizeof(readme) - 1 };
}

/* ---- writing */

static AM_RESULT
write_full(int fd, struct bytes b)
{
	while (b.len > 0) {
		const ssize_t n = write(fd, b.p, b.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return AM_ERR_IO;
		b.p += n;
		b.len -= (size_t)n;
	}
	return AM_OK;
}

static AM_RESULT
make_file(const char *dir, const char *name, int *out)
{
	char path[PATH_MAX];

	AM_TRY(join_path(dir, name, path));
	*out = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	return *out < 0 ? AM_ERR_IO : AM_OK;
}

static AM_RESULT
write_file(const char *dir, const char *name, struct bytes content)
{
	fd_auto fd = -1;

	AM_TRY(make_file(dir, name, &fd));
	AM_TRY(write_full(fd, content));
	return fsync(fd) == 0 ? AM_OK : AM_ERR_IO;
}

static AM_RESULT
write_log(struct store_txn *t, const char *dir)
{
	uint64_t size = 0;
	fd_auto fd = -1;
	blob_auto out = { 0 };

	AM_TRY(make_file(dir, "log.jsonl", &fd));
	AM_TRY(store_log_size(t, &size));
	for (uint64_t leaf = 0; leaf < size; leaf++) {
		blob_auto line = { 0 };

		AM_TRY(store_log_read(t, leaf, &line));
		AM_TRY(blob_add(&out, blob_bytes(&line)));
		AM_TRY(blob_text(&out, "\n"));
		if (out.len < 1 << 16 && leaf + 1 < size)
			continue;
		AM_TRY(write_full(fd, blob_bytes(&out)));
		out.len = 0;
	}
	return fsync(fd) == 0 ? AM_OK : AM_ERR_IO;
}

static AM_RESULT
write_keys(struct session *s, const char *dir)
{
	char origin[NOTE_ORIGIN_MAX], hex[ENC_HEX_LEN(16) + 1];
	blob_auto text = { 0 };

	enc_hex((struct bytes){ s->vault.vault, 16 }, hex);
	(void)snprintf(
	    origin, sizeof(origin), "%s/amanat/%s", s->vault.rpid, hex);
	AM_TRY(note_vkey(origin, s->vault.logkey, &text));
	return write_file(dir, "keys.txt", blob_bytes(&text));
}

/* ---- what each key proved: token statements again, shortened */

static AM_RESULT
copy_text(struct json_t *to, const char *key, const struct json_t *from)
{
	struct bytes text = { 0 };

	AM_TRY(canon_get_text(from, key, &text));
	return canon_set(to, key, canon_text(text));
}

/* The founder's key stands in genesis, without label and person. */
static AM_RESULT
fill_token_line(struct json_t *doc, const struct statement *s)
{
	const struct json_t *token = s->body;

	if (strcmp(s->kind, "genesis") == 0) {
		AM_TRY(canon_get_object(s->body, "token", &token));
		AM_TRY(canon_set(doc, "label", canon_str("founder")));
		AM_TRY(canon_set(doc, "person",
		    canon_hex((struct bytes){ s->by, sizeof(s->by) })));
	} else {
		AM_TRY(copy_text(doc, "label", token));
		AM_TRY(copy_text(doc, "person", token));
	}
	AM_TRY(copy_text(doc, "aaguid", token));
	return copy_text(doc, "object", token);
}

AM_RESULT
bundle_attestation(const struct statement *s, uint64_t leaf, struct blob *out)
{
	canon_auto *doc = NULL;

	if (strcmp(s->kind, "genesis") != 0 && strcmp(s->kind, "token") != 0)
		return AM_OK;
	doc = canon_object();
	AM_TRY(fill_token_line(doc, s));
	AM_TRY(canon_set(doc, "leaf", canon_uint(leaf)));
	AM_TRY(canon_write(doc, out));
	return blob_text(out, "\n");
}

static AM_RESULT
write_attestation(struct session *s, struct store_txn *t, const char *dir)
{
	const struct view v = view_store(t);
	blob_auto out = { 0 };

	for (uint32_t i = 0; i < s->vault.tokens; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_token row;
		statement_auto st = { 0 };
		uint8_t id[32];

		AM_TRY(rows_index_get(&v, "token-n", rows_key(&n), id, 32));
		AM_TRY(rows_get_token(&v, (struct bytes){ id, 32 }, &row));
		AM_TRY(lookup_statement(t, row.leaf, s->why, &st));
		AM_TRY(bundle_attestation(&st, row.leaf, &out));
	}
	return write_file(dir, "attestation.jsonl", blob_bytes(&out));
}

static AM_RESULT
partial_line(
    struct store_txn *t, const struct rows_approval *a, struct blob *out)
{
	canon_auto *doc = canon_object();
	blob_auto partial = { 0 };
	const enum am_err err = store_blob_get(
	    t, "partial", (struct bytes){ a->partial, 32 }, &partial);

	if (err == AM_ERR_NOT_FOUND)
		return AM_OK; /* deleted under retention (4.3) */
	AM_TRY(err);
	AM_TRY(canon_set(doc, "leaf", canon_uint(a->leaf)));
	AM_TRY(canon_set(doc, "partial", canon_b64(blob_bytes(&partial))));
	AM_TRY(canon_write(doc, out));
	return blob_text(out, "\n");
}

struct by_leaf {
	uint64_t leaf;
	struct rows_approval approval;
};

static int
leaf_order(const void *a, const void *b)
{
	const uint64_t x = ((const struct by_leaf *)a)->leaf,
		       y = ((const struct by_leaf *)b)->leaf;

	return x < y ? -1 : x > y;
}

static AM_RESULT
collect_approvals(struct session *s, struct store_txn *t, struct blob *out)
{
	const struct view v = view_store(t);

	for (uint32_t i = 1; i <= s->vault.requests; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_request q;
		uint8_t id[32];

		AM_TRY(rows_index_get(&v, "request-n", rows_key(&n), id, 32));
		AM_TRY(rows_get_request(&v, (struct bytes){ id, 32 }, &q));
		for (size_t j = 0; j < q.approval_count; j++) {
			const struct by_leaf one = { q.approvals[j].leaf,
				q.approvals[j] };

			AM_TRY(blob_add(out,
			    (struct bytes){
				(const uint8_t *)&one, sizeof(one) }));
		}
	}
	return AM_OK;
}

static AM_RESULT
write_partials(struct session *s, struct store_txn *t, const char *dir)
{
	blob_auto list = { 0 }, out = { 0 };
	struct by_leaf *all;
	size_t count;

	AM_TRY(collect_approvals(s, t, &list));
	all = (struct by_leaf *)(void *)list.p;
	count = list.len / sizeof(*all);
	if (count > 0)
		qsort(all, count, sizeof(*all), leaf_order);
	for (size_t i = 0; i < count; i++)
		AM_TRY(partial_line(t, &all[i].approval, &out));
	return write_file(dir, "partials.jsonl", blob_bytes(&out));
}

static AM_RESULT
write_all(struct session *s, const char *dir, bool partials)
{
	store_txn_auto *t = NULL;
	blob_auto note = { 0 }, sums = { 0 };

	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(write_log(t, dir));
	AM_TRY(store_note_get(t, &note));
	AM_TRY(write_file(dir, "checkpoint.note", blob_bytes(&note)));
	AM_TRY(write_keys(s, dir));
	AM_TRY(write_attestation(s, t, dir));
	if (partials)
		AM_TRY(write_partials(s, t, dir));
	AM_TRY(write_file(dir, "README", bundle_readme()));
	AM_TRY(sums_of(dir, s->why, &sums));
	return write_file(dir, "SHA256SUMS", blob_bytes(&sums));
}

/* Only files of a bundle are in there; it is ours. */
static void
discard(const char *dir)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(all_files); i++) {
		char path[PATH_MAX];

		if (join_path(dir, all_files[i], path) == AM_OK)
			(void)unlink(path);
	}
	(void)rmdir(dir);
}

AM_RESULT
bundle_write(struct session *s, const char *dir, bool partials)
{
	char part[PATH_MAX];
	const int n = snprintf(part, sizeof(part), "%s.part", dir);
	enum am_err err;

	if (n <= 0 || n >= PATH_MAX)
		return AM_ERR_INVALID;
	if (access(dir, F_OK) == 0)
		return why_say(s->why, AM_ERR_EXISTS, "",
		    "'%s' exists; an export is written to a new directory",
		    dir);
	if (mkdir(part, 0755) != 0)
		return why_say(s->why,
		    errno == EEXIST ? AM_ERR_EXISTS : AM_ERR_IO, "",
		    "cannot make '%s': %s", part, strerror(errno));
	err = write_all(s, part, partials);
	if (err == AM_OK && rename(part, dir) != 0)
		err = AM_ERR_IO;
	if (err != AM_OK)
		discard(part);
	if (err == AM_ERR_IO && s->why->text[0] == '\0')
		return why_say(s->why, err, "",
		    "the export could not be written (%s)", strerror(errno));
	return err;
}
