/*
 * store.h - one LMDB environment: the log, its tree, and the views.
 *
 * A vault directory:
 *	FORMAT          "amanat-vault 1\n<vault id, 32 hex digits>\n"
 *	db/data.mdb     lock.mdb beside it; 0600
 *	keys/register.key  32 bytes, keys/log.key 32 bytes (Ed25519 seed); 0600
 *	bags/<32 hex>   key bags
 *	reminders       see vault/acts/remind.h
 *
 * In clear in the database: tree hashes and the checkpoint note (R3.2). Log
 * lines are sealed with K_line, every other value with K_value under an
 * opaque key (protocol.md 3.1, the first byte replaced: it says what the row
 * is). Own 16-byte keys only (R3.7), in the one unnamed database.
 *
 * A line and the nodes of the tree that it completes are one row; the views
 * that every statement rewrites are neighbours of the checkpoint. What a
 * commit costs is flushes and pages.
 *
 * LMDB maps the file, 64 GiB of address space whatever its size, so that no
 * process ever has to follow another one's growth; the file takes the disk
 * that it uses. A truncated file, or a meta page that cannot be right, is
 * found at open. What cannot be caught: damage inside LMDB's own branch and
 * page headers, and a file cut short while it is open, may still end the
 * process (SIGBUS, SIGSEGV or an assertion of LMDB). Damaged values never get
 * through: they are authenticated, and the tree is recomputed by `verify`.
 *
 * Open a vault once a process: closing a second handle would drop the locks
 * of the first. A store does not survive fork. Any thread may read, one at a
 * time may write.
 */

#ifndef AM_STORE_H
#define AM_STORE_H

#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/base/why.h"
#include "vault/crypto/regkey.h"
#include "vault/log/merkle.h"

struct store;
struct store_txn;

enum {
	STORE_VALUE_MAX = 4 << 20,
	STORE_NOTE_MAX = 64 << 10,
	STORE_FORMAT_TEXT = 64,
};

void store_close(struct store *st);
static inline void
store_cleanup(struct store **st)
{
	store_close(*st);
}
#define store_auto AM_CLEANUP(store_cleanup) struct store

/*
 * `store_create` makes directory `dir` (it must not exist, or be empty) with
 * its sub-directories (0700), both host keys (0600) and an empty database;
 * everything is synced, FORMAT last: without it the directory is no vault.
 * What a failed call has made is removed again.
 *	vault      16 bytes
 *	R, seed    32 bytes each
 * Errors, each with a sentence: AM_ERR_EXISTS, AM_ERR_IO, AM_ERR_NOMEM;
 * AM_ERR_INVALID (lengths).
 */
AM_RESULT store_create(const char *dir, const uint8_t vault[static 16],
    struct bytes R, struct bytes seed, struct why *why);

/*
 * `store_restore` puts a vault together again, in the order of store_create:
 * FORMAT is last. `fill` writes db/data.mdb (synced) and the key bags into the
 * directory behind the descriptor; it fills `why` when it fails.
 *	seed   empty: there is no log key; the vault can then only be read
 * What a failed call has made stays, for the caller to remove.
 */
struct store_filling {
	enum am_err (*fill)(void *arg, int dir, struct why *why);
	void *arg;
};
AM_RESULT
store_restore(const char *dir, const uint8_t vault[static 16], struct bytes R,
    struct bytes seed, const struct store_filling *with, struct why *why);

/* What stands in FORMAT. */
void store_format_text(
    const uint8_t vault[static 16], char out[static STORE_FORMAT_TEXT]);

/* Open a vault. `write` false: nothing in the directory is changed (LMDB's
 * lock file excepted), a read-only file system is fine (MDB_RDONLY, and
 * MDB_NOLOCK where the lock file cannot be made).
 * Errors, each with a sentence that names the next step: AM_ERR_NOT_FOUND
 * (no directory, or not a vault), AM_ERR_INCOMPLETE (FORMAT is damaged, or a
 * newer format; register.key or log.key missing, of the wrong length, or
 * readable by others: mode bits 077 set, or not owned by the user), AM_ERR_VERIFY
 * (register.key is of another vault: the canary does not open),
 * AM_ERR_CORRUPT (the database is missing, truncated or damaged), AM_ERR_IO
 * (it cannot be read), AM_ERR_INTERNAL (as below), AM_ERR_NOMEM (also when the
 * limit on address space is below the map). */
AM_RESULT
store_open(const char *dir, bool write, struct why *why, struct store **out);

const uint8_t *store_vault(const struct store *st); /* 16 bytes, lent */
const struct regkey *store_regkey(const struct store *st);
/* A vault without log key can be opened to read; then these two are empty. */
struct bytes store_log_seed(const struct store *st); /* 32 bytes, lent */
/* NOTE_SECRET bytes for note_sign_with, lent. */
struct bytes store_log_key(const struct store *st);
const char *store_dir(const struct store *st);

/*
 * Transactions. A read transaction is a snapshot; a write transaction waits
 * for other writers. Aborted on every way out unless committed; commit is
 * durable (no NOSYNC, no NOMETASYNC).
 * Errors: AM_ERR_INVALID (writing in a store opened to read, or while another
 * write transaction of this process is open), AM_ERR_IO, AM_ERR_NOMEM. Writing
 * in a read transaction is AM_ERR_INVALID too. AM_ERR_INTERNAL: LMDB says that
 * it is used wrongly (MDB_BAD_TXN, MDB_BAD_DBI, MDB_BAD_RSLOT,
 * MDB_BAD_VALSIZE), a fault of this program; any call may return it.
 *
 * `store_commit` takes the transaction, whatever it returns. After an error
 * from any write the transaction can only be aborted.
 */
