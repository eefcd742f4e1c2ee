#include "tests/foreign.h"
#include "vault/import/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	return 0;
}
