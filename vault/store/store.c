#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/store/store.h"

#include "vault/base/enc.h"
#include "vault/log/canon.h"
#include "vault/log/note.h"
#include "vault/store/hostfile.h"

_Static_assert(sizeof(size_t) == 8, "the map needs 64-bit addresses");

/*
 * The map is address space, not disk: the file grows as it is used. With one
 * fixed size no process ever meets a map that another one has grown.
 */
static const size_t map_size = (size_t)64 << 30;

enum { KEY_LEN = REGKEY_DB_KEY, SECRET_LEN = 32 };

/*
 * One tree holds everything, and the first byte of a key says what it is.
 * What a commit costs is flushes and pages, so the rows that every statement
 * rewrites are neighbours; the lines are last, and fill their pages.
 */
enum key_class {
	CLASS_BLOB = 1,  /* 15 opaque bytes -> sealed value */
	CLASS_VIEW,      /* the same */
	CLASS_META,      /* the two keys below */
	CLASS_HOT,       /* views again: a class for each of hot_tables */
	CLASS_LINE = 16, /* 7 zero bytes, 64-bit leaf -> nodes, sealed line */
};

/* Views that every statement writes. */
static const char *const hot_tables[] = { "vault", "use" };

static const uint8_t key_note[KEY_LEN] = "\3checkpoint note"; /* clear */
static const uint8_t key_canary[KEY_LEN] = "\3register canary";
static const uint8_t canary[] = "amanat/1 canary";

static const char key_R[] = "keys/register.key", key_seed[] = "keys/log.key";

struct store {
	MDB_env *env;
	MDB_dbi db;
	struct regkey *rk;
	struct secret *logkey; /* seed, public key */
	uint8_t vault[16];
	char *dir;
	int fd; /* of the directory */
	bool write;
	bool writing; /* a write transaction is open: a second would hang */
	bool full;
};

struct store_txn {
	struct store *st;
	MDB_txn *txn;
	bool write;
	bool edge_known;
	struct merkle_edge edge;
};

/* ---- LMDB's codes end here */

static bool
is_full(int code)
{
	return code == ENOSPC || code == EDQUOT || code == EFBIG ||
	    code == MDB_MAP_FULL;
}

static enum am_err
from_lmdb(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return AM_OK;
	case MDB_NOTFOUND:
		return AM_ERR_NOT_FOUND;
	case MDB_KEYEXIST:
		return AM_ERR_EXISTS;
	case ENOMEM:
		return AM_ERR_NOMEM;
	case MDB_PAGE_NOTFOUND:
	case MDB_CORRUPTED:
	case MDB_CURSOR_FULL: /* a tree deeper than any tree */
	case MDB_VERSION_MISMATCH:
	case MDB_INVALID:
	case MDB_INCOMPATIBLE:
		return AM_ERR_CORRUPT;
	case MDB_BAD_TXN:
	case MDB_BAD_DBI:
	case MDB_BAD_RSLOT:
	case MDB_BAD_VALSIZE:
		return AM_ERR_INTERNAL;
	default:
		return AM_ERR_IO;
	}
}

static enum am_err
result(struct store_txn *t, int rc)
{
	if (is_full(rc))
		t->st->full = true;
	return from_lmdb(rc);
}

static const char *
cause(int rc)
{
	if (is_full(rc))
		return "the disk is full";
	return rc > 0 ? strerrordesc_np(rc) : mdb_strerror(rc);
}

/* What can be done about it. */
static const char *
remedy(int rc)
{
	if (is_full(rc))
		return "make room and try again";
	switch (rc) {
	case EACCES:
	case EPERM:
		return "act as the user whom the vault belongs to, or have "
		       "them give you access";
	case EROFS:
		return "make the file system writable";
	case EIO:
		return "check the disk, and copy the vault to another one";
	default:
		return "try again; if it stays so, restore the last backup "
		       "elsewhere";
	}
}

static MDB_val
to_val(struct bytes b)
{
	return (MDB_val){ b.len, (void *)(uintptr_t)b.p };
}

static MDB_val
key_val(const uint8_t key[static KEY_LEN])
{
	return to_val((struct bytes){ key, KEY_LEN });
}

static void
put_u64(uint64_t v, uint8_t out[static 8])
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> (56 - 8 * i));
}

static uint64_t
get_u64(const uint8_t in[static 8])
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v << 8 | in[i];
	return v;
}

/* ---- transactions */

static void
txn_free(struct store_txn *t)
{
	if (t->write)
		t->st->writing = false;
	free(t);
}

AM_RESULT
store_begin(struct store *st, bool write, struct store_txn **out)
{
	struct store_txn *t;
	enum am_err err;

	if (write && (!st->write || st->writing))
		return AM_ERR_INVALID;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return AM_ERR_NOMEM;
	t->st = st;
	err = result(
	    t, mdb_txn_begin(st->env, NULL, write ? 0 : MDB_RDONLY, &t->txn));
	if (err != AM_OK) {
		free(t);
		return err;
	}
	t->write = write;
	if (write) {
		st->writing = true;
		st->full = false;
	}
	*out = t;
	return AM_OK;
}

void
store_abort(struct store_txn **t)
{
	if (*t == NULL)
		return;
	mdb_txn_abort((*t)->txn);
	txn_free(*t);
	*t = NULL;
}

/* Bytes that the file must have: fewer, and a read of the map is a SIGBUS. */
static off_t
env_bytes(MDB_env *env)
{
	MDB_envinfo info = { 0 };
	MDB_stat stat = { 0 };

	(void)mdb_env_info(env, &info); /* both fail only on NULL */
	(void)mdb_env_stat(env, &stat);
	return (off_t)((info.me_last_pgno + 1) * stat.ms_psize);
}

