/*
 * openers.h - which sets of people can open, all of them: a bit for each, so
 * that what would lock them out is read off (domain.md 5.1).
 */

#ifndef AM_OPENERS_H
#define AM_OPENERS_H

#include "policy/quorum.h"

/* 16 KiB: bit s % 64 of word s / 64 stands for set s. */
struct openers {
	uint16_t who; /* of these people */
	uint64_t quorums[QUORUM_SETS_WORDS], opens[QUORUM_SETS_WORDS];
};

/* Of the people `who`: quorums, and the sets that contain one. */
void openers_of(const struct quorum *q, uint16_t who, struct openers *out);

/* Does `set` contain a quorum? */
bool openers_can(const struct openers *o, uint16_t set);

/* How many quorums there are; the first `max` of them are written. */
size_t openers_quorums(const struct openers *o, uint16_t *out, size_t max);

/*
 * `openers_cut` returns the least number of people of `among` (of `who`) whose
 * loss leaves no quorum among the rest: 0 if there is none as it is. It is
 * never more than there are people, since nobody opens nothing.
 */
unsigned openers_cut(const struct openers *o, uint16_t among);

#endif /* AM_OPENERS_H */
