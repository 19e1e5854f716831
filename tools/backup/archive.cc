#include "tools/backup/archive.h"

#include <algorithm>
#include <array>

#include "core/base/secret.h"

namespace relais::backup {

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameMax = 100;
constexpr std::uint64_t kOctalMax = 077777777777;
constexpr std::size_t kArchivePiece = 64 * 1024;

using Block = std::array<std::uint8_t, kBlock>;

void put_text(Block& block, std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
}

void put_octal(Block& block, std::size_t at, std::size_t width, std::uint64_t value) {
    for (std::size_t i = width - 1; i-- > 0;) {
        block[at + i] = static_cast<std::uint8_t>('0' + value % 8);
        value /= 8;
    }
}

void put_size(Block& block, std::uint64_t size) {
    if (size <= kOctalMax) return put_octal(block, 124, 12, size);
    block[124] = 0x80;
    for (std::size_t i = 0; i < 8; ++i) {
        block[135 - i] = static_cast<std::uint8_t>(size >> (8 * i));
    }
}

// The sum of the header's bytes, its own field read as spaces.
std::uint64_t checksum(const Block& block) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kBlock; ++i) sum += i >= 148 && i < 156 ? ' ' : block[i];
    return sum;
}

Result<std::uint64_t> read_number(const Block& block, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    if (block[at] == 0x80) {
        for (std::size_t i = width - 8; i < width; ++i) value = value << 8 | block[at + i];
        return value;
    }
    for (std::size_t i = 0; i < width && block[at + i] != 0 && block[at + i] != ' '; ++i) {
        if (block[at + i] < '0' || block[at + i] > '7') {
            return fail(ErrorCode::malformed, "archive: number");
        }
        value = value * 8 + (block[at + i] - '0');
    }
    return value;
}

}  // namespace

bool is_member_name(std::string_view name) {
    if (name.empty() || name.size() > kNameMax || name.front() == '/' || name.back() == '/') {
        return false;
    }
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        const std::string_view part = name.substr(begin, end - begin);
        if (part.empty() || part == "." || part == "..") return false;
        begin = end + 1;
    }
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-' || c == '/';
    });
}

Result<void> ArchiveWriter::begin_file(const std::string& name, std::uint64_t size) {
    RELAIS_TRY(pad());
    if (!is_member_name(name)) return fail(ErrorCode::invalid_field, "name of a file: " + name);
    Block block{};
    put_text(block, 0, name);
    put_octal(block, 100, 8, 0600);
    put_octal(block, 108, 8, 0);
    put_octal(block, 116, 8, 0);
    put_size(block, size);
    put_octal(block, 136, 12, 0);
    block[156] = '0';
    put_text(block, 257, std::string_view("ustar\00000", 8));
    put_octal(block, 148, 7, checksum(block));
    block[155] = ' ';
    left_ = size;
    in_block_ = 0;
    return sink_.write(block);
}

Result<void> ArchiveWriter::write(ByteView bytes) {
    RELAIS_CHECK(bytes.size() <= left_);
    left_ -= bytes.size();
    in_block_ = (in_block_ + bytes.size()) % kBlock;
    return sink_.write(bytes);
}

Result<void> ArchiveWriter::pad() {
    RELAIS_CHECK(left_ == 0);
    if (in_block_ == 0) return {};
    const Block zeros{};
    const std::size_t count = kBlock - std::exchange(in_block_, 0);
    return sink_.write(ByteView(zeros).first(count));
}

Result<void> ArchiveWriter::finish() {
    RELAIS_TRY(pad());
    const Block zeros{};
    RELAIS_TRY(sink_.write(zeros));
    return sink_.write(zeros);
}

// False at the end.
Result<bool> ArchiveReader::read_header(Member& member) {
    Block block{};
    RELAIS_ASSIGN(const std::size_t got, source_.read(block));
    if (got != kBlock) return fail(ErrorCode::malformed, "archive: ends early");
    if (std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; })) {
        RELAIS_ASSIGN(const std::size_t rest, source_.read(block));
        const bool zeros = std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; });
        if (rest != kBlock || !zeros) return fail(ErrorCode::malformed, "archive: end");
        return false;
    }
    RELAIS_ASSIGN(const std::uint64_t sum, read_number(block, 148, 8));
    const bool ended = block[154] == 0 && block[155] == ' ';
    if (!ended || sum != checksum(block)) return fail(ErrorCode::malformed, "archive: checksum");
    const std::string_view name = as_text(ByteView(block).first(kNameMax));
    member.name = std::string(name.substr(0, name.find('\0')));
    RELAIS_ASSIGN(member.size, read_number(block, 124, 12));
    if (block[156] != '0' || !is_member_name(member.name)) {
        return fail(ErrorCode::malformed, "archive: " + std::string("a member of another kind"));
    }
    return true;
}

Result<void> ArchiveReader::read(const std::function<Result<Take>(const Member&)>& begin) {
    Bytes piece(kArchivePiece);
    for (Member member;;) {
        RELAIS_ASSIGN(const bool more, read_header(member));
        if (!more) break;
        RELAIS_ASSIGN(const Take take, begin(member));
        for (std::uint64_t left = member.size; left > 0;) {
            const auto wanted =
                static_cast<std::size_t>(std::min<std::uint64_t>(left, kArchivePiece));
            RELAIS_ASSIGN(const std::size_t got, source_.read(std::span(piece).first(wanted)));
            if (got != wanted) return fail(ErrorCode::malformed, "archive: ends early");
            RELAIS_TRY(take(ByteView(piece).first(got)));
            left -= got;
        }
        RELAIS_TRY(take({}));
        const auto padding = static_cast<std::size_t>((kBlock - member.size % kBlock) % kBlock);
        RELAIS_ASSIGN(const std::size_t got, source_.read(std::span(piece).first(padding)));
        if (got != padding) return fail(ErrorCode::malformed, "archive: ends early");
    }
    wipe(piece);
    return {};
}

}  // namespace relais::backup
