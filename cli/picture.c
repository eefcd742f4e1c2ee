#include "cli/picture.h"

#include "cli/out.h"
#include "vault/base/when.h"

/* Of the drawing, in its own units. */
enum {
	LEFT = 230,
	WIDTH = 760,
	RIGHT = LEFT + WIDTH,
	TOP = 30,
	ROW = 26,
	BAR = 16,
	LANE = 7,    /* of two in a bar */
	GRAPH = 200, /* height of the graph below */
	GAP = 40,
	TICKS = 8
};
static const int64_t year_10000 = 253402300800;

struct page {
	FILE *to;
	enum am_err err;   /* the first */
	size_t number;     /* of the safe */
	int64_t from, end; /* of the horizon */
};

/* ---- text */

static void
put_html(FILE *to, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		switch (text.p[i]) {
		case '&':
			(void)fputs("&amp;", to);
			break;
		case '<':
			(void)fputs("&lt;", to);
			break;
		case '>':
			(void)fputs("&gt;", to);
			break;
		case '"':
			(void)fputs("&quot;", to);
			break;
		case '\'':
			(void)fputs("&#39;", to);
			break;
		default:
			(void)fputc(text.p[i], to);
			break;
		}
}

AM_RESULT
picture_text(FILE *to, const char *text)
{
	blob_auto shown = { 0 };

	AM_TRY(out_escape(
	    &shown, (struct bytes){ (const uint8_t *)text, strlen(text) }));
	put_html(to, blob_bytes(&shown));
	return AM_OK;
}

static void
put_text(struct page *p, const char *text)
{
	const enum am_err err = picture_text(p->to, text);

	if (p->err == AM_OK)
		p->err = err;
}

static void
put_when(struct page *p, int64_t t)
{
	char text[WHEN_TEXT_LEN + 1];

	if (t < 0 || t >= year_10000) {
		(void)fputs(t < 0 ? "always" : "no end", p->to);
		return;
	}
	when_text(t, text);
	(void)fputs(text, p->to);
}

static void
put_people(struct page *p, const struct lockout_case *c, uint16_t who)
{
	const char *between = "";

	for (size_t i = 0; i < c->n; i++)
		if ((who >> i & 1) != 0) {
			(void)fputs(between, p->to);
			put_text(p, c->people[i].id);
			between = " + ";
		}
}

/* ---- findings, and cuts */

static void
put_findings(struct page *p, const struct picture_safe *s)
{
	(void)fputs("<h3>Findings</h3>\n", p->to);
	if (s->sentence_count == 0) {
		(void)fputs("<p>None.</p>\n", p->to);
		return;
	}
	(void)fputs("<ul>\n", p->to);
	for (size_t i = 0; i < s->sentence_count; i++) {
		(void)fputs("<li>", p->to);
		put_text(p, s->sentences[i]);
		(void)fputs("</li>\n", p->to);
	}
	(void)fputs("</ul>\n", p->to);
}

static void
put_cuts(struct page *p, const struct lockout_case *c, const char *heading,
    const struct lockout_cut *cuts, size_t count)
{
	(void)fprintf(p->to, "<h3>%s</h3>\n", heading);
	if (count == 0) {
		(void)fputs("<p>None.</p>\n", p->to);
		return;
	}
	(void)fputs("<ul>\n", p->to);
	for (size_t i = 0; i < count; i++) {
		(void)fputs("<li>", p->to);
		put_people(p, c, cuts[i].who);
		if (cuts[i].group != LOCKOUT_NO_GROUP) {
			(void)fputs(" (post group &quot;", p->to);
			put_text(p, c->group_names[cuts[i].group]);
			(void)fputs("&quot;)", p->to);
		}
		(void)fputs("</li>\n", p->to);
	}
	(void)fputs("</ul>\n", p->to);
}

