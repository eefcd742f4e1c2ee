/*
 * infile.h - a file that somebody names, which is no secret: read as a whole.
 */

#ifndef AM_INFILE_H
#define AM_INFILE_H

#include "vault/base/am.h"
#include "vault/base/blob.h"

/* At most a byte more than `max`: whoever reads on says that it is too long.
 * Errors, printed: AM_ERR_IO; AM_ERR_NOMEM. */
AM_RESULT infile_read(const char *path, size_t max, struct blob *out);

#endif /* AM_INFILE_H */
