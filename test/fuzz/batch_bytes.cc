#include "batch_bytes.h"

#include "check.h"

namespace tracesmith::test {
namespace {

void WriteWord(size_t value, std::vector<uint8_t>* bytes) {
  CHECK(value <= UINT16_MAX);
  bytes->push_back(static_cast<uint8_t>(value & 255));
  bytes->push_back(static_cast<uint8_t>(value >> 8));
}

}  // namespace

Columns ReadBatch(FuzzInput* input) {
  const size_t rows = input->Word();
  const size_t attrs = input->Word();
  const size_t words = input->Word();
  const size_t texts = input->Word();
  const size_t text_bytes = input->Word();
  Columns batch;
  batch.generation = input->Byte();
  batch.kind = input->Column<uint8_t>(rows);
  batch.channel = input->Column<uint8_t>(rows);
  batch.flags = input->Column<uint8_t>(rows);
  batch.track = input->Column<uint32_t>(rows);
  batch.name = input->Column<uint32_t>(rows);
  batch.category = input->Column<uint32_t>(rows);
  batch.attr_end = input->Column<uint32_t>(rows);
  batch.time = input->Column<uint64_t>(rows);
  batch.extent = input->Column<uint64_t>(rows);
  batch.attr_head = input->Column<uint32_t>(attrs);
  batch.attr_value = input->Column<uint64_t>(attrs);
  batch.word = input->Column<uint32_t>(words);
  batch.text_bytes = input->Column<uint8_t>(text_bytes);
  batch.text_end = input->Column<uint32_t>(texts);
  return batch;
}

void WriteBatch(const Columns& batch, std::vector<uint8_t>* bytes) {
  for (const size_t count : {batch.kind.size(), batch.attr_head.size(), batch.word.size(), batch.text_end.size(),
                             batch.text_bytes.size()}) {
    WriteWord(count, bytes);
  }
  bytes->push_back(static_cast<uint8_t>(batch.generation));
  const auto write = [&](const auto&... columns) {
    const auto write_one = [&](const auto& column) {
      const auto* begin = reinterpret_cast<const uint8_t*>(column.data());
      bytes->insert(bytes->end(), begin, begin + column.size() * sizeof(column[0]));
    };
    (write_one(columns), ...);
  };
  write(batch.kind, batch.channel, batch.flags, batch.track, batch.name, batch.category, batch.attr_end, batch.time,
        batch.extent, batch.attr_head, batch.attr_value, batch.word, batch.text_bytes, batch.text_end);
}

}  // namespace tracesmith::test