static void
put_standing(struct page *p, const struct picture_safe *s)
{
	const struct lockout_today *t = &s->l->today;

	(void)fputs("<p>On ", p->to);
	put_when(p, s->c->now);
	(void)fprintf(p->to,
	    ": %s; %u are needed, %d of %zu custodians are eligible; head "
	    "surplus %d; smallest cut %u.</p>\n",
	    t->possible ? "a quorum is possible" : "NO QUORUM", s->c->rule.need,
	    __builtin_popcount(t->eligible), s->c->n, t->surplus, t->cut);
}

/* ---- the drawing */

static double
x_of(const struct page *p, int64_t t)
{
	if (t <= p->from)
		return LEFT;
	if (t >= p->end)
		return RIGHT;
	return LEFT +
	    WIDTH * ((double)t - (double)p->from) /
	    ((double)p->end - (double)p->from);
}

static void
put_label(struct page *p, double x, double y, const char *anchor)
{
	(void)fprintf(p->to, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
	    x, y, anchor);
}

/* Opens a box over a span, with a title to be filled; false: out of sight. */
static bool
open_box(struct page *p, int64_t from, int64_t until, double y, int height,
    const char *class)
{
	if (until <= p->from || from >= p->end || until <= from)
		return false;
	(void)fprintf(p->to,
	    "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
	    "height=\"%d\"",
	    class, x_of(p, from), y, x_of(p, until) - x_of(p, from), height);
	if (strcmp(class, "away") == 0)
		(void)fprintf(p->to, " fill=\"url(#away%zu)\"", p->number);
	(void)fputs("><title>", p->to);
	return true;
}

static void
close_box(struct page *p, int64_t from, int64_t until)
{
	put_when(p, from);
	(void)fputs(" to ", p->to);
	put_when(p, until);
	(void)fputs("</title></rect>\n", p->to);
}

/* "word text, ", unless there is none. */
static void
put_known(struct page *p, const char *word, const char *text)
{
	if (*text == '\0')
		return;
	(void)fputs(word, p->to);
	put_text(p, text);
	(void)fputs(", ", p->to);
}

/* Substantive ones above, what is held beside them below. */
static void
draw_appointment(
    struct page *p, const struct lockout_person *who, size_t i, double y)
{
	const struct quorum_appointment *a = &who->held.appointments[i];
	const bool own = who->orders[i].substantive;

	if (!open_box(p, a->from, a->until, own ? y : y + BAR - LANE, LANE,
		own ? "own" : "charge"))
		return;
	put_known(p, "", who->orders[i].post);
	put_known(p, "order ", who->orders[i].order);
	close_box(p, a->from, a->until);
}

static void
draw_proof(struct page *p, const struct lockout_person *who, double y)
{
	if (who->proof_until >= p->end)
		return;
	(void)fprintf(p->to,
	    "<path class=\"proof\" d=\"M%.1f %.1fv%d\"></path>\n",
	    x_of(p, who->proof_until), y - 2, BAR + 4);
	put_label(p, x_of(p, who->proof_until) + 3, y + BAR - 3, "start");
	(void)fputs(
	    who->proof_until <= p->from ? "proof overdue" : "proof", p->to);
	(void)fputs("</text>\n", p->to);
}

static void
draw_person(struct page *p, const struct lockout_person *who, double y)
{
	put_label(p, LEFT - 8, y + BAR - 3, "end");
	put_text(p, who->id);
	(void)fprintf(p->to, "%s</text>\n", who->out ? " (out)" : "");
	for (size_t i = 0; i < who->held.count; i++)
		draw_appointment(p, who, i, y);
	if (who->held.count == 0 &&
	    open_box(p, p->from, p->end, y, LANE, "own")) {
		(void)fputs("no appointment asked, ", p->to);
		close_box(p, p->from, QUORUM_NO_END);
	}
	for (size_t i = 0; i < who->absence_count; i++) {
		const struct lockout_span *a = &who->absences[i];

		if (!open_box(p, a->from, a->until, y, BAR, "away"))
			continue;
		(void)fputs("absent, ", p->to);
		close_box(p, a->from, a->until);
	}
	draw_proof(p, who, y);
}

