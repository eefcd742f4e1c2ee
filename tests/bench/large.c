/*
 * How fast, and in how much memory, the command verifies a long history.
 *
 *	large AMANAT [STATEMENTS]
 *
 * Forges an export of so many statements (a million unless given): accesses
 * in a 3-of-5 safe, each a seal, a request, three approvals, an opening. Then
 * runs `AMANAT verify` on it. Goals: design section 9.
 */

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/forge.h"
#include "vault/audit/bundle.h"
#include "vault/base/enc.h"
#include "vault/crypto/es256.h"
#include "vault/crypto/hash.h"

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "large: %s failed\n", what);
	abort();
}

/* ---- the export */

static char dir[64];

static void
write_file(const char *name, struct bytes text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	must((f = fopen(path, "we")) != NULL &&
		fwrite(text.p, 1, text.len, f) == text.len && fclose(f) == 0,
	    name);
}

/* The partial is of no one: without partials.jsonl only its hash counts. */
static struct json_t *
approval(struct forge *f, size_t who, const struct forge_asked *a)
{
	struct json_t *b = forge_body(f, "approve", who);
	uint8_t hash[32];

	randombytes_buf(hash, sizeof(hash));
	forge_hex(b, "request", a->request, 32);
	forge_uint(b, "index", f->people[who].index);
	forge_hex(b, "partial", hash, 32);
	return b;
}

static void
one_access(struct forge *f, struct forge_sealed *s)
{
	static const uint32_t used[] = { 1, 2, 3 };
	struct forge_asked a = { 0 };
	char title[32];

	(void)snprintf(title, sizeof(title), "c%lu", (unsigned long)f->size);
	must(forge_post(f, forge_seal(f, 6, title, "TEST", s), 6) == AM_OK &&
		forge_post(f, forge_request(f, 6, s, &a), 6) == AM_OK,
	    "asking");
	for (size_t k = 1; k <= 3; k++)
		must(
		    forge_post(f, approval(f, k, &a), k) == AM_OK, "approving");
	must(forge_post(f, forge_open(f, 6, &a, used, 3), 6) == AM_OK,
	    "opening");
}

static struct forge *
founded(void)
{
	struct forge *f = forge_new();

	for (int i = 0; i < 6; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 3, 5);
	f->check = false; /* checked by what is measured */
	return f;
}

static void
write_lines(struct forge *f, uint64_t *done, FILE *log, struct hash_stream *h)
{
	for (; *done < f->size; ++*done) {
		struct blob *line = &f->lines[*done];

		must(blob_text(line, "\n") == AM_OK &&
			fwrite(line->p, 1, line->len, log) == line->len,
		    "writing");
		hash_stream_add(h, blob_bytes(line));
		blob_free(line);
	}
}

static void
add_sum(struct blob *sums, const char *name, const uint8_t sum[static 32])
{
	char hex[ENC_HEX_LEN(32) + 1];

	enc_hex((struct bytes){ sum, 32 }, hex);
	must(blob_printf(sums, "%s  %s\n", hex, name) == AM_OK, "sums");
}

static void
small_file(struct blob *sums, const char *name, struct bytes text)
{
	uint8_t sum[32];

	write_file(name, text);
	hash_sha256(&text, 1, sum);
	add_sum(sums, name, sum);
}

static void
small_files(
    struct forge *f, struct bytes attests, const uint8_t log_sum[static 32])
{
	char origin[NOTE_ORIGIN_MAX], hex[ENC_HEX_LEN(16) + 1];
	blob_auto note = { 0 }, key = { 0 }, sums = { 0 };
	uint8_t pk[32], sk[64];

	(void)crypto_sign_seed_keypair(pk, sk, f->seed);
	enc_hex((struct bytes){ f->vault, 16 }, hex);
	(void)snprintf(origin, sizeof(origin), "vault.example/amanat/%s", hex);
	forge_note(f, &note);
	must(note_vkey(origin, pk, &key) == AM_OK, "key");
	/* in the order of names */
	small_file(&sums, "README", bundle_readme());
	small_file(&sums, "attestation.jsonl", attests);
	small_file(&sums, "checkpoint.note", blob_bytes(&note));
	small_file(&sums, "keys.txt", blob_bytes(&key));
	add_sum(&sums, "log.jsonl", log_sum);
	write_file("SHA256SUMS", blob_bytes(&sums));
}

static void
forge_export(uint64_t count)
{
	struct forge *f = founded();
	struct hash_stream *h = NULL;
	blob_auto attests = { 0 };
	char path[128];
	uint64_t done = 0;
	uint8_t sum[32];
	FILE *log;

	(void)snprintf(path, sizeof(path), "%s/log.jsonl", dir);
	must((log = fopen(path, "we")) != NULL && hash_stream_new(&h) == AM_OK,
	    "log");
	forge_attestation(f, &attests);
	while (f->size < count) {
		struct forge_sealed s = { 0 };

		one_access(f, &s);
		write_lines(f, &done, log, h);
	}
	must(fclose(log) == 0, "log");
	hash_stream_end(&h, sum);
	small_files(f, blob_bytes(&attests), sum);
	forge_free(f);
}

/* ---- measuring */

/* The signatures and proofs of `ACCESSES` accesses, again and again the same,
 * on each core: what slows one down, a busy machine, slows down the other. */
enum { ACCESSES = 1000, CORES_MAX = 64 };

