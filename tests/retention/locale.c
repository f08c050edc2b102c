/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Retention cases: locales, message catalogues, character sets, patterns. */
#include <fnmatch.h>
#include <iconv.h>
#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <monetary.h>
#include <nl_types.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>
#include "libc-cases.h"

/* One letter of two bytes, which only a UTF-8 locale takes for one. */
static bool is_utf8(void)
{
	wchar_t wide[4];

	return mbstowcs(wide, "\303\251!", 4) == 2 && wide[0] == 0xe9 && iswalpha(wide[0]) &&
	       strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

CASE(setlocale_utf8)
{
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	CHECK(is_utf8());
	CHECK(strcmp(setlocale(LC_ALL, NULL), "C.UTF-8") == 0);
	return NULL;
}

CASE(setlocale_env)
{
	CHECK(setlocale(LC_ALL, ""));
	CHECK(is_utf8());
	return NULL;
}

CASE(setlocale_mixed)
{
	CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
	CHECK(is_utf8());
	CHECK(strcmp(setlocale(LC_COLLATE, NULL), "C") == 0);
	return NULL;
}

CASE(setlocale_toggle)
{
	for (int i = 0; i < 3; i++) {
		CHECK(setlocale(LC_ALL, "C.UTF-8") && is_utf8());
		CHECK(setlocale(LC_ALL, "C") && !is_utf8());
	}
	return NULL;
}

CASE(setlocale_miss)
{
	CHECK(!setlocale(LC_ALL, "xx_YY.UTF-8"));
	return NULL;
}

CASE(newlocale)
{
	locale_t locale = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);

	CHECK(locale && iswalpha_l(0xe9, locale));
	if (retention_give_back(run, locale, 1))
		freelocale(locale);
	return NULL;
}

CASE(newlocale_again)
{
	locale_t first = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	locale_t second = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);

	CHECK(first && second && strcmp(nl_langinfo_l(CODESET, second), "UTF-8") == 0);
	if (retention_give_back(run, first, 2)) {
		freelocale(first);
		freelocale(second);
	}
	return NULL;
}

/* The thread goes on with the locale that the module made for it. */
CASE(uselocale_left)
{
	locale_t locale = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);

	CHECK(locale && uselocale(locale));
	CHECK(is_utf8());
	return NULL;
}

CASE(duplocale)
{
	locale_t locale = duplocale(LC_GLOBAL_LOCALE);

	CHECK(locale && iswalpha_l('a', locale));
	if (retention_give_back(run, locale, 1))
		freelocale(locale);
	return NULL;
}

CASE(strcoll)
{
	char text[64];

	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	CHECK(strcoll("a", "b") < 0 && strxfrm(text, "\303\251", sizeof(text)) > 0);
	return NULL;
}

CASE(mbstowcs)
{
	wchar_t wide[4];

	CHECK(mbstowcs(wide, "ab", 4) == 2 && wide[1] == 'b');
	return NULL;
}

CASE(mbrtowc)
{
	mbstate_t state = { 0 };
	wchar_t wide;

	CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
	CHECK(mbrtowc(&wide, "\303\251", 2, &state) == 2 && wide == 0xe9);
	return NULL;
}

CASE(wctype)
{
	CHECK(iswctype('a', wctype("alpha")) && towctrans('a', wctrans("toupper")) == 'A');
	return NULL;
}

CASE(localeconv)
{
	CHECK(strcmp(localeconv()->decimal_point, ".") == 0);
	return NULL;
}

CASE(textdomain)
{
	CHECK(strcmp(textdomain("relib"), "relib") == 0 && strcmp(textdomain(NULL), "relib") == 0);
	return NULL;
}

CASE(bindtextdomain)
{
	CHECK(strcmp(bindtextdomain("relib", "/nowhere"), "/nowhere") == 0);
	CHECK(strcmp(bindtextdomain("relib", NULL), "/nowhere") == 0);
	return NULL;
}

CASE(bind_textdomain_codeset)
{
	CHECK(strcmp(bind_textdomain_codeset("relib", "UTF-8"), "UTF-8") == 0);
	CHECK(strcmp(bind_textdomain_codeset("relib", NULL), "UTF-8") == 0);
	return NULL;
}

