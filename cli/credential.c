#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/motions.h"
#include "cli/out.h"
#include "cli/request.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "vault/acts/ask.h"
#include "vault/acts/exposed.h"
#include "vault/acts/lookup.h"
#include "vault/acts/payload.h"
#include "vault/acts/routine.h"
#include "vault/acts/seal.h"
#include "vault/acts/tested.h"
#include "vault/base/when.h"
#include "vault/state/roll.h"

/* ---- put */

#define fd_auto AM_CLEANUP(fd_cleanup) int

static void
fd_cleanup(int *fd)
{
	if (*fd > STDERR_FILENO)
		(void)close(*fd);
}

/* From --from FILE, a prompt at a terminal, or standard input. */
static AM_RESULT
read_secret(struct cmd_call *call, const char *type, struct why *why,
    struct secret **out)
{
	const char *from = cmd_opt(call, "from");
	char prompt[192];
	fd_auto fd = STDIN_FILENO;

	if (from != NULL && strcmp(from, "-") != 0) {
		fd = open(from, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return why_say(why, AM_ERR_IO, "",
			    "cannot read '%s': %s", from, strerror(errno));
	} else if (from == NULL && isatty(STDIN_FILENO) == 1) {
		(void)snprintf(prompt, sizeof(prompt), "the %s of '%s'",
		    payload_first(type), call->args[0]);
		return term_ask_secret(prompt, why, out);
	}
	return term_read_secret_input(fd, TERM_INPUT_MAX, why, out);
}

/* One line typed or piped: its newline is not part of a password. */
static struct bytes
trimmed(const char *type, struct bytes b)
{
	const bool line = strcmp(type, "login") == 0 ||
	    strcmp(type, "totp") == 0 || strcmp(type, "api-key") == 0;

	if (line && b.len > 1 && b.p[b.len - 1] == '\n')
		b.len--;
	return b;
}

static AM_RESULT
build(struct cmd_call *call, const char *type, struct why *why,
    struct secret **out)
{
	const char *user = cmd_opt(call, "user"), *url = cmd_opt(call, "url");
	struct payload_field fields[3];
	secret_auto *secret = NULL;
	size_t n = 1;

	AM_TRY(read_secret(call, type, why, &secret));
	fields[0] = (struct payload_field){ payload_first(type),
		trimmed(type, secret_bytes(secret)) };
	if (user != NULL)
		fields[n++] = (struct payload_field){ "user",
			{ (const uint8_t *)user, strlen(user) } };
	if (url != NULL)
		fields[n++] = (struct payload_field){ "url",
			{ (const uint8_t *)url, strlen(url) } };
	if (payload_build(fields, n, out) != AM_OK)
		return why_say(why, AM_ERR_INVALID, "",
		    "a secret has at least one byte and, with its other "
		    "fields, at most 1 MiB");
	return AM_OK;
}

static AM_RESULT
check_put(struct cmd_call *call, const char *class, const char *type)
{
	if (!seal_is_class(class))
		return cmd_complain(AM_ERR_INVALID,
		    "'%s' is no class; use open, public, restricted, sensitive "
		    "or secret",
		    class);
	if (payload_first(type) == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "'%s' is no type; use login, totp, api-key, private-key, "
		    "recovery-codes, file or note",
		    type);
	if ((cmd_opt(call, "user") != NULL || cmd_opt(call, "url") != NULL) &&
	    strcmp(type, "login") != 0)
		return cmd_complain(
		    AM_ERR_INVALID, "--user and --url belong to --type login");
	return AM_OK;
}

/* What a credential opens besides itself. */
struct links {
	char reach[ROWS_ID_MAX + 1], can_reset[1024];
};

static AM_RESULT
take(struct desk *d, struct bytes from, char *to, size_t size)
{
	if (from.len >= size)
		return why_say(&d->why, AM_ERR_INVALID, "X-14",
		    "that is more than a credential can be said to reset");
	(void)snprintf(to, size, "%.*s", (int)from.len, (const char *)from.p);
	return AM_OK;
}

/* "a/b,c/d" as it is typed; "a/b c/d" as it is kept. */
static AM_RESULT
read_links(struct desk *d, const struct rows_record *before, struct links *l,
    struct seal_wish *w)
{
	const char *reach = cmd_opt(d->call, "reach"),
		   *reset = cmd_opt(d->call, "can-reset");
	struct bytes old_reach = { 0 }, old_reset = { 0 };
	statement_auto said = { 0 };

