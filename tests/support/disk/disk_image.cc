#include "tests/support/disk/disk_image.h"

#include <algorithm>
#include <filesystem>

namespace relais::test {

namespace {

using Kind = DiskChange::Kind;

std::string folder_of(const std::string& name) {
    return std::filesystem::path(name).parent_path().string();
}

void put(Bytes& content, std::uint64_t offset, ByteView bytes) {
    content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()));
    std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

// Whether every folder on the way to that name is there.
bool has_folder(const std::map<std::string, int>& names, const std::string& name) {
    for (auto at = folder_of(name); !at.empty(); at = folder_of(at)) {
        if (!names.contains(at)) return false;
    }
    return true;
}

// The index in shared memory is rebuilt by whoever comes first; what is on the disk is anything.
bool is_shared_memory(const std::string& name) { return name.ends_with("-shm"); }

}  // namespace

// What becomes of each thing that waits. A style decides how many survive, draws decide which.
class DiskImage::Fate {
public:
    Fate(std::uint64_t seed, std::uint64_t order)
        : random_(seed), style_(static_cast<Style>(seed < 2 ? seed : 2 + random_.below(6))) {
        sector_ = random_.one_in(2) ? 512 : 4096;
        limit_ = random_.below(order + 1);
        place_ = std::uint64_t{512} << random_.below(9);
    }

    enum class Outcome { survives, vanishes, tears };
    // `at`: where it begins in its file.
    Outcome of(std::uint64_t order, std::uint64_t at = 0) {
        switch (style_) {
            case Style::front: return at < place_ ? Outcome::survives : Outcome::vanishes;
            case Style::back: return at < place_ ? Outcome::vanishes : Outcome::survives;
            case Style::all: return Outcome::survives;
            case Style::none: return Outcome::vanishes;
            case Style::first:
                if (order == limit_) return Outcome::tears;
                return order < limit_ ? Outcome::survives : Outcome::vanishes;
            case Style::scattered: return kScattered[random_.below(std::size(kScattered))];
            case Style::most:
                if (!random_.one_in(12)) return Outcome::survives;
                return random_.one_in(2) ? Outcome::tears : Outcome::vanishes;
            case Style::few: break;
        }
        return random_.one_in(8) ? Outcome::survives : Outcome::vanishes;
    }
    [[nodiscard]] std::uint64_t sector() const { return sector_; }
    SeededRandom& random() { return random_; }

private:
    // Front and back: of each file, as a disk writes neighbours together.
    enum class Style { all, none, first, scattered, most, few, front, back };
    static constexpr Outcome kScattered[] = {Outcome::survives, Outcome::survives,
                                             Outcome::vanishes, Outcome::vanishes, Outcome::tears};
    SeededRandom random_;
    Style style_;
    std::uint64_t sector_ = 512;
    std::uint64_t limit_ = 0;
    std::uint64_t place_ = 0;
};

DiskImage::DiskImage(const Files& durable) {
    for (const auto& [name, bytes] : durable) {
        for (auto at = folder_of(name); !at.empty(); at = folder_of(at)) names_[at] = kFolder;
        names_[name] = static_cast<int>(files_.size());
        files_.push_back({bytes, bytes.size(), {}});
    }
    names_as_seen_ = names_;
}

void DiskImage::apply(const DiskChange& change) {
    ++order_;
    switch (change.kind) {
        case Kind::create:
            RELAIS_CHECK(change.file == static_cast<int>(files_.size()));
            files_.emplace_back();
            return name({order_, "", change.name, change.file});
        case Kind::write: {
            File& file = files_.at(static_cast<std::size_t>(change.file));
            file.size = std::max(file.size, change.offset + change.bytes.size());
            file.waiting.push_back({order_, change.offset, change.bytes, false, false});
            return;
        }
        case Kind::resize: {
            File& file = files_.at(static_cast<std::size_t>(change.file));
            file.size = change.offset;
            file.waiting.push_back({order_, change.offset, {}, true, false});
            return;
        }
        case Kind::sync: return sync(files_.at(static_cast<std::size_t>(change.file)));
        case Kind::sync_failed:
            for (Waiting& each : files_.at(static_cast<std::size_t>(change.file)).waiting) {
                each.lost = true;
            }
            return;
        case Kind::unlink: return name({order_, change.name, "", 0});
        case Kind::rename:
            return name({order_, change.name, change.to, names_as_seen_.at(change.name)});
        case Kind::make_folder: return name({order_, "", change.name, kFolder});
        case Kind::sync_folder: break;
    }
    std::erase_if(naming_, [&](const Naming& naming) {
        const std::string& place = naming.to.empty() ? naming.from : naming.to;
        if (folder_of(place) != change.name) return false;
        if (!naming.from.empty()) names_.erase(naming.from);
        if (!naming.to.empty()) names_[naming.to] = naming.file;
        return true;
    });
}