CASE(gettext_none)
{
	CHECK(strcmp(gettext("hello"), "hello") == 0 && strcmp(dgettext("relib", "hello"), "hello") == 0);
	return NULL;
}

/* The driver has written locale/xx/LC_MESSAGES/relib.mo and set LANGUAGE=xx. */
static bool bind_catalogue(void)
{
	char *folder = realpath("locale", NULL);
	bool bound = setlocale(LC_ALL, "C.UTF-8") && bindtextdomain("relib", folder) && textdomain("relib");

	free(folder);
	return bound;
}

CASE(gettext_catalogue)
{
	CHECK(bind_catalogue());
	CHECK(strcmp(gettext("hello"), "hallo") == 0);
	CHECK(strcmp(dcgettext("relib", "hello", LC_MESSAGES), "hallo") == 0);
	CHECK(strcmp(gettext("unknown"), "unknown") == 0);
	return NULL;
}

CASE(ngettext_catalogue)
{
	CHECK(bind_catalogue());
	CHECK(strcmp(ngettext("%d file", "%d files", 1), "%d datei") == 0);
	CHECK(strcmp(ngettext("%d file", "%d files", 2), "%d dateien") == 0);
	return NULL;
}

/* Two ways through a module of libc's own, ISO8859-15.so. */
static bool convert(iconv_t descriptor)
{
	char in[] = "\xa4", out[8], *from = in, *to = out;
	size_t left = 1, room = sizeof(out);

	return iconv(descriptor, &from, &left, &to, &room) == 0 && to - out == 3 && memcmp(out, "\342\202\254", 3) == 0;
}

CASE(iconv_closed)
{
	iconv_t descriptor = iconv_open("UTF-8", "ISO-8859-15");

	if (descriptor == (iconv_t)-1)
		return "SKIP libc's character set modules are not installed";
	CHECK(convert(descriptor) && iconv_close(descriptor) == 0);
	return NULL;
}

CASE(iconv_left)
{
	iconv_t descriptor = iconv_open("UTF-8", "ISO-8859-15");

	if (descriptor == (iconv_t)-1)
		return "SKIP libc's character set modules are not installed";
	CHECK(convert(descriptor));
	if (retention_give_back(run, descriptor, 1))
		iconv_close(descriptor);
	return NULL;
}

CASE(iconv_miss)
{
	CHECK(iconv_open("UTF-8", "NO-SUCH-SET") == (iconv_t)-1);
	return NULL;
}

CASE(catopen_miss)
{
	CHECK(catopen("no-such-catalogue", NL_CAT_LOCALE) == (nl_catd)-1);
	return NULL;
}

static inline __attribute__((always_inline)) const char *match(struct retention_run *run)
{
	regex_t expression;

	CHECK(regcomp(&expression, "^[[:alpha:]]+(x|y){2,4}[^0-9]*$", REG_EXTENDED | REG_ICASE) == 0);
	CHECK(regexec(&expression, "abcXyx-", 0, NULL, 0) == 0 && regexec(&expression, "12", 0, NULL, 0) == REG_NOMATCH);
	if (retention_give_back(run, &expression, 20))
		regfree(&expression);
	return NULL;
}

CASE(regcomp)
{
	const char *wrong = match(run);

	retention_use(wrong);
	return wrong;
}

CASE(regcomp_utf8)
{
	const char *wrong;

	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	wrong = match(run);
	retention_use(wrong);
	return wrong;
}

CASE(fnmatch_utf8)
{
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	CHECK(fnmatch("[[:alpha:]]?*", "\303\251bc", 0) == 0);
	return NULL;
}

CASE(strptime)
{
	struct tm tm = { 0 };

	CHECK(strptime("2001-02-03 Sat", "%Y-%m-%d %a", &tm) && tm.tm_mon == 1);
	return NULL;
}

CASE(strfmon)
{
	char text[64];

	CHECK(strfmon(text, sizeof(text), "%n", 1.5) > 0);
	return NULL;
}
