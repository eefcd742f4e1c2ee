#include "policy/openers.h"

enum { LOW = 6 }; /* people whose subsets are the bits of a word */

/* Bit i: does subset i of the first six have this one of them? */
static const uint64_t has[LOW] = { 0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc,
	0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00, 0xffff0000ffff0000,
	0xffffffff00000000 };

void
openers_of(const struct quorum *q, uint16_t who, struct openers *out)
{
	out->who = who;
	quorum_sets(q, who, out->quorums);
	for (size_t w = 0; w < QUORUM_SETS_WORDS; w++) {
		uint64_t open = out->quorums[w];

		for (size_t i = 0; i < LOW; i++)
			open |= (open & ~has[i]) << ((size_t)1 << i);
		out->opens[w] = open;
	}
	for (size_t one = 1; one < QUORUM_SETS_WORDS; one <<= 1)
		for (size_t w = 0; w < QUORUM_SETS_WORDS; w++)
			if ((w & one) != 0)
				out->opens[w] |= out->opens[w ^ one];
}

bool
openers_can(const struct openers *o, uint16_t set)
{
	return (o->opens[set / 64] >> set % 64 & 1) != 0;
}

size_t
openers_quorums(const struct openers *o, uint16_t *out, size_t max)
{
	size_t count = 0;

	for (size_t w = 0; w < QUORUM_SETS_WORDS; w++)
		for (uint64_t b = o->quorums[w]; b != 0; b &= b - 1) {
			if (count < max)
				out[count] = (uint16_t)(64 * w +
				    (size_t)__builtin_ctzll(b));
			count++;
		}
	return count;
}

/* Bit i of out[t]: does subset i of the first six have t people, of `who`? */
static void
sized(uint16_t who, uint64_t out[static LOW + 1])
{
	for (size_t t = 0; t <= LOW; t++)
		out[t] = 0;
	for (unsigned s = 0; s < 64; s++)
		if ((s & ~(unsigned)who) == 0)
			out[__builtin_popcount(s)] |= (uint64_t)1 << s;
}

unsigned
openers_cut(const struct openers *o, uint16_t among)
{
	const size_t all = among >> LOW;
	uint64_t of[LOW + 1];
	size_t high = all;
	unsigned most = 0; /* that cannot open */

	sized(among, of);
	do {
		const unsigned ones = (unsigned)__builtin_popcountl(high);

		for (unsigned t = LOW + 1; t-- > 0 && ones + t > most;)
			if ((~o->opens[high] & of[t]) != 0)
				most = ones + t;
		high = (high - 1) & all;
	} while (high != all);
	return (unsigned)__builtin_popcount(among) - most;
}
