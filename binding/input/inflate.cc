#include "input/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace tracesmith {
namespace {

// Compressed packets hold about four times their size.
constexpr size_t kFactor = 4;
constexpr size_t kLeastStep = 16 * 1024;

struct Stream {
  Stream() {
    if (inflateInit(&z) != Z_OK) throw std::bad_alloc();  // nothing else can be wrong
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream z = {};
};

}  // namespace

std::string Inflate(const uint8_t* data, size_t size, size_t limit, std::vector<uint8_t>* content) {
  Stream stream;
  z_stream& z = stream.z;
  z.next_in = const_cast<Bytef*>(data);  // zlib reads only
  z.avail_in = static_cast<uInt>(size);
  const size_t begin = content->size();
  size_t used = begin;
  int result = Z_OK;
  while (result == Z_OK) {
    const size_t step = std::min(std::max(kLeastStep, size * kFactor), limit - (used - begin));
    content->resize(used + step);
    z.next_out = content->data() + used;
    z.avail_out = static_cast<uInt>(step);
    result = inflate(&z, Z_NO_FLUSH);
    used += step - z.avail_out;
    if (result == Z_OK && used - begin == limit) return "they are too long";
    if (result == Z_OK && z.avail_in == 0 && z.avail_out != 0) break;
  }
  content->resize(used);
  if (result == Z_STREAM_END) return {};
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  return z.msg != nullptr ? z.msg : "unexpected end of file";
}

}  // namespace tracesmith
