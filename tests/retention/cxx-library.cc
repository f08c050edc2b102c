// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Retention cases: allocators with pools of the process, and containers and other objects that the module leaves.
#include <algorithm>
#include <any>
#include <condition_variable>
#include <charconv>
#include <cstring>
#include <deque>
#include <ext/bitmap_allocator.h>
#include <ext/mt_allocator.h>
#include <ext/pool_allocator.h>
#include <filesystem>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <new>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <valarray>
#include <vector>
#include "cxx-cases.h"

// Longer than what a string holds without a block.
#define LONG_TEXT "a text of more than fifteen letters"

template <class allocator> static bool exercise()
{
	std::list<int, allocator> numbers;

	for (int i = 0; i < 100; i++)
		numbers.push_back(i);
	return numbers.front() == 0 && numbers.back() == 99;
}

CASE(pool_alloc)
{
	CHECK(exercise<__gnu_cxx::__pool_alloc<int>>());
	return nullptr;
}

CASE(mt_alloc)
{
	CHECK(exercise<__gnu_cxx::__mt_alloc<int>>());
	return nullptr;
}

// Compiled into the module, it allocates what a list of libstdc++'s own then holds: nobody can tell from a leak.
CASE(bitmap_allocator)
{
	if (run->leave)
		return "SKIP the module's own code allocates what libstdc++ then holds";
	CHECK(exercise<__gnu_cxx::bitmap_allocator<int>>());
	return nullptr;
}

// The host's resource, fed by whoever asks it first.
CASE(pool_resource_shared)
{
	using resource_type = std::pmr::synchronized_pool_resource;
	resource_type *resource = static_cast<resource_type *>(run->host_memory);

	static_assert(sizeof(*resource) <= 256, "the host has no room for it");
	if (std::strcmp(run->who, "before") == 0) {
		new (resource) resource_type(std::pmr::new_delete_resource());
		return nullptr;
	}
	std::pmr::vector<int> numbers(resource);
	for (int i = 0; i < 1000; i++)
		numbers.push_back(i);
	CHECK(numbers[999] == 999);
	return nullptr;
}

CASE(monotonic_resource)
{
	std::pmr::monotonic_buffer_resource resource;
	std::pmr::vector<std::pmr::string> texts(&resource);

	texts.emplace_back(LONG_TEXT);
	CHECK(texts[0] == LONG_TEXT);
	return nullptr;
}

CASE(regex)
{
	std::regex expression("([a-z]+)-([0-9]+)", std::regex::icase);
	std::cmatch match;

	CHECK(std::regex_match("ABC-12", match, expression) && match[2] == "12");
	return nullptr;
}

CASE(random)
{
	std::random_device device;
	std::mt19937 generator(1);
	std::vector<int> numbers = { 1, 2, 3, 4 };

	std::shuffle(numbers.begin(), numbers.end(), generator);
	CHECK(std::uniform_int_distribution<int>(1, 6)(generator) <= 6 && numbers.size() == 4);
	retention_use(&device);
	return nullptr;
}

CASE(filesystem)
{
	int count = 0;

	for (const auto &entry : std::filesystem::recursive_directory_iterator("folder"))
		count += entry.is_regular_file();
	CHECK(count == 3);
	CHECK(std::filesystem::canonical("folder/one").filename() == "one");
	CHECK(!std::filesystem::exists("folder/none"));
	return nullptr;
}

CASE(numbers)
{
	char text[64];

	CHECK(std::to_string(1234567) == "1234567" && std::to_string(1.5) == "1.500000" && std::stod("2.5") == 2.5);
	CHECK(std::to_chars(text, text + 64, 1.5L).ec == std::errc());
	return nullptr;
}

CASE(algorithms)
{
	std::vector<int> numbers(10000);

	for (int i = 0; i < 10000; i++)
		numbers[i] = i * 7919 % 10007;
	std::stable_sort(numbers.begin(), numbers.end());
	CHECK(std::is_sorted(numbers.begin(), numbers.end()));
	return nullptr;
}