static bool
is_short(MDB_env *env)
{
	int fd = -1;
	struct stat st;

	return mdb_env_get_fd(env, &fd) == MDB_SUCCESS && fstat(fd, &st) == 0 &&
	    st.st_size < env_bytes(env);
}

/*
 * LMDB does not write pages that one transaction takes and gives back, so
 * the file may end before its last page number. The size check of the next
 * store_open would call that damage: give the file its full length. Only
 * under the writer's lock, or another writer's pages would be cut off. The
 * transaction is durable already, so a failure here is none.
 */
static void
cover_last_page(MDB_env *env)
{
	MDB_txn *lock = NULL;
	int fd = -1;

	if (!is_short(env) || mdb_txn_begin(env, NULL, 0, &lock) != MDB_SUCCESS)
		return;
	if (is_short(env) && mdb_env_get_fd(env, &fd) == MDB_SUCCESS &&
	    ftruncate(fd, env_bytes(env)) == 0)
		(void)fdatasync(fd);
	mdb_txn_abort(lock);
}

/*
 * LMDB reports a write that was cut short as EIO. The byte after the end says
 * what was in the way; under the writer's lock it can only be a spare one.
 */
static bool
no_room(MDB_env *env)
{
	MDB_txn *lock = NULL;
	int fd = -1;
	struct stat st;
	bool full;

	if (mdb_txn_begin(env, NULL, 0, &lock) != MDB_SUCCESS)
		return false;
	full = mdb_env_get_fd(env, &fd) == MDB_SUCCESS && fstat(fd, &st) == 0 &&
	    pwrite(fd, "", 1, st.st_size) < 0 && is_full(errno);
	mdb_txn_abort(lock);
	return full;
}

AM_RESULT
store_commit(struct store_txn **t)
{
	struct store_txn *own = AM_TAKE(*t);
	MDB_env *env = own->st->env;
	/* mdb_txn_commit frees it, whatever it returns */
	int rc = mdb_txn_commit(own->txn);
	enum am_err err;

	if (rc == EIO && own->write && no_room(env))
		rc = ENOSPC;
	if (rc == MDB_SUCCESS && own->write)
		cover_last_page(env);
	err = result(own, rc);
	txn_free(own);
	return err;
}

AM_RESULT
store_copy(struct store_txn *t, int fd)
{
	if (!t->write)
		return AM_ERR_INVALID;
	return result(t, mdb_env_copyfd2(t->st->env, fd, MDB_CP_COMPACT));
}

bool
store_full(const struct store *st)
{
	return st->full;
}

/* ---- values */

/* Lends a value as it is stored, until the next write or the end of `t`. */
static AM_RESULT
get(struct store_txn *t, const uint8_t key[static KEY_LEN], size_t max,
    struct bytes *out)
{
	MDB_val k = key_val(key), v = { 0 };

	AM_TRY(result(t, mdb_get(t->txn, t->st->db, &k, &v)));
	if (v.mv_size > max) /* a damaged length may lead out of the file */
		return AM_ERR_CORRUPT;
	*out = (struct bytes){ v.mv_data, v.mv_size };
	return AM_OK;
}

/* Room for `len` bytes, which the caller fills at once and in full (R3.7). */
static AM_RESULT
reserve(struct store_txn *t, const uint8_t key[static KEY_LEN], size_t len,
    unsigned flags, uint8_t **out)
{
	MDB_val k = key_val(key), v = { len, NULL };

	if (!t->write)
		return AM_ERR_INVALID;
	AM_TRY(
	    result(t, mdb_put(t->txn, t->st->db, &k, &v, flags | MDB_RESERVE)));
	*out = v.mv_data;
	return AM_OK;
}

/* Room for what the opening calls of regkey write; never a NULL pointer. */
static AM_RESULT
room_for_opened(struct bytes sealed, struct blob *out)
{
	if (sealed.len < REGKEY_OVERHEAD)
		return AM_ERR_CORRUPT;
	AM_TRY(blob_resize(out, sealed.len - REGKEY_OVERHEAD + 1));
	out->len--;
	return AM_OK;
}

static void
replace(struct blob *out, struct blob *with)
{
	blob_free(out);
	*out = *with;
	*with = (struct blob){ 0 };
}

static AM_RESULT
open_value(struct store_txn *t, const uint8_t key[static KEY_LEN],
    struct bytes sealed, struct blob *out)
{
	blob_auto plain = { 0 };

	AM_TRY(room_for_opened(sealed, &plain));
	AM_TRY(regkey_value_open(t->st->rk, key, sealed, plain.p));
	replace(out, &plain);
	return AM_OK;
}

static AM_RESULT
get_sealed(
    struct store_txn *t, const uint8_t key[static KEY_LEN], struct blob *out)
{
	struct bytes sealed = { 0 };

	AM_TRY(get(t, key, STORE_VALUE_MAX + REGKEY_OVERHEAD, &sealed));
	return open_value(t, key, sealed, out);
}

static AM_RESULT
put_sealed(
    struct store_txn *t, const uint8_t key[static KEY_LEN], struct bytes value)
{
	uint8_t *p = NULL;

	if (value.len > STORE_VALUE_MAX)
		return AM_ERR_INVALID;
	AM_TRY(reserve(t, key, value.len + REGKEY_OVERHEAD, 0, &p));
	regkey_value_seal(t->st->rk, key, value, p);
	return AM_OK;
}

static AM_RESULT
del(struct store_txn *t, const uint8_t key[static KEY_LEN])
{
	MDB_val k = key_val(key);

	if (!t->write)
		return AM_ERR_INVALID;
	return result(t, mdb_del(t->txn, t->st->db, &k, NULL));
}

