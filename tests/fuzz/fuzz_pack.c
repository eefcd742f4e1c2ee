#include <sodium.h>

#include "vault/store/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first 16 bytes are the vault's id, the rest is the tail of a backup;
 * what is accepted is written again, and must be the same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pack_tail t;
	struct pack_entry e;
	blob_auto again = { 0 };
	size_t count = 0;

	if (size < 16 ||
	    pack_tail_read((struct bytes){ data + 16, size - 16 }, data, &t) !=
		AM_OK)
		return 0;
	if (pack_tail_start(&again, data, t.note) != AM_OK)
		abort();
	for (; pack_bag(&t.bags, &e) == AM_OK; count++)
		if (pack_tail_add(&again, e.name, e.content) != AM_OK)
			abort();
	if (pack_tail_end(&again) != AM_OK || count != t.bag_count ||
	    !bytes_same(
		blob_bytes(&again), (struct bytes){ data + 16, size - 16 }))
		abort();
	return 0;
}
