/*
 * tree.h - a policy file as text: the schema, checked by libcyaml, and every
 * value as the word that stands there. What the words mean is terms.h.
 */

#ifndef AM_TREE_H
#define AM_TREE_H

#include "policy/levels.h"
#include "policy/strict.h"
#include "policy/terms.h"
#include "vault/base/am.h"
#include "vault/base/why.h"

enum { TREE_LIMITS = 7 };

struct tree {
	char *format, *version;
	char *limits[TREE_LIMITS];
	char *class_map[LEVELS_CLASSES];
	struct tree_class {
		struct terms_cell cells[TERMS_CLASS];
	} class_checks[LEVELS_CLASSES];
	struct tree_model {
		char *aaguid, *name, *certification, *advisory;
		struct terms_list roots;
	} * models;
	unsigned model_count;
	struct tree_level {
		struct terms_cell cells[TERMS_LEVEL];
	} levels[LEVELS_COUNT];
};

/* Name and the one value of each hard limit. */
extern const char *const tree_limits[TREE_LIMITS][2];

/*
 * `tree_read` reads a file into `keys`, for the lines, and `out`, which
 * tree_free frees. Errors: AM_ERR_INCOMPLETE with a sentence that names line
 * and key; AM_ERR_NOMEM.
 */
AM_RESULT tree_read(
    struct bytes text, struct strict *keys, struct tree **out, struct why *why);
void tree_free(struct tree **t);
#define tree_auto AM_CLEANUP(tree_free) struct tree

#endif /* AM_TREE_H */
