#include "cli/timeline.h"

#include "cli/picture.h"
#include "vault/register/dates.h"

/* The year is drawn WIDE units wide, and takes the room that the page has. */
enum { DAYS = 365, PER_DAY = 2, WIDE = DAYS * PER_DAY + 24, HEIGHT = 26 };
enum { MONTHS = 12, MIDDLE = HEIGHT / 2 };

static const char style[] =
    "body{font:12pt sans-serif;margin:2em}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #999;padding:.2em .5em;text-align:start}"
    ".late,.away{font-weight:bold}.late{background:#fdd}.away{background:#fe9}"
    ".day{white-space:nowrap}.year{width:55%}svg{display:block;width:100%;min-"
    "width:24em}"
    "@media print{body{font-size:9pt;margin:0}@page{size:A4 landscape}"
    "thead{display:table-header-group}tr{break-inside:avoid}"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

static void
put_day(FILE *to, int32_t day)
{
	char text[DATES_TEXT_LEN + 1];

	dates_text(day, text);
	fprintf(to, "<bdi>%s</bdi>", text);
}

static int
month_at(int32_t from, int32_t m)
{
	return (dates_add_months(from, m, dates_of_month(from)) - from) *
	    PER_DAY;
}

/* "2022-12", where every second month begins; what is drawn runs from left to right
 * whatever the language of the page. */
static void
put_months(FILE *to, int32_t from)
{
	fprintf(to,
	    "<svg viewBox=\"0 0 %d %d\" direction=\"ltr\" "
	    "aria-hidden=\"true\">",
	    WIDE, HEIGHT);
	for (int32_t m = 0; m < MONTHS; m += 2) {
		char text[DATES_TEXT_LEN + 1];

		dates_text(
		    dates_add_months(from, m, dates_of_month(from)), text);
		fprintf(to,
		    "<text x=\"%d\" y=\"18\" font-size=\"18\" "
		    "font-weight=\"normal\">%.7s</text>",
		    month_at(from, m), text);
	}
	fprintf(to, "</svg>");
}

AM_RESULT
timeline_begin(FILE *to, const char *vault, int32_t from)
{
	fprintf(to,
	    "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\"><head>"
	    "<meta charset=\"utf-8\"><title>Renewals</title><style>%s</style>"
	    "</head><body>\n<h1>Renewals of <bdi>",
	    style);
	AM_TRY(picture_text(to, vault));
	fprintf(to, "</bdi></h1>\n<p>A year from ");
	put_day(to, from);
	fprintf(to,
	    ", the most urgent first. D: decide by, and the time until then; "
	    "E: end. Marked: <span class=\"late\">LATE</span>, <span "
	    "class=\"away\">NO QUORUM THEN</span>.</p>\n"
	    "<table><thead><tr><th>Subscription</th><th>Owner</th><th>State"
	    "</th><th>Decide by</th><th>End</th><th>In reach</th>"
	    "<th class=\"year\">The year");
	put_months(to, from);
	fprintf(to, "</th></tr></thead><tbody>\n");
	return AM_OK;
}

/* Left of the year, in it, or right of it. */
static int
place(int32_t from, int32_t day)
{
	const int32_t at = day - from;

	return (at < 0 ? 0 : at > DAYS ? DAYS : at) * PER_DAY;
}

/* What lies beyond the year has no mark in it. */
static void
put_mark(FILE *to, int32_t from, int32_t day, const char *letter)
{
	const int x = place(from, day);

	if (day - from > DAYS)
		return;
	fprintf(to,
	    "<line x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\" "
	    "stroke-width=\"3\"/><text x=\"%d\" y=\"22\" font-size=\"18\" "
	    "stroke=\"none\" fill=\"#000\">%s</text>",
	    x, x, HEIGHT, x + 4, letter);
}

static void
put_bar(FILE *to, int x1, int x2, int width)
{
	if (x2 > x1)
		fprintf(to,
		    "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" "
		    "stroke-width=\"%d\"/>",
		    x1, x2, MIDDLE, MIDDLE, width);
}

static void
put_year(FILE *to, int32_t from, const struct timeline_row *r)
{
	const char *color = r->late ? "#b00"
	    : r->out_of_reach       ? "#a60"
				    : "#070";
	const int32_t decide = r->decide >= 0 ? r->decide : r->end;

	fprintf(to,
	    "<svg viewBox=\"0 0 %d %d\" direction=\"ltr\" role=\"img\" "
	    "aria-label=\"%s\">",
	    WIDE, HEIGHT,
	    r->late               ? "late"
		: r->out_of_reach ? "no quorum then"
				  : "in time");
	for (int32_t m = 0; m <= MONTHS; m++)
		fprintf(to,
		    "<line x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\" "
		    "stroke=\"#ccc\"/>",
		    month_at(from, m), month_at(from, m), HEIGHT);
	fprintf(to, "<g stroke=\"%s\">", color);
	put_bar(to, 0, place(from, decide), 6);
	put_bar(to, place(from, decide), place(from, r->end), 1);
	if (r->decide >= 0)
		put_mark(to, from, r->decide, "D");
	put_mark(to, from, r->end, "E");
	fprintf(to, "</g></svg>");
}

static AM_RESULT
put_cell(FILE *to, const char *class, const char *text)
{
	fprintf(to, "<td%s%s%s><bdi>", class[0] != '\0' ? " class=\"" : "",
	    class, class[0] != '\0' ? "\"" : "");
	AM_TRY(picture_text(to, text));
	fprintf(to, "</bdi></td>");
	return AM_OK;
}

AM_RESULT
timeline_row(FILE *to, int32_t from, const struct timeline_row *r)
{
	fprintf(to, "<tr><td><bdi>");
	AM_TRY(picture_text(to, r->id));
	fprintf(to, "</bdi><br><bdi>");
	AM_TRY(picture_text(to, r->name));
	fprintf(to, "</bdi></td>");
	AM_TRY(put_cell(to, "", r->owner));
	AM_TRY(put_cell(to, "", r->state));
	fprintf(to, "<td class=\"day%s\">", r->late ? " late" : "");
	if (r->decide >= 0)
		put_day(to, r->decide);
	fprintf(to, "%s</td><td class=\"day\">", r->late ? " LATE" : "");
	put_day(to, r->end);
	fprintf(to, "</td>");
	AM_TRY(put_cell(to, r->out_of_reach ? "away" : "", r->reach));
	fprintf(to, "<td>");
	put_year(to, from, r);
	fprintf(to, "</td></tr>\n");
	return AM_OK;
}

void
timeline_end(FILE *to)
{
	fprintf(to, "</tbody></table></body></html>\n");
}
