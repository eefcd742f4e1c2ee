#include "vault/state/rows.h"
#include "vault/base/buf.h"

/* What one field of a row is: how it travels between struct and bytes. */
enum form { U8, U16, U32, U64, FIXED, TEXT, COUNTED };

struct field {
	enum form form;
	size_t at, size; /* offset and size in the struct */
	/* COUNTED: elements of `size` bytes; `count_at` is a u8 or u16 field
	 * read before it; `inner` describes an element, or NULL for bytes. */
	size_t count_at, count_size, max;
	const struct field *inner;
	size_t inner_count;
};

#define SIZE(s, m) sizeof(((struct s *)0)->m)
#define F(f, s, m)                                                           \
	{                                                                    \
		.form = (f), .at = offsetof(struct s, m), .size = SIZE(s, m) \
	}
#define BYTES(s, m) F(FIXED, s, m)
#define MANY(s, m, n, in)                                                    \
	{                                                                    \
		.form = COUNTED, .at = offsetof(struct s, m),                \
		.size = sizeof(((struct s *)0)->m[0]),                       \
		.count_at = offsetof(struct s, n), .count_size = SIZE(s, n), \
		.max = AM_ARRAY_LEN(((struct s *)0)->m), .inner = (in),      \
		.inner_count = AM_ARRAY_LEN(in)                              \
	}

static AM_RESULT
put_int(struct buf_writer *w, const void *p, size_t size)
{
	uint64_t v = 0;
	uint8_t be[8];

	if (size == 1)
		v = *(const uint8_t *)p;
	else if (size == 2)
		v = *(const uint16_t *)p;
	else if (size == 4)
		v = *(const uint32_t *)p;
	else
		v = *(const uint64_t *)p;
	for (size_t i = 0; i < size; i++)
		be[i] = (uint8_t)(v >> 8 * (size - 1 - i));
	return buf_put_fixed(w, be, size);
}

static AM_RESULT
get_int(struct buf_reader *r, void *p, size_t size)
{
	uint64_t v = 0;
	uint8_t be[8] = { 0 };

	/* most are of these two sizes, and rows are most of what is read */
	if (size == 1)
		return buf_get_u8(r, p);
	if (size == 4)
		return buf_get_u32(r, p);
	AM_TRY(buf_get_fixed(r, be, size));
	for (size_t i = 0; i < size; i++)
		v = v << 8 | be[i];
	if (size == 2)
		*(uint16_t *)p = (uint16_t)v;
	else
		*(uint64_t *)p = v;
	return AM_OK;
}

static size_t
count_of(const struct field *f, const void *row)
{
	const char *p = (const char *)row + f->count_at;

	return f->count_size == 1 ? *(const uint8_t *)p
				  : *(const uint16_t *)(const void *)p;
}

/* Elements that are bytes as they are, and so travel in one piece. */
static bool
is_plain(const struct field *f)
{
	return f->inner_count == 1 && f->inner->size == f->size &&
	    (f->inner->form == FIXED || f->inner->form == U8);
}

static AM_RESULT
put_fields(struct buf_writer *, const struct field *, size_t, const void *);

static AM_RESULT
put_field(struct buf_writer *w, const struct field *f, const void *row)
{
	const char *p = (const char *)row + f->at;

	switch (f->form) {
	case U8:
	case U16:
	case U32:
	case U64:
		return put_int(w, p, f->size);
	case FIXED:
		return buf_put_fixed(w, (const uint8_t *)p, f->size);
	case TEXT:
		return buf_put_bytes(
		    w, (struct bytes){ (const uint8_t *)p, strlen(p) });
	case COUNTED:
		if (count_of(f, row) > f->max)
			return AM_ERR_INVALID;
		if (is_plain(f))
			return buf_put_fixed(
			    w, (const uint8_t *)p, count_of(f, row) * f->size);
		for (size_t i = 0; i < count_of(f, row); i++)
			AM_TRY(put_fields(
			    w, f->inner, f->inner_count, p + i * f->size));
		return AM_OK;
	}
	return AM_ERR_INTERNAL;
}

static AM_RESULT
put_fields(
    struct buf_writer *w, const struct field *f, size_t count, const void *row)
{
	for (size_t i = 0; i < count; i++)
		AM_TRY(put_field(w, &f[i], row));
	return AM_OK;
}

static AM_RESULT
get_fields(struct buf_reader *, const struct field *, size_t, void *);

