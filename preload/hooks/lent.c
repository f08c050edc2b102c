/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of what libc goes on using where it is: strings, buffers, states, locales of the caller. */
#include "../callsite.h"
#include "../lent.h"
#include "../real.h"

#define X(type, name, parameters) type name parameters;
RELIB_LENT_HOOKS(X)
#undef X

#define MARK(name) relib_callsite_thing(RELIB_CALLER, (uintptr_t)relib_real.name)

/* The environment */

RELIB_HOOK int putenv(char *text)
{
	int result;

	RELIB_NEED(putenv);
	result = relib_real.putenv(text);
	if (!result)
		relib_environment_put(text, RELIB_CALLER.stack, MARK(putenv));
	return result;
}

RELIB_HOOK int setenv(const char *name, const char *value, int replace)
{
	int result;

	RELIB_NEED(setenv);
	result = relib_real.setenv(name, value, replace);
	if (!result && replace)
		relib_environment_unset(name);
	return result;
}

RELIB_HOOK int unsetenv(const char *name)
{
	int result;

	RELIB_NEED(unsetenv);
	result = relib_real.unsetenv(name);
	if (!result)
		relib_environment_unset(name);
	return result;
}

RELIB_HOOK int clearenv(void)
{
	int result;

	RELIB_NEED(clearenv);
	result = relib_real.clearenv();
	if (!result)
		relib_environment_unset(NULL);
	return result;
}

/* The log */

RELIB_HOOK void openlog(const char *identity, int options, int facility)
{
	RELIB_NEED(openlog);
	relib_log_open(identity, options, facility, identity ? MARK(openlog) : 0);
	relib_real.openlog(identity, options, facility);
}

RELIB_HOOK void closelog(void)
{
	RELIB_NEED(closelog);
	relib_real.closelog();
	relib_log_close();
}

/* Streams */

RELIB_HOOK int setvbuf(FILE *stream, char *buffer, int mode, size_t size)
{
	int result;

	RELIB_NEED(setvbuf);
	result = relib_real.setvbuf(stream, buffer, mode, size);
	if (!result)
		relib_buffer_set(stream, buffer, buffer ? MARK(setvbuf) : 0);
	return result;
}

RELIB_HOOK void setbuf(FILE *stream, char *buffer)
{
	RELIB_NEED(setbuf);
	relib_real.setbuf(stream, buffer);
	relib_buffer_set(stream, buffer, buffer ? MARK(setbuf) : 0);
}

RELIB_HOOK void setbuffer(FILE *stream, char *buffer, size_t size)
{
	RELIB_NEED(setbuffer);
	relib_real.setbuffer(stream, buffer, size);
	relib_buffer_set(stream, buffer, buffer ? MARK(setbuffer) : 0);
}

/* random() */

RELIB_HOOK char *initstate(unsigned seed, char *state, size_t size)
{
	char *before;

	RELIB_NEED(initstate);
	before = relib_real.initstate(seed, state, size);
	if (before)
		relib_random_set(state, MARK(initstate));
	return before;
}

RELIB_HOOK char *setstate(char *state)
{
	char *before;

	RELIB_NEED(setstate);
	before = relib_real.setstate(state);
	if (before)
		relib_random_set(state, MARK(setstate));
	return before;
}

/* Locales */

RELIB_HOOK locale_t uselocale(locale_t locale)
{
	locale_t before;

	RELIB_NEED(uselocale);
	before = relib_real.uselocale(locale);
	if (before && locale && relib_tracking && relib_locale_matters(locale, before))
		relib_locale_use(locale, before, MARK(uselocale));
	return before;
}

/* Before, for after it another may have the same address. */
RELIB_HOOK void freelocale(locale_t locale)
{
	RELIB_NEED(freelocale);
	relib_locale_free(locale);
	relib_real.freelocale(locale);
}
