/*
 * soft.h - the whole key: what it remembers, what it knows until it is
 * unplugged, and how it behaves.
 */

#ifndef SOFT_SOFT_H
#define SOFT_SOFT_H

#include "tests/softtoken/attest.h"
#include "tests/softtoken/cred.h"
#include "tests/softtoken/disk.h"
#include "tests/softtoken/fault.h"
#include "tests/softtoken/pin.h"

#define SOFT_LIST_MAX 8    /* credential ids in one list */
#define SOFT_MSG_MAX  7609 /* the most that CTAPHID can carry */

/* Flags of authenticator data (WebAuthn 6.1). */
#define SOFT_UP 0x01
#define SOFT_UV 0x04
#define SOFT_BE 0x08
#define SOFT_AT 0x40
#define SOFT_ED 0x80

enum soft_format { SOFT_PACKED, SOFT_SELF, SOFT_NONE };

/* What getNextAssertion goes on with. */
struct soft_next {
	uint8_t rp_hash[PRIM_HASH];
	uint8_t hash[PRIM_HASH]; /* of the client data */
	size_t rk[DISK_RK_MAX];  /* indices into the state */
	bool named; /* instead: this id again, as the fault has it */
	uint8_t id[CRED_ID];
	size_t count, at;
	uint8_t flags;
	uint32_t channel;
	int64_t until;
};

struct soft {
	struct disk disk;
	struct attest attest;
	struct pin pin;
	struct fault_set fault;
	enum soft_format format;
	uint8_t protocols[PIN_PROTOCOLS]; /* in the order of getInfo */
	size_t protocol_count;
	struct soft_next next;
	uint32_t channel; /* of the command in hand */

	/* Waits for a touch; CTAP_OK when it came. */
	enum ctap (*touch)(struct soft *s);
	void *hid;
};

bool soft_has_pin(const struct soft *s);

/* Asks for a touch, or is pulled out instead. */
enum ctap soft_touch(struct soft *s);

bool soft_fault(const struct soft *s, enum fault_kind which);

#endif /* SOFT_SOFT_H */
