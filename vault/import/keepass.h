/*
 * keepass.h - the XML export of KeePass 2 and of KeePassXC: groups in groups,
 * and in them
 *
 *	<Entry><String><Key>Title</Key><Value>...</Value></String> ...
 *	  <History>...</History></Entry>
 *
 * Title, UserName, Password, URL and Notes; what the programs keep for one-time
 * codes (otp, TimeOtp-Secret-Base32, TOTP Seed); other strings become lines of
 * the notes. The outermost group is the database itself and no part of names.
 * History and what lies in the recycle bin are left behind; an entry with an
 * attached file, or a value that is still encrypted, is refused.
 *
 * The XML is read by expat, all of whose memory is a locked arena that is
 * wiped (arena.h). A document type is refused at its first word, so there are
 * no entities but the five of XML, and nothing outside the file is read.
 */

#ifndef AM_KEEPASS_H
#define AM_KEEPASS_H

#include "vault/import/draft.h"
#include "vault/import/feed.h"

struct keepass;

enum { KEEPASS_DEPTH = 64 };

/* `keepass_open` takes `feed`, also when it fails. Errors: AM_ERR_NOMEM,
 * AM_ERR_IO. */
AM_RESULT
keepass_open(struct feed *feed, struct why *why, struct keepass **out);
void keepass_free(struct keepass *k);
static inline void
keepass_cleanup(struct keepass **k)
{
	keepass_free(*k);
}
#define keepass_auto AM_CLEANUP(keepass_cleanup) struct keepass

/* The next entry, counted from 1. Errors: AM_ERR_NOT_FOUND (no more);
 * AM_ERR_CORRUPT (not such an export, from here on), AM_ERR_IO. */
AM_RESULT
keepass_next(struct keepass *k, struct draft *out, struct why *why);
uint64_t keepass_row(const struct keepass *k);
uint64_t keepass_deleted(const struct keepass *k); /* left in the bin so far */
AM_RESULT keepass_rewind(struct keepass *k, struct why *why);

#endif /* AM_KEEPASS_H */
