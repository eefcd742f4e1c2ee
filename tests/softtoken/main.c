/*
 * amanat-softtoken - a FIDO2 key in software, for tests and evaluation vaults.
 * It is no place for a secret that matters: its files are its whole body.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/softtoken/hid.h"

#define USAGE 2

struct options {
	const char *state, *listen, *pin;
};

/* Static: the message buffers are too large for a stack. */
static struct soft soft;
static struct hid hid;
static struct link bus;

static int
usage(const char *what)
{
	fprintf(stderr, "amanat-softtoken: %s\n", what);
	fprintf(stderr,
	    "usage: amanat-softtoken --state DIR "
	    "--listen udp:SEND:RECV|unix:PATH\n"
	    "\t[--pin PIN] [--touch auto|never|file:PATH|delay:MS]\n"
	    "\t[--fault NAME[,NAME...]] [--attestation packed|self|none]\n"
	    "\t[--pin-protocols 1|2|1,2|2,1] [--aaguid HEX]\n");
	return USAGE;
}

static int
failed(const char *what, const char *subject)
{
	fprintf(stderr, "amanat-softtoken: %s: '%s'\n", what, subject);
	return EXIT_FAILURE;
}

static bool
read_format(const char *text)
{
	static const char *const names[] = {
		[SOFT_PACKED] = "packed",
		[SOFT_SELF] = "self",
		[SOFT_NONE] = "none",
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			soft.format = (enum soft_format)i;
			return true;
		}
	return false;
}

static bool
read_protocols(const char *text)
{
	size_t len = strlen(text);

	if (len != 1 && (len != 3 || text[1] != ',' || text[0] == text[2]))
		return false;
	soft.protocol_count = 0;
	for (size_t i = 0; i < len; i += 2) {
		if (text[i] != '1' && text[i] != '2')
			return false;
		soft.protocols[soft.protocol_count++] =
		    (uint8_t)(text[i] - '0');
	}
	return true;
}

/* NULL, or what is wrong with the option. */
static const char *
read_option(int letter, const char *value, struct options *o)
{
	switch (letter) {
	case 's':
		o->state = value;
		return NULL;
	case 'l':
		o->listen = value;
		return NULL;
	case 'p':
		o->pin = value;
		return NULL;
	case 't':
		return touch_parse(&hid.touch, value) ? NULL : "bad --touch";
	case 'f':
		return fault_add(&soft.fault.given, value) ? NULL
							   : "bad --fault";
	case 'a':
		return read_format(value) ? NULL : "bad --attestation";
	case 'P':
		return read_protocols(value) ? NULL : "bad --pin-protocols";
	case 'm':
		return attest_set_aaguid(value) ? NULL : "bad --aaguid";
	default:
		return "bad option";
	}
}

static const char *
read_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{ "state", required_argument, NULL, 's' },
		{ "listen", required_argument, NULL, 'l' },
		{ "pin", required_argument, NULL, 'p' },
		{ "touch", required_argument, NULL, 't' },
		{ "fault", required_argument, NULL, 'f' },
		{ "attestation", required_argument, NULL, 'a' },
		{ "pin-protocols", required_argument, NULL, 'P' },
		{ "aaguid", required_argument, NULL, 'm' },
		{ 0 },
	};
	const char *wrong;
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, "", table, NULL)) != -1) {
		wrong = read_option(letter, optarg, o);
		if (wrong != NULL)
			return wrong;
	}
	if (optind < argc)
		return "too many arguments";
	if (o->state == NULL || o->listen == NULL)
		return "--state and --listen are needed";
	return NULL;
}

/* Only a key without a PIN takes the one of the command line. */
static bool
first_pin(const char *pin)
{
	uint8_t hash[PRIM_HASH];
	size_t len = strlen(pin);

	if (soft.disk.has_pin)
		return true;
	if (len < PIN_CODE_MIN || len >= PIN_PADDED)
		return false;
	prim_sha256((struct span){ (const uint8_t *)pin, len }, hash);
	memcpy(soft.disk.pin_hash, hash, DISK_PIN_HASH);
	soft.disk.has_pin = true;
	soft.disk.tries = DISK_PIN_TRIES;
	return disk_save(&soft.disk);
}

/* A client that left the port to the kernel has to be told. */
static bool
say_ready(void)
{
	if (bus.chosen)
		printf("ready udp:%u:%u\n", link_port(&bus),
		    (unsigned)ntohs(bus.peer.sin_port));
	else
		printf("ready\n");
	return fflush(stdout) == 0;
}

static int
serve(const struct options *o)
{
	const char *why = NULL;

	if (!disk_open(&soft.disk, o->state, &why))
		return failed(why, o->state);
	if (!attest_open(&soft.attest, soft.disk.dir))
		return failed("cannot open the attestation key", o->state);
	if (o->pin != NULL && !first_pin(o->pin))
		return failed("the PIN is too short or too long", "--pin");
	pin_open(&soft.pin);
	if (!link_open(&bus, o->listen, &why))
		return failed(why, o->listen);
	if (!say_ready())
		return failed("cannot write", "standard output");
	hid_serve(&hid);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	const char *wrong;
	int status;

	bus = (struct link){ .stop = -1, .server = -1, .client = -1 };
	soft.disk.dir = -1;
	soft.protocols[0] = 1;
	soft.protocols[1] = 2;
	soft.protocol_count = PIN_PROTOCOLS;
	hid_open(&hid, &bus, &soft);
	wrong = read_options(argc, argv, &o);
	if (wrong != NULL)
		return usage(wrong);
	status = serve(&o);
	link_close(&bus);
	pin_close(&soft.pin);
	attest_close(&soft.attest);
	disk_close(&soft.disk);
	return status;
}
