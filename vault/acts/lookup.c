#include "vault/acts/lookup.h"

#include "vault/base/enc.h"

static struct bytes
text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static bool
is_plain(const char *s, size_t max)
{
	const size_t n = strlen(s);

	if (n == 0 || n > max || strstr(s, "..") != NULL)
		return false;
	if (s[0] == '.' || s[0] == '-' || s[0] == '_')
		return false;
	return strspn(s,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789._-") == n;
}

AM_RESULT
lookup_check_id(struct why *why, const char *what, const char *id)
{
	if (is_plain(id, ROWS_ID_MAX))
		return AM_OK;
	return why_say(why, AM_ERR_INVALID, "",
	    "%s is letters, digits, '.', '_' and '-', begins with a letter or "
	    "digit, and has at most %d characters",
	    what, ROWS_ID_MAX);
}

bool
lookup_is_host(const char *name)
{
	return is_plain(name, ROWS_RPID_MAX) && strchr(name, '_') == NULL;
}

AM_RESULT
lookup_person(struct session *s, const char *id, struct rows_person *out)
{
	store_txn_auto *t = NULL;
	uint8_t person[16];
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (rows_index_get(&v, "person-id", text(id), person, 16) != AM_OK)
		return why_say(s->why, AM_ERR_NOT_FOUND, "",
		    "no person '%s'; 'amanat person list' shows who there is",
		    id);
	return rows_get_person(&v, (struct bytes){ person, 16 }, out);
}

AM_RESULT
lookup_safe(struct session *s, const char *id, struct rows_safe *out)
{
	store_txn_auto *t = NULL;
	uint8_t safe[16];
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (rows_index_get(&v, "safe-id", text(id), safe, 16) != AM_OK)
		return why_say(s->why, AM_ERR_NOT_FOUND, "",
		    "no safe '%s'; 'amanat safe status' shows which there are",
		    id);
	return rows_get_safe(&v, (struct bytes){ safe, 16 }, out);
}

AM_RESULT
lookup_split(struct session *s, const char *path,
    char safe[static ROWS_ID_MAX + 1], char title[static ROWS_TITLE_MAX + 1])
{
	const char *slash = strchr(path, '/');
	const size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	if (n == 0 || n > ROWS_ID_MAX || strlen(slash + 1) > ROWS_TITLE_MAX)
		return why_say(s->why, AM_ERR_INVALID, "",
		    "a credential is named SAFE/NAME, NAME at most %d "
		    "characters",
		    ROWS_TITLE_MAX);
	memcpy(safe, path, n);
	safe[n] = '\0';
	memcpy(title, slash + 1, strlen(slash + 1) + 1);
	if (!is_plain(safe, ROWS_ID_MAX) || !is_plain(title, ROWS_TITLE_MAX))
		return why_say(s->why, AM_ERR_INVALID, "",
		    "names are letters, digits, '.', '_' and '-', and begin "
		    "with a letter or digit");
	return AM_OK;
}

AM_RESULT
lookup_record(struct session *s, const char *path, struct rows_safe *safe,
    struct rows_record *out)
{
	char id[ROWS_ID_MAX + 1], title[ROWS_TITLE_MAX + 1];
	store_txn_auto *t = NULL;
	struct rows_key key;
	uint8_t record[16];
	struct view v;

	AM_TRY(lookup_split(s, path, id, title));
	AM_TRY(lookup_safe(s, id, safe));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	key = rows_key_with_text((struct bytes){ safe->safe, 16 }, text(title));
	if (rows_index_get(&v, "record-id", rows_key(&key), record, 16) !=
	    AM_OK)
		return why_say(s->why, AM_ERR_NOT_FOUND, "",
		    "no credential '%s' in safe '%s'; 'amanat list %s' shows "
		    "which there are",
		    title, id, id);
	return rows_get_record(&v, (struct bytes){ record, 16 }, out);
}

/* Reads "r-<number>"; 0 if it is not of that form. */
static uint32_t
number_of(const char *id)
{
	char *end = NULL;
	unsigned long n;

	if (strncmp(id, "r-", 2) != 0 || id[2] < '1' || id[2] > '9' ||
	    strlen(id) > 11)
		return 0;
	n = strtoul(id + 2, &end, 10);
	return *end == '\0' && n <= UINT32_MAX ? (uint32_t)n : 0;
}

AM_RESULT
lookup_request(struct session *s, const char *id, struct rows_request *out)
{
	const struct rows_key key = rows_key_u32(number_of(id));
	store_txn_auto *t = NULL;
	uint8_t request[32];
	struct view v;

	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	if (rows_index_get(&v, "request-n", rows_key(&key), request, 32) !=
	    AM_OK)
		return why_say(s->why, AM_ERR_NOT_FOUND, "",
		    "no request '%s'; 'amanat history' shows which there are",
		    id);
	return rows_get_request(&v, (struct bytes){ request, 32 }, out);
}

void
lookup_name_of(const struct rows_person *p, char out[static ROWS_ID_MAX + 1])
{
	if (p->id[0] != '\0')
		memcpy(out, p->id, sizeof(p->id));
	else
		enc_hex((struct bytes){ p->person, 16 }, out);
}

AM_RESULT
lookup_person_name(const struct view *v, const uint8_t person[static 16],
    char out[static ROWS_ID_MAX + 1])
{
	struct rows_person p;

	AM_TRY(rows_get_person(v, (struct bytes){ person, 16 }, &p));
	lookup_name_of(&p, out);
	return AM_OK;
}

AM_RESULT
lookup_statement(
    struct store_txn *t, uint64_t leaf, struct why *why, struct statement *out)
{
	blob_auto line = { 0 };

	AM_TRY(store_log_read(t, leaf, &line));
	return statement_parse(blob_bytes(&line), why, out);
}
