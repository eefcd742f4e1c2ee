/*
 * bundle.h - the export directory: what it holds, and its check sums.
 *
 *	log.jsonl        every leaf, byte for byte, a newline after each
 *	checkpoint.note  the signed head (C2SP signed note)
 *	keys.txt         the log key as a C2SP verifier key
 *	attestation.jsonl  what each key proved when it was made
 *	partials.jsonl   only on request: {leaf, partial}
 *	README           in plain words
 *	SHA256SUMS       hex, two spaces, name; sorted by name (R13.24)
 *
 * Source: protocol.md 7.6. Two exports of one state are the same bytes.
 */

#ifndef AM_BUNDLE_H
#define AM_BUNDLE_H

#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/base/why.h"
#include "vault/log/statement.h"

enum { BUNDLE_SMALL_MAX = 1 << 20 };

struct session;

/*
 * `bundle_write` exports the vault of `s` into `dir`, which must not exist.
 * Written under "<dir>.part" and renamed at the end.
 */
AM_RESULT bundle_write(struct session *s, const char *dir, bool partials);

/* `bundle_check_sums` is V01: the files are those of a bundle, SHA256SUMS
 * lists every one but itself, and every sum is right. Errors, with the file's
 * name: AM_ERR_CORRUPT (the file set: one is missing, is no file of a bundle,
 * or is not a regular file; nothing of it should be read), AM_ERR_VERIFY (a
 * sum). */
AM_RESULT bundle_check_sums(const char *dir, struct why *why);

/*
 * What the other files must say besides sums: `bundle_readme` is the README,
 * and `bundle_attestation` appends the line of attestation.jsonl that a
 * statement gives: one for genesis and for each `token`, none for others.
 * Errors: AM_ERR_CORRUPT (a field).
 */
struct bytes bundle_readme(void);
AM_RESULT
bundle_attestation(const struct statement *s, uint64_t leaf, struct blob *out);

/* SHA-256 of a file of the bundle. Errors: as bundle_read, but for size. */
AM_RESULT
bundle_sum(const char *dir, const char *name, uint8_t out[static 32]);

/* A whole small file of the bundle. Errors: AM_ERR_NOT_FOUND, AM_ERR_IO,
 * AM_ERR_CORRUPT (larger than `max`, or not a regular file). */
AM_RESULT
bundle_read(const char *dir, const char *name, size_t max, struct blob *out);

#endif /* AM_BUNDLE_H */