static AM_RESULT
get_text(struct buf_reader *r, const struct field *f, char *p)
{
	struct bytes text = { 0 };

	AM_TRY(buf_get_bytes(r, f->size - 1, &text));
	if (text.len > 0) {
		if (memchr(text.p, 0, text.len) != NULL)
			return AM_ERR_CORRUPT;
		memcpy(p, text.p, text.len);
	}
	p[text.len] = '\0';
	return AM_OK;
}

static AM_RESULT
get_field(struct buf_reader *r, const struct field *f, void *row)
{
	char *p = (char *)row + f->at;

	switch (f->form) {
	case U8:
	case U16:
	case U32:
	case U64:
		return get_int(r, p, f->size);
	case FIXED:
		return buf_get_fixed(r, (uint8_t *)p, f->size);
	case TEXT:
		return get_text(r, f, p);
	case COUNTED:
		if (count_of(f, row) > f->max)
			return AM_ERR_CORRUPT;
		if (is_plain(f))
			return buf_get_fixed(
			    r, (uint8_t *)p, count_of(f, row) * f->size);
		for (size_t i = 0; i < count_of(f, row); i++)
			AM_TRY(get_fields(
			    r, f->inner, f->inner_count, p + i * f->size));
		return AM_OK;
	}
	return AM_ERR_INTERNAL;
}

static AM_RESULT
get_fields(struct buf_reader *r, const struct field *f, size_t count, void *row)
{
	for (size_t i = 0; i < count; i++)
		AM_TRY(get_field(r, &f[i], row));
	return AM_OK;
}

/* ---- the rows */

static const struct field byte_fields[] = { { .form = U8, .size = 1 } };
static const struct field point_fields[] = { BYTES(point, b) };

static const struct field vault_fields[] = {
	F(U8, rows_vault, layout),
	BYTES(rows_vault, vault),
	BYTES(rows_vault, genesis),
	F(U8, rows_vault, evaluation),
	BYTES(rows_vault, logkey),
	BYTES(rows_vault, founder),
	F(TEXT, rows_vault, rpid),
	F(TEXT, rows_vault, name),
	BYTES(rows_vault, bbar),
	BYTES(rows_vault, governing),
	F(U32, rows_vault, persons),
	F(U32, rows_vault, tokens),
	F(U32, rows_vault, safes),
	F(U32, rows_vault, requests),
	F(U32, rows_vault, motions),
	F(U32, rows_vault, drills),
	F(U32, rows_vault, posts),
	F(U32, rows_vault, appointments),
	F(U32, rows_vault, links),
	F(U32, rows_vault, emergencies),
	F(U32, rows_vault, incidents),
	F(U32, rows_vault, freezes),
	F(U32, rows_vault, faults),
	F(U32, rows_vault, quiets),
	BYTES(rows_vault, policy),
	F(U64, rows_vault, records),
	F(U64, rows_vault, size),
	F(U32, rows_vault, batch_left),
	F(U64, rows_vault, last_at),
};

static const struct field batch_fields[] = {
	BYTES(rows_batch, batch),
	BYTES(rows_batch, by),
	BYTES(rows_batch, root),
	BYTES(rows_batch, head_root),
	F(TEXT, rows_batch, of),
	F(U32, rows_batch, count),
	F(U64, rows_batch, at),
	F(U64, rows_batch, head_size),
	F(U64, rows_batch, leaf),
	F(U64, rows_batch, done),
	BYTES(rows_batch, edge),
};

static const struct field person_fields[] = {
	BYTES(rows_person, person),
	F(U8, rows_person, status),
	F(U8, rows_person, kind),
	F(U8, rows_person, remote),
	F(TEXT, rows_person, id),
	F(TEXT, rows_person, name),
	BYTES(rows_person, identity),
	BYTES(rows_person, pk),
	F(U32, rows_person, tokens),
	F(U8, rows_person, suspended),
	F(U64, rows_person, suspended_leaf),
	F(U64, rows_person, until),
	F(TEXT, rows_person, sponsor),
	F(U32, rows_person, openings),
	F(U32, rows_person, deposits),
	F(U32, rows_person, departure),
	F(U32, rows_person, appointments),
	F(U32, rows_person, absences),
	F(U64, rows_person, accepted),
	F(U64, rows_person, reviewed),
	F(U64, rows_person, moved),
	F(U64, rows_person, leaf),
	F(U64, rows_person, at),
};

static const struct field token_fields[] = {
	BYTES(rows_token, token),
	BYTES(rows_token, person),
	F(U8, rows_token, status),
	BYTES(rows_token, key),
	BYTES(rows_token, aaguid),
	F(U8, rows_token, rk),
	F(U8, rows_token, attested),
	F(U8, rows_token, suspended),
	F(U64, rows_token, suspended_leaf),
	F(TEXT, rows_token, label),
	F(TEXT, rows_token, place),
	F(U32, rows_token, place_version),
	F(U64, rows_token, out_at),
	F(U16, rows_token, cred_len),
	MANY(rows_token, cred, cred_len, byte_fields),
	F(U64, rows_token, leaf),
	F(U64, rows_token, at),
};

