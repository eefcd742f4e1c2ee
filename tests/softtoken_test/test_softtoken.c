/*
 * The software key against libfido2, and against reports made by hand. Each
 * test starts a key of its own, over a socket in a directory of its own; the
 * program is named by AMANAT_SOFTTOKEN.
 */

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fido.h>
#include <fido/err.h>
#include <fido/es256.h>
#include <netinet/in.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/check.h"
#include "vault/base/am.h"

#define PIN        "1234"
#define RP         "amanat.test"
#define REPORT     64
#define MSG_MAX    7609
#define PATIENCE   3000 /* ms for one answer */
#define WHOLE_TEST 60   /* s, then the program is ended */

/* ---- the key as a child */

struct key {
	pid_t pid;
	char dir[64];    /* the temporary directory */
	char state[96];  /* the key's own, in it */
	char where[128]; /* as --listen and as the path of libfido2 */
	const char *const *extra;
};

/* What a test that fails leaves behind; swept at the end. */
static struct {
	pid_t pid;
	char dir[64];
} remains[64];
static size_t remains_count;

static void
note(const struct key *k)
{
	size_t i = 0;

	while (i < remains_count && strcmp(remains[i].dir, k->dir) != 0)
		i++;
	assert_true(i < AM_ARRAY_LEN(remains));
	remains_count += i == remains_count;
	remains[i].pid = k->pid;
	snprintf(remains[i].dir, sizeof(remains[i].dir), "%s", k->dir);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
sleep_ms(int ms)
{
	(void)poll(NULL, 0, ms);
}

static void
exec_key(const struct key *k, int out)
{
	const char *program = getenv("AMANAT_SOFTTOKEN");
	const char *argv[24] = { program ? program : "build/amanat-softtoken",
		"--state", k->state, "--listen", k->where };
	size_t n = 5;

	for (size_t i = 0; k->extra && k->extra[i]; i++)
		argv[n++] = k->extra[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* Starts the key on the state it has. */
static void
key_run(struct key *k)
{
	char line[64] = { 0 };
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	k->pid = fork();
	assert_true(k->pid >= 0);
	if (k->pid == 0)
		exec_key(k, fds[1]);
	note(k);
	close(fds[1]);
	assert_true(read(fds[0], line, sizeof(line) - 1) > 0);
	close(fds[0]);
	assert_string_equal(line, "ready\n");
}

static void
key_make(struct key *k)
{
	*k = (struct key){ .dir = "/tmp/softtoken-test.XXXXXX" };
	assert_non_null(mkdtemp(k->dir));
	snprintf(k->state, sizeof(k->state), "%s/state", k->dir);
	snprintf(k->where, sizeof(k->where), "unix:%s/sock", k->dir);
}

static const char *const with_pin[] = { "--pin", PIN, NULL };

static void
key_start(struct key *k, const char *const *extra)
{
	key_make(k);
	k->extra = extra;
	key_run(k);
}

/* Ends the key and returns its status as waitpid gives it. */
static int
key_end(struct key *k, int sig)
{
	int status = -1;

	assert_int_equal(kill(k->pid, sig), 0);
	assert_int_equal(waitpid(k->pid, &status, 0), k->pid);
	k->pid = 0;
	note(k);
	return status;
}

static void
key_restart(struct key *k, int sig)
{
	(void)key_end(k, sig);
	key_run(k);
}

static void
remove_all(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	char name[512];

	while (d && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (unlink(name) != 0)
			remove_all(name);
	}
	if (d)
		closedir(d);
	(void)rmdir(path);
}

static void
key_stop(struct key *k)
{
	int status = k->pid ? key_end(k, SIGTERM) : 0;

	remove_all(k->dir);
	assert_int_equal(status, 0); /* SIGTERM: a clean end */
}

static int
sweep(void **state)
{
	(void)state;
	for (size_t i = 0; i < remains_count; i++) {
		if (remains[i].pid > 0 && kill(remains[i].pid, SIGKILL) == 0)
			(void)waitpid(remains[i].pid, NULL, 0);
		remove_all(remains[i].dir);
	}
	return 0;
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* Switches faults while the key runs. */
static void
set_fault(const struct key *k, const char *names)
{
	write_file(k->state, "fault", names);
}

/* ---- reports: io functions for libfido2, and for tests by hand */

struct wire {
	int fd;
	bool udp;
	struct sockaddr_in to;
};

static struct sockaddr_in
local(unsigned port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void *
wire_open(const char *path)
{
	struct wire *w = calloc(1, sizeof(*w));
	unsigned out = 0, in = 0;

	if (w == NULL)
		return NULL;
	if (strncmp(path, "unix:", 5) == 0) {
		w->fd = connect_unix(path + 5);
	} else if (sscanf(path, "udp:%u:%u", &out, &in) == 2) {
		struct sockaddr_in own = local(in);

		w->udp = true;
		w->to = local(out);
		w->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (bind(w->fd, (struct sockaddr *)&own, sizeof(own)) != 0)
			w->fd = -1;
	}
	if (w->fd >= 0)
		return w;
	free(w);
	return NULL;
}

static void
wire_close(void *handle)
{
	struct wire *w = handle;

	close(w->fd);
	free(w);
}

static int
wire_read(void *handle, unsigned char *buf, size_t len, int ms)
{
	struct wire *w = handle;
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	if (len != REPORT || poll(&p, 1, ms) != 1)
		return -1;
	return (int)recv(w->fd, buf, len, 0);
}

/* libfido2 puts a report number of zero before the report. */
static int
wire_write(void *handle, const unsigned char *buf, size_t len)
{
	struct wire *w = handle;
	ssize_t n;

	if (len != REPORT + 1)
		return -1;
	if (w->udp)
		n = sendto(w->fd, buf + 1, REPORT, 0, (struct sockaddr *)&w->to,
		    sizeof(w->to));
	else
		n = send(w->fd, buf + 1, REPORT, MSG_NOSIGNAL);
	return n == REPORT ? (int)len : -1;
}

static fido_dev_t *
dev_try(const struct key *k, int timeout_ms)
{
	const fido_dev_io_t io = {
		wire_open,
		wire_close,
		wire_read,
		wire_write,
	};
	fido_dev_t *dev = fido_dev_new();

	assert_non_null(dev);
	assert_int_equal(fido_dev_set_io_functions(dev, &io), FIDO_OK);
	assert_int_equal(fido_dev_set_timeout(dev, timeout_ms), FIDO_OK);
	if (fido_dev_open(dev, k->where) == FIDO_OK)
		return dev;
	fido_dev_free(&dev);
	return NULL;
}

static fido_dev_t *
dev_open(const struct key *k)
{
	fido_dev_t *dev = dev_try(k, PATIENCE);

	assert_non_null(dev);
	return dev;
}

static void
dev_close(fido_dev_t *dev)
{
	(void)fido_dev_close(dev);
	fido_dev_free(&dev);
}

/* ---- credentials and assertions */

struct ask {
	const char *pin, *rp;
	int extensions, level;
	bool rk;
	uint8_t user;
	struct bytes exclude;
};

static const uint8_t client_hash[32] = { 0xc1, 0x1e, 0x47 };

static fido_cred_t *
cred_new(const struct ask *a)
{
	const char *rp = a->rp ? a->rp : RP;
	fido_cred_t *c = fido_cred_new();

	assert_non_null(c);
	assert_int_equal(fido_cred_set_type(c, COSE_ES256), FIDO_OK);
	assert_int_equal(
	    fido_cred_set_clientdata_hash(c, client_hash, sizeof(client_hash)),
	    FIDO_OK);
	assert_int_equal(fido_cred_set_rp(c, rp, "rp"), FIDO_OK);
	assert_int_equal(
	    fido_cred_set_user(c, &a->user, 1, "name", "display", NULL),
	    FIDO_OK);
	assert_int_equal(fido_cred_set_extensions(c, a->extensions), FIDO_OK);
	if (a->level)
		assert_int_equal(fido_cred_set_prot(c, a->level), FIDO_OK);
	if (a->rk)
		assert_int_equal(fido_cred_set_rk(c, FIDO_OPT_TRUE), FIDO_OK);
	if (a->exclude.len > 0)
		assert_int_equal(
		    fido_cred_exclude(c, a->exclude.p, a->exclude.len),
		    FIDO_OK);
	return c;
}

static int
cred_try(fido_dev_t *dev, const struct ask *a)
{
	fido_cred_t *c = cred_new(a);
	int rc = fido_dev_make_cred(dev, c, a->pin);

	fido_cred_free(&c);
	return rc;
}

static fido_cred_t *
cred_make(fido_dev_t *dev, const struct ask *a)
{
	fido_cred_t *c = cred_new(a);

	assert_int_equal(fido_dev_make_cred(dev, c, a->pin), FIDO_OK);
	return c;
}

/* The credential that most tests want. */
static fido_cred_t *
cred_usual(fido_dev_t *dev)
{
	return cred_make(dev,
	    &(struct ask){
		.pin = PIN,
		.extensions = FIDO_EXT_HMAC_SECRET | FIDO_EXT_CRED_PROTECT,
		.level = FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID,
	    });
}

static struct bytes
id_of(const fido_cred_t *c)
{
	return (struct bytes){ fido_cred_id_ptr(c), fido_cred_id_len(c) };
}

struct want {
	const char *pin, *rp;
	struct bytes id;   /* empty: no allow list */
	struct bytes salt; /* empty: no extension */
	bool silent;
};

static fido_assert_t *
assert_for(const struct want *w)
{
	fido_assert_t *a = fido_assert_new();

	assert_non_null(a);
	assert_int_equal(fido_assert_set_rp(a, w->rp ? w->rp : RP), FIDO_OK);
	assert_int_equal(fido_assert_set_clientdata_hash(
			     a, client_hash, sizeof(client_hash)),
	    FIDO_OK);
	if (w->id.len > 0)
		assert_int_equal(
		    fido_assert_allow_cred(a, w->id.p, w->id.len), FIDO_OK);
	if (w->silent)
		assert_int_equal(
		    fido_assert_set_up(a, FIDO_OPT_FALSE), FIDO_OK);
	if (w->salt.len > 0) {
		assert_int_equal(
		    fido_assert_set_extensions(a, FIDO_EXT_HMAC_SECRET),
		    FIDO_OK);
		assert_int_equal(
		    fido_assert_set_hmac_salt(a, w->salt.p, w->salt.len),
		    FIDO_OK);
	}
	return a;
}

static int
get_try(fido_dev_t *dev, const struct want *w)
{
	fido_assert_t *a = assert_for(w);
	int rc = fido_dev_get_assert(dev, a, w->pin);

	fido_assert_free(&a);
	return rc;
}

static fido_assert_t *
get(fido_dev_t *dev, const struct want *w)
{
	fido_assert_t *a = assert_for(w);

	assert_int_equal(fido_dev_get_assert(dev, a, w->pin), FIDO_OK);
	return a;
}

static int
probe(fido_dev_t *dev, struct bytes id)
{
	return get_try(dev, &(struct want){ .id = id, .silent = true });
}

/* The hmac-secret output for `salt`, which is as long. */
static void
secret(fido_dev_t *dev, const fido_cred_t *c, const char *pin,
    struct bytes salt, uint8_t *out)
{
	fido_assert_t *a = get(
	    dev, &(struct want){ .pin = pin, .id = id_of(c), .salt = salt });

	assert_int_equal(fido_assert_count(a), 1);
	assert_int_equal(fido_assert_hmac_secret_len(a, 0), salt.len);
	memcpy(out, fido_assert_hmac_secret_ptr(a, 0), salt.len);
	fido_assert_free(&a);
}

static int
verify(const fido_assert_t *a, size_t index, const fido_cred_t *c)
{
	es256_pk_t *pk = es256_pk_new();
	int rc;

	assert_non_null(pk);
	assert_int_equal(es256_pk_from_ptr(pk, fido_cred_pubkey_ptr(c),
			     fido_cred_pubkey_len(c)),
	    FIDO_OK);
	rc = fido_assert_verify(a, index, COSE_ES256, pk);
	es256_pk_free(&pk);
	return rc;
}

static int
tries(fido_dev_t *dev)
{
	int n = -1;

	assert_int_equal(fido_dev_get_retry_count(dev, &n), FIDO_OK);
	return n;
}

/* One wrong PIN; what the key says to it. */
static int
guess(fido_dev_t *dev, const char *pin)
{
	return cred_try(dev, &(struct ask){ .pin = pin });
}

static const uint8_t two_salts[64] = { 1, [32] = 2 };
static const struct bytes salt_one = { two_salts, 32 };
static const struct bytes salt_two = { two_salts + 32, 32 };
static const struct bytes salt_both = { two_salts, 64 };

/* ---- PIN */

static void
three_wrong_pins_block_until_restart_and_eight_for_ever(void **state)
{
	const int said[] = { FIDO_ERR_PIN_INVALID, FIDO_ERR_PIN_INVALID,
		FIDO_ERR_PIN_AUTH_BLOCKED, FIDO_ERR_PIN_INVALID,
		FIDO_ERR_PIN_INVALID, FIDO_ERR_PIN_AUTH_BLOCKED,
		FIDO_ERR_PIN_INVALID, FIDO_ERR_PIN_BLOCKED };
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(guess(dev, "9999"), said[i]);
		assert_int_equal(tries(dev), 7 - i);
		if (i % 3 != 2)
			continue;
		/* blocked: the right one is not even compared */
		assert_int_equal(guess(dev, PIN), FIDO_ERR_PIN_AUTH_BLOCKED);
		assert_int_equal(tries(dev), 7 - i);
		dev_close(dev);
		key_restart(&k, SIGKILL); /* the count is on disk already */
		dev = dev_open(&k);
		assert_int_equal(tries(dev), 7 - i);
	}
	assert_int_equal(guess(dev, PIN), FIDO_ERR_PIN_BLOCKED);
	dev_close(dev);
	key_stop(&k);
}

static void
the_right_pin_gives_all_tries_back(void **state)
{
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	assert_int_equal(guess(dev, "9999"), FIDO_ERR_PIN_INVALID);
	assert_int_equal(guess(dev, "9999"), FIDO_ERR_PIN_INVALID);
	assert_int_equal(guess(dev, PIN), FIDO_OK);
	assert_int_equal(tries(dev), 8);
	assert_int_equal(guess(dev, "9999"), FIDO_ERR_PIN_INVALID);
	dev_close(dev);
	key_stop(&k);
}

static void
without_a_pin_there_is_nothing_to_ask_it_for(void **state)
{
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, NULL);
	dev = dev_open(&k);
	assert_false(fido_dev_has_pin(dev));
	assert_int_equal(guess(dev, PIN), FIDO_ERR_PIN_NOT_SET);
	assert_int_equal(
	    fido_dev_set_pin(dev, "5678", PIN), FIDO_ERR_PIN_NOT_SET);
	assert_int_equal(guess(dev, NULL), FIDO_OK);
	dev_close(dev);
	key_stop(&k);
}

static void
a_pin_is_set_once_and_changed_with_the_old_one(void **state)
{
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, NULL);
	dev = dev_open(&k);
	assert_int_equal(
	    fido_dev_set_pin(dev, "123", NULL), FIDO_ERR_PIN_POLICY_VIOLATION);
	assert_int_equal(fido_dev_set_pin(dev, PIN, NULL), FIDO_OK);
	assert_int_equal(
	    fido_dev_set_pin(dev, "5678", NULL), FIDO_ERR_PIN_AUTH_INVALID);
	assert_int_equal(
	    fido_dev_set_pin(dev, "5678", "9999"), FIDO_ERR_PIN_INVALID);
	assert_int_equal(tries(dev), 7);
	assert_int_equal(fido_dev_set_pin(dev, "5678", PIN), FIDO_OK);
	assert_int_equal(guess(dev, PIN), FIDO_ERR_PIN_INVALID);
	dev_close(dev);
	key_restart(&k, SIGTERM);
	dev = dev_open(&k);
	assert_int_equal(guess(dev, "5678"), FIDO_OK);
	dev_close(dev);
	key_stop(&k);
}

static void
a_protected_key_makes_nothing_without_its_pin(void **state)
{
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	assert_int_equal(guess(dev, NULL), FIDO_ERR_PIN_REQUIRED);
	dev_close(dev);
	key_stop(&k);
}

/* ---- credentials */

static bool
has(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool
lists_extension(fido_dev_t *dev, const char *name)
{
	fido_cbor_info_t *ci = fido_cbor_info_new();
	bool found;

	assert_non_null(ci);
	assert_int_equal(fido_dev_get_cbor_info(dev, ci), FIDO_OK);
	found = has(fido_cbor_info_extensions_ptr(ci),
	    fido_cbor_info_extensions_len(ci), name);
	fido_cbor_info_free(&ci);
	return found;
}

static void
the_key_says_what_it_can_do(void **state)
{
	fido_cbor_info_t *ci = fido_cbor_info_new();
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	assert_true(fido_dev_is_fido2(dev));
	assert_true(fido_dev_has_pin(dev));
	assert_false(fido_dev_has_uv(dev));
	assert_true(fido_dev_supports_permissions(dev));
	assert_true(fido_dev_supports_cred_prot(dev));
	assert_int_equal(fido_dev_get_cbor_info(dev, ci), FIDO_OK);
	assert_true(has(fido_cbor_info_versions_ptr(ci),
	    fido_cbor_info_versions_len(ci), "FIDO_2_1"));
	assert_true(lists_extension(dev, "hmac-secret"));
	assert_int_equal(fido_cbor_info_minpinlen(ci), 4);
	assert_int_equal(fido_cbor_info_maxcredcntlst(ci), 8);
	assert_false(fido_cbor_info_new_pin_required(ci));
	assert_int_equal(fido_cbor_info_protocols_len(ci), 2);
	fido_cbor_info_free(&ci);
	dev_close(dev);
	key_stop(&k);
}

static X509 *
read_root(const struct key *k)
{
	char path[256];
	X509 *root;
	FILE *f;

	snprintf(path, sizeof(path), "%s/attestation-root.pem", k->state);
	f = fopen(path, "re");
	assert_non_null(f);
	root = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	assert_non_null(root);
	return root;
}

static void
check_chain(X509 *leaf, X509 *root)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	assert_int_equal(X509_STORE_add_cert(store, root), 1);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, NULL), 1);
	assert_int_equal(X509_verify_cert(ctx), 1);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
}