	if (w->new_version)
		AM_TRY(seal_said_before(
		    d->session, before, &said, &old_reach, &old_reset));
	if (reach != NULL)
		old_reach =
		    (struct bytes){ (const uint8_t *)reach, strlen(reach) };
	if (reset != NULL)
		old_reset =
		    (struct bytes){ (const uint8_t *)reset, strlen(reset) };
	AM_TRY(take(d, old_reach, l->reach, sizeof(l->reach)));
	AM_TRY(take(d, old_reset, l->can_reset, sizeof(l->can_reset)));
	for (char *c = l->can_reset; *c != '\0'; c++)
		if (*c == ',')
			*c = ' ';
	w->reach = l->reach[0] != '\0' ? l->reach : NULL;
	w->can_reset = l->can_reset[0] != '\0' ? l->can_reset : NULL;
	if (w->reach != NULL && !seal_is_class(w->reach))
		return why_say(&d->why, AM_ERR_INVALID, "X-14",
		    "--reach is the highest class that it opens the way to: "
		    "open, public, restricted, sensitive or secret, not '%s'",
		    w->reach);
	return AM_OK;
}

/* What is not said of a new version is as it was. */
static AM_RESULT
inherit(struct desk *d, struct rows_record *before, struct links *l,
    struct seal_wish *w)
{
	struct rows_safe safe;

	if (w->new_version)
		AM_TRY(lookup_record(d->session, w->path, &safe, before));
	AM_TRY(read_links(d, before, l, w));
	if (w->class == NULL)
		w->class = w->new_version ? before->class : "restricted";
	if (w->type == NULL)
		w->type = w->new_version ? before->type : "note";
	return AM_OK;
}

AM_RESULT
credential_put(struct cmd_call *call)
{
	struct seal_wish w = { .path = call->args[0],
		.class = cmd_opt(call, "class"),
		.type = cmd_opt(call, "type"),
		.new_version = cmd_flag(call, "new-version") };
	struct rows_record before = { 0 };
	struct links links = { 0 };
	secret_auto *payload = NULL;
	session_key_auto k = { 0 };
	desk_auto d = { 0 };
	struct rows_record r;
	enum am_err err;

	AM_TRY(desk_open(call, true, &d));
	AM_TRY(desk_done(
	    &d, inherit(&d, &before, &links, &w), "put the credential"));
	AM_TRY(check_put(call, w.class, w.type));
	AM_TRY(desk_done(&d, seal_check(d.session, &w), "put the credential"));
	err = build(call, w.type, &d.why, &payload);
	if (err != AM_OK)
		return desk_done(&d, err, "read the secret");
	w.payload = secret_bytes(payload);
	AM_TRY(desk_key(&d, NULL, &k));
	AM_TRY(desk_done(
	    &d, seal_deposit(d.session, &k, &w, &r), "put the credential"));
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "credential", w.path);
		out_json_uint(&j, "version", r.version);
		out_json_uint(&j, "leaf", r.leaf);
		return AM_OK;
	}
	cmd_say(call,
	    "'%s' is sealed (version %u, leaf %lu); only the custodians "
	    "together can open it",
	    w.path, r.version, (unsigned long)r.leaf);
	if (r.version > 1)
		cmd_say(call,
		    "next, once it is in force at the vendor, two people: "
		    "amanat rotate %s --evidence FILE",
		    w.path);
	return AM_OK;
}

/* ---- what is said of the newest version at the vendor */

/* *out: a text for people; `first`: who signed where a second one is missing.
 */
static AM_RESULT
rotation_of(const struct view *v, const struct rows_record *r,
    char first[static ROWS_ID_MAX + 1], const char **out)
{
	first[0] = '\0';
	*out = r->version == 1 ? "-" : "in force";
	if (r->rotated == r->version || r->version == 1)
		return AM_OK;
	AM_TRY(exposed_first_signer(v, r, first));
	*out = first[0] != '\0' ? "second signer missing" : "not confirmed";
	return AM_OK;
}

/* ---- does it open what it is for? (K-3) */

static const char *
login_text(enum login_is is)
{
	switch (is) {
	case LOGIN_UNTESTED:
		return "";
	case LOGIN_UNVERIFIED:
		return "unverified";
	case LOGIN_VERIFIED:
		return "verified";
	}
	return "";
}

