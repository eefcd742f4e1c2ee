#include <sodium.h>

#include "vault/acts/ask.h"

#include "vault/acts/lookup.h"
#include "vault/acts/post.h"
#include "vault/acts/subscribe.h"
#include "vault/base/when.h"
#include "vault/crypto/box.h"
#include "vault/crypto/hash.h"
#include "vault/state/manifest.h"
#include "vault/state/predicate.h"

struct asking {
	struct rows_safe safe;
	struct rows_record record;
	uint32_t version; /* that is asked for, and its seal */
	uint8_t seal[32];
	uint8_t nonce[32];
	struct scalar q;
	struct point Q;
	uint8_t box[SC_BYTES + BOX_EXTRA];
	int64_t span;
};

enum { HOUR = 3600, SPAN_MAX = 72 * HOUR };

static void
asking_wipe(struct asking *a)
{
	sc_wipe(&a->q);
}

/* q is fresh for every request and is kept boxed to its owner's identity. */
static AM_RESULT
make_key(const struct session_key *k, struct asking *a)
{
	static const uint8_t tag[] = "amanat/1 request"; /* T("request") */
	uint8_t info[sizeof(tag) + 32];
	const struct bytes nonce = { a->nonce, sizeof(a->nonce) };
	struct point pk;

	randombytes_buf(a->nonce, sizeof(a->nonce));
	hash_hedge((struct bytes){ (const uint8_t *)"q", 1 },
	    (struct bytes){ k->person.pk, 32 }, &nonce, 1, &a->q);
	AM_TRY(pt_mul_base(&a->q, &a->Q));
	AM_TRY(pt_decode((struct bytes){ k->person.pk, 32 }, &pk));
	memcpy(info, tag, sizeof(tag));
	memcpy(info + sizeof(tag), a->nonce, sizeof(a->nonce));
	return box_seal(&pk, (struct bytes){ info, sizeof(info) },
	    (struct bytes){ a->q.b, SC_BYTES }, a->box);
}

static bool
is_none(const uint8_t id[static 32])
{
	static const uint8_t none[32];

	return bytes_same((struct bytes){ id, 32 }, (struct bytes){ none, 32 });
}

static uint8_t
asked_of(const struct ask_wish *w)
{
	return w->recovery ? ROWS_RECOVERY : ROWS_OPERATING;
}

static AM_RESULT
set_request(struct session *s, struct json_t *body, const struct asking *a,
    const struct ask_wish *w)
{
	char from[WHEN_TEXT_LEN + 1], until[WHEN_TEXT_LEN + 1];

	when_text(session_now(s), from);
	when_text(session_now(s) + a->span, until);
	AM_TRY(canon_set(
	    body, "safe", canon_hex((struct bytes){ a->safe.safe, 16 })));
	AM_TRY(canon_set(body, "committee",
	    canon_str(w->recovery ? "recovery" : "operating")));
	AM_TRY(canon_set(body, "manifest",
	    canon_hex(
		(struct bytes){ manifest_active(&a->safe, asked_of(w)), 32 })));
	AM_TRY(canon_set(
	    body, "record", canon_hex((struct bytes){ a->record.record, 16 })));
	AM_TRY(canon_set(body, "version", canon_uint(a->version)));
	AM_TRY(
	    canon_set(body, "seal", canon_hex((struct bytes){ a->seal, 32 })));
	AM_TRY(canon_set(body, "q", canon_b64(pt_bytes(&a->Q))));
	AM_TRY(canon_set(body, "why", canon_str(w->reason)));
	AM_TRY(canon_set(body, "ref", canon_str(w->ticket)));
	AM_TRY(canon_set(body, "from", canon_str(from)));
	AM_TRY(canon_set(body, "until", canon_str(until)));
	AM_TRY(canon_set(
	    body, "mode", canon_str(w->breakglass ? "breakglass" : "normal")));
	AM_TRY(canon_set(body, "rules",
	    is_none(a->safe.rules)
		? canon_str("")
		: canon_hex((struct bytes){ a->safe.rules, 32 })));
	return canon_set(
	    body, "nonce", canon_b64((struct bytes){ a->nonce, 32 }));
}

static AM_RESULT
check_wish(struct session *s, const struct ask_wish *w)
{
	const struct bytes why = { (const uint8_t *)w->reason,
		strlen(w->reason) },
			   ref = { (const uint8_t *)w->ticket,
				   strlen(w->ticket) };

	if (why.len == 0 || why.len > 1024 || ref.len > 256 ||
	    !canon_text_ok(why) || !canon_text_ok(ref))
		return why_say(s->why, AM_ERR_INVALID, "R2.10",
		    "a reason has 1 to 1024 bytes of plain text, a ticket at "
		    "most 256, without control characters");
	return AM_OK;
}

/* R13.19 */
static AM_RESULT
check_committee(
    struct session *s, const struct ask_wish *w, const struct rows_safe *safe)
{
	if (w->recovery && !w->breakglass)
		return why_say(s->why, AM_ERR_POLICY, "R13.19",
		    "the recovery committee serves emergencies only; add "
		    "--break-glass, which the log shows for ever");
	if (w->recovery && is_none(safe->recovery))
		return why_say(s->why, AM_ERR_POLICY, "R13.19",
		    "safe '%s' has no recovery committee; 'amanat safe reshare "
		    "%s --recovery' makes one",
		    safe->id, safe->id);
	return AM_OK;
}

