/*
 * The grammar of the command line: what is refused, with which sentence, and
 * before anything is done; and output that cannot be written is an error.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "tests/check.h"

enum { ARGS_MAX = 160 };

/* What a call printed; a file takes the place of the descriptor. */
static struct {
	int saved, file;
	char text[16384];
} err_text_of = { -1, -1, "" }, out_text_of = { -1, -1, "" };

static void
divert(int fd, int *saved, int *file)
{
	*saved = dup(fd);
	*file = memfd_create("TEST", MFD_CLOEXEC);
	assert_true(*saved >= 0 && *file >= 0);
	assert_int_equal(dup2(*file, fd), fd);
}

static void
restore(int fd, int saved, int file, char *text, size_t cap)
{
	ssize_t n;

	assert_int_equal(dup2(saved, fd), fd);
	(void)close(saved);
	n = pread(file, text, cap - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	(void)close(file);
}

/* Runs `line`, split at single blanks. Returns the exit status. */
static int
run(const char *line)
{
	char copy[2048], *argv[ARGS_MAX + 1] = { NULL }, *save = copy, *word;
	int argc = 0, status;

	(void)snprintf(copy, sizeof(copy), "amanat %s", line);
	while ((word = strsep(&save, " ")) != NULL && argc < ARGS_MAX)
		argv[argc++] = word;
	(void)fflush(stdout);
	divert(STDERR_FILENO, &err_text_of.saved, &err_text_of.file);
	divert(STDOUT_FILENO, &out_text_of.saved, &out_text_of.file);
	status = cmd_main(argc, argv);
	(void)fflush(stdout);
	restore(STDERR_FILENO, err_text_of.saved, err_text_of.file,
	    err_text_of.text, sizeof(err_text_of.text));
	restore(STDOUT_FILENO, out_text_of.saved, out_text_of.file,
	    out_text_of.text, sizeof(out_text_of.text));
	return status;
}

/* Exit status 2, this sentence, and nothing on standard output. */
static void
refused(const char *line, const char *sentence)
{
	const int status = run(line);

	if (status != 2 || strstr(err_text_of.text, sentence) == NULL)
		fail_msg("'%s': status %d: %s", line, status, err_text_of.text);
	assert_string_equal(out_text_of.text, "");
}

static void
options_that_do_not_exist(void **state)
{
	(void)state;
	refused("--nonsense list", "no option '--nonsense' before the verb");
	refused("list --nonsense", "'list' has no option '--nonsense'");
	refused("list --nonsense=1", "'list' has no option '--nonsense'");
	refused("list --reason x", "'list' has no option '--reason'");
	refused("--reason x ask a/b", "no option '--reason' before the verb");
	refused("ask a/b --=x", "'ask' has no option '--'");
	refused("list -o f", "'list' has no option '--output'");
	refused("-x", "no verb '-x'");
	refused("-v list", "no verb '-v'");
}

/* A script that relies on an abbreviation breaks when an option is added. */
static void
abbreviations_are_refused(void **state)
{
	static const char *const lines[] = { "--vaul d list", "--js list",
		"--tok p list", "ask a/b --reas x", "put a/b --new",
		"init --eval", "verify --sinc f", "list --VAULT d",
		"list --jsonx" };

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(lines); i++)
		refused(lines[i], "no option '--");
	refused("lis", "did you mean 'list'?");
	refused("person sho x", "did you mean 'person show'?");
}

static void
refused_too_many_times(void)
{
	char line[1024] = "sub add";

	for (size_t i = 0; i <= CMD_MANY_MAX; i++)
		(void)snprintf(line + strlen(line), sizeof(line) - strlen(line),
		    " --set a=b");
	refused(line, "--set may be given 64 times");
}

static void
values_that_are_missing_or_too_many(void **state)
{
	(void)state;
	refused("list --vault", "--vault needs a value (DIR)");
	refused("list --vault=", "--vault needs a value (DIR)");
	refused("list --token", "--token needs a value (PATH)");
	refused("ask a/b --reason", "--reason needs a value (TEXT)");
	refused("ask a/b --reason=", "--reason needs a value (TEXT)");
	refused("open r-1 -o", "--output needs a value (FILE)");
	refused("list --json=1", "--json takes no value");
	refused("list --yes=no", "--yes takes no value");
	refused("put a/b --new-version=2", "--new-version takes no value");
	refused("ask a/b --reason x --reason y", "--reason is given twice");
	refused("put a/b --new-version --new-version", "given twice");
	refused("list --token a --token a --token a --token a --token a "
		"--token a --token a --token a --token a",
	    "--token may be given 8 times");
	refused("rotate a/b --evidence", "--evidence needs a value (FILE...)");
	refused_too_many_times();
	/* of the verb, before what all verbs have */
	refused("ask a/b --reason x --version", "--version needs a value (N)");
	refused("ask a/b --reason x --version=one", "number of a version");
}

static void
numbers_out_of_range(void **state)
{
	static const char *const fds[] = { "x", "-1", "1024", "3x", "0x3", "+3",
		"99999999999999999999", "4294967299", "3,4" };
	char line[64];

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(fds); i++) {
		(void)snprintf(line, sizeof(line), "list --pin-fd %s", fds[i]);
		refused(line, "--pin-fd is the number of an open descriptor");
	}
	refused("list --pin-fd=", "--pin-fd needs a value (N)");
}

static void
refused_too_many_arguments(void)
{
	char line[1024] = "list";

	for (size_t i = 0; i <= CMD_ARGS_MAX; i++)
		(void)snprintf(
		    line + strlen(line), sizeof(line) - strlen(line), " a");
	refused(line, "too many arguments");
}

