#include <string.h>

#include "tests/softtoken/ctap.h"
#include "tests/softtoken/hid.h"

#define BROADCAST 0xffffffffU
#define FIRST     0x80 /* bit of the command byte: a message begins */

enum command {
	CMD_PING = 0x01,
	CMD_INIT = 0x06,
	CMD_WINK = 0x08,
	CMD_CBOR = 0x10,
	CMD_CANCEL = 0x11,
	CMD_KEEPALIVE = 0x3b,
	CMD_ERROR = 0x3f,
};

enum error {
	ERR_INVALID_CMD = 0x01,
	ERR_INVALID_LEN = 0x03,
	ERR_INVALID_SEQ = 0x04,
	ERR_MSG_TIMEOUT = 0x05,
	ERR_CHANNEL_BUSY = 0x06,
	ERR_INVALID_CHANNEL = 0x0b,
};

enum keepalive { KEEP_PROCESSING = 1, KEEP_UP_NEEDED = 2 };

#define INIT_DATA   57 /* bytes of a message in its first report */
#define CONT_DATA   59 /* and in each further one */
#define NONCE       8
#define CAP_WINK    0x01
#define CAP_CBOR    0x04
#define CAP_NMSG    0x08
#define FRAGMENT_MS 500
#define KEEP_MS     100
#define LOOK_MS     20 /* how often the finger is looked at */
#define TOUCH_MS    30000
#define SLOW_MS     500

static uint32_t
channel_of(const uint8_t *frame)
{
	return (uint32_t)frame[0] << 24 | (uint32_t)frame[1] << 16 |
	    (uint32_t)frame[2] << 8 | frame[3];
}

static void
put_channel(uint8_t *p, uint32_t channel)
{
	for (size_t i = 0; i < 4; i++)
		p[i] = (uint8_t)(channel >> (24 - 8 * i));
}

static bool
allocated(const struct hid *h, uint32_t channel)
{
	return channel >= h->first && channel <= h->last;
}

/* ---- sending */

/* Sends the first report; returns how much of the message went with it. */
static size_t
send_first(
    const struct hid *h, uint32_t channel, uint8_t command, struct span msg)
{
	size_t n = msg.len < INIT_DATA ? msg.len : INIT_DATA;
	uint8_t frame[LINK_REPORT] = { 0 };

	put_channel(frame, channel);
	frame[4] = FIRST | command;
	frame[5] = (uint8_t)(msg.len >> 8);
	frame[6] = (uint8_t)msg.len;
	if (n > 0)
		memcpy(frame + 7, msg.p, n);
	link_send(h->link, frame);
	return n;
}

static size_t
send_more(const struct hid *h, uint32_t channel, uint8_t seq, struct span rest)
{
	size_t n = rest.len < CONT_DATA ? rest.len : CONT_DATA;
	uint8_t frame[LINK_REPORT] = { 0 };

	put_channel(frame, channel);
	frame[4] = seq;
	memcpy(frame + 5, rest.p, n);
	link_send(h->link, frame);
	return n;
}

/* `spoil`: the first continuation out of turn, or else a wrong channel. */
static void
send_message(const struct hid *h, uint32_t channel, uint8_t command,
    struct span msg, bool spoil)
{
	bool short_one = msg.len <= INIT_DATA;
	uint32_t first = spoil && short_one ? channel ^ 0xff : channel;
	size_t at = send_first(h, first, command, msg);
	uint8_t seq = spoil ? 1 : 0;

	while (at < msg.len) {
		at += send_more(
		    h, channel, seq, (struct span){ msg.p + at, msg.len - at });
		seq++;
	}
}

static void
send_byte(const struct hid *h, uint32_t channel, uint8_t command, uint8_t byte)
{
	send_message(h, channel, command, (struct span){ &byte, 1 }, false);
}

static void
send_error(const struct hid *h, uint32_t channel, enum error e)
{
	send_byte(h, channel, CMD_ERROR, (uint8_t)e);
}

/* ---- channels */

/* Broadcast asks for a channel; on a channel of one's own it is a re-sync. */
static void
answer_init(struct hid *h, uint32_t channel, const uint8_t *nonce)
{
	uint8_t msg[17];
	uint32_t given = channel;

	if (channel == BROADCAST) {
		if (h->last == BROADCAST - 1)
			h->first = 1, h->last = 0;
		given = ++h->last;
	}
	memcpy(msg, nonce, NONCE);
	put_channel(msg + NONCE, given);
	msg[12] = 2; /* CTAPHID protocol version */
	msg[13] = 0; /* device version */
	msg[14] = 1;
	msg[15] = 0;
	msg[16] = CAP_WINK | CAP_CBOR | CAP_NMSG;
	send_message(h, channel, CMD_INIT, SPAN(msg), false);
}

