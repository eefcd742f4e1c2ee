#include <stdio.h>

#include "policy/levels.h"
#include "vault/register/record.h"

enum kind {
	LABEL, /* a short text */
	TEXT,
	CLASS,
	TYPE,
	STATUS,
	DAY,
	RENEWS,
	SPAN,
	DAYS, /* a span of days */
	CURRENCY,
	PAYMENT,
	YEAR,
	POST,
	MAIL,
	PHONE,
	COUNTRY,
	HASH,
	/* lists */
	TEXTS,
	LINKS,
	WHO,
	LEADS,
};

static const struct {
	const char *key;
	enum kind kind;
	bool needed;
	const char *what;
} rows[RECORD_COUNT] = {
#define X(symbol, key, kind, needed, what) { key, kind, needed, what },
	RECORD_FIELDS(X)
#undef X
};

const char *
record_key(enum record_field f)
{
	return rows[f].key;
}

const char *
record_what(enum record_field f)
{
	return rows[f].what;
}

bool
record_is_list(enum record_field f)
{
	return rows[f].kind >= TEXTS;
}

bool
record_is_link(enum record_field f)
{
	return rows[f].kind == LINKS;
}

/* What came later: the records of a log are never written anew. */
static bool
is_later(size_t f)
{
	return f == RECORD_STATUS || f == RECORD_CRITERIA ||
	    f == RECORD_CRITERIA_REF || f == RECORD_APPROVAL;
}

enum { LATER = 4 };

AM_RESULT
record_read(const struct json_t *obj, struct record *out)
{
	const bool old = canon_size(obj) == RECORD_COUNT - LATER;
	struct record r = { 0 };

	if (!old && canon_size(obj) != RECORD_COUNT)
		return AM_ERR_CORRUPT;
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		if (old && is_later(i)) {
			r.text[i] = (struct bytes){ (const uint8_t *)"", 0 };
			continue;
		}
		AM_TRY(record_is_list((enum record_field)i)
			? canon_get_array(obj, rows[i].key, &r.list[i])
			: canon_get_text(obj, rows[i].key, &r.text[i]));
	}
	*out = r;
	return AM_OK;
}

/* ---- words */

static bool
is(struct bytes text, const char *word)
{
	return bytes_same(
	    text, (struct bytes){ (const uint8_t *)word, strlen(word) });
}

static bool
begins(struct bytes text, const char *with)
{
	const size_t n = strlen(with);

	return text.len >= n && is((struct bytes){ text.p, n }, with);
}

/* One of "a|b|c". */
static bool
is_one_of(struct bytes text, const char *words)
{
	for (const char *at = words; text.len > 0; at++) {
		const size_t len = strcspn(at, "|");

		if (bytes_same(
			text, (struct bytes){ (const uint8_t *)at, len }))
			return true;
		at += len;
		if (*at == '\0')
			return false;
	}
	return false;
}

static bool
all_of(struct bytes text, const char *set)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] == 0 || strchr(set, text.p[i]) == NULL)
			return false;
	return true;
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

bool
record_is_country(struct bytes text)
{
	return text.len == 2 && all_of(text, LETTERS);
}

static bool
is_id(struct bytes text)
{
	return text.len > 0 && text.len <= 32 && text.p[0] != '.' &&
	    text.p[0] != '_' && text.p[0] != '-' &&
	    all_of(text, LETTERS "abcdefghijklmnopqrstuvwxyz" DIGITS "._-");
}

static size_t
at_sign(struct bytes text)
{
	const uint8_t *at = text.len > 0 ? memchr(text.p, '@', text.len) : NULL;

	return at == NULL ? 0 : (size_t)(at - text.p);
}

static struct bytes
host_of(struct bytes text)
{
	const size_t at = at_sign(text);

	if (at == 0)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ text.p + at + 1, text.len - at - 1 };
}

bool
record_is_mail(struct bytes text)
{
	const size_t at = at_sign(text);
	const struct bytes host = host_of(text);

	return at > 0 && text.len <= RECORD_MAIL_MAX && host.len > 2 &&
	    all_of((struct bytes){ text.p, at },
		LETTERS "abcdefghijklmnopqrstuvwxyz" DIGITS "._-+") &&
	    all_of(host, "abcdefghijklmnopqrstuvwxyz" DIGITS ".-") &&
	    memchr(host.p, '.', host.len) != NULL && host.p[0] != '.' &&
	    host.p[host.len - 1] != '.';
}

