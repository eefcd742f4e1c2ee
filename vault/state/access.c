/*
 * What goes in and out of a safe: seal, request, approve, decline, open
 * (protocol.md 3.4, 4), under the rules of the safe when it was asked.
 */

#include "vault/base/when.h"
#include "vault/state/aged.h"
#include "vault/state/fitness.h"
#include "vault/state/manifest.h"
#include "vault/state/plan.h"
#include "vault/state/predicate.h"
#include "vault/state/roll.h"
#include "vault/state/rules.h"
#include "vault/state/sealed.h"

enum { REQUEST_SPAN_MAX = 72 * 3600 };

static bool
same32(const uint8_t a[static 32], const uint8_t b[static 32])
{
	return bytes_same((struct bytes){ a, 32 }, (struct bytes){ b, 32 });
}

static bool
same16(const uint8_t a[static 16], const uint8_t b[static 16])
{
	return bytes_same((struct bytes){ a, 16 }, (struct bytes){ b, 16 });
}

static bool
is_none16(const uint8_t id[static 16])
{
	static const uint8_t none[16];

	return same16(id, none);
}

/* ---- seal */

struct sealing {
	struct rows_safe safe;
	struct rows_manifest manifest;
	const struct json_t *meta;
	struct rows_record record; /* as it will be */
	bool fresh;                /* version 1 */
	uint8_t prev[32];
	struct tdh2_context cx;
	struct tdh2_header header;
};

static AM_RESULT
read_meta(struct rules *r, struct sealing *g)
{
	const struct json_t *meta = NULL, *value = NULL;
	struct rows_record *c = &g->record;
	struct bytes text = { 0 };
	const char *key = NULL;

	AM_TRY(canon_get_object(r->s->body, "meta", &meta));
	g->meta = meta;
	for (size_t i = 0; i < canon_size(meta); i++) {
		AM_TRY(canon_member(meta, i, &key, &value));
		AM_TRY(canon_get_text(meta, key, &text));
	}
	AM_TRY(rules_text(meta, "title", c->title, sizeof(c->title)));
	AM_TRY(rules_text(meta, "class", c->class, sizeof(c->class)));
	AM_TRY(rules_text(meta, "type", c->type, sizeof(c->type)));
	if (!rules_is_name(
		(struct bytes){ (const uint8_t *)c->title, strlen(c->title) },
		ROWS_TITLE_MAX))
		return RULES_SAY(r, AM_ERR_INVALID, "V16",
		    "the name of a credential is letters, digits, '.', '_' "
		    "and '-', at most %d",
		    ROWS_TITLE_MAX);
	return AM_OK;
}

static AM_RESULT
read_seal(struct rules *r, struct sealing *g)
{
	const struct json_t *body = r->s->body;
	struct rows_record *c = &g->record;
	struct bytes prev = { 0 };
	uint8_t M[32];
	enum am_err err;

	AM_TRY(canon_get_hex(body, "safe", c->safe, sizeof(c->safe)));
	AM_TRY(canon_get_hex(body, "record", c->record, sizeof(c->record)));
	AM_TRY(canon_get_u32(body, "version", &c->version));
	AM_TRY(canon_get_hex(body, "manifest", M, sizeof(M)));
	AM_TRY(canon_get_text(body, "prev", &prev));
	g->fresh = prev.len == 0;
	if (!g->fresh)
		AM_TRY(canon_get_hex(body, "prev", g->prev, 32));
	err = rows_get_safe(
	    &r->st->view, (struct bytes){ c->safe, 16 }, &g->safe);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V16", "no such safe");
	AM_TRY(err);
	err = rows_get_manifest(
	    &r->st->view, (struct bytes){ M, 32 }, &g->manifest);
	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (err != AM_OK || !same16(g->manifest.safe, c->safe) ||
	    !same32(g->safe.manifest, M))
		return RULES_SAY(r, AM_ERR_VERIFY, "V16",
		    "the manifest is not an active one of that safe");
	AM_TRY(read_meta(r, g));
	err = sealed_read(r->s, &r->vault, &g->manifest, &g->cx, &g->header);
	if (err == AM_ERR_CORRUPT)
		return RULES_SAY(r, AM_ERR_VERIFY, "V16",
		    "the sealed header has a bad point or size (R2.1, R3.6)");
	return err;
}

