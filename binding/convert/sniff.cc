#include "convert/sniff.h"

#include <perfetto.h>

#include <algorithm>
#include <iterator>

#include "input/byte_source.h"

namespace tracesmith {
namespace {

using std::string_view_literals::operator""sv;

// Enough bytes of a trace to meet a small number.
constexpr size_t kTextSample = 200;

// Control characters other than tab, line feed and carriage return: they tell binary data from text.
bool IsControl(char character) {
  const bool is_blank = character == '\t' || character == '\n' || character == '\r';
  return static_cast<uint8_t>(character) < ' ' && !is_blank;
}

// Whether there is one among the first bytes.
bool HasEarlyControl(std::string_view head) {
  const std::string_view sample = head.substr(0, kTextSample);
  return std::any_of(sample.begin(), sample.end(), IsControl);
}

// Whether a `Trace.packet` begins here. A packet that fits is read to its end; of a longer one only the length is read,
// and then control characters decide. A packet of compressed packets is one, too.
bool BeginsWithPacket(std::string_view head) {
  constexpr char kPacketTag = 0x0a;  // field 1, length-delimited
  // A larger size is not that of a packet.
  constexpr uint64_t kMaxPacketSize = 64 << 20;
  constexpr size_t kMaxVarIntSize = 10;
  if (head.empty() || head[0] != kPacketTag) return false;
  head.remove_prefix(1);
  const auto* begin = reinterpret_cast<const uint8_t*>(head.data());
  uint64_t size = 0;
  const uint8_t* packet = protozero::proto_utils::ParseVarInt(begin, begin + head.size(), &size);
  const bool has_size = packet != begin;
  if (has_size ? size > kMaxPacketSize : head.size() >= kMaxVarIntSize) return false;
  if (!has_size || size > head.size() - static_cast<size_t>(packet - begin)) return HasEarlyControl(head);
  protozero::ProtoDecoder fields(packet, static_cast<size_t>(size));
  while (fields.ReadField().valid()) {
  }
  return fields.bytes_left() == 0;
}

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// How much of a text or of bytes an error shows.
constexpr size_t kShownText = 24;
constexpr size_t kShownBytes = 8;

struct Magic {
  std::string_view bytes;
  ContentKind kind;
};

constexpr Magic kMagics[] = {
    {"\xFF\xFE"sv, ContentKind::kUtf16Text},
    {"\xFE\xFF"sv, ContentKind::kUtf16Text},
    // The beginning of JSON in UTF-16 without a byte order mark.
    {"{\0"sv, ContentKind::kUtf16Text},
    {"[\0"sv, ContentKind::kUtf16Text},
    {"\0{"sv, ContentKind::kUtf16Text},
    {"\0["sv, ContentKind::kUtf16Text},
    {"\x1F\x8B"sv, ContentKind::kGzip},
    {"PK\x03\x04"sv, ContentKind::kZip},
    {"PK\x05\x06"sv, ContentKind::kZip},  // an empty one
    {"\x28\xB5\x2F\xFD"sv, ContentKind::kZstd},
    {"\xFD" "7zXZ\0"sv, ContentKind::kXz},
    {"BZh"sv, ContentKind::kBzip2},
    {"\x7F" "ELF"sv, ContentKind::kBinary},
};

bool StartsWith(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

// The text behind leading blanks.
std::string_view Unindented(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}

// Whether `text` begins with a bracket and continues as a trace does, as far as it goes.
bool BeginsLikeTrace(std::string_view text) {
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return false;
  const std::string_view next = Unindented(text.substr(1));
  const std::string_view allowed = text[0] == '{' ? "\"}" : "[{],";
  return next.empty() || allowed.find(next[0]) != std::string_view::npos;
}

// The kind of a text that begins with a bracket.
ContentKind JsonKind(std::string_view text) {
  const std::string_view next = text[0] == '{' ? Unindented(text.substr(1)) : std::string_view();
  const bool is_snapshot = StartsWith(next, "\"snapshot\"") && text.find("\"node_fields\"") != std::string_view::npos;
  if (is_snapshot) return ContentKind::kHeapSnapshot;
  const size_t size = text.find("\"selfSize\"");
  // Old CPU profiles have a head, too.
  const bool is_heap_profile = StartsWith(next, "\"head\"") && size < text.find("\"hitCount\"");
  return is_heap_profile ? ContentKind::kHeapProfile : ContentKind::kJson;
}

// Text has few control characters, and never a zero.
bool IsBinary(std::string_view head) {
  const auto controls = static_cast<size_t>(std::count_if(head.begin(), head.end(), IsControl));
  return head.find('\0') != std::string_view::npos || controls > head.size() / 16;
}

std::string Hex(char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto value = static_cast<uint8_t>(byte);
  return {kDigits[value >> 4], kDigits[value & 15]};
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : text.substr(0, kShownText)) {
    if (character == '\n') {
      quoted += "\\n";
    } else if (character < ' ' || character > '~') {
      quoted += "\\x" + Hex(character);
    } else {
      if (character == '"' || character == '\\') quoted += '\\';
      quoted += character;
    }
  }
  return quoted + '"';
}

std::string HexBytes(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes.substr(0, kShownBytes)) text += ' ' + Hex(byte);
  return text;
}

std::string_view Text(const uint8_t* head, size_t size) { return {reinterpret_cast<const char*>(head), size}; }

}  // namespace

