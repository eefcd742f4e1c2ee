#include "tests/foreign.h"
#include "vault/import/contracts.h"
#include "vault/import/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same as subscriptions, with that map or as it is. */
static void
read_contracts(const char *path, const char *map)
{
	struct contracts *c = NULL;
	struct contracts_row row;
	struct why why = { 0 };
	enum am_err err = contracts_open(path, map, &why, &c);

	while (err == AM_OK || (err == AM_ERR_INCOMPLETE && c != NULL)) {
		why = (struct why){ 0 };
		err = contracts_next(c, &row, &why);
		for (size_t i = 0; err == AM_OK && i < RECORD_COUNT + 1; i++)
			if (!row.bad[i] && row.cells.cells[i].text == NULL &&
			    row.cells.cells[i].list == NULL)
				abort();
	}
	if (err != AM_ERR_NOT_FOUND && why.text[0] == '\0')
		abort();
	contracts_free(c);
}

/* A map, a NUL, and the CSV that it is for. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size == 0 ? NULL : memchr(data, '\0', size);
	const size_t len = nul == NULL ? size : (size_t)(nul - data);
	foreign_auto m = foreign_file(data, len);
	foreign_auto f = foreign_file(
	    nul == NULL ? data : nul + 1, nul == NULL ? 0 : size - len - 1);
	const struct source_wish wish = { .safe = "s", .map = m.path };
	struct why why = { 0 };
	unsigned made, refused;
	const enum am_err err =
	    foreign_read(f.path, &wish, &why, &made, &refused);

	if (err != AM_ERR_NOT_FOUND && why.text[0] == '\0')
		abort();
	read_contracts(f.path, m.path);
	read_contracts(f.path, NULL);
	return 0;
}