/* A client went away: its channels and its message end with it. */
static void
forget_client(struct hid *h)
{
	h->first = h->last + 1;
	h->in.open = false;
	h->fate = HID_ABORTED;
}

static size_t
length_of(const uint8_t *frame)
{
	return (size_t)frame[5] << 8 | frame[6];
}

static bool
is_init(const uint8_t *frame)
{
	return frame[4] == (FIRST | CMD_INIT);
}

/* True when the report was an INIT, answered here. */
static bool
handle_init(struct hid *h, uint32_t channel, const uint8_t *frame)
{
	if (!is_init(frame))
		return false;
	if (channel != BROADCAST && !allocated(h, channel)) {
		send_error(h, channel, ERR_INVALID_CHANNEL);
		return true;
	}
	if (length_of(frame) != NONCE) {
		send_error(h, channel, ERR_INVALID_LEN);
		return true;
	}
	if (h->in.open && h->in.channel == channel)
		h->in.open = false;
	if (h->busy != 0 && h->busy == channel)
		h->fate = HID_ABORTED;
	answer_init(h, channel, frame + 7);
	return true;
}

/* ---- while a command is in hand */

static void
frame_while_busy(struct hid *h, const uint8_t *frame)
{
	uint32_t channel = channel_of(frame);

	if (handle_init(h, channel, frame) || (frame[4] & FIRST) == 0)
		return;
	if (!allocated(h, channel)) {
		send_error(h, channel, ERR_INVALID_CHANNEL);
		return;
	}
	if (frame[4] != (FIRST | CMD_CANCEL))
		send_error(h, channel, ERR_CHANNEL_BUSY);
	else if (channel == h->busy)
		h->fate = HID_CANCELLED;
}

static void
event_while_busy(struct hid *h, int timeout_ms)
{
	uint8_t frame[LINK_REPORT];

	switch (link_wait(h->link, timeout_ms, frame)) {
	case LINK_FRAME:
		frame_while_busy(h, frame);
		break;
	case LINK_TIMEOUT:
		break;
	case LINK_GONE:
		forget_client(h);
		break;
	case LINK_STOP:
		h->stopped = true;
		h->fate = HID_ABORTED;
		break;
	}
}

static enum ctap
fate_status(const struct hid *h)
{
	switch (h->fate) {
	case HID_RUNNING:
		return CTAP_OK;
	case HID_CANCELLED:
		return CTAP_KEEPALIVE_CANCEL;
	case HID_ABORTED:
		return CTAP_SILENCE;
	}
	return CTAP_SILENCE;
}

/* A turn of waiting: a keep-alive when one is due, then the wire. */
static enum ctap
wait_turn(struct hid *h, enum keepalive status, int64_t *next_keep)
{
	int64_t now = prim_now_ms();

	if (now >= *next_keep) {
		send_byte(h, h->busy, CMD_KEEPALIVE, (uint8_t)status);
		*next_keep = now + KEEP_MS;
	}
	event_while_busy(h, LOOK_MS);
	return fate_status(h);
}

static enum ctap
wait_slowly(struct hid *h)
{
	int64_t now = prim_now_ms(), until = now + SLOW_MS, keep = now;

	while (prim_now_ms() < until)
		CTAP_TRY(wait_turn(h, KEEP_PROCESSING, &keep));
	return CTAP_OK;
}

static enum ctap
pull_out(struct hid *h)
{
	link_drop(h->link);
	forget_client(h);
	h->deaf = h->link->udp;
	return CTAP_SILENCE;
}

static enum ctap
wait_touch(struct soft *s)
{
	struct hid *h = s->hid;
	int64_t start = prim_now_ms(), keep = start;

	if (soft_fault(s, FAULT_UNPLUG_TOUCH)) {
		send_byte(h, h->busy, CMD_KEEPALIVE, KEEP_UP_NEEDED);
		return pull_out(h);
	}
	while (!touch_now(&h->touch, prim_now_ms() - start)) {
		if (prim_now_ms() - start >= TOUCH_MS)
			return CTAP_USER_ACTION_TIMEOUT;
		CTAP_TRY(wait_turn(h, KEEP_UP_NEEDED, &keep));
	}
	return CTAP_OK;
}

/* ---- commands */

static enum ctap
run(struct hid *h, struct span request, struct cb_out *o)
{
	struct soft *s = h->soft;

	fault_reload(&s->fault, s->disk.dir);
	if (soft_fault(s, FAULT_MUTE))
		return CTAP_SILENCE;
	if (soft_fault(s, FAULT_UNPLUG_SIGN) && ctap_is_signing(request))
		return pull_out(h);
	if (soft_fault(s, FAULT_SLOW))
		CTAP_TRY(wait_slowly(h));
	return ctap_command(s, request, o);
}

