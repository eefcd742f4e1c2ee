#include <stdarg.h>
#include <stdio.h>

#include "policy/terms.h"

/* ---- the rows */

static const char *const truth[] = { "false", "true", NULL };
static const char *const actions[] = { "warn", "refuse", NULL };
static const char *const hostings[] = { "any", "pakistan", NULL };
static const char *const attested[] = { "none", "recorded", "verified", NULL };
static const char *const certified[] = { "none",
	"fips140_level2_or_cc_eal4plus", "fips140_physical_level3", NULL };
static const char *const touches[] = { "default", "required", "every_operation",
	NULL };
static const char *const verified[] = { "required", NULL };
static const char *const stamped[] = { "none", "daily", "checkpoint", NULL };

#define IN(type, field) \
	.at = offsetof(type, field), .size = sizeof(((type *)NULL)->field)
#define L(field) .name = #field, IN(struct levels_level, field)
#define C(field) .name = #field, IN(struct levels_class, field)
#define COUNT(field, way, least, most)                                \
	{                                                             \
		L(field), .kind = TERMS_COUNT, .weaker = TERMS_##way, \
			  .min = (least), .max = (most)               \
	}
#define CHOICE(field, list)                                     \
	{                                                       \
		L(field), .kind = TERMS_CHOICE, .words = (list) \
	}
#define WORD(field, list)                                     \
	{                                                     \
		L(field), .kind = TERMS_WORD, .words = (list) \
	}
#define TIME(field, way, may)                                        \
	{                                                            \
		L(field), .kind = TERMS_TIME, .weaker = TERMS_##way, \
			  .flags = (may)                             \
	}

/* clang-format off */
const struct terms_row terms_level[] = {
	COUNT(quorum_k, LESS, 2, 15),
	COUNT(n_min, LESS, 3, 16),
	COUNT(n_max, MORE, 3, 16), /* more people hold a share */
	COUNT(head_surplus_min, LESS, 0, 14),
	COUNT(cut_min, LESS, 1, 16),
	CHOICE(cut_action, actions),
	COUNT(durable_holders_min, LESS, 0, 16),
	TIME(durable_horizon, LESS, 0),
	CHOICE(durable_action, actions),
	{ L(required_posts), .kind = TERMS_GROUPS },
	COUNT(eligible_per_required_post, LESS, 1, 16),
	CHOICE(eligible_action, actions),
	COUNT(max_same_reporting_line, MORE, 1, 16),
	{ L(requester_counts), .kind = TERMS_CHOICE, .words = truth,
	    .weaker = TERMS_MORE },
	TIME(cooloff_open, LESS, TERMS_ZERO),
	CHOICE(veto_by_decline, truth),
	TIME(cooloff_change, LESS, TERMS_ZERO),
	COUNT(breakglass_quorum, LESS, 2, 15),
	TIME(breakglass_cooloff, LESS, TERMS_ZERO),
	{ L(breakglass_notify), .kind = TERMS_NAMES },
	TIME(grant_life, MORE, 0),
	{ L(grant_uses_max), .kind = TERMS_COUNT, .weaker = TERMS_MORE,
	    .min = 1, .max = UINT16_MAX, .flags = TERMS_NULL },
	TIME(rotate_after_open, MORE, TERMS_NULL),
	TIME(rotate_routine, MORE, TERMS_NULL),
	TIME(login_test, MORE, TERMS_NULL),
	TIME(depart_suspend, MORE, TERMS_ZERO),
	TIME(depart_suspend_for_cause, MORE,
	    TERMS_NULL | TERMS_ZERO | TERMS_CAUSE),
	TIME(depart_reshare, MORE, 0),
	TIME(depart_rotate, MORE, 0),
	TIME(transfer_review, MORE, TERMS_NULL),
	TIME(appointment_confirm, MORE, TERMS_NULL),
	TIME(acceptance_renew, MORE, TERMS_NULL),
	CHOICE(token_attestation, attested),
	CHOICE(token_allow_list, truth),
	CHOICE(token_certification, certified),
	WORD(token_touch, touches),
	COUNT(token_models_min, LESS, 1, 16),
	CHOICE(token_advisory, actions),
	WORD(user_verification, verified),
	COUNT(pin_length_min, LESS, 4, 63), /* the range of CTAP2 */
	COUNT(tokens_per_custodian, LESS, 1, 8),
	COUNT(token_places_min, LESS, 1, 16),
	TIME(drill_interval, MORE, TERMS_NULL),
	TIME(liveness_interval, MORE, TERMS_NULL),
	TIME(access_review, MORE, TERMS_NULL),
	TIME(checkpoint_interval, MORE, 0),
	COUNT(checkpoint_statements, MORE, 1, UINT16_MAX),
	COUNT(witnesses_min, LESS, 0, 16),
	COUNT(witnesses_outside_min, LESS, 0, 16),
	WORD(timestamp, stamped),
	COUNT(timestamp_authorities, LESS, 0, 8),
	TIME(log_copy, MORE, TERMS_NULL | TERMS_POINT),
	TIME(log_keep, LESS, TERMS_NULL),
	{ L(recovery_set), .kind = TERMS_RECOVERY },
	TIME(breach_first, MORE, TERMS_NULL),
	TIME(breach_detail, MORE, TERMS_NULL),
	TIME(breach_final, MORE, TERMS_NULL),
	TIME(supplier_review, MORE, TERMS_NULL),
	CHOICE(supplier_review_at_renewal, truth),
	CHOICE(supplier_review_at_ownership_change, truth),
};

