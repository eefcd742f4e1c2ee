#include <string.h>

#include "tests/softtoken/ctap.h"

enum command {
	MAKE_CREDENTIAL = 0x01,
	GET_ASSERTION = 0x02,
	GET_INFO = 0x04,
	CLIENT_PIN = 0x06,
	RESET = 0x07,
	GET_NEXT_ASSERTION = 0x08,
	SELECTION = 0x0b,
};

#define FIRMWARE 1

/* ---- shared by make.c and get.c */

void
ctap_auth_head(const struct soft *s, const uint8_t rp_hash[static PRIM_HASH],
    uint8_t flags, struct cb_out *o)
{
	const uint32_t n = s->disk.counter;
	uint8_t tail[5];

	if (soft_fault(s, FAULT_BACKUP))
		flags |= SOFT_BE;
	tail[0] = flags;
	for (size_t i = 0; i < 4; i++)
		tail[1 + i] = (uint8_t)(n >> (24 - 8 * i));
	cb_put(o, (struct span){ rp_hash, PRIM_HASH });
	cb_put(o, SPAN(tail));
}

enum ctap
ctap_count(struct soft *s)
{
	s->disk.counter++;
	return disk_save(&s->disk) ? CTAP_OK : CTAP_OTHER;
}

size_t
ctap_sign(const struct soft *s, EVP_PKEY *key, struct span a, struct span b,
    uint8_t sig[static PRIM_SIG_MAX])
{
	size_t len = prim_sign(key, a, b, sig);

	if (soft_fault(s, FAULT_SIG))
		sig[len - 1] ^= 1;
	return len;
}

enum ctap
ctap_options(const struct cb_item *map, int64_t key, struct ctap_options *out)
{
	struct cb_item it = { .major = CB_ABSENT };

	CTAP_TRY(cb_want(map, key, CB_MAP, &it));
	CTAP_TRY(cb_want_bool(&it, TEXT("up"), &out->up, &out->up_given));
	CTAP_TRY(cb_want_bool(&it, TEXT("uv"), &out->uv, &out->uv_given));
	return cb_want_bool(&it, TEXT("rk"), &out->rk, &out->rk_given);
}

enum ctap
ctap_next_id(struct span *list, struct span *id)
{
	struct cb_item it, type, value;

	if (!cb_next(list, &it) || it.major != CB_MAP)
		return CTAP_UNEXPECTED_TYPE;
	type = cb_find_text(&it, TEXT("type"));
	value = cb_find_text(&it, TEXT("id"));
	if (type.major == CB_ABSENT || value.major == CB_ABSENT)
		return CTAP_MISSING_PARAMETER;
	if (type.major != CB_TEXT || value.major != CB_BYTES)
		return CTAP_UNEXPECTED_TYPE;
	*id = value.body;
	return CTAP_OK;
}

/* ---- getInfo */

static void
put_option(struct cb_out *o, struct span name, bool value)
{
	cb_text(o, name);
	cb_bool(o, value);
}

static void
put_extensions(const struct soft *s, struct cb_out *o)
{
	bool hmac = !soft_fault(s, FAULT_NO_HMAC);

	cb_uint(o, 2);
	cb_array(o, hmac ? 2 : 1);
	cb_text(o, TEXT("credProtect"));
	if (hmac)
		cb_text(o, TEXT("hmac-secret"));
}

static void
put_options(const struct soft *s, struct cb_out *o)
{
	cb_uint(o, 4);
	cb_map(o, 5);
	put_option(o, TEXT("rk"), true);
	put_option(o, TEXT("up"), true);
	put_option(o, TEXT("plat"), false);
	put_option(o, TEXT("clientPin"), soft_has_pin(s));
	put_option(o, TEXT("pinUvAuthToken"), true);
}

static void
put_algorithms(struct cb_out *o)
{
	cb_uint(o, 10);
	cb_array(o, 1);
	cb_map(o, 2);
	cb_text(o, TEXT("alg"));
	cb_int(o, -7);
	cb_text(o, TEXT("type"));
	cb_text(o, TEXT("public-key"));
}