static const struct field use_fields[] = {
	F(U64, rows_use, head),
	F(U32, rows_use, counter),
};

static const struct field safe_fields[] = {
	BYTES(rows_safe, safe),
	F(TEXT, rows_safe, id),
	F(TEXT, rows_safe, level),
	BYTES(rows_safe, plan),
	BYTES(rows_safe, manifest),
	F(U32, rows_safe, epoch),
	BYTES(rows_safe, recovery_plan),
	BYTES(rows_safe, recovery),
	F(U32, rows_safe, recovery_epoch),
	F(U32, rows_safe, index_max),
	F(U32, rows_safe, records),
	BYTES(rows_safe, rules),
	F(U8, rows_safe, agreed),
	F(U64, rows_safe, leaf),
	F(U64, rows_safe, at),
};

static const struct field member_fields[] = {
	F(U32, rows_member, index),
	BYTES(rows_member, person),
};

static const struct field plan_fields[] = {
	BYTES(rows_plan, plan),
	BYTES(rows_plan, safe),
	F(U8, rows_plan, committee),
	F(U8, rows_plan, status),
	F(U8, rows_plan, k),
	F(U8, rows_plan, n),
	BYTES(rows_plan, by),
	F(U32, rows_plan, epoch),
	MANY(rows_plan, members, n, member_fields),
	F(U8, rows_plan, dealer_count),
	MANY(rows_plan, dealers, dealer_count, member_fields),
	F(U8, rows_plan, source_committee),
	BYTES(rows_plan, source),
	BYTES(rows_plan, base),
	BYTES(rows_plan, before),
	F(U64, rows_plan, at),
	F(U64, rows_plan, until),
	F(U64, rows_plan, deal_from),
	F(U16, rows_plan, joined),
	F(U16, rows_plan, accepted),
	F(U16, rows_plan, dealt),
	BYTES(rows_plan, manifest),
	BYTES(rows_plan, complaint),
	F(U64, rows_plan, leaf),
	F(U64, rows_plan, end_leaf),
};

static const struct field join_fields[] = {
	BYTES(rows_join, id),
	BYTES(rows_join, pk),
};

static const struct field share_fields[] = {
	{ .form = FIXED, .size = DKG_SHARE },
};

static const struct field deal_fields[] = {
	BYTES(rows_deal, id),
	F(U8, rows_deal, k),
	F(U8, rows_deal, n),
	MANY(rows_deal, deal.C, k, point_fields),
	BYTES(rows_deal, deal.pop),
	BYTES(rows_deal, deal.E),
	MANY(rows_deal, deal.shares, n, share_fields),
};

static const struct field box_fields[] = {
	{ .form = FIXED, .size = RESHARE_BOX },
};

static const struct field redeal_fields[] = {
	BYTES(rows_redeal, id),
	F(U8, rows_redeal, k),
	F(U8, rows_redeal, n),
	MANY(rows_redeal, deal.C, k, point_fields),
	MANY(rows_redeal, deal.boxes, n, box_fields),
};

static const struct field complaint_fields[] = {
	BYTES(rows_complaint, complaint),
	BYTES(rows_complaint, plan),
	BYTES(rows_complaint, by),
	F(U32, rows_complaint, dealer),
	F(U32, rows_complaint, index),
	F(U8, rows_complaint, fault),
	F(U64, rows_complaint, leaf),
};

static const struct field vote_fields[] = {
	BYTES(rows_vote, person),
	F(U64, rows_vote, leaf),
	F(U64, rows_vote, at),
};

static const struct field motion_fields[] = {
	BYTES(rows_motion, motion),
	BYTES(rows_motion, by),
	F(U8, rows_motion, status),
	F(U8, rows_motion, act),
	BYTES(rows_motion, person),
	BYTES(rows_motion, token),
	BYTES(rows_motion, identity),
	F(TEXT, rows_motion, rule),
	F(U64, rows_motion, rule_until),
	BYTES(rows_motion, safe),
	F(U32, rows_motion, number),
	F(U64, rows_motion, at),
	F(U64, rows_motion, until),
	F(U64, rows_motion, leaf),
	F(U64, rows_motion, end_leaf),
	F(U8, rows_motion, yes_count),
	F(U8, rows_motion, no_count),
	MANY(rows_motion, yes, yes_count, vote_fields),
	MANY(rows_motion, no, no_count, vote_fields),
};

