#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/softtoken/fault.h"
#include "tests/softtoken/status.h"

#define FILE_MAX 512
#define PARTING  ", \t\r\n"

static const char *const names_of[] = {
#define X(code, name) name,
	FAULTS(X)
#undef X
};

static bool
add_one(unsigned *set, const char *name, size_t len)
{
	const size_t count = sizeof(names_of) / sizeof(names_of[0]);

	for (size_t i = 0; i < count; i++)
		if (strlen(names_of[i]) == len &&
		    strncmp(names_of[i], name, len) == 0) {
			*set |= 1U << i;
			return true;
		}
	return false;
}

bool
fault_add(unsigned *set, const char *names)
{
	bool known = true;

	for (names += strspn(names, PARTING); *names != '\0';) {
		size_t len = strcspn(names, PARTING);

		known = add_one(set, names, len) && known;
		names += len;
		names += strspn(names, PARTING);
	}
	return known;
}

void
fault_reload(struct fault_set *f, int dir)
{
	char text[FILE_MAX + 1];
	ssize_t n;
	int fd = openat(dir, "fault", O_RDONLY | O_CLOEXEC);

	f->now = f->given;
	if (fd < 0)
		return;
	n = read(fd, text, FILE_MAX);
	close(fd);
	if (n < 0)
		return;
	text[n] = '\0';
	if (!fault_add(&f->now, text))
		fprintf(stderr, "amanat-softtoken: unknown name in 'fault'\n");
}

bool
fault_on(const struct fault_set *f, enum fault_kind which)
{
	return (f->now >> which & 1U) != 0;
}