/* R3.5: the version chain. */
static AM_RESULT
check_chain(struct rules *r, struct sealing *g)
{
	const struct view *v = &r->st->view;
	struct rows_record *c = &g->record, old;
	const struct rows_key name =
	    rows_key_with_text((struct bytes){ c->safe, 16 },
		(struct bytes){ (const uint8_t *)c->title, strlen(c->title) });
	bool taken = false;
	enum am_err err =
	    rows_get_record(v, (struct bytes){ c->record, 16 }, &old);

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (g->fresh != (err == AM_ERR_NOT_FOUND) ||
	    (g->fresh && c->version != 1))
		return RULES_SAY(r, AM_ERR_VERIFY, "V16",
		    "the first version is 1 and names no previous one");
	if (!g->fresh) {
		if (c->version != old.version + 1 ||
		    !same32(old.seal, g->prev) || !same16(old.safe, c->safe) ||
		    strcmp(old.title, c->title) != 0)
			return RULES_SAY(r, AM_ERR_VERIFY, "V16",
			    "the version does not continue the newest one");
		c->number = old.number;
		c->rotated = old.rotated;
		c->rotated_leaf = old.rotated_leaf;
		c->verified = old.verified;
		c->changed = old.changed;
		c->tested = old.tested;
		return AM_OK;
	}
	AM_TRY(view_has(v, "record-id", rows_key(&name), &taken));
	if (taken)
		return RULES_SAY(r, AM_ERR_EXISTS, "V16",
		    "a credential named '%s' is in safe '%s' already", c->title,
		    g->safe.id);
	c->changed.day = c->tested.day = ROWS_NO_DAY;
	c->number = g->safe.records++;
	r->vault.records++;
	AM_TRY(rows_index_put(
	    v, "record-id", rows_key(&name), (struct bytes){ c->record, 16 }));
	AM_TRY(roll_add(v, c->safe, c->number, c->record));
	return rows_put_safe(v, (struct bytes){ g->safe.safe, 16 }, &g->safe);
}

static AM_RESULT
claim_header(struct rules *r, struct sealing *g)
{
	struct claim c = { .type = CLAIM_SEAL, .leaf = r->leaf, .rule = "V16" };

	c.seal.cx = g->cx;
	c.seal.header = g->header;
	return r->st->claims.add(r->st->claims.arg, &c, r->why);
}

AM_RESULT
access_seal(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct sealing g = { 0 };
	bool known = false;

	AM_TRY(read_seal(r, &g));
	AM_TRY(view_has(v, "u", pt_bytes(&g.header.U), &known));
	if (known)
		return RULES_SAY(r, AM_ERR_VERIFY, "V16",
		    "this U has been used before (R3.5)");
	AM_TRY(ruleset_check_class(r, g.meta, &g.safe, &g.record));
	AM_TRY(check_chain(r, &g));
	AM_TRY(claim_header(r, &g));
	memcpy(g.record.by, r->s->by, sizeof(g.record.by));
	memcpy(g.record.seal, r->s->id, sizeof(g.record.seal));
	memcpy(g.record.u, g.header.U.b, sizeof(g.record.u));
	g.record.leaf = r->leaf;
	g.record.at = r->s->at;
	AM_TRY(rows_index_put(v, "u", pt_bytes(&g.header.U),
	    (struct bytes){ g.record.record, 16 }));
	AM_TRY(exposure_deposited(r, &g.record));
	AM_TRY(aged_sealed(v, &g.record, r->by.kind == ROWS_CONTRACTOR));
	return rows_put_record(
	    v, (struct bytes){ g.record.record, 16 }, &g.record);
}

/* ---- request */

