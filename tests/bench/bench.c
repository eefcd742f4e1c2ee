/*
 * Speed as ratios against raw library calls of the same run, so that a busy
 * machine does not matter much; medians of several rounds. Goals: design
 * section 9. Prints; fails only when it cannot measure.
 */

#include <lmdb.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/forge.h"
#include "vault/acts/post.h"
#include "vault/audit/verify.h"
#include "vault/crypto/es256.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/partial.h"
#include "vault/crypto/tdh2.h"

enum { ROUNDS = 7 };

static char dir[64]; /* of this run */

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench: %s failed\n", what);
	abort();
}

static double
median(double *t, size_t count)
{
	qsort(t, count, sizeof(t[0]), by_value);
	return t[count / 2];
}

/* Median microseconds of one call of fn. */
static double
timed(void (*fn)(void *arg), void *arg, int count)
{
	double t[ROUNDS];

	for (int r = 0; r < ROUNDS; r++) {
		const double start = now();

		for (int i = 0; i < count; i++)
			fn(arg);
		t[r] = (now() - start) / count;
	}
	return median(t, ROUNDS);
}

static void
row(const char *what, double ratio, const char *goal, const char *detail)
{
	printf("%-26s %6.2f   %-22s %s\n", what, ratio, goal, detail);
}

/* ---- raw group operations */

static struct scalar some;
static struct point P, Q;

static void
raw_mul(void *arg)
{
	uint8_t out[32];

	(void)arg;
	must(crypto_scalarmult_ristretto255(out, some.b, P.b) == 0, "mul");
}

static void
raw_base(void *arg)
{
	uint8_t out[32];

	(void)arg;
	must(crypto_scalarmult_ristretto255_base(out, some.b) == 0, "base");
}

static void
raw_add(void *arg)
{
	uint8_t out[32];

	(void)arg;
	must(crypto_core_ristretto255_add(out, P.b, Q.b) == 0, "add");
}

static void
raw_invert(void *arg)
{
	uint8_t out[32];

	(void)arg;
	must(crypto_core_ristretto255_scalar_invert(out, some.b) == 0, "inv");
}

struct raw {
	double mul, base, add, invert;
};

/* ---- 1: seal, approve, combine */

struct crypto {
	struct tdh2_context cx;
	struct tdh2_header h;
	uint8_t pepper[32], ct[512];
	struct partial_context pc;
	struct scalar share[3], q;
	uint32_t indices[3];
	uint8_t partials[3 * PARTIAL_BYTES];
};

static void
do_seal(void *arg)
{
	struct crypto *c = arg;
	const struct bytes m = { (const uint8_t *)"TEST secret", 11 };

	must(tdh2_seal(&c->cx, c->pepper, m, &c->h, c->ct) == AM_OK, "seal");
}

static void
do_partial(void *arg)
{
	struct crypto *c = arg;

	must(partial_make(&c->pc, &c->share[0], c->partials) == AM_OK,
	    "partial");
}

static void
do_combine(void *arg)
{
	struct crypto *c = arg;
	struct point Z;

	must(partial_combine(&c->q, c->indices, 3, c->partials, &Z) == AM_OK,
	    "combine");
}

static void
setup(struct crypto *c)
{
	struct scalar coeffs[3];

	for (int i = 0; i < 3; i++)
		sc_random(&coeffs[i]);
	sc_random(&c->q);
	must(pt_mul_base(&coeffs[0], &c->cx.X) == AM_OK &&
		tdh2_bbar(c->cx.G, &c->cx.Bbar) == AM_OK,
	    "setup");
	do_seal(c);
	c->pc.U = c->h.U;
	must(pt_mul_base(&c->q, &c->pc.Q) == AM_OK, "setup");
	for (uint32_t i = 3; i-- > 0;) {
		c->indices[i] = c->pc.index = i + 1;
		must(shamir_eval(coeffs, 3, i + 1, &c->share[i]) == AM_OK &&
			pt_mul_base(&c->share[i], &c->pc.P) == AM_OK &&
			partial_make(&c->pc, &c->share[i],
			    c->partials + i * PARTIAL_BYTES) == AM_OK,
		    "setup");
	}
}

