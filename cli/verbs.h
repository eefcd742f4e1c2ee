/*
 * verbs.h - the functions behind the verb table, a file a family.
 */

#ifndef AM_VERBS_H
#define AM_VERBS_H

#include "cli/cmd.h"

AM_RESULT found_init(struct cmd_call *call);

AM_RESULT person_add(struct cmd_call *call);
AM_RESULT person_list(struct cmd_call *call);
AM_RESULT person_show(struct cmd_call *call);

AM_RESULT tokens_enrol(struct cmd_call *call);
AM_RESULT tokens_list(struct cmd_call *call);
AM_RESULT tokens_place(struct cmd_call *call);

AM_RESULT suspension_lost(struct cmd_call *call);
AM_RESULT suspension_suspend(struct cmd_call *call);
AM_RESULT suspension_lift(struct cmd_call *call);
AM_RESULT suspension_retire(struct cmd_call *call);
AM_RESULT suspension_slot(struct cmd_call *call);

AM_RESULT office_post_add(struct cmd_call *call);
AM_RESULT office_post_list(struct cmd_call *call);
AM_RESULT office_appoint_verb(struct cmd_call *call);
AM_RESULT office_absent(struct cmd_call *call);
AM_RESULT waivers_run(struct cmd_call *call);

AM_RESULT sub_add(struct cmd_call *call);
AM_RESULT sub_renew(struct cmd_call *call);
AM_RESULT sub_close(struct cmd_call *call);
AM_RESULT sub_test(struct cmd_call *call);
AM_RESULT sub_ack(struct cmd_call *call);
AM_RESULT sub_entity(struct cmd_call *call);
AM_RESULT sub_deny(struct cmd_call *call);
AM_RESULT remind_run(struct cmd_call *call);
AM_RESULT sublist_list(struct cmd_call *call);
AM_RESULT subshow_show(struct cmd_call *call);
AM_RESULT subcheck_lint(struct cmd_call *call);
AM_RESULT subcheck_orphans(struct cmd_call *call);
AM_RESULT subexport_ics(struct cmd_call *call);
AM_RESULT subexport_table(struct cmd_call *call);
AM_RESULT subshow_note(struct cmd_call *call);

AM_RESULT motions_list(struct cmd_call *call);

AM_RESULT safe_create(struct cmd_call *call);
AM_RESULT safe_status(struct cmd_call *call);

AM_RESULT drill_run(struct cmd_call *call);
AM_RESULT change_join(struct cmd_call *call);
AM_RESULT change_reshare(struct cmd_call *call);
AM_RESULT change_abort(struct cmd_call *call);

AM_RESULT credential_put(struct cmd_call *call);
AM_RESULT credential_list(struct cmd_call *call);
AM_RESULT credential_show(struct cmd_call *call);

AM_RESULT tested_login(struct cmd_call *call);

AM_RESULT import_file(struct cmd_call *call);

AM_RESULT request_ask(struct cmd_call *call);
AM_RESULT request_approve(struct cmd_call *call);
AM_RESULT request_decline(struct cmd_call *call);
AM_RESULT request_open(struct cmd_call *call);

AM_RESULT exposure_list(struct cmd_call *call);
AM_RESULT exposure_rotate(struct cmd_call *call);
AM_RESULT depart_person(struct cmd_call *call);
AM_RESULT analyze_run(struct cmd_call *call);
AM_RESULT review_run(struct cmd_call *call);
AM_RESULT incident_open(struct cmd_call *call);
AM_RESULT incident_list(struct cmd_call *call);
AM_RESULT incident_show(struct cmd_call *call);
AM_RESULT incident_note(struct cmd_call *call);
AM_RESULT incident_close(struct cmd_call *call);
AM_RESULT incident_lift(struct cmd_call *call);
AM_RESULT incident_export(struct cmd_call *call);
AM_RESULT due_list(struct cmd_call *call);
AM_RESULT due_me(struct cmd_call *call);

AM_RESULT evidence_log(struct cmd_call *call);
AM_RESULT evidence_history(struct cmd_call *call);
AM_RESULT evidence_export(struct cmd_call *call);
AM_RESULT evidence_verify(struct cmd_call *call);

AM_RESULT explain_rule(struct cmd_call *call);

AM_RESULT backup_make(struct cmd_call *call);
AM_RESULT backup_restore(struct cmd_call *call);

AM_RESULT policy_show(struct cmd_call *call);
AM_RESULT policy_check(struct cmd_call *call);
AM_RESULT policy_diff(struct cmd_call *call);
AM_RESULT policy_propose_verb(struct cmd_call *call);
AM_RESULT policy_bind_verb(struct cmd_call *call);

AM_RESULT care_doctor(struct cmd_call *call);

#endif /* AM_VERBS_H */