static AM_RESULT
read_request(struct rules *r, struct rows_request *q)
{
	const struct json_t *body = r->s->body;
	struct bytes why = { 0 }, ref = { 0 }, named = { 0 };
	struct point Q;

	AM_TRY(canon_get_hex(body, "safe", q->safe, sizeof(q->safe)));
	AM_TRY(canon_get_hex(body, "manifest", q->manifest, 32));
	AM_TRY(canon_get_hex(body, "record", q->record, 16));
	AM_TRY(canon_get_hex(body, "seal", q->seal, 32));
	AM_TRY(canon_get_u32(body, "version", &q->version));
	AM_TRY(canon_get_b64(body, "nonce", q->nonce, 32));
	AM_TRY(canon_get_text(body, "why", &why));
	AM_TRY(canon_get_text(body, "ref", &ref));
	AM_TRY(canon_get_when(body, "from", &q->from));
	AM_TRY(canon_get_when(body, "until", &q->until));
	AM_TRY(rules_point(r, "V17", "q", &Q));
	memcpy(q->q, Q.b, sizeof(q->q));
	if (why.len == 0)
		return RULES_SAY(r, AM_ERR_INVALID, "V17",
		    "a request needs a reason that its approvers can judge");
	AM_TRY(plan_committee(body, "committee", &q->committee));
	q->breakglass = rules_text_is(body, "mode", "breakglass");
	if (!q->breakglass && !rules_text_is(body, "mode", "normal"))
		return AM_ERR_CORRUPT;
	if (q->committee == ROWS_RECOVERY && !q->breakglass)
		return RULES_SAY(r, AM_ERR_POLICY, "R13.19",
		    "the recovery committee serves emergencies only");
	AM_TRY(canon_get_text(body, "rules", &named));
	return named.len == 0 ? AM_OK
			      : canon_get_hex(body, "rules", q->rules, 32);
}

static AM_RESULT
check_window(struct rules *r, const struct rows_request *q)
{
	if (q->until <= q->from || q->until - q->from > REQUEST_SPAN_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "V17",
		    "a request ends after it begins and within 72 hours");
	if (q->until <= r->s->at)
		return RULES_SAY(
		    r, AM_ERR_INVALID, "V17", "the request has ended already");
	/* none is laid in for a time when other rules may hold */
	if (q->from > r->s->at + REQUEST_SPAN_MAX)
		return RULES_SAY(r, AM_ERR_INVALID, "V17",
		    "a request begins within 72 hours");
	return AM_OK;
}

/* The version that is named, with its seal: the newest, or an older one that
 * was asked for as such (R3.9: honest clients do so only when told). */
static AM_RESULT
find_version(struct rules *r, struct rows_request *q)
{
	const struct rows_key key =
	    rows_key_with_u32((struct bytes){ q->record, 16 }, q->version);
	struct rows_version version;

	if (rows_get_version(&r->st->view, rows_key(&key), &version) != AM_OK ||
	    !same32(version.seal, q->seal))
		return RULES_SAY(r, AM_ERR_STALE, "V17",
		    "the credential has no such version");
	q->seal_leaf = version.leaf;
	memcpy(q->u, version.u, sizeof(q->u));
	return AM_OK;
}

/* R13.4: the rules in force now decide the request to its end. */
static AM_RESULT
take_rules(struct rules *r, const struct rows_safe *s, struct rows_request *q)
{
	struct rows_rules rules = { .grant = STATE_GRANT_SECONDS, .uses = 1 };
	const enum am_err err = predicate_rules(&r->st->view, s->rules, &rules);
	uint8_t need;

	if (!same32(q->rules, s->rules))
		return RULES_SAY(r, AM_ERR_STALE, "V17",
		    "the rules of the safe have changed; ask again");
	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	need = q->breakglass ? rules.breakglass_need : rules.rule.need;
	if (q->committee == ROWS_RECOVERY)
		need = q->k; /* its own quorum, which is no lower (R5.1) */
	q->need = need > q->k ? need : q->k;
	q->veto = rules.veto;
	q->grant = rules.grant;
	q->uses = rules.uses;
	q->cooloff_end =
	    q->at + (q->breakglass ? rules.breakglass_cooloff : rules.cooloff);
	if (q->until <= q->cooloff_end)
		return RULES_SAY(r, AM_ERR_INVALID, "R13.5",
		    "the request ends before its cool-off does; ask for "
		    "longer");
	return AM_OK;
}

