/*
 * verify.h - replaying a history against the rule book, with nothing but
 * public data (protocol.md 7.7).
 */

#ifndef AM_VERIFY_H
#define AM_VERIFY_H

#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/base/why.h"
#include "vault/log/note.h"
#include "vault/log/statement.h"
#include "vault/state/rows.h"

enum verify_verdict {
	VERIFY_SOUND,
	VERIFY_FINDINGS,
	VERIFY_STALE,
	VERIFY_BROKEN
};

enum { VERIFY_FINDINGS_MAX = 64, VERIFY_FINDING_LEN = 640 };

struct verify_report {
	enum verify_verdict verdict;
	char code[16]; /* V-code or rule, when broken or stale */
	bool has_leaf; /* the failure belongs to a statement */
	uint64_t leaf;
	char text[512]; /* the sentence, when broken or stale */
	uint64_t statements;
	uint32_t requests, openings;
	uint32_t unopened; /* k approvals without `open`: V20 */
	uint8_t root[32];
	uint64_t remembered; /* size of the head compared with; 0: none */
	struct rows_vault vault;
	size_t finding_count;
	char findings[VERIFY_FINDINGS_MAX][VERIFY_FINDING_LEN];
};

/* Where the lines come from, and what else is beside them. */
struct verify_lines {
	/* Line `leaf` without newline; AM_ERR_NOT_FOUND after the last. The
	 * bytes are lent until the next call. */
	enum am_err (*get)(void *arg, uint64_t leaf, struct bytes *out);
	void *arg;
	/* Each statement, before it is judged. May be NULL. */
	enum am_err (*seen)(
	    void *arg, uint64_t leaf, const struct statement *s);
	/* After the last: what is beside the lines, which may make *r broken. May
	 * be NULL. */
	enum am_err (*end)(void *arg, struct verify_report *r);
	/* Beside `approve` at `leaf`; may be NULL, or *out stays NULL. */
	enum am_err (*partial)(void *arg, uint64_t leaf, const uint8_t **out);
};

/* One access: a request that k approved, opened or not. All lent. */
enum verify_access_verdict {
	VERIFY_ACCESS_SOUND,
	VERIFY_ACCESS_LATE,     /* opened after the grant (R13.5) */
	VERIFY_ACCESS_UNOPENED, /* a possible exposure (V20) */
};
struct verify_access {
	enum verify_access_verdict verdict;
	const struct rows_request *request;
	char credential[ROWS_ID_MAX + ROWS_TITLE_MAX + 2]; /* SAFE/NAME */
	char requester[ROWS_ID_MAX + 1];
	char approvers[ROWS_N_MAX][ROWS_ID_MAX + 1]; /* as in `request` */
	struct bytes why;
};

/* What the work may use. Tables and tree go to encrypted files without names
 * in `tmp`, some 300 bytes a statement; memory grows by some 25. */
struct verify_means {
	unsigned threads;
	const char *tmp; /* a directory */
	/* Where this machine remembers heads (heads.h): the one of this vault,
	 * where there is one, is compared and stays as it is. May be NULL. */
	const char *heads_dir;
	/* Is told each access, in the order of the log, when nothing is broken.
	 * May be NULL; its error ends the work. */
	enum am_err (*access)(void *arg, const struct verify_access *a);
	void *access_arg;
};

/*
 * `verify_history` replays all lines and checks every signature and proof
 * with `means`. `note`: the checkpoint (signed text); `since`: an
 * earlier checkpoint of the same log, or empty. The verdict is in `out`; the
 * error is only for what prevents a verdict: AM_ERR_NOMEM, AM_ERR_IO (with a
 * sentence when it is `tmp` that failed), AM_ERR_INCOMPLETE (with a sentence:
 * the remembered head cannot be read).
 */
AM_RESULT verify_history(const struct verify_lines *lines, struct bytes note,
    struct bytes since, const struct verify_means *means, struct why *why,
    struct verify_report *out);

/* The exit status of a verdict as an error: AM_OK, AM_ERR_STALE,
 * AM_ERR_VERIFY. */
enum am_err verify_error(const struct verify_report *r);

/*
 * `verify_bundle` verifies an export directory: file set and sums, and that
 * keys.txt, attestation.jsonl and README are what the log gives (V01); the
 * history. Errors: AM_ERR_IO or AM_ERR_NOT_FOUND with a sentence
 * when the directory cannot be read.
 */
AM_RESULT verify_bundle(const char *dir, struct bytes since,
    const struct verify_means *means, struct why *why,
    struct verify_report *out);

#endif /* AM_VERIFY_H */
