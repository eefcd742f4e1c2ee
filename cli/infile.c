#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/infile.h"

#include "cli/cmd.h"

static AM_RESULT
read_to_end(int fd, size_t max, struct blob *out)
{
	ssize_t n = 1;

	AM_TRY(blob_resize(out, max + 1));
	out->len = 0;
	while (n != 0 && out->len <= max) {
		n = read(fd, out->p + out->len, max + 1 - out->len);
		if (n < 0 && errno != EINTR)
			return AM_ERR_IO;
		out->len += n > 0 ? (size_t)n : 0;
	}
	return AM_OK;
}

AM_RESULT
infile_read(const char *path, size_t max, struct blob *out)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum am_err err = AM_ERR_IO;
	int saved;

	if (fd >= 0) {
		err = read_to_end(fd, max, out);
		saved = errno;
		(void)close(fd);
		errno = saved;
	}
	if (err == AM_ERR_IO)
		return cmd_complain(
		    err, "cannot read '%s': %s", path, strerror(errno));
	return err;
}
