#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/import/passdir.h"

#include "vault/base/blob.h"
#include "vault/base/secret.h"
#include "vault/import/gpg.h"
#include "vault/import/utf8.h"

enum { PATH_LEN_MAX = 1023, TRIES = 3 };

struct passdir {
	int fd;
	struct blob names;    /* paths below it, each with a NUL */
	struct blob order;    /* const char *, sorted */
	struct secret *space; /* PASSDIR_TEXT_MAX bytes */
	size_t at;            /* of order */
	size_t failed;
	bool works; /* gpg has decrypted one */
};

void
passdir_free(struct passdir *p)
{
	if (p == NULL)
		return;
	if (p->fd >= 0)
		(void)close(p->fd);
	blob_free(&p->names);
	blob_free(&p->order);
	secret_free(p->space);
	free(p);
}

/* ---- listing */

struct walk {
	struct passdir *p;
	struct why *why;
	char path[PATH_LEN_MAX + 1];
	size_t depth;
};

static AM_RESULT list(struct walk *w, int fd, size_t len);

static bool
is_entry(const char *name)
{
	const size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".gpg") == 0;
}

static AM_RESULT
add_entry(struct walk *w)
{
	struct passdir *p = w->p;
	const size_t at = p->names.len;

	if (p->order.len / sizeof(at) == PASSDIR_ENTRIES_MAX)
		return why_say(w->why, AM_ERR_INCOMPLETE, "",
		    "it has more than %d entries", PASSDIR_ENTRIES_MAX);
	AM_TRY(blob_add(&p->names,
	    (struct bytes){ (const uint8_t *)w->path, strlen(w->path) + 1 }));
	return blob_add(
	    &p->order, (struct bytes){ (const uint8_t *)&at, sizeof(at) });
}

static AM_RESULT
enter(struct walk *w, int fd, const char *name)
{
	const int in =
	    openat(fd, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);

	if (in < 0)
		return why_say(w->why, AM_ERR_IO, "", "cannot read '%s': %s",
		    w->path, strerrordesc_np(errno));
	if (++w->depth > PASSDIR_DEPTH) {
		(void)close(in);
		return why_say(w->why, AM_ERR_INCOMPLETE, "",
		    "'%s' is more than %d folders deep", w->path,
		    PASSDIR_DEPTH);
	}
	AM_TRY(list(w, in, strlen(w->path)));
	w->depth--;
	return AM_OK;
}

static AM_RESULT
look_at(struct walk *w, int fd, size_t len, const char *name)
{
	const size_t n = strlen(name), slash = len > 0;
	struct stat st;

	if (name[0] == '.')
		return AM_OK;
	if (len + slash + n > PATH_LEN_MAX)
		return why_say(
		    w->why, AM_ERR_INCOMPLETE, "", "a path in it is too long");
	if (slash != 0)
		w->path[len] = '/';
	memcpy(w->path + len + slash, name, n + 1);
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return why_say(w->why, AM_ERR_IO, "", "cannot read '%s': %s",
		    w->path, strerrordesc_np(errno));
	if (S_ISDIR(st.st_mode))
		return enter(w, fd, name);
	return S_ISREG(st.st_mode) && is_entry(name) ? add_entry(w) : AM_OK;
}

