/*
 * quorum.h - which groups of people are a quorum (protocol.md 4.5, R13.4;
 * domain.md, invariant 2 and 5.1). Pure: no tables, no clock, no memory.
 *
 * A rule is data: how many distinct persons, which posts must be among them,
 * how many of them may share an employer, a reporting line, a site or a wing.
 * Laid over the people of a committee at an instant it becomes masks, bit i
 * being person i, and everything else is a question about masks.
 */

#ifndef AM_QUORUM_H
#define AM_QUORUM_H

#include "vault/base/am.h"

enum {
	QUORUM_PEOPLE_MAX = 16,
	QUORUM_GROUPS_MAX = 8,
	QUORUM_POSTS_MAX = 16, /* that may fill a group */
	QUORUM_CAPS_MAX = 4,
	QUORUM_APPOINTMENTS_MAX = 16, /* of one person */
	QUORUM_NAME_MAX = 32,
};
#define QUORUM_NO_END INT64_MAX

enum quorum_attr {
	QUORUM_EMPLOYER,
	QUORUM_LINE, /* reporting line */
	QUORUM_SITE,
	QUORUM_WING,
	QUORUM_ATTRS
};

/* `count` different persons, each of whom holds one of these posts. */
struct quorum_group {
	uint8_t count, post_count;
	uint32_t posts[QUORUM_POSTS_MAX]; /* numbers of posts */
};

/* At most `max` of a quorum share a value of `attr`; an empty value is not
 * shared with anybody. */
struct quorum_cap {
	enum quorum_attr attr;
	uint8_t max;
};

struct quorum_rule {
	uint8_t need; /* distinct persons */
	uint8_t group_count, cap_count;
	struct quorum_group groups[QUORUM_GROUPS_MAX];
	struct quorum_cap caps[QUORUM_CAPS_MAX];
};

/* Half open: from <= t < until (invariant 13). */
struct quorum_appointment {
	int64_t from, until;                           /* QUORUM_NO_END: none */
	uint32_t post;                                 /* its number */
	char attrs[QUORUM_ATTRS][QUORUM_NAME_MAX + 1]; /* "": unknown */
};

struct quorum_person {
	size_t count;
	struct quorum_appointment appointments[QUORUM_APPOINTMENTS_MAX];
};

/* A rule laid over the people of a committee at an instant. */
struct quorum {
	uint8_t need, group_count, cap_count;
	struct {
		uint8_t count;
		uint16_t who; /* bit i: person i holds one of the posts */
	} groups[QUORUM_GROUPS_MAX];
	struct {
		uint8_t max;
		uint16_t who; /* these share a value */
	} caps[QUORUM_CAPS_MAX * QUORUM_PEOPLE_MAX];
};

/*
 * Lays `rule` over `n` people (at most QUORUM_PEOPLE_MAX) at `now`: only
 * appointments valid at that instant give posts and values. Of the caps those
 * are kept that could bind. More of them than there is room for, with people
 * who serve under dozens of values at once, cannot be judged: then nothing is
 * a quorum (`need` is 0).
 */
void
quorum_at(const struct quorum_rule *rule, const struct quorum_person *people,
    size_t n, int64_t now, struct quorum *out);

/* R13.7: one who never had an appointment that has begun is valid; one who had
 * needs one. */
bool quorum_is_valid(const struct quorum_person *p, int64_t now);

/*
 * `quorum_holds`: does `who` contain `need` persons among whom the groups are
 * filled by pairwise different persons and every cap holds? Adding people to
 * `who` never turns a yes into a no.
 */
bool quorum_holds(const struct quorum *q, uint16_t who);

/* How many places of the groups `who` leaves open, however they are arranged
 * (the least); 0: all groups can be filled by pairwise different persons. */
unsigned quorum_unfilled(const struct quorum *q, uint16_t who);

/*
 * `quorum_sets` writes, for every set of people, whether it is a quorum of
 * exactly `need` of `who`: bit s % 64 of word s / 64 for set s.
 */
enum { QUORUM_SETS_WORDS = (1 << QUORUM_PEOPLE_MAX) / 64 };
void quorum_sets(const struct quorum *q, uint16_t who,
    uint64_t out[static QUORUM_SETS_WORDS]);

#endif /* AM_QUORUM_H */
