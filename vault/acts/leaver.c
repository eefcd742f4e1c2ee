#include "vault/acts/leaver.h"

#include "vault/acts/lookup.h"
#include "vault/base/enc.h"
#include "vault/base/when.h"

struct leaving {
	struct session *s;
	const struct view *v;
	struct store_txn *t; /* for the log */
	const struct depart *d;
	const struct leaver_as_of *as_of;
	struct blob *out;
	unsigned count;
	bool opened; /* which of the two lists this is */
};

/* ---- parts */

static AM_RESULT
add_line(struct blob *out, const char *label, struct bytes text)
{
	AM_TRY(blob_printf(out, "%-12s", label));
	AM_TRY(blob_add(out, text));
	return blob_text(out, "\n");
}

/* "2026-03-02T09:00:00Z, leaf 7, statement <H>" of a statement in the log. */
static AM_RESULT
add_statement(const struct leaving *l, const char *label, uint64_t leaf)
{
	statement_auto st = { 0 };
	char at[WHEN_TEXT_LEN + 1], id[ENC_HEX_LEN(32) + 1];

	AM_TRY(lookup_statement(l->t, leaf, l->s->why, &st));
	when_text(st.at, at);
	enc_hex((struct bytes){ st.id, 32 }, id);
	return blob_printf(l->out, "    %-10s%s, leaf %lu\n              %s\n",
	    label, at, (unsigned long)leaf, id);
}

static AM_RESULT
add_vault(const struct leaving *l)
{
	const struct rows_vault *v = &l->s->vault;
	char id[ENC_HEX_LEN(16) + 1], genesis[ENC_HEX_LEN(32) + 1];

	enc_hex((struct bytes){ v->vault, 16 }, id);
	enc_hex((struct bytes){ v->genesis, 32 }, genesis);
	AM_TRY(blob_text(l->out,
	    "LEAVER'S CERTIFICATE\n"
	    "What was released to a person, and what was changed since.\n\n"));
	if (!l->as_of->closing)
		AM_TRY(blob_text(l->out,
		    "NOT CLOSED: a draft, which nobody has signed.\n\n"));
	if (v->evaluation != 0)
		AM_TRY(blob_text(l->out,
		    "Of an evaluation vault: software keys, not for real "
		    "secrets.\n\n"));
	AM_TRY(blob_printf(l->out, "%-12s%s\n%-12s%s\n%-12s%s\n", "vault",
	    v->name, "vault id", id, "genesis", genesis));
	return AM_OK;
}

static AM_RESULT
add_head(const struct leaving *l)
{
	char at[WHEN_TEXT_LEN + 1], root[ENC_HEX_LEN(32) + 1];

	when_text(l->as_of->at, at);
	enc_hex((struct bytes){ l->as_of->head.root, 32 }, root);
	return blob_printf(l->out,
	    "%-12s%s\n%-12sthe first %lu statements, whose root is\n%-12s%s\n",
	    "as of", at, "history", (unsigned long)l->as_of->head.size, "",
	    root);
}

static AM_RESULT
add_person(const struct leaving *l)
{
	static const char *const kinds[] = { "", "official", "contractor",
		"auditor" };
	const struct rows_person *p = &l->d->person;
	char id[ENC_HEX_LEN(16) + 1], effective[WHEN_TEXT_LEN + 1];

	enc_hex((struct bytes){ p->person, 16 }, id);
	when_text(l->d->effective, effective);
	AM_TRY(blob_printf(l->out, "%-12s%s: %s (%s)\n%-12s%s\n", "person",
	    p->id, p->name, p->kind < AM_ARRAY_LEN(kinds) ? kinds[p->kind] : "",
	    "person id", id));
	AM_TRY(add_line(l->out, "departure", l->d->kind));
	AM_TRY(add_line(l->out, "reason", l->d->reason));
	return blob_printf(l->out, "%-12s%s\n%-12s%s\n", "effective", effective,
	    "recorded by", l->d->by);
}

/* Shares that the person ever held; the rules close no departure of a
 * custodian. */
