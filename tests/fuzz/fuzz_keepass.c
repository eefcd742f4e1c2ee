#include "tests/foreign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is read alike again, and every refusal has its sentence. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct source_wish wish = { .safe = "s", .format = "keepass" };
	foreign_auto f = foreign_file(data, size);
	struct why why = { 0 };
	unsigned made, refused;
	const enum am_err err =
	    foreign_read(f.path, &wish, &why, &made, &refused);

	if (err != AM_ERR_NOT_FOUND && err != AM_ERR_CORRUPT &&
	    err != AM_ERR_INCOMPLETE)
		abort();
	if (err != AM_ERR_NOT_FOUND && why.text[0] == '\0')
		abort();
	return 0;
}