static void
handle_cbor(struct hid *h)
{
	struct span request = { h->in.data, h->in.have };
	struct cb_out o = { .p = h->out + 1, .cap = sizeof(h->out) - 1 };
	uint32_t channel = h->in.channel;
	enum ctap st;

	if (request.len == 0) {
		send_error(h, channel, ERR_INVALID_LEN);
		return;
	}
	h->busy = channel;
	h->soft->channel = channel;
	h->fate = HID_RUNNING;
	st = run(h, request, &o);
	h->busy = 0;
	if (st == CTAP_SILENCE)
		return;
	h->out[0] = (uint8_t)st;
	send_message(h, channel, CMD_CBOR,
	    (struct span){ h->out, st == CTAP_OK ? 1 + o.len : 1 },
	    soft_fault(h->soft, FAULT_CORRUPT));
}

static void
handle_message(struct hid *h)
{
	const struct hid_message *m = &h->in;

	switch (m->command) {
	case CMD_PING:
		send_message(h, m->channel, CMD_PING,
		    (struct span){ m->data, m->have }, false);
		break;
	case CMD_WINK:
		if (m->have == 0)
			send_message(
			    h, m->channel, CMD_WINK, (struct span){ 0 }, false);
		else
			send_error(h, m->channel, ERR_INVALID_LEN);
		break;
	case CMD_CBOR:
		handle_cbor(h);
		break;
	case CMD_CANCEL: /* nothing is waiting: ignored, 11.2.9.1.5 */
		break;
	default:
		send_error(h, m->channel, ERR_INVALID_CMD);
		break;
	}
}

/* ---- receiving */

static void
add_data(struct hid *h, const uint8_t *p, size_t max)
{
	struct hid_message *m = &h->in;
	size_t left = m->want - m->have, n = left < max ? left : max;

	memcpy(m->data + m->have, p, n);
	m->have += n;
	m->until = prim_now_ms() + FRAGMENT_MS;
	if (m->have < m->want)
		return;
	m->open = false;
	handle_message(h);
}

static void
first_report(struct hid *h, uint32_t channel, const uint8_t *frame)
{
	struct hid_message *m = &h->in;

	if (m->open) { /* of the same channel: out of turn, else busy */
		bool same = m->channel == channel;

		m->open = !same;
		send_error(
		    h, channel, same ? ERR_INVALID_SEQ : ERR_CHANNEL_BUSY);
		return;
	}
	if (length_of(frame) > SOFT_MSG_MAX) {
		send_error(h, channel, ERR_INVALID_LEN);
		return;
	}
	m->open = true;
	m->channel = channel;
	m->command = frame[4] & 0x7f;
	m->next_seq = 0;
	m->want = length_of(frame);
	m->have = 0;
	add_data(h, frame + 7, INIT_DATA);
}

/* One that belongs to no message is dropped (11.2.5.4). */
static void
further_report(struct hid *h, uint32_t channel, const uint8_t *frame)
{
	struct hid_message *m = &h->in;

	if (!m->open || m->channel != channel)
		return;
	if (frame[4] != m->next_seq) {
		m->open = false;
		send_error(h, channel, ERR_INVALID_SEQ);
		return;
	}
	m->next_seq++;
	add_data(h, frame + 5, CONT_DATA);
}

static void
handle_frame(struct hid *h, const uint8_t *frame)
{
	uint32_t channel = channel_of(frame);

	if (h->deaf && (channel != BROADCAST || !is_init(frame)))
		return;
	h->deaf = false;
	if (handle_init(h, channel, frame))
		return;
	if (!allocated(h, channel))
		send_error(h, channel, ERR_INVALID_CHANNEL);
	else if ((frame[4] & FIRST) != 0)
		first_report(h, channel, frame);
	else
		further_report(h, channel, frame);
}

static void
check_timeout(struct hid *h)
{
	if (!h->in.open || prim_now_ms() < h->in.until)
		return;
	h->in.open = false;
	send_error(h, h->in.channel, ERR_MSG_TIMEOUT);
}

void
hid_open(struct hid *h, struct link *link, struct soft *soft)
{
	*h = (struct hid){ .link = link, .soft = soft, .first = 1 };
	soft->touch = wait_touch;
	soft->hid = h;
}

void
hid_serve(struct hid *h)
{
	uint8_t frame[LINK_REPORT];

	while (!h->stopped) {
		int patience = h->in.open ? LOOK_MS : -1;

		check_timeout(h);
		switch (link_wait(h->link, patience, frame)) {
		case LINK_FRAME:
			handle_frame(h, frame);
			break;
		case LINK_TIMEOUT:
			break;
		case LINK_GONE:
			forget_client(h);
			break;
		case LINK_STOP:
			h->stopped = true;
			break;
		}
	}
}