static const struct field post_fields[] = {
	BYTES(rows_post, motion),
	F(U32, rows_post, number),
	F(TEXT, rows_post, id),
	F(TEXT, rows_post, title),
	F(TEXT, rows_post, wing),
	F(U32, rows_post, succeeds),
	F(U64, rows_post, leaf),
	F(U64, rows_post, at),
};

static const struct field attr_fields[] = { F(TEXT, rows_attr, text) };

static const struct field appointment_fields[] = {
	BYTES(rows_appointment, motion),
	F(U32, rows_appointment, number),
	BYTES(rows_appointment, person),
	F(U8, rows_appointment, kind),
	F(U32, rows_appointment, post),
	F(U64, rows_appointment, from),
	F(U64, rows_appointment, until),
	F(TEXT, rows_appointment, order),
	F(TEXT, rows_appointment, authority),
	F(U8, rows_appointment, attr_count),
	MANY(rows_appointment, attrs, attr_count, attr_fields),
	F(U64, rows_appointment, leaf),
	F(U64, rows_appointment, at),
};

static const struct field absence_fields[] = {
	F(U64, rows_absence, from),
	F(U64, rows_absence, until),
	BYTES(rows_absence, by),
	F(U64, rows_absence, leaf),
	F(U64, rows_absence, end_leaf),
};

static const struct field number_fields[] = { { .form = U32, .size = 4 } };

static const struct field group_fields[] = {
	F(U8, quorum_group, count),
	F(U8, quorum_group, post_count),
	MANY(quorum_group, posts, post_count, number_fields),
};

static const struct field cap_fields[] = {
	F(U32, quorum_cap, attr),
	F(U8, quorum_cap, max),
};

static const struct field rules_fields[] = {
	BYTES(rows_rules, motion),
	BYTES(rows_rules, safe),
	F(U8, rows_rules, rule.need),
	F(U8, rows_rules, rule.group_count),
	F(U8, rows_rules, rule.cap_count),
	MANY(rows_rules, rule.groups, rule.group_count, group_fields),
	MANY(rows_rules, rule.caps, rule.cap_count, cap_fields),
	F(U64, rows_rules, cooloff),
	F(U64, rows_rules, cooloff_change),
	F(U64, rows_rules, breakglass_cooloff),
	F(U64, rows_rules, grant),
	F(U8, rows_rules, breakglass_need),
	F(U8, rows_rules, veto),
	F(U8, rows_rules, members_suspend),
	F(U16, rows_rules, uses),
	F(U64, rows_rules, leaf),
	F(U64, rows_rules, at),
};

static const struct field wing_fields[] = { F(TEXT, rows_wing, name) };

static const struct field group_level_fields[] = {
	F(U8, rows_group, wing_count),
	MANY(rows_group, wings, wing_count, wing_fields),
};

static const struct field notify_fields[] = { F(TEXT, rows_notify, name) };

static const struct field level_fields[] = {
	F(U8, rows_level, quorum_k),
	F(U8, rows_level, n_min),
	F(U8, rows_level, head_surplus_min),
	F(U8, rows_level, cut_min),
	F(U8, rows_level, durable_holders_min),
	F(U8, rows_level, eligible_per_required_post),
	F(U8, rows_level, cut_refused),
	F(U8, rows_level, durable_refused),
	F(U8, rows_level, eligible_refused),
	F(U64, rows_level, durable_horizon),
	F(U64, rows_level, depart_suspend),
	F(U64, rows_level, depart_suspend_for_cause),
	F(U64, rows_level, depart_reshare),
	F(U64, rows_level, depart_rotate),
	F(U64, rows_level, rotate_after_open),
	F(U64, rows_level, liveness_interval),
	F(U64, rows_level, drill_interval),
	F(U64, rows_level, access_review),
	F(U64, rows_level, breach_first),
	F(U64, rows_level, breach_detail),
	F(U64, rows_level, breach_final),
	F(U64, rows_level, rotate_routine),
	F(U64, rows_level, login_test),
	F(U64, rows_level, transfer_review),
	F(U64, rows_level, appointment_confirm),
	F(U64, rows_level, acceptance_renew),
	F(U64, rows_level, log_copy),
	F(U64, rows_level, supplier_review),
	F(U8, rows_level, token_attestation),
	F(U8, rows_level, token_allow_list),
	F(U8, rows_level, token_certification),
	F(U8, rows_level, token_models_min),
	F(U8, rows_level, advisory_refused),
	F(U8, rows_level, pin_length_min),
	F(U8, rows_level, tokens_per_custodian),
	F(U8, rows_level, token_places_min),
	F(U8, rows_level, witnesses_min),
	F(U8, rows_level, witnesses_outside_min),
	F(U8, rows_level, timestamp_authorities),
	F(U8, rows_level, recovery_quorum),
	F(U8, rows_level, recovery_members),
	F(U8, rows_level, recovery_disjoint),
	F(U8, rows_level, supplier_review_at_renewal),
	F(U8, rows_level, supplier_review_at_ownership_change),
	F(U8, rows_level, n_max),
	F(U64, rows_level, cooloff_open),
	F(U64, rows_level, cooloff_change),
	F(U64, rows_level, breakglass_cooloff),
	F(U64, rows_level, grant_life),
	F(U16, rows_level, grant_uses_max),
	F(U8, rows_level, max_same_reporting_line),
	F(U8, rows_level, breakglass_quorum),
	F(U8, rows_level, veto_by_decline),
	F(U8, rows_level, group_count),
	MANY(rows_level, groups, group_count, group_level_fields),
	F(U8, rows_level, notify_count),
	MANY(rows_level, notify, notify_count, notify_fields),
};

