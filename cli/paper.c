#include "cli/paper.h"

#include "vault/base/enc.h"
#include "vault/base/when.h"

/* ---- Markdown: text of others is text, and no markup */

static AM_RESULT
write_text(struct paper *p, struct bytes text)
{
	static const char markup[] = "\\`*_[]<>#|&~";
	blob_auto plain = { 0 };

	AM_TRY(out_escape(&plain, text));
	for (size_t i = 0; i < plain.len; i++) {
		if (memchr(markup, plain.p[i], sizeof(markup) - 1) != NULL)
			(void)fputc('\\', p->to);
		(void)fputc(plain.p[i], p->to);
	}
	return AM_OK;
}

static void
write_label(struct paper *p, const char *key)
{
	for (; *key != '\0'; key++)
		(void)fputc(*key == '_' ? ' ' : *key, p->to);
}

static void
end_line(struct paper *p)
{
	if (p->line)
		(void)fputc('\n', p->to);
	p->line = false;
}

static void
begin_item(struct paper *p)
{
	end_line(p);
	if (p->fresh)
		(void)fputc('\n', p->to);
	p->fresh = false;
	for (unsigned i = 1; i < p->depth; i++)
		(void)fputs("  ", p->to);
	(void)fputs("- ", p->to);
	p->line = true;
	p->some = false;
}

/* "- key: " of a section, "; key: " within a row. */
static void
begin_field(struct paper *p, const char *key)
{
	if (p->depth == 0)
		begin_item(p);
	else if (p->some)
		(void)fputs("; ", p->to);
	p->some = true;
	write_label(p, key);
	(void)fputs(": ", p->to);
}

/* ---- both */

void
paper_begin(struct paper *p, FILE *to, bool md, const char *title)
{
	*p = (struct paper){ .to = to, .md = md, .j = { .to = to } };
	if (md)
		(void)fprintf(to, "# %s\n", title);
	else
		out_json_open(&p->j, NULL, '{');
}

void
paper_end(struct paper *p)
{
	end_line(p);
	if (!p->md)
		out_json_end(&p->j);
}

void
paper_section(struct paper *p, const char *key, const char *title)
{
	end_line(p);
	p->fresh = true;
	if (p->md)
		(void)fprintf(p->to, "\n## %s\n", title);
	else
		out_json_open(&p->j, key, '{');
}

void
paper_section_end(struct paper *p)
{
	end_line(p);
	if (!p->md)
		out_json_close(&p->j);
}

/* In Markdown a list of a section has a heading, one of a row is an item of its
 * own below the row. */
void
paper_list(struct paper *p, const char *key)
{
	if (!p->md) {
		out_json_open(&p->j, key, '[');
	} else if (p->depth == 0) {
		end_line(p);
		p->fresh = true;
		(void)fputs("\n### ", p->to);
		write_label(p, key);
		(void)fputc('\n', p->to);
		p->depth = 1;
	} else {
		p->depth++;
		begin_item(p);
		write_label(p, key);
		(void)fputc(':', p->to);
		p->depth++;
	}
	p->some = false;
}

/* An empty list says so: nothing was left out. */
void
paper_list_end(struct paper *p)
{
	if (!p->md) {
		out_json_close(&p->j);
		return;
	}
	if (!p->some && p->depth == 1) {
		begin_item(p);
		(void)fputs("none", p->to);
	} else if (!p->some) {
		(void)fputs(" none", p->to);
	}
	p->depth -= p->depth == 1 ? 1 : 2;
	p->some = true;
}

void
paper_row(struct paper *p)
{
	if (p->md)
		begin_item(p);
	else
		out_json_open(&p->j, NULL, '{');
}

void
paper_row_end(struct paper *p)
{
	if (!p->md)
		out_json_close(&p->j);
	p->some = true;
}

AM_RESULT
paper_bytes(struct paper *p, const char *key, struct bytes value)
{
	if (!p->md) {
		out_json_str(&p->j, key, value);
		return AM_OK;
	}
	begin_field(p, key);
	if (value.len > 0)
		return write_text(p, value);
	(void)fputs("none", p->to);
	return AM_OK;
}

AM_RESULT
paper_text(struct paper *p, const char *key, const char *value)
{
	return paper_bytes(
	    p, key, (struct bytes){ (const uint8_t *)value, strlen(value) });
}

AM_RESULT
paper_uint(struct paper *p, const char *key, uint64_t value)
{
	if (!p->md) {
		out_json_uint(&p->j, key, value);
		return AM_OK;
	}
	begin_field(p, key);
	(void)fprintf(p->to, "%llu", (unsigned long long)value);
	return AM_OK;
}

AM_RESULT
paper_when(struct paper *p, const char *key, int64_t at)
{
	char text[WHEN_TEXT_LEN + 1];

	if (at == 0)
		return paper_unknown(p, key);
	when_text(at, text);
	return paper_text(p, key, text);
}

AM_RESULT
paper_hex(struct paper *p, const char *key, struct bytes id)
{
	char text[ENC_HEX_LEN(32) + 1];

	if (id.len > 32)
		return AM_ERR_INTERNAL;
	enc_hex(id, text);
	return paper_text(p, key, text);
}

AM_RESULT
paper_unknown(struct paper *p, const char *key)
{
	return paper_text(p, key, "unknown");
}
