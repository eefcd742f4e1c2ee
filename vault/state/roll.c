#include "vault/state/roll.h"

static const char table[] = "record-n";

static struct rows_key
page_key(const uint8_t safe[static 16], uint64_t page)
{
	return rows_key_with_u64((struct bytes){ safe, 16 }, page);
}

AM_RESULT
roll_add(const struct view *v, const uint8_t safe[static 16], uint64_t number,
    const uint8_t record[static 16])
{
	const struct rows_key key = page_key(safe, number / ROLL_PAGE);
	const size_t at = (size_t)(number % ROLL_PAGE);
	blob_auto page = { 0 };
	enum am_err err = AM_ERR_NOT_FOUND;

	if (at > 0)
		err = view_get(v, table, rows_key(&key), &page);
	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	if (page.len != at * 16)
		return AM_ERR_CORRUPT;
	AM_TRY(blob_add(&page, (struct bytes){ record, 16 }));
	return view_put(v, table, rows_key(&key), blob_bytes(&page));
}

static AM_RESULT
read_page(const struct view *v, const uint8_t safe[static 16], uint64_t number,
    struct roll *out)
{
	const struct rows_key key = page_key(safe, number);
	blob_auto page = { 0 };

	AM_TRY(view_get(v, table, rows_key(&key), &page));
	if (page.len == 0 || page.len % 16 != 0 ||
	    page.len > sizeof(out->records))
		return AM_ERR_CORRUPT;
	memcpy(out->records, page.p, page.len);
	out->count = page.len / 16;
	out->page = number;
	return AM_OK;
}

AM_RESULT
roll_nth(const struct view *v, const uint8_t safe[static 16], uint64_t number,
    struct roll *kept, uint8_t out[static 16])
{
	const uint64_t page = number / ROLL_PAGE;
	const size_t at = (size_t)(number % ROLL_PAGE);

	if (kept->count == 0 || kept->page != page)
		AM_TRY(read_page(v, safe, page, kept));
	if (at >= kept->count)
		return AM_ERR_NOT_FOUND;
	memcpy(out, kept->records[at], 16);
	return AM_OK;
}