static const struct field class_fields[] = {
	F(U8, rows_class, registered),
	F(U8, rows_class, accredited),
	F(U8, rows_class, in_country),
	F(U8, rows_class, open_criteria),
	F(U8, rows_class, approval),
	F(U64, rows_class, diligence_max_age),
};

static const struct field policy_fields[] = {
	BYTES(rows_policy, motion),
	F(U32, rows_policy, version),
	F(U8, rows_policy, level_count),
	MANY(rows_policy, levels, level_count, level_fields),
	F(U8, rows_policy, class_count),
	MANY(rows_policy, class_level, class_count, byte_fields),
	MANY(rows_policy, classes, class_count, class_fields),
	F(U8, rows_policy, models),
	F(U64, rows_policy, leaf),
	F(U64, rows_policy, at),
};

static const struct field model_fields[] = {
	BYTES(rows_model, aaguid),
	F(TEXT, rows_model, name),
	F(U8, rows_model, certification),
	F(TEXT, rows_model, advisory),
	F(U16, rows_model, roots_len),
	MANY(rows_model, roots, roots_len, byte_fields),
};

static const struct field drill_fields[] = {
	BYTES(rows_drill, drill),
	BYTES(rows_drill, by),
	BYTES(rows_drill, safe),
	F(U8, rows_drill, committee),
	BYTES(rows_drill, manifest),
	F(U32, rows_drill, number),
	F(U64, rows_drill, at),
	F(U64, rows_drill, until),
	F(U64, rows_drill, leaf),
};

static const struct field proven_fields[] = {
	BYTES(rows_proven, manifest),
	F(U64, rows_proven, at),
	F(U64, rows_proven, leaf),
};

static const struct field version_fields[] = {
	BYTES(rows_version, seal),
	BYTES(rows_version, u),
	BYTES(rows_version, by),
	F(U64, rows_version, at),
	F(U64, rows_version, leaf),
};

static const struct field rotation_fields[] = {
	BYTES(rows_rotation, by),
	BYTES(rows_rotation, evidence),
	F(U64, rows_rotation, leaf),
	BYTES(rows_rotation, second),
	F(U64, rows_rotation, second_leaf),
};

static const struct field manifest_fields[] = {
	BYTES(rows_manifest, manifest),
	BYTES(rows_manifest, safe),
	F(U8, rows_manifest, committee),
	BYTES(rows_manifest, plan),
	F(U8, rows_manifest, k),
	F(U8, rows_manifest, n),
	F(U32, rows_manifest, epoch),
	MANY(rows_manifest, members, n, member_fields),
	MANY(rows_manifest, C, k, point_fields),
};

static const struct field record_fields[] = {
	BYTES(rows_record, record),
	BYTES(rows_record, safe),
	BYTES(rows_record, by),
	BYTES(rows_record, seal),
	BYTES(rows_record, u),
	F(U32, rows_record, version),
	F(TEXT, rows_record, title),
	F(TEXT, rows_record, class),
	F(TEXT, rows_record, type),
	F(U8, rows_record, mark),
	F(U64, rows_record, leaf),
	F(U64, rows_record, at),
	F(U64, rows_record, number),
	F(U32, rows_record, rotated),
	F(U64, rows_record, rotated_leaf),
	F(U32, rows_record, verified),
	F(U32, rows_record, changed.day),
	F(U32, rows_record, changed.slot),
	F(U32, rows_record, tested.day),
	F(U32, rows_record, tested.slot),
};

