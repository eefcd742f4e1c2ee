#include "tests/foreign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	foreign_auto f = foreign_file(data, size);

	foreign_holds(&f, "bitwarden");
	return 0;
}
