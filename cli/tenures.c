#include "cli/tenures.h"

#include "cli/actwords.h"
#include "vault/base/when.h"
#include "vault/state/tenure.h"

/* "57 days left" */
static AM_RESULT
add_left(int64_t until, int64_t now, struct blob *out)
{
	const int64_t day = 86400;
	char text[32];

	if (until == 0)
		return AM_OK;
	desk_time(until, text);
	AM_TRY(blob_printf(out, " until %s", text));
	return until > now ? blob_printf(out, " (%lld days left)",
				 (long long)((until - now) / day))
			   : blob_printf(out, " (OVER)");
}

static AM_RESULT
show_post(struct desk *d, const struct view *v,
    const struct rows_appointment *a, struct out_json *j)
{
	const int64_t now = session_now(d->session);
	char from[WHEN_TEXT_LEN + 1], until[WHEN_TEXT_LEN + 1] = "";
	blob_auto text = { 0 };
	struct rows_post p;

	AM_TRY(tenure_post(v, a->post, &p));
	when_text(a->from, from);
	if (a->until != 0)
		when_text(a->until, until);
	if (j != NULL) {
		out_json_open(j, NULL, '{');
		out_json_text(j, "post", p.id);
		out_json_text(j, "kind", actwords_holding(a->kind));
		out_json_text(j, "order", a->order);
		out_json_text(j, "from", from);
		out_json_text(j, "until", until);
		out_json_close(j);
		return AM_OK;
	}
	AM_TRY(blob_printf(&text, "%s (%s), %s, order %s", p.id, p.title,
	    actwords_holding(a->kind), a->order));
	if (tenure_from(a) > now)
		AM_TRY(blob_printf(&text, ", from %s", from));
	AM_TRY(add_left(a->until, now, &text));
	out_field(stdout, "post", blob_bytes(&text));
	return AM_OK;
}

static void
show_absence(struct desk *d, const struct rows_absence *a)
{
	char from[32], until[32], text[128];

	desk_time(a->from, from);
	desk_time(a->until, until);
	if (a->until <= session_now(d->session))
		return;
	(void)snprintf(text, sizeof(text), "from %s until %s", from, until);
	out_field(stdout, "absent",
	    (struct bytes){ (const uint8_t *)text, strlen(text) });
}

AM_RESULT
tenures_show(struct desk *d, const struct rows_person *p, struct out_json *j)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(d->session->store, false, &t));
	v = view_store(t);
	for (uint32_t i = 0; i < p->appointments; i++) {
		struct rows_appointment a;

		AM_TRY(tenure_nth(&v, p->person, i, &a));
		AM_TRY(show_post(d, &v, &a, j));
	}
	for (uint32_t i = 0; i < p->absences && j == NULL; i++) {
		struct rows_absence a;

		AM_TRY(tenure_nth_absence(&v, p->person, i, &a));
		show_absence(d, &a);
	}
	return AM_OK;
}
