/*
 * The status of a vault in numbers, signed, and one table over many (O-2).
 */

#include <errno.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/infile.h"
#include "cli/out.h"
#include "cli/overview.h"
#include "vault/audit/status.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"

/* ---- export */

static AM_RESULT
write_new(struct desk *d, const char *path, struct bytes content)
{
	out_file_auto file = { 0 };
	enum am_err err = out_file_new(path, &file);

	if (err == AM_OK)
		err = out_file_write(&file, content);
	if (err == AM_OK)
		err = out_file_keep(&file);
	return err == AM_OK
	    ? AM_OK
	    : why_say(&d->why, err, "", "'%s' cannot be written: %s", path,
		  strerror(errno));
}

AM_RESULT
overview_export(struct cmd_call *call)
{
	const char *path = cmd_opt(call, "status");
	blob_auto file = { 0 };
	desk_auto d = { 0 };

	if (call->arg_count > 0 || cmd_flag(call, "partials"))
		return cmd_complain(AM_ERR_INVALID,
		    "--status writes one file with numbers, without DIR and "
		    "--partials");
	AM_TRY(desk_open(call, false, &d));
	AM_TRY(
	    desk_done(&d, status_write(d.session, &file), "write the status"));
	AM_TRY(desk_done(
	    &d, write_new(&d, path, blob_bytes(&file)), "write the status"));
	cmd_say(call,
	    "the status as of %lu statements is in '%s': numbers, no names and "
	    "no secret",
	    (unsigned long)d.session->head.size, path);
	cmd_say(call, "next: amanat import --status %s, on any machine", path);
	if (call->json) {
		out_json_auto j = { .to = stdout };

		out_json_open(&j, NULL, '{');
		out_json_text(&j, "file", path);
		out_json_uint(&j, "statements", d.session->head.size);
	}
	return AM_OK;
}

/* ---- import: reading */

struct one {
	struct status s;
	const char *path;
	struct blob key; /* as a line of keys.txt, without its end */
};

struct overview {
	size_t count;
	struct one all[CMD_ARGS_MAX];
	struct blob keys; /* those that are known; empty: none were given */
};

static void
overview_free(struct overview **o)
{
	if (*o == NULL)
		return;
	for (size_t i = 0; i < (*o)->count; i++)
		blob_free(&(*o)->all[i].key);
	blob_free(&(*o)->keys);
	free(*o);
}

/* Is it a line of that text? */
static bool
has_line(struct bytes text, struct bytes line)
{
	while (text.len > 0) {
		const uint8_t *end = memchr(text.p, '\n', text.len);
		const size_t n =
		    end == NULL ? text.len : (size_t)(end - text.p);

		if (bytes_same((struct bytes){ text.p, n }, line))
			return true;
		text.p += n + (end != NULL);
		text.len -= n + (end != NULL);
	}
	return false;
}

static AM_RESULT
check_key(
    const struct cmd_call *call, const struct overview *o, const struct one *is)
{
	const char *keys = cmd_opt(call, "keys");

	if (keys == NULL ||
	    has_line(blob_bytes(&o->keys), blob_bytes(&is->key)))
		return AM_OK;
	return cmd_complain(AM_ERR_VERIFY,
	    "'%s' is signed by a key for '%s' that is not in '%s': it was made "
	    "by somebody else, or the log key of that vault was replaced [O-2]",
	    is->path, is->s.origin, keys);
}

static AM_RESULT
check_pair(const struct one *a, const struct one *b)
{
	int older = 0;
	const enum am_err err = status_compare(&a->s, &b->s, &older);

	if (err == AM_ERR_VERIFY)
		return cmd_complain(err,
		    "'%s' and '%s' are of one vault, by two keys or of two "
		    "histories: one of them is forged, or the vault was made "
		    "over [O-2]",
		    a->path, b->path);
	if (err == AM_ERR_STALE && older == 0)
		return cmd_complain(err,
		    "'%s' and '%s' are the same status; give it once [O-2]",
		    a->path, b->path);
	if (err == AM_ERR_STALE)
		return cmd_complain(err,
		    "'%s' is older than '%s', of the same vault; give the "
		    "newest of each [O-2]",
		    older < 0 ? a->path : b->path,
		    older < 0 ? b->path : a->path);
	return err;
}