static void
bench_crypto(const struct raw *w)
{
	struct crypto *c = calloc(1, sizeof(*c));
	double t, sum;
	char detail[80];

	setup(c);
	t = timed(do_seal, c, 200);
	sum = 5 * w->mul + 2 * w->base;
	(void)snprintf(detail, sizeof(detail), "%.0f us / %.0f us", t, sum);
	row("seal", t / sum, "<= 1.25 x group ops", detail);
	t = timed(do_partial, c, 200);
	sum = 9 * w->mul + 6 * w->base + 6 * w->add;
	(void)snprintf(detail, sizeof(detail), "%.0f us / %.0f us", t, sum);
	row("approve", t / sum, "<= 1.25 x group ops", detail);
	t = timed(do_combine, c, 200);
	sum = 7 * w->mul + 5 * w->add + 3 * w->invert;
	(void)snprintf(detail, sizeof(detail), "%.0f us / %.0f us", t, sum);
	row("combine, k = 3", t / sum, "<= 1.25 x group ops", detail);
	free(c);
}

/* ---- a forged history: 3 of 5, one request in three approvals */

enum { ACCESSES = 300 };

static struct forge *
history(void)
{
	static const uint32_t used[] = { 1, 2, 3 };
	struct forge *f = forge_new();

	for (int i = 0; i < 6; i++)
		(void)forge_person(f, "official");
	forge_safe(f, 3, 5);
	f->check = false; /* checked by what is measured */
	for (int i = 0; i < ACCESSES; i++) {
		struct forge_sealed s = { 0 };
		struct forge_asked a = { 0 };
		char title[32];

		(void)snprintf(title, sizeof(title), "c%d", i);
		must(forge_post(f, forge_seal(f, 6, title, "TEST", &s), 6) ==
			    AM_OK &&
			forge_post(f, forge_request(f, 6, &s, &a), 6) == AM_OK,
		    "history");
		for (size_t k = 1; k <= 3; k++)
			must(forge_post(f, forge_approve(f, k, &a), k) == AM_OK,
			    "history");
		must(forge_post(f, forge_open(f, 6, &a, used, 3), 6) == AM_OK,
		    "history");
	}
	return f;
}

/* ---- 2: bulk deposit: the real command against raw seals on all cores */

enum { RAW_SEALS = 1500, CORES_MAX = 64, ROWS_FEW = 17000, ROWS_MANY = 51000 };

static void *
raw_seals(void *arg)
{
	for (int i = 0; i < RAW_SEALS; i++)
		do_seal(arg);
	return NULL;
}

/* Seals a second with every core sealing. */
static double
raw_rate(unsigned cores)
{
	pthread_t threads[CORES_MAX];
	struct crypto *c[CORES_MAX];
	double start;

	for (unsigned i = 0; i < cores; i++) {
		must((c[i] = calloc(1, sizeof(*c[i]))) != NULL, "memory");
		setup(c[i]);
	}
	start = now();
	for (unsigned i = 0; i < cores; i++)
		must(pthread_create(&threads[i], NULL, raw_seals, c[i]) == 0,
		    "thread");
	for (unsigned i = 0; i < cores; i++)
		(void)pthread_join(threads[i], NULL);
	start = now() - start;
	for (unsigned i = 0; i < cores; i++)
		free(c[i]);
	return cores * (double)RAW_SEALS / start * 1e6;
}

static pid_t
start(char *const argv[])
{
	const pid_t child = fork();

	if (child == 0) {
		(void)execv(argv[0], argv);
		_exit(127);
	}
	must(child > 0, "fork");
	return child;
}

/* KiB of memory of its own, without the pages of mapped files: those are the
 * kernel's cache of the database, which it takes back when it needs them. */
static long
own_memory(pid_t child)
{
	char path[64], line[128];
	long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)child);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (kib == 0 && fgets(line, sizeof(line), f) != NULL)
		(void)sscanf(line, "RssAnon: %ld", &kib);
	(void)fclose(f);
	return kib;
}