AM_RESULT store_begin(struct store *st, bool write, struct store_txn **out);
AM_RESULT store_commit(struct store_txn **t);
void store_abort(struct store_txn **t);
#define store_txn_auto AM_CLEANUP(store_abort) struct store_txn

/*
 * `store_copy` writes the database to `fd` without its free pages (R3.7), as
 * data.mdb would be. `t` is a write transaction in which nothing was written:
 * as long as it is open no one else writes either. Errors: AM_ERR_INVALID,
 * AM_ERR_IO, AM_ERR_NOMEM, AM_ERR_CORRUPT.
 */
AM_RESULT store_copy(struct store_txn *t, int fd);

/* Whether an AM_ERR_IO since the last store_begin for writing was for want
 * of space: disk, quota, file size limit, or the map. */
bool store_full(const struct store *st);

/* ---- views: table name + key -> value, sealed at rest.
 * `store_get` copies into `out` (replacing what was there).
 * Errors: AM_ERR_NOT_FOUND; AM_ERR_CORRUPT (not authentic); AM_ERR_INVALID
 * (a value above STORE_VALUE_MAX). */
AM_RESULT store_get(
    struct store_txn *t, const char *table, struct bytes key, struct blob *out);
AM_RESULT store_put(struct store_txn *t, const char *table, struct bytes key,
    struct bytes value);
AM_RESULT store_del(struct store_txn *t, const char *table, struct bytes key);

/* Every sealed value of the views, in the order of the database, for
 * comparison with a replay: `fn` gets the 16-byte key and the opened value,
 * lent for the call. It must not write; its error ends the walk. */
AM_RESULT store_each_view(struct store_txn *t,
    enum am_err (*fn)(
	void *arg, const uint8_t db_key[static 16], struct bytes value),
    void *arg);
/* The 16-byte key that the database has for a row of a view. */
void store_view_key(const struct store *st, const char *table, struct bytes key,
    uint8_t out[static 16]);
/* Empties the views (and nothing else). */
AM_RESULT store_clear_views(struct store_txn *t);

/* ---- blobs (sealed payloads, partials, request keys): under keys of their
 * own, so that a rebuild of the views leaves them alone. Same errors.
 * A table name belongs to the views or to the blobs, never to both. */
AM_RESULT store_blob_get(
    struct store_txn *t, const char *table, struct bytes key, struct blob *out);
AM_RESULT store_blob_put(struct store_txn *t, const char *table,
    struct bytes key, struct bytes value);
AM_RESULT
store_blob_del(struct store_txn *t, const char *table, struct bytes key);

/* ---- the log: size, read, append
 * The newest line says how many there are. Errors: AM_ERR_CORRUPT (its key is
 * damaged); a line that is missing below it is found by what reads it. */
AM_RESULT store_log_size(struct store_txn *t, uint64_t *out);
/* The line of leaf `leaf` without newline. AM_ERR_NOT_FOUND, AM_ERR_CORRUPT. */
AM_RESULT store_log_read(struct store_txn *t, uint64_t leaf, struct blob *out);
/*
 * `store_log_append` appends one line with its tree nodes when the log has
 * `expected_size` leaves.
 *	line   1..CANON_LINE_MAX bytes, without its newline
 * Errors: AM_ERR_STALE (another size), AM_ERR_INVALID (length),
 * AM_ERR_CORRUPT (a tree node is missing).
 */
AM_RESULT store_log_append(
    struct store_txn *t, uint64_t expected_size, struct bytes line);
/* Nodes of the tree in this transaction; lives as long. A node that is not
 * there is AM_ERR_CORRUPT. */
struct merkle_source store_tree(struct store_txn *t);
/* Root of the first `size` leaves. Errors: as for store_tree. */
AM_RESULT
store_root(struct store_txn *t, uint64_t size, uint8_t out[static MERKLE_HASH]);

/* The signed checkpoint (clear text), one; replaced as a whole; at most
 * STORE_NOTE_MAX bytes. AM_ERR_NOT_FOUND before the first. */
AM_RESULT store_note_get(struct store_txn *t, struct blob *out);
AM_RESULT store_note_put(struct store_txn *t, struct bytes note);

/* ---- small files of the vault directory, replaced by write-new, fsync,
 * rename, fsync of the directory; mode 0600. `name` is relative:
 * "bags/0123...". Rules and errors: hostfile.h, which also works without an
 * open store; writing into a store opened to read is AM_ERR_INVALID. */
AM_RESULT
store_file_put(const struct store *st, const char *name, struct bytes content);
AM_RESULT store_file_get(
    const struct store *st, const char *name, size_t max_len, struct blob *out);
AM_RESULT store_file_del(const struct store *st, const char *name);
/* `fn` gets the name of each file in `sub` ("bags"), in no order. */
AM_RESULT store_file_each(const struct store *st, const char *sub,
    enum am_err (*fn)(void *arg, const char *name), void *arg);

#endif /* AM_STORE_H */
