/*
 * leaver.h - the leaver's certificate: what a person was ever given, what was
 * changed since, what risk is accepted by whom until when. A text that is made
 * from the log alone, so that anyone who has the log makes the same one; the
 * entry that closes the departure signs its SHA-256.
 */

#ifndef AM_LEAVER_H
#define AM_LEAVER_H

#include "vault/acts/depart.h"
#include "vault/base/am.h"
#include "vault/base/blob.h"

/*
 * `leaver_certificate` writes the certificate of a departure as of a head and a
 * time. What came later does not change the text.
 *	closing   false: it says at its top that the departure is not closed
 */
struct leaver_as_of {
	struct note head;
	int64_t at;
	bool closing;
};
AM_RESULT leaver_certificate(struct session *s, struct store_txn *t,
    const struct depart *d, const struct leaver_as_of *as_of, struct blob *out);

#endif /* AM_LEAVER_H */
