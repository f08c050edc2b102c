/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What calls of relib give in C++: a value, or an error with its words. Part of <relib/relib.hpp>. */
#ifndef RELIB_RESULT_HPP
#define RELIB_RESULT_HPP

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <relib/relib.h>

namespace relib {

/**
 * The ledger of an unload: owns a `struct relib_report`, or nothing.
 * @since 0.1
 */
class report {
public:
	report() noexcept = default;
	/** Takes over what relib_unload() gave. */
	explicit report(relib_report *raw) noexcept : raw_(raw) {}

	explicit operator bool() const noexcept { return raw_ != nullptr; }
	const relib_report *get() const noexcept { return raw_.get(); }
	const relib_report *operator->() const noexcept { return raw_.get(); }
	const relib_report &operator*() const noexcept { return *raw_; }

	/** relib_report_write(): RELIB_OK also where there is nothing to write. */
	relib_code write(relib_format format = RELIB_FORMAT_TEXT, int fd = 2) const noexcept
	{
		return raw_ ? relib_report_write(raw_.get(), format, fd) : RELIB_OK;
	}

private:
	struct free {
		void operator()(relib_report *raw) const noexcept { relib_report_free(raw); }
	};
	std::unique_ptr<relib_report, free> raw_;
};

/**
 * A failure: the code, and what happened in words. Of a call that panicked also where; of an unload that was refused
 * also the ledger.
 * @since 0.1
 */
class error {
public:
	error(relib_code code, std::string message) : code_(code), message_(std::move(message)) {}
	explicit error(const relib_error &failure) : error(failure.code, failure.message) {}

	relib_code code() const noexcept { return code_; }
	/** For people, as in relib_error; of a panic (RELIB_PANICKED) what the module said. */
	const std::string &message() const noexcept { return message_; }

	/** Of a panic, else "": the function that the call was of, "game_update" or "main". */
	const std::string &panic_function() const noexcept { return panic_function_; }
	/** Of a panic, else "": a line for each frame, as in relib_panic_stack(). */
	const std::string &panic_stack() const noexcept { return panic_stack_; }
	/** Of an unload that was refused, where there is one: what the module holds. Else NULL. It lives as long as the error. */
	const relib_report *refusal() const noexcept { return refusal_ ? refusal_->get() : nullptr; }

	/* What follows is for relib's own headers. */
	void set_message(const char *message) { message_ = message; }
	void set_panic(const relib_module *module)
	{
		set(panic_function_, relib_panic_function(module));
		set(panic_stack_, relib_panic_stack(module));
	}
	void set_refusal(report &&refusal) { refusal_ = std::make_shared<report>(std::move(refusal)); }

private:
	static void set(std::string &text, const char *raw)
	{
		if (raw)
			text = raw;
	}

	relib_code code_;
	std::string message_, panic_function_, panic_stack_;
	std::shared_ptr<report> refusal_;
};

/**
 * What result::value() throws where there is no value. Nothing else in relib's headers throws, but std::bad_alloc.
 * @since 0.1
 */
class bad_result : public std::exception {
public:
	explicit bad_result(relib::error failure) : error_(std::move(failure)) {}
	const char *what() const noexcept override { return error_.message().c_str(); }
	const relib::error &error() const noexcept { return error_; }

private:
	relib::error error_;
};

namespace result_ {
[[noreturn]] inline void fail(const relib::error &failure)
{
#ifdef __EXCEPTIONS
	throw bad_result(failure);
#else
	(void)failure;
	std::terminate();
#endif
}
}

/**
 * A value or an error, in the manner of std::expected: `*result` and `result->` need a value there, result.error() needs
 * a failure, and result.value() throws a bad_result where there is no value (without exceptions: ends the process).
 * @since 0.1
 */
template <typename type>
class [[nodiscard]] result {
	static_assert(std::is_object<type>::value && !std::is_same<type, relib::error>::value, "a result is of an object");

public:
	using value_type = type;
	using error_type = relib::error;

	result(type value) : state_(std::in_place_index<0>, std::move(value)) {}
	result(relib::error failure) : state_(std::in_place_index<1>, std::move(failure)) {}

	bool has_value() const noexcept { return state_.index() == 0; }
	explicit operator bool() const noexcept { return has_value(); }

	type &operator*() & noexcept { return *std::get_if<0>(&state_); }
	const type &operator*() const & noexcept { return *std::get_if<0>(&state_); }
	type &&operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
	type *operator->() noexcept { return std::get_if<0>(&state_); }
	const type *operator->() const noexcept { return std::get_if<0>(&state_); }

	type &value() & { return need(), **this; }
	const type &value() const & { return need(), **this; }
	type &&value() && { return need(), *std::move(*this); }

	template <typename other>
	type value_or(other &&instead) const &
	{
		return has_value() ? **this : static_cast<type>(std::forward<other>(instead));
	}
	template <typename other>
	type value_or(other &&instead) &&
	{
		return has_value() ? *std::move(*this) : static_cast<type>(std::forward<other>(instead));
	}

	const relib::error &error() const & noexcept { return *std::get_if<1>(&state_); }
	relib::error &&error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

private:
	void need() const
	{
		if (!has_value())
			result_::fail(error());
	}

	std::variant<type, relib::error> state_;
};

/**
 * Success or an error.
 * @since 0.1
 */
template <>
class [[nodiscard]] result<void> {
public:
	using value_type = void;
	using error_type = relib::error;

	result() noexcept = default;
	result(relib::error failure) : failure_(std::move(failure)) {}

	bool has_value() const noexcept { return !failure_; }
	explicit operator bool() const noexcept { return has_value(); }
	void operator*() const noexcept {}
	void value() const
	{
		if (failure_)
			result_::fail(*failure_);
	}
	const relib::error &error() const & noexcept { return *failure_; }
	relib::error &&error() && noexcept { return std::move(*failure_); }

private:
	std::optional<relib::error> failure_;
};

}

#endif
