/*
 * unzip.h - one file out of a zip (APPNOTE 6.3.3: methods 0 and 8, no zip64, no
 * encryption), as a feed. Only what finds the file is read here; zlib inflates,
 * with all of its memory in a locked arena: what libraries for whole archives
 * keep of the plain text is never wiped.
 *
 * A bomb has no room: memory does not depend on the file, which ends at the
 * size that it declares, at most UNZIP_MAX, and at its checksum.
 */

#ifndef AM_UNZIP_H
#define AM_UNZIP_H

#include "vault/import/feed.h"

enum {
	UNZIP_MAX = 256 << 20,     /* bytes of the file */
	UNZIP_LIST_MAX = 16 << 20, /* bytes of the list of files */
};

/*
 * `unzip_open` finds the file `name` of the zip at `path`. Errors, each with a
 * sentence: AM_ERR_INCOMPLETE (no zip, or none with that file, once, in a form
 * that is read), AM_ERR_IO, AM_ERR_INVALID; AM_ERR_NOMEM. Of the feed,
 * AM_ERR_CORRUPT: damaged.
 */
AM_RESULT unzip_open(
    const char *path, const char *name, struct why *why, struct feed **out);

#endif /* AM_UNZIP_H */
