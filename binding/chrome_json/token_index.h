#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tracesmith {

// Where the tokens of a JSON text begin: brackets, colons, commas, the opening quotes of strings, numbers
// and words. simdjson's first stage, in the widest vectors that this machine has. What the tokens mean is
// read by JsonTokens: simdjson's own second stage cannot go on behind an error.
class TokenIndex {
 public:
  TokenIndex();
  ~TokenIndex();
  TokenIndex(const TokenIndex&) = delete;
  TokenIndex& operator=(const TokenIndex&) = delete;

  // False where the text is not valid UTF-8, has control characters in strings or ends in a string. The
  // text must be shorter than 4 GiB, and kTextPadding bytes behind it must be readable. Throws std::bad_alloc.
  bool Build(const uint8_t* text, size_t size);

  // Offsets in the text, in order; *end() can be read and is the text's size. Valid until the next Build().
  const uint32_t* begin() const;
  const uint32_t* end() const;

 private:
  struct Parser;

  std::unique_ptr<Parser> parser_;
};

}  // namespace tracesmith
