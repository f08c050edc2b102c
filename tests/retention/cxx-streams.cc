// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Retention cases: standard streams, locales with their facets and caches, string and file streams.
#include <clocale>
#include <codecvt>
#include <cstring>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <locale>
#include <sstream>
#include <string>
#include <unistd.h>
#include "cxx-cases.h"

CASE(cout)
{
	std::cout << "cout " << run->who << '\n';
	CHECK(std::cout.good());
	return nullptr;
}

CASE(cout_number)
{
	std::cout << 1234567 << ' ' << 1.5 << "\ncout_number " << run->who << '\n';
	CHECK(std::cout.good());
	return nullptr;
}

CASE(cerr)
{
	std::cerr << "cerr " << run->who << '\n';
	CHECK(std::cerr.good());
	return nullptr;
}

CASE(clog)
{
	std::clog << "clog " << 1.5 << '\n';
	CHECK(std::clog.good());
	return nullptr;
}

CASE(wcout)
{
	std::wcout << L"wcout " << run->who << L'\n';
	CHECK(std::wcout.good());
	return nullptr;
}

// The driver's standard input is the alphabet again and again.
CASE(cin)
{
	char first, second;

	CHECK(std::cin.get(first) && std::cin.get(second));
	CHECK(second == (first == 'z' ? 'a' : first + 1));
	return nullptr;
}

CASE(wcin)
{
	wchar_t first, second;

	CHECK(std::wcin.get(first) && std::wcin.get(second));
	CHECK(second == (first == 'z' ? 'a' : first + 1));
	return nullptr;
}

CASE(cout_imbue)
{
	std::cout.imbue(std::locale("C.UTF-8"));
	std::cout << 1.5 << ' ' << 12345678 << "\ncout_imbue " << run->who << '\n';
	CHECK(std::cout.getloc().name() == "C.UTF-8");
	return nullptr;
}

CASE(sync_with_stdio)
{
	std::ios_base::sync_with_stdio(false);
	std::cout << "sync_with_stdio " << run->who << '\n';
	std::cout.flush();
	CHECK(std::cout.good());
	return nullptr;
}

CASE(cout_iword)
{
	CHECK(run->who[0] == 'm' || std::cout.iword(20) == 7);
	std::cout.iword(20) = 7;
	std::cout << "cout_iword " << run->who << '\n';
	return nullptr;
}

CASE(cout_pword)
{
	int index = std::ios_base::xalloc();

	std::cout.pword(index + 20) = run->host_memory;
	CHECK(std::cout.pword(index + 20) == run->host_memory);
	return nullptr;
}

CASE(cout_copyfmt)
{
	std::ostringstream other;

	other.iword(30) = 9;
	other.precision(3);
	std::cout.copyfmt(other);
	CHECK(std::cout.iword(30) == 9 && std::cout.precision() == 3);
	std::cout << "cout_copyfmt " << run->who << '\n';
	return nullptr;
}

static void on_event(std::ios_base::event, std::ios_base &, int)
{
}

// libstdc++ calls it when std::cout is imbued or copied to, and nobody does.
CASE(cout_callback)
{
	std::cout.register_callback(on_event, 0);
	std::cout << "cout_callback " << run->who << '\n';
	return nullptr;
}

static bool is_before(const struct retention_run *run)
{
	return std::strcmp(run->who, "before") == 0;
}

static const char *hold_locale()
{
	std::locale::global(std::locale("C.UTF-8"));
	return nullptr;
}

// The host's locale gets its caches from whoever prints first.
CASE(number_out_held)
{
	std::ostringstream out;

	if (is_before(run))
		return hold_locale();
	out << 1234567 << ' ' << 1.5 << ' ' << true << ' ' << 0x7f;
	CHECK(out.str() == "1234567 1.5 1 127");
	return nullptr;
}

CASE(number_in_held)
{
	std::istringstream in("1234567 1.5 1");
	long number;
	double real;
	bool truth;

	if (is_before(run))
		return hold_locale();
	CHECK(in >> number >> real >> truth && number == 1234567 && real == 1.5 && truth);
	return nullptr;
}

CASE(wide_number_held)
{
	std::wostringstream out;
	std::wistringstream in(L"42 2.5");
	int number;
	double real;

	if (is_before(run))
		return hold_locale();
	out << 1234567 << L' ' << 1.5;
	CHECK(out.str() == L"1234567 1.5");
	CHECK(in >> number >> real && number == 42 && real == 2.5);
	return nullptr;
}

// What C.UTF-8 makes of an amount is libstdc++'s affair; it must be the same again.
CASE(money_held)
{
	std::ostringstream out, out_again;
	std::wostringstream wide, wide_again;
	std::istringstream in("123");
	long double amount;

	if (is_before(run))
		return hold_locale();
	out << std::put_money(1234.0L) << std::put_money(1234.0L, true);
	wide << std::put_money(1234.0L) << std::put_money(1234.0L, true);
	out_again << std::put_money(1234.0L) << std::put_money(1234.0L, true);
	wide_again << std::put_money(1234.0L) << std::put_money(1234.0L, true);
	CHECK(out.str() == out_again.str() && wide.str() == wide_again.str());
	in >> std::get_money(amount);
	return nullptr;
}