/* Dates above, down to `bottom`. */
static void
draw_ticks(struct page *p, double bottom)
{
	for (int i = 0; i <= TICKS; i++) {
		const int64_t t = p->from + (p->end - p->from) / TICKS * i;
		char text[WHEN_TEXT_LEN + 1] = "";

		if (t >= 0 && t < year_10000)
			when_text(t, text);
		(void)fprintf(p->to,
		    "<path class=\"tick\" d=\"M%.1f %dV%.1f\"></path>\n",
		    x_of(p, t), TOP - 8, bottom);
		put_label(p, x_of(p, t), TOP - 14, "middle");
		(void)fprintf(p->to, "%.10s</text>\n", text);
	}
}

static double
y_of(double top, int people, size_t n)
{
	return top + GRAPH - (double)GRAPH * people / (double)(n + 1);
}

static void
draw_level(
    struct page *p, double y, const char *class, const char *words, int people)
{
	(void)fprintf(p->to, "<path class=\"%s\" d=\"M%d %.1fH%d\"></path>\n",
	    class, LEFT, y, RIGHT);
	put_label(p, LEFT - 8, y + 4, "end");
	(void)fprintf(p->to, "%s %d</text>\n", words, people);
}

/* How many are eligible over time: a step at each point. */
static void
draw_graph(struct page *p, const struct picture_safe *s, double top)
{
	const struct lockout_case *c = s->c;
	const int need = c->rule.need, enough = need + c->minima.head_surplus;
	const struct lockout_point *points = s->l->points;

	draw_level(p, y_of(top, 0, c->n), "axis", "eligible people", 0);
	draw_level(p, y_of(top, need, c->n), "need", "a quorum needs", need);
	if (enough != need)
		draw_level(p, y_of(top, enough, c->n), "enough",
		    "with the surplus", enough);
	for (size_t i = 0; i < s->l->point_count; i++) {
		const int people = __builtin_popcount(points[i].eligible);
		const bool last = i + 1 == s->l->point_count;

		(void)fprintf(p->to, "%s%.1f %.1fH%.1f",
		    i == 0 ? "<path class=\"line\" d=\"M" : "L",
		    x_of(p, points[i].at), y_of(top, people, c->n),
		    x_of(p, last ? p->end : points[i + 1].at));
	}
	(void)fputs("\"></path>\n", p->to);
}

static void
put_hatch(struct page *p)
{
	(void)fprintf(p->to,
	    "<defs><pattern id=\"away%zu\" width=\"6\" height=\"6\" "
	    "patternUnits=\"userSpaceOnUse\"><path class=\"hatch\" "
	    "d=\"M0 6L6 0\"></path></pattern></defs>\n",
	    p->number);
}

static void
put_drawing(struct page *p, const struct picture_safe *s)
{
	const int top = TOP + ROW * (int)s->c->n + GAP;

	(void)fprintf(p->to,
	    "<figure>\n<svg viewBox=\"0 0 %d %d\" direction=\"ltr\" "
	    "role=\"img\" aria-labelledby=\"t%zu\">\n<title "
	    "id=\"t%zu\">Appointments and "
	    "eligible custodians of ",
	    RIGHT + 45, top + GRAPH + 20, p->number, p->number);
	put_text(p, s->name);
	(void)fputs("; the table below says the same</title>\n", p->to);
	put_hatch(p);
	draw_ticks(p, top + GRAPH);
	for (size_t i = 0; i < s->c->n; i++)
		draw_person(p, &s->c->people[i], TOP + ROW * (double)i);
	draw_graph(p, s, top);
	(void)fputs(
	    "</svg>\n<figcaption>Boxes: appointments, substantive above with "
	    "a solid edge, others with a dashed one. Hatched: absent. "
	    "Bar with &quot;proof&quot;: the next proof is due. Below: "
	    "a thick line for the eligible custodians, proofs taken to "
	    "be renewed; dashed: what a quorum needs; dotted: with the "
	    "surplus of the level.</figcaption>\n</figure>\n",
	    p->to);
}

/* ---- the calendar */