/* bench measure FILE COMMAND...: runs it, appends seconds and peak KiB. */
static int
measure(char *const argv[])
{
	const double began = now();
	const pid_t child = start(argv + 1);
	const struct timespec pause = { .tv_nsec = 2000000 };
	long peak = 0;
	int status = 0;
	FILE *f;

	while (waitpid(child, &status, WNOHANG) == 0) {
		const long kib = own_memory(child);

		peak = kib > peak ? kib : peak;
		(void)nanosleep(&pause, NULL);
	}
	must((f = fopen(argv[0], "ae")) != NULL &&
		fprintf(f, "%.3f %ld\n", (now() - began) / 1e6, peak) > 0 &&
		fclose(f) == 0,
	    "measure");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void
bench_bulk(char *self)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);
	const unsigned cores = n > CORES_MAX ? CORES_MAX : (unsigned)n;
	double few = 0, many = 0, raw = raw_rate(cores);
	long kib_few = 0, kib_many = 0;
	char file[128], n_few[16], n_many[16], detail[120];
	char *argv[] = { (char[]){ "tests/bench/bulk.sh" }, self, file, n_few,
		n_many, NULL };
	int status = 0;
	FILE *f;

	(void)snprintf(file, sizeof(file), "%s/bulk", dir);
	(void)snprintf(n_few, sizeof(n_few), "%d", ROWS_FEW);
	(void)snprintf(n_many, sizeof(n_many), "%d", ROWS_MANY);
	must(waitpid(start(argv), &status, 0) > 0 && status == 0 &&
		(f = fopen(file, "re")) != NULL &&
		fscanf(f, "%lf %ld %lf %ld", &few, &kib_few, &many,
		    &kib_many) == 4 &&
		fclose(f) == 0,
	    "bulk.sh");
	raw = (raw + raw_rate(cores)) / 2; /* before and after */
	(void)snprintf(detail, sizeof(detail),
	    "%.0f/s of %.0f/s; peak %ld MiB, %ld MiB with %d x the rows",
	    ROWS_MANY / many, raw, kib_few / 1024, kib_many / 1024,
	    ROWS_MANY / ROWS_FEW);
	row("bulk deposit", ROWS_MANY / many / raw, ">= 0.8 x cores x raw",
	    detail);
}

/* ---- 3: one durable statement against a bare commit of the same bytes */

static struct claim one_signature, one_seal;

static enum am_err
keep_claim(void *arg, const struct claim *c, struct why *why)
{
	(void)arg;
	(void)why;
	if (c->type == CLAIM_ASSERTION)
		one_signature = *c;
	if (c->type == CLAIM_SEAL)
		one_seal = *c;
	return AM_OK;
}

static void
raw_claim(void *arg)
{
	struct why why = { 0 };

	must(claim_check(arg, &why) == AM_OK, "claim");
}

static void
find_claims(const struct forge *f)
{
	struct view_memory *m = NULL;
	struct state st = { .root_at = roots_at,
		.root_arg = f->roots,
		.claims = { .add = keep_claim } };

	must(view_memory_new(&m) == AM_OK, "memory");
	st.view = view_memory(m);
	for (uint64_t i = 0; i < f->size; i++) {
		statement_auto s = { 0 };
		struct why why = { 0 };

		must(statement_parse(blob_bytes(&f->lines[i]), &why, &s) ==
			    AM_OK &&
			state_apply(&st, &s, i, NULL, &why) == AM_OK,
		    "replay");
	}
	view_memory_free(m);
}

/* The rows that a statement writes to the views: keys and lengths. */
struct writes {
	struct view under;
	size_t count;
	struct {
		uint8_t key[32];
		size_t len;
	} row[64];
};

static enum am_err
record_get(void *arg, const char *table, struct bytes key, struct blob *out)
{
	struct writes *w = arg;

	return view_get(&w->under, table, key, out);
}