static AM_RESULT
test_json(const struct view *v, struct out_json *j,
    const uint8_t person[static 16], int64_t at, uint64_t leaf)
{
	char by[ROWS_ID_MAX + 1], when[WHEN_TEXT_LEN + 1];

	AM_TRY(lookup_person_name(v, person, by));
	when_text(at, when);
	out_json_open(j, NULL, '{');
	out_json_text(j, "by", by);
	out_json_text(j, "at", when);
	out_json_uint(j, "leaf", leaf);
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
tests_json(const struct view *v, const struct rows_login *t, struct out_json *j)
{
	out_json_open(j, "login_tests", '[');
	if (t->first_leaf != 0)
		AM_TRY(test_json(v, j, t->first, t->first_at, t->first_leaf));
	if (t->second_leaf != 0)
		AM_TRY(
		    test_json(v, j, t->second, t->second_at, t->second_leaf));
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
test_text(const struct view *v, const uint8_t person[static 16], int64_t at,
    struct blob *out)
{
	char by[ROWS_ID_MAX + 1], when[32];

	AM_TRY(lookup_person_name(v, person, by));
	desk_time(at, when);
	return blob_printf(out, "tested by %s %s", by, when);
}

static AM_RESULT
print_tests(const struct view *v, const struct rows_login *t, enum login_is is)
{
	blob_auto text = { 0 };

	if (is == LOGIN_UNTESTED && t->first_leaf == 0)
		return AM_OK;
	if (is != LOGIN_UNTESTED)
		AM_TRY(blob_text(&text, login_text(is)));
	if (t->first_leaf != 0) {
		AM_TRY(blob_text(&text, text.len > 0 ? ", " : ""));
		AM_TRY(test_text(v, t->first, t->first_at, &text));
	}
	if (t->second_leaf != 0) {
		AM_TRY(blob_text(&text, ", "));
		AM_TRY(test_text(v, t->second, t->second_at, &text));
	}
	if (is == LOGIN_UNVERIFIED)
		AM_TRY(blob_text(&text,
		    t->first_leaf != 0 ? "; a second official is missing"
				       : ": two officials test the login"));
	out_field(stdout, "login", blob_bytes(&text));
	return AM_OK;
}

/* ---- when it is to be changed and tested in any case */

static void
routine_json(
    const struct routine *of, const struct rows_record *r, struct out_json *j)
{
	static const char *const keys[] = { "rotate_by", "test_login_by" };
	char at[WHEN_TEXT_LEN + 1];

	for (size_t i = 0; i < AM_ARRAY_LEN(keys); i++) {
		const int64_t by = routine_by(of, r, (enum aged_list)i);

		at[0] = '\0';
		if (by != 0)
			when_text(by, at);
		out_json_text(j, keys[i], at);
	}
}

static void
print_routine(const struct routine *of, const struct rows_record *r)
{
	static const char *const heads[] = { "rotate by:", "test login by:" };
	char at[32];

	for (size_t i = 0; i < AM_ARRAY_LEN(heads); i++) {
		const int64_t by = routine_by(of, r, (enum aged_list)i);

		if (by == 0)
			continue;
		desk_time(by, at);
		printf("%-16s%s\n", heads[i], at);
	}
}

/* ---- list */

struct listing {
	struct desk *d;
	struct view *v;
	struct routine routine; /* of the safe */
	struct rows_person by;  /* the last one that was read, once any was */
	bool has_by;
	bool due; /* only what is soon due by it */
	struct out_json *j;
	struct out_table *t;
	uint64_t count;
};

/* Of those dates that come soon, as `due` has them; else an empty text. */
static void
routine_text(
    const struct listing *l, const struct rows_record *r, char out[static 64])
{
	static const char *const texts[] = { "rotate by ", "test by " };
	char day[WHEN_TEXT_LEN + 1];
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < AM_ARRAY_LEN(texts); i++) {
		const int64_t by =
		    routine_by(&l->routine, r, (enum aged_list)i);

		if (by == 0 || by > session_now(l->d->session) + ROUTINE_AHEAD)
			continue;
		when_text(by, day);
		len += (size_t)snprintf(out + len, 64 - len, "%s%s%.10s",
		    len > 0 ? ", " : "", texts[i], day);
	}
}

/* People are few, and come in runs. */
static AM_RESULT
find_person(struct listing *l, const uint8_t person[static 16])
{
	const struct bytes id = { person, 16 };

	if (l->has_by && bytes_same(id, (struct bytes){ l->by.person, 16 }))
		return AM_OK;
	AM_TRY(rows_get_person(l->v, id, &l->by));
	l->has_by = true;
	return AM_OK;
}

static AM_RESULT
list_one(
    struct listing *l, const struct rows_safe *s, const uint8_t id[static 16])
{
	char by[ROWS_ID_MAX + 1], at[32], first[ROWS_ID_MAX + 1], due[64];
	const char *rotation = NULL;
	enum login_is is;
	struct rows_record r;

	AM_TRY(rows_get_record(l->v, (struct bytes){ id, 16 }, &r));
	routine_text(l, &r, due);
	if (l->due && due[0] == '\0')
		return AM_OK;
	l->count++;
	AM_TRY(find_person(l, r.by));
	lookup_name_of(&l->by, by);
	is = login_stands(&r, &l->by);
	AM_TRY(rotation_of(l->v, &r, first, &rotation));
	when_text(r.at, at);
	if (l->j != NULL) {
		out_json_open(l->j, NULL, '{');
		out_json_text(l->j, "safe", s->id);
		out_json_text(l->j, "name", r.title);
		out_json_text(l->j, "type", r.type);
		out_json_text(l->j, "class", r.class);
		out_json_uint(l->j, "version", r.version);
		out_json_text(l->j, "by", by);
		out_json_text(l->j, "at", at);
		out_json_uint(l->j, "rotated", r.rotated);
		out_json_text(l->j, "first_signer", first);
		routine_json(&l->routine, &r, l->j);
		out_json_text(l->j, "login", login_text(is));
		out_json_close(l->j);
		return AM_OK;
	}
	out_table_printf(l->t, "%s/%s", s->id, r.title);
	out_table_text(l->t, r.type);
	out_table_text(l->t, r.class);
	out_table_printf(l->t, "%u", r.version);
	out_table_text(l->t, by);
	out_table_bytes(l->t, (struct bytes){ (const uint8_t *)at, 10 });
	if (l->due) {
		out_table_text(l->t, due);
		return AM_OK;
	}
	if (is == LOGIN_UNVERIFIED && r.version == 1)
		rotation = "";
	out_table_printf(l->t, "%s%s", rotation,
	    is != LOGIN_UNVERIFIED    ? ""
		: rotation[0] == '\0' ? "unverified"
				      : ", unverified");
	return AM_OK;
}

static AM_RESULT
list_safe(struct listing *l, const struct rows_safe *s)
{
	struct roll roll = { 0 };
	uint8_t id[16];

	AM_TRY(routine_read(l->v, s->level, &l->routine));
	for (uint64_t i = 0; i < s->records; i++) {
		AM_TRY(roll_nth(l->v, s->safe, i, &roll, id));
		AM_TRY(list_one(l, s, id));
	}
	return AM_OK;
}

static AM_RESULT
list_all(struct listing *l)
{
	for (uint32_t i = 0; i < l->d->session->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(rows_index_get(l->v, "safe-n", rows_key(&n), id, 16));
		AM_TRY(rows_get_safe(l->v, (struct bytes){ id, 16 }, &s));
		AM_TRY(list_safe(l, &s));
	}
	return AM_OK;
}

AM_RESULT
credential_list(struct cmd_call *call)
{
	const char *const heads[] = { "CREDENTIAL", "TYPE", "CLASS", "VERSION",
		"BY", "SEALED", cmd_flag(call, "due") ? "DUE" : "ROTATION",
		NULL };
	out_table_auto table = out_table_start(heads);
	out_json_auto j = { .to = stdout };
	struct listing l = { .t = &table,
		.j = call->json ? &j : NULL,
		.due = cmd_flag(call, "due") };
	desk_auto d = { 0 };
	store_txn_auto *t = NULL;
	struct rows_safe s;
	struct view v;
	enum am_err err = AM_OK;

	AM_TRY(desk_open(call, false, &d));
	l.d = &d;
	l.v = &v;
	if (call->arg_count > 0)
		err = lookup_safe(d.session, call->args[0], &s);
	if (err == AM_OK)
		err = store_begin(d.session->store, false, &t);
	if (err == AM_OK) {
		v = view_store(t);
		if (call->json)
			out_json_open(&j, NULL, '[');
		err = call->arg_count > 0 ? list_safe(&l, &s) : list_all(&l);
	}
	if (err == AM_OK && !call->json)
		err = out_table_print(&table, stdout);
	AM_TRY(desk_done(&d, err, "list credentials"));
	if (l.due && l.count == 0)
		cmd_say(call,
		    "nothing is to be changed or tested in any case within 30 "
		    "days");
	return AM_OK;
}

/* ---- show */

/* Every version, newest last: who sealed it, when. */
static AM_RESULT
show_versions(
    const struct view *v, const struct rows_record *r, struct out_json *j)
{
	for (uint32_t i = 1; i <= r->version; i++) {
		const struct rows_key key =
		    rows_key_with_u32((struct bytes){ r->record, 16 }, i);
		char by[ROWS_ID_MAX + 1], at[32];
		struct rows_version version;

		AM_TRY(rows_get_version(v, rows_key(&key), &version));
		AM_TRY(lookup_person_name(v, version.by, by));
		if (j == NULL) {
			desk_time(version.at, at);
			printf("version %-8u%s by %s (leaf %lu)\n", i, at, by,
			    (unsigned long)version.leaf);
			continue;
		}
		when_text(version.at, at);
		out_json_open(j, NULL, '{');
		out_json_uint(j, "version", i);
		out_json_text(j, "by", by);
		out_json_text(j, "at", at);
		out_json_uint(j, "leaf", version.leaf);
		out_json_close(j);
	}
	return AM_OK;
}

/* the highest of its class and of all that it opens the way to. */
static const char *
high_water(const struct rows_record *r)
{
	return r->mark == 0 ? r->class : levels_class_name(r->mark - 1U);
}

static AM_RESULT
show_record(struct desk *d, const char *path)
{
	char by[ROWS_ID_MAX + 1], at[32], first[ROWS_ID_MAX + 1];
	const char *rotation = NULL;
	enum login_is is = LOGIN_UNTESTED;
	struct rows_login tests;
	struct routine routine;
	store_txn_auto *t = NULL;
	struct rows_safe s;
	struct rows_record r;
	struct view v;
	bool higher;

	AM_TRY(lookup_record(d->session, path, &s, &r));
	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	AM_TRY(lookup_person_name(&v, r.by, by));
	AM_TRY(rotation_of(&v, &r, first, &rotation));
	AM_TRY(login_state(&v, &r, &tests, &is));
	AM_TRY(routine_read(&v, s.level, &routine));
	if (d->call->json) {
		out_json_auto j = { .to = stdout };

		when_text(r.at, at);
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "safe", s.id);
		out_json_text(&j, "name", r.title);
		out_json_text(&j, "type", r.type);
		out_json_text(&j, "class", r.class);
		out_json_text(&j, "high_water", high_water(&r));
		out_json_uint(&j, "version", r.version);
		out_json_text(&j, "by", by);
		out_json_text(&j, "at", at);
		out_json_uint(&j, "leaf", r.leaf);
		out_json_uint(&j, "rotated", r.rotated);
		out_json_text(&j, "first_signer", first);
		out_json_open(&j, "versions", '[');
		AM_TRY(show_versions(&v, &r, &j));
		out_json_close(&j);
		routine_json(&routine, &r, &j);
		out_json_text(&j, "login", login_text(is));
		return tests_json(&v, &tests, &j);
	}
	higher = strcmp(r.class, high_water(&r)) != 0;
	desk_time(r.at, at);
	printf("credential:     %s/%s\n"
	       "type:           %s\n"
	       "class:          %s%s%s\n"
	       "version:        %u\n"
	       "sealed:         %s by %s (leaf %lu)\n",
	    s.id, r.title, r.type, r.class,
	    higher ? ", by what it reaches " : "", higher ? high_water(&r) : "",
	    r.version, at, by, (unsigned long)r.leaf);
	if (r.version > 1)
		printf("rotation:       %s%s%s\n", rotation,
		    first[0] != '\0' ? ", signed by " : "", first);
	AM_TRY(print_tests(&v, &tests, is));
	print_routine(&routine, &r);
	return r.version > 1 ? show_versions(&v, &r, NULL) : AM_OK;
}

AM_RESULT
credential_show(struct cmd_call *call)
{
	desk_auto d = { 0 };
	enum am_err err;

	AM_TRY(desk_open(call, false, &d));
	if (strchr(call->args[0], '/') != NULL)
		err = show_record(&d, call->args[0]);
	else if (motion_is_id(call->args[0]))
		err = motions_show(&d, call->args[0]);
	else
		err = request_show(&d, call->args[0]);
	return desk_done(&d, err, "show it");
}
