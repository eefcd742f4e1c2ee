#include <stdio.h>

#include "cli/holdings.h"

#include "cli/tenures.h"
#include "vault/acts/depart.h"
#include "vault/base/when.h"
#include "vault/state/manifest.h"

static enum am_err
show_key(void *arg, const struct rows_token *t)
{
	struct out_json *j = arg;
	char text[2 * ROWS_TITLE_MAX + 8];

	(void)snprintf(text, sizeof(text), "%s%s%s", t->label,
	    t->place[0] != '\0' ? ", at " : "", t->place);
	if (j != NULL)
		out_json_text(j, NULL, t->label);
	else
		out_field(stdout, "key",
		    (struct bytes){ (const uint8_t *)text, strlen(text) });
	return AM_OK;
}

static enum am_err
show_place(void *arg, const struct rows_token *t)
{
	out_json_text(arg, NULL, t->place);
	return AM_OK;
}

static AM_RESULT
show_custody(struct desk *d, const struct view *v, const struct rows_person *p,
    struct out_json *j)
{
	static const uint8_t none[32];

	for (uint32_t i = 0; i < d->session->vault.safes; i++) {
		const struct rows_key n = rows_key_u32(i);
		struct rows_manifest m;
		struct rows_safe s;
		uint8_t id[16];

		AM_TRY(
		    rows_index_get(v, "safe-n", rows_key(&n), id, sizeof(id)));
		AM_TRY(rows_get_safe(v, (struct bytes){ id, 16 }, &s));
		if (bytes_same((struct bytes){ s.manifest, 32 },
			(struct bytes){ none, 32 }))
			continue;
		AM_TRY(
		    rows_get_manifest(v, (struct bytes){ s.manifest, 32 }, &m));
		if (manifest_position(m.members, m.n, p->person) < 0)
			continue;
		if (j != NULL)
			out_json_text(j, NULL, s.id);
		else
			printf(
			    "custodian of:   %s (%u of %u)\n", s.id, m.k, m.n);
	}
	return AM_OK;
}

/* When the duties were accepted, and when somebody looked last. */
static void
show_dates(const struct rows_person *p)
{
	char at[32];

	if (p->accepted != 0) {
		desk_time(p->accepted, at);
		printf("duties:         accepted %s\n", at);
	}
	if (p->reviewed != 0) {
		desk_time(p->reviewed, at);
		printf("reviewed:       %s\n", at);
	}
}

static void
json_time(struct out_json *j, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1] = "";

	if (at != 0)
		when_text(at, text);
	out_json_text(j, key, text);
}

AM_RESULT
holdings_show(struct desk *d, const struct view *v, const struct rows_person *p,
    struct out_json *j)
{
	if (j == NULL) {
		printf("person:         %s%s\n", p->id,
		    p->suspended != ROWS_FREE ? ", SUSPENDED" : "");
		show_dates(p);
		AM_TRY(tenures_show(d, p, NULL));
		AM_TRY(depart_each_key(v, p, show_key, NULL));
		return show_custody(d, v, p, NULL);
	}
	out_json_text(j, "person", p->id);
	out_json_bool(j, "suspended", p->suspended != ROWS_FREE);
	json_time(j, "accepted", p->accepted);
	json_time(j, "reviewed", p->reviewed);
	out_json_open(j, "posts", '[');
	AM_TRY(tenures_show(d, p, j));
	out_json_close(j);
	out_json_open(j, "keys", '[');
	AM_TRY(depart_each_key(v, p, show_key, j));
	out_json_close(j);
	out_json_open(j, "custodian_of", '[');
	AM_TRY(show_custody(d, v, p, j));
	out_json_close(j);
	out_json_open(j, "key_places", '[');
	AM_TRY(depart_each_key(v, p, show_place, j));
	out_json_close(j);
	return AM_OK;
}