static AM_RESULT
add_custody(const struct leaving *l)
{
	unsigned count = 0;

	AM_TRY(blob_text(l->out, "\nSHARES HELD\n"));
	for (uint32_t i = 0; i < l->s->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_key mine;
		struct rows_safe safe;
		uint8_t id[16], index[4];
		enum am_err err;

		AM_TRY(rows_index_get(
		    l->v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(l->v, (struct bytes){ id, 16 }, &safe));
		memcpy(mine.b, id, 16);
		memcpy(mine.b + 16, l->d->person.person, 16);
		mine.len = 32;
		err = rows_index_get(l->v, "member-index", rows_key(&mine),
		    index, sizeof(index));
		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		count++;
		AM_TRY(blob_printf(l->out, "    safe '%s', index %u%s\n",
		    safe.id, rows_get_be32(index),
		    l->as_of->closing ? "; of no committee in force any more"
				      : ""));
	}
	return count > 0 ? AM_OK : blob_text(l->out, "    none\n");
}

/* ---- one release */

/* Those whose approvals were combined: the opening names their indices. */
static AM_RESULT
add_approvers(const struct leaving *l, const struct exposed *e)
{
	const struct json_t *used = NULL;
	statement_auto open = { 0 };
	struct rows_manifest m;

	AM_TRY(lookup_statement(l->t, e->leaf, l->s->why, &open));
	AM_TRY(canon_get_array(open.body, "used", &used));
	AM_TRY(rows_get_manifest(
	    l->v, (struct bytes){ e->request.manifest, 32 }, &m));
	AM_TRY(blob_printf(l->out, "    %-10s", "approvers"));
	for (size_t i = 0; i < canon_size(used); i++) {
		char name[ROWS_ID_MAX + 1] = "";
		uint64_t index = 0;

		AM_TRY(canon_at_uint(used, i, &index));
		for (size_t j = 0; j < m.n; j++)
			if (m.members[j].index == index)
				AM_TRY(lookup_person_name(
				    l->v, m.members[j].person, name));
		AM_TRY(blob_printf(l->out, "%s%s", i > 0 ? ", " : "", name));
	}
	return blob_text(l->out, "\n");
}

static AM_RESULT
add_request(const struct leaving *l, const struct exposed *e)
{
	struct bytes why = { 0 }, ref = { 0 };
	statement_auto asked = { 0 };

	AM_TRY(lookup_statement(l->t, e->request.leaf, l->s->why, &asked));
	AM_TRY(canon_get_text(asked.body, "why", &why));
	AM_TRY(canon_get_text(asked.body, "ref", &ref));
	AM_TRY(blob_printf(
	    l->out, "    %-10sr-%u\n", "request", e->request.number));
	AM_TRY(add_line(l->out, "    reason  ", why));
	if (ref.len > 0)
		AM_TRY(add_line(l->out, "    ticket  ", ref));
	AM_TRY(add_statement(l, "asked", e->request.leaf));
	AM_TRY(add_approvers(l, e));
	return add_statement(l, "opened", e->leaf);
}

static AM_RESULT
add_evidence(const struct leaving *l, uint64_t leaf)
{
	const struct json_t *list = NULL;
	statement_auto st = { 0 };

	AM_TRY(lookup_statement(l->t, leaf, l->s->why, &st));
	AM_TRY(canon_get_array(st.body, "evidence", &list));
	for (size_t i = 0; i < canon_size(list); i++) {
		struct bytes hash = { 0 };

		AM_TRY(canon_at_text(list, i, &hash));
		AM_TRY(blob_printf(l->out, "    %-10s%.*s\n", "evidence",
		    (int)hash.len, (const char *)hash.p));
	}
	return AM_OK;
}

static AM_RESULT
add_change(
    const struct leaving *l, uint32_t version, const struct rows_rotation *rot)
{
	char first[ROWS_ID_MAX + 1], second[ROWS_ID_MAX + 1];

	AM_TRY(lookup_person_name(l->v, rot->by, first));
	AM_TRY(lookup_person_name(l->v, rot->second, second));
	AM_TRY(blob_printf(l->out,
	    "    CHANGED at the vendor: version %u is in force, say %s and "
	    "%s\n",
	    version, first, second));
	AM_TRY(add_statement(l, "first", rot->leaf));
	AM_TRY(add_statement(l, "second", rot->second_leaf));
	return add_evidence(l, rot->second_leaf);
}

/* The first later version that two people had confirmed by then. */
static AM_RESULT
find_change(const struct leaving *l, const struct exposed *e,
    uint32_t *out_version, struct rows_rotation *out)
{
	for (uint32_t i = e->version + 1; i <= e->record.version; i++) {
		const enum am_err err =
		    exposed_rotation(l->v, &e->record, i, out);

		if (err == AM_ERR_NOT_FOUND)
			continue;
		AM_TRY(err);
		if (out->second_leaf == 0 ||
		    out->second_leaf >= l->as_of->head.size)
			continue;
		*out_version = i;
		return AM_OK;
	}
	return AM_ERR_NOT_FOUND;
}

/* The newest motion of that rule that was in effect by then. */
static AM_RESULT
find_motion(const struct leaving *l, const char *rule, struct rows_motion *out)
{
	for (uint32_t i = l->s->vault.motions; i > 0; i--) {
		const struct rows_key n = rows_key_u32(i);
		uint8_t id[32];

		AM_TRY(rows_index_get(
		    l->v, "motion-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_motion(l->v, (struct bytes){ id, 32 }, out));
		if (out->act == ROWS_WAIVE && out->status == ROWS_ENACTED &&
		    out->end_leaf < l->as_of->head.size &&
		    out->rule_until > l->as_of->at &&
		    strcmp(out->rule, rule) == 0)
			return AM_OK;
	}
	return AM_ERR_NOT_FOUND;
}

static AM_RESULT
add_acceptance(const struct leaving *l, const struct rows_motion *m)
{
	char until[WHEN_TEXT_LEN + 1];

	when_text(m->rule_until, until);
	AM_TRY(blob_printf(l->out,
	    "    ACCEPTED as it is until %s (motion m-%u) by", until,
	    m->number));
	for (size_t i = 0; i < m->yes_count; i++) {
		char name[ROWS_ID_MAX + 1];

		AM_TRY(lookup_person_name(l->v, m->yes[i].person, name));
		AM_TRY(blob_printf(l->out, "%s %s", i > 0 ? "," : "", name));
	}
	AM_TRY(blob_text(l->out, "\n"));
	AM_TRY(add_statement(l, "moved", m->leaf));
	return add_statement(l, "enacted", m->end_leaf);
}

static AM_RESULT
add_since(const struct leaving *l, const struct exposed *e)
{
	char rule[EXPOSURE_RULE];
	struct rows_rotation rot;
	struct rows_motion m;
	uint32_t version = 0;
	enum am_err err = find_change(l, e, &version, &rot);

	if (err == AM_OK)
		return add_change(l, version, &rot);
	if (err != AM_ERR_NOT_FOUND)
		return err;
	exposure_rule(e->person, e->record.record, e->version, rule);
	err = find_motion(l, rule, &m);
	if (err == AM_OK)
		return add_acceptance(l, &m);
	if (err != AM_ERR_NOT_FOUND)
		return err;
	return blob_text(l->out, "    MUST BE ROTATED: not changed since\n");
}

static enum am_err
add_release(void *arg, const struct exposed *e)
{
	struct leaving *l = arg;

	if (e->opened != l->opened || e->leaf >= l->as_of->head.size)
		return AM_OK;
	AM_TRY(blob_printf(
	    l->out, "%3u %s, version %u\n", ++l->count, e->path, e->version));
	if (e->opened)
		AM_TRY(add_request(l, e));
	else
		AM_TRY(add_statement(l, "deposited", e->leaf));
	return add_since(l, e);
}

static AM_RESULT
add_list(struct leaving *l, bool opened)
{
	const struct exposed_filter f = { .person = l->d->person.person,
		.openings = true };

	l->count = 0;
	l->opened = opened;
	AM_TRY(blob_text(l->out,
	    opened ? "\nRELEASED TO THE PERSON\n"
		   : "\nDEPOSITED BY THE PERSON\n"));
	AM_TRY(exposed_each(l->s, l->v, &f, add_release, l));
	return l->count > 0 ? AM_OK : blob_text(l->out, "    nothing\n");
}

static AM_RESULT
add_manual(const struct leaving *l)
{
	AM_TRY(blob_text(l->out,
	    "\nWHAT IT CANNOT SAY\n"
	    "    What a person has read stays known. What was seen outside the "
	    "vault, and\n"
	    "    what was done with it, is not in the log.\n"
	    "\nHOW TO CHECK IT BY HAND\n"
	    "    1. sha256sum of this text, all of it: the certificate's "
	    "hash.\n"
	    "    2. Ask for an export of the vault; 'amanat verify DIR' needs "
	    "no key and no\n"
	    "       secret. docs/formats.md shows the same with sha256sum and "
	    "openssl.\n"
	    "    3. In log.jsonl the line with "));
	return blob_printf(l->out,
	    "\"type\":\"departure\", \"version\":2 and\n"
	    "       \"id\":\"%s\" names that hash as \"certificate\". Whoever "
	    "signed that line\n"
	    "       has signed this text.\n"
	    "    4. The leaves named above are the lines of log.jsonl, counted "
	    "from 0; the\n"
	    "       SHA-256 of the bytes of a line's \"body\" is the "
	    "statement's id.\n",
	    l->d->person.id);
}

AM_RESULT
leaver_certificate(struct session *s, struct store_txn *t,
    const struct depart *d, const struct leaver_as_of *as_of, struct blob *out)
{
	const struct view v = view_store(t);
	blob_auto text = { 0 };
	struct leaving l = {
		.s = s, .v = &v, .t = t, .d = d, .as_of = as_of, .out = &text
	};

	AM_TRY(add_vault(&l));
	AM_TRY(add_head(&l));
	AM_TRY(add_person(&l));
	AM_TRY(add_statement(&l, "recorded", d->leaf));
	if (d->person.suspended != ROWS_FREE)
		AM_TRY(
		    add_statement(&l, "suspended", d->person.suspended_leaf));
	AM_TRY(add_custody(&l));
	AM_TRY(add_list(&l, true));
	AM_TRY(add_list(&l, false));
	AM_TRY(add_manual(&l));
	return blob_add(out, blob_bytes(&text));
}