static void
put_row(struct page *p, const struct lockout_case *c,
    const struct lockout_point *pt)
{
	(void)fputs("<tr><td>", p->to);
	put_when(p, pt->at);
	(void)fprintf(p->to,
	    "</td><td>%d</td><td>%d</td><td>%u</td><td>%s</td>",
	    __builtin_popcount(pt->eligible), pt->surplus, pt->cut,
	    pt->possible ? "yes" : "NO QUORUM");
	(void)fputs("<td>", p->to);
	put_people(p, c, pt->ending);
	(void)fputs("</td></tr>\n", p->to);
}

static void
put_calendar(struct page *p, const struct picture_safe *s)
{
	(void)fputs(
	    "<table>\n<caption>What changes, and when (UTC; in Pakistan "
	    "five hours later)</caption>\n<thead><tr><th>from</th>"
	    "<th>eligible</th><th>surplus</th><th>smallest cut</th>"
	    "<th>quorum</th><th>an appointment ends of</th></tr>"
	    "</thead>\n<tbody>\n",
	    p->to);
	for (size_t i = 0; i < s->l->point_count; i++)
		put_row(p, s->c, &s->l->points[i]);
	(void)fputs("</tbody>\n</table>\n", p->to);
}

/* ---- the page */

static const char style[] =
    "body{font:12pt/1.4 sans-serif;color:#000;background:#fff;"
    "max-width:64em;margin:2em auto;padding:0 1em}"
    "svg{width:100%;height:auto;font:11px sans-serif}"
    "figure{margin:1em 0}"
    "rect{stroke:#000;stroke-width:1.2}"
    ".own{fill:#cde}.charge{fill:#eee;fill-opacity:.7;stroke-dasharray:4 3}"
    "path{fill:none;stroke:#000}"
    ".hatch{stroke-width:1.5}.proof{stroke-width:3}"
    ".tick{stroke:#bbb}.line{stroke-width:3.5}"
    ".need{stroke-width:1.5;stroke-dasharray:8 4}"
    ".enough{stroke-width:1.5;stroke-dasharray:2 4}"
    "table{border-collapse:collapse}caption{text-align:start}"
    "td,th{border:1px solid #666;padding:.2em .6em;text-align:start}"
    "@media print{body{margin:0;max-width:none}"
    "section{break-before:page}section:first-of-type{break-before:auto}"
    "figure,tr{break-inside:avoid}}";

static void
put_safe(struct page *p, const struct picture_safe *s)
{
	const struct lockout_case *c = s->c;

	/* within what a date can be written of */
	p->from = c->now < year_10000 ? c->now : year_10000 - 1;
	if (__builtin_add_overflow(p->from, c->horizon, &p->end) ||
	    p->end > year_10000)
		p->end = year_10000;
	(void)fputs("<section>\n<h2>Safe ", p->to);
	put_text(p, s->name);
	(void)fputs("</h2>\n", p->to);
	put_standing(p, s);
	put_findings(p, s);
	put_cuts(p, c, "One departure locks it", s->l->today.singles,
	    s->l->today.single_count);
	put_cuts(p, c, "Two departures lock it", s->l->today.pairs,
	    s->l->today.pair_count);
	put_drawing(p, s);
	put_calendar(p, s);
	(void)fputs("</section>\n", p->to);
}

AM_RESULT
picture_write(
    FILE *to, const char *title, const struct picture_safe *safes, size_t count)
{
	struct page p = { .to = to };

	(void)fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		    "<meta charset=\"utf-8\">\n<title>",
	    to);
	put_text(&p, title);
	(void)fprintf(
	    to, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
	put_text(&p, title);
	(void)fputs("</h1>\n", to);
	for (size_t i = 0; i < count; i++) {
		p.number = i;
		put_safe(&p, &safes[i]);
	}
	(void)fputs("</body>\n</html>\n", to);
	if (p.err != AM_OK)
		return p.err;
	return fflush(to) == 0 && ferror(to) == 0 ? AM_OK : AM_ERR_IO;
}