/* WebAuthn 8.2.1 */
static void
check_leaf(X509 *leaf, const unsigned char *aaguid)
{
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
	int at = X509_get_ext_by_OBJ(leaf, oid, -1);
	X509_EXTENSION *ext = X509_get_ext(leaf, at);
	const ASN1_OCTET_STRING *v;
	char text[64];

	assert_non_null(ext);
	assert_int_equal(X509_EXTENSION_get_critical(ext), 0);
	v = X509_EXTENSION_get_data(ext);
	assert_int_equal(ASN1_STRING_length(v), 18);
	assert_memory_equal(ASN1_STRING_get0_data(v) + 2, aaguid, 16);
	assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(leaf),
			NID_organizationalUnitName, text, sizeof(text)) > 0);
	assert_string_equal(text, "Authenticator Attestation");
	assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(leaf),
			NID_commonName, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "TEST"));
	assert_int_equal(X509_get_version(leaf), X509_VERSION_3);
	assert_int_equal(X509_check_ca(leaf), 0);
	ASN1_OBJECT_free(oid);
}

/* R6.3 needs a chain and an AAGUID that agree */
static void
attestation_leads_to_the_root_in_the_state_directory(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;
	const unsigned char *der;
	X509 *leaf, *root;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	assert_string_equal(fido_cred_fmt(c), "packed");
	assert_int_equal(fido_cred_verify(c), FIDO_OK);
	assert_int_equal(fido_cred_flags(c), 0xc5); /* UP UV AT ED */
	der = fido_cred_x5c_ptr(c);
	leaf = d2i_X509(NULL, &der, (long)fido_cred_x5c_len(c));
	root = read_root(&k);
	assert_non_null(leaf);
	check_chain(leaf, root);
	check_leaf(leaf, fido_cred_aaguid_ptr(c));
	X509_free(leaf);
	X509_free(root);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

static void
attestation_can_be_self_or_none(void **state)
{
	static const char *const self[] = { "--attestation", "self", NULL };
	static const char *const none[] = { "--attestation", "none", NULL };
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;

	(void)state;
	key_start(&k, self);
	dev = dev_open(&k);
	c = cred_make(dev, &(struct ask){ 0 });
	assert_int_equal(fido_cred_x5c_len(c), 0);
	assert_int_equal(fido_cred_verify_self(c), FIDO_OK);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);

	key_start(&k, none);
	dev = dev_open(&k);
	c = cred_make(dev, &(struct ask){ 0 });
	assert_string_equal(fido_cred_fmt(c), "none");
	assert_int_equal(fido_cred_sig_len(c), 0);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

static void
an_excluded_credential_is_not_made_again(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;
	struct ask a = { .pin = PIN };

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	a.exclude = id_of(c);
	assert_int_equal(cred_try(dev, &a), FIDO_ERR_CREDENTIAL_EXCLUDED);
	a.rp = "other.test";
	assert_int_equal(cred_try(dev, &a), FIDO_OK);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

/* ---- assertions */

static void
an_assertion_verifies_and_its_flags_are_true(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;
	fido_assert_t *a;
	uint32_t count;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	a = get(dev, &(struct want){ .pin = PIN, .id = id_of(c) });
	assert_int_equal(verify(a, 0, c), FIDO_OK);
	assert_int_equal(fido_assert_flags(a, 0), 0x05);
	count = fido_assert_sigcount(a, 0);
	fido_assert_free(&a);
	a = get(dev, &(struct want){ .id = id_of(c) });
	assert_int_equal(verify(a, 0, c), FIDO_OK);
	assert_int_equal(fido_assert_flags(a, 0), 0x01);
	assert_int_equal(fido_assert_sigcount(a, 0), count + 1);
	fido_assert_free(&a);
	a = get(dev, &(struct want){ .id = id_of(c), .silent = true });
	assert_int_equal(fido_assert_flags(a, 0), 0x00);
	fido_assert_free(&a);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

/* R6.9 */
static void
the_silent_probe_finds_its_own_credentials_only(void **state)
{
	static const char *const never[] = { "--touch", "never", NULL };
	struct key k, other;
	fido_dev_t *dev;
	fido_cred_t *c;
	uint8_t bent[256];
	struct bytes id;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	id = id_of(c);
	assert_true(id.len <= sizeof(bent));
	for (size_t i = 0; i < id.len; i++) {
		memcpy(bent, id.p, id.len);
		bent[i] ^= 1;
		assert_int_equal(probe(dev, (struct bytes){ bent, id.len }),
		    FIDO_ERR_NO_CREDENTIALS);
	}
	assert_int_equal(probe(dev, (struct bytes){ id.p, id.len - 1 }),
	    FIDO_ERR_NO_CREDENTIALS);
	assert_int_equal(
	    get_try(dev,
		&(struct want){ .rp = "other.test", .id = id, .silent = true }),
	    FIDO_ERR_NO_CREDENTIALS);
	dev_close(dev);

	k.extra = never; /* a probe wants no touch */
	key_restart(&k, SIGTERM);
	dev = dev_open(&k);
	assert_int_equal(probe(dev, id), FIDO_OK);
	dev_close(dev);

	key_start(&other, with_pin);
	dev = dev_open(&other);
	assert_int_equal(probe(dev, id), FIDO_ERR_NO_CREDENTIALS);
	dev_close(dev);
	key_stop(&other);
	fido_cred_free(&c);
	key_stop(&k);
}

static void
an_allow_list_may_hold_several_ids_but_not_nine(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;
	fido_assert_t *a;
	uint8_t junk[127] = { 1 };

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	a = assert_for(&(struct want){ .pin = PIN });
	for (int i = 0; i < 7; i++)
		assert_int_equal(
		    fido_assert_allow_cred(a, junk, sizeof(junk)), FIDO_OK);
	assert_int_equal(
	    fido_dev_get_assert(dev, a, PIN), FIDO_ERR_NO_CREDENTIALS);
	assert_int_equal(
	    fido_assert_allow_cred(a, id_of(c).p, id_of(c).len), FIDO_OK);
	assert_int_equal(fido_dev_get_assert(dev, a, PIN), FIDO_OK);
	assert_int_equal(fido_assert_count(a), 1);
	assert_int_equal(verify(a, 0, c), FIDO_OK);
	assert_int_equal(
	    fido_assert_allow_cred(a, junk, sizeof(junk)), FIDO_OK);
	assert_int_not_equal(fido_dev_get_assert(dev, a, PIN), FIDO_OK);
	fido_assert_free(&a);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

static void
several_discoverable_credentials_come_youngest_first(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c[3];
	fido_assert_t *a;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	for (uint8_t i = 0; i < 3; i++)
		c[i] = cred_make(
		    dev, &(struct ask){ .pin = PIN, .rk = true, .user = i });
	/* the same user again takes the place of the first */
	fido_cred_free(&c[0]);
	c[0] = cred_make(dev, &(struct ask){ .pin = PIN, .rk = true });
	a = get(dev, &(struct want){ .pin = PIN });
	assert_int_equal(fido_assert_count(a), 3);
	for (size_t i = 0; i < 3; i++) {
		const uint8_t users[] = { 0, 2, 1 };

		assert_int_equal(fido_assert_user_id_len(a, i), 1);
		assert_int_equal(fido_assert_user_id_ptr(a, i)[0], users[i]);
		assert_string_equal(fido_assert_user_name(a, i), "name");
		assert_int_equal(verify(a, i, c[users[i]]), FIDO_OK);
	}
	fido_assert_free(&a);
	for (size_t i = 0; i < 3; i++)
		fido_cred_free(&c[i]);
	dev_close(dev);
	key_stop(&k);
}

/* R6.1 */
static void
each_protection_level_is_honoured(void **state)
{
	static const char *const rps[] = { "", "one.test", "two.test",
		"three.test" };
	/* without a PIN: by discovery, by id; levels 1 to 3 */
	const int found[] = { 0, FIDO_OK, FIDO_ERR_NO_CREDENTIALS,
		FIDO_ERR_NO_CREDENTIALS };
	const int named[] = { 0, FIDO_OK, FIDO_OK, FIDO_ERR_NO_CREDENTIALS };
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	for (int level = 1; level <= 3; level++) {
		fido_cred_t *c = cred_make(dev,
		    &(struct ask){ .pin = PIN,
			.rp = rps[level],
			.extensions = FIDO_EXT_CRED_PROTECT,
			.level = level,
			.rk = true });
		struct want w = { .rp = rps[level] };

		assert_int_equal(fido_cred_verify(c), FIDO_OK);
		assert_int_equal(get_try(dev, &w), found[level]);
		w.id = id_of(c);
		assert_int_equal(get_try(dev, &w), named[level]);
		w.silent = true;
		assert_int_equal(get_try(dev, &w), named[level]);
		w = (struct want){ .pin = PIN, .rp = rps[level] };
		assert_int_equal(get_try(dev, &w), FIDO_OK);
		w.id = id_of(c);
		assert_int_equal(get_try(dev, &w), FIDO_OK);
		fido_cred_free(&c);
	}
	dev_close(dev);
	key_stop(&k);
}

/* R6.2 */
static void
check_outputs(fido_dev_t *dev, const fido_cred_t *c)
{
	uint8_t one[32], again[32], two[32], both[64], without[32];

	secret(dev, c, PIN, salt_one, one);
	secret(dev, c, PIN, salt_one, again);
	secret(dev, c, PIN, salt_two, two);
	secret(dev, c, PIN, salt_both, both);
	secret(dev, c, NULL, salt_one, without);
	assert_memory_equal(one, again, 32);
	assert_memory_not_equal(one, two, 32);
	assert_memory_equal(both, one, 32);
	assert_memory_equal(both + 32, two, 32);
	assert_memory_not_equal(one, without, 32);
}

static void
hmac_secret_differs_by_salt_uv_and_credential(void **state)
{
	static const char *const p1[] = { "--pin", PIN, "--pin-protocols", "1",
		NULL };
	static const char *const p2[] = { "--pin", PIN, "--pin-protocols", "2",
		NULL };
	static const char *const p21[] = { "--pin-protocols", "2,1", NULL };
	uint8_t first[32], later[32], other[32];
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c, *d;

	(void)state;
	key_start(&k, p1);
	dev = dev_open(&k);
	c = cred_usual(dev);
	d = cred_usual(dev);
	check_outputs(dev, c);
	secret(dev, c, PIN, salt_one, first);
	secret(dev, d, PIN, salt_one, other);
	assert_memory_not_equal(first, other, 32);
	dev_close(dev);
	fido_cred_free(&d);

	/* the protocol does not enter the output, and a restart no more */
	k.extra = p2;
	key_restart(&k, SIGTERM);
	dev = dev_open(&k);
	check_outputs(dev, c);
	secret(dev, c, PIN, salt_one, later);
	assert_memory_equal(first, later, 32);
	dev_close(dev);

	k.extra = p21;
	key_restart(&k, SIGTERM);
	dev = dev_open(&k);
	secret(dev, c, PIN, salt_one, later);
	assert_memory_equal(first, later, 32);
	dev_close(dev);
	fido_cred_free(&c);
	key_stop(&k);
}

static void
a_credential_made_without_hmac_secret_has_none(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;
	fido_assert_t *a;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_make(dev, &(struct ask){ .pin = PIN });
	a = get(dev,
	    &(struct want){ .pin = PIN, .id = id_of(c), .salt = salt_one });
	assert_int_equal(fido_assert_hmac_secret_len(a, 0), 0);
	fido_assert_free(&a);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

/* ---- touch */

static void *
cancel_soon(void *dev)
{
	fido_init(FIDO_DISABLE_U2F_FALLBACK); /* R6.7: thread-local */
	sleep_ms(250);
	assert_int_equal(fido_dev_cancel(dev), FIDO_OK);
	return NULL;
}

static void
a_wait_for_touch_can_be_cancelled(void **state)
{
	static const char *const never[] = { "--pin", PIN, "--touch", "never",
		NULL };
	int64_t start = now_ms();
	struct key k;
	fido_dev_t *dev;
	pthread_t t;

	(void)state;
	key_start(&k, never);
	dev = dev_open(&k);
	assert_int_equal(pthread_create(&t, NULL, cancel_soon, dev), 0);
	assert_int_equal(guess(dev, PIN), FIDO_ERR_KEEPALIVE_CANCEL);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_true(now_ms() - start >= 250);
	assert_int_equal(pthread_create(&t, NULL, cancel_soon, dev), 0);
	assert_int_equal(fido_dev_reset(dev), FIDO_ERR_KEEPALIVE_CANCEL);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_int_equal(
	    fido_dev_set_pin(dev, "5678", NULL), FIDO_ERR_PIN_AUTH_INVALID);
	assert_int_equal(tries(dev), 8); /* and the key goes on */
	dev_close(dev);
	key_stop(&k);
}

static void
touch_by_delay_takes_that_long(void **state)
{
	static const char *const delay[] = { "--touch", "delay:300", NULL };
	struct key k;
	fido_dev_t *dev;
	int64_t start;

	(void)state;
	key_start(&k, delay);
	dev = dev_open(&k);
	start = now_ms();
	assert_int_equal(guess(dev, NULL), FIDO_OK);
	assert_in_range(now_ms() - start, 300, 2000);
	dev_close(dev);
	key_stop(&k);
}

static void
touch_by_file_uses_the_file_up(void **state)
{
	struct key k;
	char option[128];
	const char *extra[] = { "--touch", option, NULL };
	fido_dev_t *dev;
	pthread_t t;

	(void)state;
	key_make(&k);
	snprintf(option, sizeof(option), "file:%s/finger", k.dir);
	k.extra = extra;
	key_run(&k);
	dev = dev_open(&k);
	write_file(k.dir, "finger", "");
	assert_int_equal(guess(dev, NULL), FIDO_OK);
	assert_int_equal(access(option + 5, F_OK), -1);
	assert_int_equal(pthread_create(&t, NULL, cancel_soon, dev), 0);
	assert_int_equal(guess(dev, NULL), FIDO_ERR_KEEPALIVE_CANCEL);
	assert_int_equal(pthread_join(t, NULL), 0);
	dev_close(dev);
	key_stop(&k);
}

/* ---- state */

static void
reset_ends_every_credential_and_the_pin(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c, *rk;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	rk = cred_make(dev, &(struct ask){ .pin = PIN, .rk = true });
	assert_int_equal(guess(dev, "9999"), FIDO_ERR_PIN_INVALID);
	assert_int_equal(fido_dev_reset(dev), FIDO_OK);
	assert_int_equal(probe(dev, id_of(c)), FIDO_ERR_NO_CREDENTIALS);
	assert_int_equal(
	    get_try(dev, &(struct want){ 0 }), FIDO_ERR_NO_CREDENTIALS);
	assert_int_equal(tries(dev), 8);
	assert_int_equal(guess(dev, NULL), FIDO_OK);
	fido_cred_free(&c);
	fido_cred_free(&rk);
	dev_close(dev);
	key_stop(&k);
}

static void
a_restart_keeps_everything_and_a_kill_leaves_no_litter(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c, *rk;
	fido_assert_t *a;
	uint32_t count;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	rk = cred_make(dev, &(struct ask){ .pin = PIN, .rk = true });
	a = get(dev, &(struct want){ .pin = PIN, .id = id_of(c) });
	count = fido_assert_sigcount(a, 0);
	fido_assert_free(&a);
	dev_close(dev);
	key_restart(&k, SIGKILL); /* its socket is replaced */
	dev = dev_open(&k);
	assert_true(fido_dev_has_pin(dev));
	a = get(dev, &(struct want){ .pin = PIN, .id = id_of(c) });
	assert_int_equal(verify(a, 0, c), FIDO_OK);
	assert_int_equal(fido_assert_sigcount(a, 0), count + 1);
	fido_assert_free(&a);
	a = get(dev, &(struct want){ .pin = PIN });
	assert_int_equal(fido_assert_count(a), 1);
	assert_int_equal(verify(a, 0, rk), FIDO_OK);
	fido_assert_free(&a);
	fido_cred_free(&c);
	fido_cred_free(&rk);
	dev_close(dev);
	assert_int_equal(key_end(&k, SIGTERM), 0);
	assert_int_equal(access(k.where + 5, F_OK), -1);
	key_stop(&k);
}

static void
the_state_is_for_its_owner_only(void **state)
{
	struct key k;
	struct stat st;
	const struct dirent *e;
	DIR *d;

	(void)state;
	key_start(&k, with_pin);
	assert_int_equal(stat(k.state, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	d = opendir(k.state);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		assert_int_equal(fstatat(dirfd(d), e->d_name, &st, 0), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	closedir(d);
	key_stop(&k);
}

/* ---- faults */

static void
fault_no_pin_and_pin_blocked(void **state)
{
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	set_fault(&k, "pin-blocked");
	assert_int_equal(guess(dev, PIN), FIDO_ERR_PIN_BLOCKED);
	assert_int_equal(tries(dev), 0);
	set_fault(&k, "no-pin\n");
	assert_int_equal(guess(dev, PIN), FIDO_ERR_PIN_NOT_SET);
	set_fault(&k, "");
	assert_int_equal(guess(dev, PIN), FIDO_OK);
	dev_close(dev);
	key_stop(&k);
}

static void
fault_single_secret_and_no_hmac_secret(void **state)
{
	uint8_t with[32], without[32];
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;
	fido_assert_t *a;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	set_fault(&k, "single-secret");
	secret(dev, c, PIN, salt_one, with);
	secret(dev, c, NULL, salt_one, without);
	assert_memory_equal(with, without, 32);
	set_fault(&k, "no-hmac-secret");
	assert_false(lists_extension(dev, "hmac-secret"));
	a = get(dev,
	    &(struct want){ .pin = PIN, .id = id_of(c), .salt = salt_one });
	assert_int_equal(fido_assert_hmac_secret_len(a, 0), 0);
	fido_assert_free(&a);
	fido_cred_free(&c);
	c = cred_make(dev,
	    &(struct ask){ .pin = PIN, .extensions = FIDO_EXT_HMAC_SECRET });
	assert_int_equal(fido_cred_flags(c), 0x45); /* no ED */
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

/* The credProtect level that the authenticator data tells. */
static uint8_t
level_in(const fido_cred_t *c)
{
	const uint8_t *p = fido_cred_authdata_raw_ptr(c);
	size_t len = fido_cred_authdata_raw_len(c);

	assert_true(len > 37 + 16 + 2 + id_of(c).len + 77 + 13);
	p += 37 + 16 + 2 + id_of(c).len + 77; /* 77: the COSE key */
	return p[13];                         /* map, text(11), the value */
}

static void
fault_no_credprotect_and_force_level3(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;
	struct ask a = { .pin = PIN,
		.extensions = FIDO_EXT_CRED_PROTECT,
		.level = FIDO_CRED_PROT_UV_REQUIRED };

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	set_fault(&k, "no-credprotect");
	c = cred_make(dev, &a);
	assert_int_equal(fido_cred_flags(c), 0x45);
	assert_int_equal(probe(dev, id_of(c)), FIDO_OK);
	fido_cred_free(&c);
	set_fault(&k, "force-level3");
	a.level = FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID;
	c = cred_make(dev, &a);
	assert_int_equal(level_in(c), 3);
	assert_int_equal(probe(dev, id_of(c)), FIDO_ERR_NO_CREDENTIALS);
	assert_int_equal(
	    get_try(dev, &(struct want){ .pin = PIN, .id = id_of(c) }),
	    FIDO_OK);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

static void
fault_be_flag_wrong_sig_and_two_assertions(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c, *bad;
	fido_assert_t *a;
	struct want w = { .pin = PIN };

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	w.id = id_of(c);
	set_fault(&k, "be-flag,wrong-sig");
	bad = cred_usual(dev);
	assert_int_equal(fido_cred_flags(bad) & 0x08, 0x08);
	assert_int_not_equal(fido_cred_verify(bad), FIDO_OK);
	fido_cred_free(&bad);
	a = get(dev, &w);
	assert_int_equal(fido_assert_flags(a, 0) & 0x08, 0x08);
	assert_int_not_equal(verify(a, 0, c), FIDO_OK);
	fido_assert_free(&a);
	set_fault(&k, "two-assertions");
	a = get(dev, &w);
	assert_int_equal(fido_assert_count(a), 2);
	assert_int_equal(verify(a, 1, c), FIDO_OK);
	fido_assert_free(&a);
	fido_cred_free(&c);
	dev_close(dev);
	key_stop(&k);
}

/* R6.11: the handle is thrown away, the key is well */
static void
fault_slow_and_mute(void **state)
{
	struct key k;
	fido_dev_t *dev;
	int64_t start;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_try(&k, 300);
	assert_non_null(dev);
	set_fault(&k, "mute");
	assert_int_equal(probe(dev, LIT("x")), FIDO_ERR_RX);
	dev_close(dev);
	set_fault(&k, "slow");
	start = now_ms();
	dev = dev_open(&k);
	assert_in_range(now_ms() - start, 500, 2500);
	dev_close(dev);
	assert_null(dev_try(&k, 300)); /* its answer comes too late */
	set_fault(&k, "");
	dev = dev_open(&k);
	assert_int_equal(guess(dev, PIN), FIDO_OK);
	dev_close(dev);
	key_stop(&k);
}

static void
fault_unplug(void **state)
{
	uint8_t out[32];
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	c = cred_usual(dev);
	set_fault(&k, "unplug-before-sign");
	secret(dev, c, PIN, salt_one, out); /* the first touch is served */
	assert_int_equal(probe(dev, id_of(c)), FIDO_OK);
	assert_int_equal(
	    get_try(dev, &(struct want){ .pin = PIN, .id = id_of(c) }),
	    FIDO_ERR_RX);
	assert_int_not_equal(probe(dev, id_of(c)), FIDO_OK);
	dev_close(dev);
	set_fault(&k, "unplug-at-touch");
	dev = dev_open(&k); /* plugged in again */
	assert_int_equal(probe(dev, id_of(c)), FIDO_OK);
	assert_int_equal(guess(dev, PIN), FIDO_ERR_RX);
	dev_close(dev);
	fido_cred_free(&c);
	key_stop(&k);
}

static void
fault_corrupt_frame(void **state)
{
	fido_cbor_info_t *ci = fido_cbor_info_new();
	struct key k;
	fido_dev_t *dev;

	(void)state;
	key_start(&k, with_pin);
	dev = dev_open(&k);
	set_fault(&k, "corrupt-frame");
	assert_int_equal(fido_dev_get_cbor_info(dev, ci), FIDO_ERR_RX);
	dev_close(dev);
	set_fault(&k, "");
	dev = dev_open(&k);
	set_fault(&k, "corrupt-frame"); /* an answer of one frame */
	assert_int_equal(probe(dev, LIT("x")), FIDO_ERR_RX);
	dev_close(dev);
	fido_cbor_info_free(&ci);
	key_stop(&k);
}

/* ---- UDP */

static unsigned
free_port(void)
{
	struct sockaddr_in a = local(0);
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void
udp_carries_the_same_and_can_be_unplugged(void **state)
{
	struct key k;
	fido_dev_t *dev;
	fido_cred_t *c;

	(void)state;
	key_make(&k);
	k.extra = with_pin;
	snprintf(
	    k.where, sizeof(k.where), "udp:%u:%u", free_port(), free_port());
	key_run(&k);
	dev = dev_try(&k, 400);
	assert_non_null(dev);
	c = cred_usual(dev);
	check_outputs(dev, c);
	set_fault(&k, "unplug-before-sign");
	assert_int_equal(
	    get_try(dev, &(struct want){ .id = id_of(c) }), FIDO_ERR_RX);
	assert_int_equal(probe(dev, id_of(c)), FIDO_ERR_RX);
	dev_close(dev);
	dev = dev_open(&k);
	assert_int_equal(probe(dev, id_of(c)), FIDO_OK);
	dev_close(dev);
	fido_cred_free(&c);
	key_stop(&k);
}

/* ---- CTAPHID by hand */

#define BROADCAST 0xffffffffU

static void
put_report(struct wire *w, uint32_t channel, uint8_t byte, struct bytes rest)
{
	uint8_t buf[1 + REPORT] = { 0 };

	for (size_t i = 0; i < 4; i++)
		buf[1 + i] = (uint8_t)(channel >> (24 - 8 * i));
	buf[5] = byte;
	assert_true(rest.len <= REPORT - 5);
	if (rest.len > 0)
		memcpy(buf + 6, rest.p, rest.len);
	assert_int_equal(wire_write(w, buf, sizeof(buf)), (int)sizeof(buf));
}

/* The first report of a message of `len` bytes. */
static void
put_first(struct wire *w, uint32_t channel, uint8_t command, size_t len,
    struct bytes data)
{
	uint8_t rest[REPORT - 5] = { (uint8_t)(len >> 8), (uint8_t)len };
	size_t n = data.len < sizeof(rest) - 2 ? data.len : sizeof(rest) - 2;

	if (n > 0)
		memcpy(rest + 2, data.p, n);
	put_report(
	    w, channel, 0x80 | command, (struct bytes){ rest, sizeof(rest) });
}

static void
put_all(struct wire *w, uint32_t channel, uint8_t command, struct bytes data)
{
	size_t at = data.len < 57 ? data.len : 57;

	put_first(w, channel, command, data.len, data);
	for (uint8_t seq = 0; at < data.len; seq++) {
		size_t rest = data.len - at, n = rest < 59 ? rest : 59;

		put_report(w, channel, seq, (struct bytes){ data.p + at, n });
		at += n;
	}
}

/* Reads a report that must be of this channel and command. */
static const uint8_t *
take(struct wire *w, uint32_t channel, uint8_t command)
{
	static uint8_t buf[REPORT];
	uint32_t got = 0;

	assert_int_equal(wire_read(w, buf, sizeof(buf), PATIENCE), REPORT);
	for (size_t i = 0; i < 4; i++)
		got = got << 8 | buf[i];
	assert_int_equal(got, channel);
	assert_int_equal(buf[4], command);
	return buf + 5;
}

static void
take_error(struct wire *w, uint32_t channel, uint8_t code)
{
	const uint8_t *p = take(w, channel, 0xbf);

	assert_int_equal(p[1], 1);
	assert_int_equal(p[2], code);
}

static uint32_t
take_init(struct wire *w, uint32_t channel)
{
	const uint8_t *p = take(w, channel, 0x86);

	assert_int_equal(p[1], 17);
	assert_memory_equal(p + 2, "noncenon", 8);
	assert_int_equal(p[14], 2);    /* protocol version */
	assert_int_equal(p[18], 0x0d); /* WINK, CBOR, no MSG */
	return (uint32_t)p[10] << 24 | (uint32_t)p[11] << 16 |
	    (uint32_t)p[12] << 8 | p[13];
}

static uint32_t
init(struct wire *w)
{
	put_all(w, BROADCAST, 0x06, LIT("noncenon"));
	return take_init(w, BROADCAST);
}

/* The status byte of a command sent by hand. */
static uint8_t
status_of(struct wire *w, uint32_t channel, struct bytes request)
{
	put_all(w, channel, 0x10, request);
	return take(w, channel, 0x90)[2];
}

static void
check_pings(struct wire *w, uint32_t channel)
{
	uint8_t data[MSG_MAX];
	const size_t sizes[] = { 0, 1, 57, 58, 116, 117, MSG_MAX };

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < AM_ARRAY_LEN(sizes); i++) {
		size_t len = sizes[i], at = len < 57 ? len : 57;
		const uint8_t *p;

		put_all(w, channel, 0x01, (struct bytes){ data, len });
		p = take(w, channel, 0x81);
		assert_int_equal((size_t)p[0] << 8 | p[1], len);
		assert_memory_equal(p + 2, data, at);
		for (uint8_t seq = 0; at < len; seq++) {
			size_t n = len - at < 59 ? len - at : 59;

			p = take(w, channel, seq);
			assert_memory_equal(p, data + at, n);
			at += n;
		}
	}
}

static void
frames_out_of_turn_are_told_so(void **state)
{
	struct key k;
	struct wire *w;
	uint32_t a, b;

	(void)state;
	key_start(&k, NULL);
	w = wire_open(k.where);
	assert_non_null(w);
	a = init(w);
	b = init(w);
	assert_int_not_equal(a, b);

	put_first(w, a, 0x01, 200, LIT("x"));
	put_report(w, a, 1, LIT("y"));
	take_error(w, a, 0x04); /* sequence */
	put_first(w, a, 0x01, 200, LIT("x"));
	put_all(w, a, 0x01, LIT("z"));
	take_error(w, a, 0x04); /* a new message inside another */

	put_first(w, a, 0x01, 60, LIT("x"));
	put_all(w, b, 0x01, LIT("z"));
	take_error(w, b, 0x06); /* busy, and the first goes on */
	put_report(w, a, 0, LIT("y"));
	assert_int_equal(take(w, a, 0x81)[1], 60);
	(void)take(w, a, 0);

	put_first(w, a, 0x01, 200, LIT("x"));
	take_error(w, a, 0x05); /* nothing came for 500 ms */

	put_first(w, a, 0x01, 200, LIT("x"));
	put_all(w, a, 0x06, LIT("noncenon"));
	assert_int_equal(take_init(w, a), a); /* re-sync */
	check_pings(w, a);
	wire_close(w);
	key_stop(&k);
}

static void
bad_frames_are_refused(void **state)
{
	struct key k;
	struct wire *w;
	uint32_t c;

	(void)state;
	key_start(&k, NULL);
	w = wire_open(k.where);
	assert_non_null(w);
	c = init(w);
	put_all(w, c, 0x3a, LIT("x"));
	take_error(w, c, 0x01); /* unknown command */
	put_all(w, c, 0x03, LIT("x"));
	take_error(w, c, 0x01); /* no U2F */
	put_first(w, c, 0x01, MSG_MAX + 1, LIT("x"));
	take_error(w, c, 0x03);
	put_all(w, c, 0x10, (struct bytes){ 0 });
	take_error(w, c, 0x03);
	put_all(w, BROADCAST, 0x06, LIT("nonce"));
	take_error(w, BROADCAST, 0x03);
	put_all(w, c + 1, 0x01, LIT("x"));
	take_error(w, c + 1, 0x0b); /* never given */
	put_all(w, 0, 0x01, LIT("x"));
	take_error(w, 0, 0x0b);
	put_all(w, BROADCAST, 0x01, LIT("x"));
	take_error(w, BROADCAST, 0x0b);
	put_report(w, c, 0, LIT("x")); /* belongs to nothing: dropped */
	put_all(w, c, 0x11, (struct bytes){ 0 }); /* so is a lone cancel */
	put_all(w, c, 0x08, (struct bytes){ 0 });
	(void)take(w, c, 0x88);
	wire_close(w);
	key_stop(&k);
}

static void
bad_commands_and_bad_cbor_are_refused(void **state)
{
	struct key k;
	struct wire *w;
	uint32_t c;

	(void)state;
	key_start(&k, NULL);
	w = wire_open(k.where);
	assert_non_null(w);
	c = init(w);
	assert_int_equal(status_of(w, c, LIT("\x55")), 0x01);
	assert_int_equal(status_of(w, c, LIT("\x04\xa0")), 0x03);
	assert_int_equal(status_of(w, c, LIT("\x08")), 0x30);
	assert_int_equal(status_of(w, c, LIT("\x02")), 0x12); /* nothing */
	assert_int_equal(status_of(w, c, LIT("\x02\xa0\x00")), 0x12);
	assert_int_equal(status_of(w, c, LIT("\x02\xbf\xff")), 0x12);
	assert_int_equal(status_of(w, c, LIT("\x02\xa1\x18\x01\x00")), 0x12);
	assert_int_equal(
	    status_of(w, c, LIT("\x02\xa2\x02\x00\x01\x00")), 0x12);
	assert_int_equal(
	    status_of(w, c, LIT("\x02\xa2\x01\x00\x01\x00")), 0x12);
	assert_int_equal(
	    status_of(w, c, LIT("\x02\x9b\x7f\xff\xff\xff\xff\xff\xff\xff")),
	    0x12);
	assert_int_equal(
	    status_of(w, c, LIT("\x02\x81\x81\x81\x81\x80")), 0x12);
	assert_int_equal(status_of(w, c, LIT("\x02\x81\x00")), 0x11);
	assert_int_equal(status_of(w, c, LIT("\x02\xa0")), 0x14);
	assert_int_equal(status_of(w, c, LIT("\x02\xa1\x01\x01")), 0x11);
	assert_int_equal(status_of(w, c, LIT("\x06\xa1\x02\x18\x63")), 0x3e);
	/* a protocol that there is not, and none where one is needed */
	assert_int_equal(
	    status_of(w, c, LIT("\x06\xa2\x01\x03\x02\x02")), 0x02);
	assert_int_equal(status_of(w, c, LIT("\x06\xa1\x02\x02")), 0x14);
	wire_close(w);
	key_stop(&k);
}

static void
one_client_at_a_time_and_going_away_ends_the_wait(void **state)
{
	static const char *const never[] = { "--touch", "never", NULL };
	struct key k;
	struct wire *w, *second;
	uint8_t buf[REPORT];
	uint32_t c, d;

	(void)state;
	key_start(&k, never);
	w = wire_open(k.where);
	assert_non_null(w);
	c = init(w);
	d = init(w);
	second = wire_open(k.where);
	assert_non_null(second);
	put_all(second, BROADCAST, 0x06, LIT("noncenon"));
	assert_int_equal(wire_read(second, buf, REPORT, 100), -1);
	put_all(w, c, 0x10, LIT("\x0b")); /* selection: wants a touch */
	assert_int_equal(take(w, c, 0xbb)[2], 2);
	put_all(w, d, 0x01, LIT("x"));
	take_error(w, d, 0x06);
	assert_int_equal(take(w, c, 0xbb)[2], 2); /* and again */
	put_all(w, c, 0x11, (struct bytes){ 0 });
	assert_int_equal(take(w, c, 0x90)[2], 0x2d);
	put_all(w, c, 0x10, LIT("\x0b"));
	(void)take(w, c, 0xbb);
	wire_close(w);
	d = take_init(second, BROADCAST);
	put_all(second, c, 0x01, LIT("x"));
	take_error(second, c, 0x0b); /* that channel went with its client */
	put_all(second, d, 0x01, LIT("x"));
	(void)take(second, d, 0x81);
	wire_close(second);
	key_stop(&k);
}

/* ---- clientPIN by hand, protocol 1: what libfido2 would never send */

#define COSE LIT("\xa5\x01\x02\x03\x38\x18\x20\x01\x21\x58\x20")

/* The DER of a P-256 public key up to its x. */
static const uint8_t spki[27] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
	0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
	0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };

struct text {
	uint8_t p[2048];
	size_t len;
};

/* A client with its shared secret. */
struct hand {
	struct wire *w;
	uint32_t channel;
	uint8_t shared[32], x[32], y[32];
};

static void
add(struct text *t, struct bytes b)
{
	assert_true(b.len <= sizeof(t->p) - t->len);
	memcpy(t->p + t->len, b.p, b.len);
	t->len += b.len;
}

/* Sends the request, reads the whole answer; returns its status. */
static uint8_t
exchange(const struct hand *h, const struct text *request, struct text *out)
{
	const uint8_t *p;
	size_t len;

	put_all(
	    h->w, h->channel, 0x10, (struct bytes){ request->p, request->len });
	p = take(h->w, h->channel, 0x90);
	len = (size_t)p[0] << 8 | p[1];
	assert_in_range(len, 1, sizeof(out->p));
	out->len = 0;
	add(out, (struct bytes){ p + 2, len < 57 ? len : 57 });
	for (uint8_t seq = 0; out->len < len; seq++) {
		size_t more = len - out->len;

		p = take(h->w, h->channel, seq);
		add(out, (struct bytes){ p, more < 59 ? more : 59 });
	}
	return out->p[0];
}

static void
cbc(const struct hand *h, bool encrypt, struct bytes in, uint8_t *out)
{
	const uint8_t iv[16] = { 0 };
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len = 0;

	assert_int_equal(EVP_CipherInit_ex2(c, EVP_aes_256_cbc(), h->shared, iv,
			     encrypt, NULL),
	    1);
	EVP_CIPHER_CTX_set_padding(c, 0);
	assert_int_equal(EVP_CipherUpdate(c, out, &len, in.p, (int)in.len), 1);
	assert_int_equal(len, in.len);
	EVP_CIPHER_CTX_free(c);
}

static void
tag(const uint8_t key[static 32], struct bytes in, uint8_t out[static 32])
{
	unsigned len = 0;

	assert_non_null(HMAC(EVP_sha256(), key, 32, in.p, in.len, out, &len));
}

static void
sha256(struct bytes in, uint8_t out[static 32])
{
	assert_int_equal(
	    EVP_Digest(in.p, in.len, out, NULL, EVP_sha256(), NULL), 1);
}

static void
derive(struct hand *h, EVP_PKEY *mine, EVP_PKEY *theirs)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(mine, NULL);
	uint8_t z[32], *der = NULL;
	size_t len = sizeof(z);
	int n = i2d_PUBKEY(mine, &der);

	assert_int_equal(EVP_PKEY_derive_init(c), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(c, theirs), 1);
	assert_int_equal(EVP_PKEY_derive(c, z, &len), 1);
	EVP_PKEY_CTX_free(c);
	sha256((struct bytes){ z, sizeof(z) }, h->shared);
	assert_int_equal(n, sizeof(spki) + 64);
	memcpy(h->x, der + sizeof(spki), 32);
	memcpy(h->y, der + sizeof(spki) + 32, 32);
	OPENSSL_free(der);
}

static void
agree(struct hand *h)
{
	struct text ask = { 0 }, out;
	uint8_t der[sizeof(spki) + 64];
	const uint8_t *at = der;
	EVP_PKEY *mine = EVP_EC_gen("P-256"), *theirs;

	add(&ask, LIT("\x06\xa2\x01\x01\x02\x02"));
	assert_int_equal(exchange(h, &ask, &out), 0);
	assert_int_equal(out.len, 81);
	memcpy(der, spki, sizeof(spki));
	memcpy(der + sizeof(spki), out.p + 14, 32);
	memcpy(der + sizeof(spki) + 32, out.p + 49, 32);
	theirs = d2i_PUBKEY(NULL, &at, sizeof(der));
	assert_non_null(theirs);
	derive(h, mine, theirs);
	EVP_PKEY_free(mine);
	EVP_PKEY_free(theirs);
}

static void
add_cose(struct text *t, const struct hand *h)
{
	add(t, COSE);
	add(t, (struct bytes){ h->x, 32 });
	add(t, LIT("\x22\x58\x20"));
	add(t, (struct bytes){ h->y, 32 });
}

static void
hand_open(struct hand *h, const struct key *k)
{
	h->w = wire_open(k->where);
	assert_non_null(h->w);
	h->channel = init(h->w);
	agree(h);
}

/* Asks for a token with these permissions; `rp` is 11 characters. */
static uint8_t
token_for(const struct hand *h, uint8_t permissions, const char *rp,
    uint8_t token[static 32])
{
	const uint8_t perms[] = { 0x09, permissions };
	struct text ask = { 0 }, out;
	uint8_t hash[32], box[16];

	sha256(LIT(PIN), hash);
	cbc(h, true, (struct bytes){ hash, 16 }, box);
	add(&ask, LIT("\x06\xa6\x01\x01\x02\x09\x03"));
	add_cose(&ask, h);
	add(&ask, LIT("\x06\x50"));
	add(&ask, (struct bytes){ box, sizeof(box) });
	add(&ask, (struct bytes){ perms, sizeof(perms) });
	add(&ask, LIT("\x0a\x6b"));
	add(&ask, (struct bytes){ (const uint8_t *)rp, 11 });
	if (exchange(h, &ask, &out) != 0)
		return out.p[0];
	assert_int_equal(out.len, 5 + 32);
	cbc(h, false, (struct bytes){ out.p + 5, 32 }, token);
	return 0;
}

static uint8_t
make_by_hand(const struct hand *h, const uint8_t token[static 32])
{
	struct text ask = { 0 }, out;
	uint8_t param[32];

	tag(token, (struct bytes){ client_hash, 32 }, param);
	add(&ask, LIT("\x01\xa6\x01\x58\x20"));
	add(&ask, (struct bytes){ client_hash, 32 });
	add(&ask, LIT("\x02\xa1\x62id\x6b" RP "\x03\xa1\x62id\x41u"));
	add(&ask,
	    LIT("\x04\x81\xa2\x63"
		"alg\x26\x64type\x6apublic-key"));
	add(&ask, LIT("\x08\x50"));
	add(&ask, (struct bytes){ param, 16 });
	add(&ask, LIT("\x09\x01"));
	return exchange(h, &ask, &out);
}

/* Without any credential: 0x2e when the token was good, 0x33 when not. */
static uint8_t
get_by_hand(const struct hand *h, const uint8_t token[static 32])
{
	struct text ask = { 0 }, out;
	uint8_t param[32];

	tag(token, (struct bytes){ client_hash, 32 }, param);
	add(&ask, LIT("\x02\xa4\x01\x6b" RP "\x02\x58\x20"));
	add(&ask, (struct bytes){ client_hash, 32 });
	add(&ask, LIT("\x06\x50"));
	add(&ask, (struct bytes){ param, 16 });
	add(&ask, LIT("\x07\x01"));
	return exchange(h, &ask, &out);
}

static uint8_t
set_pin_by_hand(const struct hand *h, const char *pin, uint8_t flip)
{
	uint8_t padded[64] = { 0 }, box[64], param[32];
	struct text ask = { 0 }, out;

	memcpy(padded, pin, strlen(pin));
	cbc(h, true, (struct bytes){ padded, sizeof(padded) }, box);
	tag(h->shared, (struct bytes){ box, sizeof(box) }, param);
	param[15] ^= flip;
	add(&ask, LIT("\x06\xa5\x01\x01\x02\x03\x03"));
	add_cose(&ask, h);
	add(&ask, LIT("\x04\x50"));
	add(&ask, (struct bytes){ param, 16 });
	add(&ask, LIT("\x05\x58\x40"));
	add(&ask, (struct bytes){ box, sizeof(box) });
	return exchange(h, &ask, &out);
}

static void
a_short_pin_and_a_bent_one_are_refused(void **state)
{
	struct key k;
	struct hand h;

	(void)state;
	key_start(&k, NULL);
	hand_open(&h, &k);
	assert_int_equal(set_pin_by_hand(&h, "123", 0), 0x37);
	assert_int_equal(set_pin_by_hand(&h, "\xc3\xa4\xc3\xa4", 0), 0x37);
	assert_int_equal(set_pin_by_hand(&h, PIN, 1), 0x33);
	assert_int_equal(set_pin_by_hand(&h, PIN, 0), 0);
	wire_close(h.w);
	key_stop(&k);
}

static void
a_token_serves_its_permission_its_rp_and_one_touch(void **state)
{
	const uint8_t make = 1, get = 2, manage = 4;
	uint8_t token[32] = { 0 };
	struct key k;
	struct hand h;

	(void)state;
	key_start(&k, with_pin);
	hand_open(&h, &k);
	assert_int_equal(get_by_hand(&h, token), 0x33); /* none was given */
	assert_int_equal(token_for(&h, 0, RP, token), 0x02);
	assert_int_equal(token_for(&h, manage, RP, token), 0x40);

	assert_int_equal(token_for(&h, get, RP, token), 0);
	assert_int_equal(make_by_hand(&h, token), 0x33);
	assert_int_equal(get_by_hand(&h, token), 0x2e);
	token[0] ^= 1;
	assert_int_equal(get_by_hand(&h, token), 0x33);

	assert_int_equal(token_for(&h, get, "amanat.tesu", token), 0);
	assert_int_equal(get_by_hand(&h, token), 0x33);

	assert_int_equal(token_for(&h, make | get, RP, token), 0);
	assert_int_equal(make_by_hand(&h, token), 0);
	assert_int_equal(make_by_hand(&h, token), 0x33); /* spent */
	wire_close(h.w);
	key_stop(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_out_of_turn_are_told_so),
		cmocka_unit_test(bad_frames_are_refused),
		cmocka_unit_test(bad_commands_and_bad_cbor_are_refused),
		cmocka_unit_test(
		    one_client_at_a_time_and_going_away_ends_the_wait),
		cmocka_unit_test(
		    three_wrong_pins_block_until_restart_and_eight_for_ever),
		cmocka_unit_test(a_short_pin_and_a_bent_one_are_refused),
		cmocka_unit_test(
		    a_token_serves_its_permission_its_rp_and_one_touch),
		cmocka_unit_test(the_right_pin_gives_all_tries_back),
		cmocka_unit_test(without_a_pin_there_is_nothing_to_ask_it_for),
		cmocka_unit_test(
		    a_pin_is_set_once_and_changed_with_the_old_one),
		cmocka_unit_test(a_protected_key_makes_nothing_without_its_pin),
		cmocka_unit_test(the_key_says_what_it_can_do),
		cmocka_unit_test(
		    attestation_leads_to_the_root_in_the_state_directory),
		cmocka_unit_test(attestation_can_be_self_or_none),
		cmocka_unit_test(an_excluded_credential_is_not_made_again),
		cmocka_unit_test(an_assertion_verifies_and_its_flags_are_true),
		cmocka_unit_test(
		    the_silent_probe_finds_its_own_credentials_only),
		cmocka_unit_test(
		    an_allow_list_may_hold_several_ids_but_not_nine),
		cmocka_unit_test(
		    several_discoverable_credentials_come_youngest_first),
		cmocka_unit_test(each_protection_level_is_honoured),
		cmocka_unit_test(hmac_secret_differs_by_salt_uv_and_credential),
		cmocka_unit_test(
		    a_credential_made_without_hmac_secret_has_none),
		cmocka_unit_test(a_wait_for_touch_can_be_cancelled),
		cmocka_unit_test(touch_by_delay_takes_that_long),
		cmocka_unit_test(touch_by_file_uses_the_file_up),
		cmocka_unit_test(reset_ends_every_credential_and_the_pin),
		cmocka_unit_test(
		    a_restart_keeps_everything_and_a_kill_leaves_no_litter),
		cmocka_unit_test(the_state_is_for_its_owner_only),
		cmocka_unit_test(fault_no_pin_and_pin_blocked),
		cmocka_unit_test(fault_single_secret_and_no_hmac_secret),
		cmocka_unit_test(fault_no_credprotect_and_force_level3),
		cmocka_unit_test(fault_be_flag_wrong_sig_and_two_assertions),
		cmocka_unit_test(fault_slow_and_mute),
		cmocka_unit_test(fault_unplug),
		cmocka_unit_test(fault_corrupt_frame),
		cmocka_unit_test(udp_carries_the_same_and_can_be_unplugged),
	};

	fido_init(FIDO_DISABLE_U2F_FALLBACK);
	alarm(WHOLE_TEST);
	return cmocka_run_group_tests(tests, NULL, sweep);
}
