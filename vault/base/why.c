#include <stdarg.h>
#include <stdio.h>

#include "vault/base/why.h"

enum am_err
why_say(struct why *w, enum am_err err, const char *rule, const char *fmt, ...)
{
	va_list ap;

	(void)snprintf(w->rule, sizeof(w->rule), "%s", rule);
	va_start(ap, fmt);
	(void)vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
	for (char *c = w->text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return err;
}
