// P1 while somebody reads the store: an erasure is answered without waiting for a backup that is
// under way, and its bytes go by themselves once that has ended.
#include <filesystem>

#include "core/files/files.h"
#include "tests/support/folder.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

BenchOptions on_file(const std::string& path) {
    BenchOptions options;
    options.database = path;
    return options;
}

class ErasedDuringABackup : public testing::Test {
protected:
    [[nodiscard]] bool is_in_a_file(ByteView marker) const {
        for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
            const Bytes bytes = read_file(file.path(), std::size_t{1} << 28).value();
            if (!std::ranges::search(bytes, marker).empty()) return true;
        }
        return false;
    }

    test::TestFolder folder;
    EngineBench bench{on_file(folder.file("domain.db"))};
    AdmissionCase thread{bench};
};

TEST_F(ErasedDuringABackup, BytesGoOnceTheReaderHasEnded) {
    const Bytes call = thread.make(kOpener, "call");
    const MessageId message = Envelope::parse(call).value().header().id;
    ASSERT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
    const Bytes marker(call.end() - 200, call.end() - 100);
    ASSERT_TRUE(is_in_a_file(marker));
    Database reader =
        Database::open(folder.file("domain.db"), {Database::Mode::read_only, ""}).value();
    reader.begin_reading();
    ASSERT_TRUE(reader.query("SELECT count(*) FROM envelope").row().value());
    ASSERT_EQ(code_of(bench.ask_as_operator(wire::Administer{
                  wire::Command::erase, std::nullopt, message, wire::ErasureReason::mistake})),
              ErrorCode::ok);
    bench.idle(kMinute);
    EXPECT_TRUE(is_in_a_file(marker)) << "the reader holds them back";
    AdmissionCase other = thread.sibling();
    EXPECT_EQ(code_of(other.act(kOpener, "call")), ErrorCode::ok);
    reader.end_reading();
    bench.idle(kMinute);
    EXPECT_FALSE(is_in_a_file(marker));
    EXPECT_FALSE(bench.store().keeps_erased_bytes()) << "nothing is tried any more";
}

}  // namespace
}  // namespace relais::broker