struct raw {
	struct forge *f;
	struct statement s;
	uint8_t message[69];
	struct claim seal;
};

static void *
raw_claims(void *arg)
{
	const struct raw *w = arg;
	struct why why = { 0 };

	for (int i = 0; i < 6 * ACCESSES; i++) {
		must(es256_verify(w->f->people[6].key,
			 (struct bytes){ w->message, sizeof(w->message) },
			 (struct bytes){ w->s.sig, w->s.sig_len }) == AM_OK,
		    "signature");
		must(i % 6 != 0 || claim_check(&w->seal, &why) == AM_OK,
		    "proof");
	}
	return NULL;
}

static void
raw_begin(struct raw *w)
{
	struct forge_sealed sealed = { 0 };
	struct why why = { 0 };

	w->f = founded();
	one_access(w->f, &sealed);
	must(statement_parse(blob_bytes(&w->f->lines[w->f->size - 1]), &why,
		 &w->s) == AM_OK,
	    "parsing");
	memcpy(w->message, w->s.authdata, 37);
	hash_sha256(
	    HASH_PARTS({ w->s.client, w->s.client_len }), w->message + 37);
	w->seal = (struct claim){ .type = CLAIM_SEAL };
	w->seal.seal.cx = sealed.cx;
	w->seal.seal.header = sealed.header;
}

static void
raw_end(struct raw *w)
{
	statement_free(&w->s);
	forge_free(w->f);
}

/* Processor seconds, which other work on the machine adds little to. */
static double
busy(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	    (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

static double
busy_so_far(void)
{
	struct rusage use;

	must(getrusage(RUSAGE_SELF, &use) == 0, "getrusage");
	return busy(&use);
}

/* Seconds a statement, and processor seconds. */
struct cost {
	double wall, cpu;
};

static struct cost
raw_cost(struct raw *w, unsigned cores)
{
	pthread_t thread[CORES_MAX];
	const double count = 6.0 * ACCESSES * cores;
	const double start = now(), busy_before = busy_so_far();

	for (unsigned i = 0; i < cores; i++)
		must(pthread_create(&thread[i], NULL, raw_claims, w) == 0,
		    "thread");
	for (unsigned i = 0; i < cores; i++)
		must(pthread_join(thread[i], NULL) == 0, "join");
	return (struct cost){ (now() - start) / count,
		(busy_so_far() - busy_before) / count };
}

static void
in_a_child(uint64_t count)
{
	const pid_t pid = fork();
	int status = 0;

	must(pid >= 0, "fork");
	if (pid == 0) {
		forge_export(count);
		_exit(0);
	}
	must(waitpid(pid, &status, 0) == pid && status == 0, "forging");
}

static struct cost
verify(const char *amanat, uint64_t count, long *out_kib)
{
	const double start = now();
	const pid_t pid = fork();
	struct rusage use;
	int status = 0;

	must(pid >= 0, "fork");
	if (pid == 0) {
		const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (null < 0 || dup2(null, 1) != 1)
			_exit(126);
		execl(amanat, amanat, "verify", dir, (char *)NULL);
		_exit(127);
	}
	must(wait4(pid, &status, 0, &use) == pid && status == 0, "verify");
	*out_kib = use.ru_maxrss;
	return (struct cost){ (now() - start) / (double)count,
		busy(&use) / (double)count };
}

int
main(int argc, char **argv)
{
	const long online = sysconf(_SC_NPROCESSORS_ONLN);
	const unsigned cores = online < 1 ? 1
	    : online > CORES_MAX          ? CORES_MAX
					  : (unsigned)online;
	const uint64_t count =
	    argc > 2 ? strtoull(argv[2], NULL, 10) : UINT64_C(1000000);
	struct raw w = { 0 };
	char path[128];
	struct stat st = { 0 };
	struct cost raw, again, full;
	long kib = 0;

	must(argc > 1 && count > 0 && sodium_init() >= 0, "usage");
	(void)snprintf(dir, sizeof(dir), "/tmp/amanat-large-XXXXXX");
	must(mkdtemp(dir) != NULL, "mkdtemp");
	(void)snprintf(path, sizeof(path), "%s/log.jsonl", dir);
	/* What has been in this process would count for the one measured, so
	 * the forging is another's. */
	in_a_child(count);
	must(stat(path, &st) == 0, "log");
	raw_begin(&w);
	raw = raw_cost(&w, cores);
	full = verify(argv[1], count, &kib);
	again = raw_cost(&w, cores);
	raw.wall = (raw.wall + again.wall) / 2;
	raw.cpu = (raw.cpu + again.cpu) / 2;
	raw_end(&w);
	printf("%-26s %6.2f   %-22s %.0f statements/s on %u cores\n",
	    "verify, whole process", raw.wall / full.wall,
	    ">= 0.85 x cores x raw", 1 / full.wall, cores);
	printf("%-26s %6.2f   %-22s %.0f us / %.0f us a statement\n",
	    "the same in CPU time", raw.cpu / full.cpu, "", raw.cpu * 1e6,
	    full.cpu * 1e6);
	printf("%-26s %6.1f   %-22s %lu statements, %.0f MiB of log\n",
	    "verify, MiB at most", (double)kib / 1024, "< 64 MiB",
	    (unsigned long)count, (double)st.st_size / (1 << 20));
	(void)fflush(stdout);
	return execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
}
