/*
 * gpg.h - the user's own gpg, asked to decrypt one file. No shell: the program
 * of that name in PATH is run with fixed arguments, the file as its standard
 * input, and what it writes is read through a pipe straight into the memory
 * that the caller has locked. It asks for the passphrase by itself.
 */

#ifndef AM_GPG_H
#define AM_GPG_H

#include "vault/base/am.h"
#include "vault/base/why.h"

/*
 * `gpg_decrypt` writes the plain text of the file `fd` into `cap` bytes at
 * `out`. Errors: AM_ERR_INVALID (it is longer), AM_ERR_VERIFY (gpg refuses, or
 * is stopped); AM_ERR_IO, with a sentence (gpg is not there or cannot be run).
 */
AM_RESULT
gpg_decrypt(int fd, uint8_t *out, size_t cap, size_t *out_len, struct why *why);

#endif /* AM_GPG_H */