static const struct field aged_fields[] = {
	F(U32, rows_aged, count),
	F(U32, rows_aged, before),
	F(U32, rows_aged, after),
};

static const struct field approval_fields[] = {
	BYTES(rows_approval, person),
	BYTES(rows_approval, token),
	BYTES(rows_approval, partial),
	F(U32, rows_approval, index),
	F(U64, rows_approval, leaf),
	F(U64, rows_approval, at),
};

static const struct field request_fields[] = {
	BYTES(rows_request, request),
	BYTES(rows_request, by),
	BYTES(rows_request, token),
	BYTES(rows_request, safe),
	BYTES(rows_request, record),
	BYTES(rows_request, manifest),
	BYTES(rows_request, seal),
	BYTES(rows_request, u),
	BYTES(rows_request, q),
	BYTES(rows_request, nonce),
	F(U32, rows_request, version),
	F(U32, rows_request, number),
	F(U8, rows_request, committee),
	F(U8, rows_request, breakglass),
	F(U8, rows_request, status),
	F(U8, rows_request, k),
	F(U8, rows_request, n),
	F(U64, rows_request, at),
	F(U64, rows_request, from),
	F(U64, rows_request, until),
	F(U64, rows_request, leaf),
	F(U64, rows_request, seal_leaf),
	BYTES(rows_request, rules),
	F(U8, rows_request, need),
	F(U8, rows_request, veto),
	F(U64, rows_request, cooloff_end),
	F(U64, rows_request, grant),
	F(U16, rows_request, uses),
	F(U16, rows_request, opens),
	F(U64, rows_request, complete_at),
	BYTES(rows_request, vetoed),
	F(U8, rows_request, approval_count),
	F(U8, rows_request, decline_count),
	MANY(rows_request, approvals, approval_count, approval_fields),
	MANY(rows_request, declines, decline_count, approval_fields),
	F(U64, rows_request, opened_at),
	F(U64, rows_request, open_leaf),
};

static const struct field login_fields[] = {
	BYTES(rows_login, first),
	F(U64, rows_login, first_at),
	F(U64, rows_login, first_leaf),
	BYTES(rows_login, second),
	F(U64, rows_login, second_at),
	F(U64, rows_login, second_leaf),
};

static const struct field incident_fields[] = {
	F(U32, rows_incident, number),
	F(U32, rows_incident, version),
	BYTES(rows_incident, by),
	F(U8, rows_incident, status),
	F(U8, rows_incident, frozen),
	BYTES(rows_incident, record),
	BYTES(rows_incident, person),
	BYTES(rows_incident, token),
	BYTES(rows_incident, sealed),
	F(U64, rows_incident, sealed_until),
	F(U64, rows_incident, discovered),
	F(U64, rows_incident, at),
	F(U64, rows_incident, leaf),
	F(U64, rows_incident, lifted_leaf),
	F(U64, rows_incident, closed_leaf),
	F(U32, rows_incident, reactions),
	F(U32, rows_incident, reactions_open),
	F(U64, rows_incident, first_leaf),
	F(U64, rows_incident, detail_leaf),
	F(U64, rows_incident, final_leaf),
};

static const struct field quiet_fields[] = {
	F(U32, rows_quiet, number),
	BYTES(rows_quiet, by),
	BYTES(rows_quiet, sealed),
	F(U64, rows_quiet, until),
	F(U64, rows_quiet, at),
	F(U64, rows_quiet, leaf),
	F(U64, rows_quiet, told_leaf),
	F(U64, rows_quiet, withdrawn_leaf),
};

static const struct field reaction_fields[] = {
	BYTES(rows_reaction, owner),
	F(U64, rows_reaction, due),
	F(U64, rows_reaction, done_at),
	F(U64, rows_reaction, leaf),
	F(U64, rows_reaction, done_leaf),
};

static const struct field register_fields[] = {
	F(U32, rows_register, subscriptions),
	F(U32, rows_register, first),
	F(U32, rows_register, last),
	F(U32, rows_register, exam_kinds),
	F(U32, rows_register, exam_first),
	BYTES(rows_register, deny),
};

static const struct field mailbox_fields[] = {
	F(TEXT, rows_mailbox, address),
	BYTES(rows_mailbox, by),
};

