/*
 * strict.h - the part of YAML that our files may use, a policy, the map of an
 * import or a subscription, and where their keys stand. What libyaml reads in
 * silence is refused here: duplicate keys, anchors, aliases, tags, several
 * documents, and bytes that an editor does not show; quotes too, but for texts.
 * What passes is one mapping of keys, lists and words.
 */

#ifndef AM_STRICT_H
#define AM_STRICT_H

#include "vault/base/am.h"
#include "vault/base/why.h"

enum {
	STRICT_WORD_MAX = 40, /* characters of a key or value */
	STRICT_DEPTH_MAX = 5, /* levels: baseline: required_posts: [[owner]] */
	STRICT_KEYS_MAX = 500,
	STRICT_ITEMS_MAX = 400,
	STRICT_ROOT_MAX = 2048, /* characters of a certificate */
};

/* An entry of a list of mappings is a key of that list: "entry 1". */
struct strict_key {
	char name[STRICT_WORD_MAX + 1];
	bool mapping;    /* its value is one */
	uint16_t parent; /* the key whose mapping it is in */
	uint16_t line;   /* from 1 */
};

/* An item of a list; `group` counts the lists in a list from 1, and is 0 for
 * what stands in the outer one. */
struct strict_item {
	uint16_t key, group, line;
	char word[STRICT_WORD_MAX + 1];
};

/* keys[0] is the file itself: a mapping without a name. */
struct strict {
	size_t count, item_count;
	struct strict_key keys[STRICT_KEYS_MAX + 1];
	struct strict_item items[STRICT_ITEMS_MAX];
};

/* What a kind of file is like. */
struct strict_form {
	const char *begins; /* with what: "'format:'" */
	size_t word_max;    /* bytes of a value; of items STRICT_WORD_MAX are
			     * kept */
	bool texts; /* values may have quotes, and be other than ASCII */
	/* The key of the file whose list holds mappings, and may be empty, as
	 * may the lists in them, whose words are longer; NULL: there is none */
	const char *entries;
	size_t entry_word_max;
};

/*
 * `strict_read` reads a policy of at most `max` bytes, at most 65535, and
 * `strict_read_form` another file. Errors: AM_ERR_INCOMPLETE with a sentence
 * that begins "line N: "; AM_ERR_NOMEM.
 */
AM_RESULT
strict_read(struct bytes text, size_t max, struct strict *out, struct why *why);
AM_RESULT strict_read_form(struct bytes text, size_t max,
    const struct strict_form *form, struct strict *out, struct why *why);

/* The key of that name in the mapping of `parent`; 0 when there is none. */
size_t strict_find(const struct strict *s, size_t parent, const char *name);

#endif /* AM_STRICT_H */
