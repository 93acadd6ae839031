#include "input/byte_source.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#ifndef _WIN32
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "check.h"
#include "input_support.h"

namespace tracesmith::test {
namespace {

// Sizes around what is peeked at and buffered.
const size_t kFileSizes[] = {1, 2, 3, 4095, 4096, 4097, 262'143, 262'144, 262'145, 1'000'000};

TEST(FilesAreReadWhole) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("tr\xC3\xA4" "ce.json");
  for (const size_t size : kFileSizes) {
    for (const size_t step : {size_t{7}, size_t{5000}, size_t{2'000'000}}) {
      Within(std::to_string(size) + " bytes by " + std::to_string(step), [&] {
        Bytes bytes = Packets(size);
        bytes.resize(size);
        WriteFile(path, bytes);
        ByteSource source;
        CHECK(source.Open(path).ok());
        CHECK_EQ(source.total(), size);
        CHECK_EQ(source.consumed(), 0u);
        CHECK(ReadAll(&source, step) == bytes);
        CHECK_EQ(source.consumed(), size);
        CHECK(!source.is_gzip());
        CHECK(source.problem().empty());
      });
    }
  }
}

TEST(AnEmptyFileIsAtItsEnd) {
  const TemporaryFolder folder;
  WriteFile(folder.Path("trace"), {});
  ByteSource source;
  CHECK(source.Open(folder.Path("trace")).ok());
  const uint8_t* head = nullptr;
  size_t size = 1;
  CHECK(source.Peek(&head, &size).ok());
  CHECK_EQ(size, 0u);
  CHECK(ReadAll(&source).empty());
  CHECK(ReadAll(&source).empty());
}

TEST(PeekingLosesNothing) {
  const TemporaryFolder folder;
  for (const size_t size : kFileSizes) {
    Within(std::to_string(size) + " bytes", [&] {
      Bytes bytes = Packets(size);
      bytes.resize(size);
      WriteFile(folder.Path("trace"), bytes);
      ByteSource source;
      CHECK(source.Open(folder.Path("trace")).ok());
      const uint8_t* head = nullptr;
      size_t head_size = 0;
      CHECK(source.Peek(&head, &head_size).ok());
      CHECK_EQ(head_size, std::min(size, ByteSource::kHeadSize));
      CHECK(std::equal(head, head + head_size, bytes.begin()));
      CHECK(ReadAll(&source, 3000) == bytes);
    });
  }
}

TEST(OpeningASourceFailsWithTheSystemsCode) {
  const TemporaryFolder folder;
  const IoStatus missing = ByteSource().Open(folder.Path("missing"));
  CHECK_EQ(missing.code(), "ENOENT");
  CHECK_EQ(std::string(missing.call()), "open");
  CHECK_EQ(ByteSource().Open(folder.Path("")).code(), "EISDIR");
  CHECK_EQ(ByteSource().Open(std::string("tra\0ce", 6)).code(), "EINVAL");
  CHECK_EQ(ByteSource().Borrow(-1).code(), "EBADF");
}

#ifndef _WIN32

TEST(ForbiddenFilesSaySo) {
  const TemporaryFolder folder;
  WriteFile(folder.Path("trace"), {'['});
  CHECK_EQ(chmod(folder.Path("trace").c_str(), 0), 0);
  // root may read everything.
  const std::string expected = geteuid() == 0 ? "" : "EACCES";
  CHECK_EQ(ByteSource().Open(folder.Path("trace")).code(), expected);
}

TEST(PipesAreReadWhole) {
  Bytes bytes = Packets(100'000);
  for (const size_t step : {size_t{1}, size_t{3}, size_t{70'000}}) {
    const Bytes sent(bytes.begin(), bytes.begin() + (step == 1 ? 5000 : 100'000));
    const FedPipe pipe(sent, step);
    ByteSource source;
    CHECK(source.Borrow(pipe.reader()).ok());
    CHECK_EQ(source.total(), 0u);
    const uint8_t* head = nullptr;
    size_t size = 0;
    CHECK(source.Peek(&head, &size).ok());
    CHECK_EQ(size, ByteSource::kHeadSize);
    CHECK(ReadAll(&source) == sent);
    CHECK_EQ(source.consumed(), sent.size());
  }
}

TEST(APipeGivesWhatItHas) {
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  WriteTo(ends[1], BytesOf("[1,2").data(), 4);
  ByteSource source;
  CHECK(source.Borrow(ends[0]).ok());
  uint8_t target[100];
  size_t count = 0;
  CHECK(source.Read(target, sizeof(target), &count).ok());
  CHECK_EQ(count, 4u);
  close(ends[1]);
  CHECK(source.Read(target, sizeof(target), &count).ok());
  CHECK_EQ(count, 0u);
  close(ends[0]);
}

TEST(PipesThatDoNotWaitAreWaitedFor) {
  const FedPipe pipe([](int descriptor) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    WriteTo(descriptor, BytesOf("[]").data(), 2);
  });
  CHECK_EQ(fcntl(pipe.reader(), F_SETFL, O_NONBLOCK), 0);
  ByteSource source;
  CHECK(source.Borrow(pipe.reader()).ok());
  CHECK(ReadAll(&source) == BytesOf("[]"));
}

TEST(InterruptedReadsGoOn) {
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  CHECK_EQ(sigaction(SIGUSR1, &action, nullptr), 0);
  const FedPipe pipe([reader = pthread_self()](int descriptor) {
    for (const char* part : {"[", "]"}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      pthread_kill(reader, SIGUSR1);
      WriteTo(descriptor, BytesOf(part).data(), 1);
    }
  });
  ByteSource source;
  CHECK(source.Borrow(pipe.reader()).ok());
  CHECK(ReadAll(&source) == BytesOf("[]"));
}

TEST(NamedPipesAreWaitedFor) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("pipe");
  CHECK_EQ(mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { WriteFile(path, BytesOf("[]")); });
  ByteSource source;
  const IoStatus status = source.Open(path);
  const Bytes content = ReadAll(&source);
  writer.join();
  CHECK(status.ok());
  CHECK(content == BytesOf("[]"));
}

TEST(BorrowedFilesStayOpen) {
  const TemporaryFolder folder;
  WriteFile(folder.Path("trace"), BytesOf("0123456789"));
  const int descriptor = open(folder.Path("trace").c_str(), O_RDONLY);
  CHECK_EQ(lseek(descriptor, 4, SEEK_SET), 4);
  {
    ByteSource source;
    CHECK(source.Borrow(descriptor).ok());
    CHECK_EQ(source.total(), 6u);
    CHECK(ReadAll(&source) == BytesOf("456789"));
    CHECK_EQ(source.consumed(), 6u);
  }
  CHECK_EQ(close(descriptor), 0);
}

TEST(BorrowedFoldersSaySo) {
  const TemporaryFolder folder;
  const int descriptor = open(folder.Path("").c_str(), O_RDONLY);
  const std::string code = ByteSource().Borrow(descriptor).code();
  CHECK_EQ(close(descriptor), 0);
  CHECK_EQ(code, "EISDIR");
}

TEST(OpenedFilesAreClosed) {
  const TemporaryFolder folder;
  WriteFile(folder.Path("trace"), BytesOf("[]"));
  const int next = dup(0);
  close(next);
  CHECK(ByteSource().Open(folder.Path("trace")).ok());
  CHECK_EQ(ByteSource().Open(folder.Path("")).code(), "EISDIR");
  const int again = dup(0);
  close(again);
  CHECK_EQ(again, next);
}

TEST(FailuresInTheMiddleAreTheSystems) {
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  WriteTo(ends[1], BytesOf("[1,2").data(), 4);
  ByteSource source;
  CHECK(source.Borrow(ends[0]).ok());
  uint8_t target[100];
  size_t count = 0;
  CHECK(source.Read(target, sizeof(target), &count).ok());
  CHECK_EQ(count, 4u);
  // The end to write to, in place of the one to read from.
  CHECK_EQ(dup2(ends[1], ends[0]), ends[0]);
  const IoStatus status = source.Read(target, sizeof(target), &count);
  CHECK_EQ(status.code(), "EBADF");
  CHECK_EQ(std::string(status.call()), "read");
  CHECK_EQ(count, 0u);
  close(ends[0]);
  close(ends[1]);
}

#endif

}  // namespace
}  // namespace tracesmith::test
