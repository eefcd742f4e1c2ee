/*
 * passdir.h - the directory of the program pass: files NAME.gpg in folders, in
 * the order of their paths, each decrypted by the user's own gpg (gpg.h). The
 * first line is the password; "user: X" (or username, login), "url: X" and a
 * line with an otpauth:// address are what they say, all others are notes.
 * Hidden folders and symbolic links are passed over.
 */

#ifndef AM_PASSDIR_H
#define AM_PASSDIR_H

#include "vault/import/draft.h"

struct passdir;

enum {
	PASSDIR_ENTRIES_MAX = 100000,
	PASSDIR_DEPTH = 16,
	PASSDIR_TEXT_MAX = 65536, /* bytes of an entry */
};

/*
 * `passdir_open` lists the directory. Errors, each with a sentence: AM_ERR_IO,
 * AM_ERR_INVALID (not such a directory), AM_ERR_INCOMPLETE (too many entries,
 * too deep); AM_ERR_NOMEM.
 */
AM_RESULT
passdir_open(const char *path, struct why *why, struct passdir **out);
void passdir_free(struct passdir *p);
static inline void
passdir_cleanup(struct passdir **p)
{
	passdir_free(*p);
}
#define passdir_auto AM_CLEANUP(passdir_cleanup) struct passdir

/*
 * The next entry, counted from 1. Errors: AM_ERR_NOT_FOUND (no more);
 * AM_ERR_IO: gpg cannot be run, or decrypts none of the first three, so that
 * nobody who cancels is asked for each.
 */
AM_RESULT
passdir_next(struct passdir *p, struct draft *out, struct why *why);
uint64_t passdir_row(const struct passdir *p);
void passdir_rewind(struct passdir *p);

#endif /* AM_PASSDIR_H */