CASE(containers)
{
	std::map<std::string, std::vector<std::string>> texts;
	std::unordered_map<int, std::shared_ptr<std::string>> shared;

	for (int i = 0; i < 100; i++) {
		texts[std::to_string(i) + LONG_TEXT].push_back(LONG_TEXT);
		shared[i] = std::make_shared<std::string>(LONG_TEXT);
	}
	CHECK(texts.size() == 100 && *shared[7] == LONG_TEXT);
	return nullptr;
}

// One object with blocks of its own: left, or deleted.
#define LEAVE_OR_DELETE(object, blocks) \
	do { if (retention_give_back(run, object, blocks)) delete object; } while (0)

CASE(new_left)
{
	long *number = new long(1);

	LEAVE_OR_DELETE(number, 1);
	return nullptr;
}

CASE(new_array_left)
{
	std::string *texts = new std::string[5];

	if (retention_give_back(run, texts, 1))
		delete[] texts;
	return nullptr;
}

CASE(new_nothrow_left)
{
	long *number = new (std::nothrow) long(1), *numbers = new (std::nothrow) long[9];

	LEAVE_OR_DELETE(number, 1);
	if (retention_give_back(run, numbers, 1))
		delete[] numbers;
	return nullptr;
}

namespace {

struct alignas(64) aligned {
	char bytes[64];
};

}

CASE(new_aligned_left)
{
	aligned *one = new aligned, *many = new aligned[3];

	CHECK(reinterpret_cast<std::uintptr_t>(one) % 64 == 0);
	LEAVE_OR_DELETE(one, 1);
	if (retention_give_back(run, many, 1))
		delete[] many;
	return nullptr;
}

CASE(string_left)
{
	std::string *text = new std::string(LONG_TEXT);

	LEAVE_OR_DELETE(text, 2);
	return nullptr;
}

CASE(string_grown_left)
{
	std::string *text = new std::string;

	for (int i = 0; i < 1000; i++)
		text->push_back('x');
	text->append(3000, 'y');
	*text += LONG_TEXT;
	LEAVE_OR_DELETE(text, 2);
	return nullptr;
}

CASE(wstring_left)
{
	std::wstring *text = new std::wstring(100, L'x');

	LEAVE_OR_DELETE(text, 2);
	return nullptr;
}

CASE(string_read_left)
{
	std::istringstream in(LONG_TEXT);
	std::string *text = new std::string;

	std::getline(in, *text);
	CHECK(*text == LONG_TEXT);
	LEAVE_OR_DELETE(text, 2);
	return nullptr;
}

CASE(to_string_left)
{
	std::string *text = new std::string(std::to_string(1e20));

	LEAVE_OR_DELETE(text, 2);
	return nullptr;
}

CASE(vector_left)
{
	std::vector<int> *numbers = new std::vector<int>(10);

	LEAVE_OR_DELETE(numbers, 2);
	return nullptr;
}

CASE(vector_grown_left)
{
	std::vector<int> *numbers = new std::vector<int>;

	for (int i = 0; i < 1000; i++)
		numbers->push_back(i);
	LEAVE_OR_DELETE(numbers, 2);
	return nullptr;
}

CASE(map_left)
{
	std::map<int, int> *numbers = new std::map<int, int>;

	for (int i = 0; i < 5; i++)
		(*numbers)[i] = i;
	LEAVE_OR_DELETE(numbers, 6);
	return nullptr;
}

CASE(set_left)
{
	std::set<std::string> *texts = new std::set<std::string>;

	texts->insert(LONG_TEXT);
	texts->insert("short");
	LEAVE_OR_DELETE(texts, 4);
	return nullptr;
}

CASE(unordered_map_left)
{
	std::unordered_map<int, int> *numbers = new std::unordered_map<int, int>;

	numbers->reserve(100);
	(*numbers)[1] = 2;
	LEAVE_OR_DELETE(numbers, 3);
	return nullptr;
}