ContentKind Sniff(const uint8_t* bytes, size_t size) {
  const std::string_view head = Text(bytes, size);
  const auto magic =
      std::find_if(std::begin(kMagics), std::end(kMagics), [&](const Magic& m) { return StartsWith(head, m.bytes); });
  if (magic != std::end(kMagics)) return magic->kind;

  const std::string_view text =
      Unindented(StartsWith(head, kByteOrderMark) ? head.substr(kByteOrderMark.size()) : head);
  // If the head is full of blanks, something else may follow.
  if (text.empty()) return size < ByteSource::kHeadSize ? ContentKind::kEmpty : ContentKind::kJson;
  // Kineto writes a line break in front of its JSON, which is also the tag of a packet.
  const bool is_trace = BeginsLikeTrace(text) && !HasEarlyControl(head);
  if (!is_trace && BeginsWithPacket(head)) return ContentKind::kPerfettoTrace;
  if (text[0] == '{' || text[0] == '[') return JsonKind(text);
  if (text[0] == '<') return ContentKind::kMarkup;
  if (StartsWith(text, "# tracer:")) return ContentKind::kFtraceText;
  return IsBinary(head) ? ContentKind::kBinary : ContentKind::kOtherText;
}

std::string ContentProblem(ContentKind kind, const uint8_t* bytes, size_t size) {
  const std::string_view head = Text(bytes, size);
  switch (kind) {
    case ContentKind::kEmpty:
      return size == 0 ? "empty" : "empty but for blanks";
    case ContentKind::kJson:
      break;
    case ContentKind::kPerfettoTrace:
      return "already a Perfetto trace; open it in ui.perfetto.dev as it is";
    case ContentKind::kUtf16Text:
      return "UTF-16 text; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)";
    case ContentKind::kGzip:
      return "gzipped twice; inflate it once first (gunzip)";
    case ContentKind::kZip:
      return "a zip archive; unpack it first";
    case ContentKind::kZstd:
      return "compressed with zstd; decompress it first (zstd -d)";
    case ContentKind::kXz:
      return "compressed with xz; decompress it first (xz -d)";
    case ContentKind::kBzip2:
      return "compressed with bzip2; decompress it first (bzip2 -d)";
    case ContentKind::kHeapProfile:
      return "a heap profile of V8, which has no times; the panel Memory of Chrome's developer tools opens it";
    case ContentKind::kHeapSnapshot:
      return "a heap snapshot of V8, which has no times; the panel Memory of Chrome's developer tools opens it";
    case ContentKind::kFtraceText:
      return "text of ftrace; open it in ui.perfetto.dev as it is";
    case ContentKind::kMarkup:
      return "an HTML or XML page that begins with " + Quoted(head) +
             "; if it shows a trace, open it in a browser and save the trace as JSON, else the download has perhaps failed";
    case ContentKind::kBinary:
      return "binary data that begins with the bytes" + HexBytes(head) + "; expected JSON text";
    case ContentKind::kOtherText:
      return "text that begins with " + Quoted(head) + "; expected JSON, which begins with { or [";
  }
  return "JSON";
}

}  // namespace tracesmith