void DiskImage::name(Naming naming) {
    if (!naming.from.empty()) names_as_seen_.erase(naming.from);
    if (!naming.to.empty()) names_as_seen_[naming.to] = naming.file;
    naming_.push_back(std::move(naming));
}

void DiskImage::sync(File& file) {
    std::vector<Waiting> lost;
    for (Waiting& each : file.waiting) {
        if (each.lost && !each.resizes) {
            lost.push_back(std::move(each));
            continue;
        }
        if (each.resizes) {
            file.durable.resize(std::min<std::size_t>(file.durable.size(), each.offset));
            continue;
        }
        put(file.durable, each.offset, each.bytes);
        const std::uint64_t end = each.offset + each.bytes.size();
        std::erase_if(lost, [&](const Waiting& old) {  // written again, in whole or in part
            return old.offset < end && each.offset < old.offset + old.bytes.size();
        });
    }
    file.durable.resize(file.size);
    file.waiting = std::move(lost);
}

// A sector half written: its first or last part new, the rest old or anything.
void DiskImage::tear(Bytes& piece, std::uint64_t at, const Bytes& content, Fate& fate) {
    const std::size_t whole = fate.random().below(piece.size());
    const bool garbage = fate.random().one_in(3);
    const bool behind = fate.random().one_in(2);
    for (std::size_t i = 0; i < piece.size(); ++i) {
        if ((i < whole) != behind) continue;
        const std::uint8_t old = at + i < content.size() ? content[at + i] : std::uint8_t{0};
        piece[i] = garbage ? static_cast<std::uint8_t>(fate.random().next()) : old;
    }
}

void DiskImage::put_sectors(const Waiting& each, Bytes& content, Fate& fate) {
    const std::uint64_t end = each.offset + each.bytes.size();
    for (std::uint64_t at = each.offset; at < end;) {
        const std::uint64_t next = std::min(end, (at / fate.sector() + 1) * fate.sector());
        const auto first = each.bytes.begin() + static_cast<std::ptrdiff_t>(at - each.offset);
        Bytes piece(first, first + static_cast<std::ptrdiff_t>(next - at));
        const auto outcome = fate.of(each.order, at);
        if (outcome == Fate::Outcome::tears) tear(piece, at, content, fate);
        if (outcome != Fate::Outcome::vanishes) put(content, at, piece);
        at = next;
    }
}

Bytes DiskImage::content(const File& file, Fate& fate) {
    Bytes content = file.durable;
    std::uint64_t size = file.durable.size();
    for (const Waiting& each : file.waiting) {
        const std::uint64_t end = each.offset + each.bytes.size();
        const bool sized = fate.of(each.order, end) == Fate::Outcome::survives;
        if (each.resizes && sized) {
            size = each.offset;
            content.resize(std::min<std::size_t>(content.size(), size));
        } else if (!each.resizes) {
            if (sized) size = std::max(size, end);
            put_sectors(each, content, fate);
        }
    }
    content.resize(size);
    return content;
}

Files DiskImage::after_power_cut(std::uint64_t seed) const {
    Fate fate(seed, order_);
    std::map<std::string, int> names = names_;
    for (const Naming& naming : naming_) {
        if (fate.of(naming.order) != Fate::Outcome::survives) continue;
        if (!naming.from.empty()) names.erase(naming.from);
        if (!naming.to.empty()) names[naming.to] = naming.file;
    }
    Files files;
    for (const auto& [name, file] : names) {
        if (file == kFolder || !has_folder(names, name)) continue;
        if (is_shared_memory(name)) {
            if (fate.random().one_in(2)) files[name] = fate.random().bytes(32 * 1024);
            continue;
        }
        files[name] = content(files_.at(static_cast<std::size_t>(file)), fate);
    }
    return files;
}

std::size_t DiskImage::waiting() const {
    std::size_t count = naming_.size();
    for (const File& file : files_) count += file.waiting.size();
    return count;
}

}  // namespace relais::test
