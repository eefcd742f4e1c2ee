/*
 * fault.h - the ways in which the key misbehaves on demand, set by --fault and
 * by the file DIR/fault, which is read again at each command and adds to them.
 */

#ifndef SOFT_FAULT_H
#define SOFT_FAULT_H

#include <stdbool.h>

#define FAULTS(X)                                                          \
	X(FAULT_SLOW, "slow") /* 500 ms before each answer */              \
	X(FAULT_MUTE, "mute") /* no answer to a CBOR command */            \
	X(FAULT_UNPLUG_SIGN, "unplug-before-sign")                         \
	X(FAULT_UNPLUG_TOUCH, "unplug-at-touch")                           \
	X(FAULT_CORRUPT, "corrupt-frame") /* wrong sequence, or channel */ \
	X(FAULT_NO_HMAC, "no-hmac-secret")                                 \
	X(FAULT_SINGLE, "single-secret") /* same output with and w/o UV */ \
	X(FAULT_NO_PROTECT, "no-credprotect")                              \
	X(FAULT_LEVEL3, "force-level3")                                    \
	X(FAULT_BACKUP, "be-flag") /* backup-eligible */                   \
	X(FAULT_SIG, "wrong-sig")                                          \
	X(FAULT_TWO, "two-assertions") /* for one credential id */         \
	X(FAULT_PIN_BLOCKED, "pin-blocked")                                \
	X(FAULT_NO_PIN, "no-pin")

enum fault_kind {
#define X(code, name) code,
	FAULTS(X)
#undef X
};

struct fault_set {
	unsigned given; /* from the command line */
	unsigned now;   /* these and those of the file */
};

/* Adds names parted by commas or white space; false at an unknown one. */
bool fault_add(unsigned *set, const char *names);

/* Reads `fault` in the state directory, if it is there. */
void fault_reload(struct fault_set *f, int dir);

bool fault_on(const struct fault_set *f, enum fault_kind which);

#endif /* SOFT_FAULT_H */
