#include "chrome_json/token_index.h"

#include <simdjson.h>

#include <algorithm>
#include <new>

#include "chrome_json/text_block.h"

namespace tracesmith {
namespace {

static_assert(kTextPadding >= simdjson::SIMDJSON_PADDING);

// Only the second stage looks at it.
constexpr size_t kUnusedDepth = 1;
constexpr size_t kMinCapacity = 4096;

}  // namespace

struct TokenIndex::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
};

TokenIndex::TokenIndex() : parser_(std::make_unique<Parser>()) {}

TokenIndex::~TokenIndex() = default;

bool TokenIndex::Build(const uint8_t* text, size_t size) {
  auto& implementation = parser_->implementation;
  if (implementation == nullptr || implementation->capacity() < size) {
    const size_t capacity = std::max(size + size / 4, kMinCapacity);
    const simdjson::error_code error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, kUnusedDepth, implementation);
    if (error != simdjson::SUCCESS) throw std::bad_alloc();  // nothing else can be wrong
  }
  return implementation->stage1(text, size, simdjson::stage1_mode::regular) == simdjson::SUCCESS;
}

const uint32_t* TokenIndex::begin() const { return parser_->implementation->structural_indexes.get(); }

const uint32_t* TokenIndex::end() const { return begin() + parser_->implementation->n_structural_indexes; }

}  // namespace tracesmith
