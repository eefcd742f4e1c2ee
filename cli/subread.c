#include "cli/subread.h"

#include "vault/state/subindex.h"
#include "vault/state/tenure.h"

void
subread_end(struct subread *r)
{
	free(r->posts);
	raised_close(&r->office);
	store_abort(&r->t);
}

static AM_RESULT
read_posts(struct subread *r)
{
	r->posts = calloc((size_t)r->office.post_count + 1, sizeof(*r->posts));
	if (r->posts == NULL)
		return AM_ERR_NOMEM;
	for (uint32_t i = 1; i <= r->office.post_count; i++) {
		struct rows_post p;

		AM_TRY(tenure_post(&r->v, i, &p));
		memcpy(r->posts[i], p.id, sizeof(p.id));
	}
	return AM_OK;
}

AM_RESULT
subread_start(struct desk *d, struct subread *r)
{
	struct rows_register g;

	r->d = d;
	AM_TRY(store_begin(d->session->store, false, &r->t));
	r->v = view_store(r->t);
	AM_TRY(raised_open(&r->v, session_now(d->session), &r->office));
	r->office.calendar.holidays = r->office.holidays;
	AM_TRY(subindex_register(&r->v, &g));
	r->count = g.subscriptions;
	return read_posts(r);
}

const char *
subread_reach(enum raised_reach reach)
{
	switch (reach) {
	case RAISED_UNLINKED:
		return "no credential";
	case RAISED_REACHABLE:
		return "yes";
	case RAISED_OUT_OF_REACH:
		return "NO";
	}
	return "";
}

const char *
subread_reach_key(enum raised_reach reach)
{
	switch (reach) {
	case RAISED_UNLINKED:
		return "unlinked";
	case RAISED_REACHABLE:
		return "yes";
	case RAISED_OUT_OF_REACH:
		return "no";
	}
	return "";
}

AM_RESULT
subread_post(const struct subread *r, const struct rows_subscription *s,
    enum rows_sub_post level, const char **out)
{
	if (s->posts[level] > r->office.post_count)
		return AM_ERR_CORRUPT;
	*out = r->posts[s->posts[level]];
	return AM_OK;
}

AM_RESULT
subread_link(const struct subread *r, const struct rows_subscription *s,
    size_t i, struct blob *out)
{
	struct rows_record c;
	struct rows_safe safe;

	AM_TRY(rows_get_record(
	    &r->v, (struct bytes){ s->links[i].record, 16 }, &c));
	AM_TRY(rows_get_safe(&r->v, (struct bytes){ c.safe, 16 }, &safe));
	return blob_printf(out, "%s/%s", safe.id, c.title);
}

AM_RESULT
subread_item(const struct subread *r, const struct record *in,
    enum record_field f, size_t i, struct blob *out)
{
	struct bytes text = { 0 };
	struct rows_record c;
	struct rows_safe safe;
	uint8_t id[16];

	AM_TRY(canon_at_text(in->list[f], i, &text));
	if (!record_is_link(f))
		return blob_add(out, text);
	AM_TRY(canon_at_hex(in->list[f], i, id, sizeof(id)));
	AM_TRY(rows_get_record(&r->v, (struct bytes){ id, 16 }, &c));
	AM_TRY(rows_get_safe(&r->v, (struct bytes){ c.safe, 16 }, &safe));
	return blob_printf(out, "%s/%s", safe.id, c.title);
}

AM_RESULT
subread_list(const struct subread *r, const struct record *in,
    enum record_field f, struct blob *out)
{
	for (size_t i = 0; i < canon_size(in->list[f]); i++) {
		if (i > 0)
			AM_TRY(blob_text(out, ", "));
		AM_TRY(subread_item(r, in, f, i, out));
	}
	return AM_OK;
}
