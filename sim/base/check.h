// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Two kinds of check: a user's mistake throws InputError, a bug throws InvariantError.
namespace chipcast {

/// A user's mistake. `what()` is one line: place, value, what is allowed, remedy.
class InputError : public std::runtime_error {
 public:
  InputError(const std::string& place, const std::string& message);
  /// JSON path or file position that the message is about.
  const std::string& place() const { return place_; }
  const std::string& message() const { return message_; }

 private:
  std::string place_, message_;
};

/// A bug of ours: an invariant that no input may break.
class InvariantError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A limit on events, simulated time or size was hit (exit code 5).
class LimitError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The closest of `known` to `word` when it is close enough to be a typing mistake; empty otherwise.
std::string closest_match(std::string_view word, const std::vector<std::string>& known);

/// " (did you mean \"x\"?)" or " (known: a, b, c)"; the tail of a message about an unknown word.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

/// `text` in quotes, shortened and made printable (see text.h), fit for one line of a message.
std::string in_quotes(std::string_view text);

[[noreturn]] void invariant_failed(const char* condition, const char* file, int line);

}  // namespace chipcast

/// Checks an assumption of ours (never user input); throws InvariantError with its place.
#define CHIPCAST_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::chipcast::invariant_failed(#condition, __FILE__, __LINE__))