static void
put_number(struct cb_out *o, uint64_t key, uint64_t value)
{
	cb_uint(o, key);
	cb_uint(o, value);
}

static enum ctap
get_info(const struct soft *s, struct cb_out *o)
{
	cb_map(o, 13);
	cb_uint(o, 1);
	cb_array(o, 2);
	cb_text(o, TEXT("FIDO_2_0"));
	cb_text(o, TEXT("FIDO_2_1"));
	put_extensions(s, o);
	cb_uint(o, 3);
	cb_bytes(o, SPAN(attest_aaguid));
	put_options(s, o);
	put_number(o, 5, SOFT_MSG_MAX);
	cb_uint(o, 6);
	cb_array(o, s->protocol_count);
	for (size_t i = 0; i < s->protocol_count; i++)
		cb_uint(o, s->protocols[i]);
	put_number(o, 7, SOFT_LIST_MAX);
	put_number(o, 8, CRED_ID);
	cb_uint(o, 9);
	cb_array(o, 1);
	cb_text(o, TEXT("usb"));
	put_algorithms(o);
	put_number(o, 13, PIN_CODE_MIN);
	put_number(o, 14, FIRMWARE);
	put_number(o, 20, DISK_RK_MAX - s->disk.rk_count);
	return CTAP_OK;
}

/* ---- the rest */

/* Everything but the attestation key is new. */
static enum ctap
reset(struct soft *s)
{
	CTAP_TRY(soft_touch(s));
	disk_wipe(&s->disk);
	pin_close(&s->pin);
	pin_open(&s->pin);
	return disk_save(&s->disk) ? CTAP_OK : CTAP_OTHER;
}

static enum ctap
without_parameters(
    struct soft *s, uint8_t command, struct span rest, struct cb_out *o)
{
	if (rest.len > 0)
		return CTAP_INVALID_LENGTH;
	if (command == GET_INFO)
		return get_info(s, o);
	if (command == GET_NEXT_ASSERTION)
		return get_next(s, o);
	return command == RESET ? reset(s) : soft_touch(s);
}

static enum ctap
with_parameters(
    struct soft *s, uint8_t command, struct span rest, struct cb_out *o)
{
	struct cb_item map;

	if (!cb_valid(rest) || !cb_next(&rest, &map))
		return CTAP_INVALID_CBOR;
	if (map.major != CB_MAP)
		return CTAP_UNEXPECTED_TYPE;
	if (command == MAKE_CREDENTIAL)
		return make_command(s, &map, o);
	if (command == GET_ASSERTION)
		return get_command(s, &map, o);
	return pin_command(s, &map, o);
}

enum ctap
ctap_command(struct soft *s, struct span request, struct cb_out *o)
{
	struct span rest;
	uint8_t command;
	enum ctap st;

	if (request.len == 0)
		return CTAP_INVALID_LENGTH;
	command = request.p[0];
	rest = (struct span){ request.p + 1, request.len - 1 };
	if (command != GET_NEXT_ASSERTION) /* any other one ends the row */
		s->next.count = 0;
	switch (command) {
	case MAKE_CREDENTIAL:
	case GET_ASSERTION:
	case CLIENT_PIN:
		st = with_parameters(s, command, rest, o);
		break;
	case GET_INFO:
	case RESET:
	case GET_NEXT_ASSERTION:
	case SELECTION:
		st = without_parameters(s, command, rest, o);
		break;
	default:
		return CTAP_INVALID_COMMAND;
	}
	return st == CTAP_OK && o->full ? CTAP_OTHER : st;
}

bool
ctap_is_signing(struct span request)
{
	struct ctap_options opt = { .up = true };
	struct span rest;
	struct cb_item map, ext;

	if (request.len == 0 || request.p[0] != GET_ASSERTION)
		return false;
	rest = (struct span){ request.p + 1, request.len - 1 };
	if (!cb_valid(rest) || !cb_next(&rest, &map))
		return false;
	ext = cb_find(&map, 4);
	if (ctap_options(&map, 5, &opt) != CTAP_OK || !opt.up)
		return false;
	return cb_find_text(&ext, TEXT("hmac-secret")).major == CB_ABSENT;
}
