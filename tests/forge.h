/*
 * forge.h - histories made in memory with TEST keys, right ones and wrong
 * ones: for tests of the rule book, of the verifier, and for measuring.
 */

#ifndef AM_TEST_FORGE_H
#define AM_TEST_FORGE_H

#include "vault/audit/roots.h"
#include "vault/base/am.h"
#include "vault/base/blob.h"
#include "vault/log/canon.h"
#include "vault/log/note.h"
#include "vault/state/manifest.h"
#include "vault/state/state.h"

enum { FORGE_PEOPLE = 18 };

struct forge_person {
	uint8_t id[16], cred[32], key[64], token[32], identity[32];
	char name[16];
	void *pkey;                     /* EVP_PKEY */
	struct scalar share, old, join; /* of the forge's safe */
	struct reshare_keep keep;       /* of the last deal of a reshare */
	uint32_t index;
};

/* Who attests keys (tests/maker.h): their model, and certificates, the first
 * of them that of `key`. Without one keys attest nothing, which only a vault
 * for evaluation takes. */
struct forge_maker {
	uint8_t aaguid[16];
	void *key; /* EVP_PKEY */
	size_t count;
	struct blob certs[4];
};

struct forge {
	const struct forge_maker *maker; /* of the next token; NULL */
	uint8_t vault[16], seed[32];
	struct forge_person people[FORGE_PEOPLE];
	size_t count;     /* people[0] is the founder */
	int64_t at;       /* of the next statement; one second each */
	uint32_t counter; /* in what is signed */
	bool hold;        /* ... but none while this is set: for batches */
	struct view_memory *memory;
	struct roots *roots;
	uint64_t size;
	struct blob *lines;
	size_t line_cap;
	struct why why;             /* of the last refusal */
	uint8_t last[32];           /* H of the last statement tried */
	uint8_t moved[32];          /* of the last motion of forge_carry */
	struct state_beside beside; /* for the next statement */
	bool check;                 /* claims are checked at once (default) */
	uint8_t safe[16];
	struct rows_manifest manifest;
	struct rows_plan plan;
	struct blob *cts; /* of all seals made */
	size_t ct_count;
};

/* A founded vault with one person. Ends with forge_free. Failures abort. */
struct forge *forge_new(void);
/* The same, marked for evaluation or not; *err is what the rules said. */
struct forge *forge_try(bool evaluation, enum am_err *err);
/* ... whose keys are of that maker. */
struct forge *
forge_made(bool evaluation, const struct forge_maker *maker, enum am_err *err);
void forge_free(struct forge *f);

/* vault, kind, at, by and head of the next statement. */
struct json_t *forge_body(struct forge *f, const char *kind, size_t by);
/* Signs as person `by`, judges, and keeps the statement when it stands.
 * Takes over `body`. */
enum am_err forge_post(struct forge *f, struct json_t *body, size_t by);
/* The same with another credential's signature. */
enum am_err forge_post_as(struct forge *f, struct json_t *body, size_t key_of);
/* The line only, not judged. */
void
forge_line(struct forge *f, struct json_t *body, size_t by, struct blob *out);
/* Judges a line. */
enum am_err forge_judge(struct forge *f, struct bytes line);

/* A `fault` by the vault itself under that rule, and the line that the log key
 * signs for a body; takes over `body`. */
struct json_t *forge_fault(struct forge *f, const char *rule);
void forge_service(struct forge *f, struct json_t *body, struct blob *out);

/* Field setters that abort on failure. */
void forge_hex(struct json_t *o, const char *k, const uint8_t *p, size_t n);
void forge_b64(struct json_t *o, const char *k, const uint8_t *p, size_t n);
void forge_text(struct json_t *o, const char *k, const char *v);
void forge_uint(struct json_t *o, const char *k, uint64_t v);
void forge_when(struct json_t *o, const char *k, int64_t v);

/* Person, entry, token, identity, admission: returns the new index. */
size_t forge_person(struct forge *f, const char *kind);
/* The same without the admission; and what it consists of: a motion of `by`
 * for that act (taken over), for the admission of a person; a key that nobody
 * has, in the place of a person; and its offer, to be posted as by that key. */
size_t forge_newcomer(struct forge *f, const char *kind);
struct json_t *
forge_motion(struct forge *f, size_t by, const char *name, struct json_t *what);
struct json_t *forge_admission(struct forge *f, size_t by, size_t who);
size_t forge_key(struct forge *f);
struct json_t *
forge_token(struct forge *f, size_t who, size_t key, const char *label);
/*
 * Acts of a quorum: what goes into forge_motion as "post", "appoint", "rules"
 * and "policy". An order is for a substantive post when `until` is 0 and else
 * for an additional one; rules have no groups, no caps and no waits, and a
 * test overwrites what it is about; a policy is the text of its file.
 */
