/*
 * hid.h - CTAPHID (CTAP 2.1, 11.2): channels, fragments, keep-alives. It runs
 * the commands of ctap.h and plays the faults of the wire.
 */

#ifndef SOFT_HID_H
#define SOFT_HID_H

#include "tests/softtoken/link.h"
#include "tests/softtoken/soft.h"
#include "tests/softtoken/touch.h"

/* The message that comes in, fragment by fragment. */
struct hid_message {
	bool open;
	uint32_t channel;
	uint8_t command, next_seq;
	size_t want, have;
	int64_t until;
	uint8_t data[SOFT_MSG_MAX];
};

enum hid_fate {
	HID_RUNNING,
	HID_CANCELLED, /* by the client: it gets an answer */
	HID_ABORTED,   /* by a new INIT, by going away, by the end */
};

struct hid {
	struct link *link;
	struct soft *soft;
	struct touch touch;
	uint32_t first, last; /* the channels that are allocated */
	struct hid_message in;
	uint32_t busy; /* channel of the command in hand, else 0 */
	enum hid_fate fate;
	bool deaf;    /* pulled out of a UDP bus, until a broadcast INIT */
	bool stopped; /* the program is to end */
	uint8_t out[1 + SOFT_MSG_MAX];
};

void hid_open(struct hid *h, struct link *link, struct soft *soft);

/* Serves clients until the program is told to end. */
void hid_serve(struct hid *h);

#endif /* SOFT_HID_H */