bool
record_is_free_mail(struct bytes text)
{
	static const char *const hosts[] = { "gmail.", "googlemail.", "yahoo.",
		"ymail.", "hotmail.", "outlook.", "live.", "msn.", "icloud.",
		"me.", "mac.", "aol.", "gmx.", "mail.com", "mail.ru", "yandex.",
		"proton.", "protonmail.", "pm.me", "zoho.", "rediffmail.",
		"tutanota.", "tuta.", "qq.", "163.", "126.", "fastmail.",
		"hushmail.", "web.de" };
	const struct bytes host = host_of(text);

	for (size_t i = 0; i < AM_ARRAY_LEN(hosts); i++) {
		const size_t n = strlen(hosts[i]);

		if (begins(host, hosts[i]) &&
		    (hosts[i][n - 1] == '.' || host.len == n))
			return true;
	}
	return false;
}

/* ---- a field by itself */

static bool
is_days(struct bytes text, bool list)
{
	struct dates_span s;
	char days[8];

	if (list) { /* of a list: a number of days */
		if (text.len == 0 || text.len > 4 || !all_of(text, DIGITS))
			return false;
		memcpy(days, text.p, text.len);
		days[text.len] = 'd';
		text = (struct bytes){ (const uint8_t *)days, text.len + 1 };
	}
	return dates_span(text, &s) == AM_OK && !s.months &&
	    (!list || s.count > 0);
}

static bool
is_span(struct bytes text)
{
	struct dates_span s;

	return dates_span(text, &s) == AM_OK;
}

static bool
is_renewal(struct bytes text)
{
	struct dates_span s;

	return is(text, "no") || (dates_span(text, &s) == AM_OK && s.months);
}

static bool
is_day(struct bytes text)
{
	int32_t day;

	return dates_parse(text, &day) == AM_OK;
}

static bool
is_class(struct bytes text)
{
	for (size_t i = 0; i < LEVELS_CLASSES; i++)
		if (is(text, levels_class_name(i)))
			return true;
	return false;
}

/* "2021-22" */
static bool
is_fiscal_year(struct bytes text)
{
	int next;

	if (text.len != 7 || text.p[4] != '-' ||
	    !all_of((struct bytes){ text.p, 4 }, DIGITS) ||
	    !all_of((struct bytes){ text.p + 5, 2 }, DIGITS))
		return false;
	next = ((text.p[2] - '0') * 10 + text.p[3] - '0' + 1) % 100;
	return next == (text.p[5] - '0') * 10 + text.p[6] - '0';
}

/* of the office, or of a key in custody; nobody's own. */
static bool
is_phone(struct bytes text)
{
	static const char *const of[] = { "office ", "token " };

	for (size_t i = 0; i < AM_ARRAY_LEN(of); i++)
		if (begins(text, of[i]) && text.len > strlen(of[i]))
			return true;
	return false;
}

static bool
is_label(struct bytes text)
{
	return text.len <= RECORD_NAME_MAX;
}

static bool
is_text(struct bytes text)
{
	return text.len <= RECORD_TEXT_MAX;
}

static bool
is_length(struct bytes text)
{
	return is_days(text, false);
}

static bool
is_lead(struct bytes text)
{
	return is_days(text, true);
}

static bool
is_currency(struct bytes text)
{
	return text.len == 3 && all_of(text, LETTERS);
}

static bool
is_hash(struct bytes text)
{
	return text.len == 64 && all_of(text, DIGITS "abcdef");
}

static bool
is_link(struct bytes text)
{
	return text.len == 32 && all_of(text, DIGITS "abcdef");
}

static bool
is_who(struct bytes text)
{
	return is_id(text) || record_is_mail(text);
}

