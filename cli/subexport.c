/*
 * sub ics: the register for other programs, without a secret.
 */

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/subread.h"
#include "cli/verbs.h"
#include "vault/acts/subscribe.h"
#include "vault/register/calendar.h"

/* ---- calendar */

static AM_RESULT
price_of(const struct subread *r, const struct rows_subscription *s,
    struct blob *out)
{
	statement_auto said = { 0 };
	struct record in;

	AM_TRY(subscribe_record(r->d->session, r->t, s, &said, &in));
	if (in.text[RECORD_PRICE].len == 0)
		return AM_OK;
	return blob_printf(out, "%.*s %.*s", (int)in.text[RECORD_PRICE].len,
	    (const char *)in.text[RECORD_PRICE].p,
	    (int)in.text[RECORD_CURRENCY].len,
	    (const char *)in.text[RECORD_CURRENCY].p);
}

/* A tacit renewal is a change too, and no statement: versions leave room. */
enum { RENEWALS_MAX = 64 };

static uint32_t
sequence_of(const struct rows_subscription *s, const struct dates_plan *p,
    int32_t today)
{
	const uint32_t n = dates_renewals(&p->term, today);

	return (s->version - 1) * RENEWALS_MAX +
	    (n < RENEWALS_MAX ? n : RENEWALS_MAX - 1);
}

static AM_RESULT
ics_one(const struct subread *r, const struct rows_subscription *s, bool price,
    struct blob *out)
{
	blob_auto cost = { 0 };
	struct dates_plan p;
	struct calendar_item i = {
		.id = s->id,
		.name = s->name,
		.host = r->d->session->vault.rpid,
		.price = "",
		.plan = &p,
		.calendar = &r->office.calendar,
		.closed = s->state == ROWS_CLOSED,
		.revised = s->at,
	};

	subscription_plan(s, &p);
	i.end = subscription_end(s, r->office.today);
	i.deadline = dates_deadline(&p, i.end);
	i.notice = p.term.months == 0 ? -1 : dates_notice(&p, i.end);
	i.sequence = sequence_of(s, &p, r->office.today);
	if (price) {
		AM_TRY(price_of(r, s, &cost));
		AM_TRY(
		    blob_add(&cost, (struct bytes){ (const uint8_t *)"", 1 }));
		i.price = (const char *)cost.p;
	}
	return calendar_add(out, &i);
}

static AM_RESULT
ics(const struct subread *r, const char *id, bool price, struct blob *out)
{
	struct rows_subscription s;

	AM_TRY(calendar_begin(out));
	if (id != NULL) {
		AM_TRY(subscribe_find(r->d->session, id, &s));
		AM_TRY(ics_one(r, &s, price, out));
	}
	for (uint32_t i = 1; id == NULL && i <= r->count; i++) {
		AM_TRY(subscription_get(&r->v, i, &s));
		AM_TRY(ics_one(r, &s, price, out));
	}
	return calendar_end(out);
}

AM_RESULT
subexport_ics(struct cmd_call *call)
{
	const char *id = call->arg_count > 0 ? call->args[0] : NULL;
	blob_auto text = { 0 };
	desk_auto d = { 0 };
	subread_auto r = { .t = NULL };

	AM_TRY(desk_open(call, false, &d));
	AM_TRY(desk_done(&d, subread_start(&d, &r), "read the register"));
	AM_TRY(desk_done(&d, ics(&r, id, cmd_flag(call, "with-price"), &text),
	    "write the calendar"));
	return fwrite(text.p, 1, text.len, stdout) == text.len ? AM_OK
							       : AM_ERR_IO;
}