const struct terms_row terms_class[] = {
	{ .name = "csp_status", .kind = TERMS_STATUS },
	{ .name = "hosting", IN(struct levels_class, in_country), .kind = TERMS_CHOICE,
	    .words = hostings },
	{ C(open_criteria_shared), .kind = TERMS_CHOICE, .words = truth },
	{ C(approval_reference), .kind = TERMS_CHOICE, .words = truth },
	{ C(due_diligence_max_age), .kind = TERMS_TIME,
	    .weaker = TERMS_MORE, .flags = TERMS_NULL },
};
/* clang-format on */

const struct terms_row terms_model = {
	.name = "certification",
	IN(struct levels_model, certification),
	.kind = TERMS_CHOICE,
	.words = certified,
};

_Static_assert(AM_ARRAY_LEN(terms_level) == TERMS_LEVEL, "a key a row");
_Static_assert(AM_ARRAY_LEN(terms_class) == TERMS_CLASS, "a key a row");

/* ---- numbers and words */

static void *
place(const struct terms_row *row, void *of)
{
	return (uint8_t *)of + row->at;
}

static const void *
seen(const struct terms_row *row, const void *of)
{
	return (const uint8_t *)of + row->at;
}

/* Numbers, choices and truth are kept in fields of 1, 2 or 4 bytes. */
static uint32_t
get(const struct terms_row *row, const void *of)
{
	uint16_t two;
	uint32_t four;

	if (row->size == 1)
		return *(const uint8_t *)seen(row, of);
	if (row->size == 2) {
		memcpy(&two, seen(row, of), 2);
		return two;
	}
	memcpy(&four, seen(row, of), 4);
	return four;
}

static void
put(const struct terms_row *row, void *of, uint32_t value)
{
	const uint16_t two = (uint16_t)value;

	if (row->size == 1)
		*(uint8_t *)place(row, of) = (uint8_t)value;
	else if (row->size == 2)
		memcpy(place(row, of), &two, 2);
	else
		memcpy(place(row, of), &value, 4);
}

