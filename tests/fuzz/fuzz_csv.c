#include "vault/base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes cells again, all quoted, and reads them back. */
static void
again(const struct csv_row *row, size_t size)
{
	uint8_t *text = malloc(2 * size + 3 * CSV_CELLS_MAX);
	struct csv_row back;
	size_t n = 0, used = 0;

	if (text == NULL)
		abort();
	for (size_t i = 0; i < row->count; i++) {
		text[n++] = '"';
		for (size_t j = 0; j < row->cells[i].len; j++) {
			if (row->cells[i].p[j] == '"')
				text[n++] = '"';
			text[n++] = row->cells[i].p[j];
		}
		text[n++] = '"';
		text[n++] = i + 1 < row->count ? ',' : '\n';
	}
	if (csv_read(',', text, n, false, &back, &used) != AM_OK || used != n ||
	    back.count != row->count)
		abort();
	for (size_t i = 0; i < row->count; i++)
		if (!bytes_same(row->cells[i], back.cells[i]))
			abort();
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *text = malloc(size + 1);
	size_t at = 0, used = 0;
	struct csv_row row;

	if (text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	while (
	    csv_read(',', text + at, size - at, true, &row, &used) == AM_OK) {
		if (used == 0 || used > size - at)
			abort();
		again(&row, size);
		at += used;
	}
	free(text);
	return 0;
}