CASE(list_left)
{
	std::list<int> *numbers = new std::list<int>(5, 1);

	LEAVE_OR_DELETE(numbers, 6);
	return nullptr;
}

CASE(deque_left)
{
	std::deque<int> *numbers = new std::deque<int>;

	LEAVE_OR_DELETE(numbers, 3);
	return nullptr;
}

CASE(strings_in_vector_left)
{
	std::vector<std::string> *texts = new std::vector<std::string>;

	for (int i = 0; i < 10; i++)
		texts->emplace_back(LONG_TEXT);
	LEAVE_OR_DELETE(texts, 12);
	return nullptr;
}

CASE(shared_ptr_left)
{
	std::shared_ptr<int> *one = new std::shared_ptr<int>(new int(1));
	std::shared_ptr<int> *other = new std::shared_ptr<int>(*one);

	LEAVE_OR_DELETE(one, 3);
	LEAVE_OR_DELETE(other, 1);
	return nullptr;
}

CASE(function_left)
{
	struct { long numbers[8]; } big = {};
	std::function<long()> *function = new std::function<long()>([big] { return big.numbers[0]; });

	CHECK((*function)() == 0);
	LEAVE_OR_DELETE(function, 2);
	return nullptr;
}

CASE(any_left)
{
	std::any *any = new std::any(std::string(LONG_TEXT));

	LEAVE_OR_DELETE(any, 3);
	return nullptr;
}

CASE(optional_left)
{
	std::optional<std::string> *text = new std::optional<std::string>(LONG_TEXT);

	LEAVE_OR_DELETE(text, 2);
	return nullptr;
}

CASE(regex_left)
{
	std::regex *expression = new std::regex("([a-z]+)-([0-9]+)");

	CHECK(std::regex_match("abc-12", *expression));
	LEAVE_OR_DELETE(expression, 3);
	return nullptr;
}

CASE(path_left)
{
	std::filesystem::path *path = new std::filesystem::path("/one/two/a-long-name-for-a-file");

	CHECK(path->filename() == "a-long-name-for-a-file");
	LEAVE_OR_DELETE(path, 3);
	return nullptr;
}

CASE(directory_left)
{
	std::filesystem::directory_iterator *folder = new std::filesystem::directory_iterator("folder");

	CHECK(*folder != std::filesystem::directory_iterator());
	LEAVE_OR_DELETE(folder, 1);
	return nullptr;
}

CASE(future_left)
{
	std::promise<int> *promise = new std::promise<int>;
	std::future<int> *future = new std::future<int>(promise->get_future());

	promise->set_value(1);
	LEAVE_OR_DELETE(promise, 3);
	LEAVE_OR_DELETE(future, 1);
	return nullptr;
}

CASE(condition_variable_any_left)
{
	std::condition_variable_any *condition = new std::condition_variable_any;

	LEAVE_OR_DELETE(condition, 2);
	return nullptr;
}

CASE(random_left)
{
	std::mt19937 *generator = new std::mt19937(1);

	CHECK((*generator)() == 1791095845);
	LEAVE_OR_DELETE(generator, 1);
	return nullptr;
}

CASE(temporary_buffer_left)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	auto buffer = std::get_temporary_buffer<int>(100);

	CHECK(buffer.second == 100);
	if (retention_give_back(run, buffer.first, 1))
		std::return_temporary_buffer(buffer.first);
#pragma GCC diagnostic pop
	return nullptr;
}

CASE(pmr_left)
{
	std::pmr::monotonic_buffer_resource *resource = new std::pmr::monotonic_buffer_resource;

	retention_use(resource->allocate(100));
	LEAVE_OR_DELETE(resource, 2);
	return nullptr;
}

CASE(valarray_left)
{
	std::valarray<double> *numbers = new std::valarray<double>(1.5, 10);

	CHECK(numbers->sum() == 15);
	LEAVE_OR_DELETE(numbers, 2);
	return nullptr;
}