static enum am_err
record_put(void *arg, const char *table, struct bytes key, struct bytes value)
{
	struct writes *w = arg;
	const struct bytes name = { (const uint8_t *)table, strlen(table) };

	must(w->count < AM_ARRAY_LEN(w->row), "record");
	hash_sha256(HASH_PARTS(name, key), w->row[w->count].key);
	w->row[w->count++].len = value.len + REGKEY_OVERHEAD;
	return view_put(&w->under, table, key, value);
}

/* A bare database beside the vault, and what tells it what to write. */
struct bare {
	MDB_env *env;
	MDB_dbi dbi;
	struct view_memory *memory;
	struct writes w;
	struct state st;
	size_t note_len;
};

static void
bare_open(const struct forge *f, struct bare *b)
{
	char path[128];
	MDB_txn *t;

	(void)snprintf(path, sizeof(path), "%s/bare", dir);
	must(mkdir(path, 0700) == 0 && mdb_env_create(&b->env) == 0 &&
		mdb_env_set_mapsize(b->env, (size_t)1 << 30) == 0 &&
		mdb_env_open(b->env, path, 0, 0600) == 0 &&
		mdb_txn_begin(b->env, NULL, 0, &t) == 0 &&
		mdb_dbi_open(t, NULL, 0, &b->dbi) == 0 &&
		mdb_txn_commit(t) == 0 && view_memory_new(&b->memory) == AM_OK,
	    "bare environment");
	b->w.under = view_memory(b->memory);
	b->st = (struct state){ .view = { record_get, record_put, &b->w },
		.root_at = roots_at,
		.root_arg = f->roots,
		.claims = { .add = keep_claim } };
}

static void
bare_close(struct bare *b)
{
	mdb_env_close(b->env);
	view_memory_free(b->memory);
}

static void
bare_put(MDB_txn *t, MDB_dbi dbi, uint8_t key[static 16], size_t len)
{
	static const uint8_t zeros[8192];
	MDB_val k = { 16, key }, v = { len, (void *)(uintptr_t)zeros };

	must(mdb_put(t, dbi, &k, &v, 0) == 0, "bare put");
}

/* Line with its tree nodes, note, and row by row the views: as many rows of
 * the same lengths. Its keys are as they come, the views' at random. */
static void
bare_statement(struct bare *b, uint64_t leaf, size_t line_len)
{
	const size_t nodes = (size_t)__builtin_ctzll(leaf + 1) + 1;
	uint8_t key[16] = { 0 };
	MDB_txn *t;

	must(mdb_txn_begin(b->env, NULL, 0, &t) == 0, "bare begin");
	for (size_t i = 0; i < 8; i++)
		key[i] = (uint8_t)(leaf >> (56 - 8 * i));
	bare_put(t, b->dbi, key, line_len + REGKEY_OVERHEAD + 32 * nodes);
	memset(key, 0xff, sizeof(key));
	bare_put(t, b->dbi, key, b->note_len);
	for (size_t i = 0; i < b->w.count; i++)
		bare_put(t, b->dbi, b->w.row[i].key, b->w.row[i].len);
	must(mdb_txn_commit(t) == 0, "bare commit");
}

static double
bare_time(const struct forge *f, struct bare *b, uint64_t leaf)
{
	statement_auto s = { 0 };
	struct why why = { 0 };
	double start;

	b->w.count = 0;
	must(statement_parse(blob_bytes(&f->lines[leaf]), &why, &s) == AM_OK &&
		state_apply(&b->st, &s, leaf, NULL, &why) == AM_OK,
	    "replay");
	start = now();
	bare_statement(b, leaf, f->lines[leaf].len);
	return now() - start;
}

static int64_t
clock_of(void *arg)
{
	return *(const int64_t *)arg;
}

/* What an act does once the token has signed (post_commit). */
static double
durable_time(const struct forge *f, struct session *s, uint64_t leaf)
{
	static struct post p;
	statement_auto parsed = { 0 };
	double start;

	must(statement_parse(blob_bytes(&f->lines[leaf]), s->why, &parsed) ==
		AM_OK,
	    "line");
	*(int64_t *)s->env->arg = parsed.at; /* no time to sign */
	p.s = s;
	p.count = 1;
	p.items[0].line = f->lines[leaf]; /* lent */
	start = now();
	must(post_commit(&p) == AM_OK, "durable statement");
	must(p.first_leaf == leaf, "leaf");
	return now() - start;
}