CASE(locale_global)
{
	std::ostringstream out;

	std::locale::global(std::locale("C.UTF-8"));
	CHECK(std::locale().name() == "C.UTF-8" && std::strcmp(std::setlocale(LC_ALL, nullptr), "C.UTF-8") == 0);
	out << 1.5;
	CHECK(out.str() == "1.5");
	return nullptr;
}

CASE(locale_global_toggle)
{
	for (int i = 0; i < 3; i++) {
		std::locale::global(std::locale("C.UTF-8"));
		CHECK(std::locale().name() == "C.UTF-8");
		std::locale::global(std::locale::classic());
		CHECK(std::locale().name() == "C");
	}
	return nullptr;
}

CASE(locale_gone)
{
	std::locale locale("C.UTF-8");

	CHECK(std::isalpha(L'\u00e9', locale) && locale.name() == "C.UTF-8");
	return nullptr;
}

CASE(locale_copy)
{
	std::locale locale, copy(locale);

	CHECK(copy == locale && std::use_facet<std::ctype<char>>(copy).toupper('a') == 'A');
	return nullptr;
}

CASE(locale_miss)
{
	try {
		std::locale locale("xx_YY.UTF-8");
	} catch (const std::runtime_error &error) {
		CHECK(std::strstr(error.what(), "name not valid"));
		return nullptr;
	}
	return "an unknown locale was made";
}

CASE(locale_left)
{
	std::locale *locale = new std::locale("C.UTF-8");

	CHECK(locale->name() == "C.UTF-8");
	if (retention_give_back(run, locale, 1))
		delete locale;
	return nullptr;
}

CASE(locale_combined_left)
{
	std::locale *locale = new std::locale(std::locale::classic(), "C.UTF-8", std::locale::numeric);

	CHECK(std::use_facet<std::numpunct<char>>(*locale).decimal_point() == '.');
	if (retention_give_back(run, locale, 1))
		delete locale;
	return nullptr;
}

CASE(number_imbued)
{
	std::ostringstream out;

	out.imbue(std::locale("C.UTF-8"));
	out << 1234567 << ' ' << 1.5;
	CHECK(out.str() == "1234567 1.5");
	return nullptr;
}

CASE(collate)
{
	std::locale locale("C.UTF-8");
	std::string a("a"), b("b");

	CHECK(locale(a, b) && std::use_facet<std::collate<char>>(locale).transform(&a[0], &a[1]).size() > 0);
	return nullptr;
}

CASE(put_time)
{
	std::ostringstream out;
	std::tm tm = {};

	tm.tm_year = 101;
	tm.tm_mday = 1;
	out << std::put_time(&tm, "%Y %Z");
	CHECK(out.str().compare(0, 4, "2001") == 0);
	return nullptr;
}

CASE(get_time)
{
	std::istringstream in("2001-02-03");
	std::tm tm = {};

	CHECK(in >> std::get_time(&tm, "%Y-%m-%d") && tm.tm_mday == 3);
	return nullptr;
}

static bool look_up(bool close)
{
	char folder[4096];
	std::locale locale("C.UTF-8");
	const std::messages<char> &messages = std::use_facet<std::messages<char>>(locale);
	std::messages_base::catalog catalog;
	bool found;

	if (!getcwd(folder, sizeof(folder) - 8))
		return false;
	std::setlocale(LC_ALL, "C.UTF-8");
	catalog = messages.open("relib", locale, std::strcat(folder, "/locale"));
	found = catalog >= 0 && messages.get(catalog, 0, 0, "hello") == "hallo";
	if (close)
		messages.close(catalog);
	return found;
}

CASE(messages_closed)
{
	CHECK(look_up(true));
	return nullptr;
}

CASE(messages_left)
{
	CHECK(look_up(false));
	return nullptr;
}

CASE(stringstream)
{
	std::stringstream stream;
	std::string word;

	for (int i = 0; i < 1000; i++)
		stream << i << ' ';
	stream << std::quoted("a \"b\"");
	CHECK(stream >> word && word == "0");
	return nullptr;
}

CASE(convert)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	std::wstring_convert<std::codecvt_utf8<wchar_t>> converter;
#pragma GCC diagnostic pop

	CHECK(converter.from_bytes("\303\251") == L"\u00e9" && converter.to_bytes(L"\u00e9") == "\303\251");
	return nullptr;
}

CASE(fstream_closed)
{
	std::ofstream out("written");
	std::string text;

	out << run->who;
	out.close();
	std::ifstream in("written");
	std::getline(in, text);
	CHECK(text == run->who);
	return nullptr;
}

CASE(ofstream_left)
{
	std::ofstream *out = new std::ofstream("written");

	*out << run->who << std::flush;
	CHECK(out->good());
	if (retention_give_back(run, out, 2))
		delete out;
	return nullptr;
}

CASE(ostringstream_left)
{
	std::ostringstream *out = new std::ostringstream;

	*out << "more than a string holds without a block, by " << run->who << 1.5;
	if (retention_give_back(run, out, 2))
		delete out;
	return nullptr;
}

CASE(stream_callback_left)
{
	std::ostringstream *out = new std::ostringstream;

	out->register_callback(on_event, 0);
	out->pword(30) = nullptr;
	if (retention_give_back(run, out, 1))
		delete out;
	return nullptr;
}
