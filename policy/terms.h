/*
 * terms.h - the keys of a level and of a class, one row each: how a value is
 * written, where it is kept, and which way it is weaker.
 */

#ifndef AM_TERMS_H
#define AM_TERMS_H

#include "policy/levels.h"
#include "policy/strict.h"
#include "vault/base/am.h"
#include "vault/base/blob.h"

enum terms_kind {
	TERMS_COUNT,    /* a number */
	TERMS_CHOICE,   /* a word, kept as its place in `words` */
	TERMS_WORD,     /* a word, kept as it is */
	TERMS_TIME,     /* 15min, 72h, 7d, 6mo, 10y, null, checkpoint */
	TERMS_NAMES,    /* [committee, cloud_office] */
	TERMS_GROUPS,   /* a list of such lists */
	TERMS_STATUS,   /* [registered, accredited] */
	TERMS_RECOVERY, /* null, or quorum, members and disjoint_persons */
};

/* Which way a value is weaker. Words stand in order, the weakest first. */
enum terms_way { TERMS_LESS, TERMS_MORE };

enum {
	TERMS_NULL = 1,  /* null may be written */
	TERMS_ZERO = 2,  /* 0h may be written */
	TERMS_POINT = 4, /* checkpoint may be written */
	TERMS_CAUSE = 8, /* null means: as depart_suspend */
};

struct terms_row {
	const char *name;
	enum terms_kind kind;
	enum terms_way weaker;
	size_t at, size; /* in the struct */
	uint16_t min, max;
	unsigned flags;
	const char *const *words; /* NULL-terminated */
};

/* In the order of the file. */
enum { TERMS_LEVEL = 60, TERMS_CLASS = 5 };
extern const struct terms_row terms_level[TERMS_LEVEL];
extern const struct terms_row terms_class[TERMS_CLASS];
/* The certification of a model, of a struct levels_model. */
extern const struct terms_row terms_model;

/* One value as it was read: text, or a list, or a list of lists (the items,
 * lent), or keys. */
struct terms_list {
	char **names;
	unsigned count;
};
struct terms_recovery {
	char *quorum, *members, *disjoint_persons;
};
struct terms_cell {
	char *text;
	struct terms_list list;
	const struct strict_item *items;
	size_t item_count;
	struct terms_recovery *recovery;
};

/*
 * `terms_take` puts the value of a cell where the row says; `of` is the struct
 * levels_level or levels_class. Errors: AM_ERR_INCOMPLETE, a sentence without
 * line and key in why->text.
 */
AM_RESULT terms_take(const struct terms_row *row, const struct terms_cell *cell,
    void *of, struct why *why);

/* A whole number without sign and leading zeros, from `min` to `max`. */
AM_RESULT terms_number(const char *text, uint32_t min, uint32_t max,
    uint32_t *out, struct why *why);

/* `terms_print` appends the value as the file writes it. AM_ERR_NOMEM. */
AM_RESULT
terms_print(const struct terms_row *row, const void *of, struct blob *out);

/* Whether the value in `b` asks for less than that in `a`. */
bool terms_weaker(const struct terms_row *row, const void *a, const void *b);

#endif /* AM_TERMS_H */