static AM_RESULT
read_one(const struct cmd_call *call, const char *path, struct overview *o)
{
	struct one *is = &o->all[o->count];
	blob_auto file = { 0 };
	enum am_err err;

	is->path = path;
	AM_TRY(infile_read(path, STATUS_MAX, &file));
	err = status_read(blob_bytes(&file), &is->s);
	if (err == AM_ERR_CORRUPT)
		return cmd_complain(
		    err, "'%s' is not a status, or is damaged [O-2]", path);
	if (err == AM_ERR_VERIFY)
		return cmd_complain(err,
		    "'%s' was altered: the key that it names has not signed it "
		    "[O-2]",
		    path);
	AM_TRY(err);
	o->count++;
	AM_TRY(note_vkey(is->s.origin, is->s.key, &is->key));
	is->key.len--; /* its newline */
	AM_TRY(check_key(call, o, is));
	for (size_t i = 0; i + 1 < o->count; i++)
		AM_TRY(check_pair(&o->all[i], is));
	return AM_OK;
}

static int
by_origin(const void *a, const void *b)
{
	return strcmp(((const struct one *)a)->s.origin,
	    ((const struct one *)b)->s.origin);
}

static AM_RESULT
read_all(const struct cmd_call *call, struct overview *o)
{
	const char *keys = cmd_opt(call, "keys");

	if (keys != NULL)
		AM_TRY(infile_read(keys, (size_t)CMD_ARGS_MAX * 512, &o->keys));
	for (int i = 0; i < call->arg_count; i++)
		AM_TRY(read_one(call, call->args[i], o));
	qsort(o->all, o->count, sizeof(o->all[0]), by_origin);
	return AM_OK;
}

/* ---- import: telling */

struct total {
	uint32_t safes, unbound, no_quorum, no_recovery, surplus, cut;
};

static struct total
total_of(const struct status *s)
{
	struct total t = { 0 };

	for (size_t i = 0; i < LEVELS_COUNT; i++) {
		const struct status_level *l = &s->levels[i];

		if (l->safes == 0)
			continue;
		if (t.safes == 0 || l->surplus < t.surplus)
			t.surplus = l->surplus;
		if (t.safes == 0 || l->cut < t.cut)
			t.cut = l->cut;
		t.safes += l->safes;
		t.unbound += l->unbound;
		t.no_quorum += l->no_quorum;
		t.no_recovery += l->no_recovery;
	}
	return t;
}

static void
row_table(struct out_table *t, const struct status *s)
{
	const struct total all = total_of(s);
	const size_t host = strlen(s->origin) - STATUS_VAULT - 8;
	char at[WHEN_TEXT_LEN + 1];

	when_text(s->at, at);
	out_table_printf(t, "%.10s", at);
	out_table_printf(t, "%u/%u/%u/%u", s->levels[0].safes,
	    s->levels[1].safes, s->levels[2].safes, s->levels[3].safes);
	out_table_printf(t, all.safes > 0 ? "%u" : "-", all.surplus);
	out_table_printf(t, all.safes > 0 ? "%u" : "-", all.cut);
	out_table_printf(t, "%u/%u/%u/%u", s->overdue[DUE_DRILL],
	    s->overdue[DUE_ROTATION], s->overdue[DUE_RENEWAL],
	    s->overdue[DUE_OTHER]);
	out_table_printf(t, "%u", s->waivers);
	out_table_printf(t, "%u", s->control[ROWS_NOT_CONTROLLED]);
	if (all.no_quorum > 0)
		out_table_printf(t, "%.*s %.8s, %u WITHOUT QUORUM%s", (int)host,
		    s->origin, status_vault(s), all.no_quorum,
		    s->evaluation ? ", evaluation" : "");
	else
		out_table_printf(t, "%.*s %.8s%s", (int)host, s->origin,
		    status_vault(s), s->evaluation ? ", evaluation" : "");
}

