#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "vault/acts/remind.h"

#include "vault/acts/lookup.h"
#include "vault/base/when.h"
#include "vault/state/subindex.h"
#include "vault/state/tenure.h"
#include "vault/store/hostfile.h"

enum { FILE_MAX = 64, STEP_DAYS = 7, AGAIN_DAYS = 30, DAY = 86400 };

static const char first_line[] = "amanat-reminders 1\n";

/* ---- when it ran */

static AM_RESULT
parse(struct bytes text, int64_t *out)
{
	const size_t skip = sizeof(first_line) - 1;
	int64_t at = 0;

	if (text.len < skip + 2 || text.len > skip + 12 ||
	    !bytes_same((struct bytes){ text.p, skip },
		(struct bytes){ (const uint8_t *)first_line, skip }) ||
	    text.p[text.len - 1] != '\n')
		return AM_ERR_CORRUPT;
	for (size_t i = skip; i + 1 < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return AM_ERR_CORRUPT;
		at = at * 10 + (text.p[i] - '0');
	}
	*out = at;
	return AM_OK;
}

AM_RESULT
remind_last(struct session *s, int64_t *out)
{
	blob_auto text = { 0 };
	enum am_err err =
	    store_file_get(s->store, "reminders", FILE_MAX, &text);

	if (err == AM_ERR_NOT_FOUND) {
		*out = 0;
		return AM_OK;
	}
	if (err == AM_OK)
		err = parse(blob_bytes(&text), out);
	if (err == AM_OK)
		return AM_OK;
	return why_say(s->why, AM_ERR_INCOMPLETE, "",
	    "the file 'reminders' of the vault cannot be read; remove it, and "
	    "everything that is open is told once more");
}

AM_RESULT
remind_done(struct session *s)
{
	hostfile_fd dir =
	    open(store_dir(s->store), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	blob_auto text = { 0 };
	enum am_err err = AM_ERR_IO;

	AM_TRY(blob_printf(
	    &text, "%s%lld\n", first_line, (long long)session_now(s)));
	if (dir >= 0)
		err = hostfile_put(dir, "reminders", blob_bytes(&text));
	if (err == AM_OK)
		return AM_OK;
	return why_say(s->why, err, "",
	    "cannot write the file 'reminders' of the vault: %s; the next run "
	    "tells the same again",
	    strerror(errno));
}

enum am_err
remind_silent(struct due *d)
{
	char what[128], day[WHEN_TEXT_LEN + 1];
	int64_t last = 0;

	if (remind_last(d->s, &last) == AM_OK &&
	    (last == 0 ||
		(d->now - last <= REMIND_SILENT && last - d->now <= DAY)))
		return AM_OK;
	if (last > d->now)
		return due_add(d, d->now - 1, NULL,
		    "the last run of 'amanat remind' was in the future: is the "
		    "clock right?",
		    "amanat remind");
	when_text(last, day);
	(void)snprintf(what, sizeof(what),
	    "no run of 'amanat remind' has succeeded since %.10s: is its timer "
	    "on?",
	    last == 0 ? "the start" : day);
	return due_add(d, last + REMIND_SILENT, NULL, what, "amanat remind");
}

/* ---- what there is to tell */

/* Counted from a day that has come, has another one of so many days begun since `last`? */
static bool
has_stepped(int32_t from, int32_t last, int32_t today, int32_t days)
{
	const int32_t before = last < from ? -1 : (last - from) / days;

	return (today - from) / days > before;
}

/* `run`: when the last one was; days are compared, but for what was entered
 * since: that may be later on the same day. */
static bool
is_news(const struct raised_office *o, const struct rows_subscription *s,
    const struct raised *r, int64_t run)
{
	const int32_t last = run == 0 ? -1 : dates_day(run);
	const bool lost = s->control == ROWS_NOT_CONTROLLED,
		   late = r->ended || r->missed;

	if (s->at > run && (lost || (int32_t)s->armed >= last))
		return lost || late || r->reminded;
	if (late)
		return has_stepped((r->ended ? r->end : r->deadline) + 1, last,
		    o->today, AGAIN_DAYS);
	if (lost && has_stepped(dates_day(s->at), last, o->today, AGAIN_DAYS))
		return true;
	/* a holiday that was entered since brings one before the last run */
	if (r->reminded && o->entity.at > run && r->newest.day >= last)
		return true;
	return r->reminded &&
	    (r->newest.raised > last ||
		has_stepped(r->since, last, o->today, STEP_DAYS));
}

struct telling {
	const struct raised_office *o;
	int64_t run;
	remind_fn *fn;
	void *arg;
};

static AM_RESULT
add_control(const struct rows_subscription *s, struct blob *text)
{
	if (s->control != ROWS_NOT_CONTROLLED)
		return AM_OK;
	return text->len > 0
	    ? blob_printf(text, "; the account is not under control")
	    : blob_printf(text,
		  "'%s' (%s): a login failed, and the account is not under "
		  "control",
		  s->id, s->name);
}

static enum am_err
tell(void *arg, const struct rows_subscription *s)
{
	static const uint8_t nobody[16];
	struct telling *t = arg;
	struct remind_message m = { .subscription = s };
	blob_auto text = { 0 };
	struct rows_post post;
	struct raised r;

	AM_TRY(raised_of(t->o, s, &r));
	if (!is_news(t->o, s, &r, t->run))
		return AM_OK;
	AM_TRY(raised_text(t->o, s, &r, &text));
	AM_TRY(add_control(s, &text));
	AM_TRY(tenure_post(t->o->v, r.post, &post));
	memcpy(m.post, post.id, sizeof(m.post));
	if (!bytes_same(
		(struct bytes){ r.person, 16 }, (struct bytes){ nobody, 16 }))
		AM_TRY(lookup_person_name(t->o->v, r.person, m.who));
	m.raised = &r;
	m.text = blob_bytes(&text);
	return t->fn(t->arg, &m);
}

AM_RESULT
remind_each(struct session *s, const struct view *v, int64_t last,
    remind_fn *fn, void *arg)
{
	raised_auto o = { .v = v };
	struct telling t = { .fn = fn, .arg = arg };

	AM_TRY(raised_open(v, session_now(s), &o));
	o.calendar.holidays = o.holidays;
	t.o = &o;
	/* of a clock that was wrong: nothing of it counts */
	t.run = last > o.now ? 0 : last;
	return subindex_each(v, o.today, tell, &t);
}