static void
arguments_missing_or_too_many(void **state)
{
	(void)state;
	refused("", "no verb");
	refused("--json", "no verb given");
	refused("put", "usage: amanat put SAFE/NAME");
	refused("put a/b c", "usage: amanat put SAFE/NAME");
	refused("list a b", "usage: amanat list [SAFE]");
	refused("init x", "usage: amanat init");
	refused_too_many_arguments();
	refused("person add", "usage: amanat person add ID");
	refused("list -- --json b", "usage: amanat list [SAFE]");
}

static void
verbs_that_do_not_exist(void **state)
{
	(void)state;
	refused("fly", "no verb 'fly'; try 'amanat help'");
	refused("person", "'person' needs a second word");
	refused("person fly", "'person' needs a second word");
	refused("opne r-1", "did you mean 'open'?");
	refused("help fly", "no verb 'fly'");
	refused("List", "no verb 'List'");
}

/* What was typed may come from elsewhere: it is said without its powers. */
static void
complaints_are_escaped(void **state)
{
	(void)state;
	refused("\x1b[2Jfly", "no verb '\\x1b[2Jfly'");
	refused("list --\xe2\x80\xaex", "no option '--\\u{202e}x'");
	refused("list --pin-fd \a", "not '\\x07'");
	refused("fly\nforged", "no verb 'fly\\x0aforged'");
}

/* Refusals come before the vault is looked for: no vault is there. */
static void
what_is_well_formed_goes_on(void **state)
{
	(void)state;
	assert_int_equal(setenv("AMANAT_VAULT", "/nonexistent/TEST", 1), 0);
	assert_int_not_equal(run("list"), 0);
	assert_non_null(strstr(err_text_of.text, "'/nonexistent/TEST'"));
	assert_int_not_equal(run("--vault /nonexistent/a list --json"), 0);
	assert_non_null(strstr(err_text_of.text, "'/nonexistent/a'"));
	assert_int_not_equal(run("list --vault=/nonexistent/b=c"), 0);
	assert_non_null(strstr(err_text_of.text, "'/nonexistent/b=c'"));
	assert_int_not_equal(run("list --pin-fd 1023"), 0);
	assert_non_null(strstr(err_text_of.text, "'/nonexistent/TEST'"));
	assert_int_equal(run("version"), 0);
	assert_string_equal(out_text_of.text, "amanat " AM_VERSION "\n");
	assert_int_equal(run("--version list"), 0);
	assert_int_equal(run("person add --help"), 0);
	assert_non_null(strstr(out_text_of.text, "usage: amanat person add"));
	assert_string_equal(err_text_of.text, "");
}

/* ---- output that cannot be written */

static int
run_to_full(char *const argv[], int argc)
{
	const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int saved, status;

	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	divert(STDERR_FILENO, &err_text_of.saved, &err_text_of.file);
	assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
	status = cmd_main(argc, argv);
	__fpurge(stdout);
	clearerr(stdout);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	restore(STDERR_FILENO, err_text_of.saved, err_text_of.file,
	    err_text_of.text, sizeof(err_text_of.text));
	(void)close(saved);
	(void)close(full);
	return status;
}

static void
a_full_disk_is_an_error(void **state)
{
	char *help[] = { (char[]){ "amanat" }, (char[]){ "help" }, NULL };
	char *version[] = { (char[]){ "amanat" }, (char[]){ "version" }, NULL };

	(void)state;
	assert_int_equal(run_to_full(version, 2), 1);
	assert_non_null(strstr(err_text_of.text, "cannot write output"));
	assert_int_equal(run_to_full(help, 2), 1);
	assert_non_null(strstr(err_text_of.text, "No space left"));
}

/* The first write fails, the rest goes through: there is a gap all the same. */
static ssize_t
once_full(void *cookie, const char *p, size_t n)
{
	int *writes = cookie;

	(void)p;
	if ((*writes)++ > 0)
		return (ssize_t)n;
	errno = ENOSPC;
	return 0;
}

static void
a_gap_in_the_output_is_an_error(void **state)
{
	char *help[] = { (char[]){ "amanat" }, (char[]){ "help" }, NULL };
	static char small[256];
	FILE *was = stdout;
	int writes = 0, status;

	(void)state;
	(void)fflush(stdout);
	divert(STDERR_FILENO, &err_text_of.saved, &err_text_of.file);
	stdout = fopencookie(
	    &writes, "w", (cookie_io_functions_t){ .write = once_full });
	(void)setvbuf(stdout, small, _IOFBF, sizeof(small));
	status = cmd_main(2, help);
	(void)fclose(stdout);
	stdout = was;
	restore(STDERR_FILENO, err_text_of.saved, err_text_of.file,
	    err_text_of.text, sizeof(err_text_of.text));
	assert_true(writes > 1);
	assert_int_equal(status, 1);
	assert_non_null(strstr(err_text_of.text, "cannot write output"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_that_do_not_exist),
		cmocka_unit_test(abbreviations_are_refused),
		cmocka_unit_test(values_that_are_missing_or_too_many),
		cmocka_unit_test(numbers_out_of_range),
		cmocka_unit_test(arguments_missing_or_too_many),
		cmocka_unit_test(verbs_that_do_not_exist),
		cmocka_unit_test(complaints_are_escaped),
		cmocka_unit_test(what_is_well_formed_goes_on),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(a_gap_in_the_output_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
