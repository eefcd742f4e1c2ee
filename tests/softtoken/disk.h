/*
 * disk.h - what the key remembers: a directory (0700) with files of 0600, each
 * replaced by write-new, fsync, rename. One key at a time holds the directory.
 *
 * `state` is one canonical CBOR map:
 *	1  master secret (32)      2  signature counter
 *	3  PIN tries left          4  LEFT(SHA-256(PIN), 16), empty when unset
 *	5  discoverable credentials, oldest first:
 *	   [credential id, rp id hash, user id, name, display name]
 */

#ifndef SOFT_DISK_H
#define SOFT_DISK_H

#include "tests/softtoken/prim.h"

#define DISK_PIN_HASH  16
#define DISK_PIN_TRIES 8
#define DISK_RK_MAX    16
#define DISK_ID_MAX    128
#define DISK_USER_MAX  64 /* WebAuthn: user handle; CTAP: names cut at 64 */
#define DISK_FILE_MAX  16384

struct disk_text {
	uint8_t p[DISK_USER_MAX];
	size_t len;
};

struct disk_rk {
	uint8_t id[DISK_ID_MAX];
	size_t id_len;
	uint8_t rp_hash[PRIM_HASH];
	struct disk_text user, name, display;
};

struct disk {
	int dir;
	uint8_t master[PRIM_KEY];
	uint32_t counter;
	unsigned tries;
	bool has_pin;
	uint8_t pin_hash[DISK_PIN_HASH];
	struct disk_rk rk[DISK_RK_MAX];
	size_t rk_count;
};

/* Opens or founds the state; on false, `why` names the step. */
bool disk_open(struct disk *d, const char *path, const char **why);
void disk_close(struct disk *d);

bool disk_save(const struct disk *d);

/* A new master secret: every credential is gone, and so is the PIN. */
void disk_wipe(struct disk *d);

struct span disk_text(const struct disk_text *t);
void disk_set_text(struct disk_text *t, struct span v);

/* Small whole files of the directory; `len` holds the capacity going in. */
bool disk_write(int dir, const char *name, struct span content);
bool disk_read(int dir, const char *name, uint8_t *out, size_t *len);

#endif /* SOFT_DISK_H */