static const struct field entity_fields[] = {
	F(TEXT, rows_entity, id),
	F(TEXT, rows_entity, name),
	BYTES(rows_entity, name_by),
	F(U32, rows_entity, version),
	F(U8, rows_entity, mailbox_count),
	MANY(rows_entity, mailboxes, mailbox_count, mailbox_fields),
	F(U8, rows_entity, holiday_count),
	MANY(rows_entity, holidays, holiday_count, number_fields),
	F(U8, rows_entity, former_count),
	MANY(rows_entity, former, former_count, number_fields),
	F(U8, rows_entity, surrender_month),
	F(U8, rows_entity, surrender_day),
	F(U64, rows_entity, leaf),
	F(U64, rows_entity, at),
};

static const struct field country_fields[] = { F(TEXT, rows_country, code) };

static const struct field deny_fields[] = {
	BYTES(rows_deny, motion),
	F(U32, rows_deny, version),
	F(U8, rows_deny, count),
	MANY(rows_deny, countries, count, country_fields),
	F(U64, rows_deny, leaf),
	F(U64, rows_deny, at),
};

static const struct field days_fields[] = { { .form = U16, .size = 2 } };
static const struct field past_fields[] = {
	F(U8, rows_past, of),
	F(U8, rows_past, twin),
	F(U16, rows_past, days),
	F(U32, rows_past, day),
	F(U32, rows_past, until),
};

static const struct field link_fields[] = { BYTES(rows_link, record) };

static const struct field test_fields[] = {
	BYTES(rows_test, person),
	F(U64, rows_test, leaf),
	F(U64, rows_test, at),
};

static const struct field subscription_fields[] = {
	F(TEXT, rows_subscription, id),
	F(TEXT, rows_subscription, name),
	F(U32, rows_subscription, number),
	F(U32, rows_subscription, version),
	F(U8, rows_subscription, state),
	F(U8, rows_subscription, choice),
	F(U8, rows_subscription, control),
	F(U64, rows_subscription, record_leaf),
	F(U64, rows_subscription, leaf),
	F(U64, rows_subscription, at),
	F(U32, rows_subscription, posts[ROWS_OWNER]),
	F(U32, rows_subscription, posts[ROWS_DEPUTY]),
	F(U32, rows_subscription, posts[ROWS_TECHNICAL]),
	F(U32, rows_subscription, posts[ROWS_BUDGET]),
	F(U32, rows_subscription, posts[ROWS_ESCALATION]),
	BYTES(rows_subscription, account),
	F(TEXT, rows_subscription, countries),
	F(TEXT, rows_subscription, order),
	F(U32, rows_subscription, start),
	F(U32, rows_subscription, end),
	F(U8, rows_subscription, of_month),
	F(U16, rows_subscription, months),
	F(U16, rows_subscription, notice),
	F(U16, rows_subscription, procurement),
	F(U16, rows_subscription, margin),
	F(U16, rows_subscription, repeat),
	F(U8, rows_subscription, notice_months),
	F(U8, rows_subscription, procurement_months),
	F(U8, rows_subscription, lead_count),
	MANY(rows_subscription, leads, lead_count, days_fields),
	F(U8, rows_subscription, after_count),
	MANY(rows_subscription, after, after_count, days_fields),
	F(U8, rows_subscription, past_count),
	MANY(rows_subscription, past, past_count, past_fields),
	F(U32, rows_subscription, armed),
	F(U32, rows_subscription, acked),
	BYTES(rows_subscription, acked_by),
	F(U32, rows_subscription, day),
	F(U32, rows_subscription, slot),
	F(U8, rows_subscription, provider.class),
	F(U8, rows_subscription, provider.mark),
	F(U8, rows_subscription, provider.level),
	F(U8, rows_subscription, provider.status),
	F(U8, rows_subscription, provider.criteria),
	F(U8, rows_subscription, provider.approved),
	F(TEXT, rows_subscription, provider.data),
	F(TEXT, rows_subscription, provider.owner),
	F(U32, rows_subscription, provider.examined),
	BYTES(rows_subscription, provider.vendor),
	F(U32, rows_subscription, decided),
	F(U32, rows_subscription, exam),
	F(U32, rows_subscription, exam_slot),
	F(U8, rows_subscription, link_count),
	MANY(rows_subscription, links, link_count, link_fields),
	F(U8, rows_subscription, test_count),
	MANY(rows_subscription, tests, test_count, test_fields),
};

enum { ROW_BYTES_MAX = 8192 };

static AM_RESULT
get_row(const struct view *v, const char *table, struct bytes key,
    const struct field *f, size_t count, void *out)
{
	blob_auto value = { 0 };
	struct buf_reader r;

	AM_TRY(view_get(v, table, key, &value));
	r.rest = blob_bytes(&value);
	AM_TRY(get_fields(&r, f, count, out));
	return buf_get_end(&r);
}

