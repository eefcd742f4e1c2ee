#include "tests/softtoken/soft.h"

bool
soft_fault(const struct soft *s, enum fault_kind which)
{
	return fault_on(&s->fault, which);
}

bool
soft_has_pin(const struct soft *s)
{
	return s->disk.has_pin && !soft_fault(s, FAULT_NO_PIN);
}

enum ctap
soft_touch(struct soft *s)
{
	return s->touch(s);
}
