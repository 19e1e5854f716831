// disk_image.h: what a disk holds, and what it may hold after its power was cut. Changes are
// applied one by one, as a program made them; what was synced stays, everything else (sectors,
// sizes, names) survives, vanishes or tears, each by itself, as the seed says.
//
// The model is as hard as POSIX allows: no order between writes of one file or of several, none
// between contents and names; a synced file may have no name yet, nor the folder that it is in.
// What a write did not touch is not harmed (SQLite calls it powersafe overwrite, and takes it for
// granted on Unix). Confined to one thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "tests/support/random.h"

namespace relais::test {

using Files = std::map<std::string, Bytes>;  // by their name within the folder

struct DiskChange {
    enum class Kind : std::uint8_t {
        create,       // `name`, empty
        write,        // `bytes` at `offset`
        resize,       // to `offset` bytes
        sync,         // contents and size
        sync_failed,  // what waits will never be written, though readers see it
        unlink,       // `name`
        rename,       // `name`, of a file, to `to`
        make_folder,  // `name`
        sync_folder   // every name in the folder `name`
    };
    Kind kind{};
    int file = 0;
    std::uint64_t offset = 0;
    Bytes bytes{};
    std::string name{};
    std::string to{};
};

class DiskImage {
public:
    // All of it synced. Files are numbered from 0 in the order of their names; those that are
    // created have the numbers that follow.
    explicit DiskImage(const Files& durable);

    void apply(const DiskChange& change);
    // What the next program finds; the same for the same seed. Seed 0: everything survived, as
    // when the program alone was killed. Seed 1: nothing that was not synced did.
    [[nodiscard]] Files after_power_cut(std::uint64_t seed) const;
    // Changes that wait for a sync.
    [[nodiscard]] std::size_t waiting() const;

private:
    struct Waiting {
        std::uint64_t order = 0;
        std::uint64_t offset = 0;
        Bytes bytes{};
        bool resizes = false;
        bool lost = false;  // by a sync that failed
    };
    struct File {
        Bytes durable{};
        std::uint64_t size = 0;  // as seen now
        std::vector<Waiting> waiting{};
    };
    struct Naming {
        std::uint64_t order = 0;
        std::string from{};  // empty: created
        std::string to{};    // empty: unlinked
        int file = 0;        // or kFolder
    };
    static constexpr int kFolder = -1;
    class Fate;

    void sync(File& file);
    void name(Naming naming);
    static void tear(Bytes& piece, std::uint64_t at, const Bytes& content, Fate& fate);
    static void put_sectors(const Waiting& each, Bytes& content, Fate& fate);
    static Bytes content(const File& file, Fate& fate);

    std::vector<File> files_;
    std::map<std::string, int> names_;          // durable
    std::map<std::string, int> names_as_seen_;  // now
    std::vector<Naming> naming_;
    std::uint64_t order_ = 0;
};

}  // namespace relais::test