/* R13.5: approving begins when the cool-off is over; what was not said is four
 * hours, or the cool-off and a day. */
static AM_RESULT
choose_span(struct session *s, const struct ask_wish *w, const struct view *v,
    struct asking *a)
{
	struct rows_rules rules = { .cooloff = 0 };
	const enum am_err err = predicate_rules(v, a->safe.rules, &rules);
	const int64_t wait =
	    w->breakglass ? rules.breakglass_cooloff : rules.cooloff;
	char words[WHEN_WORDS_MAX];
	const int64_t usual = wait + (int64_t)(wait == 0 ? 4 : 24) * HOUR;

	if (err != AM_OK && err != AM_ERR_NOT_FOUND)
		return err;
	a->span = w->span;
	if (w->span == 0)
		a->span = usual < SPAN_MAX ? usual : SPAN_MAX;
	if (a->span <= wait) {
		when_words(wait, words);
		return why_say(s->why, AM_ERR_INVALID, "R13.5",
		    "the cool-off of this safe is %s, and approving begins "
		    "after it: ask for longer, --for %lldh at least",
		    words, (long long)wait / HOUR + 1);
	}
	return AM_OK;
}

/* The record, and the version of it that is wanted. */
static AM_RESULT
find(struct session *s, const struct ask_wish *w, struct asking *a)
{
	store_txn_auto *t = NULL;
	struct rows_version v;
	struct rows_key key;
	struct view view;

	AM_TRY(lookup_record(s, w->path, &a->safe, &a->record));
	a->version = w->version != 0 ? w->version : a->record.version;
	if (a->version > a->record.version)
		return why_say(s->why, AM_ERR_NOT_FOUND, "V17",
		    "'%s' has no version %u; the newest is %u", w->path,
		    a->version, a->record.version);
	key = rows_key_with_u32(
	    (struct bytes){ a->record.record, 16 }, a->version);
	AM_TRY(store_begin(s->store, false, &t));
	view = view_store(t);
	AM_TRY(rows_get_version(&view, rows_key(&key), &v));
	memcpy(a->seal, v.seal, sizeof(a->seal));
	AM_TRY(check_committee(s, w, &a->safe));
	return choose_span(s, w, &view, a);
}

void
ask_ticket(const char *id, char out[static ASK_TICKET])
{
	(void)snprintf(out, ASK_TICKET, "sub:%s", id);
}

/* "renewal of 'e-Cabinet MDM' (mdm), decide by 2022-01-15": the day that
 * counts, which is the end once it is decided. */
static void
say_renewal(
    const struct rows_subscription *sub, int32_t today, struct ask_renewal *out)
{
	const bool decided = subscription_is_decided(sub);
	const int32_t end = subscription_end(sub, today);
	char day[DATES_TEXT_LEN + 1];
	struct dates_plan p;

	subscription_plan(sub, &p);
	dates_text(decided ? end : dates_deadline(&p, end), day);
	ask_ticket(sub->id, out->ticket);
	(void)snprintf(out->reason, sizeof(out->reason),
	    "renewal of '%s' (%s), %s %s", sub->name, sub->id,
	    decided ? "decided, ends" : "decide by", day);
}

AM_RESULT
ask_renewal(struct session *s, const char *id, struct ask_wish *w,
    struct ask_renewal *out)
{
	struct rows_subscription sub;
	struct rows_record record;
	struct rows_safe safe;

	AM_TRY(subscribe_find(s, id, &sub));
	AM_TRY(lookup_record(s, w->path, &safe, &record));
	if (sub.state == ROWS_CLOSED)
		return why_say(s->why, AM_ERR_POLICY, "",
		    "'%s' is closed, and nothing of it is renewed; ask with "
		    "--reason in place of --renewal",
		    id);
	if (!subscription_needs(&sub, record.record))
		return why_say(s->why, AM_ERR_POLICY, "",
		    "renewing '%s' does not need '%s'; 'amanat sub show %s' "
		    "says which credentials it needs",
		    id, w->path, id);
	say_renewal(&sub, dates_day(session_now(s)), out);
	w->ticket = out->ticket;
	if (w->reason == NULL)
		w->reason = out->reason;
	return AM_OK;
}

AM_RESULT
ask_check(struct session *s, const struct ask_wish *w)
{
	struct asking a = { 0 };

	AM_TRY(check_wish(s, w));
	return find(s, w, &a);
}

AM_RESULT
ask_request(struct session *s, const struct session_key *k,
    const struct ask_wish *w, struct rows_request *out)
{
	AM_CLEANUP(asking_wipe) struct asking a = { 0 };
	canon_auto *body = NULL;
	post_auto p = { .s = s };
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(check_wish(s, w));
	AM_TRY(find(s, w, &a));
	AM_TRY(make_key(k, &a));
	AM_TRY(post_body(s, "request", k->row.person, &body));
	AM_TRY(set_request(s, body, &a, w));
	AM_TRY(post_add(
	    &p, AM_TAKE(body), (struct bytes){ k->row.cred, k->row.cred_len }));
	post_blob_add(&p, "q", (struct bytes){ p.items[0].id, 32 },
	    (struct bytes){ a.box, sizeof(a.box) });
	AM_TRY(post_all(&p, k, "to sign the request"));
	AM_TRY(store_begin(s->store, false, &t));
	v = view_store(t);
	return rows_get_request(&v, (struct bytes){ p.items[0].id, 32 }, out);
}