static AM_RESULT
check_current(struct rules *r, struct rows_request *q)
{
	struct rows_record c;
	struct rows_safe s;
	struct rows_manifest m;
	const enum am_err err =
	    rows_get_record(&r->st->view, (struct bytes){ q->record, 16 }, &c);

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	if (err != AM_OK || !same16(c.safe, q->safe))
		return RULES_SAY(
		    r, AM_ERR_NOT_FOUND, "V17", "no such credential");
	AM_TRY(find_version(r, q));
	AM_TRY(rows_get_safe(&r->st->view, (struct bytes){ q->safe, 16 }, &s));
	if (!same32(plan_active(&s, q->committee), q->manifest))
		return RULES_SAY(r, AM_ERR_STALE, "V17",
		    "the committee has changed since; ask again");
	if (rows_get_manifest(
		&r->st->view, (struct bytes){ q->manifest, 32 }, &m) != AM_OK)
		return RULES_SAY(
		    r, AM_ERR_POLICY, "V17", "the safe has no such committee");
	q->k = m.k;
	q->n = m.n;
	return take_rules(r, &s, q);
}

/* For those who review it later. */
static AM_RESULT
note_emergency(struct rules *r, struct bytes id)
{
	const struct rows_key n = rows_key_u32(r->vault.emergencies++);

	return rows_index_put(&r->st->view, "emergency-n", rows_key(&n), id);
}

AM_RESULT
access_request(struct rules *r)
{
	const struct view *v = &r->st->view;
	struct rows_request q = {
		.status = ROWS_OPEN, .leaf = r->leaf, .at = r->s->at
	};
	const struct bytes id = { r->s->id, sizeof(r->s->id) };
	bool known = false;

	AM_TRY(read_request(r, &q));
	if (r->by.kind != ROWS_OFFICIAL)
		return RULES_SAY(r, AM_ERR_POLICY, "V17",
		    "'%s' may deposit but not read: only officials ask",
		    r->by.id);
	AM_TRY(check_window(r, &q));
	AM_TRY(check_current(r, &q));
	AM_TRY(view_has(v, "q", (struct bytes){ q.q, 32 }, &known));
	if (known)
		return RULES_SAY(r, AM_ERR_VERIFY, "V17",
		    "a request key is fresh for every request (R4.1)");
	memcpy(q.request, r->s->id, sizeof(q.request));
	memcpy(q.by, r->s->by, sizeof(q.by));
	memcpy(q.token, r->token.token, sizeof(q.token));
	q.number = ++r->vault.requests;
	const struct rows_key n = rows_key_u32(q.number);
	AM_TRY(rows_index_put(v, "request-n", rows_key(&n), id));
	AM_TRY(rows_index_put(v, "q", (struct bytes){ q.q, 32 }, id));
	if (q.breakglass != 0)
		AM_TRY(note_emergency(r, id));
	return rows_put_request(v, id, &q);
}

/* ---- approve and decline */

static const struct rows_approval *
find_person(const struct rows_approval *list, size_t count,
    const uint8_t person[static 16])
{
	for (size_t i = 0; i < count; i++)
		if (same16(list[i].person, person))
			return &list[i];
	return NULL;
}

/* R5.9: the activation of the next epoch closes what was open. */
static AM_RESULT
still_in_force(struct rules *r, const struct rows_request *q)
{
	struct rows_safe s;

	AM_TRY(rows_get_safe(&r->st->view, (struct bytes){ q->safe, 16 }, &s));
	if (!same32(plan_active(&s, q->committee), q->manifest))
		return RULES_SAY(r, AM_ERR_STALE, "R5.9",
		    "the committee has changed since the request was made; "
		    "ask again");
	return AM_OK;
}

/* An approval that does not count any more may be given again, with another
 * key; everything else counts once. */
static AM_RESULT
drop_void(struct rules *r, struct rows_request *q)
{
	for (size_t i = 0; i < q->approval_count; i++) {
		bool valid = true;

		if (!same16(q->approvals[i].person, r->s->by))
			continue;
		AM_TRY(predicate_counts(
		    &r->st->view, &q->approvals[i], r->s->at, &valid));
		if (valid)
			return AM_OK;
		q->approval_count--;
		memmove(&q->approvals[i], &q->approvals[i + 1],
		    (q->approval_count - i) * sizeof(q->approvals[0]));
		return AM_OK;
	}
	return AM_OK;
}