void
store_view_key(const struct store *st, const char *table, struct bytes key,
    uint8_t out[static KEY_LEN])
{
	regkey_db_key(st->rk, table, key, out);
	out[0] = CLASS_VIEW;
	for (size_t i = 0; i < AM_ARRAY_LEN(hot_tables); i++)
		if (strcmp(table, hot_tables[i]) == 0)
			out[0] = (uint8_t)(CLASS_HOT + i);
}

static void
blob_key(const struct store *st, const char *table, struct bytes key,
    uint8_t out[static KEY_LEN])
{
	regkey_db_key(st->rk, table, key, out);
	out[0] = CLASS_BLOB;
}

AM_RESULT
store_get(
    struct store_txn *t, const char *table, struct bytes key, struct blob *out)
{
	uint8_t k[KEY_LEN];

	store_view_key(t->st, table, key, k);
	return get_sealed(t, k, out);
}

AM_RESULT
store_put(struct store_txn *t, const char *table, struct bytes key,
    struct bytes value)
{
	uint8_t k[KEY_LEN];

	store_view_key(t->st, table, key, k);
	return put_sealed(t, k, value);
}

AM_RESULT
store_del(struct store_txn *t, const char *table, struct bytes key)
{
	uint8_t k[KEY_LEN];

	store_view_key(t->st, table, key, k);
	return del(t, k);
}

AM_RESULT
store_blob_get(
    struct store_txn *t, const char *table, struct bytes key, struct blob *out)
{
	uint8_t k[KEY_LEN];

	blob_key(t->st, table, key, k);
	return get_sealed(t, k, out);
}

AM_RESULT
store_blob_put(struct store_txn *t, const char *table, struct bytes key,
    struct bytes value)
{
	uint8_t k[KEY_LEN];

	blob_key(t->st, table, key, k);
	return put_sealed(t, k, value);
}

AM_RESULT
store_blob_del(struct store_txn *t, const char *table, struct bytes key)
{
	uint8_t k[KEY_LEN];

	blob_key(t->st, table, key, k);
	return del(t, k);
}

static void
cursor_free(MDB_cursor **c)
{
	if (*c != NULL)
		mdb_cursor_close(*c);
}

#define cursor_auto AM_CLEANUP(cursor_free) MDB_cursor

static AM_RESULT
view_at(struct store_txn *t, const MDB_val *k, const MDB_val *v,
    enum am_err (*fn)(
	void *arg, const uint8_t db_key[static 16], struct bytes value),
    void *arg)
{
	const struct bytes sealed = { v->mv_data, v->mv_size };
	uint8_t key[KEY_LEN];
	blob_auto plain = { 0 };

	if (k->mv_size != KEY_LEN ||
	    v->mv_size > STORE_VALUE_MAX + REGKEY_OVERHEAD)
		return AM_ERR_CORRUPT;
	memcpy(key, k->mv_data, sizeof(key));
	AM_TRY(open_value(t, key, sealed, &plain));
	return fn(arg, key, blob_bytes(&plain));
}

/* The views are what lies in these two ranges of classes. */
static const struct range {
	uint8_t first, last;
} views[] = {
	{ CLASS_VIEW, CLASS_VIEW },
	{ CLASS_HOT, CLASS_HOT + AM_ARRAY_LEN(hot_tables) - 1 },
};

/* The first row at or after `key` in the database, or AM_ERR_NOT_FOUND. */
static AM_RESULT
seek(struct store_txn *t, MDB_cursor *c, const uint8_t key[static KEY_LEN],
    MDB_val *k, MDB_val *v)
{
	*k = key_val(key);
	return result(t, mdb_cursor_get(c, k, v, MDB_SET_RANGE));
}

static bool
is_in(const struct range *r, const MDB_val *k)
{
	const uint8_t *key = k->mv_data;

	return k->mv_size > 0 && key[0] >= r->first && key[0] <= r->last;
}

static AM_RESULT
each_of(struct store_txn *t, const struct range *r,
    enum am_err (*fn)(
	void *arg, const uint8_t db_key[static 16], struct bytes value),
    void *arg)
{
	const uint8_t start[KEY_LEN] = { r->first };
	cursor_auto *c = NULL;
	MDB_val k, v;
	enum am_err err;

	AM_TRY(result(t, mdb_cursor_open(t->txn, t->st->db, &c)));
	err = seek(t, c, start, &k, &v);
	while (err == AM_OK && is_in(r, &k)) {
		AM_TRY(view_at(t, &k, &v, fn, arg));
		err = result(t, mdb_cursor_get(c, &k, &v, MDB_NEXT));
	}
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
store_each_view(struct store_txn *t,
    enum am_err (*fn)(
	void *arg, const uint8_t db_key[static 16], struct bytes value),
    void *arg)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(views); i++)
		AM_TRY(each_of(t, &views[i], fn, arg));
	return AM_OK;
}