static off_t
db_bytes(const char *path)
{
	char file[160];
	struct stat st = { 0 };

	(void)snprintf(file, sizeof(file), "%s/db/data.mdb", path);
	must(stat(file, &st) == 0, "stat");
	return st.st_size;
}

static size_t
note_len(struct store *st)
{
	store_txn_auto *t = NULL;
	blob_auto note = { 0 };

	must(store_begin(st, false, &t) == AM_OK &&
		store_note_get(t, &note) == AM_OK,
	    "note");
	return note.len;
}

enum { EACH = 6 }; /* statements of an access */

/* Turn by turn, so that what disturbs the disk meets both; medians over the
 * accesses, each of a seal, a request, three approvals and an opening. */
static void
bench_durable(const struct forge *f)
{
	const uint8_t R[32] = { 1 };
	const uint64_t from = f->size - EACH * ACCESSES;
	int64_t clock = 0;
	const struct session_env env = { .now = clock_of, .arg = &clock };
	struct why why = { 0 };
	struct session s = { .env = &env, .why = &why };
	static struct bare b;
	double t[ACCESSES] = { 0 }, bare[ACCESSES] = { 0 }, raw;
	char path[128], detail[120];
	off_t before;

	(void)snprintf(path, sizeof(path), "%s/vault", dir);
	must(store_create(path, f->vault, (struct bytes){ R, 32 },
		 (struct bytes){ f->seed, 32 }, &why) == AM_OK &&
		store_open(path, true, &why, &s.store) == AM_OK,
	    "store");
	bare_open(f, &b);
	for (uint64_t i = 0; i < from; i++) {
		(void)durable_time(f, &s, i);
		b.note_len = note_len(s.store);
		(void)bare_time(f, &b, i);
	}
	before = db_bytes(path);
	for (uint64_t i = 0; i < EACH * ACCESSES; i++) {
		t[i / EACH] += durable_time(f, &s, from + i) / EACH;
		bare[i / EACH] += bare_time(f, &b, from + i) / EACH;
	}
	t[0] = median(t, ACCESSES);
	bare[0] = median(bare, ACCESSES);
	raw = timed(raw_claim, &one_signature, 200) +
	    timed(raw_claim, &one_seal, 100) / EACH;
	(void)snprintf(detail, sizeof(detail),
	    "%.0f us / %.0f us; its ES256 and proofs alone %.0f us (with them "
	    "%.2f)",
	    t[0], bare[0], raw, t[0] / (bare[0] + raw));
	row("one durable statement", t[0] / bare[0], "<= 1.3 x bare commit",
	    detail);
	printf("%-26s %6.0f   bytes of database\n", "a statement on disk",
	    (double)(db_bytes(path) - before) / (EACH * ACCESSES));
	bare_close(&b);
	store_close(s.store);
}

/* ---- 4: verify against raw signatures and proofs */

struct lines {
	const struct forge *f;
};

static enum am_err
line_at(void *arg, uint64_t leaf, struct bytes *out)
{
	const struct lines *l = arg;

	if (leaf >= l->f->size)
		return AM_ERR_NOT_FOUND;
	*out = blob_bytes(&l->f->lines[leaf]);
	return AM_OK;
}

/* The signatures and proofs of a history by themselves, on all cores: what
 * slows one down, a busy machine, slows down the other. */
struct raw_part {
	pthread_t thread;
	size_t signatures, seals;
};

static void *
raw_claims(void *arg)
{
	const struct raw_part *p = arg;

	for (size_t i = 0; i < p->signatures; i++)
		raw_claim(&one_signature);
	for (size_t i = 0; i < p->seals; i++)
		raw_claim(&one_seal);
	return NULL;
}