struct json_t *forge_new_post(const char *id, const char *succeeds);
struct json_t *forge_order(struct forge *f, size_t who, const char *post,
    int64_t from, int64_t until, const char *number);
struct json_t *forge_ruling(struct forge *f, uint64_t need);
struct json_t *forge_waiver(const char *rule, int64_t until);
struct json_t *forge_policy(struct bytes text);
/* The file that is shipped, with `from` (found first after `after`) as `to`. */
struct json_t *
forge_policy_edited(const char *after, const char *from, const char *to);
struct json_t *
forge_vote(struct forge *f, size_t by, const uint8_t motion[static 32]);
struct json_t *
forge_enact(struct forge *f, size_t by, const uint8_t motion[static 32]);
/* Moved by people[who[0]], voted for by all `who`, in effect `wait` seconds
 * after the last vote. Its H is then f->moved. */
enum am_err forge_carry(struct forge *f, const char *name, struct json_t *what,
    const size_t *who, size_t count, int64_t wait);
/* An entry of the register of that type and version; takes over `data`. */
struct json_t *forge_entry(struct forge *f, size_t by, const char *type,
    const char *id, uint64_t version, struct json_t *data);

/* A safe with members 1..n (they must exist), k of n, active. */
void forge_safe(struct forge *f, uint32_t k, size_t n);
/* Bodies of the steps, for tests that break them. */
struct json_t *forge_plan(struct forge *f, uint32_t k, size_t n);
struct json_t *forge_join(struct forge *f, size_t who);
struct json_t *forge_deal(struct forge *f, size_t who);
struct json_t *forge_accept(struct forge *f, size_t who);

/*
 * A reshare of the forge's safe to the people `who`, dealt by `dealers`; both
 * in ascending order. forge_replan makes the plan; then forge_join as at
 * setup, forge_redeal, forge_reaccept. forge_reshare does all of it, and
 * f->manifest is then the new one. The share of before stays in `old`.
 */
struct forge_change {
	const char *committee, *source; /* "operating" or "recovery" */
	uint32_t epoch, source_epoch, k;
	size_t count, dealer_count;
	const size_t *who, *dealers;
};
struct json_t *forge_replan(struct forge *f, const struct forge_change *c);
struct json_t *forge_redeal(struct forge *f, size_t who);
struct json_t *forge_reaccept(struct forge *f, size_t who);
void forge_reshare(struct forge *f, const struct forge_change *c);

/* A seal of `plain` as `title` by person `by`. The forge frees `ct`. `class`
 * NULL: "secret"; `reach` and `can_reset` NULL: not in the meta; `type` NULL:
 * "note". */
struct forge_sealed {
	const char *class, *reach, *can_reset, *type;
	uint8_t record[16], seal[32];
	uint32_t version;
	struct tdh2_context cx;
	struct tdh2_header header;
	struct blob ct;
};
struct json_t *forge_seal(struct forge *f, size_t by, const char *title,
    const char *plain, struct forge_sealed *out);
extern const uint8_t forge_pepper[32];

/* The `batch` for some bodies (lent), which were made while f->hold was set so
 * that all have one time and head. */
struct json_t *forge_batch(struct forge *f, size_t by, const char *of,
    struct json_t *const *bodies, size_t count);
/* Judges a body as an item of the batch with that H. Takes over `body`. */
enum am_err forge_item(
    struct forge *f, const uint8_t batch[static 32], struct json_t *body);

/* A request for it by person `by`; q is kept. */
struct forge_asked {
	uint8_t request[32];
	struct scalar q;
	struct point Q;
	const struct forge_sealed *sealed;
	uint8_t partials[16][PARTIAL_BYTES]; /* by person */
};
struct json_t *forge_request(struct forge *f, size_t by,
    const struct forge_sealed *s, struct forge_asked *out);
/* An approval by person `who`; the partial is in asked->partials[who] and set
 * beside the next statement. */
struct json_t *
forge_approve(struct forge *f, size_t who, struct forge_asked *asked);
struct json_t *forge_open(struct forge *f, size_t by,
    const struct forge_asked *asked, const uint32_t *used, size_t count);

/* attestation.jsonl of what there is. */
void forge_attestation(const struct forge *f, struct blob *out);
/* The signed checkpoint of what there is. */
void forge_note(struct forge *f, struct blob *out);

#endif /* AM_TEST_FORGE_H */