static AM_RESULT
read_answered(struct rules *r, struct rows_request *q, struct rows_manifest *m)
{
	uint8_t id[32];
	enum am_err err;

	AM_TRY(canon_get_hex(r->s->body, "request", id, sizeof(id)));
	err =
	    rows_get_request(&r->st->view, (struct bytes){ id, sizeof(id) }, q);
	if (err == AM_ERR_NOT_FOUND)
		return RULES_SAY(r, err, "V18", "no such request");
	AM_TRY(err);
	if (r->s->at > q->until)
		return RULES_SAY(r, AM_ERR_QUORUM, "R13.5",
		    "the request has expired; ask again");
	if (!is_none16(q->vetoed))
		return RULES_SAY(r, AM_ERR_POLICY, "C-4",
		    "the request was closed by a veto; ask again");
	AM_TRY(still_in_force(r, q));
	return rows_get_manifest(
	    &r->st->view, (struct bytes){ q->manifest, 32 }, m);
}

/* Member of the committee, not the requester, has not answered. */
static AM_RESULT
check_answerer(struct rules *r, const struct rows_request *q,
    const struct rows_manifest *m, unsigned *out_position)
{
	const int at = manifest_position(m->members, m->n, r->s->by);

	if (same16(q->by, r->s->by))
		return RULES_SAY(r, AM_ERR_POLICY, "R13.6",
		    "nobody approves or declines their own request");
	if (at < 0)
		return RULES_SAY(r, AM_ERR_POLICY, "V18",
		    "'%s' is not a custodian of this safe", r->by.id);
	if (find_person(q->approvals, q->approval_count, r->s->by) != NULL)
		return RULES_SAY(
		    r, AM_ERR_POLICY, "R4.3", "already counted: same person");
	if (find_person(q->declines, q->decline_count, r->s->by) != NULL)
		return RULES_SAY(r, AM_ERR_POLICY, "R4.3",
		    "'%s' has declined this request", r->by.id);
	*out_position = (unsigned)at;
	return AM_OK;
}

/* R13.5: nobody approves or opens before it begins. Who objects may: else one
 * who asks for a time after the cool-off asks without a veto (C-4). */
static AM_RESULT
check_begun(struct rules *r, const struct rows_request *q)
{
	if (r->s->at < q->from)
		return RULES_SAY(
		    r, AM_ERR_POLICY, "R13.5", "the request has not begun yet");
	return AM_OK;
}

/* R13.5: nobody approves before those who might object have had their time. */
static AM_RESULT
check_cooloff(struct rules *r, const struct rows_request *q)
{
	char when[WHEN_TEXT_LEN + 1];

	when_text(q->cooloff_end, when);
	if (r->s->at < q->cooloff_end)
		return RULES_SAY(r, AM_ERR_COOL_OFF, "R13.5",
		    "the cool-off of this request runs until %s; it can be "
		    "declined now, and approved then",
		    when);
	return AM_OK;
}

/* R6.3, A-7: with a key that is as the level of the safe asks. */
static AM_RESULT
check_key(struct rules *r, const struct rows_request *q)
{
	struct rows_level level;
	struct rows_safe s;
	blob_auto words = { 0 };
	unsigned wrong = 0;
	enum am_err err;

	AM_TRY(rows_get_safe(&r->st->view, (struct bytes){ q->safe, 16 }, &s));
	err = fitness_asked(&r->st->view, &r->vault, &s, &level);
	if (err == AM_ERR_NOT_FOUND)
		return AM_OK;
	AM_TRY(err);
	AM_TRY(fitness_of(&r->st->view, &r->vault, &level, &r->token, &wrong));
	if (wrong == 0)
		return AM_OK;
	AM_TRY(fitness_words(wrong, &words));
	return RULES_SAY(r, AM_ERR_TOKEN,
	    wrong == FITNESS_ADVISED ? "A-7" : "R6.3",
	    "the key '%s' is not as level %s asks: %.*s; approve with another "
	    "key of yours",
	    r->token.label, s.level, (int)words.len, (const char *)words.p);
}