static AM_RESULT
print_table(const struct overview *o)
{
	static const char *const heads[] = { "AT", "SAFES", "SURPLUS", "CUT",
		"OVERDUE", "WAIVERS", "LOST", "VAULT", NULL };
	out_table_auto t = out_table_start(heads);

	for (size_t i = 0; i < o->count; i++)
		row_table(&t, &o->all[i].s);
	return out_table_print(&t, stdout);
}

static void
row_csv(struct out_csv *c, const struct one *is)
{
	const struct status *s = &is->s;
	const struct total all = total_of(s);
	const uint32_t counts[] = { s->policy, s->setting_up,
		s->levels[0].safes, s->levels[1].safes, s->levels[2].safes,
		s->levels[3].safes, all.unbound, all.no_quorum, all.no_recovery,
		all.surplus, all.cut, s->overdue[DUE_DRILL],
		s->overdue[DUE_ROTATION], s->overdue[DUE_RENEWAL],
		s->overdue[DUE_OTHER], s->waivers, s->ended, s->control[0],
		s->control[1], s->control[2] };
	char at[WHEN_TEXT_LEN + 1], hex[ENC_HEX_LEN(32) + 1];

	out_csv_text(c, s->origin);
	out_csv_bytes(c, blob_bytes(&is->key));
	when_text(s->at, at);
	out_csv_text(c, at);
	when_text(s->head_at, at);
	out_csv_text(c, at);
	out_csv_uint(c, s->head.size);
	enc_hex((struct bytes){ s->head.root, 32 }, hex);
	out_csv_text(c, hex);
	out_csv_text(c, s->evaluation ? "yes" : "no");
	for (size_t i = 0; i < AM_ARRAY_LEN(counts); i++)
		out_csv_uint(c, counts[i]);
	out_csv_end(c);
}

static void
print_csv(const struct overview *o)
{
	static const char *const columns[] = { "vault", "key", "at",
		"checkpoint_at", "statements", "root", "evaluation", "policy",
		"setting_up", "baseline", "intermediate", "enhanced", "maximum",
		"unbound", "no_quorum", "no_recovery", "surplus", "cut",
		"overdue_drills", "overdue_rotations", "overdue_renewals",
		"overdue_other", "waivers", "waivers_ended", "unverified",
		"controlled", "not_controlled" };
	struct out_csv c = { .to = stdout };

	for (size_t i = 0; i < AM_ARRAY_LEN(columns); i++)
		out_csv_text(&c, columns[i]);
	out_csv_end(&c);
	for (size_t i = 0; i < o->count; i++)
		row_csv(&c, &o->all[i]);
}

static void
json_levels(struct out_json *j, const struct status *s)
{
	out_json_open(j, "levels", '{');
	for (size_t i = 0; i < LEVELS_COUNT; i++) {
		const struct status_level *l = &s->levels[i];

		out_json_open(j, levels_name(i), '{');
		out_json_uint(j, "safes", l->safes);
		out_json_uint(j, "unbound", l->unbound);
		out_json_uint(j, "no_quorum", l->no_quorum);
		out_json_uint(j, "surplus", l->surplus);
		out_json_uint(j, "cut", l->cut);
		out_json_uint(j, "no_recovery", l->no_recovery);
		out_json_close(j);
	}
	out_json_close(j);
}

