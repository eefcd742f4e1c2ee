#include "cli/analysis.h"

#include "vault/base/when.h"

enum { LEFT = 23 };

/* ---- told to people, and to programs */

void
analysis_line(const char *label, const struct blob *text)
{
	char lead[64];
	blob_auto own = { 0 };

	(void)snprintf(lead, sizeof(lead), "  %-20s ", label);
	if (blob_add(&own, blob_bytes(text)) == AM_OK &&
	    blob_add(&own, (struct bytes){ (const uint8_t *)"", 1 }) == AM_OK)
		out_wrapped(stdout, lead, LEFT, (const char *)own.p);
}

AM_RESULT
analysis_heading(const struct analysis *a, const struct prospect *p)
{
	const struct quorum_rule *r = &p->o->is.rule;
	blob_auto text = { 0 };

	AM_TRY(blob_printf(&text, "safe '%s' (level %s, %u of %zu",
	    p->o->safe.id, p->o->safe.level, r->need, p->o->is.n));
	for (size_t i = 0; i < r->group_count; i++)
		AM_TRY(blob_printf(&text, " + %s", p->o->is.group_names[i]));
	AM_TRY(
	    blob_printf(&text, ")%s%s", p->o->planned ? ", being set up" : "",
		a->without != NULL || a->fail != NULL ? ", WHAT IF" : ""));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(stdout, "", 2, (const char *)text.p);
	return AM_OK;
}

void
analysis_people(
    struct out_json *j, const char *key, const struct prospect *p, uint16_t who)
{
	out_json_open(j, key, '[');
	for (size_t i = 0; i < p->o->is.n; i++)
		if ((who >> i & 1) != 0)
			out_json_text(j, NULL, p->o->is.people[i].id);
	out_json_close(j);
}

void
analysis_time(struct out_json *j, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1];

	when_text(at, text);
	out_json_text(j, key, text);
}

/* ---- what if */

static AM_RESULT
take_without(struct analysis *a, struct prospect *p)
{
	const char *s = a->without;

	while (s != NULL && *s != '\0') {
		const size_t n = strcspn(s, ",");
		bool found = false;

		for (size_t i = 0; i < p->o->is.n && !found; i++) {
			found = strlen(p->o->is.people[i].id) == n &&
			    strncmp(p->o->is.people[i].id, s, n) == 0;
			if (found)
				lockout_without(&p->o->is, (uint16_t)(1U << i));
		}
		s += n + (s[n] == ',');
	}
	return AM_OK;
}

static AM_RESULT
take_fail(struct analysis *a, struct prospect *p)
{
	const char *sign = a->fail == NULL ? NULL : strchr(a->fail, '=');
	char name[32];
	int by;

	if (a->fail == NULL)
		return AM_OK;
	(void)snprintf(name, sizeof(name), "%.*s",
	    sign == NULL ? 0 : (int)(sign - a->fail), a->fail);
	by = lockout_find_by(name);
	if (sign == NULL || by < 0 ||
	    (by == LOCKOUT_BY_ADVISORY && strcmp(sign + 1, "advisory") != 0))
		return why_say(&a->d->why, AM_ERR_INVALID, "",
		    "--fail is order, end-date, employer, line, site or "
		    "token-model, then = and the value, or token=advisory; not "
		    "'%s'",
		    a->fail);
	a->hit |= lockout_fail(&p->o->is, (enum lockout_by)by, sign + 1) != 0;
	return AM_OK;
}

AM_RESULT
analysis_read(
    struct analysis *a, const struct rows_safe *safe, struct prospect *out)
{
	AM_TRY(outlook_of(
	    &a->v, safe, ROWS_OPERATING, a->now, a->horizon, &out->o));
	/* of a day to come it is not known who will have proved */
	for (size_t i = 0; i < out->o->is.n; i++)
		if (a->now > session_now(a->d->session))
			out->o->is.people[i].proof_until = QUORUM_NO_END;
	AM_TRY(take_without(a, out));
	return take_fail(a, out);
}

AM_RESULT
analysis_look(
    struct analysis *a, const struct rows_safe *safe, struct prospect *out)
{
	AM_TRY(analysis_read(a, safe, out));
	AM_TRY(lacks_read(&a->v, safe, &out->o->committee, a->now, &out->keys));
	return lockout_analyze(&out->o->is, &out->l);
}

/* ---- each safe */

static AM_RESULT
nth_safe(struct analysis *a, uint32_t i, struct rows_safe *out)
{
	const struct rows_key n = rows_key_u32(i);
	uint8_t id[16];

	AM_TRY(rows_index_get(&a->v, "safe-n", rows_key(&n), id, sizeof(id)));
	return rows_get_safe(&a->v, (struct bytes){ id, sizeof(id) }, out);
}

AM_RESULT
analysis_vault(struct analysis *a, struct rows_vault *out)
{
	if (rows_get_vault(&a->v, (struct bytes){ NULL, 0 }, out) != AM_OK)
		return why_say(&a->d->why, AM_ERR_NOT_FOUND, "",
		    "there was no vault yet at that time");
	return AM_OK;
}

/* `wanted`: SAFE or SAFE/NAME; NULL: all. */
AM_RESULT
analysis_each(
    struct analysis *a, const char *wanted, analysis_fn *fn, void *arg)
{
	const size_t n = wanted == NULL ? 0 : strcspn(wanted, "/");
	struct rows_vault vault;
	unsigned count = 0;
	enum am_err err;

	AM_TRY(analysis_vault(a, &vault));
	for (uint32_t i = 0; i < vault.safes; i++) {
		struct rows_safe s;

		AM_TRY(nth_safe(a, i, &s));
		if (wanted != NULL &&
		    (strlen(s.id) != n || strncmp(s.id, wanted, n) != 0))
			continue;
		err = fn(a, &s, arg);
		if (err == AM_ERR_NOT_FOUND && wanted == NULL)
			continue; /* its set-up has lapsed */
		AM_TRY(err == AM_ERR_NOT_FOUND
			? why_say(&a->d->why, AM_ERR_INCOMPLETE, "V14",
			      "safe '%s' has no committee, nor one planned",
			      s.id)
			: err);
		count++;
	}
	if (count > 0)
		return AM_OK;
	return why_say(&a->d->why, AM_ERR_NOT_FOUND, "",
	    wanted != NULL ? "no safe '%s'; 'amanat safe status' shows which "
			     "there are"
			   : "no safe has a committee yet",
	    wanted);
}