/* Takes `fd`. */
static AM_RESULT
list(struct walk *w, int fd, size_t len)
{
	DIR *d = fdopendir(fd);
	const struct dirent *e;
	enum am_err err = AM_OK;

	if (d == NULL) {
		(void)close(fd);
		return AM_ERR_NOMEM;
	}
	while (err == AM_OK && (e = readdir(d)) != NULL) {
		err = look_at(w, fd, len, e->d_name);
		w->path[len] = '\0';
	}
	(void)closedir(d);
	return err;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Offsets become pointers, now that nothing moves any more. */
static void
sort(struct passdir *p)
{
	const size_t n = p->order.len / sizeof(size_t);

	for (size_t i = 0; i < n; i++) {
		uint8_t *place = p->order.p + i * sizeof(size_t);
		const char *name;
		size_t at;

		memcpy(&at, place, sizeof(at));
		name = (const char *)p->names.p + at;
		memcpy(place, &name, sizeof(name));
	}
	if (n > 0)
		qsort(p->order.p, n, sizeof(const char *), by_path);
}

static AM_RESULT
list_all(struct passdir *p, struct why *why)
{
	struct walk w = { .p = p, .why = why };
	const int fd = openat(p->fd, ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd < 0)
		return why_say(why, AM_ERR_IO, "", "cannot be read: %s",
		    strerrordesc_np(errno));
	AM_TRY(list(&w, fd, 0));
	sort(p);
	return AM_OK;
}

AM_RESULT
passdir_open(const char *path, struct why *why, struct passdir **out)
{
	passdir_auto *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return AM_ERR_NOMEM;
	p->fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (p->fd < 0)
		/* cppcheck-suppress memleak */
		return why_say(why, AM_ERR_INVALID, "",
		    "'%s' is no directory: %s", path, strerrordesc_np(errno));
	if (faccessat(p->fd, ".gpg-id", R_OK, 0) != 0)
		/* cppcheck-suppress memleak */
		return why_say(why, AM_ERR_INVALID, "",
		    "'%s' is a directory, and no password store: it has no "
		    ".gpg-id",
		    path);
	AM_TRY(secret_new(PASSDIR_TEXT_MAX, &p->space));
	AM_TRY(list_all(p, why));
	*out = AM_TAKE(p);
	return AM_OK;
}

/* ---- an entry */

static bool
begins(struct bytes line, const char *word)
{
	return line.len >= strlen(word) &&
	    strncasecmp((const char *)line.p, word, strlen(word)) == 0;
}

static struct bytes
behind(struct bytes line, size_t n)
{
	while (n < line.len && line.p[n] == ' ')
		n++;
	return (struct bytes){ line.p + n, line.len - n };
}

/* What a line is, and its value; DRAFT_NOTES: the whole line. */
static enum draft_field
field_of(struct bytes line, struct bytes *value)
{
	static const struct {
		const char *word;
		enum draft_field field;
	} words[] = {
		{ "user:", DRAFT_USER },
		{ "username:", DRAFT_USER },
		{ "login:", DRAFT_USER },
		{ "url:", DRAFT_URL },
		{ "totp: otpauth://", DRAFT_TOTP },
	};

	*value = line;
	if (begins(line, "otpauth://"))
		return DRAFT_TOTP;
	for (size_t i = 0; i < AM_ARRAY_LEN(words); i++)
		if (begins(line, words[i].word)) {
			const char *colon = strchr(words[i].word, ':');

			*value =
			    behind(line, (size_t)(colon - words[i].word) + 1);
			return words[i].field;
		}
	return DRAFT_NOTES;
}

static struct bytes
next_line(struct bytes *rest)
{
	const uint8_t *end =
	    rest->len == 0 ? NULL : memchr(rest->p, '\n', rest->len);
	struct bytes line = *rest;

	if (end != NULL)
		line.len = (size_t)(end - rest->p);
	rest->p += line.len + (end != NULL);
	rest->len -= line.len + (end != NULL);
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* The fields, at their first place; a second one stays with the notes. */
static void
read_fields(struct draft *d, struct bytes rest)
{
	struct bytes value;

	draft_set(d, DRAFT_SECRET, draft_add(d, next_line(&rest)));
	while (rest.len > 0) {
		const enum draft_field f = field_of(next_line(&rest), &value);

		if (f != DRAFT_NOTES && !draft_has(d, f))
			draft_set(d, f, draft_add(d, value));
	}
}

static void
read_notes(struct draft *d, struct bytes rest)
{
	const struct bytes feed = { (const uint8_t *)"\n", 1 };
	struct draft_span notes = draft_add(d, (struct bytes){ NULL, 0 });
	bool seen[DRAFT_FIELDS] = { false };
	struct bytes value;

	(void)next_line(&rest);
	while (rest.len > 0) {
		const struct bytes line = next_line(&rest);
		const enum draft_field f = field_of(line, &value);

		if (f != DRAFT_NOTES && value.len > 0 && !seen[f]) {
			seen[f] = true;
			continue;
		}
		if (notes.len > 0)
			draft_more(d, feed, &notes);
		draft_more(d, line, &notes);
	}
	draft_set(d, DRAFT_NOTES, notes);
}

static void
read_text(struct draft *d, struct bytes text)
{
	if (memchr(text.p, '\0', text.len) != NULL || !utf8_valid(text)) {
		draft_fault(d,
		    "it is no text in UTF-8; put it by itself, with --type "
		    "file");
		return;
	}
	read_fields(d, text);
	read_notes(d, text);
}

static void
name_entry(struct draft *d, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	if (slash != NULL)
		draft_group(d,
		    (struct bytes){
			(const uint8_t *)path, (size_t)(slash - path) });
	draft_set(d, DRAFT_NAME,
	    draft_add(
		d, (struct bytes){ (const uint8_t *)name, strlen(name) - 4 }));
}

static AM_RESULT
gpg_refuses(struct passdir *p, struct draft *d, struct why *why)
{
	draft_fault(d, "gpg does not decrypt it");
	if (p->works || ++p->failed < TRIES)
		return AM_OK;
	return why_say(why, AM_ERR_IO, "",
	    "gpg decrypts none of the first %d entries; try it with 'pass "
	    "show'",
	    TRIES);
}

AM_RESULT
passdir_next(struct passdir *p, struct draft *out, struct why *why)
{
	const char *path;
	size_t len = 0;
	enum am_err err;
	int fd;

	if (p->at == p->order.len / sizeof(path))
		return AM_ERR_NOT_FOUND;
	memcpy(&path, p->order.p + p->at++ * sizeof(path), sizeof(path));
	draft_begin(out, p->at);
	name_entry(out, path);
	fd = openat(p->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return why_say(why, AM_ERR_IO, "", "cannot read '%s': %s", path,
		    strerrordesc_np(errno));
	err =
	    gpg_decrypt(fd, secret_mut(p->space), PASSDIR_TEXT_MAX, &len, why);
	(void)close(fd);
	if (err == AM_ERR_VERIFY)
		return gpg_refuses(p, out, why);
	p->works |= err == AM_OK || err == AM_ERR_INVALID;
	if (err == AM_ERR_INVALID)
		draft_fault(out,
		    "it has more than %d bytes; put a large secret by itself",
		    PASSDIR_TEXT_MAX);
	else if (err != AM_OK)
		return err;
	else
		read_text(out, (struct bytes){ secret_mut(p->space), len });
	return AM_OK;
}

uint64_t
passdir_row(const struct passdir *p)
{
	return p->at;
}

void
passdir_rewind(struct passdir *p)
{
	p->at = 0;
}