static void
json_counts(struct out_json *j, const struct status *s)
{
	out_json_open(j, "overdue", '{');
	out_json_uint(j, "drills", s->overdue[DUE_DRILL]);
	out_json_uint(j, "rotations", s->overdue[DUE_ROTATION]);
	out_json_uint(j, "renewals", s->overdue[DUE_RENEWAL]);
	out_json_uint(j, "other", s->overdue[DUE_OTHER]);
	out_json_close(j);
	out_json_open(j, "waivers", '{');
	out_json_uint(j, "in_force", s->waivers);
	out_json_uint(j, "ended", s->ended);
	out_json_close(j);
	out_json_open(j, "subscriptions", '{');
	out_json_uint(j, "unverified", s->control[ROWS_UNVERIFIED]);
	out_json_uint(j, "controlled", s->control[ROWS_CONTROLLED]);
	out_json_uint(j, "not_controlled", s->control[ROWS_NOT_CONTROLLED]);
	out_json_close(j);
}

static void
row_json(struct out_json *j, const struct one *is, bool known)
{
	const struct status *s = &is->s;
	char at[WHEN_TEXT_LEN + 1], hex[ENC_HEX_LEN(32) + 1];

	out_json_open(j, NULL, '{');
	out_json_text(j, "vault", s->origin);
	out_json_str(j, "key", blob_bytes(&is->key));
	out_json_bool(j, "known", known);
	when_text(s->at, at);
	out_json_text(j, "at", at);
	out_json_open(j, "checkpoint", '{');
	when_text(s->head_at, at);
	out_json_text(j, "at", at);
	enc_hex((struct bytes){ s->head.root, 32 }, hex);
	out_json_text(j, "root", hex);
	out_json_uint(j, "size", s->head.size);
	out_json_close(j);
	out_json_bool(j, "evaluation", s->evaluation);
	out_json_uint(j, "policy", s->policy);
	out_json_uint(j, "setting_up", s->setting_up);
	json_levels(j, s);
	json_counts(j, s);
	out_json_close(j);
}

static AM_RESULT
print_all(const struct cmd_call *call, const struct overview *o, bool csv)
{
	const bool known = cmd_opt(call, "keys") != NULL;
	out_json_auto j = { .to = stdout };

	if (call->json) {
		out_json_open(&j, NULL, '[');
		for (size_t i = 0; i < o->count; i++)
			row_json(&j, &o->all[i], known);
		return AM_OK;
	}
	if (csv)
		print_csv(o);
	else
		AM_TRY(print_table(o));
	cmd_say(call,
	    "SAFES: baseline/intermediate/enhanced/maximum. SURPLUS, CUT: the "
	    "smallest. OVERDUE: drills/rotations/renewals/other. LOST: "
	    "subscriptions that are not under control");
	if (!known)
		cmd_say(call,
		    "each is signed by the key that it names; that these are "
		    "the keys of those vaults nobody has looked at: --keys "
		    "FILE, with the keys.txt of their exports");
	return AM_OK;
}

/* Of the options of `import` these two go with it. */
static AM_RESULT
read_format(const struct cmd_call *call, bool *csv)
{
	static const char *const others[] = { "safe", "class", "type", "map" };
	const char *format = cmd_opt(call, "format");

	for (size_t i = 0; i < AM_ARRAY_LEN(others); i++)
		if (cmd_opt(call, others[i]) != NULL)
			return cmd_complain(AM_ERR_INVALID,
			    "--%s does not go with --status", others[i]);
	*csv = format != NULL && strcmp(format, "csv") == 0;
	if (format != NULL && !*csv && strcmp(format, "table") != 0)
		return cmd_complain(AM_ERR_INVALID,
		    "--format is table or csv with --status, not '%s'", format);
	return AM_OK;
}

AM_RESULT
overview_merge(struct cmd_call *call)
{
	AM_CLEANUP(overview_free)
	struct overview *o = calloc(1, sizeof(*o));
	bool csv = false;

	if (o == NULL)
		return cmd_complain(AM_ERR_NOMEM, "out of memory");
	AM_TRY(read_format(call, &csv));
	AM_TRY(read_all(call, o));
	return print_all(call, o, csv);
}