/* One of `words`, or what `fits` says. */
static const struct shape {
	const char *words;
	bool (*fits)(struct bytes text);
	const char *asks;
} shapes[] = {
	[LABEL] = { NULL, is_label, "at most 128 bytes" },
	[TEXT] = { NULL, is_text, "at most 1024 bytes" },
	[TEXTS] = { NULL, is_text, "at most 1024 bytes" },
	[CLASS] = { NULL, is_class,
	    "open, public, restricted, sensitive or secret" },
	[TYPE] = { "new|renewal|repeat-order|call-off", NULL,
	    "new, renewal, repeat-order or call-off" },
	[STATUS] = { "registered|accredited", NULL,
	    "registered or accredited" },
	[DAY] = { NULL, is_day, "a day, such as 2022-04-15" },
	[RENEWS] = { NULL, is_renewal,
	    "no, or the months of a further term, such as 12m" },
	[SPAN] = { NULL, is_span, "a length, such as 90d, 2m, or 0d for none" },
	[DAYS] = { NULL, is_length, "days, such as 5d" },
	[CURRENCY] = { NULL, is_currency,
	    "three capital letters, such as PKR" },
	[PAYMENT] = { "po|invoice|card|personal", NULL,
	    "po, invoice, card or personal" },
	[YEAR] = { NULL, is_fiscal_year, "such as 2021-22" },
	[POST] = { NULL, is_id, "the id of a post" },
	[MAIL] = { NULL, record_is_mail,
	    "an address, such as procurement@nitb.example" },
	[PHONE] = { NULL, is_phone,
	    "office NUMBER, or token LABEL, of a key in custody; nobody's "
	    "own" },
	[COUNTRY] = { NULL, record_is_country,
	    "two capital letters, such as PK" },
	[HASH] = { NULL, is_hash, "64 hexadecimal digits, of sha256sum" },
	[LINKS] = { NULL, is_link, "credentials, as SAFE/NAME" },
	[WHO] = { NULL, is_who, "ids of posts or persons, or role mailboxes" },
	[LEADS] = { NULL, is_lead, "numbers of days, 1 to 3660" },
};

/* NULL: it is right. */
static const char *
fault_of(enum kind kind, struct bytes text)
{
	const struct shape *s = &shapes[kind];

	if (s->words != NULL ? !is_one_of(text, s->words) : !s->fits(text))
		return s->asks;
	if (kind == MAIL && record_is_free_mail(text))
		return "an address that anybody gets, and keeps when they "
		       "leave";
	return NULL;
}

static const char *
rule_of(enum kind kind)
{
	if (kind == POST)
		return "R-2";
	return kind == MAIL || kind == PHONE || kind == WHO ? "R-3" : "R-1";
}

struct check {
	const struct record *r;
	record_fault *fn;
	void *arg;
	bool bad[RECORD_COUNT];
};

static AM_RESULT
tell(struct check *c, enum record_field f, const char *rule, const char *text)
{
	c->bad[f] = true;
	return c->fn(c->arg, f, rule, text);
}

static AM_RESULT
check_list(struct check *c, enum record_field f)
{
	const struct json_t *list = c->r->list[f];
	const size_t most =
	    record_is_link(f) ? RECORD_LINKS_MAX : RECORD_LIST_MAX;

	if (canon_size(list) > most)
		return tell(c, f, "R-1", "too many");
	if (rows[f].needed && canon_size(list) == 0)
		return tell(c, f, "R-1", "missing");
	for (size_t i = 0; i < canon_size(list); i++) {
		struct bytes text = { 0 };
		const char *fault;

		AM_TRY(canon_at_text(list, i, &text));
		fault = text.len == 0 ? "an empty item"
				      : fault_of(rows[f].kind, text);
		if (fault != NULL)
			return tell(c, f, rule_of(rows[f].kind), fault);
	}
	return AM_OK;
}

static AM_RESULT
check_text(struct check *c, enum record_field f)
{
	const struct bytes text = c->r->text[f];
	const char *fault;

	if (text.len == 0)
		return rows[f].needed ? tell(c, f, "R-1", "missing") : AM_OK;
	fault = fault_of(rows[f].kind, text);
	return fault == NULL ? AM_OK : tell(c, f, rule_of(rows[f].kind), fault);
}

/* ---- fields that do not agree */

static bool
are_good(const struct check *c, enum record_field a, enum record_field b)
{
	return !c->bad[a] && !c->bad[b];
}

