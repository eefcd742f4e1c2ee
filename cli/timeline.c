#include "cli/timeline.h"

#include "cli/picture.h"
#include "vault/register/dates.h"

enum { DAYS = 365, PER_DAY = 2, HEIGHT = 22, MONTHS = 12 };

static const char style[] =
    "body{font:12pt sans-serif;margin:2em}"
    "table{border-collapse:collapse}"
    "td,th{border:1px solid #999;padding:.2em .5em;text-align:start}"
    ".late,.away{font-weight:bold}.late{background:#fdd}.away{background:#fe9}"
    "svg{display:block}@media print{@page{size:A3 landscape}}";

static void
put_day(FILE *to, int32_t day)
{
	char text[DATES_TEXT_LEN + 1];

	dates_text(day, text);
	fprintf(to, "<bdi>%s</bdi>", text);
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
	    ", the most urgent first. D: decide by; E: end; a thin line is a "
	    "month. Marked: <span class=\"late\">LATE</span>, <span "
	    "class=\"away\">NO QUORUM THEN</span>.</p>\n"
	    "<table><thead><tr><th>Subscription</th><th>Owner</th><th>State"
	    "</th><th>Decide by</th><th>End</th><th>In reach</th><th>The year"
	    "</th></tr></thead><tbody>\n");
	return AM_OK;
}

/* Left of the year, in it, or right of it. */
static int
place(int32_t from, int32_t day)
{
	const int32_t at = day - from;

	return (at < 0 ? 0 : at > DAYS ? DAYS : at) * PER_DAY;
}

static void
put_mark(FILE *to, int x, const char *letter, const char *fill)
{
	fprintf(to,
	    "<line x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\" stroke=\"%s\" "
	    "stroke-width=\"3\"/><text x=\"%d\" y=\"16\" font-size=\"12\">%s"
	    "</text>",
	    x, x, HEIGHT, fill, x + 4, letter);
}

static void
put_year(FILE *to, int32_t from, const struct timeline_row *r)
{
	const char *fill = r->late ? "#b00" : r->out_of_reach ? "#a60" : "#070";

	fprintf(to,
	    "<svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">",
	    DAYS * PER_DAY + 20, HEIGHT,
	    r->late               ? "late"
		: r->out_of_reach ? "no quorum then"
				  : "in time");
	for (int32_t m = 0; m <= MONTHS; m++) {
		const int x = place(
		    from, dates_add_months(from, m, dates_of_month(from)));

		fprintf(to,
		    "<line x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\" "
		    "stroke=\"#ccc\"/>",
		    x, x, HEIGHT);
	}
	if (r->decide >= 0)
		put_mark(to, place(from, r->decide), "D", fill);
	put_mark(to, place(from, r->end), "E", fill);
	fprintf(to, "</svg>");
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
	fprintf(to, "<td%s>", r->late ? " class=\"late\"" : "");
	if (r->decide >= 0)
		put_day(to, r->decide);
	fprintf(to, "%s</td><td>", r->late ? " LATE" : "");
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