static enum am_err AM_PRINTF(2, 3) no(struct why *why, const char *fmt, ...)
{
	char text[WHY_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return why_say(why, AM_ERR_INCOMPLETE, "", "%s", text);
}

/* The digits that `text` begins with, and how many there are. */
static size_t
digits(const char *text, uint64_t *out)
{
	size_t n = 0;

	*out = 0;
	for (; text[n] >= '0' && text[n] <= '9' && n < 12; n++)
		*out = *out * 10 + (uint64_t)(text[n] - '0');
	return text[0] == '0' && n > 1 ? 0 : n;
}

AM_RESULT
terms_number(const char *text, uint32_t min, uint32_t max, uint32_t *out,
    struct why *why)
{
	uint64_t value;
	const size_t n = digits(text, &value);

	if (n == 0 || text[n] != '\0' || value < min || value > max)
		return no(why, "a number from %u to %u is needed, not '%s'",
		    min, max, text);
	*out = (uint32_t)value;
	return AM_OK;
}

static size_t
word_at(const char *const *words, const char *word)
{
	size_t i = 0;

	while (words[i] != NULL && strcmp(words[i], word) != 0)
		i++;
	return i;
}

/* "warn or refuse", for whoever wrote something else. */
static void
list_words(const char *const *words, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; words[i] != NULL && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s",
		    i == 0                     ? ""
			: words[i + 1] == NULL ? " or "
					       : ", ",
		    words[i]);
}

static AM_RESULT
find_word(
    const char *const *words, const char *word, size_t *out, struct why *why)
{
	char known[160];

	*out = word_at(words, word);
	if (words[*out] != NULL)
		return AM_OK;
	list_words(words, known, sizeof(known));
	return no(why, "'%s' is not %s", word, known);
}

/* ---- times */

enum { HOUR = 3600, DAY = 24 * HOUR, MONTH = 31 * DAY, YEAR = 366 * DAY };

static const struct {
	const char *name;
	int64_t seconds;
} units[] = { { "min", 60 }, { "h", HOUR }, { "d", DAY }, { "mo", MONTH },
	{ "y", YEAR } };

/*
 * The one way in which a time is written: the largest unit that it is a whole
 * number of, but nothing larger than hours below a week.
 */
static AM_RESULT
print_time(int64_t t, struct blob *out)
{
	size_t i = AM_ARRAY_LEN(units) - 1;

	if (t == LEVELS_NONE)
		return blob_text(out, "null");
	if (t == LEVELS_CHECKPOINT)
		return blob_text(out, "checkpoint");
	if (t < 7 * (int64_t)DAY)
		i = 1;
	while (i > 0 && t % units[i].seconds != 0)
		i--;
	return blob_printf(
	    out, "%lld%s", (long long)(t / units[i].seconds), units[i].name);
}

static AM_RESULT
read_span(const char *text, int64_t *out, struct why *why)
{
	uint64_t value;
	const size_t n = digits(text, &value);

	for (size_t i = 0; n > 0 && n < 7 && i < AM_ARRAY_LEN(units); i++)
		if (strcmp(text + n, units[i].name) == 0) {
			*out = (int64_t)value * units[i].seconds;
			if (*out <= 100 * (int64_t)YEAR)
				return AM_OK;
			return no(
			    why, "'%s' is more than a hundred years", text);
		}
	return no(why,
	    "'%s' is no time; times are written as 15min, 72h, 7d, "
	    "6mo or 10y",
	    text);
}

/* A time is written in one way, so that a list of values shows the file's. */
static AM_RESULT
check_spelling(const char *text, int64_t t, struct why *why)
{
	blob_auto right = { 0 };

	AM_TRY(print_time(t, &right));
	if (bytes_same(blob_bytes(&right),
		(struct bytes){ (const uint8_t *)text, strlen(text) }))
		return AM_OK;
	return no(why, "'%s' is written %.*s here", text, (int)right.len,
	    (const char *)right.p);
}

static AM_RESULT
take_time(const struct terms_row *row, const char *text, int64_t *out,
    struct why *why)
{
	int64_t t = 0;