static double
raw_history(const struct forge *f, unsigned cores)
{
	struct raw_part part[64];
	const double start = now();

	for (unsigned i = 0; i < cores; i++) {
		part[i] = (struct raw_part){ .signatures = f->size / cores,
			.seals = ACCESSES / cores };
		must(pthread_create(
			 &part[i].thread, NULL, raw_claims, &part[i]) == 0,
		    "thread");
	}
	for (unsigned i = 0; i < cores; i++)
		must(pthread_join(part[i].thread, NULL) == 0, "join");
	return now() - start;
}

/* Microseconds of processor time, which other work adds little to. */
static double
busy(void)
{
	struct rusage u;

	must(getrusage(RUSAGE_SELF, &u) == 0, "getrusage");
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void
bench_verify(struct forge *f)
{
	struct lines l = { f };
	const struct verify_lines lines = { .get = line_at, .arg = &l };
	struct verify_report *r = calloc(1, sizeof(*r));
	const long online = sysconf(_SC_NPROCESSORS_ONLN);
	const unsigned cores = online < 1 ? 1
	    : online > 64                 ? 64
					  : (unsigned)online;
	const struct verify_means means = { .threads = cores, .tmp = dir };
	double t[ROUNDS], ratio[ROUNDS], cpu[ROUNDS];
	struct why why = { 0 };
	blob_auto note = { 0 };
	char detail[80];

	forge_note(f, &note);
	for (int i = 0; i < ROUNDS; i++) {
		const double before = busy(), raw = raw_history(f, cores),
			     between = busy(), start = now();

		must(verify_history(&lines, blob_bytes(&note),
			 (struct bytes){ NULL, 0 }, &means, &why, r) == AM_OK &&
			r->verdict == VERIFY_FINDINGS,
		    "verify");
		t[i] = now() - start;
		ratio[i] = raw / t[i];
		cpu[i] = (between - before) / (busy() - between);
	}
	qsort(t, ROUNDS, sizeof(t[0]), by_value);
	qsort(ratio, ROUNDS, sizeof(ratio[0]), by_value);
	qsort(cpu, ROUNDS, sizeof(cpu[0]), by_value);
	(void)snprintf(detail, sizeof(detail),
	    "%.0f statements/s on %u cores; ES256 %.0f us, header %.0f us",
	    (double)f->size / t[ROUNDS / 2] * 1e6, cores,
	    timed(raw_claim, &one_signature, 200),
	    timed(raw_claim, &one_seal, 100));
	row("verify", ratio[ROUNDS / 2], ">= 0.85 x cores x raw", detail);
	row("the same in CPU time", cpu[ROUNDS / 2], "", "");
	free(r);
}

int
main(int argc, char *argv[])
{
	struct raw w;
	struct forge *f;

	if (argc > 3 && strcmp(argv[1], "measure") == 0)
		return measure(argv + 2);

	if (sodium_init() < 0)
		return 1;
	(void)snprintf(dir, sizeof(dir), "/tmp/amanat-bench-XXXXXX");
	must(mkdtemp(dir) != NULL, "mkdtemp");
	sc_random(&some);
	must(pt_mul_base(&some, &P) == AM_OK && pt_mul(&some, &P, &Q) == AM_OK,
	    "points");
	w = (struct raw){ timed(raw_mul, NULL, 500), timed(raw_base, NULL, 500),
		timed(raw_add, NULL, 500), timed(raw_invert, NULL, 500) };
	printf("raw: scalarmult %.1f us, base %.1f us, add %.1f us\n\n", w.mul,
	    w.base, w.add);
	printf("%-26s %6s   %-22s %s\n", "what", "ratio", "goal", "medians");
	bench_crypto(&w);
	bench_bulk(argv[0]);
	f = history();
	find_claims(f);
	bench_durable(f);
	bench_verify(f);
	printf("%-26s %6.0f   bytes of log line (an approval)\n",
	    "a statement in the log", (double)f->lines[f->size - 2].len);
	printf("%-26s %6.0f   bytes of log line, and %zu of ciphertext\n",
	    "a credential", (double)f->lines[f->size - 6 * ACCESSES].len,
	    f->cts[0].len);
	forge_free(f);
	(void)fflush(stdout);
	return execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
}