/* R4.4: an approval never leads into a dead end. */
static AM_RESULT
check_way_on(struct rules *r, const struct rows_request *q,
    const struct predicate *p, unsigned at)
{
	if (predicate_is_declined(p))
		return RULES_SAY(
		    r, AM_ERR_POLICY, "R4.4", "the request has been declined");
	if (predicate_is_dead_end(p, (uint16_t)(p->approved | 1U << at)))
		return RULES_SAY(r, AM_ERR_POLICY, "R4.4",
		    "with your approval the posts that are required could not "
		    "be filled any more, or too many of one line, employer, "
		    "site or wing would have approved; one of the others is "
		    "needed first ('amanat policy explain r-%u' says who)",
		    q->number);
	return AM_OK;
}

static AM_RESULT
claim_partial(struct rules *r, const struct rows_request *q,
    const struct rows_manifest *m, const struct rows_approval *a)
{
	struct claim c = {
		.type = CLAIM_PARTIAL, .leaf = r->leaf, .rule = "V18"
	};
	uint8_t hash[32];

	if (r->beside->partial == NULL)
		return AM_OK; /* "capability proof not included" */
	partial_hash(r->beside->partial, hash);
	if (!same32(hash, a->partial))
		return RULES_SAY(r, AM_ERR_VERIFY, "V18",
		    "the partial is not the one that was signed");
	memcpy(c.partial.cx.request, q->request, 32);
	memcpy(c.partial.cx.manifest, q->manifest, 32);
	c.partial.cx.index = a->index;
	AM_TRY(manifest_public(m, a->index, &c.partial.cx.P));
	AM_TRY(pt_decode((struct bytes){ q->q, 32 }, &c.partial.cx.Q));
	AM_TRY(pt_decode((struct bytes){ q->u, 32 }, &c.partial.cx.U));
	memcpy(c.partial.partial, r->beside->partial, PARTIAL_BYTES);
	return r->st->claims.add(r->st->claims.arg, &c, r->why);
}

AM_RESULT
access_approve(struct rules *r)
{
	struct rows_request q = { 0 };
	struct rows_manifest m = { 0 };
	struct rows_approval a = { .leaf = r->leaf, .at = r->s->at };
	struct predicate p;
	unsigned at = 0;

	AM_TRY(read_answered(r, &q, &m));
	AM_TRY(check_begun(r, &q));
	/* O-5: with the last part that is needed the requester can open it,
	 * whether they say so or not. */
	AM_TRY(incident_check_approver(r));
	AM_TRY(incident_check_request(r, &q));
	AM_TRY(drop_void(r, &q));
	AM_TRY(check_answerer(r, &q, &m, &at));
	AM_TRY(check_key(r, &q));
	AM_TRY(canon_get_u32(r->s->body, "index", &a.index));
	AM_TRY(canon_get_hex(r->s->body, "partial", a.partial, 32));
	if (a.index != m.members[at].index)
		return RULES_SAY(r, AM_ERR_VERIFY, "V18",
		    "the index is not that of the signer");
	AM_TRY(check_cooloff(r, &q));
	AM_TRY(predicate_read(&r->st->view, &q, &m, r->s->at, &p));
	AM_TRY(check_way_on(r, &q, &p, at));
	AM_TRY(claim_partial(r, &q, &m, &a));
	memcpy(a.person, r->s->by, sizeof(a.person));
	memcpy(a.token, r->token.token, sizeof(a.token));
	q.approvals[q.approval_count++] = a;
	/* R13.13: once opened it changes nothing, the grant's end neither.
	 * Before, the last one counts even if it is not enough: it may become
	 * so without another one, when a suspension is lifted. */
	if (q.status == ROWS_OPEN && !predicate_holds(&p))
		q.complete_at = r->s->at;
	return rows_put_request(
	    &r->st->view, (struct bytes){ q.request, 32 }, &q);
}