static AM_RESULT
check_terms(struct check *c)
{
	const struct record *r = c->r;
	struct record_dates d;
	struct dates_span notice;

	if (are_good(c, RECORD_RENEWS, RECORD_NOTICE) &&
	    !is(r->text[RECORD_RENEWS], "no")) {
		AM_TRY(dates_span(r->text[RECORD_NOTICE], &notice));
		if (notice.count == 0)
			AM_TRY(tell(c, RECORD_NOTICE, "R-10",
			    "it renews itself, so it has a day for a notice"));
	}
	for (size_t i = RECORD_START; i <= RECORD_MARGIN; i++)
		if (c->bad[i])
			return AM_OK;
	record_dates(r, &d);
	if (d.plan.term.end < d.start)
		return tell(c, RECORD_END, "R-1", "before the first day");
	if (dates_deadline(&d.plan, d.plan.term.end) < d.start)
		return tell(c, RECORD_END, "R-1",
		    "the decision would be due before the first day");
	return AM_OK;
}

static AM_RESULT
check_posts(struct check *c)
{
	if (are_good(c, RECORD_OWNER, RECORD_DEPUTY) &&
	    bytes_same(c->r->text[RECORD_OWNER], c->r->text[RECORD_DEPUTY]))
		return tell(c, RECORD_DEPUTY, "R-2",
		    "the owner cannot stand in for itself");
	return AM_OK;
}

AM_RESULT
record_check(const struct record *r, record_fault *fn, void *arg)
{
	struct check c = { .r = r, .fn = fn, .arg = arg };

	for (size_t i = 0; i < RECORD_COUNT; i++)
		AM_TRY(r->list[i] != NULL
			? check_list(&c, (enum record_field)i)
			: check_text(&c, (enum record_field)i));
	if (!c.bad[RECORD_CONTACTS] && canon_size(r->list[RECORD_CONTACTS]) < 2)
		AM_TRY(tell(&c, RECORD_CONTACTS, "R-1", "two or more"));
	if (r->text[RECORD_PRICE].len > 0 && r->text[RECORD_CURRENCY].len == 0)
		AM_TRY(tell(&c, RECORD_CURRENCY, "R-1",
		    "missing, where there is a price"));
	AM_TRY(check_posts(&c));
	return check_terms(&c);
}

/* ---- dates */

static struct dates_span
span_of(const struct record *r, enum record_field f)
{
	struct dates_span s = { 0, false };

	/* one that is not there is none */
	return dates_span(r->text[f], &s) == AM_OK ? s
						   : (struct dates_span){ 0 };
}

static uint8_t
leads_of(const struct json_t *list, uint16_t out[static DATES_LEADS_MAX])
{
	uint8_t n = 0;

	for (size_t i = 0; i < canon_size(list) && n < DATES_LEADS_MAX; i++) {
		struct bytes text = { 0 };
		uint16_t days = 0;

		if (canon_at_text(list, i, &text) != AM_OK)
			continue;
		for (size_t k = 0; k < text.len; k++)
			days = (uint16_t)(days * 10 + (text.p[k] - '0'));
		out[n++] = days;
	}
	return n;
}

void
record_dates(const struct record *r, struct record_dates *out)
{
	static const uint16_t usual[] = { 180, 120, 90, 60, 30, 14, 7, 1 };
	struct dates_plan p = { 0 };
	int32_t start = 0;

	if (dates_parse(r->text[RECORD_START], &start) != AM_OK ||
	    dates_parse(r->text[RECORD_END], &p.term.end) != AM_OK)
		p.term.end = start = 0;
	p.term.of_month = dates_of_month(p.term.end);
	p.term.months = span_of(r, RECORD_RENEWS).count;
	p.notice = span_of(r, RECORD_NOTICE);
	p.procurement = span_of(r, RECORD_PROCUREMENT);
	p.margin = span_of(r, RECORD_MARGIN).count;
	p.repeat = r->text[RECORD_REPEAT].len == 0
	    ? 30
	    : span_of(r, RECORD_REPEAT).count;
	p.lead_count = leads_of(r->list[RECORD_LEADS], p.leads);
	if (p.lead_count == 0) {
		memcpy(p.leads, usual, sizeof(usual));
		p.lead_count = AM_ARRAY_LEN(usual);
	}
	p.after_count = leads_of(r->list[RECORD_AFTER], p.after);
	*out = (struct record_dates){ .start = start, .plan = p };
}