	if (strcmp(text, "null") == 0) {
		*out = LEVELS_NONE;
		return (row->flags & TERMS_NULL) != 0
		    ? AM_OK
		    : no(why, "a time is needed; null is not possible here");
	}
	if (strcmp(text, "checkpoint") == 0) {
		*out = LEVELS_CHECKPOINT;
		return (row->flags & TERMS_POINT) != 0
		    ? AM_OK
		    : no(why, "a time is needed, not 'checkpoint'");
	}
	AM_TRY(read_span(text, &t, why));
	AM_TRY(check_spelling(text, t, why));
	if (t == 0 && (row->flags & TERMS_ZERO) == 0)
		return no(why, "a time longer than 0h is needed");
	*out = t;
	return AM_OK;
}

/* ---- lists */

static bool
is_name(const char *text)
{
	const size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return text[n] == '\0' && n > 0 && n <= LEVELS_NAME_MAX &&
	    text[0] >= 'a' && strcmp(text, "null") != 0;
}

static bool
has_name(
    size_t count, const char names[][LEVELS_NAME_MAX + 1], const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Adds a name to those that are there. */
static AM_RESULT
add_name(const char *name, char out[][LEVELS_NAME_MAX + 1], size_t *count,
    struct why *why)
{
	if (!is_name(name))
		return no(why,
		    "'%s' is no name: up to %d of a-z, 0-9 and _, a letter "
		    "first",
		    name, LEVELS_NAME_MAX);
	if (has_name(*count, out, name))
		return no(why, "'%s' is there twice", name);
	if (*count == LEVELS_WINGS_MAX)
		return no(why, "more than %d in a list", LEVELS_WINGS_MAX);
	(void)snprintf(out[(*count)++], LEVELS_NAME_MAX + 1, "%s", name);
	return AM_OK;
}

static AM_RESULT
take_names(
    const struct terms_list *list, struct levels_level *l, struct why *why)
{
	for (unsigned i = 0; i < list->count; i++)
		AM_TRY(add_name(list->names[i], l->breakglass_notify,
		    &l->notify_count, why));
	return AM_OK;
}

static AM_RESULT
take_groups(
    const struct terms_cell *cell, struct levels_level *l, struct why *why)
{
	if (cell->item_count == 0)
		return no(why, "a list of lists is needed");
	for (size_t i = 0; i < cell->item_count; i++) {
		const struct strict_item *item = &cell->items[i];
		struct levels_group *g;

		if (item->group == 0)
			return no(why,
			    "'%s' stands alone; each group is a "
			    "list",
			    item->word);
		if (item->group > LEVELS_GROUPS_MAX)
			return no(
			    why, "more than %d groups", LEVELS_GROUPS_MAX);
		l->group_count = item->group;
		g = &l->required_posts[item->group - 1];
		AM_TRY(add_name(item->word, g->wings, &g->count, why));
	}
	return AM_OK;
}

static AM_RESULT
take_status(
    const struct terms_list *list, struct levels_class *c, struct why *why)
{
	static const char *const known[] = { "registered", "accredited", NULL };
	bool *const flags[] = { &c->registered, &c->accredited };
	size_t at = 0;

	for (unsigned i = 0; i < list->count; i++) {
		AM_TRY(find_word(known, list->names[i], &at, why));
		if (*flags[at])
			return no(why, "'%s' is there twice", known[at]);
		*flags[at] = true;
	}
	return AM_OK;
}

static AM_RESULT
take_recovery(
    const struct terms_recovery *r, struct levels_level *l, struct why *why)
{
	uint32_t quorum = 0, members = 0;
	size_t disjoint = 0;

	l->has_recovery_set = r != NULL;
	if (r == NULL)
		return AM_OK;
	AM_TRY(terms_number(r->members, 3, 16, &members, why));
	AM_TRY(terms_number(r->quorum, 2, members - 1, &quorum, why));
	AM_TRY(find_word(truth, r->disjoint_persons, &disjoint, why));
	l->recovery_set = (struct levels_recovery){
		.quorum = (uint8_t)quorum,
		.members = (uint8_t)members,
		.disjoint_persons = disjoint == 1,
	};
	return AM_OK;
}

/* ---- one value */

static AM_RESULT
take_count(
    const struct terms_row *row, const char *text, void *of, struct why *why)
{
	uint32_t value = 0;

	if ((row->flags & TERMS_NULL) == 0 || strcmp(text, "null") != 0)
		AM_TRY(terms_number(text, row->min, row->max, &value, why));
	put(row, of, value);
	return AM_OK;
}

static AM_RESULT
take_word(
    const struct terms_row *row, const char *text, void *of, struct why *why)
{
	size_t at = 0;

	AM_TRY(find_word(row->words, text, &at, why));
	if (row->kind == TERMS_CHOICE)
		put(row, of, (uint32_t)at);
	else
		(void)snprintf(place(row, of), row->size, "%s", text);
	return AM_OK;
}

AM_RESULT
terms_take(const struct terms_row *row, const struct terms_cell *cell, void *of,
    struct why *why)
{
	struct levels_level *l = of;

	switch (row->kind) {
	case TERMS_COUNT:
		return take_count(row, cell->text, of, why);
	case TERMS_CHOICE:
	case TERMS_WORD:
		return take_word(row, cell->text, of, why);
	case TERMS_TIME:
		return take_time(row, cell->text, place(row, of), why);
	case TERMS_NAMES:
		return take_names(&cell->list, l, why);
	case TERMS_GROUPS:
		return take_groups(cell, l, why);
	case TERMS_STATUS:
		return take_status(&cell->list, of, why);
	case TERMS_RECOVERY:
		return take_recovery(cell->recovery, l, why);
	}
	return AM_ERR_INTERNAL;
}

/* ---- printing */

static AM_RESULT
print_names(
    size_t count, const char names[][LEVELS_NAME_MAX + 1], struct blob *out)
{
	AM_TRY(blob_text(out, "["));
	for (size_t i = 0; i < count; i++)
		AM_TRY(blob_printf(out, "%s%s", i > 0 ? ", " : "", names[i]));
	return blob_text(out, "]");
}

static AM_RESULT
print_groups(const struct levels_level *l, struct blob *out)
{
	AM_TRY(blob_text(out, "["));
	for (size_t i = 0; i < l->group_count; i++) {
		AM_TRY(blob_text(out, i > 0 ? ", " : ""));
		AM_TRY(print_names(l->required_posts[i].count,
		    l->required_posts[i].wings, out));
	}
	return blob_text(out, "]");
}

static AM_RESULT
print_recovery(const struct levels_level *l, struct blob *out)
{
	const struct levels_recovery *r = &l->recovery_set;

	if (!l->has_recovery_set)
		return blob_text(out, "null");
	return blob_printf(out,
	    "{quorum: %u, members: %u, disjoint_persons: %s}", r->quorum,
	    r->members, truth[r->disjoint_persons ? 1 : 0]);
}

static AM_RESULT
print_status(const struct levels_class *c, struct blob *out)
{
	return blob_printf(out, "[%s%s%s]", c->registered ? "registered" : "",
	    c->registered && c->accredited ? ", " : "",
	    c->accredited ? "accredited" : "");
}

static AM_RESULT
print_count(const struct terms_row *row, uint32_t value, struct blob *out)
{
	if (value == 0 && (row->flags & TERMS_NULL) != 0)
		return blob_text(out, "null");
	return blob_printf(out, "%u", value);
}

static int64_t
time_of(const struct terms_row *row, const void *of)
{
	return *(const int64_t *)seen(row, of);
}

AM_RESULT
terms_print(const struct terms_row *row, const void *of, struct blob *out)
{
	const struct levels_level *l = of;

	switch (row->kind) {
	case TERMS_COUNT:
		return print_count(row, get(row, of), out);
	case TERMS_CHOICE:
		return blob_text(out, row->words[get(row, of)]);
	case TERMS_WORD:
		return blob_text(out, seen(row, of));
	case TERMS_TIME:
		return print_time(time_of(row, of), out);
	case TERMS_NAMES:
		return print_names(l->notify_count, l->breakglass_notify, out);
	case TERMS_GROUPS:
		return print_groups(l, out);
	case TERMS_STATUS:
		return print_status(of, out);
	case TERMS_RECOVERY:
		return print_recovery(l, out);
	}
	return AM_ERR_INTERNAL;
}

/* ---- weaker */

/* What has no limit is the weakest, what is due at every checkpoint never. */
static int64_t
weight_of_time(const struct terms_row *row, const void *of)
{
	const struct levels_level *l = of;
	int64_t t = time_of(row, of);

	if (t == LEVELS_NONE && (row->flags & TERMS_CAUSE) != 0)
		t = l->depart_suspend;
	if (t == LEVELS_NONE)
		return row->weaker == TERMS_MORE ? INT64_MAX : 0;
	return t == LEVELS_CHECKPOINT ? 0 : t;
}

static int64_t
weight(const struct terms_row *row, const void *of)
{
	if (row->kind == TERMS_TIME)
		return weight_of_time(row, of);
	if (row->kind == TERMS_WORD)
		return (int64_t)word_at(row->words, seen(row, of));
	if (row->kind == TERMS_COUNT && (row->flags & TERMS_NULL) != 0 &&
	    get(row, of) == 0)
		return INT64_MAX;
	return get(row, of);
}

/* Whoever fills `b` fills `a` as well. */
static bool
narrower(const struct levels_group *a, const struct levels_group *b)
{
	for (size_t i = 0; i < b->count; i++)
		if (!has_name(a->count, a->wings, b->wings[i]))
			return false;
	return true;
}

/*
 * Each group of `a`, from `at` on, finds one of `b` of its own that is no
 * wider: since the persons of a quorum that fill groups differ, `b` then asks
 * for all that `a` does. Eight groups, so trying is cheap.
 */
static bool
kept(const struct levels_level *a, const struct levels_level *b, size_t at,
    unsigned used)
{
	if (at == a->group_count)
		return true;
	for (size_t i = 0; i < b->group_count; i++)
		if ((used & (1u << i)) == 0 &&
		    narrower(&a->required_posts[at], &b->required_posts[i]) &&
		    kept(a, b, at + 1, used | 1u << i))
			return true;
	return false;
}

static bool
fewer_told(const struct levels_level *a, const struct levels_level *b)
{
	for (size_t i = 0; i < a->notify_count; i++)
		if (!has_name(b->notify_count, b->breakglass_notify,
			a->breakglass_notify[i]))
			return true;
	return false;
}

static bool
weaker_recovery(const struct levels_level *a, const struct levels_level *b)
{
	const struct levels_recovery *x = &a->recovery_set,
				     *y = &b->recovery_set;

	if (!a->has_recovery_set || !b->has_recovery_set)
		return a->has_recovery_set;
	return y->quorum < x->quorum || y->members < x->members ||
	    (x->disjoint_persons && !y->disjoint_persons);
}

static bool
more_providers(const struct levels_class *a, const struct levels_class *b)
{
	return (b->registered && !a->registered) ||
	    (b->accredited && !a->accredited);
}

bool
terms_weaker(const struct terms_row *row, const void *a, const void *b)
{
	switch (row->kind) {
	case TERMS_COUNT:
	case TERMS_CHOICE:
	case TERMS_WORD:
	case TERMS_TIME:
		return row->weaker == TERMS_LESS
		    ? weight(row, b) < weight(row, a)
		    : weight(row, b) > weight(row, a);
	case TERMS_NAMES:
		return fewer_told(a, b);
	case TERMS_GROUPS:
		return !kept(a, b, 0, 0);
	case TERMS_STATUS:
		return more_providers(a, b);
	case TERMS_RECOVERY:
		return weaker_recovery(a, b);
	}
	return true;
}
