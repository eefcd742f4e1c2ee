#include "policy/flat.h"
#include "vault/register/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the file, it is read or refused with a line, twice the same; and
 * what is read becomes days and lengths, or is refused. */
static void
look_at(const char *text)
{
	const struct bytes b = { (const uint8_t *)text, strlen(text) };
	char again[DATES_TEXT_LEN + 1];
	struct dates_span span;
	int32_t day;

	(void)record_is_mail(b);
	(void)record_is_free_mail(b);
	if (dates_span(b, &span) == AM_OK && span.count > DATES_LEAD_MAX)
		abort();
	if (dates_parse(b, &day) != AM_OK)
		return;
	dates_text(day, again);
	if (strcmp(again, text) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct flat_field fields[] = { { "name", false },
		{ "end", false }, { "leads", true }, { "contacts", true } };
	enum { COUNT = sizeof(fields) / sizeof(fields[0]) };
	struct why why = { 0 }, same = { 0 };
	struct flat *f = NULL, *again = NULL;
	const enum am_err err =
	    flat_read((struct bytes){ data, size }, fields, COUNT, &f, &why);

	if (flat_read((struct bytes){ data, size }, fields, COUNT, &again,
		&same) != err ||
	    strcmp(why.text, same.text) != 0)
		abort();
	if (err != AM_OK && strncmp(why.text, "line ", 5) != 0)
		abort();
	for (size_t i = 0; err == AM_OK && i < COUNT; i++) {
		if (f->cells[i].text != NULL)
			look_at(f->cells[i].text);
		for (unsigned k = 0; k < f->cells[i].count; k++)
			look_at(f->cells[i].list[k]);
	}
	flat_free(&f, fields, COUNT);
	flat_free(&again, fields, COUNT);
	return 0;
}
