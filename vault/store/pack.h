/*
 * pack.h - a backup: one file that holds a vault, but no host key.
 *
 *	0   "amanat-backup 1\n"
 *	16  vault (16) | u64 length of the database          head, 40 bytes
 *	40  the database: data.mdb, compacted
 *	    entries: u8 length of the name, name, u32 length, content
 *	        FORMAT, checkpoint.note, then bags/... in ascending order
 *	    u8 0
 *	    SHA-256 of everything before it (32)
 *
 * The sum finds accidents, not attackers: who it is from is shown by what is
 * inside, once the register key is there (R3.9 says what is not).
 */

#ifndef AM_PACK_H
#define AM_PACK_H

#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/base/buf.h"
#include "vault/base/why.h"

enum {
	PACK_HEAD = 40,
	PACK_SUM = 32,
	PACK_NAME_MAX = 64,
	PACK_TAIL_MAX = 256 << 20, /* all entries */
};

struct pack_head {
	uint8_t vault[16];
	uint64_t database; /* bytes */
};

struct pack_entry {
	char name[PACK_NAME_MAX + 1];
	struct bytes content; /* lent */
};

/* What stands behind the database; lent from its bytes. */
struct pack_tail {
	struct bytes note;
	struct buf_reader bags; /* for pack_bag */
	size_t bag_count;
};

void pack_head_write(const struct pack_head *h, uint8_t out[static PACK_HEAD]);
/* Errors: AM_ERR_CORRUPT; AM_ERR_INCOMPLETE (a newer format). */
AM_RESULT pack_head_read(struct bytes in, struct pack_head *out);

/* Is that the name of a key bag: bags/<32 hex digits>, perhaps with ".next"? */
bool pack_is_bag(struct bytes name);

/* `pack_tail_start` appends FORMAT and the checkpoint, `pack_tail_add` a bag
 * (in ascending order of names), `pack_tail_end` the end.
 * Errors: AM_ERR_NOMEM; AM_ERR_INVALID (a name, or too much). */
AM_RESULT pack_tail_start(
    struct blob *out, const uint8_t vault[static 16], struct bytes note);
AM_RESULT
pack_tail_add(struct blob *out, const char *name, struct bytes content);
AM_RESULT pack_tail_end(struct blob *out);

/* Every entry is looked at. Errors: AM_ERR_CORRUPT. */
AM_RESULT pack_tail_read(
    struct bytes tail, const uint8_t vault[static 16], struct pack_tail *out);
/* The next bag. Errors: AM_ERR_NOT_FOUND (that was the last). */
AM_RESULT pack_bag(struct buf_reader *bags, struct pack_entry *out);

/* ---- a backup on disk */

struct pack {
	int fd;
	uint64_t bytes;
	struct pack_head head;
	struct blob text; /* of the tail */
	struct pack_tail tail;
};

void pack_close(struct pack *p);
#define pack_auto AM_CLEANUP(pack_close) struct pack

/*
 * `pack_open` reads a backup and checks its form and sum; start with
 * { .fd = -1 }.
 * Errors, with a sentence: AM_ERR_NOT_FOUND, AM_ERR_CORRUPT, AM_ERR_INCOMPLETE
 * (a newer format), AM_ERR_IO, AM_ERR_NOMEM.
 */
AM_RESULT pack_open(const char *path, struct why *why, struct pack *p);

/* Appends the database to the file `to`. Errors: AM_ERR_IO. */
AM_RESULT pack_copy_database(const struct pack *p, int to);

/* SHA-256 of the first `len` bytes of a file. Errors: AM_ERR_IO (also when
 * there are fewer), AM_ERR_NOMEM. */
AM_RESULT pack_sum(int fd, uint64_t len, uint8_t out[static PACK_SUM]);

/* write(2) until all is written. Errors: AM_ERR_IO; errno says why. */
AM_RESULT pack_write(int fd, struct bytes in);

#endif /* AM_PACK_H */
