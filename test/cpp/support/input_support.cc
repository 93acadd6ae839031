#include "input_support.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#ifndef _WIN32
#include <unistd.h>
#endif

#include "check.h"

namespace tracesmith::test {

void WriteFile(const std::string& path, const Bytes& bytes) {
  std::ofstream file(std::filesystem::u8path(path), std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  CHECK(file.good());
}

Bytes BytesOf(const std::string& text) { return Bytes(text.begin(), text.end()); }

Bytes ReadAll(ByteSource* source, size_t step) {
  Bytes content;
  Bytes part(step);
  while (true) {
    size_t count = 0;
    const IoStatus status = source->Read(part.data(), step, &count);
    CHECK_EQ(status.code(), "");
    if (count == 0) return content;
    CHECK(count <= step);
    content.insert(content.end(), part.begin(), part.begin() + static_cast<ptrdiff_t>(count));
  }
}

#ifndef _WIN32

FedPipe::FedPipe(std::function<void(int descriptor)> write) {
  // A test that fails stops reading.
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  reader_ = ends[0];
  writer_ = std::thread([write = std::move(write), descriptor = ends[1]] {
    write(descriptor);
    close(descriptor);
  });
}

FedPipe::FedPipe(const Bytes& bytes, size_t step)
    : FedPipe([bytes, step](int descriptor) {
        for (size_t at = 0; at < bytes.size(); at += step) {
          WriteTo(descriptor, bytes.data() + at, std::min(step, bytes.size() - at));
        }
      }) {}

FedPipe::~FedPipe() {
  close(reader_);
  writer_.join();
}

void WriteTo(int descriptor, const uint8_t* data, size_t size) {
  while (size > 0) {
    const ssize_t written = write(descriptor, data, size);
    if (written <= 0) return;  // nobody reads any more
    data += written;
    size -= static_cast<size_t>(written);
  }
}

#endif

}  // namespace tracesmith::test
