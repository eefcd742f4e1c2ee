#include "tests/zipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	foreign_auto f = zipped(data, size, false);

	foreign_holds(&f, "1pux");
	return 0;
}