static AM_RESULT
put_row(const struct view *v, const char *table, struct bytes key,
    const struct field *f, size_t count, const void *in)
{
	uint8_t space[ROW_BYTES_MAX];
	struct buf_writer w = { .p = space, .cap = sizeof(space) };

	AM_TRY(put_fields(&w, f, count, in));
	return view_put(v, table, key, (struct bytes){ space, w.len });
}

#define PAIR(x)                                                                \
	AM_RESULT                                                              \
	rows_get_##x(                                                          \
	    const struct view *v, struct bytes key, struct rows_##x *out)      \
	{                                                                      \
		struct rows_##x row = { 0 };                                   \
                                                                               \
		AM_TRY(get_row(                                                \
		    v, #x, key, x##_fields, AM_ARRAY_LEN(x##_fields), &row));  \
		*out = row;                                                    \
		return AM_OK;                                                  \
	}                                                                      \
	AM_RESULT                                                              \
	rows_put_##x(                                                          \
	    const struct view *v, struct bytes key, const struct rows_##x *in) \
	{                                                                      \
		return put_row(                                                \
		    v, #x, key, x##_fields, AM_ARRAY_LEN(x##_fields), in);     \
	}
PAIR(vault)
PAIR(batch)
PAIR(person)
PAIR(token)
PAIR(use)
PAIR(safe)
PAIR(plan)
PAIR(join)
PAIR(deal)
PAIR(manifest)
PAIR(record)
PAIR(request)
PAIR(redeal)
PAIR(complaint)
PAIR(motion)
PAIR(drill)
PAIR(proven)
PAIR(version)
PAIR(rotation)
PAIR(post)
PAIR(appointment)
PAIR(absence)
PAIR(rules)
PAIR(policy)
PAIR(model)
PAIR(login)
PAIR(incident)
PAIR(quiet)
PAIR(reaction)
PAIR(register)
PAIR(entity)
PAIR(deny)
PAIR(subscription)
PAIR(aged)

uint32_t
rows_number(char letter, struct bytes id)
{
	uint64_t n = 0;

	if (id.len < 3 || id.len > 11 || id.p[0] != (uint8_t)letter ||
	    id.p[1] != '-' || id.p[2] == '0')
		return 0;
	for (size_t i = 2; i < id.len; i++) {
		if (id.p[i] < '0' || id.p[i] > '9')
			return 0;
		n = n * 10 + (id.p[i] - '0');
	}
	return n <= UINT32_MAX ? (uint32_t)n : 0;
}

AM_RESULT
rows_index_put(
    const struct view *v, const char *table, struct bytes key, struct bytes id)
{
	return view_put(v, table, key, id);
}

AM_RESULT
rows_index_get(const struct view *v, const char *table, struct bytes key,
    uint8_t *out, size_t out_len)
{
	blob_auto value = { 0 };

	AM_TRY(view_get(v, table, key, &value));
	if (value.len != out_len)
		return AM_ERR_CORRUPT;
	if (out_len > 0)
		memcpy(out, value.p, out_len);
	return AM_OK;
}

static void
add(struct rows_key *k, struct bytes b)
{
	const size_t room = sizeof(k->b) - k->len;
	const size_t n = b.len < room ? b.len : room;

	if (n > 0)
		memcpy(k->b + k->len, b.p, n);
	k->len += n;
}

static void
add_int(struct rows_key *k, uint64_t v, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const uint8_t byte = (uint8_t)(v >> 8 * (size - 1 - i));

		add(k, (struct bytes){ &byte, 1 });
	}
}

uint64_t
rows_get_be64(const uint8_t be[static 8])
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v << 8 | be[i];
	return v;
}

uint32_t
rows_get_be32(const uint8_t be[static 4])
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++)
		v = v << 8 | be[i];
	return v;
}

struct rows_key
rows_key_with_u32(struct bytes prefix, uint32_t v)
{
	struct rows_key k = { .len = 0 };

	add(&k, prefix);
	add_int(&k, v, 4);
	return k;
}

struct rows_key
rows_key_u32(uint32_t v)
{
	return rows_key_with_u32((struct bytes){ 0 }, v);
}

struct rows_key
rows_key_with_u64(struct bytes prefix, uint64_t v)
{
	struct rows_key k = { .len = 0 };

	add(&k, prefix);
	add_int(&k, v, 8);
	return k;
}

struct rows_key
rows_key_with_text(struct bytes prefix, struct bytes text)
{
	struct rows_key k = { .len = 0 };

	add(&k, prefix);
	add(&k, text);
	return k;
}