AM_RESULT
access_decline(struct rules *r)
{
	struct rows_request q = { 0 };
	struct rows_manifest m = { 0 };
	struct rows_approval d = { .leaf = r->leaf, .at = r->s->at };
	struct bytes why = { 0 };
	unsigned at = 0;

	AM_TRY(canon_get_text(r->s->body, "why", &why));
	if (why.len == 0)
		return RULES_SAY(
		    r, AM_ERR_INVALID, "V18", "a refusal needs a reason");
	AM_TRY(read_answered(r, &q, &m));
	AM_TRY(check_answerer(r, &q, &m, &at));
	d.index = m.members[at].index;
	memcpy(d.person, r->s->by, sizeof(d.person));
	memcpy(d.token, r->token.token, sizeof(d.token));
	q.declines[q.decline_count++] = d;
	/* C-4: a veto, where the rules give one */
	if (q.veto != 0 && r->s->at < q.cooloff_end && q.status == ROWS_OPEN)
		memcpy(q.vetoed, r->s->by, sizeof(q.vetoed));
	return rows_put_request(
	    &r->st->view, (struct bytes){ q.request, 32 }, &q);
}

/* ---- open: the predicate of 4.5 */

static bool
is_approved(const struct rows_manifest *m, uint16_t approved, uint64_t index)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->members[i].index == index)
			return (approved >> i & 1) != 0;
	return false;
}

static AM_RESULT
check_used(struct rules *r, const struct rows_request *q,
    const struct rows_manifest *m, uint16_t approved)
{
	const struct json_t *used = NULL;
	uint64_t index = 0, last = 0;

	AM_TRY(canon_get_array(r->s->body, "used", &used));
	if (canon_size(used) != q->k)
		return RULES_SAY(r, AM_ERR_VERIFY, "V19",
		    "an opening names exactly k approvals");
	for (size_t i = 0; i < q->k; i++) {
		AM_TRY(canon_at_uint(used, i, &index));
		if (index <= last || !is_approved(m, approved, index))
			return RULES_SAY(r, AM_ERR_VERIFY, "V19",
			    "the indices are not distinct approvals in order");
		last = index;
	}
	return AM_OK;
}

static AM_RESULT
check_predicate(
    struct rules *r, const struct rows_request *q, const struct predicate *p)
{
	const int approved = __builtin_popcount(p->approved & p->members);

	if (predicate_is_declined(p))
		return RULES_SAY(
		    r, AM_ERR_POLICY, "R4.4", "the request has been declined");
	if (approved < q->need)
		return RULES_SAY(r, AM_ERR_QUORUM, "V19",
		    "quorum not met (%d of %u)", approved, q->need);
	if (!predicate_holds(p))
		return RULES_SAY(r, AM_ERR_QUORUM, "V19",
		    "quorum not met: %d have approved, but not of the posts "
		    "that the rules of the safe ask for",
		    approved);
	return AM_OK;
}

/* R13.13: once, or as often as the rules say while the grant lasts. */
static AM_RESULT
check_uses(struct rules *r, const struct rows_request *q)
{
	if (q->status == ROWS_OPEN)
		return AM_OK;
	if (q->uses != 0 && q->opens >= q->uses)
		return RULES_SAY(r, AM_ERR_POLICY, "R13.13",
		    "this request has been used; ask again");
	if (r->s->at > q->complete_at + q->grant)
		return RULES_SAY(r, AM_ERR_POLICY, "R13.13",
		    "the grant of this request has ended; ask again");
	return AM_OK;
}

AM_RESULT
access_open(struct rules *r)
{
	struct rows_request q = { 0 };
	struct rows_manifest m = { 0 };
	struct predicate p;

	AM_TRY(read_answered(r, &q, &m));
	AM_TRY(check_begun(r, &q));
	if (!same16(q.by, r->s->by))
		return RULES_SAY(r, AM_ERR_POLICY, "V19",
		    "only the one who asked can open it");
	AM_TRY(incident_check_request(r, &q));
	AM_TRY(check_uses(r, &q));
	AM_TRY(check_cooloff(r, &q));
	AM_TRY(predicate_read(&r->st->view, &q, &m, r->s->at, &p));
	AM_TRY(check_predicate(r, &q, &p));
	AM_TRY(check_used(r, &q, &m, p.approved));
	if (q.opens < UINT16_MAX)
		q.opens++;
	if (q.status == ROWS_OPEN) {
		AM_TRY(exposure_opened(r, &q));
		q.status = ROWS_OPENED;
		q.opened_at = r->s->at;
		q.open_leaf = r->leaf;
	}
	return rows_put_request(
	    &r->st->view, (struct bytes){ q.request, 32 }, &q);
}
