/*
 * supplier.h - the deny list in force, for those who show what it says of a
 * subscription (domain.md, R-8).
 */

#ifndef AM_SUPPLIER_H
#define AM_SUPPLIER_H

#include "vault/state/rows.h"

/* Errors: AM_ERR_NOT_FOUND (there is none). */
AM_RESULT supplier_list(const struct view *v, struct rows_deny *out);

struct supplier_verdict {
	char code[3];     /* the first country that is on the list; "": none */
	uint32_t version; /* of the list; 0: there is none */
	/* Of the waiver "R-8 SUBSCRIPTION": its end, also once it is over. */
	int64_t waived_until;
};
/* `countries`: codes one after the other, "PKUS". */
AM_RESULT supplier_judge(const struct view *v, const char *subscription,
    const char *countries, struct supplier_verdict *out);

#endif /* AM_SUPPLIER_H */