static AM_RESULT
clear(struct store_txn *t, const struct range *r)
{
	const uint8_t start[KEY_LEN] = { r->first };
	cursor_auto *c = NULL;
	MDB_val k, v;
	enum am_err err;

	AM_TRY(result(t, mdb_cursor_open(t->txn, t->st->db, &c)));
	/* sought anew each time: a deletion moves the cursor */
	while ((err = seek(t, c, start, &k, &v)) == AM_OK && is_in(r, &k))
		AM_TRY(result(t, mdb_cursor_del(c, 0)));
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

AM_RESULT
store_clear_views(struct store_txn *t)
{
	if (!t->write)
		return AM_ERR_INVALID;
	for (size_t i = 0; i < AM_ARRAY_LEN(views); i++)
		AM_TRY(clear(t, &views[i]));
	return AM_OK;
}

/* ---- the log: a row holds the line, sealed, and before it in clear the
 * nodes of the tree that this leaf completes, its own hash first */

static void
line_key(uint64_t leaf, uint8_t key[static KEY_LEN])
{
	memset(key, 0, 8);
	key[0] = CLASS_LINE;
	put_u64(leaf, key + 8);
}

static size_t
nodes_len(uint64_t leaf)
{
	return (size_t)(__builtin_ctzll(leaf + 1) + 1) * MERKLE_HASH;
}

/* Lends nodes and sealed line. */
static AM_RESULT
get_row(struct store_txn *t, uint64_t leaf, struct bytes *nodes,
    struct bytes *sealed)
{
	struct bytes row = { 0 };
	uint8_t key[KEY_LEN];
	size_t n;

	if (leaf == UINT64_MAX) /* never there, and it has no successor */
		return AM_ERR_NOT_FOUND;
	n = nodes_len(leaf);
	line_key(leaf, key);
	AM_TRY(get(t, key, n + CANON_LINE_MAX + REGKEY_OVERHEAD, &row));
	if (row.len < n + REGKEY_OVERHEAD)
		return AM_ERR_CORRUPT;
	*nodes = (struct bytes){ row.p, n };
	*sealed = (struct bytes){ row.p + n, row.len - n };
	return AM_OK;
}

static AM_RESULT
last_leaf(struct store_txn *t, uint64_t *out)
{
	cursor_auto *c = NULL;
	uint8_t key[KEY_LEN];
	MDB_val k, v;
	uint64_t leaf;

	AM_TRY(result(t, mdb_cursor_open(t->txn, t->st->db, &c)));
	AM_TRY(result(t, mdb_cursor_get(c, &k, &v, MDB_LAST)));
	if (k.mv_size != KEY_LEN)
		return AM_ERR_CORRUPT;
	memcpy(key, k.mv_data, sizeof(key));
	if (key[0] < CLASS_LINE)
		return AM_ERR_NOT_FOUND;
	leaf = get_u64(key + 8);
	line_key(leaf, key);
	if (leaf == UINT64_MAX ||
	    !bytes_same((struct bytes){ key, KEY_LEN },
		(struct bytes){ k.mv_data, KEY_LEN }))
		return AM_ERR_CORRUPT;
	*out = leaf;
	return AM_OK;
}

AM_RESULT
store_log_size(struct store_txn *t, uint64_t *out)
{
	uint64_t leaf = 0;
	enum am_err err;

	if (t->edge_known) {
		*out = t->edge.size;
		return AM_OK;
	}
	err = last_leaf(t, &leaf);
	if (err != AM_ERR_NOT_FOUND)
		AM_TRY(err);
	*out = err == AM_OK ? leaf + 1 : 0;
	return AM_OK;
}

AM_RESULT
store_log_read(struct store_txn *t, uint64_t leaf, struct blob *out)
{
	struct bytes nodes = { 0 }, sealed = { 0 };
	blob_auto line = { 0 };
	uint64_t size = 0;
	enum am_err err = get_row(t, leaf, &nodes, &sealed);

	if (err == AM_ERR_NOT_FOUND) {
		AM_TRY(store_log_size(t, &size));
		return leaf < size ? AM_ERR_CORRUPT : AM_ERR_NOT_FOUND;
	}
	AM_TRY(err);
	AM_TRY(room_for_opened(sealed, &line));
	AM_TRY(regkey_line_open(t->st->rk, leaf, sealed, line.p));
	replace(out, &line);
	return AM_OK;
}

/* Node (level, index) stands with the last leaf below it. */
static enum am_err
node_get(
    void *arg, unsigned level, uint64_t index, uint8_t out[static MERKLE_HASH])
{
	struct bytes nodes = { 0 }, sealed = { 0 };
	enum am_err err;

	if (level > 63 || index >= UINT64_MAX >> level)
		return AM_ERR_CORRUPT;
	err = get_row(arg, ((index + 1) << level) - 1, &nodes, &sealed);
	if (err == AM_ERR_NOT_FOUND)
		return AM_ERR_CORRUPT;
	AM_TRY(err);
	memcpy(out, nodes.p + (size_t)level * MERKLE_HASH, MERKLE_HASH);
	return AM_OK;
}

struct merkle_source
store_tree(struct store_txn *t)
{
	return (struct merkle_source){ .get = node_get, .arg = t };
}

/* The edge is read once a transaction: a batch appends thousands. */
static AM_RESULT
know_edge(struct store_txn *t)
{
	const struct merkle_source src = store_tree(t);
	uint64_t size = 0;

	if (t->edge_known)
		return AM_OK;
	AM_TRY(store_log_size(t, &size));
	AM_TRY(merkle_edge_load(&src, size, &t->edge));
	t->edge_known = true;
	return AM_OK;
}

AM_RESULT
store_root(struct store_txn *t, uint64_t size, uint8_t out[static MERKLE_HASH])
{
	const struct merkle_source src = store_tree(t);

	if (!t->edge_known || t->edge.size != size)
		return merkle_root(&src, size, out);
	merkle_edge_root(&t->edge, out);
	return AM_OK;
}

/* Into the room before the line; levels come from 0 up, without a gap. */
static enum am_err
write_node(void *arg, unsigned level, uint64_t index,
    const uint8_t hash[static MERKLE_HASH])
{
	uint8_t *nodes = arg;

	(void)index;
	memcpy(nodes + (size_t)level * MERKLE_HASH, hash, MERKLE_HASH);
	return AM_OK;
}

AM_RESULT
store_log_append(struct store_txn *t, uint64_t expected_size, struct bytes line)
{
	uint8_t key[KEY_LEN], leaf[MERKLE_HASH];
	uint8_t *p = NULL;
	size_t n;
	enum am_err err;

	if (!t->write || line.len == 0 || line.len > CANON_LINE_MAX)
		return AM_ERR_INVALID;
	AM_TRY(know_edge(t));
	if (t->edge.size != expected_size)
		return AM_ERR_STALE;
	n = nodes_len(expected_size);
	line_key(expected_size, key);
	err = reserve(t, key, n + line.len + REGKEY_OVERHEAD, MDB_APPEND, &p);
	if (err == AM_ERR_EXISTS) /* a key that is not above the last one */
		return AM_ERR_CORRUPT;
	AM_TRY(err);
	regkey_line_seal(t->st->rk, expected_size, line, p + n);
	merkle_leaf(line, leaf);
	return merkle_append(&t->edge, leaf, write_node, p);
}

AM_RESULT
store_note_get(struct store_txn *t, struct blob *out)
{
	struct bytes note = { 0 };
	blob_auto copy = { 0 };

	AM_TRY(get(t, key_note, STORE_NOTE_MAX, &note));
	AM_TRY(blob_add(&copy, note));
	replace(out, &copy);
	return AM_OK;
}

AM_RESULT
store_note_put(struct store_txn *t, struct bytes note)
{
	uint8_t *p = NULL;

	if (note.len > STORE_NOTE_MAX)
		return AM_ERR_INVALID;
	AM_TRY(reserve(t, key_note, note.len, 0, &p));
	if (note.len > 0)
		memcpy(p, note.p, note.len);
	return AM_OK;
}

/* ---- the database file */

/*
 * A meta page of LMDB 0.9 on 64-bit machines, host byte order:
 *	 0  page header (16)
 *	16  magic u32, version u32, address u64
 *	32  map size u64
 *	40  page size u32, ... (two databases of 48)
 *	136 last page u64, transaction u64
 */
enum { META_LEN = 152, META_MAP = 32, META_PAGE = 40, META_LAST = 136 };

/* LMDB divides by the page size and maps what the meta page says, without a
 * look at either. */
static AM_RESULT
read_meta(int fd, off_t at, uint32_t *out_page, uint64_t *out_last)
{
	uint8_t meta[META_LEN];
	uint32_t page;
	uint64_t map;
	const ssize_t n = pread(fd, meta, sizeof(meta), at);

	if (n < 0)
		return AM_ERR_IO;
	if (n != (ssize_t)sizeof(meta))
		return AM_ERR_CORRUPT;
	memcpy(&map, meta + META_MAP, sizeof(map));
	memcpy(&page, meta + META_PAGE, sizeof(page));
	memcpy(out_last, meta + META_LAST, sizeof(*out_last));
	if (map > map_size || page < 512 || page > 65536 ||
	    (page & (page - 1)) != 0 || *out_last < 1 ||
	    *out_last >= map_size / page)
		return AM_ERR_CORRUPT;
	*out_page = page;
	return AM_OK;
}

/* The file is at least as long as both meta pages say. The metas are read
 * first: a writer lengthens the file before it says so. */
static AM_RESULT
file_ok(int fd)
{
	uint32_t page = 0, page2 = 0;
	uint64_t last = 0, last2 = 0;
	struct stat st;

	AM_TRY(read_meta(fd, 0, &page, &last));
	AM_TRY(read_meta(fd, page, &page2, &last2));
	if (fstat(fd, &st) != 0)
		return AM_ERR_IO;
	if (last2 > last)
		last = last2;
	if (page != page2 || (uint64_t)st.st_size < (last + 1) * page)
		return AM_ERR_CORRUPT;
	return AM_OK;
}

/* LMDB would make a missing or empty file anew. */
static AM_RESULT
check_file(const struct store *st, struct why *why)
{
	hostfile_fd fd =
	    openat(st->fd, "db/data.mdb", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	enum am_err err;

	if (fd < 0 && errno == ENOENT)
		return why_say(why, AM_ERR_CORRUPT, "",
		    "'%s/db/data.mdb' is missing; restore the last backup",
		    st->dir);
	if (fd < 0)
		return why_say(why, AM_ERR_IO, "",
		    "cannot open '%s/db/data.mdb': %s; %s", st->dir,
		    cause(errno), remedy(errno));
	err = file_ok(fd);
	if (err == AM_ERR_IO)
		return why_say(why, err, "",
		    "cannot read '%s/db/data.mdb': %s; %s", st->dir,
		    cause(errno), remedy(errno));
	if (err == AM_ERR_CORRUPT)
		return why_say(why, err, "",
		    "'%s/db/data.mdb' is truncated or damaged; restore the "
		    "last backup",
		    st->dir);
	return err;
}

/* ---- the environment */

static AM_RESULT
env_open(struct store *st, unsigned flags, int *rc)
{
	char *path = NULL;

	if (asprintf(&path, "%s/db", st->dir) < 0)
		return AM_ERR_NOMEM;
	if ((*rc = mdb_env_create(&st->env)) == MDB_SUCCESS &&
	    (*rc = mdb_env_set_mapsize(st->env, map_size)) == MDB_SUCCESS)
		*rc = mdb_env_open(st->env, path, flags | MDB_NOTLS, 0600);
	free(path);
	if (*rc != MDB_SUCCESS) { /* of no further use */
		mdb_env_close(st->env);
		st->env = NULL;
	}
	return from_lmdb(*rc);
}

/*
 * Reading needs the lock file, or a writer may reuse the pages under the
 * reader. Where it cannot be made nobody of this user writes either.
 */
static AM_RESULT
open_env(struct store *st, struct why *why)
{
	int rc = 0, dead = 0;
	enum am_err err = env_open(st, st->write ? 0 : MDB_RDONLY, &rc);

	if (!st->write && (rc == EACCES || rc == EROFS || rc == EPERM))
		err = env_open(st, MDB_RDONLY | MDB_NOLOCK, &rc);
	if (err == AM_ERR_NOMEM)
		return why_say(why, err, "",
		    "cannot map '%s/db': the limit on address space (ulimit "
		    "-v) must be above 64 GiB",
		    st->dir);
	if (err != AM_OK)
		return why_say(why, err, "", "cannot open '%s/db': %s; %s",
		    st->dir, cause(rc), remedy(rc));
	/* slots of readers that died keep old pages from being reused */
	rc = mdb_reader_check(st->env, &dead);
	if (rc != MDB_SUCCESS)
		return why_say(why, from_lmdb(rc), "",
		    "cannot look at who reads '%s/db' (lock.mdb): %s; %s",
		    st->dir, cause(rc), remedy(rc));
	return AM_OK;
}

/* The handle outlives the transaction that opened it when it is committed. */
static AM_RESULT
open_database(struct store *st, bool create)
{
	store_txn_auto *t = NULL;

	AM_TRY(store_begin(st, create, &t));
	AM_TRY(result(t, mdb_dbi_open(t->txn, NULL, 0, &st->db)));
	if (create)
		AM_TRY(put_sealed(
		    t, key_canary, (struct bytes){ canary, sizeof(canary) }));
	return store_commit(&t);
}

static AM_RESULT
cannot_read(const struct store *st, enum am_err err, struct why *why)
{
	return why_say(why, err, "",
	    "cannot read '%s/db': %s; restore the last backup", st->dir,
	    err_text(err));
}

static AM_RESULT
check_canary(struct store *st, struct why *why)
{
	store_txn_auto *t = NULL;
	blob_auto value = { 0 };
	enum am_err err;

	err = store_begin(st, false, &t);
	if (err != AM_OK)
		return cannot_read(st, err, why);
	err = get_sealed(t, key_canary, &value);
	if (err == AM_OK &&
	    bytes_same(
		blob_bytes(&value), (struct bytes){ canary, sizeof(canary) }))
		return AM_OK;
	if (err == AM_ERR_NOT_FOUND)
		return why_say(why, AM_ERR_CORRUPT, "",
		    "'%s/db' is not the database of a vault; restore the last "
		    "backup",
		    st->dir);
	if (err != AM_OK && err != AM_ERR_CORRUPT)
		return cannot_read(st, err, why);
	return why_say(why, AM_ERR_VERIFY, "",
	    "'%s/%s' is the register key of another vault; put back the one "
	    "of this vault",
	    st->dir, key_R);
}

static AM_RESULT
open_tables(struct store *st, struct why *why)
{
	const enum am_err err = open_database(st, false);

	if (err != AM_OK)
		return cannot_read(st, err, why);
	return check_canary(st, why);
}

/* ---- opening */

#define FORMAT_WORD "amanat-vault "

enum {
	FORMAT_MAX = 4096,
	FORMAT_VERSION = 1,
	DIR_OPEN = O_RDONLY | O_DIRECTORY
};

static AM_RESULT
format_damaged(const struct store *st, struct why *why)
{
	return why_say(why, AM_ERR_INCOMPLETE, "",
	    "'%s/FORMAT' is damaged; restore it from a backup", st->dir);
}

/* A higher number in the first line, whatever follows it. */
static bool
is_newer(struct bytes text)
{
	const size_t skip = sizeof(FORMAT_WORD) - 1;
	unsigned long v = 0;

	if (text.len <= skip ||
	    !bytes_same((struct bytes){ text.p, skip },
		(struct bytes){ (const uint8_t *)FORMAT_WORD, skip }) ||
	    text.p[skip] == '0')
		return false;
	for (size_t i = skip; i < text.len && i < skip + 9; i++) {
		if (text.p[i] == '\n')
			return v > FORMAT_VERSION;
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + (text.p[i] - '0');
	}
	return false;
}

void
store_format_text(
    const uint8_t vault[static 16], char out[static STORE_FORMAT_TEXT])
{
	char id[ENC_HEX_LEN(16) + 1];

	enc_hex((struct bytes){ vault, 16 }, id);
	(void)snprintf(
	    out, STORE_FORMAT_TEXT, FORMAT_WORD "%d\n%s\n", FORMAT_VERSION, id);
}

static void
format_text(const uint8_t vault[static 16], struct bytes *out,
    char text[static STORE_FORMAT_TEXT])
{
	store_format_text(vault, text);
	*out = (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* Read by writing it again: what differs is damaged. */
static AM_RESULT
read_format(struct store *st, struct why *why)
{
	const size_t id_at = sizeof(FORMAT_WORD "1\n") - 1;
	blob_auto text = { 0 };
	struct bytes again = { 0 };
	char buf[STORE_FORMAT_TEXT];
	enum am_err err = hostfile_get(st->fd, "FORMAT", FORMAT_MAX, &text);

	if (err == AM_ERR_NOT_FOUND)
		return why_say(why, err, "",
		    "'%s' is not a vault (it has no FORMAT); if making it was "
		    "interrupted, remove it and run init again",
		    st->dir);
	if (err == AM_ERR_CORRUPT)
		return format_damaged(st, why);
	if (err != AM_OK)
		return why_say(why, err, "", "cannot read '%s/FORMAT': %s",
		    st->dir, err_text(err));
	if (is_newer(blob_bytes(&text)))
		return why_say(why, AM_ERR_INCOMPLETE, "",
		    "'%s' has a newer format than this program knows; use a "
		    "newer amanat",
		    st->dir);
	if (text.len < id_at + 32 ||
	    enc_hex_decode((struct bytes){ text.p + id_at, 32 }, st->vault,
		sizeof(st->vault)) != AM_OK)
		return format_damaged(st, why);
	format_text(st->vault, &again, buf);
	if (!bytes_same(blob_bytes(&text), again))
		return format_damaged(st, why);
	return AM_OK;
}

/* Signing needs the public key: computed once, not for every checkpoint. */
static AM_RESULT
expand(struct bytes seed, struct secret **out)
{
	secret_auto *key = NULL;
	uint8_t public[NOTE_PUBLIC];

	AM_TRY(secret_new(NOTE_SECRET, &key));
	(void)crypto_sign_seed_keypair(public, secret_mut(key), seed.p);
	AM_TRY(secret_freeze(key));
	*out = AM_TAKE(key);
	return AM_OK;
}

static bool
is_absent(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno == ENOENT;
}

static AM_RESULT
read_keys(struct store *st, struct why *why)
{
	secret_auto *R = NULL, *seed = NULL;

	AM_TRY(hostfile_secret(st->fd, key_R, SECRET_LEN, why, &R));
	AM_TRY(regkey_new(secret_bytes(R), st->vault, &st->rk));
	if (!st->write && is_absent(st->fd, key_seed))
		return AM_OK; /* reading signs nothing */
	AM_TRY(hostfile_secret(st->fd, key_seed, SECRET_LEN, why, &seed));
	return expand(secret_bytes(seed), &st->logkey);
}

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	mdb_env_close(st->env); /* takes NULL */
	regkey_free(st->rk);
	secret_free(st->logkey);
	hostfile_close(&st->fd);
	free(st->dir);
	free(st);
}

static AM_RESULT
store_new(const char *dir, bool write, struct store **out)
{
	store_auto *st = calloc(1, sizeof(*st));

	if (st == NULL)
		return AM_ERR_NOMEM;
	st->fd = -1;
	st->write = write;
	if ((st->dir = strdup(dir)) == NULL)
		return AM_ERR_NOMEM; /* cppcheck-suppress memleak */
	*out = AM_TAKE(st);
	return AM_OK;
}

static AM_RESULT
open_vault_dir(struct store *st, struct why *why)
{
	st->fd = open(st->dir, DIR_OPEN | O_CLOEXEC);
	if (st->fd >= 0)
		return AM_OK;
	if (errno == ENOENT || errno == ENOTDIR)
		return why_say(why, AM_ERR_NOT_FOUND, "",
		    "there is no vault '%s'; name one with --vault, or make "
		    "it with init",
		    st->dir);
	return why_say(why, AM_ERR_IO, "", "cannot open '%s': %s; %s", st->dir,
	    cause(errno), remedy(errno));
}

static AM_RESULT
open_all(struct store *st, struct why *why)
{
	AM_TRY(open_vault_dir(st, why));
	AM_TRY(read_format(st, why));
	AM_TRY(read_keys(st, why));
	AM_TRY(check_file(st, why));
	AM_TRY(open_env(st, why));
	return open_tables(st, why);
}

AM_RESULT
store_open(const char *dir, bool write, struct why *why, struct store **out)
{
	store_auto *st = NULL;
	enum am_err err;

	AM_TRY(store_new(dir, write, &st));
	err = open_all(st, why);
	if (err != AM_OK && why->text[0] == '\0')
		return why_say(
		    why, err, "", "cannot use '%s': %s", dir, err_text(err));
	AM_TRY(err);
	*out = AM_TAKE(st);
	return AM_OK;
}

const uint8_t *
store_vault(const struct store *st)
{
	return st->vault;
}

const struct regkey *
store_regkey(const struct store *st)
{
	return st->rk;
}

struct bytes
store_log_seed(const struct store *st)
{
	return (struct bytes){ store_log_key(st).p,
		st->logkey == NULL ? 0 : SECRET_LEN };
}

struct bytes
store_log_key(const struct store *st)
{
	return st->logkey == NULL ? (struct bytes){ NULL, 0 }
				  : secret_bytes(st->logkey);
}

const char *
store_dir(const struct store *st)
{
	return st->dir;
}

/* ---- making a vault */

static const char *const sub_dirs[] = { "keys", "db", "bags" };

static AM_RESULT
sync_dir(int dir, const char *name)
{
	hostfile_fd fd = openat(dir, name, DIR_OPEN | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0 ? AM_OK : AM_ERR_IO;
}

static void
stream_free(DIR **d)
{
	if (*d != NULL)
		(void)closedir(*d);
}

static AM_RESULT
is_empty(const char *dir)
{
	AM_CLEANUP(stream_free) DIR *d = opendir(dir);
	const struct dirent *e;

	if (d == NULL)
		return errno == ENOTDIR ? AM_ERR_EXISTS : AM_ERR_IO;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			return AM_ERR_EXISTS;
	return AM_OK;
}

static AM_RESULT
make_dir(const char *dir, struct why *why, bool *made)
{
	enum am_err err = AM_OK;

	*made = mkdir(dir, 0700) == 0;
	if (!*made)
		err = errno == EEXIST ? is_empty(dir) : AM_ERR_IO;
	if (err == AM_ERR_EXISTS)
		return why_say(why, err, "",
		    "'%s' exists and is not empty; if making a vault there "
		    "was interrupted, remove it",
		    dir);
	if (err != AM_OK)
		return why_say(
		    why, err, "", "cannot make '%s': %s", dir, cause(errno));
	return AM_OK;
}

static AM_RESULT
make_database(struct store *st, struct bytes R, struct why *why)
{
	AM_TRY(regkey_new(R, st->vault, &st->rk));
	AM_TRY(open_env(st, why));
	AM_TRY(open_database(st, true));
	mdb_env_close(st->env);
	st->env = NULL;
	return sync_dir(st->fd, "db");
}

/* FORMAT comes last: a crash before it leaves no vault (but keys). */
static AM_RESULT
fill(struct store *st, struct bytes R, struct bytes seed, struct why *why)
{
	struct bytes format = { 0 };
	char buf[STORE_FORMAT_TEXT];

	AM_TRY(open_vault_dir(st, why));
	for (size_t i = 0; i < AM_ARRAY_LEN(sub_dirs); i++)
		if (mkdirat(st->fd, sub_dirs[i], 0700) != 0)
			return AM_ERR_IO;
	AM_TRY(hostfile_put(st->fd, key_R, R));
	AM_TRY(hostfile_put(st->fd, key_seed, seed));
	AM_TRY(make_database(st, R, why));
	format_text(st->vault, &format, buf);
	return hostfile_put(st->fd, "FORMAT", format);
}

static void
undo(struct store *st, bool made)
{
	static const char *const files[] = { "FORMAT", key_R, key_seed,
		"db/data.mdb", "db/lock.mdb" };

	mdb_env_close(st->env);
	st->env = NULL;
	for (size_t i = 0; st->fd >= 0 && i < AM_ARRAY_LEN(files); i++)
		(void)unlinkat(st->fd, files[i], 0);
	for (size_t i = 0; st->fd >= 0 && i < AM_ARRAY_LEN(sub_dirs); i++)
		(void)unlinkat(st->fd, sub_dirs[i], AT_REMOVEDIR);
	if (made)
		(void)rmdir(st->dir);
}

AM_RESULT
store_create(const char *dir, const uint8_t vault[static 16], struct bytes R,
    struct bytes seed, struct why *why)
{
	store_auto *st = NULL;
	bool made = false;
	enum am_err err;

	if (R.len != SECRET_LEN || seed.len != SECRET_LEN)
		return AM_ERR_INVALID;
	AM_TRY(store_new(dir, true, &st));
	memcpy(st->vault, vault, sizeof(st->vault));
	AM_TRY(make_dir(dir, why, &made));
	why->text[0] = '\0';
	err = fill(st, R, seed, why);
	if (err == AM_OK && made) /* its name, too, survives a power cut */
		err = sync_dir(st->fd, "..");
	if (err == AM_OK)
		return AM_OK;
	if (why->text[0] == '\0')
		err = why_say(why, err, "", "cannot make a vault in '%s': %s",
		    dir, st->full ? cause(ENOSPC) : cause(errno));
	undo(st, made);
	return err;
}

static AM_RESULT
refill(struct store *st, struct bytes R, struct bytes seed,
    const struct store_filling *with, struct why *why)
{
	struct bytes format = { 0 };
	char buf[STORE_FORMAT_TEXT];

	AM_TRY(open_vault_dir(st, why));
	for (size_t i = 0; i < AM_ARRAY_LEN(sub_dirs); i++)
		if (mkdirat(st->fd, sub_dirs[i], 0700) != 0)
			return AM_ERR_IO;
	AM_TRY(hostfile_put(st->fd, key_R, R));
	if (seed.len > 0)
		AM_TRY(hostfile_put(st->fd, key_seed, seed));
	AM_TRY(with->fill(with->arg, st->fd, why));
	for (size_t i = 0; i < AM_ARRAY_LEN(sub_dirs); i++)
		AM_TRY(sync_dir(st->fd, sub_dirs[i]));
	format_text(st->vault, &format, buf);
	return hostfile_put(st->fd, "FORMAT", format);
}

AM_RESULT
store_restore(const char *dir, const uint8_t vault[static 16], struct bytes R,
    struct bytes seed, const struct store_filling *with, struct why *why)
{
	store_auto *st = NULL;
	bool made = false;
	enum am_err err;

	if (R.len != SECRET_LEN || (seed.len != SECRET_LEN && seed.len != 0))
		return AM_ERR_INVALID;
	AM_TRY(store_new(dir, true, &st));
	memcpy(st->vault, vault, sizeof(st->vault));
	AM_TRY(make_dir(dir, why, &made));
	why->text[0] = '\0';
	err = refill(st, R, seed, with, why);
	if (err != AM_OK && why->text[0] == '\0')
		return why_say(why, err, "", "cannot restore to '%s': %s", dir,
		    err == AM_ERR_IO ? cause(errno) : err_text(err));
	return err;
}

/* ---- files */

AM_RESULT
store_file_put(const struct store *st, const char *name, struct bytes content)
{
	return st->write ? hostfile_put(st->fd, name, content) : AM_ERR_INVALID;
}

AM_RESULT
store_file_get(
    const struct store *st, const char *name, size_t max_len, struct blob *out)
{
	return hostfile_get(st->fd, name, max_len, out);
}

AM_RESULT
store_file_del(const struct store *st, const char *name)
{
	return st->write ? hostfile_del(st->fd, name) : AM_ERR_INVALID;
}

AM_RESULT
store_file_each(const struct store *st, const char *sub,
    enum am_err (*fn)(void *arg, const char *name), void *arg)
{
	return hostfile_each(st->fd, sub, fn, arg);
}
